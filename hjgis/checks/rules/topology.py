"""Topology checks: do lines meet the nodes that they name, and does all hang together.

A node is known by its uuid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.network import (
    END_NAMES,
    ENDS,
    NODES,
    NUMBER,
    NUMBERS,
    Network,
    line_columns,
    network_columns,
    network_keys,
    network_keys_and_numbers,
)
from hjgis.checks.pipe_facts import NAMING, pipe_names, with_extra
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import Catalogue
from hjgis.models.issues import Findings
from hjgis.models.reading import Doubt

_PIPE: Final = "pipe_line"
_MOST_TWINS: Final = 8
# A node lies at the other end of a line if it is this many times as far from its own.
_CLEARLY: Final = 10.0
_ALONE: Final = ("kind", "pipe_kind", "feature", "appendage", "cover_kind", NUMBER)


@rule(
    "pipe.end_off_node",
    title=N_("Pipe end away from its node"),
    explanation=N_(
        "The first or last vertex of a pipe is not where the manhole or point lies that it is"
        " connected to. One of the two was moved without the other: move the node with its pipes"
        " following, or drag the end to the node. Where each end lies at the node of the other, the"
        " line was drawn the other way round than its points are numbered: turn it round."
    ),
    message={
        "": N_("The {end} is {distance_m:.2f} m away from its node"),
        "turned": N_(
            "The {end} is {distance_m:.2f} m away from its node, which is at the other end: the"
            " line is drawn from its end point to its start point"
        ),
    },
    reads=Reads(network_columns(), Scope.GROUP, keys=network_keys),
    limits=("tolerance_m",),
)
def end_off_node(survey: Survey) -> Iterator[Findings]:
    """Find line ends that lie farther from their node than the tolerance, in plan."""
    net = survey.network()
    at = np.append(net.node_xy, [[np.nan, np.nan]], axis=0)
    # What comes last is that of an end without a node, -1.
    node_xy = np.take(at, net.ends, axis=0, mode="wrap")
    distance = _apart(net.end_xy, node_xy)
    case = np.where(_drawn_turned(distance, _apart(net.end_xy[:, ::-1], node_xy)), "turned", "")
    off = distance > survey.limits["tolerance_m"]
    yield _at_ends(net, off, distance_m=distance, case=np.column_stack([case, case]))


def _apart(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    offset = left - right
    return np.hypot(offset[..., 0], offset[..., 1])


def _drawn_turned(own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which lines have each node at the end of the other; an end without a node agrees."""
    known = np.isfinite(own)
    turned = (other * _CLEARLY < own) | ~known
    return np.asarray(turned.all(axis=1) & known.any(axis=1))


@rule(
    "pipe.end_without_node",
    title=N_("Pipe end without a node"),
    explanation=N_(
        "A pipe is not connected to a manhole or point at one of its ends: no point number was"
        " given, or the number given is unknown or not unique, or another program removed the"
        " node. Connect the end to its node, or survey the node that is missing."
    ),
    message={
        "blank": N_("The {end} has no node and no point number"),
        "unknown": N_("The {end} node “{number}” is no manhole or point of this project"),
        "ambiguous": N_("The {end} node “{number}” is the number of {count} manholes or points"),
        "unlinked": N_("The {end} is not connected, though there is a node “{number}”"),
        "lost": N_("The {end} is connected to a node that is no longer there ({node})"),
    },
    reads=Reads(
        network_columns(lines=NUMBERS, nodes=(NUMBER,)),
        Scope.GROUP,
        keys=network_keys_and_numbers,
        few=frozenset((*NUMBERS, NUMBER)),
    ),
)
def end_without_node(survey: Survey) -> Iterator[Findings]:
    """Find line ends that are connected to no node, or to one that does not exist."""
    net = survey.network()
    loose = net.ends < 0
    rows, sides = np.nonzero(loose)
    said = [net.lines.objects(node, rows) for node, _number in ENDS]
    numbers = [net.lines.objects(number, rows) for number in NUMBERS]
    written = np.where(sides == 0, numbers[0], numbers[1])
    number = np.empty(len(rows), dtype=object)
    number[:] = [str(value).strip() or None if value is not None else None for value in written]
    node = np.where(sides == 0, said[0], said[1])
    count = _how_often(net, number)
    case = np.select(
        [node != None, number == None, count == 0, count == 1],  # noqa: E711 - asked of each entry
        ["lost", "blank", "unknown", "unlinked"],
        "ambiguous",
    )
    yield net.lines.found(
        rows,
        xy=net.end_xy[loose],
        part=("end",),
        end=END_NAMES[sides],
        case=case,
        number=number,
        node=node,
        count=count,
    )


