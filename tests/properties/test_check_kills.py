"""Killed while thousands of findings are mended or accepted: all of it is stored, or nothing."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from hjgis.layers.project import Project
from hjgis.models import exceptions
from tests.check_kills import COUNT, FAULTY, MENDED, build

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kills") / "town.gpkg"
    build(path)
    return path


def killed(path: Path, what: str, share: float | None, usual_s: float) -> tuple[bool, float]:
    """Kill a child at a share of the time that storing takes; None: never.

    Returns whether it had said that all is stored, and how long that took.
    """
    command = [sys.executable, "-m", "tests.check_kills", str(path), what]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        began = time.perf_counter()
        if share is not None:
            time.sleep(share * usual_s)
            child.send_signal(signal.SIGKILL)
        acknowledged = child.stdout.readline() == "stored\n"
        took = time.perf_counter() - began
    assert child.returncode == (0 if share is None else -signal.SIGKILL) or acknowledged
    return acknowledged, took


def is_stored(project: Project, what: str) -> bool:
    """Say whether the change is there; half of it must not be."""
    kinds = {*project.table("street_lamp", ["lamp_type"]).columns["lamp_type"]}
    accepted = exceptions.read_exceptions(project.info(exceptions.FACT))
    assert project.count("street_lamp") == COUNT
    if what == "fix":
        assert not accepted
        assert kinds in ({FAULTY}, {MENDED})
        return kinds == {MENDED}
    assert kinds == {FAULTY}
    assert len(accepted) in (0, COUNT)
    return bool(accepted)


@pytest.mark.parametrize("what", ["fix", "accept"])
def test_a_kill_leaves_all_or_nothing_and_what_was_acknowledged(
    town: Path, tmp_path: Path, what: str
) -> None:
    dice = random.Random(7)
    path = tmp_path / "town.gpkg"
    with Project.open(shutil.copy(town, path), write=False) as project:
        start = project.content_sha256()
    acknowledged, usual_s = killed(path, what, None, 0.0)
    assert acknowledged
    for share in (dice.random() / 2, 0.5 + dice.random() / 2, 1.1):
        for left in tmp_path.glob("town.gpkg*"):
            left.unlink()
        shutil.copy(town, path)
        acknowledged, _took = killed(path, what, share, usual_s)
        with Project.open(path, operator="li") as project:
            stored = is_stored(project, what)
            assert stored or not acknowledged
            assert (project.content_sha256() == start) or stored
            assert project.session.can_undo
            if stored:
                project.session.undo()
            assert not is_stored(project, what)
            assert project.content_sha256() == start
