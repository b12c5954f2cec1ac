"""Tables written as a workbook or as a web page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from hjgis import paths
from hjgis.errors import HjgisError, UsageError
from hjgis.exchange.unfinished import give_up
from hjgis.i18n import _, language, reason
from hjgis.models.cell_text import as_cell

Cell = str | int | float | None

# Rows that a sheet of a workbook can hold below its heading.
_SHEET_ROWS: Final = 1_048_575
# Characters that XML 1.0 and so a workbook cannot hold.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a part; `width` in characters, `decimals` of numbers on paper."""

    heading: str
    width: int
    percent: bool = False
    decimals: int = 3


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the report."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def write_tables(path: Path, title: str, tables: Sequence[Table]) -> None:
    """Write tables into one file.

    Parameters
    ----------
    path : Path
        Ends in ``.xlsx`` or ``.html``; a file that is there is replaced.

    Raises
    ------
    UsageError
        If it ends otherwise.
    HjgisError
        If it cannot be written.
    """
    write = _WRITERS.get(path.suffix.casefold())
    if write is None:
        message = _("A report is {kinds}, not {path}.")
        raise UsageError(message.format(kinds=", ".join(_WRITERS), path=path.name))
    try:
        # Opened before the writer starts: half a workbook cannot be given up cleanly.
        with paths.written_whole(path) as unfinished, unfinished.open("wb") as file:
            write(file, title, tables)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=path, error=reason(error))) from error


def _write_xlsx(file: BinaryIO, title: str, tables: Sequence[Table]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.title = title
    book.properties.creator = "hjgis"
    try:
        _fill(book, tables)
        book.save(file)
    except BaseException:
        give_up(book)
        raise


def _fill(book: Any, tables: Sequence[Table]) -> None:
    from openpyxl.utils import get_column_letter

    for table in tables:
        for name, rows in _sheets(table):
            sheet = book.create_sheet(name)
            sheet.freeze_panes = "A2"
            for number, column in enumerate(table.columns, 1):
                sheet.column_dimensions[get_column_letter(number)].width = column.width
            sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(rows) + 1}"
            sheet.append([_heading_cell(sheet, column) for column in table.columns])
            for row in rows:
                sheet.append([_cell(sheet, *pair) for pair in zip(row, table.columns, strict=True)])


def _sheets(table: Table) -> Iterator[tuple[str, tuple[tuple[Cell, ...], ...]]]:
    """Split what is longer than a sheet."""
    for number, start in enumerate(range(0, max(len(table.rows), 1), _SHEET_ROWS), 1):
        name = table.title if number == 1 else f"{table.title} {number}"
        yield name, table.rows[start : start + _SHEET_ROWS]


def _heading_cell(sheet: object, column: Column) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=as_cell(_(column.heading)))
    # Some headings are what people typed, and no formula whatever they begin with.
    cell.data_type = "s"
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: object, value: Cell, column: Column) -> object:
    """Return what openpyxl takes: the bare value, which is fast, wherever that will do."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        return as_cell(value)
    if isinstance(value, float) and column.percent:
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "0.0%"
        return cell
    return value


STYLE: Final = """
body { font: 14px/1.5 "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif;
  margin: 24px; color: #1f2933; }
table { border-collapse: collapse; margin-bottom: 32px; }
td, th { border: 1px solid #c3cad2; padding: 4px 8px; text-align: left; vertical-align: top; }
th { background: #eef1f4; }
th[align="right"] { text-align: right; }
td.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { margin: 0; font-size: 11px; } thead { display: table-header-group; } }
"""


def _write_html(file: BinaryIO, title: str, tables: Sequence[Table]) -> None:
    for part in _html(title, tables):
        file.write(part.encode())


def _html(title: str, tables: Sequence[Table]) -> Iterator[str]:
    yield (
        f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{html.escape(title)}</h1>\n"
    )
    for table in tables:
        yield f"<h2>{html.escape(table.title)}</h2>\n"
        yield from table_html(table)
    yield "</body>\n</html>\n"


def table_html(table: Table) -> Iterator[str]:
    """Yield the parts of a table of HTML, without its title; for browsers and for paper."""
    # What rich text on paper does not take from a style sheet stands in attributes.
    yield '<table border="1" cellspacing="0" cellpadding="3" width="100%">\n<thead><tr>'
    whole = sum(column.width for column in table.columns)
    first = table.rows[0] if table.rows else ("",) * len(table.columns)
    for column, value in zip(table.columns, first, strict=True):
        share, words = round(100 * column.width / whole), html.escape(_(column.heading))
        side = "left" if value is None or isinstance(value, str) else "right"
        yield f'<th bgcolor="#eef1f4" align="{side}" width="{share}%">{words}</th>'
    yield "</tr></thead>\n<tbody>\n"
    for row in table.rows:
        yield f"<tr>{''.join(map(_html_cell, row, table.columns))}</tr>\n"
    yield "</tbody>\n</table>\n"


def _html_cell(value: Cell, column: Column) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, str):
        return f"<td>{html.escape(_CONTROL.sub('', value))}</td>"
    if isinstance(value, float):
        value = f"{value:.1%}" if column.percent else f"{value:.{column.decimals}f}"
    return f'<td class="figure" align="right">{value}</td>'


_WRITERS: Final[Mapping[str, Callable[[BinaryIO, str, Sequence[Table]], None]]] = {
    ".xlsx": _write_xlsx,
    ".html": _write_html,
}
