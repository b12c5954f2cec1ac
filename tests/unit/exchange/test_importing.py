from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis import paths
from hjgis.errors import InputError, ProjectError, UsageError
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.report import ImportReport
from hjgis.layers.project import Project
from hjgis.layers.writing import ChangeWriter

Make = Callable[..., Path]
X, Y = 428_000.0, 4_528_000.0
SQUARE = shapely.box(X, Y, X + 10, Y + 10)
BOWTIE = shapely.Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])


def spot(number: int = 0) -> shapely.Point:
    return shapely.Point(X + 10 * number, Y)


def kinds(report: ImportReport) -> Counter[str]:
    found = Counter[str]()
    for problem in report.problems:
        found[problem.kind] += problem.count
    return found


def stored(project: Project, layer: str, *names: str) -> list[tuple[object, ...]]:
    table = project.table(layer, names)
    return list(zip(*(table.columns[name] for name in names), strict=True))


# -- geometry ----------------------------------------------------------------------------


def test_every_record_is_imported_or_rejected_with_its_row(project: Project, geojson: Make) -> None:
    part = shapely.MultiPoint([(X, Y), (X + 1, Y)])
    source = geojson([
        (spot(), {"WTDH": "1"}),
        (None, {"WTDH": "2"}),
        ({"type": "LineString", "coordinates": []}, {"WTDH": "3"}),
        (SQUARE, {"WTDH": "4"}),
        (part, {"WTDH": "5"}),
        (shapely.MultiPoint([(X + 5, Y)]), {"WTDH": "6"}),
        (shapely.GeometryCollection([spot()]), {"WTDH": "7"}),
    ])  # fmt: skip
    report = carry_out(project, plan_import(project, source, to="manhole"))
    assert (report.read, report.imported, report.rejected) == (7, 2, 5)
    assert {p.row: p.kind for p in report.problems if p.row} == {
        2: "null-geometry",
        3: "empty-geometry",
        4: "mixed-geometry",
        5: "multi-part",
        7: "mixed-geometry",
    }
    assert stored(project, "manhole", "exp_no") == [("1",), ("6",)]


def test_single_parts_become_multi_where_the_layer_is_multi(
    project: Project, geojson: Make
) -> None:
    plan = plan_import(project, geojson([(SQUARE, {}), (SQUARE, {})]), to="park")
    wanted = project.asset_type("park").geometry
    assert {shape.geom_type for shape in plan.changes.bulk[0].geometry} == {wanted}


def test_invalid_polygons_are_taken_and_listed(project: Project, geojson: Make) -> None:
    report = carry_out(project, plan_import(project, geojson([(BOWTIE, {})]), to="parking_bay"))
    assert (report.imported, kinds(report)["invalid-geometry"]) == (1, 1)


def test_an_area_beyond_all_reason_is_taken_or_left_with_a_word(
    project: Project, geojson: Make
) -> None:
    far = 1.7e308
    ring = [(0, 0), (far, far), (far, 0), (0, far), (-far, far / 2), (0, 0)]
    source = geojson([(shapely.Polygon(ring).__geo_interface__, {"name": "x"})])
    report = carry_out(project, plan_import(project, source, as_reference="far"))
    assert report.read == 1
    assert report.problems


def test_coordinates_that_are_no_numbers_are_rejected(project: Project, tmp_path: Path) -> None:
    from pyogrio import raw

    path = tmp_path / "nan.gpkg"
    wkt = [
        "LINESTRING (428000 4528000, NaN 4528001)",
        "LINESTRING (428000 4528000, 428010 4528000)",
    ]
    with np.errstate(invalid="ignore"):
        lines = shapely.from_wkt(wkt)
    raw.write(
        path,
        geometry=shapely.to_wkb(lines),
        field_data=[np.array(["a", "b"], dtype=object)],
        fields=["GDBH"],
        driver="GPKG",
        geometry_type="LineString",
        crs="EPSG:4545",
    )
    report = plan_import(project, path, to="pipe_line").report
    assert (report.read, report.imported, report.rejected) == (2, 1, 1)
    assert {p.row for p in report.problems if p.kind == "invalid-geometry"} == {1}


