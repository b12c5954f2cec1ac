"""`hjgis visits` on a street with a lamp missing."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
import pypdf
import pytest

from hjgis.layers.project import Project
from tests.test_cli import run
from tests.unit.checks.examples import missing


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    with Project.create(path, operator="tester") as project:
        missing.row_with_a_lamp_missing(project)
    return path


def test_places_to_visit_are_printed(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("visits", town) == 0
    out, words = capsys.readouterr()
    assert "Lamp probably missing: 60 m between lamps D90 and D150" in out
    assert "X 4524008.00  Y 428120.00" in out
    assert "1 place to visit" in words


def test_places_to_visit_are_one_json_object(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("visits", town, "--json") == 0
    (visit,) = json.loads(capsys.readouterr().out)["visits"]
    assert (visit["number"], visit["road"], visit["rule"]) == (1, "示例灯街", "visit.lamp_gap")
    assert run("visits", town, "--extent", "0,0,1,1", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"visits": []}


def test_places_to_visit_become_a_field_sheet_or_a_layer(town: Path) -> None:
    paper, layer = town.with_name("visits.pdf"), town.with_name("visits.shp")
    assert run("visits", town, paper) == 0
    assert len(pypdf.PdfReader(paper).pages) == 1
    assert run("visits", town, layer) == 0
    assert len(pyogrio.read_dataframe(layer)) == 1
    assert run("visits", town, layer) == 3
    assert run("visits", town, town.with_name("visits.dxf")) == 2
