from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fiona
import pytest
import shapely

from hjgis.exchange.coordinates import with_heights
from hjgis.exchange.differences import KINDS, Update
from hjgis.exchange.importing import ImportPlan, carry_out, plan_import
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.changes import FeatureKey
from tests.exported import export
from tests.network import build

Make = Callable[..., Path]
X, Y = 428_500.0, 4_528_500.0


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Project]:
    path = tmp_path / "sample.gpkg"
    create_sample(path, clean=False)
    with Project.open(path, operator="tester") as project:
        yield project


def counts(update: Update) -> dict[str, int]:
    return {kind: len(update.of_kind(kind)) for kind in KINDS}


def edited(source: Path, edit: Callable[[list[Any]], list[Any]]) -> Path:
    """Write a copy of a shapefile as a contractor would send it back."""
    target = source.parent / "back" / source.name
    target.parent.mkdir()
    with fiona.open(source, encoding="gbk") as file:
        records = [fiona.model.to_dict(record) for record in file]
        options = {"driver": "ESRI Shapefile", "schema": file.schema, "crs_wkt": file.crs_wkt}
    with fiona.open(target, "w", encoding="gbk", **options) as file:
        file.writerecords(edit(records))
    return target


def test_a_returned_shapefile_previews_exactly_what_was_changed_in_it(
    town: Project, tmp_path: Path
) -> None:
    export(town, tmp_path / "out", format="shp", layers=["manhole"])
    source = next((tmp_path / "out").rglob("manhole.shp"))
    uuids: dict[str, list[str]] = {"values": [], "moved": [], "gone": []}

    def edit(records: list[Any]) -> list[Any]:
        for record in records[10:30]:
            record["properties"]["BZ"] = "承包商改过"
            uuids["values"].append(record["properties"]["UUID"])
        for record in records[40:43]:
            x, y = record["geometry"]["coordinates"][:2]
            record["geometry"] = {"type": "Point", "coordinates": (x + 3.0, y + 4.0)}
            uuids["moved"].append(record["properties"]["UUID"])
        new = [{**record, "properties": {**record["properties"]}} for record in records[50:52]]
        for number, record in enumerate(new):
            record["properties"] |= {"UUID": None, "GLBJBSM": None, "WTDH": f"NEW{number}"}
            record["geometry"] = {"type": "Point", "coordinates": (X + 900 + number, Y + 900)}
        uuids["gone"].append(records[60]["properties"]["UUID"])
        return [*records[:60], *records[61:], *new]

    plan = plan_import(town, edited(source, edit), to="manhole")
    found = plan.update.differences
    assert counts(plan.update) == {"new": 2, "changed": 23, "missing": 1}
    by_values = [entry for entry in found if entry.kind == "changed" and entry.values]
    assert [entry.key.uuid for entry in by_values if entry.key] == uuids["values"]
    assert all(list(entry.values) == ["remarks"] for entry in by_values)
    assert {entry.values["remarks"][1] for entry in by_values} == {"承包商改过"}
    moved = [entry for entry in found if entry.moved_m is not None]
    assert [entry.key.uuid for entry in moved if entry.key] == uuids["moved"]
    assert [entry.moved_m for entry in moved] == pytest.approx([5.0] * 3)
    assert [e.key.uuid for e in found if e.kind == "missing" and e.key] == uuids["gone"]
    assert sorted(entry.title for entry in found if entry.kind == "new") == ["NEW0", "NEW1"]

    start = town.content_sha256()
    town.session.apply(plan.update.accept(range(len(found))))
    again = plan_import(town, source.parent / "back" / source.name, to="manhole")
    assert counts(again.update) == {"new": 0, "changed": 0, "missing": 0}
    for uuid in uuids["moved"]:
        key = FeatureKey("manhole", uuid)
        for line in town.lines_ending_at(uuid):
            ends = (shapely.get_point(line.geometry, 0), shapely.get_point(line.geometry, -1))
            node = shapely.force_2d(town.get(key).geometry)
            assert min(shapely.distance(node, shapely.force_2d(ends))) == 0
    town.session.undo()
    assert town.content_sha256() == start


