"""Arcs and circles as the straight pieces that they are stored as."""

from __future__ import annotations

import math
from typing import Final

from hjgis.errors import EditRefused
from hjgis.i18n import _

Place = tuple[float, float]

# No farther than this are the pieces from the curve, metres: finer than a survey.
SAGITTA_M: Final = 0.01
_MOST_PIECES: Final = 720


def arc_through(start: Place, middle: Place, end: Place) -> list[Place]:
    """Return the vertices of the arc from one place through another to a third, ends included.

    Raises
    ------
    EditRefused
        If the three lie on a straight line.
    """
    centre = _centre(start, middle, end)
    if centre is None:
        raise EditRefused(_("The three points of an arc must not lie on a line."))
    radius = math.dist(centre, start)
    first, through, last = (
        math.atan2(place[1] - centre[1], place[0] - centre[0]) for place in (start, middle, end)
    )
    sweep = (last - first) % math.tau
    if (through - first) % math.tau > sweep:
        sweep -= math.tau
    count = _pieces(radius, abs(sweep))
    inner = (first + sweep * i / count for i in range(1, count))
    return [start, *(_at(centre, radius, turn) for turn in inner), end]


def circle(centre: Place, through: Place) -> list[Place]:
    """Return the vertices of a circle, counterclockwise from a place on it, each once.

    Raises
    ------
    EditRefused
        If the two places are the same.
    """
    radius = math.dist(centre, through)
    if radius == 0:
        raise EditRefused(_("A circle needs a radius."))
    first = math.atan2(through[1] - centre[1], through[0] - centre[0])
    count = _pieces(radius, math.tau)
    turns = (first + math.tau * i / count for i in range(count))
    return [_at(centre, radius, turn) for turn in turns]


def _pieces(radius: float, sweep: float) -> int:
    # A chord stands off its arc by r (1 - cos(half its angle)).
    half = math.acos(max(1 - SAGITTA_M / radius, 0.0)) if radius > SAGITTA_M else math.pi / 4
    return min(max(math.ceil(sweep / (2 * half)), 8), _MOST_PIECES)


def _at(centre: Place, radius: float, turn: float) -> Place:
    return centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)


def _centre(one: Place, two: Place, three: Place) -> Place | None:
    """Return the middle of the circle through three places; None if they lie on a line."""
    # About the first place: coordinates of millions of metres would cost the millimetres.
    bx, by = two[0] - one[0], two[1] - one[1]
    cx, cy = three[0] - one[0], three[1] - one[1]
    twice = 2 * (bx * cy - by * cx)
    if abs(twice) < 1e-9 * max(bx * bx + by * by, cx * cx + cy * cy, 1e-12):
        return None
    b2, c2 = bx * bx + by * by, cx * cx + cy * cy
    return one[0] + (cy * b2 - by * c2) / twice, one[1] + (bx * c2 - cx * b2) / twice
