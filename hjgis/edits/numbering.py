"""Component ids for new components, out of the numbers that their operator may give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import _
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import (
    BulkDelete,
    BulkInsert,
    BulkUpdate,
    Change,
    ChangeSet,
    Feature,
    FeatureKey,
)
from hjgis.models.identifiers import ComponentId, Scheme, class_code, class_prefixes
from hjgis.models.numbering import NumberPlan, NumberRange
from hjgis.models.reading import SerialReader
from hjgis.models.validation import is_missing

FIELD: Final = "component_id"
FORMER: Final = "former_ids"
BOUNDARY: Final = "boundary"
# What brings features as they were, or as others have them, gets no new numbers.
_AS_THEY_ARE: Final = ("edit.restore", "import", "sample", "layers.", "edit.renumber")


@dataclass(frozen=True, slots=True)
class Issued:
    """Numbers given, one a feature; None where there is none, and why."""

    ids: tuple[str | None, ...]
    reasons: tuple[str, ...] = ()


def next_ids(
    reader: SerialReader, layer: str, features: Sequence[Feature], plan: NumberPlan
) -> Issued:
    """Return a new id for each of some features that are not stored yet.

    An id was never in use before, nor is it given twice here. A feature whose class is not known
    yet gets none, without a word; one that the operator has no numbers for gets none, in words.
    """
    giver = Giver(reader, plan)
    asset = reader.asset_type(layer)
    ids = [giver.next_id(asset, feature.values, feature.geometry) for feature in features]
    return Issued(tuple(ids), tuple(giver.reasons))


def with_ids(
    reader: SerialReader, changes: ChangeSet, plan: NumberPlan
) -> tuple[ChangeSet, tuple[str, ...]]:
    """Return a change in which components that are new, or get their class now, have ids.

    A component that gets another class gets another id, and keeps the old one among its former
    ones. An id that somebody gives or takes away himself is left alone.

    Returns
    -------
    ChangeSet, tuple of str
        And why some have no id.
    """
    if changes.source != "user" or changes.label.startswith(_AS_THEY_ARE):
        return changes, ()
    giver = Giver(reader, plan, _given=_brought(changes))
    gone = {c.key.uuid: c.before for c in changes.changes if c.before and not c.after}
    done = tuple(_with_id(giver, change, gone) for change in changes.changes)
    bulk = tuple(
        _reclassed_rows(giver, part) if isinstance(part, BulkUpdate) else part
        for part in changes.bulk
    )
    return replace(changes, changes=done, bulk=bulk), tuple(giver.reasons)


def numbered(
    reader: SerialReader, changes: ChangeSet, plan: NumberPlan
) -> tuple[ChangeSet, tuple[str, ...]]:
    """Return an import in which new components have ids where they came without, and why not."""
    giver = Giver(reader, plan, _given=_brought(changes))
    bulk = tuple(
        _numbered(giver, part) if isinstance(part, BulkInsert) else part for part in changes.bulk
    )
    single = tuple(
        _with_id(giver, change, {}) if change.before is None else change
        for change in changes.changes
    )
    return replace(changes, changes=single, bulk=bulk), tuple(giver.reasons)


def _brought(changes: ChangeSet) -> set[str]:
    """Return the ids that features of a change bring themselves."""
    found = [change.after.values.get(FIELD) for change in changes.changes if change.after]
    for part in changes.bulk:
        if not isinstance(part, BulkDelete):
            found += part.columns.get(FIELD, ())
    return {text for text in found if isinstance(text, str)}


def _numbered(giver: Giver, part: BulkInsert) -> BulkInsert:
    asset, count = giver.reader.asset_type(part.layer), len(part.geometry)
    if asset.component is None or not asset.has(FIELD):
        return part
    ids = list(part.columns.get(FIELD, [None] * count))
    for i, given in enumerate(ids):
        if is_missing(given):
            values = {name: column[i] for name, column in part.columns.items()}
            ids[i] = giver.next_id(asset, values, part.geometry[i])
    return replace(part, columns={**part.columns, FIELD: ids})


def former(known: Value, old: str) -> str:
    """Return the former ids of a feature with one more."""
    return " ".join(dict.fromkeys([*str(known or "").split(), old]))


@dataclass
class Giver:
    """Gives numbers during one edit, and remembers which it gave; `reasons` are why it did not."""

    reader: SerialReader
    plan: NumberPlan
    reasons: dict[str, None] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)
    _free: dict[tuple[str, str, range], Iterator[int]] = field(default_factory=dict)

    def next_id(
        self, asset: AssetType, values: Mapping[str, Value], geometry: BaseGeometry | None
    ) -> str | None:
        """Return the next id for a feature; None if its class is unknown or no number is left."""
        kind = class_code(asset, values, self.reader.catalogue)
        if kind is None:
            return None
        own = [one for one in self.plan.own(asset.id) if self._holds(one, geometry)]
        # The same component has one serial in both schemes.
        codes = class_prefixes(asset, self.reader.catalogue, kind)
        for one in own:
            county = one.county or self.plan.county
            numbers = range(one.first, one.last + 1)
            free = self._free.setdefault(
                (county, kind, numbers), self._serials(county, codes, numbers)
            )
            for serial in free:
                texts = [str(ComponentId(county, code, serial)) for code in codes]
                if self._given.isdisjoint(texts):
                    self._given.add(texts[0])
                    return texts[0]
        self.reasons[self._reason(own)] = None
        return None

    def _serials(self, county: str, codes: Sequence[str], numbers: range) -> Iterator[int]:
        """Yield free serials: behind the highest, then gaps that nobody ever used."""
        prefixes = [f"{county}{code}" for code in codes]
        found = [self.reader.highest_serial(prefix, numbers) for prefix in prefixes]
        highest = max((one for one in found if one is not None), default=numbers.start - 1)
        yield from range(highest + 1, numbers.stop)
        used = {n for prefix in prefixes for n in self.reader.used_serials(prefix, numbers)}
        yield from (serial for serial in range(numbers.start, highest) if serial not in used)

    def _holds(self, one: NumberRange, geometry: BaseGeometry | None) -> bool:
        if one.area is None and not one.boundary:
            return True
        if geometry is None or geometry.is_empty:
            return False
        place = geometry.representative_point()
        if one.area is not None:
            return bool(shapely.covers(one.area, place))
        return any(
            area.values.get("boundary_name") == one.boundary
            and shapely.covers(area.geometry, place)
            for area in self.reader.within(BOUNDARY, place.bounds)
        )

    def _reason(self, own: Sequence[NumberRange]) -> str:
        who = self.plan.operator
        if own:
            words = _("No component id was given: the numbers {range} of {name} are used up.")
            return words.format(range=", ".join(one.words for one in own), name=who or "–")
        if not who:
            return _(
                "No component id was given: the project gives numbers by operator, and nobody is"
                " entered as operator in the settings."
            )
        words = _(
            "No component id was given: {name} has no number range here (Tools, Project lists)."
        )
        return words.format(name=who)


def _with_id(giver: Giver, change: Change, gone: Mapping[str, Feature]) -> Change:
    """Return a change whose feature has an id, if that is to be given now."""
    after = change.after
    if after is None:
        return change
    asset = giver.reader.asset_type(after.key.layer)
    before = change.before or gone.get(after.key.uuid)
    if asset.component is None or not asset.has(FIELD):
        return change
    old, now = (before.values.get(FIELD) if before else None), after.values.get(FIELD)
    if before is not None and (old != now or not _reclassed(giver, before, after)):
        return change
    if now and (before is None or not _fits(giver, before, str(now))):
        return change
    given = giver.next_id(asset, after.values, after.geometry)
    if given is None:
        return change
    values: dict[str, Value] = {FIELD: given}
    if now:
        values[FORMER] = former(after.values.get(FORMER), str(now))
    return replace(change, after=after.with_values(**values))


def _reclassed_rows(giver: Giver, part: BulkUpdate) -> BulkUpdate:
    """Return new values of many features with the ids that follow from another class."""
    asset = giver.reader.asset_type(part.layer)
    kind = asset.component.codes_field if asset.component else None
    if kind is None or kind not in part.columns or FIELD in part.columns:
        return part
    names = (FIELD, FORMER)
    table = giver.reader.table(part.layer, names, fids=part.fids.tolist(), geometry=True)
    assert table.geometry is not None
    at = {int(fid): row for row, fid in enumerate(table.fids)}
    after: dict[str, list[Value]] = {name: [] for name in names}
    before: dict[str, list[Value]] = {name: [] for name in names}
    for fid, old, new in zip(part.fids, part.before[kind], part.columns[kind], strict=True):
        row = at[int(fid)]
        known = {name: table.columns[name][row] for name in names}
        was = Feature(
            FeatureKey(part.layer, str(table.uuids[row])), table.geometry[row], {**known, kind: old}
        )
        change = _with_id(giver, Change(was, was.with_values(**{kind: new})), {})
        assert change.after is not None
        for name in names:
            before[name].append(known[name])
            after[name].append(change.after.values[name])
    return replace(part, columns={**part.columns, **after}, before={**part.before, **before})


def _reclassed(giver: Giver, before: Feature, after: Feature) -> bool:
    """Whether a feature has another component class after a change."""
    return _class_of(giver, before) != _class_of(giver, after)


def _class_of(giver: Giver, feature: Feature, scheme: Scheme = 17) -> str | None:
    asset = giver.reader.asset_type(feature.key.layer)
    return class_code(asset, feature.values, giver.reader.catalogue, scheme)


def _fits(giver: Giver, feature: Feature, text: str) -> bool:
    """Whether an id is one of the class that a feature had: only such are given anew."""
    try:
        code = ComponentId.parse(text).class_code
    except ValueError:
        return False
    return code in (_class_of(giver, feature), _class_of(giver, feature, 16))
