"""Drawings, workbooks, point files, networks and what else is sent by mail."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from ezdxf.filemanagement import new

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.project import Project
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.gcj02 import to_bd09, to_gcj02

PLACE = (428_000.5, 4_528_000.25)


def names(path: Path, **options: Any) -> dict[str, int]:
    return {summary.name: summary.count for summary in summaries(path, **options)}


# -- drawings ----------------------------------------------------------------------------


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """A drawing of CASS in GBK, as older programs write it."""
    document = new("R2000")
    document.encoding = "gbk"
    document.header["$DWGCODEPAGE"] = "ANSI_936"
    document.appids.add("SOUTH")
    block = document.blocks.new("路灯符号")
    block.add_line((0, 0), (1, 1))
    block.add_attdef("LAMP_NO")
    space = document.modelspace()
    manhole = space.add_point((*PLACE, 1040.1), dxfattribs={"layer": "窨井"})
    manhole.set_xdata("SOUTH", [(1000, "512100"), (1000, "more")])
    space.add_line((0, 0), (30, 0), dxfattribs={"layer": "WS_管线"})
    lamp = space.add_blockref("路灯符号", (10, 20), dxfattribs={"layer": "路灯", "rotation": 30})
    lamp.add_attrib("LAMP_NO", "D-12")
    space.add_text("中山路", dxfattribs={"layer": "注记"}).set_placement((11, 12))
    space.add_lwpolyline([(0, 0), (10, 0), (10, 10)], close=True, dxfattribs={"layer": "公园"})
    space.add_circle((5, 5), 2, dxfattribs={"layer": "公园"})
    space.add_arc((0, 0), 10, 0, 90, dxfattribs={"layer": "道路"})
    space.add_solid([(0, 0), (1, 0), (0, 1)])
    document.layers.add("道路").off()
    path = tmp_path / "地形.dxf"
    document.saveas(path)
    return path


def test_a_drawing_is_read_by_layer_and_kind(drawing: Path) -> None:
    assert names(drawing) == {
        "WS_管线 / LineString": 1,
        "公园 / Polygon": 2,
        "注记 / Point": 1,
        "窨井 / Point": 1,
        "路灯 / Point": 1,
        "道路 / LineString": 1,
    }
    manhole = read_layer(drawing, layer="窨井 / Point")
    assert manhole.geometry[0].equals_exact(shapely.Point(*PLACE, 1040.1), 1e-6)
    assert manhole.columns["cass_code"].tolist() == ["512100"]
    assert manhole.encoding.name == "gbk"
    assert manhole.crs is None
    lamp = read_layer(drawing, layer="路灯 / Point")
    assert {name: lamp.columns[name][0] for name in ("block", "LAMP_NO", "rotation_deg")} == {
        "block": "路灯符号",
        "LAMP_NO": "D-12",
        "rotation_deg": 30.0,
    }
    assert read_layer(drawing, layer="注记 / Point").columns["text"].tolist() == ["中山路"]


def test_arcs_become_chords_and_what_is_left_out_or_hidden_is_said(drawing: Path) -> None:
    road = read_layer(drawing, layer="道路 / LineString")
    arc = shapely.Point(0, 0).buffer(10, quad_segs=2000).exterior
    coords = shapely.get_coordinates(road.geometry[0])
    middles = shapely.points((coords[1:] + coords[:-1]) / 2)
    assert shapely.distance(middles, arc).max() <= 0.01
    said = " ".join(road.warnings)
    assert "SOLID 1" in said
    assert "道路" in said


def test_a_drawing_that_lies_about_its_encoding_is_said_to(drawing: Path) -> None:
    text = drawing.read_bytes().decode("gbk")
    drawing.write_bytes(text.encode("utf-8"))
    layer = read_layer(drawing, layer="窨井 / Point")
    assert (layer.encoding.name, layer.encoding.source) == ("utf-8", "detected")
    assert "ANSI_936" in layer.warnings[0]
    drawing.write_bytes(text.replace("ANSI_936", "ANSI_1252").encode("gbk"))
    assert "窨井 / Point" in names(drawing, given_encoding="gbk")


def test_a_modern_drawing_is_in_utf8(tmp_path: Path) -> None:
    document = new("R2010")
    document.modelspace().add_point(PLACE, dxfattribs={"layer": "窨井"})
    document.saveas(tmp_path / "new.dxf")
    assert names(tmp_path / "new.dxf") == {"窨井 / Point": 1}


def test_a_damaged_drawing_is_mended_or_refused(drawing: Path) -> None:
    data = drawing.read_bytes()
    drawing.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(InputError, match=drawing.name):
        summaries(drawing)
    drawing.write_bytes(data.replace(b"AcDbPoint", b"", 1).replace(b"  0\nEOF\n", b""))
    layer = read_layer(drawing, layer="窨井 / Point")
    assert "damaged" in layer.warnings[0]
    drawing.write_bytes(b"0\nSECTION\n2\nENTITIES\n0\nPOINT\n8\n")
    with pytest.raises(InputError, match=drawing.name):
        read_layer(drawing)


def test_a_layer_of_a_drawing_becomes_assets(drawing: Path, project: Project) -> None:
    plan = plan_import(
        project, drawing, to="manhole", source_layer="窨井 / Point", crs=project.crs.text
    )
    carry_out(project, plan)
    (stored,) = project.table("manhole").geometry.tolist()
    assert (stored.x, stored.y) == PLACE
    project.session.undo()
    assert project.count("manhole") == 0


# -- workbooks ---------------------------------------------------------------------------


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "管线点"
    sheet.append(["杭锦后旗管线探测成果表"])
    sheet.append(["点号", "X", "Y", "井深", "日期", "编号"])
    sheet.append(["WS1", 4_528_000.25, 428_000.5, 2, dt.datetime(2020, 6, 15), 12])
    sheet.append([" WS2 ", 4_528_010, 428_010, None, dt.date(2020, 6, 16), 13])
    sheet.append([])
    sheet.append(["WS3", "不详", 428_020, 1.5, None, 14])
    book.create_sheet("空表")
    path = tmp_path / "成果.xlsx"
    book.save(path)
    return path


def test_a_sheet_is_read_below_its_title(workbook: Path) -> None:
    layer = read_layer(workbook, layer="管线点", x="Y", y="X")
    places = [None if shape is None else (shape.x, shape.y) for shape in layer.geometry]
    assert places == [PLACE, (428_010, 4_528_010), None]
    assert layer.columns["点号"].tolist() == ["WS1", "WS2", "WS3"]
    assert layer.columns["日期"].tolist() == ["2020-06-15", "2020-06-16", None]
    assert layer.columns["编号"].tolist() == [12, 13, 14]
    assert layer.columns["井深"].tolist()[0] == 2.0
    assert "above the heading that are left out: 1" in " ".join(layer.warnings)


def test_only_sheets_that_hold_something_are_offered(workbook: Path) -> None:
    with pytest.raises(InputQuestion) as asked:
        read_layer(workbook)
    assert asked.value.option == "--x / --y"
    assert set(asked.value.candidates[:2]) == {"X", "Y"}
    with pytest.raises(InputQuestion) as asked:
        read_layer(workbook, layer="空表")
    assert asked.value.candidates == ("管线点",)


def test_exchanged_columns_are_asked_about(workbook: Path, project: Project) -> None:
    with pytest.raises(InputQuestion, match="looks like X"):
        plan_import(project, workbook, to="manhole", x="X", y="Y", crs=project.crs.text)


def test_lines_between_numbered_points_get_their_places(workbook: Path, project: Project) -> None:
    book = openpyxl.load_workbook(workbook)
    lines = book.create_sheet("管线表")
    lines.append(["起点点号", "终点点号", "管线类型", "管径"])
    for row in (["WS1", "WS2", "WS", "DN300"], ["WS2", "WS9", "WS", 200], ["WS2", "WS3", None, 1]):
        lines.append(row)
    book.save(workbook)
    assert names(workbook, x="Y", y="X") == {"管线点": 3, "管线表": 3}
    layer = read_layer(workbook, layer="管线表", x="Y", y="X")
    assert layer.geometry[0].equals(shapely.LineString([PLACE, (428_010, 4_528_010)]))
    assert layer.geometry[1:].tolist() == [None, None]
    assert "WS9 (2), WS3 (3)" in layer.warnings[-1]

    for kind, sheet in (("manhole", "管线点"), ("pipe_line", "管线表")):
        carry_out(
            project,
            plan_import(
                project,
                workbook,
                to=kind,
                source_layer=sheet,
                x="Y",
                y="X",
                crs=project.crs.text,
                mapping={"点号": "exp_no"} if kind == "manhole" else None,
            ),
        )
    (pipe,) = project.store.features("pipe_line", [1])
    numbers = {
        feature.key.uuid: feature.values["exp_no"]
        for feature in project.store.within("manhole", (428_000, 4_528_000, 428_020, 4_528_020))
    }
    ends = [numbers[str(pipe.values[name])] for name in ("from_node", "to_node")]
    assert ends == ["WS1", "WS2"]
    assert pipe.values["start_no"] == "WS1"


# -- CASS --------------------------------------------------------------------------------


def test_a_point_file_of_cass_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "points.dat"
    lines = ["1,井,428000.5,4528000.25,1040.1", "2,,428010,4528010,", "", "坏行", "3,灯,x,1,2"]
    path.write_bytes("\r\n".join(lines).encode("gbk"))
    layer = read_layer(path)
    assert [(s.x, s.y, s.z) for s in layer.geometry] == [
        (*PLACE, 1040.1),
        (428_010, 4_528_010, 0),
    ]
    assert layer.columns["code"].tolist() == ["井", None]
    assert layer.columns["height_m"].tolist() == [1040.1, 0.0]
    said = " ".join(layer.warnings)
    assert "line 4 " in said
    assert "line 5 " in said


def test_a_point_file_with_north_first_is_asked_about(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "points.dat"
    path.write_text("1,J,4528000,428000,1040\n2,J,4528010,428010,1040\n")
    with pytest.raises(InputQuestion, match="looks like X"):
        plan_import(project, path, to="manhole", crs=project.crs.text)


# -- EPANET ------------------------------------------------------------------------------

NETWORK = """[TITLE]
a small one
[JUNCTIONS]
;ID Elev
 J1 1040 0.5 ;
 J2 1041 0   ;
 J3 1041 0   ;
