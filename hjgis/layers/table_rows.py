"""What the attribute table asks of a layer: rows in an order, totals by group; for a million rows.

Row numbers come as one long text that numpy reads: a million Python numbers would take as long
again as the query, and hold up the window. What is no longer than 64 bytes is sorted by numpy, in a
third of the time that SQLite takes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import database, geometry_blob
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType, Value
from hjgis.models.measures import MEASURES, measure
from hjgis.models.query import Part, where_clause
from hjgis.progress import Progress

# Sort keys: a field or one of `MEASURES`, and whether it falls.
Order = Sequence[tuple[str, bool]]
# Larger ones would hold up the window while they are read from text.
_LOT: Final = 100_000
_SHAPES_AT_ONCE: Final = 20_000
_CACHE_KIB: Final = 64 * 1024
# Longer texts are left to SQLite to sort.
_TEXT_BYTES: Final = 64
_NUMBERS: Final = ("integer", "number", "boolean")


@dataclass(frozen=True, slots=True)
class Totals:
    """What the numbers of a column come to; None where there is none.

    Attributes
    ----------
    filled : int
        How many of `count` rows hold something.
    """

    count: int
    filled: int
    sum: float | None = None
    mean: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the same value in a field, and the totals of number columns over them."""

    value: Value
    count: int
    totals: tuple[Totals, ...]


def ordered_fids(
    connection: sqlite3.Connection,
    asset: AssetType,
    conditions: Sequence[Part],
    order: Order,
    progress: Progress,
) -> NDArray[np.int64]:
    """Return row numbers that meet all conditions, sorted by several keys and then by fid.

    Empty values come last, whether a key rises or falls.
    """
    with database.stoppable(connection, progress):
        if not conditions and not order:
            found = _unbroken_fids(connection, asset)
            if found is not None:
                return found
        found = _sorted_by_numpy(connection, asset, conditions, order, progress)
        if found is not None:
            return found
        return _sorted_by_sqlite(connection, asset, conditions, order)


def totals(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str],
    fids: NDArray[np.int64] | None,
    progress: Progress,
) -> list[Totals]:
    """Return the totals of columns over some rows, or all where `fids` is None."""
    where, values = _among(fids)
    columns = _total_columns(connection, names)
    sql = f"SELECT count(*){columns} FROM {quoted(asset.id)} {where}"
    with database.stoppable(connection, progress):
        count, *found = connection.execute(sql, values).fetchone()
    return _totals_of(count, found)


def group_totals(
    connection: sqlite3.Connection,
    asset: AssetType,
    field: str,
    names: Sequence[str],
    fids: NDArray[np.int64] | None,
    progress: Progress,
) -> list[Group]:
    """Return rows by the value of a field, the largest group first, with totals of columns.

    Parameters
    ----------
    names : sequence of str
        Number fields, or names of `MEASURES`.
    fids : array of int64, optional
        Only these rows, each once.
    """
    where, values = _among(fids)
    columns = _total_columns(connection, names)
    by = quoted(field)
    # An empty text is as empty as nothing at all.
    key = f"CASE WHEN {by} = '' THEN NULL ELSE {by} END"
    sql = (
        f"SELECT {key} AS key, count(*){columns} FROM {quoted(asset.id)} {where}"
        " GROUP BY key ORDER BY count(*) DESC, key"
    )
    boolean = asset.field(field).type == "boolean"
    with database.stoppable(connection, progress):
        rows = connection.execute(sql, values).fetchall()
    return [
        Group(bool(key) if boolean and key is not None else key, count, tuple(_totals_of(count, r)))
        for key, count, *r in rows
    ]


def filled_fields(
    connection: sqlite3.Connection, asset: AssetType, progress: Progress
) -> frozenset[str]:
    """Return the fields that hold something in at least one row."""
    counts = ", ".join(f"count(nullif({quoted(name)}, ''))" for name in asset.field_names)
    with database.stoppable(connection, progress):
        found = connection.execute(f"SELECT {counts} FROM {quoted(asset.id)}").fetchone()
    return frozenset(name for name, there in zip(asset.field_names, found, strict=True) if there)


# -- rows --------------------------------------------------------------------------------------


