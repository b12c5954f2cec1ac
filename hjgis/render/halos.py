"""Halos of letters on paper: the outline of each letter is grown once, then only moved."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath, QTransform

from hjgis.render.fonts import letter_advance, text_path
from hjgis.render.strokes import polygon

Coords = NDArray[np.float64]

# Of a halo nobody sees whether its edge is exact; a third of its width is far too much.
_COARSE: Final = 0.12
_QUARTER: Final = 2


class HaloMaker:
    """Makes the halos of texts of one size.

    Parameters
    ----------
    size_px, halo_px : float
        Height of the letters and width of the halo around them, device pixels.
    whole : bool
        Whether corners lie on whole pixels, which makes files shorter; for devices with so many
        that it is not seen.
    """

    def __init__(self, size_px: float, halo_px: float, *, whole: bool) -> None:
        self._size_px, self._halo_px, self._whole = size_px, halo_px, whole

    def path(self, text: str, x: float, y: float, turn_deg: float = 0.0) -> QPainterPath:
        """Return the halo of a text whose baseline starts at a place, turned clockwise there."""
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        turn = math.radians(turn_deg)
        across, down = math.cos(turn), math.sin(turn)
        for ring, along in self._rings(text):
            right = ring[:, 0] + along
            placed = np.empty_like(ring)
            placed[:, 0] = x + right * across - ring[:, 1] * down
            placed[:, 1] = y + right * down + ring[:, 1] * across
            path.addPolygon(polygon(np.rint(placed) if self._whole else placed))
        return path

    def _rings(self, text: str) -> Iterator[tuple[Coords, float]]:
        along = 0.0
        for letter in text:
            for ring in letter_halo(letter, self._size_px, self._halo_px):
                yield ring, along
            along += letter_advance(letter) * self._size_px


@lru_cache(maxsize=8192)
def letter_halo(letter: str, size_px: float, halo_px: float) -> tuple[Coords, ...]:
    """Return the outer rings of what surrounds a letter whose baseline starts at (0, 0).

    Holes are left out: what shows through a letter makes it harder to read.
    """
    path = text_path(letter, size_px)
    outlines = [
        [(point.x(), point.y()) for point in ring.toList()]
        for ring in path.toSubpathPolygons(QTransform())
    ]
    lines = [shapely.LineString(outline) for outline in outlines if len(outline) > 1]
    if not lines:
        return ()
    around = shapely.union_all(shapely.buffer(lines, halo_px, quad_segs=_QUARTER))
    rings = shapely.get_exterior_ring(shapely.get_parts(around))
    coarse = shapely.simplify(rings, halo_px * _COARSE)
    return tuple(shapely.get_coordinates(ring) for ring in coarse)
