"""The keyboard reaches every panel of the main window and every action."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from hjgis.ui.keyboard import name_beside
from hjgis.ui.main_window import MainWindow


def panel(window: MainWindow) -> str:
    """Return where the keyboard is."""
    now, docks = QApplication.focusWidget(), window.docks
    assert now is not None
    assert docks is not None
    parts = {
        "map": window.workspace.canvas,
        "layers": docks.left,
        "right": docks.right,
        "bottom": docks.bottom,
    }
    return next(name for name, part in parts.items() if part is now or part.isAncestorOf(now))


def test_one_key_goes_from_the_map_round_the_panels_and_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.docks.show_targets()
    window.activateWindow()
    window.workspace.canvas.setFocus()
    been = []
    for _step in range(5):
        been.append(panel(window))
        window.do("next-panel")
        QApplication.processEvents()
    assert been == ["map", "layers", "right", "bottom", "map"]


def test_every_action_is_reached_from_the_menu_bar_by_the_keyboard(window: MainWindow) -> None:
    reached: set[str] = set()

    def walk(menu: QMenu) -> None:
        for action in menu.actions():
            if action.menu() is not None:
                walk(action.menu())
            else:
                reached.add(action.objectName() or action.iconText())

    for action in window.menuBar().actions():
        walk(action.menu())
    own = window.actions_by_id
    menus = {own[name].objectName() or own[name].iconText() for name in own.specs}
    keyed = {own[n].objectName() or own[n].iconText() for n, spec in own.specs.items() if spec.keys}
    assert menus - reached - keyed == set()


@pytest.fixture
def board(qtbot: QtBot) -> QWidget:
    """A window with parts and words beside them."""
    made = QWidget()
    made.setWindowTitle("Window")
    made.resize(400, 300)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_part_is_called_by_its_hint_its_label_or_its_window(board: QWidget) -> None:
    hinted, labelled, under, alone = (QLineEdit(board) for _ in range(4))
    hinted.setPlaceholderText("Search")
    left, above = QLabel("Depth:", board), QLabel("Road", board)
    left.setGeometry(10, 50, 60, 20)
    labelled.setGeometry(80, 50, 100, 20)
    above.setGeometry(10, 100, 100, 20)
    under.setGeometry(10, 122, 100, 20)
    alone.setGeometry(10, 250, 100, 20)
    for part in (hinted, labelled, under, alone, left, above):
        part.show()
    assert [name_beside(one) for one in (hinted, labelled, under, alone)] == [
        "Search",
        "Depth",
        "Road",
        "Window",
    ]


def test_tab_leads_out_of_a_table(board: QWidget) -> None:
    table, line = QTableWidget(2, 2, board), QLineEdit(board)
    table.setGeometry(10, 10, 200, 100)
    line.setGeometry(10, 150, 100, 20)
    table.show()
    line.show()
    board.activateWindow()
    table.setFocus()
    QApplication.processEvents()
    QTest.keyClick(table, Qt.Key.Key_Tab)
    assert line.hasFocus()
