"""A small map that shows where foreign things lie beside what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import grouped
from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame
from hjgis.ui import theme

GROUND: Final = "#8a949e"
FILE: Final = "#d9480f"
PROPOSED: Final = theme.ACCENT
_PAPER: Final = "#fbfcfd"
_BORDER: Final = "#c3c9d0"
_M_PER_DEGREE: Final = 111_320.0
_DOT_PX: Final = 2.5
# A thing smaller than this is ringed, or it would not be seen.
_RINGED_PX: Final = 9.0
_WHEEL: Final = 1.25
_KEY_PX: Final = 16


@dataclass(frozen=True, slots=True)
class Drawn:
    """Some shapes in one colour; `name` stands in the key, a `box` is dashed and not filled."""

    shapes: Sequence[BaseGeometry]
    color: str
    name: str = ""
    box: bool = False
    ringed: bool = False


class SmallMap(QWidget):
    """Draws shapes; the wheel zooms, the mouse drags, a double click shows all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(QSize(200, 140))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._drawn: tuple[Drawn, ...] = ()
        self._paths: list[tuple[Drawn, list[BaseGeometry]]] = []
        self._squeeze = 1.0
        self._degrees = False
        self._extent: Extent | None = None
        self._frame: MapFrame | None = None
        self._grip: QPointF | None = None

    def show_shapes(
        self, drawn: Sequence[Drawn], *, degrees: bool = False, extent: Extent | None = None
    ) -> None:
        """Draw shapes, of one system; in degrees east-west is squeezed as it is on the ground."""
        self._degrees, self._drawn = degrees, tuple(drawn)
        whole = [shape for part in drawn for shape in part.shapes if not shape.is_empty]
        bounds = shapely.total_bounds(np.array(whole, dtype=object)) if whole else None
        if extent is None and bounds is not None and np.isfinite(bounds).all():
            extent = (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3]))
        middle = (extent[1] + extent[3]) / 2 if extent else 0.0
        self._squeeze = max(math.cos(math.radians(middle)), 0.1) if degrees else 1.0
        self._extent = extent
        self._frame = None
        self.update()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be seen."""
        return not any(part.shapes for part in self._drawn)

    def _fitted(self) -> MapFrame | None:
        if self._frame is None and self._extent is not None:
            west, south, east, north = self._extent
            k = self._squeeze
            room = max(self.height() - self._key_px(), 40)
            frame = MapFrame.fitting(
                (west * k, south, east * k, north),
                width_px=self.width(),
                height_px=room,
                margin=0.08,
            )
            smallest = 2e-5 if self._degrees else 0.2
            m_per_px = max(frame.m_per_px if east > west or north > south else 0.0, smallest)
            self._frame = MapFrame(
                frame.center_x, frame.center_y, m_per_px, self.width(), room, frame.dpi
            )
        return self._frame

    def _key_px(self) -> int:
        return _KEY_PX + 8 if any(part.name for part in self._drawn) else 0

    # -- paint ---------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(_PAPER))
        frame = self._fitted()
        if frame is not None:
            painter.save()
            painter.setClipRect(QRectF(0, 0, self.width(), frame.height_px))
            for part in self._drawn:
                self._paint_part(painter, frame, part)
            self._paint_scale(painter, frame)
            painter.restore()
            self._paint_key(painter, frame.height_px)
        painter.setPen(QPen(QColor(_BORDER), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Along the middle of the edge's pixels: at 150 % a side was lost outside.
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_part(self, painter: QPainter, frame: MapFrame, part: Drawn) -> None:
        color = QColor(part.color)
        pen = QPen(color, 1.6 if part.box else 1.2)
        if part.box:
            pen.setStyle(Qt.PenStyle.DashLine)
        fill = QColor(color)
        fill.setAlpha(0 if part.box else 38)
        dots, path = QPainterPath(), QPainterPath()
        for shape in part.shapes:
            self._trace(shape, frame, path, dots)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        dots.setFillRule(Qt.FillRule.WindingFill)
        painter.drawPath(dots)
        whole = path.boundingRect().united(dots.boundingRect())
        small = max(whole.width(), whole.height()) < _RINGED_PX
        if part.shapes and (part.ringed or part.box) and small:
            painter.setPen(QPen(color, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(whole.center(), _RINGED_PX, _RINGED_PX)

    def _trace(self, shape: Any, frame: MapFrame, path: QPainterPath, dots: QPainterPath) -> None:
        if shape.is_empty:
            return
        for part in getattr(shape, "geoms", (shape,)):
            if part.geom_type == "Point":
                at = self._device(part, frame)[0]
                dots.addEllipse(QPointF(*at), _DOT_PX, _DOT_PX)
            elif part.geom_type == "Polygon":
                for ring in (part.exterior, *part.interiors):
                    _add_line(path, self._device(ring, frame), closed=True)
            elif hasattr(part, "geoms"):
                self._trace(part, frame, path, dots)
            else:
                _add_line(path, self._device(part, frame), closed=False)

    def _device(self, shape: BaseGeometry, frame: MapFrame) -> np.ndarray:
        xy = shapely.get_coordinates(shape)
        # Qt's lines are off when they begin a million pixels away.
        return np.clip(frame.to_device(xy * (self._squeeze, 1.0)), -20_000, 20_000)

    def _paint_scale(self, painter: QPainter, frame: MapFrame) -> None:
        metres = frame.m_per_px * (_M_PER_DEGREE if self._degrees else 1.0)
        longest = metres * self.width() / 3
        if not 0 < longest < 2e7:
            return
        power = 10 ** math.floor(math.log10(longest))
        length = max(step * power for step in (1, 2, 5) if step * power <= longest)
        width = length / metres
        words = f"{grouped(length / 1000, '.0f')} km" if length >= 1000 else f"{length:g} m"
        right, low = self.width() - 10.0, frame.height_px - 8.0
        painter.setPen(QPen(QColor(theme.INK), 1.4))
        painter.drawLine(QPointF(right - width, low), QPointF(right, low))
        for x in (right - width, right):
            painter.drawLine(QPointF(x, low - 4), QPointF(x, low))
        room = QRectF(right - 160, low - 22, 160, 16)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_key(self, painter: QPainter, top: float) -> None:
        x, middle = 10.0, top + (self.height() - top) / 2
        for part in self._drawn:
            if not part.name or not part.shapes:
                continue
            pen = QPen(QColor(part.color), 3)
            if part.box:
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, middle), QPointF(x + 14, middle))
            painter.setPen(QColor(theme.INK))
            width = painter.fontMetrics().horizontalAdvance(part.name)
            room = QRectF(x + 19, middle - 10, width + 4, 20)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, part.name)
            x += width + 36

    # -- the hand ------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._frame = None
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        frame = self._fitted()
        if frame is not None:
            at = event.position()
            x, y = frame.to_map(at.x(), at.y())
            m_per_px = frame.m_per_px / _WHEEL ** (event.angleDelta().y() / 120)
            center_x = x - (at.x() - frame.width_px / 2) * m_per_px
            center_y = y + (at.y() - frame.height_px / 2) * m_per_px
            self._move(center_x, center_y, m_per_px)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        frame = self._fitted()
        if self._grip is not None and frame is not None:
            by = event.position() - self._grip
            self._grip = event.position()
            self._move(
                frame.center_x - by.x() * frame.m_per_px,
                frame.center_y + by.y() * frame.m_per_px,
                frame.m_per_px,
            )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        del event
        self._frame = None
        self.update()

    def _move(self, x: float, y: float, m_per_px: float) -> None:
        frame = self._fitted()
        if frame is not None:
            self._frame = MapFrame(x, y, m_per_px, frame.width_px, frame.height_px, frame.dpi)
            self.update()


def _add_line(path: QPainterPath, xy: np.ndarray, *, closed: bool) -> None:
    if not len(xy):
        return
    path.moveTo(*xy[0])
    for x, y in xy[1:]:
        path.lineTo(x, y)
    if closed:
        path.closeSubpath()
