"""What the changes did to one layer, told from the journal: step by step back, and by whom last."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import feature_columns
from hjgis.layers.journal import Operation
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType, Value
from hjgis.models.reading import FeatureColumns
from hjgis.progress import SILENT, Progress

_ROWS_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class OldRow:
    """What one row was before a change.

    Attributes
    ----------
    old : mapping
        Values of the fields that were changed; all fields where it was deleted; none where it
        was not there.
    """

    fid: int
    op: Operation
    old: Mapping[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one change did to a layer, or a part of that where it is long.

    Attributes
    ----------
    at : str
        When, ISO 8601 in UTC.
    rows : sequence of OldRow
        Latest first.
    came : sequence of (int, int)
        Runs of rows that were not there before: first and last fid.
    went : sequence of FeatureColumns
        Rows that were there before, without their places.
    """

    at: str
    rows: Sequence[OldRow] = ()
    came: Sequence[tuple[int, int]] = ()
    went: Sequence[FeatureColumns] = ()


def rows_ever(connection: sqlite3.Connection, asset: AssetType) -> NDArray[np.int64]:
    """Return the fids that a layer has, or had according to the journal, rising."""
    now = connection.execute(f"SELECT fid FROM {quoted(asset.id)}").fetchall()
    noted = connection.execute(
        "SELECT DISTINCT fid FROM hjgis_change_row WHERE layer = ?", (asset.id,)
    ).fetchall()
    runs = [
        np.arange(low, high + 1)
        for low, high in connection.execute(
            "SELECT fid_lo, fid_hi FROM hjgis_change_range WHERE layer = ?", (asset.id,)
        )
    ]
    found = np.array([row[0] for row in (*now, *noted)], np.int64)
    return np.unique(np.concatenate([found, *runs]))


def steps_back(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str],
    *,
    progress: Progress = SILENT,
) -> Iterator[Step]:
    """Yield what the changes did to a layer, latest first.

    Whoever undoes the steps one after the other goes through all states that the layer had; of
    one change the runs of rows come before single rows.

    Parameters
    ----------
    names : sequence of str
        Fields that are read of rows that went by the thousand.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    runs = _runs(connection, asset, names, progress)
    cursor = connection.execute(
        "SELECT r.change, c.at, r.fid, r.op, r.old FROM hjgis_change_row r"
        " JOIN hjgis_change c ON c.id = r.change WHERE r.layer = ?"
        " ORDER BY r.change DESC, r.id DESC",
        (asset.id,),
    )
    held: tuple[int, str, list[OldRow]] | None = None
    for change, at, fid, op, old in cursor:
        if held is not None and (held[0] != change or len(held[2]) >= _ROWS_AT_ONCE):
            progress.check()
            yield Step(held[1], held[2])
            held = None
        if held is None:
            for number in [later for later in runs if later >= change]:
                yield runs.pop(number)
            held = (change, at, [])
        held[2].append(OldRow(fid, op, json.loads(old) if old else {}))
    if held is not None:
        yield Step(held[1], held[2])
    yield from runs.values()


def _runs(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str],
    progress: Progress,
) -> dict[int, Step]:
    """Return what changes did to runs of rows, by change, latest first."""
    came: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    went: defaultdict[int, list[FeatureColumns]] = defaultdict(list)
    moments: dict[int, str] = {}
    for change, at, low, high, op, parked in connection.execute(
        "SELECT r.change, c.at, r.fid_lo, r.fid_hi, r.op, r.parked FROM hjgis_change_range r"
        " JOIN hjgis_change c ON c.id = r.change WHERE r.layer = ?"
        " ORDER BY r.change DESC, r.rowid DESC",
        (asset.id,),
    ).fetchall():
        moments[change] = at
        if op == "insert":
            came[change].append((low, high))
        else:
            away = replace(asset, id=parked)
            columns = feature_columns.columns(
                connection, away, names, geometry=False, progress=progress
            )
            went[change].append(columns)
    return {n: Step(at, came=came[n], went=went[n]) for n, at in moments.items()}


def last_changes(
    connection: sqlite3.Connection, layer: str, fids: NDArray[np.int64], *, few: bool
) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Return the latest change of each row, and who made which change.

    Parameters
    ----------
    fids : array of int64, shape (n,)
        Rising.
    few : bool
        Whether they are so few that each is looked up.

    Returns
    -------
    array of int64, shape (n,)
        Number of the change; 0 where the journal knows of none.
    dict of int to str
        Operators by change; empty text for another program.
    """
    latest = np.zeros(len(fids), np.int64)
    where, values = "layer = ?", (layer,)
    if few:
        where += f" AND fid IN ({','.join(map(str, fids.tolist()))})"
    noted = connection.execute(
        f"SELECT fid, max(change) FROM hjgis_change_row WHERE {where} GROUP BY fid", values
    ).fetchall()
    if noted:
        rows, changes = (np.array(column, np.int64) for column in zip(*noted, strict=True))
        there = np.isin(rows, fids)
        latest[np.searchsorted(fids, rows[there])] = changes[there]
    for low, high, change in connection.execute(
        "SELECT fid_lo, fid_hi, change FROM hjgis_change_range WHERE layer = ?", (layer,)
    ):
        start, stop = np.searchsorted(fids, (low, high + 1)).tolist()
        np.maximum(latest[start:stop], change, out=latest[start:stop])
    return latest, _operators(connection, np.unique(latest).tolist())


def _operators(connection: sqlite3.Connection, changes: Sequence[Any]) -> dict[int, str]:
    return dict(
        connection.execute(
            "SELECT id, operator FROM hjgis_change WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(changes)),),
        ).fetchall()
    )
