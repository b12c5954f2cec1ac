"""Lines of text that leave an input method alone while it composes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

# Keys by which an input method is led; they mean nothing else until it is done.
_LEADING: Final = frozenset(
    (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_F2, Qt.Key.Key_Delete)
)


class Composing(QObject):
    """Keeps Enter, Esc and shortcuts from an editor while words are being composed in it."""

    def __init__(self, line: QWidget) -> None:
        super().__init__(line)
        self._composes = False
        line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return self.takes(event) or super().eventFilter(watched, event)

    def takes(self, event: QEvent) -> bool:
        """Whether an event is the input method's, and nobody else's."""
        if isinstance(event, QInputMethodEvent):
            self._composes = bool(event.preeditString())
        elif event.type() == QEvent.Type.FocusOut:
            self._composes = False
        elif self._composes and isinstance(event, QKeyEvent) and _is_its_own(event):
            event.accept()
            return True
        return False


class ComposingDelegate(QStyledItemDelegate):
    """Makes the usual editors of a table, in which words can be composed."""

    def createEditor(
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        editor = super().createEditor(parent, option, index)
        self._composing = Composing(editor)
        return editor

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        # A delegate hears of keys before the editor's other filters.
        return self._composing.takes(event) or super().eventFilter(editor, event)


class NameLine(QLineEdit):
    """A line for names that Chinese is typed into."""

    def __init__(self, text: str = "", hint: str = "") -> None:
        super().__init__(text)
        self.setPlaceholderText(hint)
        Composing(self)


def _is_its_own(event: QKeyEvent) -> bool:
    """Whether a key is the input method's: shortcuts are, whatever they are made of."""
    if event.type() == QEvent.Type.ShortcutOverride:
        return True
    modified = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.type() == QEvent.Type.KeyPress and (event.key() in _LEADING or modified)
