"""Plain tables: a heading and columns of values, out of text files and workbooks."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange import encoding
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import unique, unreadable
from hjgis.exchange.report import Problem
from hjgis.exchange.workbooks import spreadsheets, workbook_grids, workbook_sheets
from hjgis.exchange.workbooks.workbook_grids import Grid
from hjgis.i18n import _
from hjgis.models.cell_text import from_cell

TEXT_SUFFIXES: Final = (".csv", ".txt")
BOOK_SUFFIXES: Final = (".xlsx", ".xls")
# A title above a table has fewer cells than its heading.
_HEADING_CELLS: Final = 2
# So many rows of headings, one above the other, are met in tables of results.
_MOST_HEADINGS: Final = 3
# What tells the two files of a pair apart: WS_POINT.csv and WS_LINE.csv, 管点表 and 管线表.
_ROLE: Final = re.compile(r"points?|lines?|管点|管线|管段|点表|线表|[点线表]|[\s_\-()（）]")
# A title may stand above the heading.
_ROWS_TO_SPLIT: Final = 5
# Six lines are shorter than this.
_PREVIEW_BYTES: Final = 100_000
# How ZIP archives, among them XLSX, and XLS files begin.
_BINARY: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BEGINNING_BYTES: Final = 1_000
# So many rows may stand above a heading: who made the table, when, for whom.
_ROWS_ABOVE: Final = 5


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and what stands below it, column by column.

    Attributes
    ----------
    columns : dict of str to array, each of shape (n,)
        int64 or float64 where all that is known is numbers, else object; None or NaN where blank.
    encoding : Encoding
        Of the text; its warnings speak of the whole table.
    problems : tuple of Problem
        What is odd in single rows, counted from 1 below the heading.
    """

    name: str
    columns: dict[str, NDArray[Any]]
    encoding: Encoding
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values()))) if self.columns else 0


def read_tables(path: Path, given: str | None = None) -> list[Table]:
    """Read all sheets of a workbook, or a text table and those that belong to it.

    A survey that comes as two text files, ``WS_POINT.csv`` and ``WS_LINE.csv`` or 点表 and 线表,
    is read like a workbook of two sheets; the file that was chosen comes first.

    Parameters
    ----------
    given : str, optional
        Encoding of the text table that was chosen; the others' are recognised if it is not theirs.

    Raises
    ------
    InputError
        If there is no table in it or it cannot be read.
    InputQuestion
        If the encoding must be chosen.
    """
    if path.suffix.casefold() in BOOK_SUFFIXES:
        grids = workbook_grids.read_grids(path)
        found = [table for grid in grids if (table := _of_grid(grid)) is not None]
        if not found:
            raise InputError(_("{path} has no rows.").format(path=path.name))
        return found
    return [read_text(path, given), *(read_sister(other, given) for other in sisters(path))]


def read_text(path: Path, given: str | None = None) -> Table:
    """Read one text table.

    Raises
    ------
    InputError
        If it has no rows or cannot be read.
    InputQuestion
        If the encoding must be chosen.
    """
    text, decided = decoded(path, given)
    cells = _split(path, text)
    padded = sum(cell != cell.strip() for row in cells for cell in row)
    rows = [[cell.strip() or None for cell in row] for row in cells]
    table = _of_grid(Grid(path.stem, rows, {}, (), padded, hidden=False), decided)
    if table is None:
        raise InputError(_("{path} has no rows.").format(path=path.name))
    return table


def read_sister(path: Path, given: str | None) -> Table:
    """Read a text table that belongs to another one, whose encoding need not be its own.

    Raises
    ------
    InputError
        If it has no rows or cannot be read.
    InputQuestion
        If the encoding must be chosen.
    """
    try:
        return read_text(path, given)
    except InputError:
        if given is None:
            raise
    return read_text(path)


def read_sheet(path: Path, sheet: str) -> Table:
    """Read one sheet of a workbook.

    Raises
    ------
    InputError
        If the workbook is damaged or the sheet has no rows.
    """
    table = _of_grid(workbook_grids.read_grid(path, sheet))
    if table is None:
        raise InputError(_("{path} has no rows.").format(path=f"{path.name}/{sheet}"))
    return table


