"""How numbers are spread, with the limits of the classes, which the mouse pulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from hjgis.cartography.portrayed import number_text
from hjgis.i18n import _

_NEAR_PX: Final = 6.0
_EDGE_PX: Final = 8
_FOOT_PX: Final = 16
_DIGITS: Final = 3


class Histogram(QWidget):
    """Bars and limits; `moved` carries all limits when one was pulled elsewhere."""

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edges: NDArray[np.float64] = np.zeros(1)
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._limits: list[float] = []
        self._colors: tuple[str, ...] = ()
        self._pulled: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(_("Pull a line to another number; the classes are your own then"))
        self.setAccessibleName(_("Spread of the numbers"))

    def sizeHint(self) -> QSize:
        """Return a low band."""
        return QSize(220, 92)

    @property
    def limits(self) -> tuple[float, ...]:
        """Upper limits of the classes but the last."""
        return tuple(self._limits)

    def show_numbers(
        self,
        edges: NDArray[np.float64],
        counts: NDArray[np.int64],
        limits: Sequence[float],
        colors: Sequence[str],
    ) -> None:
        """Show bars, limits between classes and the classes' colours."""
        self._edges, self._counts = edges, counts
        self._limits, self._colors, self._pulled = list(limits), tuple(colors), None
        self.update()

    def x_of(self, number: float) -> float:
        """Return where a number stands, window pixels."""
        low, high = float(self._edges[0]), float(self._edges[-1])
        share = (number - low) / (high - low) if high > low else 0.5
        return _EDGE_PX + share * (self.width() - 2 * _EDGE_PX)

    def _number_at(self, x: float) -> float:
        low, high = float(self._edges[0]), float(self._edges[-1])
        share = (x - _EDGE_PX) / max(self.width() - 2 * _EDGE_PX, 1)
        number = low + min(max(share, 0.0), 1.0) * (high - low)
        digits = _DIGITS - 1 - int(np.floor(np.log10(max(high - low, 1e-9))))
        return round(number, digits)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearest line."""
        x = event.position().x()
        near = [(abs(self.x_of(limit) - x), at) for at, limit in enumerate(self._limits)]
        away, at = min(near, default=(_NEAR_PX + 1, 0))
        self._pulled = at if away <= _NEAR_PX else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the line, never past its neighbours."""
        x = event.position().x()
        near = any(abs(self.x_of(limit) - x) <= _NEAR_PX for limit in self._limits)
        pulls = near or self._pulled is not None
        self.setCursor(Qt.CursorShape.SplitHCursor if pulls else Qt.CursorShape.ArrowCursor)
        if self._pulled is None:
            return
        at, number = self._pulled, self._number_at(x)
        before = self._limits[at - 1] if at else -np.inf
        after = self._limits[at + 1] if at + 1 < len(self._limits) else np.inf
        if before < number < after:
            self._limits[at] = number
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell where the lines are now."""
        del event
        if self._pulled is not None:
            self._pulled = None
            self.moved.emit(tuple(self._limits))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars in the colours of their classes, then the lines."""
        del event
        painter = QPainter(self)
        foot = self.height() - _FOOT_PX
        painter.fillRect(QRectF(0, 0, self.width(), foot), QColor("#ffffff"))
        if not len(self._counts):
            words = _("No numbers")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
            painter.end()
            return
        top = float(np.sqrt(self._counts.max()))
        for at, count in enumerate(self._counts.tolist()):
            left, right = self.x_of(self._edges[at]), self.x_of(self._edges[at + 1])
            # By the square root: the rare ones are seen beside the many.
            height = (foot - 6) * float(np.sqrt(count)) / top
            middle = (self._edges[at] + self._edges[at + 1]) / 2
            painter.fillRect(
                QRectF(left, foot - height, max(right - left - 1, 1), height), self._color(middle)
            )
        painter.setPen(QPen(QColor("#22303c"), 1.5))
        for limit in self._limits:
            x = self.x_of(limit)
            painter.drawLine(QPointF(x, 0), QPointF(x, foot))
        self._paint_words(painter, foot)
        painter.end()

    def _paint_words(self, painter: QPainter, foot: int) -> None:
        ends = (float(self._edges[0]), float(self._edges[-1]))
        painter.setPen(QColor("#5b6670"))
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        used = -1.0
        for number in (ends[0], *self._limits, ends[1]):
            words = number_text(number)
            width = painter.fontMetrics().horizontalAdvance(words)
            left = min(max(self.x_of(number) - width / 2, 0), self.width() - width)
            if left > used:
                painter.drawText(QPointF(left, foot + 12), words)
                used = left + width + 4

    def _color(self, number: float) -> QColor:
        at = int(np.searchsorted(self._limits, number, side="left"))
        return QColor(self._colors[at] if at < len(self._colors) else "#9aa3ab")
