"""Examples for what is probably missing; far from one another, as they look at all around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import shapely

from hjgis.layers.project import Project
from tests.unit.checks.faults import Example, add, at, line, square


def _road(project: Project, name: str, north_m: float, length_m: float = 400.0) -> str:
    way = shapely.MultiLineString([line((0, north_m), (length_m, north_m))])
    return add(project, "road", way, road_name=name)


def _lamps(project: Project, places: Sequence[float]) -> list[str]:
    _road(project, "示例灯街", -4000)
    return [
        add(project, "street_lamp", at(east, -3992), road_name="示例灯街", pole_no=f"D{east:.0f}")
        for east in places
    ]


def row_with_a_lamp_missing(project: Project) -> set[str | None]:
    return {_lamps(project, [0, 30, 60, 90, 150, 180, 210])[3]}


def row_of_lamps(project: Project) -> set[str | None]:
    # A gap of one time and a half, and no more.
    _lamps(project, [0, 30, 60, 90, 135, 165, 195])
    return set()


def long_drain(project: Project) -> set[str | None]:
    facts = {"kind": "WS", "diameter_mm": 400, "start_no": "WS1", "end_no": "WS2"}
    for number in range(5):
        way = line((0, -5000 - 5 * number), (40, -5000 - 5 * number))
        add(project, "pipe_line", way, kind="WS", diameter_mm=300)
    return {add(project, "pipe_line", line((0, -5100), (114, -5100)), **facts)}


def drain_of_usual_length(project: Project) -> set[str | None]:
    for number, length in enumerate((40, 40, 40, 112)):
        way = line((0, -5000 - 5 * number), (length, -5000 - 5 * number))
        add(project, "pipe_line", way, kind="WS", diameter_mm=400)
    add(project, "pipe_line", line((0, -5100), (300, -5100)), kind="WS")
    add(project, "pipe_line", line((0, -5200), (300, -5200)), kind="JP", diameter_mm=400)
    return set()


def pipes_with_a_gap(project: Project) -> set[str | None]:
    return {
        add(project, "pipe_line", line((0, -6000), (30, -6000)), kind="JP", end_no="JP2"),
        add(project, "pipe_line", line((40, -6000), (70, -6000)), kind="JP", start_no="JP3"),
    }


def pipes_side_by_side(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, -6000), (30, -6000)), kind="JP")
    add(project, "pipe_line", line((30, -6000), (60, -6000)), kind="JP")
    add(project, "pipe_line", line((20, -6010), (40, -6010)), kind="JP")
    add(project, "pipe_line", line((70, -6000), (90, -6000)), kind="MQ")
    end = add(project, "pipe_point", at(60, -6200), feature="盖堵")
    add(project, "pipe_line", line((30, -6200), (60, -6200)), kind="JP", to_node=end)
    return set()


def dry_street(project: Project) -> set[str | None]:
    # Inside the town of another example, which is all that is looked at if it is drawn.
    add(project, "pipe_line", line((0, 7000), (40, 7000)), kind="YS")
    return {_road(project, "示例旱街", 7100)}


def drained_streets(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 7000), (40, 7000)), kind="YS")
    _road(project, "示例街", 7014)
    _road(project, "示例巷", 7100, length_m=90)
    _road(project, "示例村道", 7500)
    add(project, "road", shapely.MultiLineString([line((0, 7060), (200, 7060))]), road_class="公路")
    return set()


def town_of_one_toilet(project: Project) -> set[str | None]:
    area = shapely.MultiPolygon([square(0, 6000, 1200)])
    add(project, "boundary", area, boundary_name="示例建成区", level="建成区")
    add(project, "street_lamp", at())
    return {add(project, "toilet", at(100, 6100))}


def town_within_reach(project: Project) -> set[str | None]:
    area = shapely.MultiPolygon([square(0, 6000, 400)])
    add(project, "boundary", area, boundary_name="示例建成区", level="建成区")
    add(project, "toilet", at(200, 6200))
    return set()


def _nine_grids(project: Project, in_the_middle: int) -> str:
    """Three by three grids with a street through each row, and lamps along it."""
    middle = ""
    for row in range(3):
        north = -9000 + 100.0 * row
        way = line((0, north + 50), (300, north + 50))
        add(project, "road", shapely.MultiLineString([way]), road_name=f"示例{row}巷")
        for column in range(3):
            code = f"15082610000{row}{column:03d}1"[:15]
            uuid = add(project, "grid", square(100.0 * column, north, 100), grid_id=code)
            own = row == column == 1
            middle = uuid if own else middle
            for lamp in range(in_the_middle if own else 9):
                add(project, "manhole", at(100 * column + 25 + 6.0 * lamp, north + 50))
    return middle


def grid_without_manholes(project: Project) -> set[str | None]:
    return {_nine_grids(project, 0)}


def grid_with_some_manholes(project: Project) -> set[str | None]:
    _nine_grids(project, 5)
    return set()


EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    "visit.lamp_gap": (row_with_a_lamp_missing, row_of_lamps),
    "visit.manhole_gap": (long_drain, drain_of_usual_length),
    "visit.pipe_end": (pipes_with_a_gap, pipes_side_by_side),
    "visit.street_without_drain": (dry_street, drained_streets),
    "visit.toilet_far": (town_of_one_toilet, town_within_reach),
    "visit.grid_sparse": (grid_without_manholes, grid_with_some_manholes),
}