def _unbroken_fids(connection: sqlite3.Connection, asset: AssetType) -> NDArray[np.int64] | None:
    """Return all row numbers if they follow each other; None if they have to be read."""
    sql = f"SELECT count(*), min(fid), max(fid) FROM {quoted(asset.id)}"
    count, low, high = connection.execute(sql).fetchone()
    if not count:
        return np.empty(0, np.int64)
    return np.arange(low, high + 1, dtype=np.int64) if high - low + 1 == count else None


def _sorted_by_sqlite(
    connection: sqlite3.Connection,
    asset: AssetType,
    conditions: Sequence[Part],
    order: Order,
) -> NDArray[np.int64]:
    where, values = where_clause(asset, conditions)
    keys = [f"{_expression(connection, n)} {'DESC' if f else 'ASC'} NULLS LAST" for n, f in order]
    by = ", ".join((*keys, "fid"))
    # What does not fit into the cache would be sorted on the disk.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    # The limit, which is none, keeps the order of the inner query.
    sql = (
        "SELECT group_concat(fid) FROM"
        f" (SELECT fid FROM {quoted(asset.id)} {where} ORDER BY {by} LIMIT -1)"
    )
    return _whole(connection.execute(sql, values).fetchone()[0])


def _sorted_by_numpy(
    connection: sqlite3.Connection,
    asset: AssetType,
    conditions: Sequence[Part],
    order: Order,
    progress: Progress,
) -> NDArray[np.int64] | None:
    """Return rows sorted by keys of 8 bytes; None if there is a text too long for that."""
    fids: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    lots: list[list[_Keys]] = []
    for lot_fids, keys in _lots(connection, asset, conditions, order, progress):
        if keys is None:
            return None
        fids.append(lot_fids)
        lots.append(keys)
    rows = np.concatenate(fids)
    if not len(rows):
        return rows
    arrays = [
        array
        for place, (_name, falls) in enumerate(order)
        for array in _joined([lot[place] for lot in lots], falls=falls)
    ]
    # What is the same everywhere, mostly that nothing is empty, decides nothing.
    arrays = [array for array in arrays if (array != array[0]).any()]
    # The last one counts most; it is stable, and rows come in the order of their numbers.
    return rows[np.lexsort(arrays[::-1])] if arrays else rows


# Parts of a sort key, the first one counting most, and where it is empty.
_Keys = tuple[list[NDArray[Any]], NDArray[np.bool_]]


def _joined(lots: Sequence[_Keys], *, falls: bool) -> list[NDArray[Any]]:
    """Return the parts of a key over all lots; empty values come last in either direction."""
    empty = np.concatenate([lot[1] for lot in lots])
    result = [empty]
    for part in range(max(len(lot[0]) for lot in lots)):
        # Where a lot has shorter texts, there is nothing more to compare.
        pieces = [lot[0][part] if part < len(lot[0]) else np.zeros(len(lot[1])) for lot in lots]
        kind = next(lot[0][part].dtype for lot in lots if part < len(lot[0]))
        values = np.concatenate([piece.astype(kind) for piece in pieces])
        if falls:
            values = -values if kind == np.float64 else ~values
        values[empty] = 0
        result.append(values)
    return result


def _lots(
    connection: sqlite3.Connection,
    asset: AssetType,
    conditions: Sequence[Part],
    order: Order,
    progress: Progress,
) -> Iterator[tuple[NDArray[np.int64], list[_Keys] | None]]:
    """Yield row numbers with sort keys; None for keys where a text is too long for them."""
    where, values = where_clause(asset, conditions)
    also = f"{where} AND" if where else "WHERE"
    names = [name for name, _falls in order]
    fields = list(dict.fromkeys(name for name in names if name not in MEASURES))
    is_text = {name: asset.field(name).type not in _NUMBERS for name in fields}
    columns = "".join(_text_sql(n) if is_text[n] else _number_sql(n) for n in fields)
    inner = "".join(f", {quoted(name)}" for name in fields)
    sql = (
        f"SELECT group_concat(fid){columns} FROM (SELECT fid{inner} FROM {quoted(asset.id)}"
        f" {also} fid > ? ORDER BY fid LIMIT {_LOT})"
    )
    after = 0
    while True:
        progress.check()
        numbers, *found = connection.execute(sql, (*values, after)).fetchone()
        fids = _whole(numbers)
        if not len(fids):
            return
        after = int(fids[-1])
        read: dict[str, _Keys | None] = {}
        for name in fields:
            read[name] = (
                _text_keys(found.pop(0), found.pop(0))
                if is_text[name]
                else _number_keys(np.fromstring(found.pop(0), np.float64, sep=","))
            )
        for name in set(names) - set(fields):
            read[name] = _number_keys(_measured(connection, asset, name, fids))
        keys = [read[name] for name in names]
        yield fids, None if None in keys else [key for key in keys if key is not None]


