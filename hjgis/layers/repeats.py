"""Values that stand in several rows of a layer or of several layers, found by SQL alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.schema import quoted


def rows(
    connection: sqlite3.Connection, layers: Sequence[str], field: str
) -> dict[str, NDArray[np.int64]]:
    """Return by layer the row numbers, rising; see `FeatureQuestions.repeated`."""
    twice = _values(connection, layers, quoted(field))
    return {layer: _holders(connection, layer, quoted(field), twice) for layer in layers}


def _values(connection: sqlite3.Connection, layers: Sequence[str], name: str) -> set[object]:
    """Return the values that are there more than once, in one layer or in several."""
    # As the index of component ids has it: nothing but the index is read.
    same = f"length({name}), {name}"
    twice: set[object] = set()
    sizes = []
    for layer in layers:
        sql = (
            f"SELECT {name} FROM {quoted(layer)} WHERE {name} NOTNULL AND {name} != ''"
            f" GROUP BY {same} HAVING count(*) > 1"
        )
        twice.update(value for (value,) in connection.execute(sql))
        # Asked like this, the index of ids tells it.
        sql = f"SELECT count(*) FROM {quoted(layer)} WHERE {name} NOTNULL"
        (size,) = connection.execute(sql).fetchone()
        sizes.append((size, layer))
    held = [layer for size, layer in sorted(sizes) if size]
    for smaller, larger in combinations(held, 2):
        sql = (
            f"SELECT DISTINCT a.{name} FROM {quoted(smaller)} a CROSS JOIN {quoted(larger)} b"
            f" ON length(b.{name}) = length(a.{name}) AND b.{name} = a.{name}"
            f" AND b.{name} NOTNULL WHERE a.{name} NOTNULL AND a.{name} != ''"
        )
        twice.update(value for (value,) in connection.execute(sql))
    return twice


def _holders(
    connection: sqlite3.Connection, layer: str, name: str, values: set[object]
) -> NDArray[np.int64]:
    """Return the rows of a layer that hold one of some values, rising."""
    listed = json.dumps([value for value in values if isinstance(value, str | int | float)])
    sql = (
        f"SELECT group_concat(fid) FROM (SELECT t.fid FROM json_each(?) v"
        f" CROSS JOIN {quoted(layer)} t ON length(t.{name}) = length(v.value)"
        f" AND t.{name} = v.value AND t.{name} NOTNULL ORDER BY t.fid)"
    )
    (said,) = connection.execute(sql, (listed,)).fetchone()
    fids = [np.fromstring(said or "", dtype=np.int64, sep=",")]
    # What other programs wrote may be bytes.
    for value in (value for value in values if isinstance(value, bytes)):
        sql = f"SELECT fid FROM {quoted(layer)} WHERE {name} = ?"
        fids.append(np.array(connection.execute(sql, (value,)).fetchall(), np.int64).ravel())
    return np.unique(np.concatenate(fids))
