"""One faulty and one faultless example for each check of a pipe survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import shapely

from hjgis.layers.project import Project
from hjgis.models.assets import Value
from tests.unit.checks.faults import Example, add, at, line

Place = tuple[float, float]
GRAVITY: Mapping[str, Value] = {"kind": "WS", "flow_dir": "顺向"}


def node(project: Project, place: Place, layer: str = "pipe_point", **values: Value) -> str:
    """Store a node at a place."""
    return add(project, layer, at(*place), **values)


def join(project: Project, ends: Sequence[str], places: Sequence[Place], **values: Value) -> str:
    """Store a pipe from one node to another, drawn through some places."""
    nodes = {"from_node": ends[0], "to_node": ends[1]}
    return add(project, "pipe_line", line(*places), **nodes, **values)


def run_of(
    project: Project, places: Sequence[Place], *pipes: Mapping[str, Value], layer: str = "manhole"
) -> tuple[list[str], list[str]]:
    """Store nodes at places and pipes from each to the next; return both."""
    nodes = [node(project, place, layer) for place in places]
    lines = [
        join(project, nodes[at : at + 2], places[at : at + 2], **values)
        for at, values in enumerate(pipes)
    ]
    return nodes, lines


EAST: Sequence[Place] = ((0, 0), (30, 0), (60, 0), (90, 0))


def ground_of_zero(project: Project) -> set[str | None]:
    return {
        node(project, (0, 0), "manhole", ground_elev_m=0.0),
        add(project, "pipe_line", None, start_elev_m=-999.0),
    }


def zero_that_is_a_value(project: Project) -> set[str | None]:
    node(project, (0, 0), "manhole", ground_elev_m=1040.0, well_depth_m=0.0)
    add(project, "pipe_line", None, start_depth_m=0.0, end_depth_m=-1.0)
    return set()


def number_of_two(project: Project) -> set[str | None]:
    return {
        node(project, (0, 0), "manhole", exp_no="WS1", pipe_kind="WS"),
        node(project, (9, 0), "pipe_point", exp_no="WS1 ", kind="WS", feature="弯头"),
    }


def number_of_two_kinds(project: Project) -> set[str | None]:
    node(project, (0, 0), "manhole", exp_no="1", pipe_kind="WS")
    node(project, (9, 0), "manhole", exp_no="1", pipe_kind="YS")
    node(project, (9, 9), "manhole", exp_no="2", pipe_kind="YS")
    return set()


def point_there_twice(project: Project) -> set[str | None]:
    same = {"exp_no": "JP1", "kind": "JP", "feature": "三通", "ground_elev_m": 1040.0}
    return {node(project, (0, 0), **same), node(project, (0.005, 0), **same)}


def points_that_share_a_number(project: Project) -> set[str | None]:
    number_of_two(project)
    node(project, (0, 0), exp_no="WS2", feature="弯头")
    return set()


def bend_and_valve(project: Project) -> set[str | None]:
    return {
        node(project, (0, 0), feature="弯头", appendage="阀门"),
        node(project, (1, 0)),
        node(project, (2, 0), "manhole", feature="三通", appendage="窨井"),
    }


def bend_or_valve(project: Project) -> set[str | None]:
    node(project, (0, 0), feature="弯头")
    node(project, (1, 0), appendage="阀门")
    node(project, (2, 0), "manhole")
    return set()


def bend_with_the_code_of_a_tee(project: Project) -> set[str | None]:
    return {
        node(project, (0, 0), element_code="51042102", feature="弯头"),
        node(project, (1, 0), element_code="51042201", feature="弯头"),
        node(project, (2, 0), element_code="51042101", appendage="阀门"),
        node(project, (3, 0), element_code="51041000", feature="弯头"),
    }


def bend_with_its_code(project: Project) -> set[str | None]:
    node(project, (0, 0), element_code="51042101", feature="弯头")
    node(project, (1, 0), element_code="53032100", feature="直线点")
    node(project, (2, 0), element_code="51042204", appendage="阀门")
    node(project, (3, 0), "manhole", element_code="52022205")
    node(project, (4, 0), element_code="待定", feature="弯头")
    return set()


def other_number_on_the_map(project: Project) -> set[str | None]:
    return {node(project, (0, 0), exp_no="WS1", map_no="W1")}


def same_number_on_the_map(project: Project) -> set[str | None]:
    node(project, (0, 0), exp_no="WS1", map_no="WS1")
    node(project, (1, 0), exp_no="WS2")
    return set()


def well_above_its_pipe(project: Project) -> set[str | None]:
    nodes, _lines = run_of(project, EAST[:2], {**GRAVITY, "end_depth_m": 2.5})
    high = node(project, (60, 0), "manhole", well_depth_m=2.0)
    join(project, (nodes[1], high), EAST[1:3], **GRAVITY, end_depth_m=2.1)
    return {*nodes, high}


def well_below_its_pipe(project: Project) -> set[str | None]:
    deep = node(project, (0, 0), "manhole", well_depth_m=2.0)
    unknown = node(project, (30, 0), "manhole", unknown_fields="well_depth_m")
    join(project, (deep, unknown), EAST[:2], **GRAVITY, start_depth_m=2.05, end_depth_m=2.4)
    run_of(project, EAST[:2], {"kind": "JP"})
    return set()


def one_number_for_two_pipes(project: Project) -> set[str | None]:
    _nodes, lines = run_of(project, EAST[:3], *[{"kind": "WS", "pipe_no": "1"}] * 2)
    return {*lines}


def one_number_for_two_kinds(project: Project) -> set[str | None]:
    run_of(project, EAST, {"kind": "WS", "pipe_no": "1"}, {"kind": "YS", "pipe_no": "1"}, {})
    return set()


def pipe_to_itself(project: Project) -> set[str | None]:
    a = node(project, (0, 0))
    return {join(project, (a, a), ((0, 0), (5, 5), (0, 0)))}


def unconnected_both_ways(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (9, 0)), start_no="NO MH", end_no="NO MH")
    run_of(project, EAST[:2], {})
    return set()


def pipe_there_and_back(project: Project) -> set[str | None]:
    nodes, lines = run_of(project, EAST[:2], {"kind": "WS"})
    back = join(project, nodes[::-1], EAST[1::-1], kind="WS")
    return {*lines, back}


def cables_of_two_owners(project: Project) -> set[str | None]:
    nodes, _lines = run_of(project, EAST[:2], {"kind": "DH", "owner_name": "电信公司"})
    join(project, nodes, EAST[:2], kind="DH", owner_name="移动公司")
    join(project, nodes, EAST[:2], kind="XX", owner_name="电信公司")
    return set()


def valve_without_a_pipe(project: Project) -> set[str | None]:
    run_of(project, EAST[:2], {})
    return {
        node(project, (0, 9), exp_no="JP1", appendage="阀门"),
        node(project, (0, 9), "manhole", exp_no="WS1"),
    }


def what_may_stand_alone(project: Project) -> set[str | None]:
    run_of(project, EAST[:2], {})
    node(project, (0, 9), exp_no="LD1", appendage="灯杆")
    node(project, (1, 9), exp_no="WS1", feature="探测终点")
    node(project, (2, 9), "manhole", exp_no="YS1", cover_kind="雨水箅子")
    node(project, (3, 9), "manhole")
    node(project, (4, 9), exp_no="N4", feature="弯头")
    add(project, "pipe_line", None, start_no="N4")
    return set()


def island_of_two_pipes(project: Project) -> set[str | None]:
    run_of(project, EAST, {}, {}, {})
    _nodes, lines = run_of(project, [(x, 50) for x, _y in EAST[:3]], {}, {})
    return set(lines)


def culvert_with_an_outfall(project: Project) -> set[str | None]:
    run_of(project, EAST, {}, {}, {})
    ends = [node(project, (0, 9), feature="进水口"), node(project, (9, 9), feature="出水口")]
    join(project, ends, ((0, 9), (9, 9)))
    loose = node(project, (0, 20))
    add(project, "pipe_line", line((0, 20), (9, 20)), from_node=loose)
    return set()


def water_main_of_76_metres(project: Project) -> set[str | None]:
    return {
        add(project, "pipe_line", line((0, 0), (76, 0)), kind="JP"),
        add(
            project, "pipe_line", line((0, 0), (74, 0)), kind="JP",
            start_elev_m=1030.0, end_elev_m=1045.0,
        ),
    }  # fmt: skip


def water_main_of_75_metres(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (75, 0)), kind="JP")
    add(project, "pipe_line", line((0, 0), (90, 0)), kind="WS")
    add(project, "pipe_line", line((0, 0), (90, 0)), kind="GD", burial="JK")
    add(project, "pipe_line", None)
    return set()


def pipe_of_four_centimetres(project: Project) -> set[str | None]:
    return {add(project, "pipe_line", line((0, 0), (0.04, 0)))}


def riser_of_two_metres(project: Project) -> set[str | None]:
    short = line((0, 0), (0.01, 0))
    add(project, "pipe_line", short, start_elev_m=1038.0, end_elev_m=1040.0)
    add(project, "pipe_line", None)
    add(project, "pipe_line", line((0, 0), (0.05, 0)))
    return set()


def pipes_at_no_depth(project: Project) -> set[str | None]:
    here = line((0, 0), (30, 0))
    return {
        add(project, "pipe_line", here, kind="WS", end_depth_m=8.5),
        add(project, "pipe_line", here, kind="GD", burial="GK", start_depth_m=-1.0),
        add(project, "pipe_line", here, kind="WS", burial="ZM", diameter_mm=400, end_depth_m=0.9),
        add(project, "pipe_line", here, kind="JP", burial="ZM", end_depth_m=1.1),
    }


def pipes_deep_enough(project: Project) -> set[str | None]:
    here = line((0, 0), (30, 0))
    add(project, "pipe_line", here, kind="WS", burial="ZM", diameter_mm=400, end_depth_m=1.0)
    add(project, "pipe_line", here, kind="WS", burial="ZM", end_depth_m=8.0)
    add(project, "pipe_line", here, kind="JP", burial="ZM", start_depth_m=1.2, end_depth_m=-999.0)
    add(project, "pipe_line", here, kind="GD", burial="JK", start_depth_m=-6.0, end_depth_m=-6.0)
    add(project, "pipe_line", here, kind="LS", burial="ZM", end_depth_m=0.6)
    add(project, "pipe_line", here, kind="JP", end_depth_m=0.3)
    return set()


def elevation_two_centimetres_off(project: Project) -> set[str | None]:
    a = node(project, (0, 0), ground_elev_m=1040.0)
    b = node(project, (30, 0), "manhole", ground_elev_m=1040.0)
    levels = {"start_depth_m": 1.5, "start_elev_m": 1038.48, "end_depth_m": 1.5}
    return {join(project, (a, b), EAST[:2], **levels, end_elev_m=1038.5)}


def elevation_one_centimetre_off(project: Project) -> set[str | None]:
    a = node(project, (0, 0), ground_elev_m=1040.0)
    b = node(project, (30, 0), "manhole", ground_elev_m=0.0)
    levels = {"start_depth_m": 1.5, "start_elev_m": 1038.51, "end_depth_m": 1.5}
    join(project, (a, b), EAST[:2], **levels, end_elev_m=1038.9)
    return set()


def bend_of_two_levels(project: Project) -> set[str | None]:
    nodes, _lines = run_of(
        project,
        EAST[:2],
        {"end_elev_m": 1038.0, "end_depth_m": 2.0, "diameter_mm": 200, "material": "PE"},
    )
    bend = node(project, (60, 0), feature="弯头")
    facts: Mapping[str, Value] = {"diameter_mm": 200, "material": "PE"}
    join(project, (nodes[1], bend), EAST[1:3], **facts, end_elev_m=1038.0)
    end = node(project, (90, 0))
    other: Mapping[str, Value] = {"diameter_mm": 200, "material": "PE", "start_elev_m": 1038.02}
    join(project, (bend, end), EAST[2:], **other)
    return {bend}


def bend_of_one_level(project: Project) -> set[str | None]:
    bend = node(project, (30, 0), feature="弯头")
    drop = node(project, (60, 0), "manhole", appendage="跌水井")
    plain: Mapping[str, Value] = {"diameter_mm": 200, "material": "PE", "kind": "WS"}
    start = node(project, (0, 0), "manhole")
    join(project, (start, bend), EAST[:2], **plain, end_elev_m=1038.0)
    join(project, (bend, drop), EAST[1:3], **plain, start_elev_m=1038.01, end_elev_m=1038.0)
    end = node(project, (90, 0), "manhole")
    join(project, (drop, end), EAST[2:], **plain, start_elev_m=1035.0)
    return set()


def pipe_of_31_degrees(project: Project) -> set[str | None]:
    here = line((0, 0), (10, 0))
    return {add(project, "pipe_line", here, start_elev_m=1038.0, end_elev_m=1031.99)}


def pipe_of_29_degrees(project: Project) -> set[str | None]:
    here = line((0, 0), (10, 0))
    add(project, "pipe_line", here, start_elev_m=1038.0, end_elev_m=1032.5)
    add(project, "pipe_line", here, start_elev_m=1038.0, end_elev_m=1060.0, burial="SJ")
    add(project, "pipe_line", here, start_elev_m=1038.0, end_elev_m=0.0)
    return set()


def sewer_that_rises(project: Project) -> set[str | None]:
    here = line((0, 0), (30, 0))
    up = {"start_elev_m": 1038.0, "end_elev_m": 1038.02}
    return {
        add(project, "pipe_line", here, **GRAVITY, **up),
        add(
            project, "pipe_line", here, kind="YS", flow_dir="逆向",
            start_elev_m=1038.02, end_elev_m=1038.0,
        ),
    }  # fmt: skip


def sewer_that_falls(project: Project) -> set[str | None]:
    here = line((0, 0), (30, 0))
    up = {"start_elev_m": 1038.0, "end_elev_m": 1038.5}
    add(project, "pipe_line", here, **GRAVITY, start_elev_m=1038.0, end_elev_m=1038.01)
    add(project, "pipe_line", here, kind="WS", **up)
    add(project, "pipe_line", here, **GRAVITY, **up, is_gravity=False)
    add(project, "pipe_line", here, kind="JP", flow_dir="顺向", **up)
    return set()


def sewers_of_unknown_flow(project: Project) -> set[str | None]:
    here = line((0, 0), (30, 0))
    falling = {"start_elev_m": 1038.5, "end_elev_m": 1038.0}
    high = node(project, (0, 0), "manhole", ground_elev_m=1040.0)
    low = node(project, (30, 0), "manhole", ground_elev_m=1039.0)
    return {
        add(project, "pipe_line", here, kind="WS"),
        add(project, "pipe_line", here, kind="HS", flow_dir="不详", **falling),
        join(
            project, (high, low), EAST[:2], kind="YS", start_depth_m=1.5, end_depth_m=1.5,
        ),
    }  # fmt: skip


def pipes_whose_flow_is_known_or_none(project: Project) -> set[str | None]:
    here = line((0, 0), (30, 0))
    add(project, "pipe_line", here, **GRAVITY)
    add(project, "pipe_line", here, kind="WS", flow_dir="双向")
    # Looked into without an answer: nothing is left to be done.
    add(project, "pipe_line", here, kind="WS", flow_dir="不详")
    add(project, "pipe_line", here, kind="WS", is_gravity=False)
    add(project, "pipe_line", here, kind="WS", use_state="废弃")
    add(project, "pipe_line", here, kind="JP")
    return set()


def sewer_that_narrows(project: Project) -> set[str | None]:
    _nodes, lines = run_of(
        project,
        EAST[:3],
        {**GRAVITY, "diameter_mm": 400},
        {**GRAVITY, "diameter_mm": 300},
    )
    return {lines[1]}


def sewer_that_widens(project: Project) -> set[str | None]:
    nodes, _lines = run_of(
        project,
        EAST,
        {**GRAVITY, "diameter_mm": 300},
        {**GRAVITY, "diameter_mm": 400},
        {**GRAVITY, "width_mm": 400, "height_mm": 400},
    )
    # A smaller branch beside the main, and a pipe of another kind.
    branch = node(project, (30, 30), "manhole")
    join(project, (nodes[1], branch), ((30, 0), (30, 30)), **GRAVITY, diameter_mm=200)
    join(project, (nodes[1], branch), ((30, 0), (30, 30)), kind="YS", diameter_mm=100)
    loop = node(project, (0, 90), "manhole")
    join(project, (loop, loop), ((0, 90), (5, 95), (0, 90)), **GRAVITY, diameter_mm=200)
    join(project, (branch, loop), ((30, 30), (0, 90)), **GRAVITY, diameter_mm=300)
    return set()


def tee_of_two_pipes(project: Project) -> set[str | None]:
    tee = node(project, (30, 0), feature="三通")
    ends = [node(project, place, "manhole") for place in ((0, 0), (60, 0))]
    join(project, (ends[0], tee), EAST[:2])
    join(project, (tee, ends[1]), EAST[1:3])
    return {tee}


def tee_of_three_pipes(project: Project) -> set[str | None]:
    tee = node(project, (30, 0), feature="三通", exp_no="JP1")
    bend = node(project, (30, 30), feature="弯头", exp_no="JP2")
    ends = [node(project, place, "manhole") for place in ((0, 0), (60, 0))]
    join(project, (ends[0], tee), EAST[:2])
    join(project, (tee, ends[1]), EAST[1:3])
    join(project, (tee, bend), ((30, 0), (30, 30)))
    # The pipe onwards names the bend and is not connected yet.
    add(project, "pipe_line", line((30, 30), (60, 30)), start_no="JP2")
    return set()


def _change(project: Project, feature: str, *pipes: Mapping[str, Value]) -> str:
    change = node(project, (30, 0), feature=feature)
    for place, values in zip(((0, 0), (60, 0)), pipes, strict=True):
        join(project, (node(project, place, "manhole"), change), (place, (30, 0)), **values)
    return change


def reducer_of_one_size(project: Project) -> set[str | None]:
    return {
        _change(project, "变径", {"diameter_mm": 200}, {"diameter_mm": 200}),
        _change(project, "变材", {"material": "PE"}, {"material": "PE"}),
    }


def reducer_of_two_sizes(project: Project) -> set[str | None]:
    _change(project, "变径", {"diameter_mm": 200}, {"diameter_mm": 300})
    _change(project, "变径", {"diameter_mm": 200}, {})
    _change(project, "变材", {"material": "PE"}, {"material": "PVC"})
    _change(project, "变材", {"material": "不详"}, {"material": "不详"})
    return set()


def pipe_in_use_at_an_abandoned_point(project: Project) -> set[str | None]:
    gone = node(project, (0, 0), use_state="废弃")
    end = node(project, (30, 0), "manhole")
    used = join(project, (gone, end), EAST[:2], use_state="在用")
    valve = node(project, (0, 9), use_state="在用", appendage="阀门")
    join(project, (valve, end), ((0, 9), (30, 0)), use_state="废弃")
    return {used, valve}


def valve_before_an_abandoned_pipe(project: Project) -> set[str | None]:
    valve = node(project, (30, 0), use_state="在用", appendage="阀门")
    ends = [node(project, place, "manhole") for place in ((0, 0), (60, 0))]
    join(project, (ends[0], valve), EAST[:2], use_state="在用")
    join(project, (valve, ends[1]), EAST[1:3], use_state="废弃")
    node(project, (0, 9), use_state="在用")
    return set()


def _road(project: Project, name: str, north: float) -> None:
    way = shapely.MultiLineString([line((0, north), (50, north))])
    add(project, "road", way, road_name=name)


def pipe_of_the_next_road(project: Project) -> set[str | None]:
    _road(project, "示例一路", 0)
    _road(project, "示例二路", 90)
    return {add(project, "pipe_line", line((0, 5), (50, 5)), road_name="示例二路")}


def pipe_of_its_road(project: Project) -> set[str | None]:
    _road(project, "示例一路", 0)
    _road(project, "示例二路", 90)
    add(project, "pipe_line", line((0, 5), (50, 5)), road_name="示例一路")
    add(project, "pipe_line", line((0, 5), (50, 5)), road_name="示例一路K1+200")
    # At a crossing either name will do, and far from all roads nothing is known.
    add(project, "pipe_line", line((0, 0), (0, 90)), road_name="示例二路")
    add(project, "pipe_line", line((0, 500), (50, 500)), road_name="示例三路")
    add(project, "pipe_line", line((0, 5), (50, 5)))
    add(project, "pipe_line", None, road_name="示例三路")
    return set()


def _level(elevation: float) -> Mapping[str, Value]:
    return {"start_elev_m": elevation, "end_elev_m": elevation, "diameter_mm": 200, "kind": "JP"}


def pipes_through_each_other(project: Project) -> set[str | None]:
    lower = add(project, "pipe_line", line((0, 0), (40, 0)), **_level(1038.0))
    add(project, "pipe_line", line((20, -20), (20, 20)), **_level(1038.3))
    return {lower}


def pipes_above_each_other(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (40, 0)), **_level(1038.0))
    add(project, "pipe_line", line((20, -20), (20, 20)), **_level(1038.4))
    add(project, "pipe_line", line((40, 0), (80, 0)), **_level(1038.0))
    add(project, "pipe_line", line((10, -20), (10, 20)), kind="JP")
    return set()


def storm_into_sewer(project: Project) -> set[str | None]:
    nodes, _lines = run_of(project, EAST[:3], {"kind": "YS"}, {"kind": "WS"})
    gas, _pipes = run_of(project, [(0, 9), (9, 9), (19, 9)], {"kind": "TR"}, {"kind": "JP"})
    return {nodes[1], gas[1]}


def storm_into_combined(project: Project) -> set[str | None]:
    run_of(project, EAST[:3], {"kind": "YS"}, {"kind": "HS"})
    run_of(project, EAST[:3], {"kind": "GD"}, {"kind": "LD"})
    overflow = node(project, (30, 9), appendage="溢流井")
    end = node(project, (0, 9), "manhole")
    for kind in ("YS", "WS"):
        join(
            project, (end, overflow) if kind == "YS" else (overflow, overflow), EAST[:2], kind=kind
        )
    return set()


def plastic_of_1970(project: Project) -> set[str | None]:
    return {
        add(project, "pipe_line", None, material="PE", laid_year=1970),
        add(project, "pipe_line", None, kind="WS", material="T", diameter_mm=50),
        add(project, "pipe_line", None, kind="WS", material="PVC", diameter_mm=1500),
        add(project, "pipe_line", None, kind="WS", diameter_mm=330),
    }


def plastic_of_1990(project: Project) -> set[str | None]:
    add(project, "pipe_line", None, material="PE", laid_year=1990, diameter_mm=300)
    add(project, "pipe_line", None, kind="WS", material="T", diameter_mm=305)
    add(project, "pipe_line", None, kind="WS", material="T", diameter_mm=3)
    add(project, "pipe_line", None, kind="WS", diameter_mm=330, height_mm=220)
    add(project, "pipe_line", None, kind="GD", diameter_mm=330)
    return set()


def five_ducts_of_four(project: Project) -> set[str | None]:
    return {
        add(project, "pipe_line", None, kind="DH", holes_total=4, holes_used=5),
        add(project, "pipe_line", None, kind="GD", burial="ZM", holes_total=4, cables=2),
    }


def four_ducts_of_four(project: Project) -> set[str | None]:
    add(project, "pipe_line", None, kind="DH", holes_total=4, holes_used=4, burial="GK", cables=9)
    add(project, "pipe_line", None, kind="GD", burial="ZM", holes_total=0, cables=2)
    add(project, "pipe_line", None, kind="GD", holes_used=3)
    return set()


def sewer_without_an_end(project: Project) -> set[str | None]:
    nodes, _lines = run_of(project, EAST[:3], GRAVITY, GRAVITY)
    return {nodes[-1]}


def sewers_that_end_somewhere(project: Project) -> set[str | None]:
    nodes, _lines = run_of(project, EAST[:2], GRAVITY)
    tank = node(project, (60, 0), appendage="化粪池")
    join(project, (nodes[1], tank), EAST[1:3], **GRAVITY)
    run_of(project, EAST[:2], {"kind": "WS"})
    run_of(project, EAST[:3], GRAVITY, {"kind": "WS", "is_gravity": False})
    return set()


def sewer_of_76_metres(project: Project) -> set[str | None]:
    _nodes, lines = run_of(
        project,
        ((0, 0), (76, 0), (117, 0)),
        {"kind": "WS", "diameter_mm": 300},
        {"kind": "WS", "diameter_mm": 200},
    )
    return set(lines)


def sewer_of_75_metres(project: Project) -> set[str | None]:
    _nodes, _lines = run_of(
        project,
        ((0, 0), (75, 0), (125, 0), (325, 0)),
        {"kind": "WS", "diameter_mm": 300},
        {"kind": "YS", "diameter_mm": 200},
        {"kind": "WS", "diameter_mm": 2500},
    )
    bend = node(project, (0, 90), feature="弯头")
    join(project, (bend, bend), ((0, 90), (200, 90)), kind="WS", diameter_mm=300)
    run_of(project, ((0, 0), (90, 0)), {"kind": "JP", "diameter_mm": 300})
    run_of(project, ((0, 0), (90, 0)), {"kind": "WS"})
    return set()


EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    "attribute.placeholder": (ground_of_zero, zero_that_is_a_value),
    "point.number_twice": (number_of_two, number_of_two_kinds),
    "point.recorded_twice": (point_there_twice, points_that_share_a_number),
    "point.feature_or_appendage": (bend_and_valve, bend_or_valve),
    "point.element_code": (bend_with_the_code_of_a_tee, bend_with_its_code),
    "point.map_number": (other_number_on_the_map, same_number_on_the_map),
    "manhole.bottom_depth": (well_above_its_pipe, well_below_its_pipe),
    "pipe.both_ends_one_node": (pipe_to_itself, unconnected_both_ways),
    "pipe.same_nodes_twice": (pipe_there_and_back, cables_of_two_owners),
    "pipe.number_twice": (one_number_for_two_pipes, one_number_for_two_kinds),
    "point.isolated": (valve_without_a_pipe, what_may_stand_alone),
    "pipe.isolated_net": (island_of_two_pipes, culvert_with_an_outfall),
    "pipe.too_long": (water_main_of_76_metres, water_main_of_75_metres),
    "pipe.too_short": (pipe_of_four_centimetres, riser_of_two_metres),
    "pipe.depth": (pipes_at_no_depth, pipes_deep_enough),
    "pipe.elevation_identity": (elevation_two_centimetres_off, elevation_one_centimetre_off),
    "point.pipes_disagree": (bend_of_two_levels, bend_of_one_level),
    "pipe.steep": (pipe_of_31_degrees, pipe_of_29_degrees),
    "pipe.adverse_slope": (sewer_that_rises, sewer_that_falls),
    "pipe.flow_unknown": (sewers_of_unknown_flow, pipes_whose_flow_is_known_or_none),
    "pipe.narrowing": (sewer_that_narrows, sewer_that_widens),
    "point.ways": (tee_of_two_pipes, tee_of_three_pipes),
    "point.nothing_changes": (reducer_of_one_size, reducer_of_two_sizes),
    "pipe.use_state": (pipe_in_use_at_an_abandoned_point, valve_before_an_abandoned_pipe),
    "pipe.road_name": (pipe_of_the_next_road, pipe_of_its_road),
    "pipe.crossing": (pipes_through_each_other, pipes_above_each_other),
    "point.wrong_connection": (storm_into_sewer, storm_into_combined),
    "pipe.implausible": (plastic_of_1970, plastic_of_1990),
    "pipe.ducts": (five_ducts_of_four, four_ducts_of_four),
    "point.dead_end": (sewer_without_an_end, sewers_that_end_somewhere),
    "pipe.manhole_spacing": (sewer_of_76_metres, sewer_of_75_metres),
}
