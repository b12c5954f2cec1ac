"""Examples for ids, units, dates, duplicates, shapes and grids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import shapely

from hjgis.layers.project import Project
from tests.unit.checks.faults import STRAIGHT, Example, X, Y, add, at, foreign, line, square

GRID = "150826100001001"


def ids_of_no_form(project: Project) -> set[str | None]:
    return {
        add(project, "toilet", at(), component_id="1508260300100001x"),
        add(project, "toilet", at(20), component_id="150826"),
        add(project, "toilet", at(40), component_id="11010103001000001"),
        add(project, "toilet", at(60), component_id="15082601037000001"),
        add(project, "toilet", at(80), component_id="15082603001000000"),
        add(project, "manhole", at(), component_id="15082601003000001", cover_kind="污水井盖"),
    }


def ids_of_both_forms(project: Project) -> set[str | None]:
    add(project, "toilet", at(), component_id="15082603001000001")
    add(project, "toilet", at(20), component_id="1508260301000002")
    add(project, "toilet", at(40))
    add(project, "manhole", at(), component_id="15082601002000001", cover_kind="污水井盖")
    add(project, "manhole", at(5), component_id="15082601002000002")
    return set()


def id_of_sixteen(project: Project) -> set[str | None]:
    return {add(project, "toilet", at(), component_id="1508260301000002")}


def id_of_seventeen(project: Project) -> set[str | None]:
    add(project, "toilet", at(), component_id="15082603001000001")
    return set()


def id_of_an_example(project: Project) -> set[str | None]:
    return {add(project, "toilet", at(), component_id="15082603001900000")}


def id_below_the_examples(project: Project) -> set[str | None]:
    add(project, "toilet", at(), component_id="15082603001899999")
    return set()


def one_serial_in_two_forms(project: Project) -> set[str | None]:
    add(project, "toilet", at(), component_id="15082603001000007")
    return {add(project, "toilet", at(20), component_id="1508260301000007")}


def two_serials_in_two_forms(project: Project) -> set[str | None]:
    add(project, "toilet", at(), component_id="15082603001000007")
    add(project, "toilet", at(20), component_id="1508260301000008")
    return set()


def former_id_of_another(project: Project) -> set[str | None]:
    add(project, "manhole", at(), component_id="15082601002000001")
    ids = {"component_id": "15082603001000001", "former_ids": "x 15082601002000001"}
    return {add(project, "toilet", at(), **ids)}


def former_id_of_its_own(project: Project) -> set[str | None]:
    ids = {"component_id": "15082603001000001", "former_ids": "15082603001000001"}
    add(project, "toilet", at(), **ids)
    return set()


def unit_by_its_long_name(project: Project) -> set[str | None]:
    return {
        add(project, "manhole", at(), responsible_unit="住房和城乡建设局"),
        add(project, "manhole", at(5), managing_unit="供电分局 "),
        add(project, "park", square(0, 0, 50), supervisor_name="旗住建局"),
    }


def unit_by_its_name(project: Project) -> set[str | None]:
    units = {"responsible_unit": "住建局", "managing_unit": "示例公司"}
    add(project, "manhole", at(), **units)
    return set()


def unit_of_no_list(project: Project) -> set[str | None]:
    first = add(project, "manhole", at(), responsible_unit="某某公司")
    add(project, "manhole", at(5), responsible_unit="某某公司")
    return {first}


def unit_of_the_list(project: Project) -> set[str | None]:
    add(project, "manhole", at(), responsible_unit="住建局", managing_unit="中国移动")
    return set()


def code_of_two_units(project: Project) -> set[str | None]:
    same = "SYN150826ZJJ000001"
    for number in range(2):
        add(project, "toilet", at(20 * number), supervisor_code=same, supervisor_name="住建局")
    return {add(project, "manhole", at(), supervisor_code=same, supervisor_name="园林局")}


def code_of_one_unit(project: Project) -> set[str | None]:
    same = "SYN150826ZJJ000001"
    add(project, "toilet", at(), supervisor_code=same, supervisor_name="住建局")
    add(project, "manhole", at(), supervisor_code=same, owner_name="园林局")
    return set()


def impossible_dates(project: Project) -> set[str | None]:
    thirtieth = add(project, "toilet", at())
    foreign(project, "UPDATE toilet SET initial_date = '2020-02-30'")
    return {thirtieth, add(project, "toilet", at(20), initial_date="1899-12-30")}


def possible_dates(project: Project) -> set[str | None]:
    add(project, "toilet", at(), initial_date="2020-02-29")
    add(project, "toilet", at(20))
    return set()


def made_tomorrow(project: Project) -> set[str | None]:
    day = dt.date.today() + dt.timedelta(days=1)
    return {
        add(project, "toilet", at(), initial_date=day.isoformat()),
        add(project, "pipe_line", line(*STRAIGHT), laid_year=day.year + 1),
    }


def made_today(project: Project) -> set[str | None]:
    day = dt.date.today()
    planned = {"next_inspect_date": (day + dt.timedelta(days=30)).isoformat()}
    add(project, "toilet", at(), initial_date=day.isoformat(), **planned)
    add(project, "pipe_line", line(*STRAIGHT), laid_year=day.year)
    return set()


def changed_before_it_began(project: Project) -> set[str | None]:
    dates = {"initial_date": "2020-06-15", "change_date": "2020-06-14"}
    laid = {"laid_year": 2021, "survey_date": "2020-12-31"}
    return {
        add(project, "toilet", at(), **dates),
        add(project, "pipe_line", line(*STRAIGHT), **laid),
    }


def changed_when_it_began(project: Project) -> set[str | None]:
    add(project, "toilet", at(), initial_date="2020-06-15", change_date="2020-06-15")
    add(project, "toilet", at(20), change_date="2020-06-15")
    add(project, "pipe_line", line(*STRAIGHT), laid_year=2020, survey_date="2020-01-01")
    return set()


def lamps_too_near(project: Project) -> set[str | None]:
    add(project, "street_lamp", at(50))
    return {add(project, "street_lamp", at()), add(project, "street_lamp", at(0.6, 0.7))}


def lamps_far_enough(project: Project) -> set[str | None]:
    add(project, "street_lamp", at())
    add(project, "street_lamp", at(1.01))
    add(project, "street_lamp", at())
    return set()


def toilets_of_one_name(project: Project) -> set[str | None]:
    add(project, "toilet", at(500), component_name="迎宾公厕")
    return {add(project, "toilet", at(place), component_name="迎宾公厕") for place in (0, 100)}


def toilets_of_two_names(project: Project) -> set[str | None]:
    add(project, "toilet", at(), component_name="迎宾公厕")
    add(project, "toilet", at(100), component_name="迎宾东公厕")
    add(project, "toilet", at(300), component_name="迎宾公厕")
    for _number in range(2):
        add(project, "toilet", at(900))
    return set()


def vertex_twice(project: Project) -> set[str | None]:
    return {add(project, "pipe_line", line((0, 0), (20, 0), (20, 0), (50, 0)))}


def vertices_once(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (20, 0), (50, 0)))
    add(project, "parking_bay", square(0, 0, 5))
    return set()


def three_centimetres(project: Project) -> set[str | None]:
    return {add(project, "pipe_line", line((0, 0), (20, 0), (20.03, 0), (50, 0)))}


def five_centimetres(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (20, 0), (20.051, 0), (50, 0)))
    return set()


def there_and_back(project: Project) -> set[str | None]:
    ring = [(X, Y), (X + 20, Y), (X + 20, Y + 20), (X + 10, Y + 20), (X + 9.9, Y + 60),
            (X + 9.8, Y + 20), (X, Y + 20)]  # fmt: skip
    return {
        add(project, "pipe_line", line((0, 0), (20, 0), (5, 0.5))),
        add(project, "park", shapely.Polygon(ring)),
        add(project, "park", shapely.Polygon([*ring[4:], *ring[:4]])),
    }


def around_the_corner(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (20, 0), (5, 2)))
    add(project, "park", square(0, 0, 50))
    return set()


def loop(project: Project) -> set[str | None]:
    return {add(project, "pipe_line", line((0, 0), (20, 0), (20, 10), (10, -10)))}


def no_loop(project: Project) -> set[str | None]:
    add(project, "pipe_line", line((0, 0), (20, 0), (20, 10), (10, 10)))
    crossing = [line((0, 0), (50, 0)), line((20, -20), (20, 20))]
    add(project, "road", shapely.MultiLineString(crossing))
    return set()


def narrow_strip(project: Project) -> set[str | None]:
    return {add(project, "park", shapely.box(X, Y, X + 50, Y + 0.2))}


def narrow_park(project: Project) -> set[str | None]:
    add(project, "park", shapely.box(X, Y, X + 500, Y + 3))
    return set()


def road_in_two_parts(project: Project) -> set[str | None]:
    parts = shapely.MultiLineString([line((0, 0), (50, 0)), line((50, 0), (90, 0))])
    return {add(project, "road", parts)}


def road_with_a_gap(project: Project) -> set[str | None]:
    parts = shapely.MultiLineString([line((0, 0), (50, 0)), line((51, 0), (90, 0))])
    add(project, "road", parts)
    return set()


def heights_of_elsewhere(project: Project) -> set[str | None]:
    add(project, "manhole", shapely.Point(X, Y, 1040.0))
    return {
        add(project, "manhole", shapely.Point(X + 5, Y, 0.0)),
        add(project, "manhole", shapely.Point(X + 9, Y, 45.0)),
    }


def heights_of_here(project: Project) -> set[str | None]:
    add(project, "manhole", shapely.Point(X, Y, 1040.0))
    add(project, "manhole", at(9))
    add(project, "street_lamp", shapely.Point(X, Y, 0.0))
    return set()


def grids_of_no_form(project: Project) -> set[str | None]:
    return {
        add(project, "grid", square(0, 0, 100), grid_id="15082610000100"[:12]),
        add(project, "grid", square(200, 0, 100), grid_id="110101100001001"),
        add(project, "grid", square(400, 0, 100), grid_id=GRID, community_code="150826100002"),
    }


def grids_of_both_forms(project: Project) -> set[str | None]:
    add(project, "grid", square(0, 0, 100), grid_id=GRID, community_code="150826100001")
    add(project, "grid", square(200, 0, 100), grid_id="15082610000101", community_code="07")
    return set()


def grids_of_one_code(project: Project) -> set[str | None]:
    return {add(project, "grid", square(east, 0, 100), grid_id=GRID) for east in (0, 100)}


def grids_of_two_codes(project: Project) -> set[str | None]:
    add(project, "grid", square(0, 0, 100), grid_id=GRID)
    add(project, "grid", square(100, 0, 100), grid_id="150826100001002")
    return set()


def grids_over_one_another(project: Project) -> set[str | None]:
    return {add(project, "grid", square(east, 0, 100)) for east in (0, 99.9)}


def grids_side_by_side(project: Project) -> set[str | None]:
    add(project, "grid", square(0, 0, 100))
    add(project, "grid", square(99.995, 0, 100))
    return set()


def _grids_around(project: Project, hole_m: float) -> list[str]:
    # Far from the grids of other examples, which would fill the hole.
    x, y = X + 3000, Y
    hole = shapely.box(x + 50, y + 50, x + 50 + hole_m, y + 50 + hole_m)
    left = shapely.box(x, y, x + 50, y + 100)
    right = shapely.box(x + 50, y, x + 100, y + 100).difference(hole)
    grids = [(left, "150826100001021"), (right, "150826100001022")]
    return [add(project, "grid", shape, grid_id=code) for shape, code in grids]


def grids_with_a_hole(project: Project) -> set[str | None]:
    # Of both grids beside it, the one that comes first.
    return {_grids_around(project, 5)[0]}


def grids_without(project: Project) -> set[str | None]:
    _grids_around(project, 0.5)
    return set()


def toilet_of_no_grid(project: Project) -> set[str | None]:
    add(project, "grid", square(0, 0, 100), grid_id=GRID)
    return {add(project, "toilet", at(5, 5), grid_id="150826100001009")}


def toilet_of_a_grid(project: Project) -> set[str | None]:
    add(project, "grid", square(0, 0, 100), grid_id=GRID)
    add(project, "toilet", at(5, 5), grid_id=GRID)
    add(project, "toilet", at(25, 5))
    return set()


def toilet_of_another_grid(project: Project) -> set[str | None]:
    add(project, "grid", square(0, 0, 100), grid_id=GRID)
    return {add(project, "toilet", at(101.1, 5), grid_id=GRID)}


def toilet_on_the_edge(project: Project) -> set[str | None]:
    add(project, "grid", square(0, 0, 100), grid_id=GRID)
    add(project, "toilet", at(100.9, 5), grid_id=GRID)
    return set()


EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    "identity.component_id_form": (ids_of_no_form, ids_of_both_forms),
    "identity.component_id_old": (id_of_sixteen, id_of_seventeen),
    "identity.component_id_reserved": (id_of_an_example, id_below_the_examples),
    "identity.serial_duplicate": (one_serial_in_two_forms, two_serials_in_two_forms),
    "identity.former_id_in_use": (former_id_of_another, former_id_of_its_own),
    "unit.other_name": (unit_by_its_long_name, unit_by_its_name),
    "unit.not_listed": (unit_of_no_list, unit_of_the_list),
    "unit.code_of_two": (code_of_two_units, code_of_one_unit),
    "date.impossible": (impossible_dates, possible_dates),
    "date.in_future": (made_tomorrow, made_today),
    "date.reversed": (changed_before_it_began, changed_when_it_began),
    "duplicate.near": (lamps_too_near, lamps_far_enough),
    "duplicate.same_name": (toilets_of_one_name, toilets_of_two_names),
    "shape.repeated_vertex": (vertex_twice, vertices_once),
    "shape.short_segment": (three_centimetres, five_centimetres),
    "shape.spike": (there_and_back, around_the_corner),
    "shape.self_crossing": (loop, no_loop),
    "shape.sliver": (narrow_strip, narrow_park),
    "shape.parts_touch": (road_in_two_parts, road_with_a_gap),
    "shape.height": (heights_of_elsewhere, heights_of_here),
    "grid.id_form": (grids_of_no_form, grids_of_both_forms),
    "grid.id_duplicate": (grids_of_one_code, grids_of_two_codes),
    "grid.overlap": (grids_over_one_another, grids_side_by_side),
    "grid.gap": (grids_with_a_hole, grids_without),
    "asset.grid_unknown": (toilet_of_no_grid, toilet_of_a_grid),
    "asset.grid_elsewhere": (toilet_of_another_grid, toilet_on_the_edge),
}
