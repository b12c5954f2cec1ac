"""Edits by a line or an area that is drawn over a feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.edits.shape import add_part, add_ring, reshape
from hjgis.edits.split import split_by, split_line
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.reading import FeatureReader
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import MapMouse
from hjgis.ui.tools.draw import area_or_line, without_repeats
from hjgis.ui.tools.select import hits_at
from hjgis.ui.tools.sketch import SketchTool, Surroundings

_Edit = Callable[[FeatureReader, FeatureKey, BaseGeometry], ChangeSet]


@dataclass(frozen=True, slots=True)
class Stroke:
    """What a drawn line or area does to a feature.

    Attributes
    ----------
    closed : bool
        An area is drawn.
    dimensions : sequence of int
        Which features it can be done to: 1 lines, 2 areas.
    at_click : callable, optional
        What a single click on a feature does.
    """

    edit: _Edit
    hint: str
    dimensions: Sequence[Literal[1, 2]]
    closed: bool = False
    at_click: Callable[[FeatureReader, FeatureKey, shapely.Point], ChangeSet] | None = None


STROKES: Final = {
    "split": Stroke(
        split_by,  # type: ignore[arg-type]
        N_("Click a line where it is to be cut, or draw a line across and finish with right click"),
        (1, 2),
        at_click=split_line,
    ),
    "reshape": Stroke(
        reshape,  # type: ignore[arg-type]
        N_("Draw the new course from one crossing of the feature to another; right click finishes"),
        (1, 2),
    ),
    "add-hole": Stroke(
        add_ring,  # type: ignore[arg-type]
        N_("Draw the hole inside the area; right click finishes"),
        (2,),
        closed=True,
    ),
    "add-part": Stroke(
        add_part,
        N_("Draw another piece of the selected feature; right click finishes"),
        (2,),
        closed=True,
    ),
}


class StrokeTool(SketchTool):
    """Draw over the selected feature, or over the one that is met where nothing is selected."""

    hovers = True

    def __init__(
        self,
        stroke: Stroke,
        project: Project,
        layers: MapLayers,
        selection: Selection,
        around: Surroundings | None = None,
    ) -> None:
        super().__init__(around=around)
        self._stroke, self._project = stroke, project
        self._layers, self._selection = layers, selection
        self._clicked: FeatureKey | None = None

    def press(self, mouse: MapMouse) -> None:
        if not self.vertices:
            self._clicked = self._line_at(mouse)
        super().press(mouse)

    def sketch(self) -> BaseGeometry | None:
        return area_or_line(self.places(), closed=self._stroke.closed)

    def vertex_added(self) -> None:
        if self._clicked is None or self._stroke.at_click is None or len(self.vertices) != 1:
            return
        # A click on a line cuts it there; beside all lines it begins a stroke.
        at, key = shapely.Point(self.vertices[0]), self._clicked
        self._carry_out(lambda: self._stroke.at_click(self._project, key, at))  # type: ignore[misc]

    def finish(self) -> None:
        vertices = without_repeats(self.vertices)
        least = 3 if self._stroke.closed else 2
        if len(vertices) < least:
            if self.vertices:
                self.refuse(_("Click {count} points at least.").format(count=least))
            return
        drawn = (shapely.Polygon if self._stroke.closed else shapely.LineString)(vertices)
        self._carry_out(lambda: self._edited(drawn))

    def hint(self) -> str:
        return _(self._stroke.hint)

    def _carry_out(self, edit: Callable[[], ChangeSet]) -> None:
        try:
            change = edit()
        except EditRefused as error:
            self.refuse(str(error))
            return
        self.done()
        self.edited.emit(change)

    def _edited(self, drawn: BaseGeometry) -> ChangeSet:
        keys = self._targets(drawn)
        if not keys:
            raise EditRefused(_("The drawn line meets no feature that can be edited."))
        if len(keys) == 1:
            return self._stroke.edit(self._project, keys[0], drawn)
        done, why = [], ""
        for key in keys:
            try:
                done.append(self._stroke.edit(self._project, key, drawn))
            except EditRefused as error:
                why = str(error)
        if not done:
            raise EditRefused(why)
        changes = tuple(change for one in done for change in one.changes)
        params = {**done[0].params, "count": len(done)}
        return ChangeSet(done[0].label, changes, params=params)

    def _targets(self, drawn: BaseGeometry) -> list[FeatureKey]:
        """Return what is selected; if nothing is, the features of the topmost layer met."""
        selection = self._selection
        layer = selection.layer
        if layer is not None and layer in self._layers and not self._layers[layer].locked:
            return selection.keys(self._project)
        for held in reversed(list(self._layers)):
            usable = held.visible and not held.locked and held.asset.kind == "asset"
            if usable and held.columns.dimension in self._stroke.dimensions:
                near = self._project.within(held.asset.id, shapely.bounds(drawn).tolist())
                met = [one.key for one in near if shapely.intersects(one.geometry, drawn)]
                if met:
                    return met
        return []

    def _line_at(self, mouse: MapMouse) -> FeatureKey | None:
        for hit in hits_at(self._layers, mouse):
            held = self._layers[hit.layer]
            if held.columns.dimension == 1 and not held.locked:
                found = self._project.store.features(hit.layer, [hit.fid])
                return found[0].key if found else None
        return None
