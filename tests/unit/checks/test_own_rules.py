"""A project may have rules otherwise than the program."""

from __future__ import annotations

import json

import pytest

from hjgis.checks import runner
from hjgis.checks.area import RULE, ProjectArea
from hjgis.checks.rules.register import all_rules, limits_of
from hjgis.layers.project import Project
from hjgis.models.issues import Severity
from hjgis.models.rule_settings import FACT, RuleSetting, read_settings, store_settings
from tests.unit.checks.examples import EXAMPLES
from tests.unit.checks.faults import X, Y, add, at, pipe

OFF_NODE = "pipe.end_off_node"


def have(project: Project, **settings: RuleSetting) -> None:
    named = {name.replace("__", "."): setting for name, setting in settings.items()}
    project.session.apply(store_settings(project.info(FACT), named))


def test_a_limit_of_the_project_is_what_the_rule_works_with(project: Project) -> None:
    pipe(project, (0.0, 0.0), (50.0, 0.3))
    assert runner.run(project).summary[OFF_NODE] == 1
    have(project, pipe__end_off_node=RuleSetting(limits={"tolerance_m": 0.5}))
    report = runner.run(project)
    assert OFF_NODE not in report.summary
    assert report.rule(OFF_NODE).limits == {"tolerance_m": 0.5}
    project.session.undo()
    assert runner.run(project).summary[OFF_NODE] == 1


def test_severity_and_whether_a_rule_runs_are_the_project_s(project: Project) -> None:
    add(project, "toilet", None)
    have(
        project,
        geometry__empty=RuleSetting(severity=Severity.INFO),
        attribute__required=RuleSetting(enabled=False),
    )
    report = runner.run(project)
    assert {i.severity for i in report.issues if i.rule == "geometry.empty"} == {Severity.INFO}
    assert "attribute.required" not in report.rules


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"tolerance_m": "far"}, "tolerance_m cannot be far"),
        ({"tolerance_m": True}, "tolerance_m cannot be True"),
        ({"tolerance_m": -1}, "tolerance_m is -1, less than nothing"),
        ({"reach_m": 1}, "there is no limit reach_m"),
    ],
)
def test_a_limit_that_makes_no_sense_is_named_and_its_rule_does_not_run(
    project: Project, limits: dict[str, object], said: str
) -> None:
    pipe(project, (0.0, 0.0), (50.0, 0.3))
    have(project, pipe__end_off_node=RuleSetting(limits=limits))
    report = runner.run(project)
    assert said in report.failed[OFF_NODE]
    assert OFF_NODE not in report.rules
    assert len(report.rules) == sum(rule.enabled for rule in all_rules().values()) - 1
    assert limits_of(OFF_NODE, project.info(FACT)) == limits_of(OFF_NODE)


def test_the_tools_measure_with_the_project_s_limits_too(project: Project) -> None:
    add(project, "boundary", at().buffer(100))
    area = ProjectArea(project)
    assert area.beyond_m(X + 590, Y) == 0
    have(project, **{RULE.replace(".", "__"): RuleSetting(limits={"tolerance_m": 10.0})})
    area.forget()
    assert area.beyond_m(X + 590, Y) == pytest.approx(480, abs=1)


@pytest.mark.parametrize(
    "text", ["[", "[]", "7", '{"a.b": 3}', '{"a.b": {"severity": "fatal"}}', '{"a.b": []}']
)
def test_settings_that_cannot_be_read_are_left_out(project: Project, text: str) -> None:
    assert read_settings(text) == {}


def test_what_is_as_the_program_has_it_is_not_kept(project: Project) -> None:
    have(project, pipe__end_off_node=RuleSetting(limits={"tolerance_m": 0.5}))
    assert json.loads(project.info(FACT) or "") == {OFF_NODE: {"limits": {"tolerance_m": 0.5}}}
    project.session.apply(store_settings(project.info(FACT), {OFF_NODE: RuleSetting()}))
    assert project.info(FACT) is None
    assert not store_settings(None, {})


def test_lists_that_a_project_empties_leave_every_rule_running(project: Project) -> None:
    for faulty, _faultless in EXAMPLES.values():
        faulty(project)
    emptied = {
        rule.id: RuleSetting(
            limits={name: type(held)() for name, held in rule.limits.items() if _is_many(held)}
        )
        for rule in all_rules().values()
    }
    assert sum(map(bool, emptied.values())) > 20
    project.session.apply(store_settings(project.info(FACT), emptied))
    assert runner.run(project).failed == {}


def _is_many(held: object) -> bool:
    return isinstance(held, list | dict)


def test_rules_that_there_are_no_longer_do_no_harm(project: Project) -> None:
    have(project, pipe__no_more=RuleSetting(enabled=True))
    assert not runner.run(project).failed


def test_a_rule_with_a_limit_of_no_sense_does_not_run_for_those_who_name_it(
    project: Project,
) -> None:
    pipe(project, (0.0, 0.0), (50.0, 0.3))
    have(project, pipe__end_off_node=RuleSetting(limits={"tolerance_m": -1}))
    report = runner.run(project, only=[OFF_NODE])
    assert (report.rules, list(report.issues)) == ((), [])
    assert OFF_NODE in report.failed
