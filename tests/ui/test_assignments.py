"""Who answers for what: told, shown on the map, edited."""

from __future__ import annotations

import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.models.assignments import FACT, Assignment, assign, read_assignments
from hjgis.models.changes import FeatureKey
from hjgis.ui.dialogs.assignments import AssignmentDialog, AssignmentsDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.whose import Whose
from hjgis.ui.workspace import Workspace

Keys = dict[str, FeatureKey]
HERE = shapely.box(427_900, 4_527_900, 428_200, 4_528_200)


@pytest.fixture
def space(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> AssignmentsDialog:
    assert window.editing is not None
    made = window.editing.assignments_dialog()
    qtbot.addWidget(made)
    made.show()
    return made


def give(space: Workspace, *entries: Assignment) -> None:
    space.apply(assign(space.project.info(FACT), entries))


def remark(space: Workspace, key: FeatureKey, text: str) -> None:
    space.apply(set_values(space.project, [key], {"remarks": text}))


def said(space: Workspace) -> str:
    text = space.canvas.message.text() if space.canvas.message.isVisible() else ""
    space.canvas.message.hide()
    return text


def test_who_edits_what_is_somebody_elses_is_told_so_once(space: Workspace, keys: Keys) -> None:
    clock = [1000.0]
    space.whose = Whose(space.project, space.canvas.show_assigned, lambda: clock[0])
    space.canvas.window().show()
    remark(space, keys["B"], "nobody's")
    assert said(space) == ""
    give(space, Assignment("张三", ("manhole",), HERE))
    space.whose.follow(space.project.session.undo())
    space.whose.follow(space.project.session.redo())
    remark(space, keys["B"], "his")
    assert "Manhole is assigned to 张三 here" in said(space)
    assert space.project.get(keys["B"]).values["remarks"] == "his"
    remark(space, keys["B"], "again")
    assert said(space) == ""
    clock[0] += 601
    remark(space, keys["B"], "much later")
    assert "张三" in said(space)
    remark(space, keys["AB"], "a pipe")
    assert said(space) == ""
    space.project.session.operator = "张三"
    clock[0] += 601
    remark(space, keys["B"], "mine")
    assert said(space) == ""


def test_areas_are_seen_on_the_map_when_asked_for(
    qtbot: QtBot, window: MainWindow, space: Workspace
) -> None:
    give(space, Assignment("张三", ("manhole",), HERE))
    space.canvas.show_extent((427_800, 4_527_800, 428_300, 4_528_300))
    qtbot.waitUntil(lambda: not space.canvas.busy)
    without = space.canvas.grab().toImage()
    window.do("show-assigned")
    shown = space.canvas.grab().toImage()
    assert shown != without
    assert window.actions_by_id["show-assigned"].isCheckable()
    window.do("undo")
    space.canvas.message.hide()
    assert space.canvas.grab().toImage() == without
    window.do("redo")
    window.do("show-assigned")
    assert space.canvas.grab().toImage() == without


def test_entries_are_made_changed_and_removed(
    space: Workspace,
    dialog: AssignmentsDialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = space.project
    park = add_feature(project, "park", HERE)
    space.apply(park)

    def fill(entry: AssignmentDialog) -> QDialog.DialogCode:
        entry.who.setCurrentText(" 张三 ")
        first = entry.kinds.item(0)
        first.setCheckState(Qt.CheckState.Checked)
        assert entry.where.itemText(0) == "The selected polygons: 9.0 ha"
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(AssignmentDialog, "exec", fill)
    dialog.add.click()
    (entry,) = read_assignments(project.info(FACT))
    assert (entry.operator, len(entry.layers)) == ("张三", 1)
    assert entry.area is not None
    assert entry.area.equals(HERE)
    assert dialog.table.rowCount() == 1

    def everywhere(entry: AssignmentDialog) -> QDialog.DialogCode:
        assert entry.who.currentText() == "张三"
        assert entry.where.itemText(0) == "As now: 9.0 ha"
        entry.where.setCurrentIndex(entry.where.count() - 1)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(AssignmentDialog, "exec", everywhere)
    dialog.change.click()
    (entry,) = read_assignments(project.info(FACT))
    assert entry.area is None
    dialog.remove.click()
    assert project.info(FACT) is None
    assert dialog.table.rowCount() == 0
    space.undo()
    assert dialog.table.rowCount() == 1


def test_an_entry_needs_a_name(qtbot: QtBot, dialog: AssignmentsDialog) -> None:
    entry = dialog.entry_dialog(None)
    qtbot.addWidget(entry)
    ok = entry._buttons.button(entry._ok)
    entry.who.setCurrentText("")
    assert not ok.isEnabled()
    entry.who.setCurrentText("李四")
    assert ok.isEnabled()
    assert entry.where.count() == 1
    assert entry.assignment() == Assignment("李四")
