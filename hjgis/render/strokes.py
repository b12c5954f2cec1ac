"""Lines with casings, dashes and letters; areas with holes and hatches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, cast

import numpy as np
import shapely
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import (
    QBrush,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPolygonF,
    QTransform,
)

from hjgis.models.styles.style import FillSymbol, LineSymbol
from hjgis.progress import Progress
from hjgis.render.fonts import outline, tidied
from hjgis.render.frame import FINE_DPI, MapFrame
from hjgis.render.symbols import brush, no_brush, no_pen, solid_pen

Coords = NDArray[np.float64]

# Thinner strokes turn into grey haze on a screen and vanish on a printer.
_HAIRLINE_PX: Final = 0.6
_HAIRLINE_MM: Final = 0.05
_CASED_PX: Final = 1.0
_EDGE_PX: Final = 0.35
_LETTER_HALO_MM: Final = 0.35
_ROOM_FOR_LETTERS: Final = 3.0
_READABLE_LETTER_PX: Final = 4.6
_READABLE_LETTER_MM: Final = 1.0
# Of a halo nobody sees whether its edge is exact.
_COARSE: Final = 0.15
_QUARTER: Final = 2
_UNSEEN_MM: Final = 0.01
_UNSEEN_PX: Final = 1.0
_BYTES_OF_POINT: Final = 16
_SEGMENTS_AT_ONCE: Final = 4000
# Round this far outside of a picture nothing of a stroke is seen.
_BEYOND_PX: Final = 64.0


def polygon(points: Coords) -> QPolygonF:
    """Copy an array of shape (n, 2) into Qt's own points, in one go."""
    result = QPolygonF()
    result.resize(len(points))
    # The stub of VoidPtr knows neither its arguments nor that it is a buffer.
    view = cast("Callable[..., memoryview]", shiboken6.VoidPtr)
    memory = view(result.data(), len(points) * _BYTES_OF_POINT, True)
    np.frombuffer(memory, dtype=np.float64)[:] = points.ravel()
    return result


def segments(lines: Sequence[Coords]) -> Coords:
    """Return the segments of lines, shape (n, 4): x and y of both ends."""
    pairs = [np.concatenate([line[:-1], line[1:]], axis=1) for line in lines]
    return np.concatenate([np.empty((0, 4)), *pairs])


def draw_segments(painter: QPainter, ends: Coords, progress: Progress) -> None:
    """Draw segments with the painter's pen, a few thousand in a call.

    Qt holds Python's lock for as long as a call lasts; the window must not wait for one.
    """
    for start in range(0, len(ends), _SEGMENTS_AT_ONCE):
        progress.check()
        some = np.ascontiguousarray(ends[start : start + _SEGMENTS_AT_ONCE])
        # Qt reads the array where it lies; the name keeps it there during the call.
        first = cast("QLineF", shiboken6.wrapInstance(some.ctypes.data, QLineF))
        painter.drawLines(first, len(some))


def line_pen(symbol: LineSymbol, frame: MapFrame, factor: float) -> QPen:
    """Return the pen of a line itself."""
    width_px = _line_px(symbol, frame, factor)
    return dashed(solid_pen(symbol.color, width_px), symbol.dash_mm, frame, factor)


def casing_pen(symbol: LineSymbol, frame: MapFrame, factor: float) -> QPen | None:
    """Return the pen of the casing under a line, or None if it has none."""
    if symbol.casing is None or symbol.casing_mm <= 0:
        return None
    line_px = _line_px(symbol, frame, factor)
    edge_px = max(symbol.casing_mm * factor, _HAIRLINE_MM) * frame.px(1.0)
    pen = solid_pen(symbol.casing, line_px + 2 * max(edge_px, _EDGE_PX))
    if symbol.dash_mm:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def halo_pens(width_mm: float, frame: MapFrame) -> tuple[QPen, QPen]:
    """Return the pens of the double halo of a selected line: dark outside, white inside."""
    return (
        solid_pen("#1f2933", frame.px(width_mm + 1.7)),
        solid_pen("#ffffff", frame.px(width_mm + 0.9)),
    )


def dashed(pen: QPen, dash_mm: Sequence[float], frame: MapFrame, factor: float = 1.0) -> QPen:
    """Give a pen a dash pattern; Qt wants it in widths of the pen."""
    if dash_mm and pen.style() != Qt.PenStyle.NoPen:
        unit = frame.px(1.0) * max(factor, 0.6) / max(pen.widthF(), 1e-6)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([length * unit for length in dash_mm])
    return pen


def _line_px(symbol: LineSymbol, frame: MapFrame, factor: float) -> float:
    # Between two dark edges a pale line needs a whole pixel to be seen at all.
    least_px = _CASED_PX if symbol.casing and symbol.casing_mm else 0.0
    width_px = max(_stroke_px(symbol.width_mm * factor, frame), least_px)
    return max(width_px, symbol.ground_m / frame.m_per_px)


