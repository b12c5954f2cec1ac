"""What a symbol looks like, for legends on paper and in the layer panel."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol, Symbol
from hjgis.render.frame import SCREEN_DPI, MapFrame
from hjgis.render.strokes import casing_pen, line_pen, paint_area, paint_letters, polygon
from hjgis.render.symbols import marker_strokes, no_brush, paint_strokes

# A marker that is a dot on the map is shown large enough to know it.
_LEAST_MARKER_MM: Final = 2.2
_MOST_MARKER_MM: Final = 4.0
_WIDEST_LINE_MM: Final = 1.8
_AREA_MARGIN_MM: Final = 0.7


def sample_image(
    symbol: Symbol, *, width_px: int, height_px: int, dpi: float = SCREEN_DPI
) -> QImage:
    """Return a picture of a symbol on nothing, for a list of layers."""
    image = QImage(width_px, height_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    frame = MapFrame.at_scale((0.0, 0.0), 1000, width_px=width_px, height_px=height_px, dpi=dpi)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_sample(painter, QRectF(0, 0, width_px, height_px), symbol, frame=frame)
    painter.end()
    return image


def paint_sample(
    painter: QPainter,
    area: QRectF,
    symbol: Symbol,
    *,
    frame: MapFrame,
    factor: float = 1.0,
    true_size: bool = False,
) -> None:
    """Paint what a symbol looks like into a rectangle of the device.

    Parameters
    ----------
    area : QRectF
        Device pixels; markers stand in its middle, lines cross it, areas fill it.
    frame : MapFrame
        Its dpi gives the sizes.
    factor : float
        Size factor of the map's scale.
    true_size : bool
        Whether a marker is as large as on the map, for signs whose size says something.
    """
    if isinstance(symbol, MarkerSymbol):
        size_mm = symbol.size_mm * factor
        if not true_size:
            size_mm = min(max(size_mm, _LEAST_MARKER_MM), _MOST_MARKER_MM)
        strokes = marker_strokes(symbol, frame.px(1.0), size_mm / symbol.size_mm)
        paint_strokes(painter, strokes, area.center().x(), area.center().y())
    elif isinstance(symbol, LineSymbol):
        _paint_line(painter, area, symbol, frame, factor)
    else:
        _paint_fill(painter, area, symbol, frame, factor)


def _paint_line(
    painter: QPainter, area: QRectF, symbol: LineSymbol, frame: MapFrame, factor: float
) -> None:
    # Streets as wide as on the ground would fill the legend.
    width_mm = min(symbol.width_mm, _WIDEST_LINE_MM / factor)
    shown = replace(symbol, ground_m=0.0, width_mm=width_mm)
    y = area.center().y()
    line = np.array([[area.left(), y], [area.right(), y]])
    painter.setBrush(no_brush())
    for pen in (casing_pen(shown, frame, factor), line_pen(shown, frame, factor)):
        if pen is not None:
            painter.setPen(pen)
            painter.drawPolyline(polygon(line))
    paint_letters(painter, line, shown, frame, factor)


def _paint_fill(
    painter: QPainter, area: QRectF, symbol: FillSymbol, frame: MapFrame, factor: float
) -> None:
    margin = frame.px(_AREA_MARGIN_MM)
    box = area.adjusted(0.5, margin, -0.5, -margin)
    left, right, top, bottom = box.left(), box.right(), box.top(), box.bottom()
    ring = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    paint_area(painter, [ring], symbol, frame, factor)
