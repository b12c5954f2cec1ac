"""Move, turn and scale what is selected."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from hjgis.edits.move import move_features, rotate_features, scale_features
from hjgis.errors import Cancelled, EditRefused
from hjgis.i18n import N_, _
from hjgis.layers.columns import LayerColumns
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet
from hjgis.models.typed import read_typed
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.selection import Selection
from hjgis.ui.storing import reckoned
from hjgis.ui.tools.base import DRAG_PX, MapMouse, Place, Preview, Tool

Way = Literal["move", "rotate", "scale"]
Coords = NDArray[np.float64]

# Of more features than this, only a box is seen while they move.
_MOST_SEEN: Final = 500
_STEP_DEG: Final = 15.0
_HINTS: Final = {
    "move": N_("Drag to move what is selected; pipes keep their nodes; type @dx,dy"),
    "rotate": N_("Drag to turn what is selected about its middle; Shift: steps of 15°; type <30"),
    "scale": N_("Drag to make what is selected larger or smaller; type a factor such as 1.5"),
}


class TransformTool(Tool):
    """Press, drag, let go: one edit of everything that is selected."""

    cursor = Qt.CursorShape.SizeAllCursor
    snaps = True

    def __init__(self, way: Way, project: Project, layers: MapLayers, selection: Selection) -> None:
        super().__init__()
        self._way, self._project = way, project
        self._layers, self._selection = layers, selection
        self._from: MapMouse | None = None
        self._to: MapMouse | None = None
        self._shapes: NDArray[np.object_] = np.empty(0, object)
        self._middle: Place = (0.0, 0.0)

    def press(self, mouse: MapMouse) -> None:
        if mouse.button != Qt.MouseButton.LeftButton:
            return
        if not len(self._selection):
            self.refused.emit(_("Select something first."))
            return
        self._from, self._to = mouse, None
        self._look()

    def move(self, mouse: MapMouse) -> None:
        start = self._from
        if start is not None and (self._to or math.dist(start.px, mouse.px) >= DRAG_PX):
            self._to = mouse
            self.preview_changed.emit()

    def release(self, mouse: MapMouse) -> None:
        start, end = self._from, self._to
        self.cancel()
        if start is not None and end is not None:
            self._store(self._amount(start, mouse))

    def cancel(self) -> None:
        self._from = self._to = None
        self.preview_changed.emit()

    @property
    def takes_places(self) -> bool:
        return len(self._selection) > 0

    def typed(self, text: str) -> None:
        self._look()
        self._store(self._read(text))

    def read_back(self, text: str) -> str:
        self._look()
        try:
            return self._words(self._read(text))
        except EditRefused as error:
            return str(error)

    def preview(self) -> Preview:
        if self._from is None or self._to is None:
            return Preview()
        amount = self._amount(self._from, self._to)
        place = self._placing(amount)
        shapes = shapely.transform(self._shapes, place)
        return Preview(tuple(shapes), text=self._words(amount))

    def hint(self) -> str:
        return _(_HINTS[self._way])

    # An amount is metres east and north, degrees, or a factor.

    def _amount(self, start: MapMouse, end: MapMouse) -> tuple[float, ...]:
        if self._way == "move":
            return (end.x - start.x, end.y - start.y)
        x, y = self._middle
        if self._way == "rotate":
            before, after = (math.atan2(at.y - y, at.x - x) for at in (start, end))
            turn = math.degrees(after - before)
            if end.has(Qt.KeyboardModifier.ShiftModifier):
                turn = round(turn / _STEP_DEG) * _STEP_DEG
            return ((turn + 180) % 360 - 180,)
        near = math.dist((start.x, start.y), self._middle)
        return (max(math.dist((end.x, end.y), self._middle) / near, 1e-3) if near else 1.0,)

    def _read(self, text: str) -> tuple[float, ...]:
        if self._way == "move":
            middle = self._middle
            meant = read_typed(
                text, last=middle, towards=middle, seen=middle, azimuths=self.azimuths
            )
            if meant.place is None or meant.height_m is not None:
                raise EditRefused(_("Type how far: @dx,dy or length<angle."))
            x, y = self._middle
            return (meant.place[0] - x, meant.place[1] - y)
        try:
            amount = float(text.strip().lstrip("<@"))
        except ValueError:
            raise EditRefused(_("Type a number.")) from None
        if self._way == "scale" and amount <= 0:
            raise EditRefused(_("A scale factor must be above 0."))
        return (amount,)

    def _words(self, amount: tuple[float, ...]) -> str:
        if self._way == "move":
            return f"{math.hypot(*amount):.2f} m"
        return f"{amount[0]:.2f}°" if self._way == "rotate" else f"× {amount[0]:.3f}"

    def _placing(self, amount: tuple[float, ...]) -> Callable[[Coords], Coords]:
        middle = np.array(self._middle)
        if self._way == "move":
            return lambda xy: xy + np.array(amount)
        if self._way == "scale":
            return lambda xy: (xy - middle) * amount[0] + middle
        turn = math.radians(amount[0])
        matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        return lambda xy: (xy - middle) @ matrix + middle

    def _store(self, amount: tuple[float, ...]) -> None:
        try:
            change = self._change(amount)
        except (EditRefused, Cancelled) as error:
            self.refused.emit(str(error))
            return
        self.edited.emit(change)

    def _change(self, amount: tuple[float, ...]) -> ChangeSet:
        way, middle = self._way, shapely.Point(self._middle)

        def change(project: Project) -> ChangeSet:
            keys = self._selection.keys(project)
            if way == "move":
                return move_features(project, keys, amount[0], amount[1])
            if way == "rotate":
                return rotate_features(project, keys, amount[0], middle)
            return scale_features(project, keys, amount[0], middle)

        return reckoned(self._project, len(self._selection), change)

    def _look(self) -> None:
        """Read what is selected: what is seen of it while it moves, and its middle."""
        layer = self._selection.layer
        if layer is None:
            return
        held = self._layers[layer]
        if len(self._selection) > _MOST_SEEN and not held.loading:
            self._look_at_many(held.everything)
            return
        table = self._project.table(layer, (), fids=self._selection.fids.tolist())
        assert table.geometry is not None
        geometry = table.geometry[~shapely.is_missing(table.geometry)]
        bounds = shapely.total_bounds(geometry)
        self._middle = _middle(bounds)
        few = len(geometry) <= _MOST_SEEN
        step = -(-len(geometry) // _MOST_SEEN)
        seen = geometry if few else [shapely.box(*bounds), *geometry[::step]]
        self._shapes = np.array(seen, object)

    def _look_at_many(self, columns: LayerColumns) -> None:
        """Take some of many features as the map holds them, and the box around all."""
        fids = self._selection.fids
        bounds = columns.extent_of(fids)
        if bounds is None:
            self._shapes = np.empty(0, object)
            return
        self._middle = _middle(bounds)
        some = columns.taken(fids[:: -(-len(fids) // _MOST_SEEN)])
        shapes = (some.geometry(row) for row in range(len(some)))
        self._shapes = np.array([shapely.box(*bounds), *shapes], object)


def _middle(bounds: Sequence[float] | Coords) -> Place:
    x_min, y_min, x_max, y_max = (float(side) for side in bounds)
    return ((x_min + x_max) / 2, (y_min + y_max) / 2)
