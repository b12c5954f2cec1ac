"""Make features what they were; the network stays together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from hjgis.edits.along import with_ends_at, without_node
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.reading import FeatureReader

_ENDS = ("from_node", "to_node")


def restore(
    reader: FeatureReader,
    wanted: Mapping[FeatureKey, Feature | None],
    *,
    label: str = "edit.restore",
    params: Mapping[str, Any] | None = None,
) -> ChangeSet:
    """Give features the state that they had; pipes follow their nodes and lose those that go.

    Records go with the features that they belong to.

    Parameters
    ----------
    wanted : mapping
        What each feature is to be; None: it is to go.

    Raises
    ------
    EditRefused
        If a pipe would be left without length.
    """
    now: dict[FeatureKey, Feature | None] = dict.fromkeys(wanted)
    now |= reader.known(wanted)
    after = dict(wanted)
    nodes = [key.uuid for key in wanted if not reader.asset_type(key.layer).ends_on]
    for lines in reader.lines_ending_at_any(nodes).values():
        for line in lines:
            now.setdefault(line.key, line)
            after.setdefault(line.key, line)
    for record in reader.records_of(_going(wanted)):
        now.setdefault(record.key, record)
        after.setdefault(record.key, None)
    nodes_of = _nodes(reader, after)
    for key, feature in list(after.items()):
        if feature is not None and reader.asset_type(key.layer).ends_on:
            after[key] = _on_its_nodes(feature, nodes_of)
    changes = tuple(Change(now[key], after[key]) for key in after if now[key] != after[key])
    layers = {key.layer for key in wanted}
    facts = {"layer": layers.pop() if len(layers) == 1 else "", "count": len(wanted)}
    return ChangeSet(label, changes, params={**facts, **(params or {})})


def _going(wanted: Mapping[FeatureKey, Feature | None]) -> set[str]:
    """Return the uuids of what is to go; what becomes another kind of asset keeps its own."""
    staying = {key.uuid for key, feature in wanted.items() if feature is not None}
    return {key.uuid for key in wanted} - staying


def _nodes(reader: FeatureReader, after: Mapping[FeatureKey, Feature | None]) -> dict[str, Feature]:
    """Return the nodes of lines as they will be, by uuid; those that will be missing are not."""
    wanted: dict[FeatureKey, None] = {}
    for key, feature in after.items():
        layers = reader.asset_type(key.layer).ends_on
        if feature is not None and layers:
            uuids = [str(feature.values[name]) for name in _ENDS if feature.values.get(name)]
            wanted |= {FeatureKey(layer, uuid): None for uuid in uuids for layer in layers}
    there = {**reader.known(wanted), **{key: after[key] for key in after if key in wanted}}
    return {key.uuid: node for key, node in there.items() if node is not None}


def _on_its_nodes(line: Feature, nodes: Mapping[str, Feature]) -> Feature:
    """Return a line whose ends lie on the nodes as they will be."""
    for name in _ENDS:
        uuid = line.values.get(name)
        if not isinstance(uuid, str):
            continue
        node = nodes.get(uuid)
        if node is None or not isinstance(node.geometry, shapely.Point):
            line = without_node(line, uuid)
        else:
            line = with_ends_at(line, uuid, node.geometry)
    return line
