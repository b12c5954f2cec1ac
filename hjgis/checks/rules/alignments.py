"""Checks of where pipes run: how long they are, along which road, and what they cross."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.network import line_columns, network_columns, network_keys
from hjgis.checks.pipe_facts import (
    ELEVATIONS,
    GRAVITY,
    NAMING,
    gravity,
    height_m,
    levels,
    pipe_names,
    plausible,
    to_top,
    with_extra,
)
from hjgis.checks.rules.levels import wells
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.reading import Coded

_PIPE: Final = "pipe_line"
_ROAD: Final = "road"
_NAME: Final = "road_name"
# Coordinates of seven digits before the point are not exact behind it.
_SAME_M: Final = 1e-6


def length_3d(pipes: Features) -> NDArray[np.float64]:
    """Return lengths of pipes in metres, along the slope where both elevations are known."""
    at = levels(pipes, ELEVATIONS)
    rise = np.nan_to_num(at[:, 1] - at[:, 0])
    return np.hypot(shapely.length(pipes.geometry), rise)


@rule(
    "pipe.too_long",
    title=N_("Pipe without a point for too long"),
    explanation=N_(
        "A buried pipe runs farther between two points than a survey allows, so that its course"
        " between is a guess. A point was left out, or an end was connected to the wrong node."
        " Survey a point between. Gravity pipes are judged by the spacing of their manholes."
    ),
    message=N_("{length_m:.1f} m long without a point between; at most {limit_m:g} m"),
    reads=Reads(line_columns(*ELEVATIONS, *GRAVITY, "burial")),
    limits=("longest_m",),
)
def too_long(survey: Survey) -> Iterator[Findings]:
    """Find pressure pipes and ducts longer than the spacing of survey points, in space."""
    pipes, catalogue = survey.features(_PIPE), survey.project.catalogue
    length, limit = length_3d(pipes), survey.limits["longest_m"]
    overhead = with_extra(pipes.texts("burial"), catalogue, "burial", "above_ground")
    wrong = (length > limit) & ~overhead & ~gravity(pipes, catalogue)
    yield pipes.found(wrong, length_m=length, limit_m=limit)


@rule(
    "pipe.too_short",
    title=N_("Pipe too short to be one"),
    explanation=N_(
        "A pipe is a few centimetres long: a slip of the mouse, or two points that are one."
        " Join the points and delete the pipe."
    ),
    message=N_("Only {length_m:.3f} m long"),
    reads=Reads(line_columns(*ELEVATIONS)),
    limits=("shortest_m",),
)
def too_short(survey: Survey) -> Iterator[Findings]:
    """Find pipes shorter than the limit, in space."""
    pipes = survey.features(_PIPE)
    length = length_3d(pipes)
    wrong = (length < survey.limits["shortest_m"] - _SAME_M) & ~pipes.nowhere
    yield pipes.found(wrong, length_m=length)


@rule(
    "pipe.manhole_spacing",
    title=N_("Manholes too far apart"),
    explanation=N_(
        "A gravity pipe runs farther from manhole to manhole than it can be flushed and looked"
        " through; the smaller the pipe, the nearer the manholes. Often a manhole is buried under"
        " asphalt or was not surveyed: look for it in the field."
    ),
    message=N_(
        "{length_m:.1f} m from manhole to manhole with {size_mm:.0f} mm; at most {limit_m:g} m"
    ),
    reads=Reads(
        network_columns(lines=(*GRAVITY, "diameter_mm"), nodes=("feature", "appendage")),
        Scope.GROUP,
        keys=network_keys,
    ),
    limits=("spacing_m", "storm_kinds"),
)
def manhole_spacing(survey: Survey) -> Iterator[Findings]:
    """Find gravity pipes between two wells longer than the spacing for their diameter."""
    net, catalogue = survey.network(), survey.project.catalogue
    lines = net.lines
    well = net.of_nodes(partial(wells, catalogue=catalogue))
    between = np.append(well, False)[net.ends].all(axis=1) & gravity(lines, catalogue)
    size = plausible(lines, "diameter_mm")
    # Rows: diameter up to, spacing of sewers, spacing of storm and combined ones.
    table = np.array(survey.limits["spacing_m"], dtype=np.float64).reshape(-1, 3)
    row = np.searchsorted(table[:, 0], size)
    beyond = np.append(table[:, 1:], [[np.inf, np.inf]], axis=0)
    storm = lines.texts("kind").isin(survey.limits["storm_kinds"])
    limit = np.where(storm, beyond[row, 1], beyond[row, 0])
    length = shapely.length(lines.geometry)
    wrong = between & (length > limit)
    yield lines.found(wrong, length_m=length, size_mm=size, limit_m=limit)


def _roads_and_pipes(asset: AssetType) -> tuple[str, ...] | None:
    return (_NAME,) if asset.ends_on or asset.id == _ROAD else None


@rule(
    "pipe.road_name",
    title=N_("Road of a pipe is another one"),
    explanation=N_(
        "A pipe names a road that it is nowhere near, while another road is. Lists by road would"
        " count it in the wrong place. Take the name of the road that it lies in; if the road layer"
        " lacks a small road, add that."
    ),
    message=N_("Names “{name}”, but lies {distance_m:.0f} m from “{road}”"),
    reads=Reads(_roads_and_pipes, Scope.NEIGHBOURS, reach="reach_m"),
    limits=("reach_m",),
)
def road_name(survey: Survey) -> Iterator[Findings]:
    """Find pipes within reach of a road, but not of the one that they name."""
    if not survey.has(_ROAD):
        return
    pipes, reach = survey.features(_PIPE), survey.limits["reach_m"]
    roads = _by_name(survey.features(_ROAD))
    names = sorted(roads)
    shapes = np.array([roads[name] for name in names], dtype=object)
    shapely.prepare(shapes)
    column = pipes.texts(_NAME)
    place = {name: at for at, name in enumerate(names)}
    said = [place.get(_plain(value), -1) for value in column.values.tolist()]
    named = np.array([*said, -1], dtype=np.int64)[column.codes]
    far = ~column.missing & ~pipes.nowhere & np.isfinite(shapely.length(pipes.geometry))
    known = np.flatnonzero(far & (named >= 0))
    far[known] = ~shapely.dwithin(shapes[named[known]], pipes.geometry[known], reach)
    rows = np.flatnonzero(far)
    which, other, distance = _other_road(column, rows, pipes.geometry[rows], roads, reach)
    rows = rows[which]
    # A road that is not on the map may begin at this one, and its pipe leads away.
    beside = np.array([roads[name] for name in other], dtype=object)
    kept = (named[rows] >= 0) | (_farthest_m(pipes.geometry[rows], beside) <= reach)
    yield pipes.found(
        rows[kept],
        name=column.objects(rows[kept]),
        road=other[kept],
        distance_m=distance[kept],
    )


def _other_road(
    said: Coded,
    rows: NDArray[np.intp],
    pipes: NDArray[np.object_],
    roads: Mapping[str, Any],
    reach_m: float,
) -> tuple[NDArray[np.intp], NDArray[np.object_], NDArray[np.float64]]:
    """Return which pipes lie at roads of quite other names only, the nearest one and how near."""
    names = np.array([*roads, None], dtype=object)
    shapes = np.array([*roads.values()], dtype=object)
    at, road = shapely.STRtree(shapes).query(pipes, predicate="dwithin", distance=reach_m)
    # Of a million pipes at roads, few pairs of names are different ones.
    pairs, which = np.unique(
        said.codes[rows[at]] * np.int64(len(names)) + road, return_inverse=True
    )
    alike = [
        _are_alike(said.values[pair // len(names)], names[pair % len(names)]) for pair in pairs
    ]
    meant = at[np.array(alike, dtype=bool)[which]]
    others = ~np.isin(at, meant)
    at, road = at[others], road[others]
    distance = shapely.distance(shapes[road], pipes[at])
    # Of roads that are as near, the same one in whatever order they are read.
    order = np.lexsort((names[road], distance, at))
    found, first = np.unique(at[order], return_index=True)
    nearest = order[first]
    return found, names[road[nearest]], distance[nearest]


def _are_alike(value: object, name: str) -> bool:
    """Whether two names mean one road: 陕临路K3 and 陕临路东侧 are 陕临路."""
    plain = _plain(value)
    return plain in name or name in plain


def _farthest_m(lines: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return how far the farthest vertex of each line is from the other beside it, metres."""
    xy, row = shapely.get_coordinates(lines, return_index=True)
    result = np.zeros(len(lines))
    np.maximum.at(result, row, shapely.distance(shapely.points(xy), others[row]))
    return result


