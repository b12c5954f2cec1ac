"""Vertices clicked one after the other: what drawing and measuring have in common."""

from __future__ import annotations

import math

import shapely
from PySide6.QtCore import Qt
from shapely.geometry.base import BaseGeometry

from hjgis.ui.tools.base import DRAG_PX, MapMouse, Preview, Tool

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SketchTool(Tool):
    """Click adds a vertex, Backspace takes the last one back, right click or Enter finishes."""

    def __init__(self, parent: Tool | None = None) -> None:
        super().__init__(parent)
        self.vertices: list[tuple[float, float]] = []
        self._mouse: MapMouse | None = None
        self._last_px: tuple[float, float] | None = None

    def press(self, mouse: MapMouse) -> None:
        if mouse.button == Qt.MouseButton.RightButton:
            self.finish()
        elif mouse.button == Qt.MouseButton.LeftButton:
            self._add(mouse)

    def move(self, mouse: MapMouse) -> None:
        self._mouse = mouse
        if self.vertices:
            self.preview_changed.emit()

    def double_click(self, mouse: MapMouse) -> None:
        # The first press of the pair has set the last vertex already.
        if mouse.button == Qt.MouseButton.LeftButton:
            self.finish()

    def key(self, key: int) -> bool:
        if key in _ENDS:
            self.finish()
        elif key == Qt.Key.Key_Backspace and self.vertices:
            self.vertices.pop()
            self._last_px = None
            self._say()
        else:
            return False
        return True

    def cancel(self) -> None:
        self.vertices.clear()
        self._last_px = None
        self._say()

    def preview(self) -> Preview:
        shape = self.sketch()
        return Preview((shape,) if shape is not None else (), text=self.text())

    def sketch(self) -> BaseGeometry | None:
        """Return the line through the vertices and on to the mouse."""
        places = list(self.vertices)
        if places and self._mouse is not None:
            places.append((self._mouse.x, self._mouse.y))
        return shapely.LineString(places) if len(places) > 1 else None

    def text(self) -> str:
        """Return what stands beside the mouse."""
        return ""

    def finish(self) -> None:
        """Make something of the vertices."""

    def _add(self, mouse: MapMouse) -> None:
        if self._last_px is not None and math.dist(self._last_px, mouse.px) < DRAG_PX / 2:
            return
        self._last_px = mouse.px
        self._mouse = mouse
        self.vertices.append((mouse.x, mouse.y))
        self.vertex_added()
        self._say()

    def vertex_added(self) -> None:
        """Hear that there is one vertex more."""

    def _say(self) -> None:
        self.preview_changed.emit()
        self.hint_changed.emit()
