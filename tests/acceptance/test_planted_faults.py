"""Every planted fault is found, and nothing else, in a project of more than 50 000 features."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.seeded.checking import EACH, Outcome, outcome, table
from tests.seeded.faults import FAULTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checks.md"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return outcome(tmp_path_factory.mktemp("towns") / "three.gpkg")


def test_forty_sorts_of_faults_are_planted_five_times_each(result: Outcome) -> None:
    assert result.features > 50_000
    assert len(FAULTS) >= 40
    assert all(len(answers) >= EACH for answers in result.wanted.values())


def test_the_towns_have_no_fault_before(result: Outcome) -> None:
    assert not result.before.failed
    assert {issue.severity for issue in result.before.issues} <= {"info"}


def test_what_is_found_is_what_was_planted(result: Outcome) -> None:
    assert not result.after.failed
    assert result.answers - result.found == set(), "planted and not found"
    assert result.found - result.answers == set(), "found and not planted"


def test_the_table_of_the_page_is_of_this_program(result: Outcome) -> None:
    assert table(result) in PAGE.read_text("utf-8")
