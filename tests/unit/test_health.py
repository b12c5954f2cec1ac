"""The program examines itself."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from hjgis import cli
from hjgis.layers.project import Project
from hjgis.layers.safekeeping import holder
from hjgis.models import crs
from hjgis.models.health import Line, worst
from hjgis.render import health as drawing
from hjgis.reports import health
from tests.test_cli import Faces


def lines_of(project: Path | None) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in health.look(project):
        found.setdefault(line.topic, []).append(line)
    return found


def test_a_sound_project_on_a_sound_computer_is_well(project: Project) -> None:
    project.close()
    found = lines_of(project.path)
    assert {line.state for name in ("gdal", "proj", "sqlite", "project", "journal", "lock")
            for line in found[name]} == {"ok"}  # fmt: skip
    assert len(found["folder"]) == 5
    for driver in ("ESRI Shapefile", "GPKG", "DXF", "GeoJSON", "KML"):
        assert driver in found["gdal"][0].said
    assert found["backups"][0].state == "warning"


def test_whoever_writes_a_project_is_named_and_nothing_is_left_when_nobody_does(
    project: Project,
) -> None:
    (line,) = lines_of(project.path)["lock"]
    assert "open for writing:" in line.said
    project.close()
    before = sorted(project.path.parent.iterdir())
    assert holder(project.path) is None
    assert sorted(project.path.parent.iterdir()) == before


@pytest.mark.parametrize("fault", ["cut", "foreign", "other"])
def test_a_project_that_is_not_sound_is_a_fault_with_what_to_do(
    project: Project, fault: str
) -> None:
    project.close()
    raw = project.path.read_bytes()
    if fault == "other":
        project.path.unlink()
        sqlite3.connect(project.path).close()
    else:
        project.path.write_bytes(raw[: len(raw) // 2] if fault == "cut" else b"\0" * 500)
    line = lines_of(project.path)["project"][0]
    assert line.state == "fault"
    assert line.todo


def test_looking_changes_nothing_in_the_project(project: Project) -> None:
    project.close()
    before = (project.path.read_bytes(), sorted(project.path.parent.iterdir()))
    health.look(project.path)
    assert (project.path.read_bytes(), sorted(project.path.parent.iterdir())) == before


def test_proj_without_its_data_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crs.pyproj.datadir, "get_data_dir", lambda: "/nowhere")
    assert [line.state for line in crs.proj_lines()] == ["fault"]


def test_a_folder_that_cannot_be_written_or_is_full_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    assert health._folder_line("cache", tmp_path / "file").state == "fault"
    usage = type("Usage", (), {})
    for free, state in ((10, "fault"), (500 * 1024**2, "warning"), (5 * 1024**3, "ok")):
        usage.free = free
        monkeypatch.setattr(health.shutil, "disk_usage", lambda _path: usage)
        assert health._folder_line("cache", tmp_path).state == state
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_clock_that_is_behind_what_was_written_is_told(project: Project) -> None:
    project.close()
    ahead = project.path.stat().st_mtime + 10 * 86_400
    os.utime(project.path, (ahead, ahead))
    assert lines_of(project.path)["clock"][0].state == "warning"


def test_without_chinese_letters_there_is_a_fault(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = {line.topic: line.state for line in drawing.qt_lines()}
    assert topics == {"fonts": "ok", "qt": "ok", "screen": "ok"}
    monkeypatch.setattr(drawing, "FAMILIES", ("Nowhere Sans",))
    assert drawing.qt_lines()[0].state == "fault"


def test_the_worst_counts() -> None:
    lines = [Line("a", "ok", ""), Line("b", "fault", ""), Line("c", "warning", "")]
    assert worst(lines) == "fault"
    assert worst([]) == "ok"


def test_the_doctor_of_the_command_line_exits_with_0_or_1(
    qapp: object, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.close()
    assert cli.main(["info", "--doctor"], Faces()) == 0
    assert "SQLite" in capsys.readouterr().out
    assert cli.main(["info", str(project.path), "--doctor", "--json"], Faces()) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["state"] == "warning"
    assert {line["topic"] for line in facts["lines"]} == set(health.TITLES)
    project.path.write_bytes(b"\0" * 500)
    assert cli.main(["info", str(project.path), "--doctor"], Faces()) == 1
    assert cli.main(["info"], Faces()) == 2
