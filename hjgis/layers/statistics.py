"""Statistics of a layer, counted by SQL as far as it can; forms and areas by arrays."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.i18n import _
from hjgis.layers import locating
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.query import Part, where_clause
from hjgis.models.statistics import (
    Cell,
    CrossTable,
    Dimension,
    Figures,
    NoSuchStatistics,
    Question,
    ordered,
)
from hjgis.progress import SILENT, Progress

# A table that nobody reads; more is asked for by mistake.
MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 200
_STEP: Final = 50_000
_NOWHERE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Areas:
    """Which area each feature lies in; `fids` are rising, `places` are places in `names`."""

    fids: NDArray[np.int64]
    places: NDArray[np.int64]
    names: Sequence[str]

    def of(self, fids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the place of each feature's area, shape (n,)."""
        found = _looked_up((self.fids, self.places.astype(np.float64)), fids)
        return np.where(np.isnan(found), _NOWHERE, found).astype(np.int64)

    def name(self, place: int) -> str | None:
        """Return the name of an area; None for none."""
        return None if place == _NOWHERE else self.names[place]


def answer(
    connection: sqlite3.Connection,
    types: Mapping[str, AssetType],
    catalogue: Catalogue,
    question: Question,
    conditions: Sequence[Part],
    *,
    progress: Progress = SILENT,
) -> CrossTable:
    """Count and measure.

    Lengths and areas are those of the geometry, in the plane of the project CRS.

    Parameters
    ----------
    conditions : sequence of Part
        Those of the question, places found.

    Raises
    ------
    NoSuchStatistics
        If there are more different values than a table holds.
    Cancelled
        If `progress` says so.
    """
    asset = types[question.layer]
    formed = question.measure.kind in ("length", "area")
    located = any(dimension.area for dimension in question.by)
    if formed or located:
        cells = _by_arrays(connection, types, question, conditions, progress)
    else:
        cells = _by_sql(connection, asset, question, conditions)
    first = _axis(question, 0, [row for row, _column in cells], asset, catalogue)
    second = _axis(question, 1, [column for _row, column in cells], asset, catalogue)
    if len(first) > MOST_ROWS or len(second) > MOST_COLUMNS:
        message = _("There are {count} different values; ask by something coarser.")
        raise NoSuchStatistics(message.format(count=max(len(first), len(second))))
    return CrossTable(question, first, second, cells)


def members(
    connection: sqlite3.Connection,
    types: Mapping[str, AssetType],
    question: Question,
    conditions: Sequence[Part],
    wanted: Mapping[int, Value],
    *,
    progress: Progress = SILENT,
) -> NDArray[np.int64]:
    """Return the fids of the features in a cell, a row or a column, rising.

    Parameters
    ----------
    wanted : mapping of int to value
        The value of each dimension by its number; those left out may be anything.
    """
    asset = types[question.layer]
    clause, values = where_clause(asset, conditions)
    plain = {n: value for n, value in wanted.items() if not question.by[n].area}
    for number, value in plain.items():
        clause += f" {'AND' if clause else 'WHERE'} {_key_sql(question.by[number])} IS ?"
        values.append(value)
    found = connection.execute(f"SELECT fid FROM {quoted(asset.id)} {clause} ORDER BY fid", values)
    fids = np.array([row[0] for row in found], np.int64)
    for number, value in wanted.items():
        area = question.by[number].area
        if area:
            areas = _areas(connection, types, asset, area, progress)
            meant = [_NOWHERE] if value is None else []
            meant += [place for place, name in enumerate(areas.names) if name == value]
            fids = fids[np.isin(areas.of(fids), meant)]
    return fids


def _axis(
    question: Question, number: int, values: list[Value], asset: AssetType, catalogue: Catalogue
) -> tuple[Value, ...]:
    if len(question.by) <= number:
        return (None,)
    return ordered(values, question.by[number], asset, catalogue)


def _by_sql(
    connection: sqlite3.Connection,
    asset: AssetType,
    question: Question,
    conditions: Sequence[Part],
) -> dict[Cell, Figures]:
    where, values = where_clause(asset, conditions)
    number, told = "", "0, 0.0, NULL, NULL"
    if question.measure.field:
        name = quoted(question.measure.field)
        # What another program has written into a column of numbers may be text.
        number = f", CASE WHEN typeof({name}) IN ('integer', 'real') THEN {name} END AS n"
        told = "count(n), total(n), min(n), max(n)"
    sql = (
        f"SELECT k1, k2, count(*), {told} FROM (SELECT {_keys_sql(question)}{number}"
        f" FROM {quoted(asset.id)} {where}) GROUP BY {_grouped_by(question)}"
    )
    return {
        (_value(first), _value(second)): _figures(*rest)
        for first, second, *rest in connection.execute(sql, values)
    }


def _figures(count: int, known: int, total: float, low: Any, high: Any) -> Figures:
    return Figures(count, known, total, low, high) if known else Figures(count)


def _by_arrays(
    connection: sqlite3.Connection,
    types: Mapping[str, AssetType],
    question: Question,
    conditions: Sequence[Part],
    progress: Progress,
) -> dict[Cell, Figures]:
    asset = types[question.layer]
    groups = _grouped(connection, asset, question, conditions)
    for number, dimension in enumerate(question.by):
        if dimension.area:
            areas = _areas(connection, types, asset, dimension.area, progress)
            groups = _split(groups, number, areas)
    if question.measure.kind not in ("length", "area"):
        return {cell: _counted(connection, asset, question, fids) for cell, fids in groups.items()}
    fids, shapes = locating.read(connection, asset, progress=progress)
    measure = "@length_m" if question.measure.kind == "length" else "@area_m2"
    numbers = (fids, locating.measured(shapes, measure))
    result = {}
    for cell, wanted in groups.items():
        progress.check()
        mine = _looked_up(numbers, wanted)
        mine = mine[~np.isnan(mine)]
        result[cell] = Figures(len(wanted)) if not len(mine) else _of(len(wanted), mine)
    return result


