from __future__ import annotations

import itertools

import numpy as np
import pytest

from hjgis.models.classification import MOST_DISTINCT, classify, histogram
from hjgis.models.themes import Scheme

SCHEMES: tuple[Scheme, ...] = ("natural", "quantile", "equal", "std_mean")


def squares(values: np.ndarray, counts) -> float:
    parts = np.split(values, np.cumsum(counts)[:-1])
    return sum(float(((part - part.mean()) ** 2).sum()) for part in parts)


@pytest.mark.parametrize("classes", [2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(12))
def test_natural_breaks_are_the_best_of_all_partitions(classes: int, seed: int) -> None:
    values = np.sort(np.round(np.random.default_rng(seed).lognormal(2, 1, 13), 1))
    found = classify(values, "natural", classes)
    ends = itertools.combinations(range(1, len(values)), classes - 1)
    best = min(squares(values, np.diff([0, *end, len(values)])) for end in ends)
    assert squares(values, found.counts) == pytest.approx(best, abs=1e-9)


def test_natural_breaks_of_small_series_are_those_that_are_published() -> None:
    # Wang and Song 2011, Ckmeans.1d.dp, and its port in simple-statistics.
    found = classify(np.array([-1.0, 2, -1, 2, 4, 5, 6, -1, 2, -1]), "natural", 3)
    assert (found.least, found.most, found.counts) == ((-1, 2, 4), (-1, 2, 6), (4, 3, 3))
    # The usual example of Jenks' method.
    found = classify(np.array([4.0, 5, 9, 10]), "natural", 2)
    assert found.counts == (2, 2)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_classes_are_the_same_each_time_and_in_any_order(scheme: Scheme) -> None:
    values = np.random.default_rng(7).lognormal(3, 1, 900)
    assert classify(values, scheme, 6) == classify(values[::-1].copy(), scheme, 6)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_number_lies_in_the_class_that_counts_it(scheme: Scheme) -> None:
    values = np.random.default_rng(8).normal(0, 50, 700)
    found = classify(values, scheme, 5)
    of = found.of(values)
    assert tuple(np.bincount(of, minlength=len(found)).tolist()) == found.counts
    assert sum(found.counts) == 700
    assert list(found.limits) == sorted(found.limits)
    for number in range(len(found)):
        if found.counts[number]:
            assert values[of == number].max() == found.most[number] <= found.limits[number]


def test_limits_are_round_where_that_changes_no_class() -> None:
    found = classify(np.array([100.0, 110, 299, 315, 600, 613]), "natural", 3)
    assert found.limits == (200, 500, 613)
    assert classify(np.array([0.11, 0.12, 0.31, 0.33]), "natural", 2).limits == (0.2, 0.33)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_fewer_numbers_than_classes_make_fewer_classes(scheme: Scheme) -> None:
    assert len(classify(np.array([3.0, 3, 8]), scheme, 5)) <= 2
    assert classify(np.array([3.0, 3]), scheme, 5).limits == (3,)
    assert len(classify(np.array([np.nan, np.inf]), scheme, 5)) == 0
    assert len(classify(np.empty(0), scheme, 5)) == 0


def test_what_is_no_number_is_in_no_class() -> None:
    numbers = np.array([1.0, np.nan, 5, np.inf])
    found = classify(numbers, "equal", 2)
    assert found.of(numbers).tolist() == [0, -1, 1, -1]
    assert sum(found.counts) == 2


def test_limits_of_people_stay_and_what_is_above_is_one_class_more() -> None:
    found = classify(np.array([1.0, 10, 11, 99]), "user", breaks=(5, 10, 50))
    assert found.limits == (5, 10, 50, 99)
    assert found.counts == (1, 1, 1, 1)
    assert classify(np.array([7.0]), "user", breaks=(5, 10)).counts == (0, 1)


def test_quantiles_hold_as_many_each() -> None:
    assert classify(np.arange(100.0), "quantile", 4).counts == (25, 25, 25, 25)


def test_of_very_many_numbers_neighbours_are_joined_and_that_is_said() -> None:
    values = np.arange(MOST_DISTINCT + 1.0)
    found = classify(values, "natural", 4)
    assert found.joined
    assert not classify(values[:-1], "natural", 4).joined
    assert max(found.counts) - min(found.counts) < 20


def test_a_histogram_counts_what_is_a_number() -> None:
    edges, counts = histogram(np.array([0.0, 1, 2, 3, np.nan]), 3)
    assert edges.tolist() == [0, 1, 2, 3]
    assert counts.tolist() == [1, 1, 2]
    assert len(histogram(np.array([np.nan]))[1]) == 0
