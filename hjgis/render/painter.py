"""Paint layers on any QPainter: the screen's picture, a PDF page, an SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from hjgis.layers.parts import within
from hjgis.models.style import FillSymbol, LineSymbol, MarkerSymbol
from hjgis.progress import SILENT, Progress
from hjgis.render.batches import batches, path_of
from hjgis.render.culling import clipped_parts, in_paint_order, in_view, ranges
from hjgis.render.features import LayerPaint
from hjgis.render.frame import FINE_DPI, MapFrame
from hjgis.render.labels import paint_labels
from hjgis.render.strokes import (
    area_path,
    casing_pen,
    draw_segments,
    halo_pens,
    line_path,
    line_pen,
    outline_pen,
    packable,
    paint_area,
    paint_letters,
    polygon,
    segments,
    stroke_exactly,
    stroke_seen,
    writes_letters,
)
from hjgis.render.symbols import (
    Stroke,
    brush,
    dots,
    halo_strokes,
    marker_strokes,
    no_brush,
    paint_strokes,
    sprite,
)

Coords = NDArray[np.float64]

# What lies farther outside than this and half a symbol is cut off: Qt's dashes suffer from far-off
# points, and a sheet must not carry what it does not show. On the screen dashes and letters must
# keep their places while the map is moved, so that pieces of it can be painted one by one.
_CUT_MM: Final = 0.25
_SCREEN_CUT_PX: Final = 8000.0
# To cut what hardly reaches out takes longer than to draw it.
_WHOLE_MM: Final = 1.5
# From so many on, thin lines are drawn without joints, which take a third of the time.
_MANY_LINES: Final = 500
_THIN_PX: Final = 1.05
# Between two looks at the cancel button; one draw call never holds more than one feature.
_CHUNK: Final = 500
# What is drawn together on paper may not touch, rounded as it is.
_SLACK_MM: Final = 0.02
_FAR_PX: Final = 1e7
_DOT_MM: Final = 0.01


# Shapes may reach to infinity; what comes of it is seen by nobody.
@np.errstate(invalid="ignore")
def paint_layers(
    painter: QPainter,
    frame: MapFrame,
    layers: Sequence[LayerPaint],
    *,
    vector: bool = False,
    labels: bool = True,
    progress: Progress = SILENT,
) -> None:
    """Paint layers and labels into a frame whose upper left corner is the painter's origin.

    May run in any thread.

    Parameters
    ----------
    layers : sequence of LayerPaint
        In draw order, the lowest first. Layers that do not show at the frame's scale are left
        out, but for what is selected in them.
    vector : bool
        Symbols stay vectors and text stays text (PDF, SVG); otherwise symbols are pictures.
    labels : bool
        Whether labels are written; without them layers can be painted one by one.
    progress : Progress
        Hears every layer; asked every 500 features whether to go on.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    painter.save()
    painter.setClipRect(QRectF(0, 0, frame.width_px, frame.height_px))
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    try:
        for done, layer in enumerate(layers):
            progress.report(done, len(layers) + 1, "paint")
            if layer.style.visible_at(frame.scale_denominator):
                _LayerPainter(painter, frame, layer, vector=vector, progress=progress).paint()
        for layer in layers:
            if layer.selected is not None:
                chosen = _LayerPainter(painter, frame, layer, vector=vector, progress=progress)
                chosen.paint_selected()
        progress.report(len(layers), len(layers) + 1, "paint")
        if labels:
            paint_labels(painter, frame, layers, vector=vector, progress=progress)
    finally:
        painter.restore()
    progress.report(len(layers) + 1, len(layers) + 1, "paint")


def _is_opaque(*pens: QPen | None) -> bool:
    return all(pen is None or pen.color().alpha() == 255 for pen in pens)


def _is_thin(pen: QPen | None) -> bool:
    return pen is None or (pen.widthF() <= _THIN_PX and pen.style() == Qt.PenStyle.SolidLine)


def paint_plain(
    painter: QPainter, frame: MapFrame, layer: LayerPaint, *, progress: Progress = SILENT
) -> None:
    """Paint one layer feature by feature, without labels; the caller has set clip and hints."""
    _LayerPainter(painter, frame, layer, vector=False, progress=progress).paint()


def paint_selected(
    painter: QPainter, frame: MapFrame, layer: LayerPaint, *, progress: Progress = SILENT
) -> None:
    """Paint what is selected in a layer with its halo; the caller has set clip and hints."""
    _LayerPainter(painter, frame, layer, vector=False, progress=progress).paint_selected()


