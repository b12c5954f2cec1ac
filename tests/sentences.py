"""Sentences of a satellite receiver, with right checksums."""

from __future__ import annotations

import functools
import operator

import numpy as np

from hjgis.models.crs import Transform, parse_crs

# 40°53.232' N, 107°08.916' E: the middle of the town.
PLACE = "4053.2320,N,10708.9160,E"


def sentence(body: str) -> str:
    """Return a sentence around its fields."""
    return f"${body}*{functools.reduce(operator.xor, body.encode()):02X}"


def gga(
    time: str = "020304.00",
    place: str = PLACE,
    quality: int = 1,
    *,
    who: str = "GN",
    hdop: float = 0.8,
) -> str:
    """Return a place with quality, 12 satellites and a height."""
    return sentence(f"{who}GGA,{time},{place},{quality},12,{hdop:.2f},1039.210,M,-38.500,M,,")


def rmc(
    time: str = "020304.00", date: str = "150626", *, mode: str = "A", place: str = PLACE
) -> str:
    """Return a place with date, 2.5 knots and a course of 87.5 degrees."""
    return sentence(f"GNRMC,{time},A,{place},2.50,87.50,{date},,,{mode}")


def degrees(x: float, y: float, crs: str = "EPSG:4545") -> str:
    """Return a place of a project as a receiver tells it, to a tenth of a millimetre."""
    back = Transform(parse_crs(crs), parse_crs("EPSG:4326"))
    lon, lat = back.points(np.array([x]), np.array([y]))
    return f"{_minutes(float(lat[0]), 2)},N,{_minutes(float(lon[0]), 3)},E"


def _minutes(value: float, digits: int) -> str:
    whole = int(value)
    return f"{whole:0{digits}}{(value - whole) * 60:010.7f}"
