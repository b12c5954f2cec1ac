"""Where findings lie: the town in grey, the findings on it, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from hjgis.cartography.reading import read_layers
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.issues import Severity
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import ensure_application
from hjgis.render.frame import MapFrame
from hjgis.render.instruments import paint_north_arrow, paint_scale_bar
from hjgis.render.painter import paint_layers
from hjgis.render.symbols import brush, color, no_pen

COLOURS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "#b3261e",
    Severity.WARNING: "#b26a00",
    Severity.INFO: "#1565c0",
}
# What tells where one is; the rest of the town would hide the findings.
_BELOW: Final = ("boundary", "road")
_MARGIN: Final = 1.06
_USUAL: Final = (0.02, 0.98)
_FADED: Final = "#ffffff70"
_DPI: Final = 110.0
_SIZE_PX: Final = (1100, 720)


def findings_picture(
    project: Project,
    places: Mapping[Severity, NDArray[np.float64]],
    *,
    progress: Progress = SILENT,
) -> bytes | None:
    """Return a map of findings as PNG; None where nothing has a place.

    Parameters
    ----------
    places : mapping of Severity to array of float64, shape (n, 2)
        Where findings lie, project CRS; NaN is left out. Errors are painted last.
    """
    extent = _extent(project, places)
    if extent is None:
        return None
    ensure_application()
    width, height = _SIZE_PX
    frame = _frame(extent, width, height)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = [name for name in project.map_types if name in _BELOW]
        layers = read_layers(project, names, frame, subject=names, progress=progress)
        paint_layers(painter, frame, layers, vector=False)
        painter.fillRect(image.rect(), color(_FADED))
        for severity in reversed(Severity):
            _paint_places(painter, frame, places.get(severity), severity)
        paint_north_arrow(painter, QRectF(width - 46, 10, 36, 52))
        bar = QRectF(10, height - 34, 240, 26)
        paint_scale_bar(painter, bar, m_per_px=frame.m_per_px, dpi=frame.dpi, segments=2)
    finally:
        painter.end()
    return _png(image)


def _extent(project: Project, places: Mapping[Severity, NDArray[np.float64]]) -> Extent | None:
    found = np.concatenate([np.empty((0, 2)), *places.values()])
    found = found[np.isfinite(found).all(axis=1)]
    if not len(found):
        return None
    # A point read from zero is a finding; the map is of the town.
    extents = map(project.store.extent, _BELOW)
    boxes = [box for box in extents if box is not None and np.isfinite(box).all()]
    usual = np.quantile(found, _USUAL, axis=0).reshape(1, 4)
    corners = np.array(boxes, dtype=np.float64) if boxes else usual
    west, south = corners[:, :2].min(axis=0).tolist()
    east, north = corners[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def _frame(extent: Extent, width: int, height: int) -> MapFrame:
    wide, high = extent[2] - extent[0], extent[3] - extent[1]
    m_per_px = max(wide / width, high / height, 0.05) * _MARGIN
    denominator = m_per_px * _DPI / 0.0254
    middle = ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
    return MapFrame.at_scale(middle, denominator, width_px=width, height_px=height, dpi=_DPI)


def _paint_places(
    painter: QPainter, frame: MapFrame, xy: NDArray[np.float64] | None, severity: Severity
) -> None:
    """Paint squares, triangles or discs: told apart by shape as well as by colour."""
    if xy is None or not len(xy):
        return
    at = frame.to_device(xy[np.isfinite(xy).all(axis=1)])
    # Many at one place are one mark.
    at = np.unique(np.round(at), axis=0)
    painter.setPen(no_pen())
    painter.setBrush(brush(COLOURS[severity]))
    for x, y in at.tolist():
        if severity is Severity.ERROR:
            painter.drawRect(QRectF(x - 3.2, y - 3.2, 6.4, 6.4))
        elif severity is Severity.WARNING:
            painter.drawPolygon(
                [QPointF(x, y - 3.8), QPointF(x + 3.8, y + 3), QPointF(x - 3.8, y + 3)]
            )
        else:
            painter.drawEllipse(QPointF(x, y), 2.6, 2.6)


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())
