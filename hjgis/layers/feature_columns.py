"""Reads many rows of a layer as columns by the type of their fields."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import geometry_blob, statements, whole_columns
from hjgis.layers.feature_rows import in_extent
from hjgis.layers.glance import Glance
from hjgis.layers.growing import Numbers, Texts, is_numeric, uncollected
from hjgis.layers.plain_blobs import MadeShapes
from hjgis.layers.schema import place_sql, quoted
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Extent
from hjgis.models.reading import Doubt, FeatureColumns
from hjgis.progress import SILENT, Progress

# Few enough that a job is cancelled soon, many enough that a call for each costs nothing.
_ROWS: Final = 20_000


def columns(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str],
    *,
    fids: NDArray[np.int64] | None = None,
    extent: Extent | None = None,
    doubts: Sequence[Doubt] | None = None,
    geometry: bool = True,
    late: Collection[str] = (),
    later: sqlite3.Connection | None = None,
    progress: Progress = SILENT,
) -> FeatureColumns:
    """Read fields of a layer's rows; see `GeoPackageStore.columns`."""
    if fids is None and extent is None and doubts is None:
        return whole_columns.columns(
            connection,
            asset,
            names,
            geometry=geometry,
            late=late,
            later=later or connection,
            progress=progress,
        )
    where, values = _where(connection, asset, fids, extent, doubts)
    shape = place_sql(asset) if geometry else "NULL"
    cursor = connection.execute(
        f"SELECT fid, uuid, {shape}{statements.more_columns(tuple(names))}"
        f" FROM {quoted(asset.id)} {where} ORDER BY fid",
        values,
    )
    return _grown(cursor, asset, names, progress)


def _grown(
    cursor: sqlite3.Cursor, asset: AssetType, names: Sequence[str], progress: Progress
) -> FeatureColumns:
    """Return rows of fid, uuid, place and fields as columns, read part by part."""
    growing = [Numbers() if is_numeric(asset.field(n)) else Texts() for n in names]
    numbers: list[int] = []
    uuids: list[str] = []
    shapes: list[NDArray[np.object_]] = []
    with uncollected():
        while rows := cursor.fetchmany(_ROWS):
            progress.check()
            some_fids, some_uuids, blobs, *others = zip(*rows, strict=True)
            numbers += some_fids
            uuids += some_uuids
            shapes.append(geometry_blob.decode(blobs))
            for column, part in zip(growing, others, strict=True):
                column.add(part)
    by_name = dict(zip(names, growing, strict=True))
    of_numbers = {n: c for n, c in by_name.items() if isinstance(c, Numbers)}
    return FeatureColumns(
        asset.id,
        np.array(numbers, dtype=np.int64),
        uuids=lambda: np.array(uuids, dtype=object),
        shapes=MadeShapes(np.concatenate([np.empty(0, dtype=object), *shapes])),
        texts={n: c.coded() for n, c in by_name.items() if isinstance(c, Texts)},
        numbers={n: c.array() for n, c in of_numbers.items()},
        strays={n: c.strays for n, c in of_numbers.items() if c.strays},
    )


def _where(
    connection: sqlite3.Connection,
    asset: AssetType,
    fids: NDArray[np.int64] | None,
    extent: Extent | None,
    doubts: Sequence[Doubt] | None,
) -> tuple[str, Sequence[Any]]:
    glance = None
    if doubts is not None and fids is None:
        fields = dict.fromkeys(doubt.field for doubt in doubts if doubt.kind != "missing")
        glance = Glance(connection, asset.id, tuple(fields))
        held = _possible(connection, asset, glance)
        doubts = [doubt for doubt in doubts if doubt.kind == "missing" or doubt.field in held]
    if fids is not None:
        where, values = f"WHERE fid IN ({','.join(map(str, fids.tolist()))})", list[Any]()
    elif extent is not None:
        where, within = in_extent(asset, extent)
        values = [*within]
    else:
        where, values = "WHERE 1", []
    if doubts is not None:
        asked = [_doubt_sql(doubt, glance) for doubt in doubts]
        where = f"{where} AND ({' OR '.join(sql for sql, _values in asked) or '0'})"
        values += [value for _sql, more in asked for value in more]
    return where, values


def _possible(connection: sqlite3.Connection, asset: AssetType, glance: Glance) -> set[str]:
    """Return which of some fields hold something at all: to count is quicker than to ask."""
    names = glance.names
    empty = [name for name in names if glance.is_empty(name)]
    if not empty:
        return {*names}
    counts = ", ".join(f"count({quoted(name)})" for name in empty)
    found = connection.execute(f"SELECT {counts} FROM {quoted(asset.id)}").fetchone()
    return {*names} - {name for name, count in zip(empty, found, strict=True) if not count}


def _doubt_sql(doubt: Doubt, glance: Glance | None) -> tuple[str, Sequence[Value]]:
    name, values = quoted(doubt.field), doubt.values
    places = ", ".join("?" * len(values))
    if doubt.kind == "missing":
        # One comparison a row: of a million rows and a dozen fields every one counts.
        return f"ifnull({name}, '') = ''", ()
    if doubt.kind == "stored":
        # Of nothing, this is not true either.
        return f"{name} != ''", ()
    if doubt.kind == "same":
        return f"{name} = {quoted(str(values[0]))}", ()
    if doubt.kind == "is":
        return f"{name} IN ({places})", values
    if doubt.kind == "unlisted":
        usual = None if glance is None else glance.usual(doubt.field)
        if usual in values:
            # What most rows hold is told apart by one comparison; a list takes many.
            sql = f"({name} != ? AND {name} NOT IN ({places}) AND {name} != '')"
            return sql, (usual, *values)
        return f"({name} NOT IN ({places}) AND {name} != '')", values
    if doubt.kind == "longer":
        return f"length({name}) > ?", values
    low, high = values
    # Text, and nothing else but bytes, is as great as the empty one; no number is.
    given = [(sign, limit) for sign, limit in (("<", low), (">", high)) if limit is not None]
    beyond = [f"{name} {sign} ?" for sign, _limit in given] + [f"{name} >= ''"]
    return f"({' OR '.join(beyond)})", [limit for _sign, limit in given]