class _LayerPainter:
    """One layer in one frame."""

    def __init__(
        self,
        painter: QPainter,
        frame: MapFrame,
        layer: LayerPaint,
        *,
        vector: bool,
        progress: Progress,
    ) -> None:
        self._painter, self._frame, self._layer = painter, frame, layer
        self._vector, self._progress = vector, progress
        self._factor = layer.style.size_factor(frame.scale_denominator)
        self._cut = frame.grown(frame.px(_CUT_MM) + self._reach_px())
        kept_px = frame.px(_CUT_MM + _WHOLE_MM) + self._reach_px()
        self._keep = frame.grown(kept_px if vector else _SCREEN_CUT_PX)
        self._device = self._placed(layer.coords)
        self._whole = within(layer.bounds, self._keep)

    def paint(self) -> None:
        rows = in_paint_order(self._layer, in_view(self._layer, self._cut))
        self._painter.setOpacity(self._layer.style.opacity)
        self._paint_rows(rows)
        self._painter.setOpacity(1.0)

    def paint_selected(self) -> None:
        """Paint what is selected again, on a halo, above everything else."""
        if self._layer.selected is None or not self._layer.selected.any():
            return
        rows = in_view(self._layer, self._cut)
        rows = in_paint_order(self._layer, rows[self._layer.selected[rows]])
        self._paint_halos(rows)
        if self._layer.style.kind == "marker":
            self._paint_markers(rows)
        elif self._layer.style.kind == "line":
            # As a plain stroke: a street as wide as on the ground would hide what lies in it.
            self._paint_lines(rows, [replace(item, ground_m=0.0) for item in self._line_symbols()])
        else:
            self._paint_outlines(rows)

    def _reach_px(self) -> float:
        """Return how far a symbol reaches from its point or line."""
        lines = self._line_symbols()
        reach_mm = [symbol.size_mm for symbol in self._markers()]
        reach_mm += [symbol.width_mm + 2 * symbol.casing_mm for symbol in lines]
        ground_px = max((symbol.ground_m for symbol in lines), default=0.0) / self._frame.m_per_px
        return max(self._frame.px(max(reach_mm, default=0.0) * self._factor), ground_px) / 2

    def _paint_rows(self, rows: NDArray[np.int64]) -> None:
        if self._layer.style.kind == "marker":
            self._paint_markers(rows)
        elif self._layer.style.kind == "line":
            self._paint_lines(rows, self._line_symbols())
        else:
            self._paint_areas(rows)

    def _each(self, rows: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
        """Yield row and class index; look at the cancel button now and then."""
        classes = self._layer.classes[rows].tolist()
        for i, (row, index) in enumerate(zip(rows.tolist(), classes, strict=True)):
            if i % _CHUNK == 0:
                self._progress.check()
            yield row, index

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

    def _points(self, rows: NDArray[np.int64]) -> Coords:
        return np.take(self._device, self._layer.rings[self._layer.features[rows]], axis=0)

    def _markers(self) -> list[MarkerSymbol]:
        symbols = [item.symbol for item in self._layer.style.all_classes]
        return [symbol for symbol in symbols if isinstance(symbol, MarkerSymbol)]

    def _line_symbols(self) -> list[LineSymbol]:
        symbols = [item.symbol for item in self._layer.style.all_classes]
        return [symbol for symbol in symbols if isinstance(symbol, LineSymbol)]

    def _fill_symbols(self) -> list[FillSymbol]:
        symbols = [item.symbol for item in self._layer.style.all_classes]
        return [symbol for symbol in symbols if isinstance(symbol, FillSymbol)]

    def _paint_markers(self, rows: NDArray[np.int64]) -> None:
        unit, points = self._frame.px(1.0), self._points(rows)
        if self._vector:
            self._paint_vectors(rows)
            return
        sprites = [sprite(symbol, unit, self._factor) for symbol in self._markers()]
        halves = np.array([image.width() / 2 for image in sprites])
        # On whole pixels: all symbols of a kind look the same.
        corners = np.rint(points - halves[self._layer.classes[rows]][:, None]).astype(np.int64)
        draw = self._painter.drawImage
        for (left, top), (_row, index) in zip(corners.tolist(), self._each(rows), strict=True):
            draw(left, top, sprites[index])

    def _paint_vectors(self, rows: NDArray[np.int64]) -> None:
        """Paint point symbols as vectors; plain discs many at once, as dots of round pens."""
        symbols = self._markers()
        pens = [dots(symbol, self._frame.px(1.0), self._factor) for symbol in symbols]
        together = self._together(rows, [False] * len(symbols)) if any(pens) else None
        drawn = [self._on_paper(symbol) for symbol in symbols]
        for some in [rows] if together is None else together:
            dotted = pens[self._layer.classes[some[0]]] if together is not None else ()
            points = self._points(some)
            if dotted and self._layer.style.opacity >= 1:
                self._draw_dots(points, dotted)
                continue
            for (x, y), (_row, index) in zip(points.tolist(), self._each(some), strict=True):
                paint_strokes(self._painter, drawn[index], x, y)

    def _draw_dots(self, points: Coords, pens: Sequence[QPen]) -> None:
        """Draw dots of several pens, few enough at once that the same places pack well."""
        self._painter.setBrush(no_brush())
        # Neighbours together pack well.
        points = points[np.lexsort((points[:, 1], points[:, 0] // self._frame.px(1.0)))]
        # A reader need not draw a line without length.
        ends = points + np.array([0.0, self._frame.px(_DOT_MM)])
        for start in range(0, len(points), _CHUNK):
            self._progress.check()
            some = slice(start, start + _CHUNK)
            lines = np.concatenate([points[some], ends[some]], axis=1).reshape(-1, 2)
            path = path_of(lines, np.arange(0, len(lines) + 1, 2))
            for pen in pens:
                self._painter.setPen(pen)
                self._painter.drawPath(path)

    def _on_paper(self, symbol: MarkerSymbol) -> tuple[Stroke, ...]:
        strokes = marker_strokes(symbol, self._frame.px(1.0), self._factor)
        if self._frame.dpi < FINE_DPI:
            return strokes
        return tuple(Stroke(*packable(item.path, item.pen, item.brush)) for item in strokes)

    def _paint_lines(self, rows: NDArray[np.int64], symbols: Sequence[LineSymbol]) -> None:
        """Paint casings first, then lines, so that crossings are open."""
        casings = [casing_pen(symbol, self._frame, self._factor) for symbol in symbols]
        pens = [line_pen(symbol, self._frame, self._factor) for symbol in symbols]
        strokes: list[Sequence[QPen | None]] = [casings, pens] if any(casings) else [pens]
        together = self._together(rows, [_is_opaque(*both) for both in zip(*strokes, strict=True)])
        if together is None:
            parts = [(row, index, self._parts(row)) for row, index in self._each(rows)]
            for each in strokes:
                self._stroke(parts, each)
        else:
            self._painter.setBrush(no_brush())
            for each in strokes:
                self._stroke_together(together, each)
        writes = [writes_letters(symbol, self._frame, self._factor) for symbol in symbols]
        for row, index in self._each(rows[np.array(writes)[self._layer.classes[rows]]]):
            for line in self._parts(row):
                paint_letters(self._painter, line, symbols[index], self._frame, self._factor)

    def _together(
        self, rows: NDArray[np.int64], free: Sequence[bool]
    ) -> list[NDArray[np.int64]] | None:
        """Divide rows, on paper, into what may be drawn in one call; None if not worth while."""
        if not self._vector:
            return None
        boxes = self._layer.bounds[rows]
        corners = [self._frame.to_device(boxes[:, some]) for some in ([0, 3], [2, 1])]
        reach = self._reach_px() + self._frame.px(_SLACK_MM)
        covered = np.concatenate([corners[0] - reach, corners[1] + reach], axis=1)
        np.clip(covered, -_FAR_PX, _FAR_PX, out=covered)
        free_classes = np.array(free) & (self._layer.style.opacity >= 1)
        found = batches(covered, self._layer.classes[rows], free_classes)
        return None if found is None else [rows[some] for some in found]

    def _stroke_together(
        self, together: Sequence[NDArray[np.int64]], pens: Sequence[QPen | None]
    ) -> None:
        for rows in together:
            self._progress.check()
            pen = pens[self._layer.classes[rows[0]]]
            if pen is not None:
                self._painter.setPen(pen)
                self._draw_together(rows)

    def _draw_together(self, rows: NDArray[np.int64]) -> None:
        """Draw lines or areas with the painter's pen and brush, those that lie inside in one go."""
        whole = self._whole[rows]
        inside, layer = rows[whole], self._layer
        if len(inside):
            rings, _ends = ranges(layer.features[inside], layer.features[inside + 1])
            points, ends = ranges(layer.rings[rings], layer.rings[rings + 1])
            self._painter.drawPath(path_of(self._device[points], ends))
        for row in rows[~whole].tolist():
            parts = self._parts(row)
            if layer.style.kind == "fill":
                self._painter.drawPath(area_path(parts))
                continue
            for line in parts:
                self._painter.drawPolyline(polygon(line))

    def _stroke(
        self, parts: Sequence[tuple[int, int, list[Coords]]], pens: Sequence[QPen | None]
    ) -> None:
        self._painter.setBrush(no_brush())
        if not self._vector and len(parts) > _MANY_LINES and all(map(_is_thin, pens)):
            self._stroke_thin(parts, pens)
            return
        last = -1
        for i, (row, index, lines) in enumerate(parts):
            if i % _CHUNK == 0:
                self._progress.check()
            pen = pens[index]
            if pen is None:
                continue
            if self._counts_dashes(pen):
                self._dash(row, pen)
                continue
            if index != last:
                self._painter.setPen(pen)
                last = index
            for line in lines:
                self._painter.drawPolyline(polygon(line))

    def _dash(self, row: int, pen: QPen) -> None:
        """Stroke a feature with dashes counted from its start."""
        first, last = self._layer.features[row : row + 2].tolist()
        ends = self._layer.rings[first : last + 1].tolist()
        for start, end in pairwise(ends):
            line = self._device[start:end]
            if self._whole[row]:
                stroke_exactly(self._painter, line_path(line), pen)
            else:
                size = (self._frame.width_px, self._frame.height_px)
                stroke_seen(self._painter, line, pen, *size)

    def _counts_dashes(self, pen: QPen) -> bool:
        """Whether dashes are to keep their places while the frame moves.

        Qt skips those outside a picture and loses count of them.
        """
        return not self._vector and pen.style() == Qt.PenStyle.CustomDashLine

    def _stroke_thin(
        self, parts: Sequence[tuple[int, int, list[Coords]]], pens: Sequence[QPen | None]
    ) -> None:
        """Draw segments by the thousand, those of neighbours in order with one pen together."""
        for index, some in groupby(parts, key=itemgetter(1)):
            pen = pens[index]
            if pen is not None:
                self._painter.setPen(pen)
                lines = [line for _row, _index, held in some for line in held]
                draw_segments(self._painter, segments(lines), self._progress)

    def _paint_areas(self, rows: NDArray[np.int64]) -> None:
        symbols = self._fill_symbols()
        pens = [outline_pen(symbol, self._frame, self._factor) for symbol in symbols]
        brushes = [brush(symbol.fill) for symbol in symbols]
        together = self._together(rows, [False] * len(symbols))
        if together is None:
            self._paint_each_area(rows, pens, brushes)
            return
        for some in together:
            self._progress.check()
            index = self._layer.classes[some[0]]
            if symbols[index].hatch != "none":
                self._paint_each_area(some, pens, brushes)
                continue
            self._painter.setPen(pens[index])
            self._painter.setBrush(brushes[index])
            self._draw_together(some)

    def _paint_each_area(
        self, rows: NDArray[np.int64], pens: Sequence[QPen], brushes: Sequence[QBrush]
    ) -> None:
        symbols, last = self._fill_symbols(), -1
        for row, index in self._each(rows):
            rings = self._parts(row)
            if symbols[index].hatch != "none":
                last = -1
                if rings:
                    paint_area(self._painter, rings, symbols[index], self._frame, self._factor)
                continue
            if index != last:
                self._painter.setPen(pens[index])
                self._painter.setBrush(brushes[index])
                last = index
            if self._counts_dashes(pens[index]):
                self._painter.fillPath(area_path(rings), brushes[index])
                self._dash(row, pens[index])
            elif len(rings) == 1:
                self._painter.drawPolygon(polygon(rings[0]))
            elif rings:
                self._painter.drawPath(area_path(rings))

    def _paint_outlines(self, rows: NDArray[np.int64]) -> None:
        pens = [outline_pen(item, self._frame, self._factor) for item in self._fill_symbols()]
        self._painter.setBrush(no_brush())
        for row, index in self._each(rows):
            self._painter.setPen(pens[index])
            self._painter.drawPath(area_path(list(self._parts(row))))

    def _paint_halos(self, rows: NDArray[np.int64]) -> None:
        if self._layer.style.kind == "marker":
            halos = [
                halo_strokes(symbol, self._frame.px(1.0), self._factor)
                for symbol in self._markers()
            ]
            for (x, y), (_row, index) in zip(
                self._points(rows).tolist(), self._each(rows), strict=True
            ):
                paint_strokes(self._painter, halos[index], x, y)
            return
        widths = self._outline_widths_mm()
        self._painter.setBrush(no_brush())
        for ring in (0, 1):
            for row, index in self._each(rows):
                self._painter.setPen(halo_pens(widths[index], self._frame)[ring])
                self._paint_halo_line(list(self._parts(row)))

    def _paint_halo_line(self, parts: Sequence[Coords]) -> None:
        if self._layer.style.kind == "fill":
            self._painter.drawPath(area_path(parts))
        else:
            for part in parts:
                self._painter.drawPolyline(polygon(part))

    def _outline_widths_mm(self) -> list[float]:
        if self._layer.style.kind == "fill":
            return [symbol.outline_mm * self._factor for symbol in self._fill_symbols()]
        lines = self._line_symbols()
        return [(item.width_mm + 2 * item.casing_mm) * self._factor for item in lines]
