"""The list of named places: go there, rename, remove."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.ui.dialogs.lists import button_row, set_up_list
from hjgis.ui.dialogs.naming import NameDialog
from hjgis.ui.map.bookmarks import Bookmarks
from hjgis.ui.page_parts import MARGINS
from hjgis.ui.theme import allow
from hjgis.ui.window.status_bar import scale_text

_NAME, _SCALE, _PLACE = range(3)
_Flag: Final = Qt.ItemFlag


def ask_for_name(bookmarks: Bookmarks, parent: QWidget) -> str | None:
    """Return the name for a new place; None if it is not to be kept."""
    return NameDialog(_("Add bookmark"), bookmarks.proposed_name(), parent).ask() or None


class BookmarksDialog(QDialog):
    """Stays open beside the map; `chosen` says where to go."""

    chosen = Signal(object)

    def __init__(self, bookmarks: Bookmarks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Bookmarks"))
        self._bookmarks = bookmarks
        self.table = QTableWidget(0, 3)
        self._empty = QLabel(_("No place is kept yet; Ctrl+B keeps the one that the map shows."))
        self._go = QPushButton(_("Go to"))
        self._rename = QPushButton(_("Rename"))
        self._remove = QPushButton(_("Remove"))
        self._build()
        self._go.clicked.connect(self._go_to)
        self._rename.clicked.connect(self._edit_name)
        self._remove.clicked.connect(self._remove_chosen)
        self.table.itemSelectionChanged.connect(self._refresh_buttons)
        self.table.doubleClicked.connect(self._go_to)
        self.table.itemChanged.connect(self._named)
        # Later: the name may still be in its editor.
        bookmarks.changed.connect(self._fill, Qt.ConnectionType.QueuedConnection)
        self._fill()

    def _build(self) -> None:
        set_up_list(self.table, [_("Name"), _("Scale"), _("X (north), Y (east)")])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        reason, column = QLabel(self._bookmarks.read_only_reason), QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        reason.setWordWrap(True)
        reason.setObjectName("muted")
        reason.setVisible(bool(reason.text()))
        self._empty.setObjectName("muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.table, 1)
        column.addWidget(self._empty, 1)
        column.addWidget(reason)
        column.addLayout(button_row(self, (self._go, self._rename, self._remove)))
        self.resize(520, 320)

    def _fill(self) -> None:
        row = self._row()
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._bookmarks))
        for number, place in enumerate(self._bookmarks):
            texts = (place.name, scale_text(place.denominator), f"{place.y:.2f}, {place.x:.2f}")
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column != _NAME or self._bookmarks.read_only_reason:
                    item.setFlags(_Flag.ItemIsEnabled | _Flag.ItemIsSelectable)
                self.table.setItem(number, column, item)
        self.table.blockSignals(False)
        self.table.setVisible(bool(len(self._bookmarks)))
        self._empty.setVisible(not len(self._bookmarks))
        if len(self._bookmarks):
            self.table.selectRow(min(max(row, 0), len(self._bookmarks) - 1))
        self._refresh_buttons()

    def _row(self) -> int:
        return self.table.currentRow()

    def _refresh_buttons(self) -> None:
        there = bool(self.table.selectedItems())
        nothing = "" if there else _("Choose a row first.")
        allow(self._go, "", nothing)
        for button in (self._rename, self._remove):
            allow(button, "", self._bookmarks.read_only_reason or nothing)

    def _go_to(self) -> None:
        self.chosen.emit(self._bookmarks[self._row()])

    def _edit_name(self) -> None:
        item = self.table.item(self._row(), _NAME)
        if item is not None:
            self.table.editItem(item)

    def _named(self, item: QTableWidgetItem) -> None:
        try:
            self._bookmarks.rename(item.row(), item.text())
        except HjgisError as error:
            QMessageBox.warning(self, self.windowTitle(), str(error))
        # What is kept may not be what was typed: an empty name, or one that is taken.
        self.table.blockSignals(True)
        item.setText(self._bookmarks[item.row()].name)
        self.table.blockSignals(False)

    def _remove_chosen(self) -> None:
        try:
            self._bookmarks.remove(self._row())
        except HjgisError as error:
            QMessageBox.warning(self, self.windowTitle(), str(error))
