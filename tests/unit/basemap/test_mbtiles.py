from __future__ import annotations

import gzip
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hjgis.basemap.source import open_basemap
from hjgis.errors import InputError
from hjgis.models.changes import Extent
from hjgis.models.crs import parse_crs
from tests.pictures import (
    RED,
    WHITE,
    around,
    encoded,
    marked_tiles,
    place,
    plain,
    red_middle,
    tile_at,
    write_mbtiles,
)

CRS = parse_crs("EPSG:4545")
TOWN = (107.15, 40.89)
ZOOM = 16
M_PER_PX = 1.8


def town_view(m_per_px: float = M_PER_PX, *, width_px: int = 300, height_px: int = 200) -> Extent:
    return around(*place(*TOWN), m_per_px, width_px=width_px, height_px=height_px)


def seen(
    path: Path, extent: Extent, width_px: int = 300, height_px: int = 200
) -> NDArray[np.uint8]:
    picture = open_basemap(path, CRS)
    try:
        return picture.render(extent, width_px, height_px)
    finally:
        picture.close()


@pytest.mark.parametrize("crs", ["EPSG:4545", "EPSG:3857", "EPSG:32648"])
def test_a_place_is_shown_within_a_pixel_of_where_it_is(tmp_path: Path, crs: str) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", marked_tiles(*TOWN, ZOOM))
    x, y = place(*TOWN, crs)
    extent = around(x + 40, y - 25, M_PER_PX, width_px=300, height_px=200)
    picture = open_basemap(path, parse_crs(crs))
    found = red_middle(picture.render(extent, 300, 200), extent)
    picture.close()
    assert math.dist(found, (x, y)) < 0.5 * M_PER_PX


def test_the_extent_holds_the_tiles(tmp_path: Path) -> None:
    west, north = (int(part) for part in tile_at(*TOWN, ZOOM))
    path = write_mbtiles(tmp_path / "a.mbtiles", {(ZOOM, west, north): encoded(plain(WHITE))})
    picture = open_basemap(path, CRS)
    x_min, y_min, x_max, y_max = picture.extent
    picture.close()
    side_m = 40_075_017 * math.cos(math.radians(TOWN[1])) / 2**ZOOM
    assert x_max - x_min == pytest.approx(side_m, rel=0.02)
    assert y_max - y_min == pytest.approx(side_m, rel=0.02)
    x, y = place(*TOWN)
    assert x_min < x < x_max
    assert y_min < y < y_max


def test_stated_bounds_are_the_extent(tmp_path: Path) -> None:
    facts = {"format": "png", "minzoom": "16", "maxzoom": "16", "bounds": "107.1,40.85,107.2,40.9"}
    path = write_mbtiles(tmp_path / "a.mbtiles", marked_tiles(*TOWN, ZOOM), facts)
    picture = open_basemap(path, CRS)
    (west, south), (east, north) = place(107.1, 40.85), place(107.2, 40.9)
    picture.close()
    assert picture.extent == pytest.approx((west, south, east, north), abs=150)


@pytest.mark.parametrize(
    "bounds", ["", "a,b,c,d", "200,0,300,10", "107.2,40,107.1,41", "nan,1,2,3"]
)
def test_bounds_that_cannot_be_are_found_from_the_tiles(tmp_path: Path, bounds: str) -> None:
    tiles = marked_tiles(*TOWN, ZOOM)
    path = write_mbtiles(tmp_path / "a.mbtiles", tiles, {"format": "png", "bounds": bounds})
    picture = open_basemap(path, CRS)
    picture.close()
    assert picture.extent[0] < place(*TOWN)[0] < picture.extent[2]
    assert picture.extent[2] - picture.extent[0] < 2000


