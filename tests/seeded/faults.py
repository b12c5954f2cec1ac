"""The faults that are planted: what each does, and what must be found for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import shapely
from shapely import Point

from hjgis.models.assets import Value
from hjgis.models.changes import Feature
from tests.seeded.planting import Answer, Fault, Garden

_NEXT_ID: Final = iter(range(990_001, 999_999))


def _given(feature: Feature, *names: str) -> bool:
    return all(feature.values.get(name) is not None for name in names)


def _set(
    rule: str, layer: str, where: dict[str, Value], to: dict[str, Value], garden: Garden
) -> Answer:
    """Give a feature other values, which a rule must find."""

    def fits(feature: Feature) -> bool:
        held = all(feature.values.get(name) == value for name, value in where.items())
        return held and _given(feature, *to)

    return {(rule, garden.set(garden.take(layer, fits), **to))}


# -- identity ----------------------------------------------------------------------------


def two_of_one_id(garden: Garden) -> Answer:
    first, second = garden.take("street_lamp"), garden.take("street_lamp")
    garden.set(second, component_id=first.values["component_id"])
    rule = "identity.component_id_duplicate"
    return {(rule, first.key.uuid), (rule, second.key.uuid)}


def id_of_another_county(garden: Garden) -> Answer:
    toilet = garden.take("toilet")
    wrong = f"150825{str(toilet.values['component_id'])[6:]}"
    return {("identity.component_id_form", garden.set(toilet, component_id=wrong))}


def point_number_twice(garden: Garden) -> Answer:
    first = garden.take("pipe_point", lambda f: f.values["kind"] == "JP")
    second = garden.take("pipe_point", lambda f: f.values["kind"] == "JP")
    garden.set(second, exp_no=first.values["exp_no"])
    return {("point.number_twice", f.key.uuid) for f in (first, second)}


def changed_before(garden: Garden) -> Answer:
    return {("date.reversed", garden.set(garden.take("manhole"), change_date="2001-01-01"))}


# -- shapes ------------------------------------------------------------------------------


def nowhere(garden: Garden) -> Answer:
    return {("geometry.empty", garden.shape(garden.take("bike_station"), None))}


def bow_tie(garden: Garden) -> Answer:
    bay = garden.take("parking_bay")
    a, b, c, d, _a = bay.geometry.exterior.coords
    return {("geometry.invalid", garden.shape(bay, shapely.Polygon([a, c, b, d])))}


def drawn_twice(garden: Garden) -> Answer:
    bay = garden.take("parking_bay")
    copy = garden.copy(bay, bay.geometry, bay_no=f"150826-BW-X-{next(_NEXT_ID)}", lot_no=None)
    pair = {bay.key.uuid, copy}
    return {(rule, uuid) for rule in ("geometry.duplicate",) for uuid in pair} | {
        ("attribute.required", copy)
    }


def far_away(garden: Garden) -> Answer:
    point = garden.take("bike_station")
    place = Point(point.geometry.x, point.geometry.y + 20_000)
    uuid = garden.shape(point, place)
    return {
        ("geometry.outside_boundary", uuid),
        ("bike.outside_area", uuid),
        ("asset.grid_elsewhere", uuid),
    }


def repeated_vertex(garden: Garden) -> Answer:
    line = garden.take("pipe_line")
    first, *others = line.geometry.coords
    return {
        ("shape.repeated_vertex", garden.shape(line, shapely.LineString([first, first, *others])))
    }


def short_segment(garden: Garden) -> Answer:
    line = garden.take("pipe_line", lambda f: f.geometry.length > 10)
    start, end = line.geometry.coords[0], line.geometry.coords[-1]
    beside = line.geometry.interpolate(0.02)
    return {
        (
            "shape.short_segment",
            garden.shape(line, shapely.LineString([start, beside.coords[0], end])),
        )
    }


def _is_straight(line: Feature, least_m: float, most_m: float) -> bool:
    return len(line.geometry.coords) == 2 and least_m < line.geometry.length < most_m


def spike(garden: Garden) -> Answer:
    line = garden.take("pipe_line", lambda f: _is_straight(f, 20, 60))
    (x, y, *_z), end = line.geometry.coords
    far = line.geometry.interpolate(8.0)
    back = line.geometry.interpolate(5.0)
    shape = shapely.LineString([(x, y), (far.x, far.y), (back.x, back.y + 0.02), end[:2]])
    return {("shape.spike", garden.shape(line, shape))}


def crossing_itself(garden: Garden) -> Answer:
    line = garden.take("pipe_line", lambda f: _is_straight(f, 30, 50))
    start, end = line.geometry.coords[0][:2], line.geometry.coords[-1][:2]
    along = [line.geometry.interpolate(share, normalized=True) for share in (0.4, 0.6)]
    (ax, ay), (bx, by) = ((p.x, p.y) for p in along)
    dx, dy = (bx - ax) / 2, (by - ay) / 2
    loop = [start, (bx, by), (bx - dy, by + dx), (ax - dy, ay + dx), (ax + dy, ay - dx), end]
    return {("shape.self_crossing", garden.shape(line, shapely.LineString(loop)))}


# -- the network -------------------------------------------------------------------------


def end_off_its_node(garden: Garden) -> Answer:
    line = garden.take("pipe_line", lambda f: f.geometry.length > 10)
    *others, (x, y, *z) = line.geometry.coords
    shape = shapely.LineString([*others, (x + 0.3, y + 0.3, *z)])
    return {("pipe.end_off_node", garden.shape(line, shape))}


def end_without_node(garden: Garden) -> Answer:
    line = garden.take("pipe_line", lambda f: len(_beyond(garden, f)) > 1)
    return {("pipe.end_without_node", garden.set(line, to_node=None))}


def _beyond(garden: Garden, line: Feature) -> tuple[Feature, ...]:
    return garden.pipes_at(garden.node(line.values["to_node"]))


def both_ends_one_node(garden: Garden) -> Answer:
    line = garden.take("pipe_line", lambda f: _is_between_wells(garden, f))
    start = garden.node(line.values["from_node"])
    values = {"to_node": start.key.uuid, "end_no": start.values["exp_no"]}
    levels = {f"end_{name}": line.values[f"start_{name}"] for name in ("depth_m", "elev_m")}
    uuid = garden.set(line, **values, **levels)
    return {("pipe.both_ends_one_node", uuid), ("pipe.end_off_node", uuid)}


def _is_between_wells(garden: Garden, line: Feature) -> bool:
    """Whether manholes with further pipes stand at both ends, so that more or fewer do no harm."""
    nodes = [garden.node(line.values[end]) for end in ("from_node", "to_node")]
    return all(n.key.layer == "manhole" and len(garden.pipes_at(n)) > 1 for n in nodes)


def same_nodes_twice(garden: Garden) -> Answer:
    line = garden.take(
        "pipe_line", lambda f: _is_straight(f, 20, 60) and _is_between_wells(garden, f)
    )
    start, end = line.geometry.coords[0][:2], line.geometry.coords[-1][:2]
    (x, y), middle = start, line.geometry.interpolate(0.5, normalized=True)
    # Recorded a second time, a hand's breadth beside the first: farther off are two pipes.
    share = 0.2 / line.geometry.length
    aside = (middle.x + (end[1] - y) * share, middle.y - (end[0] - x) * share)
    bent = shapely.LineString([start, aside, end])
    copy = garden.copy(line, bent, length_m=round(bent.length, 2), pipe_no=None)
    return {("pipe.same_nodes_twice", uuid) for uuid in (line.key.uuid, copy)}


def point_alone(garden: Garden) -> Answer:
    point = garden.take("pipe_point", lambda f: f.values["kind"] == "JP")
    place = Point(point.geometry.x + 3.0, point.geometry.y + 3.0)
    return {("point.isolated", garden.copy(point, place, exp_no=f"Q{next(_NEXT_ID)}"))}


def level_does_not_add_up(garden: Garden) -> Answer:
    def fits(line: Feature) -> bool:
        deep = float(str(line.values["start_depth_m"] or 0)) > 2.5
        start = garden.node(line.values["from_node"])
        return deep and start.key.layer == "manhole" and _given(line, "start_elev_m")

    line = garden.take("pipe_line", fits)
    uuid = garden.set(line, start_depth_m=round(float(str(line.values["start_depth_m"])) - 0.3, 2))
    return {("pipe.elevation_identity", uuid)}


def road_of_another_town(garden: Garden) -> Answer:
    line = garden.take("pipe_line", lambda f: str(f.values["road_name"]).endswith("甲"))
    return {("pipe.road_name", garden.set(line, road_name="中山路丙"))}


# -- facilities --------------------------------------------------------------------------


def bays_miscounted(garden: Garden) -> Answer:
    lot = garden.take("parking_lot")
    total = int(str(lot.values["bays_total"]))
    return {("parking.bay_count", garden.set(lot, bays_total=total + 2))}


def area_in_another_unit(garden: Garden) -> Answer:
    park = garden.take("park")
    area = float(str(park.values["area_m2"]))
    green = float(str(park.values["green_area_m2"]))
    uuid = garden.set(park, area_m2=round(area * 1.1, 1), green_area_m2=green)
    return {("park.area_differs", uuid)}


def pole_number_twice(garden: Garden) -> Answer:
    first = garden.take("street_lamp")
    second = garden.take(
        "street_lamp", lambda f: f.values["road_name"] == first.values["road_name"]
    )
    garden.set(second, pole_no=first.values["pole_no"])
    return {("lamp.pole_number_duplicate", f.key.uuid) for f in (first, second)}


def lamp_in_a_field(garden: Garden) -> Answer:
    lamp = garden.take("street_lamp", lambda f: f.values["road_name"] is not None)
    return {("lamp.off_road", garden.set(lamp, road_name=None))}


def stations_side_by_side(garden: Garden) -> Answer:
    station = garden.take("bike_station")
    number = next(_NEXT_ID)
    values = {"component_id": f"15082602026{number}", "station_no": f"DCX{number}"}
    place = Point(station.geometry.x + 4.0, station.geometry.y)
    copy = garden.copy(station, place, component_name=f"停取点{number}", **values)
    return {("bike.too_close", uuid) for uuid in (station.key.uuid, copy)}


def record_of_nothing(garden: Garden) -> Answer:
    record = garden.take("inspection")
    return {("record.without_asset", garden.set(record, asset_uuid="01010101-0000-7000-8000-0"))}


# Name, rule, layer, what the feature must hold before, and what it is given.
_VALUES: Final[tuple[tuple[str, str, str, dict[str, Value], dict[str, Value]], ...]] = (
    ("more green than park", "park.green_exceeds", "park", {}, {"green_area_m2": 4_000_000.0}),
    ("required field empty", "attribute.required", "toilet", {}, {"component_name": None}),
    ("code in no list", "attribute.code", "manhole", {}, {"cover_material": "塑钢"}),
    (
        "code under another one",
        "attribute.parent",
        "pipe_line",
        {"material": "T"},
        {"material_detail": "SMSN"},
    ),
    ("number out of range", "attribute.range", "toilet", {}, {"stall_access": 5000}),
    ("-999 for a level", "attribute.placeholder", "pipe_point", {}, {"ground_elev_m": -999.0}),
    (
        "cell that does not exist",
        "asset.grid_unknown",
        "street_lamp",
        {},
        {"grid_id": "150826100999999"},
    ),
    ("date to come", "date.in_future", "manhole", {}, {"initial_date": "2039-01-01"}),
    ("30 February", "date.impossible", "street_lamp", {}, {"initial_date": "2020-02-30"}),
    ("nobody answers", "manhole.responsible_missing", "manhole", {}, {"managing_unit": None}),
    (
        "more cables than holes",
        "pipe.ducts",
        "pipe_line",
        {"kind": "GD"},
        {"holes_total": 4, "holes_used": 9},
    ),
    (
        "element code of another kind",
        "point.element_code",
        "pipe_point",
        {},
        {"element_code": "59999999"},
    ),
    (
        "new toilet, no flush",
        "toilet.not_flush",
        "toilet",
        {},
        {"build_nature": "新建", "flush_type": "旱厕"},
    ),
    ("too few stalls for women", "toilet.stall_ratio", "toilet", {}, {"stall_f": 1}),
    ("no sign", "toilet.no_sign", "toilet", {}, {"sign_ok": False}),
    ("no control box", "lamp.control_missing", "street_lamp", {}, {"ctrl_box_id": None}),
    (
        "cover too weak",
        "manhole.load_class",
        "manhole",
        {"lane_place": "机动车道"},
        {"load_class": "A15"},
    ),
    ("no fall net", "manhole.fall_net", "manhole", {"cover_kind": "污水井盖"}, {"fall_net": False}),
    ("bay too small", "parking.bay_size", "parking_bay", {}, {"length_m": 4.0}),
    ("no capacity in that area", "bike.capacity", "bike_station", {}, {"capacity": 400}),
    ("record to come", "record.in_future", "inspection", {}, {"date": "2039-01-01"}),
)
_MADE: Final[tuple[tuple[str, Callable[[Garden], Answer]], ...]] = (
    ("crossed outline", bow_tie),
    ("area differs", area_in_another_unit),
    ("id given twice", two_of_one_id),
    ("id of another county", id_of_another_county),
    ("point number twice", point_number_twice),
    ("changed before it was made", changed_before),
    ("no place", nowhere),
    ("drawn twice", drawn_twice),
    ("far away", far_away),
    ("vertex repeated", repeated_vertex),
    ("segment too short", short_segment),
    ("spike", spike),
    ("line across itself", crossing_itself),
    ("end off its node", end_off_its_node),
    ("end without node", end_without_node),
    ("both ends at one node", both_ends_one_node),
    ("same nodes twice", same_nodes_twice),
    ("point alone", point_alone),
    ("level does not add up", level_does_not_add_up),
    ("road of another town", road_of_another_town),
    ("pole number twice", pole_number_twice),
    ("bays miscounted", bays_miscounted),
    ("stations side by side", stations_side_by_side),
    ("record of nothing", record_of_nothing),
)
# Parks are few and large: they come before the rest has taken the room.
FAULTS: Final[tuple[Fault, ...]] = tuple(
    sorted(
        (
            *(Fault(name, partial(_set, *what)) for name, *what in _VALUES),
            *(Fault(name, plant) for name, plant in _MADE),
        ),
        key=lambda fault: fault.name not in ("more green than park", "area differs"),
    )
)
