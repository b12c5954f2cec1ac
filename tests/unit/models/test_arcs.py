from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hjgis.errors import EditRefused
from hjgis.models.arcs import SAGITTA_M, arc_through, circle

CENTRE = (428_000.0, 4_528_000.0)


def on_circle(radius: float, turn: float) -> tuple[float, float]:
    return CENTRE[0] + radius * math.cos(turn), CENTRE[1] + radius * math.sin(turn)


@given(
    radius=st.floats(0.5, 500),
    start=st.floats(0, math.tau),
    sweep=st.floats(0.2, 6.0),
    share=st.floats(0.2, 0.8),
    clockwise=st.booleans(),
)
def test_an_arc_goes_through_its_three_points(
    radius: float, start: float, sweep: float, share: float, clockwise: bool
) -> None:
    turn = -sweep if clockwise else sweep
    ends = [on_circle(radius, start + turn * part) for part in (0, share, 1)]
    arc = arc_through(*ends)
    assert (arc[0], arc[-1]) == (ends[0], ends[2])
    line = shapely.LineString(arc)
    assert line.distance(shapely.Point(ends[1])) <= 1.1 * SAGITTA_M
    assert line.length == pytest.approx(radius * sweep, rel=0.03)
    assert all(math.dist(place, CENTRE) == pytest.approx(radius, abs=1e-3) for place in arc)


def test_three_points_on_a_line_are_no_arc() -> None:
    with pytest.raises(EditRefused, match="on a line"):
        arc_through((0, 0), (1, 1), (2, 2))


def test_a_circle_has_the_area_of_one() -> None:
    ring = shapely.Polygon(circle(CENTRE, on_circle(5, 1)))
    assert ring.is_valid
    assert ring.area == pytest.approx(math.pi * 25, rel=0.01)
    with pytest.raises(EditRefused):
        circle(CENTRE, CENTRE)
