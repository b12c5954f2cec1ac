"""The layers of a theme: which are on the map, and how each is shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.themes import Theme
from hjgis.ui.themes.offered import METHOD_WORDS

_LAYER: Final = Qt.ItemDataRole.UserRole
_BESIDE: Final = "\u2003\u2003+ "
_AT: Final = Qt.ItemDataRole.UserRole + 1


class LayerRows(QListWidget):
    """Topmost layer first; `chosen` when the cursor moved, `ticked` carries the layers shown."""

    chosen = Signal()
    ticked = Signal(tuple)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._filling = False
        self.setAccessibleName(_("Layers"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setToolTip(_("Painted in the order of the layer list"))
        self.currentRowChanged.connect(self._tell)
        self.itemChanged.connect(self._tick)

    @property
    def current(self) -> tuple[str, int | None]:
        """The layer under the cursor, and which of the theme's portrayals; None if it has none."""
        item = self.currentItem()
        return (str(item.data(_LAYER)), item.data(_AT)) if item is not None else ("", None)

    def show_theme(self, about: Theme, layer: str = "", at: int | None = None) -> None:
        """Show a theme, the cursor on a portrayal of a layer, or on what the theme is about."""
        self._filling = True
        self.clear()
        shown = about.layers or tuple(self._project.map_types)
        gone = [one for one in about.layers if one not in self._project.map_types]
        for name in (*reversed(list(self._project.map_types)), *gone):
            places = [i for i, one in enumerate(about.portrayals) if one.layer == name]
            for number, place in enumerate(places or [None]):
                self.addItem(self._item(about, name, place, ticks=not number, on=name in shown))
        wanted = layer or next(
            (one.layer for one in about.portrayals), next(iter(about.subject), "")
        )
        rows = [row for row in range(self.count()) if self.item(row).data(_LAYER) == wanted]
        exact = [row for row in rows if at is not None and self.item(row).data(_AT) == at]
        self.setCurrentRow(next(iter((*exact, *rows)), 0))
        self._filling = False

    def _item(
        self, about: Theme, name: str, at: int | None, *, ticks: bool, on: bool
    ) -> QListWidgetItem:
        types = self._project.types
        words = label(types[name].label) if name in types else _("{name} (gone)").format(name=name)
        if at is not None:
            method = _(METHOD_WORDS[about.portrayals[at].method])
            # What is shown besides stands below its layer, whose box it has.
            beside = f"{_BESIDE}{method}"
            words = _("{layer}: {what}").format(layer=words, what=method) if ticks else beside
        item = QListWidgetItem(words)
        item.setToolTip(words)
        item.setData(_LAYER, name)
        item.setData(_AT, at)
        if ticks:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        font = item.font()
        font.setBold(at is not None)
        item.setFont(font)
        return item

    def _tick(self, changed: QListWidgetItem) -> None:
        if self._filling:
            return
        items = [self.item(row) for row in range(self.count())]
        held = [
            str(item.data(_LAYER))
            for item in reversed(items)
            if item.data(Qt.ItemDataRole.CheckStateRole) is not None
            and item.checkState() == Qt.CheckState.Checked
        ]
        if not held:
            # A map of nothing is none; no layers would mean all of them.
            changed.setCheckState(Qt.CheckState.Checked)
            return
        every = set(self._project.map_types)
        # All layers, and whatever comes later, is said by none.
        self.ticked.emit(() if every <= set(held) else tuple(held))

    def _tell(self) -> None:
        if not self._filling:
            self.chosen.emit()
