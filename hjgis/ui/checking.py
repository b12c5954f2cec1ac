"""The checks of one open project: run in the background, and kept up to date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from hjgis.checks.checked import Checked
from hjgis.checks.live import LiveChecks, Step, Task
from hjgis.checks.runner import CheckReport, Excepted
from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import exceptions
from hjgis.models.changes import Announcement, ChangeSet
from hjgis.models.issues import Issue
from hjgis.progress import Progress
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Job, Jobs

# What must look at whole layers waits until nothing has been edited for a moment.
_QUIET_MS: Final = 800
# A project that stays open over night is checked anew: some rules compare with today.
_NEXT_LOOK_MS: Final = 600_000


class Checking(QObject):
    """Holds what the checks found; `changed` when that is another report.

    Nothing is checked before `run` was called once; from then on edits are followed.

    Attributes
    ----------
    running : bool
        Whether the whole project is being checked because somebody asked for it.
    """

    changed = Signal()
    state_changed = Signal()
    failed = Signal(object)
    _broke = Signal(object)

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
        self._live = LiveChecks(project)
        # Edits are followed in a thread of their own: the list must not wait for the map.
        self._quiet_jobs = Jobs(self)
        self._task: Task | None = None
        self._job: Job | None = None
        self._wanted = self.running = False
        self._idle = QTimer(self, interval=_QUIET_MS, singleShot=True)
        self._idle.timeout.connect(self._work_when_idle)
        self._days = QTimer(self, interval=_NEXT_LOOK_MS)
        self._days.timeout.connect(self._idle.start)
        self._days.start()
        self._broke.connect(self._give_up, Qt.ConnectionType.QueuedConnection)
        bridge.changed.connect(self._follow)

    @property
    def report(self) -> CheckReport | None:
        """What was found; None until the project has been checked."""
        return self._live.report

    @property
    def pending(self) -> frozenset[str]:
        """Rules whose findings may be out of date."""
        return self._live.pending

    def run(self) -> None:
        """Check the whole project in the background; `cancel` ends it."""
        if self.running:
            return
        self.running = self._wanted = True
        if self._task is None:
            self._run_wanted()
        else:
            self._quiet_jobs.cancel()
        self.state_changed.emit()

    def cancel(self) -> None:
        """Give up the check that `run` began; what was found before stays."""
        if not self.running:
            return
        if self._wanted:
            # It still waits for the end of what follows an edit.
            self.running = self._wanted = False
            self.state_changed.emit()
        elif self._job is not None:
            self._job.stop()

    def accept(self, issues: Iterable[Issue], reason: str) -> bool:
        """Make findings exceptions, one step of undo; EditRefused without a reason."""
        stored, operator = self._project.info(exceptions.FACT), self._project.session.operator
        today = dt.date.today()
        change = exceptions.accept(stored, issues, reason, operator=operator, on=today)
        return self._apply(change)

    def withdraw(self, excepted: Iterable[Excepted]) -> bool:
        """Make exceptions faults again, one step of undo."""
        ids = {one.entry.id for one in excepted}
        return self._apply(exceptions.withdraw(self._project.info(exceptions.FACT), ids))

    def look_again(self) -> None:
        """Hear that another program has written to a file that is only read."""
        self._live.look_again()
        self._idle.start()
        self.state_changed.emit()

    def stop(self) -> None:
        """Ask for no more work, and wait for the end of what is being done."""
        self._idle.stop()
        self._days.stop()
        self._quiet_jobs.stop()

    # -- following -----------------------------------------------------------------------

    def _follow(self, announcement: Announcement) -> None:
        before = self.report
        self._live.hear(announcement)
        self._idle.start()
        if self._task is not None and self._task.step is Step.REST:
            # What it finds would be old; the edit comes first.
            self._quiet_jobs.cancel()
        self._work_at_once()
        if self.report is not before:
            self.changed.emit()
        self.state_changed.emit()

    def _work_at_once(self) -> None:
        if self._task is None and (task := self._live.after_edit()) is not None:
            self._begin(task, self._quiet_jobs)

    def _work_when_idle(self) -> None:
        if self._task is None and (task := self._live.when_idle()) is not None:
            self._begin(task, self._quiet_jobs)
            self.state_changed.emit()

    def _run_wanted(self) -> None:
        self._wanted = False
        self._begin(self._live.all(), self._jobs)

    def _begin(self, task: Task, jobs: Jobs) -> None:
        self._task = task
        work = partial(self._work, task)
        taken, failed = partial(self._take, task), partial(self._failed, task)
        self._job = jobs.run(work, taken, title=_("Check project"), on_error=failed)

    def _work(self, task: Task, progress: Progress) -> tuple[Checked, frozenset[str]]:
        """Do what a task wants, in the thread of the job."""
        try:
            with self._project.reader() as reader:
                return task.work(reader, progress)
        except HjgisError:
            raise
        except Exception:
            # A bug of ours, which the crash dialog tells; it must not end the checking.
            self._broke.emit(task)
            raise

    def _take(self, task: Task, result: tuple[Checked, frozenset[str]]) -> None:
        news = self._live.take(task, result)
        self._ended()
        if news:
            self.changed.emit()
        self.state_changed.emit()

    def _failed(self, task: Task, error: HjgisError) -> None:
        self._live.give_back(task)
        if isinstance(error, Cancelled):
            self._ended()
        else:
            self._halt()
            self.failed.emit(error)
        self.state_changed.emit()

    def _give_up(self, task: Task) -> None:
        self._live.give_back(task)
        self._halt()
        self.state_changed.emit()

    def _halt(self) -> None:
        """Try no more until there is another edit: it would only fail again."""
        self._task = self._job = None
        self._wanted = self.running = False
        self._idle.stop()

    def _ended(self) -> None:
        """Do what comes next: what somebody asked for, then edits, the rest when it is quiet."""
        self._task = self._job = None
        if self._wanted:
            self._run_wanted()
            return
        self.running = False
        self._work_at_once()
        self._idle.start()
