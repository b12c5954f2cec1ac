"""One faulty and one faultless example for each of the general checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import shapely

from hjgis.layers.project import Project
from tests.unit.checks.faults import (
    BOW_TIE,
    STRAIGHT,
    Example,
    X,
    Y,
    add,
    add_many,
    at,
    line,
    pipe,
    square,
)


def unnamed_park(project: Project) -> set[str | None]:
    return {add(project, "park", square(0, 0, 10), park_no="150826-GY-001")}


def named_road(project: Project) -> set[str | None]:
    add(project, "road", shapely.MultiLineString([line(*STRAIGHT)]), road_name="陕临路")
    return set()


def lamp_of_no_kind(project: Project) -> set[str | None]:
    return {add(project, "street_lamp", at(), lamp_type="煤油灯")}


def lamp_of_unknown_kind(project: Project) -> set[str | None]:
    add(project, "street_lamp", at(), lamp_type="不详")
    return set()


def pipe_of_three_tenths(project: Project) -> set[str | None]:
    return {add(project, "pipe_line", line(*STRAIGHT), diameter_mm=3)}


def pipe_of_three_hundred(project: Project) -> set[str | None]:
    add(project, "pipe_line", line(*STRAIGHT), diameter_mm=300)
    return set()


def id_in_two_layers(project: Project) -> set[str | None]:
    same = "15082603001900001"
    return {
        add(project, "toilet", at(), component_id=same),
        add(project, "manhole", at(5), component_id=same),
    }


def id_of_its_own(project: Project) -> set[str | None]:
    add(project, "toilet", at(), component_id="15082603001900001")
    add(project, "manhole", at(5), component_id="15082601002900001")
    return set()


def lamps_on_one_spot(project: Project) -> set[str | None]:
    return {add(project, "street_lamp", at()), add(project, "street_lamp", at(0.0005))}


def lamps_side_by_side(project: Project) -> set[str | None]:
    add(project, "street_lamp", at())
    add(project, "street_lamp", at(0.002))
    add(project, "manhole", at())
    return set()


def crossed_outline(project: Project) -> set[str | None]:
    return {add(project, "parking_bay", BOW_TIE)}


def plain_outline(project: Project) -> set[str | None]:
    add(project, "parking_bay", square(0, 0, 5))
    return set()


def nowhere(project: Project) -> set[str | None]:
    return {add(project, "toilet", None), add(project, "toilet", shapely.Point())}


def somewhere(project: Project) -> set[str | None]:
    add(project, "toilet", at())
    return set()


def beyond_the_boundary(project: Project) -> set[str | None]:
    area = shapely.MultiPolygon([square(0, 0, 100)])
    add(project, "boundary", area, boundary_name="示例", level="项目范围")
    return {add(project, "toilet", at(50, 601))}


def within_the_tolerance(project: Project) -> set[str | None]:
    area = shapely.MultiPolygon([square(0, 0, 100)])
    add(project, "boundary", area, boundary_name="示例", level="项目范围")
    add(project, "toilet", at(50, 599))
    return set()


def end_two_centimetres_off(project: Project) -> set[str | None]:
    return {pipe(project, (0.02, 0.0), (50.0, 0.0))["pipe"]}


def end_half_a_centimetre_off(project: Project) -> set[str | None]:
    pipe(project, (0.005, 0.0), (50.0, 0.0))
    return set()


def end_without_node(project: Project) -> set[str | None]:
    return {add(project, "pipe_line", line(*STRAIGHT), start_no="NO MH")}


def ends_with_nodes(project: Project) -> set[str | None]:
    pipe(project, *STRAIGHT)
    return set()


def manhole_of_nobody(project: Project) -> set[str | None]:
    return {add(project, "manhole", at(), responsible_unit="住建局")}


def manhole_of_somebody(project: Project) -> set[str | None]:
    units = {"responsible_unit": "住建局", "managing_unit": "市政维护站"}
    add(project, "manhole", at(), **units)
    return set()


def dry_new_toilet(project: Project) -> set[str | None]:
    add(project, "toilet", at(), build_nature="新建", flush_type="旱厕")
    return {None}


def every_target_met(project: Project) -> set[str | None]:
    """Leave nothing to count but what is counted right."""
    for name in ("园子渠带状公园", "体育公园", "陕坝公园", "润昇湖"):
        add(project, "park", square(0, 0, 10), park_name=name, maintained=True)
    for number in range(15):
        place = square(20.0 * number, 50, 10)
        add(project, "park", place, park_name=f"示例公园{number}", maintained=True)
    for number, road in enumerate(("陕临路", "示例一路", "示例二路", "示例三路")):
        facts = {"lamp_heads": 46, "lamp_type": "LED", "replaced_2020": True, "road_name": road}
        for lamp in range(5):
            add(project, "street_lamp", at(10.0 * lamp, 10.0 * number), **facts)
    places = [at(number, 200) for number in range(800)]
    add_many(project, "bike_station", places, in_service=[True] * 800)
    area = shapely.MultiPolygon([shapely.box(X, Y, X + 4000, Y + 3750)])
    add(project, "service_area", area, area_name="示例", purpose="共享单车")
    groups = [entry.code for entry in project.catalogue.codes("road_group").codes]
    for number, group in enumerate(groups):
        way = shapely.MultiLineString([line((0, number), (50, number))])
        add(project, "road", way, road_name=f"示例{number}街", road_group=group)
    return set()


def record_of(project: Project, layer: str, uuid: str, date: dt.date) -> str:
    belongs = {"asset_layer": layer, "asset_uuid": uuid}
    filled = {"kind": "巡查", "person": "张三", "finding": "无异常"}
    return add(project, "inspection", None, **belongs, **filled, date=date.isoformat())


def record_of_nothing(project: Project) -> set[str]:
    toilet = add(project, "toilet", at())
    # Of another layer: the uuid alone does not make it the toilet's.
    return {
        record_of(project, "toilet", "nobody", dt.date(2026, 1, 1)),
        record_of(project, "manhole", toilet, dt.date(2026, 1, 1)),
    }


def record_of_a_toilet(project: Project) -> set[str]:
    record_of(project, "toilet", add(project, "toilet", at()), dt.date(2026, 1, 1))
    return set()


def record_of_tomorrow(project: Project) -> set[str]:
    toilet, day = add(project, "toilet", at()), dt.date.today()
    return {record_of(project, "toilet", toilet, day + dt.timedelta(days=1))}


def record_of_today(project: Project) -> set[str]:
    record_of(project, "toilet", add(project, "toilet", at()), dt.date.today())
    return set()


def asbestos_of_plastic(project: Project) -> set[str]:
    facts = {"material": "PVC", "material_detail": "SMSN"}
    return {add(project, "pipe_line", line(*STRAIGHT), **facts)}


def asbestos_cement(project: Project) -> set[str]:
    facts = {"material": "SM", "material_detail": "SMSN"}
    add(project, "pipe_line", line(*STRAIGHT), **facts)
    add(project, "pipe_line", line(*STRAIGHT), material_detail="SMSN")
    return set()


EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    "attribute.required": (unnamed_park, named_road),
    "attribute.code": (lamp_of_no_kind, lamp_of_unknown_kind),
    "attribute.parent": (asbestos_of_plastic, asbestos_cement),
    "attribute.range": (pipe_of_three_tenths, pipe_of_three_hundred),
    "identity.component_id_duplicate": (id_in_two_layers, id_of_its_own),
    "geometry.duplicate": (lamps_on_one_spot, lamps_side_by_side),
    "geometry.invalid": (crossed_outline, plain_outline),
    "geometry.empty": (nowhere, somewhere),
    "geometry.outside_boundary": (beyond_the_boundary, within_the_tolerance),
    "pipe.end_off_node": (end_two_centimetres_off, end_half_a_centimetre_off),
    "pipe.end_without_node": (end_without_node, ends_with_nodes),
    "manhole.responsible_missing": (manhole_of_nobody, manhole_of_somebody),
    "target.unmet": (dry_new_toilet, every_target_met),
    "record.without_asset": (record_of_nothing, record_of_a_toilet),
    "record.in_future": (record_of_tomorrow, record_of_today),
}
