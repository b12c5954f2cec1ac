"""The menu bar, which says how much room its menus leave."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenuBar


class MenuBar(QMenuBar):
    """Tells whoever stands in its corner, before it lays itself out, what is left of its width."""

    room_changed = Signal(int)

    def resizeEvent(self, event: QResizeEvent) -> None:
        corner = self.cornerWidget(Qt.Corner.TopRightCorner)
        if corner is not None:
            menus = self.sizeHint().width() - corner.sizeHint().width()
            self.room_changed.emit(self.width() - menus)
        super().resizeEvent(event)
