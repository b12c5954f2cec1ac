"""Identify by click, select by rectangle. Neither moves anything."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from hjgis.i18n import _
from hjgis.models.changes import Extent
from hjgis.ui.map.map_layers import Hit, MapLayers
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import DRAG_PX, PICK_PX, MapMouse, Preview, Tool


class IdentifyTool(Tool):
    """Click selects the topmost nearest feature; clicking there again takes the next below."""

    cursor = Qt.CursorShape.ArrowCursor
    hovers = True

    def __init__(
        self, layers: MapLayers, selection: Selection, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._layers, self._selection = layers, selection
        self._last: tuple[float, float] | None = None

    def press(self, mouse: MapMouse) -> None:
        if mouse.button != Qt.MouseButton.LeftButton:
            return
        hits = hits_at(self._layers, mouse)
        again = self._last is not None and math.dist(self._last, mouse.px) < DRAG_PX
        self._last = mouse.px
        chosen = _next_of(hits, self._selection) if again else next(iter(hits), None)
        if chosen is None:
            self._selection.clear()
        else:
            self._selection.set(chosen.layer, [chosen.fid])

    def cancel(self) -> None:
        self._last = None

    def hint(self) -> str:
        return _("Click a feature to see it; click again for the one below")


class SelectTool(Tool):
    """Pull a rectangle; Shift adds to the selection, Ctrl turns it over."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, layers: MapLayers, selection: Selection, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._layers, self._selection = layers, selection
        self._from: MapMouse | None = None
        self._to: MapMouse | None = None

    def press(self, mouse: MapMouse) -> None:
        if mouse.button == Qt.MouseButton.LeftButton:
            self._from = self._to = mouse

    def move(self, mouse: MapMouse) -> None:
        if self._from is not None:
            self._to = mouse
            self.preview_changed.emit()

    def release(self, mouse: MapMouse) -> None:
        start, self._from, self._to = self._from, None, None
        self.preview_changed.emit()
        if start is None:
            return
        if math.dist(start.px, mouse.px) < DRAG_PX:
            hit = next(iter(hits_at(self._layers, mouse)), None)
            found = {hit.layer: np.array([hit.fid])} if hit else {}
        else:
            found = self._layers.within(_box(start, mouse), mouse.denominator)
        self._take(found, mouse)

    def cancel(self) -> None:
        self._from = self._to = None
        self.preview_changed.emit()

    def preview(self) -> Preview:
        if self._from is None or self._to is None:
            return Preview()
        return Preview(box=_box(self._from, self._to))

    def hint(self) -> str:
        return _("Pull a rectangle to select; Shift adds, Ctrl adds or takes away")

    def _take(self, found: dict[str, NDArray[np.int64]], mouse: MapMouse) -> None:
        add = mouse.has(Qt.KeyboardModifier.ShiftModifier)
        toggle = mouse.has(Qt.KeyboardModifier.ControlModifier)
        held = self._selection.layer
        layer = held if (add or toggle) and held else _most_wanted(found, self._layers)
        fids = found.get(layer, np.empty(0, np.int64)) if layer else np.empty(0, np.int64)
        if add:
            fids = np.union1d(self._selection.fids, fids)
        elif toggle:
            fids = np.setxor1d(self._selection.fids, fids)
        self._selection.set(layer, fids)


def hits_at(layers: MapLayers, mouse: MapMouse) -> list[Hit]:
    """Return what is within the pick distance of the mouse, the likeliest first."""
    within = PICK_PX * mouse.m_per_px
    return layers.pick(mouse.x, mouse.y, within=within, denominator=mouse.denominator)


def _next_of(hits: list[Hit], selection: Selection) -> Hit | None:
    """Return the hit after the selected one, the first after the last."""
    if not hits:
        return None
    chosen = (selection.layer, selection.fids.tolist())
    at = [i for i, hit in enumerate(hits) if (hit.layer, [hit.fid]) == chosen]
    return hits[(at[0] + 1) % len(hits)] if at else hits[0]


def _most_wanted(found: dict[str, NDArray[np.int64]], layers: MapLayers) -> str | None:
    """Return the layer that a rectangle means: assets before reference, topmost first."""
    assets = [layer for layer in found if layers[layer].asset.kind == "asset"]
    return next(iter([*assets, *found]), None)


def _box(one: MapMouse, other: MapMouse) -> Extent:
    return (
        min(one.x, other.x),
        min(one.y, other.y),
        max(one.x, other.x),
        max(one.y, other.y),
    )
