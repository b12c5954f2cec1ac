"""What a file that comes again would change: new, changed, missing; each can be taken or left."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.edits.restore import restore
from hjgis.exchange import matching
from hjgis.exchange.matching import Incoming, same_shape, same_value
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import (
    BulkInsert,
    BulkUpdate,
    Change,
    ChangeSet,
    Feature,
    FeatureKey,
)
from hjgis.models.reading import LayerTable
from hjgis.models.validation import BadValue, coerce

Kind = Literal["new", "changed", "missing"]
KINDS: Final[tuple[Kind, ...]] = ("new", "changed", "missing")
_SOURCE: Final = ("source_file", "source_row")
_LINKS: Final = ("from_node", "to_node")
# A DBF holds so many bytes of a text; what is cut there is no change.
_DBF_BYTES: Final = 254
_LONGEST_CHARACTER: Final = 4
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
    """

    kind: Kind
    row: int | None
    key: FeatureKey | None
    title: str
    values: Mapping[str, tuple[Value, Value]]
    moved_m: float | None
    stored_geometry: Any
    given_geometry: Any


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """A file laid beside what is stored; nothing of it is stored yet.

    Attributes
    ----------
    matched : int
        Records that are features of the project; `unchanged` of them say nothing new.
    fresh : BulkInsert
        The new features, in the order in which `differences` lists them.
    """

    project: Project
    asset: AssetType
    source: str
    matched: int
    unchanged: int
    fresh: BulkInsert
    differences: tuple[Difference, ...]

    def of_kind(self, *kinds: Kind) -> list[int]:
        """Return the indices of the differences of some kinds."""
        return [index for index, entry in enumerate(self.differences) if entry.kind in kinds]

    def accept(self, indices: Collection[int]) -> ChangeSet:
        """Return the change that takes some differences over; pipes follow their nodes.

        Raises
        ------
        EditRefused
            If a pipe would be left without length.
        """
        chosen = sorted(set(indices))
        of_new = {index: place for place, index in enumerate(self.of_kind("new"))}
        new = [of_new[index] for index in chosen if index in of_new]
        rest = [self.differences[index] for index in chosen if index not in of_new]
        moved = [entry for entry in rest if entry.kind == "missing" or entry.moved_m is not None]
        valued = [entry for entry in rest if entry not in moved]
        bulk = [part for part in (_taken(self.fresh, new), self._bulk_values(valued)) if part]
        changes = self._changes(rest if len(valued) <= _MANY else moved)
        counts: dict[str, int] = {
            kind: sum(self.differences[i].kind == kind for i in chosen) for kind in KINDS
        }
        params: dict[str, Any] = {"layer": self.asset.id, "count": len(chosen)}
        params |= {"source": self.source, **counts}
        if self.asset.kind == "reference":
            params["title"] = dict(self.asset.label)
        label = "import" if not rest else "import.update"
        return ChangeSet(label, changes, tuple(bulk), params, "import")

    def to_json(self) -> list[dict[str, Any]]:
        """Return what was changed or is missing as scripts read it."""
        return [
            {
                "kind": entry.kind,
                "row": entry.row,
                "uuid": entry.key.uuid if entry.key else None,
                "title": entry.title,
                "values": {name: list(pair) for name, pair in entry.values.items()},
                "moved_m": entry.moved_m,
            }
            for entry in self.differences
            if entry.kind != "new"
        ]

    def _changes(self, chosen: Sequence[Difference]) -> tuple[Change, ...]:
        keys = [entry.key for entry in chosen if entry.key is not None]
        known = self.project.known(keys)
        wanted: dict[FeatureKey, Feature | None] = {}
        for entry in chosen:
            assert entry.key is not None
            wanted[entry.key] = None if entry.kind == "missing" else _after(known[entry.key], entry)
        return restore(self.project, wanted).changes

    def _bulk_values(self, chosen: Sequence[Difference]) -> BulkUpdate | None:
        """Return the new values of very many features, column by column; None for a few."""
        if len(chosen) <= _MANY:
            return None
        names = sorted({name for entry in chosen for name in entry.values})
        by_uuid = {entry.key.uuid: entry for entry in chosen if entry.key is not None}
        table = self.project.table(self.asset.id, names, geometry=False)
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
        return BulkUpdate(self.asset.id, table.fids[here], after, before)


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
    """

    name: str
    encoding: str
    left_out: Collection[str]


def compare(
    project: Project, asset: AssetType, incoming: Incoming, file: File
) -> tuple[NDArray[np.int64], Update]:
    """Lay the records of a file beside the layer that they would go into.

    Compared are the fields that the file fills. A place counts as moved from the tolerance of
    `incoming` on; a 2D file never takes heights away. Missing is what once came from the same
    file, or, where the records name identities of ours, what the layer has beside them.

    Returns
    -------
    found : array of int, shape (n,)
        Place of each record's feature in the layer's table, -1 where it is new.
    update : Update
        Its `fresh` still lacks identities; see `with_fresh`.
    """
    nothing = BulkInsert(asset.id, incoming.geometry[:0], {})
    if asset.id not in project.types or not project.count(asset.id):
        none = np.full(len(incoming), -1, dtype=np.int64)
        return none, Update(project, asset, file.name, 0, 0, nothing, ())
    stored = project.table(asset.id, _fields(asset, incoming), geometry=True)
    found = matching.pairs(asset, incoming, stored)
    look = _Look(project.catalogue, asset, incoming, stored, file.encoding)
    matched = np.flatnonzero(found >= 0)
    changed = [entry for i in matched.tolist() if (entry := look.changed(i, int(found[i])))]
    missing = [look.missing(place) for place in _missing(asset, incoming, stored, found, file)]
    update = Update(
        project, asset, file.name, len(matched), len(matched) - len(changed), nothing,
        (*changed, *missing),
    )  # fmt: skip
    return found, update


def with_fresh(update: Update, fresh: BulkInsert, rows: Sequence[int]) -> Update:
    """Return an update with its new features; `rows` are their records, from 1."""
    if not update.matched:
        # All is new: there is nothing to choose from.
        return replace(update, fresh=fresh)
    new = tuple(_new(update.asset, fresh, place, row) for place, row in enumerate(rows))
    return replace(update, fresh=fresh, differences=(*new, *update.differences))


def _new(asset: AssetType, fresh: BulkInsert, place: int, row: int) -> Difference:
    values = {
        name: (None, column[place])
        for name, column in fresh.columns.items()
        if column[place] is not None and name not in _SOURCE
    }
    given = {name: pair[1] for name, pair in values.items()}
    shape = fresh.geometry[place]
    return Difference("new", row, None, _title(asset, given, row), values, None, None, shape)


def _taken(fresh: BulkInsert, places: Sequence[int]) -> BulkInsert | None:
    if not places:
        return None
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
    asset: AssetType,
    incoming: Incoming,
    stored: LayerTable,
    found: NDArray[np.int64],
    file: File,
) -> list[int]:
    """Return the places of stored features that the file should have and has not."""
    matched = found >= 0
    if not matched.any():
        return []
    free = np.ones(len(stored.fids), dtype=bool)
    free[found[matched]] = False
    by_identity = any(
        uuid is not None and stored.uuids[place] == uuid
        for uuid, place in zip(incoming.uuids, found.tolist(), strict=True)
        if place >= 0
    )
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


def with_heights(stored: Any, given: Any) -> Any:
    """Return a 2D geometry with the heights of the one that it replaces; see HOUSE rule on Z.

    Vertex by vertex where there are as many; a line of another count of vertices takes them over
    along its length, and an area stays without.
    """
    if stored is None or given is None or shapely.has_z(given) or not shapely.has_z(stored):
        return given
    old, xy = shapely.get_coordinates(stored, include_z=True), shapely.get_coordinates(given)
    if len(old) == len(xy):
        heights = old[:, 2]
    elif stored.geom_type == given.geom_type == "LineString":
        heights = np.interp(_shares(xy), _shares(old[:, :2]), old[:, 2])
    else:
        return given
    return shapely.set_coordinates(shapely.force_3d(given), np.column_stack([xy, heights]))


def _shares(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far along a line each vertex is, 0 to 1."""
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    return np.asarray(steps / (steps[-1] or 1.0))


