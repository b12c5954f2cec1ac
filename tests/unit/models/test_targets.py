from __future__ import annotations

import re
from pathlib import Path

import pytest

from hjgis import paths
from hjgis.checks.rules.register import all_rules
from hjgis.errors import DictionaryError, EditRefused
from hjgis.models.catalogue_files import catalogue
from hjgis.models.issues import Severity
from hjgis.models.query import Condition
from hjgis.models.targets import expect, load_targets, project_register, target_register

FILE = (paths.resources() / "targets.toml").read_text("utf-8")


def test_the_notice_has_23_tasks_and_each_has_units() -> None:
    register = target_register()
    assert list(register.tasks) == list(range(1, 24))
    assert all(task.units and task.title["zh_CN"] for task in register.tasks.values())


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("TG-05-PARK", 19),
        ("TG-07-LED", 920),
        ("TG-07-ROADS", 4),
        ("TG-10-BIKE", 800),
        ("TG-10-AREA", 15.0),
        ("TG-17-COMP", 9),
        ("TG-17-HH", 407),
        ("TG-17-AREA", 38000),
    ],
)
def test_the_numbers_are_those_of_the_notice(target: str, expected: float) -> None:
    assert target_register().target(target).expected == expected


def test_what_is_counted_is_said_in_both_languages() -> None:
    units = [one.unit for one in target_register().targets if one.unit]
    assert {"en": "lamps", "zh_CN": "盏"} in units
    assert {"en": "km", "zh_CN": "km"} in units
    assert not [unit for unit in units if re.search("[\u4e00-\u9fff]", unit["en"])]


def test_a_target_is_read_whole() -> None:
    target = target_register().target("TG-07-ROADS")
    assert (target.task, target.measure, target.op) == (7, "distinct", "=")
    assert target.severity is Severity.ERROR
    assert target.includes == ("陕临路",)
    assert target.where == (
        Condition("lamp_type", "=", "LED"),
        Condition("replaced_2020", "=", True),
    )
    assert target.units == ("住建局", "自然资源局", "市政维护站")


def test_every_target_has_a_basis_and_both_languages() -> None:
    for target in target_register().targets:
        assert target.basis
        assert {"en", "zh_CN"} <= set(target.title)
        for words in (target.note, target.reason):
            assert words is None or {"en", "zh_CN"} <= set(words)


def test_what_a_rule_covers_is_a_rule() -> None:
    covered = {t.covered_by for t in target_register().targets if t.covered_by}
    assert covered <= all_rules().keys()


def test_an_unknown_target_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="TG-99"):
        target_register().target("TG-99")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "TG-05-PARK"', 'id = "TG-07-LED"', "'TG-07-LED' is given twice"),
        ("no = 21", "no = 20", "20 is given twice"),
        ('measure = "sum"', 'measure = "total"', "TG-05-TREES: measure: 'total' is unknown"),
        ('op = "≈"', 'op = "~"', "TG-10-AREA: op: '~' is unknown"),
        ("task = 16", "task = 24", "TG-16-RESP: task: 24 is unknown"),
        ('grade = "C"', 'grade = "E"', "TG-03-RING: grade: 'E' is unknown"),
        ('layer = "bike_station"', 'layer = "bicycle"', "TG-10-BIKE: 'bicycle'"),
        ('field = "lamp_heads"', 'field = "heads"', "TG-07-LED: 'heads'"),
        ('field = "lamp_heads"\n', "", "TG-07-LED: field is needed"),
        ("expected = 920\n", "", "TG-07-LED: expected is needed"),
        ("expected = 920\n", "expected = 920\nwish = 1\n", "wish"),
        ('{ field = "maintained", op = "="', '{ field = "maintained", op = "is"', "TG-05-PARK"),
        ('{ field = "maintained", op', '{ name = "maintained", op', "TG-05-PARK: a condition"),
        ('units = ["园林局"]', 'units = ["花园局"]', "'花园局' is no code"),
        ('severity = "warning"', 'severity = "grave"', "TG-01-HEAD"),
        ("[[task]]", "[[job]]", "[[task]] and [[target]]"),
    ],
)
def test_a_file_that_does_not_fit_names_file_and_entry(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in FILE
    path = tmp_path / "targets.toml"
    path.write_text(FILE.replace(old, new), "utf-8")
    with pytest.raises(DictionaryError, match=re.escape(said)) as refused:
        load_targets(path, catalogue())
    assert str(refused.value).startswith("targets.toml: ")


def test_a_project_expects_something_else_and_the_notices_number_stays_beside() -> None:
    change = expect(None, "TG-05-PARK", 21)
    text = change.facts[0].after
    target = project_register(text).target("TG-05-PARK")
    assert (target.expected, target.shipped) == (21, target_register().target(target.id).expected)
    assert project_register(None).target("TG-05-PARK").shipped is None
    assert expect(text, "TG-05-PARK", None).facts[0].after is None
    assert expect(text, "TG-05-PARK", target.shipped).facts[0].after is None
    assert not expect(text, "TG-05-PARK", 21)


def test_the_reason_is_kept_beside_the_number_and_goes_with_it() -> None:
    text = expect(None, "TG-05-PARK", 21, why=" 增补两处 ").facts[0].after
    target = project_register(text).target("TG-05-PARK")
    assert (target.expected, target.shipped, target.why) == (21, 19, "增补两处")
    assert (
        project_register(expect(text, "TG-05-PARK", 22).facts[0].after).target("TG-05-PARK").why
        == ""
    )
    assert expect(text, "TG-05-PARK", None).facts[0].after is None


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_a_target_is_a_number_of_things(value: float) -> None:
    with pytest.raises(EditRefused):
        expect(None, "TG-05-PARK", value)


def test_nothing_is_expected_of_what_is_for_information() -> None:
    info = next(one for one in target_register().targets if one.op == "info")
    with pytest.raises(EditRefused, match="information"):
        expect(None, info.id, 3)


@pytest.mark.parametrize("text", ["{", "3", '{"TG-05-PARK": "x"}', '{"TG-05-PARK": true}'])
def test_expectations_that_cannot_be_read_are_left_out(text: str) -> None:
    assert project_register(text) == target_register()
