"""The window keeps the list of findings up to date while one edits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from hjgis.checks import live, runner
from hjgis.checks.checked import check_all
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.errors import EditRefused, ProjectError
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.issues import Issue
from hjgis.ui.checking import Checking
from hjgis.ui.main_window import MainWindow
from hjgis.ui.workspace import Workspace
from tests.rest import rest
from tests.ui.other_work import begin_export
from tests.unit.checks.faults import add, foreign


@pytest.fixture
def checked(qtbot: QtBot, workspace: Workspace) -> Checking:
    """The network, checked once."""
    with qtbot.waitSignal(workspace.checking.changed):
        workspace.checking.run()
    assert not workspace.checking.running
    return workspace.checking


def at_rest(checking: Checking) -> bool:
    return not checking.pending and not checking.running


def of_rule(checking: Checking, rule: str) -> list[Issue]:
    assert checking.report is not None
    return [issue for issue in checking.report.issues if issue.rule == rule]


def test_nothing_is_checked_before_somebody_asks(qtbot: QtBot, workspace: Workspace) -> None:
    checking = workspace.checking
    assert checking.report is None
    workspace.apply(set_values(workspace.project, [], {}))
    assert not checking.pending
    with qtbot.waitSignals([checking.state_changed, checking.changed]):
        checking.run()
    assert checking.report == runner.run(workspace.project)


def test_the_list_follows_an_edit_and_its_undo(
    qtbot: QtBot, workspace: Workspace, keys: dict[str, FeatureKey], checked: Checking
) -> None:
    before = checked.report
    node = keys["A"]
    place = workspace.project.get(node).geometry
    assert place is not None
    detached = move_node(workspace.project, node, type(place)(place.x + 5, place.y), detach=True)
    workspace.apply(detached)
    assert "pipe.end_without_node" in checked.pending
    qtbot.waitUntil(lambda: bool(of_rule(checked, "pipe.end_without_node")))
    qtbot.waitUntil(lambda: at_rest(checked))
    assert checked.report == runner.run(workspace.project)
    workspace.undo()
    qtbot.waitUntil(lambda: at_rest(checked) and checked.report == before)


def test_a_run_of_edits_ends_with_what_a_check_of_everything_finds(
    qtbot: QtBot, workspace: Workspace, keys: dict[str, FeatureKey], checked: Checking
) -> None:
    for number in range(20):
        change = set_values(workspace.project, [keys["A"]], {"exp_no": f"A{number % 3}"})
        workspace.apply(change)
        QApplication.processEvents()
    qtbot.waitUntil(lambda: at_rest(checked))
    assert checked.report == runner.run(workspace.project)


def test_findings_are_accepted_and_withdrawn_in_one_step_each(
    qtbot: QtBot, workspace: Workspace, checked: Checking
) -> None:
    before = checked.report
    issues = of_rule(checked, "attribute.required")[:2]
    with pytest.raises(EditRefused):
        checked.accept(issues, " ")
    with qtbot.waitSignal(checked.changed):
        assert checked.accept(issues, "as built")
    assert checked.report is not None
    assert [one.issue for one in checked.report.exceptions] == issues
    assert not set(issues) & set(checked.report.issues)
    with qtbot.waitSignal(checked.changed):
        checked.withdraw(checked.report.exceptions)
    assert checked.report == before
    workspace.undo()
    workspace.undo()
    assert checked.report == before
    assert workspace.project.session.next_redo() is not None


def test_a_check_that_is_stopped_leaves_the_report_and_can_be_run_again(
    qtbot: QtBot, workspace: Workspace, checked: Checking
) -> None:
    before = checked.report
    checked.run()
    assert checked.running
    workspace.jobs.cancel()
    qtbot.waitUntil(lambda: not checked.running)
    assert checked.report == before
    with qtbot.waitSignal(checked.changed):
        checked.run()
    assert checked.report == before


def test_a_check_that_fails_is_told_once_and_can_be_run_again(
    qtbot: QtBot, workspace: Workspace, checked: Checking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_anything: object) -> None:
        raise ProjectError("the disk is gone")

    told: list[object] = []
    checked.failed.connect(told.append)
    monkeypatch.setattr(live, "check_all", broken)
    checked.run()
    qtbot.waitUntil(lambda: not checked.running)
    assert [str(error) for error in told] == ["the disk is gone"]
    monkeypatch.setattr(live, "check_all", check_all)
    with qtbot.waitSignal(checked.changed):
        checked.run()
    assert checked.report == runner.run(workspace.project)


def test_closing_stops_what_is_being_checked(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.checking.run()
    assert isinstance(workspace.checking, QObject)
    workspace.jobs.stop()
    workspace.close()
    assert workspace.project.is_closed


def test_stopping_the_check_stops_no_other_work_that_comes_before_it(
    qtbot: QtBot, workspace: Workspace, checked: Checking
) -> None:
    go_on, written = begin_export(workspace.jobs)
    before = checked.report
    checked.run()
    checked.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: not workspace.jobs.busy)
    assert written == ["written"]
    assert not checked.running
    assert checked.report is before


def gone_on_with(qtbot: QtBot, workspace: Workspace, checking: Checking) -> None:
    """What is listed in the end is what a check of everything finds."""
    qtbot.waitUntil(lambda: at_rest(checking), timeout=20_000)
    assert checking.report == runner.run(workspace.project)


def test_edits_while_everything_is_checked_are_in_the_list_in_the_end(
    qtbot: QtBot, workspace: Workspace, keys: dict[str, FeatureKey]
) -> None:
    checking = workspace.checking
    checking.run()
    for number in range(5):
        change = set_values(workspace.project, [keys["A"]], {"exp_no": f"A{number}"})
        workspace.apply(change)
        QApplication.processEvents()
    workspace.undo()
    gone_on_with(qtbot, workspace, checking)


def test_a_check_stopped_at_any_moment_while_one_edits_ends_true(
    qtbot: QtBot, workspace: Workspace, keys: dict[str, FeatureKey], checked: Checking
) -> None:
    for wait_ms in (0, 1, 5, 20, 60, 150):
        checked.run()
        workspace.apply(set_values(workspace.project, [keys["B"]], {"exp_no": f"B{wait_ms}"}))
        qtbot.wait(wait_ms)
        workspace.jobs.cancel()
        qtbot.waitUntil(lambda: not checked.running, timeout=20_000)
    gone_on_with(qtbot, workspace, checked)


def test_what_another_program_writes_meanwhile_is_in_the_list(
    qtbot: QtBot, workspace: Workspace, keys: dict[str, FeatureKey], checked: Checking
) -> None:
    rule = "manhole.responsible_missing"
    before = len(of_rule(checked, rule))
    foreign(workspace.project, "DELETE FROM manhole WHERE uuid = ?", keys["C"].uuid)
    workspace.look_for_foreign_edits()
    qtbot.waitUntil(lambda: len(of_rule(checked, rule)) == before - 1, timeout=20_000)
    workspace.apply(set_values(workspace.project, [keys["A"]], {"exp_no": "Q"}))
    foreign(workspace.project, "UPDATE manhole SET exp_no = 'Q' WHERE uuid = ?", keys["B"].uuid)
    workspace.look_for_foreign_edits()
    qtbot.waitUntil(lambda: len(of_rule(checked, "point.number_twice")) > 0, timeout=20_000)
    gone_on_with(qtbot, workspace, checked)


def test_an_exception_outlives_its_feature_and_counts_again_when_that_is_back(
    qtbot: QtBot, workspace: Workspace, keys: dict[str, FeatureKey], checked: Checking
) -> None:
    key = FeatureKey("toilet", add(workspace.project, "toilet", None))
    workspace.checking.run()
    qtbot.waitUntil(lambda: bool(of_rule(checked, "geometry.empty")), timeout=20_000)
    checked.accept(of_rule(checked, "geometry.empty"), "planned")
    workspace.apply(delete_features(workspace.project, [key]))
    qtbot.waitUntil(lambda: at_rest(checked), timeout=20_000)
    assert checked.report is not None
    assert [one.issue for one in checked.report.exceptions] == [None]
    workspace.undo()
    qtbot.waitUntil(lambda: at_rest(checked), timeout=20_000)
    assert [one.issue is not None for one in checked.report.exceptions] == [True]
    assert not of_rule(checked, "geometry.empty")
    assert keys


@pytest.mark.parametrize("wait_ms", [0, 3, 30])
def test_a_project_may_close_at_any_moment_of_a_check(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey], wait_ms: int
) -> None:
    space = window.workspace
    assert space is not None
    before = space.project.content_sha256()
    with capture_exceptions() as faults:
        space.checking.run()
        qtbot.wait(wait_ms)
        space.apply(set_values(space.project, [keys["A"]], {"exp_no": "Z"}))
        space.undo()
        window.release()
        rest(qtbot, window)
    assert not faults, faults
    with Project.open(space.project.path, write=False) as after:
        assert after.content_sha256() == before
