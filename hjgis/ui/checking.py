"""The checks of one open project: run in the background, and kept up to date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from hjgis.checks import runner
from hjgis.checks.runner import CheckReport, Excepted
from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import exceptions
from hjgis.models.changes import ChangeSet
from hjgis.models.issues import Issue
from hjgis.progress import Progress
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Jobs


class Checking(QObject):
    """Holds what the checks found; `changed` when that is another report.

    Attributes
    ----------
    report : CheckReport or None
        None until the project has been checked.
    running : bool
        Whether the whole project is being checked.
    pending : frozenset of str
        Rules whose findings may be out of date.
    """

    changed = Signal()
    state_changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        bridge: Bridge,
        apply: Callable[[ChangeSet], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._jobs, self._apply = project, jobs, apply
        self.report: CheckReport | None = None
        self.running = False
        self.pending: frozenset[str] = frozenset()
        bridge.changed.connect(self._follow)

    def run(self) -> None:
        """Check the whole project in the background; the window's stop button cancels it."""
        if self.running:
            return
        self._set_running(True)
        self._jobs.run(self._work, self._take, title=_("Check project"), on_error=self._failed)

    def accept(self, issues: Iterable[Issue], reason: str) -> bool:
        """Make findings exceptions, one step of undo; EditRefused without a reason."""
        stored = self._project.info(exceptions.FACT)
        operator = self._project.session.operator
        change = exceptions.accept(stored, issues, reason, operator=operator, on=dt.date.today())
        return self._apply(change)

    def withdraw(self, excepted: Iterable[Excepted]) -> bool:
        """Make exceptions faults again, one step of undo."""
        ids = {one.entry.id for one in excepted}
        return self._apply(exceptions.withdraw(self._project.info(exceptions.FACT), ids))

    def _work(self, progress: Progress) -> CheckReport:
        with self._project.reader() as reader:
            return runner.run(reader, progress=progress)

    def _take(self, report: CheckReport) -> None:
        self.report, self.pending = report, frozenset()
        self._set_running(False)
        self.changed.emit()

    def _failed(self, error: HjgisError) -> None:
        self._set_running(False)
        if not isinstance(error, Cancelled):
            self.failed.emit(error)

    def _set_running(self, running: bool) -> None:
        self.running = running
        self.state_changed.emit()

    def _follow(self) -> None:
        if self.report is not None:
            self.pending = frozenset(self.report.rules)
            self.state_changed.emit()
