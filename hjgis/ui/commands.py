"""Edits of what is selected that need no more than a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from hjgis.edits.align import align_points, distribute_points
from hjgis.edits.copying import copy_features
from hjgis.edits.join import remove_node
from hjgis.edits.network import End, connect_to_nearest, disconnect, flow_by_levels
from hjgis.edits.shape import reverse_lines
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.reading import FeatureReader

Command = Callable[[FeatureReader, Sequence[FeatureKey]], ChangeSet]

# How far aside copies stand, and how far away a node may be that a free end is connected to.
_ASIDE_M: Final = 2.0
_NEAR_M: Final = 2.0
_ENDS: Final[tuple[End, ...]] = ("first", "last")


def _duplicate(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    return copy_features(reader, keys, _ASIDE_M, -_ASIDE_M)


def _take_out_node(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    if len(keys) != 1:
        raise EditRefused(_("Select just one node."))
    return remove_node(reader, keys[0])


def _connect(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    return connect_to_nearest(reader, keys, _NEAR_M)


def _disconnect(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    changes = [change for key in keys for change in disconnect(reader, key, _ENDS).changes]
    params = {"layer": keys[0].layer if keys else "", "count": len(changes)}
    return ChangeSet("edit.disconnect", tuple(changes), params=params)


COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "duplicate": _duplicate,
        "take-out-node": _take_out_node,
        "connect-nearest": _connect,
        "disconnect": _disconnect,
        "reverse": reverse_lines,
        "flow": flow_by_levels,
        "align": align_points,
        "distribute": distribute_points,
    }
)