def test_a_line_without_length_is_rejected(project: Project, geojson: Make) -> None:
    lines = [shapely.LineString([(X, Y), (X, Y)]), shapely.LineString([(X, Y), (X + 1, Y)])]
    report = plan_import(project, geojson([(line, {}) for line in lines]), to="pipe_line").report
    assert (report.imported, report.rejected) == (1, 1)


def test_what_the_transformation_cannot_reach_is_rejected_and_the_rest_taken(
    project: Project, geojson: Make
) -> None:
    source = geojson(
        [(shapely.Point(107.1, 40.9), {}), (shapely.Point(18, 0), {})], crs="EPSG:4490"
    )
    report = carry_out(project, plan_import(project, source, to="manhole"))
    assert (report.imported, kinds(report)["outside-crs"]) == (1, 1)


@pytest.mark.parametrize("astray", [1e300, -1e9])
def test_a_place_that_is_not_on_earth_is_rejected_and_the_rest_taken(
    project: Project, geojson: Make, astray: float
) -> None:
    source = geojson([(shapely.Point(X, Y), {}), (shapely.Point(astray, Y), {})])
    report = carry_out(project, plan_import(project, source, to="manhole"))
    assert (report.imported, kinds(report)["outside-crs"]) == (1, 1)
    extent = project.extent()
    assert extent is not None
    assert max(map(abs, extent)) < 1e7


def test_degrees_are_brought_to_the_projects_system(project: Project, geojson: Make) -> None:
    source = geojson([(shapely.Point(108.0, 40.9), {})], crs="EPSG:4490")
    report = carry_out(project, plan_import(project, source, to="manhole"))
    point = project.table("manhole").geometry[0]
    assert point.x == pytest.approx(500_000, abs=1e-3)
    assert (report.crs, report.crs_source) == ("EPSG:4490", "file")
    assert "CGCS2000" in report.transform


def test_heights_go_where_a_layer_has_them_and_only_there(project: Project, geojson: Make) -> None:
    raised = shapely.force_3d(np.array([spot(), SQUARE]), 12.5)
    manhole = plan_import(project, geojson([(raised[0], {})]), to="manhole")
    assert manhole.changes.bulk[0].geometry[0].z == 12.5
    park = plan_import(project, geojson([(raised[1], {})]), to="park")
    assert park.changes.bulk[0].geometry[0].has_z == (project.asset_type("park").z == "optional")


# -- values ------------------------------------------------------------------------------


def test_values_are_read_as_codes_numbers_and_dates(project: Project, geojson: Make) -> None:
    values = {"井盖种类": "雨水井盖", "井深": "2,5", "建设年份": "2016", "材质": None}
    names = {"井盖种类": "cover_kind", "井深": "well_depth_m"}
    plan = plan_import(project, geojson([(spot(), values)]), to="manhole", mapping=names)
    carry_out(project, plan)
    assert stored(project, "manhole", "cover_kind", "well_depth_m") == [("雨水井盖", 2.5)]


def test_bad_values_are_left_empty_and_counted(project: Project, geojson: Make) -> None:
    rows = [(spot(n), {"井盖种类": kind}) for n, kind in enumerate(["雨水井盖", "怪物", "怪物"])]
    report = carry_out(project, plan_import(project, geojson(rows), to="manhole"))
    (problem,) = [p for p in report.problems if p.kind == "bad-value"]
    assert (problem.row, problem.field, problem.count) == (2, "井盖种类", 2)
    assert "怪物" in problem.message
    assert stored(project, "manhole", "cover_kind") == [("雨水井盖",), (None,), (None,)]


def test_long_text_is_cut_and_every_one_counted(project: Project, geojson: Make) -> None:
    limit = project.asset_type("manhole").field("exp_no").max_length
    rows = [(spot(n), {"WTDH": "井" * 90}) for n in range(3)]
    report = carry_out(project, plan_import(project, geojson(rows), to="manhole"))
    assert kinds(report)["truncated"] == 3
    assert stored(project, "manhole", "exp_no") == [("井" * limit,)] * 3


def test_columns_that_are_not_taken_are_named_with_their_values(
    project: Project, geojson: Make
) -> None:
    rows = [(spot(n), {"weather": text, "void": None}) for n, text in enumerate(["dry", None])]
    report = plan_import(project, geojson(rows), to="manhole").report
    (problem,) = report.problems
    assert (problem.kind, problem.field, problem.count) == ("unmapped", "weather", 1)


