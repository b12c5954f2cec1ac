"""Whose the areas of the town are, shown above the map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Final

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform
from shapely.geometry.base import BaseGeometry

from hjgis.models.assets import AssetType
from hjgis.models.assignments import Assignment
from hjgis.models.changes import Extent
from hjgis.models.geometry import representative_xy
from hjgis.render.frame import MapFrame
from hjgis.render.strokes import polygon
from hjgis.ui.theme import PAPER

# Told apart by the colour-blind too (Okabe and Ito 2008).
_COLORS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_FILL_ALPHA: Final = 30
_WIDTH_PX: Final = 2.5
# Smaller areas have no room for a name.
_LEAST_PX: Final = 60
# So far the map is dragged before they are painted again.
_MARGIN_PX: Final = 200


@dataclass(frozen=True, slots=True)
class _Area:
    """One area with the names of those who answer for it; the path is relative to its place."""

    path: QPainterPath
    place: tuple[float, float]
    extent: Extent
    color: QColor
    words: str


class AssignedAreas:
    """Outlines and names, painted once with a margin and copied while the map moves."""

    def __init__(self, entries: Sequence[Assignment], types: Mapping[str, AssetType]) -> None:
        names = dict.fromkeys(entry.operator for entry in entries)
        colors = dict(zip(names, cycle(_COLORS), strict=False))
        together: dict[str, list[Assignment]] = {}
        for entry in entries:
            if entry.area is not None:
                together.setdefault(shapely.to_wkb(entry.area, hex=True), []).append(entry)
        self._areas = [
            _area(same, QColor(colors[same[0].operator]), types.values())
            for same in together.values()
        ]
        self._image = QImage()
        self._frame: MapFrame | None = None

    def paint(self, painter: QPainter, frame: MapFrame) -> None:
        """Paint what is in sight, in window pixels."""
        ratio = painter.device().devicePixelRatioF()
        if not self._serves(frame, ratio):
            self._image, self._frame = self._painted(frame, ratio), frame
        held = self._frame
        assert held is not None
        left = (held.center_x - frame.center_x) / frame.m_per_px - _MARGIN_PX
        top = (frame.center_y - held.center_y) / frame.m_per_px - _MARGIN_PX
        painter.drawImage(QPointF(left, top), self._image)

    def _serves(self, frame: MapFrame, ratio: float) -> bool:
        """Whether the picture covers a frame at its scale."""
        held = self._frame
        if held is None or self._image.devicePixelRatioF() != ratio:
            return False
        if (held.m_per_px, held.width_px, held.height_px) != (
            frame.m_per_px,
            frame.width_px,
            frame.height_px,
        ):
            return False
        moved = max(abs(held.center_x - frame.center_x), abs(held.center_y - frame.center_y))
        return moved <= _MARGIN_PX * frame.m_per_px

    def _painted(self, frame: MapFrame, ratio: float) -> QImage:
        width, height = (side + 2 * _MARGIN_PX for side in (frame.width_px, frame.height_px))
        wide = replace(frame, width_px=width, height_px=height)
        image = QImage(
            math.ceil(width * ratio),
            math.ceil(height * ratio),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for area in self._areas:
            corners = np.array([area.extent[:2], area.extent[2:]])
            (left, bottom), (right, top) = wide.to_device(corners).tolist()
            box = QRectF(QPointF(left, top), QPointF(right, bottom))
            if box.intersects(QRectF(0, 0, width, height)):
                _paint(painter, wide, area, named=min(box.width(), box.height()) > _LEAST_PX)
        painter.end()
        return image


def _area(entries: Sequence[Assignment], color: QColor, types: Iterable[AssetType]) -> _Area:
    from hjgis.ui.dialogs.assignments import kinds_text

    shape = entries[0].area
    assert shape is not None
    place = representative_xy(shape) or (0.0, 0.0)
    types = list(types)
    words = "\n".join(f"{entry.operator} · {kinds_text(types, entry)}" for entry in entries)
    xmin, ymin, xmax, ymax = shape.bounds
    return _Area(_path(shape, place), place, (xmin, ymin, xmax, ymax), color, words)


def _path(shape: BaseGeometry, place: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    for part in shapely.get_parts(shape):
        for ring in shapely.get_rings(part):
            path.addPolygon(polygon(shapely.get_coordinates(ring) - place))
            path.closeSubpath()
    return path


def _paint(painter: QPainter, frame: MapFrame, area: _Area, *, named: bool) -> None:
    x, y = frame.to_device(np.array([area.place]))[0].tolist()
    scale = 1 / frame.m_per_px
    fill = QColor(area.color)
    fill.setAlpha(_FILL_ALPHA)
    pen = QPen(area.color, _WIDTH_PX)
    pen.setCosmetic(True)
    painter.save()
    painter.setTransform(QTransform(scale, 0, 0, -scale, x, y), combine=True)
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawPath(area.path)
    painter.restore()
    if named:
        _write(painter, QPointF(x, y), area)


def _write(painter: QPainter, at: QPointF, area: _Area) -> None:
    around = QRectF(0, 0, 2000, 2000)
    around.moveCenter(at)
    flags = Qt.AlignmentFlag.AlignCenter
    plate = painter.boundingRect(around, flags, area.words).adjusted(-6, -3, 6, 3)
    ground = QColor(PAPER)
    ground.setAlpha(215)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(plate, 3, 3)
    painter.setPen(area.color.darker(130))
    painter.drawText(around, flags, area.words)
