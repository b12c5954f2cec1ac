from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hjgis.layers.project import Project
from tests import soak


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_undoing_any_edits_restores_the_start_and_redoing_them_the_end(seed: int) -> None:
    dice = random.Random(seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        Project.create(Path(folder) / "p.gpkg") as project,
    ):
        start = project.content_sha256()
        for _ in range(25):
            edit = soak.random_edit(project, dice)
            if not isinstance(edit, str):
                project.session.apply(edit)
        end = project.content_sha256()
        count = 0
        while project.session.can_undo:
            project.session.undo()
            count += 1
        assert project.content_sha256() == start
        for _ in range(count):
            project.session.redo()
        assert project.content_sha256() == end
        pipes = project.table("pipe_line", ["from_node", "to_node"])
        ends = {*pipes.columns["from_node"], *pipes.columns["to_node"]} - {None}
        assert all(project.node(uuid) is not None for uuid in ends)


@pytest.mark.parametrize("seed", [1, 2])
def test_an_edit_that_returned_is_there_after_a_kill(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "town.gpkg"
    with Project.create(path) as project:
        start = project.content_sha256()
    assert soak.one_round(path, 200, seed) > 0
    assert soak.undo_everything(path) == start
