"""Excel for people: a sheet a kind that can be filled in and sent back, and is known on return."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis import paths
from hjgis.exchange.outgoing import LOT, Outgoing, Writing
from hjgis.exchange.report import LayerExport, Loss, in_ranges
from hjgis.exchange.unfinished import cannot_write, give_up
from hjgis.exchange.workbooks import workbook_sheets as sheets
from hjgis.exchange.workbooks.workbook_lists import LAST_ROW, Lists
from hjgis.exchange.workbooks.workbook_sheets import Cell, Cells, Column
from hjgis.i18n import _, label
from hjgis.models.assets import RECORD_OF
from hjgis.models.cell_text import as_cell
from hjgis.models.reading import LayerTable
from hjgis.models.unknown import FIELD as UNKNOWN_FIELDS
from hjgis.models.unknown import unknown_names
from hjgis.models.validation import UNKNOWN
from hjgis.progress import SILENT, Progress

# The hidden row of keys, then the headings, then the features.
_FIRST_ROW: Final = 3
_NAME_SIGNS: Final = 31
_GREY: Final = "FFE7E6E6"
_HEADING: Final = "FFD9E5F2"
_WIDTHS: Final = (9, 42)
# Width of the filter's arrow, in digits.
_ARROW: Final = 3
_MEASURED: Final = 200


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Say which headings the fields get and what would be lost; nothing is written."""
    done = []
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        sheet = _Sheet(one, writing)
        losses = [loss for _cells, told in sheet.lots(progress) for loss in told]
        done.append(sheet.export(losses))
    return done


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write a workbook with a sheet for each layer, more where one has too many rows.

    Codes stand there by their names, dates as dates, long numbers as text; lines and areas have
    their size only. A hidden row above the headings and a hidden sheet tell `workbook_return` what
    is what.

    Raises
    ------
    InputError
        If the file cannot be written.
    Cancelled
        If `progress` says so; there is then no half file.
    """
    try:
        with paths.written_whole(path) as unfinished:
            book = _Book([_Sheet(one, writing) for one in going], writing)
            return book.written(unfinished, progress)
    except OSError as error:
        raise cannot_write(path, error) from error


class _Sheet:
    """One layer as it goes into its sheet."""

    def __init__(self, one: Outgoing, writing: Writing) -> None:
        self.one = one
        self.columns = sheets.columns(one.asset, writing.crs)
        self._cells = {
            column.name: Cells(column.field, one.project.catalogue)
            for column in self.columns
            if column.field is not None
        }

    def lots(self, progress: Progress) -> Iterator[tuple[list[list[Cell]], list[Loss]]]:
        """Yield the cells column by column, so many rows at a time, and what they do not hold."""
        if self.one.asset.geometry not in ("Point", "None") and len(self.one):
            words = _("the shapes of {count} features are not in a workbook, only their size")
            yield [], [Loss("geometry", "", "geometry", words.format(count=len(self.one)))]
        for table in self.one.lots(LOT):
            progress.check()
            yield self._lot(table)

    def export(self, losses: Sequence[Loss]) -> LayerExport:
        """Return what is told of the layer."""
        asset = self.one.asset
        kept = (column for column in self.columns if column.field or column.name == sheets.UUID)
        names = {column.name: column.heading for column in kept}
        return LayerExport(asset.id, len(self.one), names, tuple(losses), asset.secrecy)

    def _lot(self, table: LayerTable) -> tuple[list[list[Cell]], list[Loss]]:
        told = self._told(table)
        losses: list[Loss] = []
        found: list[list[Cell]] = []
        for column in self.columns:
            if column.field is None:
                found.append(told[column.name])
                continue
            values = table.columns[column.name].tolist()
            cells = self._cells[column.name]
            found.append(cells.of(values))
            losses += [
                Loss(column.name, str(table.uuids[row]), *trouble)
                for row, trouble in cells.troubles(values)
            ]
        if UNKNOWN_FIELDS in table.columns:
            self._say_unknown(table, found)
        return found, losses

    def _say_unknown(self, table: LayerTable, found: list[list[Cell]]) -> None:
        """Write 不详 where somebody has looked and does not know."""
        places = {column.name: place for place, column in enumerate(self.columns) if column.field}
        for row, text in enumerate(table.columns[UNKNOWN_FIELDS].tolist()):
            for name in unknown_names({UNKNOWN_FIELDS: text}) if text else ():
                if name in places and found[places[name]][row] is None:
                    found[places[name]][row] = UNKNOWN

    def _told(self, table: LayerTable) -> dict[str, list[Cell]]:
        """Return the columns that are no fields."""
        found: dict[str, list[Cell]] = {sheets.UUID: list(map(str, table.uuids.tolist()))}
        shapes = table.geometry
        wanted = {column.name for column in self.columns if column.field is None}
        if sheets.OWNER in wanted:
            found[sheets.OWNER] = self._owners(table)
        if shapes is None:
            return found
        if sheets.X in wanted:
            found |= zip((sheets.Y, sheets.X, sheets.Z), _coordinates(shapes), strict=True)
        for (north, east), vertex in ((sheets.START, 0), (sheets.END, -1)):
            if north in wanted:
                found[east], found[north], _z = _coordinates(shapely.get_point(shapes, vertex))
        found[sheets.LENGTH] = _sizes(shapely.length(shapes))
        found[sheets.AREA] = _sizes(shapely.area(shapes))
        return found

    def _owners(self, table: LayerTable) -> list[Cell]:
        """Return by which number people know the asset of each record."""
        if not all(name in table.columns for name in RECORD_OF):
            return [None] * len(table.fids)
        named: dict[tuple[str, str], Cell] = {}
        pairs = list(zip(*(table.columns[name].tolist() for name in RECORD_OF), strict=True))
        project = self.one.project
        for layer in {layer for layer, _uuid in pairs if layer in project.types}:
            asset = project.asset_type(layer)
            if asset.display is None:
                continue
            whole = project.table(layer, [asset.display], geometry=False)
            numbers = whole.columns[asset.display].tolist()
            named |= {
                (layer, uuid): None if number is None else sheets.written(str(number))[0]
                for uuid, number in zip(whole.uuids.tolist(), numbers, strict=True)
            }
        return [named.get(pair) for pair in pairs]


def _coordinates(shapes: NDArray[np.object_]) -> list[list[Cell]]:
    """Return x, y and z of points; None where there is none."""
    return [
        [float(one) if np.isfinite(one) else None for one in axis]
        for axis in (shapely.get_x(shapes), shapely.get_y(shapes), shapely.get_z(shapes))
    ]


def _sizes(sizes: NDArray[np.float64]) -> list[Cell]:
    return [round(float(one), 3) if np.isfinite(one) else None for one in sizes]


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of a sheet that go into one sheet of the workbook."""

    title: str
    sheet: _Sheet
    rows: int


