"""Reading a layer's geometry for the map: batches of rows by SQL, arrays by numpy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.blob_arrays import Batch
from hjgis.layers.schema import quoted
from hjgis.models.style import Style

# The first batch is small: something is to be seen at once.
FIRST_ROWS: Final = 4_000
# Fewer make more parts to search for every click; more would stand still for too long.
ROWS: Final = 200_000


def batches(
    connection: sqlite3.Connection,
    layer: str,
    style: Style,
    *,
    after: int = 0,
    first_rows: int = FIRST_ROWS,
) -> Iterator[Batch]:
    """Yield the rows of a layer, in fid order; those without a geometry have an empty blob.

    Parameters
    ----------
    after : int
        Only rows with a greater fid.
    """
    rows = first_rows
    while batch := _batch(connection, layer, style, "fid > ?", (after, rows)):
        yield batch
        after, rows = int(batch.fids[-1]), ROWS


def rows_of(
    connection: sqlite3.Connection, layer: str, style: Style, fids: NDArray[np.int64]
) -> Iterator[Batch]:
    """Yield these rows of a layer."""
    ordered = np.sort(fids)
    for start in range(0, len(ordered), ROWS):
        chosen = ordered[start : start + ROWS].tolist()
        where = f"fid IN ({','.join(map(str, chosen))})"
        batch = _batch(connection, layer, style, where, (len(chosen),))
        if batch:
            yield batch


def _batch(
    connection: sqlite3.Connection,
    layer: str,
    style: Style,
    where: str,
    values: Sequence[int],
) -> Batch | None:
    """Read rows as a few long values: ten thousands of small objects would take much longer."""
    class_sql, codes = _class_sql(style)
    rows = (
        "FROM (SELECT fid, geom, length(geom) AS size, class FROM"
        f" (SELECT fid, coalesce(CAST(geom AS BLOB), x'') AS geom, {class_sql} AS class"
        f" FROM {quoted(layer)} WHERE {where} ORDER BY fid LIMIT ?))"
    )
    count, low, high, fids, shortest, longest, size, sizes, blobs, classes = connection.execute(
        "SELECT count(*), min(fid), max(fid), group_concat(fid), min(size), max(size), sum(size),"
        " group_concat(size), CAST(group_concat(geom, '') AS BLOB), group_concat(class, '')"
        f" {rows}",
        (*codes, *values),
    ).fetchone()
    if not count:
        return None
    if len(blobs) != size:
        # An SQLite that ends such a text at its first zero byte; this way takes three times.
        sql = f"SELECT group_concat(hex(geom), '') {rows}"
        blobs = bytes.fromhex(connection.execute(sql, (*codes, *values)).fetchone()[0])
    return Batch(
        _numbers(fids) if high - low >= count else np.arange(low, high + 1),
        _numbers(sizes) if longest > shortest else np.full(count, longest),
        blobs,
        np.frombuffer(bytes.fromhex(classes), np.uint8),
    )


def _numbers(text: str) -> NDArray[np.int64]:
    return np.fromstring(text, dtype=np.int64, sep=",")


def _class_sql(style: Style) -> tuple[str, list[object]]:
    """Return SQL for the class of a row as two hexadecimal digits, and the codes it asks for."""
    other = f"'{len(style.classes):02x}'"
    if not style.class_field or not style.class_of_code:
        return other, []
    cases = " ".join(f"WHEN ? THEN '{index:02x}'" for index in style.class_of_code.values())
    return f"CASE {quoted(style.class_field)} {cases} ELSE {other} END", [*style.class_of_code]
