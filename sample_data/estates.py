"""Old compounds, building sites and hazards of the invented town: tasks with few features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from sample_data import streets as st
from sample_data.frame import STATE, SUPERVISOR, Cells, Layer

# Blocks with neither park nor square; (column, row) as in facilities.
_COMPOUNDS = ((1, 2), (3, 2), (5, 2), (1, 4), (3, 4), (7, 4), (1, 7), (3, 7), (7, 7))
_SITES = ((6, 3), (2, 8), (6, 9))
# 407 households and 38 000 m2 in nine compounds: task 17 of the notice.
_HOUSEHOLDS = (45, 45, 45, 45, 45, 45, 45, 45, 47)
_FLOOR_M2 = (4200.0, 4200.0, 4200.0, 4200.0, 4200.0, 4200.0, 4200.0, 4200.0, 4400.0)
_HAZARDS = (
    ("地下管线", "一般", "示例阀门锈蚀", "2020-03-02", "2020-03-31", "2020-03-20"),
    ("道路桥梁", "一般", "示例路面沉陷", "2020-03-09", "2020-04-10", "2020-04-02"),
    ("公园广场", "一般", "示例护栏松动", "2020-04-13", "2020-05-15", "2020-05-08"),
    ("排水防涝", "重大", "示例低洼处积水", "2020-04-20", "2020-06-10", "2020-06-05"),
)


def layers(grid: np.ndarray, cells: Cells, taken: shapely.Geometry) -> list[Layer]:
    """Return compounds, sites and hazards; none lies on a street or on `taken`."""
    free = taken.union(st.street_land(grid)).buffer(4)
    return [_compounds(grid, cells, free), _sites(grid, cells, free), _hazards(grid, cells)]


def _plots(
    grid: np.ndarray, blocks: tuple[tuple[int, int], ...], side_m: float, not_on: shapely.Geometry
) -> Iterator[tuple[int, shapely.MultiPolygon, str]]:
    for number, (column, row) in enumerate(blocks, start=1):
        block = st.block(grid, column, row, columns=1, rows=1).difference(not_on)
        best = max(shapely.get_parts(block), key=shapely.area)
        inside = best.buffer(-side_m / 4)
        middle = shapely.get_parts(inside if not inside.is_empty else best)[0]
        x, y = shapely.get_coordinates(middle.representative_point())[0]
        half = side_m / 2
        plot = shapely.box(x - half, y - half, x + half, y + half).intersection(best)
        shape = shapely.set_precision(shapely.multipolygons([shapely.get_parts(plot)[0]]), 0.001)
        yield number, shapely.multipolygons(shapely.get_parts(shape)), f"{number:02d}"


def _compounds(grid: np.ndarray, cells: Cells, not_on: shapely.Geometry) -> Layer:
    layer = Layer("compound")
    for number, shape, name in _plots(grid, _COMPOUNDS, 80.0, not_on):
        place = shape.representative_point()
        layer.add(
            name,
            shape,
            compound_no=f"150826-XQ-{number:03d}",
            compound_name=f"示例小区{name}",
            plan_year=2020,
            households=_HOUSEHOLDS[number - 1],
            building_count=2,
            floor_area_m2=_FLOOR_M2[number - 1],
            built_year=1994 + number % 5,
            renewal_status="完成",
            pipes_renewed=True,
            property_firm="示例物业公司",
            filing_no=f"示例备案{name}",
            rating="合格",
            fire_lane_clear=True,
            supervisor_name=SUPERVISOR["supervisor_name"],
            grid_id=cells.at(place.x, place.y),
            **STATE,
        )
    return layer


def _sites(grid: np.ndarray, cells: Cells, not_on: shapely.Geometry) -> Layer:
    layer = Layer("site")
    six = ("hoarded", "covered", "washed", "hardened", "wet_work", "sealed_transport")
    for _number, shape, name in _plots(grid, _SITES, 70.0, not_on):
        place = shape.representative_point()
        layer.add(
            name,
            shape,
            site_name=f"示例工程{name}",
            builder="示例建筑公司",
            developer="示例开发公司",
            **dict.fromkeys(six, True),
            start_date="2020-03-15",
            supervisor_name=SUPERVISOR["supervisor_name"],
            grid_id=cells.at(place.x, place.y),
            **STATE,
        )
    return layer


def _hazards(grid: np.ndarray, cells: Cells) -> Layer:
    layer = Layer("hazard")
    for number, (kind, grade, words, found, due, closed) in enumerate(_HAZARDS, start=1):
        place = st.block(grid, number, number, columns=1, rows=1).representative_point()
        place = shapely.set_precision(place, 0.001)
        layer.add(
            number,
            place,
            hazard_no=f"示例隐患{number:02d}",
            hazard_type=kind,
            hazard_grade=grade,
            description=words,
            found_date=found,
            due_date=due,
            closed_date=closed,
            responsible_unit="住建局",
            asset_ref=f"示例部件{number:02d}",
            supervisor_name=SUPERVISOR["supervisor_name"],
            grid_id=cells.at(place.x, place.y),
            **STATE,
        )
    return layer
