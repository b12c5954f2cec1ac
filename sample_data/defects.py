"""Faults planted into the town, with the answers: which rule must report which feature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import shapely

from hjgis.layers.project import Project
from hjgis.layers.sample import repair_of
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from sample_data.frame import identity

# Rule, layer, number of the feature (counted by row), field and the wrong value.
_VALUES: tuple[tuple[str, str, int, str, object], ...] = (
    ("attribute.required", "toilet", 7, "component_name", None),
    ("attribute.required", "street_lamp", 1200, "pole_no", None),
    ("attribute.required", "street_lamp", 300, "initial_date", None),
    ("attribute.required", "bike_station", 33, "operator", None),
    ("park.unattended", "park", 11, "maintainer_name", None),
    ("attribute.required", "parking_lot", 9, "bays_total", None),
    ("attribute.required", "parking_bay", 77, "bay_form", None),
    ("attribute.required", "pipe_line", 401, "material", None),
    ("attribute.required", "pipe_line", 1502, "laid_year", None),
    ("attribute.required", "pipe_line", 4003, "road_name", None),
    ("attribute.required", "pipe_point", 55, "element_code", None),
    ("attribute.required", "manhole", 150, "grid_id", None),
    ("attribute.code", "manhole", 260, "cover_material", "塑钢"),
    ("attribute.code", "street_lamp", 1300, "lamp_type", "LED灯"),
    ("attribute.code", "pipe_line", 603, "material", "XX"),
    ("attribute.code", "pipe_line", 2204, "burial", "ZZ"),
    ("attribute.code", "bike_station", 211, "dock_type", "随意"),
    ("attribute.code", "parking_lot", 21, "lot_type", "露天"),
    ("attribute.code", "park", 6, "grade", "特级"),
    ("attribute.code", "pipe_point", 311, "use_state", "停用"),
    ("attribute.range", "pipe_line", 805, "diameter_mm", 5),
    ("attribute.range", "pipe_line", 3106, "laid_year", 1750),
    ("attribute.placeholder", "manhole", 370, "ground_elev_m", 0.0),
    ("attribute.range", "manhole", 480, "well_depth_m", 12.5),
    ("attribute.range", "street_lamp", 1400, "pole_height_m", 99.0),
    ("attribute.range", "bike_station", 402, "capacity", 5000),
    ("attribute.range", "toilet", 17, "stall_f", 500),
    ("attribute.range", "parking_bay", 333, "length_m", 60.0),
    ("manhole.responsible_missing", "manhole", 590, "responsible_unit", None),
    ("manhole.responsible_missing", "manhole", 700, "responsible_unit", None),
    ("manhole.responsible_missing", "manhole", 1310, "responsible_unit", None),
    ("manhole.responsible_missing", "manhole", 2020, "responsible_unit", None),
    ("manhole.responsible_missing", "manhole", 2530, "managing_unit", None),
    ("manhole.responsible_missing", "manhole", 2840, "managing_unit", None),
    ("manhole.responsible_missing", "manhole", 3150, "managing_unit", None),
    ("pipe.narrowing", "pipe_line", 568, "diameter_mm", 200),
    ("pipe.road_name", "pipe_line", 3729, "road_name", "米仓路"),
    ("pipe.ducts", "pipe_line", 5490, "holes_used", 9),
    ("point.feature_or_appendage", "pipe_point", 400, "appendage", "阀门"),
    ("point.ways", "pipe_point", 500, "feature", "三通"),
    ("pipe.end_without_node", "pipe_line", 1007, "from_node", None),
    ("pipe.end_without_node", "pipe_line", 1808, "to_node", None),
    ("pipe.end_without_node", "pipe_line", 2609, "from_node", None),
    ("pipe.end_without_node", "pipe_line", 3410, "to_node", None),
    ("pipe.end_without_node", "pipe_line", 4511, "from_node", None),
)
_TWINS = (("manhole", 905, 1707), ("street_lamp", 1500, 1600), ("toilet", 25, 41))
_COPIES = (("street_lamp", 1450), ("toilet", 33), ("parking_bay", 555), ("pipe_line", 2911))
_BOW_TIES = (("parking_bay", 666), ("parking_bay", 888), ("parking_lot", 30))
_PLACELESS = (("toilet", 49), ("parking_bay", 999), ("street_lamp", 1650))
_ASTRAY = (
    ("toilet", 55, (4_528_101.0, 428_202.0)),
    ("street_lamp", 1700, (433_000.0, 4_528_300.0)),
    ("bike_station", 640, (0.0, 0.0)),
)
# What other rules must say of a planted fault: rule, layer, row.
_TOLD_TOO = (
    ("asset.grid_elsewhere", "bike_station", 640),
    ("asset.grid_elsewhere", "street_lamp", 1700),
    ("asset.grid_elsewhere", "toilet", 55),
    # The id that it shares is of another kind of cover.
    ("identity.component_id_form", "manhole", 1707),
    ("shape.spike", "parking_lot", 30),
    ("bike.capacity", "bike_station", 402),
    ("bike.outside_area", "bike_station", 640),
    ("lamp.off_road", "street_lamp", 1700),
    # Where the lamps stood that have gone from their place, the row has a gap.
    ("lamp.spacing", "street_lamp", 1649),
    ("lamp.spacing", "street_lamp", 1699),
    # One of its bays is there twice.
    ("parking.bay_count", "parking_lot", 8),
)
_BENT = (1209, 2010, 3211, 4812)
_MOVED_MANHOLE = 1111
# Pipe, end, and by how much it is said to lie higher, with a depth that agrees.
_RAISED = (("pipe.adverse_slope", 440, "end", 0.5), ("pipe.depth", 3730, "start", 1.2))
_MISREAD = 2203
_SHARED_NUMBER = (600, 700)


class _Sower:
    """Plants faults one after the other and keeps how things were."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._uuids = {layer: project.table(layer, []).uuids.tolist() for layer in project.types}
        self.answers: list[dict[str, object]] = []
        self.repairs: dict[FeatureKey, dict[str, object]] = {}

    def at(self, layer: str, number: int) -> Feature:
        """Return a feature by its row."""
        return self._project.get(FeatureKey(layer, self._uuids[layer][number]))

    def plant(self, before: Feature | None, after: Feature, note: str, *rules: str) -> None:
        """Store the fault and write down which rules must report it."""
        assert after.key not in self.repairs, f"{after.key} has a fault already"
        self._project.session.apply(ChangeSet("sample", (Change(before, after),)))
        self.repairs[after.key] = repair_of(before, after.key)
        for rule in rules:
            self.answer(rule, after.key, note)

    def answer(self, rule: str, key: FeatureKey, note: str) -> None:
        """Write down that a rule must report a feature."""
        self.answers.append({"rule": rule, "layer": key.layer, "uuid": key.uuid, "note": note})


