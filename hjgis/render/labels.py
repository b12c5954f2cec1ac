"""Labels without collision: candidates by priority, first come first placed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF, QPainter

from hjgis.models.changes import Extent
from hjgis.models.styles.style import MarkerSymbol
from hjgis.progress import SILENT, Progress
from hjgis.render.culling import in_view
from hjgis.render.features import LayerPaint
from hjgis.render.fonts import map_font, metrics
from hjgis.render.frame import MapFrame
from hjgis.render.placement import (
    Candidate,
    LevelCandidates,
    Place,
    candidates,
    label_style,
    stack_units,
)
from hjgis.render.writing import TextSheet, VectorPen, Writer

Coords = NDArray[np.float64]

# A label is kept clear of others by cells of this size, and by one of them to its right: numbers
# that touch are read as one.
_CELL_MM: Final = 0.5
_CLEAR: Final = 2

# First row, row after the last, first column, column after the last.
_Cells = tuple[int, int, int, int]


class _Occupied:
    """What part of the frame is written on already, in cells.

    The cells keep their places on the map, so that a small move of the frame does not make labels
    jump.
    """

    def __init__(self, frame: MapFrame) -> None:
        self._cell = frame.px(_CELL_MM)
        self._shift_x = (frame.center_x / frame.m_per_px - frame.width_px / 2) % self._cell
        self._shift_y = (-frame.center_y / frame.m_per_px - frame.height_px / 2) % self._cell
        rows = int((frame.height_px + self._shift_y) / self._cell) + 2
        columns = int((frame.width_px + self._shift_x) / self._cell) + 2
        self._taken = np.zeros((rows, columns), bool)
        self._symbols = np.zeros((rows, columns), bool)
        self._size = (frame.width_px, frame.height_px)

    def add_symbols(self, points: Coords, reach_px: float) -> None:
        """Remember where point symbols stand: labels stay off them if they can."""
        reach = int(reach_px / self._cell)
        columns = self._numbers(points[:, 0], self._shift_x)
        rows = self._numbers(points[:, 1], self._shift_y)
        height, width = self._symbols.shape
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                y, x = rows + down, columns + right
                inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
                self._symbols[y[inside], x[inside]] = True

    def take_level(
        self, level: LevelCandidates, repeats: _Repeats
    ) -> Iterator[tuple[int, float, float]]:
        """Take places for level labels; yield number, x and y of those that found one."""
        cells, inside = self._level_cells(level)
        usable = inside & ~_any_in(self._taken, cells, inside)
        # Those on a symbol come last, those that cannot be had not at all.
        rank = np.where(usable, _any_in(self._symbols, cells, inside), 2)
        order = np.argsort(rank, axis=1, kind="stable")
        top, bottom, left, right = cells
        rows = _SameHeight(self._taken, int((bottom - top).max()))
        sorted_sides = (
            np.take_along_axis(side, order, axis=1) for side in (top, left, right - left)
        )
        sides = [side.tolist() for side in sorted_sides]
        counts = usable.sum(axis=1)
        at = [side[:, 0].tolist() for side in (level.x, level.y)]
        for i in np.flatnonzero(counts).tolist():
            text = level.texts[i]
            if repeats.near(text, at[0][i], at[1][i]):
                continue
            found = rows.take(int(counts[i]), *(side[i] for side in sides))
            if found >= 0:
                k = order[i, found]
                x, y = float(level.x[i, k]), float(level.y[i, k])
                repeats.add(text, x, y)
                yield i, x, y

    def _level_cells(
        self, level: LevelCandidates
    ) -> tuple[tuple[NDArray[np.intp], ...], NDArray[np.bool_]]:
        """Return the cells of all places, and which of these lie wholly in the frame."""
        half_width, half_height = level.widths[:, None] / 2, level.height / 2
        left, right = level.x - half_width, level.x + half_width
        top, bottom = level.y - half_height, level.y + half_height
        width, height = self._size
        inside = (left >= 0) & (top >= 0) & (right <= width) & (bottom <= height)
        cells = (
            self._numbers(top, self._shift_y),
            self._numbers(bottom, self._shift_y) + 1,
            self._numbers(left, self._shift_x),
            self._numbers(right, self._shift_x) + _CLEAR,
        )
        return tuple(np.where(inside, side, 0) for side in cells), inside

    def _numbers(self, px: Coords, shift: float) -> NDArray[np.intp]:
        return np.floor((px + shift) / self._cell).astype(np.intp)

    def take(self, candidate: Candidate) -> Place | None:
        """Take the first free place wholly in the frame, off all symbols if there is one."""
        second: tuple[Place, list[_Cells]] | None = None
        for place in candidate.places:
            cells = self._cells(candidate, place)
            if cells is None or _meet(self._taken, cells):
                continue
            if not _meet(self._symbols, cells):
                self._keep(cells)
                return place
            second = second or (place, cells)
        if second is None:
            return None
        self._keep(second[1])
        return second[0]

    def _keep(self, cells: list[_Cells]) -> None:
        for top, bottom, left, right in cells:
            self._taken[top:bottom, left:right] = True

    def _cells(self, candidate: Candidate, place: Place) -> list[_Cells] | None:
        """Return the cells of a label; None if it is not wholly in the frame."""
        (width, height), cell = self._size, self._cell
        right_by, down_by = self._shift_x, self._shift_y
        cells = []
        for left, top, right, bottom in _boxes(candidate, place):
            if left < 0 or top < 0 or right > width or bottom > height:
                return None
            cells.append(
                (
                    int((top + down_by) / cell),
                    int((bottom + down_by) / cell) + 1,
                    int((left + right_by) / cell),
                    int((right + right_by) / cell) + _CLEAR,
                )
            )
        return cells


class _SameHeight:
    """Takes cells for labels of one height that do not meet each other.

    A row is one long number, a cell one of its bits, and each row holds also what is taken in
    the rows below it that a label would cover: to ask for a place is one operation.
    """

    def __init__(self, taken: NDArray[np.bool_], height: int) -> None:
        self._taken, self._height = taken, height
        self._met_from = [0] * len(taken)
        self._ones = [(1 << count) - 1 for count in range(taken.shape[1] + 1)]

    def take(self, many: int, top: Sequence[int], left: Sequence[int], count: Sequence[int]) -> int:
        """Take the first free one of so many places; -1 if there is none."""
        met_from, ones = self._met_from, self._ones
        for k in range(many):
            row, bits = top[k], ones[count[k]] << left[k]
            if not met_from[row] & bits:
                below = min(row + self._height, len(met_from))
                self._taken[row:below, left[k] : left[k] + count[k]] = True
                for above in range(max(row - self._height + 1, 0), below):
                    met_from[above] |= bits
                return k
        return -1


def _any_in(
    grid: NDArray[np.bool_], cells: Sequence[NDArray[np.intp]], inside: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return for each place that is inside whether any of its cells is set.

    Boxes of a power of two cells by another, the largest that fit every place, are looked up; a
    few of them cover a place.
    """
    top, bottom, left, right = cells
    result = np.zeros(top.shape, np.bool_)
    if not grid.any() or not inside.any():
        return result
    high, wide = (bottom - top)[inside], (right - left)[inside]
    down, across = (int(counts.min()).bit_length() - 1 for counts in (high, wide))
    box = grid
    for axis, power in ((0, down), (1, across)):
        for step in range(power):
            box = _doubled(box, 1 << step, axis=axis)
    flat = box.ravel()
    for y in range(-(-int(high.max()) >> down)):
        first = np.minimum(top + (y << down), bottom - (1 << down)) * grid.shape[1]
        for x in range(-(-int(wide.max()) >> across)):
            at = first + np.minimum(left + (x << across), right - (1 << across))
            result |= np.take(flat, at, mode="clip")
    return result


