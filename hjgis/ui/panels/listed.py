"""Lists of panels: rows in the order of a column, and the boxes above them that filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QTableView, QVBoxLayout

from hjgis.ui.fitted_columns import FittedColumns
from hjgis.ui.page_parts import RIGHT, set_up_headings

Index = QModelIndex | QPersistentModelIndex
_ROW_PX: Final = 24


class ListModel(QAbstractTableModel):
    """Rows as they were given, or in the order of a column; subclasses say what is in them.

    Parameters
    ----------
    right : collection of int
        The columns of numbers; their headings stand at the right as well.
    """

    def __init__(
        self, headings: Sequence[str], parent: QObject | None = None, *, right: Collection[int] = ()
    ) -> None:
        super().__init__(parent)
        self.headings = tuple(headings)
        self.right = frozenset(right)
        self.rows: Any = ()
        self._given: Any = ()
        self._order: tuple[int, bool] | None = None

    def show_rows(self, rows: Any) -> None:
        """Show other rows, in the order of the column chosen before."""
        self.beginResetModel()
        self._given = rows
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows; those that say nothing in the column come last."""
        self._order = (column, order == Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        self.rows = self._given
        if self._order is not None:
            column, down = self._order
            self.rows = self.sorted(self._given, column, down=down)

    def sorted(self, rows: Any, column: int, *, down: bool) -> Any:
        """Return rows in the order of a column."""
        raise NotImplementedError

    def keys(self) -> list[Any]:
        """Return what tells the rows from each other, in their order."""
        raise NotImplementedError

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.headings)

    def headerData(
        self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if way != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self.right:
            return RIGHT
        return self.headings[section] if role == Qt.ItemDataRole.DisplayRole else None


def set_up_list(
    view: QTableView, model: ListModel, widths: Sequence[int], *, nothing: str = ""
) -> None:
    """Make a view the list of a model: whole rows, sorted by a click on a heading.

    A column is never narrower than its heading, and wider for its words where there is room.
    Where it has no rows it says `nothing`.
    """
    view.setModel(model)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setShowGrid(False)
    view.setAlternatingRowColors(True)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(_ROW_PX)
    header = view.horizontalHeader()
    set_up_headings(header)
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    least = [max(width, header.sectionSizeHint(at)) for at, width in enumerate(widths)]
    for column, width in enumerate(least):
        view.setColumnWidth(column, width)
    header.setStretchLastSection(True)
    view.setSortingEnabled(True)
    _KeptRow(view, model.keys)
    FittedColumns(view, least, squeezed=False)
    if nothing:
        _Empty(view, nothing)


class _Empty(QLabel):
    """What stands in the middle of a table that has no rows."""

    def __init__(self, view: QTableView, words: str) -> None:
        super().__init__(words)
        self._model = view.model()
        self.setObjectName("muted")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        QVBoxLayout(view.viewport()).addWidget(self)
        self._model.modelReset.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setVisible(not self._model.rowCount())


class _KeptRow(QObject):
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
        row = self._view.currentIndex().row()
        # There may be a million keys, and mostly nobody stands on one.
        keys = self._keys() if row >= 0 else []
        self._key = keys[row] if 0 <= row < len(keys) else None
        self._top = self._view.verticalScrollBar().value()

    def _restore(self) -> None:
        view = self._view
        keys = self._keys() if self._key is not None else []
        if self._key in keys:
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


def refill(box: QComboBox, entries: Iterable[tuple[str, object]]) -> None:
    """Offer entries of words and data, silently; what is chosen stays so where it can."""
    kept, blocked = box.currentData(), box.blockSignals(True)
    box.clear()
    for words, data in entries:
        box.addItem(words, data)
    box.setCurrentIndex(max(box.findData(kept), 0))
    box.blockSignals(blocked)
