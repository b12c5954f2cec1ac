"""What windows with a list of things have in common."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
)

from hjgis.i18n import _


def set_up_list(table: QTableWidget, headings: Sequence[str], *, widest: int = 0) -> None:
    """Make a table a list: rows are chosen one at a time, one column takes the room there is."""
    header = table.horizontalHeader()
    table.setHorizontalHeaderLabels(list(headings))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(widest, QHeaderView.ResizeMode.Stretch)


def button_row(dialog: QDialog, buttons: Sequence[QPushButton]) -> QHBoxLayout:
    """Return buttons on the left and the one that closes the window on the right."""
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
    row.addWidget(close)
    return row
