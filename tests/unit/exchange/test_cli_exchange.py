"""What import and export say on the command line; the rest is in tests/test_cli.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import shapely

from hjgis import cli, paths
from hjgis.layers.project import Project
from hjgis.models.numbering import NumberRange, store_ranges
from tests.exported import export
from tests.network import build

Make = Callable[..., Path]
FOREIGN = paths.sample_data() / "foreign"


class NoWindow:
    def window(self, project: Path | None) -> int:
        raise AssertionError(f"no window was asked for: {project}")

    def screenshot(self, project: Path, out: Path, **options: object) -> None:
        raise AssertionError(f"no picture was asked for: {project} {out} {options}")


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], NoWindow())


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "旗 town.gpkg"
    Project.create(path).close()
    with Project.open(path) as project:
        build(project)
    return path


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_the_question_of_the_swapped_csv_names_the_options(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = FOREIGN / "公厕_XY对调.csv"
    assert run("import", town, source, "--to", "toilet") == 3
    out, err = said(capsys)
    assert (out, "--x / --y X" in err, "--x / --y Y" in err) == ("", True, True)
    assert run("import", town, source, "--to", "toilet", "--x", "X", "--y", "Y") == 3
    assert "north" in said(capsys)[1]
    assert run("import", town, source, "--to", "toilet", "--x", "Y", "--y", "X", "--json") == 0
    assert json.loads(said(capsys)[0])["imported"] == 5


def test_a_missing_crs_is_asked_with_candidates_and_the_answer_is_taken(
    town: Path, geojson: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    source = geojson([(shapely.Point(36_428_000, 4_528_000), {"WTDH": "1"})])
    table = source.with_suffix(".csv")
    table.write_text("x,y\n36428003.3,4528001.7\n")
    arguments = ("import", town, table, "--to", "manhole", "--x", "x", "--y", "y")
    assert run(*arguments) == 3
    assert "  --crs EPSG:4524" in said(capsys)[1]
    assert run(*arguments, "--crs", "EPSG:4524", "--json") == 0
    facts = json.loads(said(capsys)[0])
    assert (facts["imported"], facts["crs"], facts["crs_source"]) == (1, "EPSG:4524", "given")


def test_a_doubtful_encoding_is_asked_with_candidates_and_the_answer_is_taken(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "rare.csv"
    source.write_text("name,note\n龘靐,齉\n", "gbk")
    arguments = ("import", town, source, "--as-reference", "rare")
    assert run(*arguments) == 3
    assert "  --encoding gbk" in said(capsys)[1]
    assert run(*arguments, "--encoding", "gbk", "--json") == 0
    facts = json.loads(said(capsys)[0])
    assert (facts["imported"], facts["encoding"], facts["encoding_source"]) == (1, "gbk", "given")


def test_a_table_is_taken_without_coordinates_when_that_is_said(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "t.csv"
    source.write_text("name,X,Y\na,1,2\n")
    arguments = ("import", town, source, "--as-reference", "t")
    assert run(*arguments) == 3
    assert "--no-geometry" in said(capsys)[1]
    assert run(*arguments, "--no-geometry", "--json") == 0
    assert json.loads(said(capsys)[0])["imported"] == 1
    assert run("info", town, "--json") == 0
    layers = json.loads(said(capsys)[0])["layers"]
    assert ("None", 1) in [(layer["geometry"], layer["count"]) for layer in layers]


def test_the_import_report_has_the_keys_that_scripts_read(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = FOREIGN / "路灯_无编码声明.shp"
    assert run("import", town, source, "--to", "street_lamp", "--json") == 0
    facts = json.loads(said(capsys)[0])
    problems = facts.pop("problems")
    assert list(facts) == [
        "source", "layer", "read", "imported", "rejected", "matched", "unchanged", "updated",
        "missing", "deleted", "encoding", "encoding_source", "crs", "crs_source", "transform",
    ]  # fmt: skip
    assert (facts["read"], facts["encoding"], facts["encoding_source"]) == (40, "gbk", "detected")
    keys = ["row", "field", "kind", "count", "message", "rows"]
    assert all(list(p) == keys for p in problems)


def test_what_differs_is_asked_about_and_taken_over_when_told(
    town: Path, geojson: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    place, command = shapely.Point(428_700.5, 4_528_700.5), ("import", town)
    first = geojson([(place, {"WTDH": "T1", "remarks": "old"})])
    assert run(*command, first, "--to", "manhole", "--json") == 0
    assert json.loads(said(capsys)[0])["imported"] == 1
    second = geojson([(place, {"WTDH": "T1", "remarks": "new"})])

    assert run(*command, second, "--to", "manhole") == 3
    assert "--update new,changed" in said(capsys)[1]
    assert run(*command, second, "--to", "manhole", "--dry-run", "--json") == 0
    facts = json.loads(said(capsys)[0])
    (entry,) = facts["differences"]
    assert (facts["matched"], facts["unchanged"], entry["kind"]) == (1, 0, "changed")
    assert entry["values"] == {"remarks": ["old", "new"]}
    assert (entry["row"], entry["title"], entry["moved_m"]) == (1, "T1", None)
    assert run(*command, second, "--to", "manhole", "--update", "new,changed", "--json") == 0
    assert json.loads(said(capsys)[0])["updated"] == 1
    assert run(*command, second, "--to", "manhole", "--json") == 0
    assert json.loads(said(capsys)[0])["unchanged"] == 1
    assert run(*command, second, "--to", "manhole", "--update", "everything") == 2


def test_a_dry_run_reports_and_stores_nothing(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = FOREIGN / "路灯_无编码声明.shp"
    assert run("import", town, source, "--to", "street_lamp", "--dry-run", "--json") == 0
    assert json.loads(said(capsys)[0])["imported"] == 40
    with Project.open(town, write=False) as project:
        assert project.store.count("street_lamp") == 0


def test_wrong_words_are_usage_and_unusable_files_are_input(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lamps = FOREIGN / "路灯_无编码声明.shp"
    assert run("import", town, lamps, "--to", "volcano") == 2
    assert run("import", town, lamps, "--to", "street_lamp", "--map", "灯杆编号=volcano") == 2
    assert run("import", town, FOREIGN / "管线探测成果.xlsx", "--to", "manhole") == 3
    assert run("import", town, tmp_path / "a.dwg", "--to", "manhole") == 3
    assert run("import", town, tmp_path / "missing.shp", "--to", "manhole") == 3
    assert run("import", town, town, "--to", "manhole") == 3
    assert run("export", town, tmp_path / "o", "--layers", "volcano") == 2
    assert "Traceback" not in said(capsys)[1]


def test_exported_files_are_listed_and_a_second_time_refused(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "成果 1"
    assert run("export", town, out, "--json") == 0
    facts = json.loads(said(capsys)[0])
    assert {Path(path).name for path in facts["files"]} == {path.name for path in out.iterdir()}
    manhole = next(layer for layer in facts["layers"] if layer["name"] == "manhole")
    assert (manhole["written"], manhole["losses"], manhole["secrecy"]) == (3, [], "internal")
    assert run("export", town, out) == 3


@pytest.mark.parametrize(
    "option", [("--as-reference", "n"), ("--source-layer", "a"), ("--no-geometry",)]
)
def test_an_option_that_a_network_has_no_use_for_is_not_passed_over(
    town: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, option: tuple[str, ...]
) -> None:
    source = tmp_path / "theirs.csv"
    source.write_text("物探点号,X,Y\nWS1,4528000,428000\n", "utf-8")
    assert run("import", town, source, "--to", "network", *option) == 2
    assert f"{option[0]} does not go with --to network" in said(capsys)[1]


def test_new_components_get_ids_when_asked_for(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["lamps,x,y,标识码", "1,428000,4528000,", "2,428010,4528000,15082601037000002"]
    source = tmp_path / "lamps.csv"
    source.write_text("\n".join([*rows, "3,428020,4528000,"]), "utf-8")
    told = ("--to", "street_lamp", "--x", "x", "--y", "y", "--crs", "EPSG:4545")
    assert run("import", town, source, *told, "--number", "--json") == 0
    assert json.loads(said(capsys)[0])["imported"] == 3
    with Project.open(town) as project:
        ids = project.table("street_lamp", ["component_id"]).columns["component_id"].tolist()
        assert ids == ["15082601037000001", "15082601037000002", "15082601037000003"]
        project.session.undo()
        project.session.apply(store_ranges(None, [NumberRange("nobody", 1, 5)]))
    assert run("import", town, source, *told, "--number", "--json") == 0
    problems = json.loads(said(capsys)[0])["problems"]
    assert "no-id" in [problem["kind"] for problem in problems]


def test_a_workbook_that_was_written_here_is_known_without_a_word(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "back.xlsx"
    with Project.open(town, write=False) as project:
        export(project, book, format="xlsx", layers=["manhole", "pipe_line"])
    edited = openpyxl.load_workbook(book)
    sheet = edited["Manhole"]
    remarks = next(cell.column for cell in sheet[1] if str(cell.value).endswith(".remarks"))
    sheet.cell(3, remarks).value = "looked at"
    edited.save(book)
    assert run("import", town, book, "--dry-run", "--json") == 0
    facts = json.loads(said(capsys)[0])
    assert [entry["values"] for entry in facts["differences"]] == [{"remarks": [None, "looked at"]}]
    assert [layer["layer"] for layer in facts["layers"]] == ["manhole", "pipe_line"]
    assert run("import", town, book) == 3
    assert "--update" in said(capsys)[1]
    assert run("import", town, book, "--update", "new,changed") == 0
    with Project.open(town, write=False) as project:
        assert "looked at" in project.table("manhole", ["remarks"]).columns["remarks"].tolist()
    assert run("import", town, book, "--crs", "EPSG:4545") == 2
    assert "--crs needs --to" in said(capsys)[1]
    assert run("import", town, FOREIGN / "管线探测成果.xlsx") == 2
