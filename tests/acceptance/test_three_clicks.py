"""From the open project to a sheet of paper: three clicks and a file name."""

from __future__ import annotations

from pathlib import Path

import pypdf
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QToolBar
from pytestqt.qtbot import QtBot

from hjgis.i18n import label
from hjgis.models.themes import theme
from hjgis.ui.main_window import MainWindow
from hjgis.ui.mapsheet.window import MapWindow

LEFT = Qt.MouseButton.LeftButton


def click_in_tool_bar(window: MainWindow, action: str) -> None:
    wanted = window.actions_by_id[action]
    for bar in window.findChildren(QToolBar):
        button = bar.widgetForAction(wanted)
        if button is not None:
            QTest.mouseClick(button, LEFT)
            return
    raise AssertionError(f"{action} is not in the tool bar")


def map_window(window: MainWindow) -> MapWindow:
    (found,) = [one for one in window.findChildren(MapWindow) if one.isVisible()]
    return found


def type_name(path: Path) -> None:
    """Type a file name into the dialog that asks for one, once it is there."""

    seen: list[QFileDialog] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            return
        if not seen:
            # It is there, but does not listen to buttons before it runs.
            seen.append(dialog)
            return
        timer.stop()
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        buttons = dialog.findChild(QDialogButtonBox)
        assert name is not None
        assert buttons is not None
        # Its list of names that fit would take the click.
        name.setCompleter(None)
        name.selectAll()
        QTest.keyClicks(name, str(path))
        QTest.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Save), LEFT)

    timer = QTimer(QApplication.instance())
    timer.setInterval(20)
    timer.timeout.connect(look)
    timer.start()


def test_three_clicks_and_a_name_make_an_a3(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    wanted, out = theme("pipes"), tmp_path / "pipes.pdf"
    click_in_tool_bar(window, "map")
    maps = map_window(window)
    themes = maps.choices.themes
    entry = themes.item(themes.themes.index(wanted))
    themes.scrollToItem(entry)
    QTest.mouseClick(themes.viewport(), LEFT, pos=themes.visualItemRect(entry).center())
    type_name(out)
    with qtbot.waitSignal(maps.delivery.delivered, timeout=60_000):
        QTest.mouseClick(maps.delivery.export_button, LEFT)
    (page,) = pypdf.PdfReader(out).pages
    sides = [float(side) * 25.4 / 72 for side in (page.mediabox.width, page.mediabox.height)]
    assert [round(side) for side in sides] == [420, 297]
    words = page.extract_text()
    assert label(wanted.label) in " ".join(words.split())
    assert "1:" in words
    assert out.name in maps.delivery.said.text()


def test_the_window_comes_to_the_front_when_it_is_open(qtbot: QtBot, window: MainWindow) -> None:
    click_in_tool_bar(window, "map")
    first = map_window(window)
    click_in_tool_bar(window, "map")
    assert map_window(window) is first
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert not first.isVisible()
    click_in_tool_bar(window, "map")
    assert map_window(window) is not first


def test_the_main_window_closes_with_the_map_window_open(qtbot: QtBot, window: MainWindow) -> None:
    click_in_tool_bar(window, "map")
    assert map_window(window).busy
    window.close()
    assert not [one for one in window.findChildren(MapWindow) if one.isVisible()]
