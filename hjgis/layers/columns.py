"""A layer's features in memory, for drawing, snapping and picking without SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.layers.blob_arrays import Batch, Skip, shapes_of
from hjgis.layers.distance import distances
from hjgis.layers.parts import Part, within
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent, LayerDelta
from hjgis.models.shapes import DIMENSION_OF, Dimension, Shapes
from hjgis.models.styles.style import Style

# A feature is a stray if it is ten times as far from the middle as nine tenths of all features.
_USUAL_SHARE: Final = 0.9
_FAR_TIMES: Final = 10.0
_FAR_AT_LEAST_M: Final = 5_000.0
_FEW: Final = 0.003
# Changes whose extents are kept: the picture is never farther behind.
_REMEMBERED: Final = 64
# Boxes enough to say where a layer lies.
_SAMPLE: Final = 50_000
# Each later part is at most half as large as the one before it, so there are few of them; but
# what is larger than this, such as what was read at once, stays: an edit would wait for it.
_SMALLER: Final = 2
_LARGE: Final = 20_000


class BatchReader(Protocol):
    """What columns are read from: the file of the open project."""

    def batches(self, layer: str, style: Style) -> Iterator[Batch]:
        """Read the rows of a layer, in fid order."""

    def batches_of(self, layer: str, style: Style, fids: NDArray[np.int64]) -> Iterator[Batch]:
        """Read these rows of a layer."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerColumns:
    """The features of one layer that have a place.

    Attributes
    ----------
    parts : tuple of Part
        A feature is in one of them; changed features stand in later parts.
    skipped : mapping of reason to array of int64
        Which features cannot be drawn, and why; see `blob_arrays.shapes_of`.
    reading : object
        The same for columns that come from the same reading of the layer.
    version : int
        Rises with every change after that.
    dirt : tuple of (version, boxes)
        Where the latest changes took something away and where they put something.
    """

    layer: str
    dimension: Dimension
    parts: tuple[Part, ...] = ()
    skipped: Mapping[Skip, NDArray[np.int64]] = field(default_factory=dict)
    reading: object = field(default_factory=object)
    version: int = 0
    dirt: tuple[tuple[int, tuple[Extent, ...]], ...] = ()

    @classmethod
    def none(cls, asset: AssetType) -> LayerColumns:
        """Return a layer without features."""
        return cls(asset.id, DIMENSION_OF[asset.geometry])

    def __len__(self) -> int:
        """Return the number of features that have a place."""
        return sum(part.count for part in self.parts)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return sum(part.nbytes for part in self.parts)

    def with_batch(self, batch: Batch) -> LayerColumns:
        """Return the columns and these rows, none of which is there already."""
        return self.beside(self.of(batch))

    def of(self, batch: Batch) -> LayerColumns:
        """Return the columns of these rows alone."""
        shapes, skipped = shapes_of(batch, self.dimension)
        parts = (Part.of(shapes),) if len(shapes) else ()
        return replace(self, parts=parts, skipped=skipped)

    def beside(self, other: LayerColumns) -> LayerColumns:
        """Return the features of both; one that is in both stands twice."""
        skipped = _both(self.skipped, other.skipped)
        return replace(self, parts=(*self.parts, *other.parts), skipped=skipped)

    def updated(self, delta: LayerDelta, reader: BatchReader, style: Style) -> LayerColumns:
        """Return the columns after a change; only the rows that it touched are read."""
        touched = np.concatenate([delta.inserted, delta.updated])
        gone = np.concatenate([touched, delta.deleted])
        before = self.extent_of(gone)
        parts = [part for old in self.parts if (part := old.without(gone)).count]
        skipped = {why: fids[~np.isin(fids, gone)] for why, fids in self.skipped.items()}
        result = replace(self, parts=tuple(parts), skipped=skipped)
        for batch in reader.batches_of(self.layer, style, touched):
            result = result.with_batch(batch)
        boxes = tuple(box for box in (before, result.extent_of(touched)) if box is not None)
        version = self.version + 1
        dirt = (*self.dirt, (version, boxes))[-_REMEMBERED:]
        return replace(result._merged(), version=version, dirt=dirt)

    def changed_since(self, other: LayerColumns) -> list[Extent] | None:
        """Return the boxes of what changed after `other`; None if that is not known."""
        if self is other:
            return []
        if self.reading is not other.reading:
            return None
        later = [entry for entry in self.dirt if entry[0] > other.version]
        if len(later) != self.version - other.version or not later:
            return None
        return [box for _version, boxes in later for box in boxes]

    def taken(self, fids: NDArray[np.int64]) -> Shapes:
        """Return these features; those without a place are left out."""
        return self._joined(part.shapes.taken(part.rows_of(fids)) for part in self.parts)

    def only(self, fids: NDArray[np.int64]) -> LayerColumns:
        """Return the columns of these features alone; the coordinates are shared."""
        parts = (part.only(fids) for part in self.parts)
        return replace(self, parts=tuple(part for part in parts if part.count))

    def classed(self, classes: Callable[[NDArray[np.int64]], NDArray[np.uint8]]) -> LayerColumns:
        """Return the features with other classes, asked by their fids; the rest is shared."""
        parts = (part.with_classes(classes(part.shapes.fids)) for part in self.parts)
        return replace(self, parts=tuple(parts), reading=object())

    def in_view(self, extent: Extent) -> Shapes:
        """Return the features whose box meets the extent, in fid order."""
        found = self._joined(part.shapes.taken(part.rows_meeting(extent)) for part in self.parts)
        return found.taken(np.argsort(found.fids, kind="stable"))

    def class_counts(self, classes: int) -> NDArray[np.int64]:
        """Return how many features each of so many classes has."""
        counts = np.zeros(256, np.int64)
        for part in self.parts:
            counts += part.class_counts
        return counts[:classes]

    def boxes(self) -> NDArray[np.float64]:
        """Return boxes of features all over the layer, shape (n, 4), of at most some 50 000."""
        step = 1 + sum(map(len, self.parts)) // _SAMPLE
        sampled = [np.empty((0, 4))]
        for part in self.parts:
            boxes = part.boxes(0, len(part), step)
            sampled.append(boxes if part.gone is None else boxes[~part.gone[::step]])
        return np.concatenate(sampled)

    def extent(self) -> Extent | None:
        """Return the box around all features; None if there are none."""
        return _around(np.concatenate([np.empty((0, 4)), *(part.blocks for part in self.parts)]))

    def extent_of(self, fids: NDArray[np.int64]) -> Extent | None:
        """Return the box around these features; None if none has a place."""
        around = [part.boxes_around(fids) for part in self.parts]
        return _around(np.concatenate([np.empty((0, 4)), *around]))

    def meeting(self, extent: Extent) -> NDArray[np.int64]:
        """Return the fids of the features that meet the extent, rising."""
        near = self.in_view(extent)
        boxes = near.boxes()
        sure = within(boxes, extent)
        asked = np.flatnonzero(~sure)
        sure[asked] = _meets(near.taken(asked), extent)
        return near.fids[sure]

    def near(
        self, x: float, y: float, distance: float, *, most: int | None = None
    ) -> tuple[Shapes, NDArray[np.float64]]:
        """Return the features within `distance` metres of a place and how far they are.

        The nearest comes first; of those equally far, the one with the lowest fid. A place inside
        an area is 0 m from it. Where there are more than `most`, only the nearest are returned.
        """
        found = self.in_view((x - distance, y - distance, x + distance, y + distance))
        if not len(found):
            return found, np.empty(0)
        away = distances(found, x, y)
        close = np.flatnonzero(away <= distance)
        order = close[np.argsort(away[close], kind="stable")][:most]
        return found.taken(order), away[order]

    def _joined(self, found: Iterable[Shapes]) -> Shapes:
        some = [shapes for shapes in found if len(shapes)]
        return Shapes.joined(some) if some else Shapes.empty(self.dimension)

    def _merged(self) -> LayerColumns:
        """Join the last parts until each is large or much smaller than the one before it."""
        parts = list(self.parts)
        while len(parts) > 1 and parts[-2].count < _SMALLER * parts[-1].count < _SMALLER * _LARGE:
            last, before = parts.pop(), parts.pop()
            parts.append(Part.of(Shapes.joined([before.present(), last.present()])))
        return replace(self, parts=tuple(parts))


