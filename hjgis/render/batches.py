"""Which shapes one call of Qt may draw together so that they look as if drawn one by one."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen

# Fewer are drawn as fast one by one.
_FEW: Final = 32
# Where each meets more than so many others, hardly any may be drawn together.
_CROWD: Final = 48
_LOOKED_AT: Final = 1024
# Cells of the grid that a box reaches, on average.
_CELLS: Final = 4
# Of the whole grid, so that a number holds a cell and a box.
_COLUMNS: Final = 2**20
_DEEPEST: Final = 48
# One call never holds more: it cannot be cancelled, and readers of PDF choke on longer paths.
_MOST: Final = 2000
# Qt's own way of writing a path down: number of points, each with its kind, x and y.
_POINT: Final = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Lines or rings that one pen and one brush draw, filled even-odd, each as if alone.

    Attributes
    ----------
    coords : array of float64, shape (v, 2)
        Device pixels, finite.
    ends : array of int, shape (r + 1,)
        Line k is ``coords[ends[k]:ends[k + 1]]``; one that ends where it begins is closed.
    """

    coords: NDArray[np.float64]
    ends: NDArray[np.int64]
    pen: QPen
    brush: QBrush

    def paint(self, painter: QPainter) -> None:
        """Draw it."""
        painter.setPen(self.pen)
        painter.setBrush(self.brush)
        painter.drawPath(path_of(self.coords, self.ends))


def batches(
    boxes: NDArray[np.float64], classes: NDArray[np.uint8], free: NDArray[np.bool_]
) -> list[NDArray[np.int64]] | None:
    """Divide shapes into batches of one class, to be drawn one batch after the other.

    A shape comes after all that it lies over, as if each were drawn in its turn.

    Parameters
    ----------
    boxes : array, shape (n, 4)
        What each shape covers, in drawing order; finite.
    classes : array, shape (n,)
    free : array of bool
        For each class, whether its own shapes may be drawn in any order.

    Returns
    -------
    list of array or None
        Indices of the shapes, rising in each batch; None if it is not worth while.
    """
    if len(boxes) < _FEW:
        return None
    if len(np.unique(classes)) == 1 and free[classes[0]]:
        return _divided([np.arange(len(boxes))])
    found = _touching(boxes)
    if found is None:
        return None
    under, over = found
    matters = ~((classes[under] == classes[over]) & free[classes[under]])
    depth = _depths(under[matters], over[matters], len(boxes))
    if depth is None:
        return None
    order = np.lexsort((classes, depth))
    turns = np.diff(depth[order]).astype(bool) | np.diff(classes[order]).astype(bool)
    return _divided(np.split(order, np.flatnonzero(turns) + 1))


def _divided(held: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    return [one[start : start + _MOST] for one in held for start in range(0, len(one), _MOST)]


def _touching(boxes: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the pairs of boxes that touch, the first the earlier one; None if they crowd.

    Each box is noted in all cells of a grid that it reaches, and looks at what comes later there:
    half the time of a tree, which would need an object for each.
    """
    least, most = np.split(np.ascontiguousarray(boxes.T), 2)
    corner, count = least.min(axis=1), len(boxes)
    span = float((most.max(axis=1) - corner).max())
    usual = float(np.median((most - least)[:, :: -(-count // _LOOKED_AT)]))
    cell = max(2.0 * usual, span / _COLUMNS, 1.0)
    while True:
        low, high = (((side.T - corner) // cell).astype(np.int64).T for side in (least, most))
        across, up = high - low + 1
        if (across * up).sum(dtype=float) <= _CELLS * count:
            break
        cell *= 2
    box, nth = _counted(across * up)
    up_by, right_by = np.divmod(nth, across[box])
    cells = (low[1, box] + up_by) * _COLUMNS + low[0, box] + right_by
    # Cell and box as one number: such are sorted several times as fast as pairs.
    cells, box = np.divmod(np.sort(cells * count + box), count)
    ends = np.append(np.flatnonzero(np.diff(cells)) + 1, len(box))
    later = np.repeat(ends, np.diff(ends, prepend=0)) - np.arange(len(box)) - 1
    if later.sum() > _CROWD * count:
        return None
    entry, nth = _counted(later)
    other = entry + 1 + nth
    for start, end in zip(least[:, box], most[:, box], strict=True):
        meets = (start[entry] <= end[other]) & (start[other] <= end[entry])
        entry, other = entry[meets], other[meets]
    under, over = box[entry], box[other]
    # Those that share several cells count in the lowest.
    first = np.maximum(low[:, under], low[:, over])
    once = first[1] * _COLUMNS + first[0] == cells[entry]
    return under[once], over[once]


def _counted(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each index so many times, and how often it has been there before."""
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def _depths(
    under: NDArray[np.int64], over: NDArray[np.int64], count: int
) -> NDArray[np.int32] | None:
    """Return on how many others, one over the other, each lies at most; None if on very many."""
    depth = np.zeros(count, np.int32)
    for _turn in range(_DEEPEST):
        wanted = depth[under] + 1
        wrong = wanted > depth[over]
        if not wrong.any():
            return depth
        np.maximum.at(depth, over[wrong], wanted[wrong])
    return None


def path_of(coords: NDArray[np.float64], rings: NDArray[np.int64]) -> QPainterPath:
    """Return lines or rings as one path, filled even-odd, in one go.

    Parameters
    ----------
    coords : array, shape (v, 2)
        Finite.
    rings : array, shape (r + 1,)
        Line k is ``coords[rings[k]:rings[k + 1]]``.
    """
    starts, path = rings[:-1][np.diff(rings) > 0], QPainterPath()
    if not len(starts):
        return path
    points = np.empty(len(coords), _POINT)
    points["kind"] = _LINE
    points["kind"][starts] = _MOVE
    points["x"], points["y"] = coords.T
    tail = struct.pack(">ii", starts[-1], Qt.FillRule.OddEvenFill.value)
    stream = QDataStream(QByteArray(struct.pack(">i", len(points)) + points.tobytes() + tail))
    stream >> path
    return path
