"""Tables as layers: points of coordinates, lines between numbered points, or no places at all."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import tables
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.tables import Table
from hjgis.i18n import _

_EAST: Final = {"lon", "lng", "long", "longitude", "east", "easting", "xcoord", "e", "x"}
_NORTH: Final = {"lat", "latitude", "north", "northing", "ycoord", "n", "y"}
_LETTERS: Final = {"e", "x", "xcoord", "n", "y", "ycoord"}
_DEGREES_UP_TO: Final = 180.0
_EAST_WORDS: Final = ("经度", "經度", "东坐标", "东经", "東經", "横坐标", "橫坐標", "(东)")
_NORTH_WORDS: Final = ("纬度", "緯度", "北坐标", "北纬", "北緯", "纵坐标", "縱坐標", "(北)")
_OTHER_WORDS: Final = ("坐标", "座標", "坐標")
# What X and Y of a survey in China can be: metres north of the equator; metres east with the
# false easting of 500 km, with or without the zone's number before it (DOMAIN 5.1).
_NORTHING_M: Final = (1_900_000.0, 6_000_000.0)
_EASTINGS_M: Final = ((100_000.0, 900_000.0), (13_000_000.0, 46_000_000.0))
_WKT: Final = re.compile(
    r"\s*(SRID=\d+;)?(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*(\(|EMPTY)", re.IGNORECASE
)
# number, code, east, north, height: what CASS calls 坐标数据文件.
_CASS_COLUMNS: Final = ("point_no", "code")
_CASS_CELLS: Final = 5
# How tables of surveys (CJJ 61) name the ends of a line and the number of a point.
_ENDS: Final = (
    ("起点点号", "终点点号"),
    ("起点号", "终点号"),
    ("起点编号", "终点编号"),
    ("起始点号", "终止点号"),
    ("本点号", "连接点号"),
    ("点号", "连接点号"),
    ("物探点号", "连接点号"),
    ("物探点号", "上一点号"),
    ("图上点号", "连接点号"),
    ("start_no", "end_no"),
)
_POINT_NUMBERS: Final = (
    "物探点号", "点号", "管点编号", "管点号", "测点编号", "探测点号", "图上点号",
    "exp_no", "point_no",
)  # fmt: skip
_MOST_NAMED: Final = 20
# One column that sounds like a coordinate makes no place.
_AXES: Final = 2


def read_text_layer(
    path: Path,
    name: str | None,
    given: str | None,
    *,
    x: str | None = None,
    y: str | None = None,
    spatial: bool | None = None,
) -> ForeignLayer:
    """Read a text table, or the one called `name` that belongs to it; see `layer_of`.

    Raises
    ------
    InputError
        If it has no rows or cannot be read.
    InputQuestion
        If encoding or coordinate columns must be chosen.
    """
    beside = {other.stem: other for other in tables.sisters(path)}
    file = beside.pop(name or "", path)
    table = tables.read_text(file, given)
    others: list[Table] = []
    if end_columns(table.columns) is not None and spatial is not False and x not in table.columns:
        pair = [other for other in (path, *beside.values()) if other != file]
        others = [tables.read_sister(other, given) for other in pair] or _points_in_folder(path)
    return layer_of(table, others, x=x, y=y, spatial=spatial)


def read_sheet_layer(
    path: Path,
    sheet: str,
    *,
    x: str | None = None,
    y: str | None = None,
    spatial: bool | None = None,
) -> ForeignLayer:
    """Read one sheet of a workbook; see `layer_of`.

    Raises
    ------
    InputError
        If the workbook is damaged or the sheet has no rows.
    InputQuestion
        If the coordinate columns must be chosen.
    """
    table = tables.read_sheet(path, sheet)
    others = []
    if end_columns(table.columns) is not None:
        others = [other for other in tables.read_tables(path) if other.name != sheet]
    return layer_of(table, others, x=x, y=y, spatial=spatial)


def layer_of(
    table: Table,
    others: Iterable[Table] = (),
    *,
    x: str | None = None,
    y: str | None = None,
    spatial: bool | None = None,
) -> ForeignLayer:
    """Return a table as a layer.

    A table of lines that names points of another one (起点点号, 终点点号) gets its places from
    there: so surveys of pipes are delivered.

    Parameters
    ----------
    others : iterable of Table
        Where the points of lines may be listed.
    x, y : str, optional
        Columns of east and north.
    spatial : bool, optional
        Whether it has places. When left out, a table in which nothing sounds like coordinates
        is taken without, and that is said.

    Raises
    ------
    InputQuestion
        If the coordinate columns must be chosen.
    """
    if spatial is False:
        return _without_places(table, ())
    if x in table.columns and y in table.columns:
        return _points_of(table, x, y)
    written = _written(table) if x is None and y is None else None
    if written is not None:
        name, geometry = written
        return _layer(table, geometry, without=(name,))
    ends = end_columns(table.columns)
    points = _points_for(table, ends, others) if ends is not None else None
    if ends is not None and points is not None:
        return _lines_of(table, ends, points, x, y)
    if (
        spatial is None
        and x is None
        and y is None
        and sum(bool(_sense(name)) for name in table.columns) < _AXES
    ):
        said = _("No column sounds like coordinates: taken as a table without geometry.")
        return _without_places(table, (said,))
    return _points_of(table, x, y)


def read_cass(path: Path, given: str | None) -> ForeignLayer:
    """Read a point file of CASS: number, code, east (Y), north (X), height in each line.

    Raises
    ------
    InputError
        If no line is one.
    """
    text, decided = tables.decoded(path, given)
    rows, doubts = [], []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.replace("，", ",").split(",")]
        if not any(cells):
            continue
        place = [tables.number(cell) for cell in cells[2:4]]
        if len(cells) < _CASS_CELLS or None in place:
            doubts.append(_("line {line} is no point: {text}").format(line=number, text=line[:60]))
            continue
        rows.append(cells)
    if not rows:
        raise InputError(_("{path} holds no points of CASS.").format(path=path.name))
    xyz = np.array([[tables.number(cell) or 0.0 for cell in row[2:5]] for row in rows])
    columns = {
        name: tables.column_of([row[place] or None for row in rows])
        for place, name in enumerate(_CASS_COLUMNS)
    }
    columns["height_m"] = xyz[:, 2]
    shapes = np.asarray(shapely.points(xyz), dtype=object)
    nothing = np.zeros(len(rows), dtype=bool)
    return ForeignLayer(
        path.stem, columns, shapes, nothing, None, decided, (*decided.warnings, *doubts)
    )


def end_columns(columns: Collection[str]) -> tuple[str, str] | None:
    """Return the columns that name the points where a line begins and ends."""
    for start, end in _ENDS:
        if start in columns and end in columns:
            return start, end
    return None


def number_column(columns: Collection[str]) -> str | None:
    """Return the column that numbers the points of a table, None if it lists none."""
    return next((name for name in _POINT_NUMBERS if name in columns), None)


# -- lines and their points --------------------------------------------------------------


def _points_for(table: Table, ends: tuple[str, str], others: Iterable[Table]) -> Table | None:
    """Return the table that lists the points which lines name.

    The one of the same survey by its name, else the one that lists most: numbers begin with 1 in
    more than one survey.
    """
    named = {str(name) for end in ends for name in table.columns[end].tolist()}
    stem = tables.pair_name(table.name)
    best, most = None, (False, -1)
    for other in others:
        number = number_column(other.columns)
        if number is None or end_columns(other.columns) is not None:
            continue
        count = len(named & {str(name) for name in other.columns[number].tolist()})
        rank = (count > 0 and tables.pair_name(other.name) == stem, count)
        if rank > most:
            best, most = other, rank
    return best


def _points_in_folder(path: Path) -> list[Table]:
    """Return the text tables beside a table of lines that list numbered points."""
    found = []
    for other in sorted(path.parent.iterdir()):
        if other.suffix.casefold() != path.suffix.casefold() or other.name == path.name:
            continue
        try:
            table = tables.read_text(other)
        except InputError:
            # Somebody's notes, not the points.
            continue
        if number_column(table.columns) is not None and any(_sense(name) for name in table.columns):
            found.append(table)
    return found


def _lines_of(
    table: Table, ends: tuple[str, str], points: Table, x: str | None, y: str | None
) -> ForeignLayer:
    """Return the lines between numbered points; one whose point is not listed has no place."""
    number = number_column(points.columns)
    assert number is not None
    placed = _points_of(points, x, y)
    known: dict[str, Any] = {}
    for name, place in zip(points.columns[number].tolist(), placed.geometry, strict=True):
        if name is not None and place is not None:
            known.setdefault(str(name), place)
    shapes = np.empty(len(table), dtype=object)
    unknown: dict[str, int] = {}
    pairs = zip(*(table.columns[end].tolist() for end in ends), strict=True)
    for row, pair in enumerate(pairs):
        for name in pair:
            if str(name) not in known:
                unknown.setdefault("-" if name is None else str(name), row + 1)
        if all(str(name) in known for name in pair):
            shapes[row] = shapely.LineString([known[str(name)] for name in pair])
    said = []
    if unknown:
        words = _("Points that {sheet} does not have, number (row): {names}")
        names = ", ".join(f"{name} ({row})" for name, row in list(unknown.items())[:_MOST_NAMED])
        said.append(words.format(sheet=points.name, names=names))
    return _layer(table, shapes, said=said)


# -- places ------------------------------------------------------------------------------


def _points_of(table: Table, x: str | None, y: str | None) -> ForeignLayer:
    columns = table.columns
    if x not in columns or y not in columns:
        message = _(
            "{table}: which columns hold east (x) and north (y)? If none does, take it as a table"
            " without geometry."
        )
        words = message.format(table=table.name)
        unknown = [name for name in (x, y) if name is not None and name not in columns]
        if unknown:
            said = _("There is no column {names}.").format(names=", ".join(unknown))
            words = f"{said} {words}"
        senses = _senses(table)
        proposed = _AXES if _is_plain(table, senses) else 0
        raise InputQuestion(words, "--x / --y", _likeliest(senses), proposed)
    return _layer(table, _points(columns[x], columns[y]), without=(x, y))


def _without_places(table: Table, said: Sequence[str]) -> ForeignLayer:
    nothing = np.full(len(table), None, dtype=object)
    return _layer(table, nothing, said=said, spatial=False)


def _layer(
    table: Table,
    shapes: NDArray[np.object_],
    *,
    without: Sequence[str] = (),
    said: Sequence[str] = (),
    spatial: bool = True,
) -> ForeignLayer:
    rest = {title: column for title, column in table.columns.items() if title not in without}
    nothing = np.zeros(len(shapes), dtype=bool)
    decided = table.encoding
    warnings = (*decided.warnings, *said)
    return ForeignLayer(
        table.name, rest, shapes, nothing, None, decided, warnings, table.problems, spatial
    )


def _points(east: NDArray[Any], north: NDArray[Any]) -> NDArray[np.object_]:
    pairs = [
        (tables.number(a), tables.number(b))
        for a, b in zip(east.tolist(), north.tolist(), strict=True)
    ]
    xy = np.array([[math.nan if v is None else v for v in pair] for pair in pairs]).reshape(-1, 2)
    shapes = np.empty(len(xy), dtype=object)
    known = np.isfinite(xy).all(axis=1)
    shapes[known] = shapely.points(xy[known])
    return shapes


def _written(table: Table) -> tuple[str, NDArray[np.object_]] | None:
    """Return a column of geometries written as text, if there is one."""
    for name, values in table.columns.items():
        known = (value for value in values.tolist() if value is not None)
        first = next(known, None)
        if isinstance(first, str) and _WKT.match(first):
            texts = np.array([v if isinstance(v, str) else None for v in values], dtype=object)
            return name, np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    return None


def _senses(table: Table) -> dict[str, str]:
    """Return what each column is as far as can be told: east, north, some place or nothing."""
    senses = {name: _sense(name) for name in table.columns}
    for name in (name for name, sense in senses.items() if sense):
        # In a survey X is north; what the numbers can only be counts for more than the name.
        senses[name] = _range_of(table.columns[name]) or senses[name]
    return senses


def _likeliest(senses: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns, that of east first and that of north second as far as can be told."""
    order = {"east": 0, "north": 1, "place": 2, "": 3}
    return tuple(sorted(senses, key=lambda name: order[senses[name]]))


