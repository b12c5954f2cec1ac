"""What a line knows along its length: at its ends, in between, on the whole."""

from __future__ import annotations

from collections.abc import Mapping

import shapely

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Feature
from hjgis.models.geometry import with_end_at

Values = dict[str, Value]


def turned(asset: AssetType, values: Mapping[str, Value]) -> Values:
    """Return the values of a line that runs the other way."""
    result = dict(values)
    for start, end in asset.topology.pairs:
        result[start], result[end] = values.get(end), values.get(start)
    return result


def halves(
    asset: AssetType, values: Mapping[str, Value], share: float, node: Feature | None, number: Value
) -> tuple[Values, Values]:
    """Return the values of both halves of a line.

    Levels are interpolated between the ends, lengths shared out; what is said of the whole holds
    for both.

    Parameters
    ----------
    share : float
        Where the cut is, as a share of the length from the first vertex.
    node : Feature or None
        What stands there; `number` is its point number.
    """
    first, second = dict(values), dict(values)
    for start, end in asset.topology.levels:
        middle = _between(values.get(start), values.get(end), share)
        first[end] = second[start] = middle
    if asset.ends_on:
        first["to_node"] = second["from_node"] = node.key.uuid if node else None
    for start, end in asset.topology.numbers:
        first[end] = second[start] = number
    for name in asset.topology.shared:
        first[name] = _part(values.get(name), share)
        second[name] = _part(values.get(name), 1 - share)
    return first, second


def whole(
    asset: AssetType,
    kept: Mapping[str, Value],
    first: Mapping[str, Value],
    last: Mapping[str, Value],
) -> Values:
    """Return the values of a line made of two, of which one keeps its identity.

    Parameters
    ----------
    kept : mapping
        Values of the half that stays; what it does not know the other one tells.
    first, last : mapping
        Values of the halves in the direction of the whole.
    """
    other = last if kept is first else first
    result = {name: other.get(name) if value is None else value for name, value in kept.items()}
    for start, end in asset.topology.pairs:
        result[start], result[end] = first.get(start), last.get(end)
    for name in asset.topology.shared:
        result[name] = _sum(first.get(name), last.get(name))
    return result


def copied(asset: AssetType, values: Mapping[str, Value]) -> Values:
    """Return the values that a copy may have: no identity, no nodes at its ends."""
    result = asset.without_identity(values)
    for pair in (("from_node", "to_node"), *asset.topology.numbers) if asset.ends_on else ():
        result |= dict.fromkeys(pair)
    return result


def with_ends_at(line: Feature, node_uuid: str, to: shapely.Point) -> Feature:
    """Return a line whose ends at a node are at a place; the vertices keep their Z.

    Raises
    ------
    EditRefused
        If it would be left without length.
    """
    geometry = line.geometry
    if not isinstance(geometry, shapely.LineString):
        return line
    for name, first in (("from_node", True), ("to_node", False)):
        if line.values.get(name) == node_uuid:
            geometry = with_end_at(geometry, to, first=first)
    if geometry.length == 0:
        raise EditRefused(_("A pipe would be left without length."))
    return line.with_geometry(geometry)


def without_node(line: Feature, node_uuid: str) -> Feature:
    """Return a line whose ends at a node are free."""
    names = ("from_node", "to_node")
    return line.with_values(**{name: None for name in names if line.values.get(name) == node_uuid})


def _between(start: Value, end: Value, share: float) -> Value:
    if isinstance(start, bool) or isinstance(end, bool):
        return None
    if isinstance(start, int | float) and isinstance(end, int | float):
        return round(start + share * (end - start), 4)
    return None


def _part(value: Value, share: float) -> Value:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return round(value * share, 4) if known else value  # type: ignore[operator]


def _sum(one: Value, other: Value) -> Value:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return round(one + other, 4)
    return None
