from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from hjgis.basemap.source import Basemap, open_basemap
from hjgis.errors import InputError, InputQuestion
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.crs import parse_crs
from hjgis.models.gcj02 import to_gcj02
from tests import pictures

CRS = parse_crs("EPSG:4545")
LON, LAT = 107.15, 40.89
ZOOM = 16
PLACE = pictures.place(LON, LAT)


def red_place(
    basemap: Basemap, m_per_px: float = 1.0, at: tuple[float, float] = PLACE
) -> tuple[float, float]:
    """Return where the red mark is drawn."""
    extent = pictures.around(*at, m_per_px, width_px=400, height_px=300)
    return pictures.red_middle(basemap.render(extent, 400, 300), extent)


def marked_tiff(path: Path, extent: Extent, **options: object) -> Path:
    """Write a white picture with a red mark in its middle."""
    bands = np.moveaxis(pictures.marked(200, 100, 100), -1, 0)
    return pictures.write_geotiff(path, bands, extent, **options)


def test_tiles_stand_within_a_pixel_of_the_truth(tmp_path: Path) -> None:
    path = pictures.write_mbtiles(tmp_path / "底图.mbtiles", pictures.marked_tiles(LON, LAT, ZOOM))
    basemap = open_basemap(path, CRS)
    assert np.hypot(*np.subtract(red_place(basemap), PLACE)) < 1.0
    assert basemap.extent[0] < PLACE[0] < basemap.extent[2]
    basemap.close()


def test_tiles_shifted_by_gcj02_are_put_right(tmp_path: Path) -> None:
    there = to_gcj02(np.array([LON]), np.array([LAT]))
    lon, lat = float(there[0][0]), float(there[1][0])
    path = pictures.write_mbtiles(tmp_path / "a.mbtiles", pictures.marked_tiles(lon, lat, ZOOM))
    plain, shifted = open_basemap(path, CRS), open_basemap(path, CRS, gcj02=True)
    wrong = np.subtract(red_place(plain, at=pictures.place(lon, lat)), PLACE)
    assert 450 < np.hypot(*wrong) < 520
    assert (wrong > 0).all()
    assert np.hypot(*np.subtract(red_place(shifted), PLACE)) < 1.0
    plain.close()
    shifted.close()


def test_a_damaged_tile_is_left_out_and_counted(tmp_path: Path) -> None:
    tiles = pictures.marked_tiles(LON, LAT, ZOOM)
    first = next(iter(tiles))
    path = pictures.write_mbtiles(tmp_path / "a.mbtiles", {**tiles, first: b"no picture"})
    basemap = open_basemap(path, CRS)
    pixels = basemap.render(basemap.extent, 300, 300)
    assert (pixels[..., 3] == 0).any()
    assert (pixels[..., 3] == 255).any()
    assert any("1 damaged tile" in note for note in basemap.notes)
    basemap.close()


def test_vector_tiles_are_refused(tmp_path: Path) -> None:
    path = pictures.write_mbtiles(tmp_path / "v.mbtiles", {(0, 0, 0): b"\x1a"}, {"format": "pbf"})
    with pytest.raises(InputError, match=r"v\.mbtiles"):
        open_basemap(path, CRS)


@pytest.mark.parametrize("crs", ["EPSG:4545", "EPSG:4490", "EPSG:3857", "EPSG:4524"])
def test_a_geotiff_in_another_system_stands_within_a_pixel(tmp_path: Path, crs: str) -> None:
    x, y = pictures.place(LON, LAT, crs)
    half = 0.002 if crs == "EPSG:4490" else 200.0
    path = marked_tiff(tmp_path / "a.tif", (x - half, y - half, x + half, y + half), crs=crs)
    basemap = open_basemap(path, CRS)
    assert np.hypot(*np.subtract(red_place(basemap), PLACE)) < 1.0
    basemap.close()


def test_a_geotiff_without_a_system_asks_and_takes_the_answer(tmp_path: Path) -> None:
    extent = (PLACE[0] - 100, PLACE[1] - 100, PLACE[0] + 100, PLACE[1] + 100)
    path = marked_tiff(tmp_path / "a.tif", extent, crs=None)
    with pytest.raises(InputQuestion) as asked:
        open_basemap(path, CRS)
    assert asked.value.option == "--crs"
    assert "EPSG:4545" in asked.value.candidates
    basemap = open_basemap(path, CRS, assumed_crs="EPSG:4545")
    assert np.hypot(*np.subtract(red_place(basemap), PLACE)) < 1.0
    basemap.close()


def test_a_picture_that_lies_nowhere_is_refused(tmp_path: Path) -> None:
    bands = np.zeros((3, 10, 10), np.uint8)
    path = pictures.write_geotiff(tmp_path / "a.tif", bands, None)
    with pytest.raises(InputError, match="where it lies"):
        open_basemap(path, CRS)


