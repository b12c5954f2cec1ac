"""Writes one change into the tables and its old values into the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import StoreConflict
from hjgis.i18n import _
from hjgis.layers import bulk_rows, geometry_blob, journal, serials, statements
from hjgis.layers.schema import place_sql, quoted
from hjgis.layers.stored_rows import AT_ONCE, StoredRow, batches, no_longer_stored, refuse_unknown
from hjgis.layers.touched import Touched
from hjgis.models import arrangement
from hjgis.models.arrangement import Arrangement
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import (
    Bulk,
    BulkDelete,
    BulkInsert,
    BulkUpdate,
    Change,
    Extent,
    FactChange,
    Feature,
    LayerDelta,
    new_uuids,
)

# Above this many rows the R-tree triggers are suspended and the R-tree is filled at once.
BULK_ROWS: Final = 1000
# Above this many rows a delete parks them in a table instead of writing each into the journal.
PARK_ROWS: Final = 10_000
_CHUNK: Final = 50_000


class ChangeWriter:
    """The parts of one change; lives inside one open transaction.

    Parameters
    ----------
    change : int
        Number of the journal entry that the old values belong to.
    joins : bool
        Whether the entry holds an earlier edit already that this one is to be part of.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        types: Mapping[str, AssetType],
        srs_id: int,
        change: int,
        *,
        joins: bool = False,
    ) -> None:
        self._db = connection
        self._types = types
        self._srs_id = srs_id
        self._change = change
        self._joins = joins
        self._touched: dict[str, Touched] = {}
        self._notes: list[journal.Row] = []
        self.gone_uuids: list[str] = []
        self.facts: set[str] = set()

    def write(self, changes: Iterable[Change]) -> None:
        """Store features' changes after looking whether each *before* is what is stored.

        What is stored of many features is read at once.
        """
        for (layer, how), run in groupby(changes, key=_layer_and_operation):
            for some in batches(run):
                if how == "insert":
                    self._insert_features(layer, [c.after for c in some if c.after is not None])
                    continue
                stored = self._verified(layer, [c.before for c in some if c.before is not None])
                if how == "delete":
                    self._delete_rows(layer, [row.fid for row in stored])
                else:
                    self._update_features(layer, some, stored)

    def write_bulk(self, bulk: Bulk) -> None:
        """Store a bulk part."""
        if isinstance(bulk, BulkInsert):
            self._insert_many(bulk)
        elif isinstance(bulk, BulkUpdate):
            self._update_many(bulk)
        else:
            self._delete_many(bulk)

    def write_facts(self, facts: Iterable[FactChange]) -> None:
        """Store facts of the project after looking whether each *before* is what is stored."""
        for fact in facts:
            if self._fact(fact.key) != fact.before:
                message = _("The project was changed meanwhile ({fields}); nothing was stored.")
                raise StoreConflict(message.format(fields=fact.key))
            self._put_fact(fact.key, fact.after)

    def note_new_layer(self, layer: str) -> None:
        """Note that a layer was not there before: who takes the change back takes it out."""
        stored = self._fact(arrangement.FACT)
        now = Arrangement.read(stored)
        without = replace(now, gone=now.gone | {layer}).text()
        self._notes.append(_fact_row(arrangement.FACT, without))
        self.facts.add(arrangement.FACT)

    def revert(self, rows: Sequence[journal.Row], ranges: Sequence[journal.Range]) -> None:
        """Put back what a journal entry says was there before, latest row first."""
        for run in reversed(ranges):
            self._revert_range(run)
        for layer, lot in groupby(reversed(rows), key=_layer_of_values):
            some = list(lot)
            if layer and len(some) > AT_ONCE and len({row.fid for row in some}) == len(some):
                self._put_many_back(layer, some)
            else:
                for row in some:
                    self._revert_row(row)

    def _revert_row(self, row: journal.Row) -> None:
        if row.layer == journal.FACTS:
            for key, value in (row.old or {}).items():
                self._put_fact(key, None if value is None else str(value))
        elif row.op == "insert":
            self._delete_rows(row.layer, [row.fid])
        elif row.op == "delete":
            self._restore(row)
        else:
            self._put_back(row)

    def finish(self) -> dict[str, LayerDelta]:
        """Write the runs of inserted rows and the layers' new extents; return what happened."""
        serials.retire(self._db, (row.old for row in self._notes))
        note = journal.note_joined if self._joins else journal.note
        note(self._db, self._change, self._notes)
        deltas = {}
        for layer, touched in self._touched.items():
            runs = journal.runs(sorted(touched.inserted))
            journal.note_ranges(
                self._db, self._change, [journal.Range(layer, *run, "insert") for run in runs]
            )
            self._update_contents(layer, touched.extent)
            deltas[layer] = touched.delta()
        return deltas

    # -- facts of the project ------------------------------------------------------------

    def _fact(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM hjgis_project WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def _put_fact(self, key: str, value: str | None) -> None:
        self._notes.append(_fact_row(key, self._fact(key)))
        if value is None:
            self._db.execute("DELETE FROM hjgis_project WHERE key = ?", (key,))
        else:
            self._db.execute("INSERT OR REPLACE INTO hjgis_project VALUES (?, ?)", (key, value))
        self.facts.add(key)

    # -- one feature ---------------------------------------------------------------------

    def _insert_features(self, layer: str, features: Sequence[Feature]) -> None:
        blobs = self._encode(layer, [feature.geometry for feature in features])
        for feature, blob in zip(features, blobs, strict=True):
            self._insert_row(layer, feature.fid, feature.key.uuid, blob, feature.values)

    def _insert_row(
        self, layer: str, fid: int | None, uuid: str, blob: bytes | None, values: Mapping[str, Any]
    ) -> None:
        asset = self._type(layer)
        refuse_unknown(asset, values)
        try:
            cursor = self._db.execute(
                statements.insert(layer, tuple(values), spatial=asset.is_spatial),
                (fid, blob, uuid, *values.values()),
            )
        except sqlite3.IntegrityError as error:
            message = _("{layer}: there is a feature {uuid} already.")
            raise StoreConflict(message.format(layer=layer, uuid=uuid)) from error
        assert cursor.lastrowid is not None
        touched = self._touch(layer, geometry=True, boxes=[geometry_blob.bounds(blob)])
        touched.inserted.append(cursor.lastrowid)
        touched.fields.update(values)

    def _update_features(
        self, layer: str, changes: Sequence[Change], stored: Sequence[StoredRow]
    ) -> None:
        asset = self._type(layer)
        after = [change.after for change in changes if change.after is not None]
        blobs = self._encode(layer, [feature.geometry for feature in after])
        for change, now, blob, row in zip(changes, after, blobs, stored, strict=True):
            assert change.before is not None
            values: dict[str, Any] = {}
            if now.values is not change.before.values:
                refuse_unknown(asset, now.values)
                known = change.before.values
                values = {n: value for n, value in now.values.items() if known.get(n) != value}
            if blob != row.blob and row.moved(change.before, now):
                values["geom"] = blob
            self._update_row(layer, row.fid, values, {**row.values, "geom": row.blob})

    def _update_row(
        self,
        layer: str,
        fid: int,
        values: Mapping[str, Any],
        stored: Mapping[str, Any] | None = None,
    ) -> None:
        if not values:
            return
        names = list(values)
        if stored is None:
            stored = self._read_row(layer, fid, names)
        before = {name: stored[name] for name in names}
        # A null old_geom means "not changed", so a place that was missing is said in words.
        old_geom = before.pop("geom") if before.get("geom") is not None else None
        self._notes.append(journal.Row(layer, fid, "update", before, old_geom))
        self._db.execute(statements.update(layer, tuple(names)), (*values.values(), fid))
        boxes = [geometry_blob.bounds(old_geom), geometry_blob.bounds(values.get("geom"))]
        if "geom" not in values:
            boxes.append(geometry_blob.bounds(stored["geom"]))
        touched = self._touch(layer, geometry="geom" in values, boxes=boxes)
        touched.fields.update(before)
        touched.updated.append(fid)

    def _read_row(self, layer: str, fid: int, names: Sequence[str]) -> dict[str, Any]:
        fields = [name for name in names if name != "geom"]
        old = self._db.execute(
            f"SELECT {place_sql(self._type(layer))}{statements.more_columns(tuple(fields))}"
            f" FROM {quoted(layer)} WHERE fid = ?",
            (fid,),
        ).fetchone()
        if old is None:
            raise no_longer_stored(layer, fid)
        return dict(zip(("geom", *fields), old, strict=True))

    def _verified(self, layer: str, before: Sequence[Feature]) -> list[StoredRow]:
        """Return what is stored of features after making sure that it is as expected."""
        asset = self._type(layer)
        for feature in before:
            refuse_unknown(asset, feature.values)
        marks = ",".join("?" * len(before))
        found = self._db.execute(
            f"SELECT uuid, fid, {place_sql(asset)}{statements.more_columns(asset.field_names)}"
            f" FROM {quoted(layer)} WHERE uuid IN ({marks})",
            [feature.key.uuid for feature in before],
        )
        rows = {
            uuid: StoredRow(fid, blob, dict(zip(asset.field_names, values, strict=True)))
            for uuid, fid, blob, *values in found
        }
        blobs = self._encode(layer, [feature.geometry for feature in before])
        result = []
        for feature, blob in zip(before, blobs, strict=True):
            row = rows.get(feature.key.uuid)
            if row is None:
                raise no_longer_stored(layer, feature.key.uuid)
            result.append(row.checked(feature, blob))
        return result

    def _delete_rows(self, layer: str, fids: Sequence[int]) -> None:
        """Take rows out and note all that they held."""
        asset = self._type(layer)
        names = ("uuid", *asset.field_names)
        stored = self._rows_at(layer, names, fids, place=place_sql(asset))
        boxes = []
        for fid in fids:
            row = stored.get(fid)
            if row is None:
                raise no_longer_stored(layer, fid)
            geom, *values = row
            self.gone_uuids.append(values[0])
            old = dict(zip(names, values, strict=True))
            self._notes.append(journal.Row(layer, fid, "delete", old, geom))
            boxes.append(geometry_blob.bounds(geom))
        self._touch(layer, geometry=True, boxes=boxes).deleted.extend(fids)
        self._db.executemany(f"DELETE FROM {quoted(layer)} WHERE fid = ?", ((fid,) for fid in fids))

    # -- many features -------------------------------------------------------------------

    def _insert_many(self, bulk: BulkInsert) -> None:
        asset = self._type(bulk.layer)
        refuse_unknown(asset, bulk.columns)
        count = len(bulk.geometry)
        uuids = new_uuids(count) if bulk.uuids is None else bulk.uuids
        lengths = {len(uuids), count, *(len(column) for column in bulk.columns.values())}
        assert lengths == {count}, "columns of one length"
        first = self._next_fid(bulk.layer)
        columns = list(bulk.columns.values())
        insert = statements.insert(bulk.layer, tuple(bulk.columns), spatial=asset.is_spatial)
        boxes = shapely.bounds(bulk.geometry)
        at_once = asset.is_spatial and count > BULK_ROWS
        with bulk_rows.without_rtree(self._db, asset) if at_once else nullcontext():
            for start in range(0, count, _CHUNK):
                stop = min(start + _CHUNK, count)
                blobs = self._encode(bulk.layer, bulk.geometry[start:stop])
                fids = range(first + start, first + stop)
                parts = (column[start:stop] for column in columns)
                rows = zip(fids, blobs, uuids[start:stop], *parts, strict=True)
                self._run_insert(insert, bulk.layer, rows)
                if at_once:
                    bulk_rows.fill_rtree(self._db, bulk.layer, fids, boxes[start:stop])
        touched = self._touch(bulk.layer, geometry=True, boxes=[geometry_blob.around(boxes)])
        touched.inserted.extend(range(first, first + count))
        touched.fields.update(bulk.columns)

    def _run_insert(self, sql: str, layer: str, rows: Iterable[tuple[Any, ...]]) -> None:
        try:
            self._db.executemany(sql, rows)
        except sqlite3.IntegrityError as error:
            message = _("{layer}: two features have the same identity; nothing was stored.")
            raise StoreConflict(message.format(layer=layer)) from error

    def _update_many(self, bulk: BulkUpdate) -> None:
        asset = self._type(bulk.layer)
        refuse_unknown(asset, bulk.columns)
        names = list(bulk.columns)
        fids = [int(fid) for fid in bulk.fids]
        stored = self._rows_at(bulk.layer, names, fids)
        before = list(zip(*(bulk.before[name] for name in names), strict=True))
        rows = []
        for fid, expected in zip(fids, before, strict=True):
            if stored.get(fid) != expected:
                message = _("{layer} row {fid} was changed meanwhile; nothing was stored.")
                raise StoreConflict(message.format(layer=bulk.layer, fid=fid))
            rows.append(
                journal.Row(bulk.layer, fid, "update", dict(zip(names, expected, strict=True)))
            )
        self._notes += rows
        after = zip(*(bulk.columns[name] for name in names), strict=True)
        self._db.executemany(
            statements.update(bulk.layer, tuple(names)),
            ((*values, fid) for values, fid in zip(after, fids, strict=True)),
        )
        touched = self._touch(bulk.layer, geometry=False, boxes=[self._layer_box(bulk.layer)])
        touched.updated.extend(fids)
        touched.fields.update(names)

    def _delete_many(self, bulk: BulkDelete) -> None:
        fids = [int(fid) for fid in bulk.fids]
        stored = self._rows_at(bulk.layer, ["uuid"], fids)
        for fid, uuid in zip(fids, bulk.uuids, strict=True):
            if stored.get(fid) != (uuid,):
                raise no_longer_stored(bulk.layer, uuid)
        if len(fids) > PARK_ROWS:
            for run in journal.runs(sorted(fids)):
                self._park(bulk.layer, *run)
        else:
            self._delete_rows(bulk.layer, fids)

    def _rows_at(
        self, layer: str, names: Sequence[str], fids: Sequence[int], *, place: str = ""
    ) -> dict[int, tuple[Any, ...]]:
        place = f", {place}" if place else ""
        select = f"SELECT fid{place}{statements.more_columns(tuple(names))} FROM {quoted(layer)}"
        if len(fids) <= AT_ONCE:
            marks = ",".join("?" * len(fids))
            found = self._db.execute(f"{select} WHERE fid IN ({marks})", fids)
            return {row[0]: row[1:] for row in found}
        low, high = min(fids), max(fids)
        if len(set(fids)) == high - low + 1:
            found = self._db.execute(f"{select} WHERE fid BETWEEN ? AND ?", (low, high))
            return {row[0]: row[1:] for row in found}
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS asked (fid INTEGER PRIMARY KEY)")
        self._db.execute("DELETE FROM asked")
        self._db.executemany("INSERT OR IGNORE INTO asked VALUES (?)", ((fid,) for fid in fids))
        found = self._db.execute(f"{select} JOIN asked USING (fid)")
        return {row[0]: row[1:] for row in found}

    def _park(self, layer: str, low: int, high: int) -> None:
        """Move a run of rows into a table of its own: the journal of a large delete."""
        parked = bulk_rows.park(self._db, self._type(layer), self._change, low, high)
        self.gone_uuids += parked.uuids
        self._touch(layer, geometry=True, boxes=[parked.extent]).deleted.extend(
            range(low, high + 1)
        )

    # -- back again ----------------------------------------------------------------------

    def _revert_range(self, run: journal.Range) -> None:
        if run.op == "delete":
            self._unpark(run)
        elif run.fid_hi - run.fid_lo + 1 > PARK_ROWS:
            self._park(run.layer, run.fid_lo, run.fid_hi)
        else:
            self._delete_rows(run.layer, [*range(run.fid_lo, run.fid_hi + 1)])

    def _unpark(self, run: journal.Range) -> None:
        box = bulk_rows.unpark(self._db, self._type(run.layer), run)
        touched = self._touch(run.layer, geometry=True, boxes=[box])
        touched.inserted.extend(range(run.fid_lo, run.fid_hi + 1))

    def _restore(self, row: journal.Row) -> None:
        values = dict(row.old or {})
        uuid = str(values.pop("uuid"))
        typed = {name: self._typed(row.layer, name, value) for name, value in values.items()}
        self._insert_row(row.layer, row.fid, uuid, row.old_geom, typed)

    def _put_back(self, row: journal.Row) -> None:
        asset = self._type(row.layer)
        old = dict(row.old or {})
        names = [name for name in ("uuid", *asset.field_names) if name in old]
        found = self._db.execute(
            f"SELECT {place_sql(asset)}{statements.more_columns(tuple(names))}"
            f" FROM {quoted(row.layer)} WHERE fid = ?",
            (row.fid,),
        ).fetchone()
        if found is None:
            raise no_longer_stored(row.layer, row.fid)
        values: dict[str, Any] = {}
        for name, stored in zip(names, found[1:], strict=True):
            wanted = self._typed(row.layer, name, old[name])
            if wanted != stored:
                values[name] = wanted
        if ("geom" in old or row.old_geom is not None) and row.old_geom != found[0]:
            values["geom"] = row.old_geom
        self._update_row(row.layer, row.fid, values)

    def _put_many_back(self, layer: str, rows: Sequence[journal.Row]) -> None:
        """Put back values of many rows, each of them there once."""
        asset = self._type(layer)
        held = {name for row in rows for name in row.old or ()}
        names = [name for name in asset.field_names if name in held]
        stored = self._rows_at(layer, names, [row.fid for row in rows])
        # Which values are others now is mostly the same in all rows.
        lots: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for row in rows:
            if row.fid not in stored:
                raise no_longer_stored(layer, row.fid)
            before, after = {}, []
            old = row.old or {}
            for name, now in zip(names, stored[row.fid], strict=True):
                if name in old and (wanted := self._typed(layer, name, old[name])) != now:
                    before[name] = now
                    after.append(wanted)
            if before:
                self._notes.append(journal.Row(layer, row.fid, "update", before))
                lots.setdefault(tuple(before), []).append((*after, row.fid))
        touched = self._touch(layer, geometry=False, boxes=[self._layer_box(layer)])
        for changed, values in lots.items():
            self._db.executemany(statements.update(layer, changed), values)
            touched.updated.extend(row[-1] for row in values)
            touched.fields.update(changed)

    def _typed(self, layer: str, name: str, value: Value) -> Value:
        """Return a journal value as its column holds it: triggers write numbers as text."""
        asset = self._type(layer)
        if isinstance(value, str) and asset.has(name) and asset.field(name).type == "number":
            return float(value)
        return value

    # -- shared --------------------------------------------------------------------------

    def _type(self, layer: str) -> AssetType:
        try:
            return self._types[layer]
        except KeyError:
            raise StoreConflict(_("There is no layer {layer}.").format(layer=layer)) from None

    def _encode(
        self, layer: str, geometry: Sequence[Any] | NDArray[np.object_]
    ) -> list[bytes | None]:
        array = np.empty(len(geometry), dtype=object)
        array[:] = geometry
        wanted = self._type(layer).geometry
        for name in {item.geom_type for item in array if item is not None} - {wanted}:
            message = (
                _("{layer} is a table without geometry, so it holds no {given}.")
                if wanted == "None"
                else _("{layer} holds {wanted}, not {given}.")
            )
            raise StoreConflict(message.format(layer=layer, wanted=wanted, given=name))
        return geometry_blob.encode(array, self._srs_id)

    def _touch(self, layer: str, *, geometry: bool, boxes: Sequence[Extent | None]) -> Touched:
        touched = self._touched.setdefault(layer, Touched())
        touched.geometry |= geometry
        touched.extent = geometry_blob.union([touched.extent, *boxes])
        return touched

    def _next_fid(self, layer: str) -> int:
        high = self._db.execute(
            f"SELECT max((SELECT coalesce(max(fid), 0) FROM {quoted(layer)}),"
            " coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0))",
            (layer,),
        ).fetchone()[0]
        return int(high) + 1

    def _layer_box(self, layer: str) -> Extent | None:
        row = self._db.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (layer,)
        ).fetchone()
        return None if row is None or row[0] is None else tuple(row)

    def _update_contents(self, layer: str, box: Extent | None) -> None:
        now = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
        self._db.execute(
            f"UPDATE gpkg_contents SET last_change = {now} WHERE table_name = ?", (layer,)
        )
        if box is None:
            return
        self._db.execute(
            "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, ?1), ?1),"
            " min_y = min(coalesce(min_y, ?2), ?2), max_x = max(coalesce(max_x, ?3), ?3),"
            " max_y = max(coalesce(max_y, ?4), ?4) WHERE table_name = ?5",
            (*box, layer),
        )


def _fact_row(key: str, old: str | None) -> journal.Row:
    return journal.Row(journal.FACTS, 0, "update", {key: old})


def _layer_and_operation(change: Change) -> tuple[str, journal.Operation]:
    if change.before is None:
        return change.key.layer, "insert"
    return change.key.layer, "update" if change.after is not None else "delete"


def _layer_of_values(row: journal.Row) -> str:
    """Return the layer of a row of which only values of fields were changed; otherwise nothing."""
    old = row.old or {}
    values = row.op == "update" and row.old_geom is None and row.layer != journal.FACTS
    return row.layer if values and old and not {"geom", "uuid"} & old.keys() else ""
