"""Pull a box open and look closer, or farther away."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QObject, Qt

from hjgis.i18n import _
from hjgis.models.changes import Extent
from hjgis.ui.map.map_view import MapView
from hjgis.ui.tools.base import DRAG_PX, MapMouse, Preview, Tool

_CLICK_FACTOR: Final = 2.0
_Keys = Qt.KeyboardModifier


class ZoomTool(Tool):
    """A box fills the window; with Alt or Shift, the window shrinks into the box."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: MapView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._from: MapMouse | None = None
        self._to: MapMouse | None = None
        self._away = False

    def press(self, mouse: MapMouse) -> None:
        if mouse.button == Qt.MouseButton.LeftButton:
            self._away = mouse.has(_Keys.AltModifier) or mouse.has(_Keys.ShiftModifier)
            self._from = self._to = mouse

    def move(self, mouse: MapMouse) -> None:
        if self._from is not None:
            self._to = mouse
            self.preview_changed.emit()

    def release(self, mouse: MapMouse) -> None:
        start, self._from, self._to = self._from, None, None
        if start is None:
            return
        self.preview_changed.emit()
        if math.dist(start.px, mouse.px) < DRAG_PX:
            self._view.zoom_by(1 / _CLICK_FACTOR if self._away else _CLICK_FACTOR, mouse.px)
        elif self._away:
            self._view.shrink_into(box_between(start, mouse))
        else:
            self._view.fill_with(box_between(start, mouse))

    def double_click(self, mouse: MapMouse) -> None:
        # Two quick clicks are two clicks.
        self.press(mouse)

    def cancel(self) -> None:
        self._from = self._to = None
        self.preview_changed.emit()

    def preview(self) -> Preview:
        if self._from is None or self._to is None:
            return Preview()
        return Preview(
            box=box_between(self._from, self._to), text=_("Smaller") if self._away else ""
        )

    def hint(self) -> str:
        return _("Pull a box to see it larger, or click; with Alt or Shift: smaller")


def box_between(one: MapMouse, other: MapMouse) -> Extent:
    """Return the box between two places of the mouse, from where it is without snapping."""
    (x1, y1), (x2, y2) = one.free or (one.x, one.y), other.free or (other.x, other.y)
    return (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
