"""The project's own lists and numbering anew, in their windows and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.edits.arrange import lock
from hjgis.edits.attributes import set_values
from hjgis.models import numbering, operators, targets
from hjgis.models.changes import FeatureKey
from hjgis.models.numbering import NumberRange, read_ranges, store_ranges
from hjgis.models.operators import Operator, read_operators, store_operators
from hjgis.models.own_lists import FACT, OwnCode, store_lists
from hjgis.settings import Settings
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.project_lists.code_dialog import CodeDialog, MergeDialog
from hjgis.ui.dialogs.project_lists.codes_page import CodesPage
from hjgis.ui.dialogs.project_lists.dialog import ProjectListsDialog
from hjgis.ui.dialogs.project_lists.operators_page import OperatorDialog
from hjgis.ui.dialogs.project_lists.ranges_page import RangeDialog
from hjgis.ui.dialogs.project_lists.targets_page import TargetDialog
from hjgis.ui.dialogs.settings import SettingsDialog
from hjgis.ui.itemmodels import FeatureTableModel
from hjgis.ui.main_window import MainWindow
from hjgis.ui.workspace import Workspace

Keys = dict[str, FeatureKey]
ACCEPTED = QDialog.DialogCode.Accepted
HERE = shapely.Point(428_000, 4_528_000)


@pytest.fixture
def space(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow, space: Workspace) -> Iterator[ProjectListsDialog]:
    space.apply(
        set_values(space.project, space_keys(space), {"responsible_unit": "某物业"}),
    )
    assert window.editing is not None
    made = window.editing.lists_dialog()
    made.show()
    yield made
    made.close()


def space_keys(space: Workspace) -> list[FeatureKey]:
    table = space.project.table("manhole", (), geometry=False)
    return [FeatureKey("manhole", uuid) for uuid in table.uuids]


def counted(qtbot: QtBot, dialog: ProjectListsDialog, page: CodesPage) -> CodesPage:
    """Bring a page up and wait until its values are counted."""
    dialog.tabs.setCurrentWidget(page)
    qtbot.waitUntil(lambda: page.used.count("某物业") == 0 and bool(page._usage))
    return page


def cell(page: Any, column: int) -> str:
    table = page.codes.table if isinstance(page, CodesPage) else page.table.table
    item = table.item(table.currentRow(), column)
    return "" if item is None else str(item.text())


def answer(monkeypatch: pytest.MonkeyPatch, kind: type, fill: Any) -> None:
    """Let a window be filled in and agreed to, as by hand."""

    def run(dialog: Any) -> QDialog.DialogCode:
        fill(dialog)
        dialog.accept()
        return QDialog.DialogCode(dialog.result())

    monkeypatch.setattr(kind, "exec", run)


def test_a_code_is_added_by_keyboard_and_undo_takes_it_back(
    qtbot: QtBot,
    space: Workspace,
    dialog: ProjectListsDialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = dialog.codes
    page.lists.choose("manhole_kind")
    answer(monkeypatch, CodeDialog, lambda d: (d.name.setText("沟盖"), d.class_17.setText("01026")))
    page.codes.search.setFocus()
    qtbot.waitUntil(lambda: page._usage != {})
    QTest.keyClick(page.codes.search, Qt.Key.Key_Insert)
    codes = space.project.catalogue.codes("manhole_kind")
    assert codes.parse("沟盖") == "沟盖"
    assert "沟盖" in [row.key for row in page.codes._rows]
    space.undo()
    assert "沟盖" not in [row.key for row in page.codes._rows]
    assert space.project.info(FACT) is None


def test_lists_and_codes_are_found_by_pinyin(dialog: ProjectListsDialog) -> None:
    page = dialog.codes
    page.lists.search.setText("manhole")
    assert page.list_id == "manhole_kind"
    page.codes.search.setText("wsj")
    keys = [page.codes._key_at(row) for row in range(page.codes.table.rowCount())]
    assert "污水井盖" in keys
    assert len(keys) < len(page.codes._rows)
    QTest.keyClick(page.codes.search, Qt.Key.Key_Down)
    assert QApplication.focusWidget() in (page.codes.table, None)


def test_what_is_used_but_not_listed_is_added_at_once(
    qtbot: QtBot, space: Workspace, dialog: ProjectListsDialog
) -> None:
    page = counted(qtbot, dialog, dialog.units)
    page.codes.choose("某物业")
    assert cell(page, 5) == "not in the list"
    assert cell(page, 4) == "3"
    assert not page.change.isEnabled()
    page.add.click()
    assert space.project.catalogue.codes("unit").get("某物业") is not None
    space.undo()
    assert space.project.catalogue.codes("unit").get("某物业") is None


def test_rows_of_a_spreadsheet_are_pasted(
    qtbot: QtBot, space: Workspace, dialog: ProjectListsDialog
) -> None:
    page = counted(qtbot, dialog, dialog.units)
    QApplication.clipboard().setText("供水所\t\t水厂\n住建局\n")
    page.codes.table.setFocus()
    page.paste.click()
    assert space.project.catalogue.codes("unit").parse("水厂") == "供水所"
    assert "1 line added. line 2" in dialog.said.text()
    space.undo()
    assert space.project.info(FACT) is None
    QApplication.clipboard().setText("")
    page.paste.click()
    assert dialog.said.text() == "0 lines added"


def test_its_users_are_selected_on_the_map(
    qtbot: QtBot, space: Workspace, dialog: ProjectListsDialog
) -> None:
    page = counted(qtbot, dialog, dialog.units)
    page.codes.choose("某物业")
    page._menu.aboutToShow.emit()
    (action,) = page._menu.actions()
    assert "Manhole" in action.text()
    action.trigger()
    assert (space.selection.layer, len(space.selection)) == ("manhole", 3)


def test_a_unit_gets_another_name_in_the_data_too(
    qtbot: QtBot,
    space: Workspace,
    dialog: ProjectListsDialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = space.project
    page = counted(qtbot, dialog, dialog.units)
    page.codes.choose("某物业")
    page.add.click()
    before, fact = project.content_sha256(), project.info(FACT)
    qtbot.waitUntil(lambda: page.used.count("某物业") == 3)
    page.codes.choose("某物业")
    said = []

    def fill(asked: CodeDialog) -> None:
        asked.name.clear()
        QTest.keyClicks(asked.name, "Estate")
        said.append(asked.about.text())

    answer(monkeypatch, CodeDialog, fill)
    page.change.click()
    assert "3 values are rewritten" in said[0]
    assert len(project.store.find("manhole", "responsible_unit", "Estate")) == 3
    assert project.catalogue.codes("unit").parse("某物业") == "Estate"
    space.undo()
    assert (project.content_sha256(), project.info(FACT)) == (before, fact)


def test_a_used_code_is_not_deleted_but_merged(
    qtbot: QtBot,
    space: Workspace,
    dialog: ProjectListsDialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = counted(qtbot, dialog, dialog.units)
    page.codes.choose("某物业")
    page.add.click()
    page.codes.choose("某物业")
    page.delete.click()
    assert "3 times" in dialog.said.text()
    qtbot.waitUntil(lambda: page.used.count("某物业") == 3)
    answer(
        monkeypatch,
        MergeDialog,
        lambda d: d.target.setCurrentIndex(d.target.findData("执法局")),
    )
    page.codes.choose("某物业")
    page.merge.click()
    assert len(space.project.store.find("manhole", "responsible_unit", "执法局")) == 3
    assert space.project.catalogue.codes("unit").get("某物业") is None
    assert dialog.said.text() == ""


def test_a_code_of_the_program_is_no_longer_offered_and_offered_again(
    qtbot: QtBot, space: Workspace, dialog: ProjectListsDialog
) -> None:
    page = counted(qtbot, dialog, dialog.units)
    page.codes.choose("司法局")
    page.delete.click()
    assert "comes with the program" in dialog.said.text()
    page.hide_it.click()
    code = space.project.catalogue.codes("unit").get("司法局")
    assert code is not None
    assert code.hidden
    assert page.hide_it.text() == "Offer again"
    page.hide_it.click()
    assert space.project.info(FACT) is None


def test_a_locked_layer_is_not_rewritten(
    qtbot: QtBot, window: MainWindow, space: Workspace, dialog: ProjectListsDialog
) -> None:
    page = counted(qtbot, dialog, dialog.units)
    manhole = space.project.types["manhole"]
    space.apply(lock(space.project.arrangement, manhole, locked=True))
    asked = MergeDialog(space.project, "unit", "某物业", page.used, dialog)
    asked.accept()
    assert "locked" in asked.error.text()
    assert asked.result() != ACCEPTED


def test_operators_are_kept_and_their_ranges_follow_another_name(
    space: Workspace, dialog: ProjectListsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, page = space.project, dialog.operators
    dialog.tabs.setCurrentWidget(page)
    page.table.choose("tester")
    assert page.add.text() == "Add to the list"
    answer(monkeypatch, OperatorDialog, lambda d: d.role.setText("field"))
    page.add.click()
    assert read_operators(project.info(operators.FACT)) == [Operator("tester", "field")]
    space.apply(store_ranges(None, [NumberRange("tester", 1, 5)]))
    page.delete.click()
    assert "number ranges" in dialog.said.text()
    answer(monkeypatch, OperatorDialog, lambda d: d.name.setText("张三"))
    page.table.choose("tester")
    page.change.click()
    assert read_ranges(project.info(numbering.FACT))[0].operator == "张三"
    space.undo()
    assert read_ranges(project.info(numbering.FACT))[0].operator == "tester"
    assert read_operators(project.info(operators.FACT))[0].name == "tester"


def test_an_empty_list_says_what_to_do_and_a_search_that_nothing_fits(
    dialog: ProjectListsDialog,
) -> None:
    table = dialog.ranges.table
    dialog.tabs.setCurrentWidget(dialog.ranges)
    assert table.empty.isVisible()
    assert "Add…" in table.empty.text()
    codes = dialog.codes.codes
    dialog.tabs.setCurrentWidget(dialog.codes)
    assert not codes.empty.isVisible()
    codes.search.setText("qqqq")
    assert codes.empty.isVisible()
    assert codes.empty.text() == "Nothing fits what is typed."


def test_ranges_are_made_changed_and_removed(
    space: Workspace, dialog: ProjectListsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, page = space.project, dialog.ranges
    space.apply(add_feature(project, "boundary", HERE.buffer(9), {"boundary_name": "东街"}))
    dialog.tabs.setCurrentWidget(page)
    assert "next free number" in page.about.text()

    def fill(asked: RangeDialog) -> None:
        asked.who.setCurrentText("张三")
        asked.where.setCurrentText("东街")
        asked.kinds.item(0).setCheckState(Qt.CheckState.Checked)

    answer(monkeypatch, RangeDialog, fill)
    page.add.click()
    (one,) = read_ranges(project.info(numbering.FACT))
    assert (one.operator, one.first, one.last, one.boundary) == ("张三", 1, 10_000, "东街")
    assert len(one.layers) == 1
    answer(monkeypatch, RangeDialog, lambda d: d.last.setValue(20))
    page.change.click()
    assert read_ranges(project.info(numbering.FACT))[0].last == 20
    page.delete.click()
    assert project.info(numbering.FACT) is None


def test_a_range_says_how_far_it_is_used_up(space: Workspace, dialog: ProjectListsDialog) -> None:
    page = dialog.ranges
    space.apply(store_ranges(None, [NumberRange("tester", 1, 2), NumberRange("李四", 3, 9)]))
    for _number in range(2):
        space.apply(add_feature(space.project, "toilet", HERE))
    dialog.tabs.setCurrentWidget(page)
    page.table.choose("0")
    assert cell(page, 3) == "000002"
    assert page.table._rows[0].tone == "odd"
    page.table.choose("1")
    assert cell(page, 3) == ""


def test_overlapping_ranges_are_refused_in_the_window(
    qtbot: QtBot, space: Workspace, dialog: ProjectListsDialog
) -> None:
    space.apply(store_ranges(None, [NumberRange("张三", 1, 500)]))
    asked = RangeDialog(space.project, None, NumberRange("李四", 400, 900), [], dialog)
    qtbot.addWidget(asked)
    asked.accept()
    assert "张三 000001–000500" in asked.error.text()
    assert asked.result() != ACCEPTED


def test_a_target_is_set_and_put_back(
    space: Workspace, dialog: ProjectListsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = dialog.targets
    dialog.tabs.setCurrentWidget(page)
    page.table.choose("TG-05-PARK")
    shipped = cell(page, 4)
    answer(monkeypatch, TargetDialog, lambda d: d.expected.setText("21"))
    page.change.click()
    assert (cell(page, 2), cell(page, 4), cell(page, 5)) == ("21", shipped, "changed")
    page.back.click()
    assert cell(page, 2) == shipped
    assert space.project.info(targets.FACT) is None


@pytest.mark.parametrize("text", ["", "abc", "-3"])
def test_what_is_no_target_is_refused_in_the_window(
    qtbot: QtBot, space: Workspace, text: str
) -> None:
    target = targets.target_register().target("TG-05-PARK")
    asked = TargetDialog(space.project, target)
    qtbot.addWidget(asked)
    asked.expected.setText(text)
    asked.accept()
    assert asked.error.text()
    assert asked.result() != ACCEPTED


def test_enter_belongs_to_the_input_method_while_it_composes(
    qtbot: QtBot, space: Workspace
) -> None:
    asked = CodeDialog(space.project, "unit", None, CodesPage(space.project, space.jobs).used)
    qtbot.addWidget(asked)
    asked.show()
    asked.name.setFocus()
    QApplication.sendEvent(asked.name, QInputMethodEvent("gong shui", []))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_F2):
        QTest.keyClick(asked.name, key)
    assert asked.isVisible()
    assert asked.error.text() == ""
    done = QInputMethodEvent()
    done.setCommitString("供水所")
    QApplication.sendEvent(asked.name, done)
    QTest.keyClick(asked.name, Qt.Key.Key_Return)
    assert asked.result() == ACCEPTED
    space.apply(asked.make())
    assert space.project.catalogue.codes("unit").get("供水所") is not None


def test_every_line_of_the_lists_leaves_enter_to_the_input_method(
    dialog: ProjectListsDialog,
) -> None:
    lines = dialog.findChildren(NameLine)
    assert len(lines) == 7
    for line in lines:
        QApplication.sendEvent(line, QInputMethodEvent("ws", []))
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        QApplication.sendEvent(line, QInputMethodEvent())


def test_the_form_offers_the_lists_as_they_are(window: MainWindow, space: Workspace) -> None:
    assert window.docks is not None
    panel = window.docks.attributes
    space.selection.set("manhole", [1])

    def offered() -> set[str]:
        panel.refresh()
        assert panel._form is not None
        return {choice.text for choice in panel._form.editor("responsible_unit")._choices()}

    assert "Justice Bureau" in offered()
    own = space.project.own_lists.added("unit", OwnCode("供水所"))
    space.apply(store_lists(None, own.with_hidden("unit", "司法局", hidden=True)))
    assert "供水所" in offered()
    assert "Justice Bureau" not in offered()


def test_an_id_comes_when_the_kind_is_chosen_in_the_form(
    window: MainWindow, space: Workspace
) -> None:
    assert window.docks is not None
    panel = window.docks.attributes
    space.selection.set("manhole", [1])
    panel._edit("cover_kind", "污水井盖")
    assert space.project.store.features("manhole", [1])[0].values["component_id"] == (
        "15082601002000001"
    )
    space.undo()
    assert space.project.store.features("manhole", [1])[0].values["component_id"] is None


def test_names_of_operators_are_offered_in_the_settings(qtbot: QtBot, space: Workspace) -> None:
    space.apply(store_operators(None, [Operator("张三")]))
    asked = SettingsDialog(Settings(operator="李"), operators=["张三"])
    qtbot.addWidget(asked)
    assert asked.result_settings().operator == "李"


def test_what_is_drawn_gets_its_id_and_who_has_no_numbers_is_told_so(
    window: MainWindow, space: Workspace
) -> None:
    window.show()
    kind = {"cover_kind": "污水井盖"}
    space.apply(add_feature(space.project, "manhole", HERE, kind))
    (drawn,) = space.project.store.find("manhole", "component_id", "15082601002000001")
    assert drawn.values["cover_kind"] == "污水井盖"
    space.apply(store_ranges(None, [NumberRange("张三", 1, 5)]))
    space.apply(add_feature(space.project, "manhole", HERE, kind))
    assert "tester has no number range" in space.canvas.message.text()
    for _step in range(3):
        space.undo()
    assert not space.project.store.find("manhole", "component_id", "15082601002000001")


def test_ids_of_the_other_list_are_copied_and_shown(window: MainWindow, space: Workspace) -> None:
    space.apply(add_feature(space.project, "toilet", HERE))
    assert space.selection.layer == "toilet"
    window.do("copy-id")
    assert QApplication.clipboard().text() == "1508260301000001"
    assert window.docks is not None
    assert "16-digit id 1508260301000001" in window.docks.attributes._identity.text()
    model = FeatureTableModel(space.project)
    model.show_layer("toilet")
    model.show_rows(space.project.store.fids("toilet"))
    names = [column.field.name if column.field else "" for column in model.columns]
    tip = model.data(model.index(0, names.index("component_id")), Qt.ItemDataRole.ToolTipRole)
    assert tip == "1508260301000001"


def test_points_are_numbered_anew_as_the_preview_says(
    qtbot: QtBot, window: MainWindow, space: Workspace, keys: Keys
) -> None:
    before = space.project.content_sha256()
    space.selection.set("manhole", [1, 2])
    assert window.editing is not None
    asked = window.editing.renumber_dialog()
    qtbot.addWidget(asked)
    asked.field.setCurrentIndex(asked.field.findData("exp_no"))
    asked.order.setCurrentIndex(asked.order.findData("west"))
    asked.prefix.setText("YS")
    asked.look()
    shown = [[asked.table.item(row, c).text() for c in (0, 2)] for row in range(2)]
    assert shown == [["A", "YS001"], ["B", "YS002"]]
    assert "2 get new numbers" in asked.said.text()
    space.carry_out(asked.make)
    assert space.project.get(keys["AB"]).values["start_no"] == "YS001"
    space.undo()
    assert space.project.content_sha256() == before


def test_numbers_that_are_taken_cannot_be_given(
    qtbot: QtBot, window: MainWindow, space: Workspace, keys: Keys
) -> None:
    space.apply(set_values(space.project, [keys["C"]], {"exp_no": "YS2"}))
    space.selection.set("manhole", [1, 2])
    assert window.editing is not None
    asked = window.editing.renumber_dialog()
    qtbot.addWidget(asked)
    asked.field.setCurrentIndex(asked.field.findData("exp_no"))
    asked.prefix.setText("YS")
    asked.digits.setValue(1)
    asked.look()
    assert not asked._ok.isEnabled()
    assert "in use elsewhere" in asked.said.text()
    asked.first.setValue(3)
    asked.look()
    assert asked._ok.isEnabled()


def test_taking_back_the_number_ranges_is_said(space: Workspace) -> None:
    space.apply(store_ranges(None, [NumberRange("作业员", 1, 100)]))
    space.undo()
    assert "may now give one id twice" in space.canvas.message.text()
    space.redo()
    assert len(read_ranges(space.project.info(numbering.FACT))) == 1
