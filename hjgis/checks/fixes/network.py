"""Fixes of the pipe network: ends that miss their nodes, nodes that are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from hjgis.checks.fixes.register import Bench, Fault, fix, limit
from hjgis.edits.add import END_TOLERANCE
from hjgis.edits.along import with_ends_at
from hjgis.edits.copying import change_kind
from hjgis.edits.move import move_node
from hjgis.edits.network import End, connect, place_node
from hjgis.edits.split import put_node_on
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Feature, FeatureKey
from hjgis.models.issues import Issue
from hjgis.models.linework import turned_round

_ENDS: Final[dict[str, tuple[int, End]]] = {"from_node": (0, "first"), "to_node": (-1, "last")}
_NUMBER: Final = "exp_no"
_GROUND: Final = "ground_elev_m"
_NUMBERS: Final = "numbers of nodes"
_PLACES: Final = "numbers at several places"


@fix(
    "pipe.end_off_node",
    name="end-to-node",
    title=N_("Move the pipe's end to its node"),
    explanation=N_(
        "The first or last vertex goes to where the manhole or point lies; the node stays. Right"
        " where the node was surveyed and the pipe was drawn. A node that lies far off is left:"
        " then the number is wrong, or the line is drawn the other way round."
    ),
    safe=True,
)
def end_to_node(bench: Bench, fault: Fault) -> None:
    """Let the end of a pipe lie at its node."""
    line, node = bench.feature(fault), _named_by_end(bench, fault)
    if not isinstance(node.geometry, shapely.Point) or node.geometry.is_empty:
        raise EditRefused(_("The node has no place yet."))
    within_m = float(limit("named_node_m"))
    if _away(_end(line, fault), node) > within_m:
        words = _("Its node lies more than {distance_m:g} m away.")
        raise EditRefused(words.format(distance_m=within_m))
    bench.put(line, with_ends_at(line, node.key.uuid, node.geometry))


@fix(
    "pipe.end_off_node",
    name="turn-line",
    title=N_("Turn the line to run as its points are numbered"),
    explanation=N_(
        "The vertices of a line that was drawn from its end point to its start point are put in the"
        " other order. Nothing moves; point numbers, nodes and levels stay as they are."
    ),
    safe=True,
)
def turn_line(bench: Bench, fault: Fault) -> None:
    """Turn a line round whose ends lie at each other's nodes."""
    line = bench.feature(fault)
    if fault.facts["case"] != "turned":
        raise EditRefused(_("The node does not lie at the other end of the line."))
    node, end = _named_by_end(bench, fault), _end(line, fault)
    assert isinstance(line.geometry, shapely.LineString)
    turned = line.with_geometry(turned_round(line.geometry))
    # Both ends may be at fault; the line is turned once.
    if _away(_end(turned, fault), node) < _away(end, node):
        bench.put(line, turned)


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
    place, node = _end(bench.feature(fault), fault), _named_by_end(bench, fault)
    bench.draft.add(move_node(bench.draft, node.key, place))


@fix(
    "pipe.end_without_node",
    name="connect-by-number",
    title=N_("Connect to the node with this number"),
    explanation=N_(
        "The end is connected to the manhole or point that has the number which the pipe gives,"
        " and moves there. Of several with the number the nearest is taken, if it is near and no"
        " other is about as near. One that lies far off is left: then the number is wrong."
    ),
    safe=True,
)
def connect_by_number(bench: Bench, fault: Fault) -> None:
    """Connect an end to the node whose number the pipe gives."""
    if _is_connected(bench, fault):
        return
    line = _freed(bench, fault)
    number = fault.facts.get("number")
    if not isinstance(number, str) or not number:
        raise EditRefused(_("The pipe gives no point number at this end."))
    nodes = [node for key in _numbered(bench, line)[number] if (node := _known(bench, key))]
    if not nodes:
        words = _("There is no manhole or point with the number {number}.")
        raise EditRefused(words.format(number=number))
    node = _nearest(nodes, _end(line, fault), float(limit("named_node_m")))
    bench.draft.add(connect(bench.draft, line.key, _ENDS[fault.facts["end"]][1], node.key))


