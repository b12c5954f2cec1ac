"""The pipe network followed from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import ezdxf
import pypdf
import pytest
from PySide6.QtWidgets import QApplication

from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from tests import network
from tests.test_cli import run


@pytest.fixture
def town(project: Project, qapp: QApplication) -> tuple[Path, dict[str, FeatureKey]]:
    assert qapp is not None
    keys = network.build(project)
    for pipe in ("AB", "BC"):
        project.session.apply(set_values(project, [keys[pipe]], {"flow_dir": "顺向"}))
    project.close()
    return project.path, keys


def test_pipes_downstream_are_listed_with_the_breaks(
    town: tuple[Path, dict[str, FeatureKey]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, keys = town
    assert run("trace", path, "B", "--way", "down", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pipes"] == [keys["BC"].uuid]
    assert told["names"] == ["BC"]
    assert told["breaks"] == [[428_060.0, 4_528_010.0]]
    assert run("trace", path, keys["B"].uuid, "--way", "all") == 0
    assert capsys.readouterr().out.split() == ["AB", "BC"]


@pytest.mark.parametrize("ending", ["pdf", "dxf"])
def test_a_profile_is_written(
    town: tuple[Path, dict[str, FeatureKey]], tmp_path: Path, ending: str
) -> None:
    path, _keys = town
    out = tmp_path / f"profile.{ending}"
    assert run("profile", path, out, "A", "C") == 0
    if ending == "pdf":
        text = pypdf.PdfReader(out).pages[0].extract_text()
        assert "length profile A – C" in " ".join(text.split())
    else:
        texts = {one.dxf.text for one in ezdxf.readfile(out).modelspace().query("TEXT")}
        assert {"A", "B", "C"} <= texts


def test_what_is_not_there_is_told(
    town: tuple[Path, dict[str, FeatureKey]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _keys = town
    assert run("trace", path, "Z") == 2
    assert "There is no point Z" in capsys.readouterr().err
    assert run("profile", path, tmp_path / "p.png", "A", "C") == 2
    assert "must end in .pdf, .dxf" in capsys.readouterr().err
    assert run("profile", path, tmp_path / "p.pdf", "A") == 3
    assert not list(tmp_path.glob("p.*"))


def test_a_number_that_two_points_have_asks_for_more(
    town: tuple[Path, dict[str, FeatureKey]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, keys = town
    with Project.open(path) as project:
        project.session.apply(set_values(project, [keys["B"]], {"exp_no": "A"}))
    assert run("trace", path, "A") == 2
    assert "2 points have the number A" in capsys.readouterr().err
