"""Checks of what meets at a node: pipes of sizes, kinds, levels and states that fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import methodcaller
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.network import (
    NUMBER,
    NUMBERS,
    Network,
    network_columns,
    network_keys,
    network_keys_and_numbers,
)
from hjgis.checks.pipe_facts import (
    CENTIMETRES,
    DEPTHS,
    ELEVATIONS,
    FLOW,
    NAMING,
    SIZE,
    flow,
    gravity,
    height_m,
    levels,
    of_major,
    pipe_names,
    point_names,
    section_m2,
    size_names,
    with_extra,
)
from hjgis.checks.rules.levels import wells
from hjgis.checks.rules.register import Keys, Reads, Scope, rule
from hjgis.checks.rules.topology import outlets
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.issues import Findings, merged

_USE: Final = "use_state"
_IN_USE: Final = "在用"
_ABANDONED: Final = "废弃"
_WHAT: Final = ("feature", "appendage")
_UNSAID: Final = ("不详", "其他")


def _joined(*, lines: Sequence[str], nodes: Sequence[str], keys: Keys = network_keys) -> Reads:
    return Reads(network_columns(lines=lines, nodes=nodes), Scope.GROUP, keys=keys, geometry=False)


@rule(
    "pipe.narrowing",
    title=N_("Large pipe into a small one"),
    explanation=N_(
        "At a node a gravity pipe carries on in a smaller one of the same kind. The pipe backs up"
        " there in heavy rain. Often a size was mistyped: compare with the field sheet and the"
        " pipes before and behind; what was really built so belongs in the list of bottlenecks."
    ),
    message=N_("{size} mm downstream of pipe {other} with {other_size} mm"),
    reads=_joined(lines=(*FLOW, *SIZE, *NAMING), nodes=()),
    limits=("tolerance_percent",),
)
def narrowing(survey: Survey) -> Iterator[Findings]:
    """Find gravity pipes, the largest leaving a node, smaller than the largest entering it."""
    net, catalogue = survey.network(), survey.project.catalogue
    lines, ends = net.lines, net.incidence
    section = section_m2(lines)
    # A pipe from a node to itself is told for that.
    leads = gravity(lines, catalogue) & (net.ends[:, 0] != net.ends[:, 1])
    way = np.where(leads, flow(lines, catalogue), 0)
    kind = lines.texts("kind").codes.astype(np.int64)
    # 1 where a pipe brings water to the node, -1 where it takes it away.
    brings = np.where(ends.side == 1, way[ends.line], -way[ends.line])
    place = ends.node * (kind.max(initial=0) + 2) + kind[ends.line] + 1
    known = ~np.isnan(section[ends.line])
    places, entering = _largest(section, ends.line, place, known & (brings > 0))
    others, leaving = _largest(section, ends.line, place, known & (brings < 0))
    shared, at, other_at = np.intersect1d(places, others, assume_unique=True, return_indices=True)
    up, down = entering[at], leaving[other_at]
    share = 1.0 - survey.limits["tolerance_percent"] / 100.0
    small = section[down] < section[up] * share
    # A pipe whose leaving twin has no size may not be the largest.
    unsized = np.unique(place[~known & (brings < 0)])
    small &= ~np.isin(shared, unsized)
    up, down = up[small], down[small]
    yield lines.found(
        down,
        size=size_names(lines, down),
        other_size=size_names(lines, up),
        other=pipe_names(lines, up),
    )


def _largest(
    section: NDArray[np.float64],
    line: NDArray[np.int64],
    place: NDArray[np.int64],
    chosen: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places that some ends are at, and for each the row of its largest line."""
    here, rows = place[chosen], line[chosen]
    order = np.lexsort((-rows, section[rows], here))
    here, rows = here[order], rows[order]
    last = np.append(here[1:] != here[:-1], True)[: len(here)]
    return here[last], rows[last]


@rule(
    "point.wrong_connection",
    title=N_("Pipes joined that must not be"),
    explanation=N_(
        "At one point pipes meet that may never be joined: storm water with sewage, reclaimed with"
        " drinking water, water with drainage or gas. In the field it is a wrong connection that"
        " has to be separated; in the data often a pipe of the wrong kind or end. Look in the field"
        " if the data are right."
    ),
    message=N_("{kind} pipe {one} is joined to {other_kind} pipe {other}"),
    reads=_joined(lines=("kind", *NAMING), nodes=("appendage",)),
    limits=("kinds", "majors", "allowed_at"),
)
def wrong_connection(survey: Survey) -> Iterator[Findings]:
    """Find nodes at which lines of two kinds meet that must be kept apart."""
    return merged(_mixed(survey))


