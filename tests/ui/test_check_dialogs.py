"""Rules, limits and exceptions of the check are edited in the window."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from hjgis.checks.rules.register import all_rules
from hjgis.checks.wording import limit_label, limit_text, limit_typed, limit_unit
from hjgis.errors import EditRefused
from hjgis.models.changes import Change, ChangeSet, FactChange
from hjgis.models.exceptions import read_exceptions
from hjgis.models.issues import Severity
from hjgis.models.rule_settings import FACT, RuleSetting, read_settings
from hjgis.ui.dialogs.check_rules import CheckRulesDialog, RuleDialog
from hjgis.ui.main_window import MainWindow

OFF_NODE = "pipe.end_off_node"


@pytest.fixture
def rules(qtbot: QtBot, window: MainWindow) -> CheckRulesDialog:
    window.actions_by_id["check-rules"].trigger()
    dialog = window.editing.rules_dialog()
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def texts(dialog: CheckRulesDialog, key: str) -> list[str]:
    dialog.table.choose(key)
    table = dialog.table.table
    row = table.currentRow()
    items = (table.item(row, column) for column in range(table.columnCount()))
    return [item.text() if item else "" for item in items]


def settings_of(window: MainWindow) -> dict[str, RuleSetting]:
    assert window.workspace is not None
    return read_settings(window.workspace.project.info(FACT))


def test_every_rule_is_listed_with_its_limits_and_basis(rules: CheckRulesDialog) -> None:
    assert rules.table.table.rowCount() == len(all_rules())
    title, severity, runs, limits, basis, state = texts(rules, OFF_NODE)
    assert title == all_rules()[OFF_NODE].title
    assert (severity, runs, state) == ("Error", "yes", "")
    assert limits == "Tolerance 0.01 m"
    assert all_rules()[OFF_NODE].basis in basis
    for rule in all_rules().values():
        if rule.confidence in ("M-M", "M-L"):
            assert texts(rules, rule.id)[4].startswith("for reference")


def test_a_rule_is_switched_off_put_back_and_undone(
    window: MainWindow, rules: CheckRulesDialog
) -> None:
    rules.table.choose(OFF_NODE)
    rules.toggle.click()
    assert settings_of(window) == {OFF_NODE: RuleSetting(enabled=False)}
    assert texts(rules, OFF_NODE)[2] == "no"
    assert texts(rules, OFF_NODE)[5] == "changed"
    rules.back.click()
    assert settings_of(window) == {}
    assert not rules.back.isEnabled()
    assert window.workspace is not None
    window.workspace.undo()
    assert texts(rules, OFF_NODE)[2] == "no"
    window.workspace.undo()
    assert texts(rules, OFF_NODE)[2] == "yes"


def test_a_limit_is_typed_and_nonsense_is_refused_in_words(
    qtbot: QtBot, window: MainWindow
) -> None:
    assert window.workspace is not None
    project = window.workspace.project
    dialog = RuleDialog(project, all_rules()[OFF_NODE], window)
    qtbot.addWidget(dialog)
    line = dialog.limits["tolerance_m"]
    for typed, said in (
        ("far", "cannot be read"),
        ("", "cannot be read"),
        ("-1", "less than nothing"),
        ("nan", "nan"),
    ):
        line.setText(typed)
        with pytest.raises(EditRefused, match=said):
            dialog.make()
    line.setText("0,05")
    dialog.severity.setCurrentIndex(1)
    project.session.apply(dialog.make())
    own = settings_of(window)[OFF_NODE]
    assert own == RuleSetting(None, Severity.WARNING, {"tolerance_m": 0.05})
    line.setText("0.01")
    dialog.severity.setCurrentIndex(0)
    project.session.apply(dialog.make())
    assert settings_of(window) == {}


def test_every_limit_is_read_as_it_is_shown() -> None:
    for rule in all_rules().values():
        for name, value in rule.limits.items():
            assert limit_typed(limit_text(value), value) == value, (rule.id, name)


def test_every_limit_has_words_and_its_unit() -> None:
    names = {name for rule in all_rules().values() for name in rule.limits}
    assert {name for name in names if limit_label(name) == name} == set()
    assert limit_unit("tolerance_m") == "m"
    assert limit_unit("least_percent") == "%"
    assert limit_unit("kinds") == ""


def test_a_rule_that_cannot_run_is_named_in_the_window(
    window: MainWindow, rules: CheckRulesDialog
) -> None:
    assert window.workspace is not None
    assert not rules.faults.isVisible()
    text = '{"pipe.end_off_node":{"limits":{"tolerance_m":"far"}}}'
    window.workspace.apply(ChangeSet("check.rules", facts=(FactChange(FACT, None, text),)))
    assert "tolerance_m" in rules.faults.text()
    assert rules.faults.isVisible()
    assert texts(rules, OFF_NODE)[5] == "cannot run"
    rules.back.click()
    assert not rules.faults.isVisible()


def test_exceptions_are_listed_and_withdrawn(qtbot: QtBot, window: MainWindow) -> None:
    space = window.workspace
    assert space is not None
    checking = space.checking
    with qtbot.waitSignal(checking.changed):
        checking.run()
    assert checking.report is not None
    on_pipes = [issue for issue in checking.report.issues if issue.layer == "pipe_line"]
    checking.accept(on_pipes[:2], "as built")
    dialog = window.editing.show_exceptions()
    table = dialog.table.table
    assert table.rowCount() == 2
    words = [item.text() for column in range(7) if (item := table.item(0, column))]
    assert words[3:5] == ["as built", "tester"]
    assert words[6] == "still there"
    dialog.show_feature.click()
    assert space.selection.layer == "pipe_line"
    assert not dialog.withdraw_gone.isEnabled()
    key = on_pipes[0].uuid
    pipes = [one for one in space.selection.keys(space.project) if one.uuid == key]
    assert pipes
    space.apply(ChangeSet("edit.delete", (Change(space.project.get(pipes[0]), None),)))
    qtbot.waitUntil(dialog.withdraw_gone.isEnabled)
    dialog.withdraw_gone.click()
    left = read_exceptions(space.project.info("check_exceptions"))
    assert all(entry.uuid != key for entry in left)
    qtbot.waitUntil(lambda: not checking.pending)
    space.undo()
    table.selectAll()
    dialog.withdraw.click()
    assert table.rowCount() == 0
    assert read_exceptions(space.project.info("check_exceptions")) == []


def test_the_panel_s_exceptions_open_the_list(qtbot: QtBot, window: MainWindow) -> None:
    assert window.docks is not None
    window.docks.issues.exceptions_wanted.emit()
    qtbot.waitUntil(window.editing.show_exceptions().isVisible)


def test_exceptions_that_nobody_looks_at_are_listed_when_somebody_does(
    qtbot: QtBot, window: MainWindow
) -> None:
    assert window.workspace is not None
    checking = window.workspace.checking
    with qtbot.waitSignal(checking.changed):
        checking.run()
    dialog = window.editing.show_exceptions()
    dialog.hide()
    assert checking.report is not None
    checking.accept(list(checking.report.issues)[:3], "as built")
    assert dialog.table.table.rowCount() == 0
    window.editing.show_exceptions()
    assert dialog.table.table.rowCount() == 3
    window.workspace.undo()
    assert dialog.table.table.rowCount() == 0
