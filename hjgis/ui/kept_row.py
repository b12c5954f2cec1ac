"""Where somebody is in a list whose model is filled anew after every edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QObject
from PySide6.QtWidgets import QTableView


class KeptRow(QObject):
    """Leaves cursor and scroll bar of a table where they were when its model is reset.

    Nothing is told of it: nobody chose a row. A row that is gone, or filtered out, is let go.

    Parameters
    ----------
    keys : callable
        Returns what tells the rows from each other, in their order.
    """

    def __init__(self, view: QTableView, keys: Callable[[], list[Any]]) -> None:
        super().__init__(view)
        self._view, self._keys = view, keys
        self._key: Any = None
        self._top = 0
        view.model().modelAboutToBeReset.connect(self._remember)
        view.model().modelReset.connect(self._restore)

    def _remember(self) -> None:
        row, keys = self._view.currentIndex().row(), self._keys()
        self._key = keys[row] if 0 <= row < len(keys) else None
        self._top = self._view.verticalScrollBar().value()

    def _restore(self) -> None:
        view, keys = self._view, self._keys()
        if self._key is not None and self._key in keys:
            chosen = view.selectionModel()
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            blocked = chosen.blockSignals(True)
            chosen.setCurrentIndex(
                view.model().index(keys.index(self._key), 0),
                flags | QItemSelectionModel.SelectionFlag.Rows,
            )
            chosen.blockSignals(blocked)
        view.doItemsLayout()
        view.verticalScrollBar().setValue(self._top)
