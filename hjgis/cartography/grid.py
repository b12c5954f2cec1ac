"""Coordinate grid: round kilometres and metres on a map's frame."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from hjgis.cartography.page import Page
from hjgis.models.sheets import Box, Sheet
from hjgis.render.frame import MapFrame

_LEAST_GAP_MM: Final = 40.0
_INK: Final = "#2f6f9f70"
_CROSS_INK: Final = "#2f6f9f"
_TEXT_MM: Final = 2.4
_CROSS_MM: Final = 3.0
# Up to this scale topographic sheets show crosses, so that nothing on the map is struck through.
_CROSSES_UP_TO: Final = 2000


def grid_interval(denominator: float) -> float:
    """Return the distance of grid lines on the ground: 1, 2 or 5 times a power of ten metres.

    Lines are at least 40 mm apart on paper.
    """
    least = _LEAST_GAP_MM / 1000 * denominator
    power = 10.0 ** math.floor(math.log10(least) + 1e-9)
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= least - 1e-6)


def grid_text(metres: float, interval: float) -> str:
    """Write a grid line's coordinate in kilometres, as exact as the interval needs."""
    places = max(0, 3 - math.floor(math.log10(interval) + 1e-9))
    return f"{metres / 1000:.{places}f}"


def paint_grid(page: Page, sheet: Sheet, frame: MapFrame) -> None:
    """Paint grid lines or crosses, ticks, and coordinates in the border.

    X (north) stands left and right, Y (east) above and below, in kilometres.
    """
    box, interval = sheet.map_mm, grid_interval(frame.scale_denominator)
    x_min, y_min, x_max, y_max = frame.extent
    mm_per_m = 1000 / frame.scale_denominator
    east = [(y, box.x + (y - x_min) * mm_per_m) for y in _multiples(x_min, x_max, interval)]
    north = [(x, box.bottom - (x - y_min) * mm_per_m) for x in _multiples(y_min, y_max, interval)]
    if frame.scale_denominator > _CROSSES_UP_TO:
        _paint_lines(page, box, [at for _, at in east], [at for _, at in north])
    else:
        _paint_crosses(page, [at for _, at in east], [at for _, at in north])
    _paint_border(page, sheet, [(grid_text(y, interval), at) for y, at in east], across=True)
    _paint_border(page, sheet, [(grid_text(x, interval), at) for x, at in north], across=False)


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(k * step) for k in np.arange(first, last + 1)]


def _paint_lines(page: Page, box: Box, east: list[float], north: list[float]) -> None:
    for at in east:
        page.line((at, box.y), (at, box.bottom), mm=0.1, ink=_INK)
    for at in north:
        page.line((box.x, at), (box.right, at), mm=0.1, ink=_INK)


def _paint_crosses(page: Page, east: list[float], north: list[float]) -> None:
    for x in east:
        for y in north:
            page.line((x - _CROSS_MM, y), (x + _CROSS_MM, y), mm=0.12, ink=_CROSS_INK)
            page.line((x, y - _CROSS_MM), (x, y + _CROSS_MM), mm=0.12, ink=_CROSS_INK)


def _paint_border(
    page: Page, sheet: Sheet, marks: list[tuple[str, float]], *, across: bool
) -> None:
    """Paint ticks from the neat line to the outer line, and the numbers beside them."""
    box, border = sheet.map_mm, sheet.border_mm
    for side in (-1, 1):
        low, high = (box.y, box.bottom) if across else (box.x, box.right)
        edge = low if side < 0 else high
        tick, middle = edge + side * border * 0.32, edge + side * border * 0.64
        for text, at in marks:
            if across:
                page.line((at, edge), (at, tick), mm=0.15)
                page.text(Box(at - 15, middle - 2, 30, 4), text, _TEXT_MM, align="center")
            else:
                page.line((edge, at), (tick, at), mm=0.15)
                page.turned_text(middle, at, text, _TEXT_MM)
