from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from hjgis import paths
from hjgis.checks import targets
from hjgis.checks.targets import TargetResult
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.targets import expect, load_targets, target_register
from tests.unit.checks.examples.general import every_target_met
from tests.unit.checks.faults import X, Y, add, add_many, at, issues, line, square


def measured(project: Project, target: str) -> TargetResult:
    return next(result for result in targets.measure(project) if result.id == target)


def test_a_town_that_meets_the_notice_meets_every_target(project: Project) -> None:
    every_target_met(project)
    results = {result.id: result for result in targets.measure(project)}
    figures = {name: (entry.actual, entry.expected) for name, entry in results.items()}
    assert figures["TG-05-PARK"] == (19, 19)
    assert figures["TG-05-NAMES"] == (4, 4)
    assert figures["TG-07-LED"] == (920, 920)
    assert figures["TG-07-ROADS"] == (4, 4)
    assert figures["TG-10-BIKE"] == (800, 800)
    assert figures["TG-10-AREA"] == (15.0, 15.0)
    assert results["TG-10-DENS"].actual == 53.33
    assert {entry.status for entry in results.values()} == {"met", "info"}


def test_lamp_heads_are_counted_and_not_poles(project: Project) -> None:
    facts = {"lamp_type": "LED", "replaced_2020": True}
    add(project, "street_lamp", at(), lamp_heads=2, **facts)
    add(project, "street_lamp", at(9), lamp_heads=None, **facts)
    add(project, "street_lamp", at(18), lamp_heads=4, lamp_type="LED", replaced_2020=False)
    result = measured(project, "TG-07-LED")
    assert (result.actual, result.difference, result.status) == (2, -918, "short")
    assert len(result.fids) == 2


def test_more_stations_than_asked_for_meet_the_target(project: Project) -> None:
    places = [at(number) for number in range(801)]
    add_many(project, "bike_station", places, in_service=[True] * 801)
    result = measured(project, "TG-10-BIKE")
    assert (result.status, result.difference) == ("met", 1)


def test_more_parks_than_the_notice_has_are_over(project: Project) -> None:
    for number in range(20):
        add(project, "park", square(20.0 * number, 0, 10), maintained=True)
    result = measured(project, "TG-05-PARK")
    assert (result.status, result.difference) == ("over", 1)


@pytest.mark.parametrize(
    ("width_m", "status"), [(4000, "met"), (3961, "met"), (3959, "short"), (4041, "over")]
)
def test_an_area_may_be_off_by_one_part_in_a_hundred(
    project: Project, width_m: float, status: str
) -> None:
    area = shapely.MultiPolygon([shapely.box(X, Y, X + width_m, Y + 3750)])
    add(project, "service_area", area, purpose="共享单车")
    assert measured(project, "TG-10-AREA").status == status


def test_four_roads_without_the_one_that_is_named_are_short(project: Project) -> None:
    for number in range(4):
        facts = {"lamp_type": "LED", "replaced_2020": True, "road_name": f"示例{number}路"}
        add(project, "street_lamp", at(number), **facts)
    result = measured(project, "TG-07-ROADS")
    assert (result.actual, result.status, result.missing) == (4, "short", ("陕临路",))


def test_a_manhole_that_lacks_either_unit_counts_once(project: Project) -> None:
    bare = add(project, "manhole", at())
    half = add(project, "manhole", at(1), managing_unit="市政维护站")
    add(project, "manhole", at(2), managing_unit="市政维护站", responsible_unit="住建局")
    result = measured(project, "TG-16-RESP")
    assert (result.actual, result.status) == (2, "over")
    table = project.table("manhole", [], fids=result.fids.tolist())
    assert set(table.uuids) == {bare, half}


def test_of_nothing_recorded_nothing_is_said(project: Project) -> None:
    result = measured(project, "TG-16-RESP")
    assert (result.actual, result.status, result.note) == (0, "info", "Nothing is recorded yet.")


