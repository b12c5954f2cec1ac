"""What a project says of checks and targets, broken by another program: left out, never the end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtWidgets import QApplication

from hjgis.checks import renewal, runner, targets
from hjgis.layers.project import Project
from hjgis.models import (
    exceptions,
    own_lists,
    queries,
    records,
    report_form,
    rule_settings,
    scoring,
    task_states,
)
from hjgis.models import renewal as renewal_rules
from hjgis.models import targets as expected
from hjgis.models.report_form import ReportForm
from hjgis.models.targets import target_register
from hjgis.models.task_states import TaskEntry
from hjgis.reports.inspection import write_report
from hjgis.reports.targets import write_targets
from tests.network import build

# In these texts HUGE is longer than any number that can be computed with, and HALF is half of a
# sign, which no file can hold.
HUGE: Final = "1" + "0" * 400
NONSENSE: Final = (
    "[", "[" * 100_000, "null", "7", "HUGE", "NaN", '"x"', "[null]", "[[]]", '{"x":null}', "\0",
)  # fmt: skip
COUNTED: Final = next(one.id for one in target_register().targets if one.op == "=")


def scheme(**values: str) -> str:
    usual = {"points": '{"A":42,"B":12,"C":4,"D":1}', "per_features": "100", "fails": "[]"}
    levels = '{"excellent":90,"good":75,"pass":60}'
    parts = {**usual, "levels": levels, **values}
    return "[{" + ",".join(f'"{key}":{value}' for key, value in parts.items()) + "}]"


def points(value: str) -> str:
    return scheme(points='{"A":' + value + ',"B":1,"C":1,"D":1}')


def accepted(**values: str) -> str:
    keys = ("rule", "layer", "uuid", "part", "reason", "operator", "date")
    return json.dumps([{**dict.fromkeys(keys, "x"), **values}])


def limit(value: str) -> str:
    return '{"pipe.end_off_node":{"limits":{"tolerance_m":' + value + "}}}"


def expecting(value: str) -> str:
    return '{"' + COUNTED + '":' + value + "}"


_BROKEN: Final[dict[str, tuple[str, ...]]] = {
    exceptions.FACT: (accepted(rule="HALF"), accepted(reason="HALF"), accepted(date="31.2.99")),
    rule_settings.FACT: (
        *map(limit, ("HUGE", "NaN", "null", "[1]", '"=1+1"')),
        '{"pipe.end_off_node":{"severity":["error"]}}',
        '{"nothing.there":{"enabled":true},"query.x":{"enabled":true}}',
    ),
    scoring.FACT: (
        *(scheme(per_features=text) for text in ("0", "-1", "HUGE", "1e999", "null")),
        *map(points, ("NaN", "1e999", "-5", "HUGE")),
        scheme(levels='{"excellent":1,"good":2,"pass":3}'),
        scheme(fails="3"),
    ),
    report_form.FACT: (
        '[{"office":5,"inspector":null,"opinion":["x"]}]',
        '[{"office":"<b>\\u0000\\ud83d\\ude00\\u202e𠮷HALF","sources":"' + "长" * 10_000 + '"}]',
    ),
    task_states.FACT: (
        '[{"no":1,"state":["done"]},{"no":1e999},{"no":HUGE}]',
        '[{"no":99,"state":"done","on":"9999-99-99","evidence":[3]}]',
        '[{"no":1,"state":"done","on":"0001-01-01","evidence":[{"words":5,"file":"../../HALF"}]}]',
    ),
    expected.FACT: tuple(
        expecting(value)
        for value in ("HUGE", "NaN", "-5", '"5"', '{"value":HUGE}', '{"value":5,"why":["x"]}')
    ),
    renewal_rules.FACT: (
        '{"years":[]}', '{"years":{"x":HUGE}}', '{"weights":{"overdue":HUGE}}',
        '{"points":{"overdue":[1]}}', '{"points":{"overdue":null}}', '{"years":{"x":1e999}}',
    ),
    records.FACT: ('{"toilet":HUGE}',),
    queries.FACT: (
        '[{"name":"x","severity":"error"}]', '[{"id":1,"name":null,"query":{"layer":"x"}}]',
    ),
    own_lists.FACT: ('{"material":[{"code":"x"}]}',),
}  # fmt: skip


def written(text: str) -> str:
    return text.replace("HUGE", HUGE).replace("HALF", "\\ud800")


BROKEN: Final = {fact: tuple(map(written, texts)) for fact, texts in _BROKEN.items()}

Use = Callable[[Project, Path], object]


def check(project: Project, _folder: Path) -> None:
    found = runner.run(project, only=["pipe"])
    assert set(found.failed) <= {"pipe.end_off_node"}


def report(project: Project, folder: Path) -> None:
    found = runner.run(project, only=["geometry"])
    write_report(project, found, folder / "report.html")
    write_report(project, found, folder / "report.xlsx")


def measure(project: Project, folder: Path) -> None:
    results = targets.measure(project)
    tasks = targets.task_results(project, results)
    json.dumps(targets.to_json(results, tasks), allow_nan=False).encode()
    write_targets(project, tasks, folder / "targets.xlsx")


def keep_exceptions(project: Project, _folder: Path) -> None:
    exceptions.withdraw(project.info(exceptions.FACT), ())


def keep_scheme(project: Project, _folder: Path) -> None:
    stored = project.info(scoring.FACT)
    scoring.store_scheme(stored, scoring.scheme_of(stored))


USES: Final[dict[str, tuple[Use, ...]]] = {
    exceptions.FACT: (check, report, keep_exceptions),
    rule_settings.FACT: (check,),
    scoring.FACT: (report, keep_scheme),
    report_form.FACT: (report,),
    task_states.FACT: (measure,),
    expected.FACT: (measure,),
    renewal_rules.FACT: (lambda project, _folder: renewal.candidates(project),),
    records.FACT: (check,),
    queries.FACT: (check,),
    own_lists.FACT: (check,),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    with Project.create(path) as project:
        build(project)
    return path


def break_fact(path: Path, fact: str, text: object) -> None:
    connection = sqlite3.connect(path)
    connection.execute("INSERT OR REPLACE INTO hjgis_project VALUES (?, ?)", (fact, text))
    connection.commit()
    connection.close()


@pytest.mark.parametrize("fact", BROKEN)
def test_a_fact_that_another_program_broke_stops_nothing(
    qapp: QApplication, town: Path, tmp_path: Path, fact: str
) -> None:
    del qapp
    path = tmp_path / "town.gpkg"
    others = [*map(written, NONSENSE), b"\xff\xfe", 2.5]
    for text in (*BROKEN[fact], *others):
        path.write_bytes(town.read_bytes())
        break_fact(path, fact, text)
        with Project.open(path, write=False) as project:
            for use in USES[fact][: 1 if text in others else None]:
                use(project, tmp_path)


def test_numbers_that_make_no_sense_are_as_if_nothing_were_said() -> None:
    shipped = target_register().target(COUNTED).expected
    for text in BROKEN[expected.FACT]:
        told = expected.project_register(text).target(COUNTED)
        assert told.expected == (5 if '"why"' in text else shipped)
    for text in BROKEN[scoring.FACT]:
        told_scheme = scoring.scheme_of(text)
        sane = told_scheme == scoring.shipped_scheme() or told_scheme.per_features == int(HUGE)
        assert sane, text[:80]
    assert renewal_rules.read_rules(BROKEN[renewal_rules.FACT][0]) == renewal_rules.usual_rules()


def test_what_is_broken_can_be_said_anew_and_undo_brings_back_what_was_there(
    town: Path, tmp_path: Path
) -> None:
    path = tmp_path / "town.gpkg"
    for fact in (report_form.FACT, task_states.FACT, scoring.FACT):
        path.write_bytes(town.read_bytes())
        break_fact(path, fact, "[" * 2_000)
        with Project.open(path, operator="li") as project:
            before = project.content_sha256()
            stored = project.info(fact)
            changes = {
                report_form.FACT: report_form.store_form(stored, ReportForm(office="局")),
                task_states.FACT: task_states.keep_task(stored, TaskEntry(1, "done")),
                scoring.FACT: scoring.store_scheme(stored, scoring.shipped_scheme()),
            }
            project.session.apply(changes[fact])
            assert project.info(fact) != stored
            project.session.undo()
            assert project.info(fact) == stored
            assert project.content_sha256() == before
