from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import ChangeSet
from hjgis.ui.bridge import Bridge
from hjgis.ui.dialogs.table import frame
from hjgis.ui.dialogs.table.batch import BatchDialog
from hjgis.ui.dialogs.table.calculator import CalculatorDialog
from hjgis.ui.dialogs.table.columns import ColumnsDialog
from hjgis.ui.dialogs.table.exporting import ExportTableDialog
from hjgis.ui.dialogs.table.pasting import PasteDialog
from hjgis.ui.dialogs.table.replace import ReplaceDialog
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.selection import Selection
from tests.ui.table_panel import COUNT, column, compose, fill, go_to, select, shown

Off = Qt.CheckState.Unchecked


@pytest.fixture
def filled(project: Project) -> Project:
    fill(project)
    return project


@pytest.fixture
def panel(qtbot: QtBot, filled: Project) -> TablePanel:
    made = TablePanel(filled, Bridge(filled.session), Selection())
    made.wanted.connect(lambda make: filled.session.apply(make()))
    qtbot.addWidget(made)
    return made


def opened(panel: TablePanel, command: str) -> frame.TableDialog:
    dialog = panel.dialog(command)
    assert isinstance(dialog, frame.TableDialog)
    return dialog


def listed(table: object, column_at: int) -> list[str]:
    return [table.item(row, column_at).text() for row in range(table.rowCount())]


# -- one value for many rows -------------------------------------------------------------------


def test_a_field_of_the_selected_rows_is_set_at_once(filled: Project, panel: TablePanel) -> None:
    before = filled.content_sha256()
    select(panel, range(6), "road_name")
    dialog = opened(panel, "batch")
    assert isinstance(dialog, BatchDialog)
    assert dialog.field.name == "road_name"
    dialog._line().setText("建设街")
    assert listed(dialog.table, 0) == ["胜利路"]
    assert listed(dialog.table, 1) == ["建设街"]
    assert listed(dialog.table, 2) == ["3"]
    dialog.ok.click()
    assert shown(panel, "road_name", range(8)) == ["建设街"] * 6 + ["胜利路", "建设街"]
    filled.session.undo()
    assert filled.content_sha256() == before


def test_only_empty_fields_are_filled_where_that_is_asked_for(panel: TablePanel) -> None:
    panel.model.put(1, column(panel, "remarks"), "mine")
    select(panel, range(3), "remarks")
    dialog = opened(panel, "batch")
    dialog._line().setText("all")
    dialog.only_empty.setChecked(True)
    dialog.ok.click()
    assert shown(panel, "remarks", range(4)) == ["all", "mine", "all", ""]


def test_the_button_says_that_it_empties_where_no_value_is_typed(panel: TablePanel) -> None:
    select(panel, range(3), "exp_no")
    dialog = opened(panel, "batch")
    assert dialog.ok.text() == "Empty the field"
    assert "The field is emptied in 3 rows" in dialog.said.text()
    dialog._line().setText("M")
    assert dialog.ok.text() == "Set"


def test_a_value_that_does_not_fit_cannot_be_set_and_a_doubtful_one_is_told(
    panel: TablePanel,
) -> None:
    select(panel, range(3), "well_depth_m")
    dialog = opened(panel, "batch")
    dialog._line().setText("deep")
    assert not dialog.ok.isEnabled()
    assert "not a number" in dialog.said.text()
    dialog._line().setText("999")
    assert dialog.ok.isEnabled()
    assert "more than" in dialog.said.text()


# -- find and replace --------------------------------------------------------------------------


def test_what_is_found_is_replaced_but_for_what_is_unticked(
    qtbot: QtBot, filled: Project, panel: TablePanel
) -> None:
    before = filled.content_sha256()
    go_to(panel, 0, "exp_no")
    dialog = opened(panel, "replace")
    assert isinstance(dialog, ReplaceDialog)
    qtbot.keyClicks(dialog.find_line, "m001")
    qtbot.keyClicks(dialog.put_line, "Z")
    qtbot.waitUntil(lambda: dialog.ok.isEnabled())
    assert listed(dialog.table, 3) == [f"Z{n}" for n in range(10)]
    dialog.table.item(0, 0).setCheckState(Off)
    assert "9 will be replaced" in dialog.said.text()
    dialog.ok.click()
    assert shown(panel, "exp_no", range(10, 12)) == ["M0010", "Z1"]
    filled.session.undo()
    assert filled.content_sha256() == before


