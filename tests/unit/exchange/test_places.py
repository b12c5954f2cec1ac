from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from hjgis.errors import InputQuestion
from hjgis.exchange import places
from hjgis.exchange.coordinates import finite
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.placement import Placement
from hjgis.models.crs import parse_crs

PROJECT = parse_crs("EPSG:4545")


def layer(spots: list[tuple[float, float]], crs: str | None = None) -> ForeignLayer:
    shapes = np.empty(len(spots), dtype=object)
    shapes[:] = shapely.points(np.array(spots, dtype=float).reshape(-1, 2))
    system = parse_crs(crs) if crs else None
    flags = np.zeros(len(spots), dtype=bool)
    return ForeignLayer("theirs", {}, shapes, flags, system, Encoding("utf-8", "format"))


def found(spots: list[tuple[float, float]], says: str | None = None, **said: Any) -> Placement:
    return places.located(layer(spots, says), PROJECT, **said)


def asked(spots: list[tuple[float, float]], says: str | None = None, **said: Any) -> InputQuestion:
    question = found(spots, says, **said).question
    assert question is not None
    return question


def test_coordinates_within_the_county_are_taken_for_the_projects() -> None:
    placement = found([(428_000, 4_528_000)])
    assert (placement.crs, placement.how) == (PROJECT, "assumed")
    assert placement.in_county
    assert placement.question is None
    assert placement.box_wgs84 == pytest.approx((107.1457, 40.8836, 107.1457, 40.8836), abs=1e-3)


@pytest.mark.parametrize(
    ("spot", "said", "given", "system"),
    [
        ((107.1, 40.9), "EPSG:4490", None, "EPSG:4490"),
        ((107.1, 40.9), "EPSG:4326", "EPSG:4490", "EPSG:4490"),
        ((428_000, 4_528_000), "EPSG:2381", None, "EPSG:2381"),
    ],
)
def test_what_is_given_goes_before_what_the_file_says_and_both_are_believed(
    spot: tuple[float, float], said: str, given: str | None, system: str
) -> None:
    placement = found([spot], said, crs=given)
    assert placement.crs == parse_crs(system)
    assert placement.how == ("given" if given else "file")
    assert (placement.proposals, placement.question) == ((), None)


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
def test_exchanged_metres_are_asked_about_and_can_be_answered(crs: str | None) -> None:
    exchanged = [(4_528_000.0, 428_000.0)]
    question = asked(exchanged, crs)
    assert (question.option, question.answers[0].split()[0]) == ("--swap-axes", "--swap-axes")
    placement = found(exchanged, crs, swap=True)
    assert placement.question is None
    assert placement.layer.geometry[0] == shapely.Point(428_000, 4_528_000)


def test_exchanging_keeps_heights_and_what_has_none() -> None:
    shapes = [shapely.Point(4_528_000, 428_000, 1040), shapely.Point(4_528_001, 428_001), None]
    given = layer([(0, 0)] * 3, "EPSG:4545")
    given.geometry[:] = shapes
    turned = places.located(given, PROJECT, swap=True).layer.geometry
    assert turned[0].coords[0] == (428_000, 4_528_000, 1040)
    assert not turned[1].has_z
    assert turned[2] is None
    assert given.geometry[0] is shapes[0]


def test_latitude_first_is_asked_about() -> None:
    assert asked([(40.9, 107.1)], "EPSG:4490").option == "--swap-axes"


@pytest.mark.parametrize("target", ["EPSG:4545", "EPSG:4549"])
def test_a_latitude_that_is_none_is_asked_about_anywhere(target: str) -> None:
    placement = places.located(layer([(30.2, 120.1)], "EPSG:4490"), parse_crs(target))
    assert [proposal.answer for proposal in placement.proposals] == [{"swap": True}]
    assert placement.question is not None


def test_one_stray_point_does_not_decide() -> None:
    spots = [(428_000.0 + n, 4_528_000.0) for n in range(100)]
    assert found([*spots, (0, 0)]).how == "assumed"


def test_a_layer_without_places_is_not_asked_about() -> None:
    placement = found([])
    assert (placement.crs, placement.how, placement.question) == (None, "unknown", None)


@pytest.mark.parametrize("how", ["file", "given"])
def test_a_shift_that_nobody_knows_is_asked_about_until_it_is_accepted(how: str) -> None:
    old = parse_crs("EPSG:2433")
    with pytest.raises(InputQuestion, match="no real transformation") as question:
        places.transform_to(PROJECT, old, accept_ballpark=False)
    assert question.value.answers[0] == "--accept-ballpark"
    assert places.transform_to(PROJECT, old, accept_ballpark=True).ballpark