def plant(project: Project) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Plant all faults; return the answer key and what takes them out again."""
    sower = _Sower(project)
    for rule, layer, number, field, value in _VALUES:
        before = sower.at(layer, number)
        sower.plant(before, before.with_values(**{field: value}), f"{field} = {value}", rule)
    _twins(sower)
    _copies(sower)
    _shapes(sower)
    _network(project, sower)
    for rule, layer, number in _TOLD_TOO:
        sower.answer(rule, sower.at(layer, number).key, "follows from another fault")
    order = sorted(sower.answers, key=lambda row: (row["rule"], row["layer"], row["uuid"]))
    return order, list(sower.repairs.values())


def _twins(sower: _Sower) -> None:
    rule = "identity.component_id_duplicate"
    for layer, first, second in _TWINS:
        one, other = sower.at(layer, first), sower.at(layer, second)
        shared = one.values["component_id"]
        sower.plant(other, other.with_values(component_id=shared), f"= {shared}", rule)
        sower.answer(rule, one.key, f"= {shared}")


def _copies(sower: _Sower) -> None:
    rule = "geometry.duplicate"
    for layer, number in _COPIES:
        one = sower.at(layer, number)
        own = {
            name: f"{one.values[name]}"[:-3] + "999"
            for name in ("component_id", "bay_no", "pipe_no", "pole_no")
            if one.values.get(name)
        }
        shape = one.geometry
        ends: dict[str, object] = {}
        if isinstance(shape, shapely.LineString):
            shape = shapely.reverse(shape)
            pairs = (
                *(("from_node", "to_node"), ("start_no", "end_no")),
                *(("start_depth_m", "end_depth_m"), ("start_elev_m", "end_elev_m")),
            )
            ends = {a: one.values[b] for x, y in pairs for a, b in ((x, y), (y, x))}
            ends["flow_dir"] = "逆向"
        key = FeatureKey(layer, identity("copy", layer, number))
        copy = replace(one.with_values(**own, **ends), key=key, geometry=shape, fid=None)
        rules = [rule, *(["pipe.same_nodes_twice"] if ends else [])]
        sower.plant(None, copy, f"copy of {one.key.uuid}", *rules)
        for each in rules:
            sower.answer(each, one.key, "copied")


def _shapes(sower: _Sower) -> None:
    for layer, number in _BOW_TIES:
        before = sower.at(layer, number)
        corners = list(shapely.get_parts(before.geometry)[0].exterior.coords)[:4]
        tie = shapely.Polygon([corners[0], corners[2], corners[1], corners[3]])
        shape = shapely.MultiPolygon([tie]) if layer == "parking_lot" else tie
        sower.plant(before, before.with_geometry(shape), "crosses itself", "geometry.invalid")
    for layer, number in _PLACELESS:
        before = sower.at(layer, number)
        sower.plant(before, before.with_geometry(None), "no place", "geometry.empty")
    for layer, number, place in _ASTRAY:
        before = sower.at(layer, number)
        moved = before.with_geometry(shapely.Point(place))
        sower.plant(before, moved, f"at {place}", "geometry.outside_boundary")


def _network(project: Project, sower: _Sower) -> None:
    rule = "pipe.end_off_node"
    for number in _BENT:
        before = sower.at("pipe_line", number)
        coords = list(before.geometry.coords)
        coords[-1] = (coords[-1][0] + 0.6, coords[-1][1] - 0.3)
        bent = before.with_geometry(shapely.LineString(coords))
        sower.plant(before, bent, "end moved by 0.67 m", rule)
    node = sower.at("manhole", _MOVED_MANHOLE)
    place = shapely.Point(node.geometry.x + 1.5, node.geometry.y)
    sower.plant(node, node.with_geometry(place), "moved by 1.5 m without its pipes")
    for line in project.lines_ending_at(node.key.uuid):
        sower.answer(rule, line.key, f"{node.values['exp_no']} was moved")
    _levels(sower)
    lost = sower.at("pipe_line", 3712)
    values: Mapping[str, object] = {"from_node": None, "start_no": "WS99999"}
    sower.plant(lost, lost.with_values(**values), "unknown number", "pipe.end_without_node")
    both = sower.at("manhole", 3460)
    nobody = both.with_values(responsible_unit=None, managing_unit=None)
    sower.plant(both, nobody, "nobody answers for it", "manhole.responsible_missing")


def _levels(sower: _Sower) -> None:
    for rule, number, end, rise in _RAISED:
        pipe = sower.at("pipe_line", number)
        depth, level = (pipe.values[f"{end}_{what}_m"] for what in ("depth", "elev"))
        assert isinstance(depth, float)
        assert isinstance(level, float)
        raised = {
            f"{end}_depth_m": round(depth - rise, 2),
            f"{end}_elev_m": round(level + rise, 2),
        }
        sower.plant(pipe, pipe.with_values(**raised), f"{end} {rise} m higher", rule)
    pipe = sower.at("pipe_line", _MISREAD)
    level = pipe.values["end_elev_m"]
    assert isinstance(level, float)
    misread = pipe.with_values(end_elev_m=round(level - 0.3, 2))
    sower.plant(pipe, misread, "misread by 0.3 m", "pipe.elevation_identity")
    first, other = (sower.at("pipe_point", number) for number in _SHARED_NUMBER)
    shared = first.with_values(exp_no=other.values["exp_no"])
    sower.plant(first, shared, f"= {other.values['exp_no']}", "point.number_twice")
    sower.answer("point.number_twice", other.key, "its number is given twice")
