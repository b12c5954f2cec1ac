"""A glance at the first rows of a table: it saves asking a million rows what a few tell."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from hjgis.layers.schema import quoted

_ROWS: Final = 400


class Glance:
    """The first rows of some columns of a table."""

    def __init__(self, connection: sqlite3.Connection, table: str, names: Sequence[str]) -> None:
        self._values: dict[str, tuple[Any, ...]] = dict.fromkeys(names, ())
        if not names:
            return
        asked = ", ".join(map(quoted, names))
        sql = f"SELECT {asked} FROM {quoted(table)} ORDER BY fid LIMIT {_ROWS}"
        if rows := connection.execute(sql).fetchall():
            self._values = dict(zip(names, zip(*rows, strict=True), strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self._values)

    def is_empty(self, name: str) -> bool:
        """Whether nothing is seen in a column; there may be something farther down."""
        return all(value is None for value in self._values[name])

    def is_one(self, name: str) -> bool:
        """Whether a column holds one and the same in all the rows that are seen."""
        return len({*self._values[name]}) == 1

    def usual(self, name: str) -> Any:
        """Return what is seen most often in a column; None if that is nothing."""
        seen = Counter(self._values[name]).most_common(1)
        return seen[0][0] if seen else None
