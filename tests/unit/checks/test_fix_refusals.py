"""What a fix cannot do with certainty it leaves, and says why."""

from __future__ import annotations

import pytest
import shapely

from hjgis.checks.fixes.register import FixResult, all_fixes, fixes_for
from hjgis.edits.arrange import lock
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import FeatureKey
from hjgis.models.rule_settings import RuleSetting, store_settings
from hjgis.ui.door import store
from tests.unit.checks.faults import BOW_TIE, STRAIGHT, X, Y, add, at, issues, line, pipe, square

_WITHOUT = "pipe.end_without_node"


def made(project: Project, rule: str, fix: str, answer: Value = None) -> FixResult:
    return all_fixes()[fix].make(project, issues(project, rule), answer=answer)


def refusals(result: FixResult) -> list[str]:
    return [why for _issue, why in result.refused]


def test_a_number_far_away_is_a_wrong_number(project: Project) -> None:
    add(project, "manhole", at(5.5), exp_no="A")
    add(project, "pipe_line", line(*STRAIGHT), start_no="A", end_no="")
    result = made(project, _WITHOUT, "connect-by-number")
    assert _("It lies {distance_m:.2f} m away.").format(distance_m=5.5) in refusals(result)
    assert not result.changes


def test_five_metres_are_near_enough_for_a_number(project: Project) -> None:
    add(project, "manhole", at(5.0), exp_no="A")
    add(project, "pipe_line", line(*STRAIGHT), start_no="A")
    result = made(project, _WITHOUT, "connect-by-number")
    assert len(result.done) == 1


@pytest.mark.parametrize("other_m", [0.2, 0.3])
def test_of_two_nodes_about_as_near_none_is_taken(project: Project, other_m: float) -> None:
    for place in (at(0, 0.2), at(0, -other_m)):
        add(project, "manhole", place, exp_no="A")
    b = add(project, "manhole", at(50), exp_no="B")
    add(project, "pipe_line", line(*STRAIGHT), start_no="A", to_node=b)
    for fix in ("connect-by-number", "connect-nearest"):
        result = made(project, _WITHOUT, fix)
        assert (len(result.refused), len(result.done)) == (1, 0)
        assert f"{0.2:.2f}" in refusals(result)[0]


def test_no_node_is_made_where_its_number_is_known(project: Project) -> None:
    add(project, "manhole", at(20, 20), exp_no="A")
    b = add(project, "manhole", at(50), exp_no="B")
    add(project, "pipe_line", line(*STRAIGHT), start_no="A", to_node=b)
    result = made(project, _WITHOUT, "make-node", "pipe_point")
    words = _("There is a node with the number {number}: connect the end to it.")
    assert refusals(result) == [words.format(number="A")]
    assert not result.changes


def test_what_is_written_at_every_end_is_no_number(project: Project) -> None:
    for north in (0, 30, 60):
        add(project, "pipe_line", line((0, north), (50, north)), start_no="MH")
    result = made(project, _WITHOUT, "make-node", "pipe_point")
    words = _("Ends at several places give the number {number}: it names no point.")
    assert refusals(result).count(words.format(number="MH")) == 3


def test_an_end_nearer_to_another_node_is_not_connected(project: Project) -> None:
    add(project, "pipe_point", at(), exp_no="A")
    add(project, "pipe_point", at(0.6), exp_no="B")
    add(project, "pipe_line", line((0.5, 0), (50, 0)))
    result = made(project, "point.isolated", "connect-ends")
    assert (len(result.done), len(result.refused)) == (1, 1)


def test_two_pipes_that_end_at_one_open_place_get_one_node(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT), start_no="A", end_no="B")
    add(project, "pipe_line", line((50, 0), (90, 0)), start_no="B", end_no="C")
    result = made(project, _WITHOUT, "make-node", "pipe_point")
    assert (len(result.done), len(result.refused)) == (4, 0)
    added = [change for change in result.changes.changes if change.before is None]
    assert sorted(str(change.after and change.after.values["exp_no"]) for change in added) == [
        "A",
        "B",
        "C",
    ]


