from __future__ import annotations

import pytest
import shapely
from pytestqt.qtbot import QtBot

from hjgis.edits.network import disconnect
from hjgis.models.changes import FeatureKey
from hjgis.ui.actions.action_table import DRAW
from hjgis.ui.commands import COMMANDS
from hjgis.ui.main_window import MainWindow
from hjgis.ui.workspace import Workspace
from tests.network import PLACES
from tests.ui.mouse import at

Keys = dict[str, FeatureKey]


def select(workspace: Workspace, *keys: FeatureKey) -> None:
    fids = [workspace.project.get(key).fid for key in keys]
    workspace.selection.set(keys[0].layer, [fid for fid in fids if fid is not None])


def test_a_node_is_taken_out_and_can_come_back(workspace: Workspace, keys: Keys) -> None:
    select(workspace, keys["B"])
    workspace.edit_selected("take-out-node")
    assert workspace.project.count("pipe_line") == 1
    assert "Take out" in workspace.canvas.message.text()
    workspace.undo()
    assert workspace.project.count("pipe_line") == 2


def test_what_makes_no_sense_is_said_and_not_done(workspace: Workspace, keys: Keys) -> None:
    before = workspace.project.content_sha256()
    select(workspace, keys["A"])
    workspace.edit_selected("take-out-node")
    assert "two pipes" in workspace.canvas.message.text()
    select(workspace, keys["AB"])
    workspace.edit_selected("flow")
    assert "nothing to change" in workspace.canvas.message.text()
    assert workspace.project.content_sha256() == before


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_can_be_undone(workspace: Workspace, keys: Keys, command: str) -> None:
    project = workspace.project
    project.session.apply(disconnect(project, keys["AB"], ["last"]))
    before = project.content_sha256()
    points = command in ("align", "distribute", "take-out-node")
    select(workspace, *(keys[name] for name in (("A", "B", "C") if points else ("AB", "BC"))))
    workspace.edit_selected(command)
    while project.content_sha256() != before:
        workspace.undo()


def test_the_commands_are_in_the_menus(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    assert window.workspace is not None
    select(window.workspace, keys["AB"])
    window.actions_by_id["reverse"].trigger()
    coords = window.workspace.project.get(keys["AB"]).geometry.coords
    assert coords[0] == PLACES["B"]


def test_a_node_is_not_dragged_onto_its_neighbour(workspace: Workspace, keys: Keys) -> None:
    workspace.use_tool("move-node")
    tool = workspace.canvas.tool
    tool.press(at(*PLACES["A"]))
    tool.move(at(PLACES["B"][0], PLACES["B"][1]))
    assert "without length" in tool.preview().text
    tool.release(at(*PLACES["B"]))
    assert workspace.project.get(keys["A"]).geometry == shapely.Point(PLACES["A"])


def test_a_manhole_drawn_on_a_pipe_divides_it(workspace: Workspace, keys: Keys) -> None:
    workspace.use_tool(DRAW + "manhole")
    workspace.canvas.tool.press(at(428_012.0, 4_528_000.0))
    assert workspace.project.count("pipe_line") == 3
    assert workspace.selection.layer == "manhole"
    assert len(workspace.selection) == 1
    workspace.undo()
    assert workspace.project.count("pipe_line") == 2
