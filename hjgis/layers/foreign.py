"""Takes up what other programs did to a project file: triggers noted it, the journal gets it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import database, feature_rows, journal, serials
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, Extent, LayerDelta

# What a change is called that another program made.
LABEL: Final = "edit.foreign"


def adopt(
    connection: sqlite3.Connection, path: Path, types: Mapping[str, AssetType]
) -> Announcement | None:
    """Enter into the journal what other programs did to the file; None if nothing."""
    if not connection.execute("SELECT 1 FROM hjgis_foreign LIMIT 1").fetchone():
        return None
    # Asked for by a timer: while another program is still writing, the next time will do.
    with database.transaction(connection, path, wait=False):
        rows = journal.take_foreign(connection)
        counts = {"count": len(rows)}
        change = journal.begin(connection, LABEL, operator="", params=counts, source="foreign")
        serials.retire(connection, (row.old for row in rows))
        journal.note(connection, change, rows)
    deltas = {
        layer: _delta(types[layer], rows, feature_rows.extent(connection, types[layer]))
        for layer in {row.layer for row in rows}
    }
    return Announcement(change, LABEL, counts, deltas)


def _delta(asset: AssetType, rows: Sequence[journal.Row], extent: Extent | None) -> LayerDelta:
    def of(operation: str) -> NDArray[np.int64]:
        fids = [row.fid for row in rows if row.layer == asset.id and row.op == operation]
        return np.array(sorted(fids), dtype=np.int64)

    return LayerDelta(
        of("insert"),
        of("update"),
        of("delete"),
        frozenset(asset.field_names),
        geometry=True,
        extent=extent,
    )
