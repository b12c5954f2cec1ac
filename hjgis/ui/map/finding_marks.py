"""Findings on the map: a sign for each, or for the worst of those that would cover each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from hjgis.models.changes import Extent
from hjgis.models.issues import Severity
from hjgis.render.frame import MapFrame
from hjgis.ui.severity_icon import severity_pixmap
from hjgis.ui.theme import ACCENT, PAPER

_SIGN_PX: Final = 16
# Notes are many and not urgent: they leave the map to be seen.
_SIZES_PX: Final = {Severity.ERROR: _SIGN_PX, Severity.WARNING: _SIGN_PX, Severity.INFO: 11}
# Of findings in a square of this size, one is seen.
_CELL_PX: Final = 12
# So far may the map be dragged before the signs are painted anew.
_AROUND_PX: Final = 256
_HIT_PX: Final = 9.0
_RING_PX: Final = 12.0
_MILDEST_FIRST: Final = tuple(reversed(Severity))
# Left, bottom, right and top, counted from the origin of the CRS.
_Squares = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Painted:
    """Signs around a window, painted once; copied while the map is dragged."""

    image: QImage
    extent: Extent
    m_per_px: float
    ratio: float
    shown: NDArray[np.int64]


class FindingMarks:
    """Where findings lie.

    Parameters
    ----------
    positions : array of int64, shape (n,)
        In the issues.
    xy : array of float64, shape (n, 2)
        Project CRS; NaN where there is no place, which is left out.
    ranks : array of uint8, shape (n,)
        Position in `Severity`, the worst first.
    """

    def __init__(
        self, positions: NDArray[np.int64], xy: NDArray[np.float64], ranks: NDArray[np.uint8]
    ) -> None:
        placed = np.isfinite(xy).all(axis=1)
        # The mildest first: the worst is painted last and is what a square shows.
        order = np.argsort(-ranks[placed].astype(np.int8), kind="stable")
        self._positions = positions[placed][order]
        self._xy, self._ranks = xy[placed][order], ranks[placed][order]
        self._painted: _Painted | None = None
        self._thin: tuple[_Squares, float, NDArray[np.int64]] | None = None
        self.current: tuple[float, float] | None = None

    def __len__(self) -> int:
        return len(self._xy)

    def prepare(self, frame: MapFrame) -> None:
        """Find out what is to be seen in a frame, in any thread: of a million, it takes a while."""
        cell = _CELL_PX * frame.m_per_px
        self._thinned(_squares(frame, cell), cell)

    def paint(self, painter: QPainter, frame: MapFrame) -> None:
        """Paint the signs in sight, in window pixels; a ring around the current one."""
        if len(self._xy):
            painted = self._fresh(frame, painter.device().devicePixelRatioF())
            left, top = frame.to_device(np.array([[painted.extent[0], painted.extent[3]]]))[0]
            painter.drawImage(QPointF(float(left), float(top)), painted.image)
        if self.current is not None:
            x, y = frame.to_device(np.array([self.current]))[0].tolist()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(QColor(PAPER), 5.0), QPen(QColor(ACCENT), 2.5)):
                painter.setPen(pen)
                painter.drawEllipse(QPointF(x, y), _RING_PX, _RING_PX)

    def at(self, px: tuple[float, float], frame: MapFrame) -> int | None:
        """Return the finding whose sign is at a place of the window; None if there is none."""
        if self._painted is None or not len(self._painted.shown):
            return None
        shown = self._painted.shown
        away = np.hypot(*(frame.to_device(self._xy[shown]) - px).T)
        nearest = int(np.argmin(away))
        return int(self._positions[shown[nearest]]) if away[nearest] <= _HIT_PX else None

    # -- inside --------------------------------------------------------------------------

    def _fresh(self, frame: MapFrame, ratio: float) -> _Painted:
        held = self._painted
        if held is not None and (held.m_per_px, held.ratio) == (frame.m_per_px, ratio):
            left, bottom, right, top = _grown(frame.extent, _SIGN_PX * frame.m_per_px)
            inside = held.extent[0] <= left and held.extent[1] <= bottom
            if inside and right <= held.extent[2] and top <= held.extent[3]:
                return held
        self._painted = self._paint_around(frame, ratio)
        return self._painted

    def _paint_around(self, frame: MapFrame, ratio: float) -> _Painted:
        cell = _CELL_PX * frame.m_per_px
        squares = _squares(frame, cell)
        left, bottom, right, top = squares
        extent = (left * cell, bottom * cell, right * cell, top * cell)
        shown = self._thinned(squares, cell)
        wide, high = (math.ceil(n * _CELL_PX * ratio) for n in (right - left, top - bottom))
        image = QImage(wide, high, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        px = (self._xy[shown] - (extent[0], extent[3])) / (frame.m_per_px, -frame.m_per_px)
        painter = QPainter(image)
        for severity in _MILDEST_FIRST:
            rank = tuple(Severity).index(severity)
            size_px = _SIZES_PX[severity]
            sign = severity_pixmap(severity, size_px, ratio, edge=True)
            for x, y in (px[self._ranks[shown] == rank] - size_px / 2).tolist():
                painter.drawPixmap(QPointF(x, y), sign)
        painter.end()
        return _Painted(image, extent, frame.m_per_px, ratio, shown)

    def _thinned(self, squares: _Squares, cell: float) -> NDArray[np.int64]:
        """Return of each square the last one, which is the worst.

        The squares lie on the ground, so that signs stay where they are while the map is dragged.
        """
        if self._thin is not None and self._thin[:2] == (squares, cell):
            return self._thin[2]
        left, bottom, right, top = squares
        column = np.floor(self._xy[:, 0] / cell)
        row = np.floor(self._xy[:, 1] / cell)
        inside = (column >= left) & (column < right) & (row >= bottom) & (row < top)
        found = np.flatnonzero(inside)
        across = right - left
        shown = np.full(across * (top - bottom), -1, np.int64)
        place = (row[found] - bottom) * across + (column[found] - left)
        shown[place.astype(np.int64)] = found
        kept = np.sort(shown[shown >= 0])
        self._thin = (squares, cell, kept)
        return kept


def _squares(frame: MapFrame, cell: float) -> _Squares:
    """Return which squares lie in a frame and around it.

    Whole ones, lest another part of the map choose otherwise among their findings.
    """
    around = _grown(frame.extent, _AROUND_PX * frame.m_per_px)
    left, bottom = (math.floor(edge / cell) for edge in around[:2])
    right, top = (math.floor(edge / cell) + 1 for edge in around[2:])
    return left, bottom, right, top


def _grown(extent: Extent, by_m: float) -> Extent:
    left, bottom, right, top = extent
    return left - by_m, bottom - by_m, right + by_m, top + by_m
