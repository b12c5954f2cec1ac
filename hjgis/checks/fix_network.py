"""Fixes of the pipe network: ends that miss their nodes, nodes that are missing."""

from __future__ import annotations

from typing import Final

import shapely

from hjgis.checks.fixes import Bench, Fault, fix
from hjgis.edits.along import with_ends_at
from hjgis.edits.move import move_node
from hjgis.edits.network import End
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.changes import Feature

_ENDS: Final[dict[str, tuple[int, End]]] = {"from_node": (0, "first"), "to_node": (-1, "last")}


@fix(
    "pipe.end_off_node",
    name="end-to-node",
    title=N_("Move the pipe's end to its node"),
    explanation=N_(
        "The first or last vertex goes to where the manhole or point lies; the node stays. Right"
        " where the node was surveyed and the pipe was drawn."
    ),
    safe=True,
)
def end_to_node(bench: Bench, fault: Fault) -> None:
    """Let the end of a pipe lie at its node."""
    line, node = bench.feature(fault), _node(bench, fault)
    if not isinstance(node.geometry, shapely.Point):
        raise EditRefused(_("The node has no place yet."))
    bench.put(line, with_ends_at(line, node.key.uuid, node.geometry))


@fix(
    "pipe.end_off_node",
    name="node-to-end",
    title=N_("Move the node to the pipe's end"),
    explanation=N_(
        "The manhole or point goes to where this pipe ends, and its other pipes follow. Right where"
        " the pipe was surveyed and the node was misplaced."
    ),
)
def node_to_end(bench: Bench, fault: Fault) -> None:
    """Let a node lie at the end of a pipe."""
    line, node = bench.feature(fault), _node(bench, fault)
    place = _end(line, fault)
    bench.draft.add(move_node(bench.draft, node.key, place))


def _node(bench: Bench, fault: Fault) -> Feature:
    """Return the node that the end at fault names."""
    uuid = bench.feature(fault).values.get(fault.facts["end"])
    node = bench.draft.node(str(uuid)) if uuid else None
    if node is None:
        raise EditRefused(_("The end names no node any more."))
    return node


def _end(line: Feature, fault: Fault) -> shapely.Point:
    """Return where the end at fault lies."""
    if not isinstance(line.geometry, shapely.LineString) or line.geometry.is_empty:
        raise EditRefused(_("The pipe has no usable geometry."))
    return shapely.get_point(line.geometry, _ENDS[fault.facts["end"]][0])
