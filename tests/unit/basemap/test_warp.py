from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hjgis.basemap.warp import MESH_PX, Floats, Mesh, Mosaic, halved, mesh, packed, sample, strips


def gradient(width: int, height: int) -> NDArray[np.uint8]:
    rows, columns = np.indices((height, width))
    return np.stack([columns, rows, columns * 0, columns * 0 + 255], axis=-1).astype(np.uint8)


def mosaic_of(rgba: NDArray[np.uint8]) -> Mosaic:
    height, width = rgba.shape[:2]
    return Mosaic(np.pad(packed(rgba), 1, mode="edge"), 0, 0, (1.0, 1.0), (width, height))


def bytes_of(pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return pixels.view(np.uint8).reshape(*pixels.shape, 4)


def sampled(picture: Mosaic, shape: Mesh) -> NDArray[np.uint8]:
    parts = [sample(picture, shape, strip) for strip in range(strips(shape))]
    return bytes_of(np.concatenate(parts))


def test_a_picture_seen_pixel_for_pixel_is_itself() -> None:
    rgba = gradient(70, 50)
    shape = mesh((0, 0, 70, 50), 70, 50, lambda x, y: (x, 50 - y))
    assert shape.scale == pytest.approx(1)
    assert np.array_equal(sampled(mosaic_of(rgba), shape), rgba)


def test_between_two_pixels_their_mean_is_shown() -> None:
    shape = mesh((0, 0, 60, 50), 60, 50, lambda x, y: (x * 2, 100 - 2 * y))
    seen = sampled(mosaic_of(gradient(120, 100)), shape)
    # The middle of a pixel that covers 0 to 2 lies where 0 and 1 meet: 0.5, rounded down.
    assert seen[0, :5, 0].tolist() == [0, 2, 4, 6, 8]
    assert seen[:5, 0, 1].tolist() == [0, 2, 4, 6, 8]


def test_outside_the_picture_nothing_is_shown() -> None:
    shape = mesh((-10, -10, 80, 60), 90, 70, lambda x, y: (x, 50 - y))
    seen = sampled(mosaic_of(gradient(70, 50)), shape)
    assert np.array_equal(seen[10:60, 10:80], gradient(70, 50))
    seen[10:60, 10:80] = 0
    assert not seen.any()


def test_where_no_place_is_known_nothing_is_shown() -> None:
    def places(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return np.where(x < 64, x, np.inf), np.where(x < 64, 50 - y, 1e300)

    shape = mesh((0, 0, 128, 50), 128, 50, places)
    seen = sampled(mosaic_of(gradient(128, 50)), shape)
    assert np.array_equal(seen[:, :MESH_PX], gradient(128, 50)[:, :MESH_PX])
    assert not seen[:, 2 * MESH_PX :].any()


def test_a_mesh_without_any_known_place_has_no_scale() -> None:
    shape = mesh((0, 0, 10, 10), 10, 10, lambda x, y: (x * np.nan, y))
    assert shape.scale == 0


def test_a_bent_grid_is_met_within_a_small_part_of_a_pixel() -> None:
    def places(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return x + 40 * np.sin(x / 3000), 1000 - y + 40 * np.sin(y / 3000)

    shape = mesh((0, 0, 1600, 1000), 1600, 1000, places)
    middles = np.arange(1600) + 0.5
    true_columns, _rows = places(middles, np.zeros(1600))
    assert np.abs(shape.columns[-1] - true_columns).max() < 0.05


def test_halving_takes_the_mean_of_four_in_every_channel() -> None:
    rgba = np.random.default_rng(3).integers(0, 256, (6, 8, 4)).astype(np.uint8)
    rgba[..., 3] = 255
    means = rgba.reshape(3, 2, 4, 2, 4).astype(int).sum(axis=(1, 3)) // 4
    assert np.array_equal(bytes_of(halved(packed(rgba))), means)


def test_packing_multiplies_by_alpha() -> None:
    rgba = np.array([[[200, 100, 50, 128], [200, 100, 50, 0], [200, 100, 50, 255]]], np.uint8)
    expected = [[[100, 50, 25, 128], [0, 0, 0, 0], [200, 100, 50, 255]]]
    assert bytes_of(packed(rgba)).tolist() == expected
