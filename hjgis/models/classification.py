"""Numbers put into classes; why not by a library: docs/decisions/0021-classes-of-numbers.md."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.models.themes import Scheme

Numbers = NDArray[np.float64]
# More different numbers than this are joined with their neighbours before natural breaks are
# sought: nobody sees the difference, and the time grows with their number.
MOST_DISTINCT: Final = 2000


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of numbers.

    Attributes
    ----------
    limits : tuple of float
        Upper limit of each class, rising; a number that equals it belongs to the class. The last
        is not below the largest number.
    least, most : tuple of float
        Smallest and largest number in each class; NaN where it holds none.
    counts : tuple of int
        Numbers in each class.
    joined : bool
        Whether neighbours were joined before the breaks were sought (`MOST_DISTINCT`).
    """

    limits: tuple[float, ...]
    least: tuple[float, ...]
    most: tuple[float, ...]
    counts: tuple[int, ...]
    joined: bool = False

    def __len__(self) -> int:
        return len(self.limits)

    def of(self, numbers: Numbers) -> NDArray[np.int64]:
        """Return the class of each number, shape (n,); -1 for what is none."""
        found = np.searchsorted(self.limits, numbers, side="left")
        return np.where(np.isfinite(numbers), np.minimum(found, len(self) - 1), -1)


def classify(
    numbers: Numbers, scheme: Scheme, classes: int = 5, *, breaks: Sequence[float] = ()
) -> Classes:
    """Put numbers into classes; the same numbers always into the same ones.

    Parameters
    ----------
    numbers : array of float64, shape (n,)
        What is not finite is left out.
    scheme : str
        ``natural``: least squares within classes (Fisher 1958, Jenks 1977), exact. ``quantile``:
        as many numbers in each. ``equal``: of the same width. ``std_mean``: by the distance from
        the mean in standard deviations. ``user``: `breaks`.
    classes : int
        How many are wanted; fewer where there are fewer different numbers.
    breaks : sequence of float
        Upper limits for ``user``; numbers above the last are one class more.

    Returns
    -------
    Classes
        None at all if there is no number.
    """
    known = numbers[np.isfinite(numbers)]
    values, counts = np.unique(known, return_counts=True)
    if not len(values):
        return Classes((), (), (), ())
    if scheme == "user":
        above = [float(values[-1])] if values[-1] > breaks[-1] else []
        return _made(values, counts, [*breaks, *above])
    joined = scheme == "natural" and len(values) > MOST_DISTINCT
    wanted = _SCHEMES[scheme](values, counts, min(classes, len(values)))
    inner = [limit for limit in wanted if limit < values[-1]]
    pretty = [_pretty(values, limit) for limit in inner]
    return _made(values, counts, [*sorted({*pretty}), float(values[-1])], joined=joined)


def histogram(numbers: Numbers, bins: int = 40) -> tuple[Numbers, NDArray[np.int64]]:
    """Return edges, shape (b + 1,), and counts, shape (b,), of what is finite; b is 0 for none."""
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return np.zeros(1), np.zeros(0, np.int64)
    counts, edges = np.histogram(known, bins)
    return edges, counts.astype(np.int64)


def _made(
    values: Numbers, counts: NDArray[np.int64], limits: Sequence[float], *, joined: bool = False
) -> Classes:
    ends = np.searchsorted(values, limits, side="right")
    ends[-1] = len(values)
    starts = np.concatenate([[0], ends[:-1]])
    held = [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]
    return Classes(
        tuple(map(float, limits)),
        tuple(float(values[a]) if b > a else math.nan for a, b in held),
        tuple(float(values[b - 1]) if b > a else math.nan for a, b in held),
        tuple(int(counts[a:b].sum()) for a, b in held),
        joined,
    )


