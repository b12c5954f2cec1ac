"""A layer's features as columns in memory, for drawing, snapping and picking without SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.changes import Extent, LayerDelta
from hjgis.models.reading import LayerTable
from hjgis.models.style import Style

# A feature is a stray if it is ten times as far from the middle as nine tenths of all features.
_USUAL_SHARE: Final = 0.9
_FAR_TIMES: Final = 10.0
_FAR_AT_LEAST_M: Final = 5_000.0
_FEW: Final = 0.003


class TableReader(Protocol):
    """What columns are read from: the open project."""

    def table(
        self, layer: str, names: tuple[str, ...], *, fids: list[int] | None = None
    ) -> LayerTable:
        """Read columns of a layer, or of some rows of it, in fid order."""


@dataclass(frozen=True, slots=True)
class LayerColumns:
    """The features of one layer that have a place, row i of every array being the same one.

    Attributes
    ----------
    fids : array of int64, shape (n,)
        Rising.
    uuids : array of str, shape (n,)
    geometry : array of shapely geometries, shape (n,)
        In the project CRS; never missing, never empty.
    bounds : array of float64, shape (n, 4)
        x_min, y_min, x_max, y_max.
    classes : array of uint8, shape (n,)
        Index into ``style.all_classes``.
    texts : array of str, shape (n,)
        Labels; empty texts where the style has none.
    """

    layer: str
    fids: NDArray[np.int64]
    uuids: NDArray[np.object_]
    geometry: NDArray[np.object_]
    bounds: NDArray[np.float64]
    classes: NDArray[np.uint8]
    texts: NDArray[np.object_]

    @classmethod
    def of(cls, table: LayerTable, style: Style) -> Self:
        """Make columns of a table that holds geometry and at least ``style.columns``."""
        geometry = table.geometry if table.geometry is not None else np.empty(0, object)
        placed = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
        geometry = geometry[placed]
        values = {name: table.columns[name][placed] for name in style.columns}
        texts = np.full(len(placed), "", dtype=object)
        if style.label and len(placed) and values:
            texts[:] = style.label.texts(values)
        return cls(
            table.layer,
            table.fids[placed],
            table.uuids[placed],
            geometry,
            shapely.bounds(geometry).reshape(-1, 4),
            _classes(style, values, len(placed)),
            texts,
        )

    def __len__(self) -> int:
        """Return the number of features that have a place."""
        return len(self.fids)

    def taken(self, rows: NDArray[np.intp]) -> LayerColumns:
        """Return only these rows."""
        return LayerColumns(
            self.layer,
            self.fids[rows],
            self.uuids[rows],
            self.geometry[rows],
            self.bounds[rows],
            self.classes[rows],
            self.texts[rows],
        )

    def updated(self, delta: LayerDelta, reader: TableReader, style: Style) -> LayerColumns:
        """Return the columns after a change; only the rows that it touched are read."""
        touched = np.concatenate([delta.inserted, delta.updated])
        fresh = read_columns(reader, self.layer, style, fids=touched)
        gone = np.concatenate([touched, delta.deleted])
        kept = self.taken(np.flatnonzero(~np.isin(self.fids, gone)))
        return _merged(kept, fresh)

    def rows_of(self, fids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the rows of these features; those without a place are left out."""
        return np.flatnonzero(np.isin(self.fids, fids))

    def extent(self) -> Extent | None:
        """Return the box around all features; None if there are none."""
        if not len(self):
            return None
        x_min, y_min = self.bounds[:, :2].min(axis=0).tolist()
        x_max, y_max = self.bounds[:, 2:].max(axis=0).tolist()
        return (x_min, y_min, x_max, y_max)

    def boxes_meeting(self, extent: Extent) -> NDArray[np.intp]:
        """Return the rows whose box meets the extent."""
        box = self.bounds
        meets = (box[:, 0] <= extent[2]) & (box[:, 2] >= extent[0])
        meets &= (box[:, 1] <= extent[3]) & (box[:, 3] >= extent[1])
        return np.flatnonzero(meets)

    def meeting(self, extent: Extent) -> NDArray[np.intp]:
        """Return the rows whose geometry meets the extent."""
        rows = self.boxes_meeting(extent)
        return rows[shapely.intersects(self.geometry[rows], shapely.box(*extent))]

    def near(
        self, x: float, y: float, distance: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the rows within `distance` metres of a place and how far they are, nearest first.

        A place inside an area is 0 m from it.
        """
        rows = self.boxes_meeting((x - distance, y - distance, x + distance, y + distance))
        away = shapely.distance(self.geometry[rows], shapely.Point(x, y))
        close = np.flatnonzero(away <= distance)
        order = close[np.argsort(away[close], kind="stable")]
        return rows[order], away[order]


def read_columns(
    reader: TableReader, layer: str, style: Style, *, fids: NDArray[np.int64] | None = None
) -> LayerColumns:
    """Read a layer, or some rows of it, with what its style needs."""
    wanted = None if fids is None else fids.tolist()
    return LayerColumns.of(reader.table(layer, style.columns, fids=wanted), style)


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
    kept = bounds[(away <= usual).all(axis=1)]
    x_min, y_min = kept[:, :2].min(axis=0).tolist()
    x_max, y_max = kept[:, 2:].max(axis=0).tolist()
    return (x_min, y_min, x_max, y_max)


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


def _classes(style: Style, values: dict[str, NDArray[np.object_]], count: int) -> NDArray[np.uint8]:
    if style.class_field:
        return style.classify(values[style.class_field])
    return np.zeros(count, np.uint8)


def _merged(kept: LayerColumns, fresh: LayerColumns) -> LayerColumns:
    both = LayerColumns(
        kept.layer,
        np.concatenate([kept.fids, fresh.fids]),
        np.concatenate([kept.uuids, fresh.uuids]),
        np.concatenate([kept.geometry, fresh.geometry]),
        np.concatenate([kept.bounds, fresh.bounds]),
        np.concatenate([kept.classes, fresh.classes]),
        np.concatenate([kept.texts, fresh.texts]),
    )
    return both.taken(np.argsort(both.fids, kind="stable"))
