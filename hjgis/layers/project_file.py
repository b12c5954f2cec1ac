"""A project file before it is a project: made anew, or looked at before it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from hjgis.layers import database, media, qml, schema
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.changes import new_uuid
from hjgis.models.crs import Crs, parse_crs


def create(
    path: Path, catalogue: Catalogue, system: Crs, *, title: str, info: Mapping[str, str]
) -> None:
    """Make an empty project file.

    Parameters
    ----------
    info : mapping of str to str
        Further facts for the project table.

    Raises
    ------
    ProjectError
        If the file exists or cannot be written.
    """
    facts = {
        "schema_version": str(schema.SCHEMA_VERSION),
        "project_uuid": new_uuid(),
        "title": title or path.stem,
        "crs": system.text,
        "catalogue": catalogue.digest,
        **info,
    }
    connection = database.create(path)
    try:
        with database.told(path):
            _create_tables(connection, catalogue, system, facts)
    finally:
        connection.close()


def node_layers(types: Mapping[str, AssetType]) -> tuple[str, ...]:
    """Return the layers of points that the lines among some types end on."""
    return tuple(dict.fromkeys(name for asset in types.values() for name in asset.ends_on))


def stored_types(connection: sqlite3.Connection, catalogue: Catalogue) -> dict[str, AssetType]:
    """Return the asset types of a file's layers in draw order."""
    rows = connection.execute("SELECT id, definition FROM hjgis_layer ORDER BY position")
    return {
        layer: catalogue.types[layer]
        if layer in catalogue.types
        else schema.dynamic_type(layer, definition)
        for layer, definition in rows
        if definition is not None or layer in catalogue.types
    }


def crs(connection: sqlite3.Connection) -> Crs:
    """Return the CRS of a project."""
    row = connection.execute("SELECT value FROM hjgis_project WHERE key = 'crs'").fetchone()
    return parse_crs(row[0])


def _create_tables(
    connection: sqlite3.Connection, catalogue: Catalogue, crs: Crs, facts: Mapping[str, str]
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    schema.create_base(connection, crs, parse_crs("EPSG:4326"))
    for position, asset in enumerate(catalogue.types.values()):
        if not asset.optional:
            schema.create_layer(connection, asset, catalogue, crs, position)
    schema.create_network_view(connection, node_layers(catalogue.types))
    media.create(connection, [each for each in catalogue.types.values() if not each.optional])
    schema.create_code_table(connection, catalogue)
    connection.executemany("INSERT INTO hjgis_project VALUES (?, ?)", facts.items())
    qml.note_digest(connection)
    connection.execute("COMMIT")
