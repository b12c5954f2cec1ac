"""Paint layers on any QPainter: the screen's picture, a PDF page, an SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from hjgis.models.styles.style import LineSymbol, MarkerSymbol
from hjgis.progress import SILENT, Progress
from hjgis.render.batches import Drawing
from hjgis.render.culling import in_paint_order, in_view
from hjgis.render.features import LayerPaint
from hjgis.render.frame import FINE_DPI, MapFrame
from hjgis.render.labels import paint_labels
from hjgis.render.placed import Coords, PlacedLayer, Rows
from hjgis.render.strokes import (
    area_path,
    draw_segments,
    halo_pens,
    line_path,
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
    halo_strokes,
    marker_strokes,
    no_brush,
    paint_strokes,
    sprite,
)

# From so many on, thin lines are drawn without joints, which take a third of the time.
_MANY_LINES: Final = 500
_THIN_PX: Final = 1.05
# Between two looks at the cancel button; one draw call never holds more than one feature.
_CHUNK: Final = 500


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


def _is_thin(pen: QPen | None) -> bool:
    return pen is None or (pen.widthF() <= _THIN_PX and pen.style() == Qt.PenStyle.SolidLine)


def paint_plain(
    painter: QPainter, frame: MapFrame, layer: LayerPaint, *, progress: Progress = SILENT
) -> None:
    """Paint one layer feature by feature, without labels; the caller has set clip and hints."""
    _LayerPainter(painter, frame, layer, vector=False, progress=progress).paint()


def paint_selected(painter: QPainter, frame: MapFrame, layer: LayerPaint) -> None:
    """Paint what is selected in a layer with its halo; the caller has set clip and hints."""
    _LayerPainter(painter, frame, layer, vector=False, progress=SILENT).paint_selected()


class _LayerPainter(PlacedLayer):
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
        super().__init__(frame, layer, vector=vector, progress=progress)
        self._painter = painter

    def paint(self) -> None:
        rows = self.rows()
        self._painter.setOpacity(self._layer.style.opacity)
        together = self.together(rows)
        if together is None:
            self._paint_rows(rows)
        else:
            self._paint_together(together)
        self._painter.setOpacity(1.0)

    def _paint_together(self, together: Iterable[Drawing | Rows]) -> None:
        """Paint many at once on paper, and what is more than that feature by feature."""
        more = {"marker": self._paint_vectors, "line": self._write, "fill": self._paint_each_area}
        for one in together:
            self._progress.check()
            if isinstance(one, Drawing):
                one.paint(self._painter)
            else:
                more[self._layer.style.kind](one)

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

    def _paint_rows(self, rows: Rows) -> None:
        if self._layer.style.kind == "marker":
            self._paint_markers(rows)
        elif self._layer.style.kind == "line":
            self._paint_lines(rows, self._line_symbols())
        else:
            self._paint_each_area(rows)

    def _each(self, rows: Rows) -> Iterator[tuple[int, int]]:
        """Yield row and class index; look at the cancel button now and then."""
        classes = self._layer.classes[rows].tolist()
        for i, (row, index) in enumerate(zip(rows.tolist(), classes, strict=True)):
            if i % _CHUNK == 0:
                self._progress.check()
            yield row, index

    def _paint_markers(self, rows: Rows) -> None:
        unit, points = self._frame.px(1.0), self.points(rows)
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

    def _paint_vectors(self, rows: Rows) -> None:
        drawn = [self._on_paper(symbol) for symbol in self._markers()]
        points = self.points(rows).tolist()
        for (x, y), (_row, index) in zip(points, self._each(rows), strict=True):
            paint_strokes(self._painter, drawn[index], x, y)

    def _on_paper(self, symbol: MarkerSymbol) -> tuple[Stroke, ...]:
        strokes = marker_strokes(symbol, self._frame.px(1.0), self._factor)
        if self._frame.dpi < FINE_DPI:
            return strokes
        return tuple(Stroke(*packable(item.path, item.pen, item.brush)) for item in strokes)

    def _paint_lines(self, rows: Rows, symbols: Sequence[LineSymbol]) -> None:
        """Paint casings first, then lines, so that crossings are open."""
        parts = [(row, index, self._parts(row)) for row, index in self._each(rows)]
        for pens in self._line_pens(symbols):
            self._stroke(parts, pens)
        self._write_into(parts, symbols)

    def _write(self, rows: Rows) -> None:
        """Write the letters of line kinds alone."""
        parts = [(row, index, self._parts(row)) for row, index in self._each(rows)]
        self._write_into(parts, self._line_symbols())

    def _write_into(
        self, parts: Sequence[tuple[int, int, list[Coords]]], symbols: Sequence[LineSymbol]
    ) -> None:
        writes = [writes_letters(symbol, self._frame, self._factor) for symbol in symbols]
        for _row, index, lines in parts:
            for line in lines if writes[index] else ():
                paint_letters(self._painter, line, symbols[index], self._frame, self._factor)

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

    def _paint_each_area(self, rows: Rows) -> None:
        symbols, last = self._fill_symbols(), -1
        pens = [outline_pen(symbol, self._frame, self._factor) for symbol in symbols]
        brushes = [brush(symbol.fill) for symbol in symbols]
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

    def _paint_outlines(self, rows: Rows) -> None:
        pens = [outline_pen(item, self._frame, self._factor) for item in self._fill_symbols()]
        self._painter.setBrush(no_brush())
        for row, index in self._each(rows):
            self._painter.setPen(pens[index])
            self._painter.drawPath(area_path(list(self._parts(row))))

    def _paint_halos(self, rows: Rows) -> None:
        if self._layer.style.kind == "marker":
            halos = [
                halo_strokes(symbol, self._frame.px(1.0), self._factor)
                for symbol in self._markers()
            ]
            for (x, y), (_row, index) in zip(
                self.points(rows).tolist(), self._each(rows), strict=True
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
