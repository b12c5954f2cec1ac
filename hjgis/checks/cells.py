"""The cells of the town's grid, and which of them places lie in."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.layers import locating
from hjgis.layers.project import Project

CELLS: Final = "grid"
CELL_ID: Final = "grid_id"


def cell_outlines(project: Project) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return ids and outlines of the grid cells that have both, in fid order."""
    if CELLS not in project.types:
        return np.empty(0, object), np.empty(0, object)
    table = project.table(CELLS, [CELL_ID])
    ids, shapes = table.columns[CELL_ID], table.geometry
    assert shapes is not None
    named = np.array([value not in (None, "") for value in ids], bool)
    there = named & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return ids[there], shapes[there]


def cells_at(xy: NDArray[np.float64], outlines: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return for each place the first of some areas that holds it, edges included.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        NaN for what is nowhere.
    outlines : array of geometry, shape (m,)
        In the same CRS.

    Returns
    -------
    array of int64, shape (n,)
        Positions in `outlines`, -1 for none.
    """
    # As quick as a tree and a sort of one's own at a million places, and no slower to import than
    # pandas, which the rules have loaded by now.
    import geopandas

    spots = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*xy.T))
    areas = geopandas.GeoDataFrame(geometry=locating.usable(outlines))
    held = spots.sjoin(areas, predicate="covered_by")["index_right"]
    first = held.groupby(level=0).min().reindex(spots.index, fill_value=-1)
    return np.asarray(first, dtype=np.int64)
