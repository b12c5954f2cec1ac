"""The receiver on the map: where it stands, how sure that is, and where it goes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from hjgis.models.positions import Shape
from hjgis.render.frame import MapFrame
from hjgis.ui.theme import ACCENT, PAPER

_RADIUS_PX: Final = 7.0
_STALE: Final = "#5b6670"
_CROSS_PX: Final = 9.0
# A course that is told while standing points anywhere.
_WALKING_MS: Final = 0.5
_CORNERS: Final[dict[Shape, tuple[tuple[float, float], ...]]] = {
    "square": ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    "diamond": ((0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)),
    "triangle": ((0, -1.1), (1, 0.75), (-1, 0.75)),
}


@dataclass(frozen=True, slots=True)
class PositionMark:
    """What is to be seen of a receiver.

    Attributes
    ----------
    x, y, error_m : float
        Project CRS; standard deviation, metres, None where nobody knows.
    old : bool
        Grey: it may be elsewhere by now.
    average : tuple of float or None
        Where the mean of several places lies.
    """

    x: float
    y: float
    error_m: float | None
    shape: Shape
    color: str
    course_deg: float | None = None
    speed_ms: float | None = None
    old: bool = False
    average: tuple[float, float] | None = None

    def paint(self, painter: QPainter, frame: MapFrame) -> None:
        """Paint it, in window pixels."""
        color = QColor(_STALE if self.old else self.color)
        at = _px(frame, self.x, self.y)
        if self.error_m is not None and self.error_m > _RADIUS_PX * frame.m_per_px:
            self._paint_error(painter, at, self.error_m / frame.m_per_px, color)
        if self.course_deg is not None and (self.speed_ms or 0.0) >= _WALKING_MS and not self.old:
            self._paint_course(painter, at, color)
        paint_shape(painter, self.shape, at, _RADIUS_PX, color)
        if self.average is not None:
            _paint_cross(painter, _px(frame, *self.average))

    def _paint_error(self, painter: QPainter, at: QPointF, radius_px: float, color: QColor) -> None:
        light = QColor(color)
        light.setAlpha(36)
        painter.setPen(QPen(color, 1.0, Qt.PenStyle.DashLine))
        painter.setBrush(light)
        painter.drawEllipse(at, radius_px, radius_px)

    def _paint_course(self, painter: QPainter, at: QPointF, color: QColor) -> None:
        painter.save()
        painter.translate(at)
        painter.rotate(self.course_deg or 0.0)
        tip = QPolygonF([QPointF(0, -20), QPointF(5.5, -10), QPointF(-5.5, -10)])
        painter.setPen(QPen(QColor(PAPER), 1.5))
        painter.setBrush(color)
        painter.drawPolygon(tip)
        painter.restore()


def paint_shape(
    painter: QPainter, shape: Shape, at: QPointF, radius_px: float, color: QColor
) -> None:
    """Paint the sign of a quality, on a white edge."""
    path = QPainterPath()
    if shape in _CORNERS:
        path.addPolygon(QPolygonF([at + QPointF(x, y) * radius_px for x, y in _CORNERS[shape]]))
        path.closeSubpath()
    elif shape == "cross":
        for sign in (1, -1):
            path.moveTo(at + QPointF(-radius_px, -sign * radius_px) * 0.8)
            path.lineTo(at + QPointF(radius_px, sign * radius_px) * 0.8)
    else:
        path.addEllipse(at, radius_px, radius_px)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if shape in ("cross", "ring"):
        for pen in (QPen(QColor(PAPER), 5.5), QPen(color, 2.5)):
            painter.setPen(pen)
            painter.drawPath(path)
        return
    painter.setPen(QPen(QColor(PAPER), 3.0))
    painter.drawPath(path)
    painter.setPen(QPen(QColor(PAPER), 1.0))
    painter.setBrush(color)
    painter.drawPath(path)


def shape_pixmap(shape: Shape, color: str, size_px: int, ratio: float) -> QPixmap:
    """Return the sign of a quality as a small picture."""
    pixmap = QPixmap(math.ceil(size_px * ratio), math.ceil(size_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = size_px / 2
    paint_shape(painter, shape, QPointF(middle, middle), middle * 0.75, QColor(color))
    painter.end()
    return pixmap


def _paint_cross(painter: QPainter, at: QPointF) -> None:
    """Paint the mean: thin, as it lies in the middle of the sign."""
    for pen in (QPen(QColor(PAPER), 4.0), QPen(QColor(ACCENT), 1.5)):
        painter.setPen(pen)
        painter.drawLine(at - QPointF(_CROSS_PX, 0), at + QPointF(_CROSS_PX, 0))
        painter.drawLine(at - QPointF(0, _CROSS_PX), at + QPointF(0, _CROSS_PX))


def _px(frame: MapFrame, x: float, y: float) -> QPointF:
    place = frame.to_device(np.array([[x, y]]))
    return QPointF(float(place[0, 0]), float(place[0, 1]))
