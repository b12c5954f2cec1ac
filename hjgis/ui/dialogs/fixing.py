"""What a fix would do to some findings, seen before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks.fixes.register import Fix, FixResult, fixes_for
from hjgis.checks.fixes.wording import Row, rows_of
from hjgis.checks.rules.register import all_rules
from hjgis.errors import HjgisError
from hjgis.i18n import _, grouped, listed, ngettext_
from hjgis.layers.project import Project
from hjgis.models.issues import Issue
from hjgis.models.wording import layer_label
from hjgis.progress import Progress
from hjgis.ui.dialogs.fix_preview import FixPreview
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.flowing import Words
from hjgis.ui.jobs import Job
from hjgis.ui.page_parts import MARGINS, cell, list_of
from hjgis.ui.workspace import Workspace

_SHOWN: Final = 500
# How the dialog ends where somebody edits the feature instead.
BY_HAND: Final = 2


class FixDialog(QDialog):
    """Chooses a fix for findings and shows what becomes of them; `accept` stores it.

    Parameters
    ----------
    issues : sequence of Issue
        One or thousands, of one rule or several; a fix takes those of its rules.
    """

    def __init__(
        self, workspace: Workspace, issues: Sequence[Issue], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Fix"))
        self._space, self._issues = workspace, tuple(issues)
        self._found: FixResult | None = None
        self._rows: Sequence[Row] = ()
        self._asked = 0
        self._job: Job | None = None
        self.fixes, self.answers = QComboBox(), QComboBox()
        self.about, self.explained, self.said = Words(), Words(), Words()
        self.explained.setObjectName("muted")
        headings = [_("Feature"), _("Field"), _("Value now"), _("Value then")]
        self.table = list_of(headings, [180, 130, 150, 0])
        self.preview = FixPreview(workspace.project)
        self._buttons = ok_cancel(self, _("Mend"))
        self._ok = self._buttons.button(self._buttons.StandardButton.Ok)
        self.by_hand = QPushButton(_("Edit by hand"))
        self._buttons.addButton(self.by_hand, QDialogButtonBox.ButtonRole.ActionRole)
        self.by_hand.setToolTip(_("Close, and go to the field that is at fault"))
        self.by_hand.hide()
        self._build()
        self._fill()
        self.fixes.currentIndexChanged.connect(self._choose_fix)
        self.answers.currentIndexChanged.connect(self.look)
        self.table.currentCellChanged.connect(self._show_row)
        self.by_hand.clicked.connect(partial(self.done, BY_HAND))
        self._choose_fix()

    def _build(self) -> None:
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(12)
        self.form.addRow(_("Findings"), self.about)
        self.form.addRow(_("Fix"), self.fixes)
        self.form.addRow("", self.explained)
        self.form.addRow(_("Choice"), self.answers)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.table)
        split.addWidget(self.preview)
        split.setSizes([680, 380])
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(8)
        column.addLayout(self.form)
        column.addWidget(split, 1)
        column.addWidget(self.said)
        column.addWidget(self._buttons)
        self.resize(1080, 640)

    # -- what is asked for ---------------------------------------------------------------

    def _fill(self) -> None:
        self.about.setText(_about(self._issues))
        offered: dict[str, Fix] = {}
        for rule in dict.fromkeys(issue.rule for issue in self._issues):
            offered |= {fix.id: fix for fix in fixes_for(rule)}
        for fix in offered.values():
            count = sum(issue.rule in fix.rules for issue in self._issues)
            words = fix.title
            if count < len(self._issues):
                words = _("{fix} (for {count} of them)").format(fix=words, count=grouped(count))
            self.fixes.addItem(words, fix)

    @property
    def fix(self) -> Fix | None:
        """The chosen fix; None if nothing can be done about the findings here."""
        chosen = self.fixes.currentData()
        return chosen if isinstance(chosen, Fix) else None

    @property
    def found(self) -> FixResult | None:
        """What the chosen fix would do; None while it is being worked out."""
        return self._found

    @property
    def offered(self) -> list[Fix]:
        """The fixes to choose from."""
        return [self.fixes.itemData(row) for row in range(self.fixes.count())]

    def choose(self, fix_id: str) -> None:
        """Choose a fix by its id."""
        self.fixes.setCurrentIndex([one.id for one in self.offered].index(fix_id))

    def _choose_fix(self) -> None:
        fix = self.fix
        blocked = self.answers.blockSignals(True)
        self.answers.clear()
        if fix is not None and fix.choices is not None:
            for value, words in fix.choices(self._space.project, self._meant(fix)):
                self.answers.addItem(words, value)
        self.answers.blockSignals(blocked)
        self.form.setRowVisible(self.answers, self.answers.count() > 0)
        self.explained.setText(fix.explanation if fix else "")
        self.look()

    def _meant(self, fix: Fix) -> tuple[Issue, ...]:
        return tuple(issue for issue in self._issues if issue.rule in fix.rules)

    # -- what comes of it ----------------------------------------------------------------

    def look(self) -> None:
        """Work out in the background what the chosen fix would do."""
        fix, project = self.fix, self._space.project
        self._stop()
        self._found = None
        self._ok.setEnabled(False)
        self._offer_hand(nothing=fix is None)
        self.table.clearSpans()
        self.table.setRowCount(0)
        self.preview.show_changes(())
        if fix is None:
            self._say(_("The program can do nothing about these findings: edit the features."))
            return
        self._say(_("Working out what would change…"))
        issues, answer = self._meant(fix), self.answers.currentData()
        operator = project.session.operator

        def work(progress: Progress) -> tuple[FixResult, list[Row]]:
            with _reader(project, operator) as reader:
                result = fix.make(reader, issues, answer=answer, progress=progress)
                return result, rows_of(reader, result, _SHOWN)

        self._job = self._space.jobs.run(
            work,
            partial(self._show, self._asked),
            title=_("Working out a fix"),
            on_error=partial(self._fail, self._asked),
        )

    def _show(self, asked: int, found: tuple[FixResult, list[Row]]) -> None:
        if asked != self._asked:
            return
        self._found, self._rows = found
        self.table.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            for column, text in enumerate(row.cells):
                self.table.setItem(number, column, cell(text))
            if row.wide:
                self.table.setSpan(number, 2, 1, 2)
        if self._rows:
            self.table.setCurrentCell(0, 0)
        self._ok.setEnabled(bool(self._found.changes) and not self._why_not(self._found))
        self._say(self._summary(self._found), trouble=bool(self._found.refused))
        self._offer_hand(nothing=not self._found.changes)

    def _offer_hand(self, *, nothing: bool) -> None:
        """Offer the form where nothing can be done about the one finding that is meant."""
        one = len(self._issues) == 1 and self._issues[0].uuid is not None
        self.by_hand.setVisible(nothing and one)

    def _fail(self, asked: int, error: HjgisError) -> None:
        if asked == self._asked:
            self._say(str(error), trouble=True)

    def _stop(self) -> None:
        """Let go of what is being worked out: something else is asked, or nothing any more."""
        self._asked += 1
        if self._job is not None:
            # This one alone: others may be at work before it.
            self._job.stop()

    def done(self, code: int) -> None:
        """Close; what is still being worked out is not waited for."""
        self._stop()
        super().done(code)

    def _show_row(self, number: int) -> None:
        row = self._rows[number] if 0 <= number < len(self._rows) else None
        self.preview.show_changes(row.changes if row else (), at=row.place if row else None)

    def _summary(self, result: FixResult) -> str:
        count = len(result.done)
        words = ngettext_("{count} finding is mended.", "{count} findings are mended.", count)
        parts = [words.format(count=grouped(count))]
        if result.refused:
            words = ngettext_(
                "{count} cannot be: {why}", "{count} cannot be: {why}", len(result.refused)
            )
            why = result.refused[0][1]
            parts.append(words.format(count=grouped(len(result.refused)), why=why))
        parts += result.notes
        parts.append(self._why_not(result))
        return " ".join(part for part in parts if part)

    def _why_not(self, result: FixResult) -> str:
        """Return why nothing may be stored, though it could be mended."""
        project = self._space.project
        if project.read_only:
            return project.read_only_reason or ""
        touched = {change.key.layer for change in result.changes.changes}
        locked = sorted(touched & project.arrangement.locked)
        if not locked:
            return ""
        names = _(", ").join(layer_label(layer, project.catalogue) for layer in locked)
        return _("{layer} is locked in the layer list; unlock it first.").format(layer=names)

    def _say(self, words: str, *, trouble: bool = False) -> None:
        self.said.setObjectName("error" if trouble else "muted")
        self.said.style().polish(self.said)
        self.said.setText(words)

    def accept(self) -> None:
        """Store what is seen, as one change, and close."""
        found = self._found
        if found is not None and not self._why_not(found) and self._space.apply(found.changes):
            super().accept()


def _about(issues: Sequence[Issue]) -> str:
    rules = dict.fromkeys(issue.rule for issue in issues)
    names = [all_rules()[rule].title for rule in rules if rule in all_rules()]
    words = ngettext_("{count} finding: {what}", "{count} findings: {what}", len(issues))
    return words.format(count=grouped(len(issues)), what=listed(names))


def _reader(project: Project, operator: str) -> Project:
    """Open the project again for a thread, for the same person: numbers are theirs."""
    return Project.open(
        project.path, write=False, catalogue=project.shipped, operator=operator, verify=False
    )
