"""What the window does about its own faults and about damaged files of its own."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from hjgis import paths, settings
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.settings import Settings
from hjgis.ui.app import Desk, Faults
from hjgis.ui.dialogs.crash import CrashDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.memory import memory

SECRET = "张三家 secret-4711"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HJGIS_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("HJGIS_LOG_DIR", str(tmp_path / "logs"))
    monkeypatch.setenv("HJGIS_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "config").mkdir()
    paths.untold_damage()
    return tmp_path / "config"


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    made = Desk(qapp)
    yield made
    if made.window is not None:
        made.window.close()
    made.deleteLater()


@pytest.fixture
def faults(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Faults:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    return Faults(qapp)


def test_a_fault_is_reported_without_data_and_kept_in_a_file(faults: Faults) -> None:
    heard: list[tuple[str, Path]] = []
    faults.happened.connect(lambda *given: heard.append(given))
    try:
        raise ZeroDivisionError(SECRET)
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    ((report, file),) = heard
    assert file.read_text("utf-8") == report
    assert "ZeroDivisionError" in report
    assert "test_safety_net" in report
    for part in ("hjgis ", "Python ", "Qt ", "GDAL ", "PROJ ", "SQLite "):
        assert f"\n{part}" in report
    for planted in ("secret", "张三", str(Path.home()) + os.sep, str(paths.log_dir())):
        assert planted not in report


def test_a_fault_in_a_thread_is_heard_too(qtbot: QtBot, faults: Faults) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with qtbot.waitSignal(faults.happened):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()


def test_the_window_of_a_fault_copies_its_report_and_says_where_it_is(
    qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = CrashDialog("what happened", tmp_path / "fault.txt")
    qtbot.addWidget(dialog)
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "what happened"
    assert dialog.folder.isEnabled()
    unkept = CrashDialog("what happened", None)
    qtbot.addWidget(unkept)
    assert not unkept.folder.isEnabled()
    assert unkept.folder.toolTip()


DAMAGES = {
    "cut": b'operator = "li\n',
    "binary": bytes(range(256)),
    "zeros": b"\0" * 400,
    "not UTF-8": 'operator = "李"\n'.encode("gbk"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_settings_are_put_aside_and_begun_anew(home: Path, damage: str) -> None:
    file = home / "settings.toml"
    file.write_bytes(DAMAGES[damage])
    assert settings.load() == Settings()
    assert (home / "settings.toml.damaged").read_bytes() == DAMAGES[damage]
    assert paths.untold_damage() == (home / "settings.toml.damaged",)
    assert settings.load() == Settings()
    assert paths.untold_damage() == ()
    settings.save(Settings(operator="李"))
    assert settings.load().operator == "李"


def test_settings_of_wrong_types_count_as_those_that_come_with_the_program(home: Path) -> None:
    (home / "settings.toml").write_text(
        'language = 5\noperator = ["li"]\nrecent = "x"\nphoto_limit_mb = "20"\nshrink_photos = 1\n'
    )
    assert settings.load() == Settings()


def test_a_damaged_file_is_told_once_by_the_window(desk: Desk, home: Path) -> None:
    (home / "settings.toml").write_bytes(b"\0" * 100)
    desk.settings = settings.load()
    desk.begin(None)
    (box,) = desk.window.findChildren(QMessageBox)
    assert "settings.toml.damaged" in box.text()
    box.close()
    desk.window.jobs.finished.emit()
    assert not [one for one in desk.window.findChildren(QMessageBox) if one.isVisible()]


def test_settings_that_cannot_be_written_stop_nothing_and_are_told_once(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    monkeypatch.setenv("HJGIS_CONFIG_DIR", str(tmp_path / "file"))
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda _parent, _title, text: told.append(text))
    path = tmp_path / "p.gpkg"
    Project.create(path).close()
    assert desk.open(path)
    desk.use_settings(Settings(language="en", operator="li"))
    assert desk.settings.operator == "li"
    assert len(told) == 1
    assert "settings.toml" in told[0]


LAYOUTS = {
    "cut": b"[General]\ngeometry=@ByteArray(\\x1\\xd9",
    "binary": bytes(range(256)),
    "zeros": b"\0" * 400,
    "words": b"nothing of ours\n",
}


@pytest.mark.parametrize("damage", LAYOUTS)
def test_a_damaged_memory_of_windows_is_put_aside_and_begun_anew(home: Path, damage: str) -> None:
    file = home / "window.ini"
    file.write_bytes(LAYOUTS[damage])
    assert memory(file).allKeys() == []
    assert (home / "window.ini.damaged").read_bytes() == LAYOUTS[damage]
    assert paths.untold_damage() == (home / "window.ini.damaged",)
    kept = memory(file)
    kept.setValue("one", "井盖")
    kept.sync()
    assert memory(file).value("one") == "井盖"
    assert paths.untold_damage() == ()


def test_a_window_opens_with_a_memory_of_wrong_types(
    qtbot: QtBot, project: Project, keys: dict[str, FeatureKey], home: Path
) -> None:
    file = home / "window.ini"
    kept = QSettings(str(file), QSettings.Format.IniFormat)
    for key in ("geometry", "state", "overview", "receiver", "table", "tables", "imported"):
        kept.setValue(key, ["neither", "this"])
    kept.setValue("columns", "[1, 2")
    kept.sync()
    window = MainWindow(project, Settings(), layout=file)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: not window.jobs.busy)
    window.close()


def test_a_memory_that_cannot_be_written_stops_nothing(
    qtbot: QtBot, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    window = MainWindow(project, Settings(), layout=tmp_path / "file" / "window.ini")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: not window.jobs.busy)
    window.close()


def test_the_window_examines_the_program_and_the_open_project(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = window.helping.examine()
    qtbot.waitUntil(lambda: bool(dialog.lines))
    states = {line.topic: line.state for line in dialog.lines}
    assert states["project"] == "ok"
    assert states["lock"] == "ok"
    assert dialog.table.rowCount() == len(dialog.lines)
    dialog.copy.click()
    assert "SQLite" in QGuiApplication.clipboard().text()
    dialog.close()
