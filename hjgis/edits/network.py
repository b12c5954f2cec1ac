"""The pipe network by identity: pipes drawn, connected, let go, given a direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import shapely

from hjgis.edits.add import END_TOLERANCE, add_feature
from hjgis.edits.along import turned, with_ends_at
from hjgis.edits.draft import Draft
from hjgis.edits.split import insert_node
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models import linework
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import BORN_OF, Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.reading import FeatureReader

End = Literal["first", "last"]


def draw_line(
    reader: FeatureReader,
    layer: str,
    line: shapely.LineString,
    values: Mapping[str, Value] | None = None,
    *,
    missing_nodes: str | None = None,
) -> ChangeSet:
    """Add a line of a network: its ends are linked to the nodes there.

    What pipes of the same kind say of a node (depth, level) and the node's number are taken over.

    Parameters
    ----------
    missing_nodes : str, optional
        Layer of the nodes to make where there is none; otherwise such an end stays free. A node
        that is made on a line of the same kind, or of none yet, divides it.
    """
    asset, so_far, made = reader.asset_type(layer), Draft(reader), 0
    known: dict[str, Value] = {**asset.empty_values(), **(values or {})}
    kind = known.get(asset.class_field) if asset.class_field else None
    for name, at in (("from_node", 0), ("to_node", -1)):
        place = shapely.get_point(line, at)
        node = _node_at(so_far, asset, place)
        if node is None and missing_nodes is not None:
            placed = place_node(so_far, missing_nodes, shapely.Point(place.x, place.y), of=kind)
            so_far.add(placed)
            node, made = placed.changes[0].after, made + 1
        if node is not None:
            known |= _taken_over(so_far, asset, node, name, known, set(values or {}))
    feature = Feature(FeatureKey(layer, new_uuid()), line, known)
    so_far.add(ChangeSet("edit.add", (Change(None, feature),)))
    return so_far.changes("edit.add", {"layer": layer, "count": 1, "nodes": made})


def place_node(
    reader: FeatureReader,
    layer: str,
    at: shapely.Point,
    values: Mapping[str, Value] | None = None,
    *,
    of: Value = None,
) -> ChangeSet:
    """Add a node: it divides the pipe that it is put on, and free ends there belong to it.

    Where several pipes cross, the nearest is divided.

    Parameters
    ----------
    at : Point
        Project CRS; on a pipe if it is no farther than `END_TOLERANCE`.
    of : str, optional
        Only pipes of this kind, and of none yet, are divided or end there.
    """
    ending, passing = _lines_at(reader, layer, at, of)
    if passing:
        _away, key = min((shapely.distance(line.geometry, at), line.key) for line in passing)
        placed = insert_node(reader, key, at, layer, values)
    else:
        placed = add_feature(reader, layer, at, values)
    node = placed.changes[0].after
    assert node is not None
    assert isinstance(node.geometry, shapely.Point)
    changes = list(placed.changes)
    for line, link in ending:
        linked = line.with_values(**{link: node.key.uuid})
        changes.append(Change(line, with_ends_at(linked, node.key.uuid, node.geometry)))
    cut = {BORN_OF: placed.params[BORN_OF]} if BORN_OF in placed.params else {}
    params = {"layer": layer, "count": 1, "lines": len(changes) - 1, **cut}
    return ChangeSet("edit.add", tuple(changes), params=params)


def _lines_at(
    reader: FeatureReader, layer: str, at: shapely.Point, of: Value
) -> tuple[list[tuple[Feature, str]], list[Feature]]:
    """Return the lines with a free end at a place, and those that pass through it."""
    near = END_TOLERANCE
    box = (at.x - near, at.y - near, at.x + near, at.y + near)
    ending, passing = [], []
    kinds = [asset for asset in reader.types.values() if layer in asset.ends_on]
    for line in (line for asset in kinds for line in reader.within(asset.id, box)):
        geometry = line.geometry
        if of is not None and _kind_of(reader, line) not in (of, None):
            continue
        if not isinstance(geometry, shapely.LineString) or geometry.distance(at) > near:
            continue
        ends = (("from_node", 0), ("to_node", -1))
        here = [name for name, i in ends if shapely.get_point(geometry, i).distance(at) <= near]
        free = [name for name in here if line.values.get(name) is None]
        if free:
            ending.append((line, free[0]))
        elif not here:
            passing.append(line)
    return ending, passing


def _kind_of(reader: FeatureReader, line: Feature) -> Value:
    field = reader.asset_type(line.key.layer).class_field
    return line.values.get(field) if field else None


def connect(reader: FeatureReader, key: FeatureKey, end: End, node_key: FeatureKey) -> ChangeSet:
    """Let an end of a pipe belong to a node; the end moves there.

    Raises
    ------
    EditRefused
        If the pipe may not end on such a node, would begin and end at it, or does so already.
    """
    line, node = reader.get(key), reader.get(node_key)
    asset = reader.asset_type(key.layer)
    name, other = ("from_node", "to_node") if end == "first" else ("to_node", "from_node")
    if node_key.layer not in asset.ends_on:
        raise EditRefused(_("This kind of point is no node of the line."))
    if line.values.get(other) == node_key.uuid:
        raise EditRefused(_("The pipe would begin and end at the same node."))
    after = _connected(reader, asset, line, name, node)
    if after == line:
        raise EditRefused(_("The pipe ends at this node already."))
    params = {"layer": key.layer, "count": 1}
    return ChangeSet("edit.connect", (Change(line, after),), params=params)


def connect_to_nearest(
    reader: FeatureReader, keys: Sequence[FeatureKey], within_m: float
) -> ChangeSet:
    """Connect the free ends of pipes to the nearest node within a distance; others stay free."""
    changes = []
    for key in dict.fromkeys(keys):
        line, asset = reader.get(key), reader.asset_type(key.layer)
        so_far = line
        for name, other, at in (("from_node", "to_node", 0), ("to_node", "from_node", -1)):
            free = asset.ends_on and so_far.values.get(name) is None
            if not free or not isinstance(so_far.geometry, shapely.LineString):
                continue
            place, taken = shapely.get_point(so_far.geometry, at), so_far.values.get(other)
            node = _node_at(reader, asset, place, within_m, without=taken)
            if node is not None:
                so_far = _connected(reader, asset, so_far, name, node)
        if so_far is not line:
            changes.append(Change(line, so_far))
    params = {"layer": keys[0].layer if keys else "", "count": len(changes)}
    return ChangeSet("edit.connect", tuple(changes), params=params)


def disconnect(reader: FeatureReader, key: FeatureKey, ends: Sequence[End]) -> ChangeSet:
    """Let ends of a pipe go from their nodes; they stay where they are."""
    line = reader.get(key)
    names = [{"first": "from_node", "last": "to_node"}[end] for end in ends]
    freed = line.with_values(**{name: None for name in names if line.values.get(name)})
    changes = (Change(line, freed),) if freed.values != line.values else ()
    params = {"layer": key.layer, "count": len(changes)}
    return ChangeSet("edit.disconnect", changes, params=params)


def flow_by_levels(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    """Let pipes flow downhill, by the last of the catalogue's pairs of levels.

    Those that were drawn uphill are turned round, and gravity pipes flow to their last vertex then.
    Pipes whose levels are not known, or equal, stay as they are.
    """
    changes = []
    for key in dict.fromkeys(keys):
        line, asset = reader.get(key), reader.asset_type(key.layer)
        if not asset.topology.levels or not isinstance(line.geometry, shapely.LineString):
            continue
        start, end = (line.values.get(name) for name in asset.topology.levels[-1])
        if not isinstance(start, int | float) or not isinstance(end, int | float) or start == end:
            continue
        after = line
        if start < end:
            values = turned(asset, line.values)
            after = Feature(key, linework.turned_round(line.geometry), values, line.fid)
        if asset.topology.flow and _by_gravity(asset, line.values):
            name, onwards = asset.topology.flow
            after = after.with_values(**{name: onwards})
        if start < end or after.values != line.values:
            changes.append(Change(line, after))
    params = {"layer": keys[0].layer if keys else "", "count": len(changes)}
    return ChangeSet("edit.flow", tuple(changes), params=params)


def _by_gravity(asset: AssetType, values: Mapping[str, Value]) -> bool:
    """Whether a line flows by gravity: where it says so, otherwise where its kind usually does."""
    name = asset.topology.gravity
    said = values.get(name) if name else False
    return asset.field(str(name)).applies(values) if said is None else said is True


def _connected(
    reader: FeatureReader, asset: AssetType, line: Feature, link: str, node: Feature
) -> Feature:
    """Return a line whose end belongs to a node, and lies there."""
    if not isinstance(node.geometry, shapely.Point):
        raise EditRefused(_("The feature has no place yet."))
    known = _taken_over(reader, asset, node, link, line.values, set())
    return with_ends_at(line.with_values(**known), node.key.uuid, node.geometry)


def _node_at(
    reader: FeatureReader,
    asset: AssetType,
    place: shapely.Point,
    within_m: float = END_TOLERANCE,
    *,
    without: Value = None,
) -> Feature | None:
    """Return the nearest node within a distance."""
    x, y = place.x, place.y
    box = (x - within_m, y - within_m, x + within_m, y + within_m)
    near = [
        (place.distance(node.geometry), node)
        for layer in asset.ends_on
        for node in reader.within(layer, box)
        if node.geometry is not None and node.key.uuid != without
    ]
    near = [entry for entry in near if entry[0] <= within_m]
    return min(near, key=lambda entry: entry[0])[1] if near else None


def _taken_over(
    reader: FeatureReader,
    asset: AssetType,
    node: Feature,
    link: str,
    known: Mapping[str, Value],
    given: set[str],
) -> dict[str, Value]:
    """Return what a pipe's end learns from its node and from the pipes of its kind there.

    Only empty fields are filled; what was given stays.
    """
    at = 0 if link == "from_node" else 1
    result: dict[str, Value] = {link: node.key.uuid}
    number = reader.asset_type(node.key.layer).topology.number
    for pair in asset.topology.numbers:
        if number and pair[at] not in given and node.values.get(number) is not None:
            result[pair[at]] = node.values.get(number)
    kind = asset.class_field
    for other in reader.lines_ending_at(node.key.uuid):
        if kind and other.values.get(kind) != known.get(kind):
            continue
        there = 0 if other.values.get("from_node") == node.key.uuid else 1
        for pair in asset.topology.levels:
            if known.get(pair[at]) is None and result.get(pair[at]) is None:
                result[pair[at]] = other.values.get(pair[there])
    return result
