"""Import and export leave the store's write lock alone: GDAL never opens the project file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from hjgis.cartography import output
from hjgis.cartography.composition import MapJob
from hjgis.checks import runner
from hjgis.errors import InputError
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.receiver import Replay, Trouble, listen
from hjgis.exchange.sources import summaries
from hjgis.layers.project import Project
from tests.exported import export
from tests.network import build

TRY = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None);"
    "c.execute('BEGIN IMMEDIATE'); print('taken')"
)


def second_process_takes_the_lock(path: Path) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(path)], capture_output=True, text=True, check=False
    )
    assert "taken" in done.stdout or "locked" in done.stderr
    return "taken" in done.stdout


def test_after_import_export_check_and_map_a_second_writer_is_still_refused(
    project: Project, geojson: Callable[..., Path], tmp_path: Path, qapp: object
) -> None:
    build(project)
    assert second_process_takes_the_lock(project.path)
    source = geojson([(shapely.Point(428_100, 4_528_000), {"WTDH": "9"})])
    project._db.execute("BEGIN IMMEDIATE")
    plan = plan_import(project, source, to="manhole")
    plan_import(project, source, as_reference="theirs")
    for format_ in ("shp", "geojson", "csv"):
        export(project, tmp_path / format_, format=format_)
    export(project, tmp_path / "copy.gpkg", format="gpkg")
    plan_import(project, tmp_path / "copy.gpkg", to="manhole", source_layer="manhole")
    with project.reader() as reader:
        runner.run(reader)
        output.render_sheet(MapJob(reader), tmp_path / "map.png")
    assert not second_process_takes_the_lock(project.path)
    project._db.execute("ROLLBACK")
    carry_out(project, plan)
    assert project.store.count("manhole") == 4
    assert sqlite3.connect(project.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_open_project_is_never_looked_into_as_a_foreign_file(project: Project) -> None:
    other = project.path.with_name("same.gpkg")
    other.hardlink_to(project.path)
    project._db.execute("BEGIN IMMEDIATE")
    for path in (project.path, other):
        with pytest.raises(InputError, match="open in this program"):
            summaries(path)
        with pytest.raises(InputError):
            plan_import(project, path, to="manhole")
    assert not second_process_takes_the_lock(project.path)
    project._db.execute("ROLLBACK")


def test_a_project_that_is_closed_may_be_read_like_any_geopackage(
    project: Project, tmp_path: Path
) -> None:
    with Project.create(tmp_path / "other.gpkg") as closed:
        build(closed)
    found = {layer.name: layer.count for layer in summaries(tmp_path / "other.gpkg")}
    assert (found["manhole"], found["pipe_line"]) == (3, 2)


def test_the_open_project_is_not_touched_by_playing_it_as_a_log(project: Project) -> None:
    project._db.execute("BEGIN IMMEDIATE")
    (trouble,) = listen(Replay(project.path), threading.Event())
    assert isinstance(trouble, Trouble)
    assert "is no log" in trouble.words
    assert not second_process_takes_the_lock(project.path)
    project._db.execute("ROLLBACK")
