"""What people give to an import by mistake, and whether the answer helps them."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fiona
import openpyxl
import pytest
import shapely

from hjgis.errors import HjgisError, InputError, InputQuestion, UsageError
from hjgis.exchange.foreign import unreadable
from hjgis.exchange.importing import ImportPlan, plan_import
from hjgis.exchange.profiles import read_mapping
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.project import Project

POINT = {"geometry": "Point", "properties": {"name": "str:9"}}


def planned(project: Project, source: Path, **asked: object) -> ImportPlan:
    return plan_import(project, source, as_reference="theirs", **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", ["shp", "dbf", "csv", "xlsx", "zip", "gpkg", "dxf", "jpg"])
def test_a_file_without_a_byte_was_not_copied_whole(
    project: Project, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"theirs.{suffix}"
    path.touch()
    with pytest.raises(InputError, match=rf"theirs\.{suffix} is empty \(0 bytes\).*[Ff]etch"):
        planned(project, path)


@pytest.mark.parametrize("suffix", ["shp", "geojson", "gpkg"])
def test_a_layer_without_records_is_not_said_to_lack_geometry(
    project: Project, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"theirs.{suffix}"
    driver = {"shp": "ESRI Shapefile", "geojson": "GeoJSON", "gpkg": "GPKG"}[suffix]
    fiona.open(path, "w", driver, POINT, crs="EPSG:4545").close()
    for target in ({"as_reference": "theirs"}, {"to": "manhole"}):
        with pytest.raises(InputError, match="holds no records"):
            plan_import(project, path, **target)  # type: ignore[arg-type]


def test_an_empty_workbook_does_not_ask_for_one_of_no_sheets(
    project: Project, tmp_path: Path
) -> None:
    openpyxl.Workbook().save(tmp_path / "theirs.xlsx")
    for look in (summaries, lambda path: planned(project, path)):
        with pytest.raises(InputError, match="holds nothing") as refused:
            look(tmp_path / "theirs.xlsx")
        assert not isinstance(refused.value, InputQuestion)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Make a list of lamps as an office keeps it: a title, who made it, then the table."""
    book = openpyxl.Workbook()
    for row in (
        ["陕坝镇路灯台账"],
        ["制表：张三", None, "日期", "2026年"],
        ["序号", "编号", "道路", "东坐标", "北坐标", "安装日期", "高度"],
        *([n, f"LD{n:03}", "建设路", 428_000 + n, 4_528_000, 45_000, 6] for n in range(3)),
    ):
        book.active.append(row)
    book.save(tmp_path / "theirs.xlsx")
    return tmp_path / "theirs.xlsx"


def test_a_line_of_notes_above_a_table_is_not_its_heading(ledger: Path) -> None:
    layer = read_layer(ledger, x="东坐标", y="北坐标")
    assert list(layer.columns) == ["序号", "编号", "道路", "安装日期", "高度"]
    assert len(layer) == 3
    assert layer.geometry[1].wkt == "POINT (428001 4528000)"
    assert "Rows above the heading that are left out: 2" in layer.warnings


