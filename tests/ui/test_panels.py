from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from hjgis.checks import targets
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.split import split_line
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.report_form import FACT as FORM
from hjgis.models.report_form import form_of
from hjgis.models.targets import target_register
from hjgis.models.task_states import FACT as TASK_FACT
from hjgis.models.task_states import read_tasks
from hjgis.settings import Settings
from hjgis.ui.bridge import Bridge
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.task_state import TaskStateDialog
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.history import HistoryPanel
from hjgis.ui.panels.targets import TargetsPanel
from hjgis.ui.selection import Selection
from hjgis.ui.window.card import Card
from hjgis.ui.window.start_page import StartPage
from hjgis.ui.workspace import Workspace
from tests.network import build


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


@pytest.fixture
def jobs(qtbot):
    made = Jobs()
    yield made
    made.stop()


def test_checks_run_in_the_background(qtbot, window: MainWindow) -> None:
    docks = window.docks
    with qtbot.waitSignal(window.jobs.finished, timeout=30_000):
        docks.run_checks()
    assert "errors" in docks.issues.state.said.text()
    assert docks.issues.model.rowCount() > 0


def test_the_report_of_the_check_keeps_what_was_typed_and_is_written(
    qtbot, window: MainWindow, tmp_path: Path
) -> None:
    space, reporting = window.workspace, window.check_reporting
    with qtbot.waitSignal(window.jobs.finished, timeout=30_000):
        window.docks.run_checks()
    dialog = reporting.dialog()
    qtbot.addWidget(dialog)
    dialog.office.setText("Housing bureau")
    assert reporting.keep(dialog)
    assert form_of(space.project.info(FORM)).office == "Housing bureau"
    with qtbot.waitSignal(window.jobs.finished, timeout=30_000):
        reporting.write(tmp_path / "report.html")
    assert "Housing bureau" in (tmp_path / "report.html").read_text("utf-8")
    space.undo()
    assert form_of(space.project.info(FORM)).office == ""


def test_without_a_check_there_is_no_report_to_ask_about(window: MainWindow) -> None:
    window.check_reporting.ask()
    assert "F9" in window.workspace.canvas.message.text()


def test_a_target_selects_what_is_behind_its_number_and_what_is_not(
    qtbot, workspace: Workspace, project: Project, keys: dict
) -> None:
    selection = workspace.selection
    panel = TargetsPanel(workspace)
    qtbot.addWidget(panel)
    panel.show_tasks(targets.task_results(project, targets.measure(project)))
    assert panel.tiles.count() == 23
    panel.tiles.setCurrentRow(15)
    assert panel.details.target is not None
    assert panel.details.target.id == "TG-16-RESP"
    opened: list[str] = []
    panel.table_wanted.connect(opened.append)
    panel.details.counted.click()
    assert selection.keys(project) == [keys[name] for name in "ABC"]
    assert opened == ["manhole"]
    assert not panel.details.missing.isEnabled()
    panel.tiles.setCurrentRow(13)
    assert panel.details.missing.isEnabled()
    opened.clear()
    panel.details.missing.click()
    qtbot.waitUntil(lambda: opened == ["pipe_line"])
    assert {key.layer for key in selection.keys(project)} == {"pipe_line"}


def test_the_board_can_be_narrowed_to_one_unit(
    qtbot, workspace: Workspace, project: Project
) -> None:
    panel = TargetsPanel(workspace)
    qtbot.addWidget(panel)
    panel.show_tasks(targets.task_results(project, targets.measure(project)))
    panel.unit.setCurrentIndex(panel.unit.findData("园林局"))
    assert [panel.tiles.item(row).text().split()[0] for row in range(panel.tiles.count())] == [
        "5",
        "20",
    ]


def test_progress_by_hand_is_one_undo_step_and_the_board_follows(
    qtbot, workspace: Workspace, project: Project, monkeypatch
) -> None:
    panel = TargetsPanel(workspace)
    qtbot.addWidget(panel)
    panel.wanted.connect(lambda make: project.session.apply(make()))

    def fill(dialog: TaskStateDialog) -> int:
        dialog.state.setCurrentIndex(2)
        dialog.note.setText("办法已印发")
        dialog.evidence.add_files([project.path.parent / "a.pdf"])
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(TaskStateDialog, "exec", fill)
    panel.show()
    qtbot.waitUntil(lambda: panel.tiles.count() == 23)
    panel.tiles.setCurrentRow(19)
    panel.details.progress.click()
    kept = read_tasks(project.info(TASK_FACT))[20]
    assert (kept.state, kept.note) == ("done", "办法已印发")
    assert [one.file for one in kept.evidence] == ["a.pdf"]
    qtbot.waitUntil(lambda: "办法已印发" in panel.details.state.text())
    project.session.undo()
    qtbot.waitUntil(lambda: "办法已印发" not in panel.details.state.text())
    assert project.info(TASK_FACT) is None


