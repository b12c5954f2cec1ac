"""One faulty and one faultless example for each check of toilets, lamps and manholes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import shapely

from hjgis.edits.arrange import add_kind
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from tests.unit.checks.faults import STRAIGHT, Example, add, at, line, square

NAME = "示例路"
# East of the other examples, so that what they make is not near.
ALONE = 9_000.0


def road(project: Project, *places: tuple[float, float], **values: Value) -> str:
    way = shapely.MultiLineString([line(*places)])
    return add(project, "road", way, **{"road_name": NAME, **values})


# -- toilets ---------------------------------------------------------------------------------------


def rebuilt_dry_toilet(project: Project) -> set[str | None]:
    return {add(project, "toilet", at(), build_nature="改建", flush_type="旱厕")}


def old_dry_toilet(project: Project) -> set[str | None]:
    add(project, "toilet", at(), build_nature="既有", flush_type="旱厕")
    add(project, "toilet", at(9), build_nature="新建", flush_type="水冲")
    add(project, "toilet", at(18), build_nature="新建", flush_type="不详")
    add(project, "toilet", at(27), build_nature="新建")
    return set()


def toilet_for_men(project: Project) -> set[str | None]:
    return {
        add(project, "toilet", at(), stall_f=5, stall_m_squat=2, stall_m_urinal=2),
        add(project, "toilet", at(9), stall_f=0, stall_m_squat=1),
    }


def toilet_of_three_to_two(project: Project) -> set[str | None]:
    add(project, "toilet", at(), stall_f=6, stall_m_squat=2, stall_m_urinal=2)
    add(project, "toilet", at(9), stall_f=2, stall_m_urinal=2)
    add(project, "toilet", at(18), stall_m_squat=4)
    add(project, "toilet", at(27), stall_f=0, stall_m_squat=0)
    return set()


def open_toilet_without_sign(project: Project) -> set[str | None]:
    return {add(project, "toilet", at(), open_to_public=True, sign_ok=False)}


def toilet_with_sign(project: Project) -> set[str | None]:
    add(project, "toilet", at(), open_to_public=True, sign_ok=True)
    add(project, "toilet", at(9), open_to_public=True)
    add(project, "toilet", at(18), open_to_public=False, sign_ok=False)
    return set()


def toilets_at_601_m(project: Project) -> set[str | None]:
    road(project, (0, 0), (2000, 0), road_class="支路")
    add(project, "toilet", at(1500, 8), road_name=NAME)
    return {add(project, "toilet", at(899, -8), road_name=NAME)}


def toilets_at_600_m(project: Project) -> set[str | None]:
    road(project, (0, 0), (2000, 0), road_class="支路")
    add(project, "toilet", at(900, 8), road_name=NAME)
    add(project, "toilet", at(1500, -8), road_name=NAME)
    add(project, "toilet", at(0, 400), road_name=NAME)
    return set()


def toilet_off_the_sewer(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (50, 0)), kind="WS")
    return {
        add(project, "toilet", at(0, 51), drain_to="市政污水"),
        add(project, "toilet", at(20, 60)),
    }


def toilet_with_a_drain(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (50, 0)), kind="HS")
    add(project, "pipe_line", line((0, 90), (50, 90)), kind="YS")
    add(project, "toilet", at(0, 50), drain_to="市政污水")
    add(project, "toilet", at(9, 90), drain_to="化粪池")
    add(project, "toilet", at(18, 90), septic_id="15082601018900001")
    add(project, "toilet", at(27, 90), drain_to="不详")
    add(project, "toilet", at(36, 90), flush_type="旱厕")
    add(project, "toilet", None, drain_to="市政污水")
    return set()


def toilets_of_no_class(project: Project) -> set[str | None]:
    return {
        add(project, "toilet", at(), toilet_class="一类", third_room=False, build_type="独立"),
        add(project, "toilet", at(9), toilet_class="附属一类", build_type="独立"),
    }


def toilets_of_their_class(project: Project) -> set[str | None]:
    add(project, "toilet", at(), toilet_class="一类", third_room=True, build_type="独立")
    add(project, "toilet", at(9), toilet_class="一类", build_type="不详")
    add(project, "toilet", at(18), toilet_class="三类", third_room=False, build_type="独立")
    add(project, "toilet", at(27), third_room=False, build_type="活动")
    return set()


def square_without_toilet(project: Project) -> set[str | None]:
    add(project, "park", square(ALONE, 0, 400))
    add(project, "toilet", at(ALONE, 0))
    return {None}


def square_with_toilet(project: Project) -> set[str | None]:
    add(project, "park", square(0, 0, 400))
    add(project, "toilet", at(200, 200))
    return set()


# -- lamps -----------------------------------------------------------------------------------------


def lamp(project: Project, east: float, north: float = 6.0, **values: Value) -> str:
    usual: dict[str, Value] = {"road_name": NAME, "layout": "单侧布置"}
    return add(project, "street_lamp", at(east, north), **{**usual, **values})


def lamps_badly_spaced(project: Project) -> set[str | None]:
    road(project, (0, 0), (500, 0))
    lamp(project, 112, pole_no="4")
    return {
        lamp(project, 10, pole_no="1"),
        lamp(project, 24.5, pole_no="2"),
        lamp(project, 75.5, pole_no="3", pole_height_m=9.0),
    }


def lamps_well_spaced(project: Project) -> set[str | None]:
    road(project, (0, 0), (500, 0))
    for place in range(4):
        lamp(project, 10 + 50 * place, pole_height_m=12.5)
        lamp(project, 20 + 50 * place, -6)
        lamp(project, 10 + 45 * place, 0.2)
    lamp(project, 25 + 50, road_name="示例巷")
    lamp(project, 26 + 50, state="移除")
    return set()


def lamp_across_the_field(project: Project) -> set[str | None]:
    road(project, (0, 0), (500, 0), width_m=20.0)
    return {lamp(project, 10, 15.5)}


def lamp_at_the_kerb(project: Project) -> set[str | None]:
    road(project, (0, 0), (500, 0), width_m=20.0)
    lamp(project, 10, 15)
    lamp(project, 20, 99, road_name="示例巷")
    lamp(project, 30, 99, road_name=None)
    return set()


def pole_7_twice(project: Project) -> set[str | None]:
    return {lamp(project, 0, pole_no="7"), lamp(project, 40, pole_no="7")}


def pole_7_on_two_roads(project: Project) -> set[str | None]:
    lamp(project, 0, pole_no="7")
    lamp(project, 0, pole_no="7", road_name="示例巷")
    lamp(project, 10, pole_no="7", road_name=None)
    lamp(project, 20, pole_no=None)
    lamp(project, 30, pole_no=None)
    return set()


def lamp_off_the_grid(project: Project) -> set[str | None]:
    return {lamp(project, 0, ctrl_box_id="KZX1"), lamp(project, 40)}


def lamp_on_a_circuit(project: Project) -> set[str | None]:
    lamp(project, 0, ctrl_box_id="KZX1", circuit_no="1")
    lamp(project, 40, unknown_fields="ctrl_box_id circuit_no")
    lamp(project, 80, state="废弃")
    return set()


def cabinet(project: Project) -> None:
    asset = project.catalogue.types["lamp_cabinet"]
    made = not project.is_free("lamp_cabinet")
    if change := add_kind(project.arrangement, asset, made=made):
        project.session.apply(change)
    add(project, "lamp_cabinet", at(), cabinet_no="KZX1")


def lamp_of_a_mistyped_box(project: Project) -> set[str | None]:
    cabinet(project)
    return {lamp(project, 0, ctrl_box_id="KXZ1")}


def lamp_of_a_box(project: Project) -> set[str | None]:
    cabinet(project)
    lamp(project, 0, ctrl_box_id=" KZX1 ")
    lamp(project, 40)
    lamp(project, 80, ctrl_box_id="KZX9", state="移除")
    return set()


def sodium_among_led(project: Project) -> set[str | None]:
    for place in range(3):
        lamp(project, 40 * place, lamp_type="LED", replaced_2020=True)
    return {lamp(project, 160, lamp_type="高压钠灯")}


def all_led(project: Project) -> set[str | None]:
    for place in range(3):
        lamp(project, 40 * place, lamp_type="LED", lamp_heads=2, replaced_2020=True)
    lamp(project, 160, lamp_type="不详")
    lamp(project, 200, lamp_type="LED灯")
    lamp(project, 200, lamp_type="LED", road_name="示例巷")
    return set()


def two_roads_of_their_own(project: Project) -> set[str | None]:
    lamp(project, 0, lamp_type="高压钠灯", road_name="示例巷")
    return all_led(project)


def one_sodium_lamp(project: Project) -> set[str | None]:
    sodium_among_led(project)
    return {None}


# -- manholes --------------------------------------------------------------------------------------


def manhole_of_no_kind(project: Project) -> set[str | None]:
    return {add(project, "manhole", at(), cover_kind="不明井盖")}


def manhole_of_a_kind(project: Project) -> set[str | None]:
    add(project, "manhole", at(), cover_kind="污水井盖")
    add(project, "manhole", at(9))
    return set()


def weak_cover(project: Project) -> set[str | None]:
    return {add(project, "manhole", at(), lane_place="机动车道", load_class="C250")}


def strong_cover(project: Project) -> set[str | None]:
    add(project, "manhole", at(), lane_place="机动车道", load_class="D400")
    add(project, "manhole", at(9), lane_place="绿化带", load_class="A15")
    add(project, "manhole", at(18), lane_place="机动车道", load_class="不详")
    add(project, "manhole", at(27), lane_place="机动车道")
    add(project, "manhole", at(36), lane_place="其他", load_class="A15")
    return set()


def sewer_cover_on_storm_drain(project: Project) -> set[str | None]:
    a = add(project, "manhole", at(), cover_kind="污水井盖")
    b = add(project, "manhole", at(50), cover_kind="雨水井盖", pipe_kind="YS")
    add(project, "pipe_line", line(*STRAIGHT), from_node=a, to_node=b, kind="YS")
    return {a, add(project, "manhole", at(99), cover_kind="供水井盖", pipe_kind="WS")}


def covers_of_their_pipes(project: Project) -> set[str | None]:
    a = add(project, "manhole", at(), cover_kind="污水井盖", pipe_kind="HS")
    b = add(project, "manhole", at(50), cover_kind="特殊井盖")
    add(project, "pipe_line", line(*STRAIGHT), from_node=a, to_node=b, kind="WS")
    add(project, "pipe_line", line(*STRAIGHT), from_node=b, to_node=a, kind="YS")
    c = add(project, "manhole", at(90), cover_kind="燃气井盖", pipe_kind="RQ")
    add(project, "pipe_line", line(*STRAIGHT), from_node=c, kind="BM")
    add(project, "pipe_line", line(*STRAIGHT), from_node=c)
    return set()


def well_of_the_survey(project: Project) -> set[str | None]:
    add(project, "manhole", at(ALONE + 1.6))
    return {add(project, "pipe_point", at(ALONE), appendage="阀门井")}


def well_beside_its_manhole(project: Project) -> set[str | None]:
    add(project, "manhole", at(1.4))
    add(project, "pipe_point", at(), appendage="阀门井")
    add(project, "pipe_point", at(50), appendage="阀门")
    add(project, "pipe_point", at(60), appendage="窨井", use_state="废弃")
    add(project, "pipe_point", None, appendage="窨井")
    return set()


def sewer_without_net(project: Project) -> set[str | None]:
    return {add(project, "manhole", at(), cover_kind="污水井盖", fall_net=False)}


def sewer_with_net(project: Project) -> set[str | None]:
    add(project, "manhole", at(), cover_kind="污水井盖", fall_net=True)
    add(project, "manhole", at(9), cover_kind="污水井盖")
    add(project, "manhole", at(18), cover_kind="电力井盖", fall_net=False)
    return set()


def manhole_of_last_year(project: Project) -> set[str | None]:
    day = dt.date.today() - dt.timedelta(days=400)
    add(project, "manhole", at(), last_inspect_date=day.isoformat())
    return {None}


def manhole_of_yesterday(project: Project) -> set[str | None]:
    day = dt.date.today() - dt.timedelta(days=1)
    add(project, "manhole", at(), last_inspect_date=day.isoformat())
    add(project, "manhole", at(9))
    return set()


def manhole_surveyed_twice(project: Project) -> set[str | None]:
    return {
        add(project, "manhole", at(), cover_kind="污水井盖", exp_no="WS1"),
        add(project, "manhole", at(0.4), cover_kind="污水井盖"),
    }


def manholes_side_by_side(project: Project) -> set[str | None]:
    add(project, "manhole", at(), cover_kind="污水井盖")
    add(project, "manhole", at(0.6), cover_kind="污水井盖")
    add(project, "manhole", at(0.3), cover_kind="雨水井盖")
    add(project, "manhole", at(0.3), cover_kind="雨水井盖")
    return set()


EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    "toilet.not_flush": (rebuilt_dry_toilet, old_dry_toilet),
    "toilet.stall_ratio": (toilet_for_men, toilet_of_three_to_two),
    "toilet.no_sign": (open_toilet_without_sign, toilet_with_sign),
    "toilet.spacing": (toilets_at_601_m, toilets_at_600_m),
    "toilet.no_drain": (toilet_off_the_sewer, toilet_with_a_drain),
    "toilet.class_fields": (toilets_of_no_class, toilets_of_their_class),
    "toilet.coverage": (square_without_toilet, square_with_toilet),
    "lamp.spacing": (lamps_badly_spaced, lamps_well_spaced),
    "lamp.off_road": (lamp_across_the_field, lamp_at_the_kerb),
    "lamp.pole_number_duplicate": (pole_7_twice, pole_7_on_two_roads),
    "lamp.control_missing": (lamp_off_the_grid, lamp_on_a_circuit),
    "lamp.box_unknown": (lamp_of_a_mistyped_box, lamp_of_a_box),
    "lamp.mixed_types": (sodium_among_led, two_roads_of_their_own),
    "lamp.led_share": (one_sodium_lamp, all_led),
    "manhole.unidentified": (manhole_of_no_kind, manhole_of_a_kind),
    "manhole.load_class": (weak_cover, strong_cover),
    "manhole.cover_pipe_kind": (sewer_cover_on_storm_drain, covers_of_their_pipes),
    "point.well_without_manhole": (well_of_the_survey, well_beside_its_manhole),
    "manhole.fall_net": (sewer_without_net, sewer_with_net),
    "manhole.inspection_overdue": (manhole_of_last_year, manhole_of_yesterday),
    "manhole.near_duplicate": (manhole_surveyed_twice, manholes_side_by_side),
}
