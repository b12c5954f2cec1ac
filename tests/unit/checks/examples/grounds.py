"""One faulty and one faultless example for each check of parking, parks and bike stations."""

from __future__ import annotations

from collections.abc import Mapping

import shapely

from hjgis.layers.project import Project
from hjgis.models.assets import Value
from tests.unit.checks.examples.facilities import ALONE, road
from tests.unit.checks.faults import BOW_TIE, Example, X, Y, add, at, square


def area(east: float, north: float, width: float, height: float) -> shapely.MultiPolygon:
    box = shapely.box(X + east, Y + north, X + east + width, Y + north + height)
    return shapely.MultiPolygon([box])


def bay(project: Project, east: float, north: float = 50.0, **values: Value) -> str:
    box = shapely.box(X + east, Y + north, X + east + 2.5, Y + north + 5.3)
    return add(project, "parking_bay", box, **{"lot_no": "L1", **values})


# -- parking ---------------------------------------------------------------------------------------


def lot_of_three(project: Project) -> set[str | None]:
    bay(project, 0)
    bay(project, 3)
    return {add(project, "parking_lot", square(0, 0, 60), lot_no="L1", bays_total=3)}


def lot_of_two(project: Project) -> set[str | None]:
    bay(project, 0)
    bay(project, 3)
    bay(project, 6, state="移除")
    bay(project, 9, lot_no=None)
    add(project, "parking_lot", square(0, 0, 60), lot_no="L1", bays_total=2)
    add(project, "parking_lot", square(99, 0, 60), lot_no="L2", bays_total=50)
    add(project, "parking_lot", square(199, 0, 60), bays_total=50)
    add(project, "parking_lot", square(299, 0, 60), lot_no="L1")
    return set()


def short_bay(project: Project) -> set[str | None]:
    return {
        bay(project, 0, bay_form="平行", length_m=5.9, width_m=2.5),
        bay(project, 5, bay_form="垂直", length_m=5.3, width_m=2.3),
    }


def bays_of_size(project: Project) -> set[str | None]:
    bay(project, 0, bay_form="平行", length_m=5.96, width_m=2.5)
    bay(project, 5, bay_form="垂直", length_m=5.0, width_m=2.4)
    bay(project, 10, bay_form="不详", length_m=1.0, width_m=1.0)
    bay(project, 15, length_m=1.0)
    bay(project, 20, bay_form="平行", width_m=2.5)
    return set()


def crowded_lot(project: Project) -> set[str | None]:
    surface: dict[str, Value] = {"lot_type": "路外地面"}
    return {
        add(project, "parking_lot", square(0, 0, 60), area_m2=140.0, bays_total=10, **surface),
        add(project, "parking_lot", square(99, 0, 60), bays_total=10, **surface),
    }


def lots_of_usual_size(project: Project) -> set[str | None]:
    surface: dict[str, Value] = {"lot_type": "路外地面"}
    add(project, "parking_lot", square(0, 0, 60), area_m2=150.0, bays_total=10, **surface)
    add(project, "parking_lot", square(0, 0, 60), area_m2=450.0, bays_total=10, **surface)
    add(project, "parking_lot", square(0, 0, 60), area_m2=140.0, bays_total=10, lot_type="立体")
    add(project, "parking_lot", square(0, 0, 60), bays_total=0, **surface)
    add(project, "parking_lot", None, bays_total=10, **surface)
    return set()


def bays_on_bays(project: Project) -> set[str | None]:
    return {bay(project, 0, bay_no="1"), bay(project, 2)}


def bays_side_by_side(project: Project) -> set[str | None]:
    bay(project, 0)
    bay(project, 2.45)
    bay(project, 20)
    bay(project, 20)
    bay(project, 40, state="移除")
    bay(project, 41)
    add(project, "parking_bay", BOW_TIE)
    return set()


def bay_in_the_street(project: Project) -> set[str | None]:
    road(project, (0, 0), (500, 0))
    return {bay(project, 10, 0.9)}


def bay_at_the_kerb(project: Project) -> set[str | None]:
    road(project, (0, 0), (500, 0))
    bay(project, 10, 1.1)
    add(project, "parking_lot", square(99, 0, 60), lot_no="L2", lot_type="地下")
    bay(project, 20, 0, lot_no="L2")
    return set()


def crossing(project: Project) -> None:
    road(project, (0, 0), (500, 0))
    road(project, (250, 0), (250, 300), road_name="示例巷")
    add(project, "parking_lot", square(0, 0, 60), lot_no="L1", lot_type="路内")


