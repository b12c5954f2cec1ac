from __future__ import annotations

import json
from pathlib import Path

import pytest

from hjgis.edits.attributes import set_values
from hjgis.edits.records import add_records
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from tests.test_cli import run
from tests.test_cli import town as town  # a fixture


@pytest.fixture
def named(town: Path) -> Path:
    with Project.open(town) as project:
        table = project.table("manhole", [])
        keys = [FeatureKey("manhole", uuid) for uuid in table.uuids]
        values = {"component_id": "15082601010000123", "road_name": "人民路", "remarks": "冒溢"}
        project.session.apply(set_values(project, keys[:1], values))
    return town


def test_find_prints_layer_name_and_place(named: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("find", named, "rml", "冒") == 0
    out, words = capsys.readouterr()
    assert out.startswith("Manhole  A  X ")
    assert "Remarks: 冒溢" in out
    assert "人民路" in out
    assert "1 feature found" in words


def test_find_prints_one_json_object(named: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("find", named, "000123", "--layer", "manhole", "--limit", "1", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["layers"] == {"manhole": 1}
    (hit,) = facts["hits"]
    assert (hit["layer"], hit["title"]) == ("manhole", "A")
    assert hit["y"] > 4_000_000 > hit["x"]
    assert run("find", named, "没有", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"text": "没有", "layers": {}, "hits": []}


def test_a_record_is_found_with_the_place_of_its_asset(
    named: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(named) as project:
        (uuid, *_others) = project.table("manhole", []).uuids.tolist()
        key = FeatureKey("manhole", uuid)
        values = {"date": "2026-05-01", "person": "王工", "remarks": "井盖已更换"}
        project.session.apply(add_records(project, [key], values))
    capsys.readouterr()
    assert run("find", named, "wg 更换", "--json") == 0
    (hit,) = json.loads(capsys.readouterr().out)["hits"]
    assert (hit["layer"], hit["asset"]) == ("inspection", f"manhole/{uuid}")
    assert hit["y"] > 4_000_000


def test_find_says_what_it_cannot_do(named: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("find", named, "***") == 2
    assert "type letters or digits" in capsys.readouterr().err
    assert run("find", named, "a", "--layer", "nothing") == 2
    assert "There is no layer nothing" in capsys.readouterr().err
