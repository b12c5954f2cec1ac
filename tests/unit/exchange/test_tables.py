from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import tables
from hjgis.exchange.sources import read_layer, summaries

Write = Callable[[str, str], Path]

POINTS = "物探点号,X,Y,井深\nWS1,4528000.25,428000.5,2.1\nWS2,4528010.0,428030.0,1.8\n"
LINES = "起点点号,终点点号,管径\nWS1,WS2,300\nWS2,WS9,300\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(name: str, text: str, encoding: str = "gbk") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding)
        return path

    return file


@pytest.mark.parametrize(
    ("points", "lines"),
    [
        ("WS_POINT.csv", "WS_LINE.csv"),
        ("JSPoint.txt", "JSLine.txt"),
        ("点表.csv", "线表.csv"),
        ("三道桥镇污水管点.csv", "三道桥镇污水管线.csv"),
    ],
)
def test_either_file_of_a_pair_leads_to_both(write: Write, points: str, lines: str) -> None:
    pair = [write(points, POINTS), write(lines, LINES)]
    write("说明.csv", "本目录说明\n二〇二〇年六月交付\n")
    for chosen, other in (pair, pair[::-1]):
        read = tables.read_tables(chosen)
        assert [table.name for table in read] == [chosen.stem, other.stem]
        assert {table.encoding.name for table in read} == {"gbk"}
        listed = summaries(chosen, x="Y", y="X")
        assert [(layer.name, layer.geometry, layer.count) for layer in listed] == [
            (chosen.stem, "Point" if chosen == pair[0] else "LineString", 2),
            (other.stem, "Point" if other == pair[0] else "LineString", 2),
        ]


def test_a_line_table_finds_its_points_and_says_which_are_missing(write: Write) -> None:
    write("WS_POINT.csv", POINTS)
    path = write("WS_LINE.csv", LINES)
    layer = read_layer(path, x="Y", y="X")
    assert layer.geometry[0].wkt == "LINESTRING (428000.5 4528000.25, 428030 4528010)"
    assert layer.geometry[1] is None
    assert any("WS9 (2)" in said for said in layer.warnings)
    with pytest.raises(InputQuestion, match="WS_POINT: which columns") as asked:
        read_layer(path)
    # X is north in a survey, and the numbers say so.
    assert asked.value.candidates[:2] == ("Y", "X")


def test_points_in_a_file_of_any_name_are_found_by_their_columns(write: Write) -> None:
    write("成果.csv", POINTS)
    write("别的.csv", "点号,X,Y\nA1,4528000.25,428000.5\n")
    path = write("连接.csv", LINES)
    assert read_layer(path, x="Y", y="X").geometry[0] is not None


def test_files_of_other_surveys_are_no_sisters(write: Write) -> None:
    write("YS_LINE.csv", LINES)
    path = write("WS_POINT.csv", POINTS)
    assert tables.sisters(path) == []
    assert [layer.name for layer in summaries(path, x="Y", y="X")] == ["WS_POINT"]


def test_a_sister_in_another_encoding_is_read_all_the_same(tmp_path: Path, write: Write) -> None:
    path = write("WS_LINE.csv", LINES)
    (tmp_path / "WS_POINT.csv").write_text(POINTS, "utf-8-sig")
    read = tables.read_tables(path, "gbk")
    assert [table.encoding.name for table in read] == ["gbk", "utf-8-sig"]
    assert next(iter(read[1].columns)) == "物探点号"


def test_a_table_without_coordinates_is_taken_as_one_and_that_is_said(write: Write) -> None:
    path = write("权属.csv", "单位,电话\n环卫局,0478-1\n市政站,0478-2\n")
    layer = read_layer(path)
    assert not layer.spatial
    assert len(layer) == 2
    assert any("without geometry" in said for said in layer.warnings)
    with pytest.raises(InputQuestion) as asked:
        read_layer(path, spatial=True)
    assert asked.value.option == "--x / --y"
    with pytest.raises(InputQuestion):
        read_layer(write("点.csv", POINTS))
    assert not read_layer(write("点.csv", POINTS), spatial=False).spatial


