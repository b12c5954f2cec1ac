"""What windows with a list of things have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
)

from hjgis.i18n import _
from hjgis.ui.page_parts import make_list


def set_up_list(table: QTableWidget, headings: Sequence[str], *, widest: int = 0) -> None:
    """Make a table a list: rows are chosen one at a time, one column takes the room there is."""
    make_list(table, headings)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(widest, QHeaderView.ResizeMode.Stretch)


def fill_list(table: QTableWidget, rows: Sequence[Sequence[str]]) -> None:
    """Show texts in a list; the row that is chosen stays so, or the last one is."""
    chosen = max(table.currentRow(), 0)
    table.setRowCount(len(rows))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(row, column, item)
    if rows:
        table.selectRow(min(chosen, len(rows) - 1))


def add_tick(ticks: QListWidget, text: str, data: object, *, on: bool = False) -> None:
    """Add an entry with a box to tick; `ticked` returns its `data`."""
    item = QListWidgetItem(text)
    item.setToolTip(text)
    item.setData(Qt.ItemDataRole.UserRole, data)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    ticks.addItem(item)


def ticked(ticks: QListWidget) -> list[Any]:
    """Return the data of the entries that are ticked."""
    items = (ticks.item(row) for row in range(ticks.count()))
    return [
        item.data(Qt.ItemDataRole.UserRole)
        for item in items
        if item.checkState() == Qt.CheckState.Checked
    ]


def button_row(
    dialog: QDialog, buttons: Sequence[QPushButton], told: QLabel | None = None
) -> QHBoxLayout:
    """Return buttons, what is told of the list, and the button that closes the window."""
    standard = QDialogButtonBox.StandardButton.Close
    close = QDialogButtonBox(standard)
    close.button(standard).setText(_("Close"))
    close.rejected.connect(dialog.reject)
    row = QHBoxLayout()
    for button in buttons:
        # Enter in a line of text must not press it.
        button.setAutoDefault(False)
        row.addWidget(button)
    row.addStretch(1)
    if told is not None:
        row.addWidget(told)
        row.addSpacing(8)
    row.addWidget(close)
    return row
