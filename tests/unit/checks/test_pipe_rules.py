"""What the rules of a pipe survey say, where they begin, and that bad data do not stop them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from hjgis.checks import runner
from hjgis.checks.rules.register import Scope, all_rules
from hjgis.checks.shared_features import SharedFeatures
from hjgis.checks.survey import Survey
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from tests.unit.checks.examples.pipes import EAST, EXAMPLES, GRAVITY, join, node, run_of
from tests.unit.checks.faults import X, add, foreign, found, issues, line

RULES = sorted(EXAMPLES)
HERE = line((0, 0), (30, 0))


def messages(project: Project, rule: str) -> list[str]:
    return sorted(issue.message for issue in issues(project, rule))


def limited(project: Project, rule_id: str, **limits: Any) -> set[str]:
    """Return what a rule finds with other limits."""
    rule = all_rules()[rule_id]
    survey = Survey(SharedFeatures(project, [rule.reads]), rule.reads, {**rule.limits, **limits})
    return {uuid for findings in rule.find(survey) for uuid in findings.uuids.tolist()}


@pytest.mark.parametrize("rule", RULES)
def test_an_empty_project_has_no_findings(project: Project, rule: str) -> None:
    assert found(project, rule) == set()


@pytest.mark.parametrize("rule", RULES)
def test_features_of_which_nothing_is_known_stop_no_rule(project: Project, rule: str) -> None:
    for layer in ("manhole", "pipe_point", "pipe_line", "road"):
        add(project, layer, None)
    add(project, "pipe_point", shapely.Point())
    add(project, "pipe_line", shapely.LineString())
    assert runner.run(project, only=[rule]).failed == {}


@pytest.mark.parametrize("rule", RULES)
def test_values_that_are_no_values_stop_no_rule(project: Project, rule: str) -> None:
    run_of(project, EAST[:3], {"kind": "WS"}, {"kind": "YS"})
    foreign(
        project,
        "UPDATE pipe_line SET kind = '??', diameter_mm = '约300', start_elev_m = 'x',"
        " end_elev_m = 9e999, from_node = 7, road_name = ' ', flow_dir = '0', burial = ''",
    )
    foreign(project, "UPDATE manhole SET exp_no = 5, feature = '怪', ground_elev_m = 'hoch'")
    assert runner.run(project, only=[rule]).failed == {}


@pytest.mark.parametrize("rule", RULES)
def test_every_message_is_filled_in_in_both_languages(project: Project, rule: str) -> None:
    EXAMPLES[rule][0](project)
    for language in ("en", "zh_CN"):
        set_language(language)
        said = messages(project, rule)
        assert said
        assert not [words for words in said if "nan" in words or "None" in words or "{" in words]


@pytest.mark.parametrize("rule", [name for name in RULES if name != "attribute.placeholder"])
def test_what_binds_features_is_declared(project: Project, rule: str) -> None:
    reads = all_rules()[rule].reads
    for asset in project.catalogue.types.values():
        columns = reads.columns(asset)
        if reads.scope is Scope.GROUP and columns is not None:
            assert set(reads.keys(asset)) <= {"uuid", *asset.field_names}
    if reads.scope is Scope.NEIGHBOURS:
        assert reads.reach in all_rules()[rule].limits


@pytest.mark.parametrize("rule", RULES)
def test_a_faulty_group_by_itself_is_faulty_too(project: Project, rule: str) -> None:
    """After an edit a rule sees no more than what the feature is bound to."""
    faulty = EXAMPLES[rule][0](project)
    one = all_rules()[rule]
    if one.reads.scope is Scope.LAYER:
        return
    shared = SharedFeatures(project, [one.reads])
    rows = {
        asset.id: project.table(asset.id, [], geometry=False).fids
        for asset in shared.layers
        if one.reads.columns(asset) is not None
    }
    seen = runner.look(one, shared, rows=rows)
    assert {uuid for part in seen.findings for uuid in part.uuids.tolist()} == faulty


# -- points ------------------------------------------------------------------------------


def test_a_shared_number_names_the_other_layer_and_how_many(project: Project) -> None:
    EXAMPLES["point.number_twice"][0](project)
    assert messages(project, "point.number_twice") == [
        "Number WS1  is also that of another Manhole (2 points in all)",
        "Number WS1 is also that of another Pipe point (2 points in all)",
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"element_code": "51041000"}, "51041000 is no code of a point"),
        ({"element_code": "51042204"}, "51042204 is the code of an appendage, but the feature is"),
        (
            {"element_code": "51042103"},
            "means Water distribution: cross, but the point is 弯头, code",
        ),
    ],
)
def test_an_element_code_says_what_it_contradicts(
    project: Project, values: dict[str, Value], said: str
) -> None:
    node(project, (0, 0), feature="弯头", **values)
    (words,) = messages(project, "point.element_code")
    assert said in words


# -- levels ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "burial", "depth", "faulty"),
    [
        ("TR", "ZM", 0.60, False),
        ("TR", "ZM", 0.59, True),
        ("GD", "ZM", 0.69, True),
        ("GD", "GK", 0.50, False),
        ("JP", "ZM", 1.20, False),
        ("JP", "ZM", 1.19, True),
        ("JP", "GG", 0.30, False),
        ("BM", "ZM", 0.10, False),
        ("JP", "DM", -0.20, False),
        ("JP", "ZM", 8.0, False),
        ("JP", "ZM", 8.01, True),
    ],
)
def test_cover_depends_on_kind_and_laying(
    project: Project, kind: str, burial: str, depth: float, faulty: bool
) -> None:
    add(project, "pipe_line", HERE, kind=kind, burial=burial, start_depth_m=depth)
    assert bool(found(project, "pipe.depth")) is faulty


def test_the_cover_of_a_sewer_counts_from_its_top(project: Project) -> None:
    facts = {"kind": "WS", "burial": "ZM", "diameter_mm": 400, "start_depth_m": 0.9}
    add(project, "pipe_line", HERE, **facts)
    (issue,) = issues(project, "pipe.depth")
    assert issue.message == "Only 0.50 m of cover at the start; at least 0.6 m is needed"
    assert (issue.x, issue.y) == HERE.coords[0]
    add(project, "pipe_line", HERE, **facts, elev_basis="管顶")
    assert len(issues(project, "pipe.depth")) == 1


def test_the_identity_says_all_three_numbers(project: Project) -> None:
    EXAMPLES["pipe.elevation_identity"][0](project)
    assert messages(project, "pipe.elevation_identity") == [
        "At the start ground 1040.00 m less depth 1.50 m is not elevation 1038.48 m: -0.02 m"
    ]


@pytest.mark.parametrize("unmeasured", [0.0, -999.0, 9999.0, None])
def test_what_was_not_measured_is_no_level(project: Project, unmeasured: float | None) -> None:
    a = node(project, (0, 0), ground_elev_m=1040.0)
    b = node(project, (30, 0), ground_elev_m=unmeasured)
    join(
        project, (a, b), EAST[:2], **GRAVITY, start_elev_m=unmeasured, end_elev_m=1038.0,
        start_depth_m=2.0, end_depth_m=2.0,
    )  # fmt: skip
    for rule in ("pipe.elevation_identity", "pipe.steep", "pipe.adverse_slope", "pipe.crossing"):
        assert found(project, rule) == set(), rule


def test_a_sewer_of_unknown_flow_does_not_rise(project: Project) -> None:
    add(project, "pipe_line", HERE, kind="WS", flow_dir="不详", start_elev_m=1.0, end_elev_m=2.0)
    assert found(project, "pipe.adverse_slope") == set()


def test_a_sewer_rises_by_depths_below_a_known_ground_too(project: Project) -> None:
    low = node(project, (0, 0), "manhole", ground_elev_m=1040.0)
    high = node(project, (30, 0), "manhole", ground_elev_m=1040.5)
    ends: dict[str, Value] = {"start_depth_m": 1.5, "end_depth_m": 1.5}
    wrong = join(project, (low, high), EAST[:2], **GRAVITY, **ends)
    join(project, (high, low), EAST[1::-1], **GRAVITY, **ends)
    # An elevation that was measured counts before the depth.
    join(project, (low, high), EAST[:2], **GRAVITY, **ends, start_elev_m=1039.2)
    assert found(project, "pipe.adverse_slope") == {wrong}
    assert messages(project, "pipe.adverse_slope") == [
        "Rises downstream by 0.50 m, from 1038.50 m to 1039.00 m"
    ]


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ((1038.5, 1038.0), "No flow direction; by the levels it flows to the last vertex: 0.50 m"),
        ((1038.0, 1038.5), "No flow direction; by the levels it flows to the first vertex: 0.50 m"),
        ((1038.0, 1038.01), "No flow direction, and the levels do not tell it"),
        ((1038.0, None), "No flow direction, and the levels do not tell it"),
    ],
)
def test_where_the_levels_tell_the_flow_they_are_told(
    project: Project, levels: tuple[float, float | None], said: str
) -> None:
    add(project, "pipe_line", HERE, kind="WS", start_elev_m=levels[0], end_elev_m=levels[1])
    (message,) = messages(project, "pipe.flow_unknown")
    assert message.startswith(said)


# -- joints ------------------------------------------------------------------------------


def test_the_larger_of_two_pipes_that_enter_counts(project: Project) -> None:
    nodes, _lines = run_of(project, EAST[:2], {**GRAVITY, "diameter_mm": 600, "pipe_no": "big"})
    side = node(project, (30, 9), "manhole")
    join(project, (side, nodes[1]), ((30, 9), (30, 0)), **GRAVITY, diameter_mm=300)
    end = node(project, (60, 0), "manhole")
    join(project, (nodes[1], end), EAST[1:3], **GRAVITY, width_mm=500, height_mm=400)
    assert messages(project, "pipe.narrowing") == ["500×400 mm downstream of pipe big with 600 mm"]


def test_flow_against_the_drawing_counts(project: Project) -> None:
    up: dict[str, Value] = {"kind": "WS", "flow_dir": "逆向"}
    _nodes, lines = run_of(
        project, EAST[:3], {**up, "diameter_mm": 300}, {**up, "diameter_mm": 400}
    )
    assert found(project, "pipe.narrowing") == {lines[0]}


def test_a_pipe_beside_one_of_unknown_size_is_not_narrower(project: Project) -> None:
    nodes, _lines = run_of(
        project, EAST[:3], {**GRAVITY, "diameter_mm": 400}, {**GRAVITY, "diameter_mm": 300}
    )
    side = node(project, (30, 9), "manhole")
    join(project, (nodes[1], side), ((30, 0), (30, 9)), **GRAVITY)
    assert found(project, "pipe.narrowing") == set()


@pytest.mark.parametrize(
    ("kinds", "faulty"),
    [
        (("WS", "YS"), True),
        (("WS", "HS"), False),
        (("JP", "WS"), True),
        (("JP", "XS"), False),
        (("ZS", "JP"), True),
        (("ZS", "LS"), False),
        (("GD", "DH"), False),
        (("TR", "RS"), True),
    ],
)
def test_some_kinds_may_never_meet(project: Project, kinds: tuple[str, str], faulty: bool) -> None:
    nodes, _lines = run_of(project, EAST[:3], {"kind": kinds[0]}, {"kind": kinds[1]})
    assert found(project, "point.wrong_connection") == ({nodes[1]} if faulty else set())


def test_a_wrong_connection_names_kinds_and_pipes(project: Project) -> None:
    run_of(project, EAST[:3], {"kind": "YS", "pipe_no": "Y1"}, {"kind": "WS", "start_no": "W1"})
    assert messages(project, "point.wrong_connection") == [
        "Storm water pipe Y1 is joined to Sewage pipe W1-?"
    ]


def test_a_drop_of_two_metres_needs_a_drop_manhole(project: Project) -> None:
    for drop, well in ((2.0, {}), (2.5, {}), (2.5, {"appendage": "跌水井"})):
        high = node(project, (0, 0), "manhole")
        here = node(project, (30, 0), "manhole", **well)
        low = node(project, (60, 0), "manhole")
        join(project, (high, here), EAST[:2], **GRAVITY, end_elev_m=1038.0)
        join(project, (here, low), EAST[1:3], **GRAVITY, start_elev_m=1038.0 - drop)
    assert messages(project, "point.pipes_disagree") == [
        "Pipes 2.50 m apart in a manhole that is no drop manhole"
    ]


def test_tops_of_two_sizes_may_differ_by_the_sizes(project: Project) -> None:
    tee = node(project, (30, 0), feature="三通")
    for number, (size, level) in enumerate(((200, 1038.0), (200, 1038.0), (100, 1037.9))):
        start = node(project, (30, 30.0 + number))
        join(
            project, (start, tee), ((30, 30.0 + number), (30, 0)), kind="JP", diameter_mm=size,
            end_elev_m=level,
        )  # fmt: skip
    assert found(project, "point.pipes_disagree") == set()


def test_two_sizes_at_a_bend_are_named(project: Project) -> None:
    bend = node(project, (30, 0), feature="弯头")
    ends = [node(project, place, "manhole") for place in ((0, 0), (60, 0))]
    join(project, (ends[0], bend), EAST[:2], diameter_mm=200, material="PE")
    join(project, (bend, ends[1]), EAST[1:3], diameter_mm=300, material="PVC")
    assert messages(project, "point.pipes_disagree") == [
        "Polyethylene and Polyvinyl chloride meet at a Bend",
        "Sizes 200 and 300 mm meet at a Bend",
    ]


# -- the whole net -----------------------------------------------------------------------


def test_a_long_chain_is_one_piece(project: Project) -> None:
    places = [(10.0 * number, 0.0) for number in range(40)]
    run_of(project, places, *[{}] * 39)
    run_of(project, [(0, 50), (10, 50)], {"pipe_no": "lost"})
    assert len(found(project, "pipe.isolated_net")) == 1
    assert limited(project, "pipe.isolated_net", most_pipes=39) == {
        *project.table("pipe_line", [], geometry=False).uuids.tolist()
    }


def test_the_only_net_of_a_project_is_not_isolated(project: Project) -> None:
    run_of(project, EAST[:2], {})
    assert found(project, "pipe.isolated_net") == set()


def test_points_alone_are_no_fault_before_there_are_pipes(project: Project) -> None:
    node(project, (0, 0), exp_no="JP1", appendage="阀门")
    assert found(project, "point.isolated") == set()


def test_points_of_a_kind_are_no_fault_before_there_are_pipes_of_it(project: Project) -> None:
    nodes, _lines = run_of(project, EAST[:2], {"kind": "WS"}, layer="pipe_point")
    node(project, (0, 9), exp_no="JP1", kind="JP", appendage="阀门")
    lone = {
        node(project, (0, 5), exp_no="WS9", kind="WS", appendage="检修井"),
        node(project, (0, 7), "manhole", exp_no="M9"),
    }
    assert found(project, "point.isolated") == lone
    join(project, nodes, EAST[:2], kind="JP")
    assert len(found(project, "point.isolated")) == 3


def test_three_pipes_between_two_nodes_each_name_another(project: Project) -> None:
    nodes, _lines = run_of(project, EAST[:2], {"kind": "WS", "pipe_no": "P1"})
    for number in (2, 3):
        join(project, nodes, EAST[:2], kind="WS", pipe_no=f"P{number}")
    assert messages(project, "pipe.same_nodes_twice") == [
        f"Joins the same two nodes as pipe P{number} (3 in all)" for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(("bend_m", "twins"), [(0.0, 2), (0.5, 2), (0.51, 0)])
def test_two_ways_between_two_nodes_are_no_pipe_recorded_twice(
    project: Project, bend_m: float, twins: int
) -> None:
    # The barrels of a siphon, or two mains round a block.
    nodes, _lines = run_of(project, EAST[:2], {"kind": "WS"})
    ends: dict[str, Value] = {"from_node": nodes[0], "to_node": nodes[1]}
    add(project, "pipe_line", line(EAST[0], (15, bend_m), EAST[1]), kind="WS", **ends)
    assert len(found(project, "pipe.same_nodes_twice")) == twins


def test_of_three_pipes_between_two_nodes_only_the_copies_are_told(project: Project) -> None:
    nodes, _lines = run_of(project, EAST[:2], {"kind": "WS", "pipe_no": "P1"})
    ends: dict[str, Value] = {"from_node": nodes[0], "to_node": nodes[1]}
    add(project, "pipe_line", line(EAST[0], (15, 9), EAST[1]), kind="WS", pipe_no="P2", **ends)
    join(project, nodes, EAST[:2], kind="WS", pipe_no="P3")
    assert messages(project, "pipe.same_nodes_twice") == [
        f"Joins the same two nodes as pipe P{number} (2 in all)" for number in (1, 3)
    ]


def test_the_depth_of_a_well_is_also_known_from_its_two_levels(project: Project) -> None:
    levels: dict[str, Value] = {"ground_elev_m": 1040.0, "bottom_elev_m": 1038.0}
    first = node(project, (0, 0), "manhole", **levels)
    last = node(project, (30, 0), "manhole", ground_elev_m=1040.0)
    join(project, (first, last), EAST[:2], **GRAVITY, start_depth_m=2.4, end_depth_m=1.0)
    assert messages(project, "manhole.bottom_depth") == [
        "2.00 m deep, but a pipe enters 2.40 m below the ground",
        "No depth, though 1 gravity pipes end here",
    ]


@pytest.mark.parametrize(("far_m", "told"), [(30, 1), (31, 0)])
def test_a_pipe_of_a_road_that_is_not_on_the_map_may_begin_at_another(
    project: Project, far_m: float, told: int
) -> None:
    add(project, "road", shapely.MultiLineString([line((-90, 0), (90, 0))]), road_name="示例一路")
    add(project, "pipe_line", line((0, 0), (0, far_m)), road_name="示例二路", kind="WS")
    assert len(found(project, "pipe.road_name")) == told


def test_a_pipe_names_the_road_that_it_lies_in(project: Project) -> None:
    EXAMPLES["pipe.road_name"][0](project)
    assert messages(project, "pipe.road_name") == ["Names “示例二路”, but lies 5 m from “示例一路”"]


def test_of_two_roads_as_near_the_first_by_name_is_told(project: Project) -> None:
    for name in ("示例四路", "示例一路"):
        way = shapely.MultiLineString([line((0, 0), (50, 0))])
        add(project, "road", way, road_name=name)
    add(project, "pipe_line", line((0, 5), (50, 5)), road_name="示例二路")
    assert messages(project, "pipe.road_name") == ["Names “示例二路”, but lies 5 m from “示例一路”"]


def test_pipes_that_cross_say_where_and_how_close(project: Project) -> None:
    level: dict[str, Value] = {"kind": "JP", "diameter_mm": 200, "pipe_no": "JP1-JP2"}
    add(project, "pipe_line", line((0, 0), (40, 0)), **level, start_elev_m=1038, end_elev_m=1038)
    add(
        project,
        "pipe_line",
        line((10, -9), (10, 9)),
        **level,
        start_elev_m=1038.2,
        end_elev_m=1038.4,
    )
    (issue,) = issues(project, "pipe.crossing")
    assert issue.message == "Crosses Water distribution pipe JP1-JP2 with 0.10 m between them"
    assert (issue.x, issue.y) == (428_010.0, 4_528_000.0)


@pytest.mark.parametrize(
    ("kind", "size", "length", "faulty"),
    [
        ("WS", 299, 40.0, False),
        ("WS", 299, 40.1, True),
        ("YS", 299, 50.0, False),
        ("WS", 300, 75.0, False),
        ("WS", 650, 100.0, False),
        ("WS", 1100, 150.1, True),
        ("WS", 2100, 999.0, False),
        ("JP", 300, 999.0, False),
    ],
)
def test_manholes_stand_closer_along_small_pipes(
    project: Project, kind: str, size: int, length: float, faulty: bool
) -> None:
    run_of(project, ((0, 0), (length, 0)), {"kind": kind, "diameter_mm": size})
    assert bool(found(project, "pipe.manhole_spacing")) is faulty


def test_a_project_may_have_other_limits(project: Project) -> None:
    nodes, lines = run_of(project, EAST[:2], {"kind": "JP"})
    assert limited(project, "pipe.too_long", longest_m=29.0) == {*lines}
    assert limited(project, "pipe.too_long", longest_m=30.0) == set()
    assert limited(project, "point.wrong_connection", kinds=[], majors=[]) == set()
    assert nodes


def test_findings_of_a_rule_come_as_one_for_each_layer(project: Project) -> None:
    EXAMPLES["pipe.implausible"][0](project)
    rule = replace(all_rules()["pipe.implausible"])
    (findings,) = runner.look(rule, SharedFeatures(project, [rule.reads])).findings
    assert findings.facts["case"].tolist().count("year") == 1
    assert np.count_nonzero([case == "series" for case in findings.facts["case"]]) == 1


@pytest.mark.parametrize(("first", "second", "rule"), [
    ((600, 400), (600, 600), "point.pipes_disagree"),
    ((600, None), (600, 600), "point.pipes_disagree"),
    ((600, 400), (600, 400), "point.nothing_changes"),
])  # fmt: skip
def test_boxes_of_one_width_and_two_heights_are_of_two_sizes(
    project: Project, first: tuple[int, int | None], second: tuple[int, int], rule: str
) -> None:
    said = "变径" if rule == "point.nothing_changes" else "弯头"
    middle = node(project, (30, 0), feature=said)
    ends = [node(project, place, "manhole") for place in ((0, 0), (60, 0))]
    box = [{"diameter_mm": w, "width_mm": h and w, "height_mm": h} for w, h in (first, second)]
    join(project, (ends[0], middle), EAST[:2], **box[0])
    join(project, (middle, ends[1]), EAST[1:3], **box[1])
    assert found(project, rule) == {middle}


def test_a_change_of_height_alone_is_a_change_of_size(project: Project) -> None:
    middle = node(project, (30, 0), feature="变径")
    ends = [node(project, place, "manhole") for place in ((0, 0), (60, 0))]
    for number, height in enumerate((400, 600)):
        box = {"diameter_mm": 600, "width_mm": 600, "height_mm": height}
        pair = ((ends[0], middle), (middle, ends[1]))[number]
        join(project, pair, EAST[number : number + 2], **box)
    assert found(project, "point.nothing_changes") == set()


def test_a_road_written_otherwise_is_near_though_another_is_as_near(project: Project) -> None:
    for name in ("示例一路", "示例二路"):
        shape = shapely.MultiLineString([line((0, 0), (99, 0))])
        add(project, "road", shape, road_name=name)
    add(project, "pipe_line", HERE, road_name="示例二路K3")
    assert found(project, "pipe.road_name") == set()


def test_of_two_roads_as_near_the_same_one_is_named_however_they_are_stored(
    project: Project,
) -> None:
    for name in ("示例二路", "示例一路", "示例二路"):
        shape = shapely.MultiLineString([line((0, 0), (99, 0))])
        add(project, "road", shape, road_name=name)
    add(project, "pipe_line", HERE, road_name="远路")
    assert messages(project, "pipe.road_name") == ["Names “远路”, but lies 0 m from “示例一路”"]


def test_a_drop_of_the_limit_needs_no_drop_manhole(project: Project) -> None:
    well = node(project, (30, 0), "manhole", appendage="检修井")
    ends = [node(project, place, "manhole") for place in ((0, 0), (60, 0))]
    falling: dict[str, Value] = {"kind": "WS", "is_gravity": True}
    join(project, (ends[0], well), EAST[:2], **falling, end_elev_m=1038.8)
    join(project, (well, ends[1]), EAST[1:3], **falling, start_elev_m=1038.1)
    assert limited(project, "point.pipes_disagree", drop_m=0.7) == set()
    assert limited(project, "point.pipes_disagree", drop_m=0.69) == {well}


def test_pipes_from_one_point_that_cross_again_are_judged_where_they_cross(
    project: Project,
) -> None:
    size: dict[str, Value] = {"kind": "JP", "diameter_mm": 200}
    level: dict[str, Value] = {"start_elev_m": 1038.0}
    add(project, "pipe_line", line((40, 0), (0, 0)), **size, **level, end_elev_m=1038.0)
    bent = line((40, 0), (30, 10), (20, -10))
    over = add(project, "pipe_line", bent, **size, **level, end_elev_m=1043.0)
    assert found(project, "pipe.crossing") == set()
    foreign(project, "UPDATE pipe_line SET end_elev_m = 1038.3 WHERE uuid = ?", over)
    assert messages(project, "pipe.crossing") == [
        "Crosses Water distribution pipe - with 0.01 m between them"
    ]


def test_of_two_crossings_the_closest_is_told(project: Project) -> None:
    size: dict[str, Value] = {"kind": "JP", "diameter_mm": 200}
    add(project, "pipe_line", line((0, 0), (40, 0)), **size, start_elev_m=1038.0, end_elev_m=1038.0)
    twice = line((35, 9), (30, -9), (10, -9), (5, 9))
    add(project, "pipe_line", twice, **size, start_elev_m=1042.0, end_elev_m=1037.5)
    (issue,) = issues(project, "pipe.crossing")
    assert issue.x is not None
    assert issue.x < X + 10
