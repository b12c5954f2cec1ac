"""What of a layer is not as in another file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hjgis.layers import database
from hjgis.layers.schema import quoted


@dataclass(frozen=True, slots=True)
class Differing:
    """Features by uuid: those that are only here, unlike, only there."""

    layer: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]


def compare_layer(
    connection: sqlite3.Connection, other: Path, layer: str, fields: Sequence[str]
) -> Differing:
    """Compare the rows of a layer in two files; fields that the other lacks are not looked at.

    Raises
    ------
    ProjectError
        If the other file cannot be read.
    """
    table = quoted(layer)

    def uuids(sql: str) -> tuple[str, ...]:
        return tuple(row[0] for row in connection.execute(sql))

    def only_in(one: str, two: str) -> tuple[str, ...]:
        there = f"SELECT 1 FROM {two}.{table} b WHERE b.uuid = a.uuid"
        return uuids(f"SELECT uuid FROM {one}.{table} a WHERE NOT EXISTS ({there})")

    with database.told(other), database.attached(connection, other):
        known = {row[1] for row in connection.execute(f"PRAGMA other.table_info({table})")}
        if not known:
            return Differing(layer, uuids(f"SELECT uuid FROM {table}"), (), ())
        unlike = " OR ".join(
            f"n.{quoted(name)} IS NOT o.{quoted(name)}"
            for name in ("geom", *fields)
            if name in known
        )
        both = f"main.{table} n JOIN other.{table} o USING (uuid)"
        changed = uuids(f"SELECT uuid FROM {both} WHERE {unlike}")
        return Differing(layer, only_in("main", "other"), changed, only_in("other", "main"))
