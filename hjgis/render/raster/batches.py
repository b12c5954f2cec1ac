"""A layer's features in view by the ten thousand: few enough that the work stays in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.parts import Part, Run, meeting
from hjgis.models.changes import Extent
from hjgis.models.shapes import Shapes
from hjgis.models.styles.style import Style
from hjgis.progress import Progress

# Measured with lines: 5 000 and 100 000 at once take half as long again.
_ROWS: Final = 20_000
# Fewer rows than this are put together with others: each batch has its fixed cost.
_FEW: Final = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some features; `inside` if all of them lie in what was asked for.

    Attributes
    ----------
    stored_boxes : array of float64, shape (n, 4), or None
        None for points.
    """

    shapes: Shapes
    stored_boxes: NDArray[np.float64] | None
    inside: bool

    @property
    def boxes(self) -> NDArray[np.float64]:
        """Box of each feature, shape (n, 4)."""
        return self.shapes.boxes() if self.stored_boxes is None else self.stored_boxes

    @property
    def values(self) -> NDArray[np.uint8]:
        """What each feature writes into a mask: its class and one, shape (n,)."""
        return self.shapes.classes + np.uint8(1)

    def vertex_values(self) -> NDArray[np.uint8]:
        """Return what each vertex writes into a mask, shape (v,)."""
        if self.shapes.rings is None:
            return self.values
        return np.repeat(self.values, np.diff(self.shapes.vertex_offsets()))


def batches(
    parts: Sequence[Part], extent: Extent, style: Style, level: int, progress: Progress
) -> Iterator[Batch]:
    """Yield the features of one level whose box meets an extent."""
    at_level = np.array([item.level == level for item in style.all_classes])
    some = None if at_level.all() else at_level
    waiting: list[Batch] = []
    for part in parts:
        for batch in _of_part(part, extent, some):
            progress.check()
            if len(batch.shapes) >= _FEW:
                yield batch
            elif len(batch.shapes):
                waiting.append(batch)
            if sum(len(few.shapes) for few in waiting) >= _ROWS:
                yield _joined(waiting)
                waiting = []
    if waiting:
        yield _joined(waiting)


def _of_part(part: Part, extent: Extent, at_level: NDArray[np.bool_] | None) -> Iterator[Batch]:
    if part.meets_few(extent):
        rows = part.rows_meeting(extent)
        if at_level is not None:
            rows = rows[at_level[part.shapes.classes[rows]]]
        boxes = None if part.stored_boxes is None else np.take(part.stored_boxes, rows, axis=0)
        yield Batch(part.shapes.taken(rows), boxes, inside=False)
        return
    for run in part.runs(extent, most=_ROWS):
        yield _batch(part, run, extent, at_level)


def _batch(part: Part, run: Run, extent: Extent, at_level: NDArray[np.bool_] | None) -> Batch:
    shapes, boxes = part.shapes.sliced(run.start, run.stop), None
    if part.stored_boxes is not None:
        boxes = part.stored_boxes[run.start : run.stop]
    kept = np.ones(len(shapes), np.bool_)
    if not run.inside:
        kept = meeting(part.boxes(run.start, run.stop), extent)
    if at_level is not None:
        kept &= at_level[shapes.classes]
    if part.gone is not None:
        kept &= ~part.gone[run.start : run.stop]
    if not kept.all():
        rows = np.flatnonzero(kept)
        shapes = shapes.taken(rows)
        boxes = None if boxes is None else np.take(boxes, rows, axis=0)
    return Batch(shapes, boxes, run.inside)


def _joined(some: Sequence[Batch]) -> Batch:
    shapes = Shapes.joined([batch.shapes for batch in some])
    boxes = [batch.stored_boxes for batch in some if batch.stored_boxes is not None]
    inside = all(batch.inside for batch in some)
    return Batch(shapes, np.concatenate(boxes) if boxes else None, inside)
