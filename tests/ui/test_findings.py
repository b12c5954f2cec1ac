"""The check panel: listed, narrowed, walked through, kept in place, shown on the map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QImage, QInputMethodEvent, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.checks import runner
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.models.changes import Change, ChangeSet, FeatureKey
from hjgis.models.issues import Severity
from hjgis.render.frame import MapFrame
from hjgis.ui.dialogs.exception import REASONS, ExceptionDialog
from hjgis.ui.dialogs.fixing import FixDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.finding_marks import FindingMarks
from hjgis.ui.panels.finding_rows import COUNT, FEATURE, FINDING
from hjgis.ui.panels.issues import IssuesPanel
from hjgis.ui.workspace import Workspace

RULE = "manhole.responsible_missing"


@pytest.fixture
def panel(qtbot: QtBot, workspace: Workspace) -> IssuesPanel:
    made = IssuesPanel(workspace)
    qtbot.addWidget(made)
    made.resize(1366, 300)
    made.show()
    made.show_report(runner.run(workspace.project))
    return made


def words(panel: IssuesPanel, column: int = FINDING) -> list[str]:
    model = panel.model
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def opened(panel: IssuesPanel, rule: str = RULE) -> int:
    """Open a rule and return the row of its first finding."""
    for top in panel.model.arranged.tops:
        row = panel.model.row_of_line((top.key, rule))
        if row is not None:
            panel.model.set_open(row, opened=True)
            return row + 1
    raise AssertionError(rule)


def settled(qtbot: QtBot, panel: IssuesPanel) -> None:
    qtbot.waitUntil(lambda: not panel.busy)


def test_findings_stand_below_their_rule_and_heading_and_open_on_demand(
    panel: IssuesPanel,
) -> None:
    listed = words(panel)
    assert listed[0] == "Completeness"
    before = panel.model.rowCount()
    first = opened(panel)
    assert panel.model.rowCount() == before + 3
    assert panel.model.index(first, FEATURE).data().startswith("Manhole")
    names = {panel.model.index(first + n, FEATURE).data().split()[-1] for n in range(3)}
    assert names == {"A", "B", "C"}
    assert panel.model.index(first - 1, COUNT).data() == "3"
    panel.model.set_open(first - 1, opened=False)
    assert words(panel) == listed


def test_a_click_selects_zooms_and_explains(qtbot: QtBot, panel: IssuesPanel) -> None:
    first = opened(panel)
    at = panel.view.visualRect(panel.model.index(first, FINDING)).center()
    with qtbot.waitSignal(panel.zoom_requested) as zoomed:
        qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel._selection.layer == "manhole"
    assert zoomed.args[0][2] - zoomed.args[0][0] == 50
    said = panel.details.words.toPlainText()
    assert "Basis" in said
    assert "Responsible" in said


def test_the_keyboard_folds_walks_and_enters(qtbot: QtBot, panel: IssuesPanel) -> None:
    view, model = panel.view, panel.model
    first = opened(panel)
    model.set_open(first - 1, opened=False)
    view.put_cursor(first - 1)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert model.line(first).at is not None
    with qtbot.waitSignal(panel.zoom_requested):
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().row() == first
    with qtbot.waitSignal(panel.field_wanted) as wanted:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert isinstance(wanted.args[0], str)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.currentIndex().row() == first - 1
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert model.line(first).at is None
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert model.line(view.currentIndex().row()).group is None


def test_next_and_previous_pass_every_finding_once(panel: IssuesPanel) -> None:
    assert panel.report is not None
    count, visited = len(panel.report.issues), []
    for _step in range(count):
        panel.go_next()
        visited.append(panel.view.current)
    assert visited == panel.model.arranged.order.tolist()
    panel.go_next()
    assert panel.view.current == visited[-1]
    assert panel._space.canvas.message.isVisible()
    for at in visited[-2::-1]:
        panel.go_previous()
        assert panel.view.current == at


def test_next_before_a_check_says_how_to_check(qtbot: QtBot, workspace: Workspace) -> None:
    panel = IssuesPanel(workspace)
    qtbot.addWidget(panel)
    panel.go_next()
    assert workspace.canvas.message.isVisible()
    assert panel.state.said.text() == "Not checked yet."


def test_a_repaired_finding_goes_and_the_cursor_is_on_the_next_one(
    panel: IssuesPanel, keys: dict[str, FeatureKey]
) -> None:
    project, space = panel._project, panel._space
    first = opened(panel)
    panel.view.put_cursor(first)
    following = panel.model.issues[panel.model.line(first + 1).at].uuid
    current = panel.model.issues[panel.view.current].uuid
    key = next(key for key in keys.values() if key.uuid == current)
    space.apply(
        set_values(project, [key], {"responsible_unit": "住建局", "managing_unit": "住建局"})
    )
    panel.show_report(runner.run(project))
    assert panel.model.issues[panel.view.current].uuid == following
    # The next one has not been looked at: going on begins with it.
    panel.go_next()
    assert panel.model.issues[panel.view.current].uuid == following
    assert panel._selection.keys(project)[0].uuid == following
    space.undo()
    panel.show_report(runner.run(project))
    assert panel.model.issues[panel.view.current].uuid == following
    assert current in {panel.model.issues[at].uuid for at in panel.model.arranged.order.tolist()}


def test_another_report_keeps_cursor_scroll_and_what_is_open(
    qtbot: QtBot, panel: IssuesPanel
) -> None:
    panel.resize(1366, 150)
    first = opened(panel)
    panel.view.put_cursor(first + 1)
    bar = panel.view.verticalScrollBar()
    bar.setValue(first)
    at, listed, top = panel.view.current, words(panel), bar.value()
    assert top > 0
    panel.show_report(runner.run(panel._project))
    assert (panel.view.current, words(panel), bar.value()) == (at, listed, top)
    panel.view.clearSelection()
    panel.view.setCurrentIndex(panel.model.index(-1, 0))
    bar.setValue(top - 1)
    panel.show_report(runner.run(panel._project))
    assert bar.value() == top - 1


def test_the_last_repaired_finding_leaves_the_cursor_in_peace(panel: IssuesPanel) -> None:
    opened(panel)
    panel.view.put_cursor(opened(panel))
    empty = runner.run(panel._project, only=["geometry.invalid"])
    panel.show_report(empty)
    assert panel.model.rowCount() == 0
    assert panel.view.current is None
    panel.go_next()
    panel.go_previous()


def test_after_the_last_finding_of_a_rule_the_cursor_is_on_the_next_rule(
    panel: IssuesPanel, keys: dict[str, FeatureKey]
) -> None:
    project = panel._project
    first = opened(panel)
    panel.view.put_cursor(first + 2)
    _here, after, _before = panel.model.keys_around(first + 2)
    nodes = [keys[name] for name in "ABC"]
    units = {"responsible_unit": "住建局", "managing_unit": "住建局"}
    panel._space.apply(set_values(project, nodes, units))
    panel.show_report(runner.run(project))
    row = panel.view.currentIndex().row()
    left = [key for key in after if panel.model.row_of_line(key) is not None]
    assert panel.model.line(row).key == left[0]
    panel.go_next()
    assert panel.view.current is not None
    assert panel.model.line(panel.view.currentIndex().row()).key in left[:2]


def test_a_deleted_feature_is_told_of(panel: IssuesPanel, keys: dict[str, FeatureKey]) -> None:
    panel.view.put_cursor(opened(panel))
    lines = [keys["AB"], keys["BC"]]
    panel._space.apply(delete_features(panel._project, lines))
    panel._space.apply(delete_features(panel._project, [keys[name] for name in "ABC"]))
    panel.go(panel.view.current)
    assert panel._space.canvas.message.isVisible()
    panel._look(panel.model.line(panel.view.currentIndex().row()))
    assert "no longer there" in panel.details.words.toPlainText()


@pytest.mark.parametrize("grouping", ["layer", "unit", "road", "grid"])
def test_findings_can_be_grouped_otherwise_and_the_cursor_stays_on_its_finding(
    qtbot: QtBot, panel: IssuesPanel, grouping: str
) -> None:
    panel.view.put_cursor(opened(panel))
    at = panel.view.current
    panel.filter.groupings.setCurrentIndex(panel.filter.groupings.findData(grouping))
    settled(qtbot, panel)
    assert panel.view.current == at
    assert len(panel.model.arranged) == len(panel.report.issues)


def test_headings_sort_and_a_third_click_gives_the_usual_order_back(
    qtbot: QtBot, panel: IssuesPanel
) -> None:
    usual = words(panel)
    header = panel.view.horizontalHeader()
    header.setSortIndicator(COUNT, Qt.SortOrder.DescendingOrder)
    settled(qtbot, panel)
    counts = [len(top) for top in panel.model.arranged.tops]
    assert counts == sorted(counts, reverse=True)
    header.setSortIndicator(FINDING, Qt.SortOrder.AscendingOrder)
    settled(qtbot, panel)
    names = [top.title for top in panel.model.arranged.tops]
    assert names == sorted(names)
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    settled(qtbot, panel)
    assert words(panel) == usual


def test_a_typed_text_narrows_the_list_and_says_so(qtbot: QtBot, panel: IssuesPanel) -> None:
    qtbot.keyClicks(panel.filter.line, "BC")
    qtbot.waitUntil(lambda: not panel.busy)
    names = {panel.model.name(panel.model.line(row)) for row in range(*_leaves(panel))}
    assert names == {"Pipe line BC"} or all("BC" in name for name in names)
    assert "listed" in panel.state.said.text()
    panel.filter.line.clear()
    settled(qtbot, panel)
    assert "listed" not in panel.state.said.text()


def test_what_is_not_listed_any_more_is_not_explained_any_more(
    qtbot: QtBot, panel: IssuesPanel
) -> None:
    first = opened(panel)
    at = panel.view.visualRect(panel.model.index(first, FINDING)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert "Basis" in panel.details.words.toPlainText()
    panel.filter.line.setText("nothing is called so")
    settled(qtbot, panel)
    assert panel.model.rowCount() == 0
    assert "Basis" not in panel.details.words.toPlainText()
    assert not panel.details.accept.isEnabled()


def _leaves(panel: IssuesPanel) -> tuple[int, int]:
    """Open all and return the range of rows of the first rule's findings."""
    for top in panel.model.arranged.tops:
        for group in top.groups:
            row = panel.model.row_of_line((top.key, group.rule.id))
            panel.model.set_open(row, opened=True)
            return row + 1, row + 1 + len(group)
    raise AssertionError


