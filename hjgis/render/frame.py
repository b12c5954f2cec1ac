"""Where the map is on the medium: map metres to device pixels and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from hjgis.models.changes import Extent

MM_PER_INCH: Final = 25.4
SCREEN_DPI: Final = 96.0
# From so many on, whole pixels are exact enough for paper, and files with them are shorter.
FINE_DPI: Final = 2500.0


@dataclass(frozen=True, slots=True)
class MapFrame:
    """A rectangle of the medium that shows a part of the map, north up.

    Attributes
    ----------
    center_x, center_y : float
        Middle of the frame in the project CRS, metres.
    m_per_px : float
        Metres on the ground that one device pixel covers.
    width_px, height_px : float
        Size on the device; fractions are allowed on paper.
    dpi : float
        Device pixels in an inch; turns millimetres of a symbol into pixels.
    """

    center_x: float
    center_y: float
    m_per_px: float
    width_px: float
    height_px: float
    dpi: float = SCREEN_DPI

    @classmethod
    def at_scale(
        cls,
        center: tuple[float, float],
        denominator: float,
        *,
        width_px: float,
        height_px: float,
        dpi: float = SCREEN_DPI,
    ) -> Self:
        """Return the frame around `center` at the scale 1 : `denominator`."""
        m_per_px = denominator * MM_PER_INCH / 1000 / dpi
        return cls(center[0], center[1], m_per_px, width_px, height_px, dpi)

    @classmethod
    def fitting(
        cls,
        extent: Extent,
        *,
        width_px: float,
        height_px: float,
        dpi: float = SCREEN_DPI,
        margin: float = 0.04,
    ) -> Self:
        """Return the frame that shows the whole of `extent`.

        Parameters
        ----------
        margin : float
            Share of the frame left free on each side.
        """
        x_min, y_min, x_max, y_max = extent
        free = 1 - 2 * margin
        m_per_px = max((x_max - x_min) / width_px, (y_max - y_min) / height_px) / free
        # A single point has no size: show it at 1:500.
        smallest = 500 * MM_PER_INCH / 1000 / dpi
        center = ((x_min + x_max) / 2, (y_min + y_max) / 2)
        return cls(*center, m_per_px or smallest, width_px, height_px, dpi)

    @property
    def scale_denominator(self) -> float:
        """The n of the scale 1 : n."""
        return self.m_per_px * self.dpi / MM_PER_INCH * 1000

    @property
    def extent(self) -> Extent:
        """What the frame shows, in the project CRS."""
        return self.grown(0.0)

    def grown(self, margin_px: float) -> Extent:
        """Return what a frame larger by `margin_px` on each side would show."""
        half_x = (self.width_px / 2 + margin_px) * self.m_per_px
        half_y = (self.height_px / 2 + margin_px) * self.m_per_px
        return (
            self.center_x - half_x,
            self.center_y - half_y,
            self.center_x + half_x,
            self.center_y + half_y,
        )

    def px(self, mm: float) -> float:
        """Return device pixels for millimetres on the medium."""
        return mm * self.dpi / MM_PER_INCH

    def to_device(self, coords: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn map coordinates into device pixels from the frame's upper left corner.

        Parameters
        ----------
        coords : array of float64, shape (n, 2)
            x east, y north.

        Returns
        -------
        array of float64, shape (n, 2)
            x right, y down.
        """
        result = np.empty((len(coords), 2))
        # The centre is taken off first: large coordinates keep their millimetres.
        result[:, 0] = (coords[:, 0] - self.center_x) / self.m_per_px + self.width_px / 2
        result[:, 1] = (self.center_y - coords[:, 1]) / self.m_per_px + self.height_px / 2
        return result

    def to_map(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Return the map coordinates (x east, y north) under a device pixel."""
        return (
            self.center_x + (x_px - self.width_px / 2) * self.m_per_px,
            self.center_y - (y_px - self.height_px / 2) * self.m_per_px,
        )