def test_blank_and_repeated_numbers_are_taken_and_listed(project: Project, geojson: Make) -> None:
    rows = [(spot(n), {"WTDH": text}) for n, text in enumerate(["A", "A", None, "B"])]
    report = carry_out(project, plan_import(project, geojson(rows), to="manhole"))
    assert report.imported == 4
    assert kinds(report) == {"duplicate-id": 2, "blank-id": 1}
    again = plan_import(project, geojson([(spot(9), {"WTDH": "B"})]), to="manhole").report
    assert kinds(again) == {"duplicate-id": 1}


def test_the_source_is_written_beside_each_feature(project: Project, geojson: Make) -> None:
    carry_out(project, plan_import(project, geojson([(None, {}), (spot(), {})]), to="manhole"))
    assert stored(project, "manhole", "source_file", "source_row") in (
        [("theirs.geojson", 2)],
        [("theirs.geojson", "2")],
    )


# -- identity ----------------------------------------------------------------------------

MINE = "01890000-0000-7000-8000-000000000001"


def test_an_identity_is_kept_when_it_is_valid_and_free(project: Project, geojson: Make) -> None:
    rows = [(spot(n), {"UUID": text}) for n, text in enumerate([MINE, MINE, "no uuid", None])]
    report = carry_out(project, plan_import(project, geojson(rows), to="manhole"))
    uuids = project.table("manhole", []).uuids
    assert uuids[0] == MINE
    assert len(set(uuids)) == 4
    assert kinds(report) == {"duplicate-id": 1}


def test_an_identity_taken_by_another_node_layer_is_not_given_twice(
    project: Project, geojson: Make
) -> None:
    source = geojson([(spot(), {"uuid": MINE})])
    carry_out(project, plan_import(project, source, to="pipe_point"))
    carry_out(project, plan_import(project, source, to="manhole"))
    assert project.table("manhole", []).uuids[0] != MINE


# -- storing -----------------------------------------------------------------------------


def test_a_plan_alone_stores_nothing_and_one_undo_takes_an_import_back(
    project: Project, geojson: Make
) -> None:
    source = geojson([(spot(n), {"WTDH": str(n)}) for n in range(5)])
    before = project.content_sha256()
    plan = plan_import(project, source, to="manhole")
    assert project.content_sha256() == before
    carry_out(project, plan)
    assert project.store.count("manhole") == 5
    project.session.undo()
    assert project.content_sha256() == before


def test_an_import_without_any_usable_record_stores_nothing(
    project: Project, geojson: Make
) -> None:
    before = project.content_sha256()
    report = carry_out(project, plan_import(project, geojson([(None, {"A": 1})]), to="manhole"))
    assert (report.imported, report.rejected) == (0, 1)
    assert project.content_sha256() == before
    assert not project.session.can_undo


def test_the_open_project_is_not_imported_into_itself(project: Project, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="itself"):
        plan_import(project, project.path, to="manhole")
    link = tmp_path / "link.gpkg"
    link.symlink_to(project.path)
    with pytest.raises(InputError, match="itself"):
        plan_import(project, link, to="manhole")


def test_target_must_be_one_that_exists(project: Project, geojson: Make) -> None:
    source = geojson([(spot(), {})])
    with pytest.raises(UsageError, match="manhole"):
        plan_import(project, source, to="volcano")
    with pytest.raises(UsageError):
        plan_import(project, source)
    with pytest.raises(UsageError):
        plan_import(project, source, to="manhole", as_reference="x")


# -- as a reference layer ----------------------------------------------------------------


def test_a_reference_layer_keeps_all_columns_under_names_of_any_kind(
    project: Project, geojson: Make
) -> None:
    values = {
        "名称": "一",
        "select": "s",
        "fid": 7,
        "A b": 1.5,
        "a_b": 2,
        "uuid": MINE,
        "FIELD_1": 3,
    }
    plan = plan_import(project, geojson([(spot(), values)]), as_reference="外来点 1")
    report = carry_out(project, plan)
    asset = project.asset_type(report.layer)
    assert asset.label["zh_CN"] == "外来点 1"
    assert [field.label["en"] for field in asset.fields] == list(values)
    row = stored(project, report.layer, *asset.field_names)[0]
    assert [str(value) for value in row] == [str(value) for value in values.values()]


