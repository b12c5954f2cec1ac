"""Saved queries that are faults are checked for."""

from __future__ import annotations

import pytest

from hjgis.checks import runner
from hjgis.errors import UsageError
from hjgis.layers.project import Project
from hjgis.models.issues import Severity
from hjgis.models.queries import FACT, SavedQuery, save_query
from hjgis.models.query import Condition, Query
from hjgis.reports.check_report import report_tables
from tests.network import build

ONE = Query("manhole", (Condition("exp_no", "=", "A"),))


def keep(project: Project, query: Query, **more: object) -> str:
    entry = SavedQuery("q1", "Odd {ones}", query, **more)  # type: ignore[arg-type]
    project.session.apply(save_query(project.info(FACT), entry))
    return "query.q1"


def test_what_meets_a_query_that_is_a_fault_is_found(project: Project) -> None:
    keys = build(project)
    rule = keep(project, ONE, severity=Severity.ERROR, message="not {this} one")
    report = runner.run(project, only=[rule])
    assert [(i.rule, i.uuid, i.message) for i in report.issues] == [
        (rule, keys["A"].uuid, "not {this} one")
    ]
    assert report.issues[0].severity is Severity.ERROR
    assert report.issues[0].x is not None
    assert report.rule(rule).title == "Odd {ones}"
    # The list of findings on paper names it too.
    assert any("Odd {ones}" in row for row in report_tables(project, report)[3].rows)
    box = (0.0, 0.0, 1.0, 1.0)
    assert not runner.run(project, only=[rule], extent=box).issues


def test_a_query_that_is_no_fault_is_not_checked_for(project: Project) -> None:
    build(project)
    rule = keep(project, ONE)
    assert rule not in runner.run(project).rules
    with pytest.raises(UsageError):
        runner.run(project, only=[rule])


def test_a_query_on_a_field_that_is_gone_is_a_finding_itself(project: Project) -> None:
    build(project)
    query = Query("manhole", (Condition("colour", "=", "red"),))
    rule = keep(project, query, severity=Severity.INFO)
    issues = runner.run(project, only=[rule]).issues
    assert [(issue.uuid, "no field colour" in issue.message) for issue in issues] == [(None, True)]
