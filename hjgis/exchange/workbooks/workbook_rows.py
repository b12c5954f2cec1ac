"""What the rows of a sheet that came back say, before it is known which features they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange import records, usable
from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.held import Held
from hjgis.exchange.matching import Incoming
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import Problems, from_ranges
from hjgis.exchange.workbooks import spreadsheets
from hjgis.exchange.workbooks import workbook_sheets as sheets
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.crs import Transform
from hjgis.models.unknown import FIELD as UNKNOWN_FIELDS
from hjgis.models.written import BadValue, read_number

# A column beside the fields: which of them say 不详, as `models.unknown` writes them.
SAYS_UNKNOWN: Final = ":unknown"
# Nothing is known of a value that such a problem is about.
_SPOILT: Final = ("bad-value", "digits-lost", "merged-cells")


class SheetRows:
    """The rows of one sheet of a kind.

    Columns are called by our headings, whatever people have made of those; rows are numbered as in
    the sheet.
    """

    def __init__(
        self,
        project: Project,
        asset: AssetType,
        layer: ForeignLayer,
        transform: Transform,
        problems: Problems,
        held: Held,
    ) -> None:
        self._project, self._asset, self._transform = project, asset, transform
        self._problems, self._held = problems, held
        self._known = {column.name: column for column in sheets.columns(asset, transform.source)}
        # What each of our columns is called here, and which of them are fields.
        self.titles: dict[str, str] = {}
        columns = {self._title(key): values for key, values in layer.columns.items()}
        self._layer = replace(layer, columns=columns)
        self.fields = {
            title: Column(title, name) for name, title in self.titles.items() if asset.has(name)
        }
        for odd in layer.problems:
            self._problems.include(replace(odd, field=self._title(odd.field or "")))

    def _title(self, key: str) -> str:
        said = sheets.read_key(key)
        if said is None or said[0] != self._asset.id or said[1] not in self._known:
            return key
        column = self._known[said[1]]
        title = column.name if column.name == sheets.UUID else column.heading
        self.titles[column.name] = title
        return title

    def incoming(self) -> Incoming:
        """Return the rows that say something; points have their places, in the project CRS."""
        rows = self._filled()
        unknown = self._read_cells(rows)
        values, refused = records.values_of(
            self._project, self._asset, self._layer, self.fields, rows, self._held
        )
        self._forget_spoilt(rows, values, refused)
        told = {title: Column(title, name) for name, title in self.titles.items()}
        records.note_unmapped(self._layer, told, self._problems)
        if self._asset.has(UNKNOWN_FIELDS):
            values[SAYS_UNKNOWN] = [" ".join(unknown.get(row, ())) for row in rows.tolist()]
        if sheets.OWNER in self.titles:
            cells = self._cells(sheets.OWNER)[rows].tolist()
            values[sheets.OWNER] = [None if is_null(cell) else str(cell) for cell in cells]
        shapes = self._points(rows)
        tolerance = usable.tolerance_m(self._transform)
        return Incoming(rows, shapes, values, self._identities(rows), refused, tolerance)

    def _cells(self, name: str) -> NDArray[Any]:
        return self._layer.columns[self.titles[name]]

    def _filled(self) -> NDArray[np.intp]:
        """Return the rows of which something is left that people see."""
        hidden = {
            title for name, title in self.titles.items() if self._known[name].role == "hidden"
        }
        seen = np.zeros(len(self._layer), dtype=bool)
        for title, values in self._layer.columns.items():
            if title not in hidden:
                seen |= np.array([not is_null(value) for value in values.tolist()], dtype=bool)
        return np.flatnonzero(seen)

    def _read_cells(self, rows: NDArray[np.intp]) -> dict[int, list[str]]:
        """Make dates of days since 1900, nothing of 不详; return what says 不详 in which row."""
        unknown: dict[int, list[str]] = {}
        keeps = self._asset.has(UNKNOWN_FIELDS)
        for name, title in self.titles.items():
            field = self._known[name].field
            if field is None or field.type in ("text", "code"):
                continue
            cells = self._layer.columns[title].astype(object)
            for row in rows.tolist():
                cell = cells[row]
                if isinstance(cell, str):
                    if keeps and sheets.says_unknown(field, cell, self._project.catalogue):
                        cells[row] = None
                        unknown.setdefault(row, []).append(name)
                elif field.type in ("date", "datetime") and spreadsheets.is_day(cell):
                    cells[row] = spreadsheets.date_of(cell)
            self._layer.columns[title] = cells
        return unknown

    def _forget_spoilt(
        self, rows: NDArray[np.intp], values: records.Values, refused: dict[str, set[int]]
    ) -> None:
        """Take no value from a cell that shows an error or has lost its digits."""
        places = {row: place for place, row in enumerate((rows + 1).tolist())}
        names = {title: name for name, title in self.titles.items()}
        for odd in self._layer.problems:
            name = names.get(self._title(odd.field or ""), "")
            if odd.kind not in _SPOILT or name not in values:
                continue
            runs = from_ranges(odd.rows or str(odd.row))
            for row in (row for low, high in runs for row in range(low, high + 1)):
                if row in places:
                    values[name][places[row]] = None
                    refused.setdefault(name, set()).add(places[row])

    def _identities(self, rows: NDArray[np.intp]) -> list[str | None]:
        if sheets.UUID not in self.titles:
            words = _(
                "The hidden column of identities is gone: rows are found again by number and place."
            )
            self._problems.add(None, None, "no-identity", words)
            return [None] * len(rows)
        found = records.given_identities(self._layer, rows)
        cells = self._cells(sheets.UUID)[rows].tolist()
        for row, uuid, cell in zip((rows + 1).tolist(), found, cells, strict=True):
            if uuid is None and not is_null(cell):
                words = _("the identity was written over; the row is found by number and place")
                self._problems.add(row, None, "no-identity", words)
        return found

    def _points(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the places that rows say, shape (m,); None where there is none."""
        nothing = np.full(len(rows), None, dtype=object)
        if self._asset.geometry != "Point" or not {sheets.X, sheets.Y} <= self.titles.keys():
            return nothing
        x, y = (self._numbers(name, rows) for name in (sheets.Y, sheets.X))
        z = np.full(len(rows), np.nan)
        if sheets.Z in self.titles:
            z = self._numbers(sheets.Z, rows)
        shapes = np.full(len(self._layer), None, dtype=object)
        there = ~np.isnan(x) & ~np.isnan(y)
        high = there & ~np.isnan(z)
        flat = there & np.isnan(z)
        shapes[rows[flat]] = shapely.points(x[flat], y[flat])
        shapes[rows[high]] = shapely.points(x[high], y[high], z[high])
        placed = replace(self._layer, geometry=shapes)
        odd = Held()
        kept, moved = usable.records(placed, self._asset, self._transform, odd, among=rows[there])
        taken = {*(kept + 1).tolist()}
        for entry in odd.entries:
            (self._held if entry[0] in taken else self._problems).add(*entry)
        nothing[np.searchsorted(rows, kept)] = moved
        return nothing

    def _numbers(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return coordinates as numbers; NaN where there are none."""
        found = np.full(len(rows), np.nan)
        for place, cell in enumerate(self._cells(name)[rows].tolist()):
            if is_null(cell):
                continue
            try:
                found[place] = read_number(str(cell), None)
            except BadValue as error:
                title = self.titles[name]
                self._problems.add(int(rows[place]) + 1, title, "bad-value", str(error))
        return found
