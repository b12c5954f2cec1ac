from __future__ import annotations

import datetime as dt

import pytest
import shapely

from hjgis.checks import runner
from hjgis.layers.project import Project
from hjgis.models.identifiers import COUNTY
from tests.unit.checks.examples import general
from tests.unit.checks.faults import X, Y, add, at, foreign, found, issues, square

RULE = "identity.component_id_duplicate"
SAME = "15082601002900001"


def test_each_twin_names_another_and_the_number_of_all(project: Project) -> None:
    numbers = [f"YS{n}" for n in range(3)]
    uuids = [
        add(project, "manhole", at(5 * n), component_id=SAME, exp_no=number)
        for n, number in enumerate(numbers)
    ]
    own = dict(zip(uuids, numbers, strict=True))
    said = {issue.uuid: issue.message for issue in issues(project, RULE)}
    assert said.keys() == set(uuids)
    for uuid, message in said.items():
        (other,) = (number for number in numbers if number in message)
        assert other != own[uuid]
        assert message == f"{SAME} is also the id of Manhole {other} (3 in all)"


def test_a_twin_without_number_is_named_by_the_beginning_of_its_uuid(project: Project) -> None:
    one, other = (add(project, "toilet", at(5 * n), component_id=SAME) for n in range(2))
    said = {issue.uuid: issue.message for issue in issues(project, RULE)}
    assert said[one] == f"{SAME} is also the id of Public toilet {other[:8]} (2 in all)"


def test_features_without_an_id_are_no_twins(project: Project) -> None:
    add(project, "manhole", at())
    add(project, "manhole", at(5), component_id="")
    add(project, "manhole", at(10), component_id="")
    assert found(project, RULE) == set()


def test_the_place_is_that_of_the_feature(project: Project) -> None:
    add(project, "manhole", at(5, 7), component_id=SAME)
    add(project, "toilet", None, component_id=SAME)
    places = {issue.layer: (issue.x, issue.y) for issue in issues(project, RULE)}
    assert places == {"manhole": (X + 5, Y + 7), "toilet": (None, None)}


def test_a_twin_outside_the_extent_is_seen_but_not_reported(project: Project) -> None:
    inside = add(project, "manhole", at(), component_id=SAME)
    add(project, "manhole", at(500), component_id=SAME)
    report = runner.run(project, only=[RULE], extent=(X - 1, Y - 1, X + 1, Y + 1))
    assert [issue.uuid for issue in report.issues] == [inside]


# -- dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["20200501", "2020-W01-1", "2020-05-01x", "2020-5-1"])
def test_a_date_that_is_not_written_year_month_day_is_told(project: Project, written: str) -> None:
    toilet = add(project, "toilet", at())
    foreign(project, "UPDATE toilet SET initial_date = ?", written)
    assert found(project, "date.impossible") == {toilet}


@pytest.mark.parametrize("written", ["2020-05-01", "2020-05-01T08:30:00", "2020-05-01 08:30"])
def test_a_day_may_have_an_hour(project: Project, written: str) -> None:
    add(project, "toilet", at())
    foreign(project, "UPDATE toilet SET initial_date = ?", written)
    assert found(project, "date.impossible") == set()


def test_a_record_of_an_hour_of_today_is_not_of_a_day_to_come(project: Project) -> None:
    toilet = add(project, "toilet", at())
    uuid = general.record_of(project, "toilet", toilet, dt.date.today())
    foreign(project, "UPDATE inspection SET date = date || 'T09:00:00'")
    assert found(project, "record.in_future") == set()
    foreign(project, "UPDATE inspection SET date = 20200501 WHERE uuid = ?", uuid)
    assert found(project, "record.in_future") == set()


# -- grids -----------------------------------------------------------------------------------------


def test_a_community_of_another_system_says_nothing_of_the_grid(project: Project) -> None:
    add(project, "grid", square(0, 0, 9), grid_id=f"{COUNTY}001001001", community_code="9" * 15)
    assert found(project, "grid.id_form") == set()


def test_a_grid_inside_a_gap_is_no_gap(project: Project) -> None:
    ring = shapely.Polygon(square(0, 0, 100).exterior, [square(20, 20, 60).exterior])
    add(project, "grid", ring)
    add(project, "grid", square(30, 30, 40))
    (issue,) = issues(project, "grid.gap")
    assert f"{60 * 60 - 40 * 40:.1f} m²" in issue.message
    assert issue.x is not None
    assert issue.y is not None
    assert not square(30, 30, 40).covers(shapely.Point(issue.x, issue.y))
