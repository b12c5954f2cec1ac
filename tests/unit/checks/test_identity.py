from __future__ import annotations

from hjgis.checks import runner
from hjgis.layers.project import Project
from tests.unit.checks.faults import X, Y, add, at, found, issues

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
