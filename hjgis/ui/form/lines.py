"""The lines of the form: keys that move on, lists to choose from, a calendar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QDate, QEvent, QLocale, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygon,
)
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QListWidget, QWidget

from hjgis.i18n import _, language
from hjgis.models.pinyin import is_meant, learn, spelling
from hjgis.ui.binding import screen_room

_BUTTON_PX: Final = 18
_GREY: Final = QColor("#5b6670")
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN: Final = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_ROWS: Final = 10
_NO_WEEKS: Final = QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader


class TypedLine(QLineEdit):
    """A line that says when somebody is done with it.

    While an input method is composing, Enter, Tab, Esc and all shortcuts belong to it.
    """

    entered = Signal()
    tabbed = Signal(bool)
    escaped = Signal()
    focused = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composing = False

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        self._composing = bool(event.preeditString())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._composing or event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            undoing = event.matches(QKeySequence.StandardKey.Undo)
            redoing = event.matches(QKeySequence.StandardKey.Redo)
            if (undoing and not self.isUndoAvailable()) or (redoing and not self.isRedoAvailable()):
                # Nothing is typed: the window's undo takes the latest edit back.
                event.ignore()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in _ENTER and event.modifiers() in _PLAIN
        if self._composing and (enter or event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F2)):
            event.accept()
        elif enter:
            event.accept()
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        if not self._composing:
            self.tabbed.emit(forward)
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.selectAll()
            self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composing = False
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class _ButtonLine(TypedLine):
    """A line with a small button at its right end, for the mouse; none where it is only read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextMargins(0, 0, _BUTTON_PX - 2, 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.position().x() >= self.width() - _BUTTON_PX and not self.isReadOnly():
            event.accept()
            self._press()
            return
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isReadOnly():
            self._draw_button(QPainter(self))

    def _press(self) -> None:
        raise NotImplementedError

    def _draw_button(self, painter: QPainter) -> None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a list: what is shown, what it may be called, and what is typed for it."""

    text: str
    words: tuple[str, ...] = ()
    typed: str = ""


class ChoiceLine(_ButtonLine):
    """A line with a list that narrows down while one types, in pinyin too.

    The list is no window of its own for the keyboard: focus and input method stay in the line.
    """

    def __init__(
        self,
        choices: Callable[[], Sequence[Choice]],
        parent: QWidget | None = None,
        *,
        free: bool = False,
    ) -> None:
        super().__init__(parent)
        self._choices, self._free = choices, free
        self._popup: QListWidget | None = None
        self._found: list[Choice] = []
        self.textEdited.connect(self._narrow)

    @property
    def offered(self) -> list[str]:
        """What the list shows just now; nothing while it is closed."""
        return [choice.text for choice in self._found] if self.is_open else []

    @property
    def is_open(self) -> bool:
        """Whether the list is to be seen."""
        return self._popup is not None and self._popup.isVisible()

    def take_highlighted(self) -> None:
        """Write what is marked in the open list into the line."""
        row = self._popup.currentRow() if self._popup is not None and self.is_open else -1
        self.close_list()
        if row >= 0:
            self.setText(self._found[row].typed or self._found[row].text)

    def close_list(self) -> None:
        """Hide the list."""
        if self._popup is not None:
            self._popup.hide()

    def open_list(self) -> None:
        """Show all that there is to choose."""
        self._offer([*self._choices()], marked=-1)
        texts = [choice.text for choice in self._found]
        if self._popup is not None and self.text() in texts:
            self._popup.setCurrentRow(texts.index(self.text()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        arrows = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key in arrows and not self._composing and event.modifiers() in _PLAIN:
            event.accept()
            self._step(arrows[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape and self.is_open and not self._composing:
            event.accept()
            self.close_list()
        else:
            super().keyPressEvent(event)

    def _press(self) -> None:
        self.close_list() if self.is_open else self.open_list()

    def _draw_button(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GREY)
        x, y = self.width() - _BUTTON_PX // 2 - 2, self.height() // 2
        corners = [QPoint(x - 4, y - 2), QPoint(x + 4, y - 2), QPoint(x, y + 3)]
        painter.drawPolygon(QPolygon(corners))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        learn()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.close_list()
        super().focusOutEvent(event)

    def _step(self, by: int) -> None:
        if not self.is_open:
            self.open_list()
            return
        assert self._popup is not None
        row = self._popup.currentRow() + by
        self._popup.setCurrentRow(max(0, min(row, self._popup.count() - 1)))

    def _narrow(self, text: str) -> None:
        asked = text.strip()
        if not asked:
            self.close_list()
            return
        ranked = [(_rank(choice, asked), choice) for choice in self._choices()]
        best_first = sorted((one for one in ranked if one[0] is not None), key=_by_rank)
        # In an open list what is typed counts as it is, unless it is pinyin.
        sure = not self._free or asked.isascii()
        self._offer([choice for _fit, choice in best_first], marked=0 if sure else -1)

    def _offer(self, choices: list[Choice], *, marked: int) -> None:
        self._found = choices
        if not choices or self.isReadOnly():
            self.close_list()
            return
        popup = self._list()
        popup.clear()
        popup.addItems([choice.text for choice in choices])
        popup.setCurrentRow(marked)
        rows = min(len(choices), _ROWS)
        height = rows * max(popup.sizeHintForRow(0), 18) + 6
        wide = max(self.width(), min(popup.sizeHintForColumn(0) + 32, 420))
        popup.setGeometry(QRect(_below(self, QSize(wide, height)), QSize(wide, height)))
        popup.show()

    def _list(self) -> QListWidget:
        if self._popup is None:
            self._popup = QListWidget(self)
            self._popup.setObjectName("choices")
            self._popup.setWindowFlags(Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
            self._popup.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            self._popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._popup.setUniformItemSizes(True)
            self._popup.itemPressed.connect(self._pressed)
        return self._popup

    def _pressed(self) -> None:
        self.take_highlighted()
        self.entered.emit()


class DateLine(_ButtonLine):
    """A line for a day, with a calendar to click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._calendar: QCalendarWidget | None = None

    def open_calendar(self) -> None:
        """Show the month of the day in the line, or this month."""
        calendar = self._months()
        day = QDate.fromString(self.text(), Qt.DateFormat.ISODate)
        calendar.setSelectedDate(day if day.isValid() else QDate.currentDate())
        calendar.adjustSize()
        calendar.move(_below(self, calendar.size()))
        calendar.show()

    def _press(self) -> None:
        self.open_calendar()

    def _draw_button(self, painter: QPainter) -> None:
        painter.setPen(_GREY)
        x, y = self.width() - _BUTTON_PX + 3, self.height() // 2 - 5
        painter.drawRect(x, y, 10, 10)
        painter.drawLine(x, y + 3, x + 10, y + 3)
        painter.drawLine(x + 3, y - 2, x + 3, y)
        painter.drawLine(x + 7, y - 2, x + 7, y)

    def _months(self) -> QCalendarWidget:
        if self._calendar is None:
            self._calendar = QCalendarWidget(self)
            self._calendar.setWindowFlags(Qt.WindowType.Popup)
            self._calendar.setLocale(QLocale(language()))
            self._calendar.setVerticalHeaderFormat(_NO_WEEKS)
            self._calendar.setToolTip(_("Click a day"))
            self._calendar.clicked.connect(self._chosen)
        return self._calendar

    def _chosen(self, day: QDate) -> None:
        assert self._calendar is not None
        self._calendar.hide()
        self.setFocus()
        self.setText(day.toString(Qt.DateFormat.ISODate))
        self.setModified(True)
        self.entered.emit()


def _by_rank(ranked: tuple[int | None, Choice]) -> int:
    return ranked[0] or 0


def _rank(choice: Choice, asked: str) -> int | None:
    """Return how well an entry fits what is typed, best 0; None if it does not."""
    folded, best = asked.casefold(), None
    for word in (choice.text, *choice.words):
        plain = word.casefold()
        if folded == plain:
            return 0
        if plain.startswith(folded):
            best = min(best or 2, 2)
        elif is_meant(word, asked):
            spelled = spelling(word)
            starts = spelled.initials.startswith(folded) or spelled.whole.startswith(folded)
            rank = 1 if folded in (spelled.initials, spelled.whole) else 3 if starts else 4
            best = rank if best is None else min(best, rank)
    return best


def _below(line: QWidget, size: QSize) -> QPoint:
    """Return where on the screen a list of this size belongs under a line, or above it."""
    at = line.mapToGlobal(QPoint(0, line.height()))
    screen = screen_room(at)
    if at.y() + size.height() > screen.bottom():
        at = line.mapToGlobal(QPoint(0, -size.height()))
    at.setX(max(screen.left(), min(at.x(), screen.right() - size.width())))
    return at
