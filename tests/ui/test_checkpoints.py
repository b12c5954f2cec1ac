"""The list of checkpoints: mark, go back, rename, remove."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.models.changes import FeatureKey
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.checkpoints import CheckpointsDialog
from hjgis.ui.main_window import MainWindow

Keys = dict[str, FeatureKey]


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> CheckpointsDialog:
    assert window.keeping is not None
    made = window.keeping.checkpoints_dialog()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked; the answer is yes."""
    asked: list[str] = []

    def answer(_parent: object, _title: str, text: str, _verb: str) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(confirming, "agreed", answer)
    return asked


def remark(window: MainWindow, key: FeatureKey, text: str) -> None:
    assert window.workspace is not None
    project = window.workspace.project
    window.workspace.apply(set_values(project, [key], {"remarks": text}))


def texts(table: QTableWidget, column: int) -> list[str]:
    items = (table.item(row, column) for row in range(table.rowCount()))
    return [item.text() for item in items if item is not None]


def test_a_moment_is_named_and_gone_back_to(
    qtbot: QtBot, window: MainWindow, dialog: CheckpointsDialog, keys: Keys, questions: list[str]
) -> None:
    assert window.workspace is not None
    project = window.workspace.project
    assert not dialog.back.isEnabled()
    dialog.name.setText(" 东大街测量前 ")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert texts(dialog.table, 0) == ["东大街测量前"]
    assert not dialog.back.isEnabled()
    for text in ("one", "two"):
        remark(window, keys["B"], text)
    dialog.mark.click()
    remark(window, keys["B"], "three")
    dialog.refresh()
    assert texts(dialog.table, 3) == ["1", "3"]
    dialog.table.selectRow(1)
    dialog.back.click()
    assert "3 changes since checkpoint 东大街测量前" in questions[0]
    assert project.get(keys["B"]).values["remarks"] is None
    # Going back is work like any other.
    window.do("undo")
    assert project.get(keys["B"]).values["remarks"] == "one"


def test_a_moment_is_renamed_and_removed(window: MainWindow, dialog: CheckpointsDialog) -> None:
    assert window.workspace is not None
    history = window.workspace.project.history
    dialog.mark.click()
    item = dialog.table.item(0, 0)
    assert item is not None
    item.setText("验收前")
    assert [mark.name for mark in history.checkpoints()] == ["验收前"]
    item = dialog.table.item(0, 0)
    assert item is not None
    item.setText("  ")
    assert texts(dialog.table, 0) == ["验收前"]
    dialog.remove.click()
    assert history.checkpoints() == []
    assert not dialog.remove.isEnabled()


def test_back_to_the_latest_says_when_there_is_nothing_to_take_back(
    window: MainWindow, questions: list[str]
) -> None:
    assert window.workspace is not None
    message = window.workspace.canvas.message
    window.do("discard")
    assert "No checkpoint" in message.text()
    window.do("save")
    window.do("discard")
    assert "Nothing was changed" in message.text()
    assert questions == []
