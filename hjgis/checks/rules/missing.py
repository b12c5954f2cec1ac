"""What is probably missing: places where somebody should go and look, each with its reason.

None of these is a fault of a feature. The town says by its own regularities, the spacing of its
lamps, the density of its manholes, where something that exists may not have been recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.checks.along import Along, along_roads, neighbours_along, road_runs
from hjgis.checks.features import Features, places
from hjgis.checks.naming import names
from hjgis.checks.network import ends_of
from hjgis.checks.rules.grids import GRID, place_words
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields
from hjgis.models.reading import Vertices

_LAMP: Final = "street_lamp"
_PIPE: Final = "pipe_line"
_POINT: Final = "pipe_point"
_ROAD: Final = "road"
_TOILET: Final = "toilet"
_BOUNDARY: Final = "boundary"
_NODES: Final = ("from_node", "to_node")
_LINE: Final = 1  # shapely's number of the type


def _lamps_and_roads(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == _LAMP:
        return ("road_name", *name_fields(asset))
    return ("road_name",) if asset.id == _ROAD else None


def _drains(asset: AssetType) -> tuple[str, ...] | None:
    return ("kind", "diameter_mm", "start_no", "end_no") if asset.id == _PIPE else None


def _pipes_and_points(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == _PIPE:
        return ("kind", *_NODES, "start_no", "end_no")
    return ("feature",) if asset.id == _POINT else None


def _roads_and_drains(asset: AssetType) -> tuple[str, ...] | None:
    streets = ("road_name", "road_class", "project_status")
    return {_ROAD: streets, _PIPE: ("kind",), _BOUNDARY: ("level",)}.get(asset.id)


def _toilets_and_areas(asset: AssetType) -> tuple[str, ...] | None:
    return {_TOILET: (), _BOUNDARY: ("level",), GRID: ("land_use",)}.get(asset.id)


@rule(
    "visit.lamp_gap",
    title=N_("Lamp probably missing"),
    explanation=N_(
        "Along one side of a road the lamps stand at an even spacing, and here the gap is much"
        " wider. Either a lamp stands there that nobody recorded, or the road is dark there. Go and"
        " look: record the lamp, or note that there is none."
    ),
    message=N_(
        "{gap_m:.0f} m between lamps {before} and {after} of {road}, {usual_m:.0f} m is usual there"
    ),
    reads=Reads(_lamps_and_roads, Scope.LAYER),
    limits=("within_m", "least_lamps", "times_usual", "least_m", "most_m"),
)
def lamp_gap(survey: Survey) -> Iterator[Findings]:
    """Find gaps in rows of lamps along one side of a road, wider than is usual in that row."""
    if not (survey.has(_LAMP) and survey.has(_ROAD)):
        return
    lamps, roads, limits = survey.features(_LAMP), survey.features(_ROAD), survey.limits
    runs = road_runs(roads.geometry, roads.texts("road_name"))
    along = along_roads(lamps.xy, runs, names=lamps.texts("road_name"), within_m=limits["within_m"])
    first, second, gap = neighbours_along(along, np.arange(len(lamps)), along.side.astype(np.int64))
    usual, count = _usual_gap(along, first, gap)
    wide = np.flatnonzero(
        (gap > np.maximum(limits["times_usual"] * usual, limits["least_m"]))
        & (gap < limits["most_m"])
        & (count >= limits["least_lamps"])
    )
    one, two = first[wide], second[wide]
    middle = (lamps.xy[one] + lamps.xy[two]) / 2
    said = runs.names[along.run[one]]
    yield lamps.found(
        one,
        xy=middle,
        part=("place",),
        gap_m=gap[wide],
        usual_m=usual[wide],
        road=np.where(said == np.array(None), "", said),
        before=names(lamps, one),
        after=names(lamps, two),
        place=place_words(middle),
    )


def _usual_gap(
    along: Along, first: NDArray[np.intp], gap: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return for each gap the median of its row, and how many gaps that has."""
    row = along.run[first] * 3 + along.side[first]
    order = np.lexsort((gap, row))
    _rows, start, which, count = np.unique(
        row[order], return_index=True, return_inverse=True, return_counts=True
    )
    ordered = gap[order]
    if not len(ordered):
        return ordered, count
    median = (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2
    usual, many = np.empty(len(gap)), np.empty(len(gap), np.int64)
    usual[order], many[order] = median[which], count[which]
    return usual, many


@rule(
    "visit.manhole_gap",
    title=N_("Manhole probably missing"),
    explanation=N_(
        "A drain runs much farther without a manhole than it may for its diameter. Often one is"
        " there, buried under the surface or a parked car. Go and look for a cover in the middle of"
        " the pipe; if there is none, note it."
    ),
    message=N_(
        "{length_m:.0f} m of drain DN{diameter:.0f} from {start} to {stop} without a manhole, at"
        " most {spacing_m:.0f} m is usual"
    ),
    reads=Reads(_drains, Scope.LAYER),
    limits=("kinds", "spacings", "times_spacing", "times_usual"),
)
def manhole_gap(survey: Survey) -> Iterator[Findings]:
    """Find drains that are longer than the usual spacing of manholes by far."""
    if not survey.has(_PIPE):
        return
    pipes, limits = survey.features(_PIPE), survey.limits
    diameter = pipes.numbers("diameter_mm")
    up_to, spacing = np.array(limits["spacings"], np.float64).reshape(-1, 2).T
    at = np.minimum(np.searchsorted(up_to, diameter), len(up_to) - 1)
    length = shapely.length(pipes.geometry)
    drains = pipes.texts("kind").isin(limits["kinds"]) & (length > 0)
    if not drains.any():
        return
    # Where a town was built with wider spacings, those are what is usual there.
    usual = limits["times_usual"] * np.median(length[drains])
    least = np.maximum(limits["times_spacing"] * spacing[at], usual)
    rows = np.flatnonzero(drains & (length > least) & (diameter > 0))
    yield pipes.found(
        rows,
        length_m=length[rows],
        diameter=diameter[rows],
        spacing_m=spacing[at[rows]],
        start=_said(pipes.objects("start_no", rows)),
        stop=_said(pipes.objects("end_no", rows)),
    )


def _said(values: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.where(values == np.array(None), "?", values)


@rule(
    "visit.pipe_end",
    title=N_("Pipe probably continues"),
    explanation=N_(
        "A pipe ends at nothing, and another one of its kind lies a few metres ahead in the same"
        " direction. Probably the piece between was not found or not drawn. Open the last manhole"
        " and look where the pipe goes; record the piece, or an end (plug, outfall)."
    ),
    message=N_("Ends at {point}, {distance_m:.1f} m before another {kind} pipe ({start}–{stop})"),
    reads=Reads(_pipes_and_points, Scope.LAYER),
    limits=("reach_m", "least_m", "most_deg", "ends"),
)
def pipe_end(survey: Survey) -> Iterator[Findings]:
    """Find ends of pipes that meet no other of their kind though one lies ahead."""
    if not survey.has(_PIPE):
        return
    pipes = survey.features(_PIPE)
    row, at_start, xy = _lonely_ends(pipes)
    if not len(row):
        return
    tree = shapely.STRtree(pipes.geometry)
    spots = np.asarray(shapely.points(xy), dtype=object)
    end, other = tree.query(spots, predicate="dwithin", distance=survey.limits["reach_m"])
    kind = pipes.texts("kind").codes
    alike = (row[end] != other) & (kind[row[end]] == kind[other]) & (kind[other] >= 0)
    end, other = end[alike], other[alike]
    distance = shapely.distance(spots[end], pipes.geometry[other])
    # What an end touches, connected or not, is where it goes on.
    open_ = ~np.isin(end, end[distance <= survey.limits["least_m"]])
    end, other, distance = end[open_], other[open_], distance[open_]
    between = shapely.shortest_line(spots[end], pipes.geometry[other])
    target = shapely.get_coordinates(shapely.get_point(between, -1))
    ahead = _turn(pipes.geometry[row[end]], at_start[end], target) <= survey.limits["most_deg"]
    good = np.flatnonzero(ahead)
    # Last, as it is the dearest to ask: few ends are still in question.
    good = good[~_at_shared_node(survey, pipes, row[end[good]], at_start[end[good]])]
    chosen = good[np.lexsort((distance[good], end[good]))]
    _ends, first = np.unique(end[chosen], return_index=True)
    chosen = chosen[first]
    own, near = row[end[chosen]], other[chosen]
    begins = at_start[end[chosen]]
    middle = (xy[end[chosen]] + target[chosen]) / 2
    yield pipes.found(
        own,
        xy=middle,
        part=("place",),
        point=_said(np.where(begins, pipes.objects("start_no", own), pipes.objects("end_no", own))),
        distance_m=distance[chosen],
        kind=pipes.objects("kind", own),
        start=_said(pipes.objects("start_no", near)),
        stop=_said(pipes.objects("end_no", near)),
        place=place_words(middle),
    )


def _lonely_ends(
    pipes: Features,
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.float64]]:
    """Return row, whether it is the start, and place of ends where no other pipe ends."""
    count = len(pipes)
    rows = np.tile(np.arange(count), 2)
    start = np.repeat([True, False], count)
    ends = ends_of(pipes).copy()
    others = np.flatnonzero(pipes.vertices.kind == Vertices.OTHER)
    # Of several parts, no end is the end.
    ends[others[shapely.get_type_id(pipes.shapes(others)) != _LINE]] = np.nan
    xy = np.concatenate([ends[:, 0], ends[:, 1]])
    # A decimetre: ends that lie so near one another are one, whether they are connected or not.
    cell = np.nan_to_num(np.round(xy * 10)).astype(np.int64)
    shared = _twice(cell[:, 0] * (2 * int(np.abs(cell).max(initial=0)) + 1) + cell[:, 1])
    lonely = np.flatnonzero(~shared & np.isfinite(xy).all(axis=1))
    return rows[lonely], start[lonely], xy[lonely]


def _at_shared_node(
    survey: Survey, pipes: Features, rows: NDArray[np.intp], at_start: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say of ends whether they name a node that another end names, or one where pipes may end."""
    nodes = np.where(at_start, *(pipes.objects(name, rows) for name in _NODES))
    known = [uuid for uuid in dict.fromkeys(nodes.tolist()) if uuid is not None]
    shared = {uuid for uuid, ends in survey.ends_at(known).items() if ends > 1}
    if survey.has(_POINT) and known:
        points_at = survey.features(_POINT)
        finals = np.flatnonzero(points_at.texts("feature").isin(survey.limits["ends"]))
        shared |= {*points_at.uuids[finals].tolist()} if len(finals) else set()
    return np.fromiter((uuid in shared for uuid in nodes.tolist()), bool, len(nodes))


def _twice(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which keys are there more than once."""
    order = np.argsort(keys, kind="stable")
    same = np.diff(keys[order]) == 0
    result = np.zeros(len(keys), bool)
    result[order[1:][same]] = True
    result[order[:-1][same]] = True
    return result


def _turn(
    lines: NDArray[np.object_], at_start: NDArray[np.bool_], target: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return by how many degrees one turns at the end of a line to get to a place."""
    last = np.where(at_start, 0, -1)
    tip = shapely.get_coordinates(shapely.get_point(lines, last)).reshape(-1, 2)
    before = shapely.get_coordinates(shapely.get_point(lines, np.where(at_start, 1, -2))).reshape(
        -1, 2
    )
    one, two = tip - before, target - tip
    cross = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    return np.asarray(np.degrees(np.abs(np.arctan2(cross, (one * two).sum(axis=1)))))


@rule(
    "visit.street_without_drain",
    title=N_("Street without any drain"),
    explanation=N_(
        "No sewer or storm drain is recorded along this street, though there are some in the"
        " streets around. Go and look for covers and gullies: either the street was not surveyed,"
        " or it has no drains and floods."
    ),
    message=N_("{road}: {length_m:.0f} m of street, no drain within {within_m:.0f} m"),
    reads=Reads(_roads_and_drains, Scope.LAYER),
    limits=("kinds", "within_m", "near_m", "least_m", "levels", "left_out", "not_for"),
)
def street_without_drain(survey: Survey) -> Iterator[Findings]:
    """Find roads of the built-up area without a drain, where there are drains not far away."""
    if not (survey.has(_ROAD) and survey.has(_PIPE)):
        return
    roads, pipes, limits = survey.features(_ROAD), survey.features(_PIPE), survey.limits
    drains = pipes.geometry[pipes.texts("kind").isin(limits["kinds"]) & ~pipes.nowhere]
    length = shapely.length(roads.geometry)
    asked = np.flatnonzero(
        ~roads.nowhere
        & (length >= limits["least_m"])
        & ~roads.texts("project_status").isin(limits["left_out"])
        & ~roads.texts("road_class").isin(limits["not_for"])
    )
    town = _built_up(survey, limits["levels"])
    if town is not None:
        asked = asked[shapely.intersects(roads.geometry[asked], town)]
    near, distance = _nearest(drains, roads.geometry[asked], limits["near_m"])
    dry = near[distance > limits["within_m"]]
    rows = asked[dry]
    said = roads.objects("road_name", rows)
    yield roads.found(
        rows,
        xy=_middles(roads.geometry[rows]),
        road=_said(said),
        length_m=length[rows],
        within_m=limits["within_m"],
    )


def _nearest(
    things: NDArray[np.object_], lines: NDArray[np.object_], within_m: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the lines that have a thing within a distance, and how far away the nearest is."""
    tree = shapely.STRtree(things)
    (row, _thing), distance = tree.query_nearest(
        lines, max_distance=within_m, return_distance=True, all_matches=False
    )
    return row, distance


def _middles(roads: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the middle of the longest part of each road."""
    parts, row = shapely.get_parts(roads, return_index=True)
    order = np.lexsort((-shapely.length(parts), row))
    _rows, first = np.unique(row[order], return_index=True)
    return places(parts[order[first]])


def _built_up(survey: Survey, levels: list[str]) -> BaseGeometry | None:
    """Return the built-up area as the boundary layer has it; None if it does not say."""
    if not survey.has(_BOUNDARY):
        return None
    areas = survey.whole(_BOUNDARY)
    wanted = areas.texts("level").isin(levels) & ~areas.nowhere
    shapes = areas.geometry[wanted]
    shapes = shapes[shapely.is_valid(shapes)]
    return shapely.union_all(shapes) if len(shapes) else None


@rule(
    "visit.toilet_far",
    title=N_("No public toilet within reach"),
    explanation=N_(
        "In this part of the built-up area the next public toilet is farther away than people are"
        " asked to walk. Go and look whether there is one that is not recorded (in a market, a"
        " petrol station, an office that is open to the public), or where one could be."
    ),
    message=N_("{area_ha:.1f} ha here are farther than {within_m:.0f} m from every public toilet"),
    reads=Reads(_toilets_and_areas, Scope.LAYER),
    limits=("within_m", "cell_m", "least_m2", "most_places", "levels", "land_uses"),
)
def toilet_far(survey: Survey) -> Iterator[Findings]:
    """Find the largest pieces of the built-up or commercial area that no toilet is near to."""
    if not survey.has(_TOILET):
        return
    toilets, limits = survey.features(_TOILET), survey.limits
    spots = toilets.geometry[~toilets.nowhere]
    town = _built_up(survey, limits["levels"])
    if town is None:
        town = _by_land_use(survey, limits["land_uses"])
    if town is None or not len(spots):
        return
    covered = shapely.union_all(shapely.buffer(spots, limits["within_m"]))
    pieces = _cut(town.difference(covered), limits["cell_m"])
    area = shapely.area(pieces)
    large = np.argsort(-area, kind="stable")[: limits["most_places"]]
    large = large[area[large] >= limits["least_m2"]]
    inside = shapely.get_point(shapely.maximum_inscribed_circle(pieces[large], tolerance=5.0), 0)
    xy = shapely.get_coordinates(inside).reshape(-1, 2)
    near = np.flatnonzero(~toilets.nowhere)[shapely.STRtree(spots).nearest(inside)]
    yield toilets.found(
        near,
        xy=xy,
        part=("place",),
        area_ha=area[large] / 10_000,
        within_m=limits["within_m"],
        place=place_words(xy),
    )


def _by_land_use(survey: Survey, land_uses: list[str]) -> BaseGeometry | None:
    if not survey.has(GRID):
        return None
    grids = survey.whole(GRID)
    wanted = grids.texts("land_use").isin(land_uses) & ~grids.nowhere
    shapes = grids.geometry[wanted]
    shapes = shapes[shapely.is_valid(shapes)]
    return shapely.union_all(shapes) if len(shapes) else None


def _cut(area: BaseGeometry, cell_m: float) -> NDArray[np.object_]:
    """Return an area in pieces that one can walk over, cut by squares."""
    if area.is_empty:
        return np.empty(0, dtype=object)
    low_x, low_y, high_x, high_y = np.floor(np.array(area.bounds) / cell_m).astype(int)
    east, north = np.meshgrid(np.arange(low_x, high_x + 1), np.arange(low_y, high_y + 1))
    x, y = east.ravel() * cell_m, north.ravel() * cell_m
    cells = np.asarray(shapely.box(x, y, x + cell_m, y + cell_m), dtype=object)
    shapely.prepare(area)
    cells = cells[shapely.intersects(area, cells)]
    parts = shapely.get_parts(shapely.intersection(cells, area))
    return np.asarray(parts[shapely.get_dimensions(parts) == 2], dtype=object)
