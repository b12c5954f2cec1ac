"""What charts tell, whoever draws them."""

from __future__ import annotations

import math

import pytest

from hjgis.cartography.figures import PALETTE, Chart
from hjgis.models.styles.ramps import OTHERS_COLOR

NAMES = ("LED", "钠灯", "金卤灯")
COUNTS = Chart("路灯", NAMES, (("盏", (1.0, 3.0, math.nan)),), "盏", kind="pie")


def test_slices_are_sorted_by_size_and_nothing_has_none() -> None:
    assert [(part.name, part.value) for part in COUNTS.slices()] == [("钠灯", 3.0), ("LED", 1.0)]
    assert [part.ink for part in COUNTS.slices()] == list(PALETTE[:2])


def test_slices_of_classes_keep_the_order_and_colours_of_the_map() -> None:
    inks = ("#111111", "#222222", "#333333")
    chart = Chart("路灯", NAMES, (("盏", (1.0, 3.0, 2.0)),), "盏", colours=inks)
    assert [(part.name, part.ink) for part in chart.slices()] == list(zip(NAMES, inks, strict=True))
    assert [chart.ink(0, i) for i in range(3)] == list(inks)


def test_the_smallest_of_many_slices_are_one() -> None:
    values = tuple(float(i + 1) for i in range(14))
    chart = Chart("t", tuple(f"n{i}" for i in range(14)), (("a", values),), "")
    slices = chart.slices()
    assert len(slices) == 10
    assert slices[0].name == "n13"
    assert (slices[-1].value, slices[-1].ink) == (sum(values[:5]), OTHERS_COLOR)


@pytest.mark.parametrize("colours", [(), ("#111111", "#222222")])
def test_each_series_has_a_colour_of_its_own(colours: tuple[str, ...]) -> None:
    series = (("a", (1.0, 2.0, 3.0)), ("b", (3.0, math.nan, 1.0)))
    chart = Chart("t", NAMES, series, "km", colours=colours)
    assert [chart.ink(number, 2) for number in (0, 1)] == list((colours or PALETTE)[:2])
    assert [chart.total(i) for i in range(3)] == [4.0, 2.0, 4.0]


def test_no_two_of_many_series_have_one_colour() -> None:
    series = tuple((str(number), (1.0,)) for number in range(3 * len(PALETTE)))
    chart = Chart("管径", ("钢",), series, "km", kind="stacked")
    inks = [chart.ink(number) for number in range(len(series))]
    assert inks[: len(PALETTE)] == list(PALETTE)
    assert len({*inks}) == len(series)