def test_an_input_method_keeps_its_enter(qtbot: QtBot, panel: IssuesPanel) -> None:
    line = panel.filter.line
    line.setFocus()
    QApplication.sendEvent(line, QInputMethodEvent("renmin", []))
    told = []
    line.returnPressed.connect(lambda: told.append(1))
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert not told


def test_severities_are_left_out_by_their_buttons(panel: IssuesPanel) -> None:
    panel.filter.buttons[Severity.ERROR].click()
    kinds = {g.rule.severity for top in panel.model.arranged.tops for g in top.groups}
    assert Severity.ERROR not in kinds
    counts = panel.report.issues.severities()
    assert panel.filter.buttons[Severity.ERROR].text() == str(counts[Severity.ERROR])


def test_the_summary_narrows_to_a_layer_and_a_severity(panel: IssuesPanel) -> None:
    states = panel.summary.states
    layers = [state.layer for state in states.states]
    assert layers[0] is None
    row = layers.index("pipe_line")
    panel.summary._tell(states.index(row, 0))
    shown = {panel.report.issues[at].layer for at in panel.model.arranged.order.tolist()}
    assert shown == {"pipe_line"}
    column = 3 + [*Severity].index(Severity.WARNING)
    panel.summary._tell(states.index(layers.index("manhole"), column))
    issues = [panel.report.issues[at] for at in panel.model.arranged.order.tolist()]
    assert {(i.layer, i.severity) for i in issues} == {("manhole", Severity.WARNING)}
    panel.summary._tell(states.index(0, 0))
    assert len(panel.model.arranged) == len(panel.report.issues)


