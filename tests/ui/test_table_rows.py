from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from hjgis import paths
from hjgis.i18n import grouped
from hjgis.layers.project import Project
from hjgis.ui.bridge import Bridge
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels import table_rows
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.panels.table_commands import BY_ID, COMMANDS, MENU, TOOL_ROW
from hjgis.ui.selection import Selection
from tests.rest import rest
from tests.ui.table_panel import COUNT, click_heading, column, fill, shown


@pytest.fixture
def filled(project: Project) -> Project:
    fill(project)
    return project


@pytest.fixture
def large(qtbot: QtBot, filled: Project, monkeypatch: pytest.MonkeyPatch) -> TablePanel:
    """A table that takes its thousand rows for many."""
    monkeypatch.setattr(table_rows, "AT_ONCE", 10)
    made = TablePanel(filled, Bridge(filled.session), Selection())
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: not made.finder.busy)
    yield made
    made.stop()


def test_many_rows_are_found_in_the_background(qtbot: QtBot, large: TablePanel) -> None:
    assert large.model.rowCount() == COUNT
    click_heading(large, "well_depth_m")
    click_heading(large, "well_depth_m")
    assert large.finder.busy
    qtbot.waitUntil(lambda: not large.finder.busy)
    assert shown(large, "exp_no", range(1)) == ["M0006"]


def test_the_newest_question_is_answered(qtbot: QtBot, large: TablePanel) -> None:
    resets: list[int] = []
    large.model.modelReset.connect(lambda: resets.append(large.model.rowCount()))
    for letter in "m001":
        large.filter_bar._quick.setText(large.filter_bar._quick.text() + letter)
    qtbot.waitUntil(lambda: not large.finder.busy)
    assert resets == [10]
    assert shown(large, "exp_no", range(1)) == ["M0010"]


def test_a_question_can_be_given_up(qtbot: QtBot, large: TablePanel) -> None:
    large.filter_bar._quick.setText("m001")
    assert large.finder.busy
    large._busy.click()
    assert not large.finder.busy
    rest(qtbot, large)
    assert large.model.rowCount() == COUNT


def test_rows_that_the_search_index_finds_are_not_searched_again(
    qtbot: QtBot, filled: Project
) -> None:
    asked: list[tuple[str, str]] = []

    def search(layer: str, text: str) -> np.ndarray | None:
        asked.append((layer, text))
        return np.array([9, 3], np.int64) if text == "ready" else None

    panel = TablePanel(filled, Bridge(filled.session), Selection(), search=search)
    qtbot.addWidget(panel)
    panel.filter_bar._quick.setText("ready")
    assert panel.model.fids.tolist() == [3, 9]
    click_heading(panel, "exp_no")
    click_heading(panel, "exp_no")
    assert panel.model.fids.tolist() == [9, 3]
    panel.filter_bar._quick.setText("M0007")
    assert panel.model.fids.tolist() == [8]
    assert ("manhole", "M0007") in asked


def test_group_totals_count_the_rows_and_a_click_shows_a_group(
    qtbot: QtBot, filled: Project
) -> None:
    panel = TablePanel(filled, Bridge(filled.session), Selection())
    qtbot.addWidget(panel)
    panel.show()
    panel.do("groups")
    pane = panel.groups
    pane.by.setCurrentIndex(pane.by.findData("road_name"))
    pane.of.setCurrentIndex(pane.of.findData("well_depth_m"))
    rows = [
        [pane.tree.topLevelItem(row).text(at) for at in range(6)]
        for row in range(pane.tree.topLevelItemCount())
    ]
    total = sum(number % 7 for number in range(COUNT))
    assert rows[0][:3] == ["All rows", grouped(1000), grouped(total, ".2f")]
    assert sorted(row[:2] for row in rows[1:]) == [["建设街", "500"], ["胜利路", "500"]]
    pane.tree.itemClicked.emit(pane.tree.topLevelItem(1), 0)
    assert panel.model.rowCount() == 500
    assert pane.tree.topLevelItemCount() == 3
    pane.tree.itemClicked.emit(pane.tree.topLevelItem(0), 0)
    assert panel.model.rowCount() == COUNT


def test_large_groups_are_counted_in_the_background(
    qtbot: QtBot, large: TablePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hjgis.ui.panels import table_groups

    monkeypatch.setattr(table_groups, "AT_ONCE", 10)
    large.show()
    large.do("groups")
    qtbot.waitUntil(lambda: large.groups.tree.topLevelItemCount() > 1)


def test_columns_stay_as_they_were_arranged(qtbot: QtBot, filled: Project, tmp_path) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)

    def panel() -> TablePanel:
        made = TablePanel(filled, Bridge(filled.session), Selection())
        qtbot.addWidget(made)
        made.restore(kept)
        return made

    first = panel()
    view = first.view
    view.setColumnHidden(column(first, "remarks"), True)
    header = view.horizontalHeader()
    header.moveSection(header.visualIndex(column(first, "map_no")), 0)
    view.setColumnWidth(column(first, "map_no"), 177)
    first.show_layer("pipe_line")
    first.show_layer("manhole")
    first.keep(kept)
    for made in (first, panel()):
        shown_columns = made.view.visible_columns()
        assert shown_columns[0] == column(made, "map_no")
        assert made.view.columnWidth(shown_columns[0]) == 177
        assert column(made, "remarks") not in shown_columns


def test_unreadable_columns_are_left_out(qtbot: QtBot, filled: Project, tmp_path) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    for text in ("{", "[]", '{"manhole": 5}', '{"manhole": {"order": ["?"]}}'):
        kept.setValue("table_columns", text)
        panel = TablePanel(filled, Bridge(filled.session), Selection())
        qtbot.addWidget(panel)
        panel.restore(kept)
        assert panel.view.visible_columns()


def test_a_restored_width_fits_a_screen(qtbot: QtBot, filled: Project, tmp_path) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    text = '{"manhole": {"order": ["exp_no"], "hidden": [], "widths": {"exp_no": 9999999}}}'
    kept.setValue("table_columns", text)
    panel = TablePanel(filled, Bridge(filled.session), Selection())
    qtbot.addWidget(panel)
    panel.restore(kept)
    assert panel.view.columnWidth(column(panel, "exp_no")) <= 2000


def test_every_command_has_words_a_hint_an_icon_and_a_place() -> None:
    for command in COMMANDS:
        assert command.words
        assert command.hint
        assert (paths.resources() / "icons" / f"{command.icon}.svg").exists()
        assert command.id in MENU
    assert {*TOOL_ROW, *MENU} - {""} == set(BY_ID)


def test_five_rows_fit_the_dock_of_a_small_screen(qtbot: QtBot, window: MainWindow) -> None:
    assert window.docks is not None
    window.docks.open_table("manhole")
    qtbot.waitUntil(lambda: window.docks.table.view.isVisible())
    view = window.docks.table.view
    assert window.docks.bottom.height() <= 260
    assert view.viewport().height() // view.verticalHeader().defaultSectionSize() >= 5


def test_keys_of_the_table_do_not_edit_the_map(qtbot: QtBot, window: MainWindow) -> None:
    assert window.docks is not None
    assert window.workspace is not None
    window.docks.open_table("manhole")
    table = window.docks.table
    table.view.setCurrentIndex(table.model.index(0, column(table, "exp_no")))
    table.view.setFocus()
    before = window.workspace.project.count("manhole")
    qtbot.keyClick(table.view, Qt.Key.Key_Delete)
    assert window.workspace.project.count("manhole") == before
    assert table.model.shown(0, column(table, "exp_no")) == ""
