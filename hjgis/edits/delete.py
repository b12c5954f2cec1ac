"""Features go; what hangs on them is let go of in the same change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hjgis.models.changes import BulkDelete, BulkUpdate, Change, ChangeSet, Feature, FeatureKey
from hjgis.models.reading import FeatureReader, LayerTable, TableReader

# More features than this are deleted by their row numbers, without being read.
MANY: Final = 1000
_ENDS: Final = ("from_node", "to_node")


class RowReader(TableReader, Protocol):
    """Who can also say which lines end at many nodes: the open project."""

    def ends_at(self, node_uuids: Iterable[str]) -> list[LayerTable]:
        """Return ``from_node`` and ``to_node`` of the lines that end at some nodes."""


def delete_features(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    """Delete features and their records; pipes that end at a deleted node lose that end's link.

    Parameters
    ----------
    keys : sequence of FeatureKey
        May be of several layers.
    """
    going = dict.fromkeys(keys)
    gone = {key.uuid for key in going}
    records = [record for record in reader.records_of(gone) if record.key not in going]
    changes = [Change(feature, None) for feature in (*records, *reader.get_many(going))]
    ending = reader.lines_ending_at_any(gone)
    lines = {line.key: line for key in going for line in ending[key.uuid]}
    freed = [Change(line, _freed(line, gone)) for key, line in lines.items() if key not in going]
    layers = {key.layer for key in going}
    params = {"count": len(going), "layer": layers.pop() if len(layers) == 1 else ""}
    return ChangeSet("edit.delete", (*freed, *changes), params=params)


def delete_rows(reader: RowReader, layer: str, fids: NDArray[np.int64]) -> ChangeSet:
    """Delete features of one layer, as `delete_features` does; many without reading them."""
    rows = reader.table(layer, (), fids=fids.tolist(), geometry=False)
    if len(rows.fids) <= MANY:
        return delete_features(reader, [FeatureKey(layer, uuid) for uuid in rows.uuids])
    gone = set(rows.uuids)
    records = tuple(Change(record, None) for record in reader.records_of(gone))
    freed = tuple(_freed_rows(lines, gone) for lines in reader.ends_at(gone) if len(lines.fids))
    going = BulkDelete(layer, rows.fids, list(rows.uuids))
    params = {"count": len(rows.fids), "layer": layer}
    return ChangeSet("edit.delete", records, bulk=(*freed, going), params=params)


def _freed(line: Feature, gone: set[str]) -> Feature:
    ends = {name: None for name in _ENDS if line.values.get(name) in gone}
    return line.with_values(**ends)


def _freed_rows(lines: LayerTable, gone: set[str]) -> BulkUpdate:
    before = {name: lines.columns[name].tolist() for name in _ENDS}
    after = {
        name: [None if uuid in gone else uuid for uuid in uuids] for name, uuids in before.items()
    }
    return BulkUpdate(lines.layer, lines.fids, after, before)
