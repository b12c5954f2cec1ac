"""Writes one change after looking whether what it found before is what is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import Any, Final

import shapely

from hjgis.errors import StoreConflict
from hjgis.i18n import _
from hjgis.layers import bulk_rows, geometry_blob, journal, statements
from hjgis.layers.row_writing import RowWriter
from hjgis.layers.schema import place_sql, quoted
from hjgis.layers.stored_rows import StoredRow, batches, no_longer_stored, refuse_unknown
from hjgis.models.changes import (
    Bulk,
    BulkDelete,
    BulkInsert,
    BulkUpdate,
    Change,
    FactChange,
    Feature,
    new_uuids,
)

# Above this many rows the R-tree triggers are suspended and the R-tree is filled at once.
BULK_ROWS: Final = 1000
_CHUNK: Final = 50_000


class ChangeWriter:
    """The parts of one change, written row by row."""

    def __init__(self, rows: RowWriter) -> None:
        self._rows = rows

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
                    self._rows.delete(layer, [row.fid for row in stored])
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
        """Store facts of the project after looking whether each *before* is what is stored.

        Raises
        ------
        StoreConflict
            If one is not.
        """
        for fact in facts:
            if self._rows.fact(fact.key) != fact.before:
                message = _("The project was changed meanwhile ({fields}); nothing was stored.")
                raise StoreConflict(message.format(fields=fact.key))
            self._rows.put_fact(fact.key, fact.after)

    def _insert_features(self, layer: str, features: Sequence[Feature]) -> None:
        blobs = self._rows.encode(layer, [feature.geometry for feature in features])
        for feature, blob in zip(features, blobs, strict=True):
            self._rows.insert(layer, feature.fid, feature.key.uuid, blob, feature.values)

    def _update_features(
        self, layer: str, changes: Sequence[Change], stored: Sequence[StoredRow]
    ) -> None:
        asset = self._rows.asset_type(layer)
        after = [change.after for change in changes if change.after is not None]
        blobs = self._rows.encode(layer, [feature.geometry for feature in after])
        for change, now, blob, row in zip(changes, after, blobs, stored, strict=True):
            assert change.before is not None
            values: dict[str, Any] = {}
            if now.values is not change.before.values:
                refuse_unknown(asset, now.values)
                known = change.before.values
                values = {n: value for n, value in now.values.items() if known.get(n) != value}
            if blob != row.blob and row.moved(change.before, now):
                values["geom"] = blob
            self._rows.update(layer, row.fid, values, {**row.values, "geom": row.blob})

    def _verified(self, layer: str, before: Sequence[Feature]) -> list[StoredRow]:
        """Return what is stored of features after making sure that it is as expected."""
        asset = self._rows.asset_type(layer)
        for feature in before:
            refuse_unknown(asset, feature.values)
        marks = ",".join("?" * len(before))
        found = self._rows.db.execute(
            f"SELECT uuid, fid, {place_sql(asset)}{statements.more_columns(asset.field_names)}"
            f" FROM {quoted(layer)} WHERE uuid IN ({marks})",
            [feature.key.uuid for feature in before],
        )
        rows = {
            uuid: StoredRow(fid, blob, dict(zip(asset.field_names, values, strict=True)))
            for uuid, fid, blob, *values in found
        }
        blobs = self._rows.encode(layer, [feature.geometry for feature in before])
        result = []
        for feature, blob in zip(before, blobs, strict=True):
            row = rows.get(feature.key.uuid)
            if row is None:
                raise no_longer_stored(layer, feature.key.uuid)
            result.append(row.checked(feature, blob))
        return result

    def _insert_many(self, bulk: BulkInsert) -> None:
        asset = self._rows.asset_type(bulk.layer)
        refuse_unknown(asset, bulk.columns)
        count = len(bulk.geometry)
        uuids = new_uuids(count) if bulk.uuids is None else bulk.uuids
        lengths = {len(uuids), count, *(len(column) for column in bulk.columns.values())}
        assert lengths == {count}, "columns of one length"
        first = self._rows.next_fid(bulk.layer)
        columns = list(bulk.columns.values())
        insert = statements.insert(bulk.layer, tuple(bulk.columns), spatial=asset.is_spatial)
        boxes = shapely.bounds(bulk.geometry)
        at_once = asset.is_spatial and count > BULK_ROWS
        with bulk_rows.without_rtree(self._rows.db, asset) if at_once else nullcontext():
            for start in range(0, count, _CHUNK):
                stop = min(start + _CHUNK, count)
                blobs = self._rows.encode(bulk.layer, bulk.geometry[start:stop])
                fids = range(first + start, first + stop)
                parts = (column[start:stop] for column in columns)
                rows = zip(fids, blobs, uuids[start:stop], *parts, strict=True)
                self._run_insert(insert, bulk.layer, rows)
                if at_once:
                    bulk_rows.fill_rtree(self._rows.db, bulk.layer, fids, boxes[start:stop])
        touched = self._rows.touch(bulk.layer, geometry=True, boxes=[geometry_blob.around(boxes)])
        touched.inserted.extend(range(first, first + count))
        touched.fields.update(bulk.columns)

    def _run_insert(self, sql: str, layer: str, rows: Iterable[tuple[Any, ...]]) -> None:
        try:
            self._rows.db.executemany(sql, rows)
        except sqlite3.IntegrityError as error:
            message = _("{layer}: two features have the same identity; nothing was stored.")
            raise StoreConflict(message.format(layer=layer)) from error

    def _update_many(self, bulk: BulkUpdate) -> None:
        asset = self._rows.asset_type(bulk.layer)
        refuse_unknown(asset, bulk.columns)
        names = list(bulk.columns)
        fids = [int(fid) for fid in bulk.fids]
        stored = self._rows.at(bulk.layer, names, fids)
        before = list(zip(*(bulk.before[name] for name in names), strict=True))
        rows = []
        for fid, expected in zip(fids, before, strict=True):
            if stored.get(fid) != expected:
                message = _("{layer} row {fid} was changed meanwhile; nothing was stored.")
                raise StoreConflict(message.format(layer=bulk.layer, fid=fid))
            rows.append(
                journal.Row(bulk.layer, fid, "update", dict(zip(names, expected, strict=True)))
            )
        self._rows.notes += rows
        after = zip(*(bulk.columns[name] for name in names), strict=True)
        self._rows.db.executemany(
            statements.update(bulk.layer, tuple(names)),
            ((*values, fid) for values, fid in zip(after, fids, strict=True)),
        )
        touched = self._rows.touch(
            bulk.layer, geometry=False, boxes=[self._rows.layer_box(bulk.layer)]
        )
        touched.updated.extend(fids)
        touched.fields.update(names)

    def _delete_many(self, bulk: BulkDelete) -> None:
        fids = [int(fid) for fid in bulk.fids]
        stored = self._rows.at(bulk.layer, ["uuid"], fids)
        for fid, uuid in zip(fids, bulk.uuids, strict=True):
            if stored.get(fid) != (uuid,):
                raise no_longer_stored(bulk.layer, uuid)
        self._rows.delete(bulk.layer, fids)


def _layer_and_operation(change: Change) -> tuple[str, journal.Operation]:
    if change.before is None:
        return change.key.layer, "insert"
    return change.key.layer, "update" if change.after is not None else "delete"
