"""Point symbols as paths: the same paths make the screen's sprites and the paper's vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from hjgis.models.styles.style import MarkerSymbol
from hjgis.render.fonts import outline

# Smaller than this a letter is a smudge: the symbol's shape and colour must do.
_READABLE_LATIN_PX: Final = 5.5
_READABLE_CHINESE_PX: Final = 7.5
_READABLE_DETAIL_PX: Final = 6.5
_READABLE_DETAIL_MM: Final = 1.7
_READABLE_MM: Final = 0.8
_HALO_DARK: Final = "#1f2933"
_HALO_LIGHT: Final = "#ffffff"


@dataclass(frozen=True, slots=True)
class Stroke:
    """One path to be drawn around (0, 0), in device pixels."""

    path: QPainterPath
    pen: QPen
    brush: QBrush


def color(text: str) -> QColor:
    """Return the colour of ``#rrggbb`` or ``#rrggbbaa``."""
    result = QColor(text[:7])
    if len(text) == 9:
        result.setAlpha(int(text[7:], 16))
    return result


def no_pen() -> QPen:
    """Return the pen that draws nothing."""
    return QPen(Qt.PenStyle.NoPen)


def no_brush() -> QBrush:
    """Return the brush that fills nothing."""
    return QBrush(Qt.BrushStyle.NoBrush)


def solid_pen(text: str | None, width_px: float) -> QPen:
    """Return a round-jointed pen, or none for None or no width."""
    if text is None or width_px <= 0:
        return no_pen()
    pen = QPen(color(text), width_px)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def brush(text: str | None) -> QBrush:
    """Return a plain brush, or none for None."""
    return QBrush(color(text)) if text else no_brush()


def marker_strokes(symbol: MarkerSymbol, px_per_mm: float, factor: float) -> tuple[Stroke, ...]:
    """Return what draws a point symbol around (0, 0), in device pixels.

    Parameters
    ----------
    px_per_mm : float
        Pixels a millimetre of the medium.
    factor : float
        Size factor of the scale.
    """
    size_px = symbol.size_mm * factor * px_per_mm
    stroke_px = min(symbol.stroke_mm * px_per_mm, size_px / 4) if symbol.stroke else 0.0
    inner_px = size_px - stroke_px
    pen, fill = solid_pen(symbol.stroke, stroke_px), brush(symbol.fill)
    path = _SHAPES[symbol.shape](inner_px / 2)
    strokes = [Stroke(path, pen, fill)]
    if symbol.shape in _DETAILS and size_px >= max(
        _READABLE_DETAIL_PX, px_per_mm * _READABLE_DETAIL_MM
    ):
        if symbol.shape in _PICTURES:
            pen = solid_pen(symbol.glyph_color, size_px * 0.075)
        strokes.append(Stroke(_DETAILS[symbol.shape](inner_px / 2), pen, no_brush()))
    return (*strokes, *_glyph(symbol, size_px, px_per_mm))


def dots(symbol: MarkerSymbol, px_per_mm: float, factor: float) -> tuple[QPen, ...]:
    """Return the round pens whose dots, one on the other, look like a symbol; none if it is more.

    That is a plain disc, with or without an edge; see `marker_strokes` for the parameters.
    """
    colors = [text for text in (symbol.stroke, symbol.fill) if text]
    if symbol.shape != "circle" or not symbol.fill or any(color(c).alpha() < 255 for c in colors):
        return ()
    if len(marker_strokes(symbol, px_per_mm, factor)) > 1:
        return ()
    size_px = symbol.size_mm * factor * px_per_mm
    stroke_px = min(symbol.stroke_mm * px_per_mm, size_px / 4) if symbol.stroke else 0.0
    inner = solid_pen(symbol.fill, size_px - 2 * stroke_px)
    return (solid_pen(symbol.stroke, size_px), inner) if stroke_px > 0 else (inner,)


def _glyph(symbol: MarkerSymbol, size_px: float, px_per_mm: float) -> tuple[Stroke, ...]:
    if not symbol.glyph:
        return ()
    room_px = size_px * _GLYPH_ROOM.get(symbol.shape, 0.62)
    glyph_px = room_px if len(symbol.glyph) == 1 else room_px * 0.75
    readable = _READABLE_LATIN_PX if symbol.glyph.isascii() else _READABLE_CHINESE_PX
    if glyph_px < max(readable, px_per_mm * _READABLE_MM):
        return ()
    return (Stroke(outline(symbol.glyph, glyph_px), no_pen(), brush(symbol.glyph_color)),)


