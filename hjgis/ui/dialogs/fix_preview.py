"""A small map of one fix: what is there in grey, what goes in red, what will be in blue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import shapely
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Change, Feature
from hjgis.render.frame import MapFrame
from hjgis.ui.map import overlays
from hjgis.ui.theme import ACCENT

_AROUND: Final = "#9aa5b1"
_GOES: Final = "#b3261e"
_LEAST_M: Final = 6.0
_MOST_AROUND: Final = 400


class FixPreview(QWidget):
    """Shows changes where they are, with what lies around them."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._old: list[BaseGeometry] = []
        self._new: list[BaseGeometry] = []
        self._around: list[BaseGeometry] = []
        self._middle: tuple[float, float] | None = None
        self._chosen = False
        self.setMinimumSize(220, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """As large as is worth looking at."""
        return QSize(380, 360)

    def show_changes(
        self, changes: Sequence[Change], *, at: tuple[float, float] | None = None
    ) -> None:
        """Show changes; a place alone if there are none."""
        self._chosen = bool(changes)
        self._old = _drawn(change.before for change in changes)
        self._new = _drawn(change.after for change in changes)
        self._middle = at
        keys = {change.key for change in changes}
        self._around = []
        frame = self._frame()
        if frame is not None:
            for layer in self._layers(changes):
                near = self._project.within(layer, frame.extent)[:_MOST_AROUND]
                self._around += _drawn(one for one in near if one.key not in keys)
        self.update()

    def _layers(self, changes: Sequence[Change]) -> list[str]:
        """Return the layers of the changes, and for a network all of it."""
        names = {change.key.layer for change in changes}
        lines = [asset for asset in self._project.types.values() if asset.ends_on]
        if not names or any(names & {asset.id, *asset.ends_on} for asset in lines):
            names |= {name for asset in lines for name in (asset.id, *asset.ends_on)}
        return sorted(names)

    def _frame(self) -> MapFrame | None:
        boxes = [shape.bounds for shape in (*self._old, *self._new)]
        if self._middle is not None:
            boxes.append((*self._middle, *self._middle))
        if not boxes:
            return None
        west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
        east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
        grow_x = max(0.0, _LEAST_M - (east - west)) / 2
        grow_y = max(0.0, _LEAST_M - (north - south)) / 2
        extent = (west - grow_x, south - grow_y, east + grow_x, north + grow_y)
        size = (max(1, self.width()), max(1, self.height()))
        return MapFrame.fitting(extent, width_px=size[0], height_px=size[1], margin=0.14)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what is around, what was and what will be."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().base())
        frame = self._frame()
        if frame is None:
            nowhere, none = _("It has no place on the map."), _("Choose a line of the table.")
            words = nowhere if self._chosen else none
            overlays.paint_notice(painter, QRectF(self.rect()), words)
        else:
            for shapes, color in (
                (self._around, _AROUND),
                (self._old, _GOES),
                (self._new, ACCENT),
            ):
                overlays.paint_shapes(painter, frame, shapes, color=color)
            if self._middle is not None:
                spot = [shapely.Point(self._middle)]
                overlays.paint_shapes(painter, frame, spot, color=_GOES)
            self._paint_legend(painter)
        painter.setPen(Qt.GlobalColor.lightGray)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_legend(self, painter: QPainter) -> None:
        left = 8
        for words, color, shapes in (
            (_("now"), _GOES, self._old),
            (_("then"), ACCENT, self._new),
        ):
            if shapes:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(color))
                painter.drawRect(left, self.height() - 18, 12, 4)
                painter.setPen(QColor(color))
                painter.drawText(left + 16, self.height() - 11, words)
                left += 26 + painter.fontMetrics().horizontalAdvance(words) + 8


def _drawn(features: Iterable[Feature | None]) -> list[BaseGeometry]:
    shapes = (feature.geometry for feature in features if feature is not None)
    return [shape for shape in shapes if shape is not None and not shape.is_empty]
