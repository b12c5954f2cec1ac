"""The grid of the attribute table: cells that are selected, walked through and typed into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from hjgis.i18n import _
from hjgis.ui.itemmodels import FeatureTableModel
from hjgis.ui.page_parts import set_up_headings
from hjgis.ui.theme import MUTED

_ROW_PX: Final = 26
# A selection on the map may be scattered over the table; more pieces than this are not marked.
_RANGES_AT_MOST: Final = 5000
_Mod = Qt.KeyboardModifier
# Keys that mean something else on the map: here the table has them.
KEYS: Final[dict[tuple[Qt.Key, Qt.KeyboardModifier], str]] = {
    (Qt.Key.Key_C, _Mod.ControlModifier): "copy",
    (Qt.Key.Key_V, _Mod.ControlModifier): "paste",
    (Qt.Key.Key_D, _Mod.ControlModifier): "fill-down",
    (Qt.Key.Key_H, _Mod.ControlModifier): "replace",
    (Qt.Key.Key_Delete, _Mod.NoModifier): "empty",
    (Qt.Key.Key_Space, _Mod.ShiftModifier): "rows",
}
_STEPS: Final = {
    Qt.Key.Key_Return: (1, 0),
    Qt.Key.Key_Enter: (1, 0),
    Qt.Key.Key_Tab: (0, 1),
    Qt.Key.Key_Backtab: (0, -1),
}


class CellView(QTableView):
    """A table whose cells are selected one by one; `command` says what a key asks for."""

    command = Signal(str)

    def __init__(self, model: FeatureTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setWordWrap(False)
        # Else Tab would go to the next widget; `keyPressEvent` says where it goes.
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.setDefaultSectionSize(_ROW_PX)
        rows.setMinimumSectionSize(_ROW_PX)
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        columns.setSectionsMovable(True)
        set_up_headings(columns)
        # A click on a heading sorts; it does not select a million cells.
        self.setSortingEnabled(True)
        columns.sortIndicatorChanged.disconnect()
        columns.setSortIndicatorShown(False)
        # To paint a heading, Qt asks whether each of its million cells is selected. No column is.
        columns.setSelectionModel(QItemSelectionModel(model, columns))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._model.is_known and not self._model.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(MUTED))
            none = _("No row meets the conditions. Clear the filter to see all rows.")
            empty = _("Nothing is here yet. Import data, or draw the first feature.")
            words = none if self._model.conditions else empty
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, words)

    # -- what is selected ----------------------------------------------------------------

    def selected_rows(self) -> NDArray[np.int64]:
        """Return the rows that have a selected cell, rising."""
        ranges = self.selectionModel().selection()
        return _rows_in([(one.top(), one.bottom()) for one in _each(ranges)])

    def selected_cells(self) -> dict[int, NDArray[np.int64]]:
        """Return for each visible column with selected cells their rows, rising."""
        spans: dict[int, list[tuple[int, int]]] = {}
        for one in _each(self.selectionModel().selection()):
            for column in range(one.left(), one.right() + 1):
                if not self.isColumnHidden(column):
                    spans.setdefault(column, []).append((one.top(), one.bottom()))
        # Mostly the same rows of each column, and perhaps a million of them: worked out once.
        rows = {runs: _rows_in(runs) for runs in {tuple(runs) for runs in spans.values()}}
        order = sorted(spans, key=self.horizontalHeader().visualIndex)
        return {column: rows[tuple(spans[column])] for column in order}

    def select_rows(self, rows: NDArray[np.int64]) -> None:
        """Select whole rows, rising."""
        chosen = QItemSelection()
        last = self._model.columnCount() - 1
        breaks = np.flatnonzero(np.diff(rows) > 1) + 1
        for run in np.split(rows, breaks)[:_RANGES_AT_MOST] if len(rows) else []:
            first, end = self._model.index(int(run[0]), 0), self._model.index(int(run[-1]), last)
            chosen.append(QItemSelectionRange(first, end))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def bring(self, row: int, column: int) -> None:
        """Scroll to a cell, also where rows were put anew just now."""
        self.executeDelayedItemsLayout()
        self.scrollTo(self._model.index(row, column))

    def visible_columns(self) -> list[int]:
        """Return the columns that are shown, from left to right."""
        header = self.horizontalHeader()
        order = [header.logicalIndex(at) for at in range(self._model.columnCount())]
        return [column for column in order if not self.isColumnHidden(column)]

    def go(self, rows: int, columns: int) -> None:
        """Move the current cell; from the last column to the first of the next row."""
        index = self.currentIndex()
        shown = self.visible_columns()
        if not index.isValid() or not shown:
            return
        row = index.row() + rows
        at = shown.index(index.column()) + columns if index.column() in shown else 0
        if not 0 <= at < len(shown):
            row, at = row + (1 if at > 0 else -1), at % len(shown)
        if 0 <= row < self._model.rowCount():
            self.setCurrentIndex(self._model.index(row, shown[at]))

    # -- keys ----------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            taken = _command(event) or event.key() == Qt.Key.Key_F2 or event.key() in _STEPS
            if taken and self.state() != QAbstractItemView.State.EditingState:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        command = _command(event)
        if command == "rows":
            self.select_rows(self.selected_rows())
        elif command:
            self.command.emit(command)
        elif event.key() in _STEPS:
            back = -1 if event.modifiers() & _Mod.ShiftModifier else 1
            rows, columns = _STEPS[Qt.Key(event.key())]
            # Shift+Tab has a key of its own.
            self.go(back * rows, columns)
        else:
            super().keyPressEvent(event)


def _each(selection: QItemSelection) -> list[QItemSelectionRange]:
    # A list in all but its type.
    return [one for one in selection if one.isValid()]  # type: ignore[attr-defined]


def _rows_in(spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Return the rows in spans that may overlap, rising, each once."""
    if len(spans) == 1:
        return np.arange(spans[0][0], spans[0][1] + 1, dtype=np.int64)
    result, after = [np.empty(0, np.int64)], 0
    for top, bottom in sorted(spans):
        result.append(np.arange(max(top, after), bottom + 1, dtype=np.int64))
        after = max(after, bottom + 1)
    return np.concatenate(result)


def _command(event: QKeyEvent) -> str:
    modifiers = event.modifiers() & ~_Mod.KeypadModifier
    return KEYS.get((Qt.Key(event.key()), modifiers), "")
