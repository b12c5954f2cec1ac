"""A table that is searched by words or pinyin, with the buttons that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTableWidget, QVBoxLayout, QWidget

from hjgis.i18n import _
from hjgis.models.pinyin import is_meant
from hjgis.ui.composing import NameLine
from hjgis.ui.page_parts import cell, list_of, muted

_GREY: Final = QBrush(QColor("#5b6670"))
_AMBER: Final = QBrush(QColor("#8a5a00"))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it stands for, and its texts; `tone` is ``muted`` or ``odd``."""

    key: str
    texts: tuple[str, ...]
    tone: str = ""


class SearchedTable(QWidget):
    """A line to search with above a table; `chosen` when another row is, `opened` by Enter.

    A table without rows says `nothing`.
    """

    chosen = Signal()
    opened = Signal()

    def __init__(
        self,
        headings: Sequence[str],
        widths: Sequence[int],
        *,
        right: Sequence[int] = (),
        nothing: str = "",
    ) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._nothing, self._right = nothing, frozenset(right)
        self.search = NameLine(hint=_("Search, pinyin too"))
        self.search.setClearButtonEnabled(True)
        self.table: QTableWidget = list_of(headings, widths, right=right)
        self.empty = muted()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.table.viewport()).addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.table.itemSelectionChanged.connect(self.chosen)
        self.table.activated.connect(self.opened)

    @property
    def key(self) -> str | None:
        """What the chosen row stands for; None if none is."""
        row = self.table.currentRow()
        item = self.table.item(row, 0) if row >= 0 and self.table.selectedItems() else None
        return None if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def choose(self, key: str | None) -> None:
        """Choose the row that stands for something, or the first one."""
        keys = [self._key_at(row) for row in range(self.table.rowCount())]
        if key in keys:
            self.table.selectRow(keys.index(key))
        elif keys:
            self.table.selectRow(0)
        else:
            self.chosen.emit()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show rows in place of those before; the same one stays chosen."""
        self._rows = list(rows)
        self._filter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down in the line go into the table."""
        if watched is self.search and isinstance(event, QKeyEvent):
            pressed = event.type() == QEvent.Type.KeyPress
            if pressed and event.key() == Qt.Key.Key_Down:
                self.table.setFocus()
                return True
        return super().eventFilter(watched, event)

    def _key_at(self, row: int) -> str:
        item = self.table.item(row, 0)
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def _filter(self) -> None:
        typed, chosen = self.search.text().strip(), self.key
        shown = [
            row for row in self._rows if not typed or any(is_meant(t, typed) for t in row.texts)
        ]
        self.empty.setText(_("Nothing fits what is typed.") if self._rows else self._nothing)
        self.empty.setVisible(not shown)
        blocked = self.table.blockSignals(True)
        scrolled = self.table.verticalScrollBar().value()
        self.table.clearSelection()
        self.table.setRowCount(len(shown))
        for number, row in enumerate(shown):
            for place, text in enumerate(row.texts):
                item = cell(text, right=place in self._right, data=row.key)
                if row.tone:
                    item.setForeground(_GREY if row.tone == "muted" else _AMBER)
                self.table.setItem(number, place, item)
        self.choose(chosen)
        self.table.verticalScrollBar().setValue(scrolled)
        self.table.blockSignals(blocked)
        self.chosen.emit()


def button(words: str, key: str, page: QWidget) -> QPushButton:
    """Return a button that a key presses too, anywhere on its page."""
    made = QPushButton(words)
    # Enter in a line of text must not press it.
    made.setAutoDefault(False)
    if key:
        shortcut = QShortcut(QKeySequence(key), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(made.click)
        made.setProperty("key", QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText))
    return made


def allow(made: QPushButton, reason: str) -> None:
    """Let a button be pressed where there is no reason against it; say its key or the reason."""
    made.setEnabled(not reason)
    made.setToolTip(reason or str(made.property("key") or ""))


def row_of(buttons: Sequence[QPushButton]) -> QHBoxLayout:
    """Return buttons in a row, at the left."""
    row = QHBoxLayout()
    for one in buttons:
        row.addWidget(one)
    row.addStretch(1)
    return row
