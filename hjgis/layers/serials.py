"""Which component ids there are, or have ever been: none is given twice.

What a feature no longer has, because it was deleted, undone or got another class, is kept in the
table ``hjgis_retired`` beside the journal, which may be archived.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from hjgis.models.assets import AssetType, Value
from hjgis.models.identifiers import SERIAL_DIGITS

FIELD: Final = "component_id"
TABLE: Final = "hjgis_retired"
# As text, ids of 17 digits stand among those of 16: sorted by length, none has to be passed over.
_SORTED: Final = f"(length({FIELD}), {FIELD})"
TABLE_SQL: Final = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} (component_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
    f"CREATE INDEX IF NOT EXISTS {TABLE}_ids ON {TABLE} {_SORTED}",
)


def index_sql(asset: AssetType) -> str | None:
    """Return the statement that lets ids of a layer be found at once; None if it has none."""
    if not asset.has(FIELD):
        return None
    # Many come without an id; these cost nothing so.
    return (
        f'CREATE INDEX IF NOT EXISTS "{asset.id}_ids" ON "{asset.id}" {_SORTED}'
        f" WHERE {FIELD} NOTNULL"
    )


def retire(connection: sqlite3.Connection, olds: Iterable[Mapping[str, Value] | None]) -> None:
    """Keep the ids among old values of features."""
    ids = [(old[FIELD],) for old in olds if old and isinstance(old.get(FIELD), str)]
    connection.executemany(f"INSERT OR IGNORE INTO {TABLE} VALUES (?)", ids)


def retire_rows(connection: sqlite3.Connection, asset: AssetType, low: int, high: int) -> None:
    """Keep the ids of a run of rows that goes."""
    if asset.has(FIELD):
        connection.execute(
            f'INSERT OR IGNORE INTO {TABLE} SELECT {FIELD} FROM "{asset.id}"'
            f" WHERE fid BETWEEN ? AND ? AND {FIELD} NOTNULL",
            (low, high),
        )


def retire_history(connection: sqlite3.Connection, parked: Iterable[str]) -> None:
    """Keep the ids that the journal of an older file tells of."""
    connection.execute(
        f"INSERT OR IGNORE INTO {TABLE} SELECT id FROM (SELECT json_extract(old, '$.{FIELD}') AS id"
        " FROM hjgis_change_row WHERE old NOTNULL AND json_valid(old)) WHERE typeof(id) = 'text'"
    )
    for table in parked:
        names = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
        if FIELD in names:
            connection.execute(
                f'INSERT OR IGNORE INTO {TABLE} SELECT {FIELD} FROM "{table}" WHERE {FIELD} NOTNULL'
            )


def highest(
    connection: sqlite3.Connection,
    layers: Iterable[AssetType],
    prefix: str,
    serials: range,
) -> int | None:
    """Return the highest serial ever used behind county and class; None if there is none."""
    found = [
        row[0]
        for table in _tables(layers)
        if (
            row := connection.execute(
                f"SELECT {FIELD} FROM {table} WHERE {_WITHIN} ORDER BY {FIELD} DESC LIMIT 1",
                _bounds(prefix, serials),
            ).fetchone()
        )
    ]
    return max((int(text[-SERIAL_DIGITS:]) for text in found), default=None)


def used(
    connection: sqlite3.Connection,
    layers: Iterable[AssetType],
    prefix: str,
    serials: range,
) -> set[int]:
    """Return all serials ever used behind county and class."""
    return {
        int(row[0][-SERIAL_DIGITS:])
        for table in _tables(layers)
        for row in connection.execute(
            f"SELECT {FIELD} FROM {table} WHERE {_WITHIN}", _bounds(prefix, serials)
        )
    }


def known(
    connection: sqlite3.Connection, layers: Iterable[AssetType], ids: Sequence[str]
) -> dict[str, set[tuple[str, int]]]:
    """Return which of some ids are or were in use: by layer and fid; by none: in former times."""
    result: dict[str, set[tuple[str, int]]] = {}
    for some in _alike(ids):
        # What equals one value is a constant to SQLite, which then does not see the index.
        some += some[:1]
        marks = ",".join("?" * len(some))
        where = f"WHERE length({FIELD}) = {len(some[0])} AND {FIELD} IN ({marks})"
        for (text,) in connection.execute(f"SELECT {FIELD} FROM {TABLE} {where}", some):
            result.setdefault(text, set())
        for asset in layers:
            if asset.has(FIELD):
                found = connection.execute(f'SELECT {FIELD}, fid FROM "{asset.id}" {where}', some)
                for text, fid in found:
                    result.setdefault(text, set()).add((asset.id, fid))
    return result


_BATCH: Final = 500
_WITHIN: Final = f"{FIELD} BETWEEN ? AND ? AND length({FIELD}) = ? AND {FIELD} NOT GLOB '*[^0-9]*'"


def _alike(ids: Sequence[str]) -> Iterator[list[str]]:
    """Yield ids of one length, so many at once."""
    for length in sorted({len(text) for text in ids}):
        same = [text for text in ids if len(text) == length]
        for start in range(0, len(same), _BATCH):
            yield same[start : start + _BATCH]


def _tables(layers: Iterable[AssetType]) -> list[str]:
    return [TABLE, *(f'"{asset.id}"' for asset in layers if asset.has(FIELD))]


def _bounds(prefix: str, serials: range) -> tuple[str, str, int]:
    low, high = (
        f"{prefix}{serial:0{SERIAL_DIGITS}d}" for serial in (serials.start, serials.stop - 1)
    )
    return low, high, len(low)