class _Book:
    """One workbook on its way out."""

    def __init__(self, kinds: Sequence[_Sheet], writing: Writing) -> None:
        from openpyxl import Workbook

        self._book = Workbook(write_only=True)
        self._kinds, self._writing = kinds, writing
        self._taken: set[str] = set()
        self._about = self._free(_("Instructions"))
        codes = self._free(_("Code lists"))
        self._parts = {kind.one.asset.id: list(self._parts_of(kind)) for kind in kinds}
        self._codes = codes
        self._lists = Lists(codes)

    def written(self, path: Path, progress: Progress) -> list[LayerExport]:
        """Write it all and return what is told of the layers."""
        with path.open("wb") as file:
            try:
                self._write_about()
                done = [self._write_kind(kind, progress) for kind in self._kinds]
                self._write_lists()
                self._write_facts()
                self._book.save(file)
            except BaseException:
                give_up(self._book)
                raise
        return done

    # -- sheets of features ---------------------------------------------------------------

    def _parts_of(self, kind: _Sheet) -> Iterator[_Part]:
        room = LAST_ROW - _FIRST_ROW + 1
        name = label(kind.one.asset.label)
        for start in range(0, len(kind.one) or 1, room):
            yield _Part(self._free(name), kind, min(room, len(kind.one) - start))

    def _free(self, name: str) -> str:
        """Return a title that no other sheet has, as a workbook can have it."""
        plain = "".join(sign for sign in as_cell(name) if sign not in r"[]:*?/\'") or "_"
        number, title = 1, plain[:_NAME_SIGNS]
        while title.casefold() in self._taken:
            number += 1
            end = f" ({number})"
            title = plain[: _NAME_SIGNS - len(end)] + end
        self._taken.add(title.casefold())
        return title

    def _write_kind(self, kind: _Sheet, progress: Progress) -> LayerExport:
        losses: list[Loss] = []
        rows = _rows(kind, losses, progress)
        for part in self._parts[kind.one.asset.id]:
            self._write_part(part, islice(rows, part.rows))
        return kind.export(losses)

    def _write_part(self, part: _Part, rows: Iterator[tuple[Cell, ...]]) -> None:
        from openpyxl.utils import get_column_letter

        columns, asset = part.sheet.columns, part.sheet.one.asset
        catalogue = part.sheet.one.project.catalogue
        page = self._book.create_sheet(part.title)
        first = list(islice(rows, _MEASURED))
        for place, column in enumerate(columns):
            seen = [row[place] for row in first]
            _set_column(page.column_dimensions[get_column_letter(place + 1)], column, seen)
        page.freeze_panes = f"B{_FIRST_ROW}"
        page.row_dimensions[1].hidden = True
        last = get_column_letter(len(columns))
        page.auto_filter.ref = f"A{_FIRST_ROW - 1}:{last}{part.rows + _FIRST_ROW - 1}"
        for validation in self._lists.validations(catalogue, columns, _FIRST_ROW):
            page.data_validations.append(validation)
        page.append([sheets.key_of(asset, column) for column in columns])
        page.append([_heading(page, column.heading) for column in columns])
        _append(page, columns, chain(first, rows))

    # -- what goes with them --------------------------------------------------------------

    def _write_about(self) -> None:
        page = self._book.create_sheet(self._about)
        page.column_dimensions["A"].width, page.column_dimensions["B"].width = 34, 90
        for row in self._about_rows():
            page.append([_text(page, cell) for cell in row])
        page.append([])
        page.append([_heading(page, words) for words in (_("Worksheet"), _("Features"))])
        for parts in self._parts.values():
            for part in parts:
                page.append([_text(page, part.title), part.rows])

    def _about_rows(self) -> Iterator[tuple[str, ...]]:
        yield (_("How to fill in this workbook"),)
        yield _("Coordinates"), self._writing.crs.name
        yield (
            _("Grey columns"),
            _("They say which feature a row is, or what follows from it: leave them as they are."),
        )
        yield _("Headings with *"), _("Must be filled in.")
        yield UNKNOWN, _("Write it where you have looked and cannot tell. Blank means: not asked.")
        yield (
            _("New features"),
            _(
                "Add a row below the others. A point needs X and Y, a pipe the numbers of both its"
                " points; other lines and areas cannot be added here."
            ),
        )
        yield (
            _("Rows and columns"),
            _(
                "May be sorted and moved. Do not delete the hidden row and columns: by them each"
                " row finds its way back. A row that is taken out is listed, not deleted."
            ),
        )
        yield _("Send back"), _("This file, as XLSX.")
        if any(len(parts) > 1 for parts in self._parts.values()):
            yield (
                _("More sheets than kinds"),
                _("A sheet holds {rows} rows; the rest follows.").format(
                    rows=f"{LAST_ROW - _FIRST_ROW + 1:,}"
                ),
            )

    def _write_lists(self) -> None:
        page = self._book.create_sheet(self._codes)
        page.sheet_state = "hidden"
        for row in self._lists.rows():
            page.append([None if name is None else _text(page, name) for name in row])

    def _write_facts(self) -> None:
        """Write what tells the workbook on its return, for the program alone."""
        page = self._book.create_sheet(sheets.ABOUT)
        page.sheet_state = "veryHidden"
        page.append(["format", str(sheets.FORMAT)])
        page.append(["crs", self._writing.crs.public_text])
        for kind in self._kinds:
            asset = kind.one.asset
            rows = in_ranges(kind.one.fids.tolist())
            for start in range(0, len(rows), sheets.LONGEST):
                page.append(["rows", asset.id, rows[start : start + sheets.LONGEST]])
            for part in self._parts[asset.id]:
                page.append(["sheet", asset.id, _text(page, part.title)])
            for column in kind.columns:
                page.append(["column", sheets.key_of(asset, column), _text(page, column.heading)])


