from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from hjgis.errors import HjgisError
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.render.frame import MapFrame
from hjgis.settings import Settings
from hjgis.ui.dialogs.bookmarks import BookmarksDialog
from hjgis.ui.dialogs.naming import NameDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.bookmark_menu import BookmarkMenu
from hjgis.ui.map.bookmarks import Bookmark, Bookmarks

FRAME = MapFrame.at_scale((428_000, 4_528_000), 1000, width_px=800, height_px=600)


@pytest.fixture
def places(project: Project) -> Bookmarks:
    """Two places, the first at 1:1000, the second at 1:500."""
    bookmarks = Bookmarks(project)
    bookmarks.add("Market", FRAME)
    bookmarks.add("陕坝东街", replace(FRAME, center_x=429_000, m_per_px=FRAME.m_per_px / 2))
    return bookmarks


def names(bookmarks: Bookmarks) -> list[str]:
    return [place.name for place in bookmarks]


# keeping


def test_places_stay_with_the_project(project: Project, places: Bookmarks) -> None:
    again = list(Bookmarks(project))
    assert [place.name for place in again] == ["Market", "陕坝东街"]
    assert (again[0].x, again[0].y) == (428_000, 4_528_000)
    assert [place.denominator for place in again] == pytest.approx([1000, 500])
    assert list(places) == again


def test_a_name_is_proposed_that_no_place_has(project: Project) -> None:
    bookmarks = Bookmarks(project)
    assert bookmarks.proposed_name() == "Place 1"
    bookmarks.add("Place 2", FRAME)
    assert bookmarks.proposed_name() == "Place 3"


def test_two_places_never_share_a_name(places: Bookmarks) -> None:
    places.add(" Market ", FRAME)
    places.rename(1, "Market")
    assert names(places) == ["Market", "Market (3)", "Market (2)"]


def test_an_empty_name_keeps_the_old_one_and_a_new_place_gets_the_proposal(
    places: Bookmarks,
) -> None:
    places.rename(0, "  ")
    places.add("", FRAME)
    assert names(places) == ["Market", "陕坝东街", "Place 3"]


def test_a_removed_place_is_gone_for_good(project: Project, places: Bookmarks) -> None:
    places.remove(0)
    assert names(places) == names(Bookmarks(project)) == ["陕坝东街"]


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "3",
        '{"name": "x"}',
        '["x"]',
        '[{"name": "x", "x": "east", "y": 1, "denominator": 500}]',
        '[{"name": "x", "x": 1, "y": 1}]',
        '[{"name": "x", "x": NaN, "y": 1, "denominator": 500}]',
        '[{"name": "x", "x": 1, "y": 1e999, "denominator": 500}]',
        '[{"name": "x", "x": 1, "y": 1, "denominator": 0}]',
    ],
)
def test_what_is_no_place_is_left_out(project: Project, text: str) -> None:
    project.set_info("bookmarks", text)
    assert list(Bookmarks(project)) == []


def test_a_good_place_beside_a_bad_one_is_kept(project: Project) -> None:
    good = {"name": "x", "x": 1, "y": 2, "denominator": 500}
    project.set_info("bookmarks", json.dumps([None, good]))
    assert list(Bookmarks(project)) == [Bookmark("x", 1, 2, 500)]


def test_a_project_open_for_reading_keeps_its_places_and_takes_no_more(
    project: Project, places: Bookmarks
) -> None:
    with project.reader() as reader:
        bookmarks = Bookmarks(reader)
        assert bookmarks.read_only_reason
        with pytest.raises(HjgisError):
            bookmarks.add("Third", FRAME)
        assert names(bookmarks) == names(places)


# the menu and the list


def menu_of(window: MainWindow) -> BookmarkMenu:
    return window.findChildren(BookmarkMenu)[0]


