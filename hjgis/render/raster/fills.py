"""Small areas into a mask: even-odd filling of very many rings at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hjgis.models.shapes import Shapes
from hjgis.render.raster.grid import Grid, Mask

Pixels = NDArray[np.float32]


def fill_areas(
    grid: Grid,
    mask: Mask,
    shapes: Shapes,
    x: Pixels,
    y: Pixels,
    values: NDArray[np.uint8],
) -> None:
    """Write the pixels whose middles lie in areas; holes and parts follow the even-odd rule.

    Each area has a small raster of its own, one column wider than itself. Every edge turns over
    one cell in each row that it crosses; from left to right, a cell lies inside where the number
    of turns is odd. As there is an even number of them in each row, one pass over all rasters
    does it.

    Parameters
    ----------
    x, y : array of float32, shape (v,)
        Vertices of `shapes` in pixels of the grid.
    values : array of uint8, shape (n,)
        What each area writes.
    """
    starts = shapes.vertex_offsets()[:-1]
    left, top = (np.floor(np.minimum.reduceat(side, starts)).astype(np.int64) for side in (x, y))
    right, bottom = (
        np.floor(np.maximum.reduceat(side, starts)).astype(np.int64) for side in (x, y)
    )
    wide, high = right - left + 2, bottom - top + 1
    ends = np.cumsum(wide * high)
    first = ends - wide * high
    turned = _turned(shapes, x, y, left, top, wide, first, int(ends[-1]))
    cells = np.flatnonzero(np.bitwise_xor.accumulate(turned))
    owner = np.repeat(np.arange(len(shapes)), wide * high)[cells]
    row, column = np.divmod(cells - first[owner], wide[owner])
    column += left[owner]
    row += top[owner]
    there = (column >= 0) & (row >= 0) & (column < grid.width) & (row < grid.height)
    mask[row[there], column[there]] = values[owner[there]]


def _turned(
    shapes: Shapes,
    x: Pixels,
    y: Pixels,
    left: NDArray[np.int64],
    top: NDArray[np.int64],
    wide: NDArray[np.int64],
    first: NDArray[np.int64],
    cells: int,
) -> NDArray[np.uint8]:
    """Return which cells are turned over an odd number of times by edges, shape (cells,)."""
    owner = np.repeat(np.arange(len(shapes)), np.diff(shapes.vertex_offsets()))
    following = np.arange(1, len(x) + 1)
    ring_starts, ring_ends = shapes.ring_offsets()[:-1], shapes.ring_offsets()[1:]
    # A ring that is not closed is closed here; in a closed one this edge is a point.
    following[ring_ends - 1] = ring_starts
    x1, y1 = x[following], y[following]
    # The rows whose middles lie between the ends, the lower end left out.
    low, high = np.minimum(y, y1), np.maximum(y, y1)
    row0 = np.ceil(low - 0.5).astype(np.int64)
    counts = np.maximum(np.ceil(high - 0.5).astype(np.int64) - row0, 0)
    edge = np.repeat(np.arange(len(x)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + row0[edge]
    share = (row + 0.5 - y[edge]) / (y1[edge] - y[edge])
    crossing = x[edge] + share * (x1[edge] - x[edge])
    owner = owner[edge]
    column = np.ceil(crossing - 0.5).astype(np.int64) - left[owner]
    np.clip(column, 0, wide[owner] - 1, out=column)
    at = first[owner] + (row - top[owner]) * wide[owner] + column
    turns: NDArray[np.uint8] = (np.bincount(at, minlength=cells) & 1).astype(np.uint8)
    return turns
