"""Faulty projects for each fix, and what is true of them when they are mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import shapely

from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import Feature, FeatureKey
from tests.unit.checks.faults import BOW_TIE, STRAIGHT, X, Y, add, at, foreign, line, pipe, square


@dataclass(frozen=True, slots=True)
class Faulty:
    """A fault that a fix mends.

    Attributes
    ----------
    make : callable
        Makes the faulty features in a project, and returns the uuids of those to mend.
    then : callable
        Asserts what is true afterwards; where the fix asks, after its first answer.
    """

    rule: str
    make: Callable[[Project], set[str]]
    then: Callable[[Project], None]


def all_of(project: Project, layer: str) -> list[Feature]:
    table = project.table(layer, [], geometry=False)
    return project.get_many([FeatureKey(layer, str(uuid)) for uuid in table.uuids])


def only(project: Project, layer: str) -> Feature:
    (feature,) = all_of(project, layer)
    return feature


def end_half_a_metre_off(project: Project) -> set[str]:
    return {pipe(project, (0.5, 0.0), (50.0, 0.0))["pipe"]}


def end_is_at_the_node(project: Project) -> None:
    geometry = only(project, "pipe_line").geometry
    assert geometry is not None
    assert shapely.get_point(geometry, 0).equals(shapely.Point(X, Y))


def node_is_at_the_end(project: Project) -> None:
    places = [one.geometry for one in all_of(project, "manhole")]
    assert shapely.Point(X + 0.5, Y) in places


def line_drawn_from_its_end(project: Project) -> set[str]:
    a, b = (add(project, "manhole", at(east), exp_no=name) for east, name in ((50, "A"), (0, "B")))
    ends = {"from_node": a, "to_node": b, "start_no": "A", "end_no": "B", "start_elev_m": 1030.0}
    return {add(project, "pipe_line", line((0, 0), (20, 5), (50, 0)), **ends)}


def line_runs_as_it_is_numbered(project: Project) -> None:
    pipe_line = only(project, "pipe_line")
    assert pipe_line.geometry == line((50, 0), (20, 5), (0, 0))
    assert (pipe_line.values["start_no"], pipe_line.values["start_elev_m"]) == ("A", 1030.0)


def one_of(project: Project, layer: str, **values: Value) -> Feature:
    (feature,) = [
        one
        for one in all_of(project, layer)
        if all(one.values.get(name) == value for name, value in values.items())
    ]
    return feature


def end_with_a_number(project: Project) -> set[str]:
    add(project, "manhole", at(0.2), exp_no="A")
    b = add(project, "manhole", at(50), exp_no="B")
    return {add(project, "pipe_line", line(*STRAIGHT), start_no="A", to_node=b, end_no="B")}


def end_is_linked_to_its_number(project: Project) -> None:
    pipe_line, node = only(project, "pipe_line"), one_of(project, "manhole", exp_no="A")
    assert pipe_line.values["from_node"] == node.key.uuid
    assert pipe_line.geometry is not None
    assert shapely.get_point(pipe_line.geometry, 0) == node.geometry


def end_near_a_node(project: Project) -> set[str]:
    add(project, "manhole", at(0.2), exp_no="A")
    b = add(project, "manhole", at(50), exp_no="B")
    return {add(project, "pipe_line", line(*STRAIGHT), to_node=b, end_no="B", start_no="X")}


def end_is_linked_and_numbered(project: Project) -> None:
    end_is_linked_to_its_number(project)
    assert only(project, "pipe_line").values["start_no"] == "A"


def ends_in_the_open(project: Project) -> set[str]:
    b = add(project, "manhole", at(50), exp_no="B")
    known: dict[str, Value] = {"kind": "YS", "start_depth_m": 1.5, "start_elev_m": 1030.25}
    ends: dict[str, Value] = {"to_node": b, "end_no": "B", "start_no": "NEW"}
    add(project, "pipe_line", line((0, 0), (0, 30)), kind="YS")
    return {add(project, "pipe_line", line(*STRAIGHT), **ends, **known)}


def node_is_made_with_what_the_pipe_knows(project: Project) -> None:
    node = only(project, "pipe_point")
    values = (node.values["exp_no"], node.values["kind"], node.values["ground_elev_m"])
    assert values == ("NEW", "YS", 1031.75)
    linked = [one.values["from_node"] for one in all_of(project, "pipe_line")]
    assert linked == [node.key.uuid, node.key.uuid]


def manholes_on_one_spot(project: Project) -> set[str]:
    rich = add(project, "manhole", at(), exp_no="A", road_name="陕临路", maker="甲")
    poor = add(project, "manhole", at(), owner_name="乙")
    other = add(project, "manhole", at(50), exp_no="B")
    add(project, "pipe_line", line(*STRAIGHT), from_node=poor, to_node=other)
    add(project, "inspection", None, asset_layer="manhole", asset_uuid=poor, kind="巡查")
    return {rich, poor}


def the_richer_one_has_all(project: Project) -> None:
    kept = one_of(project, "manhole", exp_no="A")
    assert kept.values["owner_name"] == "乙"
    assert only(project, "pipe_line").values["from_node"] == kept.key.uuid
    assert only(project, "inspection").values["asset_uuid"] == kept.key.uuid
    assert len(all_of(project, "manhole")) == 2


def pipes_drawn_both_ways(project: Project) -> set[str]:
    kept = add(project, "pipe_line", line(*STRAIGHT), kind="YS", diameter_mm=300, pipe_no="1")
    back = line(*reversed(STRAIGHT))
    return {kept, add(project, "pipe_line", back, start_depth_m=2.0, end_depth_m=1.0)}


def depths_are_turned(project: Project) -> None:
    kept = only(project, "pipe_line")
    assert kept.values["pipe_no"] == "1"
    assert (kept.values["start_depth_m"], kept.values["end_depth_m"]) == (1.0, 2.0)


def toilet_of_no_place(project: Project) -> set[str]:
    return {add(project, "toilet", None, component_name="公厕")}


def no_toilets(project: Project) -> None:
    assert not all_of(project, "toilet")


def photo_of_nothing(project: Project) -> set[str]:
    add(project, "manhole", at())
    lost = {"asset_layer": "manhole", "asset_uuid": "gone", "sha256": "0" * 64}
    return {add(project, "attachment", None, x_m=X + 1.0, y_m=Y, **lost)}


def photo_is_at_the_manhole(project: Project) -> None:
    record, node = only(project, "attachment"), only(project, "manhole")
    assert record.values["asset_uuid"] == node.key.uuid


def photos_are_gone(project: Project) -> None:
    assert not all_of(project, "attachment")


def pipe_in_one_spot(project: Project) -> set[str]:
    spot = shapely.LineString([(X, Y), (X, Y)])
    return {add(project, "pipe_line", spot)}


def no_pipes(project: Project) -> None:
    assert not all_of(project, "pipe_line")


def bay_with_a_loop(project: Project) -> set[str]:
    corners = [(0, 0), (10, 0), (10, 5), (4, 5), (4, 6), (6, 4.9), (0, 5)]
    loop = shapely.Polygon([(X + east, Y + north) for east, north in corners])
    return {add(project, "park", loop)}


def shape_is_valid(project: Project) -> None:
    shape = only(project, "park").geometry
    assert shape is not None
    assert shape.is_valid
    assert shape.area > 45


def bay_measured_crosswise(project: Project) -> set[str]:
    return {add(project, "parking_bay", BOW_TIE)}


def bay_has_its_corners(project: Project) -> None:
    shape = only(project, "parking_bay").geometry
    assert shape is not None
    assert shape.area == 100.0


def swapped_point(project: Project) -> set[str]:
    add(project, "boundary", square(-100, -100, 200), boundary_name="示例", level="项目范围")
    swapped = add(project, "manhole", shapely.Point(Y, X, 1030.5))
    return {swapped, add(project, "toilet", shapely.Point(38_000_000 + X, Y))}


def points_are_in_the_area(project: Project) -> None:
    assert only(project, "manhole").geometry == shapely.Point(X, Y, 1030.5)
    assert shapely.get_z(only(project, "manhole").geometry) == 1030.5
    assert only(project, "toilet").geometry == shapely.Point(X, Y)


def pipe_with_gaps(project: Project) -> set[str]:
    full: dict[str, Value] = {
        "kind": "YS",
        "start_no": "A",
        "end_no": "B",
        "owner_name": "甲",
        "start_depth_m": 1.0,
        "end_depth_m": 1.0,
        "end_elev_m": 1029.0,
        "diameter_mm": 300,
        "material": "砼",
        "burial": "直埋",
        "laid_year": 2010,
    }
    full["material"] = first_code(project, "pipe_line", "material")
    full["burial"] = first_code(project, "pipe_line", "burial")
    road = shapely.MultiLineString([line((-50, 3), (100, 3))])
    add(
        project,
        "road",
        road,
        road_name="陕临路",
        road_class=first_code(project, "road", "road_class"),
    )
    a = add(project, "pipe_point", at(), exp_no="A", ground_elev_m=1030.0)
    return {add(project, "pipe_line", line(*STRAIGHT), from_node=a, **full)}


def first_code(project: Project, layer: str, name: str) -> str:
    field = project.asset_type(layer).field(name)
    return project.catalogue.codes(field.codes or "").codes[0].code


def gaps_are_filled(project: Project) -> None:
    values = only(project, "pipe_line").values
    assert values["road_name"] == "陕临路"
    assert values["start_elev_m"] == 1029.0


def manhole_of_an_owner(project: Project) -> set[str]:
    return {add(project, "manhole", at(), owner_name="甲公司", maintainer_name="乙公司")}


def owner_is_responsible(project: Project) -> None:
    values = only(project, "manhole").values
    assert (values["responsible_unit"], values["managing_unit"]) == ("甲公司", "乙公司")


def lamp_spelled_wrong(project: Project) -> set[str]:
    field = project.asset_type("street_lamp").field("lamp_type")
    right = project.catalogue.codes(field.codes or "").codes[0]
    return {add(project, "street_lamp", at(), lamp_type=f"{right.label['zh_CN']}。")}


def lamp_has_a_code(project: Project) -> None:
    value = only(project, "street_lamp").values["lamp_type"]
    assert value == first_code(project, "street_lamp", "lamp_type")


def lamp_of_oil(project: Project) -> set[str]:
    return {add(project, "street_lamp", at(), lamp_type="煤油灯", remarks="旧")}


def lamp_type_is_in_the_remarks(project: Project) -> None:
    values = only(project, "street_lamp").values
    assert values["lamp_type"] is None
    assert str(values["remarks"]).startswith("旧; ")
    assert str(values["remarks"]).endswith("煤油灯")


def pipe_of_three_tenths(project: Project) -> set[str]:
    return {add(project, "pipe_line", line(*STRAIGHT), diameter_mm=0.3)}


def pipe_is_of_three_hundred(project: Project) -> None:
    assert only(project, "pipe_line").values["diameter_mm"] == 300


def pipe_without_a_measure(project: Project) -> set[str]:
    return {add(project, "pipe_line", line(*STRAIGHT), diameter_mm=-999)}


def pipe_has_no_diameter(project: Project) -> None:
    assert only(project, "pipe_line").values["diameter_mm"] is None


def pipe_of_text(project: Project) -> set[str]:
    uuid = add(project, "pipe_line", line(*STRAIGHT))
    sql = "UPDATE pipe_line SET diameter_mm = '300mm' WHERE uuid = ?"
    foreign(project, sql, uuid)
    project.session.adopt_foreign()
    return {uuid}


def asbestos_of_plastic(project: Project) -> set[str]:
    facts = {"material": "PVC", "material_detail": "SMSN"}
    return {add(project, "pipe_line", line(*STRAIGHT), **facts)}


def material_is_the_detail_s(project: Project) -> None:
    assert only(project, "pipe_line").values["material"] == "SM"


def id_in_two_layers(project: Project) -> set[str]:
    same = "15082603001900001"
    first = add(project, "toilet", at(), component_id=same, toilet_class="一类")
    kind = first_code(project, "manhole", "cover_kind")
    return {first, add(project, "manhole", at(5), component_id=same, cover_kind=kind)}


def the_oldest_keeps_the_id(project: Project) -> None:
    assert only(project, "toilet").values["component_id"] == "15082603001900001"
    assert only(project, "manhole").values["component_id"] not in (None, "15082603001900001")


def point_beside_a_pipe(project: Project) -> set[str]:
    pipe(project, *STRAIGHT)
    return {add(project, "pipe_point", at(20, 0.3), exp_no="C", feature="直线点")}


def point_where_pipes_end(project: Project) -> set[str]:
    add(project, "pipe_line", line((-50, 0), (0, 0.2)))
    add(project, "pipe_line", line((0.3, 0), (50, 0)))
    return {add(project, "pipe_point", at(), exp_no="C", feature="直线点")}


def both_ends_are_connected(project: Project) -> None:
    point = only(project, "pipe_point")
    ends = [one.values for one in all_of(project, "pipe_line")]
    assert sorted(str(one["to_node"] or one["from_node"]) for one in ends) == [point.key.uuid] * 2


def pipe_is_divided(project: Project) -> None:
    point = only(project, "pipe_point")
    halves = all_of(project, "pipe_line")
    ends = [one.values[name] for one in halves for name in ("from_node", "to_node")]
    assert len(halves) == 2
    assert ends.count(point.key.uuid) == 2


def point_that_is_a_well(project: Project) -> set[str]:
    wells = project.catalogue.codes("point_appendage").codes
    appendage = next(code.code for code in wells if code.extra.get("well"))
    return {add(project, "pipe_point", at(), exp_no="W", kind="YS", appendage=appendage)}


def well_is_a_manhole(project: Project) -> None:
    values = only(project, "manhole").values
    assert (values["exp_no"], values["pipe_kind"]) == ("W", "YS")
    assert not all_of(project, "pipe_point")


def lamps_beside_one_another(project: Project) -> set[str]:
    rich = add(project, "street_lamp", at(), road_name="陕临路", pole_no="1")
    return {rich, add(project, "street_lamp", at(0.3), circuit_no="7")}


def one_lamp_is_left(project: Project) -> None:
    values = only(project, "street_lamp").values
    assert (values["pole_no"], values["circuit_no"]) == ("1", "7")


def point_twice(project: Project) -> set[str]:
    known: dict[str, Value] = {
        "exp_no": "P",
        "kind": "YS",
        "feature": "三通",
        "ground_elev_m": 1030.0,
    }
    first = add(project, "pipe_point", at(), **known, survey_area="一区")
    second = add(project, "pipe_point", at(0.005), **known)
    end = add(project, "pipe_point", at(50), exp_no="Q", kind="YS", feature="三通")
    add(project, "pipe_line", line((0.005, 0), (50, 0)), from_node=second, to_node=end, kind="YS")
    return {first, second}


def one_point_has_the_pipe(project: Project) -> None:
    kept = one_of(project, "pipe_point", exp_no="P")
    assert only(project, "pipe_line").values["from_node"] == kept.key.uuid


def two_pipes_between_two_nodes(project: Project) -> set[str]:
    made = pipe(project, *STRAIGHT)
    ends: dict[str, Value] = {"from_node": made["b"], "to_node": made["a"]}
    shape = line((50, 0), (25, 0.2), (0, 0))
    return {made["pipe"], add(project, "pipe_line", shape, diameter_mm=300, **ends)}


def one_pipe_knows_the_size(project: Project) -> None:
    values = only(project, "pipe_line").values
    assert (values["start_no"], values["diameter_mm"]) == ("A", 300)


def pipe_around_a_node(project: Project) -> set[str]:
    node = add(project, "manhole", at(), exp_no="A")
    loop = line((0, 0), (5, 5), (5, -5), (0, 0))
    return {add(project, "pipe_line", loop, from_node=node, to_node=node)}


def pipe_of_two_centimetres(project: Project) -> set[str]:
    a = add(project, "pipe_point", at(), exp_no="A", kind="YS")
    b = add(project, "pipe_point", at(0.02), exp_no="B")
    c = add(project, "pipe_point", at(50), exp_no="C")
    add(project, "pipe_line", line((0.02, 0), (50, 0)), from_node=b, to_node=c)
    return {add(project, "pipe_line", line((0, 0), (0.02, 0)), from_node=a, to_node=b)}


def its_nodes_are_one(project: Project) -> None:
    assert len(all_of(project, "pipe_point")) == 2
    assert only(project, "pipe_line").values["from_node"] is not None


def line_with_needless_vertices(project: Project) -> set[str]:
    shape = line((0, 0), (20, 0), (20, 0), (50, 0))
    return {add(project, "pipe_line", shape)}


def line_with_a_short_segment(project: Project) -> set[str]:
    return {add(project, "pipe_line", line((0, 0), (20, 0), (50, 0), (50, 0.02)))}


def vertices_are_apart(project: Project) -> None:
    shape = only(project, "pipe_line").geometry
    assert shape is not None
    assert shapely.get_num_coordinates(shape) == 3


def line_with_a_spike(project: Project) -> set[str]:
    return {add(project, "pipe_line", line((0, 0), (20, 0), (20.1, 9), (20.2, 0), (50, 0)))}


def line_has_no_spike(project: Project) -> None:
    shape = only(project, "pipe_line").geometry
    assert shape is not None
    assert shape.length < 51


def area_with_a_spike(project: Project) -> set[str]:
    corners = [(0, 0), (10, 0), (10, 5), (30, 5.1), (10, 5.2), (10, 10), (0, 10)]
    shape = shapely.Polygon([(X + east, Y + north) for east, north in corners])
    return {add(project, "park", shape)}


def area_has_no_spike(project: Project) -> None:
    shape = only(project, "park").geometry
    assert shape is not None
    assert round(shape.area) == 100


def road_in_two_parts(project: Project) -> set[str]:
    parts = [line((0, 0), (20, 0)), line((20, 0), (50, 0))]
    return {add(project, "road", shapely.MultiLineString(parts), road_name="陕临路")}


def road_is_in_one_part(project: Project) -> None:
    shape = only(project, "road").geometry
    assert shape is not None
    assert (shapely.get_num_geometries(shape), shape.length) == (1, 50)


def date_with_strokes(project: Project) -> set[str]:
    return {add(project, "toilet", at(), survey_date="2020/5/1")}


def date_is_read(project: Project) -> None:
    assert only(project, "toilet").values["survey_date"] == "2020-05-01"


def changed_before_it_began(project: Project) -> set[str]:
    dates = {"initial_date": "2022-05-01", "change_date": "2021-04-30"}
    return {add(project, "toilet", at(), **dates)}


def dates_are_in_order(project: Project) -> None:
    values = only(project, "toilet").values
    assert (values["initial_date"], values["change_date"]) == ("2021-04-30", "2022-05-01")


def park_of_another_area(project: Project) -> set[str]:
    return {add(project, "park", square(0, 0, 100), area_m2=5000)}


def park_has_its_area(project: Project) -> None:
    assert only(project, "park").values["area_m2"] == 10_000


def lot_of_two_bays(project: Project) -> set[str]:
    for east in (0, 10):
        add(project, "parking_bay", square(east, 0, 3), lot_no="L1")
    return {add(project, "parking_lot", square(0, 0, 50), lot_no="L1", bays_total=7)}


def lot_has_two_bays(project: Project) -> None:
    assert only(project, "parking_lot").values["bays_total"] == 2


def levels_that_disagree(project: Project) -> set[str]:
    a = add(project, "pipe_point", at(), exp_no="A", ground_elev_m=1030.0)
    known: dict[str, Value] = {"start_depth_m": 2.0, "start_elev_m": 1020.0}
    return {add(project, "pipe_line", line(*STRAIGHT), from_node=a, start_no="A", **known)}


def elevation_is_computed(project: Project) -> None:
    assert only(project, "pipe_line").values["start_elev_m"] == 1028.0


def pipe_that_rises(project: Project) -> set[str]:
    known: dict[str, Value] = {"start_elev_m": 1028.0, "end_elev_m": 1029.0, "flow_dir": "顺向"}
    return {add(project, "pipe_line", line(*STRAIGHT), kind="YS", **known)}


def flow_is_turned(project: Project) -> None:
    assert only(project, "pipe_line").values["flow_dir"] == "逆向"


def pipe_is_turned(project: Project) -> None:
    values = only(project, "pipe_line").values
    assert (values["start_elev_m"], values["flow_dir"]) == (1029.0, "顺向")


def pipe_of_unknown_flow(project: Project) -> set[str]:
    known: dict[str, Value] = {"start_elev_m": 1028.0, "end_elev_m": 1029.0}
    return {add(project, "pipe_line", line(*STRAIGHT), kind="YS", **known)}


def pipe_flows_down(project: Project) -> None:
    values = only(project, "pipe_line").values
    assert (values["start_elev_m"], values["flow_dir"]) == (1028.0, "逆向")


def pipe_in_use_at_an_abandoned_point(project: Project) -> set[str]:
    a = add(project, "pipe_point", at(), exp_no="A", use_state="废弃")
    b = add(project, "pipe_point", at(50), exp_no="B", use_state="在用")
    ends: dict[str, Value] = {"from_node": a, "to_node": b}
    return {add(project, "pipe_line", line(*STRAIGHT), use_state="在用", **ends)}


def pipe_is_abandoned(project: Project) -> None:
    assert only(project, "pipe_line").values["use_state"] == "废弃"


def id_of_sixteen(project: Project) -> set[str]:
    return {add(project, "toilet", at(), component_id=old_id(project))}


def old_id(project: Project) -> str:
    asset = project.asset_type("toilet")
    assert asset.component is not None
    return f"150826{asset.component.class_16}000001"


def id_is_of_seventeen(project: Project) -> None:
    values = only(project, "toilet").values
    assert len(str(values["component_id"])) == 17
    assert values["former_ids"] == old_id(project)


def id_of_another_county(project: Project) -> set[str]:
    asset = project.asset_type("toilet")
    assert asset.component is not None
    return {add(project, "toilet", at(), component_id=f"110101{asset.component.class_17}000001")}


def id_is_of_this_county(project: Project) -> None:
    values = only(project, "toilet").values
    assert str(values["component_id"]).startswith("150826")
    assert str(values["former_ids"]).startswith("110101")


def toilet_of_no_grid(project: Project) -> set[str]:
    add(project, "grid", square(-50, -50, 100), grid_id="150826100001001")
    return {add(project, "toilet", at(), grid_id="150826100001002")}


def toilet_of_another_grid(project: Project) -> set[str]:
    add(project, "grid", square(-50, -50, 100), grid_id="150826100001001")
    add(project, "grid", square(50, -50, 100), grid_id="150826100001002")
    return {add(project, "toilet", at(), grid_id="150826100001002")}


def toilet_is_of_its_grid(project: Project) -> None:
    assert only(project, "toilet").values["grid_id"] == "150826100001001"


def pipe_of_another_road(project: Project) -> set[str]:
    for north, name in ((3, "陕临路"), (900, "公园街")):
        road = shapely.MultiLineString([line((-50, north), (100, north))])
        add(project, "road", road, road_name=name)
    return {add(project, "pipe_line", line(*STRAIGHT), road_name="公园街")}


def pipe_is_of_its_road(project: Project) -> None:
    assert only(project, "pipe_line").values["road_name"] == "陕临路"


def unit_by_another_name(project: Project) -> set[str]:
    codes = project.catalogue.codes("unit").codes
    alias = next(alias for code in codes for alias in code.aliases)
    return {add(project, "manhole", at(), responsible_unit=alias, managing_unit=alias)}


def unit_is_the_list_s(project: Project) -> None:
    listed = {code.code for code in project.catalogue.codes("unit").codes}
    assert only(project, "manhole").values["responsible_unit"] in listed


def code_of_two_units(project: Project) -> set[str]:
    code = "91150826MA0EXAMPLE"
    for east in (0, 100):
        add(project, "toilet", at(east), owner_code=code, owner_name="甲公司")
    return {add(project, "toilet", at(200), owner_code=code, owner_name="乙公司")}


def units_are_one(project: Project) -> None:
    assert {one.values["owner_name"] for one in all_of(project, "toilet")} == {"甲公司"}


def point_of_another_code(project: Project) -> set[str]:
    codes = project.catalogue.codes("element_code").codes
    tee = next(
        one for one in codes if one.label["zh_CN"].endswith("三通") and one.code[4:6] == "21"
    )
    bend = next(one for one in codes if one.code[:6] == tee.code[:6] and one is not tee)
    return {add(project, "pipe_point", at(), feature="三通", element_code=bend.code)}


def code_means_a_tee(project: Project) -> None:
    code = str(only(project, "pipe_point").values["element_code"])
    assert project.catalogue.codes("element_code").label_of(code).lower() != code


def point_of_another_map_number(project: Project) -> set[str]:
    return {add(project, "pipe_point", at(), exp_no="YS1", map_no="7")}


def numbers_are_alike(project: Project) -> None:
    assert only(project, "pipe_point").values["map_no"] == "YS1"


_WITHOUT = "pipe.end_without_node"
EXAMPLES: Mapping[str, Sequence[Faulty]] = {
    "end-to-node": [Faulty("pipe.end_off_node", end_half_a_metre_off, end_is_at_the_node)],
    "node-to-end": [Faulty("pipe.end_off_node", end_half_a_metre_off, node_is_at_the_end)],
    "turn-line": [
        Faulty("pipe.end_off_node", line_drawn_from_its_end, line_runs_as_it_is_numbered)
    ],
    "connect-by-number": [Faulty(_WITHOUT, end_with_a_number, end_is_linked_to_its_number)],
    "connect-nearest": [Faulty(_WITHOUT, end_near_a_node, end_is_linked_and_numbered)],
    "make-node": [Faulty(_WITHOUT, ends_in_the_open, node_is_made_with_what_the_pipe_knows)],
    "remove-twin": [
        Faulty("geometry.duplicate", manholes_on_one_spot, the_richer_one_has_all),
        Faulty("geometry.duplicate", pipes_drawn_both_ways, depths_are_turned),
    ],
    "delete": [
        Faulty("geometry.empty", toilet_of_no_place, no_toilets),
        Faulty("record.without_asset", photo_of_nothing, photos_are_gone),
        Faulty("pipe.both_ends_one_node", pipe_around_a_node, no_pipes),
    ],
    "record-to-nearest": [
        Faulty("record.without_asset", photo_of_nothing, photo_is_at_the_manhole)
    ],
    "delete-without-extent": [Faulty("geometry.invalid", pipe_in_one_spot, no_pipes)],
    "make-valid": [Faulty("geometry.invalid", bay_with_a_loop, shape_is_valid)],
    "order-corners": [Faulty("geometry.invalid", bay_measured_crosswise, bay_has_its_corners)],
    "swap-coordinates": [
        Faulty("geometry.outside_boundary", swapped_point, points_are_in_the_area)
    ],
    "fill-in": [Faulty("attribute.required", pipe_with_gaps, gaps_are_filled)],
    "units-from-owner": [
        Faulty("manhole.responsible_missing", manhole_of_an_owner, owner_is_responsible)
    ],
    "code-by-name": [Faulty("attribute.code", lamp_spelled_wrong, lamp_has_a_code)],
    "code-chosen": [Faulty("attribute.code", lamp_of_oil, lamp_has_a_code)],
    "to-remarks": [Faulty("attribute.code", lamp_of_oil, lamp_type_is_in_the_remarks)],
    "parent-by-code": [Faulty("attribute.parent", asbestos_of_plastic, material_is_the_detail_s)],
    "other-unit": [Faulty("attribute.range", pipe_of_three_tenths, pipe_is_of_three_hundred)],
    "not-measured": [Faulty("attribute.placeholder", pipe_without_a_measure, pipe_has_no_diameter)],
    "read-number": [Faulty("attribute.range", pipe_of_text, pipe_is_of_three_hundred)],
    "connect-ends": [Faulty("point.isolated", point_where_pipes_end, both_ends_are_connected)],
    "divide-pipe": [Faulty("point.isolated", point_beside_a_pipe, pipe_is_divided)],
    "make-manhole": [Faulty("point.well_without_manhole", point_that_is_a_well, well_is_a_manhole)],
    "merge-near": [
        Faulty("duplicate.near", lamps_beside_one_another, one_lamp_is_left),
        Faulty("point.recorded_twice", point_twice, one_point_has_the_pipe),
    ],
    "remove-pipe-twin": [
        Faulty("pipe.same_nodes_twice", two_pipes_between_two_nodes, one_pipe_knows_the_size)
    ],
    "close-up": [Faulty("pipe.too_short", pipe_of_two_centimetres, its_nodes_are_one)],
    "drop-vertices": [
        Faulty("shape.repeated_vertex", line_with_needless_vertices, vertices_are_apart),
        Faulty("shape.short_segment", line_with_a_short_segment, vertices_are_apart),
    ],
    "remove-spikes": [
        Faulty("shape.spike", line_with_a_spike, line_has_no_spike),
        Faulty("shape.spike", area_with_a_spike, area_has_no_spike),
    ],
    "join-parts": [Faulty("shape.parts_touch", road_in_two_parts, road_is_in_one_part)],
    "read-date": [Faulty("date.impossible", date_with_strokes, date_is_read)],
    "swap-dates": [Faulty("date.reversed", changed_before_it_began, dates_are_in_order)],
    "area-by-outline": [Faulty("park.area_differs", park_of_another_area, park_has_its_area)],
    "count-bays": [Faulty("parking.bay_count", lot_of_two_bays, lot_has_two_bays)],
    "third-of-three": [
        Faulty("pipe.elevation_identity", levels_that_disagree, elevation_is_computed)
    ],
    "flow-by-levels": [Faulty("pipe.flow_unknown", pipe_of_unknown_flow, pipe_flows_down)],
    "turn-flow": [Faulty("pipe.adverse_slope", pipe_that_rises, flow_is_turned)],
    "turn-pipe": [Faulty("pipe.adverse_slope", pipe_that_rises, pipe_is_turned)],
    "abandoned": [Faulty("pipe.use_state", pipe_in_use_at_an_abandoned_point, pipe_is_abandoned)],
    "new-form": [Faulty("identity.component_id_old", id_of_sixteen, id_is_of_seventeen)],
    "number-anew": [
        Faulty("identity.component_id_form", id_of_another_county, id_is_of_this_county)
    ],
    "grid-by-place": [
        Faulty("asset.grid_unknown", toilet_of_no_grid, toilet_is_of_its_grid),
        Faulty("asset.grid_elsewhere", toilet_of_another_grid, toilet_is_of_its_grid),
    ],
    "road-by-place": [Faulty("pipe.road_name", pipe_of_another_road, pipe_is_of_its_road)],
    "unit-by-list": [
        Faulty("unit.other_name", unit_by_another_name, unit_is_the_list_s),
        Faulty("unit.code_of_two", code_of_two_units, units_are_one),
    ],
    "code-of-content": [Faulty("point.element_code", point_of_another_code, code_means_a_tee)],
    "map-number": [Faulty("point.map_number", point_of_another_map_number, numbers_are_alike)],
    "number-others": [
        Faulty("identity.component_id_duplicate", id_in_two_layers, the_oldest_keeps_the_id)
    ],
}
