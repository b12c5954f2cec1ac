"""The user, another program and the background get in one another's way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.layers import geometry_blob
from hjgis.models.changes import FeatureKey
from hjgis.ui.jobs import Jobs
from hjgis.ui.workspace import Workspace
from tests.network import PLACES
from tests.ui.mouse import at, click, clicks, labels, lock_layer, pixel

Keys = dict[str, FeatureKey]


@contextmanager
def another_program(workspace: Workspace) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(workspace.project.path, isolation_level=None)) as other:
        geometry_blob.register_functions(other)
        yield other


# another program


def test_an_unfinished_write_of_another_program_is_waited_for(workspace: Workspace) -> None:
    before = workspace.layers["manhole"].columns.version
    with another_program(workspace) as other:
        other.execute("UPDATE manhole SET exp_no = 'Q' WHERE fid = 1")
        other.execute("BEGIN IMMEDIATE")
        workspace.look_for_foreign_edits()
        assert workspace.layers["manhole"].columns.version == before
        other.execute("ROLLBACK")
    workspace.look_for_foreign_edits()
    assert workspace.layers["manhole"].columns.version > before
    assert "Q" in labels(workspace, "manhole")


def test_a_manhole_that_another_program_deleted_is_not_taken_hold_of(
    workspace: Workspace, keys: Keys
) -> None:
    workspace.use_tool("move-node")
    with another_program(workspace) as other:
        other.execute("DELETE FROM manhole WHERE uuid = ?", (keys["A"].uuid,))
    tool = workspace.canvas.tool
    tool.press(at(*PLACES["A"]))
    tool.move(at(PLACES["A"][0] + 5, PLACES["A"][1]))
    assert tool.preview().shapes == ()


def test_what_another_program_deleted_needs_no_second_deletion(
    workspace: Workspace, keys: Keys
) -> None:
    workspace.selection.set("pipe_line", workspace.project.store.fids("pipe_line"))
    with another_program(workspace) as other:
        other.execute("DELETE FROM pipe_line")
    before = len(workspace.project.history.entries())
    workspace.delete_selected()
    assert len(workspace.project.history.entries()) == before


# the background


def test_a_result_that_comes_after_the_end_is_dropped(qtbot: QtBot) -> None:
    jobs, heard = Jobs(), []
    jobs.run(lambda progress: "late", heard.append, title="t")
    # Done when the thread has done something after it, but this thread has not looked yet.
    jobs._thread.submit(int).result()
    jobs.stop()
    QApplication.processEvents()
    assert heard == []


# the user's own hand


def test_a_point_taken_beside_its_middle_does_not_jump_to_the_mouse(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    canvas = workspace.canvas
    canvas.snapping = False
    workspace.use_tool("move-node")
    beside = pixel(canvas, PLACES["B"]) + QPoint(5, 4)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=beside)
    for right in (10, 20):
        qtbot.mouseMove(canvas, beside + QPoint(right, 0))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=beside + QPoint(20, 0))
    moved = workspace.project.get(keys["B"]).geometry
    assert moved is not None
    x, y = PLACES["B"]
    expected = (x + 20 * canvas.frame.m_per_px, y)
    assert (moved.centroid.x, moved.centroid.y) == pytest.approx(expected, abs=1e-6)


def test_a_drag_back_to_where_it_began_is_no_edit(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    del keys
    canvas, history = workspace.canvas, workspace.project.history.entries
    before = len(history())
    workspace.use_tool("move-node")
    start = pixel(canvas, PLACES["B"])
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    for right in (10, 20, 0):
        qtbot.mouseMove(canvas, start + QPoint(right, 0))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start)
    assert len(history()) == before


def test_a_layer_locked_while_it_is_drawn_takes_no_more(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("draw.manhole")
    lock_layer(workspace, "manhole")
    before = workspace.project.count("manhole")
    click(qtbot, workspace.canvas, (428_010, 4_528_020))
    assert workspace.project.count("manhole") == before


def test_enter_too_early_keeps_what_was_clicked(workspace: Workspace) -> None:
    tool = workspace.toolbox.draw_tool("park")
    clicks(tool, (428_000, 4_528_020), (428_010, 4_528_020))
    tool.key(Qt.Key.Key_Return)
    assert len(tool.vertices) == 2


def test_an_area_without_width_is_not_stored(workspace: Workspace) -> None:
    tool = workspace.toolbox.draw_tool("park")
    clicks(tool, (428_000, 4_528_020), (428_010, 4_528_020), (428_020, 4_528_020))
    tool.key(Qt.Key.Key_Return)
    assert workspace.project.count("park") == 0
