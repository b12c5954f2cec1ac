"""Step 3 of several layers at once: which are taken, and what each becomes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QTableWidgetItem

from hjgis.exchange import at_once
from hjgis.exchange.at_once import Wanted
from hjgis.i18n import _, grouped
from hjgis.layers.project import Project
from hjgis.ui.dialogs.importing import wording
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.work import Found, Standing
from hjgis.ui.page_parts import cell, column_of, list_of, muted

_LAYER, _SHAPES, _COUNT, _BECOMES = range(4)
_On, _Off = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class LayersPage(Page):
    """The layers of the file with a tick each."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._shown: Found | None = None
        self._wanted: tuple[Wanted, ...] = ()
        self.said = muted()
        self.all = QCheckBox(_("All that hold records"))
        self.layers = list_of(
            [_("Layer"), _("Shapes"), _("Records"), _("Becomes")],
            [280, 110, 90, 0],
            right=(_COUNT,),
        )
        column = column_of(self)
        column.addWidget(self.said)
        column.addWidget(self.all)
        column.addWidget(self.layers, 1)
        self.all.clicked.connect(self._tick_all)
        self.layers.itemChanged.connect(self._ticked)

    def show_standing(self, standing: Standing) -> None:
        found = standing.found
        if found is None:
            return
        self.said.setText(
            _(
                "A layer becomes a kind of the inventory where its columns leave no doubt, else a"
                " reference layer. To choose kind and fields yourself, import it by itself. The"
                " trial run says what becomes of each, and why one is left."
            )
        )
        if found is self._shown:
            return
        self._shown, self._wanted = found, found.wanted
        self.layers.blockSignals(True)
        self.layers.setRowCount(len(self._wanted))
        for row, wanted in enumerate(self._wanted):
            for place, item in enumerate(self._cells(wanted)):
                self.layers.setItem(row, place, item)
        self.layers.blockSignals(False)
        self._ticked()

    def _cells(self, wanted: Wanted) -> tuple[QTableWidgetItem, ...]:
        layer = wanted.layer
        name = cell(layer.name)
        name.setFlags(name.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        name.setCheckState(_On if layer.count else _Off)
        becomes = at_once.becomes(self._project, wanted) if layer.count else _("holds no records")
        return (
            name,
            cell(wording.geometry(layer.geometry)),
            cell(grouped(layer.count), right=True),
            cell(becomes),
        )

    @property
    def ticked(self) -> tuple[Wanted, ...]:
        """The layers that are taken."""
        ticks = [self.layers.item(row, _LAYER) for row in range(self.layers.rowCount())]
        return tuple(
            wanted
            for wanted, tick in zip(self._wanted, ticks, strict=True)
            if tick is not None and tick.checkState() == _On
        )

    @property
    def missing(self) -> str:
        return "" if self.ticked else _("Tick the layers to take.")

    def _tick_all(self) -> None:
        on = self.all.isChecked()
        self.layers.blockSignals(True)
        for row, wanted in enumerate(self._wanted):
            tick = self.layers.item(row, _LAYER)
            if tick is not None:
                tick.setCheckState(_On if on and wanted.layer.count else _Off)
        self.layers.blockSignals(False)
        self._ticked()

    def _ticked(self) -> None:
        usable = sum(bool(wanted.layer.count) for wanted in self._wanted)
        self.all.setChecked(len(self.ticked) >= usable > 0)
        self.changed.emit()