def _pretty(values: Numbers, limit: float) -> float:
    """Return the roundest number that parts the values as a limit does, the nearest of such."""
    at = int(np.searchsorted(values, limit, side="right"))
    low = float(values[at - 1]) if at else -math.inf
    high = float(values[at])
    # Between two values any limit does the same; the middle leaves most room.
    wish = limit if low < limit else (low + high) / 2
    top = math.floor(math.log10(max(abs(wish), abs(high), 1e-12))) + 1
    for power in range(top, top - 16, -1):
        for digit in (5, 2, 1):
            # Divided by a power of ten it stays exact: 0.3 and not 0.30000000000000004.
            over, by = (digit * 10**power, 1) if power >= 0 else (digit, 10**-power)
            steps = (math.floor(wish * by / over), math.ceil(wish * by / over))
            found = [step * over / by for step in steps if low <= step * over / by < high]
            if found:
                return min(found, key=lambda number: abs(number - wish))
    return limit


def _natural(values: Numbers, counts: NDArray[np.int64], classes: int) -> list[float]:
    groups = np.arange(len(values))
    if len(values) > MOST_DISTINCT:
        groups = groups * MOST_DISTINCT // len(values)
    weight = np.bincount(groups, counts).astype(np.float64)
    centre = np.bincount(groups, counts * values) / weight
    ends = np.append(np.flatnonzero(np.diff(groups)), len(values) - 1)
    return [float(values[ends[last]]) for last in _breaks(centre, weight, classes)]


def _breaks(values: Numbers, weight: Numbers, classes: int) -> list[int]:
    """Return the last place of each of the classes whose inner squares are least.

    Exact, by dynamic programming; the best begin of the last class never falls while its end
    rises, so that each row of the table is found by halves: O(k n log n).
    """
    centred = values - np.average(values, weights=weight)
    w, s, q = (
        np.concatenate([[0.0], np.cumsum(part)])
        for part in (weight, weight * centred, weight * centred**2)
    )

    def squares(first: NDArray[np.intp], last: int) -> Numbers:
        total = s[last + 1] - s[first]
        inner: Numbers = q[last + 1] - q[first] - total**2 / (w[last + 1] - w[first])
        return np.maximum(inner, 0.0)

    count = len(values)
    best = np.array([squares(np.array([0]), last)[0] for last in range(count)])
    begins = np.zeros((classes, count), np.intp)
    for row in range(1, classes):
        before, best = best, np.zeros(count)
        parts = [(row, count - 1, row, count - 1)]
        while parts:
            low, high, first, end = parts.pop()
            if low > high:
                continue
            middle = (low + high) // 2
            places = np.arange(first, min(middle, end) + 1)
            costs = before[places - 1] + squares(places, middle)
            chosen = int(np.argmin(costs))
            best[middle], begins[row, middle] = costs[chosen], places[chosen]
            parts += [
                (low, middle - 1, first, places[chosen]),
                (middle + 1, high, places[chosen], end),
            ]
    last, result = count - 1, []
    for row in range(classes - 1, -1, -1):
        result.append(last)
        last = int(begins[row, last]) - 1
    return result[::-1]


def _quantile(values: Numbers, counts: NDArray[np.int64], classes: int) -> list[float]:
    reached = np.cumsum(counts)
    wanted = reached[-1] * np.arange(1, classes + 1) / classes
    at = np.searchsorted(reached, np.floor(wanted + 1e-9))
    return sorted({*map(float, values[at])})


def _equal(values: Numbers, _counts: NDArray[np.int64], classes: int) -> list[float]:
    edges = np.linspace(values[0], values[-1], classes + 1)
    return [float(edge) for edge in edges[1:]]


def _std_mean(values: Numbers, counts: NDArray[np.int64], classes: int) -> list[float]:
    mean = float(np.average(values, weights=counts))
    spread = math.sqrt(float(np.average((values - mean) ** 2, weights=counts)))
    steps = np.arange(classes - 1) - (classes - 2) / 2
    limits = [mean + float(step) * spread for step in steps]
    return [limit for limit in limits if values[0] <= limit < values[-1]]


_Breaks = Callable[[Numbers, NDArray[np.int64], int], list[float]]
_SCHEMES: Final[Mapping[Scheme, _Breaks]] = {
    "natural": _natural,
    "quantile": _quantile,
    "equal": _equal,
    "std_mean": _std_mean,
}