@fix(
    "pipe.end_without_node",
    name="connect-nearest",
    title=N_("Connect to the nearest node"),
    explanation=N_(
        "The end is connected to the manhole or point that lies right beside it, moves there and"
        " takes over its number. Where two are about as near, or none is, nothing is done."
    ),
)
def connect_nearest(bench: Bench, fault: Fault) -> None:
    """Connect an end to the node near to it."""
    if _is_connected(bench, fault):
        return
    line = _freed(bench, fault)
    place, within_m = _end(line, fault), float(limit("near_node_m"))
    nodes = _nodes_near(bench, line, place, within_m)
    if not nodes:
        words = _("There is no manhole or point within {distance_m:g} m.")
        raise EditRefused(words.format(distance_m=within_m))
    node = _nearest(nodes, place, within_m)
    bench.draft.add(connect(bench.draft, line.key, _ENDS[fault.facts["end"]][1], node.key))


def _node_kinds(project: Project, issues: Sequence[Issue]) -> list[tuple[Value, str]]:
    """Return the kinds of node that the pipes may end on, the plainest first."""
    layers = {issue.layer for issue in issues if issue.layer in project.types}
    kinds = {name: None for layer in layers for name in project.asset_type(layer).ends_on}
    assets = sorted(map(project.asset_type, kinds), key=lambda asset: asset.component is not None)
    return [(asset.id, label(asset.label)) for asset in assets]


@fix(
    "pipe.end_without_node",
    name="make-node",
    title=N_("Make the node that is missing"),
    explanation=N_(
        "A point is made at the end, with the number and the kind that the pipe gives and the"
        " ground level that follows from its elevation and depth; other free ends there are"
        " connected too, and a pipe that passes there is divided. Take a plain pipe point unless"
        " there is a manhole: nobody has seen it yet."
    ),
    choices=_node_kinds,
)
def make_node(bench: Bench, fault: Fault) -> None:
    """Make a node at the free end of a pipe."""
    if _is_connected(bench, fault):
        return
    line = _freed(bench, fault)
    place, number = _end(line, fault), fault.facts.get("number")
    known = _numbered(bench, line)[number] if isinstance(number, str) else ()
    if any(_known(bench, key) for key in known):
        words = _("There is a node with the number {number}: connect the end to it.")
        raise EditRefused(words.format(number=number))
    if isinstance(number, str) and _is_at_several_places(bench, number):
        words = _("Ends at several places give the number {number}: it names no point.")
        raise EditRefused(words.format(number=number))
    if _nodes_near(bench, line, place, END_TOLERANCE):
        raise EditRefused(_("There is a node at this place: connect the end to it."))
    layer = str(bench.answer or _node_kinds(bench.project, [fault.issue])[0][0])
    values = _learnt(bench.draft.asset_type(layer), line, fault.facts["end"], number)
    placed = place_node(bench.draft, layer, shapely.Point(place.x, place.y), values)
    bench.draft.add(placed)
    node = placed.changes[0].after
    assert node is not None
    if isinstance(number, str):
        _numbered(bench, line)[number].append(node.key)


def _is_at_several_places(bench: Bench, number: str) -> bool:
    """Whether ends that are apart give the same number, as where everybody wrote “MH”."""
    if _PLACES not in bench.memory:
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for fault in bench.faults:
            if fault.issue.x is not None and fault.issue.y is not None:
                found[str(fault.facts.get("number"))].append((fault.issue.x, fault.issue.y))
        near = float(limit("near_node_m"))
        bench.memory[_PLACES] = {
            one for one, places in found.items() if np.ptp(places, axis=0).max() > near
        }
    apart: set[str] = bench.memory[_PLACES]
    return number in apart


