"""Edits by clicks: lines to an edge, copies aside, holes and pieces taken away."""

from __future__ import annotations

import shapely
from PySide6.QtCore import Qt
from shapely.geometry.base import BaseGeometry

from hjgis.edits.shape import delete_part, delete_ring, extend_to, offset_copy, trim_at
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, Feature
from hjgis.ui.map.map_layers import Hit, MapLayers
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import MapMouse, Preview, Tool
from hjgis.ui.tools.select import hits_at


class ClickTool(Tool):
    """What these tools have in common: the next click either picks or does the edit."""

    cursor = Qt.CursorShape.CrossCursor
    hovers = True

    def __init__(self, project: Project, layers: MapLayers, selection: Selection) -> None:
        super().__init__()
        self._project, self._layers, self._selection = project, layers, selection
        self._pending: ChangeSet | None = None
        self._words = ""

    def feature_of(self, hit: Hit) -> Feature | None:
        """Return what is stored of a feature under the mouse."""
        found = self._project.store.features(hit.layer, [hit.fid])
        return found[0] if found else None

    def hits(self, mouse: MapMouse, *dimensions: int, edited: bool = True) -> list[Hit]:
        """Return what is under the mouse and of these dimensions."""
        return [
            hit
            for hit in hits_at(self._layers, mouse)
            if self._layers[hit.layer].columns.dimension in dimensions
            and not (edited and self._layers[hit.layer].locked)
        ]

    def preview(self) -> Preview:
        changes = self._pending.changes if self._pending is not None else ()
        after = (change.after for change in changes)
        shapes = (one.geometry for one in after if one is not None)
        return Preview(tuple(shape for shape in shapes if shape is not None), text=self._words)

    def cancel(self) -> None:
        self._pending, self._words = None, ""
        self.say()

    def store(self) -> None:
        """Store what is seen, or say why there is nothing."""
        pending, words = self._pending, self._words
        self._pending, self._words = None, ""
        if pending is not None:
            self.edited.emit(pending)
        elif words:
            self.refused.emit(words)
        self.say()

    def say(self) -> None:
        """Let the map and the hint be shown anew."""
        self.preview_changed.emit()
        self.hint_changed.emit()


class ExtendTool(ClickTool):
    """Click an edge, then the lines: those that cross it are cut there, others reach it."""

    def __init__(self, project: Project, layers: MapLayers, selection: Selection) -> None:
        super().__init__(project, layers, selection)
        self._edge: Hit | None = None

    def press(self, mouse: MapMouse) -> None:
        if mouse.button == Qt.MouseButton.RightButton:
            self.cancel()
        elif mouse.button == Qt.MouseButton.LeftButton and self._edge is None:
            self._edge = next(iter(self.hits(mouse, 1, 2, edited=False)), None)
            self.say()
        elif mouse.button == Qt.MouseButton.LeftButton:
            self._look(mouse)
            self.store()

    def move(self, mouse: MapMouse) -> None:
        if self._edge is not None:
            self._look(mouse)
            self.preview_changed.emit()

    def cancel(self) -> None:
        self._edge = None
        super().cancel()

    def preview(self) -> Preview:
        shown = super().preview()
        edge = (self._edge.geometry,) if self._edge is not None else ()
        return Preview((*edge, *shown.shapes), text=shown.text)

    def hint(self) -> str:
        if self._edge is None:
            return _("Click the edge that lines are to reach or to be cut at")
        return _("Click a line near the end that is to be cut off or prolonged; Esc: another edge")

    def _look(self, mouse: MapMouse) -> None:
        self._pending, self._words = None, ""
        edge = self._edge
        assert edge is not None
        hits = (
            hit for hit in self.hits(mouse, 1) if (hit.layer, hit.fid) != (edge.layer, edge.fid)
        )
        hit = next(hits, None)
        line = self.feature_of(hit) if hit else None
        if line is None or line.geometry is None:
            return
        crossed = shapely.crosses(line.geometry, _outline(edge.geometry))
        edit = trim_at if crossed else extend_to
        try:
            self._pending = edit(self._project, line.key, edge.geometry, mouse.at)
        except EditRefused as error:
            self._words = str(error)


