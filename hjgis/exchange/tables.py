"""Rows of text and numbers as points: CSV, workbooks, the point files of CASS."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import encoding
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer, unique, unreadable
from hjgis.i18n import _

_PLACE_NAMES: Final = {
    "x", "y", "lon", "lat", "lng", "long", "longitude", "latitude", "east", "north",
    "easting", "northing", "xcoord", "ycoord", "e", "n",
}  # fmt: skip
_PLACE_WORDS: Final = ("经度", "纬度", "經度", "緯度", "坐标", "座標", "東經", "北緯")
# A title above a table has fewer cells than its heading.
_HEADING_CELLS: Final = 2
# number, code, east, north, height: what CASS calls 坐标数据文件.
_CASS_COLUMNS: Final = ("point_no", "code")
_CASS_CELLS: Final = 5
# Whole numbers up to here are exact in a cell of a workbook.
_EXACT: Final = 10**15
# How tables of surveys (CJJ 61) name the ends of a line and the number of a point.
_ENDS: Final = (
    ("起点点号", "终点点号"),
    ("起点号", "终点号"),
    ("起点编号", "终点编号"),
    ("起始点号", "终止点号"),
    ("本点号", "连接点号"),
    ("点号", "连接点号"),
    ("start_no", "end_no"),
)
_POINT_NUMBERS: Final = (
    "物探点号", "点号", "管点编号", "管点号", "测点编号", "探测点号", "图上点号",
    "exp_no", "point_no",
)  # fmt: skip
_MOST_NAMED: Final = 20
Rows = Sequence[Sequence[Any]]


def read_csv(path: Path, given: str | None, x: str | None, y: str | None) -> ForeignLayer:
    """Read a text table; `x` and `y` name the columns of east and north.

    Raises
    ------
    InputError
        If it has no rows or cannot be read.
    InputQuestion
        If encoding or coordinate columns must be chosen.
    """
    text, decided = _text(path, given)
    rows = _csv_rows(path, text)
    if len(rows) < 2:
        raise InputError(_("{path} has no rows.").format(path=path.name))
    return _points_of(_Table.of(path.stem, rows[0], rows[1:], decided), x, y)


def read_cass(path: Path, given: str | None) -> ForeignLayer:
    """Read a point file of CASS: number, code, east (Y), north (X), height in each line.

    Raises
    ------
    InputError
        If no line is one.
    """
    text, decided = _text(path, given)
    rows, doubts = [], []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.replace("，", ",").split(",")]
        if not any(cells):
            continue
        if len(cells) < _CASS_CELLS or _number(cells[2]) is None or _number(cells[3]) is None:
            doubts.append(_("line {line} is no point: {text}").format(line=number, text=line[:60]))
            continue
        rows.append(cells)
    if not rows:
        raise InputError(_("{path} holds no points of CASS.").format(path=path.name))
    xyz = np.array([[_number(cell) or 0.0 for cell in row[2:5]] for row in rows])
    columns = {
        name: _column([row[place] or None for row in rows])
        for place, name in enumerate(_CASS_COLUMNS)
    }
    columns["height_m"] = xyz[:, 2]
    shapes = np.asarray(shapely.points(xyz), dtype=object)
    nothing = np.zeros(len(rows), dtype=bool)
    return ForeignLayer(
        path.stem, columns, shapes, nothing, None, decided, (*decided.warnings, *doubts)
    )


def sheet_names(path: Path) -> list[str]:
    """Return the sheets of a workbook that hold something."""
    book = _workbook(path)
    return [name for name in book.sheet_names if _sheet(path, book, name)]


def read_sheet(path: Path, sheet: str, x: str | None, y: str | None) -> ForeignLayer:
    """Read one sheet of a workbook; `x` and `y` name the columns of east and north.

    The first row with two cells or more is the heading; titles above it are left out, and that
    is said. A sheet of lines that names points of another sheet (起点点号, 终点点号) gets its
    places from there: so surveys of pipes are delivered.

    Raises
    ------
    InputError
        If the workbook is damaged or the sheet has no rows.
    InputQuestion
        If the coordinate columns must be chosen.
    """
    book = _workbook(path)
    table = _table(path, book, sheet)
    ends = _end_columns(table)
    if ends is None or x in table.columns:
        return _points_of(table, x, y)
    points = [
        _table(path, book, name)
        for name in book.sheet_names
        if name != sheet and _sheet(path, book, name)
    ]
    points = [other for other in points if _number_column(other) is not None]
    if not points:
        return _points_of(table, x, y)
    return _lines_of(table, ends, points[0], x, y)


def _table(path: Path, book: Any, sheet: str) -> _Table:
    rows = _sheet(path, book, sheet)
    filled = [sum(cell is not None for cell in row) for row in rows]
    heading = next((i for i, count in enumerate(filled) if count >= _HEADING_CELLS), len(rows))
    if heading + 1 >= len(rows):
        raise InputError(_("{path} has no rows.").format(path=f"{path.name}/{sheet}"))
    said = []
    if heading:
        said.append(_("Rows above the heading that are left out: {count}").format(count=heading))
    decided = Encoding("utf-8", "format", tuple(said))
    return _Table.of(sheet, rows[heading], rows[heading + 1 :], decided)


def _end_columns(table: _Table) -> tuple[str, str] | None:
    """Return the columns that name the points where a line begins and ends."""
    for start, end in _ENDS:
        if start in table.columns and end in table.columns:
            return start, end
    return None


def _number_column(table: _Table) -> str | None:
    return next((name for name in _POINT_NUMBERS if name in table.columns), None)


def _lines_of(
    table: _Table, ends: tuple[str, str], points: _Table, x: str | None, y: str | None
) -> ForeignLayer:
    """Return the lines between numbered points; one whose point is not listed has no place."""
    number = _number_column(points)
    assert number is not None
    placed = _points_of(points, x, y)
    known: dict[str, Any] = {}
    for name, place in zip(points.columns[number], placed.geometry, strict=True):
        if name is not None and place is not None:
            known.setdefault(str(name), place)
    shapes = np.empty(len(table), dtype=object)
    unknown: dict[str, int] = {}
    for row, pair in enumerate(zip(*(table.columns[end] for end in ends), strict=True)):
        for name in pair:
            if str(name) not in known:
                unknown.setdefault(str(name or "-"), row + 1)
        if all(str(name) in known for name in pair):
            shapes[row] = shapely.LineString([known[str(name)] for name in pair])
    said = list(table.decided.warnings)
    if unknown:
        words = _("Points that {sheet} does not have, number (row): {names}")
        names = ", ".join(f"{name} ({row})" for name, row in list(unknown.items())[:_MOST_NAMED])
        said.append(words.format(sheet=points.name, names=names))
    nothing = np.zeros(len(table), dtype=bool)
    return ForeignLayer(
        table.name, table.columns, shapes, nothing, None, table.decided, tuple(said)
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A heading and what stands below it, column by column."""

    name: str
    columns: dict[str, NDArray[Any]]
    decided: Encoding

    @classmethod
    def of(cls, name: str, heading: Sequence[Any], rows: Rows, decided: Encoding) -> _Table:
        titles = unique(
            " ".join(str(cell or "").split()) or f"column{n}" for n, cell in enumerate(heading, 1)
        )
        width = len(titles)
        body = [[*row[:width], *[None] * (width - len(row))] for row in rows]
        columns = {
            title: _column([None if row[n] == "" else row[n] for row in body])
            for n, title in enumerate(titles)
        }
        return cls(name, columns, decided)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def _points_of(table: _Table, x: str | None, y: str | None) -> ForeignLayer:
    columns = table.columns
    if x not in columns or y not in columns:
        message = _("Which columns hold east (x) and north (y)?")
        raise InputQuestion(message, "--x / --y", tuple(sorted(columns, key=_is_no_place)))
    shapes = _points(columns[x], columns[y])
    rest = {title: column for title, column in columns.items() if title not in (x, y)}
    nothing = np.zeros(len(shapes), dtype=bool)
    decided = table.decided
    return ForeignLayer(table.name, rest, shapes, nothing, None, decided, decided.warnings)


