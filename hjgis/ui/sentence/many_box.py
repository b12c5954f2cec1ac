"""Choosing several codes of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from hjgis.i18n import _, listed
from hjgis.models.pinyin import is_meant
from hjgis.ui.composing import Composing

_ROLE: Final = Qt.ItemDataRole.UserRole
_CHECKED: Final = Qt.CheckState.Checked
_LIST_PX: Final = (240, 260)


class ManyBox(QPushButton):
    """A button that says what is ticked, and opens the list to tick in."""

    changed = Signal()

    def __init__(
        self, entries: Sequence[tuple[str, object]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setStyleSheet("text-align: left")
        self._search, self._list = QLineEdit(), QListWidget()
        self._search.setPlaceholderText(_("Search, also by pinyin"))
        Composing(self._search)
        for words, data in entries:
            item = QListWidgetItem(words)
            item.setData(_ROLE, data)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self._list.addItem(item)
        self._put_into_menu()
        self._search.textChanged.connect(self._filter)
        self._list.itemChanged.connect(self._ticked)
        self._show()

    def _put_into_menu(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 4, 8, 4)
        column.addWidget(self._search)
        column.addWidget(self._list)
        self._list.setMinimumSize(*_LIST_PX)
        menu = QMenu(self)
        action = QWidgetAction(menu)
        action.setDefaultWidget(inside)
        menu.addAction(action)
        menu.aboutToShow.connect(self._search.setFocus)
        self.setMenu(menu)

    @property
    def choice(self) -> tuple[object, ...]:
        """What is ticked, in the order of the list."""
        return tuple(item.data(_ROLE) for item in self._items() if item.checkState() == _CHECKED)

    def choose(self, values: Sequence[object]) -> None:
        """Tick just these; those that are not in the list are added to it."""
        self._list.blockSignals(True)
        known = [item.data(_ROLE) for item in self._items()]
        for value in values:
            if value not in known:
                self._list.addItem(QListWidgetItem(str(value)))
                self._list.item(self._list.count() - 1).setData(_ROLE, value)
        for item in self._items():
            ticked = item.data(_ROLE) in values
            item.setCheckState(_CHECKED if ticked else Qt.CheckState.Unchecked)
        self._list.blockSignals(False)
        self._show()

    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(row) for row in range(self._list.count())]

    def _filter(self, typed: str) -> None:
        for item in self._items():
            item.setHidden(not is_meant(item.text(), typed))

    def _ticked(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        names = [item.text() for item in self._items() if item.checkState() == _CHECKED]
        self.setText(listed(names) if names else _("Choose…"))
        self.setToolTip("\n".join(names))
