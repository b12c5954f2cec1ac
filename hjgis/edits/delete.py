"""Features go; what hangs on them is let go of in the same change."""

from __future__ import annotations

from collections.abc import Sequence

from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.reading import FeatureReader


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


def _freed(line: Feature, gone: set[str]) -> Feature:
    ends = {name: None for name in ("from_node", "to_node") if line.values.get(name) in gone}
    return line.with_values(**ends)
