from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.ui.map.snap_menu import SnapMenu, keep_snapped, restore_snapped
from hjgis.ui.memory import memory
from hjgis.ui.tools.draw import DrawTool
from hjgis.ui.tools.measure import AreaTool, DistanceTool
from hjgis.ui.tools.select import SelectTool
from hjgis.ui.workspace import Workspace
from tests.network import PLACES
from tests.ui.mouse import RIGHT, at, click, clicks, drag, lock_layer, pixel

Keys = dict[str, FeatureKey]
AB_MIDDLE = (428_015.0, 4_528_000.0)
EMPTY = (428_015.0, 4_528_020.0)


def place_of(project: Project, key: FeatureKey) -> tuple[float, float]:
    point = project.get(key).geometry
    assert isinstance(point, shapely.Point)
    return (point.x, point.y)


def chosen(workspace: Workspace) -> list[str]:
    return [key.uuid for key in workspace.selection.keys(workspace.project)]


# identify


def test_a_click_picks_the_point_and_not_the_pipes_that_end_there(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    click(qtbot, workspace.canvas, PLACES["B"])
    assert chosen(workspace) == [keys["B"].uuid]


def test_repeated_clicks_go_through_all_that_lies_there_and_start_again(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    picked = []
    for _click in range(4):
        click(qtbot, workspace.canvas, PLACES["B"])
        picked += chosen(workspace)
    assert picked[0] == picked[3] == keys["B"].uuid
    assert set(picked[1:3]) == {keys["AB"].uuid, keys["BC"].uuid}


def test_a_click_beside_everything_selects_nothing(qtbot: QtBot, workspace: Workspace) -> None:
    click(qtbot, workspace.canvas, PLACES["B"])
    click(qtbot, workspace.canvas, EMPTY)
    assert chosen(workspace) == []


def test_identify_never_moves_anything(qtbot: QtBot, workspace: Workspace, keys: Keys) -> None:
    before = workspace.project.content_sha256()
    drag(qtbot, workspace.canvas, PLACES["B"], (428_035.0, 4_528_005.0), EMPTY)
    assert workspace.project.content_sha256() == before
    assert chosen(workspace) == [keys["B"].uuid]


def test_what_a_layer_does_not_show_is_not_picked(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.layers.set_visible("manhole", visible=False)
    click(qtbot, workspace.canvas, PLACES["B"])
    assert workspace.selection.layer == "pipe_line"


# rectangle


def test_a_rectangle_selects_the_topmost_layer_it_meets(workspace: Workspace, keys: Keys) -> None:
    tool = SelectTool(workspace.layers, workspace.selection)
    tool.press(at(427_990, 4_527_990))
    tool.move(at(428_040, 4_528_020))
    tool.release(at(428_040, 4_528_020))
    assert chosen(workspace) == [keys["A"].uuid, keys["B"].uuid]


@pytest.mark.parametrize(
    ("modifier", "left"),
    [
        (Qt.KeyboardModifier.NoModifier, ["B", "C"]),
        (Qt.KeyboardModifier.ShiftModifier, ["A", "B", "C"]),
        (Qt.KeyboardModifier.ControlModifier, ["A", "C"]),
    ],
    ids=["replaces", "shift adds", "ctrl turns over"],
)
def test_a_second_rectangle(
    workspace: Workspace, keys: Keys, modifier: Qt.KeyboardModifier, left: list[str]
) -> None:
    tool = SelectTool(workspace.layers, workspace.selection)
    tool.press(at(427_990, 4_527_990))
    tool.release(at(428_040, 4_528_020))
    tool.press(at(428_020, 4_527_990, modifiers=modifier))
    tool.release(at(428_070, 4_528_020, modifiers=modifier))
    assert chosen(workspace) == [keys[name].uuid for name in left]


def test_esc_in_a_rectangle_selects_nothing(workspace: Workspace) -> None:
    tool = SelectTool(workspace.layers, workspace.selection)
    tool.press(at(427_990, 4_527_990))
    tool.cancel()
    tool.release(at(428_040, 4_528_020))
    assert chosen(workspace) == []


# drawing


def drawn(tool: DrawTool) -> list[ChangeSet]:
    made: list[ChangeSet] = []
    tool.edited.connect(made.append)
    return made


def test_a_point_is_one_click_and_one_edit(workspace: Workspace) -> None:
    tool = workspace.toolbox.draw_tool("street_lamp")
    made = drawn(tool)
    clicks(tool, EMPTY)
    (change,) = made[0].changes
    assert change.after is not None
    assert change.after.geometry == shapely.Point(EMPTY)
    assert workspace.project.count("street_lamp") == 1


def test_a_line_is_one_edit_when_it_is_finished(workspace: Workspace) -> None:
    tool = workspace.toolbox.draw_tool("pipe_line")
    made = drawn(tool)
    clicks(tool, EMPTY, (428_020, 4_528_030), (428_030, 4_528_030))
    assert made == []
    tool.press(at(428_050, 4_528_050, button=RIGHT))
    assert len(made) == 1
    line = made[0].changes[-1].after
    assert line is not None
    assert line.geometry is not None
    assert len(shapely.get_coordinates(line.geometry)) == 3


def test_a_pipe_that_ends_at_no_node_gets_one_of_the_chosen_kind(workspace: Workspace) -> None:
    tool, toolbox = workspace.toolbox.draw_tool("pipe_line"), workspace.toolbox
    made = drawn(tool)
    for number, missing in enumerate(("pipe_point", "manhole", None)):
        if missing != "pipe_point":
            toolbox.set_missing_nodes(missing)
        clicks(tool, (428_000 + 5 * number, 4_528_040), (428_020, 4_528_050 + 5 * number))
        tool.key(Qt.Key.Key_Return)
        *nodes, line = [change.after for change in made.pop().changes if change.after is not None]
        assert [node.key.layer for node in nodes] == ([missing] * 2 if missing else [])
        assert line.values["to_node"] == (nodes[1].key.uuid if missing else None)


def test_a_pipe_drawn_between_manholes_ends_on_them(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    workspace.use_tool("draw.pipe_line")
    # Some pixels beside: the mouse is drawn to the nodes.
    click(qtbot, workspace.canvas, (428_000.6, 4_528_000.5))
    click(qtbot, workspace.canvas, (428_059.5, 4_528_010.6))
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_Return)
    made = workspace.project.get(workspace.selection.keys(workspace.project)[0])
    assert made.values["from_node"] == keys["A"].uuid
    assert made.values["to_node"] == keys["C"].uuid


def test_a_manhole_is_not_drawn_to_the_edge_of_a_unit_grid_unless_somebody_wants_it(
    qtbot: QtBot, workspace: Workspace
) -> None:
    project, canvas = workspace.project, workspace.canvas
    cell = shapely.box(428_010, 4_528_020, 428_050, 4_528_050)
    workspace.apply(add_feature(project, "grid", cell))
    beside = (428_010.3, 4_528_030.0)

    def placed() -> shapely.Point:
        workspace.use_tool("draw.manhole")
        click(qtbot, canvas, beside)
        place = project.get(workspace.selection.keys(project)[0]).geometry
        workspace.undo()
        return place

    assert placed().distance(shapely.Point(beside)) < 0.2
    assert placed().distance(cell.exterior) > 0.1
    menu = SnapMenu(workspace.layers)
    menu.aboutToShow.emit()
    ticks = {action.data(): action for action in menu.actions() if action.data()}
    off = {layer for layer, action in ticks.items() if not action.isChecked()}
    assert off == {"grid", "boundary", "service_area"}
    ticks["grid"].trigger()
    assert placed().distance(cell.exterior) < 0.001
    menu.aboutToShow.emit()
    menu.actions()[-1].trigger()
    assert placed().distance(cell.exterior) > 0.1
    # Who draws a cell beside it means its edge.
    workspace.use_tool("draw.grid")
    qtbot.mouseMove(canvas, pixel(canvas, beside))
    assert canvas._mouse is not None
    assert canvas._mouse.snap is not None


def test_which_layers_attract_the_mouse_is_remembered(workspace: Workspace, tmp_path: Path) -> None:
    kept = memory(tmp_path / "window.ini")
    workspace.layers.set_snapped({"grid": True, "road": False})
    keep_snapped(workspace.layers, kept)
    workspace.layers.set_snapped({})
    restore_snapped(workspace.layers, kept)
    assert (workspace.layers["grid"].attracts, workspace.layers["road"].attracts) == (True, False)


def test_without_snapping_a_pipe_ends_where_it_was_clicked(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("draw.pipe_line")
    workspace.toolbox.set_missing_nodes(None)
    workspace.canvas.toggle_snapping()
    click(qtbot, workspace.canvas, (428_000.6, 4_528_000.5))
    click(qtbot, workspace.canvas, (428_059.5, 4_528_010.6))
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_Return)
    made = workspace.project.get(workspace.selection.keys(workspace.project)[0])
    assert made.values["from_node"] is None


def test_backspace_takes_the_last_vertex_back(workspace: Workspace) -> None:
    tool = workspace.toolbox.draw_tool("pipe_line")
    made = drawn(tool)
    clicks(tool, (428_000, 4_528_020), (428_010, 4_528_020), (428_020, 4_528_099))
    assert tool.key(Qt.Key.Key_Backspace)
    tool.key(Qt.Key.Key_Return)
    after = made[0].changes[-1].after
    assert after is not None
    assert after.geometry == shapely.LineString([(428_000, 4_528_020), (428_010, 4_528_020)])


def test_esc_leaves_nothing_behind(qtbot: QtBot, workspace: Workspace) -> None:
    before = workspace.project.content_sha256()
    workspace.use_tool("draw.park")
    for place in ((428_000, 4_528_020), (428_010, 4_528_020), (428_010, 4_528_030)):
        click(qtbot, workspace.canvas, place)
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_Escape)
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_Return)
    assert workspace.project.content_sha256() == before


def test_a_double_click_finishes_an_area(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("draw.park")
    for place in ((428_000, 4_528_020), (428_010, 4_528_020)):
        click(qtbot, workspace.canvas, place)
    tool = workspace.toolbox.draw_tool("park")
    tool.press(at(428_010, 4_528_030))
    tool.double_click(at(428_010, 4_528_030))
    made = workspace.project.get(workspace.selection.keys(workspace.project)[0])
    assert isinstance(made.geometry, shapely.MultiPolygon)
    assert made.geometry.area == pytest.approx(50, abs=2)


def test_too_few_vertices_make_nothing(workspace: Workspace) -> None:
    tool = workspace.toolbox.draw_tool("park")
    made = drawn(tool)
    clicks(tool, (428_000, 4_528_020), (428_010, 4_528_020))
    tool.key(Qt.Key.Key_Return)
    assert made == []


def test_the_hint_says_what_the_next_click_does(workspace: Workspace) -> None:
    tool = workspace.toolbox.draw_tool("pipe_line")
    before = tool.hint()
    clicks(tool, (428_000, 4_528_020), (428_010, 4_528_020))
    assert "finishes" in tool.hint()
    assert before != tool.hint()


# moving


def test_one_drag_is_one_edit_and_the_pipes_follow(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    project = workspace.project
    workspace.use_tool("move-node")
    made: list[ChangeSet] = []
    workspace.canvas.tool.edited.connect(made.append)
    drag(qtbot, workspace.canvas, PLACES["B"], (428_031, 4_528_006), (428_032, 4_528_009))
    assert [len(changes.changes) for changes in made] == [3]
    moved = place_of(project, keys["B"])
    assert moved == pytest.approx((428_032, 4_528_009), abs=0.2)
    for pipe, end in (("AB", -1), ("BC", 0)):
        line = project.get(keys[pipe]).geometry
        assert line is not None
        assert tuple(shapely.get_coordinates(line)[end]) == moved


def test_undo_after_a_drag_puts_everything_back(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    before = workspace.project.content_sha256()
    workspace.use_tool("move-node")
    drag(qtbot, workspace.canvas, PLACES["B"], (428_032, 4_528_009))
    assert workspace.project.content_sha256() != before
    workspace.undo()
    assert workspace.project.content_sha256() == before
    fid = workspace.project.store.fid(keys["B"])
    held = workspace.layers["manhole"].columns.taken(np.array([fid]))
    assert tuple(held.coords[0]) == PLACES["B"]


def test_a_shaky_click_does_not_move_a_node(qtbot: QtBot, workspace: Workspace, keys: Keys) -> None:
    workspace.use_tool("move-node")
    # 3 pixels at 1:500 are 0.4 m.
    drag(qtbot, workspace.canvas, PLACES["B"], (428_030.35, 4_528_000.0))
    assert place_of(workspace.project, keys["B"]) == PLACES["B"]


def test_esc_during_a_drag_leaves_the_node_where_it_was(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    workspace.use_tool("move-node")
    tool = workspace.canvas.tool
    tool.press(at(*PLACES["B"]))
    tool.move(at(428_035, 4_528_005))
    assert len(tool.preview().shapes) == 3
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_Escape)
    tool.release(at(428_035, 4_528_005))
    assert tool.preview().shapes == ()
    assert place_of(workspace.project, keys["B"]) == PLACES["B"]


def test_a_locked_layer_does_not_move(qtbot: QtBot, workspace: Workspace, keys: Keys) -> None:
    lock_layer(workspace, "manhole")
    workspace.use_tool("move-node")
    drag(qtbot, workspace.canvas, PLACES["B"], (428_035, 4_528_009))
    assert place_of(workspace.project, keys["B"]) == PLACES["B"]


def test_a_move_says_how_far_and_offers_undo(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    workspace.use_tool("move-node")
    drag(qtbot, workspace.canvas, PLACES["B"], (428_040, 4_528_000))
    message = workspace.canvas.message
    assert message.isVisible()
    assert "Moved 9.9" in message.text() or "Moved 10.0" in message.text()
    message.linkActivated.emit("#act")
    assert place_of(workspace.project, keys["B"]) == PLACES["B"]


def test_the_offer_to_undo_goes_with_the_edit_that_it_speaks_of(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("move-node")
    drag(qtbot, workspace.canvas, PLACES["B"], (428_040, 4_528_000))
    assert "Moved" in workspace.canvas.message.text()
    workspace.undo()
    assert "Moved" not in workspace.canvas.message.text()
    workspace.canvas.message.linkActivated.emit("#act")
    assert not workspace.project.session.can_redo


# measuring


def test_length_grows_with_the_mouse_and_stays_after_the_end() -> None:
    tool = DistanceTool()
    clicks(tool, (0, 0), (30, 0))
    tool.move(at(30, 40))
    assert tool.preview().text == "Length 70.00 m (last part 40.00 m)"
    tool.press(at(30, 40))
    tool.press(at(30, 40, button=RIGHT))
    tool.move(at(500, 500))
    assert tool.preview().text == "Length 70.00 m (last part 40.00 m)"


def test_area_is_measured_inside_the_clicked_points() -> None:
    tool = AreaTool()
    clicks(tool, (0, 0), (30, 0), (30, 40), (0, 40))
    assert tool.preview().text == "Area 1200.0 m², perimeter 140.00 m"


def test_a_click_after_a_measurement_begins_the_next() -> None:
    tool = DistanceTool()
    clicks(tool, (0, 0), (30, 0))
    tool.press(at(30, 0, button=RIGHT))
    clicks(tool, (100, 0), (105, 0))
    assert tool.preview().text.startswith("Length 5.00 m")
