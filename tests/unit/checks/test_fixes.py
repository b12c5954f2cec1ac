"""Every fix mends its example, and undo gives the same project back."""

from __future__ import annotations

from pathlib import Path

import pytest

from hjgis import paths
from hjgis.checks.fixes import register as fixes
from hjgis.checks.fixes.register import Fix, all_fixes, fixes_for, limit
from hjgis.checks.rules.register import CONFIDENCE, all_rules
from hjgis.i18n import LANGUAGES, _, set_language
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import read_toml
from hjgis.models.rule_settings import FACT, RuleSetting, store_settings
from hjgis.ui.door import store
from tests.unit.checks.examples.fixing import EXAMPLES, Faulty
from tests.unit.checks.faults import add, at, issues, line

FIXES = [pytest.param(fix, id=fix.id) for fix in all_fixes().values()]


CASES = [
    pytest.param(all_fixes()[name], example, id=f"{name}-{example.make.__name__}")
    for name, examples in EXAMPLES.items()
    for example in examples
]


@pytest.mark.parametrize(("fix", "example"), CASES)
def test_a_fix_mends_its_example_and_undo_takes_it_back(
    fix: Fix, example: Faulty, project: Project
) -> None:
    faulty = example.make(project)
    before = project.content_sha256()
    found = [one for one in issues(project, example.rule) if one.uuid in faulty]
    assert found
    answers = [*fix.choices(project, found)] if fix.choices else []
    result = fix.make(project, found, answer=answers[0][0] if answers else None)
    assert not result.refused
    assert result.done == tuple(found)
    assert project.content_sha256() == before
    store(project, result.changes)
    left = {one.id for one in issues(project, example.rule)}
    assert left.isdisjoint(one.id for one in found)
    example.then(project)
    project.session.undo()
    assert project.content_sha256() == before


def test_every_fix_has_an_example_and_every_example_is_of_a_fix() -> None:
    assert EXAMPLES.keys() == all_fixes().keys()


@pytest.mark.parametrize("fix", FIXES)
def test_a_fix_is_for_rules_that_there_are_and_has_an_example_of_one(fix: Fix) -> None:
    assert set(fix.rules) <= set(all_rules())
    assert {example.rule for example in EXAMPLES[fix.id]} <= set(fix.rules)
    assert all(fix in fixes_for(rule) for rule in fix.rules)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fix", FIXES)
def test_a_fix_says_what_it_does(fix: Fix, language: str) -> None:
    set_language(language)
    assert fix.title == _(fix.title_key)
    assert fix.explanation == _(fix.explanation_key)
    assert len(fix.explanation_key) > len(fix.title_key) > 5
    assert fix.mend.__doc__


def test_what_is_no_longer_at_fault_is_refused_in_words(project: Project) -> None:
    a = add(project, "manhole", at(), exp_no="A")
    pipe = add(project, "pipe_line", line((0.5, 0), (50, 0)), from_node=a, start_no="A")
    found = issues(project, "pipe.end_off_node")
    fix = all_fixes()["end-to-node"]
    store(project, fix.make(project, found).changes)
    again = fix.make(project, found)
    assert not again.changes
    assert [why for _issue, why in again.refused] == [_("It is not at fault any more.")]
    assert again.done == ()
    assert found[0].uuid == pipe


def test_findings_of_another_rule_are_refused(project: Project) -> None:
    add(project, "toilet", None)
    result = all_fixes()["end-to-node"].make(project, issues(project, "geometry.empty"))
    assert len(result.refused) == 1
    assert not result.changes


def test_every_figure_that_fixes_go_by_has_its_source_and_is_used() -> None:
    given = read_toml(paths.resources() / "fixes.toml")
    code = "".join(
        path.read_text("utf-8") for path in Path(fixes.__file__).parents[1].rglob("*.py")
    )
    for name, entry in given.items():
        assert isinstance(entry, dict)
        assert set(entry) == {"value", "basis", "confidence"}
        assert entry["confidence"] in CONFIDENCE
        assert f'limit("{name}")' in code
        assert limit(name) == entry["value"]


def test_a_project_s_own_limits_are_gone_by(project: Project) -> None:
    add(project, "pipe_line", line((0, 0), (20, 0), (20.2, 0), (50, 0)))
    rule = all_rules()["shape.short_segment"]
    limits = {**rule.limits, "least_m": 0.5}
    named = {rule.id: RuleSetting(limits=limits)}
    project.session.apply(store_settings(project.info(FACT), named))
    found = issues(project, rule.id)
    result = all_fixes()["drop-vertices"].make(project, found)
    assert len(result.done) == len(found) == 1
    project.session.apply(result.changes)
    assert issues(project, rule.id) == ()
