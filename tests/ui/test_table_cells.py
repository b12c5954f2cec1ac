from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.ui.bridge import Bridge
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.selection import Selection
from tests.ui.table_panel import (
    beside,
    click_heading,
    column,
    compose,
    editor,
    fill,
    go_to,
    select,
    shown,
)

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def filled(project: Project) -> Project:
    fill(project)
    return project


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def panel(qtbot: QtBot, filled: Project, selection: Selection) -> TablePanel:
    made = TablePanel(filled, Bridge(filled.session), selection)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show_layer("manhole")
    made.show()
    qtbot.waitExposed(made)
    return made


def type_into(qtbot: QtBot, panel: TablePanel, row: int, name: str, text: str) -> QLineEdit:
    go_to(panel, row, name)
    qtbot.keyClick(panel.view, Key.Key_F2)
    made = editor(panel)
    line = made.lineEdit() if isinstance(made, QComboBox) else made
    assert isinstance(line, QLineEdit)
    line.clear()
    qtbot.keyClicks(made, text)
    return line


def current(panel: TablePanel) -> tuple[int, str]:
    index = panel.view.currentIndex()
    return index.row(), panel.model.columns[index.column()].name


def test_names_of_features_are_not_filled_down(filled: Project, panel: TablePanel) -> None:
    heard: list[str] = []
    panel.troubled.connect(heard.append)
    panel.model.put(0, column(panel, "remarks"), "all")
    names = shown(panel, "exp_no", range(3))
    select(panel, range(3), "exp_no", "remarks")
    panel.do("fill-down")
    assert shown(panel, "exp_no", range(3)) == names
    assert shown(panel, "remarks", range(3)) == ["all"] * 3
    title = panel.model.columns[column(panel, "exp_no")].title
    assert heard == [f"Not filled down, as it tells features apart: {title}"]


def test_del_does_not_empty_whole_rows_that_were_selected_on_the_map(
    filled: Project, panel: TablePanel, selection: Selection
) -> None:
    heard: list[str] = []
    panel.troubled.connect(heard.append)
    before = filled.content_sha256()
    selection.set("manhole", [2, 3])
    panel.do("empty")
    assert filled.content_sha256() == before
    assert "menu Edit deletes the features" in heard[0]


def test_enter_stores_and_goes_down_tab_goes_right(qtbot: QtBot, panel: TablePanel) -> None:
    type_into(qtbot, panel, 3, "well_depth_m", "2.5")
    qtbot.keyClick(editor(panel), Key.Key_Return)
    assert shown(panel, "well_depth_m", range(3, 4)) == ["2.5"]
    assert current(panel) == (4, "well_depth_m")
    type_into(qtbot, panel, 4, "exp_no", "X4")
    qtbot.keyClick(editor(panel), Key.Key_Tab)
    assert shown(panel, "exp_no", range(4, 5)) == ["X4"]
    assert current(panel) == (4, beside(panel, "exp_no"))


def test_without_an_editor_enter_and_tab_walk_through_the_cells(
    qtbot: QtBot, panel: TablePanel
) -> None:
    go_to(panel, 1, "exp_no")
    qtbot.keyClick(panel.view, Key.Key_Return)
    qtbot.keyClick(panel.view, Key.Key_Tab)
    assert current(panel) == (2, beside(panel, "exp_no"))
    qtbot.keyClick(panel.view, Key.Key_Backtab, Mod.ShiftModifier)
    qtbot.keyClick(panel.view, Key.Key_Return, Mod.ShiftModifier)
    assert current(panel) == (1, "exp_no")


def test_what_does_not_fit_stays_in_its_cell_with_the_reason(
    qtbot: QtBot, filled: Project, panel: TablePanel
) -> None:
    heard: list[str] = []
    panel.troubled.connect(heard.append)
    before = filled.content_sha256()
    line = type_into(qtbot, panel, 3, "well_depth_m", "deep")
    qtbot.keyClick(editor(panel), Key.Key_Return)
    assert line.isVisible()
    assert line.text() == "deep"
    assert "not a number" in line.toolTip()
    assert "not a number" in heard[-1]
    assert filled.content_sha256() == before
    line.setText("1.25")
    qtbot.keyClick(editor(panel), Key.Key_Return)
    assert shown(panel, "well_depth_m", range(3, 4)) == ["1.25"]


