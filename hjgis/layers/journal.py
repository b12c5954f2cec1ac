"""What was done to a project: old values only, kept in the file.

The present lives in the tables; a change keeps what it replaced. Taking a change back is a
new change with old values of its own, so redo and history need nothing else.
"""

from __future__ import annotations

import datetime as dt
import json
import platform
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis.models.assets import Value
from hjgis.models.changes import FeatureKey, new_uuid

Operation = Literal["insert", "update", "delete"]
Pair = tuple[int, int]
# One for all: hundreds of thousands of rows may be written at once, and read so many at a time.
_ENCODED: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_ROWS_AT_ONCE: Final = 1_000
# Stands for the layer where a row tells of facts of the project.
FACTS: Final = "hjgis_project"
# Source of changes that lead back to a checkpoint: work like any other, not steps of undo.
DISCARD: Final = "discard"
# Among the facts of a change: how many later edits have become part of it.
JOINED: Final = "joined"


@dataclass(frozen=True, slots=True)
class Row:
    """One feature's part in a change: what was there before.

    Attributes
    ----------
    old : mapping or None
        Old values of the changed fields; all fields and ``uuid`` for a delete.
    old_geom : bytes or None
        Old geometry blob where the geometry changed or the feature was deleted.
    """

    layer: str
    fid: int
    op: Operation
    old: Mapping[str, Value] | None = None
    old_geom: bytes | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Consecutive rows that came, or that went and are parked in a table of their own."""

    layer: str
    fid_lo: int
    fid_hi: int
    op: Operation
    parked: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as the history shows it.

    Attributes
    ----------
    feature : FeatureKey or None
        Whose history it is part of, where one feature's was asked for.
    """

    id: int
    uuid: str
    at: str
    operator: str
    device: str
    label: str
    params: Mapping[str, Any]
    undoes: int | None
    source: str
    rows: tuple[Row, ...] = field(default=())
    feature: FeatureKey | None = None


