"""Which shapes one call of Qt may draw together so that they look as if drawn one by one."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen

# Fewer are drawn as fast one by one.
_FEW: Final = 32
# Where each meets more than so many others, hardly any may be drawn together.
_CROWD: Final = 48
_LOOKED_AT: Final = 256
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
    # A tree looks at the boxes of shapes only, and diagonals are the shortest that have them.
    diagonals = np.asarray(shapely.linestrings(boxes.reshape(-1, 2, 2)), object)
    tree = shapely.STRtree(diagonals)
    some = diagonals[:: -(-len(diagonals) // _LOOKED_AT)]
    if tree.query(some).shape[1] > _CROWD * len(some):
        return None
    under, over = tree.query(diagonals)
    matters = (under < over) & ~((classes[under] == classes[over]) & free[classes[under]])
    depth = _depths(under[matters], over[matters], len(boxes))
    if depth is None:
        return None
    order = np.lexsort((classes, depth))
    turns = np.diff(depth[order]).astype(bool) | np.diff(classes[order]).astype(bool)
    held = np.split(order, np.flatnonzero(turns) + 1)
    return [one[start : start + _MOST] for one in held for start in range(0, len(one), _MOST)]


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
