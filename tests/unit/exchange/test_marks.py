"""A shift of a map service is never taken away twice, through whatever file the data went."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import marks
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.layers.project import Project
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.gcj02 import LonLat
from tests.exported import export

TRUE = (107.15, 40.89)


@pytest.fixture
def shifted(tmp_path: Path) -> Path:
    there = LonLat(np.array([TRUE[0]]), np.array([TRUE[1]]), "true").shifted("GCJ-02")
    path = tmp_path / "amap.csv"
    path.write_text(f"lon,lat,exp_no\n{float(there.lon[0])!r},{float(there.lat[0])!r},W1\n")
    return path


@pytest.fixture
def straightened(project: Project, shifted: Path) -> Project:
    plan = plan_import(project, shifted, to="manhole", x="lon", y="lat", crs="gcj02")
    carry_out(project, plan)
    return project


def exported(project: Project, folder: Path, form: str, crs: str) -> Path:
    out = folder / ("out.gpkg" if form == "gpkg" else "out")
    report = export(project, out, format=form, layers=["manhole"], crs=crs)
    return report.files[0]


def columns(form: str, crs: str) -> dict[str, str]:
    if form != "csv":
        return {}
    north, east = marks.headings(parse_crs(crs))
    return {"x": east, "y": north}


@pytest.mark.parametrize(
    ("crs", "heading"),
    [
        ("EPSG:4490", "纬度(CGCS2000),经度(CGCS2000)"),
        ("EPSG:4326", "纬度(WGS 84),经度(WGS 84)"),
        ("EPSG:4545", "X(北),Y(东)"),
    ],
)
def test_a_table_is_headed_by_the_system_of_its_coordinates(
    straightened: Project, tmp_path: Path, crs: str, heading: str
) -> None:
    first = exported(straightened, tmp_path, "csv", crs).read_text("utf-8-sig").splitlines()[0]
    assert first.startswith(f"uuid,{heading},")


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:4545"])
@pytest.mark.parametrize("form", ["shp", "gpkg", "geojson", "csv"])
@pytest.mark.parametrize("said", ["gcj02", "BD-09"])
def test_what_we_exported_is_not_straightened_again(
    straightened: Project, tmp_path: Path, form: str, crs: str, said: str
) -> None:
    path = exported(straightened, tmp_path, form, crs)
    with pytest.raises(InputError) as refused:
        plan_import(straightened, path, to="manhole", crs=said, **columns(form, crs))
    assert not isinstance(refused.value, InputQuestion)
    given = None if form != "csv" or crs == "EPSG:4545" else crs
    plan = plan_import(straightened, path, to="manhole", crs=given, **columns(form, crs))
    assert (plan.report.unchanged, plan.report.imported) == (1, 0)
    (shape,) = straightened.table("manhole", []).geometry
    east, north = Transform(parse_crs("EPSG:4490"), straightened.crs).points(
        np.array([TRUE[0]]), np.array([TRUE[1]])
    )
    assert shape.distance(shapely.Point(east[0], north[0])) < 0.01


@pytest.mark.parametrize("form", ["shp", "gpkg", "geojson", "csv"])
def test_the_mark_survives_an_archive_and_another_folder(
    straightened: Project, tmp_path: Path, form: str
) -> None:
    path = exported(straightened, tmp_path, form, "EPSG:4490")
    folder = tmp_path / "delivered"
    folder.mkdir()
    files = [
        Path(shutil.copy(one, folder))
        for one in path.parent.iterdir()
        if one.name.split(".")[0] == path.stem and one.suffix in (*{path.suffix}, ".xml")
    ]
    assert marks.says_true(folder / path.name)
    archive = tmp_path / "delivered.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for one in files:
            packed.write(one, one.name)
    assert marks.says_true(archive)


def test_a_file_in_metres_of_a_named_system_is_no_shifted_degrees(
    project: Project, geojson: object
) -> None:
    path = geojson([(shapely.Point(428_000, 4_528_000), {"a": 1})])  # type: ignore[operator]
    with pytest.raises(InputError, match="not taken away from metres"):
        plan_import(project, path, to="manhole", crs="gcj02")


def test_other_peoples_files_say_nothing(shifted: Path, tmp_path: Path) -> None:
    assert not marks.says_true(shifted)
    (tmp_path / "empty.csv").touch()
    assert not marks.says_true(tmp_path / "empty.csv")
    assert not marks.says_true(tmp_path)


def test_a_file_that_was_straightened_before_is_not_taken_for_true_the_next_time(
    straightened: Project, shifted: Path, tmp_path: Path
) -> None:
    renamed = Path(shutil.copy(shifted, tmp_path / "again.csv"))
    with pytest.raises(InputQuestion, match="imported before as GCJ-02") as asked:
        plan_import(straightened, renamed, to="manhole", x="lon", y="lat")
    assert asked.value.candidates[0] == "GCJ-02"
    plan = plan_import(straightened, renamed, to="manhole", x="lon", y="lat", crs="GCJ-02")
    stored = straightened.table("manhole").geometry
    assert stored is not None
    assert (plan.report.unchanged, plan.report.imported) == (1, 0)


def test_a_trial_run_remembers_nothing(project: Project, shifted: Path) -> None:
    plan_import(project, shifted, to="manhole", x="lon", y="lat", crs="gcj02")
    assert marks.remembered(project, shifted) is None
