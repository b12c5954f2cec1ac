"""Drawings of strokes, areas and words put on paper, or painted anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from hjgis.cartography.page import Page
from hjgis.cartography.pdf_file import VECTOR_DPI, painted_pdf
from hjgis.models.line_drawing import Area, LineDrawing, Stroke, Words
from hjgis.models.sheets import Box
from hjgis.render.symbols import brush, no_brush, no_pen, solid_pen

_MM_PER_INCH: Final = 25.4
_DASHES: Final = (6.0, 4.0)


def paint_drawing(painter: QPainter, drawing: LineDrawing, px_per_mm: float) -> None:
    """Paint a drawing; the painter's origin is the paper's upper left corner."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    page = Page(painter, px_per_mm)
    for item in drawing.items:
        if isinstance(item, Words):
            _write(page, item)
        else:
            _draw(painter, item, px_per_mm)


def drawing_pdf(drawing: LineDrawing, out: Path) -> None:
    """Write a drawing as a PDF of one page, true to scale.

    Raises
    ------
    HjgisError
        If the file cannot be written; whatever was there stays.
    """
    with painted_pdf(out, drawing.paper_mm, drawing.title) as (_writer, painter):
        paint_drawing(painter, drawing, VECTOR_DPI / _MM_PER_INCH)


def _draw(painter: QPainter, item: Stroke | Area, k: float) -> None:
    polygon = QPolygonF([QPointF(x * k, y * k) for x, y in item.places])
    if isinstance(item, Area):
        painter.setPen(no_pen())
        painter.setBrush(brush(item.ink))
        painter.drawPolygon(polygon)
        return
    pen = solid_pen(item.ink, item.width_mm * k)
    if item.dashed:
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern(list(_DASHES))
    painter.setPen(pen)
    painter.setBrush(no_brush())
    painter.drawPolyline(polygon)


def _write(page: Page, words: Words) -> None:
    painter, k = page.painter, page.px_per_mm
    high = 2 * words.size_mm
    start = {"left": 0.0, "center": -words.room_mm / 2, "right": -words.room_mm}[words.anchor]
    painter.save()
    painter.translate(words.at[0] * k, words.at[1] * k)
    if words.upright:
        painter.rotate(-90)
    box = Box(start, -high / 2, words.room_mm, high)
    page.text(box, words.text, words.size_mm, align=words.anchor, bold=words.bold, ink=words.ink)
    painter.restore()
