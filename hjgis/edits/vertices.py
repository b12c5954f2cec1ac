"""Single vertices of lines and areas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.reading import FeatureReader

Coords = NDArray[np.float64]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True, order=True)
class VertexIndex:
    """Which vertex of a geometry: of which part, of which ring (0 outside), the how manieth."""

    part: int
    ring: int
    vertex: int


def move_vertex(
    reader: FeatureReader, key: FeatureKey, index: VertexIndex, to: Place, *, detach: bool = False
) -> ChangeSet:
    """Move a vertex; it keeps its Z.

    Parameters
    ----------
    to : tuple of float
        Project CRS, metres.
    detach : bool
        Let go of the node that the end of a pipe belongs to.

    Raises
    ------
    EditRefused
        If a node holds the vertex, or the geometry would cross itself.
    """

    def moved(ring: Coords) -> Coords:
        result = ring.copy()
        result[index.vertex, :2] = to
        if _is_closed(ring) and index.vertex in (0, len(ring) - 1):
            result[[0, -1], :2] = to
        return result

    feature = reader.get(key)
    links = _held_links(reader, feature, index)
    if links and not detach:
        raise EditRefused(_("A node holds this end: drag the node, or hold Alt to detach."))
    freed = feature.with_values(**dict.fromkeys(links))
    return _edited(feature, freed, index, moved)


def insert_vertex(
    reader: FeatureReader, key: FeatureKey, index: VertexIndex, at: Place
) -> ChangeSet:
    """Put a vertex before the one at `index`; its Z is interpolated.

    Raises
    ------
    EditRefused
        If no vertex stands before that place.
    """

    def grown(ring: Coords) -> Coords:
        before, after = ring[index.vertex - 1], ring[index.vertex]
        step = np.hypot(*(after - before)[:2])
        share = np.hypot(*(np.array(at) - before[:2])) / step if step else 0.0
        place = before + min(share, 1.0) * (after - before)
        place[:2] = at
        return np.insert(ring, index.vertex, place, axis=0)

    if index.vertex < 1:
        raise EditRefused(_("A vertex can be put between two others only."))
    feature = reader.get(key)
    return _edited(feature, feature, index, grown)


def delete_vertices(
    reader: FeatureReader, key: FeatureKey, indexes: Sequence[VertexIndex]
) -> ChangeSet:
    """Take vertices out; a line keeps two of them, a ring three.

    Raises
    ------
    EditRefused
        If too few would be left, or a node holds one of them.
    """
    feature = reader.get(key)
    result = feature
    for index in sorted(set(indexes), reverse=True):
        if _held_links(reader, feature, index):
            raise EditRefused(_("A node holds this end: delete the node, or disconnect the line."))
        change = _edited(feature, result, index, partial(_without, index))
        after = change.changes[0].after
        assert after is not None
        result = after
    params = {"layer": key.layer, "count": 1}
    return ChangeSet("edit.vertices", (Change(feature, result),), params=params)


def rings_of(geometry: BaseGeometry) -> list[list[Coords]]:
    """Return the vertices of a geometry by part and ring, each shape (v, 2) or (v, 3)."""
    has_z = geometry.has_z
    result = []
    for part in shapely.get_parts(geometry):
        rings = (part.exterior, *part.interiors) if isinstance(part, shapely.Polygon) else (part,)
        result.append([shapely.get_coordinates(ring, include_z=has_z) for ring in rings])
    return result


def geometry_of(parts: Sequence[Sequence[Coords]], kind: str) -> BaseGeometry:
    """Return the geometry of a kind such as ``MultiPolygon`` that has these vertices.

    Raises
    ------
    EditRefused
        If it would cross itself, or be without length or area.
    """
    try:
        result = _MADE[kind](parts)
    except (shapely.GEOSException, ValueError):
        raise EditRefused(_("Too few points are left.")) from None
    if shapely.get_dimensions(result) == 1 and result.length == 0:
        raise EditRefused(_("The line would have no length."))
    if shapely.get_dimensions(result) == 2:
        if not result.is_valid:
            raise EditRefused(_("The area would cross itself."))
        if result.area == 0:
            raise EditRefused(_("The area would be empty."))
    return result


def _edited(
    before: Feature,
    so_far: Feature,
    index: VertexIndex,
    change: Callable[[Coords], Coords],
) -> ChangeSet:
    if so_far.geometry is None:
        raise EditRefused(_("The feature has no place yet."))
    parts = rings_of(so_far.geometry)
    try:
        ring = parts[index.part][index.ring]
    except IndexError:
        raise EditRefused(_("There is no such vertex.")) from None
    if not 0 <= index.vertex < len(ring):
        raise EditRefused(_("There is no such vertex."))
    parts[index.part][index.ring] = change(ring)
    geometry = geometry_of(parts, so_far.geometry.geom_type)
    params = {"layer": before.key.layer, "count": 1}
    after = so_far.with_geometry(geometry)
    return ChangeSet("edit.vertices", (Change(before, after),), params=params)


def _without(index: VertexIndex, ring: Coords) -> Coords:
    if not _is_closed(ring):
        return np.delete(ring, index.vertex, axis=0)
    open_ring = np.delete(ring[:-1], index.vertex % (len(ring) - 1), axis=0)
    return np.concatenate([open_ring, open_ring[:1]])


def _held_links(reader: FeatureReader, feature: Feature, index: VertexIndex) -> tuple[str, ...]:
    """Return the links of a pipe's end to its node."""
    asset = reader.asset_type(feature.key.layer)
    if not asset.ends_on or not isinstance(feature.geometry, shapely.LineString):
        return ()
    last = shapely.get_num_coordinates(feature.geometry) - 1
    names = {0: "from_node", last: "to_node"}
    name = names.get(index.vertex)
    return (name,) if name and feature.values.get(name) else ()


def _is_closed(ring: Coords) -> bool:
    return len(ring) > 3 and bool((ring[0] == ring[-1]).all())


def _polygon(rings: Sequence[Coords]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


_MADE: dict[str, Callable[[Sequence[Sequence[Coords]]], BaseGeometry]] = {
    "Point": lambda parts: shapely.Point(parts[0][0][0]),
    "LineString": lambda parts: shapely.LineString(parts[0][0]),
    "MultiLineString": lambda parts: shapely.MultiLineString([part[0] for part in parts]),
    "Polygon": lambda parts: _polygon(parts[0]),
    "MultiPolygon": lambda parts: shapely.MultiPolygon([_polygon(part) for part in parts]),
}