def read_columns(reader: BatchReader, asset: AssetType, style: Style) -> LayerColumns:
    """Read a whole layer."""
    result = LayerColumns.none(asset)
    for batch in reader.batches(asset.id, style):
        result = result.with_batch(batch)
    return result


def usual_extent(bounds: NDArray[np.float64]) -> Extent | None:
    """Return the box around features, without the few that lie far from all others.

    Parameters
    ----------
    bounds : array of float64, shape (n, 4)
        x_min, y_min, x_max, y_max of each feature, project CRS, metres.

    Returns
    -------
    Extent or None
        None if there is no feature.
    """
    if not len(bounds):
        return None
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2
    away = np.abs(middles - np.median(middles, axis=0))
    usual = _FAR_TIMES * np.quantile(away, _USUAL_SHARE, axis=0) + _FAR_AT_LEAST_M
    return _around(bounds[(away <= usual).all(axis=1)])


def most_extent(bounds: NDArray[np.float64]) -> Extent:
    """Return the box that holds all but a few in a thousand of the features at each side.

    Parameters
    ----------
    bounds : array of float64, shape (n, 4), n > 0
        x_min, y_min, x_max, y_max of each feature, project CRS, metres.
    """
    x_min, y_min = np.quantile(bounds[:, :2], _FEW, axis=0).tolist()
    x_max, y_max = np.quantile(bounds[:, 2:], 1 - _FEW, axis=0).tolist()
    return (x_min, y_min, x_max, y_max)


def _both(
    one: Mapping[Skip, NDArray[np.int64]], other: Mapping[Skip, NDArray[np.int64]]
) -> dict[Skip, NDArray[np.int64]]:
    none = np.empty(0, np.int64)
    reasons = (*one, *(reason for reason in other if reason not in one))
    return {why: np.concatenate([one.get(why, none), other.get(why, none)]) for why in reasons}


def _meets(shapes: Shapes, extent: Extent) -> NDArray[np.bool_]:
    """Return which features meet the extent, shape (n,)."""
    geometry = np.empty(len(shapes), object)
    geometry[:] = [shapes.geometry(row) for row in range(len(shapes))]
    result: NDArray[np.bool_] = shapely.intersects(geometry, shapely.box(*extent))
    return result


def _around(boxes: NDArray[np.float64]) -> Extent | None:
    if not len(boxes):
        return None
    x_min, y_min = boxes[:, :2].min(axis=0).tolist()
    x_max, y_max = boxes[:, 2:].max(axis=0).tolist()
    return (x_min, y_min, x_max, y_max)