# -- cells -------------------------------------------------------------------------------


def _rows(kind: _Sheet, losses: list[Loss], progress: Progress) -> Iterator[tuple[Cell, ...]]:
    done, asset = 0, kind.one.asset.id
    for cells, told in kind.lots(progress):
        progress.report(done, len(kind.one), asset)
        losses += told
        yield from zip(*cells, strict=True)
        done += len(cells[0]) if cells else 0


def _append(page: Any, columns: Sequence[Column], rows: Iterable[tuple[Cell, ...]]) -> None:
    """Append rows; a cell is written before the next row is made, so that one a column will do."""
    numbers = [_cell(page, column, column.format) for column in columns]
    texts = [_cell(page, column, column.format) for column in columns]
    marked = [_cell(page, column, column.format) for column in columns]
    for cell in marked:
        # Edited in Excel, it stays the text that it is.
        cell.quotePrefix = True
    for row in rows:
        line: list[Any] = []
        for place, value in enumerate(row):
            if value is None:
                line.append(None)
            elif isinstance(value, str):
                cell = (marked if as_cell(value) != value else texts)[place]
                line.append(_filled(cell, value, "s"))
            else:
                # All digits of a number; the library would leave the last one out.
                line.append(_filled(numbers[place], repr(value), "n"))
        page.append(line)


