"""Features become one: pipes where the node between them goes, others by a table of choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.edits.along import turned, whole, with_ends_at
from hjgis.edits.records import moved_records
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models import linework
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.geometry import fitted
from hjgis.models.reading import FeatureReader

# Whose value the merged feature takes: of the one that stays, of the first that has one, of the
# largest (longest), all of them added, none.
Policy = Literal["keep", "first", "largest", "sum", "empty"]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """What a merge would do with one field.

    Attributes
    ----------
    values : tuple
        Of each feature, in the order in which they were given.
    policy : str or None
        None where it is no matter of choice: what is said of the ends of pipes follows from which
        ends of theirs meet.
    result : Value
        What the merged feature gets.
    """

    field: str
    values: tuple[Value, ...]
    policy: Policy | None
    result: Value

    @property
    def differs(self) -> bool:
        """Whether the features do not agree."""
        return len({value for value in self.values if value is not None}) > 1


def remove_node(reader: FeatureReader, key: FeatureKey) -> ChangeSet:
    """Delete a node between two pipes of one kind and join these to one.

    The longer pipe keeps its identity; what it does not know the other one tells.

    Raises
    ------
    EditRefused
        If not just two pipes end at the node, or they are of different kinds.
    """
    node, lines = reader.get(key), reader.lines_ending_at(key.uuid)
    if len(lines) != 2 or lines[0].key.layer != lines[1].key.layer:
        raise EditRefused(_("Only a node where just two pipes meet can be taken out."))
    asset = reader.asset_type(lines[0].key.layer)
    if asset.class_field and len({line.values.get(asset.class_field) for line in lines}) > 1:
        raise EditRefused(_("The two pipes are of different kinds."))
    before, after = _in_a_row(asset, lines, key.uuid)
    start, end = before.values.get("from_node"), after.values.get("to_node")
    if start is not None and start == end:
        raise EditRefused(_("The pipe would begin and end at the same node."))
    kept, gone = sorted(lines, key=lambda line: -_length(line.geometry))
    one = before if before.key == kept.key else after
    values = whole(asset, one.values, before.values, after.values)
    result = Feature(kept.key, _joined(before, after), values, kept.fid)
    # The records of the node go with it: what they tell of is no longer there.
    lost = (Change(record, None) for record in reader.records_of([key.uuid]))
    moved = moved_records(reader, [gone.key], kept.key)
    changes = (Change(kept, result), *moved, Change(gone, None), *lost, Change(node, None))
    params = {"layer": kept.key.layer, "count": 2, "of": gone.key.uuid}
    return ChangeSet("edit.join", changes, params=params)


def join_nodes(reader: FeatureReader, key: FeatureKey, into: FeatureKey) -> ChangeSet:
    """Make two nodes one: the pipes of the first end at the second, which stays as it is.

    What the second does not know the first one tells.

    Raises
    ------
    EditRefused
        If a pipe may not end on such a node, or would begin and end at it.
    """
    gone, kept = reader.get(key), reader.get(into)
    if not isinstance(kept.geometry, shapely.Point):
        raise EditRefused(_("Only a point can be a node."))
    changes = []
    for line in reader.lines_ending_at(key.uuid):
        asset = reader.asset_type(line.key.layer)
        if into.layer not in asset.ends_on:
            raise EditRefused(_("This kind of point is no node of the line."))
        ends = {
            name: into.uuid if line.values.get(name) == key.uuid else line.values.get(name)
            for name in ("from_node", "to_node")
        }
        if ends["from_node"] == ends["to_node"]:
            raise EditRefused(_("The pipe would begin and end at the same node."))
        changes.append(
            Change(line, with_ends_at(line.with_values(**ends), into.uuid, kept.geometry))
        )
    asset = reader.asset_type(into.layer)
    known = {
        field.name: gone.values.get(field.name)
        for field in asset.fields
        if kept.values.get(field.name) is None
    }
    if any(value is not None for value in known.values()):
        changes.append(Change(kept, kept.with_values(**known)))
    params = {"layer": into.layer, "count": 2, "lines": len(changes), "of": key.uuid}
    moved = moved_records(reader, [key], into)
    return ChangeSet("edit.nodes", (*changes, *moved, Change(gone, None)), params=params)


def merge_choices(
    reader: FeatureReader,
    keys: Sequence[FeatureKey],
    policies: Mapping[str, Policy] | None = None,
) -> tuple[FieldChoice, ...]:
    """Return what a merge would do with each field; the first feature keeps its identity.

    What tells of the ends of pipes is not asked: it follows from how they are joined.

    Parameters
    ----------
    policies : mapping of field name to policy, optional
        ``keep`` for those left out, and the first that is known where that one knows nothing.

    Raises
    ------
    EditRefused
        If the features are of different layers, points, or pipes that do not meet.
    """
    features = _of_one_layer(reader, keys)
    asset = reader.asset_type(keys[0].layer)
    if asset.geometry == "Point":
        raise EditRefused(
            _(
                "Points cannot be merged. Drag a manhole or pipe point onto the other with Move"
                " node; of other points delete one."
            )
        )
    largest = max(features, key=lambda feature: _size(feature.geometry))
    ends = _chained(asset, features)[1] if asset.ends_on else {}
    choices = []
    for field in asset.fields:
        values = tuple(feature.values.get(field.name) for feature in features)
        if field.name in ends:
            choices.append(FieldChoice(field.name, values, None, ends[field.name]))
            continue
        policy = (policies or {}).get(field.name, _usual(asset, field.name))
        result = _chosen(policy, values, largest.values.get(field.name))
        choices.append(FieldChoice(field.name, values, policy, result))
    return tuple(choices)


def merge_features(
    reader: FeatureReader,
    keys: Sequence[FeatureKey],
    policies: Mapping[str, Policy] | None = None,
    values: Mapping[str, Value] | None = None,
) -> ChangeSet:
    """Merge areas, or lines that touch, into the first of them.

    Parameters
    ----------
    values : mapping, optional
        Values that were asked for; go before the policies.

    Raises
    ------
    EditRefused
        If the features are of different layers, or cannot become one geometry of their layer.
    """
    features = _of_one_layer(reader, keys)
    asset = reader.asset_type(keys[0].layer)
    choices = merge_choices(reader, keys, policies)
    merged = {choice.field: choice.result for choice in choices} | dict(values or {})
    kept = features[0]
    if asset.ends_on:
        geometry, ends = _chained(asset, features)
        merged |= ends
    else:
        geometry = _united(asset, features)
    result = Feature(kept.key, geometry, merged, kept.fid)
    moved = moved_records(reader, [feature.key for feature in features[1:]], kept.key)
    gone = (*moved, *(Change(feature, None) for feature in features[1:]))
    params = {"layer": kept.key.layer, "count": len(features)}
    return ChangeSet("edit.merge", (Change(kept, result), *gone), params=params)


def _of_one_layer(reader: FeatureReader, keys: Sequence[FeatureKey]) -> list[Feature]:
    several = list(dict.fromkeys(keys))
    if len(several) < 2:
        raise EditRefused(_("Select two features or more to merge them."))
    if len({key.layer for key in several}) > 1:
        raise EditRefused(_("Features of different layers cannot be merged."))
    return [reader.get(key) for key in several]


def _usual(asset: AssetType, field: str) -> Policy:
    return "sum" if field in asset.topology.shared else "keep"


def _chosen(policy: Policy, values: Sequence[Value], of_largest: Value) -> Value:
    known = [value for value in values if value is not None]
    if policy == "empty" or not known:
        return None
    if policy == "sum":
        numbers = [v for v in known if isinstance(v, int | float) and not isinstance(v, bool)]
        return sum(numbers) if len(numbers) == len(known) else known[0]
    if policy == "largest" and of_largest is not None:
        return of_largest
    if policy == "keep" and values[0] is not None:
        return values[0]
    return known[0]


def _united(asset: AssetType, features: Sequence[Feature]) -> BaseGeometry:
    shapes = [feature.geometry for feature in features if feature.geometry is not None]
    if not shapes:
        raise EditRefused(_("What is selected has no place on the map."))
    union = shapely.union_all(shapes)
    if shapely.get_dimensions(union) == 1:
        union = shapely.line_merge(union)
    result = fitted(union, asset.geometry)
    if result.geom_type != asset.geometry:
        raise EditRefused(_("The features do not touch; the layer holds one piece each."))
    return result


def _chained(
    asset: AssetType, features: Sequence[Feature]
) -> tuple[BaseGeometry, dict[str, Value]]:
    """Join pipes end to end; return what is said of the ends of the whole, too."""
    chain, waiting = features[0], list(features[1:])
    while waiting:
        for other in waiting:
            pair = _meeting(asset, chain, other)
            if pair is not None:
                before, after = pair
                values = whole(asset, chain.values, before.values, after.values)
                chain = Feature(chain.key, _joined(before, after), values, chain.fid)
                waiting.remove(other)
                break
        else:
            raise EditRefused(_("The lines do not meet end to end."))
    ends = [name for pair in asset.topology.pairs for name in pair]
    return _line(chain), {name: chain.values.get(name) for name in ends}


def _meeting(asset: AssetType, chain: Feature, other: Feature) -> tuple[Feature, Feature] | None:
    """Return two lines in the order and direction in which they run on; the chain keeps its own."""
    for turn in (False, True):
        next_one = _reversed(asset, other) if turn else other
        start, end = _ends(chain)
        first, last = _ends(next_one)
        if shapely.distance(end, first) <= linework.SAME_M:
            return chain, next_one
        if shapely.distance(last, start) <= linework.SAME_M:
            return next_one, chain
    return None


def _in_a_row(asset: AssetType, lines: Sequence[Feature], node: str) -> tuple[Feature, Feature]:
    """Return the line into a node and the line out of it; the direction is that of the first."""
    one, other = lines
    if one.values.get("to_node") != node:
        one, other = other, one
    if one.values.get("to_node") != node:
        # Both begin here: the longer gives the direction.
        one, other = sorted(lines, key=lambda line: _length(line.geometry))
        return _reversed(asset, one), other
    if other.values.get("from_node") != node:
        other = _reversed(asset, other)
    return one, other


def _reversed(asset: AssetType, line: Feature) -> Feature:
    values = turned(asset, line.values)
    return Feature(line.key, linework.turned_round(_line(line)), values, line.fid)


def _joined(before: Feature, after: Feature) -> shapely.LineString:
    try:
        return linework.joined(_line(before), _line(after))
    except ValueError:
        raise EditRefused(_("The lines do not meet end to end.")) from None


def _line(feature: Feature) -> shapely.LineString:
    if not isinstance(feature.geometry, shapely.LineString):
        raise EditRefused(_("A line without a place cannot be joined."))
    return feature.geometry


def _ends(feature: Feature) -> tuple[shapely.Point, shapely.Point]:
    line = _line(feature)
    return shapely.get_point(line, 0), shapely.get_point(line, -1)


def _length(geometry: BaseGeometry | None) -> float:
    return geometry.length if geometry is not None else 0.0


def _size(geometry: BaseGeometry | None) -> float:
    if geometry is None:
        return 0.0
    return float(geometry.area or geometry.length)
