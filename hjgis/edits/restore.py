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

    Parameters
    ----------
    wanted : mapping
        What each feature is to be; None: it is to go.

    Raises
    ------
    EditRefused
        If a pipe would be left without length.
    """
    now = {key: _stored(reader, key) for key in wanted}
    after = dict(wanted)
    for key in wanted:
        if not reader.asset_type(key.layer).ends_on:
            for line in reader.lines_ending_at(key.uuid):
                now.setdefault(line.key, line)
                after.setdefault(line.key, line)
    for key, feature in list(after.items()):
        if feature is not None and reader.asset_type(key.layer).ends_on:
            after[key] = _on_its_nodes(reader, feature, after)
    changes = tuple(Change(now[key], after[key]) for key in after if now[key] != after[key])
    layers = {key.layer for key in wanted}
    facts = {"layer": layers.pop() if len(layers) == 1 else "", "count": len(wanted)}
    return ChangeSet(label, changes, params={**facts, **(params or {})})


def _on_its_nodes(
    reader: FeatureReader, line: Feature, after: Mapping[FeatureKey, Feature | None]
) -> Feature:
    """Return a line whose ends lie on the nodes as they will be."""
    coming = {key.uuid: feature for key, feature in after.items()}
    for name in _ENDS:
        uuid = line.values.get(name)
        if not isinstance(uuid, str):
            continue
        node = coming[uuid] if uuid in coming else reader.node(uuid)
        if node is None or not isinstance(node.geometry, shapely.Point):
            line = without_node(line, uuid)
        else:
            line = with_ends_at(line, uuid, node.geometry)
    return line


def _stored(reader: FeatureReader, key: FeatureKey) -> Feature | None:
    try:
        return reader.get(key)
    except KeyError:
        return None