def _stroke_px(width_mm: float, frame: MapFrame) -> float:
    return max(frame.px(max(width_mm, _HAIRLINE_MM)), _HAIRLINE_PX)


def writes_letters(symbol: LineSymbol, frame: MapFrame, factor: float) -> bool:
    """Whether a line kind has letters that can be read at this scale."""
    size_px = frame.px(symbol.letter_mm * factor)
    least_px = max(_READABLE_LETTER_PX, frame.px(_READABLE_LETTER_MM))
    return bool(symbol.letters) and size_px >= least_px


def paint_letters(
    painter: QPainter, line: Coords, symbol: LineSymbol, frame: MapFrame, factor: float
) -> None:
    """Write the letters of a line kind into a line (device pixels), upright and along it."""
    if not writes_letters(symbol, frame, factor):
        return
    text = _letters(symbol.letters, frame.px(symbol.letter_mm * factor))
    room_px = text.boundingRect().width() * _ROOM_FOR_LETTERS
    # Cyan and green are read by their casing's darker tone.
    ink = symbol.casing or symbol.color
    halo = frame.px(_LETTER_HALO_MM) * 2
    layers = [(solid_pen("#ffffff", halo), no_brush()), (_fine_pen(ink, frame), brush(ink))]
    painter.save()
    for x, y, angle_deg in along(line, frame.px(symbol.letter_gap_mm), room_px):
        painter.translate(x, y)
        painter.rotate(angle_deg)
        for pen, fill in layers:
            painter.setPen(pen)
            painter.setBrush(fill)
            painter.drawPath(text)
        painter.rotate(-angle_deg)
        painter.translate(-x, -y)
    painter.restore()


@lru_cache(maxsize=64)
def _letters(text: str, size_px: float) -> QPainterPath:
    return tidied(outline(text, size_px, bold=True))


def _fine_pen(ink: str, frame: MapFrame) -> QPen:
    """Return a pen that is not seen beside an area of its colour.

    Areas without a pen Qt writes into a PDF with all their points moved and turned; with one it
    writes the same numbers wherever the area stands, which pack into a tenth.
    """
    return solid_pen(ink, frame.px(_UNSEEN_MM)) if frame.dpi >= FINE_DPI else no_pen()


def packable(path: QPainterPath, pen: QPen, fill: QBrush) -> tuple[QPainterPath, QPen, QBrush]:
    """Return what draws the same with short numbers that are the same at every place."""
    if pen.style() == Qt.PenStyle.NoPen and fill.style() != Qt.BrushStyle.NoBrush:
        pen = QPen(fill.color(), _UNSEEN_PX)
    return tidied(path), pen, fill


def grown(path: QPainterPath, by_px: float) -> list[Coords]:
    """Return the outer rings of what lies within a distance of a path, without needless corners."""
    outlines = [
        [(point.x(), point.y()) for point in ring.toList()]
        for ring in path.toSubpathPolygons(QTransform())
    ]
    lines = [shapely.LineString(ring) for ring in outlines if len(ring) > 1]
    if not lines:
        return []
    around = shapely.union_all(shapely.buffer(lines, by_px, quad_segs=_QUARTER))
    rings = shapely.get_exterior_ring(shapely.get_parts(around))
    coarse = shapely.simplify(rings, by_px * _COARSE)
    return [shapely.get_coordinates(ring) for ring in coarse]


def along(line: Coords, gap_px: float, least_px: float) -> Iterator[tuple[float, float, float]]:
    """Yield evenly spread places on a line: x, y and the angle of upright text there.

    Parameters
    ----------
    line : array, shape (n, 2)
        Device pixels.
    gap_px : float
        Wanted distance between places; a shorter line has one place, in its middle.
    least_px : float
        A line or a segment shorter than this has none; nor has a line to infinity.
    """
    steps = np.hypot(*np.diff(line, axis=0).T)
    length_px = float(steps.sum())
    if not least_px <= length_px < math.inf:
        return
    ends = np.cumsum(steps)
    count = max(1, round(length_px / gap_px))
    for at in (np.arange(count) + 0.5) * length_px / count:
        i = min(int(np.searchsorted(ends, at)), len(steps) - 1)
        if steps[i] >= least_px:
            share = 1 - (ends[i] - at) / steps[i]
            x, y = line[i] + share * (line[i + 1] - line[i])
            yield float(x), float(y), upright_deg(line[i], line[i + 1])


def upright_deg(start: Sequence[float] | Coords, end: Sequence[float] | Coords) -> float:
    """Return the angle of text along start to end that is not upside down, clockwise degrees."""
    angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
    return angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle


