"""Halos of texts on paper: areas with few corners that keep the map off the letters.

An outline around every letter, as on the screen, would be nine tenths of a sheet's file. Between
letters there is less room than a halo is wide: the hull of a text covers hardly more.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtGui import QPolygonF

from hjgis.render.fonts import letter_advance, text_path
from hjgis.render.strokes import grown, polygon

Coords = NDArray[np.float64]

_COARSE: Final = 0.2


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

    def path(self, text: str, x: float, y: float, turn_deg: float = 0.0) -> QPolygonF:
        """Return the halo of a text whose baseline starts at a place, turned clockwise there."""
        ring = _text_halo(text, self._size_px, self._halo_px)
        if turn_deg:
            turn = math.radians(turn_deg)
            across, down = math.cos(turn), math.sin(turn)
            ring = ring @ np.array([[across, down], [-down, across]])
        placed = ring + np.array([x, y])
        return polygon(np.rint(placed) if self._whole else placed)


@lru_cache(maxsize=16_384)
def _text_halo(text: str, size_px: float, halo_px: float) -> Coords:
    """Return the corners of what surrounds a text whose baseline starts at (0, 0)."""
    along, corners = 0.0, []
    for letter in text:
        corners.append(_letter_halo(letter, size_px, halo_px) + np.array([along, 0.0]))
        along += letter_advance(letter) * size_px
    if not corners:
        return np.empty((0, 2))
    around = shapely.convex_hull(shapely.multipoints(np.concatenate(corners)))
    return shapely.get_coordinates(shapely.simplify(around, halo_px * _COARSE))


@lru_cache(maxsize=8192)
def _letter_halo(letter: str, size_px: float, halo_px: float) -> Coords:
    """Return the corners of what surrounds a letter whose baseline starts at (0, 0)."""
    rings = grown(text_path(letter, size_px), halo_px)
    return np.concatenate([np.empty((0, 2)), *rings])
