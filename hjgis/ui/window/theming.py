"""Themes in the main window: on the map, in the layer list, in their own window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from hjgis.i18n import _
from hjgis.ui.docks import Docks
from hjgis.ui.themes.bar import ThemeBar
from hjgis.ui.themes.on_map import MapLegend, ThemeOnMap
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.themes.editor import ThemeEditor


class Theming(QObject):
    """Shows themes and opens their window; `legend_changed` says whether the legend is seen."""

    legend_changed = Signal(bool)

    def __init__(self, workspace: Workspace, docks: Docks, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._docks, self._window = workspace, docks, window
        self._editor: ThemeEditor | None = None
        self.on_map = ThemeOnMap(workspace, self)
        self.bar = ThemeBar(workspace, self.on_map)
        self.legend = MapLegend(self.on_map, workspace.canvas)
        docks.add_above_layers(self.bar)
        self.bar.edit_wanted.connect(self.open_editor)
        self.legend.folded.connect(self.toggle_legend)
        self.on_map.said.connect(workspace.canvas.message.say)
        workspace.closing.connect(self._stop)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "themes": self.open_editor,
            "theme-layer": self.theme_layer,
            "theme-legend": self.toggle_legend,
            "no-theme": self.show_none,
        }

    def show_none(self) -> None:
        """Bring the usual look of the map back."""
        self.on_map.show(None)

    def toggle_legend(self) -> None:
        """Show the legend on the map, or fold it away."""
        self.legend.set_wanted(not self.legend.wanted)
        self.legend_changed.emit(self.legend.wanted)

    def open_editor(self) -> ThemeEditor:
        """Show the window of themes, on the theme that the map shows."""
        from hjgis.ui.themes.editor import ThemeEditor

        if self._editor is None:
            space = self._space
            self._editor = ThemeEditor(space.project, space.bridge, self._window)
            self._editor.map_wanted.connect(self.on_map.show)
        if self.on_map.theme is not None and not self._editor.isVisible():
            self._editor.choose(self.on_map.theme)
        self._editor.show()
        self._editor.raise_()
        self._editor.activateWindow()
        return self._editor

    def theme_layer(self) -> None:
        """Begin a theme of the layer that the layer list stands on."""
        layer = self._docks.layer_tree.current_layer
        if layer is None or not self._space.project.asset_type(layer).is_spatial:
            self._space.canvas.message.say(_("Choose a layer in the layer list first."))
            return
        self.open_editor().begin_layer(layer)

    def _stop(self) -> None:
        if self._editor is not None:
            self._editor.finish()
