"""Bars that go on in the next line where a narrow window has no room for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import Qt, QTextDocument
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QSizePolicy,
    QSpacerItem,
    QWidget,
)


class Flowing(QLayout):
    """Lays its parts side by side, those without room in further lines.

    A part that takes what is left of its line (a search line, `Words`, a stretch) goes into the
    next line only when not even its least width is there.
    """

    def __init__(self, parts: Sequence[QWidget | None] = (), *, gap: int = 6) -> None:
        """Begin with parts; None is a stretch."""
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(gap)
        for part in parts:
            if part is None:
                self.addStretch()
            else:
                self.addWidget(part)

    def addStretch(self) -> None:
        """Let what follows stand at the right end of its line."""
        grows = QSizePolicy.Policy.Expanding
        self.addItem(QSpacerItem(0, 0, grows, QSizePolicy.Policy.Minimum))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), really=False)

    def minimumHeightForWidth(self, width: int) -> int:
        return self.heightForWidth(width)

    def sizeHint(self) -> QSize:
        """Return the size of all parts in one line."""
        shown = self._shown()
        gaps = self.spacing() * max(len(shown) - 1, 0)
        width = sum(item.sizeHint().width() for item in shown) + gaps
        return QSize(width, max((item.sizeHint().height() for item in shown), default=0))

    def minimumSize(self) -> QSize:
        """Return the size of the widest part, and of one line."""
        least = QSize(0, 0)
        for item in self._shown():
            least = least.expandedTo(item.minimumSize())
        return least

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, really=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if item.spacerItem() or not item.isEmpty()]

    def _place(self, rect: QRect, *, really: bool) -> int:
        """Lay the parts into a width; return what height they take."""
        top = rect.top()
        for line in self._lines(rect.width()):
            widths = _shared_out(line, rect.width(), self.spacing())
            heights = [_height(item, width) for item, width in zip(line, widths, strict=True)]
            left, tallest = rect.left(), max(heights)
            for item, width, height in zip(line, widths, heights, strict=True):
                if really:
                    middle = top + (tallest - height) // 2
                    item.setGeometry(QRect(left, middle, width, height))
                left += width + (self.spacing() if item.spacerItem() is None else 0)
            top += tallest + self.spacing()
        return max(top - self.spacing() - rect.top(), 0)

    def _lines(self, room: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = 0
        for item in self._shown():
            needed = _least(item)
            if not lines or needed > left:
                if item.spacerItem() is not None:
                    continue
                lines.append([])
                left = room
            lines[-1].append(item)
            left -= needed + (self.spacing() if item.spacerItem() is None else 0)
        return lines


def _grows(item: QLayoutItem) -> bool:
    return bool(item.expandingDirections() & Qt.Orientation.Horizontal)


def _least(item: QLayoutItem) -> int:
    return item.minimumSize().width() if _grows(item) else item.sizeHint().width()


def _shared_out(line: Sequence[QLayoutItem], room: int, gap: int) -> list[int]:
    """Return the widths of the parts of a line; what is left over goes to those that grow."""
    gaps = gap * (sum(item.spacerItem() is None for item in line) - 1)
    widths = [min(_least(item), room) for item in line]
    left = max(room - gaps - sum(widths), 0)
    growing = [at for at, item in enumerate(line) if _grows(item)]
    for number, at in enumerate(growing):
        share = left // (len(growing) - number)
        widths[at] += share
        left -= share
    return widths


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()


class Words(QLabel):
    """Words in one line where there is room, in several where there is not."""

    def __init__(self, text: str = "", *, least_px: int = 120) -> None:
        super().__init__(text)
        self._least_px = least_px
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Return the size of all words in one line."""
        return QSize(self._one_line(), self.heightForWidth(self._one_line()))

    def minimumSizeHint(self) -> QSize:
        """Return a width in which the words can still be read."""
        width = min(self._one_line(), self._least_px)
        return QSize(width, self.fontMetrics().lineSpacing())

    def _one_line(self) -> int:
        words = QTextDocument()
        words.setDefaultFont(self.font())
        words.setDocumentMargin(0)
        if Qt.mightBeRichText(self.text()):
            words.setHtml(self.text())
        else:
            words.setPlainText(self.text())
        return round(words.idealWidth()) + 2 * self.margin() + 2


def beside(*parts: QWidget | str) -> QWidget:
    """Return parts that stay beside one another, such as words and the box they belong to."""
    together = QWidget()
    row: QBoxLayout = QHBoxLayout(together)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for part in parts:
        row.addWidget(QLabel(part) if isinstance(part, str) else part)
    return together
