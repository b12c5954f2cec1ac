"""Edits by other programs: a plain SQLite connection stands for QGIS."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import shapely

from hjgis.edits.attributes import set_values
from hjgis.layers import geometry_blob
from hjgis.layers.project import Project
from tests.blobs import blob_of
from tests.network import build


def stranger(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    geometry_blob.register_functions(connection)
    return connection


def edit(path: Path) -> None:
    """Insert, update, move and delete, as a foreign program does."""
    there = blob_of(shapely.Point(428_100, 4_528_100), 4545)
    with stranger(path) as connection:
        connection.execute("INSERT INTO manhole (geom, exp_no) VALUES (?, 'NEW')", (there,))
        connection.execute("UPDATE manhole SET exp_no = 'A9' WHERE exp_no = 'A'")
        connection.execute("UPDATE manhole SET geom = ? WHERE exp_no = 'B'", (there,))
        connection.execute("DELETE FROM manhole WHERE exp_no = 'C'")
    connection.close()


@pytest.mark.parametrize("is_open", [True, False], ids=["while open", "while closed"])
def test_foreign_edits_are_noticed_and_can_be_undone(project: Project, is_open: bool) -> None:
    keys = build(project)
    project.session.apply(set_values(project, [keys["C"]], {"ground_elev_m": 0.1 + 0.2}))
    start = project.content_sha256()
    if not is_open:
        project.close()
    version = project.store.data_version() if is_open else 0
    edit(project.path)
    if is_open:
        assert project.store.data_version() != version
        assert project.session.adopt_foreign() is not None
    else:
        project = Project.open(project.path, operator="tester")

    entry = project.history.entries()[0]
    assert (entry.source, entry.label, entry.params["count"]) == ("foreign", "edit.foreign", 4)
    fresh = project.store.find("manhole", "exp_no", "NEW")[0]
    assert len(fresh.key.uuid) == 36
    assert fresh.key.uuid[14] == "7"
    edited = project.content_sha256()

    project.session.undo()
    assert project.content_sha256() == start
    project.session.redo()
    assert project.content_sha256() == edited
    project.session.undo()
    assert project.content_sha256() == start
    project.close()


def test_our_own_edits_are_not_taken_for_foreign_ones(project: Project) -> None:
    build(project)
    project.session.undo()
    assert project.session.adopt_foreign() is None


def test_what_came_and_went_leaves_no_trace(project: Project) -> None:
    build(project)
    start = project.content_sha256()
    with stranger(project.path) as connection:
        connection.execute("INSERT INTO manhole (exp_no) VALUES ('NEW')")
        connection.execute("UPDATE manhole SET exp_no = 'N2' WHERE exp_no = 'NEW'")
        connection.execute("DELETE FROM manhole WHERE exp_no = 'N2'")
    connection.close()
    announced = project.session.adopt_foreign()
    assert announced is None or not announced.layers
    assert project.content_sha256() == start