def _plain(value: object) -> str:
    return "".join(str(value).split())


def _by_name(roads: Features) -> Mapping[str, Any]:
    """Return the lines of each named road, its pieces together."""
    column = roads.texts(_NAME)
    finite = np.isfinite(shapely.length(roads.geometry))
    there = np.flatnonzero(~column.missing & ~roads.nowhere & finite)
    names = np.array([_plain(value) for value in column.objects(there)], dtype=object)
    pieces: dict[str, list[Any]] = {}
    for name, shape in zip(names.tolist(), roads.geometry[there].tolist(), strict=True):
        pieces.setdefault(name, []).extend(shapely.get_parts(shape).tolist())
    return {name: shapely.multilinestrings(parts) for name, parts in pieces.items() if name}


@rule(
    "pipe.crossing",
    title=N_("Pipes cross too close to each other"),
    explanation=N_(
        "Where two pipes cross, the space between them is less than the clearance, or they run"
        " through each other. One of the depths is wrong, or it was built so: whoever digs there"
        " must know. Compare the elevations of both; what is so in the field is a note to keep."
    ),
    message={
        "": N_("Crosses {kind} pipe {other} with {clearance_m:.2f} m between them"),
        "through": N_("Crosses {kind} pipe {other} at the same height"),
    },
    reads=Reads(
        line_columns(*ELEVATIONS, *GRAVITY, *NAMING, "elev_basis", "diameter_mm", "height_mm"),
        Scope.NEIGHBOURS,
        reach="clearance_m",
    ),
    limits=("clearance_m",),
)
def crossing(survey: Survey) -> Iterator[Findings]:
    """Find pipes that cross in plan with less than the clearance between them in height."""
    pipes, limit = survey.features(_PIPE), survey.limits["clearance_m"]
    low, high = _bottom_and_top(survey, pipes)
    first, second = _near_pairs(pipes, low, high, limit)
    crosses = shapely.crosses(pipes.geometry[first], pipes.geometry[second])
    first, second = first[crosses], second[crosses]
    shared = shapely.intersection(pipes.geometry[first], pipes.geometry[second])
    spot, of = shapely.get_parts(shapely.extract_unique_points(shared), return_index=True)
    # Where both end they are joined.
    joined = _at_an_end(pipes.geometry[first[of]], spot)
    joined &= _at_an_end(pipes.geometry[second[of]], spot)
    spot, of = spot[~joined], of[~joined]
    gap = _gap(pipes, (first[of], second[of]), spot, (low, high))
    # Of several crossings of a pair the closest is told.
    order = np.lexsort((gap, of))
    _pairs, at = np.unique(of[order], return_index=True)
    closest = order[at]
    close = closest[gap[closest] < limit]
    a, b = first[of[close]], second[of[close]]
    xy = shapely.get_coordinates(spot[close])
    kind = pipes.texts("kind")
    yield pipes.found(
        a,
        xy=xy,
        part=("uuid",),
        uuid=pipes.uuids_of(b),
        kind=kind.objects(b),
        other=pipe_names(pipes, b),
        clearance_m=gap[close],
        case=np.where(gap[close] <= 0, "through", ""),
    )


