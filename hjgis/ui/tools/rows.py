"""Draw the line or area that a whole row of assets follows; the row is seen while it is drawn."""

from __future__ import annotations

from collections.abc import Callable

import shapely
from PySide6.QtCore import Qt, Signal
from shapely.geometry.base import BaseGeometry

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import MapMouse, Preview
from hjgis.ui.tools.draw import area_or_line, without_repeats
from hjgis.ui.tools.select import hits_at
from hjgis.ui.tools.sketch import SketchTool, Surroundings

# Makes the row along something drawn, or along a stored feature.
Make = Callable[[BaseGeometry, FeatureKey | None], ChangeSet]


class RowTool(SketchTool):
    """The base is drawn, or it is the feature that was selected with the tool.

    `counted` says how many there would be, or why there are none.
    """

    counted = Signal(str)

    hovers = True

    def __init__(
        self,
        project: Project,
        layers: MapLayers,
        selection: Selection,
        around: Surroundings | None = None,
    ) -> None:
        super().__init__(around=around)
        self._project, self._layers, self._selection = project, layers, selection
        self._make: Make | None = None
        self._closed = self._stored_only = False
        self._base: tuple[BaseGeometry, FeatureKey] | None = None
        self._row: ChangeSet | None = None
        self._said = ""
        self.vertices_changed.connect(self._look)

    def use(self, make: Make, *, closed: bool, stored_only: bool) -> None:
        """Make another kind of row from now on.

        Parameters
        ----------
        closed : bool
            It fills an area.
        stored_only : bool
            It follows a stored line, not one that is drawn.
        """
        if (closed, stored_only) != (self._closed, self._stored_only):
            self._base = None
            self.pencil.clear()
        self._make, self._closed, self._stored_only = make, closed, stored_only
        self._look()
        self.preview_changed.emit()
        self.hint_changed.emit()

    @property
    def is_idle(self) -> bool:
        return self._base is None and super().is_idle

    @property
    def takes_places(self) -> bool:
        return not self._stored_only

    def press(self, mouse: MapMouse) -> None:
        if self._stored_only and mouse.button == Qt.MouseButton.LeftButton:
            self._pick(mouse)
            return
        if mouse.button == Qt.MouseButton.LeftButton and self._base is not None:
            self._base = None
        super().press(mouse)

    def move(self, mouse: MapMouse) -> None:
        super().move(mouse)
        if self.vertices:
            self._look()

    def cancel(self) -> None:
        self._base = None
        super().cancel()

    def take_selected(self) -> None:
        """Let the row follow the selected feature, if it is one that it can follow."""
        if self._selection.layer is None or len(self._selection) != 1:
            return
        layer, fids = self._selection.layer, self._selection.fids.tolist()
        wanted = 2 if self._closed else 1
        if self._layers[layer].columns.dimension == wanted:
            for feature in self._project.store.features(layer, fids):
                if feature.geometry is not None:
                    self._base = (feature.geometry, feature.key)
        self._look()
        self.preview_changed.emit()

    def finish(self) -> None:
        """Store the row that is seen."""
        self._mouse = None
        self._look()
        if self._row is None:
            self.refuse(self._said or _("Draw or select what the row is to follow."))
            return
        row = self._row
        self._base = None
        self.done()
        self.edited.emit(row)

    def stored(self) -> None:
        self._look()

    def sketch(self) -> BaseGeometry | None:
        return area_or_line(self.places(), closed=self._closed)

    def preview(self) -> Preview:
        drawn = self.sketch() if self._base is None else self._base[0]
        changes = self._row.changes if self._row is not None else ()
        born = (change.after for change in changes if change.before is None)
        row = (one.geometry for one in born if one is not None and one.geometry is not None)
        shapes = (*((drawn,) if drawn is not None else ()), *row)
        return Preview(shapes, text=self._said if shapes else "", handles=self.vertices)

    def hint(self) -> str:
        if self._stored_only:
            return _("Click the pipe; then Enter or right click makes the row")
        if self._closed:
            return _("Draw the area; right click or Enter makes what is seen")
        return _("Draw the line that the row follows; right click or Enter makes what is seen")

    def _pick(self, mouse: MapMouse) -> None:
        for hit in hits_at(self._layers, mouse):
            if self._layers[hit.layer].columns.dimension == 1:
                for feature in self._project.store.features(hit.layer, [hit.fid]):
                    if feature.geometry is not None:
                        self._base = (feature.geometry, feature.key)
                break
        self._look()
        self.preview_changed.emit()

    def _look(self) -> None:
        """Make the row that would be stored now."""
        self._row, self._said = None, ""
        base = self._base or self._drawn()
        if base is not None and self._make is not None:
            try:
                self._row = self._make(*base)
                self._said = _("{count} in the row").format(count=self._row.params["count"])
            except EditRefused as error:
                self._said = str(error)
        self.counted.emit(self._said)

    def _drawn(self) -> tuple[BaseGeometry, None] | None:
        places = without_repeats(self.places())
        if self._stored_only or len(places) < (3 if self._closed else 2):
            return None
        drawn = (shapely.Polygon if self._closed else shapely.LineString)(places)
        return (drawn, None) if drawn.is_valid else None
