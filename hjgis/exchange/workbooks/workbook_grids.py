"""Sheets of a workbook as grids of plain values, with what a spreadsheet does to data told."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from hjgis.errors import InputError
from hjgis.exchange.foreign import unreadable
from hjgis.i18n import _

# Whole numbers up to here are exact in a cell of a workbook, which keeps 15 digits.
EXACT: Final = 10**15
_REL: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# One cell in the XML of a sheet, whatever its prefix: what stands in its tag, what in it.
_CELL: Final = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_RESULT: Final = re.compile(rb"<(?:\w+:)?(?:v|is)>([^<]*)")
_HEAD_BYTES: Final = 2_000
# The first bytes of XLS files, and of XLSX files with a password.
_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet; row and column numbers from 0, as in the workbook.

    Attributes
    ----------
    rows : sequence of rows of cells
        Blank cells are None.
    faults : dict of (row, column) to str
        Cells without a value that a reader could use, and why.
    merged : tuple of ((row, column), (row, column))
        Cells that were merged into one, first and last; only the first has a value.
    padded : int
        How many texts had spaces around them, which are left out.
    """

    name: str
    rows: Sequence[Sequence[Any]]
    faults: dict[Spot, str]
    merged: tuple[tuple[Spot, Spot], ...]
    padded: int = 0
    hidden: bool = False


def titles(path: Path) -> list[str]:
    """Return the names of all sheets, hidden and empty ones too, without reading them.

    Raises
    ------
    InputError
        If the workbook is damaged.
    """
    return list(_workbook(path).sheet_names)


def sheet_names(path: Path) -> list[str]:
    """Return the sheets of a workbook that hold something, hidden ones too."""
    book = _workbook(path)
    return [name for name in book.sheet_names if any(_rows(path, book, name))]


def read_grid(path: Path, sheet: str) -> Grid:
    """Read one sheet; formulas count with the result that the workbook keeps.

    Raises
    ------
    InputError
        If the workbook is damaged.
    """
    return _grid(path, _workbook(path), sheet)


def read_grids(path: Path) -> list[Grid]:
    """Read all sheets that hold something.

    Raises
    ------
    InputError
        If the workbook is damaged.
    """
    book = _workbook(path)
    grids = (_grid(path, book, name) for name in book.sheet_names)
    return [grid for grid in grids if any(map(any_filled, grid.rows))]


def any_filled(row: Sequence[Any]) -> bool:
    """Whether a row holds something."""
    return any(cell is not None for cell in row)


def _workbook(path: Path) -> Any:
    import python_calamine

    try:
        # By what is in it: many an XLSX is called .xls, and the other way round.
        with path.open("rb") as file:
            return python_calamine.CalamineWorkbook.from_filelike(file)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _no_workbook(path) or unreadable(path, error) from error


def _no_workbook(path: Path) -> InputError | None:
    """Return the error that says what else a file is that is called a workbook, if that is known.

    What web pages offer as XLS often is a web page.
    """
    try:
        with path.open("rb") as file:
            data = file.read()
    except OSError:
        return None
    head = data[:_HEAD_BYTES]
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml")):
        words = _(
            "{path} is a web page or XML, not a workbook; open it in Excel and save it as XLSX."
        )
    elif head.startswith(_COMPOUND) and _LOCKED in data:
        words = _("{path} is protected by a password; save it without one.")
    elif b"\x00" not in head and not head.startswith(b"PK"):
        words = _("{path} is plain text, not a workbook; call it .csv and import that.")
    else:
        words = _("{path} is a damaged workbook; open it in Excel, let that mend it, and save it.")
    return InputError(words.format(path=path.name))


def _grid(path: Path, book: Any, name: str) -> Grid:
    import python_calamine

    hidden = next(
        meta.visible != python_calamine.SheetVisibleEnum.Visible
        for meta in book.sheets_metadata
        if meta.name == name
    )
    merged = book.get_sheet_by_name(name).merged_cell_ranges or ()
    given = _rows(path, book, name)
    padded = sum(isinstance(cell, str) and cell != cell.strip() for row in given for cell in row)
    rows = [[_cell(cell) for cell in row] for row in given]
    return Grid(name, rows, _faults(path, name), tuple(merged), padded, hidden)


def _rows(path: Path, book: Any, name: str) -> list[list[Any]]:
    import python_calamine

    try:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, ValueError) as error:
        raise unreadable(path, error) from error
    return [[None if cell == "" else cell for cell in row] for row in rows]


def _cell(value: Any) -> Any:
    """Return what a cell says: text without spaces around it, whole numbers without a point."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value.is_integer() and abs(value) < 10 * EXACT * EXACT:
        return int(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value)
    return value


# -- what the reader of cells passes over ------------------------------------------------


def _faults(path: Path, sheet: str) -> dict[Spot, str]:
    """Return the cells of an XLSX that show an error or whose formula was never computed.

    The reader of cells gives both as blank, so the file is looked into once more; an older XLS
    does not tell.
    """
    if not zipfile.is_zipfile(path):
        return {}
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part_of(archive, sheet)
            data = archive.read(part) if part else b""
    except (KeyError, OSError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        # The sheet was read a moment ago; a second look that fails must not undo that.
        return {}
    return dict(_faulty(data)) if b't="e"' in data or _FORMULA.search(data) else {}


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the file in the archive that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for entry in book.iter():
        if entry.tag.endswith("}sheet") and entry.get("name") == sheet:
            target = targets.get(entry.get(_REL), "")
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return None


def _faulty(data: bytes) -> Iterator[tuple[Spot, str]]:
    for found in _CELL.finditer(data):
        tag, inside = found[1], found[2] or b""
        place, result = _PLACE.search(tag), _RESULT.search(inside)
        if place is None:
            continue
        spot = int(place[2]) - 1, _column_number(place[1])
        if b't="e"' in tag:
            words = _("the cell shows an error: {text}")
            yield spot, words.format(text=result[1].decode("utf-8", "replace") if result else "")
        elif result is None and _FORMULA.search(inside):
            yield spot, _("the formula has no stored result; open and save the workbook in Excel")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
