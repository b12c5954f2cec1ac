"""What the checks found: how each layer stands, the list, and what a finding means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from hjgis.checks.arranging import Arranged, Wanted, arrange, batch_of, by_layer, places
from hjgis.checks.completeness import of_all
from hjgis.checks.fixes.register import fixes_for, why_no_fix
from hjgis.checks.issue_list import Issues
from hjgis.checks.runner import CheckReport
from hjgis.errors import EditRefused
from hjgis.i18n import _, grouped, label
from hjgis.layers.project import Project
from hjgis.models.changes import Extent, FeatureKey
from hjgis.models.issues import Issue, Severity
from hjgis.models.wording import layer_label
from hjgis.progress import Progress
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.latest import Latest
from hjgis.ui.map.finding_marks import FindingMarks
from hjgis.ui.panels.check_state import CheckState
from hjgis.ui.panels.finding_details import FindingDetails, fields_at_fault
from hjgis.ui.panels.finding_filter import FindingFilter
from hjgis.ui.panels.finding_place import Place
from hjgis.ui.panels.finding_rows import COUNT, FEATURE, FINDING, FindingModel, Line
from hjgis.ui.panels.finding_view import FindingView
from hjgis.ui.panels.layer_summary import LayerState, LayerSummary
from hjgis.ui.workspace import Workspace

_AROUND_M: Final = 25.0
# Fewer are arranged at once; more in the background.
_AT_ONCE: Final = 20_000
_FIXED_AT_ONCE: Final = 20_000
_STEP_MS: Final = 90
_VIEW_MS: Final = 200
# Width of the summary and of the details: at most, and as a share of the panel.
_SIDES: Final = ((400, 0.29), (340, 0.232))
_ORDERS: Final = {FINDING: "title", FEATURE: "feature", COUNT: "count"}
_ALL: Final = frozenset(Severity)
_Places = tuple[NDArray[np.float64], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """What is listed, where all findings lie, and the signs of those that are listed."""

    arranged: Arranged
    places: _Places
    marks: FindingMarks


class IssuesPanel(QWidget):
    """Lists what `workspace.checking` holds, narrows it down and goes from one to the next.

    `field_wanted` asks for the form at a field of what is selected (empty: at its start),
    `shown_wanted` for this panel to come to the front, `exceptions_wanted` for their list,
    `report_wanted` for the report of the check.
    """

    zoom_requested = Signal(object)
    field_wanted = Signal(str)
    shown_wanted = Signal()
    exceptions_wanted = Signal()
    report_wanted = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._space, self._project = workspace, workspace.project
        self._checking, self._selection = workspace.checking, workspace.selection
        self.report: CheckReport | None = None
        self._layer: str | None = None
        self._only: tuple[str, NDArray[np.int64]] | None = None
        self._places: tuple[Issues, _Places] | None = None
        self._marks: FindingMarks | None = None
        self._unvisited = self._goes_on = self._moved = False
        self.model = FindingModel(self._project, self)
        self.view = FindingView(self.model)
        self.filter, self.summary = FindingFilter(), LayerSummary()
        self.details, self.state = FindingDetails(self._project), CheckState(workspace)
        self._latest = Latest(self._project, _("Arranging the findings"), self)
        self._trying = Latest(self._project, _("Working out a fix"), self)
        self._going = QTimer(self, interval=_STEP_MS, singleShot=True)
        self._seen = QTimer(self, interval=_VIEW_MS, singleShot=True)
        self._lay_out()
        self._connect()
        self.details.show_nothing()
        self.details.show_buttons(fixes=False, count=0)
        self.details.show_hand(None)
        self._take_report()

    def _lay_out(self) -> None:
        left, middle = QWidget(), QWidget()
        for side, above, below in (
            (left, self.state, self.summary),
            (middle, self.filter, self.view),
        ):
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            column.addWidget(above)
            column.addWidget(below, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        for number, (part, stretch) in enumerate(((left, 0), (middle, 1), (self.details, 0))):
            self._split.addWidget(part)
            self._split.setStretchFactor(number, stretch)
        self._split.setHandleWidth(9)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.addWidget(self._split)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave most of the width to the list; whoever moves a handle says otherwise."""
        super().resizeEvent(event)
        if not self._moved:
            width = self._split.width()
            sides = [min(most, round(share * width)) for most, share in _SIDES]
            self._split.setSizes([sides[0], width - sum(sides), sides[1]])

    def _keep_widths(self) -> None:
        self._moved = True

    def _connect(self) -> None:
        space = self._space
        self._split.splitterMoved.connect(self._keep_widths)
        self._checking.changed.connect(self._take_report)
        self._checking.state_changed.connect(self._show_pending)
        space.canvas.view_changed.connect(self._view_changed)
        space.canvas.mark_pressed.connect(self.show_finding)
        space.closing.connect(self.stop)
        self._latest.failed.connect(space.failed)
        self.state.report_wanted.connect(self.report_wanted)
        self.state.exceptions_wanted.connect(self.exceptions_wanted)
        self.state.marks_changed.connect(self._show_marks)
        self.filter.changed.connect(self.refresh)
        self.filter.view_toggled.connect(self.refresh)
        self.filter.selection_toggled.connect(self._narrow_to_selection)
        self.summary.chosen.connect(self._narrow)
        self.view.gone_to.connect(self._go_soon)
        self.view.entered.connect(self._enter)
        self.view.looked_at.connect(self._look)
        self.view.selectionModel().selectionChanged.connect(self._chosen)
        header = self.view.horizontalHeader()
        header.sortIndicatorChanged.connect(self.refresh)
        self.details.fix_wanted.connect(self.fix_chosen)
        self.details.hand_wanted.connect(self._edit_chosen)
        self.details.except_wanted.connect(self._ask_exception)
        self._going.timeout.connect(self._go_to_current)
        self._seen.timeout.connect(self.refresh)

    # -- what is listed ------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether another list is on its way, or a step to another finding."""
        timers = (self._going, self._seen, self.filter.waiting)
        return self._latest.busy or any(timer.isActive() for timer in timers)

    def run_checks(self) -> None:
        """Check the whole project in the background."""
        self._checking.run()

    def stop(self) -> None:
        """Ask nothing more; before the project closes."""
        self._going.stop()
        self._seen.stop()
        self._latest.stop()
        self._trying.stop()

    def refresh(self) -> None:
        """Arrange the findings anew, as is asked for now."""
        if self.report is None:
            return
        issues, wanted = self.report.issues, self._wanted()
        known, frame = self._places, self._space.canvas.frame

        def work(project: Project, progress: Progress) -> _Listed:
            arranged = arrange(issues, wanted, project, progress=progress)
            known_here = known is not None and known[0] is issues
            xy, ranks = known[1] if known is not None and known_here else places(issues)
            order = arranged.order
            marks = FindingMarks(order, xy[order], ranks[order])
            marks.prepare(frame)
            return _Listed(arranged, (xy, ranks), marks)

        at_once = len(issues) <= _AT_ONCE and not wanted.reads_features
        self._latest.ask(work, partial(self._show, issues, wanted), at_once=at_once)

    def _wanted(self) -> Wanted:
        header = self.view.horizontalHeader()
        return Wanted(
            grouping=self.filter.grouping,
            text=self.filter.text,
            severities=self.filter.severities,
            layer=self._layer,
            extent=self._space.canvas.frame.extent if self.filter.in_view.isChecked() else None,
            only=self._only,
            order=_ORDERS.get(header.sortIndicatorSection(), "usual"),
            falling=header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder,
        )

    def _show(self, issues: Issues, wanted: Wanted, listed: _Listed) -> None:
        arranged, self._places = listed.arranged, (issues, listed.places)
        self._marks = listed.marks
        place = Place.of(self.view)
        self.model.show_findings(issues, arranged, grouping=wanted.grouping)
        if place.restore(self.view):
            self._unvisited = True
            if self._goes_on:
                current = self.view.current
                following = current if current is not None else self.view.step(1)
                if following is not None:
                    self.go(following)
        self._goes_on = False
        if not self._has_cursor:
            self._look(None)
        self._chosen()
        self.filter.show_counts(arranged.severities)
        self.state.show_listed(len(arranged), len(issues), filtered=wanted.is_filtered)
        self._show_marks()

    def _take_report(self) -> None:
        if self._checking.report is not None:
            self.show_report(self._checking.report)

    def show_report(self, report: CheckReport) -> None:
        """List what was found; cursor, scroll and what is open stay where they are."""
        self.report = report
        self.state.show_report(report)
        self.summary.show_states(self._states(report), self._layer)
        self._show_pending()
        self.refresh()

    def _show_pending(self) -> None:
        self.model.show_pending(self._checking.pending)

    def _states(self, report: CheckReport) -> tuple[LayerState, ...]:
        counts = by_layer(report.issues)
        states = []
        # What is asked to be complete comes first; of what lies under it, only what has faults.
        layers = dict.fromkeys((*report.completeness, *report.checked))
        for layer in layers:
            features, share = report.checked.get(layer, 0), report.completeness.get(layer)
            found = counts.get(layer, {})
            if (features and share is not None) or any(found.values()):
                name = layer_label(layer, self._project.catalogue)
                complete = share.overall if share is not None else None
                states.append(LayerState(layer, name, features, complete, found))
        total = LayerState(
            None,
            _("All layers"),
            sum(report.checked.values()),
            of_all(report.completeness.values()),
            report.issues.severities(),
        )
        return (total, *states)

    def _narrow(self, layer: str | None, severity: Severity | None) -> None:
        """List only a layer, and only findings of a severity."""
        self._layer = layer
        self.filter.choose(_ALL if severity is None else frozenset((severity,)))
        self.refresh()

    def _narrow_to_selection(self, narrow: bool) -> None:
        layer = self._selection.layer
        self._only = (layer or "", self._selection.fids) if narrow else None
        self.refresh()

    def _view_changed(self) -> None:
        if self.filter.in_view.isChecked():
            self._seen.start()

    # -- from one to the next ------------------------------------------------------------

    def go_next(self) -> None:
        """Go to the next finding of the list, from wherever the keyboard is."""
        waiting = self.view.current if self._unvisited else None
        self._step_to(waiting if waiting is not None else self.view.step(1))

    def go_previous(self) -> None:
        """Go to the finding before."""
        self._step_to(self.view.step(-1))

    def _step_to(self, at: int | None) -> None:
        if at is None:
            nothing = self.report is None
            words = (
                _("Not checked yet: F9 checks.") if nothing else _("There is no further finding.")
            )
            self._space.canvas.message.say(words)
            return
        self.go(at)
        assert self.model.issues is not None
        self._space.canvas.message.say(self.model.message(at))

    def show_finding(self, at: int) -> None:
        """Put the cursor on a finding that was pressed on the map."""
        row = self.model.reveal(at)
        if row is not None:
            self.shown_wanted.emit()
            self.view.put_cursor(row)
            self._select(at)

    def go(self, at: int) -> None:
        """Select the feature at fault and look at it."""
        self._going.stop()
        self._unvisited = False
        extent = self._select(at)
        if extent is not None:
            self.zoom_requested.emit(extent)

    def _go_soon(self, _at: int) -> None:
        # Whoever holds a key down does not want to see every feature on the way.
        self._going.start()

    def _go_to_current(self) -> None:
        if self.view.current is not None:
            self.go(self.view.current)

    def _enter(self, at: int) -> None:
        self.go(at)
        assert self.model.issues is not None
        batch, row = batch_of(self.model.issues, at)
        if batch.findings.uuids[row] is not None:
            self.field_wanted.emit(next(iter(fields_at_fault(batch, row)), ""))

    def _select(self, at: int) -> Extent | None:
        assert self.model.issues is not None
        batch, row = batch_of(self.model.issues, at)
        findings = batch.findings
        x, y = findings.xy[row].tolist()
        self._mark_current((x, y) if np.isfinite(x + y) else None)
        extent = None
        if findings.uuids[row] is not None:
            try:
                feature = self._project.get(FeatureKey(findings.layer, findings.uuids[row]))
            except KeyError:
                self._space.canvas.message.say(_("That feature is no longer there."))
                return None
            self._selection.set(findings.layer, [feature.fid or 0])
            extent = feature.geometry.bounds if feature.geometry is not None else None
        if np.isfinite(x + y):
            return (x - _AROUND_M, y - _AROUND_M, x + _AROUND_M, y + _AROUND_M)
        return extent

    def _look(self, line: Line | None) -> None:
        """Show what the row under the cursor means."""
        if line is None or line.group is None:
            self.details.show_nothing()
        elif line.at is None or self.model.issues is None:
            self.details.show_rule(line.group.rule)
        else:
            self.details.show_finding(*batch_of(self.model.issues, line.at))
        if self.state.marks == "rule":
            self._show_marks()

    def _chosen(self) -> None:
        chosen = self.view.chosen()
        fixes = self._has_fix(chosen)
        self.details.show_buttons(fixes=fixes, count=len(chosen))
        self.details.show_hand(self._field_of(int(chosen[0])) if len(chosen) == 1 else None)
        self._trying.give_up()
        if fixes and len(chosen) == 1 and self.model.issues is not None:
            self._try_to_fix(self.model.issues[int(chosen[0])])

    def _try_to_fix(self, issue: Issue) -> None:
        """Find out whether anything can be done about a finding, so that nobody tries in vain."""

        def show(why: str) -> None:
            self.details.show_buttons(fixes=True, count=1, why_not=why)

        self._trying.ask(
            lambda project, progress: why_no_fix(project, issue, progress=progress), show
        )

    def _field_of(self, at: int) -> str | None:
        """Return the field that a finding is about, for people; None if about no feature."""
        assert self.model.issues is not None
        batch, row = batch_of(self.model.issues, at)
        asset = self._project.types.get(batch.findings.layer)
        if asset is None or batch.findings.uuids[row] is None:
            return None
        names = (name for name in fields_at_fault(batch, row) if asset.has(name))
        return next((label(asset.field(name).label) for name in names), "")

    def _edit_chosen(self) -> None:
        chosen = self.view.chosen()
        if len(chosen) == 1:
            self._enter(int(chosen[0]))

    def _has_fix(self, chosen: NDArray[np.int64]) -> bool:
        issues = self.model.issues
        if issues is None or not len(chosen):
            return False
        start = 0
        for batch in issues.batches:
            stop = start + len(batch.findings)
            held = np.searchsorted(chosen, (start, stop))
            if held[0] < held[1] and fixes_for(batch.rule.id):
                return True
            start = stop
        return False

    # -- on the map ----------------------------------------------------------------------

    def _show_marks(self) -> None:
        """Show the signs that are asked for, made anew only for a single rule."""
        held, marks = self._places, self._marks
        if held is None or marks is None or self.state.marks == "none":
            self._space.canvas.show_marks(None)
            return
        xy, ranks = held[1]
        line = self.model.line(self.view.currentIndex().row()) if self._has_cursor else None
        if self.state.marks == "rule":
            group, order = line.group if line is not None else None, self.model.arranged.order
            order = order[group.start : group.stop] if group is not None else order[:0]
            marks = FindingMarks(order, xy[order], ranks[order])
        placed = line is not None and line.at is not None and np.isfinite(xy[line.at]).all()
        marks.current = tuple(xy[line.at].tolist()) if placed and line is not None else None
        self._space.canvas.show_marks(marks)

    @property
    def _has_cursor(self) -> bool:
        return 0 <= self.view.currentIndex().row() < self.model.rowCount()

    def _mark_current(self, place: tuple[float, float] | None) -> None:
        marks = self._space.canvas.marks
        if marks is not None:
            marks.current = place
            self._space.canvas.update()

    # -- what is done about it -----------------------------------------------------------

    def chosen_issues(self) -> Sequence[Issue]:
        """Return the findings that are chosen, those that a heading or a rule stands for too."""
        issues = self.model.issues
        if issues is None:
            return ()
        return [issues[at] for at in self.view.chosen()[:_FIXED_AT_ONCE].tolist()]

    def fix_chosen(self) -> None:
        """Show what can be done about the chosen findings, and do it; then go to the next one."""
        from hjgis.ui.dialogs.fixing import BY_HAND, FixDialog

        self._warn_of_many()
        dialog = FixDialog(self._space, self.chosen_issues(), self)
        result = dialog.exec()
        self._goes_on = result == FixDialog.DialogCode.Accepted
        dialog.deleteLater()
        if result == BY_HAND:
            self._edit_chosen()

    def _ask_exception(self) -> None:
        from hjgis.ui.dialogs.exception import ExceptionDialog

        self._warn_of_many()
        issues = self.chosen_issues()
        if not issues:
            return
        operator = self._project.session.operator
        dialog = ExceptionDialog(issues[0].message, len(issues), operator, self)
        if accepted(dialog):
            self.accept(issues, dialog.reason)

    def _warn_of_many(self) -> None:
        count = len(self.view.chosen())
        if count > _FIXED_AT_ONCE:
            words = _("Only the first {most} of {count} findings are taken at once.")
            said = words.format(most=grouped(_FIXED_AT_ONCE), count=grouped(count))
            self._space.canvas.message.say(said)

    def accept(self, issues: Sequence[Issue], reason: str) -> None:
        """Leave findings out of the list from now on."""
        try:
            self._checking.accept(issues, reason)
        except EditRefused as error:
            self._space.canvas.message.say(str(error))
