"""Paints the map's picture in one background thread; the window only copies it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal

from hjgis.errors import Cancelled, HjgisError
from hjgis.layers.project import Project
from hjgis.layers.texts import LabelTexts
from hjgis.render.frame import MapFrame
from hjgis.ui.map.pictures import FrameRequest, Picture, PictureMaker

# A picture that shows nothing of what is wanted now is given up when it is this old.
_PATIENCE_S: Final = 0.25
# A paint event takes less; what is held back longer goes on.
_LONGEST_S: Final = 0.05


class FramePainter(QObject):
    """Paints the latest request; one that comes while another is painted waits for it.

    Parameters
    ----------
    reader : callable
        Opens the project for reading, in the painter's thread.
    """

    painted = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        reader: Callable[[], AbstractContextManager[Project]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="paint")
        self._maker = PictureMaker(LabelTexts(reader))
        self._task: _Task | None = None
        self._waiting: FrameRequest | None = None
        self._closed = False
        self._undisturbed = threading.Event()
        self._undisturbed.set()
        self._told, queued = _Told(self), Qt.ConnectionType.QueuedConnection
        self._told.painted.connect(self.painted, queued)
        self._told.failed.connect(self.failed, queued)
        self._told.ended.connect(self._next, queued)

    @property
    def busy(self) -> bool:
        """Whether something is being painted or waits."""
        return self._task is not None

    def request(self, request: FrameRequest) -> None:
        """Paint this next; what waited before is forgotten, what is being painted is finished.

        To give up whatever is under way whenever the map moves would show nothing new while it
        moves; only a jump to where nothing of it is seen ends it, after a moment.
        """
        if self._closed:
            return
        if self._task is None:
            self._start(request)
        else:
            self._waiting = request
            self._task.wanted = request

    @contextmanager
    def hold_back(self) -> Iterator[None]:
        """Let the window paint undisturbed: the thread goes on afterwards.

        Python lets one thread run at a time. Each call of Qt in a paint event would otherwise wait
        for the end of a piece of the picture.
        """
        self._undisturbed.clear()
        try:
            yield
        finally:
            self._undisturbed.set()

    def stop(self) -> None:
        """Wait for the end of what is being painted and forget the rest."""
        self._waiting = None
        if self._task is not None:
            self._task.stopped = True
        if not self._closed:
            self._closed = True
            self._thread.submit(self._maker.close)
            self._thread.shutdown(wait=True)

    def _start(self, request: FrameRequest) -> None:
        self._task = _Task(request, self._maker, self._told, self._undisturbed)
        self._thread.submit(self._task.run)

    def _next(self) -> None:
        self._task = None
        if self._waiting is not None and not self._closed:
            request, self._waiting = self._waiting, None
            self._start(request)


class _Told(QObject):
    """Signals from the painter's thread; one object for all tasks, which lives in this thread."""

    painted = Signal(object)
    failed = Signal(object)
    ended = Signal()


class _Task:
    """One request being painted; hears itself whether it is still wanted."""

    def __init__(
        self,
        request: FrameRequest,
        maker: PictureMaker,
        told: _Told,
        undisturbed: threading.Event | None = None,
    ) -> None:
        self.wanted = request
        self.stopped = False
        self._request, self._maker, self._told = request, maker, told
        self._undisturbed = undisturbed
        self._started = time.monotonic()

    def run(self) -> None:
        try:
            for picture in self._maker.pictures(self._request, self):
                self._told.painted.emit(picture)
        except Cancelled:
            pass
        except HjgisError as error:
            self._told.failed.emit(error)
        except BaseException:  # noqa: BLE001 - the thread must live on, and the crash dialog hear
            sys.excepthook(*sys.exc_info())
        finally:
            self._told.ended.emit()

    def report(self, done: int, total: int, key: str) -> None:
        """Nobody looks at the progress of a picture."""

    def check(self) -> None:
        """Give up where the user has gone elsewhere meanwhile."""
        if self._undisturbed is not None:
            self._undisturbed.wait(_LONGEST_S)
        late = time.monotonic() - self._started > _PATIENCE_S
        if self.stopped or (late and _apart(self._request.frame, self.wanted.frame)):
            raise Cancelled

    @property
    def superseded(self) -> bool:
        """Whether a newer request waits."""
        return self.wanted is not self._request


def _apart(one: MapFrame, other: MapFrame) -> bool:
    """Whether two frames show nothing in common, or things of quite another size."""
    a, b = one.extent, other.extent
    no_overlap = a[0] > b[2] or b[0] > a[2] or a[1] > b[3] or b[1] > a[3]
    return no_overlap or not 0.25 < one.m_per_px / other.m_per_px < 4


def paint_frame(
    request: FrameRequest, reader: Callable[[], AbstractContextManager[Project]]
) -> Picture:
    """Paint one request whole, here and now."""
    maker = PictureMaker(LabelTexts(reader))
    try:
        return list(maker.pictures(request, _Task(request, maker, _Told())))[-1]
    finally:
        maker.close()
