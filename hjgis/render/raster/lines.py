"""Very many lines: their pixels are marked one wide, then grown to the width of their pens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtGui import QPainter, QPen

from hjgis.layers.parts import Part
from hjgis.models.styles.style import LineSymbol, Style
from hjgis.progress import SILENT, Progress
from hjgis.render.frame import MapFrame
from hjgis.render.raster.batches import batches
from hjgis.render.raster.grid import (
    Canvas,
    Footprint,
    Grid,
    Masks,
    disc,
    premultiplied,
    reach_of,
)
from hjgis.render.raster.segments import Segments, write_segments
from hjgis.render.strokes import casing_pen, halo_pens, line_pen

_NO_LINE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Stroke:
    """One pen of a class: its pixels, its premultiplied colour; nothing if it draws nothing."""

    footprint: Footprint
    color: int

    @classmethod
    def of(cls, pen: QPen | None) -> Stroke | None:
        """Return what a pen draws; one thinner than a pixel is a pale one of a pixel."""
        if pen is None or pen.widthF() < _NO_LINE:
            return None
        color = premultiplied(pen.color().rgba(), min(pen.widthF(), 1.0))
        return cls(disc(pen.widthF()), color)


# The strokes of all classes that are drawn at the same time.
_Layer = list[Stroke | None]


def paint_lines(
    painter: QPainter,
    frame: MapFrame,
    parts: Sequence[Part],
    style: Style,
    *,
    halo: bool = False,
    progress: Progress = SILENT,
) -> None:
    """Paint the lines of a layer, casings first; dashes and letters drop out."""
    layers = _layers(style, frame, halo=halo)
    footprints = [stroke.footprint for layer in layers for stroke in layer if stroke]
    grid = Grid(frame, 1 + reach_of(footprints))
    canvas, widths = Canvas(grid), widths_of(layers)
    for level in sorted({item.level for item in style.all_classes}):
        masks = Masks(grid, widths)
        for batch in batches(parts, grid.extent, style, level, progress):
            x, y = grid.place(batch.shapes.coords)
            values = batch.vertex_values()
            masks.write(x, y, values, inside=batch.inside)
            segments = Segments.of(batch.shapes, x, y, values)
            write_segments(grid, masks, segments, inside=batch.inside)
        for layer in layers:
            lay_strokes(canvas, masks, layer)
    canvas.show(painter, style.opacity)


def widths_of(layers: Sequence[_Layer]) -> list[tuple[Footprint | None, ...] | None]:
    """Return what decides the mask of each class: the widths of all its strokes."""
    each = [
        tuple(stroke.footprint if stroke else None for stroke in strokes)
        for strokes in zip(*layers, strict=True)
    ]
    return [widths if any(widths) else None for widths in each]


def lay_strokes(canvas: Canvas, masks: Masks, strokes: Sequence[Stroke | None]) -> None:
    """Colour masks by the stroke of each class."""
    for classes, mask in zip(masks.members, masks.masks, strict=True):
        first = strokes[classes[0]]
        if first is None or not mask.any():
            continue
        colors = np.zeros(256, np.uint32)
        for index in classes:
            stroke = strokes[index]
            colors[index + 1] = stroke.color if stroke else 0
        canvas.lay(mask, first.footprint, colors)


def _layers(style: Style, frame: MapFrame, *, halo: bool) -> list[_Layer]:
    factor = style.size_factor(frame.scale_denominator)
    symbols = [item.symbol for item in style.all_classes if isinstance(item.symbol, LineSymbol)]
    pens: list[list[QPen | None]] = [
        [casing_pen(symbol, frame, factor) for symbol in symbols],
        [line_pen(symbol, frame, factor) for symbol in symbols],
    ]
    if halo:
        widths = [(symbol.width_mm + 2 * symbol.casing_mm) * factor for symbol in symbols]
        halos = [halo_pens(width, frame) for width in widths]
        pens = [[dark for dark, _light in halos], [light for _dark, light in halos], *pens]
    layers = [[Stroke.of(pen) for pen in layer] for layer in pens]
    return [layer for layer in layers if any(layer)]