def _at_an_end(lines: NDArray[np.object_], spots: NDArray[np.object_]) -> NDArray[np.bool_]:
    ends = [shapely.distance(shapely.get_point(lines, vertex), spots) for vertex in (0, -1)]
    return np.asarray(np.fmin(*ends) < _SAME_M)


def _bottom_and_top(
    survey: Survey, pipes: Features
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the elevations of bottom and top at both ends, shape (n, 2); NaN where unknown."""
    at = levels(pipes, ELEVATIONS)
    height = height_m(pipes)[:, None]
    top = to_top(pipes, survey.project.catalogue)[:, None]
    return np.where(top, at - height, at), np.where(top, at, at + height)


def _near_pairs(
    pipes: Features, low: NDArray[np.float64], high: NDArray[np.float64], limit: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of rows, lower one first, whose boxes meet in space.

    Two straight pipes from one point cannot cross and stay out.
    """
    known = np.flatnonzero(~np.isnan(low + high).any(axis=1) & ~pipes.nowhere)
    shapes = pipes.geometry[known]
    first, second = shapely.STRtree(shapes).query(shapes)
    kept = first < second
    first, second = first[kept], second[kept]
    bottom, top = low[known].min(axis=1), high[known].max(axis=1)
    kept = np.maximum(bottom[first] - top[second], bottom[second] - top[first]) < limit
    first, second = first[kept], second[kept]
    straight = shapely.get_num_coordinates(shapes) == 2
    ends = [shapely.get_point(shapes, vertex) for vertex in (0, -1)]
    xy = np.stack([np.column_stack([shapely.get_x(e), shapely.get_y(e)]) for e in ends], axis=1)
    meets = np.zeros(len(first), dtype=bool)
    for one in (0, 1):
        for other in (0, 1):
            meets |= (np.abs(xy[first, one] - xy[second, other]) < _SAME_M).all(axis=1)
    kept = ~(meets & straight[first] & straight[second])
    return known[first[kept]], known[second[kept]]


def _gap(
    pipes: Features,
    pair: tuple[NDArray[np.int64], NDArray[np.int64]],
    spot: NDArray[np.object_],
    heights: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return the space in height between pairs of pipes at a place; negative: they overlap."""
    levels_there = []
    for rows in pair:
        share = shapely.line_locate_point(pipes.geometry[rows], spot, normalized=True)
        levels_there.append([h[rows, 0] + share * (h[rows, 1] - h[rows, 0]) for h in heights])
    (low, high), (other_low, other_high) = levels_there
    return np.asarray(np.maximum(low - other_high, other_low - high))