def test_the_summary_counts_what_the_report_holds(panel: IssuesPanel) -> None:
    states = {state.layer: state for state in panel.summary.states.states}
    assert states["manhole"].features == 3
    assert states["manhole"].complete == panel.report.completeness["manhole"].overall
    total = sum(sum(state.counts.values()) for layer, state in states.items() if layer)
    assert total == len(panel.report.issues) == sum(states[None].counts.values())


def test_only_what_is_seen_or_selected_is_listed(
    qtbot: QtBot, panel: IssuesPanel, keys: dict[str, FeatureKey]
) -> None:
    space = panel._space
    space.canvas.show_extent((427_999.0, 4_527_999.0, 428_001.0, 4_528_001.0))
    panel.filter.in_view.click()
    settled(qtbot, panel)
    seen = {panel.report.issues[at].uuid for at in panel.model.arranged.order.tolist()}
    assert keys["A"].uuid in seen
    assert keys["C"].uuid not in seen
    space.canvas.show_extent((428_059.0, 4_528_009.0, 428_061.0, 4_528_011.0))
    settled(qtbot, panel)
    seen = {panel.report.issues[at].uuid for at in panel.model.arranged.order.tolist()}
    assert keys["C"].uuid in seen
    assert keys["A"].uuid not in seen
    panel.filter.in_view.click()
    space.selection.set("manhole", [space.project.store.fid(keys["B"])])
    panel.filter.selected.click()
    seen = {panel.report.issues[at].uuid for at in panel.model.arranged.order.tolist()}
    assert seen == {keys["B"].uuid}


