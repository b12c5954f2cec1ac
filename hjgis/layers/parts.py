"""Features in Morton order with blocks: found by place without a tree, and never changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from hjgis.models.changes import Extent
from hjgis.models.shapes import Shapes

BLOCK: Final = 512
_MORTON_BITS: Final = 16
_FEW: Final = 16
# So large a share of a part, and its numbers are laid out as a table before they are looked up.
_MANY: Final = 1 / 32
_SPARSE: Final = 4


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring rows `start` to `stop` - 1 of a part; `inside` if all lie in what was asked."""

    start: int
    stop: int
    inside: bool


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """An immutable piece of a layer, its features along a Morton curve.

    Attributes
    ----------
    shapes : Shapes
        In Morton order: neighbours in the arrays are neighbours on the map.
    stored_boxes : array of float64, shape (n, 4), or None
        Box of each feature; None for points, whose coordinates say it.
    blocks : array of float64, shape (ceil(n / BLOCK), 4)
        Box of each run of BLOCK features.
    by_fid : array of int32, shape (n,)
        Rows in fid order.
    class_counts : array of int64, shape (256,)
        How many features that are there each class has.
    gone : array of bool, shape (n,), or None
        Features that are deleted or stand, changed, in a later part.
    """

    shapes: Shapes
    stored_boxes: NDArray[np.float64] | None
    blocks: NDArray[np.float64]
    by_fid: NDArray[np.int32]
    class_counts: NDArray[np.int64]
    gone: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, shapes: Shapes) -> Self:
        """Sort features along the curve and box them."""
        boxes = shapes.boxes()
        order = morton_order(boxes)
        shapes, boxes = shapes.taken(order), np.take(boxes, order, axis=0)
        starts = np.arange(0, len(shapes), BLOCK)
        blocks = np.empty((len(starts), 4))
        if len(starts):
            for side, smaller in enumerate((np.minimum, np.minimum, np.maximum, np.maximum)):
                smaller.reduceat(boxes[:, side], starts, out=blocks[:, side])
        by_fid = np.argsort(shapes.fids).astype(np.int32)
        kept_boxes = None if shapes.rings is None else boxes
        return cls(shapes, kept_boxes, blocks, by_fid, _counts(shapes.classes))

    def __len__(self) -> int:
        """Return the number of rows, those that are gone included."""
        return len(self.shapes)

    @property
    def count(self) -> int:
        """The number of features that are there."""
        return int(self.class_counts.sum())

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        optional = (array.nbytes for array in (self.stored_boxes, self.gone) if array is not None)
        return self.shapes.nbytes + self.blocks.nbytes + self.by_fid.nbytes + sum(optional)

    def boxes(self, start: int, stop: int, step: int = 1) -> NDArray[np.float64]:
        """Return the boxes of neighbouring rows, of one in `step` of them, shape (n, 4)."""
        if self.stored_boxes is not None:
            return self.stored_boxes[start:stop:step]
        points = self.shapes.coords[start:stop:step]
        return np.concatenate([points, points], axis=1)

    def runs(self, extent: Extent, *, most: int = 20_000) -> Iterator[Run]:
        """Yield the runs of blocks that meet the extent, each of at most `most` rows or a block."""
        meets = meeting(self.blocks, extent)
        inside = within(self.blocks, extent)
        state = meets.astype(np.int8) + (meets & inside)
        edges = np.flatnonzero(np.diff(state)) + 1
        step = max(most // BLOCK, 1)
        for first, last in zip([0, *edges.tolist()], [*edges.tolist(), len(state)], strict=True):
            if first < last and state[first]:
                for block in range(first, last, step):
                    stop = min(min(block + step, last) * BLOCK, len(self))
                    yield Run(block * BLOCK, stop, bool(state[first] == 2))

    def meets_few(self, extent: Extent) -> bool:
        """Whether so little meets the extent that runs of it are not worth their while."""
        return int(np.count_nonzero(meeting(self.blocks, extent))) <= _FEW

    def rows_meeting(self, extent: Extent) -> NDArray[np.intp]:
        """Return the rows that are there and whose box meets the extent, rising."""
        blocks = np.flatnonzero(meeting(self.blocks, extent))
        few = len(blocks) <= _FEW
        rows = self._in_blocks(blocks, extent) if few else self._in_runs(extent)
        return rows if self.gone is None else rows[~self.gone[rows]]

    def _in_blocks(self, blocks: NDArray[np.intp], extent: Extent) -> NDArray[np.intp]:
        rows = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        rows = rows[rows < len(self)]
        if self.stored_boxes is not None:
            return rows[meeting(np.take(self.stored_boxes, rows, axis=0), extent)]
        points = np.take(self.shapes.coords, rows, axis=0)
        return rows[meeting(points[:, [0, 1, 0, 1]], extent)]

    def _in_runs(self, extent: Extent) -> NDArray[np.intp]:
        found = [np.empty(0, np.intp)]
        for run in self.runs(extent, most=len(self)):
            if run.inside:
                found.append(np.arange(run.start, run.stop))
            else:
                meets = meeting(self.boxes(run.start, run.stop), extent)
                found.append(np.flatnonzero(meets) + run.start)
        return np.concatenate(found)

    def rows_of(self, fids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the rows of those of these features that are there."""
        if not len(self) or not len(fids):
            return np.empty(0, np.intp)
        stored = self.shapes.fids
        if len(fids) <= _FEW:
            # numpy would copy the whole of `by_fid` first.
            at = np.array([bisect_left(self.by_fid, f, key=stored.__getitem__) for f in fids])
        elif len(fids) > len(self) * _MANY and self._is_dense:
            return self._looked_up(fids)
        else:
            at = np.searchsorted(stored, fids, sorter=self.by_fid)
        rows = self.by_fid[np.minimum(at, len(self) - 1)].astype(np.intp)
        found: NDArray[np.intp] = rows[stored[rows] == fids]
        return found if self.gone is None else found[~self.gone[found]]

    @property
    def _is_dense(self) -> bool:
        first, last = self.shapes.fids[self.by_fid[[0, -1]]].tolist()
        return bool(last - first < _SPARSE * len(self))

    def _looked_up(self, fids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return what `rows_of` does, of very many features: a tenth of the time of a search."""
        stored = self.shapes.fids
        first, last = stored[self.by_fid[[0, -1]]].tolist()
        row_of = np.full(last - first + 1, -1, np.int32)
        here = np.arange(len(self), dtype=np.int32)
        row_of[stored - first] = here if self.gone is None else np.where(self.gone, -1, here)
        rows = row_of[fids[(fids >= first) & (fids <= last)] - first].astype(np.intp)
        found: NDArray[np.intp] = rows[rows >= 0]
        return found

    def boxes_around(self, fids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return boxes that reach as far as these features do, shape (n, 4)."""
        rows = self.rows_of(fids)
        if len(rows) >= len(self) and np.bincount(rows, minlength=len(self)).all():
            return self.blocks
        if self.stored_boxes is not None:
            return np.take(self.stored_boxes, rows, axis=0)
        points = np.take(self.shapes.coords, rows, axis=0)
        return np.concatenate([points, points], axis=1)

    def without(self, fids: NDArray[np.int64]) -> Part:
        """Return the part with these features gone; itself if it holds none of them."""
        rows = self.rows_of(fids)
        if not len(rows):
            return self
        # A feature may be named twice; it is gone once.
        going = np.zeros(len(self), np.bool_)
        going[rows] = True
        counts = _counts(self.shapes.classes[going])
        gone = going if self.gone is None else going | self.gone
        return replace(self, gone=gone, class_counts=self.class_counts - counts)

    def with_classes(self, classes: NDArray[np.uint8]) -> Part:
        """Return the part with other classes of its rows, shape (n,)."""
        shown = classes if self.gone is None else classes[~self.gone]
        return replace(
            self, shapes=replace(self.shapes, classes=classes), class_counts=_counts(shown)
        )

    def only(self, fids: NDArray[np.int64]) -> Part:
        """Return the part with all but these features gone; the coordinates are shared."""
        gone = np.ones(len(self), np.bool_)
        gone[self.rows_of(fids)] = False
        return replace(self, gone=gone, class_counts=_counts(self.shapes.classes[~gone]))

    def present(self) -> Shapes:
        """Return the features that are there."""
        if self.gone is None:
            return self.shapes
        return self.shapes.taken(np.flatnonzero(~self.gone))


def meeting(boxes: NDArray[np.float64], extent: Extent) -> NDArray[np.bool_]:
    """Return which boxes, shape (n, 4), meet the extent; a touch counts."""
    result = (boxes[:, 0] <= extent[2]) & (boxes[:, 2] >= extent[0])
    result &= (boxes[:, 1] <= extent[3]) & (boxes[:, 3] >= extent[1])
    return result


def within(boxes: NDArray[np.float64], extent: Extent) -> NDArray[np.bool_]:
    """Return which boxes, shape (n, 4), lie in the extent wholly."""
    result = (boxes[:, 0] >= extent[0]) & (boxes[:, 2] <= extent[2])
    result &= (boxes[:, 1] >= extent[1]) & (boxes[:, 3] <= extent[3])
    return result


def morton_order(boxes: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the order of boxes, shape (n, 4), along a Morton curve through their middles."""
    if not len(boxes):
        return np.empty(0, np.intp)
    code = np.zeros(len(boxes), np.uint32)
    for axis in (0, 1):
        middle = boxes[:, axis] + boxes[:, 2 + axis]
        low, high = middle.min(), middle.max()
        scale = (2**_MORTON_BITS - 1) / (high - low) if high > low else 0.0
        code |= _spread(((middle - low) * scale).astype(np.uint32)) << np.uint32(axis)
    # Code and row in one number: sorting numbers is ten times as fast as sorting an index.
    keys = (code.astype(np.uint64) << np.uint64(32)) | np.arange(len(boxes), dtype=np.uint64)
    keys.sort()
    return (keys & np.uint64(2**32 - 1)).astype(np.intp)


def _counts(classes: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bincount(classes, minlength=256)


def _spread(value: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Put a zero bit between the 16 lower bits of each value."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        value = (value | (value << np.uint32(shift))) & np.uint32(mask)
    return value
