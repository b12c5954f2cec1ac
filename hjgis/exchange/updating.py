"""What a file that comes again would change: new, changed, missing; each can be taken or left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.edits.restore import restore
from hjgis.exchange import matching, records
from hjgis.exchange.as_written import is_written
from hjgis.exchange.coordinates import with_heights
from hjgis.exchange.matching import Incoming, same_shape, same_value
from hjgis.exchange.report import Problems
from hjgis.i18n import _
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
from hjgis.models.reading import LayerTable
from hjgis.models.validation import BadValue, coerce

Kind = Literal["new", "changed", "conflict", "missing"]
# Of a file that is imported; a conflict needs to be known what was given away.
KINDS: Final[tuple[Kind, ...]] = ("new", "changed", "missing")
RETURN_KINDS: Final[tuple[Kind, ...]] = ("new", "changed", "conflict", "missing")
_SOURCE: Final = ("source_file", "source_row")
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


@dataclass(frozen=True, slots=True)
class File:
    """What is to be known of a file beside its records.

    Attributes
    ----------
    name : str
        Without its folder.
    encoding : str
        Text that it had no room for in this encoding is no change.
    left_out : set of str
        Identities of records that cannot be taken, so that they are not missing either.
    held : set of str, optional
        Identities of what was in it when it was made here: only that can be missing.
    given_in : str
        The encoding in which it was given away, where that is known.
    places : bool
        Whether it has places, so that one that is not there was lost.
    """

    name: str
    encoding: str
    left_out: Collection[str]
    given_in: str = ""
    places: bool = True
    held: Collection[str] | None = None


def laid_beside(
    project: Project, asset: AssetType, incoming: Incoming, file: File, problems: Problems
) -> tuple[list[str], LayerUpdate]:
    """Lay the records of a file beside the layer that they would go into.

    Compared are the fields that the file fills. A place counts as moved from the tolerance of
    `incoming` on; a 2D file never takes heights away. Missing is what once came from the same
    file, or, where the records name identities of ours, what the layer has beside them; so with
    boundaries and other reference layers of the catalogue, which do not keep their file. Of those
    only a file that knows at least half can miss the others: a smaller one is a part, and that is
    said.

    Returns
    -------
    uuids : list of str, length n
        The feature that each record is or becomes.
    update : LayerUpdate
    """
    found, matched, differing = _compared(project, asset, incoming, file, problems)
    new = np.flatnonzero(found < 0)
    fresh = records.new_features(project, asset, incoming, new, problems)
    uuids = list(matched)
    for place, uuid in zip(new.tolist(), fresh.uuids or (), strict=True):
        uuids[place] = uuid
    changed = sum(entry.kind == "changed" for entry in differing)
    known = len(incoming) - len(new)
    rows = (incoming.rows[new] + 1).tolist()
    return uuids, LayerUpdate(asset, known, known - changed, fresh, rows, differing)


def _compared(
    project: Project, asset: AssetType, incoming: Incoming, file: File, problems: Problems
) -> tuple[NDArray[np.int64], list[str], tuple[Difference, ...]]:
    """Return which stored feature each record is, by place and by identity, and what differs."""
    if asset.id not in project.types or not project.count(asset.id):
        return np.full(len(incoming), -1, dtype=np.int64), [""] * len(incoming), ()
    stored = project.table(asset.id, _fields(asset, incoming), geometry=True)
    found = matching.pairs(asset, incoming, stored)
    look = Look(project.catalogue, asset, incoming, stored, file)
    changed = list(look.all_changed(found))
    gone = _missing(project.catalogue, asset, incoming, stored, found, file)
    if gone is None:
        beside = len(stored.fids) - int(np.count_nonzero(found >= 0))
        words = _(
            "The layer has {count} features that are not in the file, more than it knows: it is"
            " taken for a part of the layer, so none of them counts as missing."
        )
        problems.add(None, None, "part", words.format(count=beside))
    missing = [look.missing(place) for place in gone or ()]
    uuids = [str(stored.uuids[place]) if place >= 0 else "" for place in found.tolist()]
    return found, uuids, (*changed, *missing)


def _new(asset: AssetType, fresh: BulkInsert, place: int, row: int) -> Difference:
    values = {
        name: (None, column[place])
        for name, column in fresh.columns.items()
        if column[place] is not None and name not in _SOURCE
    }
    given = {name: pair[1] for name, pair in values.items()}
    shape = fresh.geometry[place]
    title = _title(asset, given, row)
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


def _fields(asset: AssetType, incoming: Incoming) -> list[str]:
    """Return the fields to read: those that the file fills, and what calls a feature."""
    called = [name for name in (asset.display, *_SOURCE) if name and asset.has(name)]
    return list(dict.fromkeys([*incoming.values, *called]))


def _missing(
    catalogue: Catalogue,
    asset: AssetType,
    incoming: Incoming,
    stored: LayerTable,
    found: NDArray[np.int64],
    file: File,
) -> list[int] | None:
    """Return the places of stored features that the file should have and has not.

    None where the file knows less than half of them, so that it is a part of the layer.
    """
    matched = found >= 0
    free = np.ones(len(stored.fids), dtype=bool)
    free[found[matched]] = False
    if file.held is not None:
        held = np.array([uuid in file.held for uuid in stored.uuids.tolist()], dtype=bool)
        return np.flatnonzero(free & held).tolist()
    if not matched.any():
        return []
    by_identity = any(
        uuid is not None and stored.uuids[place] == uuid
        for uuid, place in zip(incoming.uuids, found.tolist(), strict=True)
        if place >= 0
    )
    shared = asset.kind == "reference" and asset.id in catalogue.types
    if (by_identity or shared) and 2 * np.count_nonzero(matched) < len(stored.fids):
        # A delivery of one street; one file of many with boundaries and roads.
        return None
    if not by_identity and asset.kind == "asset":
        if "source_file" not in stored.columns:
            return []
        free &= np.array([name == file.name for name in stored.columns["source_file"]], dtype=bool)
    uuids = stored.uuids.tolist()
    return [place for place in np.flatnonzero(free).tolist() if uuids[place] not in file.left_out]


def _title(asset: AssetType, values: Mapping[str, Value], row: int | None) -> str:
    unique = [field.name for field in asset.fields if field.unique]
    for name in dict.fromkeys([*([asset.display] if asset.display else []), *unique]):
        if values.get(name) is not None:
            return str(values[name])
    return f"#{row}" if row is not None else ""


def _after(before: Feature, entry: Difference) -> Feature:
    values = {name: given for name, (_stored, given) in entry.values.items()}
    after = before.with_values(**values)
    if entry.moved_m is None:
        return after
    return after.with_geometry(with_heights(before.geometry, entry.given_geometry))


class Look:
    """Compares records of a file with features, given by their places in both.

    Parameters
    ----------
    stored : LayerTable
        With the fields that the file fills and with geometry.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        asset: AssetType,
        incoming: Incoming,
        stored: LayerTable,
        file: File,
    ) -> None:
        self._catalogue = catalogue
        self._asset, self._incoming, self._stored = asset, incoming, stored
        self._encodings = {file.encoding, file.given_in or file.encoding}
        # An end that the file names by a number is linked anew when that number is another.
        self._link_of = _links(asset)

    def all_changed(self, found: NDArray[np.int64]) -> Iterator[Difference]:
        """Yield how records differ from the features that they are; -1: from none."""
        records = np.flatnonzero(found >= 0)
        records = records[~self._alike(records, found[records])]
        for record in records.tolist():
            entry = self.changed(record, int(found[record]))
            if entry is not None:
                yield entry

    def _alike(self, records: NDArray[np.intp], places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which records are just like their features, without a look at each of them."""
        alike = np.ones(len(records), dtype=bool)
        for name, column in self._incoming.values.items():
            if name not in _SOURCE and name not in self._incoming.computed:
                given = np.empty(len(column), dtype=object)
                given[:] = column
                alike &= np.asarray(self._stored.columns[name][places] == given[records], bool)
        stored = self._stored.geometry
        if stored is not None:
            ours = shapely.force_2d(stored[places])
            theirs = shapely.force_2d(self._incoming.geometry[records])
            near = shapely.equals_exact(ours, theirs, self._incoming.tolerance_m)
            alike &= near | (shapely.is_missing(ours) & shapely.is_missing(theirs))
        return alike

    def changed(self, record: int, place: int) -> Difference | None:
        """Return how a record differs from its feature; None if it does not."""
        differing = dict(self._differing(record, place))
        ours, theirs = self._shape(place), self._incoming.geometry[record]
        moved = None
        if not same_shape(ours, theirs, self._incoming.tolerance_m):
            moved = _distance_m(ours, theirs)
        if not differing and moved is None:
            return None
        row = int(self._incoming.rows[record]) + 1
        title = self._title_of(place, row)
        key = self._key(place)
        return Difference("changed", self._asset, row, key, title, differing, moved, ours, theirs)

    def missing(self, place: int) -> Difference:
        """Return what is said of a feature that the file has not."""
        title, shape = self._title_of(place, None), self._shape(place)
        key = self._key(place)
        return Difference("missing", self._asset, None, key, title, {}, None, shape, None)

    def _differing(self, record: int, place: int) -> Iterator[tuple[str, tuple[Value, Value]]]:
        incoming = self._incoming
        for name, given in incoming.values.items():
            if name in _SOURCE or name in incoming.computed:
                continue
            stored, value = self._stored.columns[name][place], given[record]
            if self.is_same(name, stored, value):
                continue
            if record not in incoming.refused.get(name, ()):
                yield name, (stored, value)
                link = self._link_of.get(name)
                if link in incoming.computed:
                    ends = self._stored.columns[link][place], incoming.values[link][record]
                    if ends[0] != ends[1]:
                        yield link, ends

    def is_same(self, name: str, stored: Value, given: Value) -> bool:
        """Whether a value is the stored one, or what becomes of it on its way out and in again."""
        if same_value(stored, given):
            return True
        try:
            read = coerce(self._asset.field(name), stored, self._catalogue)
        except BadValue:
            # What is stored is no value of its field; what comes back may be none either.
            read = None
        return same_value(read, given) or any(
            is_written(stored, given, encoding) for encoding in self._encodings
        )

    def _shape(self, place: int) -> Any:
        return None if self._stored.geometry is None else self._stored.geometry[place]

    def _key(self, place: int) -> FeatureKey:
        return FeatureKey(self._asset.id, str(self._stored.uuids[place]))

    def _title_of(self, place: int, row: int | None) -> str:
        values = {name: column[place] for name, column in self._stored.columns.items()}
        return _title(self._asset, values, row) or str(self._stored.uuids[place])[:8]


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


def _links(asset: AssetType) -> dict[str, str]:
    """Return for each field that repeats a node's number the one that holds its identity."""
    return {
        number: link
        for pair in asset.topology.numbers
        for number, link in zip(pair, _LINKS, strict=True)
    }


def _distance_m(ours: Any, theirs: Any) -> float:
    """Return how far a geometry was moved: of points their distance, else Hausdorff's."""
    if ours is None or theirs is None:
        return 0.0
    return float(shapely.hausdorff_distance(ours, theirs))
