"""What the checks of facilities say, and that they stand bad data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.checks import runner
from hjgis.checks.along import junctions, road_runs
from hjgis.checks.coverage import coverage
from hjgis.checks.rules.register import all_rules
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.assets import Value
from hjgis.models.issues import Severity
from hjgis.models.reading import Coded
from tests.unit.checks.examples import facilities, grounds
from tests.unit.checks.examples.facilities import NAME, lamp, road
from tests.unit.checks.examples.grounds import area, bay
from tests.unit.checks.faults import BOW_TIE, X, Y, add, add_many, at, found, issues, line, square

RULES = [*facilities.EXAMPLES, *grounds.EXAMPLES]
LAYERS = (
    *("toilet", "street_lamp", "manhole", "parking_lot", "parking_bay", "park", "bike_station"),
    *("road", "pipe_line", "pipe_point", "service_area", "boundary", "grid"),
)
# A gap is what these rules look for.
OMISSIONS = {"lamp.control_missing", "park.unattended"}


def said(project: Project, rule: str) -> list[str]:
    return [issue.message for issue in issues(project, rule)]


# -- bad data --------------------------------------------------------------------------------------


def test_an_empty_project_has_no_faults(project: Project) -> None:
    report = runner.run(project, only=RULES)
    assert (report.failed, list(report.issues)) == ({}, [])


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("nowhere", [None, "empty"])
def test_features_that_nobody_knows_anything_of_are_no_faults(
    project: Project, count: int, nowhere: str | None
) -> None:
    for layer in LAYERS:
        kind = project.asset_type(layer).geometry
        blank = None if nowhere is None else shapely.from_wkt(f"{kind} EMPTY")
        add_many(project, layer, [blank] * count)
    report = runner.run(project, only=RULES)
    assert report.failed == {}
    assert report.summary.keys() == OMISSIONS


def test_shapes_that_contradict_themselves_are_left_to_their_own_rule(project: Project) -> None:
    tie = shapely.MultiPolygon([BOW_TIE])
    for layer in ("park", "parking_lot", "service_area", "boundary"):
        add_many(project, layer, [tie, tie])
    add_many(project, "parking_bay", [BOW_TIE, BOW_TIE])
    add(project, "road", shapely.MultiLineString([line((0, 0), (0, 0))]), road_name=NAME)
    for layer in ("toilet", "street_lamp", "bike_station"):
        add(project, layer, at(5, 5), road_name=NAME)
    report = runner.run(project, only=RULES)
    assert report.failed == {}
    assert report.summary.keys() <= OMISSIONS


def test_codes_of_no_list_are_left_to_their_own_rule(project: Project) -> None:
    road(project, (0, 0), (500, 0), road_class="林荫道")
    lamp(project, 10, lamp_type="煤油灯", layout="乱", ctrl_box_id="1", circuit_no="1")
    add(project, "manhole", at(), cover_kind="木盖", lane_place="屋顶", load_class="Z9")
    a = add(project, "manhole", at(9), cover_kind="污水井盖", pipe_kind="??")
    add(project, "pipe_line", line((0, 0), (50, 0)), from_node=a, kind="??")
    add(project, "toilet", at(), toilet_class="特类", build_type="帐篷", flush_type="海水")
    park = {"supervisor_name": "园林局", "maintainer_name": "园林局", "park_class": "G99"}
    add(project, "park", square(0, 0, 9), **park)
    bay(project, 0, bay_form="圆形", length_m=1.0, width_m=1.0)
    report = runner.run(project, only=RULES)
    assert (report.failed, report.summary) == ({}, {})


def test_a_thousand_copies_in_one_place_make_no_million_pairs(project: Project) -> None:
    add_many(project, "manhole", [at()] * 1000, cover_kind=["污水井盖"] * 1000)
    add_many(project, "bike_station", [at()] * 1000)
    add_many(project, "parking_bay", [square(0, 0, 5)] * 1000)
    for rule in ("manhole.near_duplicate", "bike.too_close", "parking.bay_overlap"):
        assert found(project, rule) == set()


# -- what is said ----------------------------------------------------------------------------------


def test_a_step_along_the_road_is_named_with_its_road_and_the_next_lamp(project: Project) -> None:
    facilities.lamps_badly_spaced(project)
    assert sorted(said(project, "lamp.spacing")) == [
        f"14.5 m along {NAME} to the next lamp (2); usual are 15 m or more",
        f"36.5 m along {NAME} to the next lamp (4), more than 4 times the pole height of 9 m",
        f"51.0 m along {NAME} to the next lamp (3); usual are up to 50 m",
    ]


def test_staggered_lamps_follow_one_another_across_the_road(project: Project) -> None:
    road(project, (0, 0), (500, 0))
    for place in range(5):
        lamp(project, 40 * place, 6 if place % 2 else -6, layout="双侧交错")
    assert said(project, "lamp.spacing") == []


def test_at_a_crossing_a_lamp_that_names_no_road_may_be_of_either(project: Project) -> None:
    road(project, (0, 0), (500, 0))
    road(project, (250, -200), (250, 200), road_name="示例二路")
    nameless: dict[str, Value] = {"road_name": None}
    for place in (200, 240, 300, 345, 400):
        lamp(project, place, **nameless)
    lamp(project, 256, 14, **nameless)
    lamp(project, 410, **nameless, pole_no="7")
    assert said(project, "lamp.spacing") == [
        f"10.0 m along {NAME} to the next lamp (7); usual are 15 m or more"
    ]


def test_the_spacing_follows_the_bend_of_the_road(project: Project) -> None:
    road(project, (0, 0), (100, 0), (100, 100))
    lamp(project, 80, 0)
    lamp(project, 100, 29)
    assert said(project, "lamp.spacing") == []
    lamp(project, 100, 80, pole_no="3")
    assert said(project, "lamp.spacing") == [
        f"51.0 m along {NAME} to the next lamp (3); usual are up to 50 m"
    ]


def test_a_road_that_is_not_all_led_is_marked_at_one_of_its_lamps(project: Project) -> None:
    facilities.sodium_among_led(project)
    (issue,) = issues(project, "lamp.led_share")
    assert issue.message == f"{NAME}: 3 of 4 lamp heads are LED (75.0 %)"
    assert (issue.severity, issue.x, issue.y) == (Severity.INFO, X + 80, Y + 6)


def test_an_unidentified_manhole_names_the_pipes_near_it_nearest_first(project: Project) -> None:
    facilities.manhole_of_no_kind(project)
    assert said(project, "manhole.unidentified") == ["Unidentified cover; no pipe within 10 m"]
    for north, kind in ((9.0, "JP"), (3.0, "WS"), (4.0, "WS"), (10.5, "RQ"), (5.0, None)):
        add(project, "pipe_line", line((0, north), (50, north)), kind=kind)
    assert said(project, "manhole.unidentified") == [
        "Unidentified cover; within 10 m: Sewage, Water distribution (nearest 3.0 m)"
    ]


def test_a_cover_that_fits_no_pipe_says_which_pipes_there_are(project: Project) -> None:
    facilities.sewer_cover_on_storm_drain(project)
    assert sorted(said(project, "manhole.cover_pipe_kind")) == [
        "Sewer cover, but the pipes that end here are: Storm water",
        "Water supply cover, but the pipe kind of the manhole is Sewage",
    ]


def test_overdue_manholes_are_one_finding_that_keeps_its_id(project: Project) -> None:
    facilities.manhole_of_last_year(project)
    (first,) = issues(project, "manhole.inspection_overdue")
    assert first.message.startswith("1 manholes are overdue, the longest by 370 days (")
    facilities.manhole_of_last_year(project)
    (second,) = issues(project, "manhole.inspection_overdue")
    assert (second.id, second.message[:2]) == (first.id, "2 ")


def test_a_toilet_without_a_drain_says_how_far_the_sewer_is(project: Project) -> None:
    facilities.toilet_off_the_sewer(project)
    assert sorted(said(project, "toilet.no_drain")) == [
        "Nothing says where it drains to; the nearest sewage pipe is 60 m off",
        "Said to drain to the sewer, but the nearest sewage pipe is 51 m off",
    ]


def test_where_sewers_are_not_surveyed_no_toilet_is_blamed(project: Project) -> None:
    add(project, "toilet", at(), drain_to="市政污水")
    assert said(project, "toilet.no_drain") == []
    add(project, "pipe_line", line((501, 0), (600, 0)), kind="WS")
    assert said(project, "toilet.no_drain") == []
    add(project, "pipe_line", line((499, 0), (600, 0)), kind="WS")
    assert len(said(project, "toilet.no_drain")) == 1


def test_a_bay_near_both_a_junction_and_a_hydrant_is_told_both(project: Project) -> None:
    grounds.crossing(project)
    add(project, "pipe_point", at(250, 30), appendage="消防栓")
    uuid = bay(project, 260, 10)
    both = issues(project, "parking.near_junction")
    assert {issue.uuid for issue in both} == {uuid}
    assert len({issue.id for issue in both}) == 2


def test_a_large_park_that_says_it_has_a_toilet_is_asked_where(project: Project) -> None:
    add(project, "park", square(0, 0, 200), toilet_count=2)
    assert said(project, "park.no_toilet") == []
    add(project, "toilet", at(900))
    assert said(project, "park.no_toilet") == [
        "4.0 hm²; 2 toilets are said, but none is recorded inside or within 50 m"
    ]


def test_the_place_farthest_from_any_station_is_marked(project: Project) -> None:
    grounds.bike_area_half_served(project)
    (issue,) = issues(project, "bike.coverage")
    assert issue.message == (
        "39.3 percent of the area lies within 200 m of a station, 0.10 km² do not"
    )
    assert issue.uuid is None
    assert issue.x == pytest.approx(X + 400, abs=3)
    assert min(abs(issue.y - Y), abs(issue.y - Y - 400)) < 3  # type: ignore[operator]


# -- what they are made of -------------------------------------------------------------------------


def test_coverage_is_the_share_of_the_area_within_reach() -> None:
    plot = area(0, 0, 1000, 500)
    point = np.array([at(0, 0)], dtype=object)
    half = coverage(plot, [(point, 500.0)])
    assert half is not None
    assert half.percent == pytest.approx(100 * np.pi / 8, abs=0.2)
    assert half.bare_km2 == pytest.approx(0.5 * (1 - np.pi / 8), abs=0.001)
    assert half.spot == pytest.approx((X + 1000, Y + 500), abs=5)


def test_an_area_serves_from_its_outline_and_all_of_itself() -> None:
    plot = area(0, 0, 1000, 500)
    whole = coverage(plot, [(np.array([area(-100, -100, 1200, 700)], dtype=object), 10.0)])
    strip = coverage(plot, [(np.array([area(0, 0, 400, 500)], dtype=object), 100.0)])
    nothing = coverage(plot, [(np.empty(0, dtype=object), 100.0)])
    assert whole is not None
    assert strip is not None
    assert nothing is not None
    assert (whole.percent, nothing.percent) == (100.0, 0.0)
    assert strip.percent == pytest.approx(50.0, abs=0.3)
    assert coverage(shapely.MultiPolygon(), []) is None


def test_parts_far_from_one_another_count_by_their_size() -> None:
    plots = shapely.union_all([area(0, 0, 100, 100), area(90_000, 70_000, 100, 300)])
    station = np.array([shapely.Point(X + 50, Y + 50)], dtype=object)
    found = coverage(plots, [(station, 100.0)])
    assert found is not None
    assert found.percent == pytest.approx(25, abs=0.5)
    assert found.bare_km2 == pytest.approx(0.03, rel=0.02)
    assert found.spot == pytest.approx((X + 90_100, Y + 70_300), abs=3)


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ([[(0, 0), (100, 0)], [(50, -50), (50, 50)]], [(50, 0)]),
        ([[(0, 0), (100, 0)], [(50, 0), (50, 50)]], [(50, 0)]),
        ([[(0, 0), (100, 0)], [(50, 0.8), (50, 50)]], [(50, 0.8)]),
        ([[(0, 0), (100, 0)], [(50, 2), (50, 50)]], []),
        ([[(0, 0), (100, 0)], [(100, 0), (200, 50)]], []),
        ([[(0, 0), (100, 0), (100, 100), (0, 0)]], []),
        ([], []),
    ],
    ids=["cross", "tee", "stops short", "ends before", "goes on", "ring", "no roads"],
)
def test_a_junction_is_where_three_arms_meet(
    ways: list[list[tuple[float, float]]], expected: list[tuple[float, float]]
) -> None:
    lines = np.array([shapely.LineString(way) for way in ways], dtype=object)
    names = np.array([f"{number}路" for number in range(len(ways))], dtype=object)
    runs = road_runs(lines, Coded(np.arange(len(ways), dtype=np.int32), names))
    assert [tuple(place) for place in junctions(runs).tolist()] == expected


def test_without_a_layer_of_cabinets_no_box_is_missed(project: Project) -> None:
    lamp(project, 0, ctrl_box_id="KZX1")
    assert said(project, "lamp.box_unknown") == []


# -- towns -----------------------------------------------------------------------------------------


def test_the_clean_town_has_nothing_but_information(tmp_path: Path) -> None:
    create_sample(tmp_path / "town.gpkg", clean=True)
    with Project.open(tmp_path / "town.gpkg", write=False) as town:
        report = runner.run(town, only=RULES)
    assert report.failed == {}
    loud = [issue for issue in report.issues if issue.severity is not Severity.INFO]
    assert loud == []
    assert all_rules()["toilet.spacing"].severity is Severity.INFO


def test_the_manholes_of_a_real_town_give_no_nonsense(project: Project, real_data: Path) -> None:
    from hjgis.exchange.importing import carry_out, plan_import

    town = real_data / "town-bangor"
    for name, layer in (("sanitaryManhole", "manhole"), ("sanitaryPipe", "pipe_line")):
        carry_out(project, plan_import(project, town / f"{name}.geojson", to=layer))
    report = runner.run(project, only=RULES)
    assert (report.failed, report.summary) == ({}, {"manhole.unidentified": 1})


# -- the same, however it is stored ----------------------------------------------------------------


@pytest.mark.parametrize("stored_first", ["LED", "高压钠灯"])
def test_of_as_many_lamps_of_two_types_one_is_the_main_type(
    project: Project, stored_first: str
) -> None:
    add(project, "street_lamp", at(), lamp_type=stored_first, road_name="别的路")
    for number, kind in enumerate(("高压钠灯", "LED")):
        way = {"road_name": NAME, "replaced_2020": True}
        add(project, "street_lamp", at(30 * number), lamp_type=kind, **way)
    (words,) = said(project, "lamp.mixed_types")
    assert words.endswith("were replaced by LED")


def test_of_two_stations_as_near_the_one_stored_first_is_named(project: Project) -> None:
    for number, east in enumerate((60, 20, 40)):
        add(project, "bike_station", at(east), component_name=f"站{number}")
    named = [words.rpartition(" ")[2] for words in said(project, "bike.too_close")]
    assert sorted(named) == ["站0", "站2", "站2"]
