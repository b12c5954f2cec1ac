"""How much ground features cover together, and how much of it in one piece.

A feature covers the cells that its points and lines touch or its area holds, and the cells next to
them; cells that meet make a patch, and what a patch encloses counts as covered. So a street with
lamps on it covers its surroundings, as a map of it shows them, and blocks between streets less than
three cells apart count too.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_KM2 = 1e6
_AROUND = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(-1, 2)


def covered_km2(geometry: Iterable[NDArray[np.object_]], cell_m: float) -> tuple[float, float]:
    """Return what features cover together, and the largest patch of it, square kilometres.

    Parameters
    ----------
    geometry : iterable of arrays of shapely geometries
        In metres; None and empty ones cover nothing.
    cell_m : float
        Side of a cell.
    """
    found = [_cells(some, cell_m) for some in geometry]
    cells = np.unique(np.concatenate([np.empty((0, 2), np.int64), *found]), axis=0)
    if not len(cells):
        return 0.0, 0.0
    around = np.unique((cells[:, None, :] + _AROUND).reshape(-1, 2), axis=0) * cell_m
    boxes = shapely.box(around[:, 0], around[:, 1], around[:, 0] + cell_m, around[:, 1] + cell_m)
    patches = shapely.get_parts(shapely.union_all(boxes))
    areas = shapely.area(shapely.polygons(shapely.get_exterior_ring(patches)))
    return float(areas.sum()) / _KM2, float(areas.max()) / _KM2


def _cells(geometry: NDArray[np.object_], cell_m: float) -> NDArray[np.int64]:
    """Return the cells that some geometries touch or hold, shape (n, 2)."""
    there = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    coordinates = shapely.get_coordinates(shapely.segmentize(there, cell_m / 2))
    coordinates = coordinates[np.isfinite(coordinates).all(axis=1)]
    touched = np.floor(coordinates / cell_m).astype(np.int64)
    wide = there[(shapely.get_dimensions(there) == 2) & (shapely.area(there) > cell_m**2)]
    return np.unique(np.concatenate([touched, *(_held(one, cell_m) for one in wide)]), axis=0)


def _held(area: BaseGeometry, cell_m: float) -> NDArray[np.int64]:
    """Return the cells whose middle lies in an area, shape (n, 2)."""
    low = np.floor(np.array(area.bounds[:2]) / cell_m).astype(np.int64)
    high = np.floor(np.array(area.bounds[2:]) / cell_m).astype(np.int64)
    across, up = (np.arange(a, b + 1) for a, b in zip(low, high, strict=True))
    cells = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    middles = (cells + 0.5) * cell_m
    shapely.prepare(area)
    return cells[shapely.contains_xy(area, middles[:, 0], middles[:, 1])]
