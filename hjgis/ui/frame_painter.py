"""Paints the map's picture in one background thread; the window only copies it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QPainter

from hjgis.render.features import LayerPaint
from hjgis.render.frame import MapFrame
from hjgis.render.painter import paint_layers
from hjgis.ui.viewport import on_device

# Painted beyond the window's edge, so that a small pan shows no blank strip.
MARGIN_PX = 96
_BACKGROUND = "#fbfbf9"


@dataclass(frozen=True, eq=False)
class FrameRequest:
    """What is to be painted: `frame` in window pixels, `ratio` device pixels to one of them."""

    frame: MapFrame
    ratio: float
    layers: tuple[LayerPaint, ...]
    selected: tuple[LayerPaint, ...]

    def same_base(self, other: FrameRequest) -> bool:
        """Whether the picture without selection would be the same."""
        return (
            self.frame == other.frame
            and self.ratio == other.ratio
            and len(self.layers) == len(other.layers)
            and all(one is two for one, two in zip(self.layers, other.layers, strict=True))
        )


@dataclass(frozen=True, eq=False)
class Picture:
    """A painted request: the map, and what is selected on nothing."""

    request: FrameRequest
    base: QImage
    selection: QImage | None


class FramePainter(QObject):
    """Paints the latest request; one that comes while another is painted waits for it."""

    painted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._task: _Task | None = None
        self._waiting: FrameRequest | None = None
        self._last: Picture | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being painted or waits."""
        return self._task is not None

    def request(self, request: FrameRequest) -> None:
        """Paint this next; what waited before is forgotten, what is being painted is finished."""
        if self._task is not None:
            self._waiting = request
        else:
            self._start(request)

    def stop(self) -> None:
        """Wait for the end of what is being painted and forget the rest."""
        self._waiting = None
        self._pool.waitForDone()

    def _start(self, request: FrameRequest) -> None:
        last = self._last
        base = last.base if last is not None and request.same_base(last.request) else None
        self._task = _Task(request, base)
        self._task.told.painted.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        self._task.told.ended.connect(self._next, Qt.ConnectionType.QueuedConnection)
        self._pool.start(self._task)

    def _finish(self, picture: Picture) -> None:
        self._last = picture
        self.painted.emit(picture)

    def _next(self) -> None:
        self._task = None
        if self._waiting is not None:
            request, self._waiting = self._waiting, None
            self._start(request)


class _Told(QObject):
    painted = Signal(object)
    ended = Signal()


class _Task(QRunnable):
    def __init__(self, request: FrameRequest, base: QImage | None) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self.told = _Told()
        self._request, self._base = request, base

    def run(self) -> None:
        try:
            self.told.painted.emit(paint_frame(self._request, base=self._base))
        finally:
            self.told.ended.emit()


def paint_frame(request: FrameRequest, *, base: QImage | None = None) -> Picture:
    """Paint one request; `base` is the picture without selection if it is there already."""
    if base is None:
        base = _image(request, request.layers, background=_BACKGROUND)
    selection = _image(request, request.selected) if request.selected else None
    return Picture(request, base, selection)


def _image(
    request: FrameRequest, layers: tuple[LayerPaint, ...], *, background: str | None = None
) -> QImage:
    frame = on_device(request.frame, request.ratio, margin_px=MARGIN_PX)
    width, height = round(frame.width_px), round(frame.height_px)
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(background or Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_layers(painter, frame, layers)
    painter.end()
    image.setDevicePixelRatio(request.ratio)
    return image
