"""Coordinate grid: round kilometres and metres on a map's frame."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from hjgis.cartography.page import Page
from hjgis.models.sheets import Align, Box, Sheet
from hjgis.render.frame import MapFrame

_LEAST_GAP_MM: Final = 40.0
_INK: Final = "#2f6f9f70"
_CROSS_INK: Final = "#2f6f9f"
_TEXT_MM: Final = 2.4
# Room for a corner's coordinate, and what is still seen on paper.
_CORNER_MM: Final = 19.0
_CORNER_EXACT_MM: Final = 0.2
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
    # Ticks whose numbers would run into those of the corners have none.
    free = _CORNER_MM * sheet.furniture
    y_marks = [
        ("Y " + grid_text(y, interval) if box.x + free < at < box.right - free else "", at)
        for y, at in east
    ]
    x_marks = [
        ("X " + grid_text(x, interval) if box.y + free < at < box.bottom - free else "", at)
        for x, at in north
    ]
    _paint_border(page, sheet, y_marks, across=True)
    _paint_border(page, sheet, x_marks, across=False)
    _paint_corners(page, sheet, frame)


def _paint_corners(page: Page, sheet: Sheet, frame: MapFrame) -> None:
    """Write the full coordinates of the neat line's corners, in km, as exact as the paper."""
    box, border, k = sheet.map_mm, sheet.border_mm, sheet.furniture
    x_min, y_min, x_max, y_max = frame.extent
    interval = _CORNER_EXACT_MM / 1000 * frame.scale_denominator
    size, wide = _TEXT_MM * k, _CORNER_MM * k
    for y, at, side in ((y_max, box.y, -1), (y_min, box.bottom, 1)):
        middle = at + side * border * 0.55
        for x, left in ((x_min, box.x), (x_max, box.right - wide)):
            align: Align = "left" if left == box.x else "right"
            place = Box(left, middle - size, wide, 2 * size)
            page.text(place, "Y " + _corner_text(x, interval), size, align=align)
        for left in (box.x - border * 0.55, box.right + border * 0.55):
            words = "X " + _corner_text(y, interval)
            half = page.text_width(words, size) / 2
            page.turned_text(left, at - side * (half + 0.5), words, size)


def _corner_text(metres: float, interval: float) -> str:
    """Write a corner in km, without the zeros that a round one ends in beyond the tenth."""
    words = grid_text(round(metres, 3), min(interval, 100.0))
    while len(words.partition(".")[2]) > 2 and words.endswith("0"):
        words = words[:-1]
    return words


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
    box, border, k = sheet.map_mm, sheet.border_mm, sheet.furniture
    size = _TEXT_MM * k
    for side in (-1, 1):
        low, high = (box.y, box.bottom) if across else (box.x, box.right)
        edge = low if side < 0 else high
        tick, middle = edge + side * border * 0.32, edge + side * border * 0.64
        for text, at in marks:
            if across:
                page.line((at, edge), (at, tick), mm=0.15)
                page.text(
                    Box(at - 15 * k, middle - size, 30 * k, 2 * size), text, size, align="center"
                )
            else:
                page.line((edge, at), (tick, at), mm=0.15)
                page.turned_text(middle, at, text, size)
