"""Reads stored rows of one layer: as features, as columns, as a digest."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.layers import geometry_blob, statements
from hjgis.layers.schema import place_sql, quoted
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent, Feature, FeatureKey
from hjgis.models.reading import LayerTable

_TREE_HEAD: Final = 4
_TREE_CELL: Final = np.dtype([("number", ">i8"), ("sides", ">f4", 4)])


def features(
    connection: sqlite3.Connection, asset: AssetType, where: str, values: Sequence[Any]
) -> list[Feature]:
    """Return the features that a WHERE clause names, in fid order."""
    rows = connection.execute(
        f"SELECT fid, uuid, {place_sql(asset)}{statements.more_columns(asset.field_names)}"
        f" FROM {quoted(asset.id)} {where} ORDER BY fid",
        values,
    ).fetchall()
    shapes = geometry_blob.decode([row[2] for row in rows])
    flags = [field.type == "boolean" for field in asset.fields]
    return [
        Feature(
            FeatureKey(asset.id, row[1]),
            shape,
            {
                name: bool(value) if flag and value is not None else value
                for name, value, flag in zip(asset.field_names, row[3:], flags, strict=True)
            },
            row[0],
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]


def fid(connection: sqlite3.Connection, key: FeatureKey) -> int:
    """Return the row number of a feature; KeyError if there is none."""
    sql = f"SELECT fid FROM {quoted(key.layer)} WHERE uuid = ?"
    row = connection.execute(sql, (key.uuid,)).fetchone()
    if row is None:
        raise KeyError(str(key))
    return int(row[0])


def table(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str] | None,
    *,
    fids: Iterable[int] | None,
    extent: Extent | None,
    geometry: bool,
) -> LayerTable:
    """Return columns of a layer; see `GeoPackageStore.table`."""
    names = asset.field_names if names is None else tuple(names)
    where, values = in_extent(asset, extent) if extent else ("", ())
    if fids is not None:
        numbers = ",".join(str(int(fid)) for fid in fids)
        where, values = f"WHERE fid IN ({numbers})", ()
    shape = place_sql(asset) if geometry else "NULL"
    columns = statements.more_columns(names)
    rows = connection.execute(
        f"SELECT fid, uuid, {shape}{columns} FROM {quoted(asset.id)} {where} ORDER BY fid", values
    ).fetchall()
    parts = list(zip(*rows, strict=True)) if rows else [()] * (3 + len(names))
    read = {
        name: _column(part, boolean=asset.field(name).type == "boolean")
        for name, part in zip(names, parts[3:], strict=True)
    }
    shapes = geometry_blob.decode(parts[2]) if geometry else None
    return LayerTable(asset.id, np.array(parts[0], dtype=np.int64), _column(parts[1]), shapes, read)


def extent(connection: sqlite3.Connection, asset: AssetType) -> Extent | None:
    """Return the box around a layer's features, from its R-tree; None if it has no places.

    The root of the tree knows the boxes of all that hangs below it: two bytes of depth, two of
    count, then a number and four sides for each (https://sqlite.org/rtree.html, 6.3).
    """
    if not asset.is_spatial:
        return None
    tree = f"rtree_{asset.id}_geom"
    try:
        sql = f"SELECT data FROM {quoted(f'{tree}_node')} WHERE nodeno = 1"
        row = connection.execute(sql).fetchone()
    except sqlite3.OperationalError:
        # A layer that an older file lacks stands there as empty views, which have no nodes.
        sql = f"SELECT min(minx), min(miny), max(maxx), max(maxy) FROM {quoted(tree)}"
        walked = connection.execute(sql).fetchone()
        return None if walked[0] is None else tuple(walked)
    count = int.from_bytes(row[0][2:4], "big") if row is not None else 0
    if not count:
        return None
    sides = np.frombuffer(row[0], _TREE_CELL, count, _TREE_HEAD)["sides"].astype(float)
    low, high = sides[:, ::2].min(axis=0), sides[:, 1::2].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def content_sha256(connection: sqlite3.Connection, assets: Iterable[AssetType]) -> str:
    """Return a digest over all rows of layers by uuid: every field but fid."""
    digest = hashlib.sha256()
    for asset in assets:
        digest.update(f"{asset.id}\n".encode())
        columns = "".join(f", {quoted(name)}" for name in sorted(asset.field_names))
        sql = f"SELECT uuid, {place_sql(asset)}{columns} FROM {quoted(asset.id)} ORDER BY uuid"
        for uuid, geom, *values in connection.execute(sql):
            shape = geometry_blob.decode_one(geom)
            wkb = None if shape is None else shapely.to_wkb(shape, hex=True, output_dimension=4)
            line = json.dumps([uuid, wkb, *values], ensure_ascii=False)
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def in_extent(asset: AssetType, extent: Extent) -> tuple[str, tuple[float, ...]]:
    """Return the WHERE clause of rows whose box meets an extent, with its values."""
    if not asset.is_spatial:
        return "WHERE 0", ()
    tree, values = _in_tree(asset, extent)
    return f"WHERE fid IN (SELECT id FROM {tree})", values


def fids_within(
    connection: sqlite3.Connection, asset: AssetType, extent: Extent
) -> NDArray[np.int64]:
    """Return row numbers whose box meets an extent, rising, from a layer's R-tree alone."""
    if not asset.is_spatial:
        return np.empty(0, np.int64)
    tree, values = _in_tree(asset, extent)
    # One long text: a million small numbers would take three times as long.
    listed = connection.execute(f"SELECT group_concat(id) FROM {tree}", values).fetchone()[0]
    return np.sort(np.fromstring(listed or "", dtype=np.int64, sep=","))


def _in_tree(asset: AssetType, extent: Extent) -> tuple[str, tuple[float, ...]]:
    xmin, ymin, xmax, ymax = extent
    tree = quoted(f"rtree_{asset.id}_geom")
    found = f"{tree} WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?"
    return found, (xmin, xmax, ymin, ymax)


def _column(values: Sequence[Any], *, boolean: bool = False) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = [None if v is None else bool(v) for v in values] if boolean else values
    return array
