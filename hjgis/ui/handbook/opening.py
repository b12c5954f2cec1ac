"""Opens the handbook where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from hjgis.ui.handbook.places import outwards, page_about

if TYPE_CHECKING:
    from hjgis.ui.handbook.window import HandbookWindow


class Handbook(QObject):
    """Knows the handbook's window, and gives its key to every dialog of a main window."""

    def __init__(self, window: QWidget, action: QAction) -> None:
        super().__init__(window)
        self._window, self._action = window, action
        self._shown: HandbookWindow | None = None
        application = QGuiApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._offer)

    def open(self) -> HandbookWindow:
        """Show the page about what has the keyboard."""
        from hjgis.ui.handbook.window import HandbookWindow

        page = page_about(QApplication.focusWidget() or QApplication.activeWindow())
        # A dialog holds all windows back but those that belong to it.
        holder = QApplication.activeModalWidget() or self._window
        shown = self._shown if self._shown is not None and isValid(self._shown) else None
        if shown is not None and shown.parentWidget() is not holder:
            shown.close()
            shown = None
        self._shown = shown = shown or HandbookWindow(holder)
        shown.open_page(page)
        shown.show()
        shown.raise_()
        shown.activateWindow()
        return shown

    def _offer(self, _before: QWidget | None, now: QWidget | None) -> None:
        window = now.window() if now is not None else None
        if isinstance(window, QDialog) and self._window in outwards(window):
            window.addAction(self._action)
