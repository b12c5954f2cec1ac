"""Checks of depths and elevations: of pipes, of the ground above and of the wells at their ends."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.network import (
    END_NAMES,
    Network,
    line_columns,
    network_columns,
    network_keys,
)
from hjgis.checks.pipe_facts import (
    CENTIMETRES,
    DEPTHS,
    ELEVATIONS,
    FLOW,
    GRAVITY,
    flow,
    gravity,
    height_m,
    levels,
    measured,
    of_major,
    to_top,
    with_extra,
)
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import Catalogue
from hjgis.models.issues import Findings
from hjgis.models.unknown import FIELD as UNKNOWN

_PIPE: Final = "pipe_line"
GROUND: Final = "ground_elev_m"
_WELL_DEPTH: Final = "well_depth_m"
_BOTTOM: Final = "bottom_elev_m"


@rule(
    "pipe.depth",
    title=N_("Depth out of the ordinary"),
    explanation=N_(
        "A pipe lies deeper than any in town, above the ground though it is not overhead, or with"
        " less earth above it than its kind needs: in this county water also has to lie below the"
        " frost. Usually a decimal point slipped or top and invert were mixed up: compare with the"
        " field sheet; a pipe that really lies so shallow belongs on the list of dangers."
    ),
    message={
        "deep": N_("Depth {depth_m:.2f} m at the {end}, more than {limit_m:g} m"),
        "above": N_("Depth {depth_m:.2f} m at the {end}: above the ground, but not laid overhead"),
        "cover": N_("Only {cover_m:.2f} m of cover at the {end}; at least {limit_m:g} m is needed"),
        "frost": N_(
            "Only {cover_m:.2f} m of cover at the {end}; the ground freezes {limit_m:g} m deep"
        ),
    },
    reads=Reads(
        line_columns(
            *DEPTHS, *GRAVITY, "elev_basis", "diameter_mm", "width_mm", "height_mm", "burial"
        ),
        geometry=False,
    ),
    limits=("deepest_m", "cover_m", "frost_m", "frost_not_for", "buried", "cased", "on_the_ground"),
)
def depth(survey: Survey) -> Iterator[Findings]:
    """Find depths that are too large, negative without being overhead, or too small for a kind."""
    pipes, catalogue, limits = survey.features(_PIPE), survey.project.catalogue, survey.limits
    below = levels(pipes, DEPTHS)
    burial = pipes.texts("burial")
    open_air = with_extra(burial, catalogue, "burial", "above_ground")
    open_air |= burial.isin(limits["on_the_ground"])
    top = to_top(pipes, catalogue)
    cover = below - np.where(top, 0.0, height_m(pipes))[:, None]
    least, frost = _least_cover(survey, pipes)
    # What lies above the ground or too deep is told for that alone.
    deep = below > limits["deepest_m"]
    above = (below < 0) & ~open_air[:, None]
    buried = burial.isin(limits["buried"])[:, None] & ~deep & ~(below < 0)
    # Depths are written in centimetres.
    shallow = buried & (cover < least[:, None] - 0.005)
    case = np.select([deep, above], ["deep", "above"], np.where(frost, "frost", "cover")[:, None])
    limit = np.where(deep, limits["deepest_m"], least[:, None])
    wrong = deep | above | shallow
    yield _at_ends(pipes, wrong, depth_m=below, cover_m=cover, limit_m=limit, case=case)


def _least_cover(survey: Survey, pipes: Features) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the cover that each pipe needs in metres, NaN for none, and whether for the frost."""
    catalogue, limits = survey.project.catalogue, survey.limits
    kind, cased = pipes.texts("kind"), pipes.texts("burial").isin(limits["cased"])
    least = np.full(len(pipes), np.nan)
    frost = np.zeros(len(pipes), dtype=bool)
    for major, (direct, in_pipe) in limits["cover_m"].items():
        members = of_major(kind, catalogue, major)
        least[members] = np.where(cased, in_pipe, direct)[members]
    for major, freezes in limits["frost_m"].items():
        members = of_major(kind, catalogue, major) & ~kind.isin(limits["frost_not_for"])
        frost |= members & ~(least >= freezes)
        least[members] = np.fmax(least[members], freezes)
    return least, frost


def _at_ends(pipes: Features, wrong: NDArray[np.bool_], **facts: NDArray[Any]) -> Findings:
    """Return a finding at each of some pipe ends; arrays of shape (n, 2)."""
    rows, sides = np.nonzero(wrong)
    chosen = {name: values[wrong] for name, values in facts.items()}
    points = shapely.get_point(pipes.geometry[rows], np.where(sides == 0, 0, -1))
    place = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return pipes.found(rows, xy=place, part=("end",), end=END_NAMES[sides], **chosen)


