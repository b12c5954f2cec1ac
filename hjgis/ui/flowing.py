"""Bars that go on in the next line where a narrow window has no room for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent, Qt, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

_GAP_PX: Final = 6
_LEAST_WORDS_PX: Final = 120
# A part of a bar; None takes the room that is left.
Part = QWidget | None


class Flowing(QWidget):
    """Has its parts side by side, those without room in further lines.

    A part that takes what is left of its line (a search line, `Words`, a stretch) goes into the
    next line only when not even its least width is there. What follows a stretch, None, stands at
    the right. (No layout: one made in Python does not outlive the parts that are gone.)
    """

    # Of a window that is being collected Qt may still ask, when Python has taken all else away.
    _parts: Sequence[Part] = ()
    _gap = _GAP_PX

    def __init__(
        self, parts: Sequence[Part] = (), parent: QWidget | None = None, *, gap: int = _GAP_PX
    ) -> None:
        super().__init__(parent)
        self._gap = gap
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.fill(parts)

    def fill(self, parts: Sequence[Part]) -> None:
        """Take parts in, in this order."""
        self._parts = (*self._parts, *parts)
        for part in parts:
            if part is not None:
                part.setParent(self)

    def heightForWidth(self, width: int) -> int:
        return self._place(width, really=False)

    def sizeHint(self) -> QSize:
        """Return the size of all parts in one line."""
        shown = [part for part in self._shown() if part is not None]
        gaps = self._gap * max(len(shown) - 1, 0)
        width = sum(_wanted(part) for part in shown) + gaps
        return QSize(width, max((part.sizeHint().height() for part in shown), default=0))

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest part, and the height in the width that there is."""
        least = max((_least(part) for part in self._shown()), default=0)
        return QSize(least, self._place(max(self.width(), least), really=False))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place(self.width(), really=True)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width(), really=True)
        if event.oldSize().width() != self.width():
            self.updateGeometry()

    def _shown(self) -> list[Part]:
        return [part for part in self._parts if part is None or not part.isHidden()]

    def _place(self, room: int, *, really: bool) -> int:
        """Lay the parts into a width; return what height they take."""
        top = 0
        for line in self._lines(room):
            widths = self._shared_out(line, room)
            heights = [_height(part, width) for part, width in zip(line, widths, strict=True)]
            left, tallest = 0, max(heights)
            for part, width, height in zip(line, widths, heights, strict=True):
                if part is not None:
                    if really:
                        middle = top + (tallest - height) // 2
                        part.setGeometry(QRect(left, middle, width, height))
                    left += self._gap
                left += width
            top += tallest + self._gap
        return max(top - self._gap, 0)

    def _lines(self, room: int) -> list[list[Part]]:
        lines: list[list[Part]] = []
        left = 0
        for part in self._shown():
            if not lines or _least(part) > left:
                if part is None:
                    continue
                lines.append([])
                left = room
            lines[-1].append(part)
            left -= _least(part) + (self._gap if part is not None else 0)
        return lines

    def _shared_out(self, line: Sequence[Part], room: int) -> list[int]:
        """Return the widths of the parts of a line; what is left over goes to those that grow."""
        gaps = self._gap * (sum(part is not None for part in line) - 1)
        widths = [min(_least(part), room) for part in line]
        left = max(room - gaps - sum(widths), 0)
        growing = [at for at, part in enumerate(line) if _grows(part)]
        for number, at in enumerate(growing):
            share = left // (len(growing) - number)
            widths[at] += share
            left -= share
        return widths


def _grows(part: Part) -> bool:
    if part is None:
        return True
    return bool(part.sizePolicy().expandingDirections() & Qt.Orientation.Horizontal)


def _wanted(part: QWidget) -> int:
    wanted = max(part.sizeHint().width(), part.minimumWidth())
    return min(wanted, part.maximumWidth())


def _least(part: Part) -> int:
    if part is None:
        return 0
    if _grows(part):
        return part.minimumWidth() or part.minimumSizeHint().width()
    return _wanted(part)


def _height(part: Part, width: int) -> int:
    if part is None:
        return 0
    flows = part.sizePolicy().hasHeightForWidth()
    return part.heightForWidth(width) if flows else part.sizeHint().height()


class Words(QLabel):
    """Words in one line where there is room, in several where there is not.

    Those that grow take what is left of a line beside others.
    """

    def __init__(self, text: str = "", *, grows: bool = True) -> None:
        super().__init__(text)
        self.setWordWrap(True)
        across = QSizePolicy.Policy.Expanding if grows else QSizePolicy.Policy.Preferred
        policy = QSizePolicy(across, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Return the size of all words in one line."""
        return QSize(self._one_line(), self.heightForWidth(self._one_line()))

    def minimumSizeHint(self) -> QSize:
        """Return a width in which the words can still be read."""
        width = min(self._one_line(), _LEAST_WORDS_PX)
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
    row = QHBoxLayout(together)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for part in parts:
        row.addWidget(QLabel(part) if isinstance(part, str) else part)
    return together
