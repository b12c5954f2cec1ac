"""The way along lines and edges of areas from one place to another."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.models.linework import SAME_M, coords_of, edge_lines

Place = tuple[float, float]
Key = tuple[int, int]
Ways = dict[Key, dict[Key, float]]
# Finer than any survey: what differs by less is one vertex.
_GRID_M: Final = 1e-4


def traced(edges: Iterable[BaseGeometry], start: Place, end: Place) -> list[Place] | None:
    """Return the vertices between two places along the shortest way over lines.

    Parameters
    ----------
    edges : iterable of geometry
        Lines, and areas whose edges may be followed; where they cross or touch, the way may turn.
    start, end : (x, y)
        Project CRS, metres.

    Returns
    -------
    list of (x, y) or None
        In between, without the two; None where a place lies on no line, or none leads there.
    """
    lines = [line for edge in edges for line in edge_lines(edge)]
    whole = shapely.force_2d(shapely.MultiLineString(lines)) if lines else None
    if whole is None or not all(whole.distance(shapely.Point(p)) <= SAME_M for p in (start, end)):
        return None
    ways, places = _ways(shapely.get_parts(shapely.node(whole)), (start, end))
    found = _shortest(ways, _key(start), _key(end))
    if not found:
        return None
    route = [places[key] for key in found]
    return [place for place in route if min(math.dist(place, p) for p in (start, end)) > SAME_M]


def _ways(lines: Iterable[Any], ends: tuple[Place, Place]) -> tuple[Ways, dict[Key, Place]]:
    """Return how far it is from each vertex to the next ones, and where each vertex is.

    The two places are vertices too.
    """
    ways: Ways = defaultdict(dict)
    places = {_key(place): place for place in ends}
    for line in lines:
        stops = [(x, y) for x, y in coords_of(line).tolist()]
        for place in ends:
            if line.distance(shapely.Point(place)) <= SAME_M:
                _put_between(stops, place)
        for place, following in pairwise(stops):
            one, other = _key(place), _key(following)
            places.setdefault(one, place)
            places.setdefault(other, following)
            if one != other:
                ways[one][other] = ways[other][one] = math.dist(place, following)
    return ways, places


def _put_between(stops: list[Place], place: Place) -> None:
    """Add a place to the vertices of a line that it lies on."""
    at = shapely.Point(place)
    _away, after = min(
        (shapely.LineString(pair).distance(at), number)
        for number, pair in enumerate(pairwise(stops), start=1)
    )
    stops.insert(after, place)


def _shortest(ways: Ways, start: Key, end: Key) -> list[Key]:
    """Return the vertices of the shortest way (Dijkstra 1959); nothing where there is none."""
    before: dict[Key, Key] = {}
    reached = {start: 0.0}
    waiting = [(0.0, start)]
    while waiting:
        so_far, here = heapq.heappop(waiting)
        if here == end:
            break
        if so_far > reached[here]:
            continue
        for place, length in ways[here].items():
            if so_far + length < reached.get(place, math.inf):
                reached[place], before[place] = so_far + length, here
                heapq.heappush(waiting, (so_far + length, place))
    if end not in reached:
        return []
    route = [end]
    while route[-1] != start:
        route.append(before[route[-1]])
    return route[::-1]


def _key(place: Place) -> Key:
    return round(place[0] / _GRID_M), round(place[1] / _GRID_M)
