"""After any edits the list that was followed is that of a check of everything."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hjgis.layers.project import Project
from tests.follow_checks import Follower, Spoiler, assert_followed
from tests.unit.checks.examples import EXAMPLES

# More where somebody wants to know better.
STEPS = int(os.environ.get("HJGIS_TEST_STEPS", "8"))


def fill(project: Project) -> None:
    """Make something of every kind, with and without a fault."""
    for faulty, faultless in EXAMPLES.values():
        faulty(project)
        faultless(project)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a project, to be copied: filling it takes hundreds of edits."""
    path = tmp_path_factory.mktemp("filled") / "town.gpkg"
    with Project.create(path, operator="tester") as project:
        fill(project)
    return path


@pytest.mark.parametrize("seed", range(2))
def test_a_list_that_follows_edits_is_that_of_a_check_of_everything(
    filled: Path, tmp_path: Path, seed: int
) -> None:
    path = shutil.copy(filled, tmp_path / "town.gpkg")
    with Project.open(path, operator="tester") as project:
        follower, spoiler = Follower(project), Spoiler(project, seed)
        for number in range(STEPS):
            after = [spoiler.step() for _several in range(spoiler.dice.choice([1, 1, 1, 3]))]
            assert_followed(follower, f"seed {seed}, step {number}: {after}")
