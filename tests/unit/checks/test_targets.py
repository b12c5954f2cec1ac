from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import shapely

from hjgis import paths
from hjgis.checks import targets
from hjgis.checks.targets import TargetResult
from hjgis.edits.arrange import add_kind
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.targets import expect, load_targets, target_register
from hjgis.models.task_states import FACT as TASK_FACT
from hjgis.models.task_states import TaskEntry, keep_task
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
    assert (result.status, result.recorded) == ("info", False)
    assert result.note.startswith("The project has no layer for it yet")


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
    assert facts.keys() == {"targets", "tasks"}
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


def with_kind(project: Project, kind: str) -> None:
    asset = project.shipped.type(kind)
    project.session.apply(add_kind(project.arrangement, asset, made=not project.is_free(kind)))


def test_old_compounds_of_the_year_are_counted_with_households_and_floor_area(
    project: Project,
) -> None:
    with_kind(project, "compound")
    for number in range(9):
        facts = {"plan_year": 2020, "households": 45, "floor_area_m2": 4200.0}
        add(project, "compound", square(50.0 * number, 0, 30), **facts)
    add(project, "compound", square(900, 0, 30), plan_year=2021, households=99)
    found = {result.id: result for result in targets.measure(project)}
    assert (found["TG-17-COMP"].actual, found["TG-17-COMP"].status) == (9, "met")
    assert (found["TG-17-HH"].actual, found["TG-17-HH"].difference) == (405, -2)
    assert found["TG-17-AREA"].status == "met"


def test_a_site_that_fails_or_does_not_say_one_of_the_six_counts_until_it_is_finished(
    project: Project,
) -> None:
    with_kind(project, "site")
    six = ("hoarded", "covered", "washed", "hardened", "wet_work", "sealed_transport")
    good = dict.fromkeys(six, True)
    add(project, "site", square(0, 0, 5), **good)
    add(project, "site", square(9, 0, 5), **{**good, "washed": False})
    add(project, "site", square(18, 0, 5), **{**good, "covered": None})
    add(project, "site", square(27, 0, 5), end_date="2020-05-01")
    result = measured(project, "TG-06-SIX")
    assert (result.actual, result.status, len(result.fids)) == (2, "over", 2)


@pytest.mark.parametrize(
    ("day", "status"), [("2020-06-29", "met"), ("2020-06-30", "met"), ("2020-07-01", "over")]
)
def test_a_lift_is_past_its_date_the_day_after(project: Project, day: str, status: str) -> None:
    with_kind(project, "lift")
    add(project, "lift", at(), inspect_due="2020-06-30", responsible_unit="住建局", in_use=True)
    results = targets.measure(project, day=dt.date.fromisoformat(day))
    assert next(one for one in results if one.id == "TG-19-DUE").status == status


def test_a_share_is_of_what_is_looked_at_and_a_layer_without_features_has_none(
    project: Project,
) -> None:
    assert not measured(project, "TG-07-SHARE").recorded
    add(project, "street_lamp", at(), lamp_type="LED")
    add(project, "street_lamp", at(9), lamp_type="高压钠灯")
    add(project, "street_lamp", at(18))
    result = measured(project, "TG-07-SHARE")
    assert (result.actual, result.status, len(result.fids)) == (33.3, "info", 1)
    target = target_register().target("TG-07-SHARE")
    assert len(targets.features_missing(project, target)) == 2


def test_the_archive_of_pipes_is_the_share_of_cells_that_are_filled(project: Project) -> None:
    full = {
        "kind": "WS", "material": "PE", "laid_year": 2010, "owner_name": "住建局",
        "burial": "ZM", "use_state": "在用", "road_name": "示例路", "doc_no": "D-1",
    }  # fmt: skip
    add(project, "pipe_line", line((0, 0), (9, 0)), **full)
    add(project, "pipe_line", line((0, 9), (9, 9)), kind="WS", material="PE")
    add(project, "pipe_line", line((0, 18), (9, 18)), use_state="废弃")
    result = measured(project, "TG-14-ARCH")
    assert (result.actual, len(result.fids)) == (62.5, 1)


def frame_of_roads(project: Project) -> None:
    """A ring of roads, 1 km each way, that all else lies in."""
    ring = line((0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0))
    add(project, "road", shapely.multilinestrings([ring]), road_name="示例环路")


@pytest.mark.parametrize(
    ("ends", "count"),
    [
        (((0, 500), (1000, 500)), 0),
        (((0, 500), (600, 500)), 1),
        (((0, 500), (998.5, 500)), 0),
        (((0, 500), (940, 500)), 1),
        (((0, 500), (960, 500)), 0),
    ],
    ids=["through", "dead", "nearly touches", "well inside", "at the edge"],
)
def test_a_named_road_that_ends_at_no_other_is_a_dead_end(
    project: Project, ends: tuple[tuple[float, float], ...], count: int
) -> None:
    frame_of_roads(project)
    first, last = ends
    middle = ((first[0] + last[0]) / 2, 500)
    both = shapely.multilinestrings([line(first, middle), line(middle, last)])
    add(project, "road", both, road_name="晨丰中路")
    add(project, "road", None, road_name="思源北路")
    result = measured(project, "TG-10-DEAD")
    assert (result.actual, len(result.fids)) == (count, count)
    assert result.missing == ()


def test_of_roads_that_are_not_on_the_map_nobody_knows_whether_they_are_dead_ends(
    project: Project,
) -> None:
    frame_of_roads(project)
    result = measured(project, "TG-10-DEAD")
    assert (result.status, result.recorded) == ("info", False)
    assert result.missing == ("晨丰中路", "思源北路")


def test_a_task_is_as_far_as_its_targets_and_else_as_somebody_says(project: Project) -> None:
    def status(no: int) -> str:
        tasks = targets.task_results(project, targets.measure(project))
        return next(task.status for task in tasks if task.task.no == no)

    assert (status(20), status(19)) == ("unrecorded", "unrecorded")
    for state, said in (("under_way", "under_way"), ("done", "met")):
        entry = TaskEntry(20, state=state)  # type: ignore[arg-type]
        project.session.apply(keep_task(project.info(TASK_FACT), entry))
        assert status(20) == said
    project.session.undo()
    assert status(20) == "under_way"
    with_kind(project, "lift")
    add(project, "lift", at(), inspect_due="2099-06-30", responsible_unit="住建局")
    assert status(19) == "met"
    add(project, "lift", at(5), inspect_due="2099-06-30")
    assert status(19) == "short"
