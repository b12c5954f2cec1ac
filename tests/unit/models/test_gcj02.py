from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hjgis.models.crs import Transform, parse_crs
from hjgis.models.gcj02 import LonLat, System, from_bd09, from_gcj02, to_bd09, to_gcj02

Shift = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def test_shift_is_the_published_one() -> None:
    lon, lat = to_gcj02(np.array([116.404]), np.array([39.915]))
    assert (lon[0], lat[0]) == pytest.approx((116.410_244_499, 39.916_404_281), abs=1e-8)


def test_near_the_town_it_is_486_metres_to_the_east_northeast() -> None:
    lon, lat = np.array([107.15]), np.array([40.89])
    transform = Transform(parse_crs("EPSG:4326"), parse_crs("EPSG:4545"))
    (x,), (y,) = transform.points(lon, lat)
    (there_x,), (there_y,) = transform.points(*to_gcj02(lon, lat))
    assert np.hypot(there_x - x, there_y - y) == pytest.approx(486, abs=3)
    assert there_x - x == pytest.approx(456, abs=6)
    assert there_y - y == pytest.approx(168, abs=6)


def test_taking_the_shift_away_leads_back_within_a_millimetre() -> None:
    lon, lat = np.meshgrid(np.linspace(74, 134, 121), np.linspace(18, 53, 71))
    back = from_gcj02(*to_gcj02(lon, lat))
    # 1e-8 degrees are a millimetre.
    assert np.abs(back[0] - lon).max() < 1e-8
    assert np.abs(back[1] - lat).max() < 1e-8


def test_abroad_nothing_is_shifted() -> None:
    lon, lat = np.array([2.35, -73.9, 151.2]), np.array([48.86, 40.7, -33.9])
    for shift in (to_gcj02, from_gcj02):
        there = shift(lon, lat)
        assert there[0].tolist() == lon.tolist()
        assert there[1].tolist() == lat.tolist()


def test_no_number_stays_none() -> None:
    lon, lat = to_gcj02(np.array([np.nan, 107.0]), np.array([40.0, np.nan]))
    assert np.isnan(lon[0])
    assert np.isnan(lat[1])


def test_bd09_is_the_published_one() -> None:
    lon, lat = to_bd09(np.array([116.404]), np.array([39.915]))
    assert (lon[0], lat[0]) == pytest.approx((116.416_626_5, 39.922_699_0), abs=2e-6)


@pytest.mark.parametrize(("there", "back"), [(to_gcj02, from_gcj02), (to_bd09, from_bd09)])
def test_ten_thousand_places_come_back_within_a_centimetre(there: Shift, back: Shift) -> None:
    dice = np.random.default_rng(2020)
    lon, lat = dice.uniform(74, 134, 10_000), dice.uniform(19, 53, 10_000)
    returned = back(*there(lon, lat))
    away_m = np.hypot(
        (returned[0] - lon) * 111_320 * np.cos(np.radians(lat)), (returned[1] - lat) * 111_320
    )
    assert away_m.max() < 0.01


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_a_shift_is_taken_away_once(system: System) -> None:
    true = LonLat(np.array([107.15]), np.array([40.89]), "true")
    there = true.shifted(system)
    assert (there.system, there.unshifted().system) == (system, "true")
    with pytest.raises(ValueError, match="no shift to take away"):
        there.unshifted().unshifted()
    with pytest.raises(ValueError, match="cannot be shifted"):
        there.shifted("GCJ-02")


@given(
    places=arrays(float, (100, 2), elements=st.floats(0, 1)),
    system=st.sampled_from(["GCJ-02", "BD-09"]),
)
@settings(max_examples=100, deadline=None)
def test_any_place_in_china_comes_back_within_a_centimetre(
    places: np.ndarray, system: System
) -> None:
    # A hundred times a hundred places: ten thousand.
    lon, lat = 73.5 + places[:, 0] * 61.5, 18.0 + places[:, 1] * 35.5
    back = LonLat(lon, lat, "true").shifted(system).unshifted()
    away_m = np.hypot(
        (back.lon - lon) * 111_320 * np.cos(np.radians(lat)), (back.lat - lat) * 111_320
    )
    assert away_m.max() < 0.01
