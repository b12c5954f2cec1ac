"""What lies above the map's picture: previews, hover, snap marker, north arrow, scale bar."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import N_, _
from hjgis.layers.snapping import Snap, SnapKind
from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame
from hjgis.render.instruments import paint_north_arrow, paint_scale_bar
from hjgis.render.strokes import polygon
from hjgis.ui.theme import ACCENT, DANGER, INK, PAPER

_POINT_RADIUS_PX = 6.0
_BREAK_PX: Final = 9.0
_SNAP_RADIUS_PX = 6.0
_SNAP_WORDS: Final[dict[SnapKind, str]] = {
    "node": N_("Node"),
    "end": N_("End"),
    "vertex": N_("Vertex"),
    "intersection": N_("Crossing"),
    "midpoint": N_("Midpoint"),
    "perpendicular": N_("Square to it"),
    "edge": N_("On the line"),
}
# More would cover each other.
_MOST_HANDLES: Final = 2000
_TEXT_GAP_PX = 14.0
_EDGE_PX = 12
_ARROW, _BAR = QSize(32, 52), QSize(200, 32)


def paint_shapes(
    painter: QPainter, frame: MapFrame, shapes: Iterable[BaseGeometry], *, color: str = ACCENT
) -> None:
    """Paint geometries as bright outlines on a white halo."""
    held = np.array([*shapes], dtype=object)
    dimensions = shapely.get_dimensions(held)
    points = frame.to_device(shapely.get_coordinates(held[dimensions == 0]))
    lines = [_outline(frame, shape) for shape in held[dimensions == 1]]
    areas = [_outline(frame, shape) for shape in held[dimensions == 2]]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (_pen(PAPER, 4.5), _pen(color, 2.0)):
        painter.setPen(pen)
        # One by one: a path of five hundred of them takes a tenth of a second.
        for path in (*lines, *areas):
            painter.drawPath(path)
        for x, y in points.tolist():
            painter.drawEllipse(QPointF(x, y), _POINT_RADIUS_PX, _POINT_RADIUS_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    inside = QColor(color)
    inside.setAlpha(28)
    for path in areas:
        painter.fillPath(path, inside)


def paint_breaks(painter: QPainter, frame: MapFrame, places: NDArray[np.float64]) -> None:
    """Paint a crossed ring around each place where pipes that were followed break off."""
    if not len(places):
        return
    at = frame.to_device(places)
    far = np.array([frame.width_px, frame.height_px]) + _BREAK_PX
    at = at[((at > -_BREAK_PX) & (at < far)).all(axis=1)]
    # Of those that lie on one another one is painted: a town of loose ends has a hundred thousand.
    column, row = (at // (2 * _BREAK_PX)).astype(np.int64).T
    _cells, firsts = np.unique(row * int(far[0]) + column, return_index=True)
    path = QPainterPath()
    path.addEllipse(QPointF(0, 0), _BREAK_PX, _BREAK_PX)
    arm = _BREAK_PX / math.sqrt(2)
    for rise in (-arm, arm):
        path.moveTo(-arm, -rise)
        path.lineTo(arm, rise)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (_pen(PAPER, 5.0), _pen(DANGER, 2.5)):
        painter.setPen(pen)
        # One by one: a path of them all takes seconds.
        for x, y in at[firsts].tolist():
            painter.drawPath(path.translated(x, y))


def paint_box(painter: QPainter, frame: MapFrame, box: Extent) -> None:
    """Paint a rectangle being pulled open."""
    area = QColor(ACCENT)
    area.setAlpha(30)
    painter.setPen(QPen(QColor(ACCENT), 1.2, Qt.PenStyle.DashLine))
    painter.setBrush(area)
    painter.drawRect(_rect(frame, box))


def paint_snap(painter: QPainter, frame: MapFrame, snap: Snap, area: QRectF) -> None:
    """Paint the marker of a snap, and say beside it what was snapped to."""
    x, y = _px(frame, snap.x, snap.y)
    path = _snap_marker(snap.kind, x, y, _SNAP_RADIUS_PX)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (_pen(PAPER, 4.0), _pen(ACCENT, 2.0)):
        painter.setPen(pen)
        painter.drawPath(path)
    above = QPointF(x - _TEXT_GAP_PX / 2, y - 3 * _TEXT_GAP_PX)
    paint_text(painter, above, _(_SNAP_WORDS[snap.kind]), area)


def _snap_marker(kind: str, x: float, y: float, r: float) -> QPainterPath:
    """Return a square (node, end), triangle, cross, hourglass, corner or ring by the kind."""
    path = QPainterPath()
    if kind in ("node", "end"):
        path.addRect(QRectF(x - r, y - r, 2 * r, 2 * r))
        return path
    if kind == "midpoint":
        path.addEllipse(QPointF(x, y), r, r)
        return path
    lines = {
        "vertex": [(-r, r), (r, r), (0, -r), (-r, r)],
        "perpendicular": [(-r, -r), (-r, r), (r, r)],
        "edge": [(-r, -r), (r, -r), (-r, r), (r, r), (-r, -r)],
        "intersection": [(-r, -r), (r, r), (0, 0), (-r, r), (r, -r)],
    }[kind]
    path.addPolygon(polygon(np.array([(x + right, y + down) for right, down in lines])))
    return path


def paint_handles(
    painter: QPainter,
    frame: MapFrame,
    handles: Sequence[tuple[float, float]],
    chosen: Sequence[tuple[float, float]],
) -> None:
    """Paint vertices as small squares, filled where they are chosen."""
    painter.setPen(QPen(QColor(ACCENT), 1.2))
    for places, fill, r in ((handles, PAPER, 3.0), (chosen, ACCENT, 4.5)):
        if not len(places):
            continue
        painter.setBrush(QColor(fill))
        px = frame.to_device(np.array(places, np.float64))
        inside = ((px > -r) & (px < (frame.width_px + r, frame.height_px + r))).all(axis=1)
        for x, y in px[inside][:_MOST_HANDLES].tolist():
            painter.drawRect(QRectF(x - r, y - r, 2 * r, 2 * r))


def paint_text(painter: QPainter, at: QPointF, text: str, area: QRectF) -> None:
    """Write a short text beside the mouse, on a plate, kept inside the window."""
    box = painter.fontMetrics().boundingRect(text)
    plate = QRectF(0, 0, box.width() + 12, box.height() + 6)
    plate.moveTopLeft(at + QPointF(_TEXT_GAP_PX, _TEXT_GAP_PX))
    if plate.right() > area.right():
        plate.moveRight(at.x() - _TEXT_GAP_PX)
    if plate.bottom() > area.bottom():
        plate.moveBottom(at.y() - _TEXT_GAP_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(INK))
    painter.drawRoundedRect(plate, 3, 3)
    painter.setPen(QColor(PAPER))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


class Instruments:
    """North arrow (upper right) and scale bar (lower right); painted anew when the scale changes.

    While the map is dragged they are copied: thirty calls of a painter less in each paint event.
    """

    def __init__(self) -> None:
        self._key: tuple[float, float, float] | None = None
        self._arrow, self._bar = QImage(), QImage()

    def paint(self, painter: QPainter, frame: MapFrame) -> None:
        """Paint both, in window pixels."""
        ratio = painter.device().devicePixelRatioF()
        key = (frame.m_per_px, frame.dpi, ratio)
        if key != self._key:
            self._key = key
            self._bar = _plate(_BAR, ratio, partial(_paint_bar, frame))
            if self._arrow.isNull() or self._arrow.devicePixelRatioF() != ratio:
                self._arrow = _plate(_ARROW, ratio, _paint_arrow)
        right, bottom = frame.width_px - _EDGE_PX, frame.height_px - 10
        painter.drawImage(QPointF(right - _ARROW.width(), _EDGE_PX), self._arrow)
        painter.drawImage(QPointF(right - _BAR.width(), bottom - _BAR.height()), self._bar)


def _plate(size: QSize, ratio: float, paint: Callable[[QPainter, QRectF], object]) -> QImage:
    """Return a light plate with something on it."""
    device = (math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
    image = QImage(*device, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    plate, box = QColor(PAPER), QRectF(QPointF(0, 0), size)
    plate.setAlpha(205)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate)
    painter.drawRoundedRect(box, 4, 4)
    paint(painter, box)
    painter.end()
    return image


def _paint_arrow(painter: QPainter, box: QRectF) -> None:
    paint_north_arrow(painter, box.adjusted(4, 4, -4, -4))


def _paint_bar(frame: MapFrame, painter: QPainter, box: QRectF) -> None:
    inner = box.adjusted(4, 2, -4, -7)
    paint_scale_bar(painter, inner, m_per_px=frame.m_per_px, dpi=frame.dpi, text_mm=2.6)


def paint_notice(painter: QPainter, area: QRectF, text: str) -> None:
    """Write what to do next into the middle of an empty map."""
    painter.setPen(QColor("#5b6670"))
    box = area.adjusted(40, 40, -40, -40)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)


def _pen(color: str, width_px: float) -> QPen:
    pen = QPen(QColor(color), width_px)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _px(frame: MapFrame, x: float, y: float) -> tuple[float, float]:
    place = frame.to_device(np.array([[x, y]]))
    return float(place[0, 0]), float(place[0, 1])


def _rect(frame: MapFrame, box: Extent) -> QRectF:
    (left, bottom), (right, top) = _px(frame, box[0], box[1]), _px(frame, box[2], box[3])
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def _outline(frame: MapFrame, shape: BaseGeometry) -> QPainterPath:
    path = QPainterPath()
    for line in _lines(shape):
        path.addPolygon(polygon(frame.to_device(line)))
    return path


def _lines(shape: BaseGeometry) -> Iterator[NDArray[np.float64]]:
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon):
            yield from (shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors))
        else:
            yield shapely.get_coordinates(part)
