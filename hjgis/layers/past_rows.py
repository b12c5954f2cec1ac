"""Many rows of a layer as they were after some change, told from the journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import feature_rows, geometry_blob
from hjgis.layers.loading import snapshot
from hjgis.models.assets import AssetType
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress

_PLACE: Final = "geom"
# Rows that one statement names.
_ROWS: Final = 20_000


def rows_at(
    connection: sqlite3.Connection,
    asset: AssetType,
    fids: NDArray[np.int64],
    change: int,
    *,
    progress: Progress = SILENT,
) -> LayerTable | None:
    """Return rows with all their fields as they were right after a change.

    The present is read at once and what later changes replaced is put back into it, so that the
    cost beside that is one of the later changes alone.

    Parameters
    ----------
    fids : array of int64, shape (n,), rising
        Those that were not there then are left out.
    change : int
        Number of the change; 0: before the first.

    Returns
    -------
    LayerTable or None
        None where the journal does not reach back so far: that part is in an archive.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    with snapshot(connection):
        if not _reaches_back(connection, change):
            return None
        past = _Past(asset, fids)
        past.read(connection, asset, fids, progress)
        _go_back(connection, asset, past, change, progress)
    return past.table()


def _reaches_back(connection: sqlite3.Connection, change: int) -> bool:
    """Whether all changes after one are in the journal; numbers are given once and without gaps."""
    given = connection.execute(
        "SELECT seq FROM sqlite_sequence WHERE name = 'hjgis_change'"
    ).fetchone()
    held = connection.execute("SELECT count(*) FROM hjgis_change WHERE id > ?", (change,))
    return bool(held.fetchone()[0] == (given[0] if given else 0) - change)


def _go_back(
    connection: sqlite3.Connection,
    asset: AssetType,
    past: _Past,
    change: int,
    progress: Progress,
) -> None:
    """Undo what later changes did to the rows, latest first; runs of a change before its rows."""

    def undo_run(low: int, high: int, op: str, parked: str | None) -> None:
        wanted = past.fids[slice(*np.searchsorted(past.fids, (low, high + 1)))]
        if op == "insert":
            past.leave_out(wanted)
        else:
            past.read(connection, replace(asset, id=str(parked)), wanted, progress)

    runs = connection.execute(
        "SELECT change, fid_lo, fid_hi, op, parked FROM hjgis_change_range"
        " WHERE layer = ? AND change > ? ORDER BY change, rowid",
        (asset.id, change),
    ).fetchall()
    rows = connection.execute(
        "SELECT change, fid, op, old, old_geom FROM hjgis_change_row"
        " WHERE layer = ? AND change > ? ORDER BY change DESC, id DESC",
        (asset.id, change),
    )
    for later, fid, op, old, place in rows:
        while runs and runs[-1][0] >= later:
            undo_run(*runs.pop()[1:])
        past.undo(fid, op, json.loads(old) if old else {}, place)
    while runs:
        undo_run(*runs.pop()[1:])


class _Past:
    """Rows on their way back, from the present to what they were."""

    def __init__(self, asset: AssetType, fids: NDArray[np.int64]) -> None:
        self.fids = fids
        self._asset = asset
        self._flags = {field.name for field in asset.fields if field.type == "boolean"}
        self._numbers = {field.name for field in asset.fields if field.type == "number"}
        self._there = np.zeros(len(fids), dtype=bool)
        self._uuids = np.full(len(fids), None, dtype=object)
        self._shapes = np.full(len(fids), None, dtype=object)
        self._columns = {name: np.full(len(fids), None, dtype=object) for name in asset.field_names}
        # Places that were put back, still as they are stored.
        self._blobs: dict[int, bytes | None] = {}

    def read(
        self,
        connection: sqlite3.Connection,
        asset: AssetType,
        fids: NDArray[np.int64],
        progress: Progress,
    ) -> None:
        """Let rows be as a table has them: the layer, or one that keeps what went."""
        for start in range(0, len(fids), _ROWS):
            progress.check()
            some = fids[start : start + _ROWS].tolist()
            rows = feature_rows.table(
                connection, asset, None, fids=some, extent=None, geometry=True
            )
            at = np.searchsorted(self.fids, rows.fids)
            self._there[at], self._uuids[at] = True, rows.uuids
            self._shapes[at] = rows.geometry
            for name, values in rows.columns.items():
                self._columns[name][at] = values
            for place in at.tolist() if self._blobs else ():
                self._blobs.pop(place, None)

    def leave_out(self, fids: NDArray[np.int64]) -> None:
        """Let rows not be there."""
        self._there[np.searchsorted(self.fids, fids)] = False

    def undo(self, fid: int, op: str, old: Mapping[str, Any], place: bytes | None) -> None:
        """Undo what a change did to one row."""
        at = int(np.searchsorted(self.fids, fid))
        if at == len(self.fids) or self.fids[at] != fid:
            return
        if op == "insert":
            self._there[at] = False
            return
        if op == "delete":
            self._there[at] = True
            old = {**dict.fromkeys(self._columns), _PLACE: None, **old}
        for name, value in old.items():
            if name in self._columns:
                self._columns[name][at] = self._typed(name, value)
        if "uuid" in old:
            self._uuids[at] = old["uuid"]
        if place is not None or _PLACE in old:
            self._blobs[at] = place

    def _typed(self, name: str, value: Any) -> Any:
        """Return a value as a table holds it: triggers write numbers as text."""
        if value is None:
            return None
        if name in self._flags:
            return bool(value)
        return float(value) if name in self._numbers and isinstance(value, str) else value

    def table(self) -> LayerTable:
        """Return the rows that were there."""
        self._shapes[[*self._blobs]] = geometry_blob.decode([*self._blobs.values()])
        all_rows = LayerTable(self._asset.id, self.fids, self._uuids, self._shapes, self._columns)
        return all_rows if self._there.all() else all_rows.taken(self._there)
