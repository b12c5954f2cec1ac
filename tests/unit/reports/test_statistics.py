"""Statistics as workbook, chart and JSON; from a shell too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from openpyxl import load_workbook

from hjgis import cli
from hjgis.errors import HjgisError, UsageError
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.queries import new_query, save_query
from hjgis.models.query import Condition, Query
from hjgis.reports.statistics import chart_of, grid, to_json, write_statistics

ROADS = ["=1+1", "和平路", "和平路", None]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Project]:
    lines = np.array([shapely.LineString([(0, 0), (0, 1500)])] * 4, object)
    columns = {"road_name": ROADS, "material": ["G", "T", "T", "不详"], "diameter_mm": [1, 2, 3, 4]}
    with Project.create(tmp_path / "town.gpkg", operator="tester") as project:
        bulk = (BulkInsert("pipe_line", lines, columns),)
        project.session.apply(ChangeSet("t", bulk=bulk))
        yield project


def test_a_workbook_holds_numbers_headings_totals_and_what_was_asked(
    town: Project, tmp_path: Path
) -> None:
    query = Query("pipe_line", (Condition("diameter_mm", ">", 0),))
    question = querying.question(town, "pipe_line", ("road_name", "material"), "length", query)
    table = town.store.statistics(question, town.catalogue)
    path = tmp_path / "out.xlsx"
    write_statistics(town, table, path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0] == ["Road \\ Material", "Steel", "Concrete", "Unknown", "Total"]
    assert rows[1] == ["=1+1", 1.5, None, None, 1.5]
    assert rows[-1] == ["Total", 1.5, 3.0, 1.5, 6.0]
    assert sheet["A4"].data_type == "s"
    assert sheet["B4"].number_format == "#,##0.000"
    said = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}
    assert said["Conditions"] == "Nominal diameter greater than 0 mm"
    assert said["Features"] == 4
    assert "EPSG" in said["Lengths and areas"]
    assert not list(tmp_path.glob("*.part*"))


def test_means_are_not_added_up(town: Project) -> None:
    question = querying.question(town, "pipe_line", ("road_name",), "mean:diameter_mm")
    table = town.store.statistics(question, town.catalogue)
    assert grid(town, table)[-1] == ["Total", 2.5]
    with pytest.raises(UsageError, match="add up"):
        chart_of(town, table, kind="pie")
    assert chart_of(town, table).series[0][1] == (1.0, 2.5, 4.0)


def test_an_unknown_ending_and_a_folder_that_is_not_there_are_told(
    town: Project, tmp_path: Path
) -> None:
    table = town.store.statistics(querying.question(town, "pipe_line"), town.catalogue)
    with pytest.raises(UsageError, match="pdf"):
        write_statistics(town, table, tmp_path / "out.pdf")
    with pytest.raises(HjgisError, match="cannot be written"):
        write_statistics(town, table, tmp_path / "nowhere" / "out.xlsx")
    assert to_json(town, table)["total"] == {"features": 4, "value": 4}


class NoWindow:
    def window(self, project: Path | None) -> int:
        raise AssertionError(project)

    def screenshot(self, project: Path, out: Path, **options: object) -> None:
        raise AssertionError(project, out, options)


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], NoWindow())


def test_statistics_from_a_shell(
    town: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steel = Query("pipe_line", (Condition("material", "=", "G"),))
    town.session.apply(save_query(None, new_query("Steel", steel)))
    town.close()
    asked = ("stats", town.path, "pipe_line")
    assert run(*asked, "--by", "material", "--measure", "sum:diameter_mm", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert [(cell["row"], cell["value"]) for cell in facts["cells"]] == [
        ("G", 1.0), ("T", 5.0), ("不详", 4.0),
    ]  # fmt: skip
    assert run(*asked, "--query", "Steel", "--measure", "length") == 0
    assert "1.500" in capsys.readouterr().out
    assert run(*asked, "--where", "材质 不详", "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"]["features"] == 1
    out = tmp_path / "out.png"
    assert run(*asked, "--by", "road_name", "--out", out, "--chart", "pie") == 0
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "more",
    [["--by", "colour"], ["--measure", "weight"], ["--query", "nobody"], ["--where", "x"],
     ["--by", "kind", "--by", "kind", "--by", "kind"], ["--out", "x.doc"]],
)  # fmt: skip
def test_what_makes_no_sense_is_told_in_a_shell(
    town: Project, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    town.close()
    assert run("stats", town.path, "pipe_line", *more) == 2
    assert capsys.readouterr().err
