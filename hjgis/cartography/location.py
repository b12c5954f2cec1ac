"""The location sketch of an asset's file: a small map with the asset marked."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF

from hjgis.cartography.composition import NICE_SCALES, scale_text
from hjgis.cartography.extents import middle_of
from hjgis.cartography.page import Page
from hjgis.cartography.reading import AROUND_MM, read_layers
from hjgis.layers.project import Project
from hjgis.models.changes import Extent, FeatureKey
from hjgis.models.sheets import Box
from hjgis.models.styles.style import Style
from hjgis.models.styles.stylefile import style_for
from hjgis.render.features import LayerPaint, layer_paint
from hjgis.render.frame import MM_PER_INCH, MapFrame
from hjgis.render.instruments import paint_north_arrow, paint_scale_bar
from hjgis.render.painter import paint_layers
from hjgis.render.symbols import color, no_brush, solid_pen

_LARGEST: Final = 500
_FREE_MM: Final = 8.0
_MARK_MM: Final = 3.2
_MARK_INK: Final = "#d0021b"
# Whose names stand in the middle of areas larger than the sketch, over the asset itself.
_LEFT_OUT: Final = frozenset({"grid", "boundary", "service_area"})


def sketch_scale(extent: Extent, box: Box) -> float:
    """Return the n of the scale at which an asset fits its sketch: 1:500, or the next usual one."""
    width_m, height_m = extent[2] - extent[0], extent[3] - extent[1]
    needed = 1000 * max(
        width_m / (box.width - 2 * _FREE_MM), height_m / (box.height - 2 * _FREE_MM)
    )
    usual = [scale for scale in NICE_SCALES if scale >= _LARGEST]
    return float(next((scale for scale in usual if scale >= needed), usual[-1]))


def paint_location(
    project: Project, key: FeatureKey, fid: int, extent: Extent, page: Page, box: Box
) -> None:
    """Paint what lies around an asset, the asset marked, with scale bar and north arrow.

    Parameters
    ----------
    extent : tuple of float
        Of the asset, project CRS.
    """
    scale = sketch_scale(extent, box)
    frame = MapFrame.at_scale(
        middle_of(extent),
        scale,
        width_px=box.width * page.px_per_mm,
        height_px=box.height * page.px_per_mm,
        dpi=page.px_per_mm * MM_PER_INCH,
    )
    names = [name for name in project.map_types if name not in _LEFT_OUT or name == key.layer]
    position = names.index(key.layer)
    layers = read_layers(project, [name for name in names if name != key.layer], frame)
    layers.insert(position, _own_layer(project, key, fid, frame))
    area = page.rect(box)
    page.painter.save()
    page.painter.setClipRect(area)
    page.painter.translate(area.topLeft())
    paint_layers(page.painter, frame, layers, vector=True)
    _paint_mark(page, frame, project.get(key).geometry)
    page.painter.restore()
    page.frame(box, 0.25)
    paint_furniture(page, box, frame)


def _own_layer(project: Project, key: FeatureKey, fid: int, frame: MapFrame) -> LayerPaint:
    asset = project.asset_type(key.layer)
    style: Style = style_for(asset)
    table = project.table(key.layer, style.columns, extent=frame.grown(frame.px(AROUND_MM)))
    selected = np.array([fid], np.int64)
    return layer_paint(table, style, label=asset.label, selected_fids=selected)


def _paint_mark(page: Page, frame: MapFrame, place: shapely.Geometry | None) -> None:
    """Paint a ring around a point; lines and areas are marked as what is selected is."""
    if not isinstance(place, shapely.Point):
        return
    x, y = frame.to_device(np.array([[place.x, place.y]]))[0]
    radius = _MARK_MM * page.px_per_mm
    page.painter.setPen(solid_pen(color(_MARK_INK).name(), 0.6 * page.px_per_mm))
    page.painter.setBrush(no_brush())
    page.painter.drawEllipse(QPointF(x, y), radius, radius)


def paint_furniture(page: Page, box: Box, frame: MapFrame) -> None:
    """Paint north arrow, scale bar and scale into the corners of a sketch."""
    arrow = Box(box.right - 10, box.y + 1.5, 8, 13)
    page.fill(arrow, "#ffffffc0")
    paint_north_arrow(page.painter, page.rect(arrow))
    bar = Box(box.x + 1, box.bottom - 8.5, 46, 7.5)
    page.fill(bar, "#ffffffd0")
    paint_scale_bar(
        page.painter,
        QRectF(page.rect(Box(bar.x, bar.y, 32, bar.height - 0.8))),
        m_per_px=frame.m_per_px,
        dpi=frame.dpi,
        segments=2,
    )
    words = Box(bar.x + 31, bar.y + 2, 14.5, 5)
    page.text(words, scale_text(frame.scale_denominator), 2.6, align="right", bold=True)
