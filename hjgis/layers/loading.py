"""Reading a layer's geometry for the map: batches of rows by SQL, arrays by numpy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.blob_arrays import Batch
from hjgis.layers.feature_rows import fids_within
from hjgis.layers.schema import place_sql, quoted
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.styles.style import Style

# The first batch is small: something is to be seen at once.
FIRST_ROWS: Final = 4_000
# Fewer make more parts to search for every click; more would stand still for too long.
ROWS: Final = 200_000


def batches(
    connection: sqlite3.Connection,
    asset: AssetType,
    style: Style,
    *,
    after: int = 0,
) -> Iterator[Batch]:
    """Yield the rows of a layer, in fid order; those without a geometry have an empty blob.

    Parameters
    ----------
    after : int
        Only rows with a greater fid.
    """
    source, rows = f"{quoted(asset.id)} WHERE fid > ? ORDER BY fid LIMIT ?", FIRST_ROWS
    while batch := _batch(connection, asset, style, source, (after, rows)):
        yield batch
        after, rows = int(batch.fids[-1]), ROWS


def rows_of(
    connection: sqlite3.Connection, asset: AssetType, style: Style, fids: NDArray[np.int64]
) -> Iterator[Batch]:
    """Yield these rows of a layer."""
    ordered = np.sort(fids)
    for start in range(0, len(ordered), ROWS):
        batch = _named(connection, asset, style, ordered[start : start + ROWS])
        if batch:
            yield batch


def within(connection: sqlite3.Connection, asset: AssetType, style: Style, extent: Extent) -> Batch:
    """Read the rows of a layer whose box meets an extent, in fid order."""
    with snapshot(connection):
        batch = _named(connection, asset, style, fids_within(connection, asset, extent))
    none = np.empty(0, np.int64)
    return batch or Batch(none, none, b"", np.empty(0, np.uint8))


def _named(
    connection: sqlite3.Connection, asset: AssetType, style: Style, fids: NDArray[np.int64]
) -> Batch | None:
    """Read rows by their numbers, which rise: to read on is quicker than to look each up."""
    if not len(fids):
        return None
    firsts = np.flatnonzero(np.diff(fids, prepend=fids[0] - 2) > 1)
    lasts = np.append(firsts[1:], len(fids)) - 1
    runs = zip(fids[firsts].tolist(), fids[lasts].tolist(), strict=True)
    listed = ",".join(f"({first},{last})" for first, last in runs)
    source = f"(VALUES {listed}) CROSS JOIN {quoted(asset.id)} ON fid BETWEEN column1 AND column2"
    return _batch(connection, asset, style, source, (), fids=fids)


def _batch(
    connection: sqlite3.Connection,
    asset: AssetType,
    style: Style,
    source: str,
    values: Sequence[int],
    *,
    fids: NDArray[np.int64] | None = None,
) -> Batch | None:
    """Read rows as a few long values: ten thousands of small objects would take much longer.

    Parameters
    ----------
    source : str
        What stands after FROM, in fid order.
    fids : array of int64, optional
        Numbers of the rows, if they are known.
    """
    class_sql, codes = _class_sql(style)
    rows = (
        "FROM (SELECT fid, geom, length(geom) AS size, class FROM"
        f" (SELECT fid, coalesce(CAST({place_sql(asset)} AS BLOB), x'') AS geom,"
        f" {class_sql} AS class FROM {source}))"
    )

    def asked(columns: str) -> Sequence[Any]:
        found: Sequence[Any] = connection.execute(
            f"SELECT {columns} {rows}", (*codes, *values)
        ).fetchone()
        return found

    with snapshot(connection):
        # What is known is not asked: SQLite turns numbers in one query with texts to and fro.
        limits = "min(fid), max(fid)" if fids is None else "0, -1"
        count, low, high, lengths, blobs, classes = asked(
            f"count(*), {limits}, group_concat(size), CAST(group_concat(geom, '') AS BLOB),"
            " group_concat(class, '')"
        )
        if not count:
            return None
        sizes = _numbers(lengths)
        if len(blobs) != sizes.sum():
            # An SQLite that ends such a text at its first zero byte; this takes three times.
            blobs = bytes.fromhex(asked("group_concat(hex(geom), '')")[0])
        if fids is None or len(fids) != count:
            gapless = high - low + 1 == count
            fids = np.arange(low, high + 1) if gapless else _numbers(asked("group_concat(fid)")[0])
    return Batch(fids, sizes, blobs, np.frombuffer(bytes.fromhex(classes), np.uint8))


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Let several queries see the same state, whatever another program writes meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def _numbers(text: str) -> NDArray[np.int64]:
    return np.fromstring(text, dtype=np.int64, sep=",")


def _class_sql(style: Style) -> tuple[str, list[object]]:
    """Return SQL for the class of a row as two hexadecimal digits, and the codes it asks for."""
    other = f"'{len(style.classes):02x}'"
    if not style.class_field or not (style.class_of_code or style.spans):
        return other, []
    if style.spans:
        return _span_sql(style, quoted(style.class_field), other)
    cases = " ".join(f"WHEN ? THEN '{index:02x}'" for index in style.class_of_code.values())
    return f"CASE {quoted(style.class_field)} {cases} ELSE {other} END", [*style.class_of_code]


def _span_sql(style: Style, column: str, other: str) -> tuple[str, list[object]]:
    """Return the same where classes hold numbers from one to another; text has no number."""
    cases = [f"WHEN {column} = ? THEN '{index:02x}'" for index in style.class_of_code.values()]
    asked: list[object] = [*style.class_of_code]
    for index, low, high in style.spans:
        cases.append(f"WHEN {column} >= ? AND {column} <= ? THEN '{index:02x}'")
        asked += [low, high]
    return f"CASE {' '.join(cases)} ELSE {other} END", asked
