"""Foreign places beside those that the project holds: whether all lie a constant step off.

What a map service shifted, and what is in an old datum, lies inside the county all the same. Only
something that is known tells it: where most of the places have a stored one exactly so far away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
_IN_PLACE: Final = 0.2
_FEWEST: Final = 5
_MOST: Final = 400
# More stored features than this are looked at around one place only.
_MANY: Final = 50_000
_NEIGHBOURHOOD_M: Final = 500.0
# A row along one street has the other side of the street at a constant step: no evidence.
_SPREAD_M: Final = 40.0
_BIN_M: Final = 2.0
_TRIALS: Final = 12
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Known:
    """Stored places around foreign ones.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Which of the foreign places are compared.
    stored : array of float, shape (m, 2)
        Vertices of stored features, project CRS.
    """

    rows: NDArray[np.intp]
    stored: Points

    def share(self, places: Points) -> float:
        """Return how great a part of places, shape (n, 2), has a stored one at the same spot."""
        tree = _tree(self.stored)
        found = tree.query(shapely.points(places), predicate="dwithin", distance=_SAME_M)
        return len(np.unique(found[0])) / len(places)


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
            yield Known(near, stored)


def are_straight(known: Known, places: Points) -> bool:
    """Whether enough of the places are where something is stored."""
    return known.share(places[known.rows]) >= _IN_PLACE


def shifted_by(
    known: Known, places: Points, readings: Sequence[tuple[str, Callable[[], Points]]]
) -> str | None:
    """Return the reading that puts most places where something is stored; None if none does.

    Parameters
    ----------
    places : array of float, shape (n, 2)
        As they are read now, project CRS.
    readings : sequence of (name, function)
        The function returns the places as they would be, shape (n, 2), project CRS.
    """
    needed = max(_SHARE, 3 * _by_chance(known, places[known.rows]))
    shares = [(known.share(there()[known.rows]), name) for name, there in readings]
    best = max(shares, default=(0.0, ""))
    return best[1] if best[0] >= needed else None


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
    tree = _tree(known.stored)
    pairs = tree.query(shapely.points(mine), predicate="dwithin", distance=limits_m[1])
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
    share = known.share(mine + step)
    if alone and share >= max(_SHARE, 3 * _by_chance(known, mine)):
        return float(step[0]), float(step[1])
    return None


def _by_chance(known: Known, places: Points) -> float:
    """Return what part of places would meet something after a step that means nothing."""
    angles = np.arange(_TRIALS) * (2 * np.pi / _TRIALS)
    lengths = np.linspace(_REACH_M / 10, _REACH_M / 2, _TRIALS)
    steps = np.column_stack([np.cos(angles) * lengths, np.sin(angles) * lengths])
    return float(np.mean([known.share(places + step) for step in steps]))


def _vertices(project: Project, layers: Sequence[str], places: Points) -> Points:
    low, high = places.min(axis=0) - _REACH_M, places.max(axis=0) + _REACH_M
    extent: Extent = (low[0], low[1], high[0], high[1])
    found = []
    for layer in layers:
        geometry = project.table(layer, [], extent=extent).geometry
        if geometry is not None:
            found.append(shapely.get_coordinates(geometry))
    together = np.concatenate(found) if found else np.empty((0, 2))
    return np.asarray(together[np.isfinite(together).all(axis=1)])


def _tree(places: Points) -> shapely.STRtree:
    return shapely.STRtree(np.asarray(shapely.points(places), dtype=object))
