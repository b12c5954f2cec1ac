from __future__ import annotations

import numpy as np
import pytest

from hjgis.checks.pairs import crowded, near_pairs


def brute(xy: np.ndarray, within_m: float) -> set[tuple[int, int]]:
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return {(i, j) for i, j in zip(*np.nonzero(apart <= within_m), strict=True) if i < j}


@pytest.mark.parametrize("within_m", [0.5, 3.0, 40.0])
def test_pairs_are_those_of_comparing_each_with_each(within_m: float) -> None:
    rng = np.random.default_rng(7)
    xy = np.concatenate([rng.uniform(0, 100, (300, 2)), rng.integers(0, 5, (60, 2)) * 10.0])
    first, second = near_pairs(xy + np.array([428_000, 4_528_000]), within_m)
    found = list(zip(first.tolist(), second.tolist(), strict=True))
    assert set(found) == brute(xy, within_m)
    assert len(found) == len(set(found))


def test_who_has_a_neighbour_is_in_a_crowd() -> None:
    rng = np.random.default_rng(8)
    xy = rng.uniform(0, 100, (500, 2))
    near = {row for pair in brute(xy, 2.0) for row in pair}
    assert near
    assert near <= set(np.flatnonzero(crowded(xy, 2.0)).tolist())
    assert not crowded(np.array([(0.0, 0.0), (50.0, 0.0)]), 2.0).any()


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_have_no_neighbour(count: int) -> None:
    xy = np.zeros((count, 2))
    assert not crowded(xy, 1.0).any()
    assert len(near_pairs(xy, 1.0)[0]) == 0


def test_what_has_no_place_is_near_nothing() -> None:
    first, _second = near_pairs(np.array([(0.0, 0.0), (np.nan, np.nan), (np.nan, 0.0)]), 5.0)
    assert len(first) == 0