def sisters(path: Path) -> list[Path]:
    """Return the text tables beside this one that are named as it is but for the role.

    So ``WS_LINE.csv`` belongs to ``WS_POINT.csv`` and 线表.csv to 点表.csv.
    """
    stem = pair_name(path.stem)
    if stem == path.stem.casefold():
        return []
    return [
        other
        for other in sorted(path.parent.iterdir())
        if other.suffix.casefold() == path.suffix.casefold()
        and other.name != path.name
        and other.stem.casefold() != stem
        and pair_name(other.stem) == stem
    ]


def pair_name(name: str) -> str:
    """Return what the names of a pair of tables have in common: ``ws`` of WS_POINT and WS_LINE."""
    return _ROLE.sub("", name.casefold())


def decoded(path: Path, given: str | None) -> tuple[str, Encoding]:
    """Return the text of a file and how its encoding is known.

    Raises
    ------
    InputError
        If it cannot be read or is not in the encoding that was given.
    InputQuestion
        If the encoding must be chosen.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    nulls = b"\x00" in data[:_BEGINNING_BYTES] and not encoding.is_marked(data)
    if data.startswith(_BINARY) or (nulls and given is None):
        message = _("{path} is no text; perhaps a workbook or an archive with a wrong ending.")
        raise InputError(message.format(path=path.name))
    known = encoding.of_text(data, given)
    return data.decode(known.name, "replace"), known


def preview(path: Path, encoding_name: str, count: int) -> tuple[tuple[str, ...], ...]:
    """Return the first line and `count` more as an encoding would have them, cell by cell.

    Raises
    ------
    InputError
        If the file cannot be read or there is no such encoding.
    """
    codec = encoding.codec(encoding_name)
    try:
        with path.open("rb") as file:
            data = file.read(_PREVIEW_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    rows = _split(path, data.decode(codec, "replace"))
    return tuple(tuple(cell.strip() for cell in row) for row in rows[: count + 1])


def number(value: object) -> float | None:
    """Return the number that a cell means, None if it means none."""
    try:
        return None if value is None else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def column_of(values: Sequence[Any]) -> NDArray[Any]:
    """Return a column: numbers where all that is known is numbers."""
    known = [value for value in values if value is not None]
    if known and all(
        isinstance(value, float | int) and not isinstance(value, bool) for value in known
    ):
        whole = all(isinstance(value, int) for value in known)
        small = all(abs(value) < 2**63 for value in known)
        if whole and small and len(known) == len(values):
            return np.array(values, dtype=np.int64)
        if not whole:
            return np.array([math.nan if v is None else float(v) for v in values])
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _split(path: Path, text: str) -> list[list[str]]:
    """Return the rows that hold something, split at what gives the first ones most columns."""

    def split(delimiter: str) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)

    try:
        delimiter = max(
            ",;\t|", key=lambda sign: sum(len(row) for row in islice(split(sign), _ROWS_TO_SPLIT))
        )
        return [row for row in split(delimiter) if any(row)]
    except csv.Error as error:
        raise unreadable(path, error) from error


# -- from cells to columns ---------------------------------------------------------------


def _of_grid(grid: Grid, decided: Encoding | None = None) -> Table | None:
    """Return the table of a sheet; None if there is no row below a heading."""
    filled = [
        n
        for n, row in enumerate(grid.rows)
        if workbook_grids.any_filled(row) and not workbook_sheets.is_key_row(row)
    ]
    first = _first_heading(grid, filled)
    heading = _heading_rows(grid, [n for n in filled if n >= first])
    body = [n for n in filled if n > first and n not in heading]
    if not body:
        return None
    width = max(_width(grid.rows[n]) for n in (*heading, *body))
    titles = _titles(grid, heading, width)
    rows = ([from_cell(cell) for cell in grid.rows[n][:width]] for n in body)
    cells = [row + [None] * (width - len(row)) for row in rows]
    columns = {title: column_of([row[at] for row in cells]) for at, title in enumerate(titles)}
    columns, doubts = spreadsheets.looked_at(columns)
    known = decided or Encoding("utf-8", "format")
    said = (*known.warnings, *_sheet_words(grid, heading, filled.index(first)))
    problems = (*cell_faults(grid, body, titles), *doubts)
    return Table(grid.name, columns, replace(known, warnings=said), problems)


def _first_heading(grid: Grid, filled: Sequence[int]) -> int:
    """Return the row in which the heading begins.

    It has several cells. Where soon below stands a row of words only that has more than twice as
    many, as has the one after it, the first was a note above the table.
    """
    several = [n for n in filled if _count(grid.rows[n]) >= _HEADING_CELLS]
    if not several:
        return filled[0] if filled else 0
    first = several[0]
    if len(_heading_rows(grid, [n for n in filled if n >= first])) > 1:
        return first
    for row, below in pairwise(several[1:_ROWS_ABOVE]):
        words = all(_is_word(cell) for cell in grid.rows[row] if cell is not None)
        wide = min(_count(grid.rows[n]) for n in (row, below)) > 2 * _count(grid.rows[first])
        if words and wide:
            return row
    return first


def _count(row: Sequence[Any]) -> int:
    return sum(cell is not None for cell in row)


def _width(row: Sequence[Any]) -> int:
    return max((n for n, cell in enumerate(row, 1) if cell is not None), default=0)


def _heading_rows(grid: Grid, filled: Sequence[int]) -> list[int]:
    """Return the row of the heading and those below it that say the same more closely.

    Such a row has words, and nothing else, below titles that reach over several columns; below
    the first title, as below others that stand for both rows, it is blank.
    """
    heading = list(filled[:1])
    for row in filled[1:_MOST_HEADINGS]:
        above, cells = grid.rows[heading[-1]], grid.rows[row]
        words = [n for n, cell in enumerate(cells) if cell is not None]
        wide = _below_wide(grid, heading[-1], above)
        first = next(n for n, cell in enumerate(grid.rows[heading[0]]) if cell is not None)
        if first in words or not wide.issuperset(words):
            break
        if not all(_is_word(cells[n]) for n in words):
            break
        heading.append(row)
    return heading


def _below_wide(grid: Grid, row: int, cells: Sequence[Any]) -> set[int]:
    """Return the columns below a title that was merged over several, or has blanks beside it."""
    wide = {
        column
        for (top, left), (_bottom, right) in grid.merged
        if top == row and right > left
        for column in range(left, right + 1)
    }
    if wide:
        return wide
    blank = {n for n in range(1, len(cells)) if cells[n] is None}
    return blank | {n - 1 for n in blank}


def _is_word(value: object) -> bool:
    return isinstance(value, str) and not any(sign.isdecimal() for sign in value)


def _titles(grid: Grid, heading: Sequence[int], width: int) -> list[str]:
    """Return the title of each column; what stands above several of them belongs to each."""
    parts: list[list[str]] = [[] for _column in range(width)]
    for row in heading:
        cells, last = grid.rows[row], ""
        for at in range(width):
            word = " ".join(str(cells[at]).split()) if at < len(cells) and cells[at] else ""
            below = any(at < len(grid.rows[n]) and grid.rows[n][at] for n in heading if n > row)
            last = word or (last if below else "")
            if last:
                parts[at].append(last)
    return unique(" ".join(words) or f"column{n}" for n, words in enumerate(parts, 1))


def _sheet_words(grid: Grid, heading: Sequence[int], above: int) -> Iterator[str]:
    """Say what of a sheet was not taken as it stands."""
    if above:
        yield _("Rows above the heading that are left out: {count}").format(count=above)
    if len(heading) > 1:
        words = _("The heading stands in {count} rows, which were joined.")
        yield words.format(count=len(heading))
    if grid.padded:
        words = _("Spaces around {count} values are left out.")
        yield words.format(count=grid.padded)
    if grid.hidden:
        yield _("{sheet} is hidden in the workbook.").format(sheet=grid.name)


def cell_faults(grid: Grid, body: Sequence[int], titles: Sequence[str]) -> Iterator[Problem]:
    """Yield cells without a usable value and those that were merged into the one above."""
    record = {row: n for n, row in enumerate(body, 1)}
    for (row, column), why in sorted(grid.faults.items()):
        if row in record and column < len(titles):
            words = _("left empty: {why}").format(why=why)
            yield Problem(record[row], titles[column], "bad-value", words)
    merged: dict[str, list[int]] = defaultdict(list)
    for (top, left), (bottom, right) in grid.merged:
        for row in (n for n in range(top, bottom + 1) if n in record):
            for column in range(left, min(right + 1, len(titles))):
                if (row, column) != (top, left):
                    merged[titles[column]].append(record[row])
    for title, rows in merged.items():
        words = _("cells merged with a neighbour are left empty; the value stands in the first one")
        yield Problem.of_rows(rows, title, "merged-cells", words)
