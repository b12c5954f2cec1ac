"""Lines of text that leave an input method alone while it composes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

# Keys by which an input method is led; they mean nothing else until it is done.
_LEADING: Final = frozenset(
    (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_F2, Qt.Key.Key_Delete)
)
_KEYS: Final = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)


class Composing(QObject):
    """Keeps Enter, Esc and shortcuts from a line while words are being composed in it."""

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self._composes = False
        line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QInputMethodEvent):
            self._composes = bool(event.preeditString())
        elif event.type() == QEvent.Type.FocusOut:
            self._composes = False
        elif self._composes and isinstance(event, QKeyEvent) and event.type() in _KEYS:
            leading = event.key() in _LEADING
            modified = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if leading or modified:
                event.accept()
                return True
        return super().eventFilter(watched, event)
