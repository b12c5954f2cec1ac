from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hjgis.checks import runner
from hjgis.checks.rules.register import all_rules
from hjgis.checks.runner import CheckReport
from hjgis.checks.survey import Survey
from hjgis.errors import Cancelled, UsageError
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.issues import Findings
from tests.unit.checks.examples import EXAMPLES
from tests.unit.checks.faults import STRAIGHT, X, Y, add, at, line, square


@pytest.fixture(scope="module")
def faulty(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with faults of every kind, which no test changes."""
    path = shutil.copy(blank, tmp_path_factory.mktemp("faulty") / "town.gpkg")
    with Project.open(path, operator="tester") as opened:
        for example, _faultless in EXAMPLES.values():
            example(opened)
        yield opened


@pytest.fixture(scope="module")
def report(faulty: Project) -> CheckReport:
    """What is found there, in English."""
    set_language("en")
    return runner.run(faulty)


class Listener:
    """Hears progress, and stops the job after some steps."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.heard: list[tuple[int, int, str]] = []
        self._stop_after = stop_after

    def report(self, done: int, total: int, key: str) -> None:
        self.heard.append((done, total, key))

    def check(self) -> None:
        if self._stop_after is not None and len(self.heard) >= self._stop_after:
            raise Cancelled("stopped")


def test_every_kind_of_fault_is_found_in_one_run(report: CheckReport) -> None:
    enabled = {rule.id for rule in all_rules().values() if rule.enabled}
    assert report.summary.keys() == enabled


def test_a_rule_that_is_off_runs_only_if_it_is_named() -> None:
    (off, *_others) = [rule.id for rule in all_rules().values() if not rule.enabled]
    assert [rule.id for rule in runner.select([off])] == [off]
    assert off not in {rule.id for rule in runner.select([off.partition(".")[0]])}
    assert off not in {rule.id for rule in runner.select([])}


def test_issues_come_in_the_order_of_rule_layer_and_uuid(report: CheckReport) -> None:
    order = [(i.rule, i.layer, i.uuid or "") for i in report.issues]
    assert order == sorted(order)


def test_the_same_data_give_the_same_report(faulty: Project, report: CheckReport) -> None:
    assert runner.run(faulty) == report
    with faulty.reader() as reader:
        assert runner.run(reader) == report


def test_every_issue_has_an_id_of_its_own_in_every_language(
    faulty: Project, report: CheckReport
) -> None:
    ids = [issue.id for issue in report.issues]
    assert len(set(ids)) == len(ids)
    set_language("zh_CN")
    assert [issue.id for issue in runner.run(faulty).issues] == ids


def test_a_check_changes_nothing(faulty: Project) -> None:
    before = faulty.content_sha256()
    runner.run(faulty)
    assert faulty.content_sha256() == before


def test_a_run_need_not_measure_how_complete_the_layers_are(
    faulty: Project, report: CheckReport
) -> None:
    unmeasured = runner.run(faulty, measured=False)
    assert report.completeness
    assert unmeasured == replace(report, completeness={})


def test_the_json_is_what_scripts_rely_on(faulty: Project, report: CheckReport) -> None:
    facts = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert list(facts) == [
        "checked", "issues", "summary", "completeness", "failed", "exceptions",
    ]  # fmt: skip
    assert facts["checked"]["manhole"] == faulty.count("manhole")
    assert len(facts["issues"]) == len(report.issues)
    for issue in facts["issues"]:
        assert list(issue) == [
            "rule", "severity", "element", "layer", "uuid", "x", "y", "message",
        ]  # fmt: skip
    assert facts["summary"] == {
        rule: sum(issue["rule"] == rule for issue in facts["issues"]) for rule in facts["summary"]
    }
    toilet = facts["completeness"]["toilet"]
    assert list(toilet) == ["features", "fields", "overall"]
    assert toilet["features"] == faulty.count("toilet")


def under(heading: str) -> set[str]:
    return {r.id for r in all_rules().values() if r.heading == heading and r.enabled}


@pytest.mark.parametrize(
    ("only", "ran"),
    [
        (["pipe.end_off_node"], {"pipe.end_off_node"}),
        (["record"], {"record.without_asset", "record.in_future"}),
        (["target"], under("target")),
        (["outlier"], under("outlier")),
        (["target", "geometry.empty"], {*under("target"), "geometry.empty"}),
        ([], {rule.id for rule in all_rules().values() if rule.enabled}),
    ],
)
def test_only_takes_rules_things_and_headings(only: list[str], ran: set[str]) -> None:
    assert {rule.id for rule in runner.select(only)} == ran


@pytest.mark.parametrize("name", ["pipes", "pipe.", "end_off_node", ""])
def test_an_unknown_name_is_refused_with_the_known_ones(project: Project, name: str) -> None:
    with pytest.raises(UsageError) as refused:
        runner.run(project, only=["pipe", name])
    said = str(refused.value)
    assert said.startswith(f"There is no check {name}.")
    for known in ("topology", "pipe", "pipe.end_off_node"):
        assert known in said


def test_an_extent_leaves_out_what_lies_elsewhere(project: Project) -> None:
    here = add(project, "pipe_line", line(*STRAIGHT))
    add(project, "pipe_line", line((500, 0), (600, 0)))
    add(project, "park", square(800, 0, 10))
    report = runner.run(project, extent=(X - 1, Y - 1, X + 60, Y + 1))
    assert {issue.uuid for issue in report.issues} == {here}
    assert (report.checked["pipe_line"], report.checked["park"]) == (1, 0)


def test_reference_layers_of_one_s_own_are_not_checked(project: Project) -> None:
    report = runner.run(project)
    assert report.checked.keys() == set(project.types) & set(project.catalogue.types)


def test_progress_is_told_from_first_to_last(project: Project) -> None:
    ears = Listener()
    runner.run(project, progress=ears)
    total = sum(rule.enabled for rule in all_rules().values())
    assert [done for done, _total, _key in ears.heard] == list(range(total + 1))
    assert {heard for _done, heard, _key in ears.heard} == {total}


def test_a_check_can_be_stopped_between_two_rules(project: Project) -> None:
    ears = Listener(stop_after=3)
    with pytest.raises(Cancelled):
        runner.run(project, progress=ears)
    assert len(ears.heard) == 3


def test_asking_for_the_rules_waits_for_no_data_frames() -> None:
    code = (
        "import sys; from hjgis.checks.rules.register import all_rules; all_rules();"
        "print([name for name in ('pandas', 'geopandas', 'pyogrio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_point_at_infinity_has_no_place_in_a_report(project: Project) -> None:
    add(project, "toilet", at(), component_id="1")
    add(project, "toilet", at(float("inf")), component_id="1")
    facts = runner.run(project, only=["identity", "geometry"]).to_json()
    json.dumps(facts, allow_nan=False)


def test_a_rule_that_breaks_is_named_and_the_others_run(
    faulty: Project,
    report: CheckReport,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_survey: Survey) -> Iterator[Findings]:
        raise ZeroDivisionError("no such number")
        yield

    rules = dict(all_rules())
    rules["geometry.invalid"] = replace(rules["geometry.invalid"], find=broken)
    monkeypatch.setattr(runner, "all_rules", lambda: rules)
    without = runner.run(faulty)
    assert without.failed == {"geometry.invalid": "ZeroDivisionError: no such number"}
    assert "geometry.invalid" not in without.rules
    others = [issue for issue in report.issues if issue.rule != "geometry.invalid"]
    assert [*without.issues] == others
    assert "geometry.invalid" in caplog.text
    caplog.clear()
