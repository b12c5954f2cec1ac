"""Which layers the mouse is drawn to: a list with ticks below the snapping button."""

from __future__ import annotations

import json

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from hjgis.i18n import _, label
from hjgis.ui.map.map_layers import MapLayers

_KEPT = "snapped_layers"


class SnapMenu(QMenu):
    """Offers the layers of the map; what is seen and ticked attracts the mouse."""

    def __init__(self, layers: MapLayers, parent: QWidget | None = None) -> None:
        super().__init__(_("Snap to layers"), parent)
        self._layers = layers
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._choose)

    def _fill(self) -> None:
        self.clear()
        for held in reversed(list(self._layers)):
            if held.asset.is_spatial:
                action = self.addAction(label(held.asset.label).replace("&", "&&"))
                action.setData(held.asset.id)
                action.setCheckable(True)
                action.setChecked(held.attracts)
        self.addSeparator()
        usual = self.addAction(_("As usual: not to areas of the administration"))
        usual.setEnabled(bool(self._layers.snapped))

    def _choose(self, action: QAction) -> None:
        if action.data() is None:
            self._layers.set_snapped({})
        else:
            chosen = {**self._layers.snapped, action.data(): action.isChecked()}
            self._layers.set_snapped(chosen)


def keep_snapped(layers: MapLayers, kept: QSettings) -> None:
    """Remember what somebody chose."""
    kept.setValue(_KEPT, json.dumps(dict(layers.snapped)))


def restore_snapped(layers: MapLayers, kept: QSettings) -> None:
    """Take up what was chosen before; what cannot be read is as if nothing had been chosen."""
    try:
        chosen = json.loads(str(kept.value(_KEPT, "{}")))
    except ValueError:
        return
    if isinstance(chosen, dict):
        layers.set_snapped({str(layer): bool(on) for layer, on in chosen.items()})