def test_where_a_geotiff_has_no_data_nothing_is_drawn(tmp_path: Path) -> None:
    extent = (PLACE[0] - 50, PLACE[1] - 50, PLACE[0] + 50, PLACE[1] + 50)
    bands = np.full((3, 100, 100), 200, np.uint8)
    bands[:, :, :50] = 0
    path = pictures.write_geotiff(tmp_path / "a.tif", bands, extent, nodata=0)
    basemap = open_basemap(path, CRS)
    alpha = basemap.render(extent, 100, 100)[50, :, 3]
    assert alpha[:48].max() == 0
    assert alpha[52:].min() == 255
    basemap.close()


def test_a_picture_of_sixteen_bits_is_stretched(tmp_path: Path) -> None:
    extent = (PLACE[0] - 50, PLACE[1] - 50, PLACE[0] + 50, PLACE[1] + 50)
    ramp = np.linspace(300, 900, 100).astype(np.uint16)
    bands = np.broadcast_to(ramp, (1, 100, 100)).copy()
    basemap = open_basemap(pictures.write_geotiff(tmp_path / "a.tif", bands, extent), CRS)
    row = basemap.render(extent, 100, 100)[50, 5:-5, 0].astype(int)
    assert row[0] < 40
    assert row[-1] > 215
    basemap.close()


@pytest.mark.parametrize("content", [b"", b"II*\0rubbish", b"SQLite format 3\0" + b"\0" * 200])
@pytest.mark.parametrize("name", ["a.tif", "a.mbtiles", "a.png"])
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=name):
        open_basemap(path, CRS)


def test_the_open_project_is_no_basemap(project: Project) -> None:
    with pytest.raises(InputError):
        open_basemap(project.path, CRS)


@pytest.mark.parametrize("name", ["town.tif", "town.mbtiles"])
def test_the_open_project_is_refused_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    with (
        Project.create(tmp_path / name) as opened,
        pytest.raises(InputError, match="is being written by a program"),
    ):
        open_basemap(opened.path, CRS)


@pytest.mark.parametrize("name", ["a.dwg", "a.gpkg", "a.vrt", "a"])
def test_what_is_no_picture_by_its_name_is_never_opened(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"something")
    with pytest.raises(InputError, match="is no picture that hjgis reads"):
        open_basemap(path, CRS)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        open_basemap(tmp_path / "gone.tif", CRS)


def test_a_shifted_geotiff_is_put_right_too(tmp_path: Path) -> None:
    (lon,), (lat,) = to_gcj02(np.array([LON]), np.array([LAT]))
    path = marked_tiff(
        tmp_path / "a.tif", (lon - 1e-3, lat - 1e-3, lon + 1e-3, lat + 1e-3), crs="EPSG:4326"
    )
    basemap = open_basemap(path, CRS, gcj02=True)
    assert np.hypot(*np.subtract(red_place(basemap), PLACE)) < 1.0
    middle = np.add(basemap.extent[:2], basemap.extent[2:]) / 2
    assert np.hypot(*np.subtract(middle, PLACE)) < 1.0
    basemap.close()


def test_a_picture_beyond_the_projection_is_refused(tmp_path: Path) -> None:
    path = marked_tiff(tmp_path / "a.tif", (-73.1, -10.1, -72.9, -9.9), crs="EPSG:4326")
    with pytest.raises(InputError, match="lies outside the area"):
        open_basemap(path, parse_crs("+proj=gnom +lat_0=40 +lon_0=107 +ellps=GRS80"))


def test_a_system_of_unknown_relation_is_told_in_the_notes(tmp_path: Path) -> None:
    x, y = pictures.place(LON, LAT, "EPSG:2381")
    path = marked_tiff(tmp_path / "a.tif", (x, y, x + 9, y + 9), crs="EPSG:2381")
    basemap = open_basemap(path, CRS)
    basemap.close()
    assert "tens of metres off" in basemap.notes[0]


@pytest.mark.parametrize(
    "extent", [(1e12, 1e12, 1e12 + 100, 1e12 + 100), (-1e8, -1e8, 1e8, 1e8), (0, 0, 1e-9, 1e-9)]
)
def test_a_view_beyond_the_world_draws_nothing(tmp_path: Path, extent: Extent) -> None:
    path = pictures.write_mbtiles(tmp_path / "a.mbtiles", pictures.marked_tiles(LON, LAT, ZOOM))
    basemap = open_basemap(path, CRS, gcj02=True)
    assert not basemap.render(extent, 100, 100).any()
    basemap.close()


def test_a_window_full_of_tiles_is_drawn_in_no_time(tmp_path: Path) -> None:
    tiles = pictures.marked_tiles(LON, LAT, ZOOM, around=4)
    basemap = open_basemap(pictures.write_mbtiles(tmp_path / "a.mbtiles", tiles), CRS)
    extent = pictures.around(*PLACE, 1.2, width_px=1600, height_px=1000)
    basemap.render(extent, 1600, 1000)
    spent_s = []
    for _again in range(3):
        start = time.process_time()
        basemap.render(extent, 1600, 1000)
        spent_s.append(time.process_time() - start)
    basemap.close()
    # 0.06 s on two shared cores; room for slower ones.
    assert min(spent_s) < 0.4
