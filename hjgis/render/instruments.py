"""Scale bar and north arrow, for the window's corner and for the sheet."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

from hjgis.i18n import _
from hjgis.render.fonts import map_font, metrics, outline
from hjgis.render.frame import MM_PER_INCH
from hjgis.render.symbols import brush, color, solid_pen

_INK = "#1f2933"
_PAPER = "#ffffff"


def nice_length(most: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not more than `most`.

    Parameters
    ----------
    most : float
        Any unit, more than 0.
    """
    power = 10.0 ** math.floor(math.log10(most) + 1e-9)
    return max(step for step in (power, 2 * power, 5 * power) if step <= most * (1 + 1e-9))


def length_text(metres: float) -> str:
    """Write a length with its unit: metres below a kilometre, then kilometres."""
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def paint_scale_bar(
    painter: QPainter,
    box: QRectF,
    *,
    m_per_px: float,
    dpi: float,
    segments: int = 4,
    text_mm: float = 2.3,
) -> float:
    """Paint a bar of a round length, centred in a box; return its length in metres.

    Parameters
    ----------
    box : QRectF
        Device pixels; the bar stands on its lower part, the numbers above it.
    m_per_px, dpi : float
        As in `MapFrame`.
    segments : int
        Light and dark parts; numbers stand at 0, the middle and the end.
    """
    px_per_mm = dpi / MM_PER_INCH
    font = map_font(text_mm * px_per_mm, painter.device())
    measure = metrics(font, painter.device())
    # The last number reaches over the bar's end by about half its width.
    edge = measure.horizontalAdvance("0000 km") / 2
    metres = nice_length(max(box.width() - 2 * edge, 1.0) * m_per_px)
    length, height = metres / m_per_px, 1.3 * px_per_mm
    left, top = box.center().x() - length / 2, box.bottom() - height - 0.3 * px_per_mm
    painter.save()
    _paint_segments(painter, QRectF(left, top, length, height), segments, px_per_mm)
    painter.setFont(font)
    painter.setPen(color(_INK))
    for share, text in ((0.0, "0"), (0.5, _number(metres / 2)), (1.0, length_text(metres))):
        x = left + length * share - measure.horizontalAdvance(text.split(" ")[0]) / 2
        painter.drawText(QPointF(x, top - 0.8 * px_per_mm), text)
    painter.restore()
    return metres


def _paint_segments(painter: QPainter, bar: QRectF, count: int, px_per_mm: float) -> None:
    painter.setPen(solid_pen(_INK, 0.15 * px_per_mm))
    width = bar.width() / count
    for i in range(count):
        painter.setBrush(brush(_INK if i % 2 == 0 else _PAPER))
        painter.drawRect(QRectF(bar.left() + width * i, bar.top(), width, bar.height()))


def _number(metres: float) -> str:
    """Write the middle of a bar in the unit of its end."""
    return f"{metres / 1000:g}" if metres * 2 >= 1000 else f"{metres:g}"


def paint_north_arrow(painter: QPainter, box: QRectF) -> None:
    """Paint an arrow to grid north with its letter, as large as the box allows (device pixels)."""
    height = min(box.height(), box.width() * 1.9)
    letter = height * 0.26
    middle, top = box.center().x(), box.center().y() - height / 2
    tip, foot = top + letter * 1.05, top + height
    half, notch = height * 0.17, foot - height * 0.17
    painter.save()
    for side, fill in ((-1, _INK), (1, _PAPER)):
        painter.setPen(solid_pen(_INK, max(height * 0.012, 0.8)))
        painter.setBrush(brush(fill))
        points = ((middle, tip), (middle + side * half, foot), (middle, notch))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    # Translators: the letter above a north arrow.
    north = outline(_("N"), letter, bold=True)
    painter.translate(middle, top + letter * 0.45)
    painter.fillPath(north, color(_INK))
    painter.restore()
