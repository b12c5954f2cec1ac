"""Windows stay on their screen: at 150 % a county's laptop has room for 911 × 430 only."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog, QWidget

_FITTED: Final = "fitted"


class OnScreen(QObject):
    """Makes a dialog that opens larger than the screen as large as the screen, once.

    What a user does to it afterwards, over two screens for example, stays.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        application.focusChanged.connect(self._focused)

    def _focused(self, _before: QWidget | None, now: QWidget | None) -> None:
        window = now.window() if now is not None else None
        if isinstance(window, QDialog) and not window.property(_FITTED):
            window.setProperty(_FITTED, True)
            fit(window)


def fit(window: QWidget) -> None:
    """Make a window that is shown no larger than its screen, and put all of it there."""
    if not window.isVisible() or window.isMaximized() or window.isFullScreen():
        return
    room = window.screen().availableGeometry()
    around = window.frameGeometry().size() - window.size()
    window.resize(window.size().boundedTo(room.size() - around))
    frame = window.frameGeometry()
    if not room.contains(frame):
        last = room.bottomRight() - frame.bottomRight() + frame.topLeft()
        window.move(
            max(room.left(), min(frame.left(), last.x())),
            max(room.top(), min(frame.top(), last.y())),
        )
