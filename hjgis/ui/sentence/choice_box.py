"""Choosing one of many things by typing a part of its name, or its pinyin."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from hjgis.models.pinyin import is_meant
from hjgis.ui.composing import Composing


class _Meant(QSortFilterProxyModel):
    """The entries that what is typed may mean."""

    typed = ""

    def ask(self, typed: str) -> None:
        self.typed = typed.strip()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        text = self.sourceModel().index(row, 0, parent).data()
        return not self.typed or (bool(text) and is_meant(str(text), self.typed))


class ChoiceBox(QComboBox):
    """A combo box that is searched by typing; `chosen` when another entry is taken."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self._last = -1
        self._meant = _Meant(self)
        self._meant.setSourceModel(self.model())
        completer = QCompleter(self._meant, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.setCompleter(completer)
        line = self.lineEdit()
        assert line is not None
        Composing(line)
        line.textEdited.connect(self._search)
        line.editingFinished.connect(self._settle)
        completer.activated.connect(self._settle)
        self.currentIndexChanged.connect(self._take)

    def offer(self, entries: Sequence[tuple[str, object]]) -> None:
        """Offer these entries, words and what they stand for; the first is chosen."""
        self.blockSignals(True)
        self.clear()
        for words, data in entries:
            self.addItem(words, data)
        self.blockSignals(False)
        self._meant.ask("")
        self._last = self.currentIndex()

    @property
    def choice(self) -> object:
        """What the chosen entry stands for."""
        return self.itemData(self._last) if 0 <= self._last < self.count() else None

    def choose(self, data: object) -> bool:
        """Choose the entry that stands for this; say whether there is one."""
        for row in range(self.count()):
            if self.itemData(row) == data:
                self._show(row)
                self._last = row
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter take what is typed, and not press a button of the window as well."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()

    def _search(self, typed: str) -> None:
        self._meant.ask(typed)
        completer = self.completer()
        if completer is not None and self.isVisible():
            completer.complete()

    def _settle(self) -> None:
        """Take what the typed words mean; what means nothing gives way to what was there."""
        typed = self.currentText()
        row = self.findText(typed, Qt.MatchFlag.MatchExactly)
        if row < 0 and self._meant.typed and self._meant.rowCount():
            row = self._meant.mapToSource(self._meant.index(0, 0)).row()
        self._meant.ask("")
        self._take(row if row >= 0 else self._last)

    def _take(self, row: int) -> None:
        self._show(row)
        if row != self._last:
            self._last = row
            self.chosen.emit()

    def _show(self, row: int) -> None:
        blocked = self.blockSignals(True)
        self.setCurrentIndex(row)
        self.setEditText(self.itemText(row))
        self.blockSignals(blocked)
        line = self.lineEdit()
        if line is not None:
            # Of words that are too long, how they begin says more than how they end.
            line.setCursorPosition(0)
