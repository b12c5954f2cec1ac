"""The answer of the search box as a list: headings, lines of two rows, what was met in bold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hjgis.models.search import spans, words_of
from hjgis.ui import theme
from hjgis.ui.search.search_sources import Entry, Section

_Index = QModelIndex | QPersistentModelIndex
_HEAD_PX: Final = 26
_LINE_PX: Final = 28
_TWO_LINES_PX: Final = 44
_ICON_PX: Final = 20
_LEFT_PX: Final = 12
_GAP_PX: Final = 10
_FAINT: Final = QColor("#5b6670")
_DISABLED: Final = QColor("#8b949d")
_HEAD_GROUND: Final = QColor("#f3f4f6")
_CHOSEN: Final = QColor("#d9e8fa")


class AnswerModel(QAbstractListModel):
    """Headings and lines, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Section | Entry] = []
        self.words: tuple[str, ...] = ()

    def show_sections(self, sections: Sequence[Section], text: str) -> None:
        """Show another answer."""
        self.beginResetModel()
        self._rows = []
        for section in sections:
            self._rows += (section, *section.entries)
        self.words = words_of(text)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def row(self, row: int) -> Section | Entry:
        """Return what stands in a row."""
        return self._rows[row]

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._rows[index.row()], Entry):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()] if index.isValid() else None
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            extra = (row.second, row.note) if isinstance(row, Entry) else (row.note,)
            return ", ".join(text for text in (row.title, *extra) if text)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Entry):
            return "\n".join(text for text in (row.title, row.second) if text)
        return None


class AnswerView(QListView):
    """Shows an answer; the keyboard stays where one types."""

    def __init__(self, model: AnswerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer = model
        self.setModel(model)
        self.setItemDelegate(_Lines(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)

    @property
    def entry(self) -> Entry | None:
        """The line that is chosen."""
        index = self.currentIndex()
        row = self._answer.row(index.row()) if index.isValid() else None
        return row if isinstance(row, Entry) else None

    def choose_first(self) -> None:
        """Choose the first line."""
        self.setCurrentIndex(QModelIndex())
        self.step(1)
        self.scrollToTop()

    def step(self, by: int) -> None:
        """Choose a line further down or up; headings are passed over, the ends are joined."""
        rows = [r for r in range(self._answer.rowCount()) if isinstance(self._answer.row(r), Entry)]
        if not rows:
            return
        index = self.currentIndex()
        now = rows.index(index.row()) if index.isValid() and index.row() in rows else -1
        place = (now + by) % len(rows) if abs(by) == 1 else min(max(now + by, 0), len(rows) - 1)
        self.setCurrentIndex(self._answer.index(rows[place]))
        if place == 0:
            self.scrollToTop()

    def wanted_height(self) -> int:
        """Return how high the whole answer is."""
        rows = range(self._answer.rowCount())
        return sum(_height(self._answer.row(row)) for row in rows) + 2 * self.frameWidth()


class _Lines(QStyledItemDelegate):
    """Paints headings and lines."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        model = index.model()
        assert isinstance(model, AnswerModel)
        return QSize(100, _height(model.row(index.row())))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, AnswerModel)
        row = model.row(index.row())
        rect = QRect(option.rect)
        painter.save()
        if isinstance(row, Section):
            _paint_heading(painter, rect, row)
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.fillRect(rect, _CHOSEN if chosen else QColor(theme.PAPER))
            _paint_entry(painter, rect, row, model.words)
        painter.restore()


def _height(row: Section | Entry) -> int:
    if isinstance(row, Section):
        return _HEAD_PX
    return _TWO_LINES_PX if row.second else _LINE_PX


def _paint_heading(painter: QPainter, rect: QRect, section: Section) -> None:
    painter.fillRect(rect, _HEAD_GROUND)
    inner = rect.adjusted(_LEFT_PX, 0, -_LEFT_PX, 0)
    painter.setPen(_FAINT)
    painter.drawText(inner, _LEFT_MIDDLE, section.title)
    painter.drawText(inner, _RIGHT_MIDDLE, section.note)


def _paint_entry(painter: QPainter, rect: QRect, entry: Entry, words: Sequence[str]) -> None:
    inner = rect.adjusted(_LEFT_PX, 0, -_LEFT_PX, 0)
    if entry.icon is not None:
        mode = _NORMAL if not entry.why_not else _GREY
        place = QRect(0, 0, _ICON_PX, _ICON_PX)
        place.moveCenter(inner.center())
        place.moveLeft(inner.left())
        entry.icon.paint(painter, place, mode=mode)
    inner.setLeft(inner.left() + _ICON_PX + _GAP_PX)
    if entry.note:
        painter.setPen(_FAINT)
        painter.drawText(inner, _RIGHT_MIDDLE, entry.note)
        wide = painter.fontMetrics().horizontalAdvance(entry.note)
        inner.setRight(inner.right() - wide - _GAP_PX)
    ink = _DISABLED if entry.why_not else QColor(theme.INK)
    if not entry.second:
        _paint_text(painter, inner, entry.title, words, ink)
        return
    upper = QRect(inner.left(), inner.top() + 4, inner.width(), (inner.height() - 8) // 2)
    _paint_text(painter, upper, entry.title, words, ink)
    _paint_text(painter, upper.translated(0, upper.height()), entry.second, words, _FAINT)


def _paint_text(
    painter: QPainter, rect: QRect, text: str, words: Sequence[str], ink: QColor
) -> None:
    """Write a text in one line, what the words meet in bold."""
    plain, bold = QFont(painter.font()), QFont(painter.font())
    bold.setBold(True)
    pieces = _pieces(text, words)
    x = rect.left()
    for piece, met in pieces:
        font = bold if met else plain
        metrics = QFontMetrics(font)
        left = rect.right() - x
        shown = metrics.elidedText(piece, Qt.TextElideMode.ElideRight, left)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(QRect(x, rect.top(), left, rect.height()), _LEFT_MIDDLE, shown)
        x += metrics.horizontalAdvance(piece)
        if shown != piece:
            break
    painter.setFont(plain)


def _pieces(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """Divide a text into what the words meet and what they do not."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for begin, end in spans(text, words):
        if begin >= at:
            pieces += [(text[at:begin], False), (text[begin:end], True)]
            at = end
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


_LEFT_MIDDLE: Final = int(
    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
)
_RIGHT_MIDDLE: Final = int(
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
)
_NORMAL, _GREY = QIcon.Mode.Normal, QIcon.Mode.Disabled
