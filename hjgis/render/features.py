"""A layer made ready to paint: flat coordinate arrays, classes, label texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.assets import Label
from hjgis.models.reading import LayerTable
from hjgis.models.style import Style


@dataclass(frozen=True)
class LayerPaint:
    """One layer's features for painting and picking, row i of every array being the same feature.

    Attributes
    ----------
    coords : array of float64, shape (v, 2)
        All vertices in the project CRS.
    rings : array of int64, shape (r + 1,)
        Ring (or line part, or point) k is ``coords[rings[k]:rings[k + 1]]``.
    features : array of int64, shape (n + 1,)
        Feature i has the rings ``features[i]`` to ``features[i + 1] - 1``.
    bounds : array of float64, shape (n, 4)
        x_min, y_min, x_max, y_max of each feature.
    classes : array of uint8, shape (n,)
        Index into ``style.all_classes``.
    texts : sequence of str, length n
        Label of each feature, or empty if the style has no labels.
    shown, selected : array of bool, shape (n,), or None
        Filter and selection; None means all shown, none selected.
    """

    layer: str
    label: Label
    style: Style
    fids: NDArray[np.int64]
    coords: NDArray[np.float64]
    rings: NDArray[np.int64]
    features: NDArray[np.int64]
    bounds: NDArray[np.float64]
    classes: NDArray[np.uint8]
    texts: tuple[str, ...] = ()
    shown: NDArray[np.bool_] | None = None
    selected: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.fids)

    def parts(self, row: int) -> Iterator[NDArray[np.float64]]:
        """Yield the coordinates of each ring or line part of one feature."""
        for ring in range(self.features[row], self.features[row + 1]):
            yield self.coords[self.rings[ring] : self.rings[ring + 1]]


def layer_paint(
    table: LayerTable,
    style: Style,
    *,
    label: Label | None = None,
    selected_fids: NDArray[np.int64] | None = None,
) -> LayerPaint:
    """Make a layer ready to paint; features without a geometry are left out.

    Parameters
    ----------
    table : LayerTable
        With geometry and at least the columns ``style.columns``.
    label : mapping of language to str, optional
        The layer's name in legends; its id if not given.
    """
    geometry = table.geometry if table.geometry is not None else np.empty(0, object)
    drawn = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    geometry, fids = geometry[drawn], table.fids[drawn]
    coords, rings, features = _flat(geometry)
    columns = {name: table.columns[name][drawn] for name in style.columns}
    if style.class_field:
        classes = style.classify(columns[style.class_field])
    else:
        classes = np.zeros(len(fids), np.uint8)
    return LayerPaint(
        layer=table.layer,
        label=label or {"zh_CN": table.layer},
        style=style,
        fids=fids,
        coords=coords,
        rings=rings,
        features=features,
        bounds=shapely.bounds(geometry).reshape(-1, 4),
        classes=classes,
        texts=tuple(style.label.texts(columns)) if style.label else (),
        selected=None if selected_fids is None else np.isin(fids, selected_fids),
    )


def _flat(
    geometry: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return vertices, ring offsets and feature offsets of geometries of one dimension."""
    if not len(geometry):
        return np.empty((0, 2)), np.zeros(1, np.int64), np.zeros(1, np.int64)
    kind, coords, offsets = shapely.to_ragged_array(geometry, include_z=False)
    if kind is shapely.GeometryType.POINT:
        steps = np.arange(len(coords) + 1, dtype=np.int64)
        return coords, steps, steps
    rings = np.asarray(offsets[0], np.int64)
    features = np.arange(len(rings), dtype=np.int64)
    for outer in offsets[1:]:
        features = features[outer]
    return coords, rings, features
