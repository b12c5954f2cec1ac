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
    """Let one field of an asset follow its latest record that says anything of it.

    The first record that says anything keeps what the asset said before them all; a later one
    keeps what somebody had set by hand in between, and nothing where nobody had.
    """
    kept, current = FOLLOWING[field], told.asset.values[field]
    was, now = _chain(reader, told.was, field), _chain(reader, told.now, field)
    base = was[0][0].values.get(kept) if was else current
    by_hand = bool(was) and current != was[-1][1]
    known = {one.key: one.values.get(kept) for one, _said in was}
    set_between = {one.key: known[one.key] for one, _said in was[1:] if known[one.key] is not None}
    before: dict[FeatureKey, Value] = {}
    for place, (one, _said) in enumerate(now):
        newest = one.key not in known and place == len(now) - 1
        usual = base if place == 0 else current if newest and by_hand else None
        before[one.key] = set_between.get(one.key, usual)
    records = [_keeping(one, kept, before.get(one.key)) for one in told.now]
    if was and now and now[-1][0].key == was[-1][0].key:
        value = current if by_hand else now[-1][1]
    elif now and (not was or place_in_order(now[-1][0]) > place_in_order(was[-1][0])):
        value = current if _set_later(reader, told.asset, field, now[-1][0]) else now[-1][1]
    elif was and not by_hand:
        value = set_between.get(was[-1][0].key, now[-1][1] if now else base)
    else:
        value = current
    return told.asset.with_values(**{field: value}), records


def _chain(
    reader: RecordReader, records: Sequence[Feature], field: str
) -> list[tuple[Feature, Value]]:
    """Return the records that say anything of a field, and what they say; the latest last."""
    said = ((one, says(one, field, reader.catalogue)) for one in records)
    return [(one, words) for one, words in said if words is not None]


def _keeping(record: Feature, field: str, value: Value) -> Feature:
    return record if record.values.get(field) == value else record.with_values(**{field: value})


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
    last, chain = asset.values[LAST], _chain(reader, records, LAST)
    if chain and chain[-1][1] == last and chain[-1][0].values.get("next_due"):
        return str(chain[-1][0].values["next_due"])
    return day_after(last, cycles.days(asset.key.layer, asset.values))
