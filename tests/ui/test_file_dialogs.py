"""Questions for files leave the files of an open project alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.ui import file_dialogs

# Byte 128 of the shared memory: held by each process that uses it. Asked from another process.
_ASK = """
import fcntl, struct, sys
with open(sys.argv[1], "rb+") as file:
    wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 128, 1, 0)
    kind = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, wanted))[0]
print("free" if kind == fcntl.F_UNLCK else "held")
"""


def lock_of(project: Project) -> str:
    shared = f"{project.path}-shm"
    done = subprocess.run(
        [sys.executable, "-c", _ASK, shared], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def answer(qtbot: QtBot, name: str | None) -> None:
    """Wait until the folder is listed, type a name and accept; None: close the dialog."""

    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        qtbot.wait(300)
        if name is None:
            dialog.reject()
        else:
            dialog.findChild(QLineEdit).setText(name)
            dialog.accept()

    QTimer.singleShot(0, act)


@pytest.mark.parametrize("ask", ["open_file", "open_files", "save_file", "folder"])
def test_an_open_project_keeps_its_lock_when_its_folder_is_shown(
    qtbot: QtBot, project: Project, ask: str
) -> None:
    assert lock_of(project) == "held"
    answer(qtbot, None)
    getattr(file_dialogs, ask)(None, "which", str(project.path.parent))
    assert lock_of(project) == "held"


def test_the_dialog_that_looks_into_files_would_lose_it(qtbot: QtBot, project: Project) -> None:
    """What the others are for: should Qt mend it, they can go."""
    dialog = QFileDialog(None, "which", str(project.path.parent))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: lock_of(project) == "free")


def test_what_is_chosen_is_returned(qtbot: QtBot, tmp_path: Path) -> None:
    there = tmp_path / "井.csv"
    there.write_text("")
    answer(qtbot, there.name)
    kinds = "CSV (*.csv)"
    assert file_dialogs.open_file(None, "which", str(tmp_path), kinds) == (str(there), kinds)
    answer(qtbot, None)
    assert file_dialogs.open_files(None, "which", str(tmp_path)) == ([], "")
    answer(qtbot, "new.csv")
    start = str(tmp_path / "proposal.csv")
    assert file_dialogs.save_file(None, "which", start, kinds)[0] == str(tmp_path / "new.csv")
    answer(qtbot, str(tmp_path))
    assert file_dialogs.folder(None, "which", str(tmp_path.parent)) == str(tmp_path)


def test_nothing_else_in_the_program_asks_with_the_dialog_of_qt() -> None:
    rooms = Path(file_dialogs.__file__).parent
    asking = re.compile(r"QFileDialog\.get|QFileDialog\(|QFileSystemModel|QMimeDatabase")
    found = {path.name for path in rooms.rglob("*.py") if asking.search(path.read_text("utf-8"))}
    assert found == {"file_dialogs.py"}
