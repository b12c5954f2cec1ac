"""Foreign places beside those that the project holds: whether all lie a constant step off.

What a map service shifted, and what is in an old datum, lies inside the county all the same. Only
something that is known tells it: where most of the places have a stored one exactly so far away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.layers.project import Project
from hjgis.models.changes import Extent

# The shift of BD-09 is the greatest that is looked for: about 1.3 km.
_REACH_M: Final = 1500.0
# Two places nearer than this are the same thing; the formula of GCJ-02 is good to about a metre.
_SAME_M: Final = 3.0
_SHARE: Final = 0.6
# With so many in place already, the others are new and not shifted.
_IN_PLACE: Final = 0.3
_TIMES_CHANCE: Final = 3.0
_UNLIKELY: Final = 0.001
_FEWEST: Final = 5
_MOST: Final = 400
# More stored features than this are looked at around one place only.
_MANY: Final = 50_000
_NEIGHBOURHOOD_M: Final = 1000.0
# A row along one street has the other side of the street at a constant step: no evidence.
_SPREAD_M: Final = 40.0
_BIN_M: Final = 2.0
_TRIALS: Final = 12
Points = NDArray[np.float64]


class Known:
    """Stored places around foreign ones.

    Parameters
    ----------
    rows : array of int, shape (n,)
        Which of the foreign places are compared.
    places : array of float, shape (n, 2)
        Those places, project CRS.
    stored : array of float, shape (m, 2)
        Vertices of stored features, project CRS.

    Attributes
    ----------
    chance : float
        What part of the places meets something after a step that means nothing.
    """

    def __init__(self, rows: NDArray[np.intp], places: Points, stored: Points) -> None:
        self.rows, self.stored = rows, stored
        self.tree = shapely.STRtree(np.asarray(shapely.points(stored), dtype=object))
        angles = np.arange(_TRIALS) * (2 * np.pi / _TRIALS)
        lengths = np.linspace(_REACH_M / 10, _REACH_M / 2, _TRIALS)
        steps = np.column_stack([np.cos(angles) * lengths, np.sin(angles) * lengths])
        self.chance = float(np.mean([self.share(places + step) for step in steps]))

    def share(self, places: Points) -> float:
        """Return how great a part of places, shape (n, 2), has a stored one at the same spot."""
        found = self.tree.query(shapely.points(places), predicate="dwithin", distance=_SAME_M)
        return len(np.unique(found[0])) / len(places)

    def is_met(self, places: Points, *, least: float) -> bool:
        """Whether so great a part of places, and far more than by chance, is at stored ones."""
        return self.share(places) >= max(least, _TIMES_CHANCE * self.chance)

    def is_no_chance(self, places: Points, tried: float) -> bool:
        """Whether so many meet something that chance would hardly do it after so many trials.

        Whoever looks for the best of many steps finds three of five toilets beside something.
        Binomial probability of at least so many hits, times the number of steps looked at.
        """
        count = len(places)
        hits = round(self.share(places) * count)
        # What was never met in the trials may still be met once in as many.
        once = max(self.chance, 1 / (_TRIALS * count))
        tail = sum(
            math.comb(count, k) * once**k * (1 - once) ** (count - k)
            for k in range(hits, count + 1)
        )
        return tail * tried < _UNLIKELY


def known_around(project: Project, places: Points, kind: str | None) -> Iterator[Known]:
    """Return what is stored around places, shape (n, 2): of the same kind, then of all kinds."""
    finite = np.flatnonzero(np.isfinite(places).all(axis=1))
    if len(finite) < _FEWEST:
        return
    rows = finite[:: max(1, len(finite) // _MOST)]
    groups = [list(project.types)]
    if kind is not None:
        groups.insert(0, [kind])
    for layers in groups:
        near = rows
        if sum(project.count(layer) for layer in layers) > _MANY:
            away = np.hypot(*(places[rows] - np.median(places[rows], axis=0)).T)
            middle = places[rows[np.argmin(away)]]
            near = finite[np.hypot(*(places[finite] - middle).T) < _NEIGHBOURHOOD_M][:_MOST]
        stored = _vertices(project, layers, places[near])
        if len(stored) >= _FEWEST and len(near) >= _FEWEST:
            yield Known(near, places[near], stored)


def are_straight(known: Known, places: Points) -> bool:
    """Whether enough of the places are where something is stored."""
    return known.is_met(places[known.rows], least=_IN_PLACE)


def shifted_by(known: Known, readings: Sequence[tuple[str, Callable[[], Points]]]) -> str | None:
    """Return the reading that puts most places where something is stored; None if none does.

    Parameters
    ----------
    readings : sequence of (name, function)
        The function returns the places as they would be, shape (n, 2), project CRS.
    """
    found = ((name, there()[known.rows]) for name, there in readings)
    fitting = [
        (known.share(there), name) for name, there in found if known.is_met(there, least=_SHARE)
    ]
    return max(fitting)[1] if fitting else None


def constant_step(
    known: Known, places: Points, *, limits_m: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the step, metres east and north, from most places to something stored.

    All differences between the limits vote in a raster of 2 m; the winner must be alone, hold
    for three places in five and not be what a row of things along one street would give.
    """
    mine = places[known.rows]
    if np.linalg.svd(mine - mine.mean(axis=0), compute_uv=False)[-1] < _SPREAD_M * len(mine) ** 0.5:
        return None
    pairs = known.tree.query(shapely.points(mine), predicate="dwithin", distance=limits_m[1])
    steps = known.stored[pairs[1]] - mine[pairs[0]]
    steps = steps[np.hypot(*steps.T) >= limits_m[0]]
    if not len(steps):
        return None
    bins, votes = np.unique(np.round(steps / _BIN_M).astype(int), axis=0, return_counts=True)
    winner = bins[np.argmax(votes)] * _BIN_M
    near = steps[np.hypot(*(steps - winner).T) < 2 * _BIN_M]
    step = np.median(near, axis=0)
    rivals = votes[np.hypot(*(bins * _BIN_M - step).T) > 4 * _BIN_M]
    alone = not len(rivals) or rivals.max() * 2 <= len(near)
    tried = (limits_m[1] / _SAME_M) ** 2
    if alone and known.is_met(mine + step, least=_SHARE) and known.is_no_chance(mine + step, tried):
        return float(step[0]), float(step[1])
    return None


def _vertices(project: Project, layers: Sequence[str], places: Points) -> Points:
    low, high = places.min(axis=0) - _REACH_M, places.max(axis=0) + _REACH_M
    extent: Extent = (low[0], low[1], high[0], high[1])
    found = []
    for layer in layers:
        geometry = project.table(layer, [], extent=extent).geometry
        if geometry is not None:
            found.append(shapely.get_coordinates(geometry))
    together = np.concatenate(found) if found else np.empty((0, 2))
    # A place where thousands of things were put is one place.
    return np.asarray(np.unique(together[np.isfinite(together).all(axis=1)], axis=0))