def _text(path: Path, given: str | None) -> tuple[str, Encoding]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    decided = encoding.of_text(data, given)
    return data.decode(decided.name, "replace"), decided


def _csv_rows(path: Path, text: str) -> list[list[str]]:
    """Return the rows that hold something, split at what gives the heading most columns."""

    def split(delimiter: str) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)

    try:
        delimiter = max(",;\t|", key=lambda sign: len(next(split(sign), [])))
        return [row for row in split(delimiter) if any(row)]
    except csv.Error as error:
        raise unreadable(path, error) from error


def _workbook(path: Path) -> Any:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise unreadable(path, error) from error


def _sheet(path: Path, book: Any, name: str) -> list[list[Any]]:
    """Return the rows of a sheet that hold something, cells as plain values."""
    import python_calamine

    try:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
    except (python_calamine.CalamineError, ValueError) as error:
        raise unreadable(path, error) from error
    plain = [[_cell(cell) for cell in row] for row in rows]
    return [row for row in plain if any(cell is not None for cell in row)]


def _cell(value: Any) -> Any:
    """Return what a cell says: text without spaces around it, whole numbers without a point."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value)
    return value


def _column(values: Sequence[Any]) -> NDArray[Any]:
    """Return a column: numbers where all that is known is numbers."""
    known = [value for value in values if value is not None]
    if known and all(
        isinstance(value, float | int) and not isinstance(value, bool) for value in known
    ):
        whole = all(isinstance(value, int) for value in known)
        if whole and len(known) == len(values):
            return np.array(values, dtype=np.int64)
        if not whole:
            return np.array([math.nan if v is None else float(v) for v in values])
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _is_no_place(name: str) -> bool:
    """Whether a heading does not sound like a coordinate; False sorts first."""
    folded = name.casefold()
    return folded not in _PLACE_NAMES and not any(word in name for word in _PLACE_WORDS)


def _points(east: NDArray[Any], north: NDArray[Any]) -> NDArray[np.object_]:
    pairs = [(_number(a), _number(b)) for a, b in zip(east, north, strict=True)]
    xy = np.array([[math.nan if v is None else v for v in pair] for pair in pairs]).reshape(-1, 2)
    shapes = np.empty(len(xy), dtype=object)
    known = np.isfinite(xy).all(axis=1)
    shapes[known] = shapely.points(xy[known])
    return shapes


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
