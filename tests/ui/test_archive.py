"""The window that moves old history into a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.archive import ArchiveDialog
from hjgis.ui.main_window import MainWindow

Keys = dict[str, FeatureKey]


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow, keys: Keys) -> ArchiveDialog:
    assert window.keeping is not None
    made = window.keeping.archive_dialog()
    qtbot.addWidget(made)
    made.show()
    return made


def test_history_is_archived_and_taken_back(
    window: MainWindow,
    project: Project,
    dialog: ArchiveDialog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not dialog.archive.isEnabled()
    assert dialog.archive.toolTip() == "There is no change before this day."
    dialog.day.setDate(QDate.currentDate().addDays(1))
    assert dialog.going.text() == "5 changes; 0 stay"
    target = tmp_path / "old.sqlite"
    proposed: list[str] = []

    def save(
        _parent: object, _title: str, proposal: str, _kinds: str, *, confirm: bool
    ) -> tuple[str, str]:
        assert confirm
        proposed.append(Path(proposal).name)
        return str(target), ""

    monkeypatch.setattr(file_dialogs, "save_file", save)
    dialog.archive.click()
    assert proposed[0].startswith("town.history-20")
    assert str(target) in dialog.said.text()
    assert dialog.going.text() == "0 changes; 0 stay"
    assert project.history.entries() == []
    assert not window.actions_by_id["undo"].isEnabled()
    monkeypatch.setattr(file_dialogs, "open_file", lambda *_facts: (str(target), ""))
    dialog.take_back.click()
    assert "complete again" in dialog.said.text()
    assert len(project.history.entries()) == 5
    assert window.actions_by_id["undo"].isEnabled()
    dialog.take_back.click()
    assert "already" in dialog.said.text()