def _doubled(grid: NDArray[np.bool_], step: int, *, axis: int) -> NDArray[np.bool_]:
    """Return what boxes of twice `step` cells hold, from what those of `step` cells do."""
    result = grid.copy()
    if axis == 0:
        result[:-step] |= grid[step:]
    else:
        result[:, :-step] |= grid[:, step:]
    return result


def _meet(grid: NDArray[np.bool_], cells: list[_Cells]) -> bool:
    return any(grid[top:bottom, left:right].any() for top, bottom, left, right in cells)


def _boxes(candidate: Candidate, place: Place) -> Iterator[Extent]:
    """Yield the boxes that a label covers; a slanting one is a row of squares."""
    half = candidate.height / 2
    if place.angle_deg == 0.0:
        reach = candidate.width / 2
        yield (place.x - reach, place.y - half, place.x + reach, place.y + half)
        return
    turn = math.radians(place.angle_deg)
    free = max(candidate.width / 2 - half, 0.0)
    count = max(2, math.ceil(candidate.width / candidate.height))
    across, down = math.cos(turn), math.sin(turn)
    for i in range(count):
        along = free * (2 * i / (count - 1) - 1)
        x, y = place.x + along * across, place.y + along * down
        yield (x - half, y - half, x + half, y + half)


def paint_labels(
    painter: QPainter,
    frame: MapFrame,
    layers: Sequence[LayerPaint],
    *,
    vector: bool = False,
    progress: Progress = SILENT,
) -> int:
    """Write the labels of all layers, those of higher priority first; return how many.

    Parameters
    ----------
    layers : sequence of LayerPaint
        In draw order: of equal priority, the last is written first.
    vector : bool
        Text stays text with an outlined halo (PDF, SVG).
    """
    denominator = frame.scale_denominator
    labelled = [layer for layer in reversed(layers) if layer.style.labels_at(denominator)]
    if not labelled:
        return 0
    occupied = _Occupied(frame)
    for layer in layers:
        if layer.style.kind == "marker" and layer.style.visible_at(denominator):
            _add_symbols(occupied, frame, layer)
    placed = 0
    with nullcontext() if vector else TextSheet(painter, frame) as sheet:
        for layer in sorted(labelled, key=lambda layer: -label_style(layer).priority):
            progress.check()
            placed += _paint_layer(painter, frame, layer, occupied, sheet)
        if sheet is not None:
            sheet.show()
    return placed


