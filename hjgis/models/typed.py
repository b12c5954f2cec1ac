"""Places as people type them: coordinates, steps, lengths and angles."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hjgis.errors import EditRefused
from hjgis.i18n import _

Place = tuple[float, float]

_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
_NORTH_EAST: Final = re.compile(rf"X\s*=?\s*({_NUMBER})\s*,?\s*Y\s*=?\s*({_NUMBER})", re.IGNORECASE)
_EAST_NORTH: Final = re.compile(rf"Y\s*=?\s*({_NUMBER})\s*,?\s*X\s*=?\s*({_NUMBER})", re.IGNORECASE)
_STEP: Final = re.compile(rf"@\s*({_NUMBER})\s*,\s*({_NUMBER})")
_PAIR: Final = re.compile(rf"({_NUMBER})(?:\s*,\s*|\s+)({_NUMBER})(?:(?:\s*,\s*|\s+)({_NUMBER}))?")
_POLAR: Final = re.compile(rf"@?\s*({_NUMBER})\s*<(.+)")
_ANGLE: Final = re.compile(
    rf"(?P<side>[NE])?\s*(?P<deg>{_NUMBER})\s*(?:(?P<plain>[°D])\s*"
    r"(?:(?P<min>\d+(?:\.\d*)?)\s*'\s*(?:(?P<sec>\d+(?:\.\d*)?)\s*\"\s*)?)?)?",
    re.IGNORECASE,
)
_LENGTH: Final = re.compile(rf"({_NUMBER})")
_LENGTH_LOCK: Final = re.compile(rf"({_NUMBER})\s*<")
_ANGLE_LOCK: Final = re.compile(r"<(.+)")
# Chinese input methods give these for the signs on the same keys.
_WIDE: Final = str.maketrans(
    "，。；：＜＠－＋＝０１２３４５６７８９．、《º度′’分″”“秒",
    ',.;:<@-+=0123456789.,<°°\'\'\'""""',
)
_FIRST: Final = frozenset("0123456789.@<xXyY＠＜０１２３４５６７８９")
_FULL_TURN_S: Final = 360 * 3600
# A place farther away than this from what is seen was meant the other way round, metres.
_FAR_M: Final = 200_000.0


@dataclass(frozen=True, slots=True)
class Typed:
    """What a text means: a place, or a lock on the next one.

    Attributes
    ----------
    place : tuple of float or None
        East and north, project CRS, metres.
    length_m, angle_deg : float or None
        What the next step is bound to; the angle counterclockwise from east.
    height_m : float or None
        Of the ground at the place.
    swapped : bool
        The coordinates were typed east first.
    """

    place: Place | None = None
    length_m: float | None = None
    angle_deg: float | None = None
    height_m: float | None = None
    swapped: bool = False


def begins_place(text: str) -> bool:
    """Whether what was typed on the map is the beginning of a place."""
    return bool(text) and text[0] in _FIRST


def read_typed(
    text: str,
    *,
    last: Place | None,
    towards: Place,
    seen: Place,
    azimuths: bool = False,
    degrees: Callable[[str], Place | None] | None = None,
) -> Typed:
    """Understand what was typed.

    ``x,y`` or ``x y`` (X north, Y east, as surveyors write; also ``X… Y…`` in either order),
    ``x,y,h`` with a height, ``@dx,dy`` (north and east of the last vertex), ``12.5<90`` (length
    and angle), ``12.5`` (length towards the mouse), ``12.5<`` and ``<90`` (lock for the next
    vertex), longitude and latitude in degrees.

    Angles run counterclockwise from east, in degrees; after ``N`` they are azimuths, clockwise
    from north: ``N45.3020`` is 45°30'20" as in surveyors' programs, ``N45.5056°`` decimal degrees.

    Parameters
    ----------
    last : tuple of float or None
        The vertex before, east and north.
    towards : tuple of float
        Where the mouse is.
    seen : tuple of float
        The middle of the map: coordinates that lie far from it are tried the other way round,
        then as degrees.
    azimuths : bool
        Angles without ``E`` or ``N`` are azimuths.
    degrees : callable, optional
        Returns the place that a text of longitude and latitude means; None if it means none.

    Raises
    ------
    EditRefused
        If it cannot be read; the message says what can.
    """
    plain = text.translate(_WIDE).strip()
    if found := _EAST_NORTH.fullmatch(plain):
        return Typed(_place(found[1], found[2]))
    if found := _NORTH_EAST.fullmatch(plain):
        return Typed(_place(found[2], found[1]))
    if found := _PAIR.fullmatch(plain):
        height = float(found[3]) if found[3] else None
        return _absolute(_place(found[2], found[1]), height, seen, degrees)
    if found := _LENGTH_LOCK.fullmatch(plain):
        return Typed(length_m=_above_zero(found[1]))
    if found := _ANGLE_LOCK.fullmatch(plain):
        return Typed(angle_deg=_angle(found[1], azimuths))
    if degrees is not None and (place := degrees(plain)) is not None:
        return Typed(place)
    step = _step(plain, last, towards, azimuths)
    if step is None:
        raise EditRefused(
            _("{text} is no place. Type x,y or @dx,dy or length<angle or a length.").format(
                text=text.strip()
            )
        )
    if last is None:
        raise EditRefused(_("There is no point yet to measure from: type x,y first."))
    return Typed((last[0] + step[0], last[1] + step[1]))


