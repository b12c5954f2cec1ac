from __future__ import annotations

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.models.tracing import traced

CORNER = shapely.LineString([(0, 0), (10, 0), (10, 10)])
SQUARE = shapely.box(0, 0, 10, 10)


@pytest.mark.parametrize(
    ("edges", "start", "end", "way"),
    [
        ([CORNER], (2, 0), (10, 7), [(10, 0)]),
        ([CORNER], (10, 7), (2, 0), [(10, 0)]),
        ([CORNER], (2, 0), (7, 0), []),
        ([CORNER], (0, 0), (10, 10), [(10, 0)]),
        # Round an area the shorter way, over the vertex where its ring begins too.
        ([SQUARE], (10, 4), (4, 10), [(10, 10)]),
        ([SQUARE], (10, 1), (9, 0), [(10, 0)]),
        # Over several lines, turning where they touch or cross.
        ([CORNER, shapely.LineString([(10, 5), (20, 5)])], (2, 0), (18, 5), [(10, 0), (10, 5)]),
        (
            [shapely.LineString([(0, 0), (20, 0)]), shapely.LineString([(8, -5), (8, 5)])],
            (1, 0),
            (8, 4),
            [(8, 0)],
        ),
        # The shorter of two ways.
        (
            [shapely.LineString([(0, 0), (0, 30), (10, 30), (10, 0)]), CORNER],
            (0, 0),
            (10, 1),
            [(10, 0)],
        ),
    ],
)
def test_the_way_between_two_places(
    edges: list[BaseGeometry],
    start: tuple[float, float],
    end: tuple[float, float],
    way: list[tuple[float, float]],
) -> None:
    assert traced(edges, start, end) == way


def test_vertices_are_taken_as_they_are() -> None:
    line = shapely.LineString([(428_000.123456789, 0.1), (428_003.3333333333, 2.2), (428_010, 0)])
    way = traced([line], (428_000.123456789, 0.1), (428_010, 0))
    assert way == [(428_003.3333333333, 2.2)]


def test_there_is_no_way_between_lines_that_do_not_meet_or_from_beside_one() -> None:
    apart = [shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(2, 0), (3, 0)])]
    assert traced(apart, (0, 0), (3, 0)) is None
    assert traced(apart, (0, 1), (1, 0)) is None
    assert traced([], (0, 0), (1, 0)) is None
