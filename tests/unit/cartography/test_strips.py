from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hjgis.cartography.strips import strip_centers

ROOM = (300.0, 200.0)
number = st.floats(-2000, 2000, allow_nan=False).map(lambda value: round(value, 3))


def frames(centers: list[tuple[float, float]]) -> list[shapely.Geometry]:
    width, height = ROOM
    return [
        shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        for x, y in centers
    ]


@given(st.lists(st.tuples(number, number), min_size=2, max_size=12, unique=True))
@settings(max_examples=150, deadline=None)
def test_frames_together_show_the_whole_line(points: list[tuple[float, float]]) -> None:
    line = shapely.LineString(points)
    made = frames(strip_centers(line, ROOM, overlap_m=20.0))
    seen = shapely.union_all(shapely.buffer(np.array(made), 1e-6))
    assert shapely.difference(line, seen).length < 1e-6


@given(st.lists(st.tuples(number, number), min_size=2, max_size=12, unique=True))
@settings(max_examples=150, deadline=None)
def test_one_frame_after_the_other_meets_it(points: list[tuple[float, float]]) -> None:
    made = frames(strip_centers(shapely.LineString(points), ROOM, overlap_m=20.0))
    for before, after in pairwise(made):
        assert before.intersects(after)


def test_a_straight_road_is_cut_into_as_few_as_can_be() -> None:
    line = shapely.LineString([(0, 0), (1000, 0)])
    centers = strip_centers(line, ROOM, overlap_m=20.0)
    assert centers == [(150, 0), (430, 0), (710, 0), (920, 0)]


def test_a_short_road_is_in_the_middle_of_its_one_frame() -> None:
    line = shapely.LineString([(10, 10), (110, 60)])
    assert strip_centers(line, ROOM, overlap_m=20.0) == [(60, 35)]


@pytest.mark.parametrize("bends", [1, 500])
def test_a_point_that_is_there_twice_does_not_stop_the_way(bends: int) -> None:
    line = shapely.LineString([(0, 0), (0, 0), *[(x, x % 7) for x in range(bends)], (900, 0)])
    made = frames(strip_centers(line, ROOM, overlap_m=20.0))
    assert shapely.covers(shapely.union_all(shapely.buffer(np.array(made), 1e-6)), line)
