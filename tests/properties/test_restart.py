"""What can be undone before a restart can be undone after it, and done again after the next."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hjgis.errors import EditRefused
from hjgis.layers import row_writing, writing
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet
from tests import mixed_edits
from tests.properties.test_edits import Editor

OPERATIONS = 100
# Taking an import as a layer back leaves the layer, empty; the digest knows it.
BATCHES = [item for item in mixed_edits.BATCHES.items() if item[0] != mixed_edits.AS_LAYER]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few features are many, so that batches take every way of storing at little cost."""
    monkeypatch.setattr(writing, "BULK_ROWS", 40)
    monkeypatch.setattr(row_writing, "PARK_ROWS", 60)
    monkeypatch.setattr(mixed_edits, "BATCH", 40)
    monkeypatch.setattr(mixed_edits, "IMPORTED", 41)
    monkeypatch.setattr(mixed_edits, "MANY", 61)


class Operator:
    """Edits of all kinds, every fifth time a batch, every fifth an undo or a redo."""

    def __init__(self, project: Project, seed: int) -> None:
        self.editor = Editor(project, seed)
        self.dice = random.Random(seed)
        self.session = project.session

    def operate(self, number: int) -> None:
        # The last one is an edit: after it nothing is left to be done again.
        if number % 5 == 2:
            redo = self.session.can_redo and self.dice.random() < 0.5
            (self.session.redo if redo else self.session.undo)()
        elif number % 5 == 3:
            self.session.apply(self.batch())
        else:
            while self.editor.step() in ("refused", "nothing"):
                pass

    def batch(self) -> ChangeSet:
        """Return many changes in one; a new ring of pipes where there is nothing to change."""
        kind, make = self.dice.choice(BATCHES)
        try:
            changes = make(self.editor, kind).changes
        except EditRefused:
            changes = mixed_edits.ring(self.editor, kind).changes
        assert changes
        return changes


def taken(project: Project, *, back: bool) -> int:
    """Undo or redo everything; return how many changes that were."""
    session, count = project.session, 0
    while session.can_undo if back else session.can_redo:
        (session.undo if back else session.redo)()
        count += 1
    return count


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_can_be_undone_after_a_restart_and_redone_after_the_next(
    tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "town.gpkg"
    mixed_edits.write_source(tmp_path)
    with Project.create(path) as project:
        start = project.content_sha256()
        operator = Operator(project, seed)
        for number in range(OPERATIONS):
            operator.operate(number)
        end = project.content_sha256()
    with Project.open(path) as project:
        assert project.content_sha256() == end
        undone = taken(project, back=True)
        assert project.content_sha256() == start
    with Project.open(path) as project:
        assert taken(project, back=False) == undone
        assert project.content_sha256() == end
    assert undone > OPERATIONS / 2
