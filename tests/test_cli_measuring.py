from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from hjgis.layers.project import Project
from tests.network import build
from tests.test_cli import run


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    with Project.create(path, operator="li") as project:
        build(project)
    return path


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, object]]]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_completeness_is_told_by_field_as_sql_counts_it(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run("completeness", town, "--layer", "manhole", "--by", "field", "--json") == 0
    (layer,) = told(capsys)["layers"]
    connection = sqlite3.connect(town)
    fields = layer["fields"]
    assert isinstance(fields, list)
    for entry in fields:
        gaps = connection.execute(
            f"SELECT sum(coalesce({entry['field']}, '') = '') FROM manhole"
        ).fetchone()[0]
        assert (entry["required"], entry["gaps"]) == (3, gaps)
    connection.close()
    assert any("required fields" in str(words) for words in layer["against"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("by", ["grid", "road", "unit", "operator", "class"])
def test_completeness_is_told_by_groups_that_add_up(
    town: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    capsys.readouterr()
    assert run("completeness", town, "--by", by, "--json") == 0
    for layer in told(capsys)["layers"]:
        groups = layer["groups"]
        assert isinstance(groups, list)
        assert sum(group["features"] for group in groups) == layer["features"]
        assert sum(group["gaps"] for group in groups) == layer["gaps"]
        if by == "operator" and groups:
            assert [group["value"] for group in groups] == ["li"]


def test_completeness_is_told_by_days_and_written(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "days.xlsx"
    capsys.readouterr()
    command = ("completeness", town, "--layer", "pipe_line", "--trend", "--json", "--out", out)
    assert run(*command) == 0
    (layer,) = told(capsys)["layers"]
    days = layer["days"]
    assert isinstance(days, list)
    assert [day["features"] for day in days] == [2]
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:2] == (days[0]["day"], 2)


def test_what_cannot_be_measured_is_refused_with_what_can(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("completeness", town, "--layer", "grid") == 2
    assert "manhole" in capsys.readouterr().err
    assert run("completeness", town, "--trend", "--by", "road") == 2


def test_all_layers_are_printed_for_people(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("completeness", town) == 0
    out = capsys.readouterr()
    assert "Manhole\t3\t" in out.out
    assert "manhole: 10 required fields" in out.err


def test_renewal_is_told_and_written(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "renewal.xlsx"
    capsys.readouterr()
    assert run("renewal", town, "--on", "2026-06-01", "--json", "--out", out) == 0
    facts = told(capsys)
    ages = {str(entry["label"]): entry for entry in facts["ages"]}
    assert ages["Year unknown"]["pipes"] == 2
    assert ages["Within its years"]["pipes"] == 0
    assert facts["pipes"] == []
    assert openpyxl.load_workbook(out).sheetnames[0] == "Ranked list"
    assert run("renewal", town) == 0
    assert "Year unknown" in capsys.readouterr().out
