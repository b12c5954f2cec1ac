from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import hjgis
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey

PACKAGE = Path(hjgis.__file__).parent


class Knot:
    def __init__(self) -> None:
        self.me = self


def test_garbage_is_collected_in_this_thread_only(qtbot: QtBot, qapp: QApplication) -> None:
    del qapp
    where: list[int] = []

    def heard(phase: str, _facts: dict[str, int]) -> None:
        if phase == "start":
            where.append(threading.get_ident())

    def busy() -> None:
        for _often in range(20_000):
            Knot()

    knot = Knot()
    gone = weakref.ref(knot)
    gc.callbacks.append(heard)
    try:
        del knot
        worker = threading.Thread(target=busy)
        worker.start()
        worker.join()
        assert where == []
        qtbot.waitUntil(lambda: gone() is None)
    finally:
        gc.callbacks.remove(heard)
    assert set(where) == {threading.get_ident()}


def test_no_thread_finds_a_qt_type_still_to_be_made() -> None:
    code = """
from PySide6 import QtCore, QtGui
from hjgis.ui.app import start_qt
start_qt(["hjgis"])
print([name for module in (QtCore, QtGui) for name in dir(module) if name not in vars(module)])
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_the_program_ends_in_peace_while_the_clipboard_holds_features(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    del keys
    project.close()
    code = f"""
from pathlib import Path
from hjgis.layers.project import Project
from hjgis.ui import clipboard
from hjgis.ui.app import start_qt
from hjgis.ui.selection import Selection
application = start_qt(["hjgis"])
with Project.open(Path({str(project.path)!r}), write=False) as opened:
    selection = Selection()
    selection.set("manhole", opened.store.ordered_fids("manhole"))
    clipboard.copy(opened, selection)
    mime = application.clipboard().mimeData()
    print(len(mime.text().splitlines()), clipboard.MIME in mime.formats(), len(mime.formats()))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (answer.stdout.strip(), answer.returncode) == ("3 True 2", 0)


def test_no_widget_is_asked_for_its_screen_which_would_go_with_it() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}: {line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if ".screen()" in line
    ]
    assert found == []


def test_a_screen_that_the_application_names_outlives_the_window_that_kept_it() -> None:
    code = """
import gc
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def __init__(self):
        super().__init__()
        self.me = self
        self.kept = (QGuiApplication.screenAt(self.pos()), QGuiApplication.primaryScreen())

application = QApplication([])
for _often in range(3):
    Window().show()
    gc.collect()
print(QGuiApplication.primaryScreen().availableGeometry().width() > 100)
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "True"
