"""Where a sheet lies in the town: boundary and streets as outlines, the sheet's frame in red."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainterPath

from hjgis.cartography.page import Page
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.sheets import Box
from hjgis.render.symbols import brush, no_brush, solid_pen

TITLE_MM: Final = 5.5
_TITLE_LETTERS_MM: Final = 2.8
_FRAME_INK: Final = "#d0021b"
_LEAST_FRAME_MM: Final = 1.6
_FREE: Final = 0.04
# A town of a single point has an extent too.
_LEAST_FREE_M: Final = 10.0
# Outlines are drawn on some centimetres: finer bends are not seen.
_FINENESS: Final = 800


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What is the same on all sheets of a series.

    Attributes
    ----------
    extent : tuple of float
        What it shows, project CRS.
    areas, lines : tuple of array, shape (n, 2)
        Rings of the town's boundary, streets.
    """

    extent: Extent
    areas: tuple[NDArray[np.float64], ...]
    lines: tuple[NDArray[np.float64], ...]

    @property
    def aspect(self) -> float:
        """Height by width, between a third and three."""
        width, height = self.extent[2] - self.extent[0], self.extent[3] - self.extent[1]
        return min(max(height / max(width, 1.0), 1 / 3), 3.0)


def read_overview(project: Project, town: Extent) -> Overview:
    """Read boundary and streets, as fine as a small map needs."""
    step = max(town[2] - town[0], town[3] - town[1]) / _FINENESS
    areas = _outlines(project, "boundary", step)
    lines = _outlines(project, "road", step)
    found = [np.concatenate(parts) for parts in (areas, lines) if parts]
    corners = np.array([town[:2], town[2:]])
    # What lies far outside must not make the town a dot.
    around = np.concatenate([corners, *found]) if areas else corners
    wide = (town[2] - town[0], town[3] - town[1])
    low = np.maximum(around.min(axis=0), corners[0] - wide)
    high = np.minimum(around.max(axis=0), corners[1] + wide)
    free = max(_FREE * (high - low).max(), _LEAST_FREE_M)
    extent = (*(low - free).tolist(), *(high + free).tolist())
    return Overview((extent[0], extent[1], extent[2], extent[3]), areas, lines)


def _outlines(project: Project, layer: str, step: float) -> tuple[NDArray[np.float64], ...]:
    if layer not in project.map_types:
        return ()
    geometry = project.table(layer, ()).geometry
    if geometry is None:
        return ()
    drawn = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    parts = shapely.get_parts(shapely.simplify(drawn, step, preserve_topology=False))
    parts = parts[~shapely.is_empty(parts)]
    areal = shapely.get_dimensions(parts) == 2
    rings = shapely.get_exterior_ring(parts[areal])
    lines = parts[shapely.get_dimensions(parts) == 1]
    return tuple(shapely.get_coordinates(line) for line in (*rings, *lines))


def paint_overview(page: Page, box: Box, overview: Overview, extent: Extent, *, k: float) -> None:
    """Paint the title and the small map, the place of `extent` framed in red."""
    title = Box(box.x, box.y, box.width, TITLE_MM * k)
    page.text(title, _("Location"), _TITLE_LETTERS_MM * k, align="center", bold=True)
    room = Box(box.x, title.bottom, box.width, box.height - title.height)
    height = min(room.height, room.width * overview.aspect)
    width = height / overview.aspect
    area = Box(room.x + (room.width - width) / 2, room.y, width, height)
    painter, rect = page.painter, page.rect(area)
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    page.fill(area, "#f7f8fa")
    painter.setPen(solid_pen("#9aa5b1", 0.12 * k * page.px_per_mm))
    painter.setBrush(no_brush())
    painter.drawPath(_path(overview.lines, overview.extent, rect))
    painter.setPen(solid_pen("#3e4c59", 0.3 * k * page.px_per_mm))
    painter.drawPath(_path(overview.areas, overview.extent, rect))
    _paint_place(page, rect, overview.extent, extent, k)
    painter.restore()
    page.frame(area, 0.2 * k)


def _paint_place(page: Page, rect: QRectF, whole: Extent, extent: Extent, k: float) -> None:
    x, y, right, bottom = _on(
        whole, rect, np.array([[extent[0], extent[3]], [extent[2], extent[1]]])
    )
    least = _LEAST_FRAME_MM * k * page.px_per_mm
    width, height = max(right - x, least), max(bottom - y, least)
    middle_x, middle_y = (x + right) / 2, (y + bottom) / 2
    place = QRectF(middle_x - width / 2, middle_y - height / 2, width, height)
    page.painter.setPen(solid_pen(_FRAME_INK, 0.5 * k * page.px_per_mm))
    page.painter.setBrush(brush(_FRAME_INK + "20"))
    # Of a sheet that shows more than the town, the frame stands at the edge.
    edge = 0.4 * k * page.px_per_mm
    page.painter.drawRect(place.intersected(rect.adjusted(edge, edge, -edge, -edge)))


def _on(whole: Extent, rect: QRectF, coords: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(_placed(whole, rect, coords).ravel().tolist())


def _placed(whole: Extent, rect: QRectF, coords: NDArray[np.float64]) -> NDArray[np.float64]:
    x = rect.left() + (coords[:, 0] - whole[0]) / (whole[2] - whole[0]) * rect.width()
    y = rect.bottom() - (coords[:, 1] - whole[1]) / (whole[3] - whole[1]) * rect.height()
    return np.column_stack([x, y])


def _path(parts: tuple[NDArray[np.float64], ...], whole: Extent, rect: QRectF) -> QPainterPath:
    path = QPainterPath()
    for part in parts:
        for number, (x, y) in enumerate(_placed(whole, rect, part).tolist()):
            if number:
                path.lineTo(x, y)
            else:
                path.moveTo(x, y)
    return path
