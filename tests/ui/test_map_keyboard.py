"""The windows that make maps, with the keyboard and read aloud: names, order, input methods."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hjgis.models.own_themes import copied_theme
from hjgis.models.themes import Portrayal, Theme, theme
from hjgis.ui.main_window import MainWindow
from hjgis.ui.mapsheet.window import MapWindow
from hjgis.ui.themes.editor import ThemeEditor

NAMES = {"en": "Test", "zh_CN": "Test"}
# One of each kind of form: all of its controls are seen in one of them.
LOOKS = (
    Portrayal("manhole", "categories", field="cover_kind"),
    Portrayal("manhole", "graduated", field="well_depth_m", scheme="user", breaks=(1.0,)),
    Portrayal("manhole", "graduated", field="well_depth_m"),
    Portrayal("manhole", "size", field="well_depth_m"),
    Portrayal("manhole", "density", cells="square", measure="sum", field="well_depth_m"),
    Portrayal("manhole", "coverage", radius_m=300),
    Portrayal("manhole", "dots", per=2),
    Portrayal("manhole", "target", target="cover-units"),
)
COLUMN = 8


@pytest.fixture
def sheet(qtbot: QtBot, window: MainWindow) -> Iterator[MapWindow]:
    opened = window.map_window()
    qtbot.addWidget(opened)
    opened.show()
    qtbot.waitUntil(lambda: not opened.busy, timeout=30_000)
    yield opened
    opened.close()


@pytest.fixture
def editor(qtbot: QtBot, window: MainWindow) -> ThemeEditor:
    assert window.theming is not None
    opened = window.theming.open_editor()
    opened.choose(copied_theme(theme("lamps"), ()))
    qtbot.waitUntil(lambda: not opened.busy)
    return opened


def stops(window: QWidget) -> list[QWidget]:
    """Return where the Tab key stops, in its order, from the first one of the window on."""
    found, at = [], window.nextInFocusChain()
    while at is not window:
        part = isinstance(at.parentWidget(), QAbstractSpinBox | QComboBox)
        tabbed = at.focusPolicy() & Qt.FocusPolicy.TabFocus
        if tabbed and not part and at.isVisible() and at.window() is window:
            found.append(at)
        at = at.nextInFocusChain()
    return found


def name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def nameless(window: QWidget) -> list[str]:
    return [f"{type(one).__name__} {one.geometry()}" for one in stops(window) if not name(one)]


def jumps(window: QWidget) -> list[str]:
    """Return where Tab goes neither down nor to what stands at the right."""
    where = [(name(one), place(one, window)) for one in stops(window)]
    return [
        f"{before} -> {after}"
        for (before, a), (after, b) in pairwise(where)
        if b.top() < a.bottom() - COLUMN and b.left() < a.right() - COLUMN
    ]


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def test_every_stop_in_the_window_of_sheets_has_a_name_and_tab_follows_the_eye(
    sheet: MapWindow,
) -> None:
    for item in sheet.design.wish.sheet.items:
        sheet.items.choose(item.id)
        assert len(stops(sheet)) > 20
        assert nameless(sheet) == []
        assert jumps(sheet) == []


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.method)
def test_every_stop_in_the_window_of_themes_has_a_name_and_tab_follows_the_eye(
    editor: ThemeEditor, look: Portrayal
) -> None:
    editor.choose(Theme("own-1", NAMES, (), ("manhole",), (look,)))
    QApplication.processEvents()
    assert len(stops(editor)) > 12
    assert nameless(editor) == []
    assert jumps(editor) == []


def test_every_stop_in_the_window_of_series_has_a_name_and_tab_follows_the_eye(
    qtbot: QtBot, sheet: MapWindow
) -> None:
    dialog = sheet.series_dialog()
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.busy)
    assert nameless(dialog) == []
    assert jumps(dialog) == []
    assert dialog.write.isDefault()
    assert not dialog.all.autoDefault()
    assert not dialog.none.autoDefault()
    dialog.close()


def composes(line: QWidget) -> None:
    line.setFocus()
    QApplication.sendEvent(line, QInputMethodEvent("ditu", []))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        QTest.keyClick(line, key)


def commits(line: QWidget, words: str) -> None:
    done = QInputMethodEvent("", [])
    done.setCommitString(words)
    QApplication.sendEvent(line, done)


def lines(window: QWidget) -> list[QWidget]:
    """Return what words are typed into."""
    found = [
        one
        for one in window.findChildren(QLineEdit)
        if not isinstance(one.parentWidget(), QAbstractSpinBox) and not one.isReadOnly()
    ]
    return [*found, *window.findChildren(QPlainTextEdit)]


def test_enter_and_esc_while_words_are_composed_do_nothing_in_the_window_of_sheets(
    sheet: MapWindow,
) -> None:
    before = sheet.design.wish
    assert len(lines(sheet)) == 3
    for line in lines(sheet):
        composes(line)
        assert sheet.isVisible()
        assert sheet.design.wish == before
        commits(line, "")
    commits(sheet.choices.title, "排水管网图")
    assert sheet.design.wish.title == "排水管网图"


def test_enter_and_esc_while_words_are_composed_do_nothing_in_the_window_of_themes(
    editor: ThemeEditor,
) -> None:
    editor.choose(Theme("own-1", NAMES, (), ("manhole",), LOOKS[1:2]))
    before = editor.draft
    assert len(lines(editor)) == 4
    for line in lines(editor):
        composes(line)
        assert editor.isVisible()
        assert editor.draft == before
        commits(line, "")
    editor.name.clear()
    commits(editor.name, "井盖图")
    QTest.keyClick(editor.name, Qt.Key.Key_Return)
    assert editor.draft.label["zh_CN"] == "井盖图"


def test_a_word_in_the_legend_is_composed_to_its_end(qtbot: QtBot, editor: ThemeEditor) -> None:
    look = Portrayal("pipe_line", "categories", field="kind")
    editor.choose(Theme("own-1", NAMES, (), ("pipe_line",), (look,)))
    table = editor.form.values
    qtbot.waitUntil(lambda: not editor.busy and table.rowCount() > 0)
    table.setCurrentCell(0, 1)
    QTest.keyClick(table, Qt.Key.Key_F2)
    line = table.findChild(QLineEdit)
    line.selectAll()
    composes(line)
    assert editor.isVisible()
    assert table.findChild(QLineEdit) is line
    commits(line, "给水")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editor.draft.portrayals[0].words is not None)
    assert list((editor.draft.portrayals[0].words or {}).values()) == ["给水"]


def test_the_name_of_a_layout_is_composed_to_its_end(qtbot: QtBot, sheet: MapWindow) -> None:
    dialog = sheet.layouts.name_dialog()
    qtbot.addWidget(dialog)
    dialog.show()
    assert nameless(dialog) == []
    composes(dialog.line)
    assert dialog.isVisible()
    dialog.line.clear()
    commits(dialog.line, "局办用图")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
