"""Where labels may stand: beside points, along lines, inside areas."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtGui import QFontMetricsF

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


def label_style(layer: LayerPaint) -> LabelStyle:
    """Return the label style of a layer that has one."""
    assert layer.style.label is not None
    return layer.style.label


def stack_units(text: str) -> list[str]:
    """Return what stands side by side when a text is stacked: a number stays together."""
    return _UNIT.findall(text)


def candidates(frame: MapFrame, layer: LayerPaint, measure: QFontMetricsF) -> Iterator[Candidate]:
    """Yield what a layer would like to write into a frame, in fid order."""
    rows = [row for row in in_view(layer, frame.extent).tolist() if layer.texts[row]]
    height = measure.ascent() + measure.descent() * 0.5
    for row in rows[:_MOST_IN_LAYER]:
        text = layer.texts[row]
        width = measure.horizontalAdvance(text)
        for places in _places(frame, layer, row, (width, height)):
            yield Candidate(text, width, height, places)


def _places(
    frame: MapFrame, layer: LayerPaint, row: int, size: tuple[float, float]
) -> Iterator[tuple[Place, ...]]:
    """Yield the places of each label that one feature wants."""
    parts = [frame.to_device(part) for part in clipped_parts(layer, row, frame.extent)]
    if not parts:
        return
    if layer.style.kind == "marker":
        yield _beside_point(parts[0][0], size, _reach_px(frame, layer, row))
    elif layer.style.kind == "line":
        yield from _along_lines(parts, size, frame, layer, row)
    else:
        yield from _in_area(max(parts, key=ring_area))


def _reach_px(frame: MapFrame, layer: LayerPaint, row: int) -> float:
    symbol = layer.style.all_classes[layer.classes[row]].symbol
    assert isinstance(symbol, MarkerSymbol)
    factor = layer.style.size_factor(frame.scale_denominator)
    return frame.px(symbol.size_mm * factor / 2 + _GAP_MM)


def _beside_point(point: Coords, size: tuple[float, float], reach: float) -> tuple[Place, ...]:
    x, y = float(point[0]), float(point[1])
    across, up = reach + size[0] / 2, reach + size[1] / 2
    # Slantwise first: beside the pipe that runs through the point, not on it.
    near = size[0] / 2 + reach * 0.4
    return (
        *(Place(x + near, y - up), Place(x + near, y + up)),
        *(Place(x - near, y - up), Place(x - near, y + up)),
        *(Place(x + across, y), Place(x - across, y)),
        *(Place(x, y - up), Place(x, y + up)),
    )


def _along_lines(
    parts: Sequence[Coords],
    size: tuple[float, float],
    frame: MapFrame,
    layer: LayerPaint,
    row: int,
) -> Iterator[tuple[Place, ...]]:
    """Yield places for one label, or for one every `repeat_mm` if the style repeats it."""
    style = label_style(layer)
    lift = size[1] / 2 + frame.px(_GAP_MM) if style.beside else 0.0
    stackable = bool(_CHINESE.search(text := layer.texts[row])) and (
        max(map(len, stack_units(text))) <= _LONGEST_UNIT
    )
    merged = shapely.line_merge(shapely.MultiLineString(list(parts)))
    lines = sorted(shapely.get_parts(merged), key=lambda line: -line.length)
    for line in lines if style.repeat_mm else lines[:1]:
        count = max(1, int(line.length / frame.px(style.repeat_mm))) if style.repeat_mm else 1
        for k in range(count):
            section = (k / count * line.length, (k + 1) / count * line.length)
            places = tuple(_on_line(line, section, size[0], lift=lift, stackable=stackable))
            if places:
                yield places


def _on_line(
    line: shapely.LineString,
    section: tuple[float, float],
    width: float,
    *,
    lift: float,
    stackable: bool,
) -> Iterator[Place]:
    """Yield places on straight stretches of a line's section, the section's middle first."""
    if line.length < width * _ROOM:
        return
    # Beside a line its letters stand in the middle: the label keeps off them.
    for share in (0.28, 0.72, 0.5) if lift else (0.5, 0.35, 0.65, 0.2, 0.8):
        middle = section[0] + share * (section[1] - section[0])
        ends = (middle - width / 2, middle + width / 2)
        if ends[0] < 0 or ends[1] > line.length:
            continue
        start, end = shapely.get_coordinates(shapely.line_interpolate_point(line, ends))
        if math.dist(start, end) >= width * _STRAIGHT:
            angle = upright_deg(start, end)
            turn = math.radians(angle)
            x, y = (start + end) / 2
            x, y = float(x + lift * math.sin(turn)), float(y - lift * math.cos(turn))
            yield Place(x, y, angle, stackable and abs(angle) > _STEEP_DEG)


def _in_area(ring: Coords) -> Iterator[tuple[Place, ...]]:
    if len(ring) < 4 or ring_area(ring) <= 0:
        return
    area = shapely.make_valid(shapely.Polygon(ring))
    center = shapely.centroid(area)
    best = center if shapely.contains(area, center) else shapely.point_on_surface(area)
    yield (Place(float(best.x), float(best.y)),)
