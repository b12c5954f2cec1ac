from __future__ import annotations

import pytest

from hjgis.cartography.grid import grid_interval, grid_text


@pytest.mark.parametrize(
    ("scale", "interval"),
    [
        (500, 20),
        (1000, 50),
        (2000, 100),
        (5000, 200),
        (20_000, 1000),
        (25_000, 1000),
        (50_000, 2000),
    ],
)
def test_grid_lines_stand_at_round_metres_and_not_too_close(scale: int, interval: int) -> None:
    assert grid_interval(scale) == interval
    assert interval / scale * 1000 >= 40


@pytest.mark.parametrize(
    ("metres", "interval", "text"),
    [
        (4_528_000, 1000, "4528"),
        (4_528_500, 500, "4528.5"),
        (428_020, 20, "428.02"),
        (428_000, 2, "428.000"),
    ],
)
def test_grid_numbers_are_kilometres_as_exact_as_the_interval(
    metres: float, interval: float, text: str
) -> None:
    assert grid_text(metres, interval) == text
