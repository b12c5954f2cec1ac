from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QMessageBox,
    QTableView,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from hjgis import i18n, paths, settings
from hjgis.edits.add import add_feature
from hjgis.edits.move import move_node
from hjgis.layers import geometry_blob
from hjgis.layers.project import Project
from hjgis.layers.sketches import SketchFile
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.crs import parse_crs
from hjgis.settings import Settings
from hjgis.ui import file_dialogs, screenshot
from hjgis.ui.actions import action_table
from hjgis.ui.actions.needs import State
from hjgis.ui.actions.tool_row import ToolRow
from hjgis.ui.app import Desk
from hjgis.ui.binding import screen_room
from hjgis.ui.dialogs import confirming
from hjgis.ui.main_window import MainWindow, layout_file
from hjgis.ui.window.status_bar import read_scale, scale_text, short_name
from hjgis.ui.workspace import Workspace
from tests.network import PLACES
from tests.ui.mouse import labels, lock_layer

Keys = dict[str, FeatureKey]


def on(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def words(window: MainWindow) -> str:
    bar = window.statusBar()
    parts = (*bar.findChildren(QLabel), *bar.findChildren(QToolButton))
    return " | ".join(part.text() for part in parts)


# look


def test_the_map_keeps_more_than_half_of_a_small_window(window: MainWindow) -> None:
    canvas = on(window).canvas
    share = canvas.width() * canvas.height() / (window.width() * window.height())
    assert (window.width(), window.height()) == (1366, 768)
    assert share >= 0.55


def test_every_tool_of_the_row_fits_a_small_window(window: MainWindow) -> None:
    (extension,) = window.findChildren(QToolButton, "qt_toolbar_ext_button")
    assert not extension.isVisible()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_all_menus_and_tools_are_in_reach_on_a_laptop_at_150_percent(
    qtbot: QtBot, project: Project, language: str
) -> None:
    i18n.set_language(language)
    window = MainWindow(project, Settings(language=language))
    qtbot.addWidget(window)
    window.resize(911, 512)
    window.show()
    for name in ("qt_menubar_ext_button", "qt_toolbar_ext_button"):
        (more,) = window.findChildren(QToolButton, name)
        qtbot.waitUntil(more.isHidden)
    assert window.search_box.width() >= 120
    window.resize(1366, 768)
    assert window.search_box.width() > 200
    (row,) = window.findChildren(ToolRow)
    check = row.widgetForAction(window.actions_by_id["check"])
    qtbot.waitUntil(lambda: check.width() > 2 * check.height())
    window.release()


def test_every_action_has_icon_words_key_and_hint_and_stands_in_a_menu_or_the_row() -> None:
    listed = {entry for _title, entries in action_table.MENUS for entry in entries}
    listed |= {entry for *_t, entries in action_table.SUBMENUS.values() for entry in entries}
    listed |= set(action_table.BOOKMARK_ENTRIES)
    for spec in action_table.ACTIONS:
        assert (paths.resources() / "icons" / f"{spec.icon}.svg").is_file(), spec.id
        assert spec.words, spec.id
        assert spec.keys, spec.id
        assert spec.hint, spec.id
        assert spec.id in listed | set(action_table.TOOL_ROW), spec.id


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_each_menu_opens_with_alt_and_a_letter_of_its_own(
    qtbot: QtBot, project: Project, language: str
) -> None:
    i18n.set_language(language)
    window = MainWindow(project, Settings(language=language))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    menus = window.menuBar().actions()
    letters = [re.findall("&(.)", action.text()) for action in menus]
    assert all(len(found) == 1 for found in letters)
    assert len({found[0].upper() for found in letters}) == len(menus)
    taken = [key for spec in window.actions_by_id.specs.values() for key in spec.keys]
    for action, (letter,) in zip(menus, letters, strict=True):
        assert f"Alt+{letter.upper()}" not in taken
        qtbot.keyClick(
            window, getattr(Qt.Key, f"Key_{letter.upper()}"), Qt.KeyboardModifier.AltModifier
        )
        menu = action.menu()
        qtbot.waitUntil(menu.isVisible)
        menu.close()
    qtbot.keyClick(window, Qt.Key.Key_F10)
    qtbot.waitUntil(menus[0].menu().isVisible)
    menus[0].menu().close()
    window.release()


def test_each_asset_is_drawn_by_a_key_of_its_own(window: MainWindow) -> None:
    specs = [window.actions_by_id.specs[name] for name in window.actions_by_id.draw_ids]
    assert all(spec.icon and spec.hint for spec in specs)
    keys = [key for spec in window.actions_by_id.specs.values() for key in spec.keys]
    without = {spec.id.removeprefix(action_table.DRAW) for spec in specs if not spec.keys}
    assert window.workspace is not None
    assert without == {asset.id for asset in window.workspace.project.more_kinds}
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    "state",
    [
        State(),
        State(has_project=True),
        State(has_project=True, selected=2, selection_locked=True),
        State(has_project=True, selected=2, read_only_reason="It can only be read."),
    ],
    ids=["no project", "nothing selected", "locked", "read only"],
)
def test_an_action_that_cannot_be_done_says_why(window: MainWindow, state: State) -> None:
    actions = window.actions_by_id
    actions.refresh(state)
    for name, spec in actions.specs.items():
        why = spec.need(state) if spec.need else ""
        assert actions[name].isEnabled() == (not why)
        assert not why or actions[name].toolTip() == why
    # Editing is what needs most; each of these states lacks something for it.
    assert not actions["merge"].isEnabled()


