"""Places to visit: what is found, in which order, and where."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from hjgis.checks import runner
from hjgis.checks.rules.register import all_rules
from hjgis.checks.visits import find_visits
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.issues import Severity
from tests.unit.checks.examples import missing
from tests.unit.checks.faults import X, Y, add, at, foreign, issues, line, square

VISITS = sorted(rule.id for rule in all_rules().values() if rule.prefix == "visit")


def test_a_place_to_visit_is_for_information_and_says_why() -> None:
    assert len(VISITS) >= 6
    for rule in VISITS:
        assert all_rules()[rule].visit
        assert all_rules()[rule].severity is Severity.INFO
        assert "." in all_rules()[rule].explanation


def test_the_middle_of_a_gap_between_lamps_is_visited(project: Project) -> None:
    missing.row_with_a_lamp_missing(project)
    (visit,) = find_visits(project)
    assert (visit.x, visit.y) == (X + 120, Y - 3992)
    assert visit.road == "示例灯街"
    assert visit.title == "Lamp probably missing"
    assert visit.reason == "60 m between lamps D90 and D150 of 示例灯街, 30 m is usual there"


@pytest.mark.parametrize(("gap_m", "count"), [(45.0, 0), (45.1, 1), (399.0, 1), (401.0, 0)])
def test_a_gap_counts_from_one_time_and_a_half_to_where_the_row_ends(
    project: Project, gap_m: float, count: int
) -> None:
    road = shapely.MultiLineString([line((0, 0), (900, 0))])
    add(project, "road", road, road_name="灯街")
    for east in (0, 30, 60, 90, 120, 150, 150 + gap_m):
        add(project, "street_lamp", at(east, 5), road_name="灯街")
    assert len(issues(project, "visit.lamp_gap")) == count


def test_both_sides_of_a_road_are_rows_of_their_own(project: Project) -> None:
    road = shapely.MultiLineString([line((0, 0), (900, 0))])
    add(project, "road", road, road_name="灯街")
    for east in range(0, 360, 60):
        add(project, "street_lamp", at(east, 6), road_name="灯街")
        add(project, "street_lamp", at(east + 5, -6), road_name="灯街")
    assert issues(project, "visit.lamp_gap") == ()


def test_a_bend_does_not_make_a_gap_of_a_row(project: Project) -> None:
    road = shapely.MultiLineString([line((0, 0), (100, 0), (100, 100))])
    add(project, "road", road, road_name="灯街")
    for east, north in ((10, 4), (40, 4), (70, 4), (96, 8), (96, 38), (96, 68)):
        add(project, "street_lamp", at(east, north), road_name="灯街")
    assert issues(project, "visit.lamp_gap") == ()


def test_where_a_town_was_built_with_wider_spacings_those_are_usual(project: Project) -> None:
    for number in range(9):
        way = line((0, 9 * number), (115, 9 * number))
        add(project, "pipe_line", way, kind="WS", diameter_mm=400)
    assert issues(project, "visit.manhole_gap") == ()


def test_a_pipe_beside_is_not_ahead(project: Project) -> None:
    add(project, "pipe_line", line((0, 0), (30, 0)), kind="YS")
    add(project, "pipe_line", line((25, 8), (60, 8)), kind="YS")
    assert issues(project, "visit.pipe_end") == ()


def test_a_name_of_a_place_stays_in_every_run_and_language(project: Project) -> None:
    missing.row_with_a_lamp_missing(project)
    missing.town_of_one_toilet(project)
    first = [visit.issue for visit in find_visits(project)]
    assert len(set(first)) == len(first) > 2
    set_language("zh_CN")
    assert [visit.issue for visit in find_visits(project)] == first


def test_places_are_numbered_in_the_order_of_a_walk(project: Project) -> None:
    missing.town_of_one_toilet(project)
    missing.row_with_a_lamp_missing(project)
    visits = find_visits(project)
    assert [visit.number for visit in visits] == list(range(1, len(visits) + 1))
    assert visits[0].rule == "visit.lamp_gap"
    away = [np.hypot(a.x - b.x, a.y - b.y) for a, b in pairwise(visits)]
    assert max(away[1:]) < 1500


def test_only_places_in_an_extent_are_listed(project: Project) -> None:
    missing.row_with_a_lamp_missing(project)
    missing.town_of_one_toilet(project)
    visits = find_visits(project, extent=(X, Y - 4100, X + 500, Y - 3900))
    assert [visit.rule for visit in visits] == ["visit.lamp_gap"]
    assert visits[0].number == 1


def test_a_place_says_in_which_grid_it_lies(project: Project) -> None:
    middle = missing.grid_without_manholes(project)
    (visit,) = find_visits(project)
    assert {visit.uuid} == middle
    assert visit.grid == "150826100001001"
    assert visit.reason.startswith("Manhole: 0 in grid")


def test_an_empty_project_needs_no_visit(project: Project) -> None:
    assert find_visits(project) == ()


def test_bad_data_need_no_visit_and_stop_none(project: Project) -> None:
    for layer in ("street_lamp", "toilet", "grid", "road", "boundary", "pipe_line", "pipe_point"):
        add(project, layer, None)
    add(project, "street_lamp", at())
    add(project, "pipe_line", line((0, 0), (0, 0)), kind="WS", diameter_mm=300)
    foreign(project, "UPDATE pipe_line SET diameter_mm = 'x'")
    report = runner.run(project, only=VISITS)
    assert not report.failed
    assert len(report.issues) == 0


def test_a_pipe_that_another_begins_beside_goes_on_there(project: Project) -> None:
    # The next but one lies ahead; the cells of a decimetre part the two ends.
    add(project, "pipe_line", line((0, 0), (30.04, 0)), kind="JP")
    add(project, "pipe_line", line((30.06, 0), (36, 0)), kind="JP")
    add(project, "pipe_line", line((36, 0), (60, 0)), kind="JP")
    assert issues(project, "visit.pipe_end") == ()


def test_a_pipe_that_ends_on_another_goes_on_there(project: Project) -> None:
    add(project, "pipe_line", line((0, 0), (30, 0)), kind="JP")
    add(project, "pipe_line", line((30, -20), (30, 20)), kind="JP")
    add(project, "pipe_line", line((36, -20), (36, 20)), kind="JP")
    places = {(visit.x, visit.y) for visit in find_visits(project) if visit.y == Y}
    assert places == set()


def test_grids_that_lie_apart_are_compared_with_nothing(project: Project) -> None:
    for number in range(9):
        add(project, "grid", square(500.0 * number, 0, 100), grid_id=f"15082610000100{number}")
        add(project, "manhole", at(500.0 * number + 50, 50))
    assert issues(project, "visit.grid_sparse") == ()