def test_replacements_that_do_not_fit_are_listed_with_the_reason_and_left(
    qtbot: QtBot, panel: TablePanel
) -> None:
    go_to(panel, 0, "well_depth_m")
    dialog = opened(panel, "replace")
    dialog.find_line.setText("3")
    dialog.put_line.setText("x")
    dialog.look_for()
    assert "not a number" in listed(dialog.table, 3)[0]
    assert not dialog.ok.isEnabled()
    assert "cannot be and stay" in dialog.said.text()


def test_a_bad_pattern_is_told_and_nothing_is_offered(panel: TablePanel) -> None:
    dialog = opened(panel, "replace")
    dialog.pattern.setChecked(True)
    dialog.find_line.setText("(")
    dialog.look_for()
    assert "no pattern" in dialog.said.text()
    assert not dialog.ok.isEnabled()


def test_many_rows_are_searched_in_the_background(
    qtbot: QtBot, panel: TablePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "AT_ONCE", 10)
    go_to(panel, 0, "exp_no")
    dialog = opened(panel, "replace")
    dialog.find_line.setText("M00")
    dialog.look.click()
    qtbot.waitUntil(lambda: len(dialog.cells) == 100)
    qtbot.waitUntil(lambda: dialog.bar.isHidden() and not dialog.jobs.busy)


# -- the calculator ----------------------------------------------------------------------------


def calculator(panel: TablePanel, name: str) -> CalculatorDialog:
    go_to(panel, 0, name)
    dialog = opened(panel, "calculator")
    assert isinstance(dialog, CalculatorDialog)
    return dialog


def test_a_field_is_calculated_while_typing_and_stored_as_one_change(
    filled: Project, panel: TablePanel
) -> None:
    before = filled.content_sha256()
    dialog = calculator(panel, "mud_depth_m")
    dialog.text.setPlainText("6 / [井底深]")
    dialog.refresh()
    assert listed(dialog.table, 2)[:4] == ["stays: division by zero", "6", "3", "2"]
    assert "857 rows change" in dialog.said.text()
    assert "143 have no result" in dialog.said.text()
    dialog.ok.click()
    assert shown(panel, "mud_depth_m", range(4)) == ["", "6", "3", "2"]
    assert "857 rows were changed" in dialog.said.text()
    assert len(listed(dialog.table, 2)) == 143
    filled.session.undo()
    assert filled.content_sha256() == before


def test_rows_that_change_are_shown_before_those_that_stay(panel: TablePanel) -> None:
    panel.model.put(500, column(panel, "well_depth_m"), "9")
    dialog = calculator(panel, "mud_depth_m")
    dialog.text.setPlainText("if([井底深] > 8, 1, [泥深])")
    dialog.refresh()
    assert listed(dialog.table, 0) == ["M0500"]
    assert listed(dialog.table, 2) == ["1"]
    dialog.text.setPlainText("[泥深]")
    dialog.refresh()
    assert len(listed(dialog.table, 0)) == 10


def test_what_is_not_understood_is_told_with_its_place(panel: TablePanel) -> None:
    dialog = calculator(panel, "mud_depth_m")
    dialog.text.setPlainText("1 + [nothing]")
    dialog.refresh()
    assert "Character 5" in dialog.error.text()
    assert not dialog.ok.isEnabled()


def visible(words: QListWidget) -> list[str]:
    items = (words.item(row) for row in range(words.count()))
    return [item.text() for item in items if not item.isHidden()]


def test_fields_and_functions_are_offered_for_what_is_typed(
    qtbot: QtBot, panel: TablePanel
) -> None:
    from hjgis.i18n import set_language

    set_language("zh_CN")
    panel.show_layer("pipe_line")
    panel.show_layer("manhole")
    dialog = calculator(panel, "mud_depth_m")
    qtbot.keyClicks(dialog.text, "2*jds")
    assert visible(dialog.known) == ["井底深 (m)"]
    qtbot.keyClick(dialog.text, Qt.Key.Key_Tab)
    assert dialog.text.toPlainText() == "2*[井底深]"
    qtbot.keyClicks(dialog.text, "+sswr")
    qtbot.keyClick(dialog.text, Qt.Key.Key_Tab)
    assert dialog.text.toPlainText() == "2*[井底深]+四舍五入("


def test_tab_belongs_to_the_input_method_while_it_composes(qtbot: QtBot, panel: TablePanel) -> None:
    dialog = calculator(panel, "mud_depth_m")
    dialog.show()
    compose(dialog.text, "jing")
    qtbot.keyClick(dialog.text, Qt.Key.Key_Tab)
    assert dialog.text.toPlainText() == ""
    compose(dialog.text, "", "井底深")
    assert dialog.text.toPlainText() == "井底深"


