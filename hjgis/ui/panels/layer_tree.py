"""The list of layers: shown or not, locked or not, legend and counts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QDropEvent, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from hjgis.i18n import N_, _, grouped, label
from hjgis.layers.blob_arrays import Skip
from hjgis.models.styles.style import Symbol
from hjgis.ui import theme
from hjgis.ui.map.map_layers import MapLayer, MapLayers

_NAME, _COUNT, _LOCK = range(3)
_LOCK_PX: Final = 18
_SYMBOL_PX: Final = (20, 16)
# Why features are not on the map; a lead looks for them.
_LEFT_OUT: Final[dict[Skip, str]] = {
    "empty": N_("Not on the map: {count} without a geometry"),
    "unreadable": N_("Not on the map: {count} whose geometry cannot be read"),
    "astray": N_("Not on the map: {count} with coordinates that are no place on earth"),
    "unlike": N_("Not on the map: {count} with another kind of geometry than the layer's"),
}
_LAYER_ROLE: Final = Qt.ItemDataRole.UserRole
_FAINT: Final = QColor("#66717b")
_PLAIN: Final = QColor(theme.INK)


class LayerTree(QTreeWidget):
    """Topmost layer first, as on the map."""

    menu_wanted = Signal(QPoint)
    lock_wanted = Signal(str)
    filter_off_wanted = Signal(str)
    order_wanted = Signal(str, list)

    def __init__(self, layers: MapLayers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers = layers
        self._denominator = 1.0
        self._shown: dict[str, MapLayer] = {}
        self.setColumnCount(3)
        self.setHeaderHidden(True)
        self.setIndentation(8)
        self.setIconSize(QSize(*_SYMBOL_PX))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        head = self.header()
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(_LOCK_PX)
        head.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(_COUNT, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(_LOCK, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(_LOCK, _LOCK_PX)
        self.itemChanged.connect(self._item_changed)
        self.itemClicked.connect(self._item_clicked)
        self.customContextMenuRequested.connect(self._open_menu)
        layers.loaded.connect(self.rebuild)
        layers.look_changed.connect(self._look_anew)
        layers.changed.connect(self.refresh)
        layers.shown_changed.connect(self.refresh)
        self.rebuild()

    @property
    def current_layer(self) -> str | None:
        """The layer that the cursor is in."""
        item = self.currentItem()
        return _layer_of(item) if item is not None else None

    def set_current_layer(self, layer: str) -> None:
        """Put the cursor on a layer."""
        for item in self._items():
            if _layer_of(item) == layer:
                self.setCurrentItem(item)

    def set_denominator(self, denominator: float) -> None:
        """Grey out what does not show at the scale 1 : `denominator`."""
        shown_before = [self._layers.shows_at(layer, self._denominator) for layer in self._layers]
        self._denominator = denominator
        if shown_before != [self._layers.shows_at(layer, denominator) for layer in self._layers]:
            self._shown.clear()
            self.refresh()

    def rebuild(self) -> None:
        """List the layers anew."""
        expanded = {_layer_of(item): item.isExpanded() for item in self._items()}
        current = self.current_layer
        self.blockSignals(True)
        self.clear()
        self._shown.clear()
        for layer in reversed(list(self._layers)):
            item = QTreeWidgetItem(self, [label(layer.asset.label)])
            item.setData(_NAME, _LAYER_ROLE, layer.asset.id)
            item.setFlags(_LAYER_FLAGS if layer.asset.is_spatial else _TABLE_FLAGS)
            item.setTextAlignment(_COUNT, _RIGHT)
            self._add_legend(item, layer)
            line = layer.asset.kind == "asset" and layer.style.kind == "line"
            item.setExpanded(expanded.get(layer.asset.id, line))
            if layer.asset.id == current:
                self.setCurrentItem(item)
        self.blockSignals(False)
        self.refresh()

    def refresh(self) -> None:
        """Bring counts, checks, locks and grey up to date."""
        self.blockSignals(True)
        for item in self._items():
            layer = self._layers[_layer_of(item)]
            # A layer never changes, another one takes its place: most are as they were.
            if self._shown.get(layer.asset.id) is not layer:
                self._shown[layer.asset.id] = layer
                self._refresh(item, layer)
        self.blockSignals(False)

    def _look_anew(self) -> None:
        """Grey out anew: a theme shows other layers, and at other scales."""
        self._shown.clear()
        self.refresh()

    def _refresh(self, item: QTreeWidgetItem, layer: MapLayer) -> None:
        if layer.asset.is_spatial:
            checked = Qt.CheckState.Checked if layer.visible else Qt.CheckState.Unchecked
            item.setCheckState(_NAME, checked)
        item.setText(_COUNT, _count_text(layer.count))
        item.setIcon(_COUNT, theme.icon("filter") if layer.only is not None else QIcon())
        item.setToolTip(_COUNT, self._filter_tip(layer))
        locked = layer.locked
        item.setIcon(_LOCK, theme.icon("lock") if locked else QIcon())
        item.setToolTip(_LOCK, _("Locked; click to unlock") if locked else _("Click to lock"))
        ink = QBrush(_PLAIN if self._layers.shows_at(layer, self._denominator) else _FAINT)
        item.setForeground(_NAME, ink)
        item.setForeground(_COUNT, ink)
        item.setToolTip(_NAME, self._tip(layer))
        counts = layer.columns.class_counts(len(layer.style.all_classes))
        for child in _children(item):
            number = int(counts[child.data(_NAME, _LAYER_ROLE)])
            child.setText(_COUNT, _count_text(number))
            child.setHidden(number == 0)
            child.setForeground(_NAME, ink)
            child.setForeground(_COUNT, ink)

    def _filter_tip(self, layer: MapLayer) -> str:
        if layer.only is None:
            return ""
        words = _("Only {count} of {total} are shown: {words}\nClick to show all")
        total = len(layer.everything)
        return words.format(count=layer.count, total=total, words=layer.only.words)

    def _tip(self, layer: MapLayer) -> str:
        name = label(layer.asset.label)
        if not layer.asset.is_spatial:
            words = _("{name}: a table without geometry; open its attribute table to see it")
            return words.format(name=name)
        if layer.visible and not self._layers.is_on_map(layer):
            return _("{name}: not part of the theme that the map shows").format(name=name)
        if layer.visible and not self._layers.shows_at(layer, self._denominator):
            shown = _("{name}: shown from 1:{scale} on; zoom in")
            name = shown.format(name=name, scale=f"{layer.style.max_denominator:.0f}")
        left_out = layer.columns.skipped.items()
        lines = [_(_LEFT_OUT[why]).format(count=len(fids)) for why, fids in left_out if len(fids)]
        return "\n".join([name, *lines])

    def _add_legend(self, item: QTreeWidgetItem, layer: MapLayer) -> None:
        style = layer.style
        if not layer.asset.is_spatial:
            item.setIcon(_NAME, theme.icon("table"))
            return
        if not style.classes:
            item.setIcon(_NAME, self._symbol(style.default.symbol))
            return
        for index, entry in enumerate(style.all_classes):
            child = QTreeWidgetItem(item, [label(entry.label)])
            child.setData(_NAME, _LAYER_ROLE, index)
            child.setFlags(_CLASS_FLAGS)
            child.setIcon(_NAME, self._symbol(entry.symbol))
            child.setTextAlignment(_COUNT, _RIGHT)
            child.setToolTip(_NAME, label(entry.label))

    def _symbol(self, symbol: Symbol) -> QIcon:
        return theme.symbol_icon(symbol, *_SYMBOL_PX, self.devicePixelRatioF())

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _NAME and item.parent() is None:
            shown = item.checkState(_NAME) == Qt.CheckState.Checked
            self._layers.set_visible(_layer_of(item), visible=shown)

    def _item_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _LOCK and item.parent() is None:
            self.lock_wanted.emit(_layer_of(item))
        elif column == _COUNT and item.parent() is None and not item.icon(_COUNT).isNull():
            self.filter_off_wanted.emit(_layer_of(item))

    def _open_menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is not None:
            self.setCurrentItem(item)
            self.menu_wanted.emit(self.viewport().mapToGlobal(at))

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for another order of the layers; the list follows when it is stored."""
        moved, onto = self.current_layer, self.itemAt(event.position().toPoint())
        below = self.dropIndicatorPosition() == _BELOW
        # The rows stay: they are made anew in the new order.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if moved is None:
            return
        rows = [_layer_of(item) for item in self._items() if _layer_of(item) != moved]
        place = len(rows)
        if onto is not None and _layer_of(onto) != moved:
            # Onto the classes of a layer means below it.
            place = rows.index(_layer_of(onto)) + (below or onto.parent() is not None)
        elif onto is not None:
            return
        rows.insert(place, moved)
        self.order_wanted.emit(moved, rows[::-1])


_BELOW: Final = QAbstractItemView.DropIndicatorPosition.BelowItem
_Flag: Final = Qt.ItemFlag
_CLASS_FLAGS: Final = _Flag.ItemIsEnabled | _Flag.ItemIsSelectable
_TABLE_FLAGS: Final = _CLASS_FLAGS | _Flag.ItemIsDragEnabled
_LAYER_FLAGS: Final = _TABLE_FLAGS | _Flag.ItemIsUserCheckable
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(row) for row in range(item.childCount()))
    return [child for child in found if child is not None]


def _layer_of(item: QTreeWidgetItem) -> str:
    top = item.parent() or item
    return str(top.data(_NAME, _LAYER_ROLE))


def _count_text(count: int) -> str:
    # A thin space between thousands reads well in both languages.
    return grouped(count)
