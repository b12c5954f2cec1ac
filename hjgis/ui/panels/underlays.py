"""The list of what lies under the map: shown or not, how strong, shifted or not."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from hjgis.i18n import _
from hjgis.ui.map.underlays import Underlay, Underlays

_PATH: Final = Qt.ItemDataRole.UserRole
_OPACITIES: Final = (25, 50, 75, 100)
_ROW_PX: Final = 24
_MOST_ROWS: Final = 5


class UnderlayList(QTreeWidget):
    """Topmost first, as on the map; hidden while there is nothing."""

    zoom_requested = Signal(object)

    def __init__(self, underlays: Underlays, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._underlays = underlays
        self.setColumnCount(2)
        self.setHeaderLabels([_("Basemaps"), ""])
        self.setRootIsDecorated(False)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.itemChanged.connect(self._item_changed)
        underlays.listed.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Show the list as it is."""
        self.blockSignals(True)
        self.clear()
        entries = self._underlays.entries
        for held in reversed(entries):
            self.addTopLevelItem(_item(held))
        rows = min(len(entries), _MOST_ROWS) + 1
        self.setFixedHeight(rows * _ROW_PX + 8)
        self.setVisible(bool(entries))
        self.blockSignals(False)

    def menu_of(self, path: str) -> QMenu:
        """Return what can be done with an entry."""
        held = next(held for held in self._underlays.entries if held.entry.path == path)
        entry, alter = held.entry, self._underlays.alter
        menu = QMenu(self)
        zoom = menu.addAction(_("Zoom to"), partial(self.zoom_requested.emit, held.extent))
        zoom.setEnabled(held.extent is not None)
        shares = menu.addMenu(_("Opacity"))
        for percent in _OPACITIES:
            share = shares.addAction(f"{percent} %", partial(alter, path, opacity=percent / 100))
            share.setCheckable(True)
            share.setChecked(round(entry.opacity * 100) == percent)
        if entry.kind == "picture":
            words = _("Its tiles are shifted by GCJ-02")
            shifted = menu.addAction(words, partial(alter, path, gcj02=not entry.gcj02))
            shifted.setCheckable(True)
            shifted.setChecked(entry.gcj02)
        menu.addSeparator()
        menu.addAction(_("Remove from the map"), partial(self._underlays.remove, path))
        return menu

    def _open_menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is not None:
            menu = self.menu_of(item.data(0, _PATH))
            menu.exec(self.viewport().mapToGlobal(at))
            menu.deleteLater()

    def _item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            shown = item.checkState(0) == Qt.CheckState.Checked
            self._underlays.alter(item.data(0, _PATH), visible=shown)


def _item(held: Underlay) -> QTreeWidgetItem:
    item = QTreeWidgetItem([held.name, f"{held.entry.opacity:.0%}"])
    item.setData(0, _PATH, held.entry.path)
    shown = Qt.CheckState.Checked if held.entry.visible else Qt.CheckState.Unchecked
    item.setCheckState(0, shown)
    item.setToolTip(0, "\n".join([held.entry.path, *held.notes]))
    if held.notes:
        # Something is to be known about it: the tooltip says what.
        item.setText(1, f"! {held.entry.opacity:.0%}")
        item.setToolTip(1, item.toolTip(0))
    return item
