"""What other parts of the window lay over the map: they say what is to be seen, and no more."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget
from shapely.geometry.base import BaseGeometry

from hjgis.ui.map import overlays
from hjgis.ui.map.assigned_areas import AssignedAreas
from hjgis.ui.map.finding_marks import FindingMarks
from hjgis.ui.map.map_view import MapView
from hjgis.ui.map.position_mark import PositionMark

_PAST: Final = "#c2410c"


class MarkedView(MapView):
    """Keeps what is laid over the map until somebody takes it away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.past: tuple[BaseGeometry, ...] = ()
        self.breaks: NDArray[np.float64] = np.empty((0, 2))
        self.assigned: AssignedAreas | None = None
        self.position: PositionMark | None = None
        self.marks: FindingMarks | None = None

    def show_assigned(self, areas: AssignedAreas | None) -> None:
        """Show whose the areas of the town are, or no more."""
        self.assigned = areas
        self.update()

    def show_breaks(self, places: NDArray[np.float64]) -> None:
        """Show where the pipes that were followed break off; shape (n, 2), project CRS."""
        self.breaks = places
        self.update()

    def show_past(self, shapes: tuple[BaseGeometry, ...]) -> None:
        """Show where something was before; nothing ends it."""
        self.past = shapes
        self.update()

    def show_position(self, mark: PositionMark | None) -> None:
        """Show where the receiver stands, or no more."""
        if mark != self.position:
            self.position = mark
            self.update()

    def show_marks(self, marks: FindingMarks | None) -> None:
        """Show where findings lie, or no more."""
        if marks is not None or self.marks is not None:
            self.marks = marks
            self.update()

    def _paint_areas(self, painter: QPainter) -> None:
        """Paint what lies beneath the mark under the mouse."""
        if self.assigned is not None:
            self.assigned.paint(painter, self._frame)
        if self.past:
            overlays.paint_shapes(painter, self._frame, self.past, color=_PAST)

    def _paint_signs(self, painter: QPainter) -> None:
        overlays.paint_breaks(painter, self._frame, self.breaks)
        if self.marks is not None:
            self.marks.paint(painter, self._frame)

    def _paint_position(self, painter: QPainter) -> None:
        if self.position is not None:
            self.position.paint(painter, self._frame)
