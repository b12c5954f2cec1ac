"""A small map of the whole town in the corner of the map, with a frame around what is seen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sized
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QToolButton, QWidget

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame
from hjgis.render.map_picture import MapSource
from hjgis.ui import theme
from hjgis.ui.map.blitting import blit
from hjgis.ui.map.canvas import GROUND, MapCanvas
from hjgis.ui.map.frame_painter import FramePainter
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.map.pictures import FrameRequest, Picture

_SIZE: Final = QSize(180, 130)
_BUTTON_PX: Final = 22
_EDGE_PX: Final = 8
# A smaller map than this has no room for another.
_ROOM: Final = QSize(460, 280)
# Symbols are made for the large map; at this resolution they are drawn a third of their size.
_DPI: Final = 32.0
_MARGIN: Final = 0.06
_IDLE_MS: Final = 1000
_BUSY_MS: Final = 150
_EVERY_S: Final = 4.0
_SMALLEST_PX: Final = 7.0
_WHEEL_FACTOR: Final = 1.25
_BORDER: Final = "#9aa4ae"


class OverviewMap(QWidget):
    """Lies over the lower left corner of a canvas; a click or a drag in it moves the map.

    While somebody draws it folds itself away, as it would cover what is drawn; it comes back as it
    was. Whoever opens it meanwhile has it until the next tool.
    """

    fold_changed = Signal(bool)

    def __init__(
        self,
        canvas: MapCanvas,
        layers: MapLayers,
        reader: Callable[[], AbstractContextManager[Project]],
    ) -> None:
        super().__init__(canvas)
        # On a small map, messages and what is typed lie above it.
        self.lower()
        self._canvas, self._layers = canvas, layers
        self._painter = FramePainter(reader, self)
        self._picture: Picture | None = None
        self._painted_s = -math.inf
        self._crowd: tuple[tuple[str, bool, int], ...] = ()
        self._extent: Extent | None = None
        self._grip: QPointF | None = None
        self._open, self._aside = True, False
        self._stale = True
        self._later = QTimer(self, singleShot=True)
        self._button = QToolButton(self)
        self._button.setIconSize(QSize(14, 14))
        self._button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._button.clicked.connect(self.toggle)
        self.setToolTip(_("Click or drag to move the map"))
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._later.timeout.connect(self._paint_when_free)
        self._painter.painted.connect(self._show)
        layers.changed.connect(self._layers_changed)
        canvas.view_changed.connect(self.update)
        canvas.installEventFilter(self)
        self._place()

    # -- open and folded -----------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether somebody wants to see the map, not only its button."""
        return self._open

    @property
    def _shown(self) -> bool:
        return self._open and not self._aside

    @property
    def busy(self) -> bool:
        """Whether its first picture is still to come, or one is being painted."""
        first = self._picture is None and self._later.isActive()
        return first or self._painter.busy

    def toggle(self) -> None:
        """Fold the map away, or bring it back."""
        if self._open and self._aside:
            self.make_room(aside=False)
            # The action that was pressed has taken its tick away.
            self.fold_changed.emit(True)
        else:
            self._aside = False
            self.set_open(not self._open)

    def make_room(self, *, aside: bool) -> None:
        """Get out of the way while something is drawn, or come back as somebody had it."""
        if aside != self._aside:
            self._aside = aside
            self._place()
            if self._stale:
                self._layers_changed()

    def set_open(self, is_open: bool) -> None:
        """Fold the map away, or show it."""
        if is_open != self._open:
            self._open = is_open
            self._place()
            self.fold_changed.emit(is_open)
            self._layers_changed()

    def stop(self) -> None:
        """Paint no more; before the project closes."""
        self._later.stop()
        self._painter.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the canvas."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        area = self._canvas.rect()
        has_room = area.width() >= _ROOM.width() and area.height() >= _ROOM.height()
        shown = self._shown and has_room
        size = _SIZE if shown else QSize(_BUTTON_PX, _BUTTON_PX)
        left, bottom = _EDGE_PX, area.height() - _EDGE_PX
        self.setGeometry(QRect(left, bottom - size.height(), size.width(), size.height()))
        self._button.move(size.width() - _BUTTON_PX, 0)
        self._button.setIcon(theme.icon("fold" if shown else "overview"))
        self._button.setToolTip(_("Fold the overview map") if shown else _("Overview map"))
        self._button.setEnabled(has_room)

    # -- the picture ---------------------------------------------------------------------

    def _layers_changed(self) -> None:
        """Wait until nothing has changed for a moment; the first picture comes at once."""
        self._stale = True
        if self._shown:
            self._later.start(_IDLE_MS if self._picture is not None else 0)

    def _paint_when_free(self) -> None:
        wait_s = self._painted_s + _EVERY_S - time.monotonic()
        if self._picture is not None and wait_s > 0:
            self._later.start(math.ceil(wait_s * 1000))
        elif self._canvas.busy or self._painter.busy or not self._layers.is_loaded:
            self._later.start(_BUSY_MS)
        else:
            self._request()

    def _request(self) -> None:
        crowd = tuple((held.asset.id, held.visible, _crowd(held.columns)) for held in self._layers)
        if crowd != self._crowd:
            # The town, not the few things far outside: they would leave it a small spot.
            self._crowd, self._extent = crowd, self._layers.main_extent()
        if self._extent is None:
            return
        self._painted_s, self._stale = time.monotonic(), False
        frame = MapFrame.fitting(
            self._extent,
            width_px=_SIZE.width(),
            height_px=_SIZE.height(),
            dpi=_DPI,
            margin=_MARGIN,
        )
        sources = _shown(self._layers.sources(), frame.scale_denominator)
        request = FrameRequest(frame, self.devicePixelRatioF(), sources, labels=False)
        self._painter.request(request)

    def _show(self, picture: Picture) -> None:
        self._picture = picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(GROUND))
        if self._button.width() < self.width():
            if self._picture is not None:
                shot, frame = self._picture.base, self._picture.request.frame
                blit(painter, [(shot.image, shot.frame)], frame)
                self._paint_seen(painter)
                if self._picture.request.ratio != self.devicePixelRatioF() and not self.busy:
                    self._layers_changed()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(_BORDER), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_seen(self, painter: QPainter) -> None:
        seen = self.seen_px()
        inside = QColor(theme.ACCENT)
        # Where all is seen, a tint would only make it dull.
        inside.setAlpha(0 if seen.contains(QRectF(self.rect())) else 36)
        painter.setBrush(inside)
        for color, width in ((theme.PAPER, 3.5), (theme.ACCENT, 1.5)):
            painter.setPen(QPen(QColor(color), width))
            painter.drawRect(seen)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def seen_px(self) -> QRectF:
        """Return the frame around what the large map shows; never too small to be seen."""
        if self._picture is None:
            return QRectF()
        small, large = self._picture.request.frame, self._canvas.frame
        scale = large.m_per_px / small.m_per_px
        wide, high = (
            max(large.width_px * scale, _SMALLEST_PX),
            max(large.height_px * scale, _SMALLEST_PX),
        )
        x = (large.center_x - small.center_x) / small.m_per_px + small.width_px / 2
        y = (small.center_y - large.center_y) / small.m_per_px + small.height_px / 2
        return QRectF(x - wide / 2, y - high / 2, wide, high)

    # -- the hand ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._picture is not None:
            seen, at = self.seen_px(), event.position()
            # Taken inside the frame, it is dragged; beside it, it jumps there first.
            self._grip = at - seen.center() if seen.contains(at) else QPointF()
            self._go(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._go(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Not passed on: the canvas would zoom about what lies below this map.
        event.accept()
        self._canvas.zoom_by(_WHEEL_FACTOR ** (event.angleDelta().y() / 120))

    def _go(self, at: QPointF) -> None:
        if self._picture is not None and self._grip is not None:
            place = at - self._grip
            self._canvas.centre_on(*self._picture.request.frame.to_map(place.x(), place.y()))


def _crowd(features: Sized) -> int:
    """Return a number that changes when features become some two in a hundred more or fewer.

    Finding out anew where most of them are takes the window's time, and shows nothing new before.
    """
    return round(50 * math.log1p(len(features)))


def _shown(sources: tuple[MapSource, ...], denominator: float) -> tuple[MapSource, ...]:
    """Return what shows at a scale; where nothing does, all of it, whatever its scales are."""
    if any(source.style.visible_at(denominator) for source in sources):
        return sources
    return tuple(
        replace(source, style=replace(source.style, max_denominator=math.inf)) for source in sources
    )
