"""Records that carry the number of a stored feature: how far they lie from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.records import NUMBER_FIELDS
from hjgis.layers.project import Project

Points = NDArray[np.float64]
_FEWEST: Final = 5
# A shift is believed if it explains so much of the distance, or is so alike everywhere.
_REST: Final = 0.25


class Twins:
    """Pairs of a record and the feature of the same number.

    Attributes
    ----------
    numbers : array of float, shape (n, 2)
        Middles of the records, as in the layer.
    stored : array of float, shape (n, 2)
        Middles of the features, project CRS.
    """

    def __init__(self, numbers: Points, stored: Points) -> None:
        self.numbers, self.stored = numbers, stored

    def away_m(self, places: Points) -> float:
        """Return how far the middle one of places, shape (n, 2), lies from its feature."""
        return float(np.median(np.hypot(*(places - self.stored).T)))

    def shifted_by(
        self, places: Points, readings: Sequence[tuple[str, Callable[[], Points]]]
    ) -> str | None:
        """Return the reading that explains most of the distance; see `comparing.shifted_by`."""
        left = [(self.away_m(there()), name) for name, there in readings]
        least = min(left, default=(np.inf, ""))
        return least[1] if least[0] < _REST * self.away_m(places) else None

    def constant_step(
        self, places: Points, *, limits_m: tuple[float, float]
    ) -> tuple[float, float] | None:
        """Return the step, metres east and north, if it is alike for all pairs."""
        steps = self.stored - places
        step = np.median(steps, axis=0)
        length = float(np.hypot(*step))
        if not limits_m[0] <= length <= limits_m[1]:
            return None
        alike = float(np.median(np.hypot(*(steps - step).T))) < _REST * length
        return (float(step[0]), float(step[1])) if alike else None


def twins(layer: ForeignLayer, project: Project, kind: str | None) -> Twins | None:
    """Return the pairs of the column and field that have most numbers in common.

    None where fewer than five do, or fewer than half of the records that have one.
    """
    if kind is None or kind not in project.types or not project.count(kind):
        return None
    asset = project.asset_type(kind)
    fields = [name for name in NUMBER_FIELDS if asset.has(name)]
    if not fields:
        return None
    table = project.table(kind, fields)
    assert table.geometry is not None
    best: list[tuple[int, int]] = []
    numbered = [stored for field in fields if (stored := _by_number(table.columns[field]))]
    columns = [_by_number(column) for column in layer.columns.values()] if numbered else []
    for stored in numbered:
        for given in columns:
            both = given.keys() & stored.keys()
            if len(both) >= max(_FEWEST, len(best) + 1, len(given) / 2):
                best = [(given[number], stored[number]) for number in both]
    if not best:
        return None
    mine, theirs = np.array(best).T
    here, there = _middles(layer.geometry[mine]), _middles(table.geometry[theirs])
    known = np.isfinite(here).all(axis=1) & np.isfinite(there).all(axis=1)
    return Twins(here[known], there[known]) if known.sum() >= _FEWEST else None


def _by_number(column: NDArray[Any]) -> dict[str, int]:
    """Return the row of each number that is given once."""
    rows: dict[str, int] = {}
    for row, value in enumerate(column.tolist()):
        if not is_null(value):
            text = str(value).strip()
            rows[text] = -1 if text in rows else row
    return {text: row for text, row in rows.items() if row >= 0}


def _middles(geometry: NDArray[np.object_]) -> Points:
    middles = shapely.centroid(geometry)
    return np.column_stack([shapely.get_x(middles), shapely.get_y(middles)])
