from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hjgis.errors import InputError
from hjgis.models.crs import FittedTransform, geocentric, parse_crs
from hjgis.models.parameters import ParameterSet, read_parameters, write_parameters
from hjgis.models.similarity import Fit, Plane, Space, fit_plane, fit_space

PLANE = Plane(123.456, -78.9, 12.5, 35.0)
SPACE = Space(15.8, -154.4, -82.3, 0.53, -1.21, 2.4, 4.2)


def town(count: int, *, seed: int = 1) -> np.ndarray:
    return np.array([428_000.0, 4_528_000.0]) + np.random.default_rng(seed).uniform(
        0, 8000, (count, 2)
    )


def in_space(count: int, *, seed: int = 1) -> np.ndarray:
    x, y = town(count, seed=seed).T
    return geocentric(parse_crs("EPSG:2381"), x, y, np.linspace(1030, 1060, count))


@given(
    east=st.floats(-1e6, 1e6), north=st.floats(-5e6, 5e6), turn=st.floats(-600_000, 600_000),
    scale=st.floats(-500, 500), count=st.integers(2, 12), seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_known_four_parameters_are_found_again(
    east: float, north: float, turn: float, scale: float, count: int, seed: int
) -> None:
    source = town(count, seed=seed)
    away = np.linalg.norm(source[:, None] - source[None], axis=2)
    if away.max() < 100:
        return
    model = Plane(east, north, turn, scale)
    fit = fit_plane(source, model.apply(source))
    elsewhere = town(50, seed=100)
    assert np.abs(fit.model.apply(elsewhere) - model.apply(elsewhere)).max() < 1e-4
    assert fit.rms_m < 1e-6
    assert fit.outlier is None


def test_four_parameters_come_back_to_the_last_digit_that_matters() -> None:
    source = town(4)
    fit = fit_plane(source, PLANE.apply(source))
    assert fit.model.rotation_arcsec == pytest.approx(12.5, abs=1e-7)
    assert fit.model.scale_ppm == pytest.approx(35, abs=1e-6)
    assert (fit.model.east_m, fit.model.north_m) == pytest.approx((123.456, -78.9), abs=1e-5)


def test_known_seven_parameters_are_found_again() -> None:
    source = in_space(8)
    fit = fit_space(source, SPACE.apply(source))
    elsewhere = in_space(50, seed=9)
    assert np.abs(fit.model.apply(elsewhere) - SPACE.apply(elsewhere)).max() < 1e-6
    wide = geocentric(
        parse_crs("EPSG:4610"), np.array([75.0, 90, 105, 120, 130]),
        np.array([30.0, 45, 20, 50, 40]), np.zeros(5),
    )  # fmt: skip
    fit = fit_space(wide, SPACE.apply(wide))
    assert vars_of(fit.model) == pytest.approx(vars_of(SPACE), abs=1e-7)


def vars_of(model: Space) -> list[float]:
    return [getattr(model, name) for name in Space.__slots__]


def test_seven_parameters_are_those_of_proj() -> None:
    source = in_space(5)
    pipeline = (
        f"+proj=helmert +x={SPACE.x_m} +y={SPACE.y_m} +z={SPACE.z_m} +rx={SPACE.rx_arcsec}"
        f" +ry={SPACE.ry_arcsec} +rz={SPACE.rz_arcsec} +s={SPACE.scale_ppm}"
        " +convention=position_vector"
    )
    theirs = np.column_stack(pyproj.Transformer.from_pipeline(pipeline).transform(*source.T))
    assert np.abs(theirs - SPACE.apply(source)).max() < 1e-6


def test_residuals_are_what_noise_leaves() -> None:
    dice = np.random.default_rng(7)
    source = town(200)
    fit = fit_plane(source, PLANE.apply(source) + dice.normal(0, 0.02, source.shape))
    assert fit.unit_weight_m == pytest.approx(0.02, rel=0.1)
    assert fit.rms_m == pytest.approx(0.02 * 2**0.5, rel=0.1)
    assert np.abs(fit.residuals_m.mean(axis=0)).max() < 1e-7
    space = in_space(200)
    noisy = fit_space(space, SPACE.apply(space) + dice.normal(0, 0.02, space.shape))
    assert noisy.unit_weight_m == pytest.approx(0.02, rel=0.1)


def test_without_redundancy_there_is_no_standard_error() -> None:
    source = town(2)
    assert fit_plane(source, PLANE.apply(source)).unit_weight_m is None


@pytest.mark.parametrize("count", [4, 6, 12])
def test_the_point_that_was_mistaken_is_named(count: int) -> None:
    source = town(count)
    target = PLANE.apply(source) + np.random.default_rng(2).normal(0, 0.005, source.shape)
    target[2] += (0.4, -0.3)
    assert fit_plane(source, target).outlier == 2


def outlier(fit: Fit[Plane]) -> int | None:
    return fit.outlier


def test_good_points_are_not_accused() -> None:
    for seed in range(20):
        source = town(6, seed=seed)
        noise = np.random.default_rng(seed).normal(0, 0.01, source.shape)
        assert outlier(fit_plane(source, PLANE.apply(source) + noise)) is None


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (np.array([[0.0, 0.0]]), "too few"),
        (np.array([[0.0, 0.0], [0.0, 0.0]]), "too close"),
        (np.array([[0.0, 0.0], [1.0, 1.0]]), "too close"),
        (np.array([[0.0, 0.0], [900.0, 1.0], [900.0, 1.0]]), "point 2 is given twice"),
        (np.array([[0.0, 0.0], [np.nan, 1.0]]), "no number"),
    ],
)
def test_points_that_determine_nothing_are_refused(source: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        fit_plane(source, source)


def test_points_that_do_not_belong_together_are_refused() -> None:
    source = town(4)
    with pytest.raises(InputError, match="do not belong together"):
        fit_plane(source, source * 1.5)


def test_seven_parameters_need_an_area() -> None:
    x = np.linspace(428_000, 430_000, 6)
    line = geocentric(parse_crs("EPSG:2381"), x, x * 0 + 4_528_000, x * 0)
    with pytest.raises(InputError, match="in one line"):
        fit_space(line, line + 10)
    with pytest.raises(InputError, match="too few"):
        fit_space(line[:2], line[:2])


def test_a_great_turn_in_space_is_refused() -> None:
    source = in_space(6)
    with pytest.raises(InputError, match="rotation would be"):
        fit_space(source, source[[1, 2, 3, 4, 5, 0]] + 0.0)


# -- sets and their use ------------------------------------------------------------------


@pytest.mark.parametrize("model", [PLANE, SPACE])
def test_a_set_comes_back_from_its_file_and_is_marked_secret(
    tmp_path: Path, model: Plane | Space
) -> None:
    path = tmp_path / "陕坝.toml"
    given = ParameterSet('陕坝 "2020"', "EPSG:2381", "EPSG:4545", model, 5, 0.0123)
    write_parameters(path, given)
    assert read_parameters(path) == given
    assert "涉密" in path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(InputError, match="nothing was overwritten"):
        write_parameters(path, given)


@pytest.mark.parametrize(
    "text", ["", "model = 5", "model = 4\n[parameters]\neast_m = 'x'", "a = ", "model = 4"]
)
def test_a_file_that_is_no_set_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="broken"):
        read_parameters(path)
    with pytest.raises(InputError, match="missing"):
        read_parameters(tmp_path / "missing.toml")


