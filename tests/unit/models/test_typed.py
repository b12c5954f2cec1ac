from __future__ import annotations

import math

import pytest

from hjgis.errors import EditRefused
from hjgis.models.typed import Typed, locked, read_typed

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
    "text", ["12..5<", "12..5<90", "abc", "@5", "5,", "<", "", "-3<", "0", "1,2,3"]
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
