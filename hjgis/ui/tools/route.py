"""Choose nodes of the pipe network one after the other; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection

import shapely
from PySide6.QtCore import QObject, Qt, Signal

from hjgis.i18n import _
from hjgis.ui.map.map_layers import Hit, MapLayers
from hjgis.ui.tools.base import MapMouse, Preview, Tool
from hjgis.ui.tools.select import hits_at

Node = tuple[str, int]


class RouteTool(Tool):
    """Click the first node and the last; `routed` carries both as (layer, fid).

    Parameters
    ----------
    nodes : function
        Returns the layers of nodes.
    """

    routed = Signal(object)
    hovers = True

    def __init__(
        self,
        layers: MapLayers,
        nodes: Callable[[], Collection[str]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._layers, self._nodes = layers, nodes
        self._start: Hit | None = None
        self._mouse: MapMouse | None = None

    def press(self, mouse: MapMouse) -> None:
        if mouse.button != Qt.MouseButton.LeftButton:
            self.cancel()
            return
        hit = self._node_at(mouse)
        if hit is None:
            self.refused.emit(_("Click a manhole or a point of the pipes."))
        elif self._start is None or (hit.layer, hit.fid) == (self._start.layer, self._start.fid):
            self._start = hit
            self._tell()
        else:
            ends = [(self._start.layer, self._start.fid), (hit.layer, hit.fid)]
            self.cancel()
            self.routed.emit(ends)

    def move(self, mouse: MapMouse) -> None:
        self._mouse = mouse
        if self._start is not None:
            self.preview_changed.emit()

    def cancel(self) -> None:
        self._start = None
        self._tell()

    def preview(self) -> Preview:
        if self._start is None:
            return Preview()
        start = shapely.get_coordinates(self._start.geometry)[0].tolist()
        shapes = () if self._mouse is None else (shapely.LineString([start, self._mouse.at]),)
        return Preview(shapes=shapes, handles=[tuple(start)], text=_("to the last node"))

    def hint(self) -> str:
        if self._start is None:
            return _("Profile: click the node where it begins")
        return _("Click the node where the profile ends; Esc begins again")

    def _node_at(self, mouse: MapMouse) -> Hit | None:
        nodes = self._nodes()
        return next((hit for hit in hits_at(self._layers, mouse) if hit.layer in nodes), None)

    def _tell(self) -> None:
        self.preview_changed.emit()
        self.hint_changed.emit()
