"""What is accepted as it is leaves the list and is told apart."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from hjgis.checks import runner
from hjgis.checks.runner import CheckReport
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, FeatureKey
from hjgis.models.exceptions import FACT, accept, read_exceptions, withdraw
from hjgis.models.issues import Issue
from tests.unit.checks.faults import STRAIGHT, add, at, line, pipe

DAY = dt.date(2025, 5, 1)


def take(project: Project, issues: list[Issue], reason: str = "as built") -> None:
    stored = project.info(FACT)
    project.session.apply(accept(stored, issues, reason, operator="张三", on=DAY))


def of(report: CheckReport, rule: str) -> list[Issue]:
    return [issue for issue in report.issues if issue.rule == rule]


def test_what_is_accepted_is_no_issue_but_an_exception_until_it_is_withdrawn(
    project: Project,
) -> None:
    add(project, "pipe_line", line(*STRAIGHT))
    before = runner.run(project)
    first, second = of(before, "pipe.end_without_node")
    take(project, [first])
    report = runner.run(project)
    assert of(report, "pipe.end_without_node") == [second]
    (one,) = report.exceptions
    assert one.issue == first
    assert (one.entry.reason, one.entry.operator, one.entry.date) == (
        "as built",
        "张三",
        "2025-05-01",
    )
    assert report.summary["pipe.end_without_node"] == 1
    assert runner.run(project, exceptions=False).issues == before.issues
    project.session.apply(withdraw(project.info(FACT), {first.id}))
    assert runner.run(project) == before
    project.session.undo()
    assert runner.run(project) == report
    project.session.undo()
    assert runner.run(project) == before


def test_an_exception_whose_fault_is_gone_is_told(project: Project) -> None:
    uuids = pipe(project, (0.0, 0.0), (50.0, 0.3))
    take(project, of(runner.run(project), "pipe.end_off_node"))
    key = FeatureKey("pipe_line", uuids["pipe"])
    straight = project.get(key).with_geometry(line(*STRAIGHT))
    project.session.apply(ChangeSet("edit.move", (Change(project.get(key), straight),)))
    (one,) = runner.run(project).exceptions
    assert one.issue is None
    # Nothing is known of what was not looked at.
    assert not runner.run(project, only=["geometry"]).exceptions
    assert not runner.run(project, extent=(0, 0, 1, 1)).exceptions


def test_an_exception_needs_a_reason(project: Project) -> None:
    add(project, "toilet", None)
    with pytest.raises(EditRefused):
        accept(None, list(runner.run(project).issues), " \n ", operator="", on=DAY)


def test_an_exception_that_is_accepted_again_has_the_new_reason(project: Project) -> None:
    add(project, "toilet", None)
    issues = of(runner.run(project), "geometry.empty")
    take(project, issues)
    take(project, issues, "not  yet\nbuilt")
    (entry,) = read_exceptions(project.info(FACT))
    assert entry.reason == "not yet built"
    assert entry.id == issues[0].id


def test_the_json_lists_exceptions(project: Project) -> None:
    uuid = add(project, "toilet", None)
    take(project, of(runner.run(project), "geometry.empty"))
    facts = json.loads(json.dumps(runner.run(project).to_json()))
    assert facts["exceptions"] == [
        {
            "rule": "geometry.empty",
            "layer": "toilet",
            "uuid": uuid,
            "reason": "as built",
            "operator": "张三",
            "date": "2025-05-01",
            "message": "It has no place on the map",
        }
    ]


def test_what_cannot_be_read_hides_nothing(project: Project) -> None:
    add(project, "toilet", at())
    for text in ("{", "[3]", '[{"rule": "a.b"}]', '{"rule": 1}'):
        assert read_exceptions(text) == []
    rows = [{"rule": "a.b", "layer": "toilet", "uuid": 3, "part": "", "reason": "x"}]
    assert read_exceptions(json.dumps([{**rows[0], "operator": "", "date": ""}])) == []


def test_a_finding_on_a_whole_layer_can_be_accepted(project: Project) -> None:
    issues = of(runner.run(project), "target.unmet")
    take(project, issues[:1])
    report = runner.run(project)
    assert of(report, "target.unmet") == issues[1:]
    assert report.exceptions[0].entry.uuid is None
