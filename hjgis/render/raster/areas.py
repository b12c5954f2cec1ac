"""Very many areas, each in the way that suits its size on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from hjgis.layers.parts import Part
from hjgis.models.shapes import Shapes
from hjgis.models.styles.style import FillSymbol, Style
from hjgis.progress import SILENT, Progress
from hjgis.render.features import shapes_paint
from hjgis.render.frame import MapFrame
from hjgis.render.painter import paint_plain
from hjgis.render.raster.batches import Batch, batches
from hjgis.render.raster.fills import fill_areas
from hjgis.render.raster.grid import Canvas, Grid, Mask, Masks, disc, mixed, over, premultiplied
from hjgis.render.raster.lines import Stroke, lay_strokes, widths_of
from hjgis.render.raster.segments import Segments, write_segments
from hjgis.render.strokes import halo_pens, outline_pen
from hjgis.render.symbols import color

# Up to this an area is one pixel, then a spot, then filled pixel by pixel, then QPainter's.
_DOT_PX: Final = 1.5
_SPOT_PX: Final = 6.0
_FILLED_PX: Final = 14.0
# Hatching that drops out leaves this much of its colour.
_HATCH_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    """What is written of areas: spots of mixed colour, insides, edges."""

    spots: Masks
    insides: Masks
    edges: Masks


def paint_areas(
    painter: QPainter,
    frame: MapFrame,
    parts: Sequence[Part],
    style: Style,
    *,
    halo: bool = False,
    progress: Progress = SILENT,
) -> None:
    """Paint the areas of a layer; hatches become a light tone, small outlines mix with it."""
    strokes, halos = _outlines(style, frame), _halos(style, frame) if halo else []
    grid = Grid(frame, 2 + max((_reach(layer) for layer in (strokes, *halos)), default=0))
    canvas, widths = Canvas(grid), widths_of([*halos, strokes])
    plain = [0] * len(style.all_classes)
    for level in sorted({item.level for item in style.all_classes}):
        masks = _Layers(Masks(grid, plain), Masks(grid, plain), Masks(grid, widths))
        large = _write_level(grid, masks, parts, style, level, all_edges=halo, progress=progress)
        if large and not halo:
            for shapes in large:
                paint = shapes_paint("", shapes, style)
                paint_plain(painter, frame, paint, progress=progress)
        for layer in halos:
            lay_strokes(canvas, masks.edges, layer)
        _lay(canvas, masks, style, strokes, filled=not halo)
    canvas.show(painter, style.opacity)


def _write_level(
    grid: Grid,
    masks: _Layers,
    parts: Sequence[Part],
    style: Style,
    level: int,
    *,
    all_edges: bool,
    progress: Progress,
) -> list[Shapes]:
    """Write what is small into the masks; return what is large."""
    large = []
    filled = np.array([_is_filled(item.symbol) for item in style.all_classes])
    for batch in batches(parts, grid.extent, style, level, progress):
        boxes = batch.boxes
        sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        size_px = sides / grid.frame.m_per_px
        _write_middles(grid, masks.edges if all_edges else masks.spots, batch, boxes, size_px)
        if all_edges:
            _write_edges(grid, masks.edges, batch.shapes, batch.values, inside=batch.inside)
            continue
        hollow = ~filled[batch.shapes.classes] & (size_px > _DOT_PX)
        spots = (size_px > _DOT_PX) & (size_px <= _SPOT_PX) & ~hollow
        whole = (size_px > _SPOT_PX) & (size_px <= _FILLED_PX) & ~hollow
        for chosen, filling in ((spots, masks.spots), (whole, masks.insides)):
            _fill(grid, filling.masks[0], batch, np.flatnonzero(chosen))
        edged = np.flatnonzero(whole | (hollow & (size_px <= _FILLED_PX)))
        if len(edged):
            some, values = batch.shapes.taken(edged), batch.values[edged]
            _write_edges(grid, masks.edges, some, values, inside=batch.inside)
        rows = np.flatnonzero(size_px > _FILLED_PX)
        if len(rows):
            large.append(batch.shapes.taken(rows))
    return large


def _write_middles(
    grid: Grid,
    masks: Masks,
    batch: Batch,
    boxes: NDArray[np.float64],
    size_px: NDArray[np.float64],
) -> None:
    """Mark the middle of every small area: a thin one may have no pixel of its own."""
    small, values = size_px <= _SPOT_PX, batch.values
    if not small.all():
        rows = np.flatnonzero(small)
        boxes, values = np.take(boxes, rows, axis=0), values[rows]
    middles = np.empty((len(boxes), 2))
    for axis in (0, 1):
        np.add(boxes[:, axis], boxes[:, axis + 2], out=middles[:, axis])
        middles[:, axis] *= 0.5
    x, y = grid.place(middles)
    masks.write(x, y, values, inside=batch.inside)


def _fill(grid: Grid, mask: Mask, batch: Batch, rows: NDArray[np.intp]) -> None:
    if len(rows):
        some = batch.shapes if len(rows) == len(batch.shapes) else batch.shapes.taken(rows)
        x, y = grid.place(some.coords)
        fill_areas(grid, mask, some, x, y, batch.values[rows])


def _write_edges(
    grid: Grid, masks: Masks, shapes: Shapes, values: NDArray[np.uint8], *, inside: bool
) -> None:
    x, y = grid.place(shapes.coords)
    each = np.repeat(values, np.diff(shapes.vertex_offsets()))
    masks.write(x, y, each, inside=inside)
    write_segments(grid, masks, Segments.of(shapes, x, y, each), inside=inside)


def _lay(
    canvas: Canvas,
    masks: _Layers,
    style: Style,
    strokes: Sequence[Stroke | None],
    *,
    filled: bool,
) -> None:
    if filled:
        insides, spots = np.zeros(256, np.uint32), np.zeros(256, np.uint32)
        for index, item in enumerate(style.all_classes):
            stroke = strokes[index]
            inside = _inside_color(item.symbol)
            edge = stroke.color if stroke else inside
            insides[index + 1] = inside
            spots[index + 1] = mixed(inside or edge, over(edge, inside), 0.5)
        canvas.lay(masks.insides.masks[0], disc(1), insides)
        canvas.lay(masks.spots.masks[0], disc(1), spots)
    lay_strokes(canvas, masks.edges, strokes)


def _is_filled(symbol: object) -> bool:
    return isinstance(symbol, FillSymbol) and bool(symbol.fill or symbol.hatch != "none")


def _inside_color(symbol: object) -> int:
    """Return what the inside of an area looks like from afar, premultiplied."""
    if not isinstance(symbol, FillSymbol) or not _is_filled(symbol):
        return 0
    hatch = premultiplied(color(symbol.hatch_color).rgba())
    if symbol.hatch == "none":
        return premultiplied(color(symbol.fill or "").rgba())
    below = premultiplied(color(symbol.fill).rgba()) if symbol.fill else 0
    return mixed(below, hatch, _HATCH_SHARE)


def _outlines(style: Style, frame: MapFrame) -> list[Stroke | None]:
    factor = style.size_factor(frame.scale_denominator)
    symbols = [item.symbol for item in style.all_classes if isinstance(item.symbol, FillSymbol)]
    return [Stroke.of(outline_pen(symbol, frame, factor)) for symbol in symbols]


def _halos(style: Style, frame: MapFrame) -> list[list[Stroke | None]]:
    factor = style.size_factor(frame.scale_denominator)
    symbols = [item.symbol for item in style.all_classes if isinstance(item.symbol, FillSymbol)]
    pens = [halo_pens(symbol.outline_mm * factor, frame) for symbol in symbols]
    return [[Stroke.of(pen) for pen in layer] for layer in zip(*pens, strict=True)]


def _reach(strokes: Sequence[Stroke | None]) -> int:
    return max((abs(stroke.footprint[0][0]) + 1 for stroke in strokes if stroke), default=0)