def test_no_key_means_two_things() -> None:
    keys = [key for spec in action_table.ACTIONS for key in spec.keys]
    assert len(keys) == len(set(keys))


def test_icons_are_of_one_style() -> None:
    for path in sorted((paths.resources() / "icons").glob("*.svg")):
        text = path.read_text("utf-8")
        assert 'viewBox="0 0 24 24"' in text, path.name
        assert set(re.findall(r'stroke-width="([^"]*)"', text)) == {"1.5"}, path.name
        assert set(re.findall(r'(?:stroke|fill)="([^"]*)"', text)) == {"none", "currentColor"}


def test_status_bar_says_where_at_which_scale_and_in_which_system(window: MainWindow) -> None:
    canvas = on(window).canvas
    canvas.set_denominator(2000)
    canvas.mouse_moved.emit(428_245.3, 4_528_396.12)
    said = words(window)
    assert "X(N) 4528396.12  Y(E) 428245.30" in said
    assert "CGCS2000 3°108" in said
    assert "tester" in said
    assert "Saved" in said


@pytest.mark.parametrize(
    ("typed", "denominator"),
    [
        ("1:500", 500),
        ("500", 500),
        ("1：2 000", 2000),
        ("1:25,000", 25_000),
        ("a", None),
        ("0", None),
    ],
)
def test_scales_are_read_as_people_write_them(typed: str, denominator: float | None) -> None:
    assert read_scale(typed) == denominator


def test_a_scale_that_is_shown_can_be_read_again() -> None:
    assert read_scale(scale_text(123_456)) == 123_456


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("EPSG:4545", "CGCS2000 3°108"),
        ("EPSG:4509", "CGCS2000 6°117"),
        ("EPSG:3857", "WGS 84 / Pseudo-Mercator"),
    ],
)
def test_short_names_of_systems(code: str, name: str) -> None:
    assert short_name(parse_crs(code)) == name


# actions


def test_what_cannot_be_done_says_why(window: MainWindow) -> None:
    delete = window.actions_by_id["delete"]
    assert not delete.isEnabled()
    assert delete.toolTip() == "Select something first."
    on(window).selection.set("manhole", [1])
    assert delete.isEnabled()
    lock_layer(on(window), "manhole")
    assert not delete.isEnabled()
    assert "locked" in delete.toolTip()


def test_undo_says_what_it_takes_back(window: MainWindow, project: Project, keys: Keys) -> None:
    on(window).apply(move_node(project, keys["B"], shapely.Point(428_033, 4_528_000)))
    undo, redo = window.actions_by_id["undo"], window.actions_by_id["redo"]
    assert undo.text() == "Undo: Move Manhole"
    undo.trigger()
    assert redo.text() == "Redo: Move Manhole"
    geometry = project.get(keys["B"]).geometry
    assert geometry == shapely.Point(PLACES["B"])


