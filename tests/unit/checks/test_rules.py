"""The register: every check has its words, its source and its examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hjgis import paths
from hjgis.checks.rules.register import ELEMENTS, HEADINGS, Rule, RuleFile, all_rules, load_rules
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


def changed(tmp_path: Path, old: str, new: str) -> RuleFile:
    assert old in FILE
    path = tmp_path / "rules.toml"
    path.write_text(FILE.replace(old, new), "utf-8")
    return load_rules(path)


@pytest.mark.parametrize(
    ("old", "new", "rule", "said"),
    [
        ('id = "geometry.empty"', 'id = "geometry.gone"', "geometry.gone", "no such rule"),
        ('id = "geometry.empty"', 'id = "geometry.gone"', "geometry.empty", "no entry"),
        ('id = "geometry.empty"', 'id = "geometry.invalid"', "geometry.invalid", "given twice"),
        ('severity = "info"', 'severity = "fatal"', "target.unmet", "severity cannot be fatal"),
        ('heading = "target"', "heading = [1]", "target.unmet", "heading cannot be [1]"),
        ('ref = "PL-22"\n', "", "pipe.end_off_node", "keys missing or unknown: ref"),
        ('ref = "PL-22"\n', 'ref = "PL-22"\nwhy = 1\n', "pipe.end_off_node", "unknown: why"),
        ("tolerance_m = 0.01 ", "", "pipe.end_off_node", "the limit tolerance_m is missing"),
        ("tolerance_m = 0.01 ", "tolerance_m = 1, far_m = 2 ", "pipe.end_off_node", "far_m"),
        ("tolerance_m = 0.01 ", 'tolerance_m = "ein" ', "pipe.end_off_node", "is no number"),
        ("tolerance_m = 0.01 ", "tolerance_m = true ", "pipe.end_off_node", "is no number"),
        ("tolerance_m = 0.01 ", "tolerance_m = nan ", "pipe.end_off_node", "is no number"),
        ("tolerance_m = 0.01 ", "tolerance_m = -0.01 ", "pipe.end_off_node", "-0.01, less than"),
    ],
)
def test_an_entry_that_does_not_fit_is_named_and_the_others_are_read(
    tmp_path: Path, old: str, new: str, rule: str, said: str
) -> None:
    file = changed(tmp_path, old, new)
    failed = file.failed()
    assert failed[rule].startswith(f"rules.toml, {rule}: ")
    assert said in failed[rule]
    assert file.rules.keys() == all_rules().keys() - failed.keys()


@pytest.mark.parametrize("text", ["[[rules]]", "rule = 3", "rule = [3]", "id = ", ""])
def test_a_file_that_is_no_list_of_rules_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(DictionaryError, match=r"^rules\.toml: "):
        load_rules(path)


def test_limits_and_severity_are_the_file_s(tmp_path: Path) -> None:
    file = changed(tmp_path, "tolerance_m = 0.01 ", "tolerance_m = 0.5 ")
    assert file.rules["pipe.end_off_node"].limits == {"tolerance_m": 0.5}
    assert not file.failed()
