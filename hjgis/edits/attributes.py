"""New values of attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.assets import Value
from hjgis.models.changes import BulkUpdate, Change, ChangeSet, FeatureKey
from hjgis.models.reading import FeatureReader, TableReader
from hjgis.models.unknown import with_unknown

# Above so many, changes are stored column by column.
_MANY: Final = 500


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
    one_layer = len({change.key.layer for change in changes}) == 1
    if len(changes) > _MANY and one_layer:
        return ChangeSet("edit.attributes", (), (_in_bulk(changes, values),), params)
    return ChangeSet("edit.attributes", tuple(changes), params=params)


def set_unknown(reader: FeatureReader, keys: Sequence[FeatureKey], name: str) -> ChangeSet:
    """Say of features that somebody has looked and does not know a field.

    Raises
    ------
    EditRefused
        If their kind has no room for that answer.
    """
    changes = []
    for before in reader.get_many(keys):
        values = with_unknown(reader.asset_type(before.key.layer), before.values, name)
        if not values:
            raise EditRefused(_("Reference layers keep no 不详: leave the field empty."))
        after = before.with_values(**values)
        if after.values != before.values:
            changes.append(Change(before, after))
    layer = keys[0].layer if keys else ""
    params = {"count": len(changes), "layer": layer, "fields": [name]}
    return ChangeSet("edit.attributes", tuple(changes), params=params)


def set_each(
    reader: TableReader,
    layer: str,
    fids: NDArray[np.int64] | Sequence[int],
    columns: Mapping[str, Sequence[Value]],
) -> ChangeSet:
    """Set fields of many features of a layer, each to a value of its own, as one change.

    Parameters
    ----------
    fids : sequence of int, length n
        Row numbers, each once, in any order; rows that are no longer there are left out.
    columns : mapping of str to sequence, length n
        Field name to new values; a value that is stored already is not set again.

    Returns
    -------
    ChangeSet
        Empty (false) when nothing would change; above 500 features in bulk.
    """
    asked = {int(fid): place for place, fid in enumerate(fids)}
    names = sorted(columns)
    table = reader.table(layer, names, fids=sorted(asked), geometry=False)
    places = [asked[int(fid)] for fid in table.fids]
    new = {name: [columns[name][place] for place in places] for name in names}
    old = {name: table.columns[name].tolist() for name in names}
    rows = [
        row
        for row in range(len(places))
        if any(_differ(new[name][row], old[name][row]) for name in names)
    ]
    touched = [n for n in names if any(_differ(new[n][row], old[n][row]) for row in rows)]
    params = {"count": len(rows), "layer": layer, "fields": touched}
    if len(rows) > _MANY:
        bulk = BulkUpdate(
            layer,
            table.fids[rows],
            {name: [new[name][row] for row in rows] for name in touched},
            {name: [old[name][row] for row in rows] for name in touched},
        )
        return ChangeSet("edit.attributes", (), (bulk,), params)
    keys = [FeatureKey(layer, str(table.uuids[row])) for row in rows]
    changes = tuple(
        Change(before, before.with_values(**{name: new[name][row] for name in touched}))
        for before, row in zip(reader.get_many(keys), rows, strict=True)
    )
    return ChangeSet("edit.attributes", changes, params=params)


def _differ(one: Value, other: Value) -> bool:
    # True equals 1 in Python, and is another value to people.
    return one != other or isinstance(one, bool) != isinstance(other, bool)


def _in_bulk(changes: Sequence[Change], values: Mapping[str, Value]) -> BulkUpdate:
    """Return the same for many features: of their other fields nothing has to be known."""
    before = [change.before for change in changes if change.before is not None]
    return BulkUpdate(
        before[0].key.layer,
        np.array([feature.fid for feature in before], np.int64),
        {name: [value] * len(before) for name, value in values.items()},
        {name: [feature.values.get(name) for feature in before] for name in values},
    )
