from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import shapely

from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.report import ImportReport
from hjgis.layers.project import Project
from tests.network import PLACES, build

Make = Callable[..., Path]
LINE = shapely.LineString([PLACES["A"], PLACES["B"]])


def ends(project: Project, report: ImportReport) -> tuple[object, object]:
    table = project.table("pipe_line", ["from_node", "to_node"])
    return table.columns["from_node"][-1], table.columns["to_node"][-1]


def said(report: ImportReport) -> list[tuple[str | None, str]]:
    return [(p.field, p.message) for p in report.problems if p.kind == "unresolved-node"]


def test_ends_are_found_by_the_numbers_they_name(project: Project, geojson: Make) -> None:
    keys = build(project)
    away = shapely.LineString([(428_500, 4_528_500), (428_600, 4_528_500)])
    source = geojson([(away, {"start_no": "C", "end_no": "A"})])
    report = carry_out(project, plan_import(project, source, to="pipe_line"))
    assert ends(project, report) == (keys["C"].uuid, keys["A"].uuid)
    assert said(report) == []


def test_unknown_blank_and_repeated_numbers_leave_an_end_open(
    project: Project, geojson: Make
) -> None:
    build(project)
    again = geojson([(shapely.Point(428_900, 4_528_900), {"exp_no": "A"})], name="again")
    carry_out(project, plan_import(project, again, to="manhole"))
    rows = [{"start_no": "A", "end_no": "Z"}, {"start_no": None, "end_no": "B"}]
    beside = shapely.transform(LINE, lambda xy: xy + 0.5)
    source = geojson([(beside, row) for row in rows])
    report = carry_out(project, plan_import(project, source, to="pipe_line"))
    fields = sorted((field, message.split()[-1]) for field, message in said(report))
    assert [field for field, _ in fields] == ["end_no", "start_no", "start_no"]
    assert any("2 times" in message for _, message in said(report))
    assert any("Z is unknown" in message for _, message in said(report))
    table = project.table("pipe_line", ["from_node", "to_node"])
    assert [value is None for value in table.columns["from_node"][-2:]] == [True, True]
    assert [value is None for value in table.columns["to_node"][-2:]] == [True, False]


def test_without_numbers_ends_are_found_by_where_they_lie(project: Project, geojson: Make) -> None:
    keys = build(project)
    near = shapely.LineString([(PLACES["A"][0] + 0.008, PLACES["A"][1]), (428_030.02, 4_528_000)])
    report = carry_out(project, plan_import(project, geojson([(near, {})]), to="pipe_line"))
    assert ends(project, report) == (keys["A"].uuid, None)


def test_a_node_that_the_source_names_is_kept_only_if_it_is_there(
    project: Project, geojson: Make
) -> None:
    keys = build(project)
    rows = [
        (LINE, {"from_node": keys["B"].uuid, "to_node": keys["C"].uuid}),
        (LINE, {"from_node": keys["B"].uuid, "to_node": "01890000-0000-7000-8000-0000000000ff"}),
    ]
    report = carry_out(project, plan_import(project, geojson(rows), to="pipe_line"))
    assert ends(project, report) == (keys["B"].uuid, None)
    assert [field for field, _ in said(report)] == ["to_node"]


def test_an_import_into_a_project_without_nodes_stays_unconnected(
    project: Project, geojson: Make
) -> None:
    report = carry_out(project, plan_import(project, geojson([(LINE, {})]), to="pipe_line"))
    assert ends(project, report) == (None, None)