def test_what_cannot_be_measured_says_why(project: Project) -> None:
    result = measured(project, "TG-17-COMP")
    assert (result.expected, result.actual, result.difference) == (9, None, None)
    assert (result.status, result.note) == (
        "info",
        "There is no layer of residential compounds yet.",
    )


def test_lengths_are_of_the_pipes_that_meet_any_of_the_conditions(project: Project) -> None:
    add(project, "pipe_line", line((0, 0), (100, 0)), material_detail="HKZT", leak_count=5)
    add(project, "pipe_line", line((0, 9), (200, 9)), fault_count=3)
    add(project, "pipe_line", line((0, 18), (400, 18)), leak_count=1)
    add(project, "pipe_line", None, fault_count=3)
    assert measured(project, "TG-15-OLD").actual == 0.3


def test_the_features_behind_a_number_and_the_others_can_be_selected(project: Project) -> None:
    kept = add(project, "park", square(0, 0, 5), maintained=True)
    left = add(project, "park", square(9, 0, 5), maintained=False)
    unknown = add(project, "park", square(18, 0, 5))
    target = target_register().target("TG-05-PARK")

    def uuids(fids: object) -> set[str]:
        return set(project.table("park", [], fids=fids).uuids)  # type: ignore[arg-type]

    assert uuids(targets.features_behind(project, target)) == {kept}
    assert uuids(targets.features_missing(project, target)) == {left, unknown}


def test_the_json_is_what_scripts_rely_on(project: Project) -> None:
    facts = targets.to_json(targets.measure(project))
    assert facts.keys() == {"targets"}
    assert len(facts["targets"]) == len(target_register().targets)
    for entry in facts["targets"]:
        assert list(entry) == [
            "id", "task", "title", "expected", "actual", "status", "difference", "units",
        ]  # fmt: skip
        assert entry["status"] in ("met", "short", "over", "info")
        if entry["difference"] is not None:
            assert entry["difference"] == pytest.approx(entry["actual"] - entry["expected"])


def test_a_target_whose_features_a_rule_lists_is_not_said_twice(project: Project) -> None:
    add(project, "manhole", at())
    assert measured(project, "TG-16-RESP").status == "over"
    said = [issue.message for issue in issues(project, "target.unmet")]
    assert said
    assert not [text for text in said if text.startswith("TG-16-RESP")]


def test_an_unmet_target_is_said_with_its_figures(project: Project) -> None:
    add(project, "toilet", at(), build_nature="改建")
    said = {issue.message: issue for issue in issues(project, "target")}
    issue = said["TG-04-FLUSH New or rebuilt toilets without a water flush: 1 of 0, 1 over"]
    assert (issue.layer, issue.uuid, issue.severity) == ("toilet", None, "info")
    assert len({issue.id for issue in said.values()}) == len(said)


def test_the_expected_numbers_are_the_file_s(project: Project, tmp_path: Path) -> None:
    text = (paths.resources() / "targets.toml").read_text("utf-8")
    path = tmp_path / "targets.toml"
    path.write_text(text.replace("expected = 19", "expected = 1"), "utf-8")
    add(project, "park", square(0, 0, 5), maintained=True)
    register = load_targets(path, catalogue())
    (result,) = (r for r in targets.measure(project, register=register) if r.id == "TG-05-PARK")
    assert result.status == "met"


def test_what_a_project_expects_itself_is_measured_and_said_so(project: Project) -> None:
    project.session.apply(expect(None, "TG-05-PARK", 3))
    with project.reader() as reader:
        found = {result.id: result for result in targets.measure(reader)}
    result = found["TG-05-PARK"]
    assert (result.expected, result.difference) == (3, (result.actual or 0) - 3)
    assert "3 is set in this project" in result.note
    project.session.undo()
    assert "this project" not in measured(project, "TG-05-PARK").note