class _Look:
    """Compares one record with one feature."""

    def __init__(
        self,
        catalogue: Catalogue,
        asset: AssetType,
        incoming: Incoming,
        stored: LayerTable,
        encoding: str,
    ) -> None:
        self._catalogue = catalogue
        self._asset, self._incoming, self._stored = asset, incoming, stored
        self._encoding = encoding
        # An end that the file names by a number is linked anew when that number is another.
        self._link_of = _links(asset)

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
        return Difference("changed", row, self._key(place), title, differing, moved, ours, theirs)

    def missing(self, place: int) -> Difference:
        """Return what is said of a feature that the file has not."""
        title, shape = self._title_of(place, None), self._shape(place)
        return Difference("missing", None, self._key(place), title, {}, None, shape, None)

    def _differing(self, record: int, place: int) -> Iterator[tuple[str, tuple[Value, Value]]]:
        incoming = self._incoming
        for name, given in incoming.values.items():
            if name in _SOURCE or name in incoming.computed:
                continue
            stored, value = self._stored.columns[name][place], given[record]
            if same_value(stored, value) or self._is_same_in_writing(name, stored, value):
                continue
            if record not in incoming.refused.get(name, ()):
                yield name, (stored, value)
                link = self._link_of.get(name)
                if link in incoming.computed:
                    yield link, (self._stored.columns[link][place], incoming.values[link][record])

    def _is_same_in_writing(self, name: str, stored: Value, given: Value) -> bool:
        """Whether a value is what becomes of the stored one on its way out and in again."""
        try:
            read = coerce(self._asset.field(name), stored, self._catalogue)
        except BadValue:
            # What is stored is no value of its field; neither would be what comes back.
            return given is None
        return same_value(read, given) or self._is_cut(stored, given)

    def _is_cut(self, stored: Value, given: Value) -> bool:
        """Whether a text is what a DBF had room for."""
        if not (isinstance(stored, str) and isinstance(given, str) and stored.startswith(given)):
            return False
        length = len(given.encode(self._encoding, "replace"))
        whole = len(stored.encode(self._encoding, "replace"))
        return whole > _DBF_BYTES and _DBF_BYTES - _LONGEST_CHARACTER < length <= _DBF_BYTES

    def _shape(self, place: int) -> Any:
        return None if self._stored.geometry is None else self._stored.geometry[place]

    def _key(self, place: int) -> FeatureKey:
        return FeatureKey(self._asset.id, str(self._stored.uuids[place]))

    def _title_of(self, place: int, row: int | None) -> str:
        values = {name: column[place] for name, column in self._stored.columns.items()}
        return _title(self._asset, values, row) or str(self._stored.uuids[place])[:8]


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