def test_a_node_made_on_a_pipe_divides_it(project: Project) -> None:
    pipe(project, *STRAIGHT)
    add(project, "pipe_line", line((25, 0), (25, 30)), end_no="D")
    found = [one for one in issues(project, _WITHOUT) if one.y == Y]
    result = all_fixes()["make-node"].make(project, found, answer="pipe_point")
    store(project, result.changes)
    lines = project.table("pipe_line", [], geometry=False)
    assert len(lines.uuids) == 3
    assert not [one for one in issues(project, _WITHOUT) if one.y == Y]


def test_a_bow_tie_in_a_layer_of_single_areas_is_not_taken_apart(project: Project) -> None:
    add(project, "parking_bay", BOW_TIE)
    result = made(project, "geometry.invalid", "make-valid")
    words = _("It would fall into {count} pieces: split it or move its vertices.")
    assert refusals(result) == [words.format(count=2)]


def test_corners_are_taken_in_order_only_where_there_are_four(project: Project) -> None:
    corners = [(0, 0), (10, 10), (10, 0), (0, 10), (-5, 5)]
    shape = shapely.Polygon([(X + east, Y + north) for east, north in corners])
    add(project, "parking_bay", shape)
    result = made(project, "geometry.invalid", "order-corners")
    assert refusals(result) == [_("It is no area of four corners that cross.")]


def test_a_road_at_a_crossing_is_not_guessed(project: Project) -> None:
    for number, way in enumerate((line((-50, 4), (50, 4)), line((4, -50), (4, 50)))):
        add(project, "road", shapely.MultiLineString([way]), road_name=f"{number}街")
    add(project, "street_lamp", at())
    result = made(project, "attribute.required", "fill-in")
    assert not [
        change
        for change in result.changes.changes
        if change.after and change.after.values["road_name"]
    ]


def test_what_can_be_filled_in_is_and_the_rest_is_named(project: Project) -> None:
    add(project, "grid", square(-50, -50, 100), grid_id="150826100001001")
    toilet = add(project, "toilet", at())
    found = [one for one in issues(project, "attribute.required") if one.uuid == toilet]
    result = all_fixes()["fill-in"].make(project, found)
    (change,) = result.changes.changes
    assert change.after is not None
    assert change.after.values["grid_id"] == "150826100001001"
    assert len(result.refused) == 1
    field = project.asset_type("toilet").field("flush_type")
    assert field.label["en"] in refusals(result)[0] or field.label["zh_CN"] in refusals(result)[0]


def test_the_day_of_entry_is_never_filled_in_afterwards(project: Project) -> None:
    add(project, "toilet", at())
    for change in made(project, "attribute.required", "fill-in").changes.changes:
        assert change.after is not None
        assert change.after.values["initial_date"] is None


def test_a_value_that_is_implausible_afterwards_is_left(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT), diameter_mm=3)
    result = made(project, "attribute.range", "other-unit", 0.001)
    assert len(result.refused) == 1
    assert not result.changes


def test_the_factor_that_puts_most_right_is_offered_first(project: Project) -> None:
    for number in range(3):
        add(project, "pipe_line", line((0, number), (50, number)), diameter_mm=0.003)
    add(project, "pipe_line", line((0, 9), (50, 9)), diameter_mm=900_000)
    fix = all_fixes()["other-unit"]
    assert fix.choices is not None
    found = issues(project, "attribute.range")
    answers = [value for value, _words in fix.choices(project, found)]
    result = fix.make(project, found, answer=answers[0])
    assert len(result.done) >= len(fix.make(project, found, answer=answers[-1]).done)


