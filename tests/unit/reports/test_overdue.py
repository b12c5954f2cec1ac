"""Lists of what is to be inspected, on paper and in workbooks."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import openpyxl
import pypdf
import pytest
import shapely

from hjgis import cli
from hjgis.edits.add import add_feature
from hjgis.edits.records import add_records
from hjgis.layers.project import Project
from hjgis.layers.querying import query_said
from hjgis.models.queries import new_query, save_query
from tests.test_cli import Faces


@pytest.fixture
def town(tmp_path: Path, qapp: object) -> Path:
    path = tmp_path / "town.gpkg"
    with Project.create(path) as project:
        for number, day in enumerate(("2026-01-01", None, "2026-05-20")):
            values = {"last_inspect_date": day, "exp_no": f"WS{number}", "road_name": "中山路"}
            change = add_feature(project, "manhole", shapely.Point(number, 1), values)
            project.session.apply(change)
            if day is None:
                values = {"date": "2026-04-01", "kind": "维修", "finding": "井盖破损"}
                record = {**values, "due_date": "2026-05-01"}
                project.session.apply(add_records(project, [change.changes[0].key], record))
    return path


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], Faces())


def test_the_list_is_printed_as_one_json_object(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("overdue", town, "--on", "2026-06-01", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["on"] == "2026-06-01"
    assert {(one["group"], one["count"]) for one in facts["counts"]} == {
        ("overdue", 1),
        ("repair", 1),
        ("soon", 1),
        ("never", 1),
    }
    first = facts["rows"][0]
    assert (first["group"], first["days"], first["due"]) == ("overdue", 121, "2026-01-31")


def test_today_is_what_counts_if_no_day_is_given(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("overdue", town, "--json") == 0
    assert json.loads(capsys.readouterr().out)["on"] == dt.date.today().isoformat()
    assert run("overdue", town) == 0
    assert "overdue" in capsys.readouterr().out


def test_the_list_is_a_workbook_with_room_for_results(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "due.xlsx"
    assert run("overdue", town, "--on", "2026-06-01", "--out", out) == 0
    rows = list(openpyxl.load_workbook(out).active.iter_rows(values_only=True))
    assert len(rows) == 5
    assert rows[0][:2] == ("No.", "Group")
    assert [row[1] for row in rows[1:]] == [
        "Overdue",
        "Not put right",
        "Due soon",
        "Never inspected",
    ]
    assert rows[2][10] == "井盖破损"
    assert rows[1][11:13] == (None, None)


def test_the_field_sheet_lists_what_is_due_but_not_what_never_was(
    town: Path, tmp_path: Path
) -> None:
    out = tmp_path / "due.pdf"
    assert run("overdue", town, "--on", "2026-06-01", "--out", out) == 0
    pages = pypdf.PdfReader(out).pages
    text = "".join(pages[0].extract_text().split())
    assert len(pages) == 1
    assert "3assets" in text
    assert "中山路" in text


def test_a_list_of_another_kind_is_refused(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("overdue", town, "--out", tmp_path / "due.docx") == 2
    assert ".xlsx" in capsys.readouterr().err


def test_files_of_assets_are_written_from_the_shell(town: Path, tmp_path: Path) -> None:
    with Project.open(town, write=False) as project:
        uuids = project.table("manhole", (), geometry=False).uuids
    out = tmp_path / "files.pdf"
    features = [part for uuid in uuids[:2] for part in ("--feature", f"manhole/{uuid}")]
    assert run("dossier", town, out, *features) == 0
    assert len(pypdf.PdfReader(out).outline) == 2
    assert run("dossier", town, out) == 2
    assert run("dossier", town, out, "--feature", "manhole") == 2


def test_the_files_of_all_that_a_saved_query_finds_are_written(town: Path, tmp_path: Path) -> None:
    with Project.open(town) as project:
        query = query_said(project, "exp_no = WS1", "manhole")
        project.session.apply(save_query(None, new_query("一口井", query)))
    out = tmp_path / "file.pdf"
    assert run("dossier", town, out, "--query", "一口井") == 0
    text = "".join(pypdf.PdfReader(out).pages[0].extract_text().split())
    assert "WS1" in text
    assert run("dossier", town, out, "--query", "nothing of this name") == 2
