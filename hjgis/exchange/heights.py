"""Heights that are not known of some vertices, for formats that have no sign for that."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.report import Loss
from hjgis.i18n import _
from hjgis.models.reading import LayerTable


def unknown_rows(shapes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return which of n shapes have heights, but not of every vertex; rising."""
    high = np.flatnonzero(shapely.has_z(shapes))
    xyz, at = shapely.get_coordinates(shapes[high], include_z=True, return_index=True)
    return high[np.unique(at[np.isnan(xyz[:, 2])])]


def known(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes, shape (n,), with height 0 where one is not known."""
    rows = unknown_rows(shapes)
    if not len(rows):
        return shapes
    result = shapes.copy()
    result[rows] = shapely.transform(
        shapes[rows], lambda xyz: np.nan_to_num(xyz, nan=0.0), include_z=True
    )
    return result


def losses(table: LayerTable) -> Iterator[Loss]:
    """Yield what is told of the shapes that `known` changes."""
    if table.geometry is not None:
        for row in unknown_rows(table.geometry).tolist():
            yield Loss("geometry", str(table.uuids[row]), "geometry", said())


def said() -> str:
    """Return what is told of one of them."""
    return _("not every vertex has a height; those without are written with height 0")