class OffsetTool(ClickTool):
    """Click a line or area, then where its copy is to run."""

    snaps = True

    def __init__(self, project: Project, layers: MapLayers, selection: Selection) -> None:
        super().__init__(project, layers, selection)
        self._of: Feature | None = None

    def press(self, mouse: MapMouse) -> None:
        if mouse.button == Qt.MouseButton.RightButton:
            self.cancel()
        elif mouse.button == Qt.MouseButton.LeftButton and self._of is None:
            hit = next(iter(self.hits(mouse, 1, 2)), None)
            self._of = self.feature_of(hit) if hit else None
            self.say()
        elif mouse.button == Qt.MouseButton.LeftButton:
            self._look(_aside(self._of, mouse.at))
            self._of = None
            self.store()

    def move(self, mouse: MapMouse) -> None:
        if self._of is not None:
            self._look(_aside(self._of, mouse.at))
            self.preview_changed.emit()

    def cancel(self) -> None:
        self._of = None
        super().cancel()

    @property
    def takes_places(self) -> bool:
        return self._of is not None

    def typed(self, text: str) -> None:
        """Take the distance: to the left of a line, outwards of an area; minus: the other way."""
        metres = self._metres(text)
        if metres is None:
            raise EditRefused(_("Type the distance in metres, such as 3.5."))
        self._look(metres)
        self._of = None
        self.store()

    def read_back(self, text: str) -> str:
        metres = self._metres(text)
        if metres is None:
            return _("Type the distance in metres, such as 3.5.")
        return _("{distance:.3f} m to the left, or outwards").format(distance=metres)

    def hint(self) -> str:
        if self._of is None:
            return _("Click the line or area that is to be copied aside")
        return _("Click where the copy is to run, or type the distance; Esc cancels")

    def _metres(self, text: str) -> float | None:
        try:
            metres = float(text)
        except ValueError:
            return None
        return metres if metres and abs(metres) < 1e5 else None

    def _look(self, metres: float) -> None:
        self._pending, self._words = None, ""
        assert self._of is not None
        if metres == 0:
            return
        try:
            self._pending = offset_copy(self._project, self._of.key, metres)
            self._words = f"{abs(metres):.2f} m"
        except EditRefused as error:
            self._words = str(error)

    def store(self) -> None:
        if self._pending is not None:
            self._words = ""
        super().store()


class TakeAwayTool(ClickTool):
    """Click into a hole to fill it, on one of several pieces to take it away."""

    def press(self, mouse: MapMouse) -> None:
        if mouse.button != Qt.MouseButton.LeftButton:
            return
        for feature in self._features(mouse):
            for edit in (delete_ring, delete_part):
                try:
                    self._pending = edit(self._project, feature.key, mouse.at)
                except EditRefused as error:
                    self._words = self._words or str(error)
                    continue
                self.store()
                return
        self._words = self._words or _("There is no hole and no piece at this place.")
        self.store()

    def hint(self) -> str:
        return _("Click into a hole to fill it, or on one of several pieces to take it away")

    def _features(self, mouse: MapMouse) -> list[Feature]:
        selection = self._selection
        if selection.layer is not None and len(selection) == 1:
            # A click into a hole is beside the feature itself.
            return list(self._project.store.features(selection.layer, selection.fids.tolist()))
        found = (self.feature_of(hit) for hit in self.hits(mouse, 1, 2))
        return [feature for feature in found if feature is not None]


def _outline(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry


def _aside(feature: Feature | None, place: shapely.Point) -> float:
    """Return how far a place is aside: to the left of a line, outside an area, positive."""
    if feature is None or feature.geometry is None:
        return 0.0
    geometry = feature.geometry
    if shapely.get_dimensions(geometry) == 2:
        away = float(shapely.distance(_outline(geometry), place))
        return -away if shapely.contains(geometry, place) else away
    away = float(shapely.distance(geometry, place))
    left = shapely.buffer(geometry, away * 1.01 + 1e-6, single_sided=True)
    return away if shapely.intersects(left, place) else -away
