"""The attribute table: sort, filter, group, select, edit, copy; a million rows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPoint, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSplitter,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers import geometry_blob
from hjgis.layers.project import Project
from hjgis.models.arrangement import FACT
from hjgis.models.changes import Announcement
from hjgis.models.query import Condition
from hjgis.ui import theme
from hjgis.ui.bridge import Bridge
from hjgis.ui.itemmodels import AT_ONCE, FeatureTableModel
from hjgis.ui.page_parts import FittingBox, narrow
from hjgis.ui.panels.filter_bar import FilterBar
from hjgis.ui.panels.table_columns import ColumnLayouts
from hjgis.ui.panels.table_commands import BY_ID, MENU, TOOL_ROW
from hjgis.ui.panels.table_delegate import CellDelegate
from hjgis.ui.panels.table_edits import CellEdits
from hjgis.ui.panels.table_groups import GroupsPane, totals_words
from hjgis.ui.panels.table_rows import RowFinder, Search
from hjgis.ui.panels.table_view import CellView
from hjgis.ui.selection import Selection

_TOTALS_AFTER_MS: Final = 120
_LAYER_AT_MOST_PX: Final = 200
_NO_EDITS: Final = QAbstractItemView.EditTrigger.NoEditTriggers


class TablePanel(QWidget):
    """Rows of one layer, their selection shared with the map.

    `wanted` carries what makes an edit of many rows; `troubled` what cannot be done.
    """

    zoom_requested = Signal(object)
    troubled = Signal(str)
    wanted = Signal(object)

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        selection: Selection,
        parent: QWidget | None = None,
        *,
        search: Search | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._selection = project, selection
        self._quiet = False
        self._group: Condition | None = None
        self._kept_place: tuple[int, int] | None = None
        self.layouts = ColumnLayouts()
        self.model = FeatureTableModel(project, self)
        self.finder = RowFinder(project, search, self)
        self._layers, self._count = FittingBox(), QLabel()
        self._count.setToolTip(_("Rows shown / rows of the layer"))
        self.filter_bar = FilterBar(project, selection)
        self._view = CellView(self.model)
        self._delegate = CellDelegate(project, self._view)
        self._view.setItemDelegate(self._delegate)
        self.edits = CellEdits(project, self.model, self._view, self)
        self.groups = GroupsPane(project)
        self.groups.hide()
        self._totals, self._busy = QLabel(), QToolButton()
        self._soon_totals = QTimer(self, interval=_TOTALS_AFTER_MS, singleShot=True)
        self._actions = {name: self._action(name) for name in BY_ID}
        self._list_layers()
        self._lay_out()
        self._connect(bridge)
        self.show_layer("manhole" if "manhole" in project.types else self._layers.itemData(0))

    # -- building ------------------------------------------------------------------------

    def _action(self, name: str) -> QAction:
        spec = BY_ID[name]
        action = QAction(theme.icon(spec.icon), _(spec.words), self)
        keys = f" ({spec.keys})" if spec.keys else ""
        action.setToolTip(f"{_(spec.words)}{keys}\n{_(spec.hint)}")
        action.setData(name)
        action.setCheckable(name == "groups")
        action.triggered.connect(self._triggered)
        return action

    def _lay_out(self) -> None:
        # Where there is no room, the last tools go into a menu behind an arrow.
        tools = QToolBar()
        tools.setObjectName("panel_tools")
        # By its new name it has no margins: the rows want the room.
        tools.style().unpolish(tools)
        tools.style().polish(tools)
        tools.setIconSize(QSize(18, 18))
        for name in TOOL_ROW:
            tools.addAction(self._actions[name]) if name else tools.addSeparator()
        bar = QHBoxLayout()
        bar.setSpacing(8)
        narrow(self._layers, 8)
        self._layers.setMaximumWidth(_LAYER_AT_MOST_PX)
        bar.addWidget(self._layers, 1)
        bar.addWidget(self.filter_bar, 4)
        bar.addWidget(tools)
        bar.addWidget(self._count)
        self._busy.setText(_("Stop"))
        self._busy.setIcon(theme.icon("close"))
        self._busy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._busy.setAutoRaise(True)
        self._busy.hide()
        self._totals.setObjectName("muted")
        # Beside the scroll bar: at 768 px every line of the screen is wanted for rows.
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._totals.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._view.addScrollBarWidget(self._totals, Qt.AlignmentFlag.AlignLeft)
        self._view.addScrollBarWidget(self._busy, Qt.AlignmentFlag.AlignLeft)
        middle = QSplitter()
        middle.addWidget(self.groups)
        middle.addWidget(self._view)
        middle.setStretchFactor(1, 1)
        middle.setSizes([430, 830])
        middle.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 0)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addWidget(middle, 1)

    def _connect(self, bridge: Bridge) -> None:
        view, model = self._view, self.model
        self._layers.currentIndexChanged.connect(self._layer_chosen)
        self.filter_bar.changed.connect(self._filter)
        self.filter_bar.troubled.connect(self.troubled)
        model.wanted.connect(self._find)
        model.troubled.connect(self.troubled)
        model.modelReset.connect(self._restore_place)
        self.finder.found.connect(self._found)
        self.finder.busy_changed.connect(self._show_busy)
        self.finder.failed.connect(self._tell)
        self._busy.clicked.connect(self.finder.stop_asking)
        view.horizontalHeader().sectionClicked.connect(self._heading_clicked)
        view.horizontalHeader().sectionMoved.connect(self._arranged)
        view.horizontalHeader().sectionResized.connect(self._arranged)
        view.verticalHeader().sectionDoubleClicked.connect(self._zoom_to_row)
        view.doubleClicked.connect(self._zoom_to)
        view.customContextMenuRequested.connect(self._show_menu)
        view.command.connect(self.do)
        view.selectionModel().selectionChanged.connect(self._rows_selected)
        view.selectionModel().currentChanged.connect(self._soon_totals.start)
        self._delegate.left.connect(view.go)
        self._delegate.refused.connect(self.troubled)
        self._delegate.refused.connect(self._totals.setText)
        self.edits.troubled.connect(self.troubled)
        self._soon_totals.timeout.connect(self._show_totals)
        self.groups.chosen.connect(self._show_group)
        self._selection.changed.connect(self._follow_selection)
        bridge.changed.connect(self._heard)

    def _list_layers(self) -> None:
        """Offer the layers that there are; what is shown stays if it is one of them."""
        shown = self._layers.currentData()
        self._layers.blockSignals(True)
        self._layers.clear()
        for asset in self._project.types.values():
            self._layers.addItem(label(asset.label), asset.id)
        self._layers.setCurrentIndex(max(self._layers.findData(shown), 0))
        self._layers.blockSignals(False)

    # -- which rows ----------------------------------------------------------------------

    def show_layer(self, layer: str) -> None:
        """Show another layer."""
        index = self._layers.findData(layer)
        if index != self._layers.currentIndex():
            self._layers.setCurrentIndex(index)
        elif self.model.asset is None or self.model.asset.id != layer:
            self._layer_chosen()

    def _layer_chosen(self) -> None:
        self._quiet, self._group = True, None
        self.model.show_layer(self._layers.currentData())
        assert self.model.asset is not None
        self.filter_bar.show_layer(self.model.asset)
        self.layouts.put(self._view, self.model)
        self._quiet = False
        self._follow_selection()
        self._refresh_actions()

    def _filter(self) -> None:
        if self._quiet or self.model.asset is None:
            return
        self._group = None
        self.model.filter(self.filter_bar.conditions)

    def _show_group(self, condition: Condition | None) -> None:
        self._group = condition
        self.model.reload()

    def _find(self) -> None:
        if self.model.asset is not None:
            more = (self._group,) if self._group else ()
            conditions = (*self.model.conditions, *more)
            self.finder.ask(self.model.asset.id, conditions, self.model.order)

    def _found(self, fids: NDArray[np.int64], total: int) -> None:
        first = not len(self.model.fids)
        self._keep_place()
        quiet, self._quiet = self._quiet, True
        self.model.show_rows(fids)
        if first and len(fids) and not quiet:
            # Found in the background: now there are values to fit the columns to.
            self.layouts.put(self._view, self.model)
        self._quiet = quiet
        self._count.setText(f"{grouped(len(fids))} / {grouped(total)}")
        self._follow_selection()
        self._group_rows()

    def _group_rows(self) -> None:
        asset = self.model.asset
        if asset is not None and self._group is None and not self.groups.isHidden():
            whole = not self.model.conditions
            self.groups.show_rows(asset, self.model.fids, whole=whole)

    def _keep_place(self) -> None:
        index = self._view.currentIndex()
        known = index.isValid() and index.row() < len(self.model.fids)
        self._kept_place = (int(self.model.fids[index.row()]), index.column()) if known else None

    def _restore_place(self) -> None:
        """Go back to the current cell after rows were read anew."""
        kept, self._kept_place = self._kept_place, None
        row = self.model.row_of(kept[0]) if kept else None
        if kept is not None and row is not None:
            index = self.model.index(row, kept[1])
            flag = self._view.selectionModel().SelectionFlag
            self._view.selectionModel().setCurrentIndex(index, flag.NoUpdate)
            self._view.bring(index.row(), index.column())

    def _heading_clicked(self, section: int) -> None:
        """Sort rising, falling, not at all; with Shift by this column after others."""
        name = self.model.columns[section].name
        order = list(self.model.order)
        now = next((falls for key, falls in order if key == name), None)
        several = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        next_one = [(name, False)] if now is None else [(name, True)] if not now else []
        if several and now is not None:
            at = [key for key, _falls in order].index(name)
            order[at : at + 1] = next_one
        else:
            order = [*(order if several else []), *next_one]
        self.model.sort_by(order)

    def _show_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        if busy:
            self._totals.setText(_("Reading the table…"))
        else:
            self._show_totals()

    # -- what is done --------------------------------------------------------------------

    def _triggered(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.do(str(action.data()))

    def do(self, command: str) -> None:
        """Carry out an entry of the tool row or the menu."""
        reason = self._reason(command)
        if reason:
            self.troubled.emit(reason)
            return
        direct = {
            "zoom": self._zoom_to_selected,
            "invert": self._invert,
            "copy": self.copy,
            "fill-down": self.edits.fill_down,
            "empty": self.edits.empty,
            "groups": self._toggle_groups,
        }
        if command in direct:
            direct[command]()
            return
        dialog = self.dialog(command)
        if dialog is not None:
            dialog.open()

    def dialog(self, command: str) -> QDialog | None:
        """Return the window of a command; None (with a word) where it has nothing to work on."""
        from hjgis.ui.dialogs.table.opening import open_dialog

        return open_dialog(self, command)

    @property
    def view(self) -> CellView:
        """The grid."""
        return self._view

    @property
    def project(self) -> Project:
        """What is shown."""
        return self._project

    def _reason(self, command: str) -> str:
        """Say why a command cannot be carried out now."""
        if not BY_ID[command].writes:
            return ""
        if self._project.read_only:
            return self._project.read_only_reason or _("Opened for reading only.")
        locked = self._view.editTriggers() == _NO_EDITS
        return _("The layer is locked in the layer list.") if locked else ""

    def _refresh_actions(self) -> None:
        for name, action in self._actions.items():
            reason = self._reason(name)
            spec = BY_ID[name]
            keys = f" ({spec.keys})" if spec.keys else ""
            action.setEnabled(not reason)
            action.setToolTip(f"{_(spec.words)}{keys}\n{reason or _(spec.hint)}")

    def _show_menu(self, place: QPoint) -> None:
        self._refresh_actions()
        menu = QMenu(self)
        for name in MENU:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._view.viewport().mapToGlobal(place))

    def _toggle_groups(self) -> None:
        shown = self.groups.isHidden()
        self.groups.setVisible(shown)
        self._actions["groups"].setChecked(shown)
        if shown:
            self._group_rows()
        elif self._group is not None:
            self._show_group(None)

    def copy(self) -> None:
        """Copy the selected cells, or all rows that can be read at once, with headings."""
        self.edits.copy()

    # -- selection -----------------------------------------------------------------------

    def _rows_selected(self) -> None:
        self._soon_totals.start()
        if self._quiet or self.model.asset is None:
            return
        self._quiet = True
        self._selection.set(self.model.asset.id, self.selected_fids())
        self._quiet = False

    def _follow_selection(self) -> None:
        if self._quiet or self.model.asset is None:
            return
        self._quiet = True
        rows = np.empty(0, np.int64)
        if self._selection.layer == self.model.asset.id:
            rows = np.flatnonzero(np.isin(self.model.fids, self._selection.fids))
        # Cells of just these rows may be selected already, by hand.
        if not np.array_equal(rows, self._view.selected_rows()):
            self._view.select_rows(rows)
            if len(rows):
                self._view.bring(int(rows[0]), self._first_column())
        self._quiet = False

    def _first_column(self) -> int:
        column = self._view.columnAt(0)
        return max(column, 0)

    def _invert(self) -> None:
        chosen = np.ones(len(self.model.fids), bool)
        chosen[self._view.selected_rows()] = False
        self._view.select_rows(np.flatnonzero(chosen))

    def selected_fids(self) -> NDArray[np.int64]:
        """Return row numbers of the rows with a selected cell, in the order of the table."""
        rows = self._view.selected_rows()
        if len(rows) and int(rows[-1] - rows[0]) + 1 == len(rows):
            # A million in one run are not gathered one by one.
            return self.model.fids[int(rows[0]) : int(rows[-1]) + 1]
        return self.model.fids[rows]

    def _show_totals(self) -> None:
        if self.finder.busy or self.model.asset is None or self._project.is_closed:
            return
        rows, current = self._view.selected_rows(), self._view.currentIndex()
        words = ngettext_("{count} row selected", "{count} rows selected", len(rows))
        text = words.format(count=grouped(len(rows))) if len(rows) else ""
        if self._delegate.unstored:
            self._totals.setText(self._delegate.unstored)
            return
        column = self.model.columns[current.column()] if current.isValid() else None
        if column is not None and column.is_number and 1 < len(rows) <= AT_ONCE:
            fids = self.model.fids[rows]
            found = self._project.store.totals(self.model.asset.id, [column.name], fids=fids)[0]
            said = totals_words(found, column.unit)
            text += "   " + _("{field}: {value}").format(field=column.title, value=said)
        self._totals.setText(text)

    # -- places --------------------------------------------------------------------------

    def _zoom_to(self, index: QModelIndex) -> None:
        if self._view.state() != QAbstractItemView.State.EditingState:
            self._zoom_to_row(index.row())

    def _zoom_to_row(self, row: int) -> None:
        self._zoom_to_fids(self.model.fids[row : row + 1])

    def _zoom_to_selected(self) -> None:
        self._zoom_to_fids(self.selected_fids()[:AT_ONCE])

    def _zoom_to_fids(self, fids: NDArray[np.int64]) -> None:
        assert self.model.asset is not None
        found = self._project.store.features(self.model.asset.id, fids)
        boxes = [one.geometry.bounds for one in found if one.geometry is not None]
        extent = geometry_blob.union(boxes)
        if extent is not None:
            self.zoom_requested.emit(extent)
        elif len(fids):
            self.troubled.emit(_("What is selected has no place on the map."))

    # -- what changes outside ------------------------------------------------------------

    def _heard(self, announcement: Announcement) -> None:
        listed = [self._layers.itemData(row) for row in range(self._layers.count())]
        if FACT in announcement.facts or listed != list(self._project.types):
            self._list_layers()
            self.show_layer(self._layers.currentData())
        delta = announcement.layers.get(self.model.asset.id) if self.model.asset else None
        if delta is None:
            return
        filtered = bool(self.model.conditions) or self._group is not None
        if len(delta.inserted) or len(delta.deleted) or filtered:
            self.model.reload()
        else:
            self.model.refresh_values(delta.updated)
            self._group_rows()
        self._soon_totals.start()

    def _tell(self, error: HjgisError) -> None:
        self.troubled.emit(str(error))

    def _arranged(self) -> None:
        if not self._quiet:
            self.layouts.take(self._view, self.model)

    def restore(self, kept: QSettings) -> None:
        """Arrange columns as they were when the window was closed."""
        self._quiet = True
        self.layouts.restore(kept)
        self.layouts.put(self._view, self.model)
        self._quiet = False

    def keep(self, kept: QSettings) -> None:
        """Remember how the columns are arranged."""
        self.layouts.keep(kept)

    def stop(self) -> None:
        """Stop reading, with the project."""
        self._soon_totals.stop()
        self.finder.stop()
        self.groups.stop()