@rule(
    "pipe.elevation_identity",
    title=N_("Ground, depth and elevation do not agree"),
    explanation=N_(
        "Ground elevation less depth is the elevation of the pipe, at each end. Where it is not,"
        " one of the three was mistyped, or depth and elevation refer to different parts of the"
        " pipe. Correct the one that differs from the field sheet."
    ),
    message=N_(
        "At the {end} ground {ground_m:.2f} m less depth {depth_m:.2f} m is not elevation"
        " {elevation_m:.2f} m: {difference_m:+.2f} m"
    ),
    reads=Reads(
        network_columns(lines=(*DEPTHS, *ELEVATIONS), nodes=(GROUND,)),
        Scope.GROUP,
        keys=network_keys,
    ),
    limits=("tolerance_m",),
)
def elevation_identity(survey: Survey) -> Iterator[Findings]:
    """Find pipe ends whose elevation is not the ground at their node less their depth."""
    net = survey.network()
    ground = net.at_ends(net.of_nodes(partial(measured, name=GROUND)))
    below, at = levels(net.lines, DEPTHS), levels(net.lines, ELEVATIONS)
    difference = at - (ground - below)
    wrong = np.abs(difference) > survey.limits["tolerance_m"] + CENTIMETRES
    yield _at_ends(
        net.lines, wrong, ground_m=ground, depth_m=below, elevation_m=at, difference_m=difference
    )


@rule(
    "pipe.steep",
    title=N_("Pipe too steep"),
    explanation=N_(
        "Between its two ends a pipe falls or rises so steeply as no pipe is laid. Usually one of"
        " the elevations is wrong by metres, or an end was connected to the wrong node. Correct the"
        " elevation; what does rise to a pole or a wall needs the way of laying that says so."
    ),
    message=N_("{angle_deg:.0f}° steep: {rise_m:.2f} m over {length_m:.2f} m"),
    reads=Reads(line_columns(*ELEVATIONS, "burial")),
    limits=("steepest_deg", "not_for"),
)
def steep(survey: Survey) -> Iterator[Findings]:
    """Find pipes steeper than the limit, but for those that rise to poles or inside wells."""
    pipes = survey.features(_PIPE)
    at = levels(pipes, ELEVATIONS)
    rise = np.abs(at[:, 1] - at[:, 0])
    length = shapely.length(pipes.geometry)
    angle = np.degrees(np.arctan2(rise, length))
    upright = pipes.texts("burial").isin(survey.limits["not_for"])
    wrong = (angle > survey.limits["steepest_deg"]) & ~upright
    yield pipes.found(wrong, angle_deg=angle, rise_m=rise, length_m=length)


@rule(
    "pipe.adverse_slope",
    title=N_("Gravity pipe that rises downstream"),
    explanation=N_(
        "Along its flow direction the invert of a gravity pipe rises. Water would stand in it:"
        " either the flow direction or an elevation is wrong, or it was built so and silts up."
        " Look at the neighbours along the profile, then correct the data or report the pipe."
    ),
    message=N_(
        "Rises downstream by {rise_m:.2f} m, from {upstream_m:.2f} m to {downstream_m:.2f} m"
    ),
    reads=Reads(
        network_columns(lines=(*ELEVATIONS, *DEPTHS, *FLOW), nodes=(GROUND,)),
        Scope.GROUP,
        keys=network_keys,
    ),
    limits=("tolerance_m",),
)
def adverse_slope(survey: Survey) -> Iterator[Findings]:
    """Find gravity pipes of known flow whose downstream end is higher than the upstream one."""
    net, catalogue = survey.network(), survey.project.catalogue
    pipes, at = net.lines, elevations(net)
    way = flow(pipes, catalogue)
    upstream = np.where(way > 0, at[:, 0], at[:, 1])
    downstream = np.where(way > 0, at[:, 1], at[:, 0])
    rise = downstream - upstream
    falls = gravity(pipes, catalogue) & (way != 0)
    wrong = falls & (rise > survey.limits["tolerance_m"] + CENTIMETRES)
    yield pipes.found(wrong, rise_m=rise, upstream_m=upstream, downstream_m=downstream)


def elevations(net: Network) -> NDArray[np.float64]:
    """Return how high both ends of each pipe lie, metres, shape (n, 2); NaN where nobody knows.

    What has no elevation has perhaps a depth below a ground that is known.
    """
    given = levels(net.lines, ELEVATIONS)
    ground = net.at_ends(net.of_nodes(partial(measured, name=GROUND)))
    return np.where(np.isnan(given), ground - levels(net.lines, DEPTHS), given)


