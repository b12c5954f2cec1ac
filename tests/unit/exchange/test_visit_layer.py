"""Places to visit as a layer, read back by GDAL and by csv."""

from __future__ import annotations

import csv
from pathlib import Path

import pyogrio
import pytest

from hjgis.errors import InputError, UsageError
from hjgis.exchange.visit_layer import write_visits
from hjgis.layers.project import Project
from hjgis.models.visits import Visit

X, Y = 428_000.0, 4_528_000.0


def visit(number: int, **other: object) -> Visit:
    facts = {
        "number": number, "issue": f"id{number}", "rule": "visit.lamp_gap", "title": "疑漏路灯",
        "reason": "灯距60 m", "layer": "street_lamp", "uuid": None, "road": "陕临路",
        "grid": "", "x": X + number, "y": Y,
    }  # fmt: skip
    return Visit(**{**facts, **other})  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "town.gpkg")


@pytest.mark.parametrize("ending", ["shp", "gpkg"])
def test_other_programs_read_places_in_the_project_s_system(
    project: Project, tmp_path: Path, ending: str
) -> None:
    out = write_visits(project, [visit(1), visit(2, reason="长" * 90)], tmp_path / f"v.{ending}")
    frame = pyogrio.read_dataframe(out, layer="v")
    assert frame.crs.to_epsg() == 4545 or "108" in frame.crs.to_wkt()
    assert [(p.x, p.y) for p in frame.geometry] == [(X + 1, Y), (X + 2, Y)]
    names = {"shp": ("XH", "SX", "DLMC", "X_BEI"), "gpkg": ("number", "title", "road", "x_north")}
    first = frame.iloc[0]
    assert [first[name] for name in names[ending]] == [1, "疑漏路灯", "陕临路", Y]
    reason = frame.iloc[1]["YY" if ending == "shp" else "reason"]
    assert reason == "长" * 90


def test_geojson_is_in_degrees(project: Project, tmp_path: Path) -> None:
    out = write_visits(project, [visit(1)], tmp_path / "v.geojson")
    (place,) = pyogrio.read_dataframe(out).geometry
    assert 107.0 < place.x < 107.3
    assert 40.8 < place.y < 41.0


def test_a_table_says_x_north_and_y_east(project: Project, tmp_path: Path) -> None:
    out = write_visits(project, [visit(1, grid="150826100001001")], tmp_path / "v.csv")
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (float(row["X(北)"]), float(row["Y(东)"])) == (Y, X + 1)
    assert (row["number"], row["grid"], row["reason"]) == ("1", "150826100001001", "灯距60 m")


@pytest.mark.parametrize("ending", ["shp", "gpkg"])
def test_no_places_are_a_layer_without_rows(project: Project, tmp_path: Path, ending: str) -> None:
    out = write_visits(project, [], tmp_path / f"v.{ending}")
    assert len(pyogrio.read_dataframe(out, layer="v")) == 0


def test_what_is_there_is_not_overwritten(project: Project, tmp_path: Path) -> None:
    (tmp_path / "v.dbf").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"v\.dbf"):
        write_visits(project, [visit(1)], tmp_path / "v.shp")
    assert (tmp_path / "v.dbf").read_bytes() == b"mine"
    assert not (tmp_path / "v.shp").exists()


def test_another_ending_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.geojson"):
        write_visits(project, [visit(1)], tmp_path / "v.dxf")
    with pytest.raises(InputError, match="no folder"):
        write_visits(project, [visit(1)], tmp_path / "gone" / "v.shp")