def test_four_parameters_lead_from_a_local_plane_into_the_projects() -> None:
    chosen = ParameterSet("local", "local", "EPSG:4545", PLANE)
    transform = FittedTransform(None, parse_crs("EPSG:4524"), chosen)
    there = PLANE.apply(town(3))
    x, y = transform.points(*town(3).T)
    assert np.abs(np.column_stack([x - 36_000_000, y]) - there).max() < 1e-6
    assert not transform.ballpark
    assert transform.description == "parameter set local (4 parameters)"
    assert "123" not in transform.description


def test_a_file_in_another_projection_of_the_same_datum_is_brought_to_the_plane_first() -> None:
    chosen = ParameterSet("80", "EPSG:2381", "EPSG:4545", PLANE)
    target = parse_crs("EPSG:4545")
    straight = FittedTransform(parse_crs("EPSG:2381"), target, chosen).points(*town(3).T)
    prefixed = FittedTransform(parse_crs("EPSG:2360"), target, chosen)
    there = prefixed.points(town(3)[:, 0] + 36_000_000, town(3)[:, 1])
    assert np.abs(np.subtract(straight, there)).max() < 1e-6


def test_seven_parameters_are_carried_out_as_towgs84_is() -> None:
    chosen = ParameterSet("80", "EPSG:2381", "EPSG:4545", SPACE)
    x, y = FittedTransform(parse_crs("EPSG:2381"), parse_crs("EPSG:4545"), chosen).points(
        *town(5).T
    )
    towgs84 = ",".join(map(str, vars_of(SPACE)))
    theirs = pyproj.Transformer.from_crs(
        f"+proj=tmerc +lon_0=108 +x_0=500000 +a=6378140 +rf=298.257 +towgs84={towgs84} +type=crs",
        "+proj=tmerc +lon_0=108 +x_0=500000 +datum=WGS84 +type=crs", always_xy=True,
    ).transform(*town(5).T)  # fmt: skip
    # WGS 84 and CGCS2000 differ by 0.1 mm in the axis.
    assert np.abs(np.subtract((x, y), theirs)).max() < 1e-3


def test_a_set_between_other_datums_is_refused() -> None:
    chosen = ParameterSet("54", "EPSG:2433", "EPSG:4545", PLANE)
    with pytest.raises(InputError, match="not what is needed"):
        FittedTransform(parse_crs("EPSG:2381"), parse_crs("EPSG:4545"), chosen)
    with pytest.raises(InputError, match="not what is needed"):
        FittedTransform(parse_crs("EPSG:2433"), parse_crs("EPSG:2381"), chosen)