def test_two_records_that_differ_stay_as_they_are_in_the_one_that_is_kept(
    project: Project,
) -> None:
    rich = add(project, "toilet", at(), component_name="东", toilet_class="一类", open_hours="24")
    add(project, "toilet", at(), component_name="西", owner_name="甲")
    store(project, made(project, "geometry.duplicate", "remove-twin").changes)
    kept = project.get(FeatureKey("toilet", rich)).values
    assert (kept["component_name"], kept["owner_name"]) == ("东", "甲")
    assert project.count("toilet") == 1


def test_of_three_in_one_place_one_is_left(project: Project) -> None:
    for _number in range(3):
        add(project, "street_lamp", at())
    result = made(project, "geometry.duplicate", "remove-twin")
    store(project, result.changes)
    assert project.count("street_lamp") == 1
    assert len(result.done) == 3


def test_a_node_whose_pipe_would_begin_and_end_at_it_is_not_merged(project: Project) -> None:
    a, b = (add(project, "manhole", at(), exp_no=name) for name in "AB")
    add(project, "pipe_line", line((0, 0), (5, 5), (0, 0)), from_node=a, to_node=b)
    result = made(project, "geometry.duplicate", "remove-twin")
    assert _("The pipe would begin and end at the same node.") in refusals(result)
    assert not result.changes


def test_pipes_that_run_apart_between_two_nodes_are_two(project: Project) -> None:
    uuids = pipe(project, *STRAIGHT)
    ends: dict[str, Value] = {"from_node": uuids["a"], "to_node": uuids["b"]}
    add(project, "pipe_line", line((0, 0), (25, 1.2), (50, 0)), **ends)
    assert not issues(project, "pipe.same_nodes_twice")
    told = {"pipe.same_nodes_twice": RuleSetting(limits={"apart_m": 2.0})}
    store(project, store_settings(None, told))
    result = made(project, "pipe.same_nodes_twice", "remove-pipe-twin")
    assert len(result.refused) == 2
    assert not result.changes


def test_a_ground_that_another_pipe_agrees_with_stays(project: Project) -> None:
    node = add(project, "pipe_point", at(), exp_no="A", ground_elev_m=1030.0)
    right: dict[str, Value] = {"start_depth_m": 2.0, "start_elev_m": 1028.0}
    wrong: dict[str, Value] = {"start_depth_m": 2.0, "start_elev_m": 1020.0}
    add(project, "pipe_line", line((0, 0), (0, 50)), from_node=node, **right)
    add(project, "pipe_line", line(*STRAIGHT), from_node=node, **wrong)
    result = made(project, "pipe.elevation_identity", "third-of-three", "ground")
    assert refusals(result) == [_("Another pipe at the node agrees with the ground there.")]


def test_only_the_oldest_with_an_id_was_meant(project: Project) -> None:
    same = "15082603001900001"
    oldest = add(project, "toilet", at(), component_id=same)
    add(project, "toilet", at(20), component_id=same)
    found = issues(project, "identity.component_id_duplicate")
    only = [one for one in found if one.uuid == oldest]
    result = all_fixes()["number-others"].make(project, only)
    assert refusals(result) == [_("It is the oldest with this id: number the others anew.")]


def test_ids_given_to_many_at_once_differ(project: Project) -> None:
    same = "15082603001900001"
    for number in range(5):
        add(project, "toilet", at(20 * number), component_id=same)
    store(project, made(project, "identity.component_id_duplicate", "number-others").changes)
    ids = project.table("toilet", ["component_id"], geometry=False).columns["component_id"]
    assert len({*ids.tolist()}) == 5
    assert same in ids.tolist()


def test_an_end_is_not_drawn_across_the_town_to_a_wrong_number(project: Project) -> None:
    nodes = pipe(project, *STRAIGHT)
    far = add(project, "manhole", at(1353))
    ends = {"from_node": far, "to_node": nodes["b"]}
    add(project, "pipe_line", line((40, 9), (50, 0)), **ends)
    result = made(project, "pipe.end_off_node", "end-to-node")
    assert not result.changes
    assert refusals(result) == [
        _("Its node lies more than {distance_m:g} m away.").format(distance_m=5)
    ]
    turn = made(project, "pipe.end_off_node", "turn-line")
    assert refusals(turn) == [_("The node does not lie at the other end of the line.")]


