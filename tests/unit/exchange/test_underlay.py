from __future__ import annotations

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange.underlay import read_underlay
from hjgis.layers.project import Project
from hjgis.models.crs import parse_crs
from tests.pictures import place

CRS = parse_crs("EPSG:4545")
TOWN_DEG = (107.15, 40.89)


def geojson(path: Path, *geometries: dict[str, object] | None) -> Path:
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in geometries]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_a_layer_in_degrees_lies_where_it_belongs(tmp_path: Path) -> None:
    path = geojson(tmp_path / "点.geojson", {"type": "Point", "coordinates": TOWN_DEG})
    read = read_underlay(path, CRS)
    (points,) = read.shapes
    assert np.allclose(points.coords[0], place(*TOWN_DEG), atol=0.01)
    assert (read.name, read.notes) == ("点.geojson", ())


def test_areas_lie_below_lines_and_points(tmp_path: Path) -> None:
    x, y = TOWN_DEG
    ring = [[x, y], [x + 0.01, y], [x, y + 0.01], [x, y]]
    path = geojson(
        tmp_path / "mixed.geojson",
        {"type": "Point", "coordinates": [x, y]},
        {"type": "MultiPolygon", "coordinates": [[ring], [ring]]},
        {"type": "LineString", "coordinates": ring[:2]},
    )
    shapes = read_underlay(path, CRS).shapes
    assert [(held.dimension, len(held)) for held in shapes] == [(2, 2), (1, 1), (0, 1)]


def test_features_without_a_place_are_counted(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": TOWN_DEG}
    path = geojson(tmp_path / "some.geojson", point, None, {"type": "Point", "coordinates": []})
    read = read_underlay(path, CRS)
    assert sum(map(len, read.shapes)) == 1
    assert read.notes[0].startswith("2 features")


def test_a_file_without_features_says_so(tmp_path: Path) -> None:
    read = read_underlay(geojson(tmp_path / "none.geojson", None), CRS)
    assert read.shapes == ()
    assert read.notes == ("Nothing in this file can be shown",)


def test_a_shapefile_without_a_system_asks_for_it(tmp_path: Path) -> None:
    path = tmp_path / "points.shp"
    place = [shapely.Point(1000.5, 2000.5)]
    geopandas.GeoDataFrame({"n": [1]}, geometry=place, crs="EPSG:4545").to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputQuestion) as asked:
        read_underlay(path, CRS)
    assert asked.value.option == "--crs"
    assert read_underlay(path, CRS, assumed_crs="EPSG:4545").shapes[0].coords[0, 0] == 1000.5


def test_what_is_no_vector_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.geojson"
    path.write_text("{", "utf-8")
    for bad in (path, tmp_path / "missing.shp"):
        with pytest.raises(InputError):
            read_underlay(bad, CRS)


def test_the_open_project_is_not_opened_a_second_time(project: Project) -> None:
    with pytest.raises(InputError):
        read_underlay(project.path, CRS)
    project.set_info("still", "writable")
