from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.errors import InputQuestion
from hjgis.exchange import places
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer
from hjgis.models.crs import parse_crs

PROJECT = parse_crs("EPSG:4545")


def layer(spots: list[tuple[float, float]], crs: str | None = None) -> ForeignLayer:
    shapes = np.empty(len(spots), dtype=object)
    shapes[:] = shapely.points(np.array(spots, dtype=float).reshape(-1, 2))
    system = parse_crs(crs) if crs else None
    flags = np.zeros(len(spots), dtype=bool)
    return ForeignLayer("theirs", {}, shapes, flags, system, Encoding("utf-8", "format"))


def asked(spots: list[tuple[float, float]], crs: str | None = None) -> InputQuestion:
    with pytest.raises(InputQuestion) as question:
        places.source_crs(layer(spots, crs), None, PROJECT)
    return question.value


def test_coordinates_within_the_county_are_taken_for_the_projects() -> None:
    assert places.source_crs(layer([(428_000, 4_528_000)]), None, PROJECT) == (PROJECT, "assumed")


def test_a_file_that_says_its_system_is_believed() -> None:
    crs, how = places.source_crs(layer([(107.1, 40.9)], "EPSG:4490"), None, PROJECT)
    assert (crs and crs.text, how) == ("EPSG:4490", "file")


def test_what_is_given_goes_before_the_file() -> None:
    crs, how = places.source_crs(layer([(107.1, 40.9)], "EPSG:4326"), "EPSG:4490", PROJECT)
    assert (crs and crs.text, how) == ("EPSG:4490", "given")


@pytest.mark.parametrize(
    ("spot", "first"),
    [
        ((107.1, 40.9), "EPSG:4490"),
        ((36_428_000.0, 4_528_000.0), "EPSG:4524"),
        ((1_000.0, 2_000.0), "EPSG:4545"),
    ],
)
def test_missing_crs_is_asked_with_the_likeliest_first(
    spot: tuple[float, float], first: str
) -> None:
    question = asked([spot])
    assert (question.option, question.candidates[0]) == ("--crs", first)


@pytest.mark.parametrize("crs", [None, "EPSG:4545"])
def test_exchanged_metres_are_asked_about(crs: str | None) -> None:
    assert asked([(4_528_000, 428_000)], crs).option == "--x / --y"


def test_latitude_first_is_asked_about() -> None:
    assert asked([(40.9, 107.1)], "EPSG:4490").option == "--x / --y"


def test_one_stray_point_does_not_decide() -> None:
    spots = [(428_000.0 + n, 4_528_000.0) for n in range(100)]
    assert places.source_crs(layer([*spots, (0, 0)]), None, PROJECT)[1] == "assumed"


def test_a_layer_without_places_is_not_asked_about() -> None:
    assert places.source_crs(layer([]), None, PROJECT) == (None, "unknown")


def test_a_shift_that_nobody_knows_is_asked_about_unless_the_system_is_given() -> None:
    old = parse_crs("EPSG:2433")
    with pytest.raises(InputQuestion) as question:
        places.transform_to(PROJECT, old, "file")
    assert question.value.candidates[0] == "EPSG:2433"
    assert places.transform_to(PROJECT, old, "given").ballpark


def test_from_wgs84_nothing_is_asked() -> None:
    assert not places.transform_to(PROJECT, parse_crs("EPSG:4326"), "file").ballpark


def test_finite_finds_nan_and_infinity_in_any_vertex() -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.from_wkt(["LINESTRING (0 0, NaN 1)", "LINESTRING (0 0, Inf 1)"])
    shapes = np.array([shapely.Point(1, 2), *broken, None])
    assert places.finite(shapes).tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("crs", "prefixed"),
    [("EPSG:4545", "EPSG:4524"), ("EPSG:2381", "EPSG:2360"), ("EPSG:2433", "EPSG:2412")],
)
def test_a_zone_number_before_east_is_asked_about_where_the_system_has_none(
    crs: str, prefixed: str
) -> None:
    question = asked([(36_428_244.9, 4_528_395.5)], crs)
    assert (question.option, question.candidates) == ("--crs", (prefixed,))
    system, how = places.source_crs(layer([(36_428_244.9, 4_528_395.5)], prefixed), None, PROJECT)
    assert (system, how) == (parse_crs(prefixed), "file")
