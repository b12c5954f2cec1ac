"""Places as people write them anywhere: coordinates in metres or degrees, sheet numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from hjgis.models.changes import Extent
from hjgis.models.crs import Crs, Transform, parse_crs

Kind = Literal["metres", "degrees", "sheet"]
_WGS84: Final = "EPSG:4326"
_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?"
_XY: Final = re.compile(
    rf"(?P<first>[XY])?\s*[=:]?\s*(?P<a>{_NUMBER})\s*[, ]\s*(?P<second>[XY])?\s*[=:]?\s*"
    rf"(?P<b>{_NUMBER})",
    re.IGNORECASE,
)
_ANGLE: Final = re.compile(
    r"(?P<before>[NSEW])?\s*(?P<deg>\d{1,3}(?:\.\d+)?)\s*[°d]?\s*"
    r"(?:(?P<min>\d{1,2}(?:\.\d+)?)\s*['m]\s*)?(?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:\"|''|s)?\s*)?"
    r"(?P<after>[NSEW])?",
    re.IGNORECASE,
)
# What Chinese input methods and texts give for the signs above.
_PLAIN: Final = str.maketrans(
    "，；：＝、　０１２３４５６７８９．º度′’分″”“秒－",
    ',,:=, 0123456789.°°\'\'\'""""-',
)
_NAMES: Final = (("北纬", "N"), ("东经", "E"), ("纬度", "N"), ("经度", "E"))
# Where degrees of China lie; outside it two numbers are metres or nothing.
_LON_DEG: Final = (73.0, 136.0)
_LAT_DEG: Final = (3.0, 54.0)
# Zone numbers stand before six digits of easting.
_ZONE_M: Final = 1_000_000.0
_FAR_M: Final = 300_000.0
# Nobody writes a place in more letters.
_LONGEST: Final = 80

# GB/T 13989-2012: sheets of 1:1 000 000 are 6° wide and 4° high, rows from A at the equator,
# columns from 1 at 180° W; letters B to H divide a side of them into so many.
_SHEET: Final = re.compile(r"([A-N])(\d{2})(?:([B-H])(\d{3})(\d{3}))?", re.IGNORECASE)
_DIVISIONS: Final = {"B": 2, "C": 4, "D": 12, "E": 24, "F": 48, "G": 96, "H": 192}
_SHEET_WIDE_DEG, _SHEET_HIGH_DEG = 6.0, 4.0
# Sheets of a town survey are called by their south-western corner in kilometres, north first; of
# 50 cm by 50 cm: 250 m a side at 1:500 (two decimals), 500 m at 1:1000 (one).
_TOWN_SHEET: Final = re.compile(r"(\d{4}\.\d{1,2})-(\d{2,5}\.\d{1,2})")
_TOWN_SHEET_M: Final = {2: 250.0, 1: 500.0}


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that was typed.

    Attributes
    ----------
    kind : str
        How it was typed.
    x, y : float
        Its middle, project CRS, metres.
    extent : tuple of float or None
        Of a sheet, project CRS.
    """

    kind: Kind
    x: float
    y: float
    extent: Extent | None = None


def read_place(text: str, crs: Crs, seen: tuple[float, float]) -> FoundPlace | None:
    """Return the place that a text means; None if it means none.

    X (north) and Y (east) in metres with or without letters and zone number, longitude and latitude
    in degrees or in degrees, minutes and seconds in either order, the number of a national map
    sheet (GB/T 13989) or of a sheet of a town survey.

    Parameters
    ----------
    crs : Crs
        Of the project.
    seen : tuple of float
        Where the map is, project CRS: numbers without letters that lie far from it were typed in
        the other order.
    """
    plain = _plain(text)
    if len(plain) > _LONGEST:
        return None
    return (
        _sheet(plain, crs)
        or _town_sheet(plain, seen)
        or _metres(plain, seen)
        or _degrees(plain, crs)
    )


def read_degrees(text: str, crs: Crs) -> tuple[float, float] | None:
    """Return the place, project CRS, that longitude and latitude mean; None if a text is not."""
    found = _degrees(_plain(text), crs) if len(text) <= _LONGEST else None
    return (found.x, found.y) if found is not None else None


def _plain(text: str) -> str:
    plain = text.translate(_PLAIN).strip()
    for name, letter in _NAMES:
        plain = plain.replace(name, letter)
    return plain


def _metres(plain: str, seen: tuple[float, float]) -> FoundPlace | None:
    found = _XY.fullmatch(plain)
    if found is None:
        return None
    first, second = (found["first"] or "").upper(), (found["second"] or "").upper()
    north, east = float(found["a"]), float(found["b"])
    if first and first == second:
        return None
    if first == "Y" or second == "X":
        north, east = east, north
    elif not first and not second:
        if min(abs(north), abs(east)) < 1000:
            return None
        straight, turned = _near(east, north, seen), _near(north, east, seen)
        if turned <= _FAR_M < straight:
            north, east = east, north
    east = _without_zone(east, seen)
    return FoundPlace("metres", east, north) if math.isfinite(east + north) else None


def _near(east: float, north: float, seen: tuple[float, float]) -> float:
    return math.dist((_without_zone(east, seen), north), seen)


def _without_zone(east: float, seen: tuple[float, float]) -> float:
    """Return an easting without the zone number, where the project's have none."""
    return east % _ZONE_M if east >= 10 * _ZONE_M and seen[0] < _ZONE_M else east


