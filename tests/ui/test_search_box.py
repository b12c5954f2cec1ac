"""The box that finds everything, on a small window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.edits.records import add_records
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import FeatureKey
from hjgis.models.search import search_words
from hjgis.settings import Settings
from hjgis.ui.actions.action_table import ACTIONS
from hjgis.ui.main_window import MainWindow
from hjgis.ui.search.search_box import SearchBox
from hjgis.ui.search.search_list import AnswerModel
from hjgis.ui.search.search_sources import Entry, Section


@pytest.fixture
def ready(qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]) -> MainWindow:
    space = window.workspace
    assert space is not None
    first, *_others = [key for key in keys.values() if key.layer == "manhole"]
    values = {"component_name": "人民路污水井", "road_name": "人民路", "exp_no": "WS-0012"}
    space.apply(set_values(space.project, [first], values))
    qtbot.waitUntil(lambda: space.search.is_ready and not window.jobs.busy)
    return window


def ask(window: MainWindow, text: str) -> SearchBox:
    box = window.search_box
    box.open()
    QTest.keyClicks(box, text) if text.isascii() else box.setText(text)
    box.answer()
    return box


def rows(box: SearchBox) -> list[Section | Entry]:
    model = model_of(box)
    return [model.row(row) for row in range(model.rowCount())]


def model_of(box: SearchBox) -> AnswerModel:
    model = box.view.model()
    assert isinstance(model, AnswerModel)
    return model


def titles(box: SearchBox) -> list[str]:
    return [row.title for row in rows(box)]


def test_ctrl_k_takes_the_keyboard_and_esc_gives_it_back(qtbot: QtBot, ready: MainWindow) -> None:
    assert ready.workspace is not None
    canvas = ready.workspace.canvas
    canvas.setFocus()
    ready.actions_by_id["search"].trigger()
    assert ready.search_box.hasFocus()
    assert ready.search_box.is_open
    QTest.keyClick(ready.search_box, Qt.Key.Key_Escape)
    assert canvas.hasFocus()
    assert not ready.search_box.is_open
    assert ready.search_box.text() == ""


def test_before_anything_is_typed_it_says_what_can_be(ready: MainWindow) -> None:
    assert "For example" in titles(ask(ready, ""))


@pytest.mark.parametrize("text", ["人民路污水", "rml ws", "ws-0012", "0012", "ＷＳ００１２"])
def test_enter_on_a_feature_selects_it_and_opens_its_form(ready: MainWindow, text: str) -> None:
    space, docks = ready.workspace, ready.docks
    assert space is not None
    assert docks is not None
    docks.right.hide()
    box = ask(ready, text)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert space.selection.layer == "manhole"
    (fid,) = space.selection.fids.tolist()
    (feature,) = space.project.store.features("manhole", [fid])
    assert feature.values["exp_no"] == "WS-0012"
    assert not docks.right.isHidden()
    assert feature.geometry is not None
    frame = space.canvas.frame
    assert (frame.center_x, frame.center_y) == pytest.approx(feature.geometry.coords[0][:2])
    assert not box.is_open


def test_ctrl_enter_selects_all_that_is_found_in_the_layer(ready: MainWindow) -> None:
    space = ready.workspace
    assert space is not None
    everyone = [FeatureKey("manhole", u) for u in space.project.table("manhole", []).uuids]
    space.apply(set_values(space.project, everyone, {"remarks": "冒溢"}))
    box = ask(ready, "冒溢")
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(space.selection) == len(everyone)


def test_a_road_leads_to_the_features_along_it(ready: MainWindow) -> None:
    space = ready.workspace
    assert space is not None
    box = ask(ready, "rml")
    (road,) = [row for row in rows(box) if isinstance(row, Entry) and row.title == "人民路"]
    assert road.act is not None
    road.act()
    assert len(space.selection) == 1


def test_a_command_is_done_and_one_that_cannot_be_says_why(ready: MainWindow) -> None:
    assert ready.docks is not None
    box = ask(ready, "打开属性表")
    assert box.view.entry is not None
    assert box.view.entry.title == "Attribute table"
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert not ready.docks.bottom.isHidden()
    box = ask(ready, "delete selected")
    assert box.view.entry is not None
    assert box.view.entry.why_not == "Select something first."
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.is_open


@pytest.mark.parametrize("text", ["full extent", "全图显示", "qtxs", "quantuxianshi"])
def test_commands_are_found_in_both_languages_and_by_others_names(
    ready: MainWindow, text: str
) -> None:
    assert "Full extent" in titles(ask(ready, text))


def test_a_layer_is_shown_and_its_table_opened(ready: MainWindow) -> None:
    assert ready.docks is not None
    box = ask(ready, "@检查井")
    assert [row.title for row in rows(box)] == ["Layers", "Manhole"]
    QTest.keyClick(box, Qt.Key.Key_Return)
    asset = ready.docks.table.model.asset
    assert asset is not None
    assert asset.id == "manhole"


def test_layers_stand_before_commands(ready: MainWindow) -> None:
    found = titles(ask(ready, "pa"))
    assert found.index("Park or square") < found.index("Paste")


def test_coordinates_are_gone_to(ready: MainWindow) -> None:
    assert ready.workspace is not None
    box = ask(ready, "4528700, 428400")
    QTest.keyClick(box, Qt.Key.Key_Return)
    frame = ready.workspace.canvas.frame
    assert (frame.center_x, frame.center_y) == pytest.approx((428_400, 4_528_700), abs=1)


def test_bookmarks_and_recent_projects_are_found(qtbot: QtBot, project: Project) -> None:
    window = MainWindow(project, Settings(recent=("/nowhere/陕坝镇.gpkg",)))
    qtbot.addWidget(window)
    window.show()
    assert window.workspace is not None
    assert window.bookmarks is not None
    window.bookmarks.bookmarks.add("陕坝东门", window.workspace.canvas.frame)
    box = ask(window, "sb")
    assert {"陕坝东门", "陕坝镇.gpkg"} <= set(titles(box))
    with qtbot.waitSignal(window.open_requested):
        (entry,) = [row for row in rows(box) if row.title == "陕坝镇.gpkg"]
        assert isinstance(entry, Entry)
        assert entry.act is not None
        entry.act()
    window.close()


def test_what_is_being_composed_is_not_searched_and_keeps_its_enter(ready: MainWindow) -> None:
    box = ask(ready, "")
    before = titles(box)
    QApplication.sendEvent(box, QInputMethodEvent("renmin", []))
    QTest.keyClick(box, Qt.Key.Key_Return)
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.is_open
    assert box.text() == ""
    assert titles(box) == before
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.is_open
    event = QInputMethodEvent()
    event.setCommitString("人民路污水")
    QApplication.sendEvent(box, event)
    box.answer()
    assert "人民路污水井" in " ".join(
        f"{row.title} {row.second}" for row in rows(box) if isinstance(row, Entry)
    )
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert not box.is_open


@pytest.mark.parametrize(
    "text",
    ['"', "*", "NEAR(", "OR", "x" * 9_999, "路 " * 999, "😀", "𠮷", "㐂", "مرحبا", "a\0b", "%_'"],
)  # fmt: skip
def test_whatever_is_typed_is_answered(ready: MainWindow, text: str) -> None:
    box = ready.search_box
    box.open()
    box.setText(text)
    box.answer()
    assert box.is_open


def test_nothing_found_says_what_was_searched(ready: MainWindow) -> None:
    box = ask(ready, "zzzqqq")
    assert rows(box) == []
    assert "zzzqqq" in box._words.text()
    # There is nothing that Enter could do.
    assert not box._keys.isVisible()
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.is_open


def test_arrows_pass_over_headings_and_join_the_ends(ready: MainWindow) -> None:
    box = ask(ready, "人民路")
    entries = [row for row in rows(box) if isinstance(row, Entry)]
    assert box.view.entry is entries[0]
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.view.entry is entries[-1]
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.view.entry is entries[0]


def test_what_was_searched_lately_is_offered(ready: MainWindow) -> None:
    QTest.keyClick(ask(ready, "0012"), Qt.Key.Key_Return)
    box = ask(ready, "")
    assert titles(box)[:2] == ["Searched lately", "0012"]


def test_edits_are_found_at_once(ready: MainWindow, keys: dict[str, FeatureKey]) -> None:
    space = ready.workspace
    assert space is not None
    key = next(key for key in keys.values() if key.layer == "manhole")
    space.apply(set_values(space.project, [key], {"remarks": "夜间照明"}))
    assert space.search.fids("manhole", "yjzm") is not None
    assert len(model_of(ask(ready, "夜间照")).words) == 1
    assert space.search.index.find("夜间照明")
    space.undo()
    assert not space.search.index.find("夜间照明")


def test_a_record_leads_to_its_asset(ready: MainWindow, keys: dict[str, FeatureKey]) -> None:
    space = ready.workspace
    assert space is not None
    key = next(key for key in keys.values() if key.layer == "manhole")
    values = {"date": "2026-05-01", "remarks": "井盖已更换"}
    space.apply(add_records(space.project, [key], values))
    box = ask(ready, "已更换")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert space.selection.keys(space.project) == [key]


def test_without_a_project_commands_are_found(qtbot: QtBot) -> None:
    window = MainWindow(None, Settings())
    qtbot.addWidget(window)
    window.show()
    box = ask(window, "open project")
    assert "Open project" in titles(box)
    window.close()


def test_synonyms_belong_to_commands_and_layers_that_there_are() -> None:
    known = {spec.id for spec in ACTIONS}
    assert set(search_words().synonyms) <= known
    assert set(search_words().layers) <= set(catalogue().types)
