"""Several layers of one file at once; the wizard's part is in tests/ui/test_import_at_once.py."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely
from pyogrio import raw

from hjgis import cli
from hjgis.errors import Cancelled
from hjgis.exchange import apart, at_once, sources
from hjgis.exchange.at_once import Outcome
from hjgis.exchange.drawings import drawing as cad
from hjgis.layers.project import Project
from hjgis.progress import Progress
from tests.unit.exchange.test_cli_exchange import NoWindow

PLACE = (428_000.0, 4_528_000.0)
# What `drawing` holds, as it is read.
COUNTS = {
    "高程点 / Point": 2, "JZD / Point": 3, "控制点 / Point": 4,
    "道路 / LineString": 1, "围墙 / LineString": 1, "房屋 / Polygon": 1,
}  # fmt: skip


def drawing(path: Path) -> Path:
    """Write a drawing of six layers: three of points, two of lines, one of areas."""
    document = ezdxf.new()
    space = document.modelspace()
    x, y = PLACE
    for number, name in enumerate(("高程点", "JZD", "控制点")):
        for step in range(2 + number):
            space.add_point((x + 10 * step, y + number), dxfattribs={"layer": name})
    for name in ("道路", "围墙"):
        space.add_line((x, y), (x + 50, y + 20), dxfattribs={"layer": name})
    ring = [(x, y), (x + 30, y), (x + 30, y + 30), (x, y + 30)]
    space.add_lwpolyline(ring, close=True, dxfattribs={"layer": "房屋"})
    document.saveas(path)
    return path


def package(path: Path, *, nowhere: Sequence[float] = (12.0, 34.0)) -> Path:
    """Write a GeoPackage of lamps, of plain lines, and of points in no system at `nowhere`."""
    spots = shapely.points([(PLACE[0] + 10 * n, PLACE[1]) for n in range(3)])
    lamp = {"灯杆编号": ["L0", "L1", "L2"], "光源": ["LED"] * 3}
    lines = [shapely.LineString([PLACE, (PLACE[0] + 9, PLACE[1])])]
    written: tuple[tuple[str, Any, dict[str, list[str]], str, str | None], ...] = (
        ("lamps", spots, lamp, "Point", "EPSG:4545"),
        ("fences", lines, {"what": ["wall"]}, "LineString", "EPSG:4545"),
        ("nowhere", shapely.points([nowhere]), {"what": ["?"]}, "Point", None),
    )
    for number, (name, shapes, columns, kind, crs) in enumerate(written):
        with nullcontext() if crs else pytest.warns(UserWarning, match="crs"):
            raw.write(
                path,
                layer=name,
                geometry=shapely.to_wkb(shapes),
                field_data=[np.array(values, dtype=object) for values in columns.values()],
                fields=list(columns),
                geometry_type=kind,
                crs=crs,
                driver="GPKG",
                append=number > 0,
            )
    return path


def taken(project: Project, source: Path, **options: Any) -> dict[str, Outcome]:
    layers = sources.summaries(source)
    wanted = at_once.proposed(project, layers)
    told = options.pop("told", {})
    settled = at_once.common_system(layers)
    outcomes = at_once.import_layers(project, source, wanted, told, settled=settled, **options)
    return {one.wanted.layer.name: one for one in outcomes}


def titles(project: Project) -> set[str]:
    return {t.label["en"] for t in project.types.values() if t.id not in project.shipped.types}


def test_all_layers_of_a_drawing_become_reference_layers_under_their_own_names(
    project: Project, tmp_path: Path
) -> None:
    source = drawing(tmp_path / "town.dxf")
    outcomes = taken(project, source, told={"crs": "EPSG:4545"})
    assert {name: one.left for name, one in outcomes.items()} == dict.fromkeys(COUNTS, "")
    assert titles(project) == set(outcomes)
    counts = {name: one.report.imported for name, one in outcomes.items() if one.report}
    assert counts == COUNTS
    for _layer in outcomes:
        project.session.undo()
    assert not titles(project)


def test_layers_that_came_one_after_the_other_go_and_come_back_one_by_one(
    project: Project, tmp_path: Path
) -> None:
    taken(project, drawing(tmp_path / "town.dxf"), told={"crs": "EPSG:4545"})
    for left in range(5, -1, -1):
        project.session.undo()
        assert len(titles(project)) == left
    for back in range(1, 7):
        project.session.redo()
        assert len(titles(project)) == back


def test_a_kind_that_is_sure_is_taken_and_a_layer_that_asks_is_left(
    project: Project, tmp_path: Path
) -> None:
    outcomes = taken(project, package(tmp_path / "three.gpkg"))
    assert project.count("street_lamp") == 3
    assert titles(project) == {"fences"}
    assert outcomes["nowhere"].report is None
    assert "system" in outcomes["nowhere"].left


def test_what_is_said_of_the_coordinates_is_not_said_of_layers_in_another_system(
    project: Project, tmp_path: Path
) -> None:
    source = package(tmp_path / "three.gpkg", nowhere=PLACE)
    outcomes = taken(project, source, told={"crs": "EPSG:4524"})
    lamps, nowhere = outcomes["lamps"].report, outcomes["nowhere"]
    assert lamps is not None
    assert lamps.crs == "EPSG:4545"
    assert "zone 36" in nowhere.left


def test_taken_again_each_layer_finds_its_own_and_nothing_is_doubled(
    project: Project, tmp_path: Path
) -> None:
    source = drawing(tmp_path / "town.dxf")
    taken(project, source, told={"crs": "EPSG:4545"})
    before = {name: project.count(name) for name in project.types}
    outcomes = taken(project, source, told={"crs": "EPSG:4545"})
    assert {name: project.count(name) for name in project.types} == before
    assert {one.report.imported for one in outcomes.values() if one.report} == {0}


def test_what_was_changed_in_the_file_is_a_question_and_the_layer_is_left(
    project: Project, tmp_path: Path
) -> None:
    source = package(tmp_path / "three.gpkg")
    taken(project, source)
    shapes = shapely.points([(PLACE[0] + 10 * n, PLACE[1]) for n in range(3)])
    poles, light = np.array(["L0", "L1", "L2"], object), np.array(["LED", "LED", "HPS"], object)
    raw.write(
        tmp_path / "again.gpkg",
        layer="lamps",
        geometry=shapely.to_wkb(shapes),
        field_data=[poles, light],
        fields=["灯杆编号", "光源"],
        geometry_type="Point",
        crs="EPSG:4545",
        driver="GPKG",
    )
    outcome = taken(project, tmp_path / "again.gpkg")["lamps"]
    assert outcome.report is None
    assert "by itself" in outcome.left


def test_a_layer_of_which_nothing_can_be_taken_is_left_and_the_reason_told(
    project: Project, tmp_path: Path
) -> None:
    document = ezdxf.new()
    document.modelspace().add_point((9e9, 9e9), dxfattribs={"layer": "far"})
    document.modelspace().add_point(PLACE, dxfattribs={"layer": "here"})
    document.saveas(tmp_path / "far.dxf")
    outcomes = taken(project, tmp_path / "far.dxf", told={"crs": "EPSG:4545", "as_is": True})
    assert titles(project) == {"here / Point"}
    assert "None of its 1 records" in outcomes["far / Point"].left


class StopsAt:
    """Stops when a layer of this number is begun."""

    def __init__(self, layer: int) -> None:
        self._left = layer

    def report(self, done: int, total: int, key: str) -> None:
        del total, key
        self._left -= done == 0

    def check(self) -> None:
        if self._left <= 0:
            raise Cancelled


def test_stopped_in_the_middle_what_was_stored_stays_and_the_rest_is_told(
    project: Project, tmp_path: Path
) -> None:
    source = drawing(tmp_path / "town.dxf")
    progress: Progress = StopsAt(3)
    outcomes = taken(project, source, told={"crs": "EPSG:4545"}, progress=progress)
    stored = [name for name, one in outcomes.items() if one.report]
    assert len(outcomes) == 6
    assert 0 < len(stored) < 6
    assert titles(project) == set(stored)
    assert all("Stopped" in one.left for one in outcomes.values() if not one.report)


def test_the_report_names_every_layer_and_why_one_was_left(
    project: Project, tmp_path: Path
) -> None:
    outcomes = taken(project, package(tmp_path / "three.gpkg"))
    at_once.write_report(project, tuple(outcomes.values()), tmp_path / "report.csv")
    text = (tmp_path / "report.csv").read_text("utf-8-sig")
    assert all(name in text for name in outcomes)
    assert outcomes["nowhere"].left.splitlines()[0][:20] in text


def test_the_command_line_takes_all_layers_and_says_which_were_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town, source = tmp_path / "town.gpkg", package(tmp_path / "three.gpkg")
    Project.create(town).close()

    def run(*more: str) -> int:
        return cli.main(["import", str(town), str(source), "--all", *more], NoWindow())

    assert run("--to", "toilet") == 2
    assert "--to" in capsys.readouterr().err
    assert run("--dry-run", "--json") == 1
    facts = json.loads(capsys.readouterr().out)
    assert [("left" in one) for one in facts["layers"]].count(True) == 1
    with Project.open(town, write=False) as project:
        assert project.count("street_lamp") == 0
    assert run() == 1
    assert "nowhere" in capsys.readouterr().out
    with Project.open(town, write=False) as project:
        assert project.count("street_lamp") == 3


@pytest.mark.parametrize("packed", [False, True])
def test_a_drawing_is_read_once_for_all_its_layers(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    source = drawing(tmp_path / "a.dxf")
    if packed:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(source, source.name)
        source = tmp_path / "a.zip"
    layers = sources.summaries(source)
    asked = []
    ask = apart.READER.ask

    def listened(question: Any, *rest: Any) -> Any:
        asked.append(question["work"])
        return ask(question, *rest)

    monkeypatch.setattr(apart.READER, "ask", listened)
    wanted = at_once.proposed(project, layers)
    outcomes = at_once.import_layers(project, source, wanted, {}, settled=None)
    assert {one.wanted.layer.name: one.report.imported for one in outcomes if one.report} == COUNTS
    assert asked == ["layers"]


def test_a_layer_that_is_gone_meanwhile_leaves_the_others(project: Project, tmp_path: Path) -> None:
    source = drawing(tmp_path / "a.dxf")
    layers = sources.summaries(source)
    document = ezdxf.readfile(source)
    for entity in [*document.modelspace().query('*[layer=="JZD"]')]:
        document.modelspace().delete_entity(entity)
    document.saveas(source)
    wanted = at_once.proposed(project, layers)
    outcomes = at_once.import_layers(project, source, wanted, {}, settled=None)
    left = [one.wanted.layer.name for one in outcomes if one.left]
    assert left == ["JZD / Point"]


def test_a_drawing_that_is_unpacked_anew_is_not_read_anew(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    document = ezdxf.new()
    document.modelspace().add_point((1, 2), dxfattribs={"layer": "A"})
    first = tmp_path / "one" / "a.dxf"
    document.saveas(first)
    again = Path(shutil.copy(first, tmp_path / "two"))
    before = cad._read.cache_info().misses
    for path in (first, again, first):
        assert len(cad.read_drawing(path, "A / Point", None)) == 1
    assert cad._read.cache_info().misses == before + 1
    document.modelspace().add_point((3, 4), dxfattribs={"layer": "A"})
    document.saveas(again)
    assert len(cad.read_drawing(again, "A / Point", None)) == 2
