"""How it stands with each layer, at one look: features, completeness, what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hjgis.i18n import N_, _, grouped
from hjgis.models.issues import Severity
from hjgis.ui.severity_icon import severity_icon
from hjgis.ui.theme import INK

LAYER, FEATURES, COMPLETE = range(3)
_TITLES: Final = (N_("Layer"), N_("Features"), N_("Complete"))
_SEVERITIES: Final = tuple(Severity)
_ROW_PX: Final = 23
_BAR_PX: Final = 82
# So much of a layer's name is read at least: other columns go before it.
_NAME_PX: Final = 96
_SHARE: Final = Qt.ItemDataRole.UserRole
_GOOD, _FAIR, _POOR = "#7fb98a", "#e2b765", "#d98880"
_GOOD_FROM, _FAIR_FROM = 0.9, 0.6
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class LayerState:
    """How it stands with a layer; `layer` is None for all of them together."""

    layer: str | None
    title: str
    features: int
    complete: float | None
    counts: Mapping[Severity, int]


class LayerSummary(QTableView):
    """A row a layer; `chosen` carries layer and severity, each None for all."""

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.states = _StateModel(self)
        self.setModel(self.states)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setItemDelegateForColumn(COMPLETE, _Bar(self))
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(_ROW_PX)
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(LAYER, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(self._tell)
        self.activated.connect(self._tell)

    def show_states(self, states: tuple[LayerState, ...], layer: str | None) -> None:
        """Show how it stands, the layer that the list is narrowed to being marked."""
        self.states.show_states(states)
        rows = [row for row, state in enumerate(states) if state.layer == layer]
        if rows:
            self.selectRow(rows[0])
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Let names and numbers be read; in a narrow panel without what stands elsewhere too."""
        header, room = self.horizontalHeader(), self.viewport().width()
        widths = {}
        for column in range(LAYER + 1, self.states.columnCount()):
            least = _BAR_PX if column == COMPLETE else 0
            needed = max(header.sectionSizeHint(column), self.sizeHintForColumn(column), least)
            widths[column] = needed
            self.setColumnWidth(column, needed)
        for column in (FEATURES, COMPLETE):
            lacking = sum(widths.values()) + _NAME_PX > room
            self.setColumnHidden(column, lacking)
            if lacking:
                del widths[column]

    def _tell(self, index: QModelIndex) -> None:
        column = index.column() - COMPLETE - 1
        severity = _SEVERITIES[column] if column >= 0 else None
        self.chosen.emit(self.states.states[index.row()].layer, severity)


class _StateModel(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.states: tuple[LayerState, ...] = ()
        self._bold = QFont()
        self._bold.setBold(True)

    def show_states(self, states: tuple[LayerState, ...]) -> None:
        self.beginResetModel()
        self.states = states
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.states)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_TITLES) + len(_SEVERITIES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        words = section <= COMPLETE
        if role == Qt.ItemDataRole.DisplayRole:
            return _(_TITLES[section]) if words else ""
        if role == Qt.ItemDataRole.DecorationRole and not words:
            return severity_icon(_SEVERITIES[section - COMPLETE - 1])
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(section)
        return None

    def _tip(self, section: int) -> str | None:
        if section == COMPLETE:
            return _("Share of the required fields that are filled in; 不详 counts as filled in")
        if section > COMPLETE:
            names = (_("Errors"), _("Warnings"), _("Notes"))
            return names[section - COMPLETE - 1]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        state, column = self.states[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _words(state, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column)
        if role == Qt.ItemDataRole.FontRole:
            return self._bold if state.layer is None else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{state.title}\n{_('Click to list only these findings')}"
        return state.complete if role == _SHARE and column == COMPLETE else None


def _words(state: LayerState, column: int) -> str:
    if column == LAYER:
        return state.title
    if column == FEATURES:
        return grouped(state.features)
    if column == COMPLETE:
        return "" if state.complete is None else _percent(state.complete)
    count = state.counts.get(_SEVERITIES[column - COMPLETE - 1], 0)
    return grouped(count) if count else "–"


def _percent(share: float) -> str:
    """Return a share in words; what is not quite complete never says 100 %."""
    return f"{math.floor(share * 1000) / 10:.1f}%"


def _aligned(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight
    if column == LAYER:
        side = Qt.AlignmentFlag.AlignLeft
    elif column == COMPLETE:
        side = Qt.AlignmentFlag.AlignHCenter
    return side | Qt.AlignmentFlag.AlignVCenter


class _Bar(QStyledItemDelegate):
    """A share as a bar behind its number."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        share = index.data(_SHARE)
        super().paint(painter, QStyleOptionViewItem(option), index)
        if share is None:
            return
        box = QRectF(option.rect).adjusted(4, 5, -4, -5)
        color = _GOOD if share >= _GOOD_FROM else _FAIR if share >= _FAIR_FROM else _POOR
        painter.fillRect(box, QColor("#e6e9ed"))
        filled = QRectF(box.left(), box.top(), box.width() * share, box.height())
        painter.fillRect(filled, QColor(color))
        painter.setPen(QColor(INK))
        painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, _percent(share))