def test_rules_that_failed_are_named_with_the_reason(panel: IssuesPanel) -> None:
    panel.show_report(replace(panel.report, failed={RULE: "KeyError: <x>"}))
    said = panel.state.said.text()
    assert "1 rule could not run" in said
    assert "#a3211b" in said
    assert "KeyError: &lt;x&gt;" in panel.state.said.toolTip()


def test_rules_under_way_are_marked(panel: IssuesPanel) -> None:
    panel.model.show_pending({RULE})
    row = opened(panel) - 1
    assert panel.model.index(row, FEATURE).data() == "being updated"
    panel.model.show_pending(())
    assert not panel.model.index(row, FEATURE).data()


def test_a_chosen_rule_stands_for_all_its_findings(panel: IssuesPanel) -> None:
    panel.view.put_cursor(opened(panel) - 1)
    assert {issue.rule for issue in panel.chosen_issues()} == {RULE}
    assert len(panel.chosen_issues()) == 3
    panel.view.selectAll()
    assert len(panel.chosen_issues()) == len(panel.report.issues)


def test_an_exception_needs_a_reason_and_is_one_step_of_undo(
    qtbot: QtBot, panel: IssuesPanel
) -> None:
    panel.view.put_cursor(opened(panel) - 1)
    issues, project = panel.chosen_issues(), panel._project
    dialog = ExceptionDialog("", len(issues), "tester", panel)
    qtbot.addWidget(dialog)
    assert not dialog._ok.isEnabled()
    dialog.reasons.setCurrentIndex(1)
    assert dialog._ok.isEnabled()
    assert dialog.reason == REASONS[1]
    panel.accept(issues, "  ")
    assert project.info("check_exceptions") is None
    panel.accept(issues, dialog.reason)
    assert project.info("check_exceptions").count(RULE) == 3
    panel._space.undo()
    assert project.info("check_exceptions") is None


