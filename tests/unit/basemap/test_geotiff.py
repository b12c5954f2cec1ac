from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint
from rasterio.enums import Resampling
from rasterio.transform import Affine

from hjgis.basemap.source import Basemap, open_basemap
from hjgis.errors import InputError, InputQuestion
from hjgis.models.changes import Extent
from hjgis.models.crs import Transform, parse_crs
from tests.pictures import around, marked, place, red_middle, write_geotiff

CRS = parse_crs("EPSG:4545")
TOWN = (107.15, 40.89)
X, Y = place(*TOWN)
# 200 by 100 pixels of half a metre, and the same seen pixel for pixel.
EXTENT: Extent = (X - 50, Y - 25, X + 50, Y + 25)
SHAPE = (100, 200)


def seen(path: Path, **options: Any) -> NDArray[np.uint8]:
    return shown(open_basemap(path, CRS, **options))


def shown(picture: Basemap, extent: Extent = EXTENT) -> NDArray[np.uint8]:
    try:
        return picture.render(extent, SHAPE[1], SHAPE[0])
    finally:
        picture.close()


def noise(count: int = 3, dtype: str = "uint8", low: int = 1, high: int = 255) -> NDArray[Any]:
    return np.random.default_rng(5).integers(low, high, (count, *SHAPE)).astype(dtype)


def test_a_picture_of_the_maps_own_resolution_is_shown_as_it_is(tmp_path: Path) -> None:
    bands = noise()
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT))
    # A 256th of a neighbour may come in.
    assert np.abs(np.moveaxis(bands, 0, -1).astype(int) - result[..., :3]).max() <= 1
    assert (result[..., 3] == 255).all()


def test_outside_the_picture_nothing_is_shown(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", noise(), EXTENT)
    there = (X + 30, Y - 5, X + 130, Y + 45)
    result = shown(open_basemap(path, CRS), there)
    assert (result[40:, :40, 3] == 255).all()
    assert not result[:40].any()
    assert not result[:, 40:].any()


def test_what_lies_wholly_elsewhere_is_drawn_as_nothing(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", noise(), EXTENT)
    there = (X + 5000, Y, X + 5100, Y + 50)
    assert not shown(open_basemap(path, CRS), there).any()


@pytest.mark.parametrize("crs", ["EPSG:32648", "EPSG:4490", "EPSG:4326", "EPSG:4524", "EPSG:3857"])
def test_a_place_of_another_system_is_shown_within_a_pixel(tmp_path: Path, crs: str) -> None:
    there = place(*TOWN, crs)
    pixel = 0.5 / 111_320 if parse_crs(crs).is_geographic else 0.5
    box = (there[0] - 500 * pixel, there[1] - 500 * pixel,
           there[0] + 500 * pixel, there[1] + 500 * pixel)  # fmt: skip
    bands = np.moveaxis(marked(1000, 500, 500), -1, 0)
    path = write_geotiff(tmp_path / "a.tif", bands, box, crs=crs)
    assert math.dist(red_middle(seen(path), EXTENT), (X, Y)) < 0.5


def test_every_corner_of_another_system_is_where_pyproj_says(tmp_path: Path) -> None:
    """Far from the middle too, where one mean shift would not do."""
    transform = Transform(CRS, parse_crs("EPSG:32648"))
    for dx, dy in ((-9000, -6000), (9000, 6000), (-9000, 6000)):
        x, y = X + dx, Y + dy
        (u,), (v,) = transform.points(np.array([x]), np.array([y]))
        box = (u - 15_000, v - 15_000, u + 15_000, v + 15_000)
        bands = np.moveaxis(marked(1500, 750, 750), -1, 0)
        path = write_geotiff(tmp_path / "b.tif", bands, box, crs="EPSG:32648")
        extent = around(X, Y, 20.0, width_px=1000, height_px=700)
        picture = open_basemap(path, CRS)
        found = red_middle(picture.render(extent, 1000, 700), extent)
        picture.close()
        assert math.dist(found, (x, y)) < 0.5 * 20


def test_a_turned_picture_is_turned_back(tmp_path: Path) -> None:
    turned = math.radians(30)
    along, aside = 0.5 * math.cos(turned), 0.5 * math.sin(turned)
    # Half a metre a pixel, the middle of 300 by 300 pixels in the town.
    left, top = X - 150 * (along + aside), Y - 150 * (aside - along)
    turn = Affine(along, aside, left, aside, -along, top)
    bands = np.moveaxis(marked(300, 200, 150), -1, 0)
    path = write_geotiff(tmp_path / "a.tif", bands, None, transform=turn)
    found = red_middle(seen(path), EXTENT)
    true = (X + 50 * along, Y + 50 * aside)
    assert math.dist(found, true) < 0.5


def test_control_points_say_where_a_scan_lies(tmp_path: Path) -> None:
    bands = np.moveaxis(marked(200, 100, 100), -1, 0)
    corners = [(0, 0, X - 50, Y + 50), (0, 200, X + 50, Y + 50), (200, 0, X - 50, Y - 50)]
    points = [GroundControlPoint(row, column, x, y) for row, column, x, y in corners]
    path = write_geotiff(tmp_path / "a.tif", bands, None, gcps=points)
    assert math.dist(red_middle(seen(path), EXTENT), (X, Y)) < 0.5


def test_nodata_is_transparent(tmp_path: Path) -> None:
    bands = noise()
    bands[:, 10:30, 40:90] = 0
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT, nodata=0))
    assert not result[11:29, 41:89].any()
    assert (result[40:, :, 3] == 255).all()