def test_from_wgs84_nothing_is_asked() -> None:
    wgs84 = parse_crs("EPSG:4326")
    assert not places.transform_to(PROJECT, wgs84, accept_ballpark=False).ballpark


@pytest.mark.parametrize(
    ("crs", "prefixed"),
    [("EPSG:4545", "EPSG:4524"), ("EPSG:2381", "EPSG:2360"), ("EPSG:2433", "EPSG:2412")],
)
@pytest.mark.parametrize("given", [True, False])
def test_a_zone_number_before_east_is_asked_about_where_the_system_has_none(
    crs: str, prefixed: str, given: bool
) -> None:
    spots = [(36_428_244.9, 4_528_395.5)]
    question = asked(spots, crs, crs=crs if given else None)
    assert (question.option, question.candidates) == ("--crs", (prefixed,))
    placement = found(spots, prefixed)
    assert (placement.crs, placement.how) == (parse_crs(prefixed), "file")
    assert placement.question is None


def test_what_is_far_away_in_a_system_of_its_own_is_only_told() -> None:
    # New York in its UTM zone: read in EPSG:4545, the same numbers would lie in the county.
    placement = found([(428_000, 4_528_000)], "EPSG:32618")
    assert placement.in_county is False
    assert placement.question is None
    assert "outside the county" in str(placement.astray_words)
    assert "EPSG:4545" in str(placement.astray_words)


def test_what_is_wanted_as_it_is_is_not_asked_about() -> None:
    wrong = [(36_428_244.9, 4_528_395.5)]
    assert found(wrong, "EPSG:4545", as_is=True).question is None
    assert "outside the county" in str(found(wrong, "EPSG:4545", as_is=True).astray_words)


def test_a_project_of_elsewhere_is_not_measured_by_the_county() -> None:
    elsewhere = parse_crs("EPSG:4549")
    placement = places.located(layer([(428_000, 4_528_000)], "EPSG:4549"), elsewhere)
    assert placement.in_county is None
    assert placement.astray_words is None


def test_degrees_minutes_and_seconds_in_one_number_are_recognised() -> None:
    spots = [(107.08 + 0.0001 * (n % 60), 40.53 + 0.0001 * (59 - n)) for n in range(30)]
    question = asked(spots, "EPSG:4326")
    assert question.candidates == ("DMS",)
    (first, *_rest) = found(spots, "EPSG:4326", crs="dms").layer.geometry
    assert first.x == pytest.approx(107 + 8 / 60, abs=1e-9)
    assert first.y == pytest.approx(40 + 53 / 60 + 59 / 3600, abs=1e-9)


def test_decimal_degrees_are_not_taken_for_minutes() -> None:
    dice = np.random.default_rng(1)
    spots = np.column_stack([dice.uniform(107, 107.2, 30), dice.uniform(40.8, 41, 30)])
    assert found(spots.tolist(), "EPSG:4326").question is None


@pytest.mark.parametrize("written", ["GCJ-02", "gcj02", "gcj_02", " Gcj-02 "])
def test_a_shift_may_be_written_in_any_way(written: str) -> None:
    assert places.pseudo_name(written) == "GCJ-02"


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:4545", "nothing says"),
        ("EPSG:4545+5737", "in Yellow Sea 1985 height; they"),
        ("EPSG:4545+5736", "in Yellow Sea 1956 height, not in the 1985"),
        ("EPSG:4480", "in China Geodetic Coordinate System 2000, not"),
    ],
)
def test_the_datum_of_heights_is_told_and_kept_out_of_the_system(crs: str, words: str) -> None:
    spot = (107.1, 40.9, 1040.0) if crs == "EPSG:4480" else (428_000.0, 4_528_000.0, 1040.0)
    given = layer([(0, 0)], crs)
    given.geometry[0] = shapely.Point(spot)
    placement = places.located(given, PROJECT)
    assert words in str(placement.heights)
    assert placement.crs == parse_crs("EPSG:4490" if crs == "EPSG:4480" else "EPSG:4545")
    assert placement.question is None


def test_where_there_are_no_heights_nothing_is_said_of_them() -> None:
    assert found([(428_000, 4_528_000)], "EPSG:4545+5737").heights is None


def test_finite_finds_nan_and_infinity_in_any_vertex() -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.from_wkt(["LINESTRING (0 0, NaN 1)", "LINESTRING (0 0, Inf 1)"])
    shapes = np.array([shapely.Point(1, 2), *broken, None])
    assert finite(shapes).tolist() == [True, False, False, True]
