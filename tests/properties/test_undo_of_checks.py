"""Undo of every kind of edit that checks, targets and reports brought: the same project again."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Final

import pytest

from hjgis.checks import runner
from hjgis.edits.arrange import add_kind
from hjgis.layers.project import Project
from hjgis.models import (
    arrangement,
    exceptions,
    renewal,
    report_form,
    rule_settings,
    scoring,
    targets,
    task_states,
)
from hjgis.models.changes import ChangeSet
from hjgis.models.issues import Severity
from hjgis.models.report_form import ReportForm
from hjgis.models.rule_settings import RuleSetting
from hjgis.models.task_states import Evidence, TaskEntry
from tests.network import build

DAY: Final = dt.date(2026, 1, 1)
COUNTED: Final = next(one.id for one in targets.target_register().targets if one.op == "=")


def accept(project: Project) -> ChangeSet:
    issues = runner.run(project, only=["attribute.required"]).issues
    assert issues
    stored = project.info(exceptions.FACT)
    return exceptions.accept(stored, issues, "𠮷 as built", operator="li", on=DAY)


def withdraw(project: Project) -> ChangeSet:
    stored = project.info(exceptions.FACT)
    some = exceptions.read_exceptions(stored)[:1]
    return exceptions.withdraw(stored, [one.id for one in some])


def change_rules(project: Project) -> ChangeSet:
    settings = {
        "pipe.end_off_node": RuleSetting(limits={"tolerance_m": 0.5}),
        "geometry.empty": RuleSetting(severity=Severity.INFO),
        "attribute.required": RuleSetting(enabled=False),
    }
    return rule_settings.store_settings(project.info(rule_settings.FACT), settings)


def score_otherwise(project: Project) -> ChangeSet:
    scheme = replace(scoring.shipped_scheme(), per_features=7)
    return scoring.store_scheme(project.info(scoring.FACT), scheme)


def fill_form(project: Project) -> ChangeSet:
    form = ReportForm(office="局", inspector="张三", opinion="长" * 10_000)
    return report_form.store_form(project.info(report_form.FACT), form)


def say_task(project: Project) -> ChangeSet:
    shown = (Evidence("照片 😀", "2025-01-01", "a.jpg"),)
    entry = TaskEntry(15, "under_way", "note", "2025-01-01", "li", shown)
    return task_states.keep_task(project.info(task_states.FACT), entry)


def expect(project: Project) -> ChangeSet:
    return targets.expect(project.info(targets.FACT), COUNTED, 7, why="会议纪要")


def renew_otherwise(project: Project) -> ChangeSet:
    usual = renewal.usual_rules()
    rules = usual.with_changes({usual.lives[0].id: 3}, {renewal.LEAKS: 1}, {})
    return renewal.change_rules(project.info(renewal.FACT), rules)


def add_cabinets(project: Project) -> ChangeSet:
    asset = project.catalogue.types["lamp_cabinet"]
    made = not project.is_free("lamp_cabinet")
    return add_kind(project.arrangement, asset, made=made)


Edit = Callable[[Project], ChangeSet]
EDITS: Final[tuple[Edit, ...]] = (
    accept, withdraw, change_rules, score_otherwise, fill_form, say_task, expect, renew_otherwise,
    add_cabinets,
)  # fmt: skip


def digest(project: Project) -> tuple[object, ...]:
    """Return the content, the layers and all facts, read by another connection.

    A layer whose making was undone stays as an empty table that is marked as gone; so it is looked
    at which layers there are, not how that is kept.
    """
    with closing(sqlite3.connect(project.path)) as connection:
        facts = dict(connection.execute("SELECT key, value FROM hjgis_project").fetchall())
    facts.pop(arrangement.FACT, None)
    return project.content_sha256(), [*project.types], facts


@pytest.fixture
def town(project: Project) -> Project:
    build(project)
    return project


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_undo_gives_the_start_and_redo_the_end(town: Project, edit: Edit) -> None:
    if edit is withdraw:
        town.session.apply(accept(town))
    start = digest(town)
    change = edit(town)
    assert change
    town.session.apply(change)
    end = digest(town)
    assert end != start
    town.session.undo()
    assert digest(town) == start
    town.session.redo()
    assert digest(town) == end
    town.session.undo()
    assert digest(town) == start


def test_all_of_them_one_after_the_other_are_taken_back(town: Project) -> None:
    start = digest(town)
    before = runner.run(town)
    for edit in EDITS:
        town.session.apply(edit(town))
    path = town.path
    town.close()
    with Project.open(path, operator="li") as again:
        for _edit in EDITS:
            again.session.undo()
        assert digest(again) == start
        assert runner.run(again) == before