def test_alpha_is_taken_and_premultiplied(tmp_path: Path) -> None:
    bands = np.full((4, *SHAPE), 200, np.uint8)
    bands[3, :, :100], bands[3, :, 100:] = 0, 128
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT, alpha=True))
    assert not result[:, :99].any()
    assert (result[:, 101:] == (100, 100, 100, 128)).all()


def test_a_mask_beside_the_picture_is_honoured(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", noise(), EXTENT)
    mask = np.full(SHAPE, 255, np.uint8)
    mask[:50] = 0
    with rasterio.open(path, "r+") as data:
        data.write_mask(mask)
    result = seen(path)
    assert not result[:49].any()
    assert (result[51:, :, 3] == 255).all()


def test_one_band_is_grey(tmp_path: Path) -> None:
    bands = np.broadcast_to(np.arange(200, dtype=np.uint8), (1, *SHAPE)).copy()
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT))
    assert np.abs(result[50, :, :3].astype(int) - np.arange(200)[:, None]).max() <= 1


def test_a_palette_gives_the_colours(tmp_path: Path) -> None:
    bands = np.zeros((1, *SHAPE), np.uint8)
    bands[0, :, 100:] = 1
    colors = {0: (250, 10, 20, 255), 1: (0, 90, 200, 255)}
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT, colormap=colors))
    assert (result[:, :99] == colors[0]).all()
    assert (result[:, 101:] == colors[1]).all()


def test_a_palette_drawn_small_makes_no_third_colour(tmp_path: Path) -> None:
    bands = np.random.default_rng(1).choice([0, 2], (1, 800, 1600)).astype(np.uint8)
    colors = {0: (255, 0, 0, 255), 1: (0, 255, 0, 255), 2: (0, 0, 255, 255)}
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT, colormap=colors))
    assert not result[..., 1].any()


def test_sixteen_bits_are_stretched_between_2_and_98_percent(tmp_path: Path) -> None:
    bands = np.linspace(1000, 3000, SHAPE[0] * SHAPE[1]).reshape(1, *SHAPE).astype(np.uint16)
    bands[0, 0, 0] = 65_000
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT))[..., 0].astype(int)
    low, high = 1000 + 0.02 * 2000, 1000 + 0.98 * 2000
    expected = np.clip((bands[0] - low) / (high - low), 0, 1) * 255
    assert np.abs(result - expected)[2:].max() <= 2


def test_numbers_that_are_none_are_transparent(tmp_path: Path) -> None:
    bands = noise(1, "float32")
    bands[0, :50] = np.nan
    bands[0, 50:60] = np.inf
    result = seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT))
    assert not result[:59].any()
    assert (result[61:, :, 3] == 255).all()


def test_a_picture_of_one_value_is_drawn(tmp_path: Path) -> None:
    bands = np.full((1, *SHAPE), 7, np.uint16)
    assert (seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT))[..., 3] == 255).all()


def test_a_picture_that_is_all_nodata_is_drawn_as_nothing(tmp_path: Path) -> None:
    bands = np.zeros((1, *SHAPE), np.float32)
    assert not seen(write_geotiff(tmp_path / "a.tif", bands, EXTENT, nodata=0)).any()


def test_drawn_small_it_is_read_from_its_overviews(tmp_path: Path) -> None:
    bands = np.full((1, 1600, 3200), 250, np.uint8)
    path = write_geotiff(tmp_path / "a.tif", bands, EXTENT, tiled=True)
    with rasterio.open(path, "r+") as data:
        data.build_overviews([2, 4, 8, 16], Resampling.average)
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as data:
        data.write(np.zeros_like(bands))
    assert (seen(path)[..., 0] == 250).all()
    near = (X, Y, X + 50 / 16, Y + 25 / 16)
    assert (shown(open_basemap(path, CRS), near) == (0, 0, 0, 255)).all()


