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
    """Write the pixels of long segments that lie in the grid.

    Steps are counted from the segment's start, wherever it is cut: pieces of a picture fit.
    """
    first, last = _shares_inside(grid, some)
    steps = np.ceil(np.maximum(np.abs(some.dx), np.abs(some.dy))).astype(np.int64)
    start_step, end_step = np.ceil(first * steps), np.floor(last * steps)
    counts = np.maximum(end_step - start_step + 1, 0).astype(np.int64)
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + _MOST_PIXELS, side="right")), start + 1)
        each, part = counts[start:stop], slice(start, stop)
        along = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        share = (along + np.repeat(start_step[part], each)) / np.repeat(steps[part], each)
        x = np.repeat(some.x0[part], each) + share * np.repeat(some.dx[part], each)
        y = np.repeat(some.y0[part], each) + share * np.repeat(some.dy[part], each)
        values = np.repeat(some.values[part], each)
        masks.write(x.astype(np.float32), y.astype(np.float32), values, inside=False)
        start = stop


def _shares_inside(grid: Grid, some: Segments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return from which to which share of its length each segment lies in the grid.

    Liang and Barsky 1984; the first is greater than the last where it lies outside.
    """
    first, last = np.zeros(len(some.dx)), np.ones(len(some.dx))
    x0, y0, dx, dy = (side.astype(float) for side in (some.x0, some.y0, some.dx, some.dy))
    for move, room in ((-dx, x0), (dx, grid.width - x0), (-dy, y0), (dy, grid.height - y0)):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = room / move
        last[(move == 0) & (room < 0)] = -1.0
        first = np.where(move < 0, np.maximum(first, share), first)
        last = np.where(move > 0, np.minimum(last, share), last)
    return first, last
