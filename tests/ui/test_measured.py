"""What panels share: measured when looked at, a row that is kept, a file that is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.errors import InputError
from hjgis.models.changes import FeatureKey
from hjgis.progress import Progress
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from hjgis.ui.measured import Measured, Work


class Counter:
    """Measures a number that grows, once it may go on."""

    def __init__(self, panel: QWidget, jobs: Jobs) -> None:
        self.number, self.shown = 0, list[int]()
        self.go_on, self.begun = threading.Event(), threading.Event()
        self.fails = False
        self.measured = Measured(
            panel, jobs, title="t", prepare=self.prepare, show=self.shown.append
        )

    def prepare(self) -> Work:
        self.number += 1
        number = self.number

        def work(progress: Progress) -> int:
            self.begun.set()
            self.go_on.wait(5)
            progress.check()
            if self.fails:
                raise InputError("row 7")
            return number

        return work


@pytest.fixture
def panel(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    del qtbot
    made = Jobs()
    yield made
    made.stop()


def test_what_was_stopped_is_measured_when_it_is_looked_at_again(
    qtbot: QtBot, panel: QWidget, jobs: Jobs
) -> None:
    counter = Counter(panel, jobs)
    assert counter.number == 0, "nothing before somebody looks"
    panel.show()
    counter.begun.wait(5)
    jobs.cancel()
    with qtbot.waitSignal(counter.measured.said):
        counter.go_on.set()
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: counter.shown == [2])
    panel.hide()
    panel.show()
    assert counter.number == 2, "it is known by now"


def test_what_failed_is_told_and_tried_again_on_the_next_look(
    qtbot: QtBot, panel: QWidget, jobs: Jobs
) -> None:
    counter = Counter(panel, jobs)
    counter.go_on.set()
    counter.fails = True
    with qtbot.waitSignal(jobs.failed) as told:
        panel.show()
    assert str(told.args[0]) == "row 7"
    counter.fails = False
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: counter.shown == [2])


def test_a_result_that_a_newer_question_outdates_is_not_shown(
    qtbot: QtBot, panel: QWidget, jobs: Jobs
) -> None:
    counter = Counter(panel, jobs)
    panel.show()
    counter.begun.wait(5)
    counter.measured.measure()
    counter.go_on.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert counter.shown == [2]


def test_changes_wait_until_somebody_looks(qtbot: QtBot, panel: QWidget, jobs: Jobs) -> None:
    counter = Counter(panel, jobs)
    counter.go_on.set()
    panel.show()
    qtbot.waitUntil(lambda: counter.shown == [1])
    panel.hide()
    counter.measured.outdate()
    assert not counter.measured._later.isActive()
    panel.show()
    qtbot.waitUntil(lambda: counter.shown == [1, 2])


# -- a row that is kept --------------------------------------------------------------------------


def test_an_edit_leaves_cursor_and_map_where_they_are(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    assert window.measuring is not None
    assert window.workspace is not None
    panel, space = window.measuring.renewal, window.workspace
    pipes = [key for key in keys.values() if key.layer == "pipe_line"]
    space.apply(set_values(space.project, pipes, {"kind": "TR", "laid_year": 1980}))
    window.do("renewal")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    panel.view.selectRow(1)
    chosen, answer = panel.model.keys()[1], panel.answer
    space.canvas.zoom_out()
    seen = space.canvas.frame.extent
    # The other pipe is older now, the chosen one comes second still.
    other = next(key for key in pipes if space.project.store.fid(key) != chosen)
    space.apply(set_values(space.project, [other], {"laid_year": 1950}))
    qtbot.waitUntil(lambda: panel.answer is not answer)
    assert panel.model.keys()[panel.view.currentIndex().row()] == chosen
    assert [index.row() for index in panel.view.selectionModel().selectedRows()] == [
        panel.model.keys().index(chosen)
    ]
    assert space.canvas.frame.extent == seen


# -- a file that is asked for --------------------------------------------------------------------

KINDS = "Workbooks (*.xlsx);;Web pages (*.html)"


@pytest.mark.parametrize(
    ("typed", "kind", "expected"),
    [
        ("report.html", "Workbooks (*.xlsx)", "report.html"),
        ("report", "Web pages (*.html)", "report.html"),
        ("report", "", "report.xlsx"),
        ("town 2026.11", "Workbooks (*.xlsx)", "town 2026.11.xlsx"),
        ("REPORT.XLSX", "Web pages (*.html)", "REPORT.XLSX"),
    ],
)
def test_a_name_gets_the_ending_of_the_kind_unless_it_has_one(
    panel: QWidget,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    kind: str,
    expected: str,
) -> None:
    answer = (str(tmp_path / typed), kind)
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_facts, **_how: answer)
    assert ask_target(panel, "t", tmp_path / "proposal", KINDS) == tmp_path / expected


@pytest.mark.parametrize("replaces", [True, False])
def test_a_file_that_the_file_dialog_did_not_see_is_not_replaced_unasked(
    panel: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaces: bool
) -> None:
    there = tmp_path / "report.xlsx"
    there.write_bytes(b"mine")
    answer = (str(tmp_path / "report"), "Workbooks (*.xlsx)")
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_facts, **_how: answer)
    monkeypatch.setattr(confirming, "agreed", lambda *_facts, final: replaces and final)
    assert ask_target(panel, "t", there, KINDS) == (there if replaces else None)


def test_what_is_never_replaced_is_not_asked_about(
    panel: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "town 2026.11.xlsx"
    there.write_bytes(b"mine")
    asked: list[bool] = []

    def save(*_facts: object, confirm: bool) -> tuple[str, str]:
        asked.append(confirm)
        return str(tmp_path / "town 2026.11"), ""

    monkeypatch.setattr(file_dialogs, "save_file", save)
    monkeypatch.setattr(confirming, "agreed", lambda *_facts, **_more: asked.append(True))
    assert ask_target(panel, "t", there, KINDS, replaces=False) == there
    assert asked == [False]
