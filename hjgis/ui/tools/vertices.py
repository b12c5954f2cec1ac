"""Take hold of single vertices of lines and areas."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from PySide6.QtCore import Qt

from hjgis.edits.move import move_node
from hjgis.edits.vertices import (
    Coords,
    VertexIndex,
    delete_vertices,
    insert_vertex,
    move_vertex,
    rings_of,
)
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, Feature, FeatureKey
from hjgis.models.search_places import read_degrees
from hjgis.models.typed import read_typed
from hjgis.ui.map.map_layers import Hit, MapLayers
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import DRAG_PX, PICK_PX, MapMouse, Place, Preview, Tool
from hjgis.ui.tools.select import hits_at

# Makes the edit that puts what is held at a place; detached from its node if asked.
_Edit = Callable[[Place, bool], ChangeSet]


@dataclass(frozen=True, slots=True)
class _Held:
    edit: _Edit
    from_px: Place


class VertexTool(Tool):
    """Drag a vertex, or an edge to make one; Shift chooses several, Delete takes them out.

    The end of a pipe belongs to its node: that is dragged with it, unless Alt is held.
    """

    cursor = Qt.CursorShape.ArrowCursor
    snaps = True
    hovers = True

    def __init__(self, project: Project, layers: MapLayers, selection: Selection) -> None:
        super().__init__()
        self._project, self._layers, self._selection = project, layers, selection
        self._held: _Held | None = None
        self._pending: ChangeSet | None = None
        self._chosen: set[VertexIndex] = set()
        self._words = ""
        self._mouse: MapMouse | None = None
        self._known: Feature | None = None
        selection.changed.connect(self.stored)

    # -- the hand ------------------------------------------------------------------------

    def press(self, mouse: MapMouse) -> None:
        if mouse.button != Qt.MouseButton.LeftButton:
            return
        feature = self._feature()
        index = self._vertex_at(feature, mouse) if feature else None
        edge = self._edge_at(feature, mouse) if feature and index is None else None
        if feature is not None and index is not None:
            self._choose(index, mouse)
            self._held = _Held(self._moving(feature, index), mouse.px)
        elif feature is not None and edge is not None:
            insert = partial(insert_vertex, self._project, feature.key, edge)
            self._held = _Held(lambda at, _detach: insert(at), mouse.px)
        else:
            self._select(mouse)
        self.hint_changed.emit()

    def move(self, mouse: MapMouse) -> None:
        self._mouse = mouse
        held = self._held
        if held is None:
            return
        if self._pending is not None or math.dist(held.from_px, mouse.px) >= DRAG_PX:
            self._try(held, (mouse.x, mouse.y), detach=mouse.has(Qt.KeyboardModifier.AltModifier))

    def release(self, mouse: MapMouse) -> None:
        pending, words = self._pending, self._words
        self._held = self._pending = None
        self._words = ""
        if pending is not None and mouse.button == Qt.MouseButton.LeftButton:
            self.edited.emit(pending)
        elif words:
            self.refused.emit(words)
        self._say()

    def double_click(self, mouse: MapMouse) -> None:
        # A double click on an edge makes a vertex just there.
        feature = self._feature()
        edge = self._edge_at(feature, mouse) if feature else None
        if feature is None or edge is None or self._vertex_at(feature, mouse) is not None:
            return
        self._held = None
        self._emit(partial(insert_vertex, self._project, feature.key, edge, (mouse.x, mouse.y)))

    def wants(self, key: int) -> bool:
        return bool(self._chosen) and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)

    def key(self, key: int) -> bool:
        feature = self._feature()
        if not self.wants(key) or feature is None:
            return False
        chosen = sorted(self._chosen)
        self._emit(partial(delete_vertices, self._project, feature.key, chosen))
        return True

    def stored(self) -> None:
        self._known = None
        self.cancel()

    @property
    def is_idle(self) -> bool:
        return self._held is None and not self._chosen

    def cancel(self) -> None:
        self._held = self._pending = None
        self._chosen.clear()
        self._words = ""
        self._say()

    # -- the keyboard --------------------------------------------------------------------

    @property
    def takes_places(self) -> bool:
        return len(self._chosen) == 1

    @property
    def origin(self) -> Place | None:
        feature = self._feature()
        if feature is None or len(self._chosen) != 1:
            return None
        return self._place(feature, next(iter(self._chosen)))

    def typed(self, text: str) -> None:
        feature = self._feature()
        if feature is None or len(self._chosen) != 1:
            return
        (index,) = self._chosen
        place = self._read(text)
        if place is not None:
            self._emit(lambda: self._moving(feature, index)(place, False))

    def read_back(self, text: str) -> str:
        try:
            place = self._read(text)
        except EditRefused as error:
            return str(error)
        if place is None:
            return ""
        return _("X (north) {x:.3f}, Y (east) {y:.3f}").format(x=place[1], y=place[0])

    def _read(self, text: str) -> Place | None:
        at = self.origin or (0.0, 0.0)
        towards = (self._mouse.x, self._mouse.y) if self._mouse else at
        meant = read_typed(
            text,
            last=self.origin,
            towards=towards,
            seen=at,
            azimuths=self.azimuths,
            degrees=partial(read_degrees, crs=self._project.crs),
        )
        if meant.height_m is not None:
            raise EditRefused(_("A vertex is moved by x,y: its height stays."))
        return meant.place

    # -- what is seen --------------------------------------------------------------------

    def preview(self) -> Preview:
        if self._pending is not None:
            features = (change.after for change in self._pending.changes)
            shapes = tuple(f.geometry for f in features if f is not None and f.geometry is not None)
            return Preview(shapes)
        feature = self._feature()
        if feature is None or feature.geometry is None:
            return Preview(text=self._words)
        chosen = [self._place(feature, index) for index in sorted(self._chosen)]
        handles = [(x, y) for x, y in shapely.get_coordinates(feature.geometry).tolist()]
        return Preview((feature.geometry,), text=self._words, handles=handles, chosen=chosen)

    def hint(self) -> str:
        if self._held is not None:
            return _("Let go at the new place; Alt leaves the node, Esc cancels")
        if self._chosen:
            return _("Delete takes the chosen points out; type x,y or @dx,dy to move one; Esc ends")
        if self._feature() is not None:
            return _("Drag a point, or an edge to make one; Shift chooses several")
        return _("Click the line or area whose points are to be moved")

    def not_snapped_to(self) -> Collection[tuple[str, int]]:
        feature = self._feature()
        if self._held is None or feature is None:
            return ()
        nodes = (self._project.node(str(uuid)) for uuid in _links(feature))
        own = [(node.key.layer, node.fid or 0) for node in nodes if node is not None]
        return [(feature.key.layer, feature.fid or 0), *own]

    # -- inside --------------------------------------------------------------------------

    def _feature(self) -> Feature | None:
        """Return the one selected line or area that may be edited."""
        if self._known is None:
            self._known = self._read_selected()
        return self._known

    def _read_selected(self) -> Feature | None:
        selection = self._selection
        if selection.layer is None or len(selection) != 1 or selection.layer not in self._layers:
            return None
        held = self._layers[selection.layer]
        if held.locked or held.asset.geometry == "Point":
            return None
        found = self._project.store.features(selection.layer, selection.fids.tolist())
        return found[0] if found and found[0].geometry is not None else None

    def _vertex_at(self, feature: Feature, mouse: MapMouse) -> VertexIndex | None:
        x, y = mouse.free or (mouse.x, mouse.y)
        best, nearest = None, PICK_PX * mouse.m_per_px
        for index, coords in _rings(feature):
            away = np.hypot(coords[:, 0] - x, coords[:, 1] - y)
            at = int(np.argmin(away))
            if away[at] <= nearest:
                best, nearest = VertexIndex(index.part, index.ring, at), float(away[at])
        return best

    def _edge_at(self, feature: Feature, mouse: MapMouse) -> VertexIndex | None:
        """Return before which vertex a new one would come."""
        x, y = mouse.free or (mouse.x, mouse.y)
        best, nearest = None, PICK_PX * mouse.m_per_px
        for index, coords in _rings(feature):
            if len(coords) < 2:
                continue
            edges = shapely.linestrings(np.stack([coords[:-1, :2], coords[1:, :2]], axis=1))
            away = np.asarray(shapely.distance(edges, shapely.Point(x, y)))
            at = int(np.argmin(away))
            if away[at] <= nearest:
                best, nearest = VertexIndex(index.part, index.ring, at + 1), float(away[at])
        return best

    def _moving(self, feature: Feature, index: VertexIndex) -> _Edit:
        """Return how a vertex is moved: with its node, if one holds it."""
        node = self._node_at(feature, index)

        def edit(at: Place, detach: bool) -> ChangeSet:
            if node is not None and not detach:
                return move_node(self._project, node, shapely.Point(at))
            return move_vertex(self._project, feature.key, index, at, detach=detach)

        return edit

    def _node_at(self, feature: Feature, index: VertexIndex) -> FeatureKey | None:
        if not isinstance(feature.geometry, shapely.LineString):
            return None
        last = shapely.get_num_coordinates(feature.geometry) - 1
        name = {0: "from_node", last: "to_node"}.get(index.vertex)
        uuid = feature.values.get(name) if name else None
        node = self._project.node(str(uuid)) if uuid else None
        return node.key if node is not None else None

    def _choose(self, index: VertexIndex, mouse: MapMouse) -> None:
        if not mouse.has(Qt.KeyboardModifier.ShiftModifier):
            self._chosen = {index}
        elif index in self._chosen:
            self._chosen.remove(index)
        else:
            self._chosen.add(index)
        self._say()

    def _select(self, mouse: MapMouse) -> None:
        hit = next((hit for hit in hits_at(self._layers, mouse) if self._has_edges(hit)), None)
        if hit is None:
            self._selection.clear()
        else:
            self._selection.set(hit.layer, [hit.fid])

    def _has_edges(self, hit: Hit) -> bool:
        held = self._layers[hit.layer]
        return held.asset.geometry != "Point" and not held.locked

    def _try(self, held: _Held, at: Place, *, detach: bool) -> None:
        try:
            self._pending, self._words = held.edit(at, detach), ""
        except EditRefused as error:
            self._pending, self._words = None, str(error)
        self.preview_changed.emit()

    def _emit(self, edit: Callable[[], ChangeSet]) -> None:
        try:
            change = edit()
        except EditRefused as error:
            self.refused.emit(str(error))
            return
        self.edited.emit(change)
        self._say()

    def _place(self, feature: Feature, index: VertexIndex) -> Place:
        assert feature.geometry is not None
        x, y = rings_of(feature.geometry)[index.part][index.ring][index.vertex][:2].tolist()
        return x, y

    def _say(self) -> None:
        self.preview_changed.emit()
        self.hint_changed.emit()


def _rings(feature: Feature) -> list[tuple[VertexIndex, Coords]]:
    assert feature.geometry is not None
    return [
        (VertexIndex(part, ring, 0), coords)
        for part, rings in enumerate(rings_of(feature.geometry))
        for ring, coords in enumerate(rings)
    ]


def _links(feature: Feature) -> list[str]:
    values = (feature.values.get(name) for name in ("from_node", "to_node"))
    return [str(uuid) for uuid in values if uuid]