def _add_symbols(occupied: _Occupied, frame: MapFrame, layer: LayerPaint) -> None:
    rows = in_view(layer, frame.extent)
    symbols = (item.symbol for item in layer.style.all_classes)
    size_mm = min(symbol.size_mm for symbol in symbols if isinstance(symbol, MarkerSymbol))
    reach_mm = size_mm * layer.style.size_factor(frame.scale_denominator) / 2
    points = layer.coords[layer.rings[layer.features[rows]]]
    occupied.add_symbols(frame.to_device(points), frame.px(reach_mm))


def _paint_layer(
    painter: QPainter,
    frame: MapFrame,
    layer: LayerPaint,
    occupied: _Occupied,
    sheet: TextSheet | None,
) -> int:
    style = label_style(layer)
    font = map_font(frame.px(style.size_mm), painter.device())
    measure = metrics(font, painter.device())
    repeat = _Repeats(frame.px(style.repeat_mm))
    if sheet is not None:
        font.setBold(style.bold)
        pen = _TextPen(sheet.pen(font, style), measure)
        return _write_layer(frame, layer, occupied, pen, repeat)
    writer = VectorPen(painter, style, frame)
    placed = _write_layer(frame, layer, occupied, _TextPen(writer, measure), repeat)
    writer.show()
    return placed


def _write_layer(
    frame: MapFrame, layer: LayerPaint, occupied: _Occupied, pen: _TextPen, repeat: _Repeats
) -> int:
    wanted = candidates(frame, layer, pen.measure)
    if isinstance(wanted, LevelCandidates):
        places = list(occupied.take_level(wanted, repeat))
        widths = wanted.widths.tolist()
        for i, x, y in places:
            pen.write_level(wanted.texts[i], widths[i], x, y)
        return len(places)
    placed = 0
    for candidate in wanted:
        first = candidate.places[0]
        if repeat.near(candidate.text, first.x, first.y):
            continue
        place = occupied.take(candidate)
        if place is not None:
            repeat.add(candidate.text, place.x, place.y)
            pen.write(candidate, place)
            placed += 1
    return placed


class _Repeats:
    """Where each text stands, so that a street's name is not written at every block."""

    def __init__(self, distance_px: float) -> None:
        self._distance = distance_px
        self._places: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    def near(self, text: str, x: float, y: float) -> bool:
        if not self._distance:
            return False
        return any(math.dist((x, y), other) < self._distance for other in self._places[text])

    def add(self, text: str, x: float, y: float) -> None:
        if self._distance:
            self._places[text].append((x, y))


class _TextPen:
    """Writes labels where they stand: level, slanting, or letter below letter."""

    def __init__(self, writer: Writer, measure: QFontMetricsF) -> None:
        self._writer, self.measure = writer, measure
        self._rise = (measure.ascent() - measure.descent()) / 2

    def write_level(self, text: str, width: float, x: float, y: float) -> None:
        self._writer.write_level(text, x - width / 2, y + self._rise)

    def write(self, candidate: Candidate, place: Place) -> None:
        if place.stacked:
            turn_deg = place.angle_deg - math.copysign(90, place.angle_deg)
            pieces = list(self._stack(candidate.text, candidate.width))
        else:
            turn_deg = place.angle_deg
            pieces = [(candidate.text, QPointF(-candidate.width / 2, self._rise))]
        self._writer.write(QPointF(place.x, place.y), turn_deg, pieces)

    def _stack(self, text: str, length: float) -> Iterator[tuple[str, QPointF]]:
        units = stack_units(text)
        step = length / len(units)
        for i, unit in enumerate(units):
            across = self.measure.horizontalAdvance(unit)
            yield unit, QPointF(-across / 2, (i + 0.5) * step - length / 2 + self._rise)