@fix(
    "point.isolated",
    name="connect-ends",
    title=N_("Connect the free ends there"),
    explanation=N_(
        "Ends of pipes that belong to no node and lie right beside the point, nearer to it than to"
        " any other node, are connected to it, move there and take over its number."
    ),
)
def connect_ends(bench: Bench, fault: Fault) -> None:
    """Connect the free ends of pipes at a point to it."""
    node, within_m = bench.feature(fault), float(limit("near_node_m"))
    connected = len(bench.draft.lines_ending_at(node.key.uuid))
    for line in _lines_near(bench, node, within_m):
        for name, (at, end) in _ENDS.items():
            place = shapely.get_point(line.geometry, at)
            uuid = line.values.get(name)
            free = not uuid or bench.draft.node(str(uuid)) is None
            nodes = _nodes_near(bench, line, place, within_m) if free and place else []
            ranked = sorted((_away(place, one), one.key) for one in nodes)
            if ranked and ranked[0][1] == node.key:
                bench.draft.add(connect(bench.draft, line.key, end, node.key))
                connected += 1
                break
    if not connected:
        words = _("No free end of a pipe lies within {distance_m:g} m.")
        raise EditRefused(words.format(distance_m=within_m))


def _away(place: shapely.Point | None, node: Feature) -> float:
    if place is None or node.geometry is None:
        return float("inf")
    return float(node.geometry.distance(place))


def _lines_near(bench: Bench, node: Feature, within_m: float) -> list[Feature]:
    """Return the pipes that run past a node within a distance."""
    place = node.geometry
    if not isinstance(place, shapely.Point) or place.is_empty:
        raise EditRefused(_("The node has no place yet."))
    box = shapely.buffer(place, within_m).bounds
    kinds = [kind for kind in bench.draft.types.values() if node.key.layer in kind.ends_on]
    return [
        line
        for kind in kinds
        for line in bench.draft.within(kind.id, box)
        if line.geometry is not None and line.geometry.distance(place) <= within_m
    ]


@fix(
    "point.isolated",
    name="divide-pipe",
    title=N_("Divide the pipe that passes there"),
    explanation=N_(
        "The pipe that runs past right beside the point is divided there, and both halves are"
        " connected to it. Levels are interpolated, lengths shared out. Where no pipe passes, or"
        " two about as near, nothing is done."
    ),
)
def divide_pipe(bench: Bench, fault: Fault) -> None:
    """Let a point without a pipe divide the one that passes there."""
    node, within_m = bench.feature(fault), float(limit("near_node_m"))
    if bench.draft.lines_ending_at(node.key.uuid):
        return
    lines = _lines_near(bench, node, within_m)
    if not lines:
        words = _("No pipe passes within {distance_m:g} m.")
        raise EditRefused(words.format(distance_m=within_m))
    assert isinstance(node.geometry, shapely.Point)
    line = _nearest(lines, node.geometry, within_m)
    bench.draft.add(put_node_on(bench.draft, node.key, line.key))


@fix(
    "point.well_without_manhole",
    name="make-manhole",
    title=N_("Make the point a manhole"),
    explanation=N_(
        "The point becomes a manhole with the same identity, so its pipes stay connected; what both"
        " kinds have in common is kept. Cover, responsible unit and the rest are then asked for as"
        " of any manhole."
    ),
)
def make_manhole(bench: Bench, fault: Fault) -> None:
    """Make a survey point a manhole."""
    point = bench.feature(fault)
    changed = change_kind(bench.draft, [point.key], "manhole")
    bench.draft.add(changed)
    manhole = bench.draft.get(FeatureKey("manhole", point.key.uuid))
    # The kind of the pipes is called otherwise there.
    bench.put(manhole, manhole.with_values(pipe_kind=point.values.get("kind")))


def _learnt(asset: AssetType, line: Feature, end: str, number: object) -> dict[str, Value]:
    """Return what a pipe knows of the node at one of its ends."""
    side = "start" if end == "from_node" else "end"
    depth, level = (line.values.get(f"{side}_{what}_m") for what in ("depth", "elev"))
    told: dict[str, Value] = {_NUMBER: str(number) if number else None}
    told |= {asset.class_field or "": line.values.get("kind"), "pipe_kind": line.values.get("kind")}
    told |= {name: line.values.get(name) for name in ("road_name", "owner_name", "survey_area")}
    if isinstance(depth, int | float) and isinstance(level, int | float):
        # 地面高程 = 埋深 + 管线高程, DOMAIN 4.2.
        told[_GROUND] = round(depth + level, 3)
    if asset.component is not None:
        # The kind of a cover is a list of its own.
        told.pop(asset.class_field or "", None)
    return {n: value for n, value in told.items() if asset.has(n) and value is not None}