def bay_at_the_corner(project: Project) -> set[str | None]:
    crossing(project)
    add(project, "pipe_point", at(50, 10), appendage="消防栓")
    return {bay(project, 297, 4), bay(project, 70, 4)}


def bay_that_the_police_marked(project: Project) -> set[str | None]:
    crossing(project)
    add(project, "pipe_point", at(50, 10), appendage="消防栓")
    bay(project, 301, 4)
    bay(project, 260, 4, marked_ok=True)
    bay(project, 81, 4)
    bay(project, 260, 9, lot_no="L9")
    # Where one road only changes its name, or ends, nothing crosses.
    road(project, (500, 0), (900, 0), road_name="示例街")
    bay(project, 510, 4)
    return set()


def lot_without_accessible_bay(project: Project) -> set[str | None]:
    surface: dict[str, Value] = {"lot_type": "路外地面"}
    return {
        add(project, "parking_lot", square(0, 0, 60), bays_total=40, bays_access=0, **surface),
        add(project, "parking_lot", square(99, 0, 60), bays_total=101, bays_access=1, **surface),
    }


def lots_with_accessible_bays(project: Project) -> set[str | None]:
    surface: dict[str, Value] = {"lot_type": "路外地面"}
    add(project, "parking_lot", square(0, 0, 60), bays_total=100, bays_access=1, **surface)
    add(project, "parking_lot", square(99, 0, 60), bays_total=40, **surface)
    add(project, "parking_lot", square(199, 0, 60), bays_total=9, bays_access=0, **surface)
    add(project, "parking_lot", square(299, 0, 60), bays_total=40, bays_access=0, lot_type="路内")
    return set()


def lot_of_a_market(project: Project) -> set[str | None]:
    return {
        add(project, "parking_lot", square(0, 0, 60), use_changed=True),
        add(project, "parking_lot", square(99, 0, 60), idle_underground=True, bays_total=40),
    }


def lot_in_use(project: Project) -> set[str | None]:
    add(project, "parking_lot", square(0, 0, 60), use_changed=False, idle_underground=False)
    add(project, "parking_lot", square(99, 0, 60))
    return set()


# -- parks -----------------------------------------------------------------------------------------


def park_of_103_m2(project: Project) -> set[str | None]:
    return {add(project, "park", square(0, 0, 100), area_m2=10_101.0)}


def park_of_101_m2(project: Project) -> set[str | None]:
    add(project, "park", square(0, 0, 100), area_m2=10_100.0)
    add(project, "park", square(200, 0, 100))
    add(project, "park", None, area_m2=5.0)
    return set()


def large_park_alone(project: Project) -> set[str | None]:
    add(project, "toilet", at(ALONE + 200, 2_251))
    return {add(project, "park", square(ALONE, 2_000, 200))}


def large_park_with_toilet(project: Project) -> set[str | None]:
    add(project, "toilet", at(200, 249))
    add(project, "park", square(0, 0, 200))
    add(project, "park", square(900, 0, 100))
    return set()


def parks_that_overlap(project: Project) -> set[str | None]:
    return {
        add(project, "park", square(0, 0, 100), park_name="示例公园"),
        add(project, "park", square(99, 0, 100)),
    }


def parks_that_touch(project: Project) -> set[str | None]:
    add(project, "park", square(0, 0, 100))
    add(project, "park", square(100, 0, 100))
    add(project, "park", shapely.MultiPolygon([BOW_TIE]))
    return set()


def park_of_nobody(project: Project) -> set[str | None]:
    return {
        add(project, "park", square(0, 0, 100)),
        add(project, "park", square(200, 0, 100), supervisor_name="园林局"),
    }


def park_of_somebody(project: Project) -> set[str | None]:
    add(project, "park", square(0, 0, 9), supervisor_name="园林局", maintainer_name="园林局")
    both = "supervisor_name maintainer_name"
    add(project, "park", square(20, 0, 9), unknown_fields=both)
    return set()


def dead_trees(project: Project) -> set[str | None]:
    return {add(project, "park", square(0, 0, 9), dead_trees=3)}


def dead_trees_with_date(project: Project) -> set[str | None]:
    add(project, "park", square(0, 0, 9), dead_trees=3, replant_due="2027-04-30")
    add(project, "park", square(20, 0, 9), dead_trees=0, missing_trees=0)
    add(project, "park", square(40, 0, 9))
    return set()


def small_parks(project: Project) -> set[str | None]:
    return {
        add(project, "park", square(0, 0, 70), park_class="G12"),
        add(project, "park", square(200, 0, 100), park_class="G14", green_area_m2=6_400.0),
    }


