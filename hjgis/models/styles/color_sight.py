"""How well colours are told apart: in grey print, and by people who see no red or no green."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.models.styles.ramps import hexes_of, lab, linear_rgb

# Machado, Oliveira and Fernandes (2009), severity 1.0, of linear sRGB.
_PROTANOPIA: Final = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
_DEUTERANOPIA: Final = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
# CIE76 distances below which neighbours in a legend are taken for each other; lightness alone is
# told apart a little sooner. M-M: a usual rule of thumb, not a standard.
_APART, _GREY_APART = 9.0, 5.0


def apart_in_grey(hexes: Sequence[str]) -> bool:
    """Whether all colours ``#rrggbb`` are told apart in grey print."""
    light = np.sort(lab(hexes)[:, 0])
    return bool((np.diff(light) >= _GREY_APART).all())


def apart_for_all(hexes: Sequence[str]) -> bool:
    """Whether people who see no red, or no green, tell all colours ``#rrggbb`` apart."""
    return all(
        _apart(lab(hexes_of(linear_rgb(hexes) @ matrix.T)))
        for matrix in (_PROTANOPIA, _DEUTERANOPIA)
    )


def _apart(colors: NDArray[np.float64]) -> bool:
    return all(float(np.linalg.norm(a - b)) >= _APART for a, b in combinations(colors, 2))