# -- what is there -----------------------------------------------------------------------


def _named_by_end(bench: Bench, fault: Fault) -> Feature:
    """Return the node that the end at fault names."""
    uuid = bench.feature(fault).values.get(fault.facts["end"])
    node = bench.draft.node(str(uuid)) if uuid else None
    if node is None:
        raise EditRefused(_("The end names no node any more."))
    return node


def _is_connected(bench: Bench, fault: Fault) -> bool:
    """Whether a fix before has connected the end already."""
    uuid = bench.feature(fault).values.get(fault.facts["end"])
    return bool(uuid) and bench.draft.node(str(uuid)) is not None


def _freed(bench: Bench, fault: Fault) -> Feature:
    """Return the pipe, its end free of a node that is no longer there."""
    line, end = bench.feature(fault), fault.facts["end"]
    if line.values.get(end):
        bench.put(line, line.with_values(**{end: None}))
    return bench.feature(fault)


def _end(line: Feature, fault: Fault) -> shapely.Point:
    """Return where the end at fault lies."""
    if not isinstance(line.geometry, shapely.LineString) or line.geometry.is_empty:
        raise EditRefused(_("The pipe has no usable geometry."))
    return shapely.get_point(line.geometry, _ENDS[fault.facts["end"]][0])


def _known(bench: Bench, key: FeatureKey) -> Feature | None:
    return bench.draft.known([key]).get(key)


def _numbered(bench: Bench, line: Feature) -> dict[str, list[FeatureKey]]:
    """Return the nodes by number, those of the project and those made since."""
    if _NUMBERS not in bench.memory:
        found: dict[str, list[FeatureKey]] = defaultdict(list)
        for layer in bench.draft.asset_type(line.key.layer).ends_on:
            table = bench.project.table(layer, [_NUMBER], geometry=False)
            numbers = table.columns[_NUMBER].tolist()
            for uuid, number in zip(table.uuids.tolist(), numbers, strict=True):
                if number is not None:
                    found[str(number).strip()].append(FeatureKey(layer, uuid))
        bench.memory[_NUMBERS] = found
    known: dict[str, list[FeatureKey]] = bench.memory[_NUMBERS]
    return known


def _nodes_near(
    bench: Bench, line: Feature, place: shapely.Point, within_m: float
) -> list[Feature]:
    """Return the nodes within a distance that are not the line's other end."""
    x, y = place.x, place.y
    box = (x - within_m, y - within_m, x + within_m, y + within_m)
    taken = {line.values.get(name) for name in _ENDS}
    layers = bench.draft.asset_type(line.key.layer).ends_on
    nodes = [node for layer in layers for node in bench.draft.within(layer, box)]
    return [
        node
        for node in nodes
        if node.key.uuid not in taken
        and node.geometry is not None
        and node.geometry.distance(place) <= within_m
    ]


def _nearest(features: Sequence[Feature], place: shapely.Point, within_m: float) -> Feature:
    """Return the nearest of some features; EditRefused if it is far or not clearly the nearest."""
    placed = [
        (one.geometry.distance(place), one.key, one)
        for one in features
        if one.geometry is not None and not one.geometry.is_empty
    ]
    if not placed:
        raise EditRefused(_("The node has no place yet."))
    (away, _key, found), *others = sorted(placed, key=lambda entry: entry[:2])
    if away > within_m:
        raise EditRefused(_("It lies {distance_m:.2f} m away.").format(distance_m=away))
    if others and others[0][0] <= max(away * float(limit("clear_times")), END_TOLERANCE):
        words = _("Two are about as near: {one:.2f} m and {other:.2f} m.")
        raise EditRefused(words.format(one=away, other=others[0][0]))
    return found
