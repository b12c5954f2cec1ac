"""Tables as CSV for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from hjgis.models.cell_text import as_cell


def write_csv(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Write rows as a CSV that a spreadsheet opens with a double click.

    It begins with a byte order mark, without which Excel takes it for the machine's old encoding,
    and no text in it is a formula.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([as_cell(cell) for cell in row] for row in rows)
