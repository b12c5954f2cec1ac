"""Edits made one after the other before any is stored, and the one change that they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.assets import AssetType
from hjgis.models.changes import BORN_OF, Change, ChangeSet, Extent, Feature, FeatureKey
from hjgis.models.reading import FeatureReader

_ENDS = ("from_node", "to_node")


class Draft:
    """A reader that answers as if edits had been stored already: the next edit builds on them.

    Only single changes may be added; bulk parts are for edits that nothing builds on.
    """

    def __init__(self, reader: FeatureReader) -> None:
        self.reader = reader
        self._before: dict[FeatureKey, Feature | None] = {}
        self._after: dict[FeatureKey, Feature | None] = {}
        self._by_uuid: dict[str, FeatureKey] = {}
        self._ending: dict[str, dict[FeatureKey, None]] = {}
        self._records: dict[str, dict[FeatureKey, None]] = {}
        self._boxes: dict[str, _Boxes] = {}
        self._stored: dict[FeatureKey, Feature] = {}
        self._nodes: dict[str, Feature] = {}
        self._stored_ends: dict[str, tuple[Feature, ...]] = {}
        self._stored_records: dict[str, tuple[Feature, ...]] = {}
        self.born_of: dict[str, str] = {}
        self._born_since: set[str] = set()
        self._since: list[_Before] = []

    # -- edits ---------------------------------------------------------------------------

    def add(self, changes: ChangeSet) -> None:
        """Take an edit in that was computed with this reader.

        Raises
        ------
        ValueError
            If it has bulk parts or changes facts.
        """
        if changes.bulk or changes.facts:
            raise ValueError(f"{changes.label}: only changes of single features can be built on")
        born = changes.params.get(BORN_OF, {})
        self.born_of.update(born)
        self._born_since.update(born)
        for change in changes.changes:
            self._take(change)

    def mark(self) -> None:
        """Remember this moment for `back`."""
        self._since.clear()
        self._born_since.clear()

    def touched(self) -> frozenset[FeatureKey]:
        """Return what was changed since the last mark."""
        return frozenset(entry.key for entry in self._since)

    def back(self) -> None:
        """Forget the edits since the last mark."""
        for uuid in self._born_since:
            del self.born_of[uuid]
        self._born_since.clear()
        while self._since:
            entry = self._since.pop()
            key = entry.key
            # Its entries in the other tables are harmless: what is not changed is read anew.
            if entry.of_uuid is None:
                del self._by_uuid[key.uuid]
            else:
                self._by_uuid[key.uuid] = entry.of_uuid
            if not entry.touched:
                del self._before[key], self._after[key]
                continue
            self._after[key] = entry.feature
            if entry.feature is not None:
                self._boxes[key.layer].put(key, entry.feature)

    def _take(self, change: Change) -> None:
        key, after = change.key, change.after
        known = self._by_uuid.get(key.uuid)
        self._since.append(_Before(key, key in self._after, self._after.get(key), known))
        self._before.setdefault(key, change.before)
        self._after[key] = after
        # What becomes another kind goes in one layer and comes in another, in any order.
        if known is None or after is not None or self._after[known] is None:
            self._by_uuid[key.uuid] = key
        if after is None:
            return
        for name in _ENDS:
            node = after.values.get(name)
            if isinstance(node, str):
                self._ending.setdefault(node, {})[key] = None
        owner = after.values.get("asset_uuid")
        if isinstance(owner, str):
            self._records.setdefault(owner, {})[key] = None
        self._boxes.setdefault(key.layer, _Boxes()).put(key, after)

    def prefetch(self, keys: Iterable[FeatureKey]) -> None:
        """Read features, pipes and nodes next to them and their records: one by one takes long."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._stored]
        known = self.reader.known(wanted)
        nodes = [
            FeatureKey(layer, str(uuid))
            for line in known.values()
            for layer in self.asset_type(line.key.layer).ends_on
            for uuid in (line.values.get(name) for name in _ENDS)
            if uuid
        ]
        self._stored.update(known)
        self._stored.update(self.reader.known(dict.fromkeys(nodes)))
        self._nodes.update({key.uuid: self._stored[key] for key in nodes if key in self._stored})
        uuids = list(dict.fromkeys(key.uuid for key in (*wanted, *nodes)))
        self._stored_ends.update(self.reader.lines_ending_at_any(uuids))
        records: dict[str, list[Feature]] = {uuid: [] for uuid in uuids}
        for record in self.reader.records_of(uuids):
            records[str(record.values.get("asset_uuid"))].append(record)
        self._stored_records.update({uuid: tuple(some) for uuid, some in records.items()})

    def origin(self) -> Draft:
        """Return a reader of what was before all edits, which need not read again."""
        before = Draft(self.reader)
        before._stored, before._nodes = self._stored, self._nodes
        before._stored_ends, before._stored_records = self._stored_ends, self._stored_records
        return before

    def changes(self, label: str, params: Mapping[str, Any]) -> ChangeSet:
        """Return what all edits come to; features that are again what they were stay out."""
        parts = tuple(
            Change(before, self._after[key])
            for key, before in self._before.items()
            if not _same(before, self._after[key])
        )
        cut = {BORN_OF: dict(self.born_of)} if self.born_of else {}
        return ChangeSet(label, parts, params={**params, **cut})

    # -- FeatureReader -------------------------------------------------------------------

    @property
    def types(self) -> Mapping[str, AssetType]:
        """What the layers hold, by layer."""
        return self.reader.types

    def asset_type(self, layer: str) -> AssetType:
        """Return what the features of `layer` are."""
        return self.reader.asset_type(layer)

    def get(self, key: FeatureKey) -> Feature:
        """Return a feature as it is by now; KeyError if there is none."""
        if key in self._after:
            feature = self._after[key]
            if feature is None:
                raise KeyError(key)
            return feature
        return self._stored[key] if key in self._stored else self.reader.get(key)

    def get_many(self, keys: Iterable[FeatureKey]) -> list[Feature]:
        """Return features as they are by now, each once; KeyError if one is missing."""
        return [self.get(key) for key in dict.fromkeys(keys)]

    def known(self, keys: Iterable[FeatureKey]) -> dict[FeatureKey, Feature]:
        """Return those of some features that there are by now."""
        asked = list(dict.fromkeys(keys))
        untouched = [key for key in asked if key not in self._after and key not in self._stored]
        stored = {**self._stored, **self.reader.known(untouched)}
        now = {key: self._after[key] if key in self._after else stored.get(key) for key in asked}
        return {key: feature for key, feature in now.items() if feature is not None}

    def node(self, uuid: str) -> Feature | None:
        """Return the manhole or pipe point with this uuid, if there is one by now."""
        key = self._by_uuid.get(uuid)
        if key is not None:
            return self._after[key]
        return self._nodes[uuid] if uuid in self._nodes else self.reader.node(uuid)

    def lines_ending_at(self, node_uuid: str) -> tuple[Feature, ...]:
        """Return the pipes whose end is this node by now."""
        stored = self._stored_ends.get(node_uuid)
        if stored is None:
            stored = self._stored_ends[node_uuid] = self.reader.lines_ending_at(node_uuid)
        keys = {**dict.fromkeys(line.key for line in stored), **self._ending.get(node_uuid, {})}
        known = {line.key: line for line in stored}
        now = (self._after[key] if key in self._after else known.get(key) for key in keys)
        return tuple(
            line
            for line in now
            if line is not None and node_uuid in [line.values.get(name) for name in _ENDS]
        )

    def lines_ending_at_any(self, node_uuids: Iterable[str]) -> dict[str, tuple[Feature, ...]]:
        """Return for each of some nodes what `lines_ending_at` would."""
        asked = list(dict.fromkeys(node_uuids))
        unread = [uuid for uuid in asked if uuid not in self._stored_ends]
        if unread:
            self._stored_ends.update(self.reader.lines_ending_at_any(unread))
        return {uuid: self.lines_ending_at(uuid) for uuid in asked}

    def records_of(self, asset_uuids: Iterable[str]) -> tuple[Feature, ...]:
        """Return the records that belong to some assets by now."""
        asked = dict.fromkeys(asset_uuids)
        unread = [uuid for uuid in asked if uuid not in self._stored_records]
        found = [*self.reader.records_of(unread)] if unread else []
        for uuid in asked:
            found += self._stored_records.get(uuid, ())
        known = {record.key: record for record in found}
        keys = dict.fromkeys([*known, *(k for uuid in asked for k in self._records.get(uuid, {}))])
        now = (self._after[key] if key in self._after else known.get(key) for key in keys)
        return tuple(one for one in now if one and one.values.get("asset_uuid") in asked)

    def within(self, layer: str, extent: Extent) -> tuple[Feature, ...]:
        """Return features whose box meets the extent by now."""
        stored = [one for one in self.reader.within(layer, extent) if one.key not in self._after]
        boxes = self._boxes.get(layer)
        keys = boxes.meeting(extent) if boxes else ()
        return (*stored, *(one for key in keys if (one := self._after.get(key)) is not None))


