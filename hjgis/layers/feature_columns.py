"""Reads many rows of a layer as columns by the type of their fields."""

from __future__ import annotations

import gc
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import geometry_blob, statements
from hjgis.layers.feature_rows import in_extent
from hjgis.layers.schema import place_sql, quoted
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Extent
from hjgis.models.reading import Coded, Doubt, FeatureColumns
from hjgis.progress import SILENT, Progress

# Few enough that a job is cancelled soon, many enough that a call for each costs nothing.
_ROWS: Final = 20_000
_NUMBERS: Final = frozenset(("integer", "number", "boolean"))


def columns(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str],
    *,
    fids: NDArray[np.int64] | None = None,
    extent: Extent | None = None,
    doubts: Sequence[Doubt] | None = None,
    geometry: bool = True,
    progress: Progress = SILENT,
) -> FeatureColumns:
    """Read fields of a layer's rows; see `GeoPackageStore.columns`."""
    where, values = _where(asset, fids, extent, doubts)
    shape = place_sql(asset) if geometry else "NULL"
    cursor = connection.execute(
        f"SELECT fid, uuid, {shape}{statements.more_columns(tuple(names))}"
        f" FROM {quoted(asset.id)} {where} ORDER BY fid",
        values,
    )
    growing = [_Numbers() if asset.field(n).type in _NUMBERS else _Texts() for n in names]
    numbers: list[int] = []
    uuids: list[str] = []
    shapes: list[NDArray[np.object_]] = []
    with _uncollected():
        while rows := cursor.fetchmany(_ROWS):
            progress.check()
            some_fids, some_uuids, blobs, *others = zip(*rows, strict=True)
            numbers += some_fids
            uuids += some_uuids
            shapes.append(geometry_blob.decode(blobs))
            for column, part in zip(growing, others, strict=True):
                column.add(part)
    by_name = dict(zip(names, growing, strict=True))
    of_numbers = {n: c for n, c in by_name.items() if isinstance(c, _Numbers)}
    return FeatureColumns(
        asset.id,
        np.array(numbers, dtype=np.int64),
        np.array(uuids, dtype=object),
        np.concatenate([np.empty(0, dtype=object), *shapes]),
        {n: c.coded() for n, c in by_name.items() if isinstance(c, _Texts)},
        {n: c.array() for n, c in of_numbers.items()},
        {n: c.strays for n, c in of_numbers.items() if c.strays},
    )


def _where(
    asset: AssetType,
    fids: NDArray[np.int64] | None,
    extent: Extent | None,
    doubts: Sequence[Doubt] | None,
) -> tuple[str, Sequence[Any]]:
    if fids is not None:
        where, values = f"WHERE fid IN ({','.join(map(str, fids.tolist()))})", list[Any]()
    elif extent is not None:
        where, within = in_extent(asset, extent)
        values = [*within]
    else:
        where, values = "WHERE 1", []
    if doubts is not None:
        asked = [_doubt_sql(doubt) for doubt in doubts]
        where = f"{where} AND ({' OR '.join(sql for sql, _values in asked) or '0'})"
        values += [value for _sql, more in asked for value in more]
    return where, values


def _doubt_sql(doubt: Doubt) -> tuple[str, Sequence[Value]]:
    name, values = quoted(doubt.field), doubt.values
    places = ", ".join("?" * len(values))
    if doubt.kind == "missing":
        return f"({name} IS NULL OR {name} = '')", ()
    if doubt.kind == "stored":
        return f"({name} IS NOT NULL AND {name} != '')", ()
    if doubt.kind == "is":
        return f"{name} IN ({places})", values
    if doubt.kind == "unlisted":
        return f"({name} NOT IN ({places}) AND {name} != '')", values
    if doubt.kind == "longer":
        return f"length({name}) > ?", values
    low, high = values
    # Text is greater than any number.
    given = [(sign, limit) for sign, limit in (("<", low), (">", high)) if limit is not None]
    beyond = [f"{name} {sign} ?" for sign, _limit in given] + [f"typeof({name}) = 'text'"]
    return f"({' OR '.join(beyond)})", [limit for _sign, limit in given]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking through millions of new values, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Numbers:
    """A column of numbers that grows by parts."""

    def __init__(self) -> None:
        self.strays: dict[int, object] = {}
        self._parts: list[NDArray[np.float64]] = []
        self._count = 0

    def add(self, values: Sequence[Any]) -> None:
        try:
            # A text of digits would become a number without a word.
            part = np.array(values, dtype=np.float64) if not _has_text(values) else None
        except (TypeError, ValueError):
            part = None
        if part is None:
            part = np.array([self._number(row, value) for row, value in enumerate(values)], float)
        self._parts.append(part)
        self._count += len(part)

    def _number(self, row: int, value: object) -> float | None:
        if value is None or isinstance(value, int | float):
            return value
        self.strays[self._count + row] = value
        return None

    def array(self) -> NDArray[np.float64]:
        return np.concatenate([np.empty(0), *self._parts])


def _has_text(values: Sequence[Any]) -> bool:
    return not {*map(type, values)} <= {int, float, type(None)}


class _Texts:
    """A column of text that grows by parts, each different value held once."""

    def __init__(self) -> None:
        self._index: defaultdict[Any, int] = defaultdict()
        self._index.default_factory = self._index.__len__
        self._parts: list[NDArray[np.int32]] = []

    def add(self, values: Sequence[Any]) -> None:
        coded = map(self._index.__getitem__, values)
        self._parts.append(np.fromiter(coded, np.int32, len(values)))

    def coded(self) -> Coded:
        found = [*self._index]
        if not found:
            return Coded(np.empty(0, np.int32), np.empty(0, dtype=object))
        nothing = np.array([value is None or value == "" for value in found], dtype=bool)
        values = np.empty(len(found), dtype=object)
        values[:] = found
        place = np.where(nothing, -1, np.cumsum(~nothing) - 1).astype(np.int32)
        codes = np.concatenate([np.empty(0, np.int32), *self._parts])
        return Coded(place[codes], values[~nothing])