def test_tiles_of_the_whole_world_have_an_extent_of_numbers(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", {(0, 0, 0): encoded(plain(WHITE))})
    picture = open_basemap(path, CRS)
    picture.close()
    assert all(map(math.isfinite, picture.extent))
    x, y = place(*TOWN)
    assert picture.extent[0] < x < picture.extent[2]
    assert picture.extent[1] < y < picture.extent[3]


def by_zoom() -> dict[tuple[int, int, int], bytes]:
    """Tiles around the town whose red tells their zoom."""
    result = {}
    for zoom in (13, 14, 15, 16):
        column, row = (int(part) for part in tile_at(*TOWN, zoom))
        for x in range(column - 2, column + 3):
            for y in range(row - 2, row + 3):
                result[zoom, x, y] = encoded(plain((zoom * 10, 0, 0)))
    return result


def test_the_zoom_fits_the_resolution_of_the_map(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", by_zoom())
    for zoom in (13, 14, 15, 16):
        m_per_px = 156_543.03 * math.cos(math.radians(TOWN[1])) / 2**zoom
        shown = seen(path, town_view(m_per_px, width_px=60, height_px=40), 60, 40)
        assert set(shown[..., 0].ravel()) == {zoom * 10}


def test_nearer_than_the_deepest_zoom_its_tiles_are_enlarged(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", by_zoom())
    shown = seen(path, town_view(0.1, width_px=60, height_px=40), 60, 40)
    assert (shown == (160, 0, 0, 255)).all()


def test_where_a_deep_tile_is_missing_the_coarser_one_shows(tmp_path: Path) -> None:
    tiles = by_zoom()
    column, row = (int(part) for part in tile_at(*TOWN, 16))
    del tiles[16, column, row]
    path = write_mbtiles(tmp_path / "a.mbtiles", tiles)
    shown = seen(path, town_view(1.8, width_px=600, height_px=400), 600, 400)
    assert {150, 160} <= set(shown[..., 0].ravel())
    assert (shown[..., 3] == 255).all()


def test_farther_than_the_first_zoom_its_tiles_are_made_smaller(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", marked_tiles(*TOWN, ZOOM, around=2))
    extent = around(*place(*TOWN), 7.2, width_px=100, height_px=80)
    found = red_middle(seen(path, extent, 100, 80), extent)
    assert math.dist(found, place(*TOWN)) < 0.5 * 7.2


def test_far_too_small_a_scale_shows_nothing_and_says_so(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", marked_tiles(*TOWN, ZOOM))
    picture = open_basemap(path, CRS)
    assert not picture.render(town_view(500.0), 300, 200).any()
    assert picture.notes == ("Zoom in: it has no tiles for so small a scale",)
    picture.render(town_view(), 300, 200)
    assert picture.notes == ()
    picture.close()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_each_kind_of_tile_is_read(tmp_path: Path, kind: str) -> None:
    column, row = (int(part) for part in tile_at(*TOWN, ZOOM))
    tiles = {(ZOOM, column, row): encoded(plain((10, 200, 90)), kind)}
    path = write_mbtiles(tmp_path / "a.mbtiles", tiles)
    shown = seen(path, town_view(0.2, width_px=20, height_px=20), 20, 20)
    assert np.abs(shown.astype(int) - (10, 200, 90, 255)).max() <= 3


def test_translucent_tiles_are_premultiplied(tmp_path: Path) -> None:
    column, row = (int(part) for part in tile_at(*TOWN, ZOOM))
    tiles = {(ZOOM, column, row): encoded(plain((200, 100, 0, 128)))}
    path = write_mbtiles(tmp_path / "a.mbtiles", tiles)
    shown = seen(path, town_view(0.2, width_px=20, height_px=20), 20, 20)
    assert (shown == (100, 50, 0, 128)).all()


def test_tiles_of_512_pixels_lie_where_those_of_256_do(tmp_path: Path) -> None:
    at_x, at_y = tile_at(*TOWN, ZOOM)
    column, row = int(at_x), int(at_y)
    picture = plain(WHITE, 512).copy()
    left, top = round((at_x - column) * 512), round((at_y - row) * 512)
    picture[top - 4 : top + 4, left - 4 : left + 4] = RED
    path = write_mbtiles(tmp_path / "a.mbtiles", {(ZOOM, column, row): encoded(picture)})
    extent = around(*place(*TOWN), 0.9, width_px=100, height_px=80)
    assert math.dist(red_middle(seen(path, extent, 100, 80), extent), place(*TOWN)) < 0.9


@pytest.mark.parametrize(
    "damage", [b"", b"no picture", encoded(plain(RED))[:90]], ids=["empty", "text", "cut off"]
)
def test_a_damaged_tile_is_transparent_and_counted_once(tmp_path: Path, damage: bytes) -> None:
    tiles = marked_tiles(*TOWN, ZOOM)
    at_x, at_y = tile_at(*TOWN, ZOOM)
    column, row = int(at_x), int(at_y)
    path = write_mbtiles(tmp_path / "a.mbtiles", {**tiles, (ZOOM, column, row): damage})
    picture = open_basemap(path, CRS)
    for _again in range(2):
        shown = picture.render(town_view(width_px=600, height_px=600), 600, 600)
    picture.close()
    assert picture.notes == ("1 damaged tile is left out",)
    assert not shown[300, 300].any()
    assert (shown[..., 3] == 255).mean() > 0.6


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        (gzip.compress(b"\x1a\x02layer", mtime=0), {}),
        (b"\x1a\x02layer", {"format": "pbf"}),
    ],
)
def test_vector_tiles_are_refused_in_words(
    tmp_path: Path, data: bytes, facts: dict[str, str]
) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", {(0, 0, 0): data}, facts)
    with pytest.raises(InputError, match=r"a\.mbtiles holds vector tiles; only picture tiles"):
        open_basemap(path, CRS)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mbtiles"
    path.write_bytes(b"not SQLite at all" * 100)
    with pytest.raises(InputError, match=r"a\.mbtiles cannot be read: file is not a database"):
        open_basemap(path, CRS)


def test_a_database_without_tiles_is_refused(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", {})
    with pytest.raises(InputError, match="holds no tiles"):
        open_basemap(path, CRS)


def test_tiles_that_are_no_pictures_at_all_are_refused(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", {(0, 0, 0): b"nothing"})
    with pytest.raises(InputError, match="None of the first tiles"):
        open_basemap(path, CRS)


def test_zooms_that_cannot_be_are_refused(tmp_path: Path) -> None:
    path = write_mbtiles(tmp_path / "a.mbtiles", {(40, 0, 0): encoded(plain(RED))})
    with pytest.raises(InputError, match="zoom levels 40 to 40"):
        open_basemap(path, CRS)


def test_wrong_zooms_in_the_metadata_do_not_matter(tmp_path: Path) -> None:
    facts = {"format": "png", "minzoom": "3", "maxzoom": "21"}
    path = write_mbtiles(tmp_path / "a.mbtiles", marked_tiles(*TOWN, ZOOM), facts)
    extent = town_view()
    assert math.dist(red_middle(seen(path, extent), extent), place(*TOWN)) < 1


def test_a_file_that_cannot_be_written_is_read_and_nothing_is_left_beside_it(
    tmp_path: Path,
) -> None:
    path = write_mbtiles(tmp_path / "瓦片 #1?.mbtiles", marked_tiles(*TOWN, ZOOM))
    path.chmod(0o444)
    before = path.read_bytes()
    assert seen(path, town_view()).any()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before
