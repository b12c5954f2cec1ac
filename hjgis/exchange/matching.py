"""Which records of a file are features that the project has already."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.assets import AssetType, Value
from hjgis.models.reading import LayerTable

# Given by the house to one feature for good; every other number may be given again elsewhere.
_IDENTITY: Final = "component_id"
# A number that stands farther away than this is somebody else's, metres.
_SAME_NUMBER_M: Final = 50.0
# Share of a column's values that must be known for it to be a key of its table.
_KEY_SHARE: Final = 0.5
_ENDS: Final = ("from_node", "to_node")
_CLOSE: Final = 1e-9
_DIGITS: Final = 12
# A number that so many records and features share, multiplied, tells none of them from another.
_MOST_ALIKE: Final = 1_000_000
# Where more pairs than this lie at one place, a record is compared with those of about its rank.
_CROWD: Final = 400
_RANKS: Final = 10
_NOWHERE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Incoming:
    """Records of a file as the features that they would become; i is the same one everywhere.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Record numbers from 0.
    geometry : array of shapely geometries, shape (n,)
        In the project CRS; None where there is no place.
    values : mapping of str to list, each of length n
        Fields that the file fills.
    uuids : list of str or None, length n
        Identities that the file gives.
    refused : mapping of str to set of int
        Field to records whose value could not be taken, so that nothing is known of it.
    tolerance_m : float
        Nearer than this is the same place.
    computed : frozenset of str
        Fields that do not stand in the file but follow from others, such as a pipe's nodes.
    """

    rows: NDArray[np.intp]
    geometry: NDArray[np.object_]
    values: Mapping[str, list[Value]]
    uuids: Sequence[str | None]
    refused: Mapping[str, set[int]]
    tolerance_m: float
    computed: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.rows)


def together(parts: Sequence[Incoming]) -> Incoming:
    """Return the records of several tables as one; a field that one has not is not known there."""
    names = list(dict.fromkeys(name for part in parts for name in part.values))
    values: dict[str, list[Value]] = {name: [] for name in names}
    refused: dict[str, set[int]] = defaultdict(set)
    start = 0
    for part in parts:
        end = start + len(part)
        for name in names:
            values[name] += part.values.get(name, [None] * len(part))
            there = part.refused.get(name, ()) if name in part.values else range(len(part))
            refused[name].update(start + place for place in there)
        start = end
    return Incoming(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.geometry for part in parts]),
        values,
        [uuid for part in parts for uuid in part.uuids],
        refused,
        max(part.tolerance_m for part in parts),
        frozenset(name for part in parts for name in part.computed),
    )


def pairs(asset: AssetType, incoming: Incoming, stored: LayerTable) -> NDArray[np.int64]:
    """Return for each record the stored feature that it is, -1 where it is none; shape (n,).

    By identity; then what is equal in place and all values; then by component id; by another
    number if it stands near, or by the column that is a key in a reference layer; pipes by both
    their nodes; then by place, unless the nodes differ. Each feature is taken once; where several
    fit, the one with most values in common.
    """
    match = _Match(asset, incoming, stored)
    match.by_identity()
    match.by_equality()
    match.take(match.same_place(), equal_only=True)
    for name in _numbers(asset, incoming, stored):
        match.by_number(name)
    match.by_ends()
    match.take(match.same_place(), equal_only=False)
    return match.found


def same_value(stored: Value, given: Value) -> bool:
    """Whether two values say the same; a number may differ by what writing it as text costs."""
    if stored == given or (stored in (None, "") and given in (None, "")):
        return True
    if isinstance(stored, float | int) and isinstance(given, float | int):
        return abs(stored - given) <= _CLOSE * max(1.0, abs(stored), abs(given))
    return False


def same_shape(stored: Any, given: Any, tolerance_m: float) -> bool:
    """Whether two geometries are the same on the map; rings may begin anywhere."""
    if stored is None or given is None:
        return stored is given
    pair = shapely.force_2d([stored, given])
    if shapely.equals_exact(pair[0], pair[1], tolerance_m):
        return True
    if shapely.get_dimensions(pair[0]) != 2:
        return False
    first, second = shapely.normalize(pair)
    if shapely.equals_exact(first, second, tolerance_m):
        return True
    # A ring whose lowest vertices are nearly equal may be turned by rounding.
    return bool(shapely.area(first) and shapely.hausdorff_distance(first, second) <= tolerance_m)


def _numbers(asset: AssetType, incoming: Incoming, stored: LayerTable) -> list[str]:
    if asset.kind == "reference":
        return [name for name in incoming.values if _is_key(name, incoming, stored)][:1]
    unique = [field.name for field in asset.fields if field.unique and field.name != _IDENTITY]
    return [name for name in (_IDENTITY, *unique) if name in incoming.values]


def _is_key(name: str, incoming: Incoming, stored: LayerTable) -> bool:
    """Whether a column of a reference layer tells each of its features from all others."""
    here, there = incoming.values[name], stored.columns[name].tolist()
    known = set(here)
    if len(known) != len(here) or len(set(there)) != len(there) or None in known:
        return False
    return len(known.intersection(there)) >= _KEY_SHARE * min(len(here), len(there))


class _Match:
    """Who has found whom so far."""

    def __init__(self, asset: AssetType, incoming: Incoming, stored: LayerTable) -> None:
        self._asset, self._incoming, self._stored = asset, incoming, stored
        self.found: NDArray[np.int64] = np.full(len(incoming), -1, dtype=np.int64)
        self._taken = np.zeros(len(stored.fids), dtype=bool)
        self._fields = [
            name
            for name in incoming.values
            if name in stored.columns and name not in incoming.computed
        ]

    @cached_property
    def _places(self) -> _Places:
        stored = self._stored.geometry
        if stored is None:
            stored = np.full(len(self._stored.fids), None, dtype=object)
        return _Places(stored, self._incoming)

    def by_identity(self) -> None:
        places = {uuid: place for place, uuid in enumerate(self._stored.uuids.tolist())}
        for record, uuid in enumerate(self._incoming.uuids):
            if uuid is not None and uuid in places:
                self._pair(record, places[uuid])

    def by_equality(self) -> None:
        """Pair what is equal in place and all values, without comparing each with each."""
        records, features = np.flatnonzero(self.found < 0), np.flatnonzero(~self._taken)
        if not len(records) or not len(features):
            return
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        stored = [self._stored.columns[name].tolist() for name in self._fields]
        for feature in features.tolist():
            waiting[self._places.ours[feature], _key(stored, feature)].append(feature)
        given = [self._incoming.values[name] for name in self._fields]
        for record in records.tolist():
            key = _key(given, record)
            for place in self._places.of(record):
                if waiting.get((place, key)):
                    self._pair(record, waiting[place, key].popleft())
                    break

    def same_place(self) -> list[tuple[int, int, int]]:
        """Return how many values are equal, record and feature of all that lie at one place."""
        features: dict[int, list[int]] = defaultdict(list)
        for feature in np.flatnonzero(~self._taken).tolist():
            features[self._places.ours[feature]].append(feature)
        records: dict[int, list[int]] = defaultdict(list)
        for record in np.flatnonzero(self.found < 0).tolist() if features else ():
            for place in self._places.of(record):
                if place != _NOWHERE:
                    records[place].append(record)
        found = (
            pair
            for place, here in records.items()
            for pair in _candidates(here, features.get(place, ()))
        )
        return sorted((-self._agreement(i, j), i, j) for i, j in found)

    def take(self, candidates: list[tuple[int, int, int]], *, equal_only: bool) -> None:
        """Pair candidates that are still free, those that have most in common first."""
        for disagreement, record, feature in candidates:
            if self.found[record] >= 0 or self._taken[feature]:
                continue
            if (
                -disagreement == len(self._fields)
                if equal_only
                else self._same_ends(record, feature)
            ):
                self._pair(record, feature)

    def by_number(self, name: str) -> None:
        here = _groups(self._incoming.values[name], self.found < 0)
        there = _groups(self._stored.columns[name].tolist(), ~self._taken)
        anywhere = name == _IDENTITY or self._asset.kind == "reference"
        for value, records in here.items():
            features = there.get(value, [])
            if anywhere and len(records) == len(features) == 1:
                self._pair(records[0], features[0])
            elif features and len(records) * len(features) <= _MOST_ALIKE:
                self._nearest(records, features)

    def _nearest(self, records: list[int], features: list[int]) -> None:
        """Pair things of one number: only the place tells which is which."""
        away_m = self._distances_m(records, features)
        for record, row in zip(records, away_m, strict=True):
            nearest = int(np.argmin(row))
            if row[nearest] <= _SAME_NUMBER_M:
                self._pair(record, features[nearest])
                away_m[:, nearest] = np.inf

    def by_ends(self) -> None:
        """Pair lines that lead from the same node to the same node, where just one does."""
        if not self._asset.ends_on or not set(_ENDS) <= set(self._incoming.values):
            return
        here = _groups(_tuples(self._incoming.values), self.found < 0)
        there = _groups(_tuples(self._stored.columns), ~self._taken)
        for ends, records in here.items():
            features = there.get(ends, [])
            if len(records) == len(features) == 1:
                self._pair(records[0], features[0])

    def _same_ends(self, record: int, feature: int) -> bool:
        """Whether no node of a line is another one; what is not known is no other."""
        known = [name for name in _ENDS if name in self._incoming.values]
        pairs = (
            (self._incoming.values[name][record], self._stored.columns[name][feature])
            for name in known
        )
        return all(here is None or there is None or here == there for here, there in pairs)

    def _pair(self, record: int, feature: int) -> None:
        if not self._taken[feature]:
            self.found[record] = feature
            self._taken[feature] = True

    def _agreement(self, record: int, feature: int) -> int:
        return sum(
            same_value(self._stored.columns[name][feature], self._incoming.values[name][record])
            for name in self._fields
        )

    def _distances_m(self, records: list[int], features: list[int]) -> NDArray[np.float64]:
        """Return how far apart they are, shape (records, features); what has no place is here."""
        if self._stored.geometry is None:
            return np.zeros((len(records), len(features)))
        ours = np.asarray(self._stored.geometry, dtype=object)[features]
        away_m = shapely.distance(self._incoming.geometry[records][:, None], ours[None, :])
        away_m[np.isnan(away_m)] = 0.0
        return away_m


class _Places:
    """Which of all different places each feature and each record is at.

    Attributes
    ----------
    ours : list of int, one for each stored feature
        `_NOWHERE` without a place.
    """

    def __init__(self, stored: NDArray[np.object_], incoming: Incoming) -> None:
        self.ours, ours = _different(stored)
        self._theirs, theirs = _different(incoming.geometry)
        self._met: dict[int, list[int]] = defaultdict(list, {_NOWHERE: [_NOWHERE]})
        if not len(ours) or not len(theirs):
            return
        # Candidates by a point of each: as exact as `dwithin`, and quick for long lines too.
        left, right = shapely.STRtree(ours).query(
            _spots(theirs), predicate="dwithin", distance=incoming.tolerance_m
        )
        same = shapely.equals_exact(ours[right], theirs[left], incoming.tolerance_m)
        for i, j, equal in zip(left.tolist(), right.tolist(), same.tolist(), strict=True):
            if equal or same_shape(ours[j], theirs[i], incoming.tolerance_m):
                self._met[i].append(j)

    def of(self, record: int) -> Sequence[int]:
        """Return the places of features that a record is at."""
        return self._met.get(self._theirs[record], ())


def _different(shapes: NDArray[np.object_]) -> tuple[list[int], NDArray[np.object_]]:
    """Return the number of each shape among the different ones, and those, flat."""
    flat = shapely.force_2d(shapes)
    numbers: dict[bytes | None, int] = {None: _NOWHERE}
    first: list[int] = []
    result = []
    for row, written in enumerate(shapely.to_wkb(flat).tolist()):
        if written not in numbers:
            numbers[written] = len(first)
            first.append(row)
        result.append(numbers[written])
    return result, flat[first]


def _candidates(records: Sequence[int], features: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Return the pairs at one place that are worth a look: all, or in a crowd those of a rank."""
    count = len(features)
    for rank, record in enumerate(records):
        first, last = 0, count
        if len(records) * count > _CROWD:
            middle = rank * count // len(records)
            first, last = max(0, middle - _RANKS), middle + _RANKS + 1
        for feature in features[first:last]:
            yield record, feature


def _key(columns: Sequence[Sequence[Any]], row: int) -> tuple[Any, ...]:
    """Return the values of a row so that those which say the same are equal; see `same_value`."""
    return tuple(_said(column[row]) for column in columns)


def _said(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    return None if value == "" else value


def _tuples(columns: Mapping[str, Any]) -> list[tuple[Value, ...] | None]:
    """Return the two nodes of each line, None where one is not known."""
    pairs = zip(*(columns[name] for name in _ENDS), strict=True)
    return [None if None in pair else pair for pair in pairs]


def _groups(values: Sequence[Any], free: NDArray[np.bool_]) -> dict[Any, list[int]]:
    groups: dict[Any, list[int]] = defaultdict(list)
    for place in np.flatnonzero(free).tolist():
        value = values[place]
        if value is not None:
            groups[value].append(place)
    return groups


def _spots(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a vertex of each geometry, None where there is none."""
    result = np.full(len(shapes), None, dtype=object)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    owners, first = np.unique(owner, return_index=True)
    result[owners] = shapely.points(xy[first])
    return result
