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
from hjgis.models.styles.style import LabelStyle, MarkerSymbol
from hjgis.render.culling import clipped_parts, in_view, ring_area
from hjgis.render.features import LayerPaint
from hjgis.render.frame import MapFrame
from hjgis.render.letters import first_of, letters_of
from hjgis.render.strokes import upright_deg

Coords = NDArray[np.float64]

_GAP_MM: Final = 0.5
# How far a label keeps off the middle of its line, in which letters stand.
_BESIDE_MM: Final = 0.85
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


def text_widths(texts: Sequence[str], measure: QFontMetricsF) -> NDArray[np.float64]:
    """Return how wide texts are: the sum of their letters; none of them may be empty."""
    letters, at = letters_of(texts)
    each = np.array([measure.horizontalAdvance(letter) for letter in letters])[at]
    widths: NDArray[np.float64] = np.add.reduceat(each, first_of(np.array(list(map(len, texts)))))
    return widths


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
    wide = text_widths([layer.texts[row] for row in rows], measure)
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
        lengths = self._lengths()
        # Into a line that goes to infinity nothing is written.
        long = np.flatnonzero((lengths >= self._widths * _ROOM) & np.isfinite(lengths)).tolist()
        return [candidate for index in long for candidate in self._of_line(index)]

    def _of_line(self, index: int) -> Iterator[Candidate]:
        row, width = int(self._rows[index]), float(self._widths[index])
        text = self._layer.texts[row]
        stackable, paths = _is_stackable(text), self._paths(row)
        repeat_px = self._frame.px(label_style(self._layer).repeat_mm)
        for path in (one for one in (paths if repeat_px else paths[:1]) if one.length < np.inf):
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
        lift = self._height / 2 + self._frame.px(_BESIDE_MM) if beside else 0.0
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
        places = np.full((len(self._rows), 2), np.nan)
        simple = self._whole[self._rows] & (np.diff(self._layer.features)[self._rows] == 1)
        plain = np.flatnonzero(simple)
        places[plain] = self._centroids(self._rows[plain])
        other = np.flatnonzero(np.isnan(places[:, 0]))
        places[other] = self._inner_points(self._rows[other])
        placed = np.flatnonzero(~np.isnan(places[:, 0]))
        if not len(placed):
            return []
        return self._level(placed, places[placed, :1], places[placed, 1:])

    def _centroids(self, rows: NDArray[np.intp]) -> Coords:
        """Return the centroids of areas with one ring; NaN where it is not inside."""
        start = np.asarray(self._layer.rings)[self._layer.features[rows]].astype(np.intp)
        length = self._layer.rings[self._layer.features[rows] + 1] - start
        first = first_of(length)
        at = np.arange(length.sum()) + np.repeat(start - first, length)
        return _inner_centroids(self._device[at], first)

    def _inner_points(self, rows: NDArray[np.intp]) -> Coords:
        """Return places inside areas of any form, as far as they are seen; NaN if there is none."""
        result = np.full((len(rows), 2), np.nan)
        rings = [_largest(self._parts(row)) for row in rows.tolist()]
        whole = [i for i, r in enumerate(rings) if len(r) > 3 and np.isfinite(r).all()]
        drawn = np.array(whole, dtype=np.intp)
        if not len(drawn):
            return result
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
        result[drawn] = shapely.get_coordinates(best)
        return result


def _inner_centroids(vertices: Coords, first: NDArray[np.intp]) -> Coords:
    """Return the centroid of each closed ring, by the shoelace formula; NaN if it lies outside.

    Parameters
    ----------
    vertices : array, shape (v, 2)
        Ring after ring.
    first : array, shape (n,)
        Where each ring begins.
    """
    if not len(first):
        return np.empty((0, 2))
    length = np.diff(first, append=len(vertices))
    # Near the origin: products of large numbers would lose the decimals.
    origin = vertices[first]
    start = vertices - np.repeat(origin, length, axis=0)
    end = np.roll(start, -1, axis=0)
    end[first + length - 1] = 0.0
    cross = start[:, 0] * end[:, 1] - end[:, 0] * start[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        moment = np.add.reduceat((start + end) * cross[:, None], first)
        middle = moment / (3 * np.add.reduceat(cross, first))[:, None]
        away = np.repeat(middle, length, axis=0)
        spans = (start[:, 1] > away[:, 1]) != (end[:, 1] > away[:, 1])
        share = (away[:, 1] - start[:, 1]) / (end[:, 1] - start[:, 1])
        crosses = spans & (away[:, 0] < start[:, 0] + share * (end[:, 0] - start[:, 0]))
    outside = np.add.reduceat(crosses.astype(np.int64), first) % 2 == 0
    middle[outside] = np.nan
    result: Coords = middle + origin
    return result


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
