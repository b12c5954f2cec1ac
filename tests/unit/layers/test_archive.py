"""Old history goes into a file and comes back; what is stored never changes."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.errors import InputError, ProjectError, ReadOnlyProject
from hjgis.layers import archive
from hjgis.layers.project import Project
from hjgis.layers.restoring import state_before
from hjgis.layers.row_writing import PARK_ROWS
from hjgis.models.changes import BulkDelete, BulkInsert, ChangeSet, FeatureKey
from tests import network

Keys = dict[str, FeatureKey]
TODAY = dt.datetime.now(dt.UTC).astimezone().date()
LONG_AGO = "2020-06-15T08:00:00.000+00:00"


@pytest.fixture
def keys(project: Project) -> Keys:
    return network.build(project)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "old.sqlite"


def aged(project: Project, last: int) -> None:
    """Let the changes up to one be of 2020."""
    project._db.execute("UPDATE hjgis_change SET at = ? WHERE id <= ?", (LONG_AGO, last))


def remark(project: Project, key: FeatureKey, text: str) -> int:
    return project.session.apply(set_values(project, [key], {"remarks": text})).change_id


def numbers(project: Project) -> list[int]:
    return [entry.id for entry in project.history.entries()]


def undo_all(project: Project) -> None:
    while project.session.can_undo:
        project.session.undo()


def test_old_changes_go_and_come_back(project: Project, keys: Keys, target: Path) -> None:
    old = remark(project, keys["B"], "old")
    aged(project, old)
    project.session.mark("then")
    new = remark(project, keys["B"], "new")
    before, history = project.content_sha256(), project.history.entries(keys["B"])

    cut = project.history.archive_cut(dt.date(2021, 1, 1))
    assert (cut.last, cut.going, cut.staying, cut.held) == (old, 6, 1, 0)
    project.session.archive(cut, target)
    assert numbers(project) == [new]
    assert project.history.checkpoints() == []
    assert project.content_sha256() == before
    undo_all(project)
    assert project.get(keys["B"]).values["remarks"] == "old"
    project.session.redo()

    assert project.session.take_archive_back(target) == 6
    assert project.content_sha256() == before
    assert project.history.entries(keys["B"])[-len(history) :] == history
    assert [mark.name for mark in project.history.checkpoints()] == ["then"]
    undo_all(project)
    assert sum(project.count(layer) for layer in project.types) == 0


def test_it_survives_a_restart_and_new_work_in_between(
    project: Project, keys: Keys, target: Path
) -> None:
    last = delete(project, keys["A"])
    aged(project, last)
    project.session.archive(project.history.archive_cut(dt.date(2021, 1, 1)), target)
    assert not project.session.can_undo
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert not again.session.can_undo
        remark(again, keys["B"], "after")
        end = again.content_sha256()
        again.session.take_archive_back(target)
        assert state_before(again, keys["A"], last) is not None
        undo_all(again)
        while again.session.can_redo:
            again.session.redo()
        assert again.content_sha256() == end


def delete(project: Project, key: FeatureKey) -> int:
    return project.session.apply(delete_features(project, [key])).change_id


def test_a_change_stays_with_the_one_that_takes_it_back(
    project: Project, keys: Keys, target: Path
) -> None:
    remark(project, keys["B"], "one")
    second = remark(project, keys["B"], "two")
    last = remark(project, keys["C"], "three")
    aged(project, last)
    project.session.undo()
    project.session.undo()
    cut = project.history.archive_cut(TODAY)
    assert (cut.last, cut.staying, cut.held) == (second - 1, 4, 2)
    project.session.archive(cut, target)
    assert not project.session.can_undo
    project.session.redo()
    project.session.redo()
    assert project.get(keys["C"]).values["remarks"] == "three"


def test_parked_rows_go_along(project: Project, target: Path) -> None:
    count = PARK_ROWS + 1
    places = shapely.points(428_000 + np.arange(count), np.full(count, 4_528_000.0))
    lamps = BulkInsert("street_lamp", places, {})
    project.session.apply(ChangeSet("edit.add", (), (lamps,), {"count": count}))
    table = project.table("street_lamp", [], geometry=False)
    gone = BulkDelete("street_lamp", table.fids, table.uuids.tolist())
    last = project.session.apply(ChangeSet("edit.delete", (), (gone,))).change_id
    aged(project, last)
    project.session.archive(project.history.archive_cut(dt.date(2021, 1, 1)), target)
    parked = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'hjgis_parked%'"
    listed = "SELECT count(*) FROM gpkg_extensions WHERE table_name LIKE 'hjgis_parked%'"
    assert [project._db.execute(sql).fetchone()[0] for sql in (parked, listed)] == [0, 0]
    project.session.take_archive_back(target)
    assert [project._db.execute(sql).fetchone()[0] for sql in (parked, listed)] == [1, 1]
    project.session.undo()
    assert project.count("street_lamp") == count


def test_nothing_is_lost_where_the_file_cannot_be_written(
    project: Project, keys: Keys, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(project, remark(project, keys["B"], "old"))
    history, cut = project.history.entries(), project.history.archive_cut(TODAY)
    target.write_text("mine")
    with pytest.raises(ProjectError, match="exists already"):
        project.session.archive(cut, target)
    assert target.read_text() == "mine"
    with pytest.raises(ProjectError):
        project.session.archive(cut, target.parent / "no folder" / "old.sqlite")
    free = target.with_name("free.sqlite")

    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "_flush", full)
    with pytest.raises(ProjectError, match="the disk is full"):
        project.session.archive(cut, free)
    assert project.history.entries() == history
    assert not free.exists()
    assert not list(target.parent.glob("*.part*"))
    project.session.undo()
    assert project.get(keys["B"]).values["remarks"] is None


def test_a_crash_in_between_leaves_the_history_in_both(
    project: Project, keys: Keys, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(project, remark(project, keys["B"], "old"))
    history, cut = project.history.entries(), project.history.archive_cut(TODAY)

    def crash(_connection: sqlite3.Connection, _last: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(archive, "forget_until", crash)
        with pytest.raises(KeyboardInterrupt):
            project.session.archive(cut, target)
    assert project.history.entries() == history
    with pytest.raises(InputError, match="already"):
        project.session.take_archive_back(target)
    project.session.archive(cut, target.with_name("again.sqlite"))
    assert project.session.take_archive_back(target) == len(history)
    assert project.history.entries() == history


def test_what_is_no_archive_of_this_project_is_refused(
    project: Project, keys: Keys, target: Path, tmp_path: Path
) -> None:
    aged(project, remark(project, keys["B"], "old"))
    before = project.history.entries()
    with Project.create(tmp_path / "other.gpkg") as other:
        other_keys = network.build(other)
        aged(other, remark(other, other_keys["B"], "old"))
        other.session.archive(other.history.archive_cut(TODAY), target)
    torn = tmp_path / "torn.sqlite"
    torn.write_bytes(target.read_bytes()[:5000])
    text = tmp_path / "notes.sqlite"
    text.write_text("no archive")
    cases = [
        (target, "another project"),
        (text, "no archive"),
        (torn, "no archive|damaged"),
        (tmp_path / "missing.sqlite", "no archive"),
        (project.path, "no archive"),
    ]
    for path, words in cases:
        with pytest.raises(InputError, match=words):
            project.session.take_archive_back(path)
    assert project.history.entries() == before
    remark(project, keys["B"], "still writable")


def test_a_project_that_is_only_read_is_not_touched(
    project: Project, keys: Keys, target: Path
) -> None:
    with project.reader() as reader:
        cut = reader.history.archive_cut(TODAY + dt.timedelta(days=1))
        assert cut.going == 5
        with pytest.raises(ReadOnlyProject):
            reader.session.archive(cut, target)
    assert not target.exists()


def test_the_archive_is_plain_sqlite(project: Project, keys: Keys, target: Path) -> None:
    cut = project.history.archive_cut(TODAY + dt.timedelta(days=1))
    project.session.archive(cut, target)
    with closing(sqlite3.connect(target)) as found:
        labels = found.execute("SELECT label_key, operator FROM hjgis_change").fetchall()
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert labels == [("edit.add", "tester")] * 5
