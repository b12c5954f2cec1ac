"""A page to draw on in millimetres, whatever the device's dots are."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from hjgis.models.sheets import Align, Box
from hjgis.render.fonts import map_font, metrics, paint_text
from hjgis.render.symbols import brush, color, no_brush, no_pen

INK = "#1a1a1a"
# Chinese titles of up to so many signs are written wide.
_SHORT_TITLE = 6
_CHINESE = ("\u4e00", "\u9fff")
# Text shrinks this far to fit its box before it is cut short with an ellipsis.
_SMALLEST = 0.6


def spaced(title: str) -> str:
    """Return a short Chinese title written wide, as sheets do; any other as it is."""
    short = 1 < len(title) <= _SHORT_TITLE
    if not short or not all(_CHINESE[0] <= sign <= _CHINESE[1] for sign in title):
        return title
    return ("\u3000" if len(title) <= 3 else " ").join(title)


class Page:
    """One sheet on a painter.

    Parameters
    ----------
    painter : QPainter
        Its origin is the paper's upper left corner.
    px_per_mm : float
        Device pixels a millimetre of paper.
    """

    def __init__(self, painter: QPainter, px_per_mm: float) -> None:
        self.painter = painter
        self.px_per_mm = px_per_mm

    def rect(self, box: Box) -> QRectF:
        """Return a box in device pixels."""
        k = self.px_per_mm
        return QRectF(box.x * k, box.y * k, box.width * k, box.height * k)

    def frame(self, box: Box, width_mm: float, ink: str = INK) -> None:
        """Draw the outline of a box, corners square."""
        self.painter.setPen(self._pen(width_mm, ink))
        self.painter.setBrush(no_brush())
        self.painter.drawRect(self.rect(box))

    def fill(self, box: Box, ink: str) -> None:
        """Fill a box."""
        self.painter.setPen(no_pen())
        self.painter.setBrush(brush(ink))
        self.painter.drawRect(self.rect(box))

    def line(
        self, start: tuple[float, float], end: tuple[float, float], *, mm: float, ink: str = INK
    ) -> None:
        """Draw a straight line `mm` wide between two places in mm."""
        k = self.px_per_mm
        self.painter.setPen(self._pen(mm, ink))
        self.painter.drawLine(QLineF(start[0] * k, start[1] * k, end[0] * k, end[1] * k))

    def text_width(self, text: str, size_mm: float) -> float:
        """Return how wide a text is, mm."""
        font = map_font(size_mm * self.px_per_mm, self.painter.device())
        return metrics(font, self.painter.device()).horizontalAdvance(text) / self.px_per_mm

    def text(
        self,
        box: Box,
        text: str,
        size_mm: float,
        *,
        align: Align = "left",
        bold: bool = False,
        ink: str = INK,
    ) -> None:
        """Write one line, in the middle of a box's height; a long one is made smaller to fit."""
        width = self.text_width(text, size_mm)
        shrunk = min(1.0, box.width / width * 0.995) if width > 0 else 1.0
        size_px = size_mm * max(shrunk, _SMALLEST) * self.px_per_mm
        measure = metrics(map_font(size_px, self.painter.device()), self.painter.device())
        area, shown = self.rect(box), text
        if shrunk < _SMALLEST:
            shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, area.width() * 1.01)
        wide = measure.horizontalAdvance(shown)
        # Fonts have whole dots on a screen: what fits on paper is not cut for that, but narrowed.
        narrowed = min(1.0, area.width() / wide) if wide > 0 else 1.0
        free = area.width() - wide * narrowed
        x = area.left() + {"left": 0.0, "center": free / 2, "right": free}[align]
        y = area.center().y() + (measure.ascent() - measure.descent()) / 2
        write = partial(paint_text, size_px=size_px, ink=color(ink), bold=bold)
        if narrowed == 1.0:
            write(self.painter, QPointF(x, y), shown)
            return
        self.painter.save()
        self.painter.translate(x, y)
        self.painter.scale(narrowed, 1.0)
        write(self.painter, QPointF(0, 0), shown)
        self.painter.restore()

    def even_text(self, box: Box, text: str, size_mm: float) -> None:
        """Write a Chinese name so that it fills the box from side to side; any other as usual."""
        chinese = len(text) > 1 and all(_CHINESE[0] <= sign <= _CHINESE[1] for sign in text)
        if not chinese or len(text) * size_mm >= box.width:
            self.text(box, text, size_mm)
            return
        step = (box.width - size_mm) / (len(text) - 1)
        for i, sign in enumerate(text):
            self.text(Box(box.x + i * step, box.y, 1.1 * size_mm, box.height), sign, size_mm)

    def turned_text(self, x: float, y: float, text: str, size_mm: float) -> None:
        """Write one line upwards with its middle at (x, y) mm."""
        width = self.text_width(text, size_mm) + 1
        self.painter.save()
        self.painter.translate(x * self.px_per_mm, y * self.px_per_mm)
        self.painter.rotate(-90)
        self.text(Box(-width / 2, -size_mm, width, 2 * size_mm), text, size_mm, align="center")
        self.painter.restore()

    def _pen(self, width_mm: float, ink: str) -> QPen:
        pen = QPen(color(ink), width_mm * self.px_per_mm)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen
