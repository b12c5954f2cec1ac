"""Draw a new feature of one layer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, Protocol

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.edits.add import add_feature
from hjgis.edits.network import draw_line, place_node
from hjgis.errors import EditRefused
from hjgis.i18n import _, label
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.reading import FeatureReader
from hjgis.models.typed import angle_example
from hjgis.ui.tools.base import Place
from hjgis.ui.tools.measure import area_text, length_text
from hjgis.ui.tools.sketch import SketchTool, Surroundings

# Where a height that is typed with a place goes.
_GROUND: Final = "ground_elev_m"
_LEAST = {"Point": 1, "LineString": 2, "MultiLineString": 2, "Polygon": 3, "MultiPolygon": 3}


class Template(Protocol):
    """A named set of values."""

    @property
    def name(self) -> str:
        """What people call it."""


class Beginning(Protocol):
    """What new features start with."""

    def given(self, layer: str) -> Mapping[str, Value]:
        """Return the values of a new feature."""

    def template(self, layer: str) -> Template | None:
        """Return the template in use."""


class DrawTool(SketchTool):
    """Click the vertices; a line's ends at a node become its network nodes.

    Parameters
    ----------
    missing_nodes : callable, optional
        Returns the layer of the nodes to make where a line ends at none; None leaves it free.
    beginning : Beginning, optional
        What new features start with; without it, the catalogue's defaults.
    """

    def __init__(
        self,
        reader: FeatureReader,
        layer: str,
        around: Surroundings | None = None,
        missing_nodes: Callable[[], str | None] = lambda: None,
        beginning: Beginning | None = None,
    ) -> None:
        super().__init__(around=around)
        self._reader = reader
        self._missing_nodes = missing_nodes
        self._beginning = beginning
        self.layer = layer
        self._placed: list[tuple[FeatureKey, Place]] = []
        self._height_m: float | None = None

    @property
    def has_course(self) -> bool:
        return self._least > 1

    @property
    def latest(self) -> Place | None:
        if self.has_course:
            return super().latest
        # What was not stored, or was taken back, is nothing to measure from.
        placed = reversed(self._placed)
        return next((place for key, place in placed if self._reader.known([key])), None)

    @property
    def takes_height(self) -> bool:
        return not self.has_course and self.asset.has(_GROUND)

    def typed(self, text: str) -> None:
        self._height_m = self._understood(text).height_m
        try:
            super().typed(text)
        finally:
            self._height_m = None

    def cancel(self) -> None:
        self._placed.clear()
        super().cancel()

    @property
    def asset(self) -> AssetType:
        """What is being drawn."""
        return self._reader.asset_type(self.layer)

    def edited_layers(self) -> Collection[str]:
        return (self.layer,)

    def sketch(self) -> BaseGeometry | None:
        places = self.places()
        return area_or_line(places, closed=self._least == 3)

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
            if self.vertices and self._least > 1:
                self.refuse(_too_few(self._least))
            return
        shape = _MADE[self._least](vertices)
        if self._least == 3 and not shape.is_valid:
            self.refuse(_("The area crosses itself: take points back or move on around it."))
            return
        try:
            change = self._change(shape)
        except EditRefused as error:
            self.refuse(str(error))
            return
        self.done()
        self.edited.emit(change)
        if not self.has_course:
            self._placed.append((change.changes[0].key, vertices[-1]))
            self.hint_changed.emit()

    def _change(self, shape: BaseGeometry) -> ChangeSet:
        given = dict(self._beginning.given(self.layer)) if self._beginning is not None else {}
        if self._height_m is not None:
            given[_GROUND] = self._height_m
        if self.asset.ends_on and isinstance(shape, shapely.LineString):
            missing = self._missing_nodes()
            wanted = missing if missing in self.asset.ends_on else None
            return draw_line(self._reader, self.layer, shape, given, missing_nodes=wanted)
        if isinstance(shape, shapely.Point):
            # On a pipe it divides that; elsewhere, or as a lamp, it just stands there.
            return place_node(self._reader, self.layer, shape, given)
        return add_feature(self._reader, self.layer, shape, given)

    def hint(self) -> str:
        name = label(self.asset.label)
        template = self._beginning.template(self.layer) if self._beginning is not None else None
        if template is not None:
            name = _("{name} ({template})").format(name=name, template=template.name)
        angle = angle_example(azimuths=self.azimuths)
        if self._least == 1:
            typed = "x,y,h" if self.takes_height else "x,y"
            if self.latest is None:
                text = _("Click to place {name}, or type {typed}; Esc ends")
            else:
                text = _(
                    "Click to place {name}, or type {typed}; F4 goes to its form;"
                    " from the last one: @dx,dy or {angle}"
                )
            return text.format(name=name, typed=typed, angle=angle)
        if len(self.vertices) < self._least:
            text = _(
                "{name}: click the points or type x,y  @dx,dy  {angle}; A arc, C circle,"
                " T trace, O right angles; Backspace takes the last one back"
            )
            return text.format(name=name, angle=angle)
        return _("{name}: right click, Enter or double click finishes; Esc cancels").format(
            name=name
        )

    @property
    def _least(self) -> int:
        return _LEAST[self.asset.geometry]


def area_or_line(places: list[Place], *, closed: bool) -> BaseGeometry | None:
    """Return what is drawn so far; None where it is not yet a line."""
    if closed and len(places) > 2:
        return shapely.Polygon(places)
    return shapely.LineString(places) if len(places) > 1 else None


def _too_few(least: int) -> str:
    if least == 2:
        return _("A line needs two points that are not at one place.")
    return _("An area needs three points that are not at one place.")


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
