"""Other forms for lines and areas: drawn anew in part, longer, shorter, beside, simpler."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.edits.along import copied, turned
from hjgis.edits.vertices import geometry_of, rings_of
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models import linework
from hjgis.models.assets import AssetType
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.geometry import fitted
from hjgis.models.reading import FeatureReader


def reshape(reader: FeatureReader, key: FeatureKey, sketch: shapely.LineString) -> ChangeSet:
    """Let a drawn line take the place of the stretch between its first and last crossing.

    Of an area whose edge is crossed twice, the larger outcome is kept.

    Raises
    ------
    EditRefused
        If the drawn line does not cross the feature twice.
    """
    feature = reader.get(key)
    parts = rings_of(_geometry(feature))
    for part in parts:
        for number, ring in enumerate(part):
            drawn = _reshaped(ring, sketch, closed=_is_area(feature))
            if drawn is not None:
                part[number] = drawn
                geometry = geometry_of(parts, _geometry(feature).geom_type)
                return _change("edit.reshape", feature, feature.with_geometry(geometry))
    raise EditRefused(_("Draw a line that crosses the feature twice."))


def extend_to(
    reader: FeatureReader, key: FeatureKey, edge: BaseGeometry, near: shapely.Point
) -> ChangeSet:
    """Prolong the end of a line that is nearer to a place straight on until it meets an edge.

    Raises
    ------
    EditRefused
        If it does not meet the edge, or a node holds the end.
    """
    feature, line, first = _free_end(reader, key, near)
    coords = linework.coords_of(line)
    end, before = (coords[0], coords[1]) if first else (coords[-1], coords[-2])
    step = (end - before)[:2]
    reach = shapely.hausdorff_distance(line, edge) + line.length
    far = end[:2] + step / np.hypot(*step) * reach
    ray = shapely.LineString([end[:2], far])
    met = _nearest_crossing(ray, edge, shapely.Point(end[:2]))
    if met is None:
        raise EditRefused(_("The line does not meet the edge straight on."))
    moved = coords.copy()
    moved[0 if first else -1, :2] = (met.x, met.y)
    return _changed("edit.extend", reader, feature, shapely.LineString(moved))


def trim_at(
    reader: FeatureReader, key: FeatureKey, edge: BaseGeometry, near: shapely.Point
) -> ChangeSet:
    """Cut off what lies beyond an edge, on the side of a place.

    Raises
    ------
    EditRefused
        If the line does not cross the edge, or a node holds the end that would go.
    """
    feature, line, first = _free_end(reader, key, near)
    coords = linework.coords_of(line)
    met = _nearest_crossing(line, edge, shapely.Point(coords[0 if first else -1][:2]))
    if met is None:
        raise EditRefused(_("The line does not cross the edge."))
    try:
        before, after = linework.cut(line, float(shapely.line_locate_point(line, met)))
    except ValueError:
        raise EditRefused(_("The line ends at the edge already.")) from None
    kept = after if first else before
    return _changed("edit.trim", reader, feature, kept)


def offset_copy(reader: FeatureReader, key: FeatureKey, distance_m: float) -> ChangeSet:
    """Copy a line, or grow an area, so many metres aside.

    Parameters
    ----------
    distance_m : float
        To the left of a line if positive; an area grows by it.

    Raises
    ------
    EditRefused
        If nothing is left, or more than one piece.
    """
    feature = reader.get(key)
    asset, geometry = reader.asset_type(key.layer), _geometry(feature)
    dimension = shapely.get_dimensions(geometry)
    aside: BaseGeometry
    if dimension == 1:
        aside = shapely.offset_curve(geometry, distance_m, join_style="mitre")
    elif dimension == 2:
        aside = shapely.buffer(geometry, distance_m, join_style="mitre")
    else:
        raise EditRefused(_("A point has no side to be copied to."))
    result = fitted(aside, asset.geometry)
    if result.is_empty or result.geom_type != asset.geometry:
        raise EditRefused(_("At this distance there is no copy in one piece."))
    copy = Feature(FeatureKey(key.layer, new_uuid()), result, copied(asset, feature.values))
    params = {"layer": key.layer, "count": 1, "of": key.uuid, "distance_m": distance_m}
    return ChangeSet("edit.offset", (Change(None, copy),), params=params)


def reverse_lines(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    """Turn lines round; nodes, numbers and levels change ends with the vertices."""
    changes = []
    for key in dict.fromkeys(keys):
        feature, asset = reader.get(key), reader.asset_type(key.layer)
        if feature.geometry is None or shapely.get_dimensions(feature.geometry) != 1:
            continue
        parts = (part for part in shapely.get_parts(feature.geometry)[::-1])
        lines = [linework.turned_round(part) for part in parts]
        line = fitted(
            lines[0] if len(lines) == 1 else shapely.MultiLineString(lines), asset.geometry
        )
        after = Feature(key, line, turned(asset, feature.values), feature.fid)
        changes.append(Change(feature, after))
    if not changes:
        raise EditRefused(_("Select lines to turn them round."))
    params = {"layer": keys[0].layer, "count": len(changes)}
    return ChangeSet("edit.reverse", tuple(changes), params=params)


def simplify(reader: FeatureReader, keys: Sequence[FeatureKey], tolerance_m: float) -> ChangeSet:
    """Leave out vertices that lie nearer than a tolerance to the line without them.

    Douglas and Peucker 1973; ends stay, areas stay valid.
    """
    changes = []
    for key in dict.fromkeys(keys):
        feature = reader.get(key)
        if feature.geometry is None or shapely.get_dimensions(feature.geometry) == 0:
            continue
        wanted = reader.asset_type(key.layer).geometry
        simple = fitted(shapely.simplify(feature.geometry, tolerance_m), wanted)
        fewer = shapely.get_num_coordinates(simple) < shapely.get_num_coordinates(feature.geometry)
        if fewer and simple.is_valid:
            changes.append(Change(feature, feature.with_geometry(simple)))
    params = {"layer": keys[0].layer if keys else "", "count": len(changes)}
    return ChangeSet("edit.simplify", tuple(changes), params=params)


def add_ring(reader: FeatureReader, key: FeatureKey, hole: shapely.Polygon) -> ChangeSet:
    """Cut a hole into an area.

    Raises
    ------
    EditRefused
        If the hole does not lie inside.
    """
    feature = reader.get(key)
    geometry = _geometry(feature)
    inside = shapely.get_dimensions(geometry) == 2 and shapely.contains_properly(geometry, hole)
    if not (hole.is_valid and inside):
        raise EditRefused(_("A hole must lie inside the area, and not cross itself."))
    return _changed("edit.ring", reader, feature, shapely.difference(geometry, hole))


def delete_ring(reader: FeatureReader, key: FeatureKey, at: shapely.Point) -> ChangeSet:
    """Fill the hole that a place lies in.

    Raises
    ------
    EditRefused
        If the place lies in none.
    """
    feature = reader.get(key)
    for part in shapely.get_parts(_geometry(feature)):
        for ring in part.interiors if isinstance(part, shapely.Polygon) else ():
            hole = shapely.Polygon(ring)
            if hole.contains(at):
                return _changed(
                    "edit.ring", reader, feature, shapely.union(_geometry(feature), hole)
                )
    raise EditRefused(_("There is no hole at this place."))


def add_part(reader: FeatureReader, key: FeatureKey, part: BaseGeometry) -> ChangeSet:
    """Add a piece to a feature of several pieces.

    Raises
    ------
    EditRefused
        If the layer holds one piece each, or the piece lies on the others.
    """
    feature, asset = reader.get(key), reader.asset_type(key.layer)
    if not asset.geometry.startswith("Multi"):
        raise EditRefused(_("This layer holds one piece each."))
    geometry = _geometry(feature)
    if not part.is_valid or shapely.overlaps(geometry, part) or shapely.contains(geometry, part):
        raise EditRefused(_("A piece must not lie on the others or cross itself."))
    return _changed("edit.part", reader, feature, shapely.union(geometry, part))


def delete_part(reader: FeatureReader, key: FeatureKey, at: shapely.Point) -> ChangeSet:
    """Take away the piece of a feature that is nearest to a place.

    Raises
    ------
    EditRefused
        If it has one piece only.
    """
    feature = reader.get(key)
    parts = list(shapely.get_parts(_geometry(feature)))
    if len(parts) < 2:
        raise EditRefused(_("There is one piece only: delete the feature."))
    parts.pop(int(np.argmin(shapely.distance(parts, at))))
    left = shapely.MultiPolygon(parts) if _is_area(feature) else shapely.MultiLineString(parts)
    return _changed("edit.part", reader, feature, left)


def _reshaped(
    ring: linework.Coords, sketch: shapely.LineString, *, closed: bool
) -> linework.Coords | None:
    """Return a line or ring with the drawn stretch in it; None if it is not crossed twice."""
    line = shapely.LineString(ring)
    crossings = [
        point
        for point in shapely.get_parts(shapely.intersection(line, sketch))
        if isinstance(point, shapely.Point)
    ]
    if len(crossings) < 2:
        return None
    along_sketch = sorted(float(shapely.line_locate_point(sketch, p)) for p in crossings)
    drawn = _between(linework.coords_of(sketch), along_sketch[0], along_sketch[-1])
    ends = [shapely.Point(drawn[0, :2]), shapely.Point(drawn[-1, :2])]
    start, end = (float(shapely.line_locate_point(line, place)) for place in ends)
    if start > end:
        start, end, drawn = end, start, drawn[::-1]
    if ring.shape[1] == 3:
        levels = np.linspace(
            linework.place_at(ring, start)[2], linework.place_at(ring, end)[2], len(drawn)
        )
        drawn = np.column_stack([drawn[:, :2], levels])
    at = linework.stations(ring)
    head, tail = ring[at < start - linework.SAME_M], ring[at > end + linework.SAME_M]
    outside = np.concatenate([head, drawn, tail])
    if not closed:
        return outside
    middle = _between(ring, start, end)
    inside = np.concatenate([middle, drawn[::-1][1:]])
    rings = [_closed(outside), _closed(inside)]
    return max(rings, key=lambda coords: shapely.Polygon(coords).area)


def _between(coords: linework.Coords, start: float, end: float) -> linework.Coords:
    """Return the stretch of a line between two stations."""
    at = linework.stations(coords)
    within = coords[(at > start + linework.SAME_M) & (at < end - linework.SAME_M)]
    ends = [linework.place_at(coords, station)[None] for station in (start, end)]
    return np.concatenate([ends[0], within, ends[1]])


def _closed(ring: linework.Coords) -> linework.Coords:
    return ring if (ring[0] == ring[-1]).all() else np.concatenate([ring, ring[:1]])


def _free_end(
    reader: FeatureReader, key: FeatureKey, near: shapely.Point
) -> tuple[Feature, shapely.LineString, bool]:
    """Return a line and whether its first end is the one near a place; no node may hold it."""
    feature, asset = reader.get(key), reader.asset_type(key.layer)
    line = fitted(_geometry(feature), "LineString")
    if not isinstance(line, shapely.LineString):
        raise EditRefused(_("Only a line of one piece can be made longer or shorter."))
    along = float(shapely.line_locate_point(line, near))
    first = along < line.length / 2
    if asset.ends_on and feature.values.get("from_node" if first else "to_node"):
        raise EditRefused(_("A node holds this end: drag the node, or disconnect the line."))
    return feature, line, first


def _nearest_crossing(
    line: shapely.LineString, edge: BaseGeometry, to: shapely.Point
) -> shapely.Point | None:
    edges = shapely.boundary(edge) if shapely.get_dimensions(edge) == 2 else edge
    parts = shapely.get_parts(shapely.intersection(line, edges))
    points = [p for p in parts if isinstance(p, shapely.Point) and p.distance(to) > 0]
    return min(points, key=to.distance, default=None)


def _changed(
    label: str, reader: FeatureReader, feature: Feature, geometry: BaseGeometry
) -> ChangeSet:
    asset: AssetType = reader.asset_type(feature.key.layer)
    return _change(label, feature, feature.with_geometry(fitted(geometry, asset.geometry)))


def _change(label: str, before: Feature, after: Feature) -> ChangeSet:
    params = {"layer": before.key.layer, "count": 1}
    return ChangeSet(label, (Change(before, after),), params=params)


def _geometry(feature: Feature) -> BaseGeometry:
    if feature.geometry is None:
        raise EditRefused(_("The feature has no place yet."))
    return feature.geometry


def _is_area(feature: Feature) -> bool:
    return bool(shapely.get_dimensions(_geometry(feature)) == 2)