def test_one_difference_can_be_taken_and_the_rest_left(project: Project, geojson: Make) -> None:
    rows = [(shapely.Point(X + 10 * n, Y), {"WTDH": f"P{n}", "remarks": "a"}) for n in range(4)]
    carry_out(project, plan_import(project, geojson(rows), to="manhole"))
    other = [(shape, {**values, "remarks": "b"}) for shape, values in rows]
    plan = plan_import(project, geojson(other), to="manhole")
    project.session.apply(plan.update.accept([1]))
    table = project.table("manhole", ["remarks"])
    assert table.columns["remarks"].tolist() == ["a", "b", "a", "a"]
    assert project.session.next_undo()[0] == "import.update"  # type: ignore[index]


@pytest.mark.parametrize("format_", ["shp", "geojson", "gpkg"])
def test_what_was_exported_and_comes_back_untouched_changes_nothing(
    town: Project, tmp_path: Path, format_: str
) -> None:
    start = town.content_sha256()
    out = tmp_path / ("out.gpkg" if format_ == "gpkg" else "out")
    export(town, out, format=format_)
    for layer in town.layers:
        if not layer.count or layer.kind != "asset":
            continue
        source = out if format_ == "gpkg" else next(out.rglob(f"{layer.id}.{format_}"))
        options = {"source_layer": layer.id} if format_ == "gpkg" else {}
        plan = plan_import(town, source, to=layer.id, **options)
        left = [(e.kind, e.title, dict(e.values), e.moved_m) for e in plan.update.differences[:3]]
        # What has no place is left out again, and is not missing for that.
        assert (plan.report.unchanged + plan.report.rejected, left) == (layer.count, []), layer.id
        carry_out(town, plan, KINDS)
    assert town.content_sha256() == start


def test_features_that_share_a_place_and_a_number_find_their_own_records(
    project: Project, geojson: Make
) -> None:
    twins = [(shapely.Point(X, Y), {"WTDH": "A", "remarks": str(n)}) for n in range(5)]
    carry_out(project, plan_import(project, geojson(twins), to="manhole"))
    plan = plan_import(project, geojson(twins[::-1]), to="manhole")
    assert (plan.report.unchanged, plan.update.differences) == (5, ())


def test_a_number_that_stands_far_away_is_somebody_elses(project: Project, geojson: Make) -> None:
    first = geojson([(shapely.Point(X, Y), {"WTDH": "1"})])
    carry_out(project, plan_import(project, first, to="manhole"))
    other = geojson([(shapely.Point(X + 500, Y), {"WTDH": "1"})], name="other")
    plan = plan_import(project, other, to="manhole")
    assert (plan.report.imported, plan.report.matched) == (1, 0)
    assert [p.kind for p in plan.report.problems] == ["duplicate-id"]


def test_a_flat_file_takes_no_heights_away(project: Project, geojson: Make) -> None:
    carry_out(
        project,
        plan_import(project, geojson([(shapely.Point(X, Y, 1040), {"WTDH": "1"})]), to="manhole"),
    )
    plan = plan_import(project, geojson([(shapely.Point(X + 2, Y), {"WTDH": "1"})]), to="manhole")
    carry_out(project, plan, ("changed",))
    shape = project.table("manhole", []).geometry[0]  # type: ignore[index]
    assert shape.coords[0] == (X + 2, Y, 1040)


def test_heights_of_a_line_go_along_it_when_vertices_were_added() -> None:
    stored = shapely.LineString([(0, 0, 10), (10, 0, 20)])
    given = shapely.LineString([(0, 0), (4, 0), (10, 1)])
    heights = [place[2] for place in with_heights(stored, given).coords]
    assert heights == pytest.approx([10, 10 + 10 * 4 / (4 + 37**0.5), 20])


