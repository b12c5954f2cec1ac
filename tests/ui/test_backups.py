"""The window that shows what differs from a backup and brings it back."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.layers.project import Project
from hjgis.layers.safekeeping import backup_folder
from hjgis.models.changes import FeatureKey
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.backups import BackupsDialog
from hjgis.ui.main_window import MainWindow
from tests.network import PLACES

Keys = dict[str, FeatureKey]


@pytest.fixture
def backup(project: Project, keys: Keys) -> Path:
    folder = backup_folder(project.path)
    folder.mkdir(exist_ok=True)
    path = folder / f"{project.path.stem}-20260101-080000.gpkg"
    project.store.save_copy(path)
    project.session.apply(move_node(project, keys["B"], shapely.Point(428_033, 4_528_004)))
    project.session.apply(delete_features(project, [keys["A"]]))
    return path


def opened(qtbot: QtBot, window: MainWindow) -> BackupsDialog:
    assert window.keeping is not None
    dialog = window.keeping.backups_dialog()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not window.jobs.busy)
    return dialog


def counts(dialog: BackupsDialog) -> list[list[str]]:
    cells = [
        [dialog.table.item(row, column) for column in range(dialog.table.columnCount())]
        for row in range(dialog.table.rowCount())
    ]
    return [[cell.text() for cell in row if cell is not None] for row in cells]


def test_differences_are_shown_and_brought_back(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, backup: Path
) -> None:
    assert window.workspace is not None
    dialog = opened(qtbot, window)
    assert counts(dialog) == [["Pipe", "–", "2", "–"], ["Manhole", "1", "1", "–"]]
    assert dialog.bring.text() == "Bring 4 features back"
    dialog.show_there.click()
    qtbot.waitUntil(lambda: not window.jobs.busy)
    assert shapely.Point(PLACES["B"]) in window.workspace.canvas.past
    dialog.bring.click()
    qtbot.waitUntil(lambda: not window.jobs.busy and "Nothing differs" in dialog.state.text())
    assert project.get(keys["A"]).geometry == shapely.Point(PLACES["A"])
    assert "Bring 4 features back from the backup" in window.actions_by_id["undo"].text()
    assert not dialog.bring.isEnabled()
    dialog.close()
    assert window.workspace.canvas.past == ()


def test_only_what_is_ticked_comes_back(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, backup: Path
) -> None:
    dialog = opened(qtbot, window)
    dialog.wishes["changed"].setChecked(False)
    assert dialog.bring.text() == "Bring 1 feature back"
    item = dialog.table.item(1, 0)
    assert item is not None
    item.setCheckState(Qt.CheckState.Unchecked)
    assert not dialog.bring.isEnabled()
    item.setCheckState(Qt.CheckState.Checked)
    dialog.bring.click()
    qtbot.waitUntil(lambda: not window.jobs.busy)
    assert project.get(keys["A"]).geometry == shapely.Point(PLACES["A"])
    assert project.get(keys["B"]).geometry == shapely.Point(428_033, 4_528_004)


def test_a_damaged_backup_is_said_to_be_one(qtbot: QtBot, window: MainWindow, backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:50_000])
    dialog = opened(qtbot, window)
    assert backup.name in dialog.state.text()
    assert not dialog.bring.isEnabled()


def test_without_a_backup_the_window_says_when_there_will_be_one(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = opened(qtbot, window)
    assert "no backup yet" in dialog.state.text()
    assert not dialog.save.isEnabled()


def test_a_backup_is_saved_as_a_project(
    qtbot: QtBot,
    window: MainWindow,
    backup: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = tmp_path / "then.gpkg"
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_facts, **_how: (str(target), ""))
    dialog = opened(qtbot, window)
    dialog.save.click()
    qtbot.waitUntil(lambda: not window.jobs.busy)
    assert str(target) in dialog.state.text()
    with Project.open(target, write=False) as then:
        assert then.count("manhole") == 3