# -- on the map ----------------------------------------------------------------------------------


def painted(marks: FindingMarks, frame: MapFrame) -> QImage:
    image = QImage(int(frame.width_px), int(frame.height_px), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    marks.paint(painter, frame)
    painter.end()
    return image


def test_a_sign_is_painted_where_the_finding_lies_and_is_found_there() -> None:
    frame = MapFrame(100.0, 200.0, 0.5, 400, 300)
    xy = np.array([[100.0, 200.0], [np.nan, np.nan], [150.0, 220.0]])
    marks = FindingMarks(np.array([7, 8, 9]), xy, np.array([0, 0, 2], np.uint8))
    assert len(marks) == 2
    image = painted(marks, frame)
    assert image.pixelColor(200, 150).name() == "#b3261e"
    assert image.pixelColor(300, 110).name() == "#1565c0"
    assert image.pixelColor(100, 100).name() == "#ffffff"
    assert (marks.at((203, 150), frame), marks.at((300, 108), frame)) == (7, 9)
    assert marks.at((250, 150), frame) is None


def test_of_signs_that_would_cover_each_other_the_worst_is_seen() -> None:
    frame = MapFrame(0.0, 0.0, 1.0, 100, 100)
    xy = np.full((3, 2), 3.0)
    marks = FindingMarks(np.arange(3), xy, np.array([2, 0, 1], np.uint8))
    image = painted(marks, frame)
    assert image.pixelColor(53, 47).name() == "#b3261e"
    assert marks.at((53, 47), frame) == 1


def test_signs_stay_on_the_ground_while_the_map_is_dragged() -> None:
    random = np.random.default_rng(3)
    xy = random.uniform(-400, 400, (5000, 2))
    marks = FindingMarks(np.arange(5000), xy, np.zeros(5000, np.uint8))
    for shift in (0.0, 7.0, 250.0, 300.0):
        frame = MapFrame(shift, 0.0, 1.0, 200, 100)
        shown = painted(marks, frame)
        alone = painted(FindingMarks(np.arange(5000), xy, np.zeros(5000, np.uint8)), frame)
        assert shown == alone


def test_no_findings_paint_nothing() -> None:
    marks = FindingMarks(np.empty(0, np.int64), np.empty((0, 2)), np.empty(0, np.uint8))
    frame = MapFrame(0.0, 0.0, 1.0, 50, 50)
    assert painted(marks, frame).pixelColor(25, 25).name() == "#ffffff"
    assert marks.at((25, 25), frame) is None


def test_a_press_on_a_sign_brings_its_row(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space, docks = window.workspace, window.docks
    panel, canvas = docks.issues, space.canvas
    panel.show_report(runner.run(space.project))
    canvas.show_extent((427_990.0, 4_527_990.0, 428_070.0, 4_528_020.0))
    qtbot.waitUntil(lambda: not canvas.busy and not panel.busy)
    canvas.repaint()
    x, y = 428_060.0, 4_528_010.0
    px = canvas.frame.to_device(np.array([[x, y]]))[0]
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*px.astype(int).tolist()))
    assert panel.view.current is not None
    assert panel.report.issues[panel.view.current].uuid == keys["C"].uuid
    assert space.selection.keys(space.project) == [keys["C"]]
    assert panel.isVisible()


def test_signs_can_be_hidden_and_limited_to_a_rule(panel: IssuesPanel) -> None:
    canvas = panel._space.canvas
    placed = sum(issue.x is not None for issue in panel.report.issues)
    assert len(canvas.marks) == placed
    panel.state.toggle_marks()
    assert canvas.marks is None
    panel.state.toggle_marks()
    assert len(canvas.marks) == placed
    panel.state._choices["rule"].trigger()
    assert len(canvas.marks) == 0
    panel.view.put_cursor(opened(panel) - 1)
    assert len(canvas.marks) == 3