def _is_plain(table: Table, senses: Mapping[str, str]) -> bool:
    """Whether one column can be east and one north, and not merely by a letter.

    X and Y without more are no evidence: surveyors and programs mean opposite things by them.
    """
    axes = [name for name, sense in senses.items() if sense in ("east", "north")]
    if sorted(senses[name] for name in axes) != ["east", "north"]:
        return False
    lettered = any(_folded(name) in _LETTERS for name in axes)
    columns = [table.columns[name] for name in axes]
    degrees = all(abs(_middle(column)) <= _DEGREES_UP_TO for column in columns)
    return degrees or not lettered or all(_range_of(column) for column in columns)


def _sense(name: str) -> str:
    """Return what a heading sounds like: east, north, some place, or nothing of the kind."""
    folded = _folded(name)
    if folded in _EAST or any(word in folded for word in _EAST_WORDS):
        return "east"
    if folded in _NORTH or any(word in folded for word in _NORTH_WORDS):
        return "north"
    words = folded.replace("_", " ").replace("(", " ").split()
    if any(word in folded for word in _OTHER_WORDS) or {"x", "y"} & set(words):
        return "place"
    return ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _middle(column: NDArray[Any]) -> float:
    """Return the middle one of the numbers of a column, NaN if there are none."""
    known = [value for value in map(tables.number, column.tolist()) if value is not None]
    return float(np.nanmedian(known)) if known else math.nan


def _range_of(column: NDArray[Any]) -> str:
    """Return what the numbers of a column can only be in China: east, north or neither."""
    middle = _middle(column)
    if _NORTHING_M[0] <= middle <= _NORTHING_M[1]:
        return "north"
    return "east" if any(low <= middle <= high for low, high in _EASTINGS_M) else ""