@rule(
    "pipe.flow_unknown",
    title=N_("Gravity pipe without a flow direction"),
    explanation=N_(
        "Nobody recorded which way the water runs in a gravity pipe, so that nothing can be traced"
        " through it and no arrow is drawn. Where the levels of both ends are known the direction"
        " can be taken from them; otherwise open the manholes and look. Write 不详 where nobody can"
        " find out."
    ),
    message={
        "forward": N_(
            "No flow direction; by the levels it flows to the last vertex: {fall_m:.2f} m lower"
        ),
        "back": N_(
            "No flow direction; by the levels it flows to the first vertex: {fall_m:.2f} m lower"
        ),
        "open": N_("No flow direction, and the levels do not tell it"),
    },
    reads=Reads(
        network_columns(lines=(*ELEVATIONS, *DEPTHS, *FLOW, "use_state", UNKNOWN), nodes=(GROUND,)),
        Scope.GROUP,
        keys=network_keys,
    ),
    limits=("tolerance_m", "not_in_use"),
)
def flow_unknown(survey: Survey) -> Iterator[Findings]:
    """Find gravity pipes in use of which nobody said which way they flow."""
    net, catalogue, limits = survey.network(), survey.project.catalogue, survey.limits
    pipes = net.lines
    at = elevations(net)
    fall = at[:, 0] - at[:, 1]
    told = np.abs(fall) > limits["tolerance_m"] + CENTIMETRES
    # Who looked into it without an answer is told only what the levels say.
    unsaid = pipes.texts("flow_dir").isin(("不详",)) & told
    unsaid |= pipes.lacking(pipes.asset.field("flow_dir"))
    used = gravity(pipes, catalogue) & ~pipes.texts("use_state").isin(limits["not_in_use"])
    case = np.where(told, np.where(fall > 0, "forward", "back"), "open")
    yield pipes.found(used & unsaid, case=case, fall_m=np.abs(fall))


@rule(
    "manhole.bottom_depth",
    title=N_("Depth of the well missing or too small"),
    explanation=N_(
        "A well on a gravity pipe has no depth, or its bottom is higher than a pipe that enters"
        " it. Silt and flow cannot be judged without it. Measure from the cover to the bottom;"
        " where the bottom lies above a pipe, one of the two depths is wrong."
    ),
    message={
        "missing": N_("No depth, though {count} gravity pipes end here"),
        "shallow": N_("{well_m:.2f} m deep, but a pipe enters {deepest_m:.2f} m below the ground"),
    },
    reads=Reads(
        network_columns(
            lines=(*DEPTHS, *GRAVITY),
            nodes=(_WELL_DEPTH, GROUND, _BOTTOM, "appendage", "feature", UNKNOWN),
        ),
        Scope.GROUP,
        keys=network_keys,
    ),
    limits=("tolerance_m",),
)
def bottom_depth(survey: Survey) -> Iterator[Findings]:
    """Find wells of gravity pipes without a depth, and wells less deep than a pipe in them."""
    net, catalogue = survey.network(), survey.project.catalogue
    ends = net.incidence
    below = levels(net.lines, DEPTHS)[ends.line, ends.side]
    deepest = np.full(net.count, -np.inf)
    np.fmax.at(deepest, ends.node, below)
    falls = gravity(net.lines, catalogue)[ends.line]
    count = np.bincount(ends.node[falls], minlength=net.count)
    deep = net.of_nodes(_depth)
    # Nobody answered for it, not even by saying that it is not known.
    lacking = net.of_nodes(
        lambda features: (
            features.lacking(features.asset.field(_WELL_DEPTH)) & wells(features, catalogue)
        )
    ) & np.isnan(deep)
    shallow = deep < deepest - survey.limits["tolerance_m"] - CENTIMETRES
    nodes = np.flatnonzero(shallow | lacking & (count > 0))
    yield from net.found(
        nodes,
        case=np.where(shallow[nodes], "shallow", "missing"),
        count=count[nodes],
        well_m=deep[nodes],
        deepest_m=deepest[nodes],
    )


def _depth(features: Features) -> NDArray[np.float64]:
    """Return how deep wells are, metres: as measured, else from the levels of cover and bottom."""
    between = measured(features, GROUND) - measured(features, _BOTTOM)
    deep = measured(features, _WELL_DEPTH)
    return np.where(np.isnan(deep), np.where(between > 0.0, between, np.nan), deep)


def wells(features: Features, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Say which nodes are wells: points whose appendage is one, and manholes.

    A manhole with another appendage or a feature is what that says.
    """
    said = features.texts("appendage")
    listed = with_extra(said, catalogue, "point_appendage", "well")
    if features.asset.id != "manhole":
        return listed
    return np.asarray(listed | said.missing & features.texts("feature").missing)