def _mixed(survey: Survey) -> Iterator[Findings]:
    net, limits = survey.network(), survey.limits
    kind, ends = net.lines.texts("kind"), net.incidence
    groups = _groups(survey, net)
    # A bit for each group of kinds: what meets at a node.
    bits = np.zeros(len(net.lines), dtype=np.int64)
    for number, members in enumerate(groups.values()):
        bits |= members.astype(np.int64) << number
    here = np.zeros(net.count, dtype=np.int64)
    np.bitwise_or.at(here, ends.node, bits[ends.line])
    place = {name: 1 << number for number, name in enumerate(groups)}
    left = ~net.of_nodes(lambda features: features.texts("appendage").isin(limits["allowed_at"]))
    for one, other in (*limits["kinds"], *limits["majors"]):
        both = place[one] | place[other]
        nodes = np.flatnonzero(left & (here & both == both))
        left[nodes] = False
        if len(nodes):
            first, second = (net.one_at(groups[name][ends.line])[nodes] for name in (one, other))
            yield from net.found(
                nodes,
                kind=kind.objects(first),
                other_kind=kind.objects(second),
                one=pipe_names(net.lines, first),
                other=pipe_names(net.lines, second),
            )


def _groups(survey: Survey, net: Network) -> dict[str, NDArray[np.bool_]]:
    """Return which lines are of each kind, or group of kinds, that has to be kept apart."""
    kind, catalogue = net.lines.texts("kind"), survey.project.catalogue
    groups = {one: kind.isin((one,)) for pair in survey.limits["kinds"] for one in pair}
    for major in {one for pair in survey.limits["majors"] for one in pair}:
        groups[major] = of_major(kind, catalogue, major)
    return groups


@rule(
    "pipe.use_state",
    title=N_("State of use contradicts the node"),
    explanation=N_(
        "A pipe in use ends at an abandoned point, or all pipes at a point in use are abandoned."
        " Whoever closes valves or digs relies on it. Set the state of the one that was left"
        " behind."
    ),
    message={
        "pipe": N_("In use, but ends at the abandoned point {number}"),
        "node": N_("In use, but all {count} pipes here are abandoned"),
    },
    reads=_joined(lines=(_USE,), nodes=(_USE, "state", NUMBER)),
)
def use_state(survey: Survey) -> Iterator[Findings]:
    """Find pipes in use at abandoned nodes, and nodes in use all of whose pipes are abandoned."""
    net = survey.network()
    state = net.lines.texts(_USE)
    gone = net.of_nodes(_abandoned)
    # Of two abandoned nodes one is named.
    at_gone = np.append(gone, False)[net.ends]
    rows = np.flatnonzero(at_gone.any(axis=1) & state.isin((_IN_USE,)))
    node = np.where(at_gone[rows, 0], net.ends[rows, 0], net.ends[rows, 1])
    numbers = net.of_nodes(point_names)
    yield net.lines.found(rows, case="pipe", number=numbers[node])
    abandoned = state.isin((_ABANDONED,))[net.incidence.line]
    only = (net.degree > 0) & ~net.any_at(~abandoned)
    used = net.of_nodes(
        lambda features: (
            features.texts(_USE).isin((_IN_USE,))
            if features.asset.has(_USE)
            else np.zeros(len(features), dtype=bool)
        )
    )
    nodes = np.flatnonzero(only & used)
    yield from net.found(nodes, case="node", count=net.degree[nodes])


def _abandoned(features: Features) -> NDArray[np.bool_]:
    gone = features.texts("state").isin((_ABANDONED,))
    return gone | features.texts(_USE).isin((_ABANDONED,)) if features.asset.has(_USE) else gone


@rule(
    "point.ways",
    title=N_("Number of pipes does not fit the feature"),
    explanation=N_(
        "A tee has three pipes, a cross four, a bend two, a cap one. Otherwise a pipe is missing or"
        " not connected, or the feature is wrong. Compare with the field sheet."
    ),
    message=N_("{feature} with {count} pipes instead of {right}"),
    reads=_joined(lines=NUMBERS, nodes=("feature", NUMBER), keys=network_keys_and_numbers),
)
def ways(survey: Survey) -> Iterator[Findings]:
    """Find features at which another number of pipes meets than their name says."""
    net = survey.network()
    entries = survey.project.catalogue.codes("point_feature")

    def right_number(features: Features) -> NDArray[np.int64]:
        column = features.texts("feature")
        known = [entries.get(value) for value in column.values]
        numbers = [int(str(entry.extra.get("ways", 0))) if entry else 0 for entry in known]
        return np.array([*numbers, 0], dtype=np.int64)[column.codes]

    right = net.of_nodes(right_number)
    # A point without pipes is told for that, and a pipe that is not connected to it, too.
    wrong = (right > 0) & (net.degree > 0) & (net.degree != right) & ~net.claimed()
    nodes = np.flatnonzero(wrong)
    feature = net.of_nodes(methodcaller("objects", "feature"))[nodes]
    yield from net.found(nodes, feature=feature, count=net.degree[nodes], right=right[nodes])