def test_unfit_text_is_told_when_the_rows_are_read_anew(qtbot: QtBot, panel: TablePanel) -> None:
    heard: list[str] = []
    panel.troubled.connect(heard.append)
    type_into(qtbot, panel, 3, "well_depth_m", "deep")
    qtbot.keyClick(editor(panel), Key.Key_Return)
    click_heading(panel, "exp_no")
    qtbot.waitUntil(lambda: any("Not stored: deep" in text for text in heard))


def test_escape_gives_up_what_was_typed(qtbot: QtBot, panel: TablePanel) -> None:
    type_into(qtbot, panel, 3, "exp_no", "other")
    qtbot.keyClick(editor(panel), Key.Key_Escape)
    assert shown(panel, "exp_no", range(3, 4)) == ["M0003"]


def test_keys_belong_to_the_input_method_while_it_composes(qtbot: QtBot, panel: TablePanel) -> None:
    line = type_into(qtbot, panel, 3, "remarks", "")
    compose(line, "jinggai")
    for key in (Key.Key_Return, Key.Key_Escape, Key.Key_Tab, Key.Key_F2):
        qtbot.keyClick(line, key)
    assert line.isVisible()
    assert current(panel) == (3, "remarks")
    compose(line, "", "井盖")
    assert line.text() == "井盖"
    qtbot.keyClick(line, Key.Key_Return)
    assert shown(panel, "remarks", range(3, 4)) == ["井盖"]


def test_an_input_method_can_begin_in_a_cell_that_is_not_open(
    qtbot: QtBot, panel: TablePanel
) -> None:
    go_to(panel, 2, "remarks")
    panel.view.setFocus()
    compose(panel.view, "jing")
    line = editor(panel)
    compose(line, "", "井")
    qtbot.keyClick(line, Key.Key_Return)
    assert shown(panel, "remarks", range(2, 3)) == ["井"]


def test_codes_are_chosen_by_pinyin(qtbot: QtBot, panel: TablePanel) -> None:
    from hjgis.i18n import set_language

    set_language("zh_CN")
    type_into(qtbot, panel, 0, "cover_kind", "wsj")
    box = editor(panel)
    assert isinstance(box, QComboBox)
    offered = box.completer().model()
    words = [offered.index(row, 0).data() for row in range(offered.rowCount())]
    assert "污水井盖" in words
    assert "雨水井盖" not in words
    box.completer().popup().hide()
    box.lineEdit().setText("污水井盖")
    panel._delegate.commit(box)
    assert shown(panel, "cover_kind", range(1)) == ["污水井盖"]


def test_ctrl_d_fills_down_and_is_one_undo(
    qtbot: QtBot, filled: Project, panel: TablePanel
) -> None:
    before = filled.content_sha256()
    select(panel, range(2, 6), "road_name", "well_depth_m")
    qtbot.keyClick(panel.view, Key.Key_D, Mod.ControlModifier)
    roads = ["建设街", *["胜利路"] * 4, "胜利路"]
    assert shown(panel, "road_name", range(1, 7)) == roads
    assert shown(panel, "well_depth_m", range(2, 6)) == ["2"] * 4
    filled.session.undo()
    assert filled.content_sha256() == before


def test_del_empties_cells_and_deletes_no_feature(
    qtbot: QtBot, filled: Project, panel: TablePanel
) -> None:
    before = filled.content_sha256()
    select(panel, range(700), "road_name", "exp_no")
    qtbot.keyClick(panel.view, Key.Key_Delete)
    assert filled.count("manhole") == 1000
    assert shown(panel, "road_name", range(699, 701)) == ["", "胜利路"]
    assert shown(panel, "well_depth_m", range(3, 4)) == ["3"]
    filled.session.undo()
    assert filled.content_sha256() == before


def test_one_copied_value_fills_all_selected_cells(
    qtbot: QtBot, filled: Project, panel: TablePanel
) -> None:
    QGuiApplication.clipboard().setText("新路\n")
    select(panel, range(3), "road_name")
    qtbot.keyClick(panel.view, Key.Key_V, Mod.ControlModifier)
    assert shown(panel, "road_name", range(4)) == ["新路"] * 3 + ["建设街"]
    filled.session.undo()
    assert shown(panel, "road_name", range(1)) == ["胜利路"]


def test_the_map_is_told_the_rows_of_selected_cells(
    panel: TablePanel, selection: Selection
) -> None:
    select(panel, range(4, 6), "exp_no", "road_name")
    assert selection.fids.tolist() == [5, 6]
    # The cells stay selected, not their whole rows.
    assert set(panel.view.selected_cells()) == {column(panel, n) for n in ("exp_no", "road_name")}
    panel.do("invert")
    assert len(selection.fids) == 998


