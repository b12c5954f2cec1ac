from __future__ import annotations

from dataclasses import replace

import pytest

from hjgis.errors import EditRefused
from hjgis.models.changes import ChangeSet
from hjgis.models.scoring import FACT, Score, scheme_of, score, shipped_scheme, store_scheme


@pytest.mark.parametrize(
    ("findings", "features", "expected"),
    [
        ({}, 100, Score(100.0, "excellent")),
        ({"B": 1}, 100, Score(88.0, "good")),
        ({"B": 1}, 1, Score(88.0, "good")),
        ({"B": 1}, 1200, Score(99.0, "excellent")),
        ({"C": 10}, 100, Score(60.0, "pass")),
        ({"C": 10, "D": 1}, 100, Score(59.0, "fail")),
        ({"A": 1}, 100_000, Score(99.958, "fail")),
        ({"B": 500}, 100, Score(0.0, "fail")),
        ({"I": 500}, 100, Score(100.0, "excellent")),
    ],
)
def test_points_are_taken_a_unit(findings: dict[str, int], features: int, expected: Score) -> None:
    found = score(shipped_scheme(), findings, features)
    assert (pytest.approx(found.points), found.level) == (expected.points, expected.level)


def test_a_scheme_of_the_project_is_kept_and_given_up() -> None:
    own = replace(shipped_scheme(), per_features=50, fails=())
    stored = text_of(store_scheme(None, own))
    assert scheme_of(stored).per_features == 50
    assert scheme_of(stored).fails == ()
    assert text_of(store_scheme(stored, shipped_scheme())) is None
    assert not store_scheme(None, shipped_scheme())


@pytest.mark.parametrize("text", [None, "", "[]", "nonsense", "[3]", '[{"points": {}}]'])
def test_what_cannot_be_read_is_no_scheme(text: str | None) -> None:
    assert scheme_of(text) == shipped_scheme()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"per_features": 0},
        {"points": {"A": -1.0}},
        {"points": {"A": float("nan")}},
        {"levels": {"excellent": 60.0, "good": 75.0, "pass": 50.0}},
        {"levels": {"excellent": 101.0, "good": 75.0, "pass": 50.0}},
    ],
)
def test_nonsense_is_refused(nonsense: dict[str, object]) -> None:
    with pytest.raises(EditRefused):
        store_scheme(None, replace(shipped_scheme(), **nonsense))  # type: ignore[arg-type]


def text_of(change: ChangeSet) -> str | None:
    (fact,) = change.facts
    assert fact.key == FACT
    return fact.after
