"""GCJ-02 and BD-09, the shifted longitudes and latitudes of public Chinese map services.

A shift of some hundred metres that changes with the place. The published approximation is good to
about a metre, which does for pictures under the map and never for survey data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]
System = Literal["true", "GCJ-02", "BD-09"]

# The ellipsoid that the shift is reckoned on (Krassovsky 1940): semi-major axis, metres, and
# squared eccentricity.
_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY_2: Final = 0.006_693_421_622_965_943
_ORIGIN_DEG: Final = (105.0, 35.0)
# Where services shift at all; the rest of the world is shown as it is.
_LON_DEG: Final = (72.004, 137.8347)
_LAT_DEG: Final = (0.8293, 55.8271)
_ROUNDS: Final = 6
# BD-09 (Baidu) is GCJ-02 once more: a little ripple in polar coordinates and a fixed step, degrees.
_BD_STEP_DEG: Final = (0.0065, 0.006)
_BD_RIPPLE: Final = (0.000_02, 0.000_003)
_BD_WAVES: Final = np.pi * 3000 / 180


def to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 longitudes and latitudes to GCJ-02.

    Parameters
    ----------
    lon, lat : array of float, shape (n,)
        Degrees. Outside China they are returned as they are; NaN stays NaN.

    Returns
    -------
    lon, lat : array of float, shape (n,)
    """
    shifted = (lon > _LON_DEG[0]) & (lon < _LON_DEG[1]) & (lat > _LAT_DEG[0]) & (lat < _LAT_DEG[1])
    east_deg, north_deg = _shift(lon, lat)
    return np.where(shifted, lon + east_deg, lon), np.where(shifted, lat + north_deg, lat)


def from_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Take the shift of GCJ-02 away again, to less than a millimetre.

    Parameters
    ----------
    lon, lat : array of float, shape (n,)
        GCJ-02 degrees.

    Returns
    -------
    lon, lat : array of float, shape (n,)
        WGS 84 degrees.
    """
    return _taken_away(to_gcj02, lon, lat)


def to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 longitudes and latitudes to BD-09; see `to_gcj02`."""
    lon, lat = to_gcj02(lon, lat)
    radius = np.hypot(lon, lat) + _BD_RIPPLE[0] * np.sin(lat * _BD_WAVES)
    angle = np.arctan2(lat, lon) + _BD_RIPPLE[1] * np.cos(lon * _BD_WAVES)
    return radius * np.cos(angle) + _BD_STEP_DEG[0], radius * np.sin(angle) + _BD_STEP_DEG[1]


def from_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Take the shift of BD-09 away again, to less than a millimetre; see `from_gcj02`."""
    return _taken_away(to_bd09, lon, lat)


def _taken_away(
    shift: Callable[[Degrees, Degrees], tuple[Degrees, Degrees]], lon: Degrees, lat: Degrees
) -> tuple[Degrees, Degrees]:
    true_lon, true_lat = lon, lat
    for _round in range(_ROUNDS):
        # The shift changes slowly: what is missing after a guess is added to the guess.
        there_lon, there_lat = shift(true_lon, true_lat)
        true_lon, true_lat = true_lon + lon - there_lon, true_lat + lat - there_lat
    return true_lon, true_lat


def _shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return by how much GCJ-02 lies farther east and north, degrees."""
    x, y = lon - _ORIGIN_DEG[0], lat - _ORIGIN_DEG[1]
    root, ripple = np.sqrt(np.abs(x)), _waves(x, 6.0, 20.0) + _waves(x, 2.0, 20.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (ripple + _waves(x, 1.0, 20.0) + _waves(x, 1 / 3, 40.0)) * 2 / 3
    east_m += (_waves(x, 1 / 12, 150.0) + _waves(x, 1 / 30, 300.0)) * 2 / 3
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (ripple + _waves(y, 1.0, 20.0) + _waves(y, 1 / 3, 40.0)) * 2 / 3
    north_m += (_waves(y, 1 / 12, 160.0) + _waves(y, 1 / 30, 320.0)) * 2 / 3
    phi = np.radians(lat)
    flat = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY_2) / flat**1.5
    parallel_m = _AXIS_M / np.sqrt(flat) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _waves(degrees: Degrees, per_degree: float, height: float) -> Degrees:
    return height * np.sin(degrees * per_degree * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class LonLat:
    """Longitudes and latitudes, shape (n,), that know whether they are shifted.

    So a shift is neither taken away twice nor added to what is shifted already: both would leave
    places half a kilometre off with nothing to show it.
    """

    lon: Degrees
    lat: Degrees
    system: System

    def unshifted(self) -> LonLat:
        """Return the true degrees.

        Raises
        ------
        ValueError
            If these are the true ones.
        """
        if self.system == "true":
            raise ValueError("these degrees are true: there is no shift to take away")
        away = from_gcj02 if self.system == "GCJ-02" else from_bd09
        return LonLat(*away(self.lon, self.lat), "true")

    def shifted(self, system: System) -> LonLat:
        """Return the degrees as a map service shows them.

        Raises
        ------
        ValueError
            If these are shifted already, or no shift is named.
        """
        if self.system != "true" or system == "true":
            raise ValueError(f"degrees that are {self.system} cannot be shifted to {system}")
        there = to_gcj02 if system == "GCJ-02" else to_bd09
        return LonLat(*there(self.lon, self.lat), system)
