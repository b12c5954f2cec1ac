"""Draw a new feature of one layer."""

from __future__ import annotations

from collections.abc import Callable

import shapely
from PySide6.QtCore import Qt
from shapely.geometry.base import BaseGeometry

from hjgis.edits.add import add_feature
from hjgis.edits.network import draw_line, place_node
from hjgis.i18n import _, label
from hjgis.models.assets import AssetType
from hjgis.models.reading import FeatureReader
from hjgis.ui.tools.measure import area_text, length_text
from hjgis.ui.tools.sketch import SketchTool

_LEAST = {"Point": 1, "LineString": 2, "MultiLineString": 2, "Polygon": 3, "MultiPolygon": 3}


class DrawTool(SketchTool):
    """Click the vertices; a line's ends at a node become its network nodes."""

    cursor = Qt.CursorShape.CrossCursor
    snaps = True

    def __init__(self, reader: FeatureReader, layer: str) -> None:
        super().__init__()
        self._reader = reader
        self.layer = layer

    @property
    def asset(self) -> AssetType:
        """What is being drawn."""
        return self._reader.asset_type(self.layer)

    def sketch(self) -> BaseGeometry | None:
        line = super().sketch()
        closed = self._least == 3 and line is not None and len(line.coords) > 2
        return shapely.Polygon(line.coords) if closed and line is not None else line

    def text(self) -> str:
        shape = self.sketch()
        if shape is None:
            return ""
        return length_text(shape.length) if self._least == 2 else area_text(shape.area)

    def vertex_added(self) -> None:
        if self._least == 1:
            self.finish()

    def finish(self) -> None:
        vertices = without_repeats(self.vertices)
        if len(vertices) < self._least:
            # What was clicked so far is kept; the hint says what is missing.
            return
        shape = _MADE[self._least](vertices)
        if self._least == 3 and shape.area == 0:
            return
        self.cancel()
        if self.asset.ends_on and isinstance(shape, shapely.LineString):
            self.edited.emit(draw_line(self._reader, self.layer, shape))
        elif isinstance(shape, shapely.Point):
            # On a pipe it divides that; elsewhere, or as a lamp, it just stands there.
            self.edited.emit(place_node(self._reader, self.layer, shape))
        else:
            self.edited.emit(add_feature(self._reader, self.layer, shape))

    def hint(self) -> str:
        name = label(self.asset.label)
        if self._least == 1:
            return _("Click to place {name}; Esc ends").format(name=name)
        if len(self.vertices) < self._least:
            text = _("{name}: click the points; Backspace takes the last one back, Esc cancels")
            return text.format(name=name)
        return _("{name}: right click, Enter or double click finishes; Esc cancels").format(
            name=name
        )

    @property
    def _least(self) -> int:
        return _LEAST[self.asset.geometry]


def without_repeats(vertices: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out a vertex that is where the one before it is."""
    return [place for i, place in enumerate(vertices) if i == 0 or place != vertices[i - 1]]


def _point(vertices: list[tuple[float, float]]) -> BaseGeometry:
    return shapely.Point(vertices[0])


_MADE: dict[int, Callable[[list[tuple[float, float]]], BaseGeometry]] = {
    1: _point,
    2: shapely.LineString,
    3: shapely.Polygon,
}
