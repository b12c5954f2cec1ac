"""Areas of other people's files."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely

from hjgis.errors import InputError
from hjgis.exchange.area_file import area_of_file
from hjgis.models.crs import parse_crs

CRS = parse_crs("EPSG:4545")
SQUARE = shapely.box(428_000, 4_528_000, 428_100, 4_528_100)


def write(path: Path, shapes: list[object], crs: str = "EPSG:4545") -> Path:
    frame = geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4545").to_crs(crs)
    frame.to_file(path, driver="GeoJSON" if path.suffix == ".geojson" else "GPKG")
    return path


def test_polygons_that_overlap_count_once(tmp_path: Path) -> None:
    other = shapely.affinity.translate(SQUARE, 50, 0)
    found = area_of_file(write(tmp_path / "a.gpkg", [SQUARE, other]), CRS)
    assert shapely.area(found) == pytest.approx(15_000)


def test_degrees_are_brought_into_the_project(tmp_path: Path) -> None:
    found = area_of_file(write(tmp_path / "a.geojson", [SQUARE], "EPSG:4490"), CRS)
    assert shapely.hausdorff_distance(found, SQUARE) < 0.01


def test_a_closed_line_is_an_area(tmp_path: Path) -> None:
    ring = shapely.LineString(SQUARE.exterior)
    found = area_of_file(write(tmp_path / "a.gpkg", [ring]), CRS)
    assert found.equals(SQUARE)


def test_a_file_without_areas_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "points.gpkg", [shapely.Point(428_000, 4_528_000)])
    with pytest.raises(InputError, match=r"points\.gpkg"):
        area_of_file(path, CRS)
