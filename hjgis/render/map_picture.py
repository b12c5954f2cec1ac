"""The map on the screen: layers in memory painted into an image, whole or some rectangles of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from hjgis.layers.columns import LayerColumns
from hjgis.models.assets import Label
from hjgis.models.changes import Extent
from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol, Style
from hjgis.progress import SILENT, Progress
from hjgis.render.features import LayerPaint, shapes_paint
from hjgis.render.frame import MapFrame
from hjgis.render.labels import paint_labels
from hjgis.render.painter import paint_plain, paint_selected
from hjgis.render.raster.choice import Tier, paint_dense, tier

# Symbols, halos and antialiasing reach this far beyond what they stand for.
_REACH_MM: Final = 2.0
_MOST_SELECTED: Final = 3_000
_MOST_LABELLED: Final = 4_000
# What is fine on paper cannot be read on a screen: 9 pixels of one without scaling.
_LEAST_TEXT_MM: Final = 2.4


@dataclass(frozen=True, slots=True, eq=False)
class MapSource:
    """A layer in memory and how it looks."""

    columns: LayerColumns
    style: Style
    label: Label


class Texts(Protocol):
    """Where label texts come from."""

    def of(self, columns: LayerColumns, style: Style, fids: NDArray[np.int64]) -> list[str]:
        """Return the label of each feature."""


def tiers(frame: MapFrame, layers: Sequence[MapSource]) -> tuple[Tier | None, ...]:
    """Choose how each layer is painted in the whole frame; None where it does not show.

    Pieces of one picture must be painted alike, however few features each of them holds.
    """
    denominator = frame.scale_denominator
    return tuple(
        tier(layer.columns.parts, layer.style, frame)
        if layer.style.visible_at(denominator) and len(layer.columns)
        else None
        for layer in layers
    )


def paint_rect(
    painter: QPainter,
    frame: MapFrame,
    layers: Sequence[MapSource],
    chosen: Sequence[Tier | None],
    rect: QRect,
    *,
    progress: Progress = SILENT,
) -> None:
    """Paint a rectangle of the frame, without labels; pixels are those of the whole picture.

    Parameters
    ----------
    painter : QPainter
        Its origin is the frame's upper left corner.
    chosen : sequence of Tier or None
        What `tiers` said of the whole frame.
    rect : QRect
        Device pixels of the frame.
    """
    with _kept(painter):
        painter.setClipRect(rect)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing)
        for layer, how in zip(layers, chosen, strict=True):
            progress.check()
            if how == "dense":
                _paint_dense(painter, frame, layer, rect, progress)
            elif how is not None:
                area = rect_extent(frame, rect, margin_px=reach_px(layer.style, frame))
                shapes = layer.columns.in_view(area)
                paint = shapes_paint(layer.columns.layer, shapes, layer.style)
                paint_plain(painter, frame, paint, progress=progress)


def paint_selection(
    painter: QPainter,
    frame: MapFrame,
    layer: MapSource,
    fids: NDArray[np.int64],
    *,
    progress: Progress = SILENT,
) -> None:
    """Paint what is selected in a layer with its halo, on nothing."""
    whole = QRect(0, 0, round(frame.width_px), round(frame.height_px))
    area = rect_extent(frame, whole, margin_px=reach_px(layer.style, frame))
    if len(fids) <= _MOST_SELECTED:
        shapes = layer.columns.taken(fids)
    else:
        chosen = layer.columns.only(fids)
        shapes = chosen.in_view(area)
        if len(shapes) > _MOST_SELECTED:
            paint_dense(painter, frame, chosen.parts, layer.style, halo=True, progress=progress)
            return
    paint = shapes_paint(layer.columns.layer, shapes, layer.style)
    paint_selected(painter, frame, replace(paint, selected=np.ones(len(shapes), np.bool_)))


def paint_texts(
    painter: QPainter,
    frame: MapFrame,
    layers: Sequence[MapSource],
    texts: Texts,
    *,
    progress: Progress = SILENT,
) -> int:
    """Write the labels of all layers; return how many."""
    denominator = frame.scale_denominator
    if not any(layer.style.labels_at(denominator) for layer in layers):
        return 0
    paints = []
    for layer in layers:
        progress.check()
        if layer.style.visible_at(denominator):
            paints.append(_labelled(layer, frame, texts))
    return paint_labels(painter, frame, paints, progress=progress)


def rect_extent(frame: MapFrame, rect: QRect, *, margin_px: float = 0.0) -> Extent:
    """Return what a rectangle of the frame, grown by a margin, shows."""
    x_min, y_max = frame.to_map(rect.left() - margin_px, rect.top() - margin_px)
    right, bottom = rect.left() + rect.width(), rect.top() + rect.height()
    x_max, y_min = frame.to_map(right + margin_px, bottom + margin_px)
    return (x_min, y_min, x_max, y_max)


def reach_px(style: Style, frame: MapFrame) -> float:
    """Return how far a style's symbols reach from the coordinates that they stand for."""
    widest = max((_reach(item.symbol, frame) for item in style.all_classes), default=0.0)
    return widest * max(style.size_factor(frame.scale_denominator), 1.0) + frame.px(_REACH_MM)


def _reach(symbol: MarkerSymbol | LineSymbol | FillSymbol, frame: MapFrame) -> float:
    if isinstance(symbol, MarkerSymbol):
        return frame.px(symbol.size_mm) / 2
    if isinstance(symbol, LineSymbol):
        ground_px = symbol.ground_m / frame.m_per_px
        return max(frame.px(symbol.width_mm / 2 + symbol.casing_mm), ground_px / 2)
    return frame.px(symbol.outline_mm) / 2


def _paint_dense(
    painter: QPainter, frame: MapFrame, layer: MapSource, rect: QRect, progress: Progress
) -> None:
    """Paint a dense layer through a frame of just the rectangle: its cost follows its pixels."""
    extent = rect_extent(frame, rect)
    middle = ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
    part = replace(
        frame,
        center_x=middle[0],
        center_y=middle[1],
        width_px=rect.width(),
        height_px=rect.height(),
    )
    with _kept(painter):
        painter.translate(rect.left(), rect.top())
        paint_dense(painter, part, layer.columns.parts, layer.style, progress=progress)


@contextmanager
def _kept(painter: QPainter) -> Iterator[None]:
    """Leave the painter as it was, also when painting is given up."""
    painter.save()
    try:
        yield
    finally:
        painter.restore()


def _labelled(layer: MapSource, frame: MapFrame, texts: Texts) -> LayerPaint:
    style = layer.style
    shapes = layer.columns.in_view(frame.extent)
    words: list[str] = []
    if style.labels_at(frame.scale_denominator):
        step = 1 + len(shapes) // _MOST_LABELLED
        # By row number, not by order: the choice stays the same while the map moves.
        asked = np.flatnonzero(shapes.fids % step == 0)
        words = [""] * len(shapes)
        found = texts.of(layer.columns, style, shapes.fids[asked])
        for row, word in zip(asked.tolist(), found, strict=True):
            words[row] = word
    return shapes_paint(layer.columns.layer, shapes, _readable(style, frame), texts=words)


def _readable(style: Style, frame: MapFrame) -> Style:
    """Return a style whose labels can be read on a screen; none where none are to be seen."""
    label = style.label
    if label is None or not style.labels_at(frame.scale_denominator):
        return replace(style, label=None)
    return replace(style, label=replace(label, size_mm=max(label.size_mm, _LEAST_TEXT_MM)))
