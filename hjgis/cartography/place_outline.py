"""What a sheet of a series is about, marked on its map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from hjgis.cartography.composition import Composition
from hjgis.cartography.page import Page
from hjgis.render.frame import MapFrame
from hjgis.render.symbols import color, no_brush

_INK: Final = "#c2185b"
_WIDTH_MM: Final = 0.6
_RING_MM: Final = 4.0
# Of a line: wide and pale, so that the line itself is still seen.
_PALE: Final = "#c2185b60"
_PALE_MM: Final = 2.2


def paint_outline(page: Page, composition: Composition) -> None:
    """Paint the outline of the sheet's place over the map; nothing if it has none."""
    shape = composition.place.outline
    if shape is None or shapely.is_empty(shape):
        return
    area, frame = page.rect(composition.sheet.map_mm), composition.frame(page.px_per_mm)
    painter = page.painter
    painter.save()
    try:
        painter.setClipRect(QRectF(area), Qt.ClipOperation.IntersectClip)
        painter.translate(area.topLeft())
        painter.setBrush(no_brush())
        _paint(painter, frame, shape, page.px_per_mm * composition.sheet.furniture)
    finally:
        painter.restore()


def _paint(painter: QPainter, frame: MapFrame, shape: shapely.Geometry, unit: float) -> None:
    dimension = int(shapely.get_dimensions(shape))
    wide = dimension == 1
    painter.setPen(QPen(color(_PALE if wide else _INK), (_PALE_MM if wide else _WIDTH_MM) * unit))
    if dimension == 0:
        for x, y in frame.to_device(shapely.get_coordinates(shape)).tolist():
            painter.drawEllipse(QPointF(x, y), _RING_MM * unit, _RING_MM * unit)
        return
    for coords in _lines(shapely.boundary(shape) if dimension == 2 else shape):
        points = [QPointF(x, y) for x, y in frame.to_device(coords).tolist()]
        painter.drawPolyline(QPolygonF(points))


def _lines(shape: shapely.Geometry) -> Iterator[NDArray[np.float64]]:
    for part in shapely.get_parts(shape):
        yield shapely.get_coordinates(part)
