"""Brings a project's tables up to the catalogue and the format of this program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from hjgis.layers import database, journal, media, qml, schema, serials
from hjgis.layers.project_file import stored_types
from hjgis.models import own_lists
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.crs import parse_crs
from hjgis.models.own_lists import OwnLists


def migrate(connection: sqlite3.Connection, path: Path, catalogue: Catalogue) -> bool:
    """Add what the catalogue has and the file lacks: layers, fields, titles, codes.

    Nothing is ever dropped: a field that left the catalogue keeps its column. An optional layer is
    not made here: a project has it once somebody wants it.

    Returns
    -------
    bool
        Whether there was anything to do.
    """
    digest = catalogue.digest
    if is_current(connection, digest):
        return False
    stored = {row[0] for row in connection.execute("SELECT id FROM hjgis_layer")}
    with database.transaction(connection, path):
        catalogue = own_catalogue(connection, catalogue)
        if schema.create_retired_table(connection):
            serials.retire_history(connection, journal.parked_tables(connection))
        for position, asset in enumerate(catalogue.types.values()):
            if asset.id in stored:
                _bring_up(connection, asset, catalogue)
            elif not asset.optional:
                _create(connection, asset, catalogue)
            connection.execute(
                "UPDATE hjgis_layer SET position = ? WHERE id = ?", (position, asset.id)
            )
        there = [t for t in catalogue.types.values() if t.id in stored or not t.optional]
        media.create(connection, there)
        _renew_codes(connection, catalogue)
        connection.execute(
            "INSERT OR REPLACE INTO hjgis_project VALUES ('catalogue', ?)", (digest,)
        )
        qml.note_digest(connection)
    return True


def renew_styles(connection: sqlite3.Connection, path: Path, catalogue: Catalogue) -> bool:
    """Write anew how the layers look in QGIS, if the program's styles are others than these.

    Returns
    -------
    bool
        Whether there was anything to do.
    """
    if has_styles(connection):
        return False
    with database.transaction(connection, path):
        own = own_catalogue(connection, catalogue)
        for asset in stored_types(connection, catalogue).values():
            schema.describe_fields(connection, asset, own)
        qml.note_digest(connection)
    return True


def stand_in(connection: sqlite3.Connection, types: Iterable[AssetType]) -> None:
    """Let a file of an older version be read as one of today's: what it lacks is empty.

    For connections that only read: the file stays as it is. Without this SQLite takes the name of
    a column that is not there, being in quotes, for a text.

    Parameters
    ----------
    types : iterable of AssetType
        What the layers are to be.
    """
    new = []
    for asset in types:
        table, names = schema.quoted(asset.id), asset.field_names
        there = _columns(connection, asset.id)
        lacking = ", ".join(f"NULL AS {schema.quoted(n)}" for n in names if n not in there)
        if not there and asset.optional:
            continue
        if not there:
            new.append(asset.id)
            rest = "".join(f", {schema.quoted(name)}" for name in ("geom", "uuid", *names))
            connection.execute(f"CREATE TEMP TABLE {table} (fid INTEGER PRIMARY KEY{rest})")
            tree = schema.quoted(f"rtree_{asset.id}_geom")
            connection.execute(f"CREATE TEMP TABLE {tree} (id, minx, maxx, miny, maxy)")
        elif lacking:
            connection.execute(f"CREATE TEMP VIEW {table} AS SELECT *, {lacking} FROM main.{table}")
    if new:
        more = "".join(f" UNION ALL SELECT '{layer}', 1e9, NULL" for layer in new)
        connection.execute(f"CREATE TEMP VIEW hjgis_layer AS SELECT * FROM main.hjgis_layer{more}")
    for table, columns in (*media.COLUMNS.items(), (serials.TABLE, serials.FIELD)):
        if not _columns(connection, table):
            connection.execute(f"CREATE TEMP TABLE {table} (id INTEGER PRIMARY KEY, {columns})")


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    found = connection.execute(f"PRAGMA main.table_info({schema.quoted(table)})")
    return {row[1] for row in found}


def own_catalogue(connection: sqlite3.Connection, shipped: Catalogue) -> Catalogue:
    """Return the catalogue with what a project says of its code lists."""
    row = connection.execute(
        "SELECT value FROM hjgis_project WHERE key = ?", (own_lists.FACT,)
    ).fetchone()
    return OwnLists.read(row[0] if row else None, shipped).catalogue()


def is_current_file(connection: sqlite3.Connection, path: Path, catalogue: Catalogue) -> bool:
    """Whether this is a project and its tables are those of the catalogue."""
    with database.told(path):
        ours = "SELECT 1 FROM sqlite_master WHERE name = 'hjgis_project'"
        if connection.execute(ours).fetchone() is None:
            return False
        return is_current(connection, catalogue.digest)


def has_styles(connection: sqlite3.Connection) -> bool:
    """Whether QGIS is told of the program's styles as they are."""
    row = connection.execute("SELECT value FROM hjgis_project WHERE key = ?", (qml.DIGEST,))
    return bool(row.fetchone() == (qml.digest(),))


def is_current(connection: sqlite3.Connection, digest: str) -> bool:
    """Whether a project's tables are those of the catalogue with this digest."""
    row = connection.execute("SELECT value FROM hjgis_project WHERE key = 'catalogue'").fetchone()
    return row is not None and bool(row[0] == digest)


def _bring_up(connection: sqlite3.Connection, asset: AssetType, catalogue: Catalogue) -> None:
    have = {row[1] for row in connection.execute(f"PRAGMA table_info({schema.quoted(asset.id)})")}
    missing = [field for field in asset.fields if field.name not in have]
    for name in schema.layer_triggers(asset):
        connection.execute(f"DROP TRIGGER IF EXISTS {schema.quoted(name)}")
    for field in missing:
        table, name = schema.quoted(asset.id), schema.quoted(field.name)
        if field.was in have:
            old = schema.quoted(field.was or "")
            connection.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {name}")
        else:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {schema.sql_type(field)}")
    for statement in schema.layer_triggers(asset).values():
        connection.execute(statement)
    schema.create_id_index(connection, asset)
    schema.describe_fields(connection, asset, catalogue)


def _create(connection: sqlite3.Connection, asset: AssetType, catalogue: Catalogue) -> None:
    row = connection.execute("SELECT value FROM hjgis_project WHERE key = 'crs'").fetchone()
    position = list(catalogue.types).index(asset.id)
    schema.create_layer(connection, asset, catalogue, parse_crs(row[0]), position)


def _renew_codes(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    # Imported here: it pulls in pandas, which a project that is up to date must not wait for.
    import sqlite_utils

    table = sqlite_utils.Database(connection).table("code_list")
    table.delete_where()
    table.insert_all(schema.code_rows(catalogue), pk="fid")
