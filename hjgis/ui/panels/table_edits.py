"""Edits of the selected cells of the table, and what is copied of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QObject, Signal

from hjgis.edits.attributes import set_each
from hjgis.edits.cells import CellChange, set_cells
from hjgis.errors import HjgisError
from hjgis.i18n import _, grouped, listed
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.cell_text import as_cell
from hjgis.models.changes import ChangeSet
from hjgis.models.validation import BadValue, coerce
from hjgis.ui import clipboard
from hjgis.ui.door import store
from hjgis.ui.itemmodels import FeatureTableModel, read_rows
from hjgis.ui.panels.table_view import CellView
from hjgis.ui.storing import reckoned

_COPY_AT_MOST: Final = 100_000
_LOT: Final = 5000
# A field, the rows that get a value in it, and the value.
_Fill = tuple[str, NDArray[np.int64], Value]


class CellEdits(QObject):
    """Fills, empties and copies what is selected; each is one step of undo."""

    troubled = Signal(str)

    def __init__(
        self,
        project: Project,
        model: FeatureTableModel,
        view: CellView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._model, self._view = project, model, view

    def fill_down(self) -> None:
        """Give the selected cells of each column the value of the first one.

        What tells features apart is left as it is, which is said.
        """
        asset = self._model.asset
        fills: list[_Fill] = []
        own: list[str] = []
        for column, rows in self._view.selected_cells().items():
            shown = self._model.columns[column]
            if shown.field is not None and shown.field.unique:
                own.append(shown.title)
            elif shown.is_editable and len(rows) > 1:
                value = self._model.value(int(rows[0]), column)
                fills.append(self._fill(column, rows[1:], value))
        if own:
            words = _("Not filled down, as it tells features apart: {fields}")
            self.troubled.emit(words.format(fields=listed(own)))
        elif asset is None or not fills:
            self.troubled.emit(_("Select two or more cells of a column; the first one is copied."))
        if asset is not None and fills:
            self._set_cells(asset.id, fills)

    def empty(self) -> None:
        """Empty the selected cells."""
        asset = self._model.asset
        columns = self._view.selected_cells()
        editable = [c for c in columns if self._model.columns[c].is_editable]
        if asset is None or not editable:
            self.troubled.emit(_("There is nothing here that can be emptied."))
            return
        rows = columns[editable[0]]
        if len(columns) > 1 and len(columns) == len(self._view.visible_columns()):
            # Who presses Del on rows, or on what was selected on the map, means the features.
            words = _(
                "Whole rows are selected. The menu Edit deletes the features; to empty cells,"
                " select just those."
            )
            self.troubled.emit(words)
            return
        if all(np.array_equal(columns[column], rows) for column in editable):
            none = [None] * len(rows)
            nothing = {self._model.columns[c].name: none for c in editable}
            layer, fids = asset.id, self._model.fids[rows]
            self._carry_out(len(fids), lambda some: set_each(some, layer, fids, nothing))
            return
        self._set_cells(asset.id, [self._fill(c, columns[c], None) for c in editable])

    def put_text(self, text: str) -> None:
        """Store one text in all selected cells; where it does not fit, nothing is stored."""
        asset = self._model.asset
        fills: list[_Fill] = []
        for column, rows in self._view.selected_cells().items():
            field = self._model.columns[column].field
            if field is None or not self._model.columns[column].is_editable:
                continue
            try:
                value = coerce(field, text, self._project.catalogue)
            except BadValue as error:
                title = self._model.columns[column].title
                self.troubled.emit(_("{field}: {problem}").format(field=title, problem=error))
                return
            fills.append(self._fill(column, rows, value))
        if asset is None or not fills:
            self.troubled.emit(_("Choose the cell that is to be filled first."))
            return
        self._set_cells(asset.id, fills)

    def _fill(self, column: int, rows: NDArray[np.int64], value: Value) -> _Fill:
        return self._model.columns[column].name, self._model.fids[rows], value

    def _set_cells(self, layer: str, fills: Sequence[_Fill]) -> None:
        def cells() -> Iterator[CellChange]:
            # Where they are worked out: there may be a million.
            for name, fids, value in fills:
                for fid in fids.tolist():
                    yield CellChange(fid, name, None, value, "")

        count = sum(len(fids) for _name, fids, _value in fills)
        self._carry_out(count, lambda some: set_cells(some, layer, cells()))

    def _carry_out(self, count: int, make: Callable[[Project], ChangeSet]) -> None:
        """Work an edit of so many cells out and store it."""
        try:
            changes = reckoned(self._project, count, make)
        except HjgisError as error:
            self.troubled.emit(str(error))
            return
        self.apply(changes)

    def apply(self, changes: ChangeSet) -> bool:
        """Store an edit; what does not fit is told and nothing of it is stored."""
        if not changes:
            return False
        try:
            store(self._project, changes, tell=self.troubled.emit)
        except HjgisError as error:
            self.troubled.emit(str(error))
            return False
        return True

    def copy(self) -> None:
        """Put the selected cells, or all that is shown, on the clipboard, with headings."""
        columns = list(self._view.selected_cells()) or self._view.visible_columns()
        rows = self._view.selected_rows()
        if not len(rows):
            rows = np.arange(len(self._model.fids), dtype=np.int64)
        if len(rows) > _COPY_AT_MOST:
            rows = rows[:_COPY_AT_MOST]
            message = _("Only the first {count} rows were copied; export the table for all.")
            self.troubled.emit(message.format(count=grouped(_COPY_AT_MOST)))
        fids = self._model.fids[rows]
        try:
            text = reckoned(self._project, len(fids), lambda some: self._text(some, fids, columns))
        except HjgisError as error:
            self.troubled.emit(str(error))
            return
        clipboard.put({clipboard.TEXT: text})

    def _text(
        self, project: Project, fids: NDArray[np.int64], columns: Sequence[int]
    ) -> QByteArray:
        """Return the heading and the rows as text, read with another opening of the project."""
        asset, chosen = self._model.asset, [self._model.columns[column] for column in columns]
        lines = ["\t".join(_quoted(column.heading) for column in chosen)]
        for start in range(0, len(fids) if asset is not None else 0, _LOT):
            assert asset is not None
            lot = fids[start : start + _LOT]
            _uuids, rows = read_rows(project, asset.id, chosen, lot)
            empty = (None,) * len(chosen)
            for values in (rows.get(fid, empty) for fid in lot.tolist()):
                cells = map(self._model.words, columns, values)
                lines.append("\t".join(map(_quoted, cells)))
        return QByteArray("\n".join(lines).encode())


def _quoted(text: str) -> str:
    """Return a cell as spreadsheets read it from the clipboard."""
    text = as_cell(text)
    if any(sign in text for sign in '\t\n\r"'):
        return '"' + text.replace('"', '""') + '"'
    return text
