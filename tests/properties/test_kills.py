"""The kill test: that it can be run, and that it sees what it is there to see."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hjgis.layers import geometry_blob
from hjgis.layers.sketches import SketchFile
from tests import soak_edits
from tests.mixed_edits import BATCH, SKETCH
from tests.soak_edits import Heard, Town, Verdict, look

KINDS = [SKETCH, SKETCH, "add a manhole", f"add {BATCH}"]
OF_A_CHANGE = ["_row WHERE change", "_range WHERE change", " WHERE id"]
LAST_CHANGE = "SELECT max(id) FROM hjgis_change"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.built(tmp_path / "town.gpkg")


@pytest.fixture
def heard(town: Town, monkeypatch: pytest.MonkeyPatch) -> Heard:
    """One single edit and one batch, stored and acknowledged."""
    heard, usual = Heard(), {}

    def hear(line: dict[str, Any]) -> None:
        heard.hear(line, usual)

    monkeypatch.setattr(soak_edits, "_say", hear)
    soak_edits.make_edits(town.path, len(KINDS), 1, iter(KINDS))
    return heard


def doctor(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        geometry_blob.register_functions(connection)
        connection.execute("UPDATE hjgis_writer SET busy = 1")
        for statement in statements:
            connection.execute(statement)
        connection.execute("UPDATE hjgis_writer SET busy = 0")


def kinds_of_faults(verdict: Verdict) -> set[str]:
    return {
        name
        for name in ("damage", "lost", "halves", "network", "undo", "sketch")
        if getattr(verdict, name)
    }  # fmt: skip


def test_what_is_whole_has_no_faults(town: Town, heard: Heard) -> None:
    assert look(town, heard).faults == []


def test_an_edit_that_was_stored_and_not_acknowledged_is_no_fault(town: Town, heard: Heard) -> None:
    heard.acknowledged.pop()
    verdict = look(town, heard)
    assert verdict.faults == []
    assert verdict.under_way_stored


@pytest.mark.parametrize(
    "statements",
    [
        [f"DELETE FROM hjgis_change{end} = ({LAST_CHANGE})" for end in OF_A_CHANGE],
        ["DELETE FROM manhole WHERE exp_no NOTNULL"],
        ["UPDATE manhole SET remarks = 'x' WHERE fid = 1"],
    ],
    ids=["from the history", "from its table", "by a value"],
)
def test_an_acknowledged_edit_that_is_gone_is_lost(
    town: Town, heard: Heard, statements: list[str]
) -> None:
    doctor(town.path, *statements)
    assert "lost" in kinds_of_faults(look(town, heard))


@pytest.mark.parametrize(
    "layer", ["pipe_line", "manhole"], ids=["a pipe is missing", "a node is missing"]
)
def test_half_of_the_batch_under_way_is_seen(town: Town, heard: Heard, layer: str) -> None:
    heard.acknowledged.pop()
    doctor(town.path, f"DELETE FROM {layer} WHERE fid = (SELECT max(fid) FROM {layer})")
    found = kinds_of_faults(look(town, heard))
    assert "halves" in found
    assert "lost" not in found
    assert ("network" in found) == (layer == "manhole")


@pytest.mark.parametrize(
    "statement",
    ["DROP TRIGGER rtree_manhole_geom_insert", "DELETE FROM rtree_manhole_geom WHERE id = 1"],
    ids=["a trigger", "an entry of the R-tree"],
)
def test_what_a_batch_sets_aside_and_does_not_put_back_is_seen(
    town: Town, heard: Heard, statement: str
) -> None:
    doctor(town.path, statement)
    assert "halves" in kinds_of_faults(look(town, heard))


def test_a_sketch_that_is_not_offered_is_seen(town: Town, heard: Heard) -> None:
    sketch = SketchFile(town.path)
    drawn = sketch.read()
    sketch.keep("road", [*(drawn.vertices if drawn else ()), (1.0, 2.0)])
    assert kinds_of_faults(look(town, heard)) == {"sketch"}


def test_a_file_that_is_no_longer_sound_is_seen(town: Town, heard: Heard) -> None:
    with town.path.open("r+b") as file:
        file.seek(200 * 4096)
        file.write(b"\xff" * 20 * 4096)
    assert "damage" in kinds_of_faults(look(town, heard))


def test_children_are_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    verdicts = soak_edits.soak(tmp_path, kills=1, seed=7)
    assert sum(verdict.acknowledged for verdict in verdicts) > 0
