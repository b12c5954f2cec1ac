"""Straight lines into a mask: groups of equal length step along together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from hjgis.models.shapes import Shapes
from hjgis.render.raster.grid import Grid, Masks

Pixels = NDArray[np.float32]
# Up to so many pixels along its longer side, a segment takes one step fewer than that.
_GROUPS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
# Pixels of long segments that are made at once.
_MOST_PIXELS: Final = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Segments in pixels of a grid, and what they write; all arrays of shape (n,)."""

    x0: Pixels
    y0: Pixels
    dx: Pixels
    dy: Pixels
    values: NDArray[np.uint8]

    @classmethod
    def of(cls, shapes: Shapes, x: Pixels, y: Pixels, values: NDArray[np.uint8]) -> Self:
        """Return the segments between the vertices of shapes; `values` is one a vertex."""
        dx, dy = np.diff(x), np.diff(y)
        # From the end of a ring there is no way to the start of the next one.
        joints = shapes.ring_offsets()[1:-1] - 1
        dx[joints] = dy[joints] = 0
        return cls(x[:-1], y[:-1], dx, dy, values[:-1])

    def taken(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Segments:
        """Return only these segments."""
        return Segments(
            self.x0[rows], self.y0[rows], self.dx[rows], self.dy[rows], self.values[rows]
        )


def write_segments(grid: Grid, masks: Masks, segments: Segments, *, inside: bool) -> None:
    """Write what lies between the ends of segments; the ends are written by the caller."""
    steps = np.maximum(np.abs(segments.dx), np.abs(segments.dy))
    for shorter, longest in pairwise(_GROUPS):
        rows = np.flatnonzero((steps > shorter) & (steps <= longest))
        if len(rows):
            _step_along(masks, segments.taken(rows), longest, inside=inside)
    long = np.flatnonzero(steps > _GROUPS[-1])
    if len(long):
        _write_long(grid, masks, segments.taken(long))


def _step_along(masks: Masks, some: Segments, steps: int, *, inside: bool) -> None:
    x, y = some.x0, some.y0
    dx, dy = some.dx / np.float32(steps), some.dy / np.float32(steps)
    for _step in range(steps - 1):
        x, y = x + dx, y + dy
        masks.write(x, y, some.values, inside=inside)


def _write_long(grid: Grid, masks: Masks, some: Segments) -> None:
    """Cut segments at the grid, then write each pixel of what is left."""
    some = _clipped(grid, some)
    counts = np.ceil(np.maximum(np.abs(some.dx), np.abs(some.dy))).astype(np.int64) + 1
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + _MOST_PIXELS, side="right")), start + 1)
        each = counts[start:stop]
        along = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        share = (along / np.repeat(np.maximum(each - 1, 1), each)).astype(np.float32)
        x = np.repeat(some.x0[start:stop], each) + share * np.repeat(some.dx[start:stop], each)
        y = np.repeat(some.y0[start:stop], each) + share * np.repeat(some.dy[start:stop], each)
        masks.write(x, y, np.repeat(some.values[start:stop], each), inside=False)
        start = stop


def _clipped(grid: Grid, some: Segments) -> Segments:
    """Cut segments at the grid's edges (Liang and Barsky 1984); what lies outside is dropped."""
    first, last = np.zeros(len(some.dx)), np.ones(len(some.dx))
    x0, y0, dx, dy = (side.astype(float) for side in (some.x0, some.y0, some.dx, some.dy))
    outside = np.zeros(len(dx), np.bool_)
    for move, room in ((-dx, x0), (dx, grid.width - x0), (-dy, y0), (dy, grid.height - y0)):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = room / move
        outside |= (move == 0) & (room < 0)
        first = np.where(move < 0, np.maximum(first, share), first)
        last = np.where(move > 0, np.minimum(last, share), last)
    rows = np.flatnonzero(~outside & (first <= last))
    x, y, move_x, move_y = x0[rows], y0[rows], dx[rows], dy[rows]
    return Segments(
        (x + first[rows] * move_x).astype(np.float32),
        (y + first[rows] * move_y).astype(np.float32),
        ((last - first)[rows] * move_x).astype(np.float32),
        ((last - first)[rows] * move_y).astype(np.float32),
        some.values[rows],
    )