@pytest.mark.parametrize("overviews", [[], [2, 4]])
def test_drawn_very_small_a_large_picture_keeps_its_place(
    tmp_path: Path, overviews: list[int]
) -> None:
    side = 3001
    bands = np.moveaxis(marked(side, 1000.5, 2000.5, reach_px=150), -1, 0)
    box = (X - 750.25, Y - 750.25, X + 750.25, Y + 750.25)
    path = write_geotiff(tmp_path / "a.tif", bands, box, tiled=True)
    if overviews:
        with rasterio.open(path, "r+") as data:
            data.build_overviews(overviews, Resampling.average)
    extent = around(X, Y, 20.0, width_px=100, height_px=100)
    picture = open_basemap(path, CRS)
    found = red_middle(picture.render(extent, 100, 100), extent)
    picture.close()
    true = (X - 750.25 + 0.5 * 1000.5, Y + 750.25 - 0.5 * 2000.5)
    assert math.dist(found, true) < 0.5 * 20


def test_a_large_picture_without_overviews_says_that_it_is_slow(tmp_path: Path) -> None:
    bands = np.zeros((1, 8, 9000), np.uint8)
    picture = open_basemap(write_geotiff(tmp_path / "a.tif", bands, EXTENT), CRS)
    picture.close()
    assert picture.notes == ("It has no overviews, so that drawing it small takes long",)


def test_without_a_system_it_asks_which_and_offers_the_projects(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", noise(), EXTENT, crs=None)
    with pytest.raises(InputQuestion, match="in which coordinate system") as asked:
        open_basemap(path, CRS)
    assert asked.value.option == "--crs"
    assert asked.value.candidates[0] == "EPSG:4545"


def test_a_system_that_is_assumed_answers_the_question(tmp_path: Path) -> None:
    there = place(*TOWN, "EPSG:4524")
    box = (there[0] - 50, there[1] - 25, there[0] + 50, there[1] + 25)
    path = write_geotiff(tmp_path / "a.tif", noise(), box, crs=None)
    assert (seen(path, assumed_crs="EPSG:4524")[2:-2, 2:-2, 3] == 255).all()


def test_an_assumed_system_that_is_none_is_refused(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", noise(), EXTENT, crs=None)
    with pytest.raises(InputError, match="is not a coordinate system"):
        open_basemap(path, CRS, assumed_crs="nonsense")


def test_what_the_file_says_goes_before_what_is_assumed(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", noise(), EXTENT)
    assert (seen(path, assumed_crs="EPSG:3857")[..., 3] == 255).all()


def test_a_png_with_a_world_file_is_read(tmp_path: Path) -> None:
    bands = noise()
    path = write_geotiff(tmp_path / "a.png", bands, None, driver="PNG", crs=None)
    world = "\n".join(map(str, (0.5, 0, 0, -0.5, X - 49.75, Y + 24.75)))
    path.with_suffix(".pgw").write_text(world)
    result = seen(path, assumed_crs="EPSG:4545")
    assert np.abs(np.moveaxis(bands, 0, -1).astype(int) - result[..., :3]).max() <= 1


def test_a_picture_that_does_not_say_where_it_lies_is_refused(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", noise(), None)
    with pytest.raises(InputError, match=r"a\.tif does not say where it lies"):
        open_basemap(path, CRS)


@pytest.mark.parametrize("content", [b"", b"this is no picture", b"II*\x00\x08\x00\x00\x00"])
def test_a_file_that_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.tif cannot be read"):
        open_basemap(path, CRS)


def test_a_project_called_a_picture_is_not_opened_by_gdal(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"SQLite format 3\x00" + bytes(500))
    with pytest.raises(InputError, match=r"a\.tif cannot be read"):
        open_basemap(path, CRS)


def test_a_picture_cut_off_shows_what_is_left_of_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bands = np.random.default_rng(2).integers(1, 255, (1, 2048, 2048)).astype(np.uint8)
    path = write_geotiff(
        tmp_path / "a.tif", bands, EXTENT, tiled=True, blockxsize=512, blockysize=512
    )
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    picture = open_basemap(path, CRS)
    near = picture.render((EXTENT[0], Y + 1, X, EXTENT[3]), 1024, 1000)
    notes = picture.notes
    far = picture.render((X, EXTENT[1], EXTENT[2], Y - 1), 1024, 1000)
    picture.close()
    assert (near[..., 3] == 255).all()
    assert notes == ()
    assert not far[600:900, 600:900].any()
    assert "damaged tile" in picture.notes[0]
    assert capfd.readouterr().err == ""