def halo_strokes(symbol: MarkerSymbol, px_per_mm: float, factor: float) -> tuple[Stroke, ...]:
    """Return the double halo of a selected point symbol: dark outside, white inside."""
    radius_px = symbol.size_mm * factor * px_per_mm / 2
    gap_px, ring_px = 0.6 * px_per_mm, 0.5 * px_per_mm
    dark, light = _disc(radius_px + gap_px + ring_px), _disc(radius_px + gap_px)
    return (
        Stroke(dark, no_pen(), brush(_HALO_DARK)),
        Stroke(light, no_pen(), brush(_HALO_LIGHT)),
    )


def paint_strokes(painter: QPainter, strokes: tuple[Stroke, ...], x: float, y: float) -> None:
    """Draw a point symbol as vectors with its middle at (x, y)."""
    painter.translate(x, y)
    for stroke in strokes:
        painter.setPen(stroke.pen)
        painter.setBrush(stroke.brush)
        painter.drawPath(stroke.path)
    painter.translate(-x, -y)


def sprite(symbol: MarkerSymbol, px_per_mm: float, factor: float) -> QImage:
    """Return the symbol as a picture, its middle in the middle; made once for each size."""
    return _sprite(symbol, round(px_per_mm, 4), round(factor, 3))


@lru_cache(maxsize=256)
def _sprite(symbol: MarkerSymbol, px_per_mm: float, factor: float) -> QImage:
    strokes = marker_strokes(symbol, px_per_mm, factor)
    # Odd, so that the middle of the symbol is the middle of a pixel.
    side = math.ceil(symbol.size_mm * factor * px_per_mm) // 2 * 2 + 5
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_strokes(painter, strokes, side / 2, side / 2)
    painter.end()
    return image


def _disc(r: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(0, 0), r, r)
    return path


def _polygon(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _square(r: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(-r, -r, 2 * r, 2 * r), r * 0.22, r * 0.22)
    return path


def _diamond(r: float) -> QPainterPath:
    return _polygon((0, -r), (r, 0), (0, r), (-r, 0))


def _triangle(r: float) -> QPainterPath:
    return _polygon((0, -r), (r, r * 0.8), (-r, r * 0.8))


def _hexagon(r: float) -> QPainterPath:
    corners = [math.radians(60 * i) for i in range(6)]
    return _polygon(*((r * math.cos(a), r * math.sin(a)) for a in corners))


def _cross(r: float) -> QPainterPath:
    path = QPainterPath()
    for x, y in ((r, 0.0), (0.0, r)):
        path.moveTo(-x, -y)
        path.lineTo(x, y)
    return path


def _grate(r: float) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(-r, -r * 0.6, 2 * r, r * 1.2))
    return path


def _grate_bars(r: float) -> QPainterPath:
    path = QPainterPath()
    for x in (-0.5, 0.0, 0.5):
        path.moveTo(x * r, -r * 0.6)
        path.lineTo(x * r, r * 0.6)
    return path


def _lamp(r: float) -> QPainterPath:
    return _disc(r * 0.5)


def _lamp_rays(r: float) -> QPainterPath:
    path = QPainterPath()
    for i in range(8):
        x, y = math.cos(math.pi / 4 * i), math.sin(math.pi / 4 * i)
        path.moveTo(x * r * 0.68, y * r * 0.68)
        path.lineTo(x * r, y * r)
    return path


def _bicycle(r: float) -> QPainterPath:
    path = QPainterPath()
    for x in (-0.45, 0.45):
        path.addEllipse(QPointF(x * r, 0.25 * r), 0.3 * r, 0.3 * r)
    for frame in (
        ((-0.45, 0.25), (-0.2, -0.25), (-0.02, 0.25), (-0.45, 0.25)),
        ((-0.2, -0.25), (0.3, -0.25), (-0.02, 0.25)),
        ((0.45, 0.25), (0.26, -0.5), (0.48, -0.5)),
        ((-0.32, -0.45), (-0.2, -0.25)),
    ):
        path.addPolygon(QPolygonF([QPointF(x * r, y * r) for x, y in frame]))
    return path


_SHAPES: Final[Mapping[str, Callable[[float], QPainterPath]]] = {
    "circle": _disc,
    "square": _square,
    "diamond": _diamond,
    "triangle": _triangle,
    "hexagon": _hexagon,
    "cross": _cross,
    "grate": _grate,
    "lamp": _lamp,
    "bicycle": _square,
}
_DETAILS: Final[Mapping[str, Callable[[float], QPainterPath]]] = {
    "grate": _grate_bars,
    "lamp": _lamp_rays,
    "bicycle": _bicycle,
}
# Shapes whose detail is a light picture on the filled shape, not part of the outline.
_PICTURES: Final = frozenset({"bicycle"})
_GLYPH_ROOM: Final[Mapping[str, float]] = {"square": 0.72, "triangle": 0.5, "diamond": 0.5}
