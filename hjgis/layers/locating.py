"""Which rows of a layer lie where a sentence asks for: the R-tree first, then shapes exactly."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.layers import geometry_blob, loading
from hjgis.layers.blob_arrays import geometries_of
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.query import Condition, Location, Query
from hjgis.models.shapes import DIMENSION_OF
from hjgis.models.styles.stylefile import style_for
from hjgis.progress import SILENT, Progress

Shaped = tuple[NDArray[np.int64], NDArray[np.object_]]
# Shapes looked at between two looks at whether it should stop.
_STEP: Final = 500
# What one of the others is to the feature, and what the feature is to it.
_PREDICATES: Final[Mapping[str, tuple[str, str]]] = {
    "within": ("covers", "covered_by"),
    "contains": ("covered_by", "covers"),
    "intersects": ("intersects", "intersects"),
    "touches": ("touches", "touches"),
    "near": ("dwithin", "dwithin"),
}
_LINE, _AREAS = 1, (3, 6)


def rows(
    connection: sqlite3.Connection,
    types: Mapping[str, AssetType],
    layer: str,
    part: Location | Condition,
    *,
    others: NDArray[np.int64] | None = None,
    progress: Progress = SILENT,
) -> NDArray[np.int64]:
    """Return the fids, rising, of the rows of a layer that meet a location or a measure.

    Parameters
    ----------
    part : Location or Condition
        A condition is one on a measure (`models.query.MEASURES`).
    others : array of int64, optional
        The rows that a location's query stands for.

    Raises
    ------
    ValueError
        If relation or operator is unknown.
    Cancelled
        If `progress` says so.
    """
    if isinstance(part, Condition):
        fids, shapes = read(connection, types[layer], progress=progress)
        return fids[_compared(part, measured(shapes, part.field))]
    if part.relation not in _PREDICATES:
        raise ValueError(f"unknown relation {part.relation!r}")
    own: NDArray[np.int64] | None = None
    if isinstance(part.other, Query):
        asset = types[part.other.layer]
        other_fids, shapes = read(connection, asset, fids=others, progress=progress)
        own = other_fids if asset.id == layer else None
    else:
        shapes = np.array([part.other], dtype=object)
    around = _around(shapes, part.distance_m if part.relation == "near" else 0.0)
    if around is None:
        return np.empty(0, np.int64)
    fids, mine = read(connection, types[layer], extent=around, progress=progress)
    return fids[_located(part, fids, mine, own, usable(shapes), progress=progress)]


def read(
    connection: sqlite3.Connection,
    asset: AssetType,
    *,
    extent: Extent | None = None,
    fids: NDArray[np.int64] | None = None,
    progress: Progress = SILENT,
) -> Shaped:
    """Read fids and shapes of a layer's rows, in fid order; those without a place are left out.

    Parameters
    ----------
    extent : (xmin, ymin, xmax, ymax), optional
        Only rows whose box meets it, project CRS.
    fids : array of int64, optional
        Only these rows.
    """
    none = np.empty(0, np.int64), np.empty(0, object)
    if not asset.is_spatial:
        return none
    wanted = fids
    if extent is not None:
        near = _near(connection, asset, extent)
        wanted = near if fids is None else np.intersect1d(near, fids)
    style = style_for(asset)
    batches = loading.batches(connection, asset, style)
    if wanted is not None:
        batches = loading.rows_of(connection, asset, style, wanted)
    found = [none]
    for batch in batches:
        progress.check()
        found.append(geometries_of(batch, DIMENSION_OF[asset.geometry]))
    return np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found])


def _near(connection: sqlite3.Connection, asset: AssetType, extent: Extent) -> NDArray[np.int64]:
    """Return the fids of rows whose box meets the extent, rising."""
    cursor = connection.execute(
        f"SELECT id FROM {quoted(f'rtree_{asset.id}_geom')}"
        " WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?",
        (extent[0], extent[2], extent[1], extent[3]),
    )
    return np.sort(np.fromiter((row[0] for row in cursor), np.int64))


def middles(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point on each shape: itself, the middle of a line, a place inside an area."""
    result = shapely.centroid(shapes)
    kind = shapely.get_type_id(shapes)
    lines, areas = kind == _LINE, np.isin(kind, _AREAS)
    result[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    result[areas] = shapely.point_on_surface(usable(shapes[areas]))
    points: NDArray[np.object_] = result
    return points


def measured(shapes: NDArray[np.object_], measure: str) -> NDArray[np.float64]:
    """Return lengths (m), areas (m²) or places (north, east: of the centroid), shape (n,)."""
    result: NDArray[np.float64] = _MEASURED[measure](shapes)
    return result


def _length(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = shapely.length(shapes)
    return result


_MEASURED: Final[Mapping[str, Callable[[NDArray[np.object_]], NDArray[np.float64]]]] = {
    "@length_m": _length,
    "@area_m2": shapely.area,
    "@north": lambda shapes: shapely.get_y(shapely.centroid(shapes)),
    "@east": lambda shapes: shapely.get_x(shapely.centroid(shapes)),
}


def _compared(part: Condition, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    value = part.value
    if part.operator == "between":
        assert isinstance(value, tuple)
        low, high = (float(entry or 0) for entry in value)
        return (values >= low) & (values <= high)
    compare = _COMPARE.get(part.operator)
    if compare is None or isinstance(value, tuple):
        raise ValueError(f"{part.operator!r} does not go with {part.field}")
    result: NDArray[np.bool_] = compare(values, float(value or 0))
    return result


_COMPARE: Final[Mapping[str, np.ufunc]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}


def _located(
    part: Location,
    fids: NDArray[np.int64],
    mine: NDArray[np.object_],
    own: NDArray[np.int64] | None,
    others: NDArray[np.object_],
    *,
    progress: Progress,
) -> NDArray[np.bool_]:
    """Return which shapes lie as asked to one of the others that is not themselves, shape (n,)."""
    of_other, of_mine = _PREDICATES[part.relation]
    distance = part.distance_m if part.relation == "near" else None
    hit = np.zeros(len(fids), np.bool_)
    mine = usable(mine)
    # One shape at a time against a tree: all pairs at once may be more than memory holds.
    over_others = len(others) <= len(mine)
    ask: Callable[..., NDArray[np.int64]] = shapely.STRtree(mine if over_others else others).query
    asked = others if over_others else mine
    for row, shape in enumerate(asked):
        if row % _STEP == 0:
            progress.check()
            progress.report(row, len(asked), "")
        predicate = of_other if over_others else of_mine
        found = ask(shape, predicate=predicate, distance=distance)
        if own is not None:
            one, many = (own, fids) if over_others else (fids, own)
            found = found[many[found] != one[row]]
        if over_others:
            hit[found] = True
        else:
            hit[row] = bool(len(found))
    return hit


def usable(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes that GEOS can compare: areas whose outline crosses itself are mended."""
    broken = np.isin(shapely.get_type_id(shapes), _AREAS) & ~shapely.is_valid(shapes)
    if not broken.any():
        return shapes
    result = shapes.copy()
    with np.errstate(invalid="ignore"):
        endless = broken & ~np.isfinite(shapely.length(shapes))
    # What reaches to infinity meets nothing: GEOS can neither mend nor compare it.
    result[endless] = shapely.Polygon()
    broken &= ~endless
    result[broken] = shapely.make_valid(result[broken])
    return result


def _around(shapes: NDArray[np.object_], distance: float) -> Extent | None:
    box = geometry_blob.around(shapely.bounds(shapes)) if len(shapes) else None
    if box is None:
        return None
    return box[0] - distance, box[1] - distance, box[2] + distance, box[3] + distance
