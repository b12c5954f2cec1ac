"""The report of the latest check: what people add to it, where it goes, writing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hjgis.checks.runner import CheckReport
from hjgis.i18n import _
from hjgis.progress import Progress
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.check_report import CheckReportDialog


class CheckReporting(QObject):
    """What the window does for somebody who wants a check on paper."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._window = workspace, window

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {"check-report": self.ask}

    def dialog(self) -> CheckReportDialog:
        """Return the window that asks who answers for the report and how findings are scored."""
        from hjgis.ui.dialogs.check_report import CheckReportDialog

        return CheckReportDialog(self._space.project, self._window)

    def ask(self) -> None:
        """Ask what people add to the report and where it goes; then write it."""
        if self._space.checking.report is None:
            self._space.canvas.message.say(_("Not checked yet: F9 checks."))
            return
        dialog = self.dialog()
        wanted = accepted(dialog) and self.keep(dialog)
        if wanted:
            self._choose_file()

    def keep(self, dialog: CheckReportDialog) -> bool:
        """Store what was typed, one step of undo; False if that was not possible."""
        changes = dialog.changes()
        return not changes or self._space.apply(changes)

    def _choose_file(self) -> None:
        from hjgis.ui.dialogs.check_report import FILTERS
        from hjgis.ui.dialogs.saving import ask_target

        project = self._space.project
        day = dt.date.today().isoformat()
        name = _("{project} check report {date}.pdf").format(project=project.path.stem, date=day)
        start = project.path.with_name(name)
        path = ask_target(self._window, _("Check report"), start, FILTERS)
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write the report in the background."""
        project, report = self._space.project, self._space.checking.report
        assert isinstance(report, CheckReport)

        def work(progress: Progress) -> Path:
            from hjgis.reports.inspection import write_report

            with project.reader() as reader:
                write_report(reader, report, path, progress=progress)
            return path

        self._space.jobs.run(work, self._written, title=_("Check report"))

    def _written(self, path: Path) -> None:
        self._space.canvas.message.say(_("Written: {path}").format(path=path))
