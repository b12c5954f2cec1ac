"""Which assets are to be inspected, and what was to be put right by now: lists made in SQL."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType
from hjgis.models.naming import name_fields
from hjgis.models.records import LAST, LAYER, NEXT, OWN_CYCLE, Cycles
from hjgis.progress import SILENT, Progress

OVERDUE: Final = "overdue"
SOON: Final = "soon"
NEVER: Final = "never"
REPAIR: Final = "repair"
GROUPS: Final = (OVERDUE, REPAIR, SOON, NEVER)
# Who is told: the first of these that an asset names.
_UNITS: Final = ("managing_unit", "maintainer_name", "responsible_unit", "supervisor_name")
_COLUMNS: Final = (
    *("group", "layer", "fid", "uuid", "name", "last", "due", "days", "unit", "road", "grid"),
    "words",
)


@dataclass(frozen=True, slots=True)
class DueTable:
    """What is due, row i of every array being the same asset.

    Attributes
    ----------
    group : array of str
        One of `GROUPS`.
    days : array of int64
        Days past what was due, less than 0 before that, 0 where nobody ever inspected.
    due : array of object
        ISO date, or None.
    words : array of object
        What has to be put right, for `REPAIR`.
    """

    on: str
    group: NDArray[np.object_]
    layer: NDArray[np.object_]
    fid: NDArray[np.int64]
    uuid: NDArray[np.object_]
    name: NDArray[np.object_]
    last: NDArray[np.object_]
    due: NDArray[np.object_]
    days: NDArray[np.int64]
    unit: NDArray[np.object_]
    road: NDArray[np.object_]
    grid: NDArray[np.object_]
    words: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.fid)


def due_table(
    connection: sqlite3.Connection,
    assets: Iterable[AssetType],
    cycles: Cycles,
    on: dt.date,
    *,
    recorded: bool = True,
    progress: Progress = SILENT,
) -> DueTable:
    """Return what is overdue, due soon, never inspected or not put right, in this order.

    When an asset is due: the day that its latest inspection names; else the last inspection and
    the asset's own cycle; else its next_inspect_date; else the last inspection and the cycle of
    its kind. What is out of use is not inspected.

    Parameters
    ----------
    assets : iterable of AssetType
        Kinds that keep the day of the last inspection.
    on : date
        The day to count from.
    recorded : bool
        Whether there is a table of inspections; projects from before it have none, and one that
        is open for reading only gets none.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    rows: list[tuple[Any, ...]] = []
    kinds = list(assets)
    for done, asset in enumerate(kinds):
        progress.report(done, len(kinds), "read")
        progress.check()
        questions = [_inspections(asset, cycles, on, recorded=recorded)]
        if recorded:
            questions.append(_repairs(asset, cycles, on))
        for sql, values in questions:
            rows += connection.execute(sql, values)
    return _table(rows, on)


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many assets of a kind are overdue, and the one that has been so longest."""

    count: int
    days: int
    name: str


def overdue(
    connection: sqlite3.Connection,
    asset: AssetType,
    cycles: Cycles,
    on: dt.date,
    *,
    recorded: bool = True,
) -> Overdue:
    """Count what `due_table` lists as overdue of one kind, without listing it."""
    sql, values = _inspections(asset, cycles, on, recorded=recorded, begun=True)
    # With max(), SQLite returns the other columns of that very row.
    found = connection.execute(
        f"SELECT count(*), max(days), name, uuid FROM ({sql}) WHERE grp = ?", [*values, OVERDUE]
    ).fetchone()
    count, days, name, uuid = found
    return Overdue(count, days or 0, name or (uuid or "")[:8])


def _inspections(
    asset: AssetType, cycles: Cycles, on: dt.date, *, recorded: bool, begun: bool = False
) -> tuple[str, list[Any]]:
    """Return SQL and values; with `begun` without what nobody ever inspected or planned to."""
    days, values = _cycle(asset, cycles)
    own = f"date({LAST}, '+' || {OWN_CYCLE} || ' days')" if asset.has(OWN_CYCLE) else "NULL"
    named = (
        f"(SELECT max(r.next_due) FROM {quoted(LAYER)} r WHERE r.asset_uuid = a.uuid"
        f" AND r.date = a.{LAST})"
        if recorded
        else "NULL"
    )
    due = f"coalesce({named}, {own}, {NEXT}, date({LAST}, '+' || ({days}) || ' days'))"
    today, soon = on.isoformat(), _soon(cycles, on)
    unused, gone = _in_use(asset, cycles)
    where = unused or "WHERE 1"
    if begun:
        where += f" AND (a.{LAST} IS NOT NULL OR a.{NEXT} IS NOT NULL)"
    sql = (
        f"SELECT CASE WHEN due IS NULL THEN '{NEVER}' WHEN due < ? THEN '{OVERDUE}'"
        f" ELSE '{SOON}' END AS grp, ?, fid, uuid, name, {LAST}, due,"
        " CAST(coalesce(julianday(?) - julianday(due), 0) AS INTEGER) AS days,"
        " unit, road, grid, NULL"
        f" FROM (SELECT a.fid, a.uuid, {_described(asset)}, a.{LAST}, {due} AS due"
        f" FROM {quoted(asset.id)} a {where})"
        f" WHERE due <= ? OR (due IS NULL AND {LAST} IS NULL)"
    )
    return sql, [today, asset.id, today, *values, *gone, soon]


def _repairs(asset: AssetType, cycles: Cycles, on: dt.date) -> tuple[str, list[Any]]:
    unused, gone = _in_use(asset, cycles)
    where = f"{unused} AND" if unused else "WHERE"
    soon = _soon(cycles, on)
    sql = (
        "SELECT grp, layer, fid, uuid, name, date, due_date,"
        " CAST(julianday(?) - julianday(due_date) AS INTEGER), unit, road, grid, finding"
        f" FROM (SELECT '{REPAIR}' AS grp, ? AS layer, a.fid, a.uuid, {_described(asset)},"
        " r.date, r.due_date, r.finding"
        f" FROM {quoted(LAYER)} r JOIN {quoted(asset.id)} a ON a.uuid = r.asset_uuid"
        f" {where} r.due_date <= ? AND r.done_date IS NULL)"
    )
    return sql, [on.isoformat(), asset.id, *gone, soon]


def _soon(cycles: Cycles, on: dt.date) -> str:
    """Return the last day that is soon; the calendar ends on 9999-12-31."""
    days = min(cycles.soon_days, (dt.date.max - on).days)
    return (on + dt.timedelta(days=days)).isoformat()


def _cycle(asset: AssetType, cycles: Cycles) -> tuple[str, list[Any]]:
    """Return what says in SQL after how many days, and its values."""
    parts, values = [], list[Any]()
    for entry in cycles.of(asset.id):
        tests = ["1"]
        for name, wanted in entry.when.items():
            tests.append(f"a.{quoted(name)} IN ({', '.join('?' * len(wanted))})")
            values += wanted
        parts.append(f"WHEN {' AND '.join(tests)} THEN {entry.days}")
    return (f"CASE {' '.join(parts)} END" if parts else "NULL"), values


def _described(asset: AssetType) -> str:
    units = [name for name in _UNITS if asset.has(name)]
    columns = (
        ("name", name_fields(asset)),
        ("unit", units),
        ("road", ["road_name"] if asset.has("road_name") else []),
        ("grid", ["grid_id"] if asset.has("grid_id") else []),
    )
    return ", ".join(f"{_first(fields)} AS {words}" for words, fields in columns)


def _first(names: Sequence[str]) -> str:
    listed = ", ".join(f"nullif(a.{quoted(name)}, '')" for name in names)
    return f"coalesce({listed}, NULL)" if names else "NULL"


def _in_use(asset: AssetType, cycles: Cycles) -> tuple[str, list[Any]]:
    if not asset.has("state") or not cycles.not_inspected:
        return "", []
    marks = ", ".join("?" * len(cycles.not_inspected))
    return f"WHERE coalesce(a.state, '') NOT IN ({marks})", list(cycles.not_inspected)


def _table(rows: list[tuple[Any, ...]], on: dt.date) -> DueTable:
    place = {group: number for number, group in enumerate(GROUPS)}
    rows.sort(key=lambda row: (place[row[0]], -row[7]))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_COLUMNS)
    arrays: dict[str, NDArray[Any]] = {}
    for name, values in zip(_COLUMNS, columns, strict=True):
        array = np.empty(len(values), dtype=np.int64 if name in ("fid", "days") else object)
        array[:] = values
        arrays[name] = array
    return DueTable(on.isoformat(), **arrays)