[RESERVOIRS]
 R1 1060
[PIPES]
 P1 R1 J1 100 300 100 0 Open ;
 P2 J1 J2 50 200 100 0 Open ;
 P3 J2 J3 50 200 100 0 Closed ;
[OPTIONS]
 UNITS LPS
[COORDINATES]
 J1 10 0
 J2 20 10
 R1 0 0
 J9 x y
[VERTICES]
 P2 20 0
[END]
"""


def test_a_network_of_epanet_is_read_by_sections(tmp_path: Path) -> None:
    path = tmp_path / "net.inp"
    path.write_text(NETWORK)
    assert names(path) == {"junctions": 3, "reservoirs": 1, "pipes": 3}
    pipes = read_layer(path, layer="pipes")
    assert pipes.geometry[1].equals(shapely.LineString([(10, 0), (20, 0), (20, 10)]))
    assert pipes.geometry[2] is None
    assert pipes.columns["diameter"].tolist() == ["300", "200", "200"]
    assert pipes.columns["status"].tolist()[2] == "Closed"
    said = " ".join(pipes.warnings)
    for words in ("P3", "LPS", "line 20"):
        assert words in said


# -- formats that GDAL reads -------------------------------------------------------------


def write(path: Path, driver: str, layer: str) -> None:
    pyogrio.raw.write(
        str(path),
        shapely.to_wkb(np.array([shapely.Point(107.15, 40.89)])),
        [np.array(["井"], dtype=object)],
        ["Name"],
        layer=layer,
        driver=driver,
        geometry_type="Point",
        crs="EPSG:4326",
    )


@pytest.mark.parametrize(("suffix", "driver"), [("kml", "KML"), ("gdb", "OpenFileGDB")])
def test_kml_and_file_geodatabases(tmp_path: Path, suffix: str, driver: str) -> None:
    path = tmp_path / f"theirs.{suffix}"
    write(path, driver, "wells")
    layer = read_layer(path)
    assert layer.columns["Name"].tolist() == ["井"]
    assert layer.crs is not None
    assert layer.crs.text == "EPSG:4326"


def test_a_kmz_is_a_kml_in_an_archive(tmp_path: Path) -> None:
    write(tmp_path / "doc.kml", "KML", "wells")
    with zipfile.ZipFile(tmp_path / "theirs.kmz", "w") as archive:
        archive.write(tmp_path / "doc.kml", "doc.kml")
    assert list(names(tmp_path / "theirs.kmz").values()) == [1]


def test_archives_hold_any_of_the_formats(tmp_path: Path, drawing: Path) -> None:
    write(tmp_path / "theirs.gdb", "OpenFileGDB", "wells")
    with zipfile.ZipFile(tmp_path / "gdb.zip", "w") as archive:
        for part in (tmp_path / "theirs.gdb").iterdir():
            archive.write(part, f"theirs.gdb/{part.name}")
    assert names(tmp_path / "gdb.zip") == {"wells": 1}
    with zipfile.ZipFile(tmp_path / "dxf.zip", "w") as archive:
        archive.write(drawing, drawing.name)
    assert "窨井 / Point" in names(tmp_path / "dxf.zip")


# -- traps -------------------------------------------------------------------------------


def test_a_kml_reads_no_file_that_it_names(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    path = tmp_path / "a.kml"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY x SYSTEM "file://{secret}">]>'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&x;</name>'
        "<Point><coordinates>107,40</coordinates></Point></Placemark></Document></kml>"
    )
    try:
        found = summaries(path)
    except InputError:
        return
    assert "s3cret" not in str(found)


# -- shifted degrees ---------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shift"), [("GCJ-02", to_gcj02), ("bd-09", to_bd09)])
def test_the_shift_of_a_map_service_is_taken_away_when_it_is_named(
    tmp_path: Path, project: Project, name: str, shift: Any
) -> None:
    lon, lat = shift(np.array([107.15]), np.array([40.89]))
    path = tmp_path / "shifted.csv"
    path.write_text(f"lon,lat,exp_no\n{float(lon[0])!r},{float(lat[0])!r},W1\n")
    plan = plan_import(project, path, to="manhole", x="lon", y="lat", crs=name)
    assert "to about a metre" in " ".join(problem.message for problem in plan.report.problems)
    carry_out(project, plan)
    transform = Transform(parse_crs("EPSG:4490"), project.crs)
    (east,), (north,) = transform.points(np.array([107.15]), np.array([40.89]))
    (stored,) = project.table("manhole").geometry.tolist()
    assert stored.distance(shapely.Point(east, north)) < 0.01


def test_metres_are_not_shifted_degrees(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "metres.csv"
    path.write_text("e,n\n428000,4528000\n")
    with pytest.raises(InputError, match="Only degrees"):
        plan_import(project, path, to="manhole", x="e", y="n", crs="GCJ-02")
