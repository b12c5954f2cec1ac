"""The features of one project file: get, find, apply, take back. The SQL room."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from hjgis.errors import ProjectError, StoreConflict
from hjgis.i18n import _, reason
from hjgis.layers import (
    database,
    feature_rows,
    foreign,
    journal,
    loading,
    media,
    network,
    taking_back,
)
from hjgis.layers.deliveries import Deliveries
from hjgis.layers.history import History
from hjgis.layers.questions import FeatureQuestions
from hjgis.layers.row_writing import RowWriter
from hjgis.layers.safekeeping import WriteAccess
from hjgis.layers.schema import quoted
from hjgis.layers.writing import ChangeWriter
from hjgis.models import own_lists
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import (
    Announcement,
    BulkUpdate,
    ChangeSet,
    Extent,
    Feature,
    FeatureKey,
)
from hjgis.models.reading import LayerTable
from hjgis.paths import written_whole


class GeoPackageStore(FeatureQuestions):
    """The one reader and writer of a project's feature tables.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of this thread; a store never crosses threads.
    types : mapping of str to AssetType
        The layers that the file has, in draw order.
    srs_id : int
        Of the project CRS.
    make_layer : callable
        Makes the table of a new layer, inside a transaction.
    renew_lists : callable
        Writes the code lists for other programs after the project's own were changed, likewise.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        types: Mapping[str, AssetType],
        *,
        srs_id: int,
        make_layer: Callable[[AssetType], None],
        renew_lists: Callable[[], None],
        read_only: bool,
    ) -> None:
        super().__init__(connection, types)
        self.path = path
        self.srs_id = srs_id
        self._make_layer = make_layer
        self._renew_lists = renew_lists
        self.access = WriteAccess(path, read_only=read_only)
        self.history = History(connection, path, self.access)
        self.deliveries = Deliveries(connection, path, self.access)

    # -- reading -------------------------------------------------------------------------

    def get(self, key: FeatureKey) -> Feature:
        """Return the stored feature.

        Raises
        ------
        KeyError
            If there is none.
        """
        found = self._features(key.layer, "WHERE uuid = ?", (key.uuid,))
        if not found:
            raise KeyError(str(key))
        return found[0]

    def features(self, layer: str, fids: Iterable[int]) -> tuple[Feature, ...]:
        """Return the features at these row numbers, in fid order; missing ones are left out."""
        numbers = [int(fid) for fid in fids]
        result: list[Feature] = []
        for part in database.chunks(numbers):
            result += self._features(layer, f"WHERE fid IN ({','.join('?' * len(part))})", part)
        return tuple(sorted(result, key=lambda feature: feature.fid or 0))

    def within(self, layer: str, extent: Extent) -> tuple[Feature, ...]:
        """Return the features whose box meets the extent, in fid order."""
        return tuple(self._features(layer, *feature_rows.in_extent(self.types[layer], extent)))

    def find(self, layer: str, field: str, value: Value) -> tuple[Feature, ...]:
        """Return the features with this value in a field, in fid order."""
        return tuple(self._features(layer, f"WHERE {quoted(field)} IS ?", (value,)))

    def get_many(self, keys: Iterable[FeatureKey]) -> list[Feature]:
        """Return the stored features, each once, in the order in which they are asked for.

        Raises
        ------
        KeyError
            If there is none of these.
        """
        wanted = list(dict.fromkeys(keys))
        found = self.known(wanted)
        for key in wanted:
            if key not in found:
                raise KeyError(str(key))
        return [found[key] for key in wanted]

    def known(self, keys: Iterable[FeatureKey]) -> dict[FeatureKey, Feature]:
        """Return those of some features that are stored."""
        wanted = list(dict.fromkeys(keys))
        found: dict[FeatureKey, Feature] = {}
        for layer in dict.fromkeys(key.layer for key in wanted):
            for some in database.chunks([key.uuid for key in wanted if key.layer == layer]):
                where = f"WHERE uuid IN ({','.join('?' * len(some))})"
                found |= {one.key: one for one in self._features(layer, where, some)}
        return found

    def node(self, uuid: str) -> Feature | None:
        """Return the manhole or pipe point with this uuid, if there is one."""
        row = self._db.execute("SELECT layer FROM network_node WHERE uuid = ?", (uuid,)).fetchone()
        return self.get(FeatureKey(row[0], uuid)) if row else None

    def lines_ending_at(self, node_uuid: str) -> tuple[Feature, ...]:
        """Return the lines whose from_node or to_node is this node."""
        return self.lines_ending_at_any([node_uuid])[node_uuid]

    def lines_ending_at_any(self, node_uuids: Iterable[str]) -> dict[str, tuple[Feature, ...]]:
        """Return for each node the lines whose from_node or to_node it is."""
        result: dict[str, tuple[Feature, ...]] = dict.fromkeys(node_uuids, ())
        for asset in (asset for asset in self.types.values() if asset.ends_on):
            for some in database.chunks(list(result)):
                where, asked = f"WHERE {network.ENDS_AMONG}", set(some)
                for line in self._features(asset.id, where, (json.dumps(some),)):
                    for uuid in {line.values.get("from_node"), line.values.get("to_node")} & asked:
                        result[str(uuid)] += (line,)
        return result

    def ends_at(self, node_uuids: Iterable[str]) -> list[LayerTable]:
        """Return ``from_node`` and ``to_node`` of the lines that end at some nodes."""
        wanted, result = list(node_uuids), []
        for asset in (asset for asset in self.types.values() if asset.ends_on):
            fids: set[int] = set()
            for some in database.chunks(wanted):
                found = self._db.execute(
                    f"SELECT fid FROM {quoted(asset.id)} WHERE {network.ENDS_AMONG}",
                    (json.dumps(some),),
                )
                fids.update(row[0] for row in found)
            ends = ("from_node", "to_node")
            result.append(self.table(asset.id, ends, fids=sorted(fids), geometry=False))
        return result

    def records_of(self, asset_uuids: Iterable[str]) -> tuple[Feature, ...]:
        """Return the records of all kinds that belong to some assets, each kind in fid order."""
        wanted = list(dict.fromkeys(asset_uuids))
        result: list[Feature] = []
        for asset in (asset for asset in self.types.values() if asset.is_record):
            for some in database.chunks(wanted):
                where = f"WHERE asset_uuid IN ({','.join('?' * len(some))})"
                result += self._features(asset.id, where, some)
        return tuple(result)

    def fid(self, key: FeatureKey) -> int:
        """Return the row number of a feature; KeyError if there is none."""
        return feature_rows.fid(self._db, key)

    # -- writing -------------------------------------------------------------------------

    def apply(self, changes: ChangeSet, operator: str, *, joins: int | None = None) -> Announcement:
        """Store a change with its journal entry, whole or not at all.

        Parameters
        ----------
        joins : int, optional
            Number of the change that this one is to be part of, so that both are taken back at
            once; where that cannot be, it is a change of its own.

        Raises
        ------
        StoreConflict
            If a *before* is not what is stored or the pipe network would break.
        ProjectError
            If the file cannot be written.
        """

        def write(rows: RowWriter) -> None:
            writer = ChangeWriter(rows)
            for bulk in changes.bulk:
                writer.write_bulk(bulk)
            writer.write(changes.changes)
            writer.write_facts(changes.facts)
            media.put(self._db, changes.contents)

        joins = joins if joins and _only_updates(changes) else None
        return self._write(write, changes, operator, joins=joins)

    def revert(self, change: int, operator: str, *, source: str = "user") -> Announcement:
        """Take a change back, by a new change."""
        head = journal.entry(self._db, change)
        rows, ranges = journal.rows_of(self._db, change), journal.ranges_of(self._db, change)
        again = ChangeSet(head.label, params=head.params, source=source)
        work = partial(taking_back.revert, rows=rows, ranges=ranges)
        return self._write(work, again, operator, undoes=change)

    def adopt_foreign(self) -> Announcement | None:
        """Enter into the journal what other programs did to the file; None if nothing."""
        untouchable = self.access.read_only or self.access.unchecked
        return None if untouchable else foreign.adopt(self._db, self.path, self.types)

    def snapshot(self) -> AbstractContextManager[None]:
        """See the file as it is at one moment, whatever is stored meanwhile."""
        return loading.snapshot(self._db)

    def data_version(self) -> int:
        """Return a number that changes when another connection has written to the file."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def leave_log(self) -> None:
        """Let no edit wait until the write-ahead log is moved; somebody else does that."""
        self._db.execute("PRAGMA wal_autocheckpoint = 0")

    def let_go(self) -> None:
        """Free the pages that are kept for the next edit.

        Over a day of work the history alone would fill the memory that is set apart for bulk
        changes.
        """
        self._db.execute("PRAGMA shrink_memory")

    def save_copy(self, target: Path) -> None:
        """Write a compact copy of the file; it has its name when all of it is on the disk.

        Raises
        ------
        StoreConflict
            If there is a file already.
        ProjectError
            If it cannot be written; then nothing is left of it.
        """
        if target.exists():
            raise StoreConflict(
                _("{path} exists already; choose another name.").format(path=target)
            )
        try:
            with written_whole(target) as draft:
                with database.told(target):
                    self._db.execute("VACUUM INTO ?", (str(draft),))
                with draft.open("rb+") as file:
                    os.fsync(file.fileno())
        except OSError as error:
            message = _("{path}: {error}").format(path=target, error=reason(error))
            raise ProjectError(message) from error

    def close(self) -> None:
        """Give the file back as one plain file."""
        if not self.access.read_only:
            database.close_wal(self._db)
        self._db.close()

    # -- shared --------------------------------------------------------------------------

    def _write(
        self,
        work: Callable[[RowWriter], None],
        changes: ChangeSet,
        operator: str,
        *,
        undoes: int | None = None,
        joins: int | None = None,
    ) -> Announcement:
        self.access.refuse()
        label, params, new = changes.label, changes.params, changes.new_layer
        types = self.types if new is None else _with_layer(self.types, new)
        with database.transaction(self._db, self.path):
            if new is not None:
                self._make_layer(new)
            joined = joins is not None and journal.can_join(self._db, joins)
            joined = joined and not self.deliveries.ends_with(int(joins or 0))
            if joins is not None and joined:
                change, params = joins, journal.join(self._db, joins, params)
            else:
                change = journal.begin(
                    self._db,
                    label,
                    operator=operator,
                    params=params,
                    undoes=undoes,
                    source=changes.source,
                )
            writer = RowWriter(self._db, types, self.srs_id, change, joins=joined)
            if new is not None:
                writer.note_new_layer(new.id)
            work(writer)
            if own_lists.FACT in writer.facts:
                self._renew_lists()
            deltas = writer.finish()
            if undoes is None:
                # Taking back leads to what was stored before, even where others had broken it.
                network.verify(self._db, types, deltas, writer.gone_uuids)
        self.types = types
        return Announcement(change, label, params, deltas, frozenset(writer.facts))

    def _features(self, layer: str, where: str, values: Sequence[Any]) -> list[Feature]:
        return feature_rows.features(self._db, self.types[layer], where, values)


def _with_layer(types: Mapping[str, AssetType], new: AssetType) -> dict[str, AssetType]:
    """Return layers with a new one: a kind where the catalogue draws it, others at the bottom."""
    below = [asset for asset in types.values() if new.optional and asset.order <= new.order]
    above = [asset for asset in types.values() if asset not in below]
    return {asset.id: asset for asset in (*below, new, *above)}


def _only_updates(changes: ChangeSet) -> bool:
    """Whether features get new values or places, and nothing else happens."""
    features = all(change.before and change.after for change in changes.changes)
    columns = all(isinstance(bulk, BulkUpdate) for bulk in changes.bulk)
    return features and columns and not changes.facts and changes.new_layer is None
