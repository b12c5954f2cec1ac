"""The register: every check has its words, its source and its examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hjgis import paths
from hjgis.checks.rules import ELEMENTS, HEADINGS, Rule, all_rules, load_rules
from hjgis.errors import DictionaryError
from hjgis.i18n import LANGUAGES, _, set_language
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.issues import Severity
from tests.unit.checks.examples import EXAMPLES
from tests.unit.checks.faults import found

RULES = [pytest.param(rule, id=rule.id) for rule in all_rules().values()]
FILE = (paths.resources() / "rules.toml").read_text("utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_its_faulty_example_and_nothing_else(rule: Rule, project: Project) -> None:
    faulty = EXAMPLES[rule.id][0](project)
    assert faulty
    assert found(project, rule.id) >= faulty
    if rule.id != "target.unmet":  # An empty project leaves other targets unmet, too.
        assert found(project, rule.id) == faulty


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_nothing_in_its_faultless_example(rule: Rule, project: Project) -> None:
    assert EXAMPLES[rule.id][1](project) == set()
    assert found(project, rule.id) == set()


def test_every_rule_has_examples_and_no_example_is_of_no_rule() -> None:
    assert EXAMPLES.keys() == all_rules().keys()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_what_it_finds_why_it_matters_and_where_it_comes_from(rule: Rule) -> None:
    assert rule.find.__doc__
    assert len(rule.explanation) > len(rule.title) > 5
    assert rule.explanation.count(".") >= 2
    assert rule.basis
    assert rule.ref
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", rule.id)
    assert rule.heading in HEADINGS
    assert rule.element in ELEMENTS
    assert all(rule.messages.values())


@pytest.mark.parametrize("rule", RULES)
def test_a_number_from_memory_says_so_in_its_basis(rule: Rule) -> None:
    if rule.confidence in ("M-M", "M-L"):
        assert "参考值, 待核对标准原文" in rule.basis


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_declares_only_fields_that_there_are(rule: Rule) -> None:
    for asset in catalogue().types.values():
        assert set(rule.reads.columns(asset) or ()) <= set(asset.field_names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_title_and_explanation_are_in_the_language_in_use(language: str) -> None:
    set_language(language)
    for rule in all_rules().values():
        assert (rule.title, rule.explanation) == (_(rule.title_key), _(rule.explanation_key))


def test_identity_topology_and_responsibility_are_errors_and_targets_are_for_information() -> None:
    severities = {rule.id: rule.severity for rule in all_rules().values()}
    assert severities["identity.component_id_duplicate"] is Severity.ERROR
    assert severities["pipe.end_without_node"] is Severity.ERROR
    assert severities["manhole.responsible_missing"] is Severity.ERROR
    assert severities["attribute.required"] is Severity.WARNING
    assert severities["target.unmet"] is Severity.INFO


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "geometry.empty"', 'id = "geometry.gone"', "geometry.gone: no such rule"),
        ('id = "geometry.empty"', 'id = "geometry.invalid"', "geometry.invalid: given twice"),
        ('severity = "info"', 'severity = "fatal"', "target.unmet"),
        ('heading = "target"', 'heading = "aims"', "heading: 'aims' is unknown"),
        ('ref = "PL-22"\n', "", "pipe.end_off_node: keys missing or unknown: ref"),
        ('ref = "PL-22"\n', 'ref = "PL-22"\nwhy = 1\n', "keys missing or unknown: why"),
        ("tolerance_m = 0.01 ", "tolerance_mm = 10 ", "limits must be tolerance_m"),
        ('[[rule]]\nid = "attribute.code"', '[[rules]]\nid = "attribute.code"', "[[rule]]"),
    ],
)
def test_a_file_that_does_not_fit_names_file_and_entry(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in FILE
    path = tmp_path / "rules.toml"
    path.write_text(FILE.replace(old, new), "utf-8")
    with pytest.raises(DictionaryError, match=re.escape(said)) as refused:
        load_rules(path)
    assert str(refused.value).startswith("rules.toml: ")


def test_a_rule_without_an_entry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    entry = FILE[FILE.index('[[rule]]\nid = "target.unmet"') :]
    path.write_text(FILE.replace(entry[: entry.index("\n\n") + 1], ""), "utf-8")
    with pytest.raises(DictionaryError, match=r"target\.unmet: has no entry"):
        load_rules(path)


def test_limits_and_severity_are_the_file_s(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(FILE.replace("tolerance_m = 0.01 ", "tolerance_m = 0.5 "), "utf-8")
    assert load_rules(path)["pipe.end_off_node"].limits == {"tolerance_m": 0.5}
