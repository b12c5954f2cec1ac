"""What QGIS is told of the layers: looks, titles and code lists, where QGIS keeps styles.

GDAL before 3.7 does not read titles from the Schema extension, so Debian's QGIS would show
bare column names. The table and its columns are those that QGIS itself makes.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from functools import cache
from typing import Final

from hjgis import paths
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.styles import qml_writing, sld_writing
from hjgis.models.styles.style import Style

# The fact of a project that says by which styles its table was written.
DIGEST: Final = "layer_styles"

_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""


def create_table(connection: sqlite3.Connection) -> None:
    """Make the style table and register it."""
    connection.execute(_TABLE)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles')"
    )


@cache
def digest() -> str:
    """Return what changes with any style of the program and with how it is written."""
    found = hashlib.sha256(str(qml_writing.WRITER).encode())
    for path in sorted((paths.resources() / "styles").glob("*.toml")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def note_digest(connection: sqlite3.Connection) -> None:
    """Remember that the table holds the styles of this program."""
    connection.execute("INSERT OR REPLACE INTO hjgis_project VALUES (?, ?)", (DIGEST, digest()))


def write(
    connection: sqlite3.Connection,
    asset: AssetType,
    style: Style | None,
    titles: Mapping[str, str],
    catalogue: Catalogue,
) -> None:
    """Store how a layer looks in QGIS; a style that a QGIS user made default stays the default.

    Parameters
    ----------
    style : Style or None
        None for a table without geometry.
    titles : mapping of str to str
        Column name to title.
    """
    connection.execute(
        "DELETE FROM layer_styles WHERE f_table_name = ? AND owner = 'hjgis'", (asset.id,)
    )
    others = connection.execute(
        "SELECT 1 FROM layer_styles WHERE f_table_name = ? AND useAsDefault", (asset.id,)
    ).fetchone()
    connection.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
        " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner)"
        " VALUES ('', '', ?, ?, ?, ?, ?, ?, '', 'hjgis')",
        (
            asset.id,
            "geom" if asset.is_spatial else "",
            asset.label.get("zh_CN", asset.id)[:30],
            qml_writing.qml(asset, style, titles, catalogue),
            "" if style is None else sld_writing.sld(asset, style),
            others is None,
        ),
    )
