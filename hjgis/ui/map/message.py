"""A short message over the map that goes away by itself, with a link to act on it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

_SHOWN_MS: Final = 5000
_BOTTOM_PX: Final = 56
_EDGE_PX: Final = 8


class FloatingMessage(QLabel):
    """A few words at the lower edge of its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("floatingMessage")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._act: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.linkActivated.connect(self._clicked)
        self.hide()

    def say(self, text: str, link: str = "", act: Callable[[], object] | None = None) -> None:
        """Show a text for five seconds; `act` is done when its link is clicked."""
        self._act = act
        words = escape(text)
        if link and act is not None:
            words += f' · <a href="#act" style="color:#9ecbff">{escape(link)}</a>'
        self.setText(words)
        self.place()
        self.show()
        self.raise_()
        self._timer.start(_SHOWN_MS)

    def place(self) -> None:
        """Go to the middle of the parent's lower edge, in more lines where one has no room."""
        area = self._over.rect()
        room = area.width() - 2 * _EDGE_PX
        self.setWordWrap(False)
        size = self.sizeHint()
        if size.width() > room:
            self.setWordWrap(True)
            size = QSize(room, self.heightForWidth(room))
        x = (area.width() - size.width()) // 2
        self.setGeometry(QRect(QPoint(x, area.height() - size.height() - _BOTTOM_PX), size))

    def _clicked(self, href: str) -> None:
        del href
        self.hide()
        if self._act is not None:
            self._act()
