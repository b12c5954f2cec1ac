"""Where things on a page line up: margins, neat line, edges and middles of other things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.models.sheets import Box, Sheet

# So far from the paper's edge most printers cannot print.
MARGIN_MM: Final = 5.0
SMALLEST_MM: Final = 3.0
# Sides that a handle moves: left, top, right, bottom.
Sides = tuple[bool, bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Guides:
    """Places where an edge or a middle may come to lie, mm from the paper's corner."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Snapped:
    """A box where it came to lie, and the guides that held it: upright and level ones."""

    box: Box
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()


def guides_for(sheet: Sheet, moving: str, others: Sequence[Box]) -> Guides:
    """Return what an item of a sheet may line up with: the paper, the neat line, other boxes."""
    width, height = sheet.paper_mm
    k = sheet.furniture
    neat = sheet.map_mm.grown(sheet.border_mm)
    boxes = list(others)
    boxes += [neat] if sheet.item(moving).kind != "map" else []
    xs = [MARGIN_MM * k, width / 2, width - MARGIN_MM * k]
    ys = [MARGIN_MM * k, height / 2, height - MARGIN_MM * k]
    for box in boxes:
        xs += [box.x, box.x + box.width / 2, box.right]
        ys += [box.y, box.y + box.height / 2, box.bottom]
    return Guides(_places(xs), _places(ys))


def _places(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted({round(value, 3) for value in values}))


def moved(box: Box, by: tuple[float, float], paper_mm: tuple[float, float]) -> Box:
    """Return a box moved by (right, down) mm; it stays on the paper."""
    x = min(max(box.x + by[0], 0.0), max(paper_mm[0] - box.width, 0.0))
    y = min(max(box.y + by[1], 0.0), max(paper_mm[1] - box.height, 0.0))
    return Box(x, y, box.width, box.height)


def resized(box: Box, sides: Sides, by: tuple[float, float], paper_mm: tuple[float, float]) -> Box:
    """Return a box some of whose sides moved by (right, down) mm; it keeps some size."""
    left, top, right, bottom = box.x, box.y, box.right, box.bottom
    if sides[0]:
        left = min(max(left + by[0], 0.0), right - SMALLEST_MM)
    if sides[1]:
        top = min(max(top + by[1], 0.0), bottom - SMALLEST_MM)
    if sides[2]:
        right = max(min(right + by[0], paper_mm[0]), left + SMALLEST_MM)
    if sides[3]:
        bottom = max(min(bottom + by[1], paper_mm[1]), top + SMALLEST_MM)
    return Box(left, top, right - left, bottom - top)


def snap_move(
    box: Box, by: tuple[float, float], guides: Guides, *, within_mm: float, sheet: Sheet
) -> Snapped:
    """Move a box as a whole; the nearest edge or middle within reach of a guide goes onto it."""
    free = moved(box, by, sheet.paper_mm)
    dx = _shift((free.x, free.x + free.width / 2, free.right), guides.xs, within_mm)
    dy = _shift((free.y, free.y + free.height / 2, free.bottom), guides.ys, within_mm)
    held = moved(free, (dx or 0.0, dy or 0.0), sheet.paper_mm)
    return Snapped(held, *_touched(held, guides, x=dx is not None, y=dy is not None))


def snap_resize(
    box: Box,
    sides: Sides,
    by: tuple[float, float],
    guides: Guides,
    *,
    within_mm: float,
    sheet: Sheet,
) -> Snapped:
    """Move some sides of a box; those within reach of a guide go onto it."""
    free = resized(box, sides, by, sheet.paper_mm)
    edges_x = [free.x] if sides[0] else [free.right] if sides[2] else []
    edges_y = [free.y] if sides[1] else [free.bottom] if sides[3] else []
    dx, dy = _shift(edges_x, guides.xs, within_mm), _shift(edges_y, guides.ys, within_mm)
    held = resized(free, sides, (dx or 0.0, dy or 0.0), sheet.paper_mm)
    touched_x = tuple(x for x in guides.xs if dx is not None and _near(x, _edge_x(held, sides)))
    touched_y = tuple(y for y in guides.ys if dy is not None and _near(y, _edge_y(held, sides)))
    return Snapped(held, touched_x, touched_y)


def _edge_x(box: Box, sides: Sides) -> float:
    return box.x if sides[0] else box.right


def _edge_y(box: Box, sides: Sides) -> float:
    return box.y if sides[1] else box.bottom


def _shift(values: Iterable[float], lines: Iterable[float], within_mm: float) -> float | None:
    lines = tuple(lines)
    found = [line - value for value in values for line in lines if abs(line - value) <= within_mm]
    return min(found, key=abs, default=None)


def _touched(
    box: Box, guides: Guides, *, x: bool, y: bool
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    of_x = (box.x, box.x + box.width / 2, box.right)
    of_y = (box.y, box.y + box.height / 2, box.bottom)
    return (
        tuple(g for g in guides.xs if x and any(_near(g, value) for value in of_x)),
        tuple(g for g in guides.ys if y and any(_near(g, value) for value in of_y)),
    )


def _near(one: float, other: float) -> bool:
    return abs(one - other) < 0.01
