"""The bar that asks who edits: nothing waits for it, and the history carries the name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from hjgis import settings
from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.operators import FACT, Operator, read_operators, store_operators
from hjgis.settings import Settings
from hjgis.ui.app import Desk
from hjgis.ui.main_window import MainWindow
from tests.ui.mouse import click

HERE = (428_015.0, 4_528_020.0)


@pytest.fixture
def nobody(qtbot: QtBot, project: Project, keys: dict[str, FeatureKey]) -> Iterator[MainWindow]:
    """The main window, and nobody has said who works here."""
    del keys
    project.session.operator = ""
    opened = MainWindow(project, Settings())
    qtbot.addWidget(opened)
    opened.show()
    space = opened.workspace
    assert space is not None
    qtbot.waitUntil(lambda: space.layers.is_loaded and not space.canvas.busy)
    yield opened
    opened.release()


def drawn(qtbot: QtBot, window: MainWindow) -> None:
    space = window.workspace
    window.do("draw.manhole")
    click(qtbot, space.canvas, HERE)
    window.do("identify")


def names(window: MainWindow, count: int) -> list[str]:
    entries = window.workspace.project.history.entries(limit=count)
    return [entry.operator for entry in entries]


def test_who_begins_to_draw_is_asked_and_draws_on_undisturbed(
    qtbot: QtBot, nobody: MainWindow
) -> None:
    bar, space = nobody.operator_bar, nobody.workspace
    before = space.project.count("manhole")
    assert not bar.isVisible()
    nobody.do("draw.manhole")
    assert bar.isVisible()
    assert nobody.focusWidget() is space.canvas
    # What is pressed on the bar is not drawn below it.
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.rect().topLeft())
    assert space.project.count("manhole") == before
    click(qtbot, space.canvas, HERE)
    assert space.project.count("manhole") == before + 1
    assert bar.isVisible()


def test_the_name_is_listed_shown_and_written_into_what_was_done_before(
    qtbot: QtBot, nobody: MainWindow
) -> None:
    drawn(qtbot, nobody)
    bar, project = nobody.operator_bar, nobody.workspace.project
    assert names(nobody, 1) == [""]
    bar.line.setFocus()
    bar.line.setText(" 张 三 ")
    with qtbot.waitSignal(nobody.operator_named) as told:
        qtbot.keyClick(bar.line, Qt.Key.Key_Return)
    assert told.args == ["张 三"]
    assert not bar.isVisible()
    assert nobody.focusWidget() is nobody.workspace.canvas
    assert [one.name for one in read_operators(project.info(FACT))] == ["张 三"]
    # The list, and the manhole that was drawn before anybody was asked.
    assert names(nobody, 2) == ["张 三", "张 三"]
    assert nobody.statusBar().findChild(QToolButton, "operator").text() == "张 三"
    drawn(qtbot, nobody)
    assert names(nobody, 1) == ["张 三"]
    assert not bar.isVisible()


def test_who_is_listed_already_is_not_listed_twice(nobody: MainWindow) -> None:
    bar, project = nobody.operator_bar, nobody.workspace.project
    for typed in ("Li Si", "li si"):
        bar.ask_now()
        bar.line.setText(typed)
        bar.take.click()
    assert [one.name for one in read_operators(project.info(FACT))] == ["Li Si"]
    assert project.session.operator == "Li Si"


def test_who_is_listed_answers_with_a_click(nobody: MainWindow) -> None:
    bar, project = nobody.operator_bar, nobody.workspace.project
    nobody.workspace.apply(store_operators(None, [Operator("李四"), Operator("A & B")]))
    # That was an edit of nobody, so that the bar asks already.
    assert bar.isVisible()
    (button,) = [one for one in bar.findChildren(QPushButton) if one.text() == "A && B"]
    button.click()
    assert project.session.operator == "A & B"
    assert not bar.isVisible()


def test_later_is_taken_for_an_answer_until_the_status_bar_is_clicked(
    qtbot: QtBot, nobody: MainWindow
) -> None:
    bar = nobody.operator_bar
    drawn(qtbot, nobody)
    bar.later.click()
    drawn(qtbot, nobody)
    assert not bar.isVisible()
    nobody.statusBar().findChild(QToolButton, "operator").click()
    assert bar.isVisible()
    assert nobody.focusWidget() is bar.line
    qtbot.keyClick(bar.line, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert nobody.focusWidget() is nobody.workspace.canvas


def test_on_a_narrow_map_the_answers_stand_below_the_question(nobody: MainWindow) -> None:
    bar, canvas = nobody.operator_bar, nobody.workspace.canvas
    canvas.setFixedSize(400, 300)
    bar.ask()
    line = bar.words.fontMetrics().lineSpacing()
    assert bar.words.height() < 2 * line
    assert bar.line.y() > bar.words.y()
    canvas.setFixedSize(900, 300)
    assert bar.line.x() > bar.words.x()


@pytest.mark.parametrize(("typed", "why"), [("  ", "A name is needed"), ("长" * 500, "at most")])
def test_what_is_no_name_is_told_and_asked_again(nobody: MainWindow, typed: str, why: str) -> None:
    bar = nobody.operator_bar
    bar.ask_now()
    bar.line.setText(typed)
    bar.take.click()
    assert why in bar.words.text()
    assert bar.isVisible()
    assert not nobody.workspace.project.session.operator


def test_an_edit_in_a_form_asks_too_and_who_has_a_name_is_not_asked(
    qtbot: QtBot, nobody: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space, bar = nobody.workspace, nobody.operator_bar
    space.project.session.operator = "tester"
    space.apply(set_values(space.project, [keys["A"]], {"remarks": "one"}))
    drawn(qtbot, nobody)
    assert not bar.isVisible()
    space.project.session.operator = ""
    space.apply(set_values(space.project, [keys["A"]], {"remarks": "two"}))
    assert bar.isVisible()


def test_the_next_start_knows_the_name(qapp, project: Project, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HJGIS_CONFIG_DIR", str(tmp_path / "settings"))
    settings.save(Settings(language="en"))
    path = project.path
    project.close()
    desk = Desk(qapp)
    assert desk.open(path)
    bar = desk.window.operator_bar
    bar.ask_now()
    bar.line.setText("王五")
    bar.take.click()
    desk.window.close()
    assert settings.load().operator == "王五"
