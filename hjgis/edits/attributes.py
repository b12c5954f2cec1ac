"""New values of attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hjgis.models.assets import Value
from hjgis.models.changes import Change, ChangeSet, FeatureKey
from hjgis.models.reading import FeatureReader


def set_values(
    reader: FeatureReader, keys: Sequence[FeatureKey], values: Mapping[str, Value]
) -> ChangeSet:
    """Set fields of one or more features; features that have the values already are left out.

    Returns
    -------
    ChangeSet
        Empty (false) when nothing would change.
    """
    changes = []
    for before in reader.get_many(keys):
        after = before.with_values(**values)
        if after.values != before.values:
            changes.append(Change(before, after))
    params = {
        "count": len(changes),
        "layer": keys[0].layer if keys else "",
        "fields": sorted(values),
    }
    return ChangeSet("edit.attributes", tuple(changes), params=params)