def test_shift_space_selects_whole_rows(qtbot: QtBot, panel: TablePanel) -> None:
    select(panel, range(4, 6), "exp_no")
    qtbot.keyClick(panel.view, Key.Key_Space, Mod.ShiftModifier)
    rows = sorted(index.row() for index in panel.view.selectionModel().selectedRows())
    assert rows == [4, 5]


def test_a_click_on_a_heading_sorts_rising_falling_and_not_at_all(panel: TablePanel) -> None:
    for first in ("M0000", "M0006", "M0000"):
        click_heading(panel, "well_depth_m")
        assert shown(panel, "exp_no", range(1)) == [first]
    assert panel.model.order == ()


def test_with_shift_a_table_is_sorted_by_several_columns(
    panel: TablePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    click_heading(panel, "road_name")
    monkeypatch.setattr(
        QGuiApplication, "keyboardModifiers", staticmethod(lambda: Mod.ShiftModifier)
    )
    click_heading(panel, "well_depth_m")
    click_heading(panel, "well_depth_m")
    assert panel.model.order == (("road_name", False), ("well_depth_m", True))
    assert shown(panel, "road_name", range(2)) == ["建设街"] * 2
    assert shown(panel, "well_depth_m", range(2)) == ["6", "6"]
    heading = panel.model.headerData(column(panel, "well_depth_m"), Qt.Orientation.Horizontal)
    assert heading.endswith("▼2")


def test_the_current_cell_is_kept_when_rows_are_sorted(panel: TablePanel) -> None:
    go_to(panel, 6, "exp_no")
    click_heading(panel, "well_depth_m")
    click_heading(panel, "well_depth_m")
    assert current(panel) == (0, "exp_no")
    assert shown(panel, "exp_no", range(1)) == ["M0006"]


def test_places_are_columns_that_are_only_read(panel: TablePanel) -> None:
    index = panel.model.index(5, column(panel, "@east"))
    assert index.data() == "5.00"
    assert not index.flags() & Qt.ItemFlag.ItemIsEditable
    click_heading(panel, "@east")
    click_heading(panel, "@east")
    assert shown(panel, "exp_no", range(1)) == ["M0999"]


def test_the_selected_numbers_are_added_up(qtbot: QtBot, panel: TablePanel) -> None:
    select(panel, range(7), "well_depth_m")
    qtbot.waitUntil(lambda: "sum 21 m" in panel._totals.text())
    assert "mean 3" in panel._totals.text()
    assert "7 rows selected" in panel._totals.text()


def test_copied_cells_are_quoted_and_no_formulas(filled: Project, panel: TablePanel) -> None:
    panel.model.put(0, column(panel, "exp_no"), "=1+1")
    panel.model.put(0, column(panel, "remarks"), 'a "b"\tc')
    select(panel, range(1), "exp_no", "remarks")
    panel.do("copy")
    headings, row = QGuiApplication.clipboard().text().splitlines()
    assert len(headings.split("\t")) == 2
    # Columns in the order of the table: the number stands first.
    assert row == '\'=1+1\t"a ""b""\tc"'


def test_only_rows_that_were_read_are_told_to_be_changed(
    filled: Project, panel: TablePanel
) -> None:
    from hjgis.edits.attributes import set_each

    heard: list[tuple[int, int]] = []
    panel.model.dataChanged.connect(lambda a, b: heard.append((a.row(), b.row())))
    shown(panel, "exp_no", range(1))
    fids = np.arange(1, 1001)
    filled.session.apply(set_each(filled, "manhole", fids, {"remarks": ["x"] * 1000}))
    assert heard == [(0, 199)]
    assert shown(panel, "remarks", range(1)) == ["x"]


def test_a_table_that_is_only_read_offers_no_edits(
    qtbot: QtBot, filled: Project, panel: TablePanel
) -> None:
    heard: list[str] = []
    with Project.open(filled.path, write=False) as reader:
        other = TablePanel(reader, Bridge(reader.session), Selection())
        qtbot.addWidget(other)
        other.troubled.connect(heard.append)
        select(other, range(2), "exp_no")
        for command in ("fill-down", "empty", "paste", "batch", "replace", "calculator"):
            other.do(command)
        assert len(heard) == 6
        assert not other._actions["calculator"].isEnabled()
        assert other._actions["export"].isEnabled()