@dataclass(frozen=True, slots=True)
class _Before:
    """What was known of a feature before it was touched, and which one had its uuid."""

    key: FeatureKey
    touched: bool
    feature: Feature | None
    of_uuid: FeatureKey | None


@dataclass
class _Boxes:
    """Boxes of changed features, which are asked for about as often as they grow."""

    keys: list[FeatureKey] = field(default_factory=list)
    _rows: dict[FeatureKey, int] = field(default_factory=dict)
    _bounds: NDArray[np.float64] = field(default_factory=lambda: np.full((64, 4), np.nan))

    def put(self, key: FeatureKey, feature: Feature) -> None:
        row = self._rows.setdefault(key, len(self.keys))
        if row == len(self.keys):
            self.keys.append(key)
        if row == len(self._bounds):
            self._bounds = np.concatenate([self._bounds, np.full(self._bounds.shape, np.nan)])
        self._bounds[row] = shapely.bounds(feature.geometry)

    def meeting(self, extent: Extent) -> list[FeatureKey]:
        low_x, low_y, high_x, high_y = extent
        box = self._bounds[: len(self.keys)]
        met = (box[:, 0] <= high_x) & (box[:, 2] >= low_x)
        met &= (box[:, 1] <= high_y) & (box[:, 3] >= low_y)
        return [self.keys[row] for row in np.flatnonzero(met).tolist()]


def _same(before: Feature | None, after: Feature | None) -> bool:
    if before is None or after is None:
        return before is after
    if before.values != after.values:
        return False
    one, other = before.geometry, after.geometry
    return one is other or (
        one is not None and other is not None and bool(shapely.equals_identical(one, other))
    )
