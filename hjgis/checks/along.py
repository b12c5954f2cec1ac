"""Places along roads: how far along its road a point lies, how far off it and on which side.

Spacing of lamps and toilets is measured along the road, never across a bend.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.reading import Coded

NO_ROAD: Final = -1
_CELL_M: Final = 500.0
_BATCH: Final = 100_000
# A side road whose line stops so near to another is joined to it.
_JOINED_M: Final = 1.0


@dataclass(frozen=True, eq=False)
class RoadRuns:
    """Road lines joined to runs: unbroken lines of one name, cut where it forks.

    Attributes
    ----------
    lines : array of LineString, shape (m,)
        In the project CRS.
    road : array of int, shape (m,)
        Row of the road layer that a run is of; the first one of its name.
    names : array of object, shape (m,)
        Name of the road; None where it has none.
    """

    lines: NDArray[np.object_]
    road: NDArray[np.intp]
    names: NDArray[np.object_]

    def called(self, run: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the names of some runs; None where there is none, or no road."""
        known = np.empty(len(self.names) + 1, dtype=object)
        known[:-1] = self.names
        return np.asarray(known[run], dtype=object)

    @cached_property
    def pieces(self) -> _Pieces:
        """The straight pieces of all runs."""
        return _Pieces(self.lines)


class _Pieces:
    """Straight pieces between two vertices, with the way along the run to where each starts."""

    def __init__(self, lines: NDArray[np.object_]) -> None:
        xy, run = shapely.get_coordinates(lines, return_index=True)
        starts = np.flatnonzero(run[:-1] == run[1:]) if len(run) else np.empty(0, np.intp)
        self.start, self.step = xy[starts], xy[starts + 1] - xy[starts]
        self.length = np.hypot(self.step[:, 0], self.step[:, 1])
        self.run = run[starts]
        before = np.cumsum(self.length) - self.length
        _runs, first, which = np.unique(self.run, return_index=True, return_inverse=True)
        self.before_m = before - before[first][which]
        drawn = shapely.linestrings(np.stack([self.start, self.start + self.step], axis=1))
        self.tree = shapely.STRtree(np.asarray(drawn, dtype=object))


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """Where points lie along roads, entry i of each array being the same point.

    Attributes
    ----------
    run : array of int, shape (n,)
        Position in `RoadRuns`; `NO_ROAD` where no road is near enough.
    measure_m : array of float64, shape (n,)
        From the start of the run to the foot of the point; NaN without a road.
    offset_m : array of float64, shape (n,)
        From the centre line to the point, never negative; NaN without a road.
    side : array of int8, shape (n,)
        1 left of the line as it was drawn, -1 right, 0 on it and without a road.
    """

    run: NDArray[np.intp]
    measure_m: NDArray[np.float64]
    offset_m: NDArray[np.float64]
    side: NDArray[np.int8]


def road_runs(geometry: NDArray[np.object_], names: Coded) -> RoadRuns:
    """Join the lines of roads of the same name where they meet end to end.

    Parameters
    ----------
    geometry : array of shapely geometries, shape (n,)
        LineString or MultiLineString in the project CRS; missing and empty ones are left out.
    names : Coded
        Of the same roads; one without a name is joined to no other.
    """
    said = [str(value).strip() for value in names.values]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(said))}
    group_of = np.array([*(numbers[name] if name else NO_ROAD for name in said), NO_ROAD])
    group = group_of[names.codes].astype(np.int64)
    nameless = group < 0
    group[nameless] = len(numbers) + np.flatnonzero(nameless)
    parts, row = shapely.get_parts(geometry, return_index=True)
    length = shapely.length(parts)
    # One that goes to infinity would have no place on it measured, nor on any after it.
    kept = (length > 0) & np.isfinite(length)
    kept &= shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    parts, row = shapely.force_2d(parts[kept]), row[kept]
    order = np.lexsort((row, group[row]))
    parts, row = parts[order], row[order]
    _groups, first, which = np.unique(group[row], return_index=True, return_inverse=True)
    merged = shapely.line_merge(shapely.multilinestrings(parts, indices=which))
    lines, of = shapely.get_parts(merged, return_index=True)
    road = row[first][of]
    words = names.objects(road)
    words[:] = [None if value is None else str(value).strip() or None for value in words]
    return RoadRuns(lines, road, words)


def along_roads(
    xy: NDArray[np.float64], runs: RoadRuns, *, names: Coded | None = None, within_m: float
) -> Along:
    """Find for each point the road that it belongs to, and where along it.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Points in the project CRS, x east; NaN where one has no place.
    runs : RoadRuns
    names : Coded, optional
        Names of the roads that the points say they stand at. That road is taken if it is within
        reach, else the nearest road.
    within_m : float
        Farther off than this, metres, no road is taken.
    """
    pieces = runs.pieces
    piece = np.full(len(xy), -1, dtype=np.intp)
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if not len(placed) or not len(pieces.run):
        return _measured(piece, xy, runs)
    own, of_piece = _numbered(names, runs, len(xy))
    # Neighbours in the tree one after the other: several times faster than in the file's order.
    cell = np.floor(xy[placed] / _CELL_M)
    placed = placed[np.lexsort((xy[placed, 1], cell[:, 0]))]
    for start in range(0, len(placed), _BATCH):
        rows = placed[start : start + _BATCH]
        x, y = xy[rows, 0], xy[rows, 1]
        boxes = shapely.box(x - within_m, y - within_m, x + within_m, y + within_m)
        at, candidate = pieces.tree.query(np.asarray(boxes, dtype=object))
        _share, off = _feet(pieces, candidate, xy[rows[at]])
        near = off <= within_m
        at, candidate, off = at[near], candidate[near], off[near]
        other = of_piece[candidate] != own[rows[at]]
        first = _lowest(at, off + other * (within_m + 1.0))
        piece[rows[at[first]]] = candidate[first]
    return _measured(piece, xy, runs)


