"""The few geometry verbs that shapely lacks."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry


def fitted(geometry: BaseGeometry, wanted: str) -> BaseGeometry:
    """Return `geometry` as the type that a layer holds: one part becomes multi and back.

    A geometry that cannot be of the wanted type comes back as it is.
    """
    kind = geometry.geom_type
    makers = {"LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon}
    if wanted == f"Multi{kind}" and kind in makers:
        promoted: BaseGeometry = makers[kind]([geometry])  # type: ignore[arg-type]
        return promoted
    parts = shapely.get_parts(geometry)
    if kind == f"Multi{wanted}" and len(parts) == 1:
        only: BaseGeometry = parts[0]
        return only
    return geometry


def mended(area: BaseGeometry) -> BaseGeometry:
    """Return an area whose rings rounding has pushed over each other as a valid one.

    Rings that touch in a point do so no more to the last bit once they are turned or moved.
    """
    valid = shapely.make_valid(area, method="structure", keep_collapsed=False)
    return fitted(valid, area.geom_type)


def with_end_at(line: shapely.LineString, to: shapely.Point, *, first: bool) -> shapely.LineString:
    """Return `line` with its first or last vertex at `to`; the vertex keeps its Z.

    Parameters
    ----------
    line : LineString
        In the project CRS, with or without Z.
    to : Point
        Where the vertex goes; its own Z is not looked at.
    first : bool
        Whether the first vertex moves, else the last.
    """
    coords = shapely.get_coordinates(line, include_z=line.has_z)
    coords[0 if first else -1, :2] = (to.x, to.y)
    return shapely.LineString(coords)


def moved_point(point: shapely.Point, to: shapely.Point) -> shapely.Point:
    """Return `point` at the place of `to` with its own Z."""
    return shapely.Point(to.x, to.y, point.z) if point.has_z else shapely.Point(to.x, to.y)


def representative_xy(geometry: BaseGeometry | None) -> tuple[float, float] | None:
    """Return a point that lies on the geometry, to zoom to; None for nothing."""
    if geometry is None or geometry.is_empty:
        return None
    if isinstance(geometry, shapely.LineString):
        point = shapely.line_interpolate_point(geometry, 0.5, normalized=True)
    else:
        point = shapely.point_on_surface(geometry)
    return (float(point.x), float(point.y)) if not np.isnan(point.x) else None
