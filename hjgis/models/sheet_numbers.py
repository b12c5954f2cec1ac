"""The standard division of the town into sheets (图幅) of 1:500, 1:1000 and 1:2000."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.models.changes import Extent

# Sides of the map on a standard sheet, mm (GB/T 20257.1: 50 cm x 50 cm).
SIDE_MM: Final = 500.0
# Digits behind the point of the kilometres in a sheet's number.
_DIGITS: Final[Mapping[int, int]] = {500: 2, 1000: 1, 2000: 1}


@dataclass(frozen=True, slots=True, order=True)
class StandardSheet:
    """One cell of the division: it holds its west and south edge, not its east and north edge.

    Attributes
    ----------
    scale : int
        The n of 1 : n.
    row, column : int
        How many sheets north of the equator and east of the system's zero; below 0 to the south
        and west.
    """

    scale: int
    row: int
    column: int

    @classmethod
    def at(cls, east: float, north: float, scale: float) -> Self:
        """Return the sheet in which a point lies, project CRS, metres.

        Raises
        ------
        UsageError
            If the scale has no standard sheets.
        """
        side = side_m(scale)
        return cls(int(scale), math.floor(north / side), math.floor(east / side))

    @property
    def extent(self) -> Extent:
        """West, south, east, north, metres."""
        side = side_m(self.scale)
        west, south = self.column * side, self.row * side
        return (west, south, west + side, south + side)

    @property
    def center(self) -> tuple[float, float]:
        """East and north of its middle."""
        side = side_m(self.scale)
        return ((self.column + 0.5) * side, (self.row + 0.5) * side)

    @property
    def number(self) -> str:
        """The kilometres north and east of its south-west corner: ``4528.25-428.00``.

        Coordinates are taken as the project has them: with the zone before the east if they have
        it. At 1:1000 and 1:2000 the same number may stand for two sheets; a sheet always tells
        its scale beside it. Source: DOMAIN 6.1.
        """
        digits = _DIGITS[self.scale]
        west, south, *_far = self.extent
        return f"{south / 1000:.{digits}f}-{west / 1000:.{digits}f}"

    def around(self) -> tuple[StandardSheet, ...]:
        """Return the nine sheets around and with this, row by row from the north-west."""
        return tuple(
            StandardSheet(self.scale, self.row + up, self.column + right)
            for up in (1, 0, -1)
            for right in (-1, 0, 1)
        )


def side_m(scale: float) -> float:
    """Return how many metres a standard sheet is across; UsageError if there are none."""
    if scale not in _DIGITS:
        message = _("Standard sheets are of 1:500, 1:1000 and 1:2000, not of 1:{scale:.0f}.")
        raise UsageError(message.format(scale=scale))
    return SIDE_MM * scale / 1000