def test_a_value_that_could_not_be_read_is_no_change(project: Project, geojson: Make) -> None:
    good = geojson([(shapely.Point(X, Y), {"WTDH": "1", "cover_size_mm": 700})])
    carry_out(project, plan_import(project, good, to="manhole"))
    bad = geojson([(shapely.Point(X, Y), {"WTDH": "1", "cover_size_mm": "big"})])
    plan = plan_import(project, bad, to="manhole")
    assert plan.update.differences == ()
    assert [p.kind for p in plan.report.problems] == ["bad-value"]


def test_only_what_came_from_the_same_file_can_be_missing(project: Project, geojson: Make) -> None:
    def points(numbers: range) -> list[Any]:
        return [(shapely.Point(X + 10 * n, Y), {"WTDH": f"P{n}"}) for n in numbers]

    carry_out(project, plan_import(project, geojson(points(range(4)), name="a"), to="manhole"))
    carry_out(project, plan_import(project, geojson(points(range(9, 12)), name="b"), to="manhole"))
    plan = plan_import(project, geojson(points(range(3)), name="a"), to="manhole")
    assert [entry.title for entry in plan.update.differences] == ["P3"]
    carry_out(project, plan)
    assert project.count("manhole") == 7
    carry_out(project, plan, ("missing",))
    assert project.count("manhole") == 6


def test_pipes_whose_numbers_changed_are_linked_to_the_other_node(
    project: Project, geojson: Make
) -> None:
    keys = build(project)
    line = shapely.LineString([(428_500, 4_528_500), (428_600, 4_528_500)])
    first = geojson([(line, {"pipe_no": "L1", "start_no": "A", "end_no": "C"})])
    carry_out(project, plan_import(project, first, to="pipe_line"))
    second = geojson([(line, {"pipe_no": "L1", "start_no": "A", "end_no": "B"})])
    plan = plan_import(project, second, to="pipe_line")
    (entry,) = plan.update.differences
    assert entry.values == {
        "end_no": ("C", "B"),
        "to_node": (keys["C"].uuid, keys["B"].uuid),
    }


def reference(project: Project, source: Path) -> ImportPlan:
    return plan_import(project, source, as_reference="他们的")


def test_a_reference_layer_is_brought_up_to_date_by_its_key(
    project: Project, geojson: Make
) -> None:
    def rows(*entries: tuple[int, float, str]) -> list[Any]:
        return [(shapely.Point(X + dx, Y), {"编号": n, "说明": text}) for n, dx, text in entries]

    first = geojson(rows((1, 0, "a"), (2, 10, "b"), (3, 20, "c"), (4, 30, "d")), name="first")
    assert carry_out(project, reference(project, first)).imported == 4
    second = geojson(rows((1, 0, "a"), (2, 500, "b"), (3, 20, "C"), (5, 60, "e")))
    plan = reference(project, second)
    assert counts(plan.update) == {"new": 1, "changed": 2, "missing": 1}
    carry_out(project, plan, KINDS)
    again = reference(project, second)
    assert (again.report.unchanged, again.update.differences) == (4, ())
    project.session.undo()
    assert reference(project, first).report.unchanged == 4