def test_a_short_row_of_data_does_not_make_the_next_one_the_heading(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("编号,道路\nLD1,建设路,坏,待修,急\nLD2,胜利路\n", "utf-8")
    assert list(read_layer(path).columns)[:2] == ["编号", "道路"]
    path.write_text("编号,坐标,,,,,\n,东,北,高,甲,乙,丙\nLD1,428000,4528000,1,2,3,4\n", "utf-8")
    assert len(read_layer(path, spatial=False)) == 1


@pytest.mark.parametrize("asked", [{"x": "东座标", "y": "北坐标"}, {"x": "东坐标"}])
def test_a_column_that_is_named_and_not_there_is_not_passed_over(
    project: Project, tmp_path: Path, asked: dict[str, str]
) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("编号,甲,乙\nLD1,428000,4528000\n", "utf-8")
    with pytest.raises(InputQuestion, match="no column 东") as question:
        planned(project, path, **asked)
    assert question.value.option == "--x / --y"


def test_a_workbook_is_known_by_what_is_in_it(project: Project, ledger: Path) -> None:
    renamed = ledger.with_suffix(".xls")
    shutil.copy(ledger, renamed)
    assert planned(project, renamed, x="东坐标", y="北坐标").report.read == 3
    for suffix in (".csv", ".txt"):
        shutil.copy(ledger, ledger.with_suffix(suffix))
        with pytest.raises(InputError, match="is no text") as refused:
            planned(project, ledger.with_suffix(suffix))
        assert not isinstance(refused.value, InputQuestion)


def test_shapes_that_came_without_their_table_say_so(
    project: Project, shapefile: Callable[..., Path]
) -> None:
    path = shapefile([{"name": "a"}])
    assert not planned(project, path).report.problems
    path.with_suffix(".dbf").unlink()
    said = [problem.message for problem in planned(project, path).report.problems]
    assert len(said) == 1
    assert ".dbf" in said[0]


@pytest.mark.parametrize("name", ["a.shx", "a.prj", "a.zip", "a.kmz", "a.rar", "a.et"])
def test_the_answer_to_a_wrong_file_names_the_right_one(
    project: Project, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(bytes(range(256)))
    (tmp_path / "a.shp").write_bytes(b"")
    words = {"shx": "the .shp", "prj": "the .shp", "rar": "ask for ZIP", "et": "ask for XLSX"}
    with pytest.raises(HjgisError, match=words.get(name[2:], "packed anew")):
        planned(project, tmp_path / name)


def test_a_layer_that_a_file_of_one_layer_has_not_is_not_passed_over(
    project: Project, shapefile: Callable[..., Path]
) -> None:
    path = shapefile([{"name": "a"}])
    assert planned(project, path, source_layer="theirs").report.read == 1
    with pytest.raises(InputQuestion, match=r"theirs\.shp has no layer 检查井") as question:
        planned(project, path, source_layer="检查井")
    assert question.value.answers == ("--source-layer theirs",)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_layer_needs_a_name(project: Project, shapefile: Callable[..., Path], name: str) -> None:
    with pytest.raises(UsageError, match="--as-reference NAME"):
        plan_import(project, shapefile([{"name": "a"}]), as_reference=name)


def test_what_the_system_refuses_is_said_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    full = OSError(errno.ENOSPC, "No space left on device")
    assert "free some space" in str(unreadable(path, full))
    assert "close it" in str(unreadable(path, PermissionError(errno.EACCES, "Permission denied")))
    with pytest.raises(InputError, match=r"There is no file .*theirs\.toml\.$"):
        read_mapping(tmp_path / "theirs.toml", None)


def test_single_places_far_from_the_others_are_named(
    project: Project, geojson: Callable[..., Path]
) -> None:
    wells = [shapely.Point(428_000 + 10 * n, 4_528_000) for n in range(10)]
    wells[3], wells[7] = shapely.Point(0, 0), shapely.Point(4_528_000, 428_070)
    for path in (
        geojson([(well, {"WTDH": f"WS{n}"}) for n, well in enumerate(wells)]),
        geojson([(well.buffer(3), {"WTDH": f"WS{n}"}) for n, well in enumerate(wells)]),
    ):
        report = planned(project, path).report
        (stray,) = [problem for problem in report.problems if problem.kind == "outside-county"]
        assert (stray.rows, stray.count, report.imported) == ("4, 8", 2, 10)


def test_a_file_of_another_county_is_one_trouble_and_not_one_a_row(
    project: Project, geojson: Callable[..., Path]
) -> None:
    wells = [(shapely.Point(500_000 + 10 * n, 3_528_000), {"no": n}) for n in range(10)]
    path = geojson(wells)
    found = planned(project, path, as_is=True).report.problems
    assert [(problem.kind, problem.rows) for problem in found] == [("outside-county", "")]


def test_a_local_system_in_words_of_proj_is_not_called_unknown(
    project: Project, geojson: Callable[..., Path]
) -> None:
    local = "+proj=tmerc +lat_0=0 +lon_0=108 +k=1 +x_0=500100 +y_0=-50 +ellps=krass +units=m"
    path = geojson([(shapely.Point(428_100, 4_527_950), {"no": 1})], crs=None)
    with pytest.raises(
        InputQuestion, match=r"From a system of its own \(Krass.*, central meridian 108°\)"
    ):
        planned(project, path, crs=local)


def test_a_file_that_another_program_is_writing_is_not_taken_in_part(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("no,name\n1,a\n", "utf-8")
    words = "import sys, time\nwith open(sys.argv[1], 'a') as file:\n    while True:\n"
    words += "        print('2,b', file=file, flush=True)\n        time.sleep(0.0005)\n"
    with subprocess.Popen([sys.executable, "-c", words, str(path)]) as writer:
        try:
            while path.stat().st_size < 100:
                time.sleep(0.01)
            with pytest.raises(InputError, match="was written to while it was read"):
                planned(project, path, spatial=False)
        finally:
            writer.kill()
    assert planned(project, path, spatial=False).report.read > 20