def azimuth_of(step: Place) -> float:
    """Return where metres east and north lead to, degrees clockwise from north, below 360."""
    return math.degrees(math.atan2(*step)) % 360


def azimuth_words(azimuth_deg: float) -> str:
    """Write an azimuth in degrees, minutes and whole seconds."""
    seconds = round(azimuth_deg % 360 * 3600) % _FULL_TURN_S
    return f"{seconds // 3600}°{seconds // 60 % 60:02}′{seconds % 60:02}″"


def angle_example(*, azimuths: bool) -> str:
    """Say by an example how an angle is typed and from where it is counted."""
    if azimuths:
        return _("12.5<45.3020 (azimuth 45°30′20″, clockwise from north)")
    return _("12.5<90 (degrees anticlockwise from east; <N45.3020: azimuth)")


def _angle(text: str, azimuths: bool) -> float:
    """Return an angle in degrees counterclockwise from east.

    Raises
    ------
    EditRefused
        If the text is none.
    """
    found = _ANGLE.fullmatch(text.strip())
    if found is None:
        raise EditRefused(_("{text} is no angle.").format(text=text.strip()))
    from_north = found["side"].upper() == "N" if found["side"] else azimuths
    if found["plain"]:
        parts = (found["min"] or "0", found["sec"] or "0")
    elif from_north:
        whole, _point, packed = found["deg"].partition(".")
        packed = packed.ljust(4, "0")
        return 90 - _sum_of(whole or "0", (packed[:2], f"{packed[2:4]}.{packed[4:]}"), text)
    else:
        return float(found["deg"])
    degrees = _sum_of(found["deg"], parts, text)
    return 90 - degrees if from_north else degrees


def _sum_of(degrees: str, parts: tuple[str, str], text: str) -> float:
    """Return degrees of degrees, minutes and seconds."""
    minutes, seconds = (float(part) for part in parts)
    if minutes >= 60 or seconds >= 60:
        words = _("{text}: minutes and seconds are below 60 (45.3020 is 45°30′20″).")
        raise EditRefused(words.format(text=text.strip()))
    whole = float(degrees) if degrees not in ("-", "+") else 0.0
    part = minutes / 60 + seconds / 3600
    return whole - part if degrees.startswith("-") else whole + part


def _step(plain: str, last: Place | None, towards: Place, azimuths: bool) -> Place | None:
    """Return metres east and north of the last vertex; None where the text says none."""
    if found := _STEP.fullmatch(plain):
        return _place(found[2], found[1])
    if found := _POLAR.fullmatch(plain):
        length, turn = float(found[1]), math.radians(_angle(found[2], azimuths))
        return (length * math.cos(turn), length * math.sin(turn))
    if found := _LENGTH.fullmatch(plain):
        if last is None:
            return (0.0, 0.0)
        away = math.dist(last, towards)
        if away == 0:
            raise EditRefused(_("Point the mouse where the length is to go."))
        share = _above_zero(found[1]) / away
        return ((towards[0] - last[0]) * share, (towards[1] - last[1]) * share)
    return None


def locked(place: Place, last: Place, length_m: float | None, angle_deg: float | None) -> Place:
    """Return the place nearest to one that a lock allows."""
    east, north = place[0] - last[0], place[1] - last[1]
    if angle_deg is not None:
        turn = math.radians(angle_deg)
        along = east * math.cos(turn) + north * math.sin(turn)
        if length_m is not None:
            along = math.copysign(length_m, along)
        return (last[0] + along * math.cos(turn), last[1] + along * math.sin(turn))
    away = math.hypot(east, north)
    if length_m is None or away == 0:
        return place
    return (last[0] + east * length_m / away, last[1] + north * length_m / away)


def _absolute(
    place: Place,
    height_m: float | None,
    seen: Place,
    degrees: Callable[[str], Place | None] | None,
) -> Typed:
    other = (place[1], place[0])
    if math.dist(place, seen) > _FAR_M:
        if math.dist(other, seen) <= _FAR_M:
            return Typed(other, height_m=height_m, swapped=True)
        meant = degrees(f"{place[1]},{place[0]}") if degrees is not None else None
        if meant is not None:
            return Typed(meant, height_m=height_m)
    return Typed(place, height_m=height_m)


def _place(east: str, north: str) -> Place:
    return float(east), float(north)


def _above_zero(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise EditRefused(_("A length must be above 0."))
    return value
