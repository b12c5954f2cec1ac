"""Pairs of places that are near one another, found by cells of a grid: quick for millions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# The cell itself and half of those around it: each pair of cells is looked at once.
_AHEAD: Final = ((0, 0), (1, -1), (1, 0), (1, 1), (0, 1))
# A cell has a size, whatever is asked for.
_LEAST_M: Final = 1e-6
_Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def near_pairs(xy: NDArray[np.float64], within_m: float) -> _Pairs:
    """Find places that are no farther from one another than a distance.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Projected, metres; places with NaN are near nothing. Many at one place make many pairs:
        take copies out first.

    Returns
    -------
    first, second : arrays of int, shape (k,)
        Rows, the lower one first, each pair once, in no order.
    """
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if len(known) < 2:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    place = xy[known] - xy[known].min(axis=0)
    cell = np.floor(place / max(within_m, _LEAST_M)).astype(np.int64) + 1
    stride = int(cell[:, 1].max()) + 2
    key = cell[:, 0] * stride + cell[:, 1]
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    firsts, seconds = [], []
    for east, north in _AHEAD:
        left, right = _met(ordered, east * stride + north)
        left, right = order[left], order[right]
        apart = np.hypot(*(place[left] - place[right]).T)
        near = apart <= within_m
        firsts.append(left[near])
        seconds.append(right[near])
    first, second = known[np.concatenate(firsts)], known[np.concatenate(seconds)]
    return np.minimum(first, second), np.maximum(first, second)


def nearest_others(
    xy: NDArray[np.float64],
    within_m: float,
    *,
    copy_m: float,
    kind: NDArray[np.integer[Any]] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Find places that have another one within a distance, but not in the same place.

    Of a heap of copies one place stands for all: thousands make no millions of pairs.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Projected, metres; places with NaN are near nothing.
    copy_m : float
        What lies no farther away is a copy.
    kind : array of int, shape (n,), optional
        Only places of one kind are near one another; below 0: near nothing.

    Returns
    -------
    rows, nearest : arrays of int, shape (k,)
        Rising, and the nearest other row of each; of several as near the lowest.
    distance_m : array of float64, shape (k,)
    """
    of = np.zeros(len(xy), np.int64) if kind is None else kind
    known = np.flatnonzero(np.isfinite(xy).all(axis=1) & (of >= 0))
    cell = np.round(xy[known] / max(copy_m, _LEAST_M)).astype(np.int64)
    order = np.lexsort((known, of[known], cell[:, 1], cell[:, 0]))
    heap = np.column_stack([cell, of[known]])[order]
    new = np.append(True, (np.diff(heap, axis=0) != 0).any(axis=1))[: len(known)]
    kept = np.sort(known[order[new]])
    first, second = (kept[side] for side in near_pairs(xy[kept], within_m))
    apart = np.hypot(*(xy[first] - xy[second]).T)
    beside = (of[first] == of[second]) & (apart > copy_m)
    first, second, apart = first[beside], second[beside], apart[beside]
    each, other = np.concatenate([first, second]), np.concatenate([second, first])
    distance = np.concatenate([apart, apart])
    order = np.lexsort((other, distance, each))
    rows, at = np.unique(each[order], return_index=True)
    return rows, other[order[at]], distance[order[at]]


def _met(ordered: NDArray[np.int64], step: int) -> _Pairs:
    """Return positions of sorted keys, and those whose key is a step more; later ones for 0."""
    start = np.searchsorted(ordered, ordered + step, side="left")
    if step == 0:
        start = np.arange(1, len(ordered) + 1)
    count = np.searchsorted(ordered, ordered + step, side="right") - start
    left = np.repeat(np.arange(len(ordered)), count)
    into = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    return left, np.repeat(start, count) + into


def crowded(xy: NDArray[np.float64], within_m: float) -> NDArray[np.bool_]:
    """Say which places may have another one within a distance; those denied have none.

    Counts in four grids, each moved by half a cell, as no boundary of one is one of all: heaps of
    copies cost no more than others.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Projected, metres, finite.
    """
    size = 4 * max(within_m, _LEAST_M)
    result = np.zeros(len(xy), bool)
    place = (xy - xy.min(axis=0, initial=np.inf)) / size
    stride = int(place[:, 1].max(initial=0)) + 3
    for shift in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        cell = np.floor(place + np.array(shift)).astype(np.int64)
        key = cell[:, 0] * stride + cell[:, 1]
        order = np.argsort(key, kind="stable")
        same = np.diff(key[order]) == 0
        result[order[1:][same]] = True
        result[order[:-1][same]] = True
    return result
