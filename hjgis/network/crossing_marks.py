"""Pipes that cross a profile as they are drawn: cut by its section, named above the ground."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import Final

from hjgis.i18n import _
from hjgis.models.line_drawing import Area, Place, Stroke, Words
from hjgis.network.crossings import Crossing

# What the words above the ground may take of the sheet, and how far two lines of them are apart.
WORDS_MM: Final = 34.0
_LINE_MM: Final = 2.9
_TEXT_MM: Final = 2.4
# The least that a pipe is drawn with.
_LEAST_MM: Final = 0.8
_CORNERS: Final = 24
_INK: Final = "#6a3d9a"
_CLOSE: Final = "#c62828"
_PAPER: Final = "#ffffff"


def outline(
    one: Crossing, x: float, between: tuple[float, float], wide_mm: float
) -> tuple[Place, ...]:
    """Return the outline of a pipe as the section cuts it: an ellipse, of a culvert a box.

    Parameters
    ----------
    between : tuple of float
        Where its lowest and its highest known level lie on the sheet, mm from the top.
    wide_mm : float
        NaN where it is not known.
    """
    low, high = between
    half = max(wide_mm, _LEAST_MM) / 2 if math.isfinite(wide_mm) else _LEAST_MM / 2
    tall, y = max(low - high, _LEAST_MM) / 2, (low + high) / 2
    if one.box:
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return tuple((x + half * across, y + tall * down) for across, down in corners)
    turns = [2 * math.pi * i / _CORNERS for i in range(_CORNERS)]
    return tuple((x + half * math.cos(turn), y + tall * math.sin(turn)) for turn in turns)


def drawn(one: Crossing, around: tuple[Place, ...]) -> Iterator[Stroke | Area]:
    """Draw a pipe that crosses, red where it comes too close."""
    layer = _("Crossing pipes")
    yield Area(around, layer, _PAPER)
    yield Stroke((*around, around[0]), layer, _CLOSE if one.close else _INK, 0.35)


def named(
    one: Crossing, x: float, leader: tuple[float, float], room_mm: float
) -> Iterator[Stroke | Words]:
    """Write what crosses, how deep and how near, on both sides of a line that leads to it.

    Parameters
    ----------
    leader : tuple of float
        Where that line and where the words begin, mm from the top.
    """
    layer, ink = _("Crossing pipes"), _CLOSE if one.close else _INK
    foot, start = leader
    told = _told(one)
    up = start - min(max(map(_width_mm, told)), room_mm)
    yield Stroke(((x, foot), (x, up)), layer, ink, 0.13, dashed=not one.known_m)
    for text, side in zip(told, (-1, 1), strict=True):
        at = (x + side * _LINE_MM / 2, start)
        yield Words(at, text, layer, ink, _TEXT_MM, room_mm, "left", upright=True)


def _told(one: Crossing) -> tuple[str, str]:
    """Return what a pipe is and how high it lies, then what is above it and between."""
    size = f"DN{one.size}" if one.size and not one.box else one.size
    what = [one.kind, size, _("levels unknown")]
    if math.isfinite(one.invert_m):
        what[-1] = _("invert {level:.2f}").format(level=one.invert_m)
    elif math.isfinite(one.top_m):
        what[-1] = _("top {level:.2f}").format(level=one.top_m)
    more = []
    if math.isfinite(one.cover_m):
        more.append(_("cover {metres:.2f} m").format(metres=one.cover_m))
    if one.clearance_m <= 0:
        more.append(_("at the same height"))
    elif math.isfinite(one.clearance_m):
        more.append(_("clearance {metres:.2f} m").format(metres=one.clearance_m))
    return " ".join(filter(None, what)), "  ".join(more)


def _width_mm(text: str) -> float:
    return sum(1.0 if ord(sign) > 0xFF else 0.55 for sign in text) * _TEXT_MM


def with_room(xs: Sequence[float], first: Sequence[bool]) -> list[bool]:
    """Return which of some places, rising, have room for words; those of `first` go before."""
    told = [False] * len(xs)
    taken: list[float] = []
    for i in sorted(range(len(xs)), key=lambda i: (not first[i], xs[i])):
        at = bisect(taken, xs[i])
        if all(abs(xs[i] - x) >= 2 * _LINE_MM for x in taken[max(at - 1, 0) : at + 1]):
            told[i] = True
            taken.insert(at, xs[i])
    return told
