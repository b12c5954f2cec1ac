"""All map tools of an open project, by the name of their action."""

from __future__ import annotations

from functools import partial
from typing import Final, get_args

from PySide6.QtCore import QObject, Signal
from shapely.geometry.base import BaseGeometry

from hjgis.checks.area import ProjectArea
from hjgis.layers.project import Project
from hjgis.layers.sketches import SketchFile
from hjgis.models.changes import Extent
from hjgis.models.search_places import read_degrees
from hjgis.ui.actions.action_table import DRAW
from hjgis.ui.habits import Habits
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import Tool
from hjgis.ui.tools.draw import DrawTool
from hjgis.ui.tools.edges import ExtendTool, OffsetTool, TakeAwayTool
from hjgis.ui.tools.measure import AreaTool, DistanceTool
from hjgis.ui.tools.move_node import MoveNodeTool
from hjgis.ui.tools.navigate import PanTool
from hjgis.ui.tools.route import RouteTool
from hjgis.ui.tools.rows import RowTool
from hjgis.ui.tools.select import IdentifyTool, SelectTool
from hjgis.ui.tools.sketch import SketchTool
from hjgis.ui.tools.strokes import STROKES, StrokeTool
from hjgis.ui.tools.transform import TransformTool, Way
from hjgis.ui.tools.vertices import VertexTool

_MISSING_NODES = "missing_nodes"
_USUAL_NODE = "pipe_point"
# A way over more than this would be looked for too long.
_MOST_VERTICES: Final = 20_000


class Toolbox(QObject):
    """Makes the tools and passes on what they say.

    `edited`, `refused` and `dropped_on` are those of the tools; `given_up` carries the tool whose
    sketch was thrown away, `sketched` is emitted when a sketch is another.
    """

    edited = Signal(object)
    refused = Signal(str)
    dropped_on = Signal(object)
    given_up = Signal(object)
    sketched = Signal()

    def __init__(
        self,
        project: Project,
        layers: MapLayers,
        selection: Selection,
        parent: QObject | None = None,
        *,
        habits: Habits | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._sketch = SketchFile(project.path)
        self.area = ProjectArea(project)
        drawn = _Drawn(project, layers, self.area)
        self.rows = RowTool(project, layers, selection, drawn)
        self._tools = self._fixed_tools(layers, selection)
        for way in get_args(Way):
            self._tools[way] = TransformTool(way, project, layers, selection)
        for name, stroke in STROKES.items():
            self._tools[name] = StrokeTool(stroke, project, layers, selection, drawn)
        for layer in (*project.map_types, *(asset.id for asset in project.more_kinds)):
            self._tools[DRAW + layer] = DrawTool(project, layer, drawn, self._nodes_to_make, habits)
        for tool in self._tools.values():
            self._hear(tool)
        if habits is not None:
            habits.changed.connect(self._tell_hints)

    def _nodes_to_make(self) -> str | None:
        return self.missing_nodes

    def _fixed_tools(self, layers: MapLayers, selection: Selection) -> dict[str, Tool]:
        project = self._project
        return {
            "identify": IdentifyTool(layers, selection),
            "select": SelectTool(layers, selection),
            "pan": PanTool(),
            "measure-distance": DistanceTool(),
            "measure-area": AreaTool(),
            "move-node": MoveNodeTool(project, layers, selection, self.area.beyond_m),
            "vertices": VertexTool(project, layers, selection),
            "extend": ExtendTool(project, layers, selection),
            "offset": OffsetTool(project, layers, selection),
            "take-away": TakeAwayTool(project, layers, selection),
            "row": self.rows,
            "profile": RouteTool(layers, lambda: project.node_layers),
        }

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def name_of(self, tool: Tool) -> str:
        """Return the name of the action that a tool belongs to."""
        return next(name for name, held in self._tools.items() if held is tool)

    @property
    def missing_nodes(self) -> str | None:
        """What is put where a drawn pipe ends at no node; None leaves the end free."""
        kept = self._project.info(_MISSING_NODES)
        return (_USUAL_NODE if kept is None else kept) or None

    def set_missing_nodes(self, layer: str | None) -> None:
        """Put another kind of node from now on; kept with the project."""
        self._project.set_info(_MISSING_NODES, layer or "")

    def draw_tool(self, layer: str) -> DrawTool:
        """Return the tool that draws features of a layer."""
        tool = self._tools[DRAW + layer]
        assert isinstance(tool, DrawTool)
        return tool

    def unfinished(self) -> DrawTool | None:
        """Return the tool of a sketch left when the project was closed, with its vertices."""
        left = self._sketch.read()
        if left is None or DRAW + left.layer not in self._tools:
            return None
        tool = self.draw_tool(left.layer)
        tool.take_up(left.vertices)
        return tool

    def _hear(self, tool: Tool) -> None:
        tool.setParent(self)
        tool.edited.connect(self.edited)
        tool.refused.connect(self.refused)
        if isinstance(tool, MoveNodeTool):
            tool.dropped_on.connect(self.dropped_on)
        if isinstance(tool, SketchTool):
            tool.vertices_changed.connect(self.sketched)
            tool.given_up.connect(self._tell_given_up)
        if isinstance(tool, DrawTool):
            tool.vertices_changed.connect(self._keep)

    def _tell_hints(self) -> None:
        for tool in self._tools.values():
            if isinstance(tool, DrawTool):
                tool.hint_changed.emit()

    def _keep(self) -> None:
        tool = self.sender()
        if isinstance(tool, DrawTool) and not self._project.read_only:
            self._sketch.keep(tool.layer, tool.vertices)

    def _tell_given_up(self) -> None:
        self.given_up.emit(self.sender())


class _Drawn:
    """The features of the project and the map, for tools that draw along them."""

    def __init__(self, project: Project, layers: MapLayers, area: ProjectArea) -> None:
        self._project, self._layers = project, layers
        self.beyond_m = area.beyond_m
        self.degrees = partial(read_degrees, crs=project.crs)

    def geometry(self, layer: str, fid: int) -> BaseGeometry | None:
        """Return the form of a feature as it is stored."""
        found = self._project.store.features(layer, [fid])
        return found[0].geometry if found else None

    def edges(self, extent: Extent) -> list[BaseGeometry]:
        """Return the lines and areas in a box; none where they are too many to follow."""
        found = [
            held.columns.in_view(extent)
            for held in self._layers
            if held.visible and held.columns.dimension
        ]
        if sum(len(shapes.coords) for shapes in found) > _MOST_VERTICES:
            return []
        return [shapes.geometry(row) for shapes in found for row in range(len(shapes))]