def test_enter_opens_the_form_at_the_field(qtbot: QtBot, window: MainWindow) -> None:
    space, docks = window.workspace, window.docks
    panel = docks.issues
    panel.show_report(runner.run(space.project, only=["attribute.required"]))
    docks.show_issues()
    panel.go_next()
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert docks.attributes.isVisible()
    named = panel.report.issues.batches[0].findings.facts_of(0)["fields"]
    assert docks.attributes._form.names
    assert named


def test_the_actions_of_the_check_go_on_and_hide(qtbot: QtBot, window: MainWindow) -> None:
    space, panel = window.workspace, window.docks.issues
    panel.show_report(runner.run(space.project))
    window.do("next-finding")
    first = panel.view.current
    window.do("next-finding")
    assert panel.view.current != first
    window.do("previous-finding")
    assert panel.view.current == first
    window.do("findings-on-map")
    assert space.canvas.marks is None


def test_a_project_that_is_only_read_offers_no_change(panel: IssuesPanel) -> None:
    panel.view.put_cursor(opened(panel))
    assert panel.details.accept.isEnabled()
    panel._project.refuse_edits("somebody else has it")
    panel.view.clearSelection()
    panel.view.put_cursor(opened(panel) + 1)
    assert not panel.details.accept.isEnabled()
    assert not panel.details.fix.isEnabled()


