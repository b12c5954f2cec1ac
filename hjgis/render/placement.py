"""Where labels may stand: beside points, along lines, inside areas."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtGui import QFontMetricsF

from hjgis.layers.parts import within
from hjgis.models.style import LabelStyle, MarkerSymbol
from hjgis.render.culling import clipped_parts, in_view, ring_area
from hjgis.render.features import LayerPaint
from hjgis.render.frame import MapFrame
from hjgis.render.strokes import upright_deg

Coords = NDArray[np.float64]

_GAP_MM: Final = 0.5
# Enough to fill any screen; the rest would be thrown away by collision.
_MOST_IN_LAYER: Final = 4000
# A line under a label may bend no more than this: chord to length.
_STRAIGHT: Final = 0.97
_STEEP_DEG: Final = 50.0
_ROOM: Final = 1.1
_CHINESE: Final = re.compile("[\u3400-\u9fff]")
_UNIT: Final = re.compile("[!-~]+|[^!-~]")
_LONGEST_UNIT: Final = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a label may stand: its middle, its baseline turned by `angle_deg` clockwise.

    Chinese on a steep line is `stacked`: its characters stand upright one below the other.
    """

    x: float
    y: float
    angle_deg: float = 0.0
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A label that wants one of its places, the first if it can; sizes in device pixels."""

    text: str
    width: float
    height: float
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LevelCandidates:
    """Level labels of the same height, each with its places in rising order of liking.

    Attributes
    ----------
    texts : list of str, length n
    widths : array, shape (n,)
        Device pixels.
    x, y : arrays, shape (n, k)
        Middles of the places, device pixels.
    """

    texts: list[str]
    widths: NDArray[np.float64]
    height: float
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def label_style(layer: LayerPaint) -> LabelStyle:
    """Return the label style of a layer that has one."""
    assert layer.style.label is not None
    return layer.style.label


def stack_units(text: str) -> list[str]:
    """Return what stands side by side when a text is stacked: a number stays together."""
    return _UNIT.findall(text)


class Widths:
    """How wide texts are in a font: the sum of their letters, each of them asked for once."""

    def __init__(self, measure: QFontMetricsF) -> None:
        self._measure = measure
        self._letters: dict[str, float] = {}

    def of(self, text: str) -> float:
        """Return the width of a text, device pixels."""
        letters = self._letters
        for letter in text:
            if letter not in letters:
                letters[letter] = self._measure.horizontalAdvance(letter)
        return sum([letters[letter] for letter in text])


def candidates(
    frame: MapFrame, layer: LayerPaint, measure: QFontMetricsF
) -> LevelCandidates | list[Candidate]:
    """Return what a layer would like to write into a frame, in fid order.

    There may be thousands of level labels: they are arrays. Those along lines are objects.
    """
    rows = [row for row in in_view(layer, frame.extent).tolist() if layer.texts[row]]
    rows = rows[:_MOST_IN_LAYER]
    if not rows:
        return []
    widths = Widths(measure)
    wide = np.array([widths.of(layer.texts[row]) for row in rows])
    height = measure.ascent() + measure.descent() * 0.5
    seeker = _SEEKERS[layer.style.kind](frame, layer, np.array(rows), wide, height)
    return seeker.candidates()


class _Seeker(ABC):
    """Finds places for the labels of some rows of a layer.

    Parameters
    ----------
    rows, widths : arrays of shape (n,)
        Rows of the layer, and how wide their texts are in device pixels.
    """

    def __init__(
        self,
        frame: MapFrame,
        layer: LayerPaint,
        rows: NDArray[np.intp],
        widths: NDArray[np.float64],
        height: float,
    ) -> None:
        self._frame, self._layer, self._rows = frame, layer, rows
        self._widths, self._height = widths, height
        self._device = frame.to_device(layer.coords)
        self._whole = within(layer.bounds, frame.extent)

    @abstractmethod
    def candidates(self) -> LevelCandidates | list[Candidate]:
        """Return the labels that the rows want."""

    def _level(
        self, chosen: NDArray[np.intp], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> LevelCandidates:
        texts = [self._layer.texts[row] for row in self._rows[chosen].tolist()]
        return LevelCandidates(texts, self._widths[chosen], self._height, x, y)

    def _parts(self, row: int) -> list[Coords]:
        """Return what of a feature lies in the frame, device pixels."""
        if self._whole[row]:
            first, last = self._layer.features[row : row + 2].tolist()
            ends = self._layer.rings[first : last + 1].tolist()
            return [self._device[start:end] for start, end in pairwise(ends)]
        cut = clipped_parts(self._layer, row, self._frame.extent)
        return [self._frame.to_device(part) for part in cut]


class _BesidePoints(_Seeker):
    def candidates(self) -> LevelCandidates:
        firsts = self._layer.rings[self._layer.features[self._rows]]
        points = np.take(self._device, firsts, axis=0)
        reach = self._reaches_px()[self._layer.classes[self._rows]]
        across, up = reach + self._widths / 2, reach + self._height / 2
        near, none = self._widths / 2 + reach * 0.4, np.zeros(len(points))
        # Slantwise first: beside the pipe that runs through the point, not on it.
        right = np.stack([near, near, -near, -near, across, -across, none, none], axis=1)
        down = np.stack([-up, up, -up, up, none, none, -up, up], axis=1)
        everyone = np.arange(len(points))
        return self._level(everyone, points[:, :1] + right, points[:, 1:] + down)

    def _reaches_px(self) -> NDArray[np.float64]:
        factor = self._layer.style.size_factor(self._frame.scale_denominator)
        sizes = [
            item.symbol.size_mm
            for item in self._layer.style.all_classes
            if isinstance(item.symbol, MarkerSymbol)
        ]
        return np.array([self._frame.px(size * factor / 2 + _GAP_MM) for size in sizes])


class _AlongLines(_Seeker):
    """One place for each label, or one every `repeat_mm` if the style repeats it."""

    def candidates(self) -> list[Candidate]:
        long = np.flatnonzero(self._lengths() >= self._widths * _ROOM).tolist()
        return [candidate for index in long for candidate in self._of_line(index)]

    def _of_line(self, index: int) -> Iterator[Candidate]:
        row, width = int(self._rows[index]), float(self._widths[index])
        text = self._layer.texts[row]
        stackable, paths = _is_stackable(text), self._paths(row)
        repeat_px = self._frame.px(label_style(self._layer).repeat_mm)
        for path in paths if repeat_px else paths[:1]:
            count = max(1, int(path.length / repeat_px)) if repeat_px else 1
            for k in range(count):
                section = (k / count * path.length, (k + 1) / count * path.length)
                places = tuple(self._on_path(path, section, width, stackable=stackable))
                if places:
                    yield Candidate(text, width, self._height, places)

    def _lengths(self) -> NDArray[np.float64]:
        """Return how long the lines of the rows are, wherever they run, device pixels."""
        steps = np.zeros(len(self._device))
        steps[:-1] = np.hypot(*np.diff(self._device, axis=0).T)
        # From the end of a part to the start of the next there is no line.
        steps[np.asarray(self._layer.rings[1:]) - 1] = 0.0
        lengths = np.add.reduceat(steps, self._layer.rings[self._layer.features[:-1]])
        result: NDArray[np.float64] = lengths[self._rows]
        return result

    def _paths(self, row: int) -> list[_Path]:
        """Return the connected pieces of a line that are seen, the longest first."""
        parts = [part for part in self._parts(row) if len(part) > 1]
        if len(parts) > 1:
            merged = shapely.line_merge(shapely.MultiLineString(parts))
            parts = [shapely.get_coordinates(line) for line in shapely.get_parts(merged)]
        return sorted(map(_Path, parts), key=lambda path: -path.length)

    def _on_path(
        self, path: _Path, section: tuple[float, float], width: float, *, stackable: bool
    ) -> Iterator[Place]:
        """Yield places on straight stretches of a section, its middle first."""
        if path.length < width * _ROOM:
            return
        beside = label_style(self._layer).beside
        lift = self._height / 2 + self._frame.px(_GAP_MM) if beside else 0.0
        # Beside a line its letters stand in the middle: the label keeps off them.
        for share in (0.28, 0.72, 0.5) if beside else (0.5, 0.35, 0.65, 0.2, 0.8):
            middle = section[0] + share * (section[1] - section[0])
            first, last = middle - width / 2, middle + width / 2
            if first < 0 or last > path.length:
                continue
            start, end = path.at(first), path.at(last)
            if math.dist(start, end) >= width * _STRAIGHT:
                angle = upright_deg(start, end)
                turn = math.radians(angle)
                x = (start[0] + end[0]) / 2 + lift * math.sin(turn)
                y = (start[1] + end[1]) / 2 - lift * math.cos(turn)
                yield Place(x, y, angle, stackable and abs(angle) > _STEEP_DEG)


class _Path:
    """A line that is walked along, in device pixels."""

    def __init__(self, coords: Coords) -> None:
        self._points: list[list[float]] = coords.tolist()
        steps = (math.dist(one, other) for one, other in pairwise(self._points))
        self._ends = [0.0, *accumulate(steps)]
        self.length = self._ends[-1]

    def at(self, along: float) -> tuple[float, float]:
        """Return the place so many pixels from the start."""
        i = min(max(bisect_left(self._ends, along), 1), len(self._ends) - 1)
        step = self._ends[i] - self._ends[i - 1]
        share = (along - self._ends[i - 1]) / step if step else 0.0
        (x0, y0), (x1, y1) = self._points[i - 1], self._points[i]
        return (x0 + share * (x1 - x0), y0 + share * (y1 - y0))


class _InAreas(_Seeker):
    def candidates(self) -> LevelCandidates | list[Candidate]:
        rings = [_largest(self._parts(row)) for row in self._rows.tolist()]
        drawn = np.array([i for i, ring in enumerate(rings) if len(ring) > 3], dtype=np.intp)
        if not len(drawn):
            return []
        owners = np.repeat(np.arange(len(drawn)), [len(rings[i]) for i in drawn])
        coords = np.concatenate([rings[i] for i in drawn])
        areas = np.asarray(shapely.polygons(shapely.linearrings(coords, indices=owners)))
        odd = ~shapely.is_valid(areas)
        areas[odd] = shapely.make_valid(areas[odd])
        full = shapely.area(areas) > 0
        drawn, areas = drawn[full], areas[full]
        best = shapely.centroid(areas)
        outside = ~shapely.contains(areas, best)
        best[outside] = shapely.point_on_surface(areas[outside])
        places = shapely.get_coordinates(best)
        return self._level(drawn, places[:, :1], places[:, 1:])


def _largest(rings: Sequence[Coords]) -> Coords:
    """Return the ring that holds most; an empty one if there is none."""
    if len(rings) == 1:
        return rings[0]
    return max(rings, key=ring_area, default=np.empty((0, 2)))


_SEEKERS: Final[dict[str, type[_Seeker]]] = {
    "marker": _BesidePoints,
    "line": _AlongLines,
    "fill": _InAreas,
}


def _is_stackable(text: str) -> bool:
    units: Sequence[str] = stack_units(text)
    return bool(_CHINESE.search(text)) and max(map(len, units)) <= _LONGEST_UNIT