def _degrees(plain: str, crs: Crs) -> FoundPlace | None:
    for first, second in _halves(plain):
        angles = [_angle(first), _angle(second)]
        if None in angles:
            continue
        (a, a_is), (b, b_is) = (angle for angle in angles if angle is not None)
        if a_is and a_is == b_is:
            return None
        lon, lat = (b, a) if a_is == "lat" or b_is == "lon" else (a, b)
        if not a_is and not b_is and not _is_lon(a):
            lon, lat = b, a
        if _is_lon(lon) and _LAT_DEG[0] <= lat <= _LAT_DEG[1]:
            x, y = _projected([lon], [lat], crs)
            if np.isfinite((x[0], y[0])).all():
                return FoundPlace("degrees", float(x[0]), float(y[0]))
    return None


def _halves(plain: str) -> list[tuple[str, str]]:
    """Return the ways in which a text may be two angles."""
    if plain.count(",") == 1:
        first, _comma, second = plain.partition(",")
        return [(first.strip(), second.strip())]
    cuts = [at for at, sign in enumerate(plain) if sign == " "]
    cuts += [at + 1 for at, sign in enumerate(plain[:-1]) if sign.upper() in 'NSEW"' and at]
    cuts += [at for at, sign in enumerate(plain) if sign.upper() in "NSEW" and at]
    return [(plain[:at].strip(), plain[at:].strip()) for at in sorted(set(cuts))]


def _angle(text: str) -> tuple[float, str] | None:
    """Return degrees and what they are: ``lat``, ``lon`` or nothing said."""
    found = _ANGLE.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None
    minutes, seconds = float(found["min"] or 0), float(found["sec"] or 0)
    if minutes >= 60 or seconds >= 60 or (found["sec"] and not found["min"]):
        return None
    degrees = float(found["deg"]) + minutes / 60 + seconds / 3600
    letter = (found["before"] or found["after"] or "").upper()
    if letter in ("S", "W"):
        degrees = -degrees
    return degrees, {"N": "lat", "S": "lat", "E": "lon", "W": "lon"}.get(letter, "")


def _is_lon(degrees: float) -> bool:
    return _LON_DEG[0] <= degrees <= _LON_DEG[1]


def _sheet(plain: str, crs: Crs) -> FoundPlace | None:
    found = _SHEET.fullmatch(plain.replace(" ", "").replace("-", ""))
    if found is None or not 1 <= int(found[2]) <= 60:
        return None
    parts = _DIVISIONS[found[3].upper()] if found[3] else 1
    row, column = int(found[4] or 1), int(found[5] or 1)
    if not (1 <= row <= parts and 1 <= column <= parts):
        return None
    high, wide = _SHEET_HIGH_DEG / parts, _SHEET_WIDE_DEG / parts
    north = (ord(found[1].upper()) - ord("A") + 1) * _SHEET_HIGH_DEG - (row - 1) * high
    west = (int(found[2]) - 31) * _SHEET_WIDE_DEG + (column - 1) * wide
    x, y = _projected([west, west, west + wide, west + wide], [north, north - high] * 2, crs)
    if not np.isfinite(x + y).all():
        return None
    extent = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    return FoundPlace("sheet", *_middle(extent), extent)


def _town_sheet(plain: str, seen: tuple[float, float]) -> FoundPlace | None:
    found = _TOWN_SHEET.fullmatch(plain.replace(" ", ""))
    if found is None:
        return None
    side = _TOWN_SHEET_M[len(found[1].partition(".")[2])]
    south, west = float(found[1]) * 1000, _without_zone(float(found[2]) * 1000, seen)
    extent = (west, south, west + side, south + side)
    return FoundPlace("sheet", *_middle(extent), extent)


def _middle(extent: Extent) -> tuple[float, float]:
    return (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2


def _projected(
    lon: list[float], lat: list[float], crs: Crs
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    transform = Transform(parse_crs(_WGS84), crs)
    return transform.points(np.array(lon), np.array(lat))
