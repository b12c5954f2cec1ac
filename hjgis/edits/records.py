"""Records of assets, changed together with what the asset says because of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hjgis.models.assets import RECORD_OF, Catalogue, Value
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuids
from hjgis.models.reading import FeatureReader
from hjgis.models.records import (
    FACT,
    FOLLOWING,
    LAST,
    LAYER,
    NEXT,
    Cycles,
    day_after,
    in_order,
    place_in_order,
    read_cycles,
    says,
)

# Labels of the edits of this module begin so: what they set was not set by hand.
RECORD_EDIT: Final = "record."


class RecordReader(FeatureReader, Protocol):
    """What these edits ask beyond features."""

    @property
    def catalogue(self) -> Catalogue:
        """Kinds and code lists."""

    def info(self, key: str) -> str | None:
        """Return a fact of the project."""

    def last_changed(self, key: FeatureKey, field: str, *, but: str) -> str | None:
        """Return the ISO date on which a field was changed last, edits labelled `but`… left out."""


@dataclass(frozen=True, slots=True)
class _Told:
    """An asset and its inspection records, before and after an edit."""

    asset: Feature
    was: list[Feature]
    now: list[Feature]


def add_records(
    reader: RecordReader, keys: Sequence[FeatureKey], values: Mapping[str, Value]
) -> ChangeSet:
    """Add the same record to one or more assets.

    What the record says becomes what the asset says, if it is the asset's latest and nobody has
    set the asset's state by hand after the record's date.

    Parameters
    ----------
    values : mapping of field to value
        Of the record; what is left out is as the catalogue has it.
    """
    keys = list(dict.fromkeys(keys))
    whole = {**reader.asset_type(LAYER).empty_values(), **values}
    told = []
    records = _inspections(reader, keys)
    for asset, uuid in zip(reader.get_many(keys), new_uuids(len(keys)), strict=True):
        belongs = dict(zip(RECORD_OF, (asset.key.layer, asset.key.uuid), strict=True))
        record = Feature(FeatureKey(LAYER, uuid), None, {**whole, **belongs})
        was = records[asset.key]
        told.append(_Told(asset, was, [*was, record]))
    return _edit(reader, "record.add", told)


def change_record(reader: RecordReader, key: FeatureKey, values: Mapping[str, Value]) -> ChangeSet:
    """Set fields of a record, and what its asset says because of it.

    Returns
    -------
    ChangeSet
        Empty (false) when nothing would change.
    """
    before = reader.get(key)
    after = before.with_values(**values)
    told = []
    for asset in reader.known([_asset_key(before)]).values():
        was = _inspections(reader, [asset.key])[asset.key]
        now = [after if one.key == key else one for one in was]
        told.append(_Told(asset, was, now))
    if not told:
        return _orphans("record.change", [Change(before, after)] if after != before else [])
    return _edit(reader, "record.change", told)


def delete_records(reader: RecordReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    """Delete records; the one before decides what the asset says, or what it said until then."""
    going = dict.fromkeys(keys)
    records = reader.get_many(going)
    assets = reader.known(dict.fromkeys(map(_asset_key, records)))
    stored = _inspections(reader, list(assets))
    told = []
    for key, asset in assets.items():
        was = stored[key]
        told.append(_Told(asset, was, [one for one in was if one.key not in going]))
    lost = [Change(one, None) for one in records if _asset_key(one) not in assets]
    # Photos of a record stay with the asset.
    gone = {key.uuid for key in going}
    lost += [
        Change(one, one.with_values(record_uuid=None))
        for one in reader.records_of(key.uuid for key in assets)
        if one.values.get("record_uuid") in gone and one.key not in going
    ]
    return _edit(reader, "record.delete", told, lost)


def import_records(
    reader: RecordReader, records: Iterable[Feature], *, params: Mapping[str, Any]
) -> ChangeSet:
    """Add records that come from elsewhere, each as if it had been entered in its turn.

    Parameters
    ----------
    records : iterable of Feature
        New ones; each names an asset that is stored.
    """
    cycles = read_cycles(reader.info(FACT))
    groups: dict[FeatureKey, list[Feature]] = {}
    for record in records:
        groups.setdefault(_asset_key(record), []).append(record)
    stored = _inspections(reader, list(groups))
    changes: list[Change] = []
    for asset in reader.get_many(groups):
        told = _Told(asset, stored[asset.key], stored[asset.key])
        after, now = asset, told.was
        for record in in_order(groups[asset.key]):
            after, now = _followed(reader, _Told(after, now, [*now, record]), cycles)
        changes += _differences(told, after, now)
    return ChangeSet("record.import", tuple(changes), params=params, source="import")


def moved_records(
    reader: FeatureReader, gone: Iterable[FeatureKey], kept: FeatureKey
) -> tuple[Change, ...]:
    """Return what gives the records of assets that go, of all kinds, to the one that stays."""
    belongs = dict(zip(RECORD_OF, (kept.layer, kept.uuid), strict=True))
    records = reader.records_of(key.uuid for key in gone)
    changes = (Change(one, one.with_values(**belongs)) for one in records)
    return tuple(change for change in changes if change.before != change.after)


def _inspections(
    reader: FeatureReader, keys: Sequence[FeatureKey]
) -> dict[FeatureKey, list[Feature]]:
    result: dict[FeatureKey, list[Feature]] = {key: [] for key in keys}
    for record in reader.records_of(key.uuid for key in keys):
        owner = _asset_key(record)
        if record.key.layer == LAYER and owner in result:
            result[owner].append(record)
    return {key: in_order(records) for key, records in result.items()}


def _asset_key(record: Feature) -> FeatureKey:
    layer, uuid = (str(record.values.get(name)) for name in RECORD_OF)
    return FeatureKey(layer, uuid)


def _orphans(label: str, changes: Sequence[Change]) -> ChangeSet:
    return ChangeSet(label, tuple(changes), params={"count": len(changes), "layer": LAYER})


def _edit(
    reader: RecordReader, label: str, told: Sequence[_Told], lost: Sequence[Change] = ()
) -> ChangeSet:
    cycles = read_cycles(reader.info(FACT))
    changes = list(lost)
    for one in told:
        asset, now = _followed(reader, one, cycles)
        changes += _differences(one, asset, now)
    layers = {one.asset.key.layer for one in told}
    params = {"count": len(told) or len(lost), "layer": layers.pop() if len(layers) == 1 else ""}
    return ChangeSet(label, tuple(changes), params=params)


def _differences(told: _Told, asset: Feature, now: Sequence[Feature]) -> list[Change]:
    after = {record.key: record for record in now}
    before = {record.key: record for record in told.was}
    changes = [Change(told.asset, asset)] if asset.values != told.asset.values else []
    return changes + [
        Change(before.get(key), after.get(key))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    ]


def _followed(reader: RecordReader, told: _Told, cycles: Cycles) -> tuple[Feature, list[Feature]]:
    """Return the asset with what its records say now, and these records."""
    kind = reader.asset_type(told.asset.key.layer)
    asset, now = told.asset, in_order(told.now)
    for field in FOLLOWING:
        if kind.has(field):
            asset, now = _followed_field(reader, _Told(asset, told.was, now), field)
    if kind.has(NEXT):
        planned = _plan(reader, told.asset, told.was, cycles)
        moved = asset.values[LAST] != told.asset.values[LAST]
        if moved or asset.values[NEXT] in (None, planned):
            asset = asset.with_values(**{NEXT: _plan(reader, asset, now, cycles)})
    return asset, now


def _followed_field(reader: RecordReader, told: _Told, field: str) -> tuple[Feature, list[Feature]]:
    """Let one field of an asset follow its latest record that says anything of it."""
    asset, kept = told.asset, FOLLOWING[field]
    old, new = (_latest(reader, records, field) for records in (told.was, told.now))
    words = [None if one is None else says(one, field, reader.catalogue) for one in (old, new)]
    current = asset.values[field]
    same = old is not None and new is not None and old.key == new.key
    if (same or old is new) and words[0] == words[1]:
        return asset, told.now
    by_hand = old is not None and current != words[0]
    if same:
        return (asset if by_hand else asset.with_values(**{field: words[1]})), told.now
    if new is not None and (old is None or place_in_order(new) > place_in_order(old)):
        if _set_later(reader, asset, field, new):
            return asset, told.now
        now = _with(told.now, new, {kept: current})
        return asset.with_values(**{field: words[1]}), now
    assert old is not None
    if by_hand:
        return asset, told.now
    if new is not None and (new.fid or 0) > (old.fid or 0):
        # Entered later for an earlier day: it has never known what the asset said before.
        now = _with(told.now, new, {kept: old.values.get(kept)})
        return asset.with_values(**{field: words[1]}), now
    return asset.with_values(**{field: old.values.get(kept)}), told.now


def _latest(reader: RecordReader, records: Sequence[Feature], field: str) -> Feature | None:
    known = reader.catalogue
    return next((one for one in reversed(records) if says(one, field, known) is not None), None)


def _with(records: Sequence[Feature], one: Feature, values: Mapping[str, Value]) -> list[Feature]:
    return [record.with_values(**values) if record is one else record for record in records]


def _set_later(reader: RecordReader, asset: Feature, field: str, record: Feature) -> bool:
    """Whether what the asset says is newer than the record."""
    date, current = str(record.values.get("date") or ""), asset.values[field]
    if field == LAST:
        return current is not None and str(current) > date
    if date >= dt.date.today().isoformat():
        return False
    by_hand = reader.last_changed(asset.key, field, but=RECORD_EDIT)
    return by_hand is not None and by_hand > date


def _plan(
    reader: RecordReader, asset: Feature, records: Sequence[Feature], cycles: Cycles
) -> str | None:
    """Return when an asset is to be inspected next."""
    last, latest = asset.values[LAST], _latest(reader, records, LAST)
    if latest is not None and latest.values.get("date") == last and latest.values.get("next_due"):
        return str(latest.values["next_due"])
    return day_after(last, cycles.days(asset.key.layer, asset.values))
