"""A map without a sheet around it, as large as a picture on the screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.composition import Composition
from hjgis.models.sheets import Box, Sheet, SheetItem
from hjgis.progress import Progress
from hjgis.render.frame import MapFrame
from hjgis.render.painter import paint_layers

_PX_PER_MM: Final = 3.0


def bare_sheet(size_px: QSize) -> Sheet:
    """Return a sheet that is nothing but a map."""
    size_mm = (size_px.width() / _PX_PER_MM, size_px.height() / _PX_PER_MM)
    nobody = {"en": "", "zh_CN": ""}
    whole = SheetItem("map", "map", Box(0, 0, *size_mm))
    return Sheet("bare", nobody, size_mm, nobody, 0.0, 1.0, (whole,))


def bare_frame(page: Composition, ratio: float = 1.0) -> MapFrame:
    """Return the frame in which the map of a bare sheet is painted."""
    return page.frame(_PX_PER_MM * ratio)


def bare_map(page: Composition, size_px: QSize, *, ratio: float, progress: Progress) -> QImage:
    """Return the map of a bare sheet as a picture for a screen of so many dots a pixel."""
    image = QImage(size_px * ratio, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_layers(painter, bare_frame(page, ratio), page.layers, progress=progress)
    finally:
        painter.end()
    image.setDevicePixelRatio(ratio)
    return image
