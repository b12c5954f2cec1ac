"""The dialog of fixes: what is seen is what is stored, as one step of undo."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from hjgis.checks import runner
from hjgis.edits.arrange import lock
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.issues import Issue
from hjgis.ui.dialogs.fixing import BY_HAND, FixDialog
from hjgis.ui.workspace import Workspace
from tests.ui.other_work import begin_export
from tests.unit.checks.faults import add, at, line


@pytest.fixture
def lamps(project: Project) -> list[str]:
    """Three lamps whose kind is no code."""
    return [add(project, "street_lamp", at(n), lamp_type="煤油灯") for n in range(3)]


def found(workspace: Workspace, *rules: str) -> list[Issue]:
    return [*runner.run(workspace.project, only=rules).issues]


def opened(qtbot: QtBot, workspace: Workspace, issues: list[Issue]) -> FixDialog:
    dialog = FixDialog(workspace, issues)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.found is not None or not dialog.fixes.count())
    return dialog


def cells(dialog: FixDialog) -> list[list[str]]:
    table = dialog.table
    items = [[table.item(row, column) for column in range(4)] for row in range(table.rowCount())]
    return [[item.text() if item else "" for item in row] for row in items]


def chosen(qtbot: QtBot, dialog: FixDialog, name: str) -> None:
    dialog.choose(name)
    qtbot.waitUntil(lambda: dialog.found is not None)


def test_what_is_seen_is_stored_as_one_step_of_undo(
    qtbot: QtBot, workspace: Workspace, lamps: list[str]
) -> None:
    dialog = opened(qtbot, workspace, found(workspace, "attribute.code"))
    project = workspace.project
    before = project.content_sha256()
    chosen(qtbot, dialog, "to-remarks")
    assert len([row for row in cells(dialog) if row[2] == "煤油灯" and row[3] == "–"]) == 3
    dialog.accept()
    values = [project.get(FeatureKey("street_lamp", uuid)).values for uuid in lamps]
    assert [one["lamp_type"] for one in values] == [None] * 3
    assert not dialog.isVisible()
    workspace.undo()
    assert project.content_sha256() == before


def test_a_refusal_is_seen_first_with_its_reason(
    qtbot: QtBot, workspace: Workspace, lamps: list[str]
) -> None:
    dialog = opened(qtbot, workspace, found(workspace, "attribute.code"))
    chosen(qtbot, dialog, "code-by-name")
    assert dialog.found is not None
    assert len(dialog.found.refused) == len(lamps)
    assert [row[1] for row in cells(dialog)] == [_("cannot be mended")] * 3
    assert "煤油灯" in dialog.said.text()
    assert not dialog._ok.isEnabled()


def test_where_nothing_can_be_done_about_the_one_finding_the_form_is_offered(
    qtbot: QtBot, workspace: Workspace, lamps: list[str]
) -> None:
    dialog = opened(qtbot, workspace, found(workspace, "attribute.code")[:1])
    dialog.show()
    chosen(qtbot, dialog, "code-by-name")
    assert dialog.by_hand.isVisible()
    chosen(qtbot, dialog, "to-remarks")
    assert not dialog.by_hand.isVisible()
    chosen(qtbot, dialog, "code-by-name")
    dialog.by_hand.click()
    assert dialog.result() == BY_HAND


def test_an_answer_is_asked_only_where_a_fix_needs_one(
    qtbot: QtBot, workspace: Workspace, lamps: list[str]
) -> None:
    dialog = opened(qtbot, workspace, found(workspace, "attribute.code"))
    chosen(qtbot, dialog, "to-remarks")
    assert not dialog.form.isRowVisible(dialog.answers)
    chosen(qtbot, dialog, "code-chosen")
    assert dialog.form.isRowVisible(dialog.answers)
    dialog.answers.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dialog.found is not None)
    dialog.accept()
    stored = workspace.project.get(FeatureKey("street_lamp", lamps[0]))
    assert stored.values["lamp_type"] == dialog.answers.itemData(1)


def test_findings_of_several_rules_offer_the_fixes_of_all(
    qtbot: QtBot, workspace: Workspace, lamps: list[str]
) -> None:
    add(workspace.project, "toilet", None)
    dialog = opened(qtbot, workspace, found(workspace, "attribute.code", "geometry.empty"))
    assert {"to-remarks", "delete"} <= {fix.id for fix in dialog.offered}
    assert "3" in dialog.fixes.itemText([f.id for f in dialog.offered].index("to-remarks"))
    assert len(lamps) == 3


def test_what_nothing_mends_says_so(qtbot: QtBot, workspace: Workspace) -> None:
    dialog = opened(qtbot, workspace, found(workspace, "target.unmet"))
    assert dialog.fix is None
    assert not dialog._ok.isEnabled()
    assert dialog.said.text() == _(
        "The program can do nothing about these findings: edit the features."
    )


def test_a_locked_layer_is_left(qtbot: QtBot, workspace: Workspace, lamps: list[str]) -> None:
    from hjgis.edits.arrange import lock

    project = workspace.project
    asset = project.asset_type("street_lamp")
    project.session.apply(lock(project.arrangement, asset, locked=True))
    dialog = opened(qtbot, workspace, found(workspace, "attribute.code"))
    chosen(qtbot, dialog, "to-remarks")
    assert dialog.found is not None
    assert len(dialog.found.refused) == len(lamps)
    assert not dialog._ok.isEnabled()


def test_closing_while_it_works_stores_nothing_and_breaks_nothing(
    qtbot: QtBot, workspace: Workspace
) -> None:
    add(workspace.project, "pipe_line", line((0, 0), (50, 0)), start_no="?")
    before = workspace.project.content_sha256()
    dialog = FixDialog(workspace, found(workspace, "pipe.end_without_node"))
    qtbot.addWidget(dialog)
    dialog.reject()
    qtbot.waitUntil(lambda: not workspace.jobs.busy)
    assert workspace.project.content_sha256() == before


def test_the_small_map_is_painted_with_old_and_new(qtbot: QtBot, workspace: Workspace) -> None:
    project = workspace.project
    node = add(project, "manhole", at(), exp_no="N")
    add(project, "pipe_line", line((3, 0), (50, 0)), from_node=node, start_no="N")
    dialog = opened(qtbot, workspace, found(workspace, "pipe.end_off_node"))
    dialog.show()
    image = dialog.preview.grab().toImage()
    colors = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(image.height())
    }
    assert {"#b3261e", "#0b63c5"} <= colors


def test_closing_the_dialog_stops_only_its_own_work(
    qtbot: QtBot, workspace: Workspace, lamps: list[str]
) -> None:
    go_on, written = begin_export(workspace.jobs)
    dialog = FixDialog(workspace, found(workspace, "attribute.code"))
    qtbot.addWidget(dialog)
    dialog.reject()
    go_on.set()
    qtbot.waitUntil(lambda: not workspace.jobs.busy)
    assert written == ["written"]
    assert dialog.found is None


def test_what_lies_in_a_locked_layer_is_seen_but_not_stored(
    qtbot: QtBot, workspace: Workspace, lamps: list[str]
) -> None:
    project = workspace.project
    asset = project.asset_type("street_lamp")
    project.session.apply(lock(project.arrangement, asset, locked=True))
    before = project.content_sha256()
    dialog = opened(qtbot, workspace, found(workspace, "attribute.code"))
    chosen(qtbot, dialog, "to-remarks")
    assert dialog.table.rowCount() == len(lamps)
    assert not dialog._ok.isEnabled()
    assert "locked" in dialog.said.text()
    dialog.accept()
    assert project.content_sha256() == before
