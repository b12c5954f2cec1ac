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


_WITHOUT = "pipe.end_without_node"
EXAMPLES: Mapping[str, Sequence[Faulty]] = {
    "end-to-node": [Faulty("pipe.end_off_node", end_half_a_metre_off, end_is_at_the_node)],
    "node-to-end": [Faulty("pipe.end_off_node", end_half_a_metre_off, node_is_at_the_end)],
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
    "not-measured": [Faulty("attribute.range", pipe_without_a_measure, pipe_has_no_diameter)],
    "read-number": [Faulty("attribute.range", pipe_of_text, pipe_is_of_three_hundred)],
    "number-others": [
        Faulty("identity.component_id_duplicate", id_in_two_layers, the_oldest_keeps_the_id)
    ],
}
