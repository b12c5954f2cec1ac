from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from hjgis.errors import EditRefused
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.search_places import read_degrees
from hjgis.models.typed import Typed, azimuth_words, locked, read_typed

LAST = (428_000.0, 4_528_000.0)
MOUSE = (428_003.0, 4_528_004.0)


def read(text: str, last: tuple[float, float] | None = LAST) -> Typed:
    return read_typed(text, last=last, towards=MOUSE, seen=LAST)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("4528396.12,428245.3", (428_245.3, 4_528_396.12)),
        ("428245.3, 4528396.12", (428_245.3, 4_528_396.12)),
        ("4528396.12 428245.3", (428_245.3, 4_528_396.12)),
        ("4528396.12\t428245.3", (428_245.3, 4_528_396.12)),
        ("X4528396.12 Y428245.3", (428_245.3, 4_528_396.12)),
        ("Y=428245.3, X=4528396.12", (428_245.3, 4_528_396.12)),
        ("4528396.12，428245.3", (428_245.3, 4_528_396.12)),
        ("@5,-2", (427_998.0, 4_528_005.0)),
        ("12.5<90", (428_000.0, 4_528_012.5)),
        ("@12.5<180", (427_987.5, 4_528_000.0)),
        ("10", (428_006.0, 4_528_008.0)),
        ("＠５，０", (428_000.0, 4_528_005.0)),
    ],
)
def test_places(text: str, place: tuple[float, float]) -> None:
    found = read(text).place
    assert found is not None
    assert math.dist(found, place) < 1e-6


def test_it_is_told_when_coordinates_came_east_first() -> None:
    assert read("428245.3,4528396.12").swapped
    assert not read("4528396.12,428245.3").swapped


def test_locks() -> None:
    assert read("12.5<") == Typed(length_m=12.5)
    assert read("<90") == Typed(angle_deg=90.0)


@pytest.mark.parametrize(
    "text", ["12..5<", "12..5<90", "abc", "@5", "5,", "<", "", "-3<", "0", "1,2,3,4"]
)
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(EditRefused):
        read(text)


@pytest.mark.parametrize("text", ["@5,2", "12<90", "12"])
def test_a_step_needs_a_point_to_start_from(text: str) -> None:
    with pytest.raises(EditRefused, match="no point yet"):
        read(text, None)


@pytest.mark.parametrize(
    ("length", "angle", "place"),
    [
        (None, 90.0, (0.0, 4.0)),
        (10.0, None, (6.0, 8.0)),
        (10.0, 90.0, (0.0, 10.0)),
        (10.0, 270.0, (0.0, 10.0)),
        (None, None, (3.0, 4.0)),
    ],
)
def test_a_lock_binds_the_next_place(
    length: float | None, angle: float | None, place: tuple[float, float]
) -> None:
    assert locked((3.0, 4.0), (0.0, 0.0), length, angle) == pytest.approx(place)


HALF = 0.5 * math.sqrt(2)
A = math.radians(45 + 30 / 60 + 20 / 3600)
B = math.radians(45.5)


@pytest.mark.parametrize(
    ("text", "azimuths", "east", "north"),
    [
        ("10<N90", False, 10, 0),
        ("10<n45", False, 10 * HALF, 10 * HALF),
        ("10<90", True, 10, 0),
        ("@10<180", True, 0, -10),
        ("10<E90", True, 0, 10),
        ("10<N44.5960", False, None, None),
        ("10<N45.3020", False, 10 * math.sin(A), 10 * math.cos(A)),
        ("10<45.3020", True, 10 * math.sin(A), 10 * math.cos(A)),
        ("10<45.302", True, 10 * math.sin(A), 10 * math.cos(A)),
        ("10<N45°30'20\"", False, 10 * math.sin(A), 10 * math.cos(A)),
        ("10<N45°30′20″", False, 10 * math.sin(A), 10 * math.cos(A)),
        ("10<N45.3", False, 10 * math.sin(B), 10 * math.cos(B)),
        ("10<N45.5°", False, 10 * math.sin(B), 10 * math.cos(B)),
        ("10<-45.3", True, -10 * math.sin(B), 10 * math.cos(B)),
        ("10<45.3", False, 10 * math.cos(math.radians(45.3)), 10 * math.sin(math.radians(45.3))),
        ("10<45.7", True, None, None),
        ("10<N", False, None, None),
    ],
)
def test_angles_run_from_east_or_are_azimuths(
    text: str, azimuths: bool, east: float | None, north: float
) -> None:
    if east is None:
        with pytest.raises(EditRefused):
            read_typed(text, last=LAST, towards=MOUSE, seen=LAST, azimuths=azimuths)
        return
    found = read_typed(text, last=LAST, towards=MOUSE, seen=LAST, azimuths=azimuths).place
    assert found is not None
    assert (found[0] - LAST[0], found[1] - LAST[1]) == pytest.approx((east, north), abs=1e-6)


def test_an_azimuth_locks_the_next_place() -> None:
    assert read("<N30").angle_deg == pytest.approx(60)


@pytest.mark.parametrize(
    ("azimuth", "words"),
    [(45 + 30 / 60 + 20 / 3600, "45°30′20″"), (-0.0001, "0°00′00″"), (359.99999, "0°00′00″")],
)
def test_azimuths_are_written_in_whole_seconds(azimuth: float, words: str) -> None:
    assert azimuth_words(azimuth) == words


@pytest.mark.parametrize(
    "text",
    ["4528396.12,428245.3,57.25", "428245.3, 4528396.12, 57.25", "4528396.12 428245.3 57.25"],
)
def test_a_place_may_have_a_height(text: str) -> None:
    found = read(text)
    assert found.place == (428_245.3, 4_528_396.12)
    assert found.height_m == 57.25


@pytest.mark.parametrize(
    "text",
    ["110.1,40.9", "40.9，110.1", "40°54'N 110°6'E", "110°06′00″ 40°54′00″", "东经110.1 北纬40.9"],
)
def test_degrees_are_places(text: str) -> None:
    crs = parse_crs("EPSG:4545")
    (x,), (y,) = Transform(parse_crs("EPSG:4326"), crs).points(np.array([110.1]), np.array([40.9]))
    degrees = partial(read_degrees, crs=crs)
    found = read_typed(text, last=None, towards=MOUSE, seen=LAST, degrees=degrees).place
    assert found == pytest.approx((x, y), abs=0.01)


def test_small_numbers_near_the_map_are_metres() -> None:
    crs = parse_crs("EPSG:4545")
    degrees = partial(read_degrees, crs=crs)
    seen = (50.0, 100.0)
    found = read_typed("110.1,40.9", last=None, towards=seen, seen=seen, degrees=degrees).place
    assert found == (40.9, 110.1)