def test_the_board_is_written_as_a_page_and_as_a_workbook(
    qtbot, workspace: Workspace, project: Project, tmp_path
) -> None:
    panel = TargetsPanel(workspace)
    qtbot.addWidget(panel)
    for name in ("board.pdf", "board.xlsx"):
        with qtbot.waitSignal(panel.said):
            panel.export(tmp_path / name)
    assert (tmp_path / "board.pdf").read_bytes().startswith(b"%PDF")
    book = openpyxl.load_workbook(tmp_path / "board.xlsx", read_only=True)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    book.close()
    tasks, rows, features = sheets.values()
    assert len(tasks) == 1 + 23
    assert len(rows) == 1 + len(targets.measure(project))
    assert sum(row[0] == "TG-16-RESP" for row in features) == 3


def test_history_shows_old_values_of_the_selected_feature(
    qtbot, project: Project, keys: dict
) -> None:
    selection = Selection()
    panel = HistoryPanel(project, Bridge(project.session), selection)
    qtbot.addWidget(panel)
    assert panel._tree.topLevelItemCount() == 5
    project.session.apply(set_values(project, [keys["A"]], {"exp_no": "A2"}))
    selection.set("manhole", [project.store.fid(keys["A"])])
    panel._only.setChecked(True)
    top = panel._tree.topLevelItem(0)
    assert top.text(2) == "tester"
    assert top.child(0).text(1).endswith(": A")
    assert panel._tree.topLevelItemCount() == 2


def test_the_start_page_opens_what_is_clicked(qtbot, project: Project, tmp_path: Path) -> None:
    gone = tmp_path / "gone.gpkg"
    page = StartPage(Settings(recent=(str(project.path), str(gone))))
    qtbot.addWidget(page)
    cards = page.findChildren(Card)
    assert len(cards) == 1
    with qtbot.waitSignal(page.open_requested) as opened:
        cards[0].clicked.emit()
    assert opened.args == [project.path]
    forget = next(b for b in page.findChildren(QPushButton) if b.text() == "Take off the list")
    with qtbot.waitSignal(page.forget_requested) as forgotten:
        forget.click()
    assert forgotten.args == [gone]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_words_are_cut_on_a_narrow_start_page(qtbot, language: str) -> None:
    set_language(language)
    page = StartPage(Settings())
    qtbot.addWidget(page)
    page.resize(1000, 640)
    page.show()
    for words in page.findChildren(QLabel):
        assert words.height() >= words.heightForWidth(words.width()), words.text()


@pytest.mark.parametrize(("width", "columns"), [(460, 1), (911, 2), (1366, 3), (2560, 3)])
def test_a_recent_project_tells_its_day_on_one_line_however_narrow_the_start_page(
    qtbot, tmp_path: Path, width: int, columns: int
) -> None:
    files = [tmp_path / f"{name}.gpkg" for name in "abc"]
    for file in files:
        file.write_bytes(b"")
    page = StartPage(Settings(recent=tuple(map(str, files))))
    qtbot.addWidget(page)
    page.resize(width, 512)
    page.show()
    cards = page.findChildren(Card)
    qtbot.waitUntil(lambda: len({card.x() for card in cards}) == columns)
    for card in cards:
        (day,) = (words for words in card.findChildren(QLabel) if "Changed" in words.text())
        assert day.width() >= day.fontMetrics().horizontalAdvance(day.text())