def test_an_edit_and_its_undo_are_in_the_list_at_once(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space, panel = window.workspace, window.docks.issues
    window.do("check")
    qtbot.waitUntil(lambda: panel.report is not None and not panel.busy, timeout=30_000)

    def missing() -> int:
        return panel.report.issues.summary().get(RULE, 0)

    assert missing() == 3
    panel.view.put_cursor(opened(panel))
    key = FeatureKey("manhole", str(panel.report.issues[panel.view.current].uuid))
    space.apply(set_values(space.project, [key], {"responsible_unit": "A", "managing_unit": "A"}))
    qtbot.waitUntil(lambda: missing() == 2 and not panel.busy, timeout=10_000)
    assert panel.report.issues[panel.view.current].uuid != key.uuid
    space.undo()
    qtbot.waitUntil(lambda: missing() == 3 and not panel.busy, timeout=10_000)


def test_an_accepted_finding_leaves_the_list_and_is_counted(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.docks.issues
    window.do("check")
    qtbot.waitUntil(lambda: panel.report is not None and not panel.busy, timeout=30_000)
    panel.view.put_cursor(opened(panel) - 1)
    panel.accept(panel.chosen_issues(), "seen on site")
    qtbot.waitUntil(lambda: len(panel.report.exceptions) == 3 and not panel.busy, timeout=10_000)
    assert "3 exceptions" in panel.state.said.text()
    assert RULE not in panel.report.issues.summary()


def test_after_a_fix_the_next_finding_is_gone_to(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space, panel = window.workspace, window.docks.issues
    for name in ("AB", "BC"):
        pipe = space.project.get(keys[name])
        start, *others = pipe.geometry.coords
        loose = shapely.LineString([(start[0] + 0.4, start[1]), *others])
        space.apply(ChangeSet("edit.vertices", (Change(pipe, replace(pipe, geometry=loose)),)))
    window.do("check")
    qtbot.waitUntil(lambda: panel.report is not None and not panel.busy, timeout=30_000)
    panel.view.put_cursor(opened(panel, "pipe.end_off_node"))
    first = str(panel.report.issues[panel.view.current].uuid)

    def mend() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, FixDialog) and dialog.found is not None:
            dialog.accept()
        else:
            QTimer.singleShot(20, mend)

    QTimer.singleShot(0, mend)
    panel.fix_chosen()
    qtbot.waitUntil(lambda: panel.report.issues.summary().get("pipe.end_off_node") == 1)
    qtbot.waitUntil(lambda: not panel.busy)
    second = str(panel.report.issues[panel.view.current].uuid)
    assert second != first
    assert [key.uuid for key in space.selection.keys(space.project)] == [second]


def test_pieces_of_rows_stand_for_the_findings_in_them(panel: IssuesPanel) -> None:
    model = panel.model
    opened(panel)
    rows = range(model.rowCount())
    for first in rows:
        for last in range(first, len(rows)):
            wanted: set[int] = set()
            for row in range(first, last + 1):
                line = model.line(row)
                groups = (line.group,) if line.group is not None else line.top.groups
                if line.at is not None:
                    wanted.add(line.at)
                else:
                    for group in groups:
                        wanted |= {*model.arranged.order[group.start : group.stop].tolist()}
            assert model.chosen([(first, last)]).tolist() == sorted(wanted)


def test_nothing_is_left_to_do_about_findings_that_are_all_gone(panel: IssuesPanel) -> None:
    panel.view.put_cursor(opened(panel))
    assert panel.details.accept.isEnabled()
    empty = runner.run(panel._project, only=["geometry.empty"])
    assert not len(empty.issues)
    panel.show_report(empty)
    assert panel.model.rowCount() == 0
    assert not panel.details.accept.isEnabled()
    assert not panel.details.fix.isEnabled()
    assert panel.details.accept.toolTip() == "Choose a row first."
    assert "Choose a finding" in panel.details.words.toPlainText()


def test_where_a_fix_can_do_nothing_it_is_not_offered_but_the_form_is(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space, docks = window.workspace, window.docks
    assert space is not None
    assert docks is not None
    panel = docks.issues
    # There is a fix for the rule, but no unit is written anywhere that it could take.
    panel.show_report(runner.run(space.project, only=[RULE]))
    docks.show_issues()
    panel.view.put_cursor(opened(panel))
    buttons = panel.details
    qtbot.waitUntil(lambda: not buttons.fix.isEnabled())
    assert "Owner" in buttons.fix.toolTip()
    assert buttons.by_hand.isVisible()
    assert buttons.by_hand.isEnabled()
    named = panel.report.issues.batches[0].findings.facts_of(0)
    qtbot.mouseClick(buttons.by_hand, Qt.MouseButton.LeftButton)
    assert docks.attributes.isVisible()
    assert docks.attributes._field in (named.get("fields") or [named.get("field")])


def test_where_a_fix_can_do_something_it_stays_offered(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space, panel = window.workspace, window.docks.issues
    pipe = space.project.get(keys["AB"])
    start, *others = pipe.geometry.coords
    loose = shapely.LineString([(start[0] + 0.4, start[1]), *others])
    space.apply(ChangeSet("edit.vertices", (Change(pipe, replace(pipe, geometry=loose)),)))
    panel.show_report(runner.run(space.project, only=["pipe.end_off_node"]))
    panel.view.put_cursor(opened(panel, "pipe.end_off_node"))
    assert panel._trying.busy
    qtbot.waitUntil(lambda: not panel._trying.busy)
    assert panel.details.fix.isEnabled()


def test_of_several_findings_none_is_edited_by_hand(panel: IssuesPanel) -> None:
    row = opened(panel)
    panel.view.put_cursor(row - 1)
    assert len(panel.view.chosen()) > 1
    assert not panel.details.by_hand.isVisible()


def test_buttons_that_cannot_be_pressed_say_why(panel: IssuesPanel) -> None:
    panel._project.refuse_edits("the disk is read-only")
    panel.view.put_cursor(opened(panel))
    for button in (panel.details.fix, panel.details.accept):
        assert not button.isEnabled()
        assert button.toolTip() == "the disk is read-only"
