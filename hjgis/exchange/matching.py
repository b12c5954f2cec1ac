"""Which records of a file are features that the project has already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    same_place = match.same_place()
    match.take(same_place, equal_only=True)
    for name in _numbers(asset, incoming, stored):
        match.by_number(name)
    match.by_ends()
    match.take(same_place, equal_only=False)
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

    def by_identity(self) -> None:
        places = {uuid: place for place, uuid in enumerate(self._stored.uuids.tolist())}
        for record, uuid in enumerate(self._incoming.uuids):
            if uuid is not None and uuid in places:
                self._pair(record, places[uuid])

    def same_place(self) -> list[tuple[int, int, int]]:
        """Return how many values are equal, record and feature of all that lie at one place."""
        records = np.flatnonzero(self.found < 0)
        features = np.flatnonzero(~self._taken)
        if not len(records) or not len(features):
            return []
        found = [*self._at_one_place(records, features), *self._without_place(records, features)]
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
            if len(records) == len(features) == 1:
                if anywhere or self._distance_m(records[0], features[0]) <= _SAME_NUMBER_M:
                    self._pair(records[0], features[0])
                continue
            # The same number several times: only the place tells which is which.
            for record in records:
                near = [f for f in features if not self._taken[f]]
                nearest = min(near, key=lambda f: self._distance_m(record, f), default=None)
                if nearest is not None and self._distance_m(record, nearest) <= _SAME_NUMBER_M:
                    self._pair(record, nearest)

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

    def _at_one_place(
        self, records: NDArray[np.intp], features: NDArray[np.intp]
    ) -> list[tuple[int, int]]:
        assert self._stored.geometry is not None
        tolerance = self._incoming.tolerance_m
        ours = np.asarray(self._stored.geometry, dtype=object)[features]
        theirs = self._incoming.geometry[records]
        tree = shapely.STRtree(ours)
        # Candidates by a point of each: as exact as `dwithin`, and quick for long lines too.
        spots = _spots(theirs)
        left, right = tree.query(spots, predicate="dwithin", distance=tolerance)
        result = []
        for i, j in zip(left.tolist(), right.tolist(), strict=True):
            if same_shape(ours[j], theirs[i], tolerance):
                result.append((int(records[i]), int(features[j])))
        return result

    def _without_place(
        self, records: NDArray[np.intp], features: NDArray[np.intp]
    ) -> list[tuple[int, int]]:
        """Return equal rows of a table, or of features that have no place."""
        ours: dict[tuple[Value, ...], list[int]] = defaultdict(list)
        geometry = self._stored.geometry
        for j in features.tolist():
            if geometry is None or geometry[j] is None:
                ours[tuple(self._stored.columns[name][j] for name in self._fields)].append(j)
        result = []
        for i in records.tolist() if ours else ():
            if self._incoming.geometry[i] is None:
                key = tuple(self._incoming.values[name][i] for name in self._fields)
                if ours.get(key):
                    # One each: as many equal rows as there are.
                    result.append((i, ours[key].pop(0)))
        return result

    def _agreement(self, record: int, feature: int) -> int:
        return sum(
            same_value(self._stored.columns[name][feature], self._incoming.values[name][record])
            for name in self._fields
        )

    def _distance_m(self, record: int, feature: int) -> float:
        geometry = self._stored.geometry
        ours = None if geometry is None else geometry[feature]
        theirs = self._incoming.geometry[record]
        if ours is None or theirs is None:
            return 0.0
        return float(shapely.distance(ours, theirs))


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