def test_the_history_lists_the_changes_of_what_is_selected_in_the_window(
    qtbot, project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(set_values(project, [keys["A"]], {"exp_no": "A2"}))
    window = MainWindow(project, Settings())
    qtbot.addWidget(window)
    assert window.workspace is not None
    assert window.docks is not None
    panel, selection = window.docks.history, window.workspace.selection
    panel._only.setChecked(True)
    assert panel._items() == []
    selection.set("manhole", [project.store.fid(keys["A"])])
    assert len(panel._items()) == 2
    selection.set("manhole", [project.store.fid(keys["B"])])
    assert len(panel._items()) == 1
    selection.set("manhole", [project.store.fid(keys[name]) for name in "AB"])
    assert panel._items() == []
    window.release()


def test_the_history_names_each_feature_and_says_when_and_by_whom_below(
    qtbot, project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(set_values(project, [keys["A"]], {"remarks": "one"}))
    panel = HistoryPanel(project, Bridge(project.session), Selection())
    qtbot.addWidget(panel)
    panel.resize(264, 400)
    panel.show()
    top, tree = panel._items()[0], panel._tree
    assert top.text(1) == "Change Remarks of Manhole A"
    # All the width is there for the words; the row is high enough for a second line.
    assert tree.columnWidth(1) >= tree.viewport().width() - 2
    assert tree.visualItemRect(top).height() >= 2 * tree.fontMetrics().height()
    assert "tester" in top.data(1, Qt.ItemDataRole.AccessibleTextRole)


def test_the_history_is_searched_and_brings_things_back(
    workspace: Workspace, keys: dict[str, FeatureKey]
) -> None:
    panel = HistoryPanel(workspace.project, workspace.bridge, workspace.selection)
    panel.wanted.connect(workspace.carry_out)
    session, node = workspace.project.session, keys["B"]
    session.operator = "甲"
    workspace.apply(set_values(workspace.project, [node], {"remarks": "one"}))
    session.operator = "乙"
    workspace.apply(set_values(workspace.project, [node], {"remarks": "two"}))
    panel.refresh()

    def shown() -> list[str]:
        return [item.text(2) for item in panel._items() if not item.isHidden()]

    panel._who.setCurrentIndex(panel._who.findData("甲"))
    assert shown() == ["甲"]
    panel._search.setText("no such change")
    assert shown() == []
    assert panel._empty.isVisibleTo(panel)
    panel._search.clear()
    panel._who.setCurrentIndex(0)

    panel._only.setChecked(True)
    workspace.selection.set("manhole", [workspace.project.store.fid(node)])
    latest = panel._items()[0]
    words = [words for words, _make in panel.offers(latest.child(0))]
    assert len(words) == 3
    panel.wanted.emit(panel.offers(latest.child(0))[0][1])
    assert workspace.project.get(node).values["remarks"] == "one"
    past: list[tuple[object, ...]] = []
    panel.past_shown.connect(past.append)
    panel._tree.setCurrentItem(panel._items()[0])
    assert past[-1] == (workspace.project.get(node).geometry,)
    panel.deleteLater()


def test_what_a_change_was_about_is_selected_from_the_history(
    workspace: Workspace, keys: dict[str, FeatureKey]
) -> None:
    project, selection = workspace.project, workspace.selection
    panel = HistoryPanel(project, workspace.bridge, selection)
    said: list[str] = []
    panel.said.connect(said.append)
    nodes = [keys["A"], keys["B"]]
    workspace.apply(set_values(project, nodes, {"remarks": "one"}))
    fids = sorted(project.store.fid(node) for node in nodes)
    panel.refresh()
    panel._tree.itemDoubleClicked.emit(panel._items()[0], 1)
    assert (selection.layer, selection.fids.tolist()) == ("manhole", fids)
    selection.clear()
    workspace.apply(delete_features(project, nodes))
    panel.refresh()
    panel._tree.itemDoubleClicked.emit(panel._items()[0], 1)
    assert selection.layer is None
    assert "is there now" in said[0]
    panel.deleteLater()


def test_the_changes_of_the_last_days_are_listed_however_many_came_since(
    workspace: Workspace, keys: dict[str, FeatureKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hjgis.ui.panels.history._SHOWN", 2)
    project, session = workspace.project, workspace.project.session
    panel = HistoryPanel(project, workspace.bridge, workspace.selection)
    for number, who in enumerate("甲乙乙"):
        session.operator = who
        workspace.apply(set_values(project, [keys["B"]], {"remarks": str(number)}))
    panel.refresh()
    assert len(panel._items()) == 2
    assert panel._older.isVisibleTo(panel)
    panel._day.setCurrentIndex(panel._day.findData(7))
    panel._who.setCurrentIndex(panel._who.findData("甲"))
    assert [item.text(2) for item in panel._items()] == ["甲"]
    assert not panel._older.isVisibleTo(panel)
    panel.deleteLater()


def test_the_history_of_a_piece_tells_of_the_whole_but_does_not_restore_it(
    workspace: Workspace, keys: dict[str, FeatureKey]
) -> None:
    project = workspace.project
    known = set(project.table("pipe_line", [], geometry=False).uuids)
    workspace.apply(split_line(project, keys["AB"], shapely.Point(428_020, 4_528_000)))
    (new,) = set(project.table("pipe_line", [], geometry=False).uuids) - known
    panel = HistoryPanel(project, workspace.bridge, workspace.selection)
    past: list[tuple[object, ...]] = []
    panel.past_shown.connect(past.append)
    panel._only.setChecked(True)
    workspace.selection.set("pipe_line", [project.store.fid(FeatureKey("pipe_line", new))])
    birth, before = panel._items()
    assert before.text(1).startswith("Before it was cut off: ")
    assert next(words for words, _make in panel.offers(birth)).startswith("Bring the feature back")
    assert all("feature" not in words for words, _make in panel.offers(before))
    panel._tree.setCurrentItem(before)
    assert past[-1] == ()
    panel.deleteLater()


def test_a_cell_of_the_evidence_is_typed_into_as_chinese_needs_it(qtbot, project: Project) -> None:
    dialog = TaskStateDialog(project, target_register().tasks[20])
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.evidence.add_files([project.path.parent / "a.pdf"])
    table = dialog.evidence.table
    table.editItem(table.item(0, 0))
    (editor,) = table.viewport().findChildren(NameLine)
    editor.setText("印发文件")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [one.words for one in dialog.evidence.entries()] == ["印发文件"])
    assert dialog.isVisible()
