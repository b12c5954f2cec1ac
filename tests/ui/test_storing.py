from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.edits.delete import delete_features
from hjgis.errors import Cancelled, EditRefused, HjgisError
from hjgis.i18n import grouped
from hjgis.layers.project import Project
from hjgis.layers.second_writer import second_writer
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, BulkInsert, BulkUpdate, ChangeSet
from hjgis.progress import Progress
from hjgis.ui import clipboard, storing
from hjgis.ui.panels.attributes import AttributesPanel
from hjgis.ui.storing import MANY, StoringDialog, rows_of, stored
from hjgis.ui.workspace import Workspace

COUNT = 3 * MANY


class Impatient:
    """Wants an end at once."""

    def report(self, done: int, total: int, key: str) -> None:
        """Hear nothing."""

    def check(self) -> None:
        """Raise Cancelled."""
        raise Cancelled


def many(count: int = COUNT) -> ChangeSet:
    places = shapely.points(428_000 + np.arange(count) % 100, 4_528_000 + np.arange(count) // 100)
    rows = BulkInsert("manhole", places, {"exp_no": [f"W{row}" for row in range(count)]})
    return ChangeSet("import", bulk=(rows,), params={"count": count, "layer": "manhole"})


def press_cancel() -> None:
    for window in QApplication.topLevelWidgets():
        if isinstance(window, StoringDialog) and window.isVisible():
            window.cancel.click()
            return
    QTimer.singleShot(10, press_cancel)


def test_the_window_lives_while_many_rows_are_stored(workspace: Workspace) -> None:
    turns: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(1))
    timer.start(0)
    before = workspace.project.count("manhole")
    assert workspace.apply(many())
    timer.stop()
    assert turns
    assert workspace.project.count("manhole") == before + COUNT


def test_many_rows_are_announced_once_in_the_thread_of_the_window(workspace: Workspace) -> None:
    heard: list[tuple[Announcement, threading.Thread]] = []
    workspace.project.session.listen(lambda news: heard.append((news, threading.current_thread())))
    workspace.apply(many())
    [(news, thread)] = heard
    assert len(news.layers["manhole"].inserted) == COUNT
    assert thread is threading.main_thread()


def test_one_undo_takes_many_rows_back_and_one_redo_brings_them(workspace: Workspace) -> None:
    project = workspace.project
    start = project.content_sha256()
    workspace.apply(many())
    stored_then = project.content_sha256()
    workspace.undo()
    assert project.content_sha256() == start
    workspace.redo()
    assert project.content_sha256() == stored_then


def test_values_of_many_rows_go_the_same_way(workspace: Workspace) -> None:
    project = workspace.project
    workspace.apply(many())
    start = project.content_sha256()
    fids = project.table("manhole", [], geometry=False).fids[-COUNT:]
    old = list(project.table("manhole", ["exp_no"], fids=fids, geometry=False).columns["exp_no"])
    part = BulkUpdate("manhole", fids, {"exp_no": ["X"] * COUNT}, {"exp_no": old})
    assert workspace.apply(ChangeSet("edit.attributes", bulk=(part,), params={"count": COUNT}))
    assert project.value_counts("manhole", "exp_no")["X"] == COUNT
    workspace.undo()
    assert project.content_sha256() == start


def test_a_new_layer_that_is_stored_aside_is_there_and_goes_by_undo(workspace: Workspace) -> None:
    project = workspace.project
    layer = AssetType("plots", "reference", "Point", {"zh_CN": "地块", "en": "Plots"}, ())
    rows = BulkInsert(layer.id, shapely.points(np.arange(COUNT), np.arange(COUNT)), {})
    change = ChangeSet("import", bulk=(rows,), new_layer=layer, params={"count": COUNT})
    workspace.apply(change)
    assert project.count(layer.id) == COUNT
    workspace.undo()
    assert layer.id not in project.types


def test_a_refusal_comes_through_and_nothing_is_stored(workspace: Workspace) -> None:
    project, told = workspace.project, list[HjgisError]()
    workspace.failed.connect(told.append)
    workspace.apply(many())
    start = project.content_sha256()
    fids = project.table("manhole", [], geometry=False).fids[-COUNT:]
    wrong = BulkUpdate("manhole", fids, {"exp_no": ["X"] * COUNT}, {"exp_no": ["?"] * COUNT})
    assert not workspace.apply(ChangeSet("edit.attributes", bulk=(wrong,)))
    assert "meanwhile" in str(told[0])
    assert project.content_sha256() == start


