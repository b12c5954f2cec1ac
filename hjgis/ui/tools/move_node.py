"""Move a point feature; its pipes follow, or stay if Alt is held."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import shapely
from PySide6.QtCore import Qt, Signal

from hjgis.edits.join import join_nodes
from hjgis.edits.move import move_node
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.geometry import representative_xy
from hjgis.ui.map.map_layers import Hit, MapLayers
from hjgis.ui.outside import outside_words
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import DRAG_PX, MapMouse, Preview, Tool
from hjgis.ui.tools.select import hits_at


class MoveNodeTool(Tool):
    """Drag a manhole, lamp or other point; one drag is one edit.

    `dropped_on` carries the edit that makes two nodes one: somebody must ask first.

    Parameters
    ----------
    beyond_m : callable, optional
        Returns how far outside the project's area a place is, metres.
    """

    dropped_on = Signal(object)

    cursor = Qt.CursorShape.SizeAllCursor
    snaps = True
    hovers = True

    def __init__(
        self,
        project: Project,
        layers: MapLayers,
        selection: Selection,
        beyond_m: Callable[[float, float], float] = lambda _x, _y: 0.0,
    ) -> None:
        super().__init__()
        self._beyond_m = beyond_m
        self._reader, self._layers, self._selection = project, layers, selection
        self._held: FeatureKey | None = None
        self._from_px = (0.0, 0.0)
        self._grip = (0.0, 0.0)
        self._kept_off: tuple[tuple[str, int], ...] = ()
        self._pending: ChangeSet | None = None
        self._refused = ""

    def press(self, mouse: MapMouse) -> None:
        if mouse.button != Qt.MouseButton.LeftButton:
            return
        hit = next((hit for hit in hits_at(self._layers, mouse) if self._movable(hit)), None)
        if hit is not None:
            self._hold(hit, mouse)
        self.hint_changed.emit()

    def _hold(self, hit: Hit, mouse: MapMouse) -> None:
        stored = self._reader.store.features(hit.layer, [hit.fid])
        if not stored:
            # Another program has just deleted it; the map follows within a second.
            return
        self._held, self._from_px = stored[0].key, mouse.px
        # The point is taken beside its middle; it must not jump to the mouse.
        x, y = mouse.free or (mouse.x, mouse.y)
        self._grip = (hit.geometry.centroid.x - x, hit.geometry.centroid.y - y)
        following = self._reader.lines_ending_at(self._held.uuid)
        moving = (*stored, *following)
        self._kept_off = tuple((feature.key.layer, feature.fid or 0) for feature in moving)
        self._selection.set(hit.layer, [hit.fid])

    def move(self, mouse: MapMouse) -> None:
        if self._held is None:
            return
        # A click with an unsteady hand must not move a manhole.
        if self._pending is not None or math.dist(self._from_px, mouse.px) >= DRAG_PX:
            try:
                self._pending = self._moved(self._held, mouse)
                self._refused = ""
            except EditRefused as error:
                self._pending, self._refused = None, str(error)
            self.preview_changed.emit()

    def release(self, mouse: MapMouse) -> None:
        pending, held, refused = self._pending, self._held, self._refused
        other = self._node_under(mouse) if held is not None else None
        self.cancel()
        if held is None or mouse.px == self._from_px:
            return
        if pending is not None and other is not None:
            try:
                self.dropped_on.emit(join_nodes(self._reader, held, other))
            except EditRefused as error:
                self.refused.emit(str(error))
        elif pending is not None:
            self.edited.emit(pending)
        elif refused:
            self.refused.emit(refused)

    def cancel(self) -> None:
        self._held = self._pending = None
        self._refused = ""
        self._kept_off = ()
        self.preview_changed.emit()
        self.hint_changed.emit()

    def preview(self) -> Preview:
        if self._pending is None:
            return Preview(text=self._refused)
        features = (change.after for change in self._pending.changes)
        shapes = tuple(f.geometry for f in features if f is not None and f.geometry is not None)
        metres = float(self._pending.params["distance_m"])
        node = self._pending.changes[0].after
        place = representative_xy(node.geometry) if node is not None else None
        outside = outside_words(self._beyond_m(*place)) if place else ""
        return Preview(shapes, text="  ".join(filter(None, (f"{metres:.2f} m", outside))))

    def hint(self) -> str:
        if self._held is not None:
            return _("Let go at the new place; Alt leaves the pipes, Esc cancels")
        return _("Drag a point; pipes that end there follow, with Alt they stay")

    def not_snapped_to(self) -> Collection[tuple[str, int]]:
        return self._kept_off

    def _moved(self, held: FeatureKey, mouse: MapMouse) -> ChangeSet:
        detach = mouse.has(Qt.KeyboardModifier.AltModifier)
        return move_node(self._reader, held, self._target(mouse), detach=detach)

    def _node_under(self, mouse: MapMouse) -> FeatureKey | None:
        """Return the node of the same network that the held one was dropped on."""
        snap, held = mouse.snap, self._held
        if snap is None or snap.kind != "node" or held is None:
            return None
        kinds = [set(asset.ends_on) for asset in self._reader.types.values()]
        if not any({snap.layer, held.layer} <= kind for kind in kinds):
            return None
        found = self._reader.store.features(snap.layer, [snap.fid])
        return found[0].key if found else None

    def _target(self, mouse: MapMouse) -> shapely.Point:
        if mouse.snap is not None:
            return mouse.at
        x, y = mouse.free or (mouse.x, mouse.y)
        return shapely.Point(x + self._grip[0], y + self._grip[1])

    def _movable(self, hit: Hit) -> bool:
        held = self._layers[hit.layer]
        return held.asset.geometry == "Point" and not held.locked