def test_many_rows_are_calculated_in_the_background(
    qtbot: QtBot, panel: TablePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hjgis.ui.dialogs.table import calculator as module

    monkeypatch.setattr(frame, "AT_ONCE", 10)
    monkeypatch.setattr(module, "AT_ONCE", 10)
    dialog = calculator(panel, "remarks")
    dialog.text.setPlainText("X() + Y()")
    dialog.refresh()
    assert "all 1\u202f000" in dialog.said.text()
    dialog.ok.click()
    qtbot.waitUntil(lambda: shown(panel, "remarks", range(3)) == ["0", "1", "2"])


# -- pasting -----------------------------------------------------------------------------------


def paste(panel: TablePanel, text: str) -> PasteDialog:
    QGuiApplication.clipboard().setText(text)
    dialog = opened(panel, "paste")
    assert isinstance(dialog, PasteDialog)
    return dialog


def test_a_block_goes_to_the_cells_from_the_current_one_on(
    filled: Project, panel: TablePanel
) -> None:
    before = filled.content_sha256()
    header = panel.view.horizontalHeader()
    header.moveSection(header.visualIndex(column(panel, "map_no")), 1)
    go_to(panel, 5, "exp_no")
    dialog = paste(panel, 'A1\tx\nB"2\ty\n')
    assert dialog.fields() == ["exp_no", "map_no"]
    assert dialog.table.item(0, 1).text() == "M0005 → A1"
    dialog.ok.click()
    assert shown(panel, "exp_no", range(4, 8)) == ["M0004", "A1", 'B"2', "M0007"]
    assert shown(panel, "map_no", range(5, 7)) == ["x", "y"]
    filled.session.undo()
    assert filled.content_sha256() == before


def test_a_heading_says_which_fields_columns_fill(panel: TablePanel) -> None:
    go_to(panel, 0, "remarks")
    dialog = paste(panel, "井底深\t物探点号\n1.5\tA\n2.5\tB")
    assert dialog.heading.isChecked()
    assert dialog.fields() == ["well_depth_m", "exp_no"]
    dialog.ok.click()
    assert shown(panel, "exp_no", range(3)) == ["A", "B", "M0002"]
    assert shown(panel, "well_depth_m", range(2)) == ["1.5", "2.5"]


def test_rows_are_found_by_a_key(panel: TablePanel) -> None:
    dialog = paste(panel, "物探点号\t备注\nM0700\tseven\nM0003\tthree\nN9\tlost")
    dialog.to.setCurrentIndex(dialog.to.findData("exp_no"))
    assert "nothing here has the key N9" in dialog.table.item(2, 0).text()
    assert not dialog.ok.isEnabled()
    assert "1 row has no place" in dialog.consent.text()
    dialog.consent.setChecked(True)
    dialog.ok.click()
    assert shown(panel, "remarks", range(700, 701)) == ["seven"]
    assert shown(panel, "remarks", range(3, 4)) == ["three"]
    assert shown(panel, "exp_no", range(3, 4)) == ["M0003"]


def test_a_table_that_names_rows_of_this_one_finds_them_by_their_names(panel: TablePanel) -> None:
    go_to(panel, 500, "exp_no")
    dialog = paste(panel, "物探点号\t备注\nM0700\tseven\nM0003\tthree\nN9\tlost")
    assert dialog.to.currentData() == "exp_no"
    dialog.to.setCurrentIndex(0)
    dialog.to.activated.emit(0)
    dialog.columns[1].setCurrentIndex(0)
    assert dialog.to.currentData() == "position", "somebody chose it"


def test_names_without_a_heading_go_to_the_rows_from_the_current_one_on(panel: TablePanel) -> None:
    go_to(panel, 500, "exp_no")
    assert paste(panel, "M0700\nM0003").to.currentData() == "position"


def test_cells_that_do_not_fit_are_left_out_only_with_consent(panel: TablePanel) -> None:
    go_to(panel, 0, "survey_date")
    dialog = paste(panel, "调查日期\t井底深\t？\n2020-02-30\t900\tz\n2020/3/1\t2\tz")
    assert "1 cell cannot be stored" in dialog.consent.text()
    assert "1 column fills nothing" in dialog.consent.text()
    assert "row 2" in dialog.said.text(), "the heading is a row of the sheet"
    assert "draft" in dialog.said.text()
    assert not dialog.ok.isEnabled()
    dialog.consent.setChecked(True)
    dialog.ok.click()
    assert shown(panel, "survey_date", range(2)) == ["", "2020-03-01"]
    assert shown(panel, "well_depth_m", range(2)) == ["900", "2"]


def test_rows_beyond_the_end_are_told(panel: TablePanel) -> None:
    go_to(panel, COUNT - 1, "exp_no")
    dialog = paste(panel, "A\nB\nC")
    assert "2 rows have no place" in dialog.consent.text()
    dialog.consent.setChecked(True)
    dialog.ok.click()
    assert shown(panel, "exp_no", range(COUNT - 1, COUNT)) == ["A"]


def test_two_columns_cannot_fill_the_same_field(panel: TablePanel) -> None:
    go_to(panel, 0, "exp_no")
    dialog = paste(panel, "A\tB")
    dialog.columns[1].setCurrentIndex(dialog.columns[1].findData("exp_no"))
    assert "same field" in dialog.said.text()
    assert not dialog.ok.isEnabled()


def test_rows_become_new_records_of_a_table_without_geometry(
    filled: Project, panel: TablePanel
) -> None:
    remarks = filled.asset_type("manhole").field("remarks")
    visits = AssetType("visits", "reference", "None", {"en": "Visits"}, (remarks,), "reference")
    filled.session.apply(ChangeSet("import", new_layer=visits))
    panel._list_layers()
    panel.show_layer("visits")
    dialog = paste(panel, "备注\none\ntwo")
    dialog.to.setCurrentIndex(dialog.to.findData("new"))
    dialog.ok.click()
    assert filled.count("visits") == 2
    assert shown(panel, "remarks", range(2)) == ["one", "two"]
    filled.session.undo()
    assert filled.count("visits") == 0


def test_new_records_are_not_offered_where_features_have_places(panel: TablePanel) -> None:
    go_to(panel, 0, "exp_no")
    assert paste(panel, "A\tB").to.findData("new") < 0


def test_an_empty_clipboard_is_told(panel: TablePanel) -> None:
    heard: list[str] = []
    panel.troubled.connect(heard.append)
    QGuiApplication.clipboard().clear()
    assert panel.dialog("paste") is None
    assert "no text on the clipboard" in heard[0]


# -- columns and files -------------------------------------------------------------------------


def test_columns_are_found_chosen_and_put_into_an_order(panel: TablePanel) -> None:
    dialog = opened(panel, "columns")
    assert isinstance(dialog, ColumnsDialog)
    dialog.tick_filled()
    dialog.ok.click()
    names = [panel.model.columns[at].name for at in panel.view.visible_columns()]
    assert {"exp_no", "road_name", "well_depth_m"} <= set(names)
    assert "surveyor" not in names
    again = opened(panel, "columns")
    again.list.insertItem(0, again.list.takeItem(again.list.count() - 1))
    last = again.list.item(0).data(Qt.ItemDataRole.UserRole)
    again.list.item(0).setCheckState(Qt.CheckState.Checked)
    again.ok.click()
    assert panel.model.columns[panel.view.visible_columns()[0]].name == last


def test_no_column_at_all_is_refused(panel: TablePanel) -> None:
    dialog = opened(panel, "columns")
    dialog.none.click()
    dialog.ok.click()
    assert "at least one" in dialog.said.text()
    assert panel.view.visible_columns()


def test_the_search_for_columns_leaves_ticks_of_others_alone(panel: TablePanel) -> None:
    dialog = opened(panel, "columns")
    dialog.search.setText(panel.model.columns[column(panel, "remarks")].title)
    dialog.none.click()
    dialog.ok.click()
    names = [panel.model.columns[at].name for at in panel.view.visible_columns()]
    assert "remarks" not in names
    assert "exp_no" in names


def test_the_table_is_written_as_it_is_shown(
    qtbot: QtBot, panel: TablePanel, tmp_path: Path
) -> None:
    for at, one in enumerate(panel.model.columns):
        panel.view.setColumnHidden(at, one.name not in ("exp_no", "well_depth_m"))
    panel.model.sort_by((("well_depth_m", True),))
    dialog = ExportTableDialog(panel, tmp_path / "井.xlsx")
    qtbot.addWidget(dialog)
    dialog.ok.click()
    rows = [[cell.value for cell in row] for row in load_workbook(dialog.path).active.iter_rows()]
    assert len(rows) == COUNT + 1
    assert rows[1] == ["M0006", 6]
    assert "1\u202f000 rows written" in dialog.said.text()


@pytest.mark.parametrize("command", ["batch", "replace", "calculator", "columns"])
def test_every_window_fits_a_small_screen(panel: TablePanel, command: str) -> None:
    size = opened(panel, command).size()
    assert size.width() <= 1366
    assert size.height() <= 720
