"""The table as it is shown, written for Excel: a workbook, or a CSV that it opens right."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.errors import InputError
from hjgis.exchange.unfinished import give_up
from hjgis.i18n import _, reason
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.cell_text import as_cell
from hjgis.models.measures import MEASURES, measure
from hjgis.models.validation import display
from hjgis.progress import SILENT, Progress

_LOT: Final = 5_000
_SHEET_ROWS: Final = 1_048_575
_PX_PER_LETTER: Final = 8.0
_NAME_SIGNS: Final = 31


@dataclass(frozen=True, slots=True)
class TableView:
    """What of a layer is written.

    Attributes
    ----------
    names : tuple of str
        Fields, or names of `MEASURES`, from left to right.
    headings : tuple of str
        What stands above them.
    widths_px : tuple of int
        How wide they are on the screen.
    fids : array of int64
        Rows, in their order.
    """

    layer: str
    title: str
    names: tuple[str, ...]
    headings: tuple[str, ...]
    widths_px: tuple[int, ...]
    fids: NDArray[np.int64]


def write_view(
    project: Project, view: TableView, path: Path, *, progress: Progress = SILENT
) -> int:
    """Write a table to an ``.xlsx`` or ``.csv`` file, replacing one that is there.

    Numbers stay numbers, codes are written by their names, text that a spreadsheet would take for
    a formula is marked as text. The CSV has a byte order mark, so that Excel takes it for UTF-8.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    InputError
        If the file cannot be written, or a workbook cannot hold so many rows.
    Cancelled
        If `progress` says so; there is then no half file.
    """
    write = _write_csv if path.suffix.lower() == ".csv" else _write_xlsx
    if write is _write_xlsx and len(view.fids) > _SHEET_ROWS:
        message = _("A sheet of Excel holds {most} rows, not {count}; filter them or write a CSV.")
        raise InputError(message.format(most=f"{_SHEET_ROWS:,}", count=f"{len(view.fids):,}"))
    try:
        with paths.written_whole(path) as unfinished:
            write(view, _rows(project, view, progress), unfinished)
    except OSError as error:
        raise InputError(
            _("Cannot write {path}: {error}").format(path=path, error=reason(error))
        ) from error
    progress.report(len(view.fids), len(view.fids), view.layer)
    return len(view.fids)


def _rows(project: Project, view: TableView, progress: Progress) -> Iterator[list[Value]]:
    asset = project.asset_type(view.layer)
    fields = [name for name in view.names if name not in MEASURES]
    measured = [name for name in view.names if name in MEASURES]
    for start in range(0, len(view.fids), _LOT):
        progress.report(start, len(view.fids), view.layer)
        progress.check()
        lot = view.fids[start : start + _LOT]
        table = project.table(view.layer, fields, fids=lot.tolist(), geometry=bool(measured))
        read: dict[str, Sequence[Any]] = {
            name: [_cell(project, asset.field(name), value) for value in table.columns[name]]
            for name in fields
        }
        for name in measured:
            assert table.geometry is not None
            sizes = measure(name, table.geometry)
            read[name] = [None if np.isnan(one) else round(float(one), 3) for one in sizes]
        place = {fid: row for row, fid in enumerate(table.fids.tolist())}
        for fid in lot.tolist():
            if fid in place:
                yield [read[name][place[fid]] for name in view.names]


def _cell(project: Project, field: Any, value: Value) -> Value:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return as_cell(display(field, value, project.catalogue))


def _write_csv(view: TableView, rows: Iterator[list[Value]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([as_cell(heading) for heading in view.headings])
        writer.writerows(rows)


def _write_xlsx(view: TableView, rows: Iterator[list[Value]], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(s for s in view.title if s not in r"[]:*?/\ ")[:_NAME_SIGNS])
    sheet.freeze_panes = "A2"
    for number, width in enumerate(view.widths_px, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width / _PX_PER_LETTER
    heading = [WriteOnlyCell(sheet, value=as_cell(text)) for text in view.headings]
    for cell in heading:
        cell.font = Font(bold=True)
    # What cannot be written is told before anything is.
    with path.open("wb") as file:
        try:
            sheet.append(heading)
            for row in rows:
                sheet.append(row)
            book.save(file)
        except BaseException:
            give_up(book)
            raise