@pytest.mark.parametrize(
    "name", ["gpkg_contents", "hjgis_layer", "rtree_x", "order", "a-b", "外来"]
)
def test_a_reference_layer_may_have_any_name(project: Project, geojson: Make, name: str) -> None:
    plan = plan_import(project, geojson([(spot(), {"A": "x"})]), as_reference=name)
    report = carry_out(project, plan)
    assert stored(project, report.layer, "a") == [("x",)]
    path = project.path
    project.close()
    with Project.open(path, write=False) as again:
        assert again.asset_type(report.layer).label["zh_CN"] == name


def test_a_name_that_is_taken_is_refused(project: Project, geojson: Make) -> None:
    carry_out(project, plan_import(project, geojson([(spot(), {"B": 1})]), as_reference="外来点"))
    source = geojson([(spot(), {"A": "x"})])
    title = project.asset_type("manhole").label["zh_CN"]
    for name in ("外来点", "manhole", title):
        with pytest.raises(UsageError, match=name):
            plan_import(project, source, as_reference=name)


def test_an_import_that_fails_leaves_no_empty_layer_behind(
    project: Project, geojson: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_import(project, geojson([(spot(), {"A": "x"})]), as_reference="trails")

    def disk_full(*_given: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(ChangeWriter, "write_bulk", disk_full)
        with pytest.raises(ProjectError):
            carry_out(project, plan)
    assert "trails" not in project.types

    carry_out(project, plan)
    assert project.count("trails") == 1


def test_mixed_lines_make_a_layer_of_multi_lines(project: Project, geojson: Make) -> None:
    line = shapely.LineString([(X, Y), (X + 5, Y)])
    both = [(line, {}), (shapely.MultiLineString([line, line]), {}), (spot(), {})]
    report = carry_out(project, plan_import(project, geojson(both), as_reference="trails"))
    assert project.asset_type("trails").geometry == "MultiLineString"
    assert (report.imported, kinds(report)["mixed-geometry"]) == (2, 1)


# -- files of others ---------------------------------------------------------------------


def test_the_samples_undeclared_lamps_are_recognised(project: Project) -> None:
    source = paths.sample_data() / "foreign" / "路灯_无编码声明.shp"
    report = carry_out(project, plan_import(project, source, to="street_lamp"))
    assert (report.encoding, report.encoding_source, report.imported) == ("gbk", "detected", 40)
    first = stored(project, "street_lamp", "pole_no", "road_name", "power_w")[0]
    assert first == ("WJ001", "示例五街", 120.0)
    assert stored(project, "street_lamp", "lamp_type")[0] != (None,)


def test_bangors_sewers_are_read_whole(project: Project, real_data: Path) -> None:
    town = real_data / "town-bangor"
    manholes = carry_out(
        project, plan_import(project, town / "sanitaryManhole.geojson", to="manhole")
    )
    assert (manholes.read, manholes.imported, manholes.rejected) == (3146, 3146, 0)
    (blank,) = (p for p in manholes.problems if p.kind == "blank-id")
    assert (blank.count, blank.rows) == (6, "2085, 2160, 3133, 3135-3137")
    repeated = [p for p in manholes.problems if p.kind == "duplicate-id"]
    assert len(repeated) == 5
    numbers = {p.message.partition(" is given")[0].split()[-1] for p in repeated}
    assert numbers == {"BU034", "OC350", "PJ540", "CW013", "CW010"}
    pipes = carry_out(project, plan_import(project, town / "sanitaryPipe.geojson", to="pipe_line"))
    assert (pipes.read, pipes.imported, pipes.rejected) == (5100, 5100, 0)
    ambiguous = {"start_no": 0, "end_no": 0}
    unresolved = Counter[str | None]()
    for problem in pipes.problems:
        if problem.kind == "unresolved-node":
            unresolved[problem.field] += problem.count
            if "times" in problem.message and problem.field:
                ambiguous[problem.field] += problem.count
    assert unresolved == {"start_no": 12 + 1107 + 996 + 6, "end_no": 16 + 1619 + 258 + 6}
    assert ambiguous == {"start_no": 6, "end_no": 6}
    ends = stored(project, "pipe_line", "from_node", "to_node")
    assert sum(start is not None for start, _ in ends) == 5100 - unresolved["start_no"]
    assert sum(end is not None for _, end in ends) == 5100 - unresolved["end_no"]
