"""A workbook of ours that came back: its sheets as tables whose columns say what they are.

Run in the process apart. The rows of a table are those of its sheet, so that whatever is said of a
row names the one that people see; rows that are no features are blank.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from hjgis.exchange import tables
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer, unique
from hjgis.exchange.workbooks import spreadsheets, workbook_grids
from hjgis.exchange.workbooks.workbook_grids import Grid
from hjgis.exchange.workbooks.workbook_sheets import ABOUT, UUID, read_key

# So far down the row of keys is looked for: somebody may have put a title above it.
_ROWS_ABOVE: Final = 10
# Share of the headings that must be there to know a sheet without its row of keys.
_SHARE: Final = 0.5
# Of a row about the workbook.
_ABOUT_CELLS: Final = 3
# Of a UUID.
_DASHES: Final = 4


@dataclass(frozen=True, slots=True)
class _Found:
    """The key of each column of a sheet, and the last row above the features."""

    keys: Mapping[int, str]
    last_row: int


def read_book(path: Path) -> tuple[list[ForeignLayer], list[list[str]]]:
    """Return the sheets that hold features of ours, and the rows of the one about the workbook.

    Raises
    ------
    InputError
        If the workbook is damaged.
    """
    grids = workbook_grids.read_grids(path)
    about = [
        [*("" if cell is None else str(cell) for cell in row), "", "", ""][:_ABOUT_CELLS]
        for grid in grids
        if grid.name == ABOUT
        for row in grid.rows
    ]
    known = _headings(about)
    read = []
    for grid in grids:
        found = _by_keys(grid) or _by_headings(grid, known)
        if found is not None and grid.name != ABOUT:
            read.append(_table(grid, found))
    return read, about


def _headings(about: Sequence[Sequence[str]]) -> dict[str, dict[str, str]]:
    """Return for each kind which key a heading had."""
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for row in about:
        key = read_key(row[1]) if row[0] == "column" else None
        if key is not None:
            known[key[0]][row[2]] = row[1]
    return known


def _by_keys(grid: Grid) -> _Found | None:
    for number, row in enumerate(grid.rows[:_ROWS_ABOVE]):
        keys = {place: str(cell).strip() for place, cell in enumerate(row) if read_key(cell)}
        if keys:
            below = grid.rows[number + 1] if number + 1 < len(grid.rows) else []
            return _Found(keys, number + int(_is_heading(keys, below)))
    return None


def _is_heading(keys: Mapping[int, str], row: Sequence[Any]) -> bool:
    """Whether the row below the keys holds headings: a feature has an identity or none."""
    place = next((at for at, key in keys.items() if key.endswith(f".{UUID}")), None)
    if place is None or place >= len(row):
        return True
    said = str(row[place] or "")
    return bool(said) and said.count("-") != _DASHES


def _by_headings(grid: Grid, known: Mapping[str, Mapping[str, str]]) -> _Found | None:
    """Return the columns of a sheet whose row of keys is gone, if its headings are still known."""
    best: dict[int, str] = {}
    last = 0
    for number, row in enumerate(grid.rows[:_ROWS_ABOVE]):
        for headings in known.values():
            keys = {at: headings[cell] for at, cell in enumerate(row) if cell in headings}
            if len(keys) > max(len(best), _SHARE * len(headings)):
                best, last = keys, number
    return _Found(best, last) if best else None


def _table(grid: Grid, found: _Found) -> ForeignLayer:
    width = max(map(len, grid.rows), default=0)
    heading = grid.rows[found.last_row] if found.last_row < len(grid.rows) else []
    names = [found.keys.get(place, _title(heading, place)) for place in range(width)]
    titles = unique(names)
    body = [
        [None] * width if number <= found.last_row else [*row, *[None] * (width - len(row))]
        for number, row in enumerate(grid.rows)
    ]
    columns = {
        title: tables.column_of([row[place] for row in body]) for place, title in enumerate(titles)
    }
    columns, doubts = spreadsheets.looked_at(columns)
    return ForeignLayer(
        grid.name,
        columns,
        np.full(len(body), None, dtype=object),
        np.zeros(len(body), dtype=bool),
        None,
        Encoding("utf-8", "format"),
        problems=(*tables.cell_faults(grid, range(len(body)), titles), *doubts),
        spatial=False,
    )


def _title(heading: Sequence[Any], place: int) -> str:
    said = heading[place] if place < len(heading) else None
    return " ".join(str(said).split()) if said is not None else f"column{place + 1}"
