"""Writes rows into the tables and what they held before into the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import StoreConflict
from hjgis.i18n import _
from hjgis.layers import bulk_rows, geometry_blob, journal, serials, statements
from hjgis.layers.schema import place_sql, quoted
from hjgis.layers.stored_rows import AT_ONCE, no_longer_stored, refuse_unknown
from hjgis.layers.touched import Touched
from hjgis.models import arrangement
from hjgis.models.arrangement import Arrangement
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent, LayerDelta

# Above this many rows a delete parks them in a table instead of writing each into the journal.
PARK_ROWS: Final = 10_000


class RowWriter:
    """The rows of one change; lives inside one open transaction.

    Parameters
    ----------
    change : int
        Number of the journal entry that the old values belong to.
    joins : bool
        Whether the entry holds an earlier edit already that this one is to be part of.

    Attributes
    ----------
    notes : list of journal.Row
        Old values so far; who writes by statements of its own adds to them.
    gone_uuids : list of str
        Identities of the rows that were taken out.
    facts : set of str
        Facts of the project that were changed.
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
        self.db = connection
        self._types = types
        self._srs_id = srs_id
        self._change = change
        self._joins = joins
        self._touched: dict[str, Touched] = {}
        self.notes: list[journal.Row] = []
        self.gone_uuids: list[str] = []
        self.facts: set[str] = set()

    def fact(self, key: str) -> str | None:
        """Return a fact of the project."""
        row = self.db.execute("SELECT value FROM hjgis_project WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def put_fact(self, key: str, value: str | None) -> None:
        """Store a fact of the project; None takes it out."""
        self.notes.append(_fact_row(key, self.fact(key)))
        if value is None:
            self.db.execute("DELETE FROM hjgis_project WHERE key = ?", (key,))
        else:
            self.db.execute("INSERT OR REPLACE INTO hjgis_project VALUES (?, ?)", (key, value))
        self.facts.add(key)

    def note_new_layer(self, layer: str) -> None:
        """Note that a layer was not there before: who takes the change back takes it out."""

        def without(stored: str | None) -> str:
            before = Arrangement.read(stored)
            return replace(before, gone=before.gone | {layer}).text()

        # Neither was it there before earlier changes: to take those back must not bring it back.
        journal.amend_fact(self.db, arrangement.FACT, without)
        self.notes.append(_fact_row(arrangement.FACT, without(self.fact(arrangement.FACT))))
        self.facts.add(arrangement.FACT)

    def insert(
        self, layer: str, fid: int | None, uuid: str, blob: bytes | None, values: Mapping[str, Any]
    ) -> None:
        """Store a new row; one that comes back has its old `fid`."""
        asset = self.asset_type(layer)
        refuse_unknown(asset, values)
        try:
            cursor = self.db.execute(
                statements.insert(layer, tuple(values), spatial=asset.is_spatial),
                (fid, blob, uuid, *values.values()),
            )
        except sqlite3.IntegrityError as error:
            message = _("{layer}: there is a feature {uuid} already.")
            raise StoreConflict(message.format(layer=layer, uuid=uuid)) from error
        assert cursor.lastrowid is not None
        touched = self.touch(layer, geometry=True, boxes=[geometry_blob.bounds(blob)])
        touched.inserted.append(cursor.lastrowid)
        touched.fields.update(values)

    def update(
        self, layer: str, fid: int, values: Mapping[str, Any], stored: Mapping[str, Any]
    ) -> None:
        """Store other values of a row, ``geom`` among them, and note what it held (`stored`)."""
        if not values:
            return
        names = list(values)
        before = {name: stored[name] for name in names}
        # A null old_geom means "not changed", so a place that was missing is said in words.
        old_geom = before.pop("geom") if before.get("geom") is not None else None
        self.notes.append(journal.Row(layer, fid, "update", before, old_geom))
        self.db.execute(statements.update(layer, tuple(names)), (*values.values(), fid))
        boxes = [geometry_blob.bounds(old_geom), geometry_blob.bounds(values.get("geom"))]
        if "geom" not in values:
            boxes.append(geometry_blob.bounds(stored["geom"]))
        touched = self.touch(layer, geometry="geom" in values, boxes=boxes)
        touched.fields.update(before)
        touched.updated.append(fid)

    def delete(self, layer: str, fids: Sequence[int]) -> None:
        """Take rows out and note all that they held; very many are parked."""
        if len(fids) <= PARK_ROWS:
            self._delete_rows(layer, fids)
            return
        rest: list[int] = []
        for low, high in journal.runs(sorted(fids)):
            # A table for each of thousands of short runs would take longer than the rows.
            if high - low >= PARK_ROWS // 10:
                self._park(layer, low, high)
            else:
                rest += range(low, high + 1)
        for start in range(0, len(rest), PARK_ROWS):
            self._delete_rows(layer, rest[start : start + PARK_ROWS])

    def _delete_rows(self, layer: str, fids: Sequence[int]) -> None:
        asset = self.asset_type(layer)
        names = ("uuid", *asset.field_names)
        stored = self.at(layer, names, fids, place=place_sql(asset))
        boxes = []
        for fid in fids:
            row = stored.get(fid)
            if row is None:
                raise no_longer_stored(layer, fid)
            geom, *values = row
            self.gone_uuids.append(values[0])
            old = dict(zip(names, values, strict=True))
            self.notes.append(journal.Row(layer, fid, "delete", old, geom))
            boxes.append(geometry_blob.bounds(geom))
        self.touch(layer, geometry=True, boxes=boxes).deleted.extend(fids)
        self.db.executemany(f"DELETE FROM {quoted(layer)} WHERE fid = ?", ((fid,) for fid in fids))

    def unpark(self, run: journal.Range) -> None:
        """Put parked rows back."""
        box = bulk_rows.unpark(self.db, self.asset_type(run.layer), run)
        touched = self.touch(run.layer, geometry=True, boxes=[box])
        touched.inserted.extend(range(run.fid_lo, run.fid_hi + 1))

    def at(
        self, layer: str, names: Sequence[str], fids: Sequence[int], *, place: str = ""
    ) -> dict[int, tuple[Any, ...]]:
        """Return by fid what rows hold: their place, where its SQL is given, then some fields."""
        place = f", {place}" if place else ""
        select = f"SELECT fid{place}{statements.more_columns(tuple(names))} FROM {quoted(layer)}"
        if len(fids) <= AT_ONCE:
            marks = ",".join("?" * len(fids))
            found = self.db.execute(f"{select} WHERE fid IN ({marks})", fids)
            return {row[0]: row[1:] for row in found}
        low, high = min(fids), max(fids)
        if len(set(fids)) == high - low + 1:
            found = self.db.execute(f"{select} WHERE fid BETWEEN ? AND ?", (low, high))
            return {row[0]: row[1:] for row in found}
        self.db.execute("CREATE TEMP TABLE IF NOT EXISTS asked (fid INTEGER PRIMARY KEY)")
        self.db.execute("DELETE FROM asked")
        self.db.executemany("INSERT OR IGNORE INTO asked VALUES (?)", ((fid,) for fid in fids))
        found = self.db.execute(f"{select} JOIN asked USING (fid)")
        return {row[0]: row[1:] for row in found}

    def read(self, layer: str, fid: int, names: Sequence[str]) -> dict[str, Any]:
        """Return what a row holds: its place as ``geom``, and some fields."""
        old = self.db.execute(
            f"SELECT {place_sql(self.asset_type(layer))}{statements.more_columns(tuple(names))}"
            f" FROM {quoted(layer)} WHERE fid = ?",
            (fid,),
        ).fetchone()
        if old is None:
            raise no_longer_stored(layer, fid)
        return dict(zip(("geom", *names), old, strict=True))

    def touch(self, layer: str, *, geometry: bool, boxes: Sequence[Extent | None]) -> Touched:
        """Return what happened to a layer so far, to be added to."""
        touched = self._touched.setdefault(layer, Touched())
        touched.geometry |= geometry
        touched.extent = geometry_blob.union([touched.extent, *boxes])
        return touched

    def finish(self) -> dict[str, LayerDelta]:
        """Write the runs of inserted rows and the layers' new extents; return what happened."""
        serials.retire(self.db, (row.old for row in self.notes))
        note = journal.note_joined if self._joins else journal.note
        note(self.db, self._change, self.notes)
        deltas = {}
        for layer, touched in self._touched.items():
            runs = journal.runs(sorted(touched.inserted))
            journal.note_ranges(
                self.db, self._change, [journal.Range(layer, *run, "insert") for run in runs]
            )
            self._update_contents(layer, touched.extent)
            deltas[layer] = touched.delta()
        return deltas

    def asset_type(self, layer: str) -> AssetType:
        """Return what a layer holds; StoreConflict if there is none."""
        try:
            return self._types[layer]
        except KeyError:
            raise StoreConflict(_("There is no layer {layer}.").format(layer=layer)) from None

    def encode(
        self, layer: str, geometry: Sequence[Any] | NDArray[np.object_]
    ) -> list[bytes | None]:
        """Return geometries as they are stored; StoreConflict where the layer holds others."""
        array = np.empty(len(geometry), dtype=object)
        array[:] = geometry
        wanted = self.asset_type(layer).geometry
        for name in {item.geom_type for item in array if item is not None} - {wanted}:
            message = (
                _("{layer} is a table without geometry, so it holds no {given}.")
                if wanted == "None"
                else _("{layer} holds {wanted}, not {given}.")
            )
            raise StoreConflict(message.format(layer=layer, wanted=wanted, given=name))
        return geometry_blob.encode(array, self._srs_id)

    def next_fid(self, layer: str) -> int:
        """Return the row number of the next new row."""
        high = self.db.execute(
            f"SELECT max((SELECT coalesce(max(fid), 0) FROM {quoted(layer)}),"
            " coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0))",
            (layer,),
        ).fetchone()[0]
        return int(high) + 1

    def layer_box(self, layer: str) -> Extent | None:
        """Return the box around a layer, as the file says it."""
        row = self.db.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (layer,)
        ).fetchone()
        return None if row is None or row[0] is None else tuple(row)

    def _park(self, layer: str, low: int, high: int) -> None:
        """Move a run of rows into a table of its own: the journal of a large delete."""
        parked = bulk_rows.park(self.db, self.asset_type(layer), self._change, low, high)
        self.gone_uuids += parked.uuids
        self.touch(layer, geometry=True, boxes=[parked.extent]).deleted.extend(range(low, high + 1))

    def _update_contents(self, layer: str, box: Extent | None) -> None:
        now = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
        self.db.execute(
            f"UPDATE gpkg_contents SET last_change = {now} WHERE table_name = ?", (layer,)
        )
        if box is None:
            return
        self.db.execute(
            "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, ?1), ?1),"
            " min_y = min(coalesce(min_y, ?2), ?2), max_x = max(coalesce(max_x, ?3), ?3),"
            " max_y = max(coalesce(max_y, ?4), ?4) WHERE table_name = ?5",
            (*box, layer),
        )


def _fact_row(key: str, old: str | None) -> journal.Row:
    return journal.Row(journal.FACTS, 0, "update", {key: old})
