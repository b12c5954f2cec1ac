"""Colours and words of the values of a field, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from hjgis.i18n import _, grouped
from hjgis.ui.composing import ComposingDelegate
from hjgis.ui.page_parts import RIGHT, make_list
from hjgis.ui.themes.preview import ValueClass
from hjgis.ui.themes.ramp_box import band

_COLOR, _WORDS, _COUNT = range(3)
_HEIGHT_PX: Final = 150
_ROW_PX: Final = 22


class ValueTable(QTableWidget):
    """A colour is chosen by a double click, words are typed; `changed` carries both by value."""

    changed = Signal(dict, dict)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self._values: tuple[ValueClass, ...] = ()
        make_list(self, [_("Colour"), _("In the legend"), _("Count")])
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_WORDS, QHeaderView.ResizeMode.Stretch)
        place = self.horizontalHeaderItem(_COUNT)
        if place is not None:
            place.setTextAlignment(RIGHT)
        self.setIconSize(QSize(24, 12))
        self.setFixedHeight(_HEIGHT_PX)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setToolTip(_("Double click a colour or its words to change them (Enter, F2)"))
        self.setItemDelegateForColumn(_WORDS, ComposingDelegate(self))
        self.cellActivated.connect(self._open)
        self.itemChanged.connect(self._typed)

    def show_values(self, values: Sequence[ValueClass]) -> None:
        """Show these."""
        self._values = tuple(values)
        self.blockSignals(True)
        self.setRowCount(len(values))
        for row, one in enumerate(values):
            color, words = QTableWidgetItem(), QTableWidgetItem(one.words)
            count = QTableWidgetItem(grouped(one.count))
            color.setIcon(band([one.color[:7]]))
            color.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            count.setFlags(Qt.ItemFlag.ItemIsEnabled)
            count.setTextAlignment(RIGHT)
            words.setToolTip(one.words)
            for column, item in ((_COLOR, color), (_WORDS, words), (_COUNT, count)):
                self.setItem(row, column, item)
        self.blockSignals(False)

    def give_color(self, row: int, color: str) -> None:
        """Give a value another colour; the others keep those they have."""
        colors = {one.value: one.color for one in self._values}
        self.changed.emit({**colors, self._values[row].value: color}, {})

    def _open(self, row: int, column: int) -> None:
        if column == _COLOR:
            now = QColor(self._values[row].color[:7])
            wanted = QColorDialog.getColor(now, self, _("Colour"))
            if wanted.isValid():
                self.give_color(row, wanted.name())

    def _typed(self, item: QTableWidgetItem) -> None:
        one = self._values[item.row()]
        if item.column() == _WORDS and item.text().strip() != one.words:
            self.changed.emit({}, {one.value: item.text().strip()})
