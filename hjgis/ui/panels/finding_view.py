"""The list of findings that is walked through: headings fold, findings are gone to."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hjgis.ui.panels.finding_rows import COUNT, FEATURE, FINDING, IS_OPEN, LEVEL, FindingModel

_ROW_PX: Final = 24
_INDENT_PX: Final = 16
_ARROW_PX: Final = 18
# Width of the features: at most, and as a share of the list.
_FEATURE_PX: Final = 190
_FEATURE_SHARE: Final = 0.3
_ARROW_INK: Final = "#5b6670"
_Index = QModelIndex | QPersistentModelIndex


class FindingView(QTableView):
    """Rows of `FindingModel` as a tree.

    `gone_to` when a finding is clicked or reached by a key, `entered` when it is double-clicked
    or Enter is pressed: both carry its position in the issues. `looked_at` carries any row.
    """

    gone_to = Signal(int)
    entered = Signal(int)
    looked_at = Signal(object)

    def __init__(self, model: FindingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = model
        self.setModel(model)
        branches = _Branches(self)
        for column in (FINDING, FEATURE):
            self.setItemDelegateForColumn(column, branches)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(_ROW_PX)
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size_columns()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.selectionModel().currentChanged.connect(self._look)

    def _size_columns(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(FINDING, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(COUNT, header.sectionSizeHint(COUNT))
        # To paint a heading, Qt asks whether each of its million cells is selected. No column is.
        header.setSelectionModel(QItemSelectionModel(self.rows, header))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        share = round(_FEATURE_SHARE * self.viewport().width())
        self.setColumnWidth(FEATURE, min(_FEATURE_PX, share))

    @property
    def current(self) -> int | None:
        """The position of the finding that the cursor is on."""
        row = self.currentIndex().row()
        return self.rows.line(row).at if 0 <= row < self.rows.rowCount() else None

    def chosen(self) -> NDArray[np.int64]:
        """Return the positions of the findings that are selected, rising."""
        selection = self.selectionModel().selection()
        # A list in all but its type.
        pieces = [(one.top(), one.bottom()) for one in selection]  # type: ignore[attr-defined]
        return self.rows.chosen(pieces)

    def put_cursor(self, row: int) -> None:
        """Put the cursor on a row, without going there."""
        index = self.rows.index(row, FINDING)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        rows = QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags | rows)
        self.scrollTo(index)

    def step(self, by: int) -> int | None:
        """Put the cursor on the next finding (1) or the one before (-1), opening what is folded.

        Returns
        -------
        int or None
            Its position in the issues; None if there is no further one.
        """
        row = self.currentIndex().row()
        if row < 0:
            row = -1 if by > 0 else self.rows.rowCount()
        row += by
        while 0 <= row < self.rows.rowCount():
            line = self.rows.line(row)
            if line.at is not None:
                self.put_cursor(row)
                return line.at
            if not self.rows.is_open(line):
                before = self.rows.rowCount()
                self.rows.set_open(row, opened=True)
                # Going up, what has just been opened is entered from below.
                row += self.rows.rowCount() - before if by < 0 else 0
                if by < 0:
                    continue
            row += by
        return None

    # -- events --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and index.isValid() and self._is_on_arrow(index, event):
            self._toggle(index.row())
            return
        super().mousePressEvent(event)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        line = self.rows.line(index.row()) if index.isValid() else None
        if left and plain and line is not None and line.at is not None:
            self.gone_to.emit(line.at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._enter(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, key = self.currentIndex().row(), event.key()
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if not plain or not 0 <= row < self.rows.rowCount():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter(row)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Plus):
            self.rows.set_open(row, opened=True)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Minus):
            self._fold(row)
        elif key == Qt.Key.Key_Space:
            self._toggle(row)
        else:
            super().keyPressEvent(event)
            if self.currentIndex().row() != row and self.current is not None:
                self.gone_to.emit(self.current)

    # -- inside --------------------------------------------------------------------------

    def _is_on_arrow(self, index: QModelIndex, event: QMouseEvent) -> bool:
        if index.column() != FINDING or index.data(IS_OPEN) is None:
            return False
        left = self.visualRect(index).left() + index.data(LEVEL) * _INDENT_PX
        return bool(left <= event.position().x() < left + _ARROW_PX + 4)

    def _toggle(self, row: int) -> None:
        line = self.rows.line(row)
        self.rows.set_open(row, opened=not self.rows.is_open(line))

    def _enter(self, row: int) -> None:
        at = self.rows.line(row).at
        if at is None:
            self._toggle(row)
        else:
            self.entered.emit(at)

    def _fold(self, row: int) -> None:
        """Fold what the cursor is on, or go up to what it stands in."""
        line = self.rows.line(row)
        if line.at is None and self.rows.is_open(line):
            self.rows.set_open(row, opened=False)
            return
        key = line.key if line.at is not None else line.key[:1]
        above = self.rows.row_of_line(key)
        if above is not None:
            self.put_cursor(above)

    def _look(self, index: QModelIndex) -> None:
        self.looked_at.emit(self.rows.line(index.row()) if index.isValid() else None)


class _Branches(QStyledItemDelegate):
    """Moves words to the right by their level, after an arrow where something can be opened.

    A heading goes on where its features would stand: a heading has none.
    """

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        first = index.sibling(index.row(), FINDING)
        if first.data(IS_OPEN) is None:
            if index.column() == FINDING:
                self._paint(painter, option, index)
            else:
                super().paint(painter, option, index)
            return
        view = self.parent()
        assert isinstance(view, FindingView)
        whole = QStyleOptionViewItem(option)
        whole.rect = view.visualRect(first).united(
            view.visualRect(index.sibling(index.row(), FEATURE))
        )
        painter.save()
        painter.setClipRect(option.rect)
        self._paint(painter, whole, first)
        painter.restore()

    def _paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        level, opened = index.data(LEVEL) or 0, index.data(IS_OPEN)
        moved = QStyleOptionViewItem(option)
        box = QRect(option.rect)
        shift = level * _INDENT_PX + (_ARROW_PX if opened is not None else _INDENT_PX)
        moved.rect = box.adjusted(shift, 0, 0, 0)
        # The ground of a chosen row reaches to the left edge.
        if option.state & QStyle.StateFlag.State_Selected:
            ground = QRect(box.left(), box.top(), shift, box.height())
            painter.fillRect(ground, QColor("#d9e8fa"))
        super().paint(painter, moved, index)
        if opened is not None:
            _paint_arrow(painter, box, box.left() + level * _INDENT_PX, opened=bool(opened))


def _paint_arrow(painter: QPainter, box: QRect, left: int, *, opened: bool) -> None:
    x, y = left + _ARROW_PX / 2, box.top() + box.height() / 2
    corners = [(-3.5, -2.0), (3.5, -2.0), (0.0, 3.0)]
    if not opened:
        corners = [(-2.0, -3.5), (-2.0, 3.5), (3.0, 0.0)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(_ARROW_INK))
    painter.drawPolygon(QPolygonF([QPointF(x + right, y + down) for right, down in corners]))
    painter.restore()
