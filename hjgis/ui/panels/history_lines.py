"""Lines of the history: what was done, and below it, smaller, when and by whom."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from hjgis.ui import theme

WHEN: Final = 0
WHAT: Final = 1
WHO: Final = 2
_FAINT: Final = QColor("#5b6670")
_LINE_PX: Final = 42
_LEFT_PX: Final = 3
_Index = QModelIndex | QPersistentModelIndex


class HistoryLines(QStyledItemDelegate):
    """Paints a change in two rows, so that a narrow dock has room for the words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        size = super().sizeHint(option, index)
        # What stands below a change, the old values, has no second row.
        return size if _second(index) == "" else QSize(size.width(), _LINE_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        second = _second(index)
        if not second:
            super().paint(painter, option, index)
            return
        style = QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        upper = palette.highlightedText().color() if chosen else QColor(theme.INK)
        lines = (
            (str(index.data() or ""), upper, 0),
            (second, upper if chosen else _FAINT, option.rect.height() // 2),
        )
        painter.save()
        for words, ink, down in lines:
            room = QRect(option.rect).adjusted(_LEFT_PX, 3, -_LEFT_PX, -3)
            room.setTop(room.top() + (down - 3 if down else 0))
            room.setHeight(option.rect.height() // 2 - 3)
            painter.setPen(ink)
            mode = Qt.TextElideMode.ElideRight
            shown = option.fontMetrics.elidedText(words, mode, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


def _second(index: _Index) -> str:
    texts = (str(index.sibling(index.row(), column).data() or "") for column in (WHEN, WHO))
    return " · ".join(filter(None, texts))