def test_delete_asks_above_ten(
    window: MainWindow, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(*facts: str) -> bool:
        asked.extend(facts[2:])
        return False

    monkeypatch.setattr(confirming, "agreed", refuse)
    for step in range(11):
        place = shapely.Point(428_000 + step, 4_528_050)
        project.session.apply(add_feature(project, "street_lamp", place))
    on(window).selection.set("street_lamp", range(1, 12))
    window.do("delete")
    assert asked == [
        "11 × Street lamp will be deleted. Undo brings them back.", "Delete 11 × Street lamp"
    ]  # fmt: skip
    assert project.count("street_lamp") == 11
    on(window).selection.set("street_lamp", range(1, 11))
    window.do("delete")
    assert len(asked) == 2
    assert project.count("street_lamp") == 1


def test_a_deleted_manhole_leaves_its_pipes_and_can_come_back(
    window: MainWindow, project: Project, keys: Keys
) -> None:
    before = project.content_sha256()
    on(window).selection.set("manhole", [2])
    window.do("delete")
    assert project.get(keys["AB"]).values["to_node"] is None
    assert len(on(window).selection) == 0
    window.do("undo")
    assert project.content_sha256() == before


def test_a_refused_edit_is_told_and_nothing_is_stored(
    window: MainWindow, project: Project, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *facts: told.append(facts[2]))
    stale = move_node(project, keys["B"], shapely.Point(1, 1))
    project.session.apply(move_node(project, keys["B"], shapely.Point(428_033, 4_528_000)))
    before = project.content_sha256()
    on(window).apply(stale)
    assert len(told) == 1
    assert project.content_sha256() == before


def test_ctrl_s_says_that_everything_is_saved(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert "already saved" in on(window).canvas.message.text()
    marked = on(window).project.history.checkpoints()
    assert len(marked) == 1
    assert marked[0].operator == "tester"


def test_edits_of_another_program_come_onto_the_map(window: MainWindow, project: Project) -> None:
    with sqlite3.connect(project.path) as other:
        geometry_blob.register_functions(other)
        other.execute("UPDATE manhole SET exp_no = 'Q' WHERE fid = 1")
    other.close()
    on(window).look_for_foreign_edits()
    assert "Another program" in on(window).canvas.message.text()
    assert "Q" in labels(on(window), "manhole")


def test_a_copy_is_a_whole_project_of_its_own(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = on(window).project
    target = tmp_path / "副本 1.gpkg"
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_facts, **_how: (str(target), ""))
    with qtbot.waitSignal(window.jobs.finished):
        window.do("save-copy")
    with Project.open(target, write=False) as copy:
        assert copy.content_sha256() == project.content_sha256()


def test_a_layer_that_an_import_adds_is_listed_and_drawn(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    assert window.docks is not None
    label = {"en": "Trees", "zh_CN": "树"}
    road = project.asset_type("road")
    trees = replace(road, id="trees", label=label, geometry="Point", style="", display=None)
    project.session.apply(ChangeSet("import", new_layer=trees))
    project.session.apply(add_feature(project, "trees", shapely.Point(428_010, 4_528_010)))
    assert len(window.docks.layer_tree.findItems("Trees", Qt.MatchFlag.MatchExactly)) == 1
    qtbot.waitUntil(lambda: len(on(window).layers["trees"].columns) == 1)


# layer list


def test_layers_are_listed_topmost_first_with_their_counts(window: MainWindow) -> None:
    assert window.docks is not None
    tree = window.docks.layer_tree
    rows = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    listed = {row.text(0): row.text(1) for row in rows if row is not None}
    assert listed["Manhole"] == "3"
    ids = [layer.asset.id for layer in on(window).layers]
    first = tree.topLevelItem(0)
    assert first is not None
    assert first.data(0, Qt.ItemDataRole.UserRole) == ids[-1]


def test_unchecking_a_layer_takes_it_off_the_map(window: MainWindow) -> None:
    assert window.docks is not None
    tree = window.docks.layer_tree
    (row,) = tree.findItems("Manhole", Qt.MatchFlag.MatchExactly)
    row.setCheckState(0, Qt.CheckState.Unchecked)
    assert not on(window).layers["manhole"].visible


def test_a_locked_layer_can_be_read_but_not_edited(window: MainWindow) -> None:
    docks, selection = window.docks, on(window).selection
    assert docks is not None
    view = docks.table.findChild(QTableView)
    assert isinstance(view, QTableView)
    docks.open_table("manhole")
    selection.set("manhole", [1])
    before = view.editTriggers()
    lock_layer(on(window), "manhole")
    assert not docks.attributes.isEnabled()
    assert view.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers
    docks.open_table("pipe_line")
    assert view.editTriggers() == before
    on(window).undo()
    assert docks.attributes.isEnabled()


def test_counts_follow_edits(window: MainWindow, project: Project) -> None:
    assert window.docks is not None
    (row,) = window.docks.layer_tree.findItems("Manhole", Qt.MatchFlag.MatchExactly)
    change = add_feature(project, "manhole", shapely.Point(428_000, 4_528_070))
    on(window).apply(change)
    assert row.text(1) == "4"


def test_a_layer_out_of_its_scales_is_grey(window: MainWindow) -> None:
    assert window.docks is not None
    (row,) = window.docks.layer_tree.findItems("Manhole", Qt.MatchFlag.MatchExactly)
    on(window).canvas.set_denominator(500)
    near = row.foreground(0).color()
    on(window).canvas.set_denominator(100_000)
    assert row.foreground(0).color() != near


# reading only


def test_a_project_open_elsewhere_is_shown_for_reading_with_the_reason(
    qtbot: QtBot, project: Project, keys: Keys
) -> None:
    del keys
    with Project.open_or_read(project.path) as second:
        window = MainWindow(second, Settings())
        qtbot.addWidget(window)
        window.show()
        bar = window.findChild(QLabel, "readOnlyBar")
        assert isinstance(bar, QLabel)
        assert bar.text().startswith(second.read_only_reason)
        assert bar.isVisible()
        move = window.actions_by_id["move-node"]
        assert not move.isEnabled()
        assert move.toolTip() == second.read_only_reason
        window.close()


# the desk


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("HJGIS_CONFIG_DIR", str(tmp_path / "settings"))
    settings.save(Settings(language="en"))
    return Desk(qapp)


def test_a_language_chosen_is_used_at_once_and_the_project_stays_open(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "p.gpkg"
    Project.create(path).close()
    assert desk.open(path)
    desk.use_settings(Settings(language="zh_CN", operator="张三"))
    assert i18n.language() == "zh_CN"
    assert desk.window is not None
    assert on(desk.window).project.path == path
    assert on(desk.window).project.session.operator == "张三"
    assert not on(desk.window).project.read_only
    desk.window.close()
    desk.use_settings(Settings(language="en"))
    assert desk.window is not None
    desk.window.close()


def test_a_file_that_is_no_project_is_told_and_the_start_page_stays(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *facts: told.append(facts[2]))
    path = tmp_path / "notes.gpkg"
    path.write_text("no database")
    desk.begin(path)
    assert len(told) == 1
    assert desk.window is not None
    assert desk.window.workspace is None
    desk.window.close()


def test_the_first_window_is_no_larger_than_the_screen(desk: Desk) -> None:
    desk.begin(None)
    assert desk.window is not None
    room = screen_room().size()
    assert desk.window.width() <= room.expandedTo(desk.window.minimumSizeHint()).width() < 911
    assert desk.window.height() < room.height()
    desk.window.close()


def test_the_window_comes_back_where_it_was(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    Project.create(path).close()
    desk.begin(path)
    first = desk.window
    assert first is not None
    assert first.docks is not None
    # Offscreen, the screen is 800 pixels wide and high, and no window comes back larger.
    first.resize(790, 650)
    first.docks.show_targets()
    first.close()
    assert layout_file().is_file()
    desk.window = None
    desk.begin(path)
    second = desk.window
    assert isinstance(second, MainWindow)
    assert second.docks is not None
    assert second.height() == 650
    assert second.docks.bottom.isVisible()
    second.close()


# pictures


@pytest.mark.parametrize("show", ["main", "start", "form"])
def test_a_screenshot_is_the_window_at_the_size_asked_for(
    qtbot: QtBot, tmp_path: Path, project: Project, keys: Keys, show: str
) -> None:
    del qtbot, keys
    project.close()
    out = tmp_path / f"{show}.png"
    screenshot.take(project.path, out, size=(1366, 768), show=show, extent=None)
    image = QImage(str(out))
    assert (image.width(), image.height()) == (1366, 768)


def test_the_same_screenshot_twice_is_the_same_picture(
    qtbot: QtBot, tmp_path: Path, project: Project, keys: Keys
) -> None:
    del qtbot, keys
    project.close()
    pictures = []
    for name in ("one.png", "two.png"):
        screenshot.take(project.path, tmp_path / name, size=(1000, 700), show="main", extent=None)
        pictures.append(QImage(str(tmp_path / name)))
    assert pictures[0] == pictures[1]


def test_the_draw_button_is_down_while_something_is_drawn(window: MainWindow) -> None:
    (button,) = (b for b in window.findChildren(QToolButton) if b.text() == "Draw")
    assert not button.isChecked()
    window.do("draw.road")
    assert button.isChecked()
    menu = button.menu()
    menu.aboutToShow.connect(menu.hide, Qt.ConnectionType.QueuedConnection)
    button.click()
    assert button.isChecked()
    window.do("pan")
    assert not button.isChecked()


def test_the_tool_row_shows_the_tool_of_a_sketch_that_is_here_again(
    qtbot: QtBot, project: Project
) -> None:
    SketchFile(project.path).keep("road", [(428_000.0, 4_528_000.0), (428_010.0, 4_528_000.0)])
    shown = MainWindow(project, Settings())
    qtbot.addWidget(shown)
    assert shown.actions_by_id["draw.road"].isChecked()
    assert not shown.actions_by_id["identify"].isChecked()
    shown.close()