def _of(count: int, numbers: NDArray[np.float64]) -> Figures:
    return Figures(
        count, len(numbers), float(numbers.sum()), float(numbers.min()), float(numbers.max())
    )


def _counted(
    connection: sqlite3.Connection, asset: AssetType, question: Question, fids: NDArray[np.int64]
) -> Figures:
    if not question.measure.field:
        return Figures(len(fids))
    name = quoted(question.measure.field)
    chosen = ",".join(map(str, fids.tolist()))
    row = connection.execute(
        f"SELECT count(*), count(n), total(n), min(n), max(n) FROM (SELECT CASE WHEN"
        f" typeof({name}) IN ('integer', 'real') THEN {name} END AS n FROM {quoted(asset.id)}"
        f" WHERE fid IN ({chosen}))"
    ).fetchone()
    return _figures(*row)


def _grouped(
    connection: sqlite3.Connection,
    asset: AssetType,
    question: Question,
    conditions: Sequence[Part],
) -> dict[Cell, NDArray[np.int64]]:
    """Return the fids of each cell, areas left out; as long texts, which numpy reads fast."""
    where, values = where_clause(asset, conditions)
    rows = connection.execute(
        f"SELECT k1, k2, group_concat(fid) FROM (SELECT {_keys_sql(question)}, fid"
        f" FROM {quoted(asset.id)} {where}) GROUP BY {_grouped_by(question)}",
        values,
    )
    return {
        (_value(first), _value(second)): np.sort(np.fromstring(text, np.int64, sep=","))
        for first, second, text in rows
    }


def _split(
    groups: Mapping[Cell, NDArray[np.int64]], number: int, areas: _Areas
) -> dict[Cell, NDArray[np.int64]]:
    """Divide the features of each cell by the area they lie in."""
    result: dict[Cell, list[NDArray[np.int64]]] = {}
    for cell, fids in groups.items():
        found = areas.of(fids)
        order = np.argsort(found, kind="stable")
        places, starts = np.unique(found[order], return_index=True)
        parts = np.split(fids[order], starts[1:])
        for place, part in zip(places.tolist(), parts, strict=True):
            name = areas.name(place)
            key = (name, cell[1]) if number == 0 else (cell[0], name)
            result.setdefault(key, []).append(part)
    return {cell: np.sort(np.concatenate(parts)) for cell, parts in result.items()}


def _areas(
    connection: sqlite3.Connection,
    types: Mapping[str, AssetType],
    asset: AssetType,
    area: str,
    progress: Progress,
) -> _Areas:
    """Find the area that holds the middle of each feature; the first of several."""
    area_fids, outlines = locating.read(connection, types[area], progress=progress)
    fids, shapes = locating.read(connection, asset, progress=progress)
    places = np.full(len(fids), _NOWHERE, np.int64)
    if len(outlines):
        tree = shapely.STRtree(locating.usable(outlines))
        for start in range(0, len(fids), _STEP):
            progress.check()
            progress.report(start, len(fids), area)
            some = locating.middles(shapes[start : start + _STEP])
            row, hit = tree.query(some, predicate="covered_by")
            # From the last to the first, so that the first stays.
            order = np.argsort(hit, kind="stable")[::-1]
            places[start + row[order]] = hit[order]
    return _Areas(fids, places, _area_names(connection, types[area], area_fids))


def _area_names(
    connection: sqlite3.Connection, asset: AssetType, fids: NDArray[np.int64]
) -> list[str]:
    text = asset.display or next((f.name for f in asset.fields if f.type == "text"), "uuid")
    column = f"coalesce(nullif({quoted(text)}, ''), uuid)"
    chosen = ",".join(map(str, fids.tolist()))
    sql = f"SELECT {column} FROM {quoted(asset.id)} WHERE fid IN ({chosen}) ORDER BY fid"
    return [str(row[0]) for row in connection.execute(sql)]


def _looked_up(
    known: tuple[NDArray[np.int64], NDArray[np.float64]], fids: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the number that is known of each feature, shape (n,); NaN where none is."""
    rising, values = known
    result = np.full(len(fids), np.nan)
    if len(rising):
        at = np.minimum(np.searchsorted(rising, fids), len(rising) - 1)
        there = rising[at] == fids
        result[there] = values[at[there]]
    return result


def _grouped_by(question: Question) -> str:
    """Return what SQL groups by; a number groups all, for which it need not sort."""
    names = [f"k{n}" for n, dimension in enumerate(question.by, 1) if not dimension.area]
    return ", ".join(names) or "'all'"


def _keys_sql(question: Question) -> str:
    keys = [_key_sql(dimension) for dimension in question.by]
    keys += ["NULL"] * (2 - len(keys))
    return f"{keys[0]} AS k1, {keys[1]} AS k2"


def _key_sql(dimension: Dimension) -> str:
    if dimension.area:
        return "NULL"
    name = f"nullif({quoted(dimension.field)}, '')"
    return f"substr({name}, 1, 4)" if dimension.year else name


def _value(stored: Any) -> Value:
    return stored if stored is None or isinstance(stored, str | int | float) else str(stored)
