from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.errors import StoreConflict
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet

HERE = shapely.Point(428_000, 4_528_000)
PREFIX = "15082603001"


def toilet(project: Project, text: str | None) -> Change:
    change = add_feature(project, "toilet", HERE, {"component_id": text})
    project.session.apply(change)
    return change.changes[0]


def test_the_highest_serial_is_found_by_an_index(project: Project) -> None:
    with closing(sqlite3.connect(f"file:{project.path}?mode=ro", uri=True)) as db:
        plan = db.execute(
            "EXPLAIN QUERY PLAN SELECT component_id FROM toilet WHERE component_id BETWEEN ? AND ?"
            " AND length(component_id) = 17 ORDER BY component_id DESC LIMIT 1",
            (f"{PREFIX}000001", f"{PREFIX}899999"),
        ).fetchall()
    assert "USING COVERING INDEX toilet_component_id" in str(plan)


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