def area_path(rings: Sequence[Coords]) -> QPainterPath:
    """Return rings as one area; a ring inside another is a hole."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in rings:
        path.addPolygon(polygon(ring))
        path.closeSubpath()
    return path


def line_path(line: Coords) -> QPainterPath:
    """Return a line as a path."""
    path = QPainterPath()
    path.addPolygon(polygon(line))
    return path


def stroke_exactly(painter: QPainter, path: QPainterPath, pen: QPen) -> None:
    """Stroke a path with dashes counted from its start, wherever it leaves the picture."""
    painter.fillPath(QPainterPathStroker(pen).createStroke(path), pen.brush())


def stroke_seen(
    painter: QPainter, line: Coords, pen: QPen, width_px: float, height_px: float
) -> None:
    """Stroke with dashes what of a very long line lies in a picture of this size.

    Its segments are cut (Liang and Barsky 1984), and each piece knows how far from the line's
    start it begins: dashes stay where they are, whatever is seen of the line.
    """
    moves = np.diff(line, axis=0)
    steps = np.hypot(moves[:, 0], moves[:, 1])
    before = np.concatenate([[0.0], np.cumsum(steps)])
    first, last = np.zeros(len(steps)), np.ones(len(steps))
    sides = ((0, -_BEYOND_PX, width_px + _BEYOND_PX), (1, -_BEYOND_PX, height_px + _BEYOND_PX))
    for axis, low, high in sides:
        start, move = line[:-1, axis], moves[:, axis]
        still = move == 0
        last[still & ((start < low) | (start > high))] = -1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            enter, leave = (low - start) / move, (high - start) / move
        first = np.where(still, first, np.maximum(first, np.minimum(enter, leave)))
        last = np.where(still, last, np.minimum(last, np.maximum(enter, leave)))
    period = sum(pen.dashPattern())
    piece = QPen(pen)
    for i in np.flatnonzero(first < last).tolist():
        ends = line[i] + np.array([[first[i]], [last[i]]]) * moves[i]
        along = (before[i] + first[i] * steps[i]) / pen.widthF()
        piece.setDashOffset(float(along % period))
        stroke_exactly(painter, line_path(ends), piece)


def outline_pen(symbol: FillSymbol, frame: MapFrame, factor: float) -> QPen:
    """Return the pen of an area's outline."""
    if symbol.outline is None or symbol.outline_mm <= 0:
        return no_pen()
    pen = solid_pen(symbol.outline, _stroke_px(symbol.outline_mm * factor, frame))
    return dashed(pen, symbol.dash_mm, frame, factor)


def paint_area(
    painter: QPainter, rings: Sequence[Coords], symbol: FillSymbol, frame: MapFrame, factor: float
) -> None:
    """Paint one area given as rings in device pixels."""
    path, pen = area_path(rings), outline_pen(symbol, frame, factor)
    if symbol.hatch == "none":
        painter.setPen(pen)
        painter.setBrush(brush(symbol.fill))
        painter.drawPath(path)
        return
    painter.fillPath(path, brush(symbol.fill))
    paint_hatch(painter, rings, symbol, frame)
    painter.strokePath(path, pen)


def paint_hatch(
    painter: QPainter, rings: Sequence[Coords], symbol: FillSymbol, frame: MapFrame
) -> None:
    """Rule an area with slanting lines that keep their place on the map.

    The lines themselves are cut at the area: SVG and PDF readers differ in clipping by paths.
    """
    gap_px = frame.px(symbol.hatch_mm)
    lines = [
        line
        for slope in ((1, -1) if symbol.hatch == "cross" else (1,))
        for line in _slanting_lines(np.concatenate(rings), gap_px, slope, frame)
    ]
    if not lines:
        return
    # One by one: as one geometry they would also be cut wherever they cross one another.
    inside = shapely.get_parts(shapely.intersection(shapely.linestrings(lines), _area(rings)))
    painter.setPen(solid_pen(symbol.hatch_color, _stroke_px(0.1, frame)))
    for piece in inside:
        points = shapely.get_coordinates(piece)
        if len(points) == 2:
            painter.drawLine(QLineF(*points.ravel().tolist()))


def _area(rings: Sequence[Coords]) -> shapely.Geometry:
    """Return what even-odd filling of the rings covers."""
    result: shapely.Geometry = shapely.Polygon()
    for ring in rings:
        if len(ring) > 3:
            area = shapely.make_valid(shapely.Polygon(ring))
            result = shapely.symmetric_difference(result, area)
    return result


def _slanting_lines(
    points: Coords, gap_px: float, slope: int, frame: MapFrame
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield lines x + slope * y = const over the points, counted from the map's origin."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    origin_x, origin_y = frame.to_device(np.zeros((1, 2)))[0]
    base = origin_x + slope * origin_y
    low = min(x0 + slope * y0, x0 + slope * y1)
    high = max(x1 + slope * y0, x1 + slope * y1)
    first = base + math.ceil((low - base) / gap_px) * gap_px
    for k in np.arange(first, high, gap_px).tolist():
        yield (k - slope * y0, y0), (k - slope * y1, y1)
