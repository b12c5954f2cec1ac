"""A layer in a frame: where its shapes lie on the device, and what one call may draw on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPen

from hjgis.layers.parts import within
from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol
from hjgis.progress import SILENT, Progress
from hjgis.render.batches import Drawing, batches
from hjgis.render.culling import (
    clipped_parts,
    clipped_together,
    in_paint_order,
    in_view,
    ranges,
)
from hjgis.render.features import LayerPaint
from hjgis.render.frame import FINE_DPI, MapFrame
from hjgis.render.strokes import casing_pen, line_pen, outline_pen, writes_letters
from hjgis.render.symbols import Stroke, brush, dots, marker_strokes, no_brush

Coords = NDArray[np.float64]
Rows = NDArray[np.int64]

# What lies farther outside than this and half a symbol is cut off: Qt's dashes suffer from far-off
# points, and a sheet must not carry what it does not show. On the screen dashes and letters must
# keep their places while the map is moved, so that pieces of it can be painted one by one.
_CUT_MM: Final = 0.25
_SCREEN_CUT_PX: Final = 8000.0
# To cut what hardly reaches out takes longer than to draw it.
_WHOLE_MM: Final = 1.5
# What is drawn together on paper may not touch, rounded as it is.
_SLACK_MM: Final = 0.02
_FAR_PX: Final = 1e7
_DOT_MM: Final = 0.01
# So many dots of one pen are drawn before those of the next.
_DOTS: Final = 500


# Shapes may reach to infinity; what comes of it is seen by nobody.
@np.errstate(invalid="ignore")
def drawings(
    frame: MapFrame, layer: LayerPaint, *, progress: Progress = SILENT
) -> list[Drawing] | None:
    """Return all that is seen of a layer on paper as few drawings, in their order.

    None if it has more than plain lines, areas and discs, if some of it is selected, or if so
    little of it may be drawn together that a painter does as well.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    if layer.selected is not None or not layer.style.visible_at(frame.scale_denominator):
        return None
    placed = PlacedLayer(frame, layer, vector=True, progress=progress)
    together = placed.together(placed.rows())
    if together is None:
        return None
    found = []
    for one in together:
        progress.check()
        if not isinstance(one, Drawing):
            return None
        found.append(one)
    return found


@np.errstate(invalid="ignore")
def symbols_placed(
    frame: MapFrame, layer: LayerPaint, *, progress: Progress = SILENT
) -> tuple[list[tuple[Stroke, ...]], Coords, NDArray[np.uint8]]:
    """Return the point symbols of a layer on paper, and where they stand.

    Returns
    -------
    (list of tuple of Stroke, array of shape (n, 2), array of shape (n,))
        What draws the symbol of each class; the places in drawing order and their classes.
    """
    placed = PlacedLayer(frame, layer, vector=True, progress=progress)
    rows = placed.rows()
    return placed.symbols(), placed.points(rows), layer.classes[rows]