def _cell(page: Any, column: Column, shown: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page)
    _set_look(cell, column, shown)
    return cell


def _set_look(target: Any, column: Column, shown: str) -> None:
    from openpyxl.styles import PatternFill

    target.number_format = shown
    if column.role != "value":
        target.fill = PatternFill("solid", fgColor=_GREY)


def _filled(cell: Any, value: str, kind: str) -> Any:
    """Fill a cell with what its XML says; the library takes a text with = for a formula."""
    cell.value = value
    cell.data_type = kind
    return cell


def _text(page: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    cell = _filled(WriteOnlyCell(page), sheets.written(text)[0] or "", "s")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _heading(page: Any, text: str) -> Any:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = _text(page, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor=_HEADING)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _set_column(dimension: Any, column: Column, seen: Iterable[Cell]) -> None:
    """Set width and look of a column, that of its empty cells too."""
    widest = max((_width(str(cell)) for cell in seen if cell is not None), default=0)
    if column.format not in (sheets.TEXT, "0"):
        widest = min(widest, len(column.format) + 2)
    wanted = max(widest + 1, _width(column.heading) + _ARROW)
    dimension.width = min(max(wanted, _WIDTHS[0]), _WIDTHS[1])
    dimension.hidden = column.role == "hidden"
    _set_look(dimension, column, column.format)


def _width(text: str) -> int:
    """Return how many digits a text is wide; a Chinese character is two."""
    return sum(1 if sign.isascii() else 2 for sign in text)