def _how_often(net: Network, wanted: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return how many nodes have each of some numbers."""
    counts = dict.fromkeys(wanted.tolist(), 0)
    counts.pop(None, None)
    for features in net.nodes if counts else ():
        said = map(str.strip, map(str, filter(None, features.each(NUMBER))))
        for number in filter(counts.__contains__, said):
            counts[number] += 1
    return np.array([counts.get(number, 0) for number in wanted.tolist()], dtype=np.int64)


def _at_ends(net: Network, wrong: NDArray[np.bool_], **facts: NDArray[Any]) -> Findings:
    """Return a finding at each of some line ends; arrays of shape (n, 2)."""
    rows, sides = np.nonzero(wrong)
    chosen = {name: values[wrong] for name, values in facts.items()}
    place = net.end_xy[wrong]
    return net.lines.found(rows, xy=place, part=("end",), end=END_NAMES[sides], **chosen)


@rule(
    "pipe.both_ends_one_node",
    title=N_("Pipe from a node to itself"),
    explanation=N_(
        "Both ends of a pipe are connected to the same manhole or point. A pipe leads from one"
        " point to another; a point number was typed or imported wrong. Connect the wrong end to"
        " its node, or delete the pipe."
    ),
    message={
        "": N_("Starts and ends at the same node {number}"),
        "unnamed": N_("Starts and ends at the same node"),
    },
    reads=Reads(
        line_columns(NUMBERS[0], *NODES),
        geometry=False,
        doubts=lambda _asset, _catalogue: [Doubt(NODES[0], "same", (NODES[1],))],
    ),
)
def both_ends_one_node(survey: Survey) -> Iterator[Findings]:
    """Find lines both ends of which are connected to one node.

    Numbers alone say nothing: where there is no point, some write the same word at both ends.
    """
    lines = survey.features(_PIPE)
    first, last = (lines.objects(node) for node in NODES)
    rows = np.flatnonzero(~lines.missing(NODES[0]) & (first == last).astype(bool))
    number = lines.objects(NUMBERS[0], rows)
    unnamed = lines.missing(NUMBERS[0])[rows]
    yield lines.found(rows, number=number, case=np.where(unnamed, "unnamed", ""))


@rule(
    "pipe.same_nodes_twice",
    title=N_("Pipe recorded twice between two nodes"),
    explanation=N_(
        "Two pipes of one kind and one owner join the same two nodes, in either direction. Usually"
        " one was recorded or imported twice, and lengths count double. Delete the one with less"
        " in it; where there really are two pipes side by side, draw each where it lies."
    ),
    message=N_("Joins the same two nodes as pipe {other} ({count} in all)"),
    reads=Reads(
        network_columns(lines=("kind", "owner_name", *NAMING)), Scope.GROUP, keys=network_keys
    ),
    limits=("apart_m",),
)
def same_nodes_twice(survey: Survey) -> Iterator[Findings]:
    """Find lines of one kind and owner that join the same pair of nodes."""
    net = survey.network()
    lines = net.lines
    joined = np.flatnonzero((net.ends >= 0).all(axis=1) & (net.ends[:, 0] != net.ends[:, 1]))
    pair = np.sort(net.ends[joined], axis=1)
    kind, owner = lines.texts("kind").codes[joined], lines.texts("owner_name").codes[joined]
    # Those of one group beside each other, alike ones next to each other.
    length = shapely.length(lines.geometry[joined])
    order = np.lexsort((joined, length, owner, kind, pair[:, 1], pair[:, 0]))
    keys = np.column_stack([pair, kind, owner])[order]
    first = np.append(True, (keys[1:] != keys[:-1]).any(axis=1))[: len(keys)]
    group = np.cumsum(first) - 1
    several = np.flatnonzero(np.bincount(group)[group] > 1)
    count, other = _beside(lines.geometry[joined[order]], group, several, survey.limits["apart_m"])
    here = several[count > 0]
    rows, others = joined[order[here]], joined[order[other[count > 0]]]
    yield lines.found(rows, other=pipe_names(lines, others), count=count[count > 0] + 1)


def _beside(
    geometry: NDArray[np.object_], group: NDArray[np.int64], at: NDArray[np.int64], apart_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count for places of ordered lines the others of their group along the same way; name one.

    Parameters
    ----------
    apart_m : float
        Lines that run farther apart anywhere are two; of those without geometry it is not known.
    """
    count = np.zeros(len(at), dtype=np.int64)
    other = np.full(len(at), -1, dtype=np.int64)
    start = np.searchsorted(group, group[at])
    size = np.searchsorted(group, group[at], side="right") - start
    # Copies are of one length and so not far from each other; nobody counts beyond some.
    for step in range(1, min(int(size.max(initial=1)), _MOST_TWINS)):
        some = np.flatnonzero(step < size)
        twin = start[some] + (at[some] - start[some] + step) % size[some]
        far = shapely.hausdorff_distance(geometry[at[some]], geometry[twin]) > apart_m
        alike = some[~far]
        count[alike] += 1
        new = other[alike] < 0
        other[alike[new]] = twin[~far][new]
    return count, other


@rule(
    "point.isolated",
    title=N_("Point without a pipe"),
    explanation=N_(
        "A surveyed point or manhole of a pipe net is the end of no pipe. Either its pipe was"
        " forgotten, or its number is not the one that the pipe names. Draw or connect the pipe, or"
        " delete the point. Grates, lamp posts and ends of the survey may stand alone."
    ),
    message=N_("No pipe starts or ends at point {number}"),
    reads=Reads(
        network_columns(lines=(*NUMBERS, "kind"), nodes=_ALONE),
        Scope.GROUP,
        keys=network_keys_and_numbers,
    ),
    limits=("allowed_features", "allowed_covers", "allowed_kinds"),
)
def isolated(survey: Survey) -> Iterator[Findings]:
    """Find numbered nodes that no line names, but for kinds that may stand alone."""
    net, catalogue = survey.network(), survey.project.catalogue
    laid = survey.whole(_PIPE).texts("kind") if survey.has(_PIPE) else None
    if laid is None or not len(laid):
        return  # A project whose pipes are still to come.
    laid_kinds = set(laid.values[np.unique(laid.codes[~laid.missing])].tolist())
    # What an end that is not connected names is told there.
    alone = (net.degree == 0) & ~net.claimed()
    for features, alone_here in net.by_layer(alone):
        allowed = features.missing(NUMBER) | features.texts("feature").isin(
            survey.limits["allowed_features"]
        )
        allowed |= with_extra(features.texts("appendage"), catalogue, "point_appendage", "alone")
        kind = "kind" if features.asset.has("kind") else "pipe_kind"
        said = features.texts(kind)
        # So are those of a kind of which there is none yet: nets are entered one after the other.
        to_come = ~said.missing & ~said.isin(laid_kinds)
        allowed |= to_come | said.isin(survey.limits["allowed_kinds"])
        if features.asset.has("cover_kind"):
            allowed |= features.texts("cover_kind").isin(survey.limits["allowed_covers"])
        rows = np.flatnonzero(alone_here & ~allowed)
        yield features.found(rows, number=features.objects(NUMBER, rows))


@rule(
    "pipe.isolated_net",
    title=N_("A few pipes that hang on nothing"),
    explanation=N_(
        "A piece of the net of very few pipes is joined to nothing else, nor has it an outlet. The"
        " pipe that joins it to the net was forgotten, or an end was connected to the wrong node."
        " Find out where it belongs and connect it."
    ),
    message={
        "one": N_("This pipe is joined to no other"),
        "": N_("These {count} pipes are joined to no others"),
    },
    reads=Reads(network_columns(nodes=("feature", "appendage")), Scope.LAYER),
    limits=("most_pipes",),
)
def isolated_net(survey: Survey) -> Iterator[Findings]:
    """Find pieces of the net of few lines, all connected at both ends, without an outlet."""
    net = survey.network()
    whole = (net.ends >= 0).all(axis=1)
    piece = _pieces(net.ends[whole], net.count)
    count = np.bincount(piece[net.ends[whole, 0]], minlength=net.count)
    # What hangs on a loose end is told for that; an inlet with its outlet is a net of its own.
    half = net.ends[~whole]
    excused = np.zeros(net.count, dtype=bool)
    excused[piece[half[half >= 0]]] = True
    excused[piece[np.flatnonzero(outlets(net, survey.project.catalogue))]] = True
    few = (count > 0) & (count <= survey.limits["most_pipes"]) & ~excused
    if np.count_nonzero(count) <= 1:
        return
    rows = np.flatnonzero(whole)
    rows = rows[few[piece[net.ends[whole, 0]]]]
    size = count[piece[net.ends[rows, 0]]]
    yield net.lines.found(rows, count=size, case=np.where(size == 1, "one", ""))


def outlets(net: Network, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Say at which nodes a gravity pipe may end: outfalls, septic tanks, ends of the survey."""
    return net.of_nodes(
        lambda features: (
            with_extra(features.texts("feature"), catalogue, "point_feature", "outlet")
            | with_extra(features.texts("appendage"), catalogue, "point_appendage", "outlet")
        )
    )


def _pieces(ends: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return for each node the lowest number of a node that it is joined with.

    Labels fall to the lowest of both ends and jump along what they point at, so that long chains
    take few rounds.
    """
    label = np.arange(count)
    while True:
        low = label[ends].min(axis=1)
        after = label.copy()
        for side in (0, 1):
            np.minimum.at(after, label[ends[:, side]], low)
            np.minimum.at(after, ends[:, side], low)
        after = after[after]
        if np.array_equal(after, label):
            return label
        label = after
