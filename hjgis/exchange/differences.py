"""What a file would change: each difference can be taken or left; what is taken is one change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np

from hjgis.edits.restore import restore
from hjgis.exchange.coordinates import with_heights
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import (
    Bulk,
    BulkInsert,
    BulkUpdate,
    Change,
    ChangeSet,
    Feature,
    FeatureKey,
)
from hjgis.models.naming import name_fields
from hjgis.models.validation import display

Kind = Literal["new", "changed", "conflict", "missing"]
# Of a file that is imported; a conflict needs to be known what was given away.
KINDS: Final[tuple[Kind, ...]] = ("new", "changed", "missing")
RETURN_KINDS: Final[tuple[Kind, ...]] = ("new", "changed", "conflict", "missing")
# Fields that say where a record comes from.
SOURCE: Final = ("source_file", "source_row")
_LINKS: Final = ("from_node", "to_node")
# From so many changed features on their values are stored column by column.
_MANY: Final = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """One feature that is otherwise in the file than in the project, or in one of them only.

    Attributes
    ----------
    row : int or None
        Record of the file, from 1; None for what is missing there.
    key : FeatureKey or None
        The stored feature; None for what is new.
    title : str
        Number or name for people.
    values : mapping of str to (stored, given)
        What differs; for a new feature what it brings.
    moved_m : float or None
        How far the place differs, metres; None where it does not.
    place : int or None
        Which of its layer's new features it is.
    delivered : Feature or None
        Of a conflict: the feature as it was given away, before both sides changed it; None where
        that is not known.
    gone : bool
        Whether the feature of a conflict was deleted here; taken over, it comes back.
    """

    kind: Kind
    asset: AssetType
    row: int | None
    key: FeatureKey | None
    title: str
    values: Mapping[str, tuple[Value, Value]]
    moved_m: float | None
    stored_geometry: Any
    given_geometry: Any
    place: int | None = None
    delivered: Feature | None = None
    gone: bool = False

    def said(self, name: str, value: Value, catalogue: Catalogue) -> str:
        """Return a value of a field as people read it, a dash for none."""
        if value is None:
            return "–"
        if not self.asset.has(name):
            return str(value)
        return display(self.asset.field(name), value, catalogue)


@dataclass(frozen=True, slots=True, eq=False)
class LayerUpdate:
    """What a file says of one layer.

    Attributes
    ----------
    matched : int
        Records that are features of the project; `unchanged` of them say nothing new.
    fresh : BulkInsert
        The new features; `fresh_rows` are their records, from 1.
    differing : tuple of Difference
        What was changed, then what is in conflict, then what is missing.
    already : int
        Records whose changes are in the project already.
    """

    asset: AssetType
    matched: int
    unchanged: int
    fresh: BulkInsert
    fresh_rows: Sequence[int]
    differing: tuple[Difference, ...]
    already: int = 0

    def new(self) -> Iterator[Difference]:
        """Return the new features one by one."""
        for place, row in enumerate(self.fresh_rows):
            yield _new(self.asset, self.fresh, place, row)


@dataclass(frozen=True, eq=False)
class Update:
    """A file laid beside what is stored; nothing of it is stored yet.

    Attributes
    ----------
    returned : mapping of str to str, optional
        Of a file that comes back: facts of the change beside the usual ones, such as who made it.
    """

    project: Project
    source: str
    layers: tuple[LayerUpdate, ...]
    title: Mapping[str, str] | None = None
    returned: Mapping[str, str] | None = None

    @property
    def matched(self) -> int:
        """How many records are features of the project already."""
        return sum(layer.matched for layer in self.layers)

    @property
    def unchanged(self) -> int:
        """How many of those say nothing new."""
        return sum(layer.unchanged for layer in self.layers)

    @property
    def new(self) -> int:
        """How many records are new."""
        return sum(len(layer.fresh_rows) for layer in self.layers)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """All that can be taken or left, layer by layer: new, changed, missing."""
        return tuple(entry for layer in self.layers for entry in (*layer.new(), *layer.differing))

    def of_kind(self, *kinds: Kind) -> list[int]:
        """Return the indices of the differences of some kinds."""
        return [index for index, entry in enumerate(self.differences) if entry.kind in kinds]

    def count(self, kind: Kind) -> int:
        """Return how many differences there are of a kind."""
        if kind == "new":
            return self.new
        return sum(entry.kind == kind for layer in self.layers for entry in layer.differing)

    def take_new(self) -> ChangeSet:
        """Return the change that takes over all that is new and nothing else."""
        bulk = tuple(layer.fresh for layer in self.layers if layer.fresh_rows)
        return self._change(bulk, (), self.new, "import") if bulk else ChangeSet("import")

    def accept(self, indices: Collection[int]) -> ChangeSet:
        """Return the change that takes some differences over; pipes follow their nodes.

        Raises
        ------
        EditRefused
            If a pipe would be left without length.
        """
        chosen = [self.differences[index] for index in sorted(set(indices))]
        known = _by_feature(entry for entry in chosen if entry.kind != "new")
        by_column, one_by_one = [], known
        if len(known) > _MANY:
            by_column = [entry for entry in known if _only_values(entry)]
            one_by_one = [entry for entry in known if not _only_values(entry)]
        bulk: list[Bulk] = []
        for layer in self.layers:
            mine = [entry for entry in chosen if entry.asset.id == layer.asset.id]
            places = [entry.place for entry in mine if entry.place is not None]
            bulk += [_some(layer.fresh, places)] if places else []
        bulk = self._on_known_nodes(bulk)
        for asset in {entry.asset.id: entry.asset for entry in by_column}.values():
            bulk.append(self._bulk_values(asset, by_column))
        label = "import.update" if known else "import"
        label = "import.return" if self.returned is not None else label
        return self._change(tuple(bulk), self._changes(one_by_one), len(chosen), label)

    def to_json(self) -> list[dict[str, Any]]:
        """Return what was changed or is missing as scripts read it."""
        return [
            {
                "kind": entry.kind,
                "layer": entry.asset.id,
                "row": entry.row,
                "uuid": entry.key.uuid if entry.key else None,
                "title": entry.title,
                "values": {name: list(pair) for name, pair in entry.values.items()},
                "moved_m": entry.moved_m,
                **(_of_conflict(entry) if entry.kind == "conflict" else {}),
            }
            for layer in self.layers
            for entry in layer.differing
        ]

    def _change(
        self, bulk: tuple[Bulk, ...], changes: tuple[Change, ...], count: int, label: str
    ) -> ChangeSet:
        asset = self.layers[0].asset
        if changes or bulk:
            first = changes[0].key.layer if changes else bulk[0].layer
            asset = next((one.asset for one in self.layers if one.asset.id == first), asset)
        params: dict[str, Any] = {"layer": asset.id, "count": count, "source": self.source}
        if self.title is not None or asset.kind == "reference":
            params["title"] = dict(self.title or asset.label)
        return ChangeSet(label, changes, bulk, params | dict(self.returned or {}), "import")

    def _on_known_nodes(self, bulk: Sequence[Bulk]) -> list[Bulk]:
        """Take new lines off new nodes that are left."""
        fresh = (layer.fresh for layer in self.layers if not layer.asset.ends_on)
        left = {uuid for one in fresh for uuid in one.uuids or ()}
        left -= {uuid for one in bulk if isinstance(one, BulkInsert) for uuid in one.uuids or ()}
        return [
            replace(
                one,
                columns={
                    name: [None if value in left else value for value in values]
                    if name in _LINKS
                    else values
                    for name, values in one.columns.items()
                },
            )
            if isinstance(one, BulkInsert)
            else one
            for one in bulk
        ]

    def _changes(self, chosen: Sequence[Difference]) -> tuple[Change, ...]:
        keys = [entry.key for entry in chosen if entry.key is not None]
        known = self.project.known(keys)
        wanted: dict[FeatureKey, Feature | None] = {}
        for entry in chosen:
            assert entry.key is not None
            before = known.get(entry.key) or entry.delivered
            assert before is not None
            wanted[entry.key] = None if entry.kind == "missing" else _after(before, entry)
        return restore(self.project, wanted).changes

    def _bulk_values(self, asset: AssetType, chosen: Sequence[Difference]) -> BulkUpdate:
        """Return the new values of very many features of a layer, column by column."""
        mine = [entry for entry in chosen if entry.asset.id == asset.id]
        names = sorted({name for entry in mine for name in entry.values})
        by_uuid = {entry.key.uuid: entry for entry in mine if entry.key is not None}
        table = self.project.table(asset.id, names, geometry=False)
        here = np.flatnonzero([uuid in by_uuid for uuid in table.uuids.tolist()])
        before = {name: table.columns[name][here].tolist() for name in names}
        entries = [by_uuid[uuid] for uuid in table.uuids[here].tolist()]
        after = {
            name: [
                entry.values[name][1] if name in entry.values else stored
                for entry, stored in zip(entries, before[name], strict=True)
            ]
            for name in names
        }
        return BulkUpdate(asset.id, table.fids[here], after, before)


def _new(asset: AssetType, fresh: BulkInsert, place: int, row: int) -> Difference:
    values = {
        name: (None, column[place])
        for name, column in fresh.columns.items()
        if column[place] is not None and name not in SOURCE
    }
    given = {name: pair[1] for name, pair in values.items()}
    shape = fresh.geometry[place]
    title = title_of(asset, given, row)
    return Difference("new", asset, row, None, title, values, None, None, shape, place)


def _only_values(entry: Difference) -> bool:
    """Whether a difference can be stored column by column."""
    return entry.kind == "changed" and entry.moved_m is None


def _some(fresh: BulkInsert, places: Sequence[int]) -> BulkInsert:
    if len(places) == len(fresh.geometry):
        return fresh
    columns = {name: [column[i] for i in places] for name, column in fresh.columns.items()}
    uuids = None if fresh.uuids is None else [fresh.uuids[i] for i in places]
    return BulkInsert(fresh.layer, fresh.geometry[list(places)], columns, uuids)


def title_of(asset: AssetType, values: Mapping[str, Value], row: int | None) -> str:
    """Return number or name of a feature for people, else the number of its record."""
    unique = [field.name for field in asset.fields if field.unique]
    for name in dict.fromkeys([*name_fields(asset), *unique]):
        if values.get(name) is not None:
            return str(values[name])
    return f"#{row}" if row is not None else ""


def _after(before: Feature, entry: Difference) -> Feature:
    values = {name: given for name, (_stored, given) in entry.values.items()}
    after = before.with_values(**values)
    if entry.moved_m is None:
        return after
    return after.with_geometry(with_heights(before.geometry, entry.given_geometry))


def _by_feature(chosen: Iterable[Difference]) -> list[Difference]:
    """Return differences, those of one feature as one: where a conflict is taken over as well."""
    found: dict[FeatureKey | None, Difference] = {}
    for entry in chosen:
        other = found.get(entry.key)
        if other is None:
            found[entry.key] = entry
            continue
        moved = entry if other.moved_m is None else other
        found[entry.key] = replace(
            other,
            values={**other.values, **entry.values},
            moved_m=moved.moved_m,
            given_geometry=moved.given_geometry,
        )
    return [*found.values()]


def _of_conflict(entry: Difference) -> dict[str, Any]:
    """Return what was given away, null where that is not known, and if it was deleted here."""
    was = entry.delivered
    given = None if was is None else {name: was.values.get(name) for name in entry.values}
    return {"delivered": given, "gone": entry.gone}
