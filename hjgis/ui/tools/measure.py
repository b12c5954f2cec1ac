"""Measure a way or an area; nothing is stored."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import _
from hjgis.ui.tools.base import MapMouse
from hjgis.ui.tools.sketch import SketchTool

_SQUARE_KM = 1e6
_KM = 1e3


class MeasureTool(SketchTool):
    """Shared by both: the result stays until the next click or Esc."""

    def __init__(self) -> None:
        super().__init__()
        self._finished = False

    def press(self, mouse: MapMouse) -> None:
        if self._finished:
            self.cancel()
        super().press(mouse)

    def move(self, mouse: MapMouse) -> None:
        if not self._finished:
            super().move(mouse)

    def finish(self) -> None:
        self._finished = len(self.vertices) > 1
        self._mouse = None
        self.preview_changed.emit()

    def cancel(self) -> None:
        self._finished = False
        super().cancel()

    def hint(self) -> str:
        return _("Click the points to measure; right click ends, Esc clears")


class DistanceTool(MeasureTool):
    """Length along the clicked points."""

    def text(self) -> str:
        line = self.sketch()
        if line is None:
            return ""
        places = shapely.get_coordinates(line)
        last = shapely.LineString(places[-2:]).length
        return _("Length {total} (last part {last})").format(
            total=length_text(line.length), last=length_text(last)
        )


class AreaTool(MeasureTool):
    """Area inside the clicked points, and the way round it."""

    def sketch(self) -> BaseGeometry | None:
        line = super().sketch()
        if line is None or len(line.coords) < 3:
            return line
        return shapely.Polygon(line.coords)

    def text(self) -> str:
        shape = self.sketch()
        if not isinstance(shape, shapely.Polygon):
            return ""
        return _("Area {area}, perimeter {length}").format(
            area=area_text(shape.area), length=length_text(shape.length)
        )


def length_text(metres: float) -> str:
    """Write a length: centimetres are shown below a kilometre."""
    return f"{metres:.2f} m" if metres < _KM else f"{metres / _KM:.3f} km"


def area_text(square_metres: float) -> str:
    """Write an area: hectares stand beside square metres from one hectare on."""
    if square_metres < 1e4:
        return f"{square_metres:.1f} m²"
    if square_metres < _SQUARE_KM:
        return f"{square_metres:.0f} m² ({square_metres / 1e4:.2f} ha)"
    return f"{square_metres / _SQUARE_KM:.3f} km²"
