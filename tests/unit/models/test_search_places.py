from __future__ import annotations

import math

import numpy as np
import pytest

from hjgis.models.crs import Transform, parse_crs
from hjgis.models.search_places import read_place

CRS = parse_crs("EPSG:4545")
SEEN = (428_400.0, 4_528_700.0)
X, Y = 4_528_396.12, 428_245.30


def _lon_lat() -> tuple[float, float]:
    lon, lat = Transform(CRS, parse_crs("EPSG:4326")).points(np.array([Y]), np.array([X]))
    return float(lon[0]), float(lat[0])


LON, LAT = _lon_lat()


def dms(degrees: float) -> str:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    seconds = (degrees - whole - minutes / 60) * 3600
    return f"{whole}°{minutes}′{seconds:.4f}″"


@pytest.mark.parametrize(
    "text",
    [
        "4528396.12, 428245.30",
        "4528396.12 428245.30",
        "428245.30，4528396.12",
        "X4528396.12 Y428245.30",
        "y=428245.30, x=4528396.12",
        "X=４５２８３９６．１２，Y=428245.30",
        "4528396.12 36428245.30",
    ],
)
def test_metres_are_read_in_either_order_and_with_a_zone(text: str) -> None:
    place = read_place(text, CRS, SEEN)
    assert place is not None
    assert place.kind == "metres"
    assert math.dist((place.x, place.y), (Y, X)) < 0.01


@pytest.mark.parametrize(
    "text",
    [
        f"{LON:.8f}, {LAT:.8f}",
        f"{LAT:.8f} {LON:.8f}",
        f"{LON:.8f}°E {LAT:.8f}°N",
        f"N{LAT:.8f} E{LON:.8f}",
        f"东经{LON:.8f}度，北纬{LAT:.8f}度",
        f"{dms(LON)}E {dms(LAT)}N",
        f"{dms(LAT)}, {dms(LON)}",
        f"北纬{dms(LAT)}东经{dms(LON)}",
        f"{dms(LON).replace('°', '度').replace('′', '分').replace('″', '秒')} {dms(LAT)}",
    ],
)
def test_degrees_are_read_as_people_write_them(text: str) -> None:
    place = read_place(text, CRS, SEEN)
    assert place is not None
    assert place.kind == "degrees"
    assert math.dist((place.x, place.y), (Y, X)) < 0.05


def test_a_national_sheet_is_found_by_its_number() -> None:
    # 1:10 000 is 3'45" wide and 2'30" high.
    row = 4 * 24 - math.floor((LAT - 40 + 0) * 24)
    column = math.floor((LON - 102) * 16) + 1
    place = read_place(f"K48G{row:03d}{column:03d}", CRS, SEEN)
    assert place is not None
    assert place.extent is not None
    assert place.extent[0] <= Y <= place.extent[2]
    assert place.extent[1] <= X <= place.extent[3]
    assert 5_000 < place.extent[2] - place.extent[0] < 5_600


def test_a_sheet_of_the_town_is_found_by_its_corner() -> None:
    place = read_place("4528.25-428.00", CRS, SEEN)
    assert place is not None
    assert place.extent == (428_000.0, 4_528_250.0, 428_250.0, 4_528_500.0)


@pytest.mark.parametrize(
    "text",
    ["", "12", "人民路", "0012", "1, 2", "15082601010000123", "K99", "K48G999001", "107.15",
     "9" * 400, "\0", "NEAR(", "x1 x2", "107.15 99.9", "-, -", "4528.25-428.00-1"],
)  # fmt: skip
def test_what_is_no_place_is_none(text: str) -> None:
    assert read_place(text, CRS, SEEN) is None
