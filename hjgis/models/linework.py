"""Lines cut, joined and read along; the Z of surveyed vertices is kept."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Coords = NDArray[np.float64]

# Nearer than this two places are one, metres: finer than any survey, coarser than rounding.
SAME_M: Final = 0.001


def coords_of(line: shapely.LineString) -> Coords:
    """Return the vertices of a line, shape (v, 2), or (v, 3) where it has a Z."""
    return shapely.get_coordinates(line, include_z=line.has_z)


def stations(coords: Coords) -> NDArray[np.float64]:
    """Return how far each vertex is from the first along the line, metres, shape (v,)."""
    steps = np.hypot(*np.diff(coords[:, :2], axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def place_at(coords: Coords, along: float) -> Coords:
    """Return the place so many metres from the start, shape (2,) or (3,); Z is interpolated."""
    at = stations(coords)
    i = min(max(int(np.searchsorted(at, along)), 1), len(at) - 1)
    step = at[i] - at[i - 1]
    share = min(max((along - at[i - 1]) / step, 0.0), 1.0) if step else 0.0
    place: Coords = coords[i - 1] + share * (coords[i] - coords[i - 1])
    return place


def cut(line: shapely.LineString, along: float) -> tuple[shapely.LineString, shapely.LineString]:
    """Cut a line so many metres from its start.

    Raises
    ------
    ValueError
        If the place is one of the line's ends.
    """
    coords = coords_of(line)
    at = stations(coords)
    if not SAME_M < along < at[-1] - SAME_M:
        raise ValueError("a line cannot be cut at its end")
    place = place_at(coords, along)[None]
    before, after = coords[at < along - SAME_M], coords[at > along + SAME_M]
    first, second = np.concatenate([before, place]), np.concatenate([place, after])
    return shapely.LineString(first), shapely.LineString(second)


def joined(one: shapely.LineString, other: shapely.LineString) -> shapely.LineString:
    """Return two lines as one; it runs as the first does, whose vertex stands where they meet.

    Raises
    ------
    ValueError
        If no end of one is an end of the other.
    """
    a, b = coords_of(one), coords_of(other)
    if a.shape[1] != b.shape[1]:
        a, b = a[:, :2], b[:, :2]
    for before, after in ((a, b), (a, b[::-1]), (b, a), (b[::-1], a)):
        if math.dist(before[-1, :2], after[0, :2]) <= SAME_M:
            return shapely.LineString(np.concatenate([before, after[1:]]))
    raise ValueError("the lines do not meet")


def turned_round(line: shapely.LineString) -> shapely.LineString:
    """Return the line from its last vertex to its first."""
    return shapely.LineString(coords_of(line)[::-1])


def direction_deg(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the direction of a step in degrees counterclockwise from east."""
    return math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))


def direction_at(geometry: BaseGeometry, place: tuple[float, float]) -> float | None:
    """Return the direction of the edge nearest to a place, degrees; None of a point."""
    lines = edge_lines(geometry)
    if not lines:
        return None
    at = shapely.Point(place)
    coords = coords_of(min(lines, key=at.distance))[:, :2]
    starts, steps = coords[:-1], np.diff(coords, axis=0)
    length2 = np.maximum((steps**2).sum(axis=1), SAME_M**2)
    share = np.clip(((np.array(place) - starts) * steps).sum(axis=1) / length2, 0, 1)
    away = np.hypot(*(starts + share[:, None] * steps - np.array(place)).T)
    east, north = steps[int(np.argmin(away))].tolist()
    return math.degrees(math.atan2(north, east))


def edge_lines(geometry: BaseGeometry) -> list[shapely.LineString]:
    """Return the lines of a geometry, or the rings of an area."""
    edge = shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry
    return [part for part in shapely.get_parts(edge) if isinstance(part, shapely.LineString)]
