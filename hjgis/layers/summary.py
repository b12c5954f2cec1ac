"""What many features have in common, field by field, without reading each of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType, Value


@dataclass(frozen=True, slots=True)
class Common:
    """One field of many features.

    Attributes
    ----------
    value : scalar or None
        What all have; where they differ, the most frequent value of a coded field.
    different : int
        How many values there are, missing counted as one.
    """

    value: Value
    different: int


def common_values(
    db: sqlite3.Connection, asset: AssetType, fids: NDArray[np.int64]
) -> dict[str, Common]:
    """Return what each field holds in rows of a layer.

    Numbers that are equal are one value; two SQL queries, and one for each coded field in which
    the features differ.
    """
    where, bound = _where(fids)
    names = asset.field_names
    columns = ", ".join(f"count({quoted(n)}), min({quoted(n)}), max({quoted(n)})" for n in names)
    row = db.execute(f"SELECT {columns} FROM {quoted(asset.id)} {where}", bound).fetchone()
    result: dict[str, Common] = {}
    mixed = []
    for place, name in enumerate(names):
        filled, low, high = row[3 * place : 3 * place + 3]
        if low == high and filled in (0, len(fids)):
            flag = asset.field(name).type == "boolean" and low is not None
            result[name] = Common(bool(low) if flag else low, 1)
        else:
            mixed.append((name, filled < len(fids)))
    counts = _counts(db, asset, where, bound, [name for name, _lacking in mixed])
    for (name, lacking), count in zip(mixed, counts, strict=True):
        coded = asset.field(name).type == "code"
        most = _most(db, asset, where, bound, name) if coded else None
        result[name] = Common(most, count + lacking)
    return result


def alike(
    db: sqlite3.Connection,
    asset: AssetType,
    fids: NDArray[np.int64],
    names: Sequence[str],
    kept: Sequence[str],
) -> list[tuple[dict[str, Value], int]]:
    """Return how many rows of a layer lack the same fields.

    Parameters
    ----------
    names : sequence of str
        Fields of which it is asked whether they hold something: then they are 1, else None.
    kept : sequence of str
        Fields whose values are told as they are.
    """
    where, bound = _where(fids)
    asked = [name for name in names if name not in kept]
    columns = [f"CASE WHEN {quoted(name)} != '' THEN 1 END" for name in asked]
    columns += [quoted(name) for name in kept]
    listed, turns = ", ".join(columns), ", ".join(map(str, range(1, len(columns) + 1)))
    sql = f"SELECT {listed}, count(*) FROM {quoted(asset.id)} {where} GROUP BY {turns}"
    rows = db.execute(sql, bound) if columns else ()
    return [(dict(zip((*asked, *kept), row, strict=False)), row[-1]) for row in rows]


def _counts(
    db: sqlite3.Connection, asset: AssetType, where: str, bound: list[Any], names: Sequence[str]
) -> tuple[int, ...]:
    if not names:
        return ()
    columns = ", ".join(f"count(DISTINCT {quoted(name)})" for name in names)
    row = db.execute(f"SELECT {columns} FROM {quoted(asset.id)} {where}", bound).fetchone()
    return tuple(int(count) for count in row)


def _most(
    db: sqlite3.Connection, asset: AssetType, where: str, bound: list[Any], name: str
) -> Value:
    column = quoted(name)
    sql = f"SELECT {column} FROM {quoted(asset.id)} {where} AND {column} NOTNULL"
    row = db.execute(f"{sql} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1", bound).fetchone()
    return None if row is None else row[0]


def _where(fids: NDArray[np.int64]) -> tuple[str, list[Any]]:
    if len(fids) and int(fids[-1]) - int(fids[0]) + 1 == len(fids):
        return "WHERE fid BETWEEN ? AND ?", [int(fids[0]), int(fids[-1])]
    return "WHERE fid IN (SELECT value FROM json_each(?))", [json.dumps(fids.tolist())]
