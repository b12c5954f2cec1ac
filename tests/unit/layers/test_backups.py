"""What differs from a backup, and what the features were then."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attachments import attach, attachments_of, detach
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.edits.restore import restore
from hjgis.errors import Cancelled, InputError, ProjectError
from hjgis.layers.backups import (
    WAYS,
    Backup,
    backups_of,
    compare,
    contents_in,
    save_as,
    states_in,
)
from hjgis.layers.project import Project
from hjgis.layers.safekeeping import backup_folder
from hjgis.models.attachments import Content, Paper
from hjgis.models.changes import FeatureKey
from tests import network

Keys = dict[str, FeatureKey]
THERE = shapely.Point(428_033, 4_528_004)


@pytest.fixture
def keys(project: Project) -> Keys:
    return network.build(project)


@pytest.fixture
def backup(project: Project, keys: Keys) -> Path:
    """The project as it was before the edits of a test."""
    folder = backup_folder(project.path)
    folder.mkdir(exist_ok=True)
    path = folder / f"{project.path.stem}-20260101-080000.gpkg"
    project.store.save_copy(path)
    return path


def everything_edited(project: Project, keys: Keys) -> FeatureKey:
    """Add a lamp, move a node with its pipes, delete another node."""
    added = add_feature(project, "street_lamp", shapely.Point(428_000, 4_528_020))
    project.session.apply(added)
    project.session.apply(move_node(project, keys["B"], THERE))
    project.session.apply(delete_features(project, [keys["A"]]))
    return added.changes[0].key


def test_what_differs_is_told_by_layer_and_way(project: Project, keys: Keys, backup: Path) -> None:
    assert compare(project, backup).layers == {}
    lamp = everything_edited(project, keys)
    found = compare(project, backup)
    assert set(found.layers) == {"manhole", "pipe_line", "street_lamp"}
    assert found.chosen(found.layers, ["added"]) == [lamp]
    assert found.chosen(["manhole"], WAYS) == [keys["A"], keys["B"]]
    assert set(found.chosen(["pipe_line"], ["changed"])) == {keys["AB"], keys["BC"]}
    assert found.chosen(["pipe_line"], ["deleted", "added"]) == []
    assert found.backup.path == backup


def test_all_of_it_comes_back_as_one_edit(project: Project, keys: Keys, backup: Path) -> None:
    start = project.content_sha256()
    everything_edited(project, keys)
    end, steps = project.content_sha256(), len(project.history.entries())
    found = compare(project, backup)
    states = states_in(project, backup, found.chosen(found.layers, WAYS))
    project.session.apply(restore(project, states, label="edit.restore-backup"))
    assert project.content_sha256() == start
    assert len(project.history.entries()) == steps + 1
    assert compare(project, backup).layers == {}
    project.session.undo()
    assert project.content_sha256() == end


def test_a_node_alone_takes_its_pipes_along(project: Project, keys: Keys, backup: Path) -> None:
    project.session.apply(move_node(project, keys["B"], THERE))
    states = states_in(project, backup, [keys["B"]])
    project.session.apply(restore(project, states))
    assert compare(project, backup).layers == {}


def test_a_backup_from_before_a_field_was_known_keeps_its_value(
    project: Project, keys: Keys, backup: Path
) -> None:
    with closing(sqlite3.connect(backup)) as old, old:
        for (name,) in old.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'manhole'"
        ).fetchall():
            old.execute(f'DROP TRIGGER "{name}"')
        old.execute("ALTER TABLE manhole DROP COLUMN remarks")
        old.execute("DELETE FROM hjgis_project WHERE key = 'catalogue'")
    before = backup.read_bytes()
    project.session.apply(set_values(project, [keys["B"]], {"exp_no": "W9"}))
    found = compare(project, backup)
    assert found.chosen(found.layers, WAYS) == [keys["B"]]
    states = states_in(project, backup, [keys["B"]])
    project.session.apply(restore(project, states))
    assert project.get(keys["B"]).values["exp_no"] == "B"
    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


def test_what_is_no_backup_of_this_project_is_refused(
    project: Project, keys: Keys, backup: Path, tmp_path: Path
) -> None:
    with Project.create(tmp_path / "other.gpkg"):
        pass
    with pytest.raises(InputError, match="another project"):
        compare(project, tmp_path / "other.gpkg")
    torn = tmp_path / "torn.gpkg"
    torn.write_bytes(backup.read_bytes()[:60_000])
    with pytest.raises(ProjectError):
        compare(project, torn)
    with pytest.raises(ProjectError):
        compare(project, tmp_path / "missing.gpkg")


def test_a_comparison_can_be_stopped(project: Project, keys: Keys, backup: Path) -> None:
    class Impatient:
        def report(self, _done: int, _total: int, _key: str) -> None:
            pass

        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        compare(project, backup, Impatient())
    # The other file is let go of again.
    assert compare(project, backup).layers == {}


def test_backups_are_listed_latest_first(project: Project, backup: Path) -> None:
    later = backup.with_name(backup.name.replace("0101", "0102"))
    shutil.copyfile(backup, later)
    (backup.parent / "town.part").write_bytes(b"half")
    found = backups_of(project.path)
    assert [one.path for one in found] == [later, backup]
    assert found[1].made.astimezone(dt.UTC).isoformat() == "2026-01-01T08:00:00+00:00"
    copied = Backup.of(Path(shutil.copyfile(backup, backup.with_name("mine.gpkg"))))
    assert abs(copied.made - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)


def test_a_backup_becomes_a_project_of_its_own_but_overwrites_nothing(
    project: Project, keys: Keys, backup: Path, tmp_path: Path
) -> None:
    target = tmp_path / "then.gpkg"
    save_as(Backup.of(backup), target)
    with Project.open(target) as then:
        assert then.content_sha256() == project.content_sha256()
    before = target.read_bytes()
    with pytest.raises(ProjectError, match="exists already"):
        save_as(Backup.of(backup), target)
    assert target.read_bytes() == before
    with pytest.raises(ProjectError):
        save_as(Backup.of(backup), tmp_path / "no folder" / "x.gpkg")


def test_a_photo_that_was_cleaned_away_comes_back_with_what_it_shows(
    project: Project, keys: Keys
) -> None:
    paper = Paper("a.jpg", Content.of(b"picture", "image/jpeg", b"small"))
    project.session.apply(attach(project, [(keys["A"], paper)]))
    copy = backup_folder(project.path) / f"{project.path.stem}-20260101-080000.gpkg"
    copy.parent.mkdir(exist_ok=True)
    project.store.save_copy(copy)
    (record,) = attachments_of(project, [keys["A"].uuid])
    project.session.apply(detach(project, [record.key]))
    project.history.forget()
    project.media.clean()
    assert not project.media.has(paper.content.sha256)
    found = compare(project, copy)
    states = states_in(project, copy, found.chosen(found.layers, ["deleted"]))
    change = restore(project, states)
    contents = contents_in(project, copy, states.values())
    project.session.apply(replace(change, contents=contents))
    assert attachments_of(project, [keys["A"].uuid])[0].values == record.values
    assert project.media.read(paper.content.sha256) == b"picture"
    assert project.media.previews([paper.content.sha256]) == {paper.content.sha256: b"small"}
