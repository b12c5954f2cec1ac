"""Field titles for QGIS: a default style in the table where QGIS keeps styles.

GDAL before 3.7 does not read titles from the Schema extension, so Debian's QGIS would show
bare column names. The table and its columns are those that QGIS itself makes.
"""

from __future__ import annotations

import sqlite3
from xml.etree import ElementTree

from hjgis.models.assets import AssetType

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


def write_titles(connection: sqlite3.Connection, asset: AssetType, titles: dict[str, str]) -> None:
    """Store the default style of a layer; a style that a QGIS user made default stays.

    Parameters
    ----------
    titles : dict of str to str
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
        " VALUES ('', '', ?, ?, ?, ?, '', ?, '', 'hjgis')",
        (
            asset.id,
            "geom" if asset.is_spatial else "",
            asset.label.get("zh_CN", asset.id)[:30],
            _qml(titles),
            others is None,
        ),
    )


def _qml(titles: dict[str, str]) -> str:
    root = ElementTree.Element("qgis", version="3.22.0", styleCategories="Fields")
    aliases = ElementTree.SubElement(root, "aliases")
    for index, (column, title) in enumerate(titles.items()):
        ElementTree.SubElement(aliases, "alias", index=str(index), field=column, name=title)
    return ElementTree.tostring(root, encoding="unicode")