def test_who_stops_a_store_leaves_nothing_of_it_and_can_go_on(project: Project) -> None:
    start = project.content_sha256()
    with pytest.raises(Cancelled), second_writer(project, Impatient()) as other:
        other.session.apply(many(20 * MANY))
    assert project.content_sha256() == start
    assert not project.session.can_undo
    project.session.apply(many())
    assert project.count("manhole") == COUNT


def test_cancel_asks_the_work_to_stop(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "_PATIENCE_MS", 0)
    never = threading.Event()

    def wait(progress: Progress) -> None:
        while not never.wait(0.001):
            progress.check()

    QTimer.singleShot(0, press_cancel)
    with pytest.raises(Cancelled, match="nothing was changed"):
        storing._waited(wait, "")
    assert not workspace.project.read_only


def test_few_rows_are_stored_at_once(project: Project) -> None:
    seen: list[Project] = []
    stored(project, MANY - 1, seen.append)
    assert seen == [project]


def test_rows_of_an_edit_are_counted_in_all_its_parts() -> None:
    part = BulkUpdate("manhole", np.arange(5), {}, {})
    assert rows_of(ChangeSet("x", bulk=(*many(7).bulk, part))) == 12


def test_an_edit_of_many_is_worked_out_while_the_window_lives(workspace: Workspace) -> None:
    workspace.apply(many())
    threads: list[threading.Thread] = []

    def make(project: Project) -> ChangeSet:
        threads.append(threading.current_thread())
        return delete_features(project, workspace.selection.keys(project))

    before = workspace.project.content_sha256()
    fids = workspace.project.store.ordered_fids("manhole")[-COUNT:]
    workspace.selection.set("manhole", fids)
    workspace.carry_out_of_many(COUNT, make)
    assert threads != [threading.main_thread()]
    assert len(workspace.project.store.ordered_fids("manhole")) == workspace.project.count(
        "manhole"
    )
    assert not len(workspace.selection)
    workspace.undo()
    assert workspace.project.content_sha256() == before


def test_working_out_ends_when_the_user_stops_it(workspace: Workspace) -> None:
    waiting = threading.Event()

    def make(project: Project) -> ChangeSet:
        waiting.set()
        sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
        project.store._db.execute(sql)
        raise AssertionError("it goes on for ever")

    before = workspace.project.content_sha256()
    QTimer.singleShot(0, press_cancel)
    with pytest.raises(Cancelled):
        storing.reckoned(workspace.project, MANY, make)
    assert waiting.is_set()
    assert workspace.project.content_sha256() == before


def test_very_many_selected_features_are_read_while_the_window_lives(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.apply(many())
    panel = AttributesPanel(workspace.project, workspace.bridge, workspace.selection)
    qtbot.addWidget(panel)
    panel.show()
    fids = workspace.project.store.ordered_fids("manhole")[-COUNT:]
    workspace.selection.set("manhole", fids)
    assert panel.busy
    assert panel.kind is None, "nothing is typed into what the form showed before"
    workspace.selection.set("manhole", fids[: COUNT - 1])
    qtbot.waitUntil(lambda: not panel.busy)
    assert grouped(COUNT - 1) in panel.head.title.text()
    panel.stop()


def test_many_features_are_copied_and_pasted(workspace: Workspace) -> None:
    workspace.apply(many())
    workspace.selection.set("manhole", workspace.project.store.ordered_fids("manhole")[-COUNT:])
    workspace.copy_selected()
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == COUNT
    assert all(line.startswith("POINT (428") for line in lines)
    before = workspace.project.count("manhole")
    workspace.paste()
    assert workspace.project.count("manhole") == before + COUNT


def test_more_than_a_clipboard_is_for_is_refused_in_words(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "_COPY_AT_MOST", 3)
    workspace.apply(many(5))
    workspace.selection.set("manhole", workspace.project.store.ordered_fids("manhole")[-5:])
    with pytest.raises(EditRefused, match="5"):
        clipboard.copy(workspace.project, workspace.selection)


def test_what_was_stored_comes_into_the_file_itself_for_who_copies_it(
    qtbot: QtBot, workspace: Workspace, tmp_path: Path
) -> None:
    project, copy = workspace.project, tmp_path / "copy.gpkg"
    log = project.path.with_name(f"{project.path.name}-wal")

    def whole() -> bool:
        copy.write_bytes(project.path.read_bytes())
        with Project.open(copy, write=False) as other:
            return other.count("manhole") == project.count("manhole")

    workspace.apply(many(3))
    assert log.stat().st_size > 0
    qtbot.waitUntil(whole, timeout=10_000)
    # It was not an edit of somebody else.
    version = project.store.data_version()
    workspace.look_for_foreign_edits()
    assert project.store.data_version() == version
