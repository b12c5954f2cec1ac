"""Group totals beside the table: its rows by the values of a field, counted and added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.layers.table_rows import Group, Totals
from hjgis.models.assets import AssetType, Value
from hjgis.models.measures import MEASURES, measures_of
from hjgis.models.query import Condition
from hjgis.models.validation import display
from hjgis.progress import Progress
from hjgis.ui.itemmodels import AT_ONCE
from hjgis.ui.latest import Latest
from hjgis.ui.page_parts import RIGHT, FittingBox, align_right, narrow

_ROLE: Final = Qt.ItemDataRole.UserRole
_ALL: Final = "all"
# More groups are no summary; the smallest are left out and counted.
_MOST: Final = 2_000
Answer = tuple[list[Group], list[Totals]]


class GroupsPane(QWidget):
    """`chosen` carries the condition of the group that is clicked, or None for all rows."""

    chosen = Signal(object)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._asset: AssetType | None = None
        self._fids: NDArray[np.int64] | None = None
        self._latest = Latest(project, _("Group totals"), self)
        self.by, self.of, self.tree = FittingBox(), FittingBox(), QTreeWidget()
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(True)
        head = self.tree.header()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(False)
        boxes = QHBoxLayout()
        boxes.setSpacing(4)
        for words, box in ((_("By"), self.by), (_("Add up"), self.of)):
            box.setToolTip(words)
            narrow(box, 6)
            boxes.addWidget(QLabel(words))
            boxes.addWidget(box, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(4)
        column.addLayout(boxes)
        column.addWidget(self.tree, 1)
        self.by.currentIndexChanged.connect(self.refresh)
        self.of.currentIndexChanged.connect(self.refresh)
        self.tree.itemClicked.connect(self._clicked)

    def show_rows(self, asset: AssetType, fids: NDArray[np.int64], *, whole: bool) -> None:
        """Group these rows; `whole` says that they are all of the layer."""
        self._fids = None if whole else fids
        if asset is not self._asset:
            self._asset = asset
            self._offer(asset)
        self.refresh()

    def stop(self) -> None:
        """Stop for good, with the project."""
        self._latest.stop()

    def _offer(self, asset: AssetType) -> None:
        for box in (self.by, self.of):
            box.blockSignals(True)
            box.clear()
        for field in asset.fields:
            self.by.addItem(label(field.label), field.name)
        numbers = [field for field in asset.fields if field.type in ("integer", "number")]
        sizes = [name for name in measures_of(asset) if name in ("@length", "@area")]
        for name in sizes:
            self.of.addItem(f"{_(MEASURES[name][0])} ({MEASURES[name][1]})", name)
        for field in numbers:
            unit = f" ({field.unit})" if field.unit else ""
            self.of.addItem(f"{label(field.label)}{unit}", field.name)
        measured = next((field.name for field in numbers if field.group == "technical"), None)
        self.of.setCurrentIndex(0 if sizes else max(self.of.findData(measured), 0))
        first = asset.class_field or next((f.name for f in asset.fields if f.codes), None)
        self.by.setCurrentIndex(max(self.by.findData(first), 0))
        for box in (self.by, self.of):
            box.blockSignals(False)

    def refresh(self) -> None:
        """Count anew."""
        if self._asset is None or self.isHidden():
            return
        layer, by, of = self._asset.id, str(self.by.currentData()), self.of.currentData()
        names = [str(of)] if of else []
        fids = self._fids

        def count(project: Project, progress: Progress) -> Answer:
            store = project.store
            groups = store.group_totals(layer, by, names, fids=fids, progress=progress)
            return groups, store.totals(layer, names, fids=fids, progress=progress)

        few = self._project.last_fid(layer) <= AT_ONCE
        self._latest.ask(count, self._show, at_once=few)

    def _show(self, answer: Answer) -> None:
        groups, whole = answer
        summed = bool(whole)
        sums = [_("Sum"), _("Mean"), _("Least"), _("Most")] if summed else []
        self.tree.clear()
        self.tree.setColumnCount(2 + len(sums))
        self.tree.setHeaderLabels([self.by.currentText(), _("Rows"), *sums])
        # Figures are seen whole, names in what is left.
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for figures in range(1, self.tree.columnCount()):
            align_right(self.tree, figures)
        count = sum(group.count for group in groups)
        self.tree.addTopLevelItem(self._item(_("All rows"), _ALL, count, whole))
        for group in groups[:_MOST]:
            self.tree.addTopLevelItem(
                self._item(self._words(group.value), group.value, group.count, group.totals)
            )
        if len(groups) > _MOST:
            more = _("{count} more values").format(count=len(groups) - _MOST)
            left = QTreeWidgetItem([more])
            left.setFlags(Qt.ItemFlag.NoItemFlags)
            self.tree.addTopLevelItem(left)

    def _words(self, value: Value) -> str:
        assert self._asset is not None
        if value is None:
            return _("(empty)")
        field = self._asset.field(str(self.by.currentData()))
        return display(field, value, self._project.catalogue)

    def _item(
        self, words: str, value: Value, count: int, totals: Sequence[Totals]
    ) -> QTreeWidgetItem:
        figures = [
            "" if number is None else grouped(number, ".2f")
            for one in totals
            for number in (one.sum, one.mean, one.low, one.high)
        ]
        item = QTreeWidgetItem([words, grouped(count), *figures])
        item.setData(0, _ROLE, value)
        item.setToolTip(0, words)
        for column in range(1, 2 + len(figures)):
            item.setTextAlignment(column, RIGHT)
        return item

    def _clicked(self, item: QTreeWidgetItem) -> None:
        if item.data(1, Qt.ItemDataRole.DisplayRole) is None:
            return
        if self.tree.indexOfTopLevelItem(item) == 0:
            self.chosen.emit(None)
            return
        name, value = str(self.by.currentData()), item.data(0, _ROLE)
        operator = "empty" if value is None else "="
        self.chosen.emit(Condition(name, operator, value))


def totals_words(found: Totals, unit: str) -> str:
    """Say what numbers come to."""
    if not found.filled:
        return _("all empty")
    numbers = (round(found.sum or 0.0, 6), found.low or 0, found.high or 0)
    total, low, high = (grouped(number, ".10g") for number in numbers)
    words = _("sum {sum} {unit}, mean {mean}, from {low} to {high}")
    mean = grouped(found.mean or 0, ".6g")
    text = words.format(sum=total, unit=unit, mean=mean, low=low, high=high)
    empty = found.count - found.filled
    if not empty:
        return text
    return ngettext_("{text}; {count} is empty", "{text}; {count} are empty", empty).format(
        text=text, count=grouped(empty)
    )