def _number_sql(name: str) -> str:
    return f", group_concat(coalesce({_as_number(quoted(name))}, 'nan'))"


def _text_sql(name: str) -> str:
    column = quoted(name)
    return (
        f", CAST(group_concat({column}, '') AS BLOB),"
        f" group_concat(coalesce(length(CAST({column} AS BLOB)), -1))"
    )


def _number_keys(numbers: NDArray[np.float64]) -> _Keys:
    return [numbers], np.isnan(numbers)


def _text_keys(joined: bytes | None, lengths: str) -> _Keys | None:
    """Return the bytes of texts as whole numbers of 8 bytes: their order is that of UTF-8.

    Parameters
    ----------
    joined : bytes
        All texts, one after the other.
    lengths : str
        Bytes of each; -1 where there is none.
    """
    sizes = _whole(lengths)
    longest = int(sizes.max())
    empty = sizes < 0
    sizes[empty] = 0
    text = np.frombuffer(joined or b"", np.uint8)
    if longest > _TEXT_BYTES or len(text) != int(sizes.sum()):
        # An SQLite that ends a text at its first zero byte also comes this way.
        return None
    starts = np.cumsum(sizes) - sizes
    text = np.append(text, np.zeros(8, np.uint8))
    parts: list[NDArray[Any]] = []
    for at in range(0, max(longest, 1), 8):
        along = at + np.arange(8)
        inside = along < sizes[:, None]
        taken = text[np.where(inside, starts[:, None] + along, len(text) - 1)]
        parts.append(taken.view(">u8").ravel().astype(np.uint64))
    return parts, empty


def _measured(
    connection: sqlite3.Connection, asset: AssetType, name: str, fids: NDArray[np.int64]
) -> NDArray[np.float64]:
    parts = [np.empty(0)]
    for start in range(0, len(fids), _SHAPES_AT_ONCE):
        where, values = _among(fids[start : start + _SHAPES_AT_ONCE])
        sql = f"SELECT geom FROM {quoted(asset.id)} {where} ORDER BY fid"
        blobs = [row[0] for row in connection.execute(sql, values)]
        parts.append(measure(name, geometry_blob.decode(blobs)))
    return np.concatenate(parts)


def _whole(text: str | None) -> NDArray[np.int64]:
    return np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)


def _among(fids: NDArray[np.int64] | None) -> tuple[str, tuple[str, ...]]:
    if fids is None:
        return "", ()
    if len(fids) and int(fids.max()) - int(fids.min()) + 1 == len(fids):
        return f"WHERE fid BETWEEN {int(fids.min())} AND {int(fids.max())}", ()
    return "WHERE fid IN (SELECT value FROM json_each(?))", (json.dumps(fids.tolist()),)


# -- totals ------------------------------------------------------------------------------------


def _expression(connection: sqlite3.Connection, name: str) -> str:
    """Return what stands for a column in SQL; a measure becomes a function of the connection."""
    if name not in MEASURES:
        return quoted(name)

    def of_blob(blob: bytes | None) -> float | None:
        shape = geometry_blob.decode_one(blob)
        found = float(measure(name, np.array([shape], object))[0])
        return None if np.isnan(found) else found

    function = f"hjgis_{name[1:]}"
    connection.create_function(function, 1, of_blob, deterministic=True)
    return f"{function}(geom)"


def _as_number(expression: str) -> str:
    """Return the same where it is a number: what another program wrote may be text."""
    return f"CASE WHEN typeof({expression}) IN ('integer', 'real') THEN {expression} END"


def _total_columns(connection: sqlite3.Connection, names: Sequence[str]) -> str:
    expressions = [_as_number(_expression(connection, name)) for name in names]
    return "".join(f", count({e}), total({e}), min({e}), max({e})" for e in expressions)


def _totals_of(count: int, found: Sequence[Any]) -> list[Totals]:
    result = []
    for start in range(0, len(found), 4):
        filled, summed, low, high = found[start : start + 4]
        if not filled:
            result.append(Totals(count, 0))
        else:
            result.append(Totals(count, filled, summed, summed / filled, low, high))
    return result