@rule(
    "point.nothing_changes",
    title=N_("Change of size or material where nothing changes"),
    explanation=N_(
        "Where the size or the material of a pipe changes, two different ones meet. Here all are"
        " alike: the size or material of one was copied from the other, or the feature is wrong."
        " Compare with the field sheet."
    ),
    message={
        "size": N_("{feature}, but all {count} pipes are of {size} mm"),
        "material": N_("{feature}, but all {count} pipes are of {material}"),
    },
    reads=_joined(lines=(*SIZE, "material"), nodes=("feature",)),
)
def nothing_changes(survey: Survey) -> Iterator[Findings]:
    """Find points of changing size or material all of whose pipes are of one."""
    return merged(_unchanged(survey))


def _unchanged(survey: Survey) -> Iterator[Findings]:
    net = survey.network()
    lines = net.lines
    for case, values, key in _changing(lines):
        nodes = np.flatnonzero(_says(survey, net, key) & (net.degree > 1))
        low, high = _spread(net, values)
        nodes = nodes[low[nodes] == high[nodes]]
        one = net.one_at(np.ones(len(net.incidence.line), dtype=bool))[nodes]
        feature = net.of_nodes(methodcaller("objects", "feature"))[nodes]
        yield from net.found(
            nodes,
            part=("case",),
            case=case,
            feature=feature,
            count=net.degree[nodes],
            size=size_names(lines, one),
            material=lines.texts("material").objects(one),
        )


def _changing(lines: Features) -> Iterator[tuple[str, NDArray[np.float64], str]]:
    """Yield what may change at a point, numbers by line, and the key of features that change it."""
    material = lines.texts("material")
    unsaid = material.isin(_UNSAID) | material.missing
    # Boxes of one width may differ in height.
    yield "size", section_m2(lines), "size_change"
    yield "material", np.where(unsaid, np.nan, material.codes), "material_change"


def _says(survey: Survey, net: Network, key: str) -> NDArray[np.bool_]:
    """Say at which nodes the entry of the feature says yes to a key."""
    catalogue = survey.project.catalogue
    return net.of_nodes(
        lambda features: with_extra(features.texts("feature"), catalogue, "point_feature", key)
    )


