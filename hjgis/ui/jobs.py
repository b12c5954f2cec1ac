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
# The interpreter's own 5 ms let the window stutter while a worker computes (CANVAS measurements).
SWITCH_INTERVAL_S: Final = 0.001
_REPORT_EVERY_S: Final = 0.05


class _Told(QObject):
    """Signals of one job; they cross from its thread into the GUI thread."""

    progressed = Signal(int, int, str)
    done = Signal(object)
    failed = Signal(object)
    ended = Signal()


class _JobProgress:
    """The ears that a job reports to."""

    def __init__(self, told: _Told) -> None:
        self._told = told
        self._last = 0.0
        self.stopped = False

    def report(self, done: int, total: int, key: str) -> None:
        now = time.monotonic()
        if done >= total or now - self._last >= _REPORT_EVERY_S:
            self._last = now
            self._told.progressed.emit(done, total, key)

    def check(self) -> None:
        if self.stopped:
            raise Cancelled


class _Job:
    def __init__(self, work: Callable[[Progress], Any], title: str) -> None:
        self.title = title
        self.told = _Told()
        self.progress = _JobProgress(self.told)
        self._work = work

    def run(self) -> None:
        try:
            self.told.done.emit(self._work(self.progress))
        except HjgisError as error:
            self.told.failed.emit(error)
        except BaseException:  # noqa: BLE001 - jobs end where the user is
            # A bug of ours: the thread must live on, and the crash dialog hear of it.
            sys.excepthook(*sys.exc_info())
        finally:
            self.told.ended.emit()


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
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None

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
    ) -> None:
        """Do `work` in the background, then `on_done` with its result in this thread.

        Without `on_error`, trouble is told by the `failed` signal, which the window shows;
        a job that the user stopped ends in silence.
        """
        job = _Job(work, title)
        queued = Qt.ConnectionType.QueuedConnection
        job.told.progressed.connect(self.progressed, queued)
        receiver = _Receiver(on_done, on_error or self._tell, parent=self)
        job.told.done.connect(receiver.done, queued)
        job.told.failed.connect(receiver.failed, queued)
        job.told.ended.connect(receiver.deleteLater, queued)
        job.told.ended.connect(self._next, queued)
        self._waiting.append(job)
        if self._running is None:
            self._start()

    def cancel(self) -> None:
        """Ask the running job to stop."""
        if self._running is not None:
            self._running.progress.stopped = True

    def stop(self) -> None:
        """Forget what waits, stop what runs, and wait for its end."""
        self._waiting.clear()
        self.cancel()
        self._thread.shutdown(wait=True)
        for receiver in self.findChildren(_Receiver):
            # Its result may be on the way already; whoever asked for it is gone.
            receiver.forget()

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

    def _tell(self, error: HjgisError) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(error)


class _Receiver(QObject):
    """Lives in the GUI thread, so that what it is connected to runs there."""

    def __init__(
        self,
        on_done: Callable[[Any], None],
        on_error: Callable[[HjgisError], None],
        *,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._on_done, self._on_error = on_done, on_error

        self._wanted = True

    def forget(self) -> None:
        self._wanted = False

    def done(self, result: object) -> None:
        if self._wanted:
            self._on_done(result)

    def failed(self, error: HjgisError) -> None:
        if self._wanted:
            self._on_error(error)
