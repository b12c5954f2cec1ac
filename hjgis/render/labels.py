"""Labels without collision: candidates by priority, first come first placed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from hjgis.models.changes import Extent
from hjgis.models.style import LabelStyle, MarkerSymbol
from hjgis.progress import SILENT, Progress
from hjgis.render.culling import in_view
from hjgis.render.features import LayerPaint
from hjgis.render.fonts import map_font, metrics, paint_text, text_path
from hjgis.render.frame import MapFrame
from hjgis.render.placement import Candidate, Place, candidates, label_style, stack_units
from hjgis.render.symbols import color, solid_pen

Coords = NDArray[np.float64]

# A label is kept clear of others by cells of this size.
_CELL_MM: Final = 0.5
_HALO_STEPS: Final = 8


class _Occupied:
    """What part of the frame is written on already, as a grid of cells."""

    def __init__(self, frame: MapFrame) -> None:
        self._cell = frame.px(_CELL_MM)
        shape = (int(frame.height_px / self._cell) + 1, int(frame.width_px / self._cell) + 1)
        self._taken = np.zeros(shape, bool)
        self._symbols = np.zeros(shape, bool)
        self._size = (frame.width_px, frame.height_px)

    def add_symbols(self, points: Coords, reach_px: float) -> None:
        """Remember where point symbols stand: labels stay off them if they can."""
        reach = int(reach_px / self._cell)
        columns, rows = (points / self._cell).astype(np.int64).T
        height, width = self._symbols.shape
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                y, x = rows + down, columns + right
                inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
                self._symbols[y[inside], x[inside]] = True

    def take(self, candidate: Candidate) -> Place | None:
        """Take the first free place wholly in the frame, off all symbols if there is one."""
        places = [
            (place, [self._cells(box) for box in boxes])
            for place in candidate.places
            if all(map(self._within, boxes := list(_boxes(candidate, place))))
        ]
        free = [entry for entry in places if not _any(self._taken, entry[1])]
        clear = (entry for entry in free if not _any(self._symbols, entry[1]))
        chosen = next(clear, free[0] if free else None)
        if chosen is None:
            return None
        for cells in chosen[1]:
            self._taken[cells] = True
        return chosen[0]

    def _within(self, box: Extent) -> bool:
        width, height = self._size
        return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height

    def _cells(self, box: Extent) -> tuple[slice, slice]:
        left, top, right, bottom = (int(side / self._cell) for side in box)
        return slice(top, bottom + 1), slice(left, right + 1)


def _any(grid: NDArray[np.bool_], cells: Sequence[tuple[slice, slice]]) -> bool:
    return any(bool(grid[part].any()) for part in cells)


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
    for along in np.linspace(-free, free, count).tolist():
        x, y = place.x + along * math.cos(turn), place.y + along * math.sin(turn)
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
    occupied = _Occupied(frame)
    for layer in layers:
        if layer.style.kind == "marker" and layer.style.visible_at(denominator):
            _add_symbols(occupied, frame, layer)
    labelled = [layer for layer in reversed(layers) if layer.style.labels_at(denominator)]
    placed = 0
    for layer in sorted(labelled, key=lambda layer: -label_style(layer).priority):
        progress.check()
        placed += _paint_layer(painter, frame, layer, occupied, vector=vector)
    return placed


def _add_symbols(occupied: _Occupied, frame: MapFrame, layer: LayerPaint) -> None:
    rows = in_view(layer, frame.extent)
    symbols = (item.symbol for item in layer.style.all_classes)
    size_mm = min(symbol.size_mm for symbol in symbols if isinstance(symbol, MarkerSymbol))
    reach_mm = size_mm * layer.style.size_factor(frame.scale_denominator) / 2
    points = layer.coords[layer.rings[layer.features[rows]]]
    occupied.add_symbols(frame.to_device(points), frame.px(reach_mm))


def _paint_layer(
    painter: QPainter, frame: MapFrame, layer: LayerPaint, occupied: _Occupied, *, vector: bool
) -> int:
    style = label_style(layer)
    font = map_font(frame.px(style.size_mm), painter.device())
    measure = metrics(font, painter.device())
    repeat = _Repeats(frame.px(style.repeat_mm))
    pen = _TextPen(painter, font, measure, style, frame, vector=vector)
    placed = 0
    for candidate in candidates(frame, layer, measure):
        if repeat.near(candidate):
            continue
        place = occupied.take(candidate)
        if place is not None:
            repeat.add(candidate.text, place)
            pen.write(candidate, place)
            placed += 1
    return placed


class _Repeats:
    """Where each text stands, so that a street's name is not written at every block."""

    def __init__(self, distance_px: float) -> None:
        self._distance = distance_px
        self._places: defaultdict[str, list[Place]] = defaultdict(list)

    def near(self, candidate: Candidate) -> bool:
        place = candidate.places[0]
        return any(
            math.hypot(place.x - other.x, place.y - other.y) < self._distance
            for other in self._places[candidate.text]
        )

    def add(self, text: str, place: Place) -> None:
        if self._distance:
            self._places[text].append(place)


class _TextPen:
    """Writes text with a halo, as text on paper and as stamped copies on the screen."""

    def __init__(
        self,
        painter: QPainter,
        font: QFont,
        measure: QFontMetricsF,
        style: LabelStyle,
        frame: MapFrame,
        *,
        vector: bool,
    ) -> None:
        self._painter, self._font, self._vector = painter, font, vector
        self._measure, self._style = measure, style
        self._size_px = frame.px(style.size_mm)
        self._rise = (measure.ascent() - measure.descent()) / 2
        self._halo_px = frame.px(style.halo_mm)
        self._ink, self._halo = color(style.color), color(style.halo)
        self._halo_pen = solid_pen(style.halo, self._halo_px * 2)

    def write(self, candidate: Candidate, place: Place) -> None:
        painter = self._painter
        painter.save()
        painter.translate(place.x, place.y)
        if place.stacked:
            painter.rotate(place.angle_deg - math.copysign(90, place.angle_deg))
            pieces = list(self._stack(candidate.text, candidate.width))
        else:
            painter.rotate(place.angle_deg)
            pieces = [(candidate.text, QPointF(-candidate.width / 2, self._rise))]
        for text, at in pieces if self._halo_px > 0 else ():
            self._write_halo(text, at)
        size_px, bold = self._size_px, self._style.bold
        for text, at in pieces:
            paint_text(painter, at, text, size_px=size_px, ink=self._ink, bold=bold)
        painter.restore()

    def _stack(self, text: str, length: float) -> Iterator[tuple[str, QPointF]]:
        units = stack_units(text)
        step = length / len(units)
        for i, unit in enumerate(units):
            across = self._measure.horizontalAdvance(unit)
            yield unit, QPointF(-across / 2, (i + 0.5) * step - length / 2 + self._rise)

    def _write_halo(self, text: str, at: QPointF) -> None:
        if self._vector:
            path = text_path(text, self._size_px)
            path.translate(at)
            self._painter.strokePath(path, self._halo_pen)
            return
        self._painter.setPen(self._halo)
        self._painter.setFont(self._font)
        for turn in np.arange(_HALO_STEPS) * 2 * math.pi / _HALO_STEPS:
            shift = QPointF(self._halo_px * math.cos(turn), self._halo_px * math.sin(turn))
            self._painter.drawText(at + shift, text)