def _spread(
    net: Network, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest value of the lines at each node; NaN if one has none."""
    ends = net.incidence
    low, high = np.full(net.count, np.inf), np.full(net.count, -np.inf)
    with np.errstate(invalid="ignore"):
        np.minimum.at(low, ends.node, values[ends.line])
        np.maximum.at(high, ends.node, values[ends.line])
    return low, high


@rule(
    "point.pipes_disagree",
    title=N_("Pipes at one point do not agree"),
    explanation=N_(
        "At a point that is no well the pipes are one piece: their depths and elevations are the"
        " same, and size and material change only where the feature says so. In a sewer manhole"
        " that is no drop manhole the pipes do not lie metres apart. Correct the value that was"
        " mistyped, or the feature."
    ),
    message={
        "level": N_("Elevations of the pipes differ by {difference_m:.2f} m"),
        "depth": N_("Depths of the pipes differ by {difference_m:.2f} m"),
        "drop": N_("Pipes {difference_m:.2f} m apart in a manhole that is no drop manhole"),
        "size": N_("Sizes {one} and {other} mm meet at a {feature}"),
        "material": N_("{material} and {other_material} meet at a {feature}"),
    },
    reads=_joined(
        lines=(*DEPTHS, *ELEVATIONS, *SIZE, "kind", "is_gravity", "material"),
        nodes=(*_WHAT, NUMBER),
    ),
    limits=("tolerance_m", "drop_m", "drop_kinds", "levels_may_differ_at"),
)
def pipes_disagree(survey: Survey) -> Iterator[Findings]:
    """Find points whose pipes differ in level, size or material without a reason."""
    net = survey.network()
    return merged([*_levels_apart(survey, net), *_drops(survey, net), *_changes(survey, net)])


def _levels_apart(survey: Survey, net: Network) -> Iterator[Findings]:
    """Yield points that are no wells whose pipes have different elevations, else depths."""
    catalogue, limits = survey.project.catalogue, survey.limits
    ends = net.incidence
    free = net.of_nodes(
        lambda features: (
            wells(features, catalogue)
            | features.texts("feature").isin(limits["levels_may_differ_at"])
            | features.missing("feature")
        )
    )
    # Tops of pipes of two sizes differ by as much as the sizes do.
    height = height_m(net.lines)
    low_size, high_size = _spread(net, np.nan_to_num(height))
    left = np.flatnonzero(~free & (net.degree > 1))
    for case, names in (("level", ELEVATIONS), ("depth", DEPTHS)):
        values = levels(net.lines, names)[ends.line, ends.side]
        low, high = np.full(net.count, np.inf), np.full(net.count, -np.inf)
        np.fmin.at(low, ends.node, values)
        np.fmax.at(high, ends.node, values)
        apart = (high - low)[left] - (high_size - low_size)[left]
        wrong = apart > limits["tolerance_m"] + CENTIMETRES
        nodes, left = left[wrong], left[~wrong]
        yield from net.found(nodes, part=("case",), case=case, difference_m=(high - low)[nodes])


def _drops(survey: Survey, net: Network) -> Iterator[Findings]:
    """Yield wells of sewers whose pipes lie farther apart than without a drop manhole."""
    catalogue, limits = survey.project.catalogue, survey.limits
    ends = net.incidence
    members = net.lines.texts("kind").isin(limits["drop_kinds"]) & gravity(net.lines, catalogue)
    values = levels(net.lines, ELEVATIONS)[ends.line, ends.side]
    values = np.where(members[ends.line], values, np.nan)
    low, high = np.full(net.count, np.inf), np.full(net.count, -np.inf)
    np.fmin.at(low, ends.node, values)
    np.fmax.at(high, ends.node, values)
    well = net.of_nodes(
        lambda features: (
            wells(features, catalogue)
            & ~with_extra(features.texts("appendage"), catalogue, "point_appendage", "drop")
        )
    )
    nodes = np.flatnonzero(well & (high - low > limits["drop_m"] + CENTIMETRES))
    yield from net.found(nodes, part=("case",), case="drop", difference_m=(high - low)[nodes])


def _changes(survey: Survey, net: Network) -> Iterator[Findings]:
    """Yield points of two pipes of different sizes or materials whose feature is no change."""
    lines, ends = net.lines, net.incidence
    plain = _says(survey, net, "ways") & (net.degree == 2)
    every = np.ones(len(ends.line), dtype=bool)
    one, other = net.one_at(every), net.one_at(every, highest=True)
    change = _says(survey, net, "size_change") | _says(survey, net, "material_change")
    feature = net.of_nodes(methodcaller("objects", "feature"))
    material = lines.texts("material")
    for case, values, _key in _changing(lines):
        low, high = _spread(net, values)
        nodes = np.flatnonzero(plain & ~change & (low < high))
        a, b = one[nodes], other[nodes]
        yield from net.found(
            nodes,
            part=("case",),
            case=case,
            feature=feature[nodes],
            one=size_names(lines, a),
            other=size_names(lines, b),
            material=material.objects(a),
            other_material=material.objects(b),
        )


@rule(
    "point.dead_end",
    title=N_("Gravity pipe that leads nowhere"),
    explanation=N_(
        "All gravity pipes at a point flow into it and none leads on, and it is no outfall, septic"
        " tank, pumping station or end of the survey. The pipe onwards was forgotten or is not"
        " connected, or a flow direction is wrong. Look in the field where the water goes."
    ),
    message=N_("{count} pipes flow to point {number} and none leads on"),
    reads=_joined(lines=(*FLOW, *NUMBERS), nodes=(*_WHAT, NUMBER), keys=network_keys_and_numbers),
)
def dead_end(survey: Survey) -> Iterator[Findings]:
    """Find nodes without an outlet that gravity pipes flow to and no line leads on from."""
    net, catalogue = survey.network(), survey.project.catalogue
    ends = net.incidence
    way = np.where(gravity(net.lines, catalogue), flow(net.lines, catalogue), 0)
    # 1 where a pipe brings water; a pressure pipe or one of unknown flow may take it away.
    brings = np.where(ends.side == 1, way[ends.line], -way[ends.line]) > 0
    closed = (net.degree > 0) & ~net.any_at(~brings) & ~outlets(net, catalogue)
    nodes = np.flatnonzero(closed & ~net.claimed())
    number = net.of_nodes(point_names)[nodes]
    yield from net.found(nodes, count=net.degree[nodes], number=number)
