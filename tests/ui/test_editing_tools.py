"""Each tool of the technician with a hand on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from hjgis.checks.area import ProjectArea
from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet, Feature, FeatureKey
from hjgis.models.crs import Transform, parse_crs
from hjgis.ui.dialogs import confirming
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.typing_box import keep_angles, restore_angles
from hjgis.ui.memory import memory
from hjgis.ui.tools.base import MapMouse
from hjgis.ui.workspace import Workspace
from tests.network import PLACES
from tests.ui.mouse import LEFT, RIGHT, at, click, drag, pixel

Keys = dict[str, FeatureKey]
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
X, Y = PLACES["A"]


@pytest.fixture(autouse=True)
def no_question_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that nobody expects fails the test instead of waiting for a hand."""

    def unexpected(_parent: object, _title: str, words: str, *_more: object) -> None:
        raise AssertionError(words)

    monkeypatch.setattr(QMessageBox, "warning", unexpected)
    monkeypatch.setattr(confirming, "agreed", unexpected)


def line(workspace: Workspace, key: FeatureKey) -> list[tuple[float, float]]:
    return shapely.get_coordinates(workspace.project.get(key).geometry).tolist()


def close(one: tuple[float, float] | list[float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) < 0.3 and abs(one[1] - other[1]) < 0.3


def select(workspace: Workspace, *keys: FeatureKey) -> None:
    fids = [workspace.project.get(key).fid for key in keys]
    workspace.selection.set(keys[0].layer, [fid for fid in fids if fid is not None])


def add(workspace: Workspace, layer: str, shape: shapely.Geometry, **values: object) -> FeatureKey:
    change = add_feature(workspace.project, layer, shape, values)  # type: ignore[arg-type]
    workspace.apply(change)
    return change.changes[0].key


def pull(
    qtbot: QtBot,
    workspace: Workspace,
    start: tuple[float, float],
    end: tuple[float, float],
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    canvas = workspace.canvas
    begin, stop = pixel(canvas, start), pixel(canvas, end)
    qtbot.mousePress(canvas, LEFT, modifier, begin)
    qtbot.mouseMove(canvas, (begin + stop) / 2)
    # qtbot.mouseMove holds no key: the last step is told with one.
    move_with(workspace, stop, modifier)
    qtbot.mouseRelease(canvas, LEFT, modifier, stop)


def move_with(workspace: Workspace, place: QPoint, modifier: Qt.KeyboardModifier) -> None:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    at = QPointF(place)
    globally = QPointF(workspace.canvas.mapToGlobal(place))
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, globally, Qt.MouseButton.NoButton, LEFT, modifier
    )
    QGuiApplication.sendEvent(workspace.canvas, event)


# -- vertices ----------------------------------------------------------------------------------


def test_an_edge_gives_a_vertex_that_can_be_taken_out_again(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    select(workspace, keys["AB"])
    workspace.use_tool("vertices")
    workspace.canvas.toggle_snapping()
    pull(qtbot, workspace, (X + 10, Y), (X + 10, Y + 6))
    assert close(line(workspace, keys["AB"])[1], (X + 10, Y + 6))
    click(qtbot, workspace.canvas, (X + 10, Y + 6))
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_Delete)
    # The key is the shortcut for deleting the feature, too.
    assert len(line(workspace, keys["AB"])) == 2
    workspace.undo()
    assert len(line(workspace, keys["AB"])) == 3


def test_the_end_of_a_pipe_takes_its_node_along_unless_alt_is_held(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    select(workspace, keys["AB"])
    workspace.use_tool("vertices")
    workspace.canvas.toggle_snapping()
    pull(qtbot, workspace, PLACES["B"], (X + 30, Y - 8))
    assert close(line(workspace, keys["B"])[0], (X + 30, Y - 8))
    assert close(line(workspace, keys["BC"])[0], (X + 30, Y - 8))
    pull(qtbot, workspace, (X + 30, Y - 8), (X + 20, Y - 8), ALT)
    assert close(line(workspace, keys["B"])[0], (X + 30, Y - 8))
    assert close(line(workspace, keys["AB"])[1], (X + 20, Y - 8))
    assert workspace.project.get(keys["AB"]).values["to_node"] is None


def test_a_chosen_vertex_goes_where_is_typed(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    area = add(workspace, "parking_lot", shapely.box(X, Y + 20, X + 10, Y + 30))
    select(workspace, area)
    workspace.use_tool("vertices")
    click(qtbot, workspace.canvas, (X + 10, Y + 30))
    canvas, typing = workspace.canvas, workspace.canvas.typing
    qtbot.keyClicks(canvas, "@")
    assert typing.isVisible()
    qtbot.keyClicks(typing.focusWidget() or typing, "5,2")
    qtbot.keyClick(typing.focusWidget() or typing, Qt.Key.Key_Return)
    assert [X + 12, Y + 35] in line(workspace, area)
    assert not typing.isVisible()


# -- strokes and clicks ------------------------------------------------------------------------


def test_a_click_cuts_a_pipe_and_a_stroke_cuts_what_it_crosses(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    workspace.use_tool("split")
    click(qtbot, workspace.canvas, (X + 8, Y))
    assert workspace.project.count("pipe_line") == 3
    assert "not connected at the cut" in workspace.canvas.message.text()
    assert workspace.canvas.message.isVisibleTo(workspace.canvas)
    click(qtbot, workspace.canvas, (X + 45, Y - 10))
    click(qtbot, workspace.canvas, (X + 45, Y + 20))
    click(qtbot, workspace.canvas, (X + 45, Y + 20), button=RIGHT)
    assert workspace.project.count("pipe_line") == 4


def test_what_undo_took_back_is_said_and_can_be_done_again(
    workspace: Workspace, keys: Keys
) -> None:
    workspace.apply(set_values(workspace.project, [keys["A"]], {"remarks": "x"}))
    workspace.undo()
    assert workspace.canvas.message.text().startswith("Taken back: Change Remarks of Manhole")
    workspace.canvas.message.linkActivated.emit("#act")
    assert workspace.project.get(keys["A"]).values["remarks"] == "x"


def test_nothing_is_said_of_loose_ends_where_a_node_divides_a_pipe(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    workspace.use_tool("draw.manhole")
    click(qtbot, workspace.canvas, (X + 8, Y))
    assert workspace.project.count("pipe_line") == 3
    assert "not connected" not in workspace.canvas.message.text()


def test_a_stroke_that_misses_says_so_and_stays(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    before = workspace.project.content_sha256()
    workspace.use_tool("split")
    click(qtbot, workspace.canvas, (X + 10, Y + 20))
    click(qtbot, workspace.canvas, (X + 20, Y + 20))
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_Return)
    assert "meets no feature" in workspace.canvas.message.text()
    assert "meets no feature" in workspace.canvas.tool.preview().text
    assert len(workspace.canvas.tool.vertices) == 2  # type: ignore[attr-defined]
    assert workspace.project.content_sha256() == before


def test_areas_are_cut_holed_and_mended(qtbot: QtBot, workspace: Workspace) -> None:
    area = add(workspace, "parking_lot", shapely.box(X, Y + 20, X + 20, Y + 35))
    select(workspace, area)
    for tool, places in (
        ("add-hole", [(X + 5, Y + 25), (X + 9, Y + 25), (X + 9, Y + 30)]),
        ("reshape", [(X + 15, Y + 40), (X + 15, Y + 30), (X + 25, Y + 30)]),
    ):
        workspace.use_tool(tool)
        workspace.canvas.snapping = False
        for place in places:
            click(qtbot, workspace.canvas, place)
        qtbot.keyClick(workspace.canvas, Qt.Key.Key_Return)
    shape = workspace.project.get(area).geometry
    assert shape is not None
    assert shapely.get_parts(shape)[0].interiors
    assert shape.area == pytest.approx(300 - 10 - 25, abs=6)
    workspace.use_tool("take-away")
    click(qtbot, workspace.canvas, (X + 8, Y + 26.5))
    shape = workspace.project.get(area).geometry
    assert not shapely.get_parts(shape)[0].interiors


def test_lines_reach_an_edge_or_end_there(qtbot: QtBot, workspace: Workspace) -> None:
    edge = add(workspace, "road", shapely.LineString([(X + 20, Y + 15), (X + 20, Y + 45)]))
    short = add(workspace, "road", shapely.LineString([(X, Y + 20), (X + 12, Y + 20)]))
    long = add(workspace, "road", shapely.LineString([(X, Y + 40), (X + 30, Y + 40)]))
    workspace.use_tool("extend")
    click(qtbot, workspace.canvas, (X + 20, Y + 30))
    for place in ((X + 11, Y + 20), (X + 28, Y + 40)):
        qtbot.mouseMove(workspace.canvas, pixel(workspace.canvas, place))
        click(qtbot, workspace.canvas, place)
    assert line(workspace, short)[-1] == [X + 20, Y + 20]
    assert line(workspace, long)[-1] == [X + 20, Y + 40]
    assert len(line(workspace, edge)) == 2


def test_a_copy_runs_where_is_clicked_or_typed(qtbot: QtBot, workspace: Workspace) -> None:
    kerb = add(workspace, "road", shapely.LineString([(X, Y + 20), (X + 30, Y + 20)]))
    workspace.use_tool("offset")
    workspace.canvas.snapping = False
    click(qtbot, workspace.canvas, (X + 10, Y + 20))
    click(qtbot, workspace.canvas, (X + 10, Y + 15))
    click(qtbot, workspace.canvas, (X + 10, Y + 20))
    workspace.canvas.tool.typed("3.5")
    table = workspace.project.table("road")
    assert table.geometry is not None
    rows = sorted(round(shape.centroid.y - Y, 1) for shape in table.geometry)
    assert rows == [pytest.approx(15, abs=0.3), 20.0, 23.5]
    assert kerb


def test_what_is_selected_is_moved_turned_and_scaled(
    qtbot: QtBot, workspace: Workspace, keys: Keys
) -> None:
    area = add(workspace, "parking_lot", shapely.box(X, Y + 20, X + 20, Y + 30))
    select(workspace, area)
    workspace.canvas.snapping = False
    workspace.use_tool("move")
    pull(qtbot, workspace, (X + 5, Y + 22), (X + 15, Y + 27))
    shape = workspace.project.get(area).geometry
    assert shape is not None
    assert shape.bounds == pytest.approx((X + 10, Y + 25, X + 30, Y + 35), abs=0.3)
    workspace.use_tool("rotate")
    workspace.canvas.tool.typed("<90")
    shape = workspace.project.get(area).geometry
    assert shape is not None
    assert shape.bounds == pytest.approx((X + 15, Y + 20, X + 25, Y + 40), abs=0.3)
    workspace.use_tool("scale")
    workspace.canvas.tool.typed("0.5")
    shape = workspace.project.get(area).geometry
    assert shape is not None
    assert shape.area == pytest.approx(50, abs=1)
    for _step in range(3):
        workspace.undo()
    shape = workspace.project.get(area).geometry
    assert shape is not None
    assert shape.bounds == (X, Y + 20, X + 20, Y + 30)


# -- nodes -------------------------------------------------------------------------------------


def test_alt_leaves_the_pipes_of_a_node(qtbot: QtBot, workspace: Workspace, keys: Keys) -> None:
    workspace.use_tool("move-node")
    workspace.canvas.snapping = False
    pull(qtbot, workspace, PLACES["B"], (X + 30, Y + 12), ALT)
    assert close(line(workspace, keys["B"])[0], (X + 30, Y + 12))
    assert close(line(workspace, keys["AB"])[1], PLACES["B"])
    assert workspace.project.get(keys["AB"]).values["to_node"] is None
    workspace.undo()
    assert workspace.project.get(keys["AB"]).values["to_node"] == keys["B"].uuid


@pytest.mark.parametrize("answer", ["Yes", "No"])
def test_a_node_dropped_on_another_is_asked_about(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    window: MainWindow,
    keys: Keys,
    answer: str,
) -> None:
    workspace = window.workspace
    assert workspace is not None
    before = workspace.project.content_sha256()
    monkeypatch.setattr(confirming, "agreed", lambda *_facts: answer == "Yes")
    lone = add(workspace, "manhole", shapely.Point(X + 20, Y + 15))
    workspace.canvas.show_extent((X, Y - 10, X + 60, Y + 30))
    qtbot.waitUntil(lambda: not workspace.canvas.busy)
    workspace.use_tool("move-node")
    drag(qtbot, workspace.canvas, PLACES["B"], (X + 25, Y + 10), (X + 20, Y + 15))
    project: Project = workspace.project
    if answer == "Yes":
        assert project.get(keys["AB"]).values["to_node"] == lone.uuid
        assert project.count("manhole") == 3
        workspace.undo()
    workspace.undo()
    assert project.content_sha256() == before


# -- sketches ----------------------------------------------------------------------------------


def test_a_sketch_is_undone_point_by_point_and_esc_is_undone_too(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("draw.road")
    tool = workspace.toolbox.draw_tool("road")
    canvas = workspace.canvas
    for place in ((X, Y + 20), (X + 10, Y + 20), (X + 10, Y + 30)):
        click(qtbot, canvas, place)
    assert workspace.state.undo
    workspace.undo()
    assert len(tool.vertices) == 2
    workspace.redo()
    assert len(tool.vertices) == 3
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert tool.vertices == []
    assert "given up" in canvas.message.text()
    workspace.undo()
    assert len(tool.vertices) == 3
    click(qtbot, canvas, (X + 10, Y + 30), button=RIGHT)
    assert workspace.project.count("road") == 1
    workspace.undo()
    assert workspace.project.count("road") == 0


def test_places_are_typed_without_clicking_into_anything(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("draw.road")
    canvas, typing = workspace.canvas, workspace.canvas.typing
    canvas.setFocus()
    for text in (f"{Y + 20},{X}", "@0,10", "12..5<", "12.5<90"):
        qtbot.keyClicks(canvas, text[0])
        assert typing.isVisible()
        box = typing.findChild(type(typing._line))
        qtbot.keyClicks(box, text[1:])
        qtbot.keyClick(box, Qt.Key.Key_Return)
        if ".." in text:
            # What cannot be read stays to be mended, and says why.
            assert typing.isVisible()
            assert "no place" in typing._words.text()
            qtbot.keyClick(box, Qt.Key.Key_Escape)
        assert not typing.isVisible()
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    table = workspace.project.table("road")
    assert table.geometry is not None
    places = shapely.get_coordinates(table.geometry[0]).tolist()
    assert places == [[X, Y + 20], [X + 10, Y + 20], [X + 10, Y + 32.5]]


def test_an_area_that_crosses_itself_is_said_and_can_be_mended(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("draw.parking_lot")
    canvas = workspace.canvas
    for place in ((X, Y + 20), (X + 10, Y + 30), (X + 10, Y + 20), (X, Y + 30)):
        click(qtbot, canvas, place)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert "crosses itself" in canvas.tool.preview().text
    assert workspace.project.count("parking_lot") == 0
    qtbot.keyClick(canvas, Qt.Key.Key_Backspace)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert workspace.project.count("parking_lot") == 1


def test_arcs_right_angles_and_tracing(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("draw.road")
    canvas = workspace.canvas
    canvas.snapping = False
    click(qtbot, canvas, (X, Y + 20))
    qtbot.keyClick(canvas, Qt.Key.Key_A)
    click(qtbot, canvas, (X + 5, Y + 25))
    click(qtbot, canvas, (X + 10, Y + 20))
    qtbot.keyClick(canvas, Qt.Key.Key_A)
    qtbot.keyClick(canvas, Qt.Key.Key_O)
    click(qtbot, canvas, (X + 11, Y + 10))
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    (key,) = workspace.selection.keys(workspace.project)
    places = line(workspace, key)
    assert len(places) > 10
    before, last = places[-2], places[-1]
    stretch = (places[-2][0] - places[-3][0], places[-2][1] - places[-3][1])
    square = (last[0] - before[0]) * stretch[0] + (last[1] - before[1]) * stretch[1]
    assert abs(square) < 1e-6 or abs(square) > 1
    canvas.snapping = True
    workspace.use_tool("draw.road")
    qtbot.keyClick(canvas, Qt.Key.Key_T)
    click(qtbot, canvas, (X, Y + 20))
    click(qtbot, canvas, (X + 10, Y + 20))
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    (traced,) = workspace.selection.keys(workspace.project)
    assert line(workspace, traced) == places[:-1]


def test_tracing_goes_over_several_lines(qtbot: QtBot, workspace: Workspace) -> None:
    canvas = workspace.canvas
    workspace.use_tool("draw.road")
    qtbot.keyClick(canvas, Qt.Key.Key_T)
    first, middle, last = PLACES["A"], PLACES["B"], PLACES["C"]
    click(qtbot, canvas, first)
    click(qtbot, canvas, last)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    (key,) = workspace.selection.keys(workspace.project)
    assert line(workspace, key) == [[*first], [*middle], [*last]]


def test_where_nothing_leads_tracing_says_so(qtbot: QtBot, workspace: Workspace) -> None:
    project, canvas = workspace.project, workspace.canvas
    lonely = shapely.Point(X + 5, Y + 30)
    workspace.apply(add_feature(project, "manhole", lonely))
    workspace.use_tool("draw.road")
    qtbot.keyClick(canvas, Qt.Key.Key_T)
    click(qtbot, canvas, PLACES["A"])
    click(qtbot, canvas, (lonely.x, lonely.y))
    assert "No line that is seen leads there" in workspace.canvas.tool.preview().text
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    (key,) = workspace.selection.keys(project)
    assert line(workspace, key) == [[*PLACES["A"]], [lonely.x, lonely.y]]


def open_again(project: Project) -> Workspace:
    return Workspace(project, Jobs())


def leave(workspace: Workspace) -> None:
    """Let a workspace do nothing more; its project is that of another one."""
    workspace.jobs.stop()
    workspace.canvas.stop()
    workspace._poll.stop()


def test_an_unfinished_sketch_is_there_again_after_a_crash(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("draw.road")
    for place in ((X, Y + 20), (X + 10, Y + 20)):
        click(qtbot, workspace.canvas, place)
    # The program is gone: nothing of it has been told to close.
    again = open_again(workspace.project)
    tool = again.toolbox.draw_tool("road")
    assert len(tool.vertices) == 2
    assert again.canvas.tool is tool
    assert "not finished" in again.canvas.message.text()
    tool.cancel()
    third = open_again(workspace.project)
    assert third.toolbox.draw_tool("road").vertices == []
    for opened in (again, third):
        leave(opened)


# -- several at once ---------------------------------------------------------------------------


def test_features_are_copied_within_and_between_projects(
    qtbot: QtBot, workspace: Workspace, keys: Keys, tmp_path: object
) -> None:
    from pathlib import Path

    project = workspace.project
    select(workspace, keys["AB"], keys["BC"])
    workspace.copy_selected()
    workspace.paste()
    assert project.count("pipe_line") == 4
    assert isinstance(tmp_path, Path)
    other = Project.create(tmp_path / "other.gpkg", crs="EPSG:4524")
    from hjgis.ui import clipboard

    change = clipboard.paste(other)
    other.session.apply(change)
    table = other.table("pipe_line")
    assert table.geometry is not None
    # Zone 36 of the 3-degree system writes its number before the eastings.
    assert table.geometry[0].length == pytest.approx(30, abs=0.1)
    assert not set(table.uuids) & {keys["AB"].uuid, keys["BC"].uuid}
    other.close()


def test_merging_shows_each_field_and_does_what_was_chosen(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    from hjgis.ui.dialogs.merge import MergeDialog

    workspace = window.workspace
    assert workspace is not None
    one = add(workspace, "parking_lot", shapely.box(X, Y + 20, X + 10, Y + 30), lot_no="甲")
    two = add(workspace, "parking_lot", shapely.box(X + 10, Y + 20, X + 20, Y + 30), lot_no="乙")
    dialog = MergeDialog(workspace.project, [one, two], window)
    qtbot.addWidget(dialog)
    dialog.choose("lot_no", "largest")
    dialog.choose("lot_no", "keep")
    workspace.carry_out(dialog.change)
    merged: Feature = workspace.project.get(one)
    assert merged.geometry is not None
    assert merged.geometry.area == pytest.approx(200)
    assert merged.values["lot_no"] == "甲"
    with pytest.raises(KeyError):
        workspace.project.get(two)


def test_a_sketch_outlives_an_ordinary_close_as_well(qtbot: QtBot, window: MainWindow) -> None:
    workspace = window.workspace
    assert workspace is not None
    workspace.use_tool("draw.road")
    tool = workspace.toolbox.draw_tool("road")
    tool.take_up([(X, Y + 20), (X + 10, Y + 20)])
    path = workspace.project.path
    window.close()
    with Project.open(path) as project:
        again = open_again(project)
        assert len(again.toolbox.draw_tool("road").vertices) == 2
        leave(again)


def test_the_map_copies_features_and_the_table_its_rows(window: MainWindow) -> None:
    for name in ("copy", "paste"):
        action = window.actions_by_id[name]
        assert action.shortcutContext() == Qt.ShortcutContext.WidgetShortcut


def test_a_place_outside_the_county_is_told_beside_the_mouse(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas = workspace.canvas
    workspace.use_tool("draw.manhole")
    qtbot.mouseMove(canvas, pixel(canvas, (X + 7, Y + 31)))
    assert canvas.tool.preview().text == ""
    far = (X + 50_000, Y)
    canvas.show_extent((far[0] - 50, far[1] - 50, far[0] + 50, far[1] + 50))
    qtbot.mouseMove(canvas, pixel(canvas, far))
    assert canvas.tool.preview().text.endswith("km outside the project area")


def type_places(qtbot: QtBot, workspace: Workspace, *texts: str) -> str:
    """Type without ever pointing; return what is said of the last one, nothing if it was taken."""
    canvas, typed = workspace.canvas, workspace.canvas.typing
    for text in texts:
        canvas.setFocus()
        qtbot.keyClicks(canvas, text[0])
        typed._line.setText(text)
        qtbot.keyClick(typed._line, Qt.Key.Key_Return)
    return typed._words.text() if typed.isVisible() else ""


def test_manholes_follow_one_another_by_steps_and_lengths_from_the_last(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("draw.manhole")
    before = workspace.project.count("manhole")
    # The first is typed east first, before any mouse was on the map.
    said = type_places(qtbot, workspace, f"{X},{Y + 40}", "@5,30", "10<90", "<45", "2")
    assert said == ""
    table = workspace.project.table("manhole")
    assert table.geometry is not None
    found = shapely.get_coordinates(table.geometry[before:])
    half = 2**0.5
    wanted = [[X, Y + 40], [X + 30, Y + 45], [X + 30, Y + 55], [X + 30 + half, Y + 55 + half]]
    assert found == pytest.approx(np.array(wanted), abs=1e-6)
    workspace.undo()
    type_places(qtbot, workspace, "@10,0")
    table = workspace.project.table("manhole")
    assert table.geometry is not None
    assert shapely.get_coordinates(table.geometry[-1:]).tolist() == [[X + 30, Y + 65]]


def test_a_length_without_a_mouse_goes_nowhere_by_itself(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.use_tool("draw.road")
    assert "Point the mouse" in type_places(qtbot, workspace, f"{Y},{X}", "12.5")


def test_what_is_typed_out_of_sight_is_shown(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("draw.manhole")
    far = (X + 5000, Y + 40)
    assert not workspace.canvas.rect().contains(pixel(workspace.canvas, far))
    type_places(qtbot, workspace, f"{far[1]},{far[0]}")
    assert workspace.canvas.rect().contains(pixel(workspace.canvas, far))


def test_letters_for_curves_mean_nothing_to_a_point(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("draw.manhole")
    before = workspace.project.count("manhole")
    workspace.canvas.setFocus()
    qtbot.keyClick(workspace.canvas, Qt.Key.Key_A)
    click(qtbot, workspace.canvas, (X + 7, Y + 31))
    assert workspace.project.count("manhole") == before + 1


def test_a_typed_place_outside_is_taken_at_the_second_enter(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas, project = workspace.canvas, workspace.project
    before = project.count("manhole")
    workspace.use_tool("draw.manhole")
    qtbot.keyClicks(canvas, "4")
    typed = canvas.typing
    typed._line.setText(f"{Y},{X + 50_000}")
    qtbot.keyClick(typed._line, Qt.Key.Key_Return)
    assert "outside the project area; Enter again" in typed._words.text()
    assert project.count("manhole") == before
    qtbot.keyClick(typed._line, Qt.Key.Key_Return)
    assert project.count("manhole") == before + 1


def test_a_node_that_is_dragged_outside_says_so(workspace: Workspace) -> None:
    tool = workspace.toolbox["move-node"]
    beyond = workspace.toolbox.area.beyond_m
    assert beyond(*PLACES["B"]) == 0
    assert 20_000 < beyond(X + 50_000, Y) < 50_000
    tool.press(at(*PLACES["B"]))
    tool.move(at(X + 50_000, Y))
    assert "km outside the project area" in tool.preview().text


def test_a_town_elsewhere_is_not_bothered(tmp_path: Path) -> None:
    with Project.create(tmp_path / "elsewhere.gpkg") as project:
        project.session.apply(add_feature(project, "manhole", shapely.Point(900_000, 3_000_000)))
        assert ProjectArea(project).beyond_m(900_100, 3_000_000) == 0


def test_a_typed_height_is_the_ground_of_a_manhole(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("draw.manhole")
    before = workspace.project.count("manhole")
    assert type_places(qtbot, workspace, f"{Y + 40},{X},57.25", "@5,0") == ""
    table = workspace.project.table("manhole", ("ground_elev_m",))
    assert table.columns["ground_elev_m"][before:].tolist() == [57.25, None]
    workspace.use_tool("draw.road")
    assert "No ground elevation" in type_places(qtbot, workspace, f"{Y},{X},57.25")


def test_angles_are_azimuths_where_that_is_chosen(qtbot: QtBot, workspace: Workspace) -> None:
    canvas = workspace.canvas
    workspace.use_tool("draw.road")
    type_places(qtbot, workspace, f"{Y},{X}", "10<N90")
    assert canvas.tool.latest == pytest.approx((X + 10, Y))
    assert "from east" in canvas.tool.hint() or len(canvas.tool.vertices) > 1
    qtbot.keyClicks(canvas, "1")
    canvas.typing.angles.click()
    assert canvas.typing._line.hasFocus() or not canvas.isActiveWindow()
    canvas.typing._line.setText("10<180")
    assert canvas.typing._words.text().endswith("10.000 m at azimuth 180°00′00″")
    qtbot.keyClick(canvas.typing._line, Qt.Key.Key_Return)
    assert canvas.tool.latest == pytest.approx((X + 10, Y - 10))
    type_places(qtbot, workspace, "<45.3020")
    assert "Azimuth 45°30′20″" in canvas.tool.preview().text
    # Every other tool counts in the same way, and says so.
    workspace.use_tool("draw.manhole")
    type_places(qtbot, workspace, f"{Y + 45},{X}")
    assert "45.3020 (azimuth" in canvas.tool.hint()
    assert "F4" in canvas.tool.hint()


def test_how_angles_are_counted_is_remembered(workspace: Workspace, tmp_path: Path) -> None:
    canvas, kept = workspace.canvas, memory(tmp_path / "layout.ini")
    restore_angles(canvas, kept)
    assert not canvas.azimuths
    canvas.count_angles(azimuths=True)
    keep_angles(canvas, kept)
    kept.sync()
    canvas.count_angles(azimuths=False)
    restore_angles(canvas, memory(tmp_path / "layout.ini"))
    assert canvas.azimuths
    assert canvas.typing.angles.isChecked()


def test_degrees_are_typed_where_the_map_is_in_metres(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("draw.manhole")
    crs = workspace.project.crs
    (lon,), (lat,) = Transform(crs, parse_crs("EPSG:4326")).points(
        np.array([X]), np.array([Y + 44])
    )
    before = workspace.project.count("manhole")
    assert type_places(qtbot, workspace, f"{lon:.9f},{lat:.9f}") == ""
    geometry = workspace.project.table("manhole").geometry
    assert geometry is not None
    assert shapely.get_coordinates(geometry[before:]) == pytest.approx(
        np.array([[X, Y + 44]]), abs=1e-3
    )


def test_very_many_are_taken_hold_of_without_reading_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    east = X + np.arange(600.0)
    lamps = BulkInsert("street_lamp", shapely.points(east, np.full(600, Y)), {})
    workspace.apply(ChangeSet("import", bulk=(lamps,)))
    workspace.selection.set("street_lamp", workspace.project.store.fids("street_lamp"))
    workspace.use_tool("rotate")
    tool = workspace.canvas.tool
    with monkeypatch.context() as closed:
        closed.setattr(Project, "table", None)
        tool.press(mouse_at(X + 599, Y))
        tool.move(mouse_at(X + 299.5, Y + 299.5, px=(50.0, 50.0)))
        preview = tool.preview()
    assert preview.text == "90.00°"
    assert len(preview.shapes) == 301
    box = (X + 299.5, Y - 299.5, X + 299.5, Y + 299.5)
    assert preview.shapes[0].bounds == pytest.approx(box)
    assert preview.shapes[1].coords[0] == pytest.approx((X + 299.5, Y - 299.5))
    tool.release(mouse_at(X + 299.5, Y + 299.5, px=(50.0, 50.0)))
    geometry = workspace.project.table("street_lamp").geometry
    assert geometry is not None
    assert shapely.total_bounds(geometry) == pytest.approx(np.array(box))


def mouse_at(x: float, y: float, px: tuple[float, float] = (0.0, 0.0)) -> MapMouse:
    return MapMouse(x, y, px, 1.0, 1000.0)


def test_coordinates_reach_the_map_from_the_window_of_rows(
    qtbot: QtBot, window: MainWindow
) -> None:
    assert window.editing is not None
    assert window.workspace is not None
    canvas, dialog = window.workspace.canvas, window.editing.show_rows()
    dialog.choose("lamps")
    qtbot.keyClicks(dialog.kind_box, "4")
    assert canvas.typing.isVisible()
    canvas.typing._line.setText(f"{Y},{X}")
    qtbot.keyClick(canvas.typing._line, Qt.Key.Key_Return)
    assert canvas.tool.latest == (X, Y)
    # Digits are the value of a field with a number; a step can only be meant for the map.
    dialog.spacing.selectAll()
    qtbot.keyClicks(dialog.spacing, "25")
    assert dialog.spacing.value() == 25
    qtbot.keyClicks(dialog.spacing, "@")
    canvas.typing._line.setText("@0,100")
    qtbot.keyClick(canvas.typing._line, Qt.Key.Key_Return)
    assert canvas.tool.latest == (X + 100, Y)
    dialog.close()
