"""One feature becomes two; a node put on a pipe divides it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.edits.along import halves, with_ends_at
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models import linework
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import BORN_OF, Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.geometry import fitted, moved_point
from hjgis.models.reading import FeatureReader


def split_line(reader: FeatureReader, key: FeatureKey, at: shapely.Point) -> ChangeSet:
    """Cut a line where a place lies nearest to it.

    The longer half keeps the identity; the history of the other one leads back to it.
    Levels at the cut are interpolated, lengths shared out.

    Raises
    ------
    EditRefused
        If the place is at one of the line's ends.
    """
    line, along = _line_at(reader, key, at)
    changes, born = _divided(reader.asset_type(key.layer), line, along, None, None)
    return _split(key, changes, born)


def split_by(reader: FeatureReader, key: FeatureKey, knife: shapely.LineString) -> ChangeSet:
    """Cut a line or an area by a line that is drawn across it.

    Raises
    ------
    EditRefused
        If the drawn line does not divide the feature.
    """
    feature = reader.get(key)
    geometry = None if feature.geometry is None else fitted(feature.geometry, "LineString")
    if isinstance(geometry, shapely.LineString):
        crossings = shapely.get_parts(shapely.intersection(geometry, knife))
        points = [part for part in crossings if isinstance(part, shapely.Point)]
        if len(points) != 1:
            raise EditRefused(_("Draw one line that crosses the feature once."))
        return split_line(reader, key, points[0])
    if geometry is None or shapely.get_dimensions(geometry) != 2:
        raise EditRefused(_("Only lines and areas can be split."))
    pieces = _areas_cut(geometry, knife)
    if len(pieces) < 2:
        raise EditRefused(_("The line does not run right across the area."))
    asset = reader.asset_type(key.layer)
    largest, *others = sorted(pieces, key=lambda piece: -piece.area)
    born = [
        Feature(
            FeatureKey(key.layer, new_uuid()),
            fitted(piece, asset.geometry),
            asset.without_identity(feature.values),
        )
        for piece in others
    ]
    kept = feature.with_geometry(fitted(largest, asset.geometry))
    return _split(key, [Change(feature, kept), *(Change(None, new) for new in born)], born)


def insert_node(
    reader: FeatureReader,
    key: FeatureKey,
    at: shapely.Point,
    layer: str,
    values: Mapping[str, Value] | None = None,
) -> ChangeSet:
    """Put a new node on a pipe, which it divides.

    Parameters
    ----------
    key : FeatureKey
        The pipe.
    layer : str
        What kind of node: one that the pipe may end on.
    values : mapping, optional
        What is known of the node already.

    Raises
    ------
    EditRefused
        If there is a node already: at an end of the pipe.
    """
    line, along = _line_at(reader, key, at)
    asset, kind = reader.asset_type(key.layer), reader.asset_type(layer)
    if layer not in asset.ends_on:
        raise EditRefused(_("This kind of point is no node of the line."))
    place = shapely.Point(linework.place_at(_coords(line), along)[:2])
    known = {**kind.empty_values(), **(values or {})}
    node = Feature(FeatureKey(layer, new_uuid()), place, known)
    number = known.get(kind.topology.number) if kind.topology.number else None
    changes, born = _divided(asset, line, along, node, number)
    return _split(key, [Change(None, node), *changes], [node, *born])


def put_node_on(reader: FeatureReader, node_key: FeatureKey, key: FeatureKey) -> ChangeSet:
    """Move a node onto a pipe, which it divides; pipes that end at the node come along.

    Raises
    ------
    EditRefused
        If the pipe ends at the node already, or cannot be divided there.
    """
    node = reader.get(node_key)
    if not isinstance(node.geometry, shapely.Point):
        raise TypeError(f"{node_key} is no point")
    if key in {line.key for line in reader.lines_ending_at(node_key.uuid)}:
        raise EditRefused(_("The line ends at this node already."))
    line, along = _line_at(reader, key, node.geometry)
    asset, kind = reader.asset_type(key.layer), reader.asset_type(node_key.layer)
    place = shapely.Point(linework.place_at(_coords(line), along)[:2])
    number = node.values.get(kind.topology.number) if kind.topology.number else None
    moved = node.with_geometry(moved_point(node.geometry, place))
    changes, born = _divided(asset, line, along, node, number)
    followers = [
        Change(other, with_ends_at(other, node_key.uuid, place))
        for other in reader.lines_ending_at(node_key.uuid)
    ]
    return _split(key, [Change(node, moved), *followers, *changes], born)


def _divided(
    asset: AssetType, line: Feature, along: float, node: Feature | None, number: Value
) -> tuple[list[Change], list[Feature]]:
    """Return the changes that divide a line, and what is new."""
    whole = _line(line)
    geometries = [fitted(half, asset.geometry) for half in linework.cut(whole, along)]
    share = along / whole.length
    values = halves(asset, line.values, share, node, number)
    kept_at = 0 if share >= 0.5 else 1
    kept = Feature(line.key, geometries[kept_at], values[kept_at], line.fid)
    born = Feature(
        FeatureKey(line.key.layer, new_uuid()),
        geometries[1 - kept_at],
        asset.without_identity(values[1 - kept_at]),
    )
    return [Change(line, kept), Change(None, born)], [born]


def _split(key: FeatureKey, changes: list[Change], born: list[Feature]) -> ChangeSet:
    params = {
        "layer": key.layer,
        "count": 1,
        BORN_OF: {new.key.uuid: key.uuid for new in born if new.key.layer == key.layer},
    }
    return ChangeSet("edit.split", tuple(changes), params=params)


def _line_at(reader: FeatureReader, key: FeatureKey, at: shapely.Point) -> tuple[Feature, float]:
    line = reader.get(key)
    whole = _line(line)
    along = float(shapely.line_locate_point(whole, shapely.Point(at.x, at.y)))
    if not linework.SAME_M < along < whole.length - linework.SAME_M:
        raise EditRefused(_("The place is at the end of the line: there is nothing to cut off."))
    return line, along


def _line(feature: Feature) -> shapely.LineString:
    line = None if feature.geometry is None else fitted(feature.geometry, "LineString")
    if not isinstance(line, shapely.LineString):
        raise EditRefused(_("Only a line in one piece can be cut at a place."))
    return line


def _coords(line: Feature) -> linework.Coords:
    return linework.coords_of(_line(line))


def _areas_cut(geometry: BaseGeometry, knife: shapely.LineString) -> list[BaseGeometry]:
    """Return the pieces of an area; an area of several parts keeps those that are not cut."""
    edges = shapely.union_all([shapely.boundary(geometry), knife])
    faces = shapely.get_parts(shapely.polygonize([edges]))
    inside = [face for face in faces if geometry.contains(shapely.point_on_surface(face))]
    if len(inside) <= len(shapely.get_parts(geometry)):
        return [geometry]
    return list(np.array(inside, object))
