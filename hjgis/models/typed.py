"""Places as people type them: coordinates, steps, lengths and angles."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from hjgis.errors import EditRefused
from hjgis.i18n import _

Place = tuple[float, float]

_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
_NORTH_EAST: Final = re.compile(rf"X\s*=?\s*({_NUMBER})\s*,?\s*Y\s*=?\s*({_NUMBER})", re.IGNORECASE)
_EAST_NORTH: Final = re.compile(rf"Y\s*=?\s*({_NUMBER})\s*,?\s*X\s*=?\s*({_NUMBER})", re.IGNORECASE)
_STEP: Final = re.compile(rf"@\s*({_NUMBER})\s*,\s*({_NUMBER})")
_POLAR: Final = re.compile(rf"@?\s*({_NUMBER})\s*<\s*({_NUMBER})")
_PAIR: Final = re.compile(rf"({_NUMBER})(?:\s*,\s*|\s+)({_NUMBER})")
_LENGTH: Final = re.compile(rf"({_NUMBER})")
_LENGTH_LOCK: Final = re.compile(rf"({_NUMBER})\s*<")
_ANGLE_LOCK: Final = re.compile(rf"<\s*({_NUMBER})")
# Chinese input methods give these for the signs on the same keys.
_WIDE: Final = str.maketrans(
    "，。；：＜＠－＋＝０１２３４５６７８９．、《", ",.;:<@-+=0123456789.,<"
)
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
    swapped : bool
        The coordinates were typed east first.
    """

    place: Place | None = None
    length_m: float | None = None
    angle_deg: float | None = None
    swapped: bool = False


def read_typed(text: str, *, last: Place | None, towards: Place, seen: Place) -> Typed:
    """Understand what was typed.

    ``x,y`` or ``x y`` (X north, Y east, as surveyors write; also ``X… Y…`` in either order),
    ``@dx,dy`` (north and east of the last vertex), ``12.5<90`` (length and angle,
    counterclockwise from east), ``12.5`` (length towards the mouse), ``12.5<`` and ``<90`` (lock
    for the next vertex).

    Parameters
    ----------
    last : tuple of float or None
        The vertex before, east and north.
    towards : tuple of float
        Where the mouse is.
    seen : tuple of float
        The middle of the map: coordinates that lie far from it are tried the other way round.

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
        return _absolute(_place(found[2], found[1]), seen)
    if found := _LENGTH_LOCK.fullmatch(plain):
        return Typed(length_m=_above_zero(found[1]))
    if found := _ANGLE_LOCK.fullmatch(plain):
        return Typed(angle_deg=float(found[1]))
    step = _step(plain, last, towards)
    if step is None:
        raise EditRefused(
            _("{text} is no place. Type x,y or @dx,dy or length<angle or a length.").format(
                text=text.strip()
            )
        )
    if last is None:
        raise EditRefused(_("There is no point yet to measure from: type x,y first."))
    return Typed((last[0] + step[0], last[1] + step[1]))


def _step(plain: str, last: Place | None, towards: Place) -> Place | None:
    """Return metres east and north of the last vertex; None where the text says none."""
    if found := _STEP.fullmatch(plain):
        return _place(found[2], found[1])
    if found := _POLAR.fullmatch(plain):
        length, turn = float(found[1]), math.radians(float(found[2]))
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


def _absolute(place: Place, seen: Place) -> Typed:
    other = (place[1], place[0])
    if math.dist(place, seen) > _FAR_M >= math.dist(other, seen):
        return Typed(other, swapped=True)
    return Typed(place)


def _place(east: str, north: str) -> Place:
    return float(east), float(north)


def _above_zero(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise EditRefused(_("A length must be above 0."))
    return value