@pytest.mark.parametrize(
    ("heading", "values", "first"),
    [
        ("名称,纬度,经度", "甲,40.88,107.14", ("经度", "纬度")),
        ("名称,lat,lon", "甲,40.88,107.14", ("lon", "lat")),
        ("名称,X,Y", "甲,4528000,428000", ("Y", "X")),
        ("名称,X,Y", "甲,428000,4528000", ("X", "Y")),
        ("名称,X坐标,Y坐标", "甲,4528000,36428000", ("Y坐标", "X坐标")),
        ("名称,纵坐标,横坐标", "甲,4528000,428000", ("横坐标", "纵坐标")),
    ],
)
def test_the_likeliest_coordinates_come_first(
    write: Write, heading: str, values: str, first: tuple[str, str]
) -> None:
    with pytest.raises(InputQuestion) as asked:
        read_layer(write("t.csv", f"{heading}\n{values}\n"))
    assert (asked.value.candidates[:2], asked.value.proposed) == (first, 2)


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        # X is north for a surveyor and east for a program; nothing but the numbers could tell.
        ("名称,X,Y", "甲,5000.5,3000.5"),
        ("名称,X,Y", "甲,,"),
        ("名称,经度,纬度,X坐标,Y坐标", "甲,107.1,40.9,4528000,428000"),
        ("名称,X,备注", "甲,4528000,坐标不详"),
    ],
)
def test_letters_and_columns_in_plenty_are_no_proposal(
    write: Write, heading: str, values: str
) -> None:
    with pytest.raises(InputQuestion) as asked:
        read_layer(write("t.csv", f"{heading}\n{values}\n"), spatial=True)
    assert asked.value.proposed == 0


def test_a_column_of_geometries_written_as_text_is_one(write: Write) -> None:
    layer = read_layer(write("t.csv", 'name,WKT\n甲,"LINESTRING (0 0, 1 1)"\n乙,不详\n'))
    assert layer.geometry[0].wkt == "LINESTRING (0 0, 1 1)"
    assert layer.geometry[1] is None
    assert list(layer.columns) == ["name"]


def test_cells_beyond_the_heading_are_kept(real_data: Path) -> None:
    (table,) = tables.read_tables(real_data / "nasty/csv/header_with_line_break.csv")
    assert list(table.columns) == [
        *("Column one", "Column two", "Column with a line break", "Column three"),
        *("Another line break", "Column four", "Column five"),
    ]
    assert table.columns["Column five"].tolist() == ["7", "10", "13"]


def test_a_workbook_gives_all_its_sheets(real_data: Path) -> None:
    path = real_data / "nasty/xlsx/row_without_r_attribute.xlsx"
    assert next(table.name for table in tables.read_tables(path)) == "Result 1"


def test_a_table_without_rows_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match=r"empty\.csv has no rows"):
        tables.read_tables(write("empty.csv", "单位,电话\n"))


def test_numbers_stay_numbers(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["no", "depth", "name"], [1, 1.5, "a"], [2, None, "b"]):
        sheet.append(row)
    book.save(tmp_path / "b.xlsx")
    (table,) = tables.read_tables(tmp_path / "b.xlsx")
    assert table.columns["no"].dtype == np.int64
    assert np.isnan(table.columns["depth"][1])
    assert table.columns["name"].tolist() == ["a", "b"]


def test_a_title_above_the_heading_is_left_out_and_said(write: Write) -> None:
    title, tabbed = "杭锦后旗污水管线点成果表", POINTS.replace(",", "\t")
    for text in (f"{title},,,\n{POINTS}", f"{title}\n{POINTS}", f"{title}\n{tabbed}"):
        (table,) = tables.read_tables(write("成果.csv", text))
        assert list(table.columns) == ["物探点号", "X", "Y", "井深"]
        assert len(table) == 2
        assert any("above the heading" in said for said in table.encoding.warnings)


def test_a_pair_in_an_archive_is_asked_about_and_read(write: Write, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "survey.zip", "w") as archive:
        archive.write(write("WS_POINT.csv", POINTS), "WS_POINT.csv")
        archive.write(write("WS_LINE.csv", LINES), "WS_LINE.csv")
        archive.write(write("说明.txt", "说明"), "note.md")
    path = tmp_path / "survey.zip"
    assert [layer.name for layer in summaries(path, x="Y", y="X")] == ["WS_LINE", "WS_POINT"]
    with pytest.raises(InputQuestion) as asked:
        read_layer(path)
    assert asked.value.candidates == ("WS_LINE", "WS_POINT")
    assert read_layer(path, layer="WS_LINE", x="Y", y="X").geometry[0] is not None


def test_a_lone_dbf_in_an_archive_is_a_table(real_data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.write(real_data / "nasty/dbf/gdal-chinese.dbf", "t.dbf")
    assert read_layer(tmp_path / "t.zip").columns["中国"].tolist() == ["中国"]


def test_lines_take_the_points_of_their_own_survey(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for kind, east in (("JS", 0), ("WS", 1000)):
        points, lines = book.create_sheet(f"{kind}_POINT"), book.create_sheet(f"{kind}_LINE")
        for row in (["点号", "X", "Y"], [1, 0, east], [2, 0, east + 1], [3, 0, east + 2]):
            points.append(row)
        for row in (["起点点号", "终点点号"], [1, 2]):
            lines.append(row)
    book.save(tmp_path / "b.xlsx")
    layer = read_layer(tmp_path / "b.xlsx", layer="WS_LINE", x="Y", y="X")
    assert layer.geometry[0].wkt == "LINESTRING (1000 0, 1001 0)"
