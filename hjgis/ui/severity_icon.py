"""Signs of how bad a finding is, told apart by shape as well as by colour."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from hjgis.models.issues import Severity
from hjgis.ui.theme import DONE, PAPER

COLOURS: Final = {Severity.ERROR: "#b3261e", Severity.WARNING: "#b26a00", Severity.INFO: "#1565c0"}
_SIZE_PX: Final = 14
_RATIO: Final = 2.0


@cache
def severity_icon(severity: Severity) -> QIcon:
    """Return a square for an error, a triangle for a warning, a disc for a note."""
    sign, icon = severity_pixmap(severity, _SIZE_PX, _RATIO), QIcon()
    # In a chosen row it must not be tinted: its colour means something.
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(sign, mode)
    return icon


@cache
def fine_icon() -> QIcon:
    """Return a tick, as large as the signs of what is wrong."""
    pixmap = _blank(_SIZE_PX, _RATIO)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(DONE), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPolyline([QPointF(2.5, 7.5), QPointF(5.5, 10.5), QPointF(11.5, 3.5)])
    painter.end()
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(pixmap, mode)
    return icon


def severity_pixmap(
    severity: Severity, size_px: int, ratio: float, *, edge: bool = False
) -> QPixmap:
    """Return the sign as a small picture, on the map with a white edge."""
    pixmap = _blank(size_px, ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(COLOURS[severity]))
    painter.setPen(QPen(QColor(PAPER), 1.5) if edge else Qt.PenStyle.NoPen)
    box = QRectF(0, 0, size_px, size_px).adjusted(2.5, 2.5, -2.5, -2.5)
    if severity is Severity.ERROR:
        painter.drawRect(box)
    elif severity is Severity.WARNING:
        wide = box.adjusted(-1, -1, 1, 0)
        top = QPointF(wide.center().x(), wide.top())
        painter.drawPolygon(QPolygonF([top, wide.bottomRight(), wide.bottomLeft()]))
    else:
        painter.drawEllipse(box)
    painter.end()
    return pixmap


def _blank(size_px: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(math.ceil(size_px * ratio), math.ceil(size_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap
