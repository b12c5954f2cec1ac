"""Rows by the thousand: the R-tree filled at once, large deletes parked in a table of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import journal, serials, statements
from hjgis.layers.schema import layer_triggers, quoted, rtree_trigger_names
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent


@dataclass(frozen=True, slots=True)
class Parked:
    """Rows that were moved out of their layer: identities, and the box around them."""

    uuids: list[str]
    extent: Extent | None


@contextmanager
def without_rtree(connection: sqlite3.Connection, asset: AssetType) -> Iterator[None]:
    """Suspend the triggers that keep a layer's R-tree; whoever asks for that fills it himself.

    Inside a transaction only: where that is taken back, the triggers are as before.
    """
    names = rtree_trigger_names(asset)
    for name in names:
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    yield
    triggers = layer_triggers(asset)
    for name in names:
        connection.execute(triggers[name])


def fill_rtree(
    connection: sqlite3.Connection, layer: str, fids: Iterable[int], boxes: NDArray[np.float64]
) -> None:
    """Enter rows into the R-tree.

    Parameters
    ----------
    boxes : array of float64, shape (n, 4)
        xmin, ymin, xmax, ymax in the project CRS; nan where there is no place.
    """
    order = boxes[:, [0, 2, 1, 3]].tolist()
    connection.executemany(
        f"INSERT INTO {quoted(f'rtree_{layer}_geom')} VALUES (?,?,?,?,?)",
        ((fid, *box) for fid, box in zip(fids, order, strict=True) if box[0] == box[0]),
    )


def park(
    connection: sqlite3.Connection, asset: AssetType, change: int, low: int, high: int
) -> Parked:
    """Move a run of rows into a table of its own: the journal of a large delete."""
    table = f"hjgis_parked_{change}_{asset.id}_{low}"
    where = f"FROM {quoted(asset.id)} WHERE fid BETWEEN {low} AND {high}"
    connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT * {where}")
    journal.register_parked(connection, table)
    uuids = [row[0] for row in connection.execute(f"SELECT uuid {where}")]
    serials.retire_rows(connection, asset, low, high)
    extent = _run_box(connection, asset, low, high)
    with without_rtree(connection, asset):
        connection.execute(f"DELETE {where}")
        if asset.is_spatial:
            rtree = quoted(f"rtree_{asset.id}_geom")
            connection.execute(f"DELETE FROM {rtree} WHERE id BETWEEN {low} AND {high}")
    run = journal.Range(asset.id, low, high, "delete", table)
    journal.note_ranges(connection, change, [run])
    return Parked(uuids, extent)


def unpark(connection: sqlite3.Connection, asset: AssetType, run: journal.Range) -> Extent | None:
    """Put parked rows back into their layer; return the box around them."""
    assert run.parked is not None
    place = "geom, " if asset.is_spatial else ""
    columns = f"fid, {place}uuid{statements.more_columns(asset.field_names)}"
    parked, table = quoted(run.parked), quoted(run.layer)
    with without_rtree(connection, asset):
        connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {parked}")
        if asset.is_spatial:
            connection.execute(
                f"INSERT INTO {quoted(f'rtree_{run.layer}_geom')} SELECT fid, ST_MinX(geom),"
                f" ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom) FROM {parked}"
                " WHERE geom NOTNULL AND NOT ST_IsEmpty(geom)"
            )
    return _run_box(connection, asset, run.fid_lo, run.fid_hi)


def _run_box(
    connection: sqlite3.Connection, asset: AssetType, low: int, high: int
) -> Extent | None:
    if not asset.is_spatial:
        return None
    row = connection.execute(
        "SELECT min(minx), min(miny), max(maxx), max(maxy)"
        f" FROM {quoted(f'rtree_{asset.id}_geom')} WHERE id BETWEEN ? AND ?",
        (low, high),
    ).fetchone()
    return None if row[0] is None else tuple(row)
