"""How far the check is, what could not be checked, what is left out; starts and stops it."""

from __future__ import annotations

from html import escape
from typing import Final, Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QProgressBar, QPushButton, QToolButton, QWidget

from hjgis.checks.rules.register import all_rules
from hjgis.checks.runner import CheckReport
from hjgis.i18n import N_, _, grouped, ngettext_
from hjgis.models.issues import Severity
from hjgis.ui import theme
from hjgis.ui.flowing import Flowing, Words
from hjgis.ui.workspace import Workspace

Marks = Literal["all", "rule", "none"]
_MARKS: Final[dict[Marks, str]] = {
    "all": N_("All listed findings on the map"),
    "rule": N_("Only those of the chosen rule"),
    "none": N_("No findings on the map"),
}
_EXCEPTIONS: Final = "exceptions"


class CheckState(Flowing):
    """Button, progress and state of the check, and a menu of what can be done with all of it."""

    report_wanted = Signal()
    exceptions_wanted = Signal()
    marks_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._checking, self._jobs = workspace.checking, workspace.jobs
        self.marks: Marks = "all"
        self._report: CheckReport | None = None
        self._listed = ""
        self.run = QPushButton(_("Check project"))
        self.run.setObjectName("primary")
        self.bar = QProgressBar()
        self.stop = QPushButton(_("Stop"))
        self.said = Words()
        self.menu = QToolButton()
        self.write = QAction(theme.icon("check-report"), _("Check report…"), self)
        self._choices: dict[Marks, QAction] = {}
        self._lay_out()
        self.run.clicked.connect(self._checking.run)
        self.stop.clicked.connect(self._checking.cancel)
        self.said.linkActivated.connect(self._follow_link)
        self._jobs.progressed.connect(self._progress)
        self._checking.state_changed.connect(self.refresh)
        self.write.triggered.connect(self.report_wanted)
        self.refresh()

    def _lay_out(self) -> None:
        self.fill((self.run, self.bar, self.stop, self.menu, self.said))
        self.menu.setText(_("More"))
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.menu)
        group = QActionGroup(self)
        for key, words in _MARKS.items():
            action = menu.addAction(_(words))
            action.setCheckable(True)
            action.setChecked(key == self.marks)
            action.setData(key)
            group.addAction(action)
            self._choices[key] = action
        group.triggered.connect(self._choose_marks)
        menu.addSeparator()
        menu.addAction(self.write)
        exceptions = menu.addAction(theme.icon("lists"), _("Exceptions…"))
        exceptions.triggered.connect(self.exceptions_wanted)
        self.menu.setMenu(menu)

    def toggle_marks(self) -> None:
        """Show all listed findings on the map, or none."""
        self._choices["all" if self.marks == "none" else "none"].trigger()

    def show_report(self, report: CheckReport) -> None:
        """Say what was found."""
        self._report = report
        self.refresh()

    def show_listed(self, listed: int, found: int, *, filtered: bool) -> None:
        """Say how many of the findings are listed."""
        words = _("{listed} of {found} findings listed")
        said = words.format(listed=grouped(listed), found=grouped(found))
        self._listed = said if filtered else ""
        self.refresh()

    def refresh(self) -> None:
        """Say how it stands."""
        running, report = self._checking.running, self._report
        self.run.setVisible(not running)
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.write.setEnabled(report is not None)
        if running:
            self.bar.setRange(0, 0)
        self.said.setText(self._words(report))
        self.said.setToolTip(self._failures(report) if report is not None else "")

    def _words(self, report: CheckReport | None) -> str:
        if report is None:
            return _("Checking…") if self._checking.running else _("Not checked yet.")
        counts = report.issues.severities()
        text = _("{errors} errors, {warnings} warnings, {infos} notes")
        whole = text.format(
            errors=grouped(counts[Severity.ERROR]),
            warnings=grouped(counts[Severity.WARNING]),
            infos=grouped(counts[Severity.INFO]),
        )
        # The counts of all of them stand in the first row of the summary.
        parts = [self._listed or whole]
        if self._checking.pending and not self._checking.running:
            parts.append(f"<span style='color:#8a5300'>{_('being updated')}</span>")
        exceptions = len(report.exceptions)
        if exceptions:
            words = ngettext_("{count} exception", "{count} exceptions", exceptions)
            said = words.format(count=grouped(exceptions))
            parts.append(f"<a href='{_EXCEPTIONS}'>{escape(said)}</a>")
        if report.failed:
            words = ngettext_(
                "{count} rule could not run: {names}",
                "{count} rules could not run: {names}",
                len(report.failed),
            )
            names = _("; ").join(_rule_title(report, rule_id) for rule_id in report.failed)
            said = words.format(count=len(report.failed), names=names)
            parts.append(f"<span style='color:#a3211b'>{escape(said)}</span>")
        return " · ".join(parts)

    def _failures(self, report: CheckReport) -> str:
        """Return why rules could not run, one a line."""
        lines = [f"{_rule_title(report, key)}: {why}" for key, why in report.failed.items()]
        return escape("\n".join(lines)).replace("\n", "<br>")

    def _progress(self, done: int, total: int, _key: str) -> None:
        if self._checking.running:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _choose_marks(self, action: QAction) -> None:
        self.marks = action.data()
        self.marks_changed.emit()

    def _follow_link(self, _link: str) -> None:
        self.exceptions_wanted.emit()


def _rule_title(report: CheckReport, rule_id: str) -> str:
    """Return the name of a rule; one that cannot even be read has only its id."""
    known = {**all_rules(), **report.own_rules}
    return known[rule_id].title if rule_id in known else rule_id