def test_many_changed_values_are_one_change_that_undo_takes_back(
    project: Project, geojson: Make
) -> None:
    def rows(text: str) -> list[Any]:
        return [
            (shapely.Point(X + n % 50, Y + n // 50), {"WTDH": str(n), "remarks": text})
            for n in range(1_200)
        ]

    carry_out(project, plan_import(project, geojson(rows("a")), to="manhole"))
    start = project.content_sha256()
    plan = plan_import(project, geojson(rows("b")), to="manhole")
    report = carry_out(project, plan, ("changed",))
    assert report.updated == 1_200
    assert set(project.table("manhole", ["remarks"]).columns["remarks"]) == {"b"}
    project.session.undo()
    assert project.content_sha256() == start


def test_a_pipe_without_a_number_is_known_by_its_nodes(project: Project, geojson: Make) -> None:
    build(project)
    line = shapely.LineString([(428_000, 4_528_000), (428_015, 4_528_005), (428_030, 4_528_000)])
    source = geojson([(line, {"start_no": "A", "end_no": "B", "kind": "WS"})])
    plan = plan_import(project, source, to="pipe_line")
    (entry,) = plan.update.differences
    assert (entry.kind, entry.title) == ("changed", "AB")
    assert entry.moved_m == pytest.approx(5.0)


@pytest.mark.parametrize("number", ["WTDH", "remarks"])
def test_thousands_of_things_at_one_place_are_not_compared_each_with_each(
    project: Project, geojson: Make, number: str
) -> None:
    # Bays that were all put on the car park's gate, say; as pairs they would be 16 million.
    gate = shapely.Point(X, Y)
    rows = [(gate, {"WTDH": "1", number: f"P{n}"}) for n in range(4_000)]
    carry_out(project, plan_import(project, geojson(rows), to="manhole"))
    other = [*rows[:3_990], *((gate, {**values, number: "other"}) for _, values in rows[3_990:])]
    start = time.process_time()
    again = plan_import(project, geojson(rows), to="manhole")
    changed = plan_import(project, geojson(other), to="manhole")
    assert time.process_time() - start < 30
    assert (again.report.unchanged, again.report.imported) == (4_000, 0)
    assert (changed.report.unchanged, changed.report.matched) == (3_990, 4_000)


def test_a_number_that_thousands_share_tells_none_of_them_from_another(
    project: Project, geojson: Make
) -> None:
    def rows(count: int, remarks: str, east_m: float) -> list[Any]:
        values = {"WTDH": "无", "remarks": remarks}
        return [(shapely.Point(X + 5 * n + east_m, Y), values) for n in range(count)]

    few, many = geojson(rows(50, "a", 0), name="few"), geojson(rows(4_000, "b", 0), name="many")
    carry_out(project, plan_import(project, few, to="manhole"))
    moved = plan_import(project, geojson(rows(50, "c", 0.5), name="few"), to="manhole")
    assert (moved.report.matched, moved.report.imported) == (50, 0)
    carry_out(project, plan_import(project, many, to="manhole"))
    start = time.process_time()
    plan = plan_import(project, geojson(rows(4_000, "c", 0.5), name="many"), to="manhole")
    assert time.process_time() - start < 30
    assert plan.report.matched + plan.report.imported == 4_000


def test_a_file_of_one_boundary_does_not_call_the_others_missing(
    project: Project, geojson: Make
) -> None:
    areas = [shapely.box(X + 100 * n, Y, X + 100 * n + 50, Y + 50) for n in range(4)]
    rows = [(area, {"name": f"村{n}"}) for n, area in enumerate(areas)]
    for number, row in enumerate(rows):
        one = geojson([row], name=f"village{number}")
        plan = plan_import(project, one, to="boundary")
        assert (plan.report.imported, plan.report.missing) == (1, 0)
        carry_out(project, plan)
        assert plan_import(project, one, to="boundary").report.missing == int(number == 1)
    whole = plan_import(project, geojson(rows[:3], name="all"), to="boundary")
    assert (whole.report.matched, whole.report.missing) == (3, 1)


def test_a_part_of_a_layer_that_comes_back_misses_nothing(town: Project, tmp_path: Path) -> None:
    export(town, tmp_path / "out", format="shp", layers=["manhole"])
    source = next((tmp_path / "out").rglob("manhole.shp"))
    plan = plan_import(town, edited(source, lambda records: records[:200]), to="manhole")
    assert (plan.update.matched, plan.update.differences) == (200, ())
    (words,) = (p.message for p in plan.report.problems if p.kind == "part")
    assert str(town.count("manhole") - 200) in words
