from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.errors import StoreConflict
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, Change, ChangeSet

HERE = shapely.Point(428_000, 4_528_000)
PREFIX = "15082603001"


def toilet(project: Project, text: str | None) -> Change:
    change = add_feature(project, "toilet", HERE, {"component_id": text})
    project.session.apply(change)
    return change.changes[0]


def test_serials_are_found_without_passing_over_the_ids_of_the_other_scheme(
    project: Project,
) -> None:
    # Text of 17 digits of the classes 01010 to 01018 stands among that of 16 of the class 0101.
    ids = [f"15082601011{serial:06d}" for serial in range(1, 20_001)]
    points = shapely.points(np.full(len(ids), 428_000.0), np.full(len(ids), 4_528_000.0))
    bulk = BulkInsert("manhole", points, {"component_id": ids})
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    project._db.set_progress_handler(step, 100)
    assert project.highest_serial("1508260101", range(1, 900_000)) is None
    assert project.highest_serial("15082601011", range(1, 900_000)) == 20_000
    assert project.known_ids(ids[:1]) == {ids[0]: {("manhole", 1)}}
    assert len(project.known_ids([*ids[:5], "1508260101000001", "x"])) == 5
    assert steps < 100


def test_serials_of_what_is_and_of_what_was(project: Project) -> None:
    numbers = range(1, 900_000)
    assert project.highest_serial(PREFIX, numbers) is None
    toilet(project, f"{PREFIX}000005")
    change = toilet(project, f"{PREFIX}000009")
    toilet(project, f"{PREFIX}900001")
    toilet(project, None)
    assert project.highest_serial(PREFIX, numbers) == 9
    project.session.apply(set_values(project, [change.key], {"component_id": "x"}))
    assert project.highest_serial(PREFIX, numbers) == 9
    assert project.used_serials(PREFIX, numbers) == {5, 9}
    assert project.highest_serial(PREFIX, range(1, 8)) == 5
    known = project.known_ids([f"{PREFIX}00000{n}" for n in (5, 6, 9)])
    assert known == {f"{PREFIX}000005": {("toilet", 1)}, f"{PREFIX}000009": set()}


def test_what_another_program_deletes_is_not_given_again(project: Project) -> None:
    toilet(project, f"{PREFIX}000005")
    with closing(sqlite3.connect(project.path)) as db:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            db.create_function(name, 1, lambda _blob: 0)
        db.execute("DELETE FROM toilet")
        db.commit()
    project.session.adopt_foreign()
    assert project.count("toilet") == 0
    assert project.highest_serial(PREFIX, range(1, 900_000)) == 5


def test_a_change_that_fails_retires_nothing(project: Project) -> None:
    change = toilet(project, f"{PREFIX}000005")
    assert change.after is not None
    stale = Change(change.after.with_values(remarks="other"), None)
    with pytest.raises(StoreConflict, match="meanwhile"):
        project.session.apply(ChangeSet("edit.delete", (stale,)))
    assert project.known_ids([f"{PREFIX}000005"]) == {f"{PREFIX}000005": {("toilet", 1)}}
    with closing(sqlite3.connect(f"file:{project.path}?mode=ro", uri=True)) as db:
        assert db.execute("SELECT count(*) FROM hjgis_retired").fetchone() == (0,)