def begin(
    connection: sqlite3.Connection,
    label: str,
    *,
    operator: str,
    params: Mapping[str, Any],
    undoes: int | None = None,
    source: str = "user",
) -> int:
    """Write the head of a change; return its number."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    cursor = connection.execute(
        "INSERT INTO hjgis_change (uuid, at, operator, device, label_key, params, undoes, source)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (new_uuid(), now, operator, platform.node(), label, _dump(params), undoes, source),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def sign(connection: sqlite3.Connection, changes: Collection[int], operator: str) -> None:
    """Write into changes that have no name who made them."""
    connection.execute(
        "UPDATE hjgis_change SET operator = ?"
        " WHERE operator = '' AND id IN (SELECT value FROM json_each(?))",
        (operator, json.dumps(sorted(changes))),
    )


def note(connection: sqlite3.Connection, change: int, rows: Iterable[Row]) -> None:
    """Write what features of a change were before."""
    connection.executemany(
        "INSERT INTO hjgis_change_row (change, layer, fid, op, old, old_geom) VALUES (?,?,?,?,?,?)",
        (
            (change, r.layer, r.fid, r.op, None if r.old is None else _dump(r.old), r.old_geom)
            for r in rows
        ),
    )


def amend_fact(
    connection: sqlite3.Connection, key: str, amended: Callable[[str | None], str]
) -> None:
    """Let all that is kept of what a fact was before be what `amended` makes of it."""
    kept = connection.execute(
        "SELECT id, old FROM hjgis_change_row WHERE layer = ? AND old IS NOT NULL", (FACTS,)
    ).fetchall()
    for number, old in kept:
        facts = json.loads(old)
        if key in facts:
            facts[key] = amended(facts[key])
            connection.execute(
                "UPDATE hjgis_change_row SET old = ? WHERE id = ?", (_dump(facts), number)
            )


def can_join(connection: sqlite3.Connection, change: int) -> bool:
    """Whether an edit of values may still become part of a change.

    That is the latest, nothing but new values and places itself, and no checkpoint is on it.
    """
    found = connection.execute(
        "SELECT 1 FROM hjgis_change WHERE id = ?1 AND undoes IS NULL"
        " AND id = (SELECT max(id) FROM hjgis_change)"
        " AND NOT EXISTS (SELECT 1 FROM hjgis_checkpoint WHERE change >= ?1)"
        " AND NOT EXISTS (SELECT 1 FROM hjgis_change_range WHERE change = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM hjgis_change_row"
        "  WHERE change = ?1 AND (op != 'update' OR layer = ?2))",
        (change, FACTS),
    )
    return found.fetchone() is not None


def join(connection: sqlite3.Connection, change: int, params: Mapping[str, Any]) -> dict[str, Any]:
    """Let a change be about more fields and features; return its facts."""
    known = entry(connection, change).params
    merged = {
        **known,
        **params,
        "fields": sorted({*known.get("fields", ()), *params.get("fields", ())}),
        "count": max(known.get("count", 0), params.get("count", 0)),
        # Whoever knows the change as it was has to look at it again.
        JOINED: known.get(JOINED, 0) + 1,
    }
    connection.execute("UPDATE hjgis_change SET params = ? WHERE id = ?", (_dump(merged), change))
    return merged


def note_joined(connection: sqlite3.Connection, change: int, rows: Iterable[Row]) -> None:
    """Write what features were before an edit that joins a change: its oldest values stay."""
    stored = {
        (layer, fid): (number, Row(layer, fid, op, json.loads(old) if old else None, geom))
        for number, layer, fid, op, old, geom in connection.execute(
            "SELECT id, layer, fid, op, old, old_geom FROM hjgis_change_row WHERE change = ?",
            (change,),
        )
    }
    for row in rows:
        number, first = stored.get((row.layer, row.fid), (None, None))
        if number is None or first is None:
            note(connection, change, [row])
            continue
        known = first.old or {}
        # A place that was missing before the first edit is among its old values.
        place = first.old_geom if first.old_geom is not None or "geom" in known else row.old_geom
        connection.execute(
            "UPDATE hjgis_change_row SET old = ?, old_geom = ? WHERE id = ?",
            (_dump({**(row.old or {}), **known}), place, number),
        )


def note_ranges(connection: sqlite3.Connection, change: int, ranges: Iterable[Range]) -> None:
    """Write runs of inserted or parked rows."""
    connection.executemany(
        "INSERT INTO hjgis_change_range VALUES (?,?,?,?,?,?)",
        ((change, r.layer, r.fid_lo, r.fid_hi, r.op, r.parked) for r in ranges),
    )


def inserted_singly(connection: sqlite3.Connection, layer: str) -> int:
    """Return how many rows of a layer were inserted one by one, those that are gone included."""
    found = connection.execute(
        "SELECT count(*) FROM hjgis_change_range"
        " WHERE layer = ? AND op = 'insert' AND fid_lo = fid_hi",
        (layer,),
    )
    return int(found.fetchone()[0])


def rows_of(connection: sqlite3.Connection, change: int) -> list[Row]:
    """Return the rows of a change in the order in which they were written."""
    found = connection.execute(
        "SELECT layer, fid, op, coalesce(nullif(old, ''), 'null'), old_geom FROM hjgis_change_row"
        " WHERE change = ? ORDER BY id",
        (change,),
    )
    result: list[Row] = []
    while some := found.fetchmany(_ROWS_AT_ONCE):
        olds = json.loads(f"[{','.join(row[3] for row in some)}]")
        for (layer, fid, op, _old, geom), old in zip(some, olds, strict=True):
            result.append(Row(layer, fid, op, old, geom))
    return result


def row_count(connection: sqlite3.Connection, change: int) -> int:
    """Return how many rows of layers a change has touched."""
    found = connection.execute(
        "SELECT (SELECT count(*) FROM hjgis_change_row WHERE change = ?1) + (SELECT"
        " coalesce(sum(fid_hi - fid_lo + 1), 0) FROM hjgis_change_range WHERE change = ?1)",
        (change,),
    )
    return int(found.fetchone()[0])


def ranges_of(connection: sqlite3.Connection, change: int) -> list[Range]:
    """Return the runs of a change."""
    found = connection.execute(
        "SELECT layer, fid_lo, fid_hi, op, parked FROM hjgis_change_range WHERE change = ?"
        " ORDER BY rowid",
        (change,),
    )
    return [Range(*row) for row in found]


def changes_after(connection: sqlite3.Connection, change: int) -> list[int]:
    """Return the numbers of later changes, latest first."""
    found = connection.execute(
        "SELECT id FROM hjgis_change WHERE id > ? ORDER BY id DESC", (change,)
    )
    return [row[0] for row in found]


def stacks(connection: sqlite3.Connection) -> tuple[list[int], list[int]]:
    """Return what can be undone and what can be redone, latest last.

    Each list holds the number of the change that must be inverted.
    """
    done: list[int] = []
    undone: list[int] = []
    for change, undoes, source in connection.execute(
        "SELECT id, undoes, source FROM hjgis_change ORDER BY id"
    ):
        if undoes is None or source == DISCARD:
            done.append(change)
            undone.clear()
        elif done and done[-1] == undoes:
            done.pop()
            undone.append(change)
        else:
            if undone and undone[-1] == undoes:
                undone.pop()
            done.append(change)
    return done, undone


def entry(connection: sqlite3.Connection, change: int) -> Entry:
    """Return one change without its rows."""
    return _entries(connection, "WHERE id = ?", (change,))[0]


def entries(
    connection: sqlite3.Connection,
    *,
    feature: tuple[FeatureKey, int] | None = None,
    limit: int = -1,
) -> list[Entry]:
    """Return changes, latest first; of one feature (with its rows) if asked.

    Parameters
    ----------
    feature : (FeatureKey, int), optional
        Identity and row number of the feature.
    """
    if feature is None:
        return _entries(connection, "ORDER BY id DESC LIMIT ?", (limit,))
    key, fid = feature
    rows: dict[int, list[Row]] = {}
    for change, op, old, geom in connection.execute(
        "SELECT change, op, old, old_geom FROM hjgis_change_row WHERE layer = ? AND fid = ?",
        (key.layer, fid),
    ):
        row = Row(key.layer, fid, op, json.loads(old) if old else None, geom)
        rows.setdefault(change, []).append(row)
    for change, op in connection.execute(
        "SELECT change, op FROM hjgis_change_range WHERE layer = ? AND ? BETWEEN fid_lo AND fid_hi",
        (key.layer, fid),
    ):
        rows.setdefault(change, []).append(Row(key.layer, fid, op))
    marks = ",".join("?" * len(rows))
    found = _entries(connection, f"WHERE id IN ({marks}) ORDER BY id DESC", tuple(rows))
    return [replace(entry, rows=tuple(rows[entry.id]), feature=key) for entry in found][
        : limit if limit >= 0 else None
    ]


def last_changed(
    connection: sqlite3.Connection, layer: str, fid: int, field: str, *, but: str
) -> str | None:
    """Return the ISO date, local, on which a field of a row was changed last; None if never.

    Parameters
    ----------
    but : str
        Changes whose label begins so do not count.
    """
    row = connection.execute(
        "SELECT c.at FROM hjgis_change_row r JOIN hjgis_change c ON c.id = r.change"
        " WHERE r.layer = ? AND r.fid = ? AND r.op = 'update'"
        " AND json_type(r.old, '$.' || ?) IS NOT NULL AND substr(c.label_key, 1, ?) != ?"
        " ORDER BY c.id DESC LIMIT 1",
        (layer, fid, field, len(but), but),
    ).fetchone()
    return (
        None if row is None else dt.datetime.fromisoformat(row[0]).astimezone().date().isoformat()
    )


def touched(connection: sqlite3.Connection, changes: Collection[int]) -> list[tuple[str, int]]:
    """Return layer and row number of the features that any of some changes touched."""
    wanted = json.dumps(sorted(changes))
    found = connection.execute(
        "SELECT DISTINCT layer, fid FROM hjgis_change_row"
        " WHERE change IN (SELECT value FROM json_each(?)) AND layer != ? ORDER BY layer, fid",
        (wanted, FACTS),
    ).fetchall()
    for layer, low, high in connection.execute(
        "SELECT layer, fid_lo, fid_hi FROM hjgis_change_range"
        " WHERE change IN (SELECT value FROM json_each(?)) AND op = 'insert'",
        (wanted,),
    ):
        found += [(layer, fid) for fid in range(low, high + 1)]
    return sorted({(str(layer), int(fid)) for layer, fid in found})


def touched_rows(connection: sqlite3.Connection, change: int) -> dict[str, NDArray[np.int64]]:
    """Return the row numbers that a change touched, by layer, rising; they may be gone by now."""
    runs_of: dict[str, list[NDArray[np.int64]]] = {}
    for layer, low, high in connection.execute(
        "SELECT layer, fid, fid FROM hjgis_change_row WHERE change = ?1 AND layer != ?2"
        " UNION ALL SELECT layer, fid_lo, fid_hi FROM hjgis_change_range WHERE change = ?1",
        (change, FACTS),
    ):
        runs_of.setdefault(layer, []).append(np.arange(low, high + 1))
    return {layer: np.unique(np.concatenate(found)) for layer, found in runs_of.items()}


def single_rows(connection: sqlite3.Connection, layers: Mapping[int, str]) -> dict[int, Row]:
    """Return of changes, each with one of its layers, the row that it touched there, if one."""
    pairs = json.dumps(list(layers.items()))
    wanted = (
        "SELECT json_extract(value, '$[0]') AS change, json_extract(value, '$[1]') AS layer"
        " FROM json_each(?)"
    )
    found = connection.execute(
        f"WITH wanted AS ({wanted})"
        " SELECT r.change, r.layer, r.fid, r.fid, r.op, r.old FROM wanted"
        " JOIN hjgis_change_row r ON r.change = wanted.change AND r.layer = wanted.layer"
        " UNION ALL SELECT r.change, r.layer, r.fid_lo, r.fid_hi, r.op, NULL FROM wanted"
        " JOIN hjgis_change_range r ON r.change = wanted.change AND r.layer = wanted.layer",
        (pairs,),
    )
    result: dict[int, Row] = {}
    several: set[int] = set()
    for change, layer, low, high, op, old in found:
        if low != high or change in result:
            several.add(change)
        else:
            result[change] = Row(layer, low, op, json.loads(old) if old else None)
    return {change: row for change, row in result.items() if change not in several}


def uuid_of_deleted(connection: sqlite3.Connection, layer: str, fid: int) -> str | None:
    """Return the identity of a feature that is no longer there."""
    row = connection.execute(
        "SELECT json_extract(old, '$.uuid') FROM hjgis_change_row"
        " WHERE layer = ? AND fid = ? AND op = 'delete' ORDER BY id DESC LIMIT 1",
        (layer, fid),
    ).fetchone()
    return row[0] if row else None


def runs(fids: Sequence[int]) -> list[Pair]:
    """Return ascending numbers as (first, last) runs."""
    result: list[Pair] = []
    for fid in fids:
        if result and result[-1][1] == fid - 1:
            result[-1] = (result[-1][0], fid)
        else:
            result.append((fid, fid))
    return result


def take_foreign(connection: sqlite3.Connection) -> list[Row]:
    """Return and forget what other programs did, one net row for each feature."""
    found = connection.execute(
        "SELECT layer, fid, op, old, old_geom FROM hjgis_foreign ORDER BY id"
    ).fetchall()
    connection.execute("DELETE FROM hjgis_foreign")
    first: dict[tuple[str, int], Row] = {}
    last: dict[tuple[str, int], Operation] = {}
    for layer, fid, op, old, geom in found:
        row = Row(layer, fid, op, json.loads(old) if old else None, geom)
        first.setdefault((layer, fid), row)
        last[layer, fid] = op
    return [net for place, row in first.items() if (net := _net(row, last[place])) is not None]


def parked_tables(connection: sqlite3.Connection, last: int | None = None) -> list[str]:
    """Return the tables that hold what large deletes took out, up to a change if given."""
    found = connection.execute(
        "SELECT parked FROM hjgis_change_range"
        " WHERE parked NOTNULL AND (?1 IS NULL OR change <= ?1)",
        (last,),
    )
    return [row[0] for row in found]


def register_parked(connection: sqlite3.Connection, table: str) -> None:
    """Tell other programs that a table is ours."""
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'hjgis_project', ?, 'read-write')",
        (table, "hjgis: docs/ARCHITECTURE.md"),
    )


def forget(connection: sqlite3.Connection) -> None:
    """Empty the journal."""
    for table in parked_tables(connection):
        connection.execute(f'DROP TABLE "{table}"')
        connection.execute("DELETE FROM gpkg_extensions WHERE table_name = ?", (table,))
    for table in ("row", "range"):
        connection.execute(f"DELETE FROM hjgis_change_{table}")
    connection.execute("DELETE FROM hjgis_change")
    connection.execute("DELETE FROM hjgis_checkpoint")


def _net(first: Row, last: Operation) -> Row | None:
    """Return one row that stands for several on the same feature; None if all is as before."""
    existed = first.op != "insert"
    exists = last != "delete"
    if not existed and not exists:
        return None
    op: Operation = "update" if existed and exists else "insert" if exists else "delete"
    return Row(first.layer, first.fid, op, first.old, first.old_geom)


def _entries(connection: sqlite3.Connection, where: str, values: Sequence[object]) -> list[Entry]:
    found = connection.execute(
        "SELECT id, uuid, at, operator, device, label_key, params, undoes, source"
        f" FROM hjgis_change {where}",
        values,
    )
    return [
        Entry(number, uuid, at, operator, device, label, json.loads(params), undoes, source)
        for number, uuid, at, operator, device, label, params, undoes, source in found
    ]


def _dump(value: Mapping[str, Any]) -> str:
    return _ENCODED(value)