def test_a_layer_that_is_locked_is_left_with_what_hangs_on_it(project: Project) -> None:
    pipe(project, (0.5, 0.0), (50.0, 0.0))
    asset = project.asset_type("pipe_line")
    project.session.apply(lock(project.arrangement, asset, locked=True))
    # The node could be moved, but its pipes would have to follow.
    result = made(project, "pipe.end_off_node", "node-to-end")
    assert refusals(result) == [_("The layer is locked in the layer list.")]
    assert not result.changes


def test_bad_geometry_is_refused_in_words(project: Project) -> None:
    add(project, "pipe_line", None, start_no="A", end_no="B")
    add(project, "pipe_line", shapely.LineString(), start_no="A", end_no="B")
    for fix in fixes_for(_WITHOUT):
        result = made(project, _WITHOUT, fix.id, "pipe_point")
        assert len(result.refused) == 4
        assert not result.changes


def test_no_findings_make_no_change(project: Project) -> None:
    for fix in all_fixes().values():
        result = fix.make(project, [])
        assert not result.changes
        assert (result.done, result.refused) == ((), ())


def test_a_point_that_may_not_become_a_manhole_stays_a_point(project: Project) -> None:
    add(project, "pipe_point", at(), exp_no="A", appendage="检修井")
    project.session.apply(lock(project.arrangement, project.asset_type("manhole"), locked=True))
    result = made(project, "point.well_without_manhole", "make-manhole")
    assert refusals(result) == [_("The layer is locked in the layer list.")]
    assert not result.changes


def test_what_can_be_filled_in_by_half_stays_as_it_is_in_a_locked_layer(project: Project) -> None:
    add(project, "road", shapely.MultiLineString([line((0, 5), (99, 5))]), road_name="示例路")
    add(project, "street_lamp", at())
    asset = project.asset_type("street_lamp")
    project.session.apply(lock(project.arrangement, asset, locked=True))
    result = made(project, "attribute.required", "fill-in")
    assert refusals(result) == [_("The layer is locked in the layer list.")]
    assert not result.changes


def test_the_cover_of_another_kind_between_two_alike_is_no_twin(project: Project) -> None:
    add(project, "manhole", at(), cover_kind="污水井盖", exp_no="A")
    add(project, "manhole", at(0.2), cover_kind="雨水井盖", exp_no="B")
    add(project, "manhole", at(0.4), cover_kind="污水井盖", exp_no="C")
    store(project, made(project, "manhole.near_duplicate", "merge-near").changes)
    left = project.table("manhole", ["exp_no"], geometry=False).columns["exp_no"]
    assert "B" in left.tolist()
    assert len(left) == 2


def test_a_twin_that_was_never_drawn_is_refused_in_words(project: Project) -> None:
    ends = pipe(project, *STRAIGHT)
    nodes = {"from_node": ends["a"], "to_node": ends["b"]}
    add(project, "pipe_line", None, **nodes)
    result = made(project, "pipe.same_nodes_twice", "remove-pipe-twin")
    assert refusals(result) == [_("The feature has no place yet.")] * 2
    assert not result.changes


def test_a_point_of_another_net_with_the_same_number_is_no_twin(project: Project) -> None:
    add(project, "pipe_point", at(), exp_no="1", kind="JP", appendage="阀门", remarks="旧")
    add(project, "pipe_point", at(0.005), exp_no="1 ", kind="JP", appendage="阀门")
    add(project, "pipe_point", at(0.002), exp_no="1", kind="WS", appendage="阀门")
    store(project, made(project, "point.recorded_twice", "merge-near").changes)
    left = project.table("pipe_point", ["kind"], geometry=False).columns["kind"]
    assert sorted(left.tolist()) == ["JP", "WS"]
