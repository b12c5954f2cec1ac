"""The row of tools: words beside some icons, where the window is wide enough for them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolBar, QToolButton, QWidget

from hjgis.i18n import _

_Style = Qt.ToolButtonStyle


class ToolRow(QToolBar):
    """Leaves the words out before a tool would have to go: at 150 % a laptop is 911 px wide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Tools"), parent)
        self._worded: list[QToolButton] = []
        self._worded_px = 0
        self.setObjectName("toolRow")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.toggleViewAction().setEnabled(False)

    def give_words(self, button: QToolButton) -> None:
        """Let the words of a button stand beside its icon."""
        button.setToolButtonStyle(_Style.ToolButtonTextBesideIcon)
        self._worded.append(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._worded_px = 0

    def _fit(self) -> None:
        if not self._worded_px:
            self._word(_Style.ToolButtonTextBesideIcon)
            self._worded_px = self.sizeHint().width()
        fits = self._worded_px <= self.width()
        self._word(_Style.ToolButtonTextBesideIcon if fits else _Style.ToolButtonIconOnly)

    def _word(self, style: Qt.ToolButtonStyle) -> None:
        for button in self._worded:
            button.setToolButtonStyle(style)
