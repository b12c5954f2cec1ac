from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.checks.along import NO_ROAD, along_roads, neighbours_along, road_runs
from hjgis.models.reading import Coded


def coded(*words: str | None) -> Coded:
    values = [*dict.fromkeys(word for word in words if word is not None)]
    codes = [-1 if word is None else values.index(word) for word in words]
    return Coded(np.array(codes, np.int32), np.array(values, dtype=object))


def lines(*ways: list[tuple[float, float]] | None) -> np.ndarray:
    made = np.empty(len(ways), dtype=object)
    made[:] = [None if way is None else shapely.MultiLineString([way]) for way in ways]
    return made


BENT = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]


def test_the_way_is_measured_round_the_bend_and_the_side_is_said() -> None:
    runs = road_runs(lines(BENT), coded("甲路"))
    spots = np.array([(50.0, 5.0), (105.0, 50.0), (60.0, 0.0)])
    along = along_roads(spots, runs, within_m=10)
    assert along.run.tolist() == [0, 0, 0]
    assert along.measure_m.tolist() == [50.0, 150.0, 60.0]
    assert along.offset_m.tolist() == [5.0, 5.0, 0.0]
    assert along.side.tolist() == [1, -1, 0]
    first, second, gap = neighbours_along(along, np.arange(3))
    assert [*zip(first.tolist(), second.tolist(), gap.tolist(), strict=True)] == [
        (0, 2, 10.0),
        (2, 1, 90.0),
    ]
    assert len(neighbours_along(along, np.arange(3), along.side.astype(np.int64))[0]) == 0


def test_lines_of_one_name_are_one_road_whichever_way_they_were_drawn() -> None:
    ways = lines([(0, 0), (50, 0)], [(100, 0), (50, 0)], [(100, 0), (150, 0)], None)
    runs = road_runs(ways, coded("甲路", " 甲路", None, "甲路"))
    assert shapely.length(runs.lines).tolist() == [100.0, 50.0]
    assert runs.names.tolist() == ["甲路", None]
    assert runs.road.tolist() == [0, 2]


def test_a_point_goes_to_the_road_it_names_if_that_is_near_enough() -> None:
    runs = road_runs(lines([(0, 0), (100, 0)], [(0, 20), (100, 20)]), coded("甲路", "乙路"))
    spots = np.array([(50.0, 6.0)] * 4)
    said = coded("乙路", "甲路", "丙路", None)
    near = along_roads(spots, runs, names=said, within_m=15)
    assert runs.names[near.run].tolist() == ["乙路", "甲路", "甲路", "甲路"]
    assert near.offset_m.tolist() == [14.0, 6.0, 6.0, 6.0]
    close = along_roads(spots, runs, names=said, within_m=10)
    assert runs.names[close.run].tolist() == ["甲路"] * 4


@pytest.mark.parametrize("roads", [lines(), lines(None), lines(BENT)], ids=str)
def test_points_without_a_place_or_a_road_have_none(roads: np.ndarray) -> None:
    runs = road_runs(roads, coded(*[None] * len(roads)))
    along = along_roads(np.array([(np.nan, np.nan), (0.0, 500.0)]), runs, within_m=50)
    assert along.run.tolist() == [NO_ROAD, NO_ROAD]
    assert np.isnan(along.measure_m).all()
    assert np.isnan(along.offset_m).all()
    assert along_roads(np.empty((0, 2)), runs, within_m=50).run.shape == (0,)


def test_a_vertex_drawn_twice_does_no_harm() -> None:
    runs = road_runs(lines([(0, 0), (50, 0), (50, 0), (100, 0)]), coded("甲路"))
    along = along_roads(np.array([(50.0, 3.0), (80.0, -3.0)]), runs, within_m=10)
    assert along.measure_m.tolist() == [50.0, 80.0]


def test_a_road_to_infinity_is_no_road_and_spoils_no_other() -> None:
    endless = [(0.0, 0.0), (float("inf"), 0.0)]
    runs = road_runs(lines(endless, BENT), coded("乙路", "甲路"))
    along = along_roads(np.array([(105.0, 50.0)]), runs, within_m=10)
    assert along.measure_m.tolist() == [150.0]
