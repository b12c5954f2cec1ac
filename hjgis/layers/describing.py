"""Titles, code lists and looks, written into a GeoPackage that is no project."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from hjgis.layers import database, schema
from hjgis.models.assets import AssetType, Catalogue


def describe(path: Path, layers: Iterable[AssetType], catalogue: Catalogue) -> None:
    """Write what QGIS and others show of layers that a GeoPackage holds.

    Parameters
    ----------
    path : Path
        Closed elsewhere; made by GDAL, so without these tables.
    layers : iterable of AssetType
        With the fields that are there.

    Raises
    ------
    ProjectError
        If it cannot be written.
    """
    with database.told(path), closing(database.connect(path, write=True)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        schema.create_description(connection)
        for asset in layers:
            schema.describe_fields(connection, asset, catalogue)
        connection.execute("COMMIT")