def parks_of_their_class(project: Project) -> set[str | None]:
    add(project, "park", square(0, 0, 71), park_class="G12")
    add(project, "park", square(200, 0, 100), park_class="G14", green_area_m2=6_500.0)
    add(project, "park", square(400, 0, 9), park_class="G2", green_area_m2=1.0)
    add(project, "park", None, park_class="G12")
    return set()


def park_greener_than_itself(project: Project) -> set[str | None]:
    facts: dict[str, Value] = {"green_area_m2": 9_000.0, "water_area_m2": 1_101.0}
    return {add(project, "park", square(0, 0, 100), **facts)}


def park_as_green_as_itself(project: Project) -> set[str | None]:
    facts: dict[str, Value] = {"green_area_m2": 9_000.0, "water_area_m2": 1_100.0}
    add(project, "park", square(0, 0, 100), **facts)
    add(project, "park", None, green_area_m2=1.0)
    return set()


def built_up(project: Project) -> None:
    add(project, "boundary", area(0, 0, 1000, 1000), boundary_name="示例", level="建成区")


def built_up_without_park(project: Project) -> set[str | None]:
    built_up(project)
    add(project, "park", square(0, 0, 100), park_class="G12")
    return {None}


def built_up_with_park(project: Project) -> set[str | None]:
    built_up(project)
    add(project, "park", square(450, 450, 100), park_class="G12")
    return set()


# -- bikes -----------------------------------------------------------------------------------------


def bike_area(project: Project) -> None:
    add(project, "service_area", area(0, 0, 400, 400), area_name="示例", purpose="共享单车")


def bike_in_the_fields(project: Project) -> set[str | None]:
    bike_area(project)
    return {add(project, "bike_station", at(-2, 50))}


def bike_in_its_area(project: Project) -> set[str | None]:
    bike_area(project)
    add(project, "bike_station", at(-0.5, 50))
    add(project, "bike_station", at(50, 50))
    add(project, "bike_station", None)
    return set()


def stations_in_a_heap(project: Project) -> set[str | None]:
    return {
        add(project, "bike_station", at(), station_no="DC1"),
        add(project, "bike_station", at(29)),
    }


def stations_apart(project: Project) -> set[str | None]:
    add(project, "bike_station", at())
    add(project, "bike_station", at(30))
    add(project, "bike_station", at(30))
    add(project, "bike_station", at(15), in_service=False)
    return set()


def station_for_thousands(project: Project) -> set[str | None]:
    return {add(project, "bike_station", at(), capacity=5000, area_m2=20.0)}


def station_for_twenty(project: Project) -> set[str | None]:
    add(project, "bike_station", at(), capacity=40, area_m2=20.0)
    add(project, "bike_station", at(50), capacity=4, area_m2=20.0)
    add(project, "bike_station", at(99), capacity=0, area_m2=20.0)
    add(project, "bike_station", at(150), capacity=20)
    return set()


def bike_area_half_served(project: Project) -> set[str | None]:
    bike_area(project)
    add(project, "bike_station", at(0, 200))
    return {None}


def bike_area_served(project: Project) -> set[str | None]:
    bike_area(project)
    for place in ((100, 100), (100, 300), (300, 100), (300, 300)):
        add(project, "bike_station", at(*place))
    return set()


EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    "parking.bay_count": (lot_of_three, lot_of_two),
    "parking.bay_size": (short_bay, bays_of_size),
    "parking.area_per_bay": (crowded_lot, lots_of_usual_size),
    "parking.bay_overlap": (bays_on_bays, bays_side_by_side),
    "parking.bay_on_road": (bay_in_the_street, bay_at_the_kerb),
    "parking.near_junction": (bay_at_the_corner, bay_that_the_police_marked),
    "parking.accessible_share": (lot_without_accessible_bay, lots_with_accessible_bays),
    "parking.idle_or_changed": (lot_of_a_market, lot_in_use),
    "park.area_differs": (park_of_103_m2, park_of_101_m2),
    "park.no_toilet": (large_park_alone, large_park_with_toilet),
    "park.overlap": (parks_that_overlap, parks_that_touch),
    "park.unattended": (park_of_nobody, park_of_somebody),
    "park.trees_without_date": (dead_trees, dead_trees_with_date),
    "park.class_area": (small_parks, parks_of_their_class),
    "park.green_exceeds": (park_greener_than_itself, park_as_green_as_itself),
    "park.coverage": (built_up_without_park, built_up_with_park),
    "bike.outside_area": (bike_in_the_fields, bike_in_its_area),
    "bike.too_close": (stations_in_a_heap, stations_apart),
    "bike.capacity": (station_for_thousands, station_for_twenty),
    "bike.coverage": (bike_area_half_served, bike_area_served),
}