def _numbered(
    names: Coded | None, runs: RoadRuns, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return numbers of the roads that points name, and of the roads of straight pieces."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(runs.names)) if name}
    of_run = np.array([numbers.get(name, -1) for name in runs.names], dtype=np.int64)
    if names is None:
        return np.full(count, -2, np.int64), of_run[runs.pieces.run]
    said = [numbers.get(str(value).strip(), -2) for value in names.values]
    return np.array([*said, -2], np.int64)[names.codes], of_run[runs.pieces.run]


def _lowest(group: NDArray[np.intp], value: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return where in each group, given one after the other, the value is the lowest."""
    if not len(group):
        return np.empty(0, np.intp)
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    least = np.minimum.reduceat(value, starts)
    hits = np.flatnonzero(value == np.repeat(least, np.diff(np.append(starts, len(group)))))
    _groups, first = np.unique(group[hits], return_index=True)
    return np.asarray(hits[first], dtype=np.intp)


def _feet(
    pieces: _Pieces, chosen: NDArray[np.intp], xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drop perpendiculars onto straight pieces: share of the piece, and distance in metres."""
    step, away = pieces.step[chosen], xy - pieces.start[chosen]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (away * step).sum(axis=1) / pieces.length[chosen] ** 2
    share = np.clip(np.nan_to_num(share), 0.0, 1.0)
    off = away - share[:, None] * step
    return share, np.hypot(off[:, 0], off[:, 1])


def _measured(piece: NDArray[np.intp], xy: NDArray[np.float64], runs: RoadRuns) -> Along:
    """Say where points lie, each on its straight piece."""
    pieces = runs.pieces
    run = np.full(len(xy), NO_ROAD, dtype=np.intp)
    measure, offset = np.full(len(xy), np.nan), np.full(len(xy), np.nan)
    side = np.zeros(len(xy), dtype=np.int8)
    rows = np.flatnonzero(piece >= 0)
    chosen = piece[rows]
    share, offset[rows] = _feet(pieces, chosen, xy[rows])
    run[rows] = pieces.run[chosen]
    measure[rows] = pieces.before_m[chosen] + share * pieces.length[chosen]
    step, away = pieces.step[chosen], xy[rows] - pieces.start[chosen]
    cross = step[:, 0] * away[:, 1] - step[:, 1] * away[:, 0]
    side[rows] = np.sign(cross).astype(np.int8)
    return Along(run, measure, offset, side)


def neighbours_along(
    along: Along, rows: NDArray[np.intp], lane: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return pairs of points that follow one another along a run.

    Parameters
    ----------
    rows : array of int, shape (k,)
        Which points of `along` take part; those without a road are left out.
    lane : array of int, shape (n,), optional
        Of all points: only points of the same lane follow one another, such as those of one side.

    Returns
    -------
    first, second : arrays of int
        Rows, the lower measure first.
    gap_m : array of float64
        Between their measures.
    """
    rows = rows[along.run[rows] != NO_ROAD]
    strip = np.zeros(len(along.run), np.int64) if lane is None else lane
    order = rows[np.lexsort((along.measure_m[rows], strip[rows], along.run[rows]))]
    first, second = order[:-1], order[1:]
    same = (along.run[first] == along.run[second]) & (strip[first] == strip[second])
    first, second = first[same], second[same]
    return first, second, along.measure_m[second] - along.measure_m[first]


def junctions(runs: RoadRuns) -> NDArray[np.float64]:
    """Find the places where three arms of roads or more meet; a road that goes through has two.

    Returns
    -------
    array of float64, shape (k, 2)
        Project CRS; one junction may be there twice, less than a metre apart.
    """
    lines = runs.lines
    tree = shapely.STRtree(lines)
    left, right = tree.query(lines, predicate="intersects")
    met = shapely.intersection(lines[left[left < right]], lines[right[left < right]])
    ends = [shapely.get_coordinates(shapely.get_point(lines, vertex)) for vertex in (0, -1)]
    places = np.concatenate([shapely.get_coordinates(met), *ends])
    cell = np.round(places / _JOINED_M).astype(np.int64)
    places = places[np.sort(np.unique(cell, axis=0, return_index=True)[1])]
    points = np.asarray(shapely.points(places), dtype=object)
    at, run = tree.query(points, predicate="dwithin", distance=_JOINED_M)
    stops = sum(
        (np.hypot(*(end[run] - places[at]).T) <= _JOINED_M).astype(np.int64) for end in ends
    )
    arms = np.where(stops == 0, 2, stops)
    return places[np.bincount(at, arms, len(places)) >= 3]
