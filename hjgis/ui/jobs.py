"""Run a function in the background; its result comes back in the GUI thread."""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from hjgis.errors import Cancelled, HjgisError
from hjgis.progress import Progress

T = TypeVar("T")
_log = logging.getLogger("hjgis.jobs")
# How long a worker keeps the interpreter from the window. A paint event asks for it some ten times:
# with the interpreter's own 5 ms the map stutters, with 1 ms its slowest paints take 17 ms, not 10.
SWITCH_INTERVAL_S: Final = 0.0001
_REPORT_EVERY_S: Final = 0.05


class Job:
    """One piece of work, and the ears that it reports to."""

    def __init__(
        self,
        told: _Told,
        work: Callable[[Progress], Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[HjgisError], None],
        title: str,
    ) -> None:
        self.on_done, self.on_error, self.title = on_done, on_error, title
        self.stopped = False
        self._told, self._work = told, work
        self._last = 0.0

    def stop(self) -> None:
        """Ask this job to stop, or not to begin; it ends as one that was cancelled."""
        self.stopped = True

    def run(self) -> None:
        try:
            self.check()
            self._told.done.emit(self, self._work(self))
        except HjgisError as error:
            self._told.failed.emit(self, error)
        except BaseException:  # noqa: BLE001 - jobs end where the user is
            # A bug of ours: the thread must live on, and the crash dialog hear of it.
            sys.excepthook(*sys.exc_info())
        finally:
            self._told.ended.emit()

    def report(self, done: int, total: int, key: str) -> None:
        now = time.monotonic()
        if done >= total or now - self._last >= _REPORT_EVERY_S:
            self._last = now
            self._told.progressed.emit(done, total, key)

    def check(self) -> None:
        if self.stopped:
            raise Cancelled


class _Told(QObject):
    """Signals that cross from the jobs' thread into the GUI thread.

    One for all jobs: an object of Qt that belonged to a job would die in the thread that lets go
    of the job last, perhaps while the other one is still delivering its signals.
    """

    progressed = Signal(int, int, str)
    done = Signal(object, object)
    failed = Signal(object, object)
    ended = Signal()


class Jobs(QObject):
    """Runs jobs one after the other in one background thread.

    A job gets a Progress and opens its own reader of the project; it must not touch Qt objects.
    """

    started = Signal(str)
    progressed = Signal(int, int, str)
    finished = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        # A Python thread, not one of Qt's pool: there each job gets a new Python thread state, and
        # pyproj's thread-local context of the job before is a dangling pointer.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jobs")
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._stopped = False
        self._told, queued = _Told(self), Qt.ConnectionType.QueuedConnection
        self._told.progressed.connect(self.progressed, queued)
        self._told.done.connect(self._done, queued)
        self._told.failed.connect(self._failed, queued)
        self._told.ended.connect(self._next, queued)

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        return self._running is not None or bool(self._waiting)

    def run(
        self,
        work: Callable[[Progress], T],
        on_done: Callable[[T], None],
        *,
        title: str,
        on_error: Callable[[HjgisError], None] | None = None,
    ) -> Job:
        """Do `work` in the background, then `on_done` with its result in this thread.

        Without `on_error`, trouble is told by the `failed` signal, which the window shows;
        a job that the user stopped ends in silence. Who wants an end of this job alone, be it
        at work or still waiting for another, stops what is returned.
        """
        job = Job(self._told, work, on_done, on_error or self._tell, title)
        if self._stopped:
            # A timer of a dialog that is going; nobody would hear the result.
            return job
        self._waiting.append(job)
        if self._running is None:
            self._start()
        return job

    def cancel(self) -> None:
        """Ask the running job to stop."""
        if self._running is not None:
            self._running.stop()

    def stop(self) -> None:
        """Forget what waits, stop what runs, and wait for its end; nobody hears its result."""
        self._stopped = True
        self._waiting.clear()
        self.cancel()
        self._thread.shutdown(wait=True)

    def _start(self) -> None:
        self._running = self._waiting.popleft()
        _log.debug("job: %s", self._running.title)
        self.started.emit(self._running.title)
        self._thread.submit(self._running.run)

    def _next(self) -> None:
        self._running = None
        if self._waiting:
            self._start()
        else:
            self.finished.emit()

    def _done(self, job: Job, result: object) -> None:
        if not self._stopped:
            job.on_done(result)

    def _failed(self, job: Job, error: HjgisError) -> None:
        if not self._stopped:
            job.on_error(error)

    def _tell(self, error: HjgisError) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(error)
