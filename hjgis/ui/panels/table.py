"""The attribute table: sort, filter, select, edit, copy."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers import geometry_blob
from hjgis.layers.project import Project
from hjgis.models.arrangement import FACT
from hjgis.models.changes import Announcement
from hjgis.ui.bridge import Bridge
from hjgis.ui.filter_bar import FilterBar
from hjgis.ui.itemmodels import FeatureTableModel
from hjgis.ui.selection import Selection

_SELECT_AT_MOST: Final = 5000


class TablePanel(QWidget):
    """Rows of one layer, their selection shared with the map."""

    zoom_requested = Signal(object)
    troubled = Signal(str)

    def __init__(
        self, project: Project, bridge: Bridge, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._selection = project, selection
        self._quiet = False
        self.model = FeatureTableModel(project, self)
        self.model.troubled.connect(self._tell)
        self._layers = QComboBox()
        self._list_layers()
        self.filter_bar = FilterBar(project)
        self._count = QLabel()
        self._view = self._make_view()
        self._lay_out()
        self._layers.currentIndexChanged.connect(self._layer_chosen)
        self.filter_bar.changed.connect(self._filter)
        self.filter_bar.troubled.connect(self.troubled)
        selection.changed.connect(self._follow_selection)
        bridge.changed.connect(self._heard)
        self.show_layer("manhole" if "manhole" in project.types else self._layers.itemData(0))

    def _list_layers(self) -> None:
        """Offer the layers that there are; what is shown stays if it is one of them."""
        shown = self._layers.currentData()
        self._layers.blockSignals(True)
        self._layers.clear()
        for layer in self._project.layers:
            self._layers.addItem(label(layer.title), layer.id)
        self._layers.setCurrentIndex(max(self._layers.findData(shown), 0))
        self._layers.blockSignals(False)

    def _make_view(self) -> QTableView:
        view = QTableView()
        view.setModel(self.model)
        view.setSortingEnabled(True)
        view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        view.setAlternatingRowColors(True)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setWordWrap(False)
        view.verticalHeader().setDefaultSectionSize(26)
        view.horizontalHeader().setSectionsMovable(True)
        view.doubleClicked.connect(self._zoom_to)
        view.selectionModel().selectionChanged.connect(self._rows_selected)
        copy = QAction(_("Copy with headings"), view)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        view.addAction(copy)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return view

    def _lay_out(self) -> None:
        self._columns = QToolButton()
        self._columns.setText(_("Columns"))
        self._columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self._layers)
        bar.addWidget(self.filter_bar, 1)
        bar.addWidget(self._columns)
        bar.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(self._view, 1)

    def show_layer(self, layer: str) -> None:
        """Show another layer."""
        index = self._layers.findData(layer)
        if index != self._layers.currentIndex():
            self._layers.setCurrentIndex(index)
        elif self.model.asset is None or self.model.asset.id != layer:
            self._layer_chosen()

    def _layer_chosen(self) -> None:
        layer = self._layers.currentData()
        self._quiet = True
        self._view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.model.show_layer(layer)
        assert self.model.asset is not None
        self.filter_bar.show_layer(self.model.asset)
        self._quiet = False
        self._fill_columns_menu()
        self._size_columns()
        self._show_count()
        self._follow_selection()

    def _size_columns(self) -> None:
        header = self._view.horizontalHeader()
        for column in range(self.model.columnCount()):
            wide = header.sectionSizeFromContents(column).width() + 8
            sample = max(
                (
                    len(self.model.shown(row, column))
                    for row in range(min(20, len(self.model.fids)))
                ),
                default=0,
            )
            header.resizeSection(column, max(wide, min(12 + 9 * sample, 200)))

    def _fill_columns_menu(self) -> None:
        menu = QMenu(self._columns)
        for column in range(self.model.columnCount()):
            name = str(self.model.headerData(column, Qt.Orientation.Horizontal))
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(not self._view.isColumnHidden(column))
            action.setData(column)
            action.toggled.connect(self._show_column)
        self._columns.setMenu(menu)

    def _show_column(self, shown: bool) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self._view.setColumnHidden(int(action.data()), not shown)

    def _filter(self) -> None:
        if self._quiet or self.model.asset is None:
            return
        self.model.filter(self.filter_bar.conditions)
        self._show_count()
        self._follow_selection()

    def copy(self) -> None:
        """Copy the selected rows, or all, with headings, for a spreadsheet."""
        rows = sorted(index.row() for index in self._view.selectionModel().selectedRows())
        rows = rows or list(range(min(len(self.model.fids), _SELECT_AT_MOST)))
        columns = [c for c in range(self.model.columnCount()) if not self._view.isColumnHidden(c)]
        horizontal = Qt.Orientation.Horizontal
        lines = ["\t".join(str(self.model.headerData(c, horizontal)) for c in columns)]
        lines += ["\t".join(self.model.shown(row, c) for c in columns) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _rows_selected(self) -> None:
        if self._quiet or self.model.asset is None:
            return
        rows = [index.row() for index in self._view.selectionModel().selectedRows()]
        self._quiet = True
        self._selection.set(self.model.asset.id, self.model.fids[rows])
        self._quiet = False

    def _follow_selection(self) -> None:
        if self._quiet or self.model.asset is None:
            return
        self._quiet = True
        chosen = QItemSelection()
        if self._selection.layer == self.model.asset.id:
            rows = np.flatnonzero(np.isin(self.model.fids, self._selection.fids))[:_SELECT_AT_MOST]
            last = self.model.columnCount() - 1
            for row in rows.tolist():
                chosen.select(self.model.index(row, 0), self.model.index(row, last))
            if len(rows):
                self._view.scrollTo(self.model.index(int(rows[0]), 0))
        flag = QItemSelectionModel.SelectionFlag
        self._view.selectionModel().select(chosen, flag.ClearAndSelect | flag.Rows)
        self._quiet = False

    def _zoom_to(self, index: QModelIndex) -> None:
        assert self.model.asset is not None
        if self._view.state() == QAbstractItemView.State.EditingState:
            return
        fid = int(self.model.fids[index.row()])
        feature = self._project.store.features(self.model.asset.id, [fid])[0]
        extent = geometry_blob.union([feature.geometry.bounds] if feature.geometry else [])
        if extent is not None:
            self.zoom_requested.emit(extent)

    def _heard(self, announcement: Announcement) -> None:
        listed = [self._layers.itemData(row) for row in range(self._layers.count())]
        if FACT in announcement.facts or listed != list(self._project.types):
            self._list_layers()
            self.show_layer(self._layers.currentData())
        delta = announcement.layers.get(self.model.asset.id) if self.model.asset else None
        if delta is None:
            return
        if len(delta.inserted) or len(delta.deleted) or self.model.conditions:
            self.model.reload()
            self._show_count()
        else:
            self.model.refresh_values()

    def _show_count(self) -> None:
        assert self.model.asset is not None
        total = self._project.count(self.model.asset.id)
        self._count.setText(f"{len(self.model.fids):,} / {total:,}")

    def _tell(self, text: str) -> None:
        self.troubled.emit(text)
