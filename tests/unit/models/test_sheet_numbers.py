from __future__ import annotations

import pytest

from hjgis.errors import UsageError
from hjgis.models.sheet_numbers import StandardSheet, side_m

NORTH, EAST = 4_528_395.5, 428_244.9


@pytest.mark.parametrize(
    ("scale", "number"),
    [(500, "4528.25-428.00"), (1000, "4528.0-428.0"), (2000, "4528.0-428.0")],
)
def test_the_worked_example_has_its_numbers(scale: int, number: str) -> None:
    assert StandardSheet.at(EAST, NORTH, scale).number == number


@pytest.mark.parametrize(("scale", "side"), [(500, 250), (1000, 500), (2000, 1000)])
def test_a_sheet_holds_its_south_and_west_edge_and_not_the_others(scale: int, side: int) -> None:
    corner = StandardSheet.at(428_000.0, 4_528_000.0, scale)
    west, south, east, north = corner.extent
    assert (west, south, east, north) == (428_000, 4_528_000, 428_000 + side, 4_528_000 + side)
    assert StandardSheet.at(east - 0.001, north - 0.001, scale) == corner
    assert StandardSheet.at(east, south, scale).column == corner.column + 1
    assert StandardSheet.at(west, north, scale).row == corner.row + 1
    assert StandardSheet.at(west - 0.001, south, scale).column == corner.column - 1


def test_south_and_west_of_zero_the_corner_is_still_the_south_west_one() -> None:
    made = StandardSheet.at(-0.5, -250.5, 500)
    assert made.extent == (-250.0, -500.0, 0.0, -250.0)
    assert made.number == "-0.50--0.25"
    assert StandardSheet.at(0.0, 0.0, 500).number == "0.00-0.00"


def test_an_east_with_its_zone_before_it_keeps_it() -> None:
    assert StandardSheet.at(36_428_244.9, NORTH, 500).number == "4528.25-36428.00"


@pytest.mark.parametrize("scale", [500, 1000, 2000])
def test_no_two_sheets_of_a_scale_have_one_number(scale: int) -> None:
    sheets = [StandardSheet(scale, row, column) for row in range(-9, 9) for column in range(-9, 9)]
    assert len({made.number for made in sheets}) == len(sheets)


def test_the_sheets_around_are_told_from_the_north_west() -> None:
    made = StandardSheet.at(EAST, NORTH, 500)
    around = made.around()
    assert around[4] == made
    assert around[0].extent[:2] == (made.extent[0] - 250, made.extent[3])
    assert around[8].extent[:2] == (made.extent[2], made.extent[1] - 250)
    assert all(made in other.around() for other in around)


@pytest.mark.parametrize("scale", [250, 5000, 1500, 1_000_000])
def test_other_scales_have_no_standard_sheets(scale: int) -> None:
    with pytest.raises(UsageError, match=f"1:500, 1:1000 and 1:2000, not of 1:{scale}"):
        side_m(scale)
