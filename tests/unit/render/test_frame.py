from __future__ import annotations

import numpy as np
import pytest

from hjgis.render.frame import MapFrame

TOWN = (428_244.94, 4_528_395.52)


def test_one_millimetre_of_a_sheet_is_the_scale_in_millimetres() -> None:
    frame = MapFrame.at_scale(TOWN, 500, width_px=30_000, height_px=25_000, dpi=2540)
    assert frame.scale_denominator == pytest.approx(500, rel=1e-12)
    ends = frame.to_device(np.array([TOWN, (TOWN[0] + 50, TOWN[1])]))
    assert (ends[1] - ends[0]) / frame.px(1.0) == pytest.approx([100.0, 0.0])


def test_a_map_point_goes_to_the_device_and_back() -> None:
    frame = MapFrame(*TOWN, 0.37, 911, 503)
    x, y = frame.to_device(np.array([[428_300.25, 4_528_401.5]]))[0]
    assert frame.to_map(x, y) == pytest.approx((428_300.25, 4_528_401.5), abs=1e-6)


def test_north_is_up() -> None:
    frame = MapFrame(0, 0, 1.0, 10, 10)
    assert frame.to_device(np.array([[0.0, 4.0]])).tolist() == [[5.0, 1.0]]


def test_the_corner_of_the_device_is_the_corner_of_the_extent() -> None:
    frame = MapFrame(*TOWN, 2.0, 400, 300)
    x_min, _, _, y_max = frame.extent
    assert frame.to_map(0, 0) == (x_min, y_max)


def test_large_coordinates_keep_their_millimetres() -> None:
    frame = MapFrame.at_scale((36_428_244.94, 4_528_395.52), 200, width_px=9000, height_px=9000)
    a, b = frame.to_device(np.array([(36_428_244.940, 4_528_395.0), (36_428_244.941, 4_528_395.0)]))
    assert (b[0] - a[0]) * frame.m_per_px == pytest.approx(0.001, abs=1e-7)


@pytest.mark.parametrize("extent", [(0, 0, 900, 100), (0, 0, 100, 900)], ids=["wide", "high"])
def test_an_extent_fits_into_its_frame(extent: tuple[float, float, float, float]) -> None:
    x_min, y_min, x_max, y_max = MapFrame.fitting(extent, width_px=400, height_px=300).extent
    assert x_min < extent[0]
    assert y_min < extent[1]
    assert x_max > extent[2]
    assert y_max > extent[3]


def test_a_single_point_is_shown_at_a_usable_scale() -> None:
    frame = MapFrame.fitting((5, 5, 5, 5), width_px=400, height_px=300)
    assert frame.scale_denominator == pytest.approx(500)
