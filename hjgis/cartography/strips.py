"""Frames along a line: as few as its bends allow, each showing a whole piece of it, north up."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Coords = NDArray[np.float64]
Point = tuple[float, float]


def strip_centers(
    line: shapely.LineString, room_m: tuple[float, float], *, overlap_m: float
) -> list[Point]:
    """Return the middles of frames that together show a line, from its start to its end.

    Parameters
    ----------
    room_m : tuple of float
        East-west and north-south size of what a frame shows of the line, metres.
    overlap_m : float
        How much of the line two frames share, metres along it; less than both sizes of the room.
    """
    coords = shapely.get_coordinates(line)
    steps = np.hypot(*np.diff(coords, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    found: list[Point] = []
    start = 0.0
    while True:
        end, middle = _piece(coords, along, start, room_m)
        found.append(middle)
        if end >= along[-1]:
            return found
        start = end - overlap_m


def _piece(
    coords: Coords, along: Coords, start: float, room_m: tuple[float, float]
) -> tuple[float, Point]:
    """Return how far along a frame gets from `start`, and the middle of what it shows."""
    first = int(np.searchsorted(along, start, side="right"))
    here = _at(coords, along, start)
    points = np.vstack([here[None], coords[first:]])
    low, high = np.minimum.accumulate(points), np.maximum.accumulate(points)
    fits = ((high - low) <= np.array(room_m)).all(axis=1)
    if fits.all():
        return float(along[-1]), _middle(low[-1], high[-1])
    out = int(np.argmin(fits))
    share = _share(points[out - 1], points[out], low[out - 1], high[out - 1], np.array(room_m))
    last = points[out - 1] + share * (points[out] - points[out - 1])
    begins = start if out == 1 else float(along[first + out - 2])
    end = begins + share * float(np.hypot(*(points[out] - points[out - 1])))
    return end, _middle(np.minimum(low[out - 1], last), np.maximum(high[out - 1], last))


def _share(start: Coords, end: Coords, low: Coords, high: Coords, room: Coords) -> float:
    """Return how much of a segment fits with what is in the frame already, 0 to 1."""
    step = end - start
    limit = np.where(step > 0, low + room, high - room)
    moves = step != 0
    return float(np.clip(np.min((limit - start)[moves] / step[moves]), 0.0, 1.0))


def _at(coords: Coords, along: Coords, distance: float) -> Coords:
    x, y = (np.interp(distance, along, coords[:, axis]) for axis in (0, 1))
    return np.array([x, y])


def _middle(low: Coords, high: Coords) -> Point:
    x, y = (low + high) / 2
    return float(x), float(y)
