"""How well colours are told apart: in grey print, and by people who see no red or no green."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.models.ramps import lab

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
    return all(_apart(lab(_seen(hexes, matrix))) for matrix in (_PROTANOPIA, _DEUTERANOPIA))


def _apart(colors: NDArray[np.float64]) -> bool:
    return all(float(np.linalg.norm(a - b)) >= _APART for a, b in combinations(colors, 2))


def _seen(hexes: Sequence[str], matrix: NDArray[np.float64]) -> list[str]:
    rgb = np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in hexes]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light = np.clip(linear @ matrix.T, 0, 1)
    levels = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return ["#" + "".join(f"{round(255 * part):02x}" for part in color) for color in levels]