def entries(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_ctrl_b_keeps_what_is_seen_and_the_menu_leads_back(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert window.workspace is not None
    canvas = window.workspace.canvas
    canvas.set_denominator(800)
    kept = canvas.frame
    asked: list[str] = []

    def answer(dialog: NameDialog) -> str:
        asked.append(dialog.name)
        return "R&D street"

    monkeypatch.setattr(NameDialog, "ask", answer)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["Place 1"]
    menu = menu_of(window)
    assert entries(menu)[-1] == "R&&D street"
    canvas.show_extent((0, 0, 1000, 1000))
    menu.actions()[-1].trigger()
    assert canvas.frame.extent == pytest.approx(kept.extent)


def test_a_name_that_is_not_given_keeps_nothing(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NameDialog, "ask", lambda _dialog: "")
    before = entries(menu_of(window))
    window.actions_by_id["bookmark-add"].trigger()
    assert entries(menu_of(window)) == before


def test_a_locked_scale_goes_to_a_place_without_zooming(qtbot: QtBot, window: MainWindow) -> None:
    assert window.workspace is not None
    canvas = window.workspace.canvas
    canvas.set_denominator(800)
    canvas.lock_scale(True)
    canvas.show_place(428_000, 4_528_000, 5000)
    assert canvas.frame.scale_denominator == pytest.approx(800)
    assert canvas.frame.center_x == 428_000


def test_a_window_without_the_right_to_write_says_so(
    qtbot: QtBot, project: Project, keys: dict[str, FeatureKey], places: Bookmarks
) -> None:
    project.close()
    other = Project.open(project.path)
    shown = Project.open_or_read(project.path)
    window = MainWindow(shown, Settings())
    qtbot.addWidget(window)
    window.show()
    add, manage = window.actions_by_id["bookmark-add"], window.actions_by_id["bookmarks"]
    assert not add.isEnabled()
    assert shown.read_only_reason
    assert shown.read_only_reason in add.toolTip()
    assert manage.isEnabled()
    assert entries(menu_of(window))[-2:] == names(places)
    window.close()
    other.close()


@pytest.fixture
def dialog(qtbot: QtBot, places: Bookmarks) -> BookmarksDialog:
    opened = BookmarksDialog(places)
    qtbot.addWidget(opened)
    opened.show()
    return opened


def cells(dialog: BookmarksDialog) -> list[list[str]]:
    table = dialog.table
    items = [[table.item(row, column) for column in range(3)] for row in range(table.rowCount())]
    return [[item.text() if item else "" for item in row] for row in items]


def buttons(dialog: BookmarksDialog) -> list[QPushButton]:
    return dialog.findChildren(QPushButton)


def press(qtbot: QtBot, dialog: BookmarksDialog, words: str) -> None:
    (button,) = [one for one in buttons(dialog) if one.text() == words]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_list_shows_name_scale_and_place(dialog: BookmarksDialog) -> None:
    assert cells(dialog)[0] == ["Market", "1:1\u202f000", "4528000.00, 428000.00"]


def test_going_to_a_place_leaves_the_list_open(
    qtbot: QtBot, dialog: BookmarksDialog, places: Bookmarks
) -> None:
    dialog.table.selectRow(1)
    with qtbot.waitSignal(dialog.chosen) as told:
        press(qtbot, dialog, "Go to")
    assert told.args == [places[1]]
    assert dialog.isVisible()


def test_a_name_is_edited_in_the_list(
    qtbot: QtBot, dialog: BookmarksDialog, places: Bookmarks
) -> None:
    dialog.table.selectRow(0)
    press(qtbot, dialog, "Rename")
    editor = dialog.table.findChild(QLineEdit)
    assert editor is not None
    editor.setText("陕坝东街")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(places) == ["陕坝东街 (2)", "陕坝东街"])
    assert cells(dialog)[0][0] == "陕坝东街 (2)"


def test_the_last_place_removed_leaves_nothing_to_press(
    qtbot: QtBot, dialog: BookmarksDialog, places: Bookmarks
) -> None:
    for _place in range(2):
        press(qtbot, dialog, "Remove")
        qtbot.waitUntil(lambda: dialog.table.rowCount() == len(places))
    assert len(places) == 0
    assert [button.isEnabled() for button in buttons(dialog)[:3]] == [False] * 3


def test_trouble_while_storing_is_told(
    qtbot: QtBot, project: Project, monkeypatch: pytest.MonkeyPatch, places: Bookmarks
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *args: told.append(args[-1]))
    with project.reader() as reader:
        dialog = BookmarksDialog(Bookmarks(reader))
        qtbot.addWidget(dialog)
        assert not buttons(dialog)[2].isEnabled()
        dialog._remove_chosen()
    assert len(told) == 1
    assert len(places) == 2