class PlacedLayer:
    """One layer in one frame.

    Parameters
    ----------
    vector : bool
        Whether the device is paper; see `painter.paint_layers`.
    """

    def __init__(
        self, frame: MapFrame, layer: LayerPaint, *, vector: bool, progress: Progress
    ) -> None:
        self._frame, self._layer = frame, layer
        self._vector, self._progress = vector, progress
        self._factor = layer.style.size_factor(frame.scale_denominator)
        self._cut = frame.grown(frame.px(_CUT_MM) + self._reach_px())
        kept_px = frame.px(_CUT_MM + _WHOLE_MM) + self._reach_px()
        self._keep = frame.grown(kept_px if vector else _SCREEN_CUT_PX)
        self._device = self._placed(layer.coords)
        self._whole = within(layer.bounds, self._keep)

    def rows(self) -> Rows:
        """Return what is seen, in drawing order."""
        return in_paint_order(self._layer, in_view(self._layer, self._cut))

    def symbols(self) -> list[tuple[Stroke, ...]]:
        """Return what draws the point symbol of each class."""
        unit, factor = self._frame.px(1.0), self._factor
        return [marker_strokes(symbol, unit, factor) for symbol in self._markers()]

    def points(self, rows: Rows) -> Coords:
        """Return where the points of some rows lie on the device."""
        return np.take(self._device, self._layer.rings[self._layer.features[rows]], axis=0)

    def together(self, rows: Rows) -> Iterator[Drawing | Rows] | None:
        """Return, on paper, few drawings, and between them rows of which they do not show all.

        None if it is not worth while.
        """
        find = {"marker": self._dots, "line": self._lines, "fill": self._areas}
        return find[self._layer.style.kind](rows) if self._vector else None

    def _dots(self, rows: Rows) -> Iterator[Drawing | Rows] | None:
        pens = [dots(symbol, self._frame.px(1.0), self._factor) for symbol in self._markers()]
        if not any(pens) or self._layer.style.opacity < 1:
            return None
        found = self._batches(rows, [False] * len(pens))
        return None if found is None else self._dots_and_others(found, pens)

    def _dots_and_others(
        self, found: Sequence[Rows], pens: Sequence[Sequence[QPen]]
    ) -> Iterator[Drawing | Rows]:
        nothing = no_brush()
        for rows in found:
            dotted = pens[self._layer.classes[rows[0]]]
            if not dotted:
                yield rows
                continue
            points = self.points(rows)
            # Neighbours together pack well, and so do the same places soon again.
            points = points[np.lexsort((points[:, 1], points[:, 0] // self._frame.px(1.0)))]
            # A reader need not draw a line without length.
            ends = points + np.array([0.0, self._frame.px(_DOT_MM)])
            for start in range(0, len(points), _DOTS):
                some = slice(start, start + _DOTS)
                lines = np.concatenate([points[some], ends[some]], axis=1).reshape(-1, 2)
                for pen in dotted:
                    yield Drawing(lines, np.arange(0, len(lines) + 1, 2), pen, nothing)

    def _lines(self, rows: Rows) -> Iterator[Drawing | Rows] | None:
        """Find casings first, then lines, so that crossings are open."""
        symbols = self._line_symbols()
        pens = self._line_pens(symbols)
        opaque = [all(map(_is_opaque, both)) for both in zip(*pens, strict=True)]
        writes = np.array([writes_letters(item, self._frame, self._factor) for item in symbols])
        found = self._batches(rows, opaque)
        written = rows[writes[self._layer.classes[rows]]]
        return None if found is None else self._lines_and_letters(found, pens, written)

    def _lines_and_letters(
        self, found: Sequence[Rows], strokes: Sequence[Sequence[QPen | None]], written: Rows
    ) -> Iterator[Drawing | Rows]:
        outlines, nothing = self._outlines(found), no_brush()
        for pens in strokes:
            for rows, (coords, ends) in zip(found, outlines, strict=True):
                pen = pens[self._layer.classes[rows[0]]]
                if pen is not None:
                    yield Drawing(coords, ends, pen, nothing)
        if len(written):
            yield written

    def _areas(self, rows: Rows) -> Iterator[Drawing | Rows] | None:
        symbols = self._fill_symbols()
        found = self._batches(rows, [False] * len(symbols))
        return None if found is None else self._areas_and_hatches(found, symbols)

    def _areas_and_hatches(
        self, found: Sequence[Rows], symbols: Sequence[FillSymbol]
    ) -> Iterator[Drawing | Rows]:
        pens = [outline_pen(symbol, self._frame, self._factor) for symbol in symbols]
        brushes = [brush(symbol.fill) for symbol in symbols]
        for rows, (coords, ends) in zip(found, self._outlines(found), strict=True):
            index = self._layer.classes[rows[0]]
            if symbols[index].hatch != "none":
                yield rows
            else:
                yield Drawing(coords, ends, pens[index], brushes[index])

    def _batches(self, rows: Rows, free: Sequence[bool]) -> list[Rows] | None:
        """Divide rows into what may be drawn in one call; None if that is not worth while."""
        boxes = self._layer.bounds[rows]
        corners = [self._frame.to_device(boxes[:, some]) for some in ([0, 3], [2, 1])]
        reach = self._reach_px() + self._frame.px(_SLACK_MM)
        covered = np.concatenate([corners[0] - reach, corners[1] + reach], axis=1)
        np.clip(covered, -_FAR_PX, _FAR_PX, out=covered)
        free_classes = np.array(free) & (self._layer.style.opacity >= 1)
        found = batches(covered, self._layer.classes[rows], free_classes)
        return None if found is None else [rows[some] for some in found]

    def _outlines(self, found: Sequence[Rows]) -> list[tuple[Coords, Rows]]:
        """Return lines or rings of each batch, cut if they go far out, and where each begins."""
        layer, rows = self._layer, np.concatenate([np.empty(0, np.int64), *found])
        far = np.flatnonzero(~self._whole[rows])
        cut, cut_ends, cut_of = clipped_together(layer, rows[far], self._keep)
        # What is cut stands behind all that is not, ring by ring and vertex by vertex.
        rings = np.concatenate([layer.rings, cut_ends[1:] + len(self._device)])
        coords = np.concatenate([self._device, self._placed(cut)])
        first, last = layer.features[rows], layer.features[rows + 1]
        which = np.arange(len(far))
        first[far] = len(layer.rings) - 1 + np.searchsorted(cut_of, which, "left")
        last[far] = len(layer.rings) - 1 + np.searchsorted(cut_of, which, "right")
        held, ring_ends = ranges(first, last)
        vertices, ends = ranges(rings[held], rings[held + 1])
        placed = np.take(coords, vertices, axis=0)
        batch_ends = ring_ends[np.cumsum([0, *map(len, found)])].tolist()
        return [
            (placed[ends[start] : ends[stop]], ends[start : stop + 1] - ends[start])
            for start, stop in pairwise(batch_ends)
        ]

    def _parts(self, row: int) -> list[Coords]:
        """Return the parts of a feature in device pixels, cut where they go far out."""
        if self._whole[row]:
            first, last = self._layer.features[row : row + 2].tolist()
            ends = self._layer.rings[first : last + 1].tolist()
            return [self._device[start:end] for start, end in pairwise(ends)]
        cut = clipped_parts(self._layer, row, self._keep)
        return [self._placed(part) for part in cut]

    def _placed(self, coords: Coords) -> Coords:
        """Return device pixels; whole ones on paper, where they are 0.01 mm and files shorter."""
        device = self._frame.to_device(coords)
        fine = self._vector and self._frame.dpi >= FINE_DPI
        return np.rint(device, out=device) if fine else device

    def _markers(self) -> list[MarkerSymbol]:
        symbols = [item.symbol for item in self._layer.style.all_classes]
        return [symbol for symbol in symbols if isinstance(symbol, MarkerSymbol)]

    def _line_symbols(self) -> list[LineSymbol]:
        symbols = [item.symbol for item in self._layer.style.all_classes]
        return [symbol for symbol in symbols if isinstance(symbol, LineSymbol)]

    def _fill_symbols(self) -> list[FillSymbol]:
        symbols = [item.symbol for item in self._layer.style.all_classes]
        return [symbol for symbol in symbols if isinstance(symbol, FillSymbol)]

    def _line_pens(self, symbols: Sequence[LineSymbol]) -> list[Sequence[QPen | None]]:
        """Return the pens of all casings, if there are any, and of all lines."""
        casings = [casing_pen(symbol, self._frame, self._factor) for symbol in symbols]
        pens = [line_pen(symbol, self._frame, self._factor) for symbol in symbols]
        return [casings, pens] if any(casings) else [pens]

    def _reach_px(self) -> float:
        """Return how far a symbol reaches from its point or line."""
        lines = self._line_symbols()
        reach_mm = [symbol.size_mm for symbol in self._markers()]
        reach_mm += [symbol.width_mm + 2 * symbol.casing_mm for symbol in lines]
        ground_px = max((symbol.ground_m for symbol in lines), default=0.0) / self._frame.m_per_px
        return max(self._frame.px(max(reach_mm, default=0.0) * self._factor), ground_px) / 2


def _is_opaque(pen: QPen | None) -> bool:
    return pen is None or pen.color().alpha() == 255
