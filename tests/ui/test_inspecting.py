"""Records and overdue lists in the window."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import pypdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.edits.records import add_records
from hjgis.i18n import set_language
from hjgis.layers.due import NEVER, OVERDUE, REPAIR
from hjgis.layers.project import Project
from hjgis.models.attachments import Content, Paper
from hjgis.models.changes import FeatureKey
from hjgis.ui.dialogs.cycles import CyclesDialog
from hjgis.ui.dialogs.record import RecordDialog, new_record
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.records import RecordsPart
from hjgis.ui.workspace import Workspace

Keys = dict[str, FeatureKey]


def select(workspace: Workspace, *keys: FeatureKey) -> None:
    fids = [workspace.project.store.fid(key) for key in keys]
    workspace.selection.set(keys[0].layer, fids)


def dialog_for(qtbot: QtBot, project: Project) -> RecordDialog:
    dialog = RecordDialog(project, about="1", asset="manhole", values=new_record(project))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def finding_line(dialog: RecordDialog) -> object:
    return dialog.editors["finding"].lineEdit()


def test_one_key_records_that_nothing_was_found(window: MainWindow, keys: Keys) -> None:
    project = window.workspace.project
    before = project.content_sha256()
    today = dt.date.today().isoformat()
    select(window.workspace, keys["A"], keys["B"])
    window.actions_by_id["record-fine"].trigger()
    table = project.table("inspection", ["date", "finding", "person"], geometry=False)
    assert table.columns["finding"].tolist() == ["无异常"] * 2
    assert table.columns["date"].tolist() == [today] * 2
    assert project.get(keys["A"]).values["last_inspect_date"] == today
    window.workspace.undo()
    assert project.content_sha256() == before


def test_what_is_no_asset_is_not_inspected_and_that_is_said(window: MainWindow, keys: Keys) -> None:
    window.workspace.selection.set("road", [1])
    window.actions_by_id["record-fine"].trigger()
    assert "not inspected" in window.workspace.canvas.message.text()


def test_a_record_is_filled_in_by_keyboard_alone(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    select(window.workspace, keys["A"])
    dialog = window.inspecting.record_dialog()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(finding_line(dialog), "cover b")
    qtbot.keyClick(finding_line(dialog), Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.editors["severity"]
    assert dialog.editors["state_after"].currentText() == "Damaged"
    qtbot.keyClick(dialog.editors["severity"].lineEdit(), Qt.Key.Key_Return)
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(
            dialog.editors["measure"], Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
        )
    window.inspecting.store_new(dialog)
    values = window.workspace.project.get(keys["A"]).values
    assert (values["state"], values["defect"]) == ("破损", "破损")


def test_a_record_without_a_finding_is_not_stored(qtbot: QtBot, project: Project) -> None:
    dialog = dialog_for(qtbot, project)
    dialog.accept()
    assert dialog.isVisible()
    dialog.editors["date"].setText("2026-02-30")
    dialog.editors["finding"].setEditText("Something of its own")
    dialog.editors["person"].setText("Zhang")
    dialog.accept()
    assert dialog.isVisible()
    dialog.editors["date"].setText("2026-02-28")
    dialog.accept()
    assert not dialog.isVisible()
    assert dialog.values["finding"] == "Something of its own"


def test_enter_and_escape_belong_to_the_input_method_while_it_composes(
    qtbot: QtBot, project: Project
) -> None:
    dialog = dialog_for(qtbot, project)
    line = dialog.editors["measure"]
    line.setFocus()
    QApplication.sendEvent(line, QInputMethodEvent("genghuan", []))
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.focusWidget() is line
    done = QInputMethodEvent("", [])
    done.setCommitString("更换井盖")
    QApplication.sendEvent(line, done)
    assert line.text() == "更换井盖"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert dialog.focusWidget() is not line


def test_a_state_that_was_chosen_is_not_proposed_away(qtbot: QtBot, project: Project) -> None:
    dialog = dialog_for(qtbot, project)
    box = dialog.editors["state_after"]
    box.setEditText("Abandoned")
    dialog.editors["finding"].setEditText("Cover broken")
    dialog.editors["finding"].lineEdit().editingFinished.emit()
    assert box.currentText() == "Abandoned"


def test_the_list_shows_records_latest_first_and_hears_of_new_ones(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    project, workspace = window.workspace.project, window.workspace
    part = RecordsPart(project, workspace.bridge)
    qtbot.addWidget(part)
    part.show()
    part.show_features("manhole", np.array([project.store.fid(keys["A"])]))
    assert part.list.count() == 0
    for day, finding in (("2026-05-01", "井盖破损"), ("2026-04-01", "无异常")):
        workspace.apply(add_records(project, [keys["A"]], {"date": day, "finding": finding}))
    texts = [part.list.item(row).text() for row in range(part.list.count())]
    assert texts[0].startswith("2026-05-01")
    assert "Cover broken" in texts[0]
    assert texts[1].startswith("2026-04-01")
    part.list.setCurrentRow(0)
    with qtbot.waitSignal(part.delete_wanted) as asked:
        qtbot.keyClick(part.list, Qt.Key.Key_Delete)
    before = project.content_sha256()
    window.inspecting.delete_records(asked.args[0])
    assert part.list.count() == 1
    workspace.undo()
    assert project.content_sha256() == before
    assert part.list.count() == 2


def due_panel(qtbot: QtBot, window: MainWindow) -> object:
    window.actions_by_id["overdue"].trigger()
    panel = window.docks.overdue
    qtbot.waitUntil(lambda: panel.groups[NEVER].text() != "Never inspected")
    return panel


def test_the_overdue_list_counts_filters_and_goes_to_the_asset(
    qtbot: QtBot, window: MainWindow, keys: Keys, tmp_path: Path
) -> None:
    workspace = window.workspace
    late = {"date": "2026-01-01", "finding": "井盖破损", "due_date": "2026-02-01"}
    workspace.apply(add_records(workspace.project, [keys["A"]], late))
    panel = due_panel(qtbot, window)
    assert panel.groups[OVERDUE].text().endswith("1")
    assert panel.groups[REPAIR].text().endswith("1")
    # Two manholes and two pipes.
    assert panel.groups[NEVER].text().endswith("4")
    with qtbot.waitSignal(panel.zoom_requested):
        panel.view.selectRow(0)
    assert workspace.selection.keys(workspace.project) == [keys["A"]]
    panel.groups[NEVER].click()
    panel.kind.setCurrentIndex(panel.kind.findData("pipe_line"))
    assert panel.model.rowCount() == 2
    path = tmp_path / "due.xlsx"
    panel.write_list(path)
    qtbot.waitUntil(path.is_file)
    sheet = openpyxl.load_workbook(path).active
    assert sheet.max_row == 3
    paper = tmp_path / "field.pdf"
    panel.write_sheet(paper)
    qtbot.waitUntil(paper.is_file)
    assert len(pypdf.PdfReader(paper).pages) == 1


def test_the_overdue_list_is_searched_in_pinyin(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    project = window.workspace.project
    window.workspace.apply(set_values(project, [keys["A"]], {"road_name": "中山路"}))
    panel = due_panel(qtbot, window)
    panel.show_group(NEVER)
    qtbot.keyClicks(panel.search, "zsl")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    panel.search.clear()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 5)


def test_the_overdue_list_follows_edits(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    panel = due_panel(qtbot, window)
    select(window.workspace, keys["A"])
    window.actions_by_id["record-fine"].trigger()
    qtbot.waitUntil(lambda: panel.groups[NEVER].text().endswith("4"))


def test_cycles_are_changed_with_the_dates_that_they_gave_and_undone(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    project = window.workspace.project
    select(window.workspace, keys["A"])
    window.actions_by_id["record-fine"].trigger()
    before, planned = project.content_sha256(), project.get(keys["A"]).values["next_inspect_date"]
    dialog = CyclesDialog(project)
    qtbot.addWidget(dialog)
    dialog.boxes["manhole"].setValue(10)
    window.workspace.carry_out(lambda: window.inspecting._cycles_change(dialog))
    soon = (dt.date.today() + dt.timedelta(days=10)).isoformat()
    assert project.get(keys["A"]).values["next_inspect_date"] == soon
    assert project.info("inspection_cycles") == '{"manhole":10}'
    window.workspace.undo()
    assert project.get(keys["A"]).values["next_inspect_date"] == planned
    assert project.info("inspection_cycles") is None
    assert project.content_sha256() == before


def test_the_file_of_what_is_selected_is_written(
    qtbot: QtBot, window: MainWindow, keys: Keys, tmp_path: Path
) -> None:
    select(window.workspace, keys["A"], keys["B"])
    path = tmp_path / "files.pdf"
    window.inspecting.write_dossier(path)
    qtbot.waitUntil(path.is_file, timeout=20_000)
    # The table of contents and two files of two pages.
    assert len(pypdf.PdfReader(path).pages) == 5


@pytest.mark.parametrize("size", [(1366, 768)])
def test_the_dialogs_fit_a_small_laptop(
    qtbot: QtBot, project: Project, size: tuple[int, int]
) -> None:
    cycles = CyclesDialog(project)
    qtbot.addWidget(cycles)
    for dialog in (dialog_for(qtbot, project), cycles):
        hint = dialog.sizeHint().expandedTo(dialog.size())
        assert hint.width() < size[0]
        assert hint.height() < size[1] - 60


def test_a_finding_is_found_in_pinyin_and_one_enter_goes_on(qtbot: QtBot, project: Project) -> None:
    set_language("zh_CN")
    dialog = dialog_for(qtbot, project)
    line = finding_line(dialog)
    qtbot.keyClicks(line, "jgps")
    popup = dialog.editors["finding"].completer().popup()
    assert popup.isVisible()
    # Where the names are offered, the key arrives there first.
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert not popup.isVisible()
    assert dialog.editors["finding"].currentText() == "井盖破损"
    assert dialog.focusWidget() is dialog.editors["severity"]
    assert dialog.editors["state_after"].currentText() == "破损"


def test_photos_of_a_record_are_counted_and_stay_when_it_goes(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    workspace, key = window.workspace, keys["A"]
    workspace.apply(add_records(workspace.project, [key], {"date": "2026-05-01"}))
    select(workspace, key)
    part = window.inspecting.part
    # Here nobody answers the question for files.
    part.photo_wanted.disconnect()
    part.list.setCurrentRow(0)
    with qtbot.waitSignal(part.photo_wanted) as asked:
        part.photo.click()
    asset, record = asked.args
    assert asset == key
    paper = Paper("x.txt", Content.of(b"paper", "text/plain"))
    window.photographs.attaching.store([(asset, paper)], record=record)
    assert "1 photo" in part.list.item(0).text()
    before = workspace.project.content_sha256()
    window.inspecting.delete_records([part.list.item(0).data(Qt.ItemDataRole.UserRole)])
    (attachment,) = workspace.project.records_of([key.uuid])
    assert attachment.values["record_uuid"] is None
    workspace.undo()
    assert workspace.project.content_sha256() == before


def test_a_record_that_came_while_the_form_was_hidden_is_listed_when_it_shows(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    select(window.workspace, keys["A"])
    window.docks.show_history()
    window.actions_by_id["record-fine"].trigger()
    window.docks.show_attributes()
    assert window.inspecting.part.list.count() == 1


def test_a_record_is_selected_in_its_table_though_it_is_nowhere_on_the_map(
    window: MainWindow, keys: Keys
) -> None:
    workspace, docks = window.workspace, window.docks
    assert workspace is not None
    assert docks is not None
    workspace.apply(add_records(workspace.project, [keys["A"]], {"date": "2026-05-01"}))
    docks.open_table("inspection")
    docks.table.view.selectRow(0)
    assert workspace.selection.layer == "inspection"
    workspace.canvas.refresh()
    window.do("zoom-selection")
    for tool in ("vertices", "split", "move-node", "identify"):
        window.do(tool)


def test_the_form_of_a_record_leads_to_its_asset(window: MainWindow, keys: Keys) -> None:
    workspace, docks = window.workspace, window.docks
    assert workspace is not None
    assert docks is not None
    key, project = keys["A"], workspace.project
    workspace.apply(add_records(project, [key], {"date": "2026-05-01"}))
    workspace.selection.set("inspection", project.table("inspection", ()).fids[-1:])
    head = docks.attributes.head
    assert f"{key.layer}/{key.uuid}" in head.ends.text()
    head.ends.linkActivated.emit(f"{key.layer}/{key.uuid}")
    assert workspace.selection.keys(project) == [key]


def test_a_kind_that_is_not_inspected_has_no_records_in_its_form(
    window: MainWindow, keys: Keys
) -> None:
    assert window.workspace is not None
    assert window.inspecting is not None
    part, space = window.inspecting.part, window.workspace
    space.selection.set(keys["A"].layer, [space.project.store.fid(keys["A"])])
    assert part.isVisible()
    space.selection.set("inspection", [])
    assert not part.isVisible()
