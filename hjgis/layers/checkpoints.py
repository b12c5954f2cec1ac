"""Checkpoints: named moments between the changes of a project, kept in the file."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A named moment to come back to: after the change with this number.

    Attributes
    ----------
    since : int
        How many changes there are after it.
    """

    id: int
    change: int
    name: str
    at: str
    operator: str
    since: int = 0


def mark(connection: sqlite3.Connection, name: str, operator: str) -> Checkpoint:
    """Write a checkpoint after the latest change."""
    latest = connection.execute("SELECT coalesce(max(id), 0) FROM hjgis_change").fetchone()[0]
    moment = dt.datetime.now(dt.UTC)
    now = moment.isoformat(timespec="milliseconds")
    name = name or moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    cursor = connection.execute(
        "INSERT INTO hjgis_checkpoint (change, name, at, operator) VALUES (?,?,?,?)",
        (latest, name, now, operator),
    )
    assert cursor.lastrowid is not None
    return Checkpoint(cursor.lastrowid, latest, name, now, operator)


def rename(connection: sqlite3.Connection, number: int, name: str) -> None:
    """Give a checkpoint another name."""
    connection.execute("UPDATE hjgis_checkpoint SET name = ? WHERE id = ?", (name, number))


def forget(connection: sqlite3.Connection, number: int) -> None:
    """Take a checkpoint off the list; no change is touched."""
    connection.execute("DELETE FROM hjgis_checkpoint WHERE id = ?", (number,))


def listed(connection: sqlite3.Connection) -> list[Checkpoint]:
    """Return the checkpoints, latest first."""
    found = connection.execute(
        "SELECT id, change, name, at, operator,"
        " (SELECT count(*) FROM hjgis_change c WHERE c.id > p.change)"
        " FROM hjgis_checkpoint p ORDER BY change DESC, id DESC"
    )
    return [Checkpoint(*row) for row in found]
