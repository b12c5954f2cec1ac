"""The notice's tasks as small tiles, all to be seen at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from hjgis.checks.targets import TaskResult
from hjgis.i18n import _, label
from hjgis.reports.targets import COLOURS, SIGNS, STATUS_WORDS, key_figures, progress_share
from hjgis.ui import theme

_LEAST_PX: Final = 148
_MOST_PX: Final = 260
_HEIGHT_PX: Final = 37
_ROLE: Final = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class TaskTiles(QListWidget):
    """Tiles of tasks in rows; arrows go from one to the next, `chosen` says which it is."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_TileDelegate(self))
        self.setAccessibleName(_("Tasks"))
        self.currentItemChanged.connect(self._tell)

    @property
    def task(self) -> TaskResult | None:
        """The task whose tile is chosen."""
        item = self.currentItem()
        task: TaskResult | None = item.data(_ROLE) if item is not None else None
        return task

    def show_tasks(self, tasks: Sequence[TaskResult]) -> None:
        """Show tasks; the chosen one stays chosen if it is among them."""
        now = self.task.task.no if self.task else None
        self.blockSignals(True)
        self.clear()
        for task in tasks:
            words = _("{no} {title}: {status}").format(
                no=task.task.no, title=label(task.task.title), status=_(STATUS_WORDS[task.status])
            )
            item = QListWidgetItem(words)
            item.setData(_ROLE, task)
            item.setToolTip(f"{words}\n{label(task.task.asks)}")
            self.addItem(item)
            if task.task.no == now:
                self.setCurrentItem(item)
        if self.currentItem() is None and self.count():
            self.setCurrentRow(0)
        self.blockSignals(False)
        self._fit()
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Share out the width: as few columns as show all, so that titles have room.

        The bar is ours to show, Qt keeps it where it is not needed.
        """
        edge = 2 * self.frameWidth()
        width, height = self.width() - edge, self.height() - edge
        bar, policy = self.verticalScrollBar(), Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        columns = max(-(-self.count() // max(height // _HEIGHT_PX, 1)), width // _MOST_PX, 1)
        if width // columns < _LEAST_PX:
            width -= bar.sizeHint().width()
            policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn
            columns = max(width // _LEAST_PX, 1)
        self.setVerticalScrollBarPolicy(policy)
        self.setGridSize(QSize(max((width - 1) // columns, 1), _HEIGHT_PX))

    def _tell(self) -> None:
        self.chosen.emit(self.task)


class _TileDelegate(QStyledItemDelegate):
    """Paints sign, number, title, figures and a bar."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        view = self.parent()
        assert isinstance(view, TaskTiles)
        return view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        task: TaskResult = index.data(_ROLE)
        view = self.parent()
        assert isinstance(view, TaskTiles)
        box = QRect(option.rect).adjusted(2, 2, -2, -2)
        current = view.currentIndex() == index
        painter.save()
        painter.setPen(QColor(theme.ACCENT if current else "#d5d9de"))
        painter.setBrush(QColor("#e8f0fa" if current else "#ffffff"))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        inner = box.adjusted(6, 3, -6, -4)
        _paint_words(painter, task, inner)
        _paint_bar(painter, task, QRect(inner.left(), inner.bottom() - 4, inner.width(), 4))
        painter.restore()


def _paint_words(painter: QPainter, task: TaskResult, inner: QRect) -> None:
    line = QRect(inner.left(), inner.top(), inner.width(), inner.height() - 6)
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setPen(QColor(COLOURS[task.status]))
    painter.drawText(QRect(line.left(), line.top(), 16, line.height()), middle, SIGNS[task.status])
    figures = key_figures(task)
    width = painter.fontMetrics().horizontalAdvance(figures)
    painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, figures)
    painter.setPen(QColor(theme.INK))
    room = QRect(line.left() + 17, line.top(), line.width() - 21 - width, line.height())
    words = f"{task.task.no} {label(task.task.title)}"
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, middle, shown)


def _paint_bar(painter: QPainter, task: TaskResult, bar: QRect) -> None:
    share = progress_share(task)
    painter.fillRect(bar, QColor("#e3e7eb"))
    if share:
        filled = QRect(bar.left(), bar.top(), max(int(bar.width() * share), 2), bar.height())
        painter.fillRect(filled, QColor(COLOURS[task.status]))
