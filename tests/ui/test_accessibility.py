"""All screens with the keyboard and read aloud, and on a small screen with large letters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QMainWindow,
    QMenu,
    QTextBrowser,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.settings import Settings
from hjgis.ui.app import start_qt
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.table_view import CellView
from hjgis.ui.scenes import SCENES, START
from hjgis.ui.scenes.stage import Stage
from tests.ui.test_map_keyboard import COLUMN, name, place, stops

# A screen of 1366 x 768 at 150 %.
ROOM = (911, 512)
# The same windows with other contents: seen in one of them.
ALIKE = {
    *("check-road", "check-unit", "check-layer", "completeness-road", "renewal-km"),
    *("renewal-chart", "search-empty", "search-nothing", "search-commands", "fix-twins"),
    *("fix-number", "fix-unit", "theme-cells-on-map", "theme-on-map", "export", "import"),
    *("themes-numbers", "themes-cells", "main", "table"),
}
# Dialogs that store nothing and leave the window behind them as it is.
BESIDE = {
    *("query", "location", "query-save", "statistics", "check-rule", "check-report", "lists"),
    *("lists-units", "lists-operators", "lists-ranges", "lists-targets", "lists-code"),
    *("lists-operator", "lists-range", "renumber", "template", "settings", "handbook"),
    *("doctor", "fault", "map", "map-series", "themes", "cycles", "record", "task-state"),
    *("target-expected", "fix", "photos-match", "import-file", "import-found", "import-target"),
    *("import-fields", "import-trial", "renewal-rules", "profile"),
}
WALKED = [scene for scene in SCENES if scene not in ALIKE and not scene.startswith("menu-")]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "town.gpkg"
    create_sample(path, clean=False)
    return path


@contextmanager
def open_window(path: Path, folder: Path, *, started: bool = False) -> Iterator[Stage]:
    """Open the main window on a project, or on none, and let it come to rest."""
    with closing(Project.open_or_read(path)) as project:
        main = MainWindow(None if started else project, Settings())
        main.resize(1366, 768)
        main.show()
        stage = Stage(main, None, folder)
        try:
            stage.wait()
            yield stage
        finally:
            main.close()
            main.deleteLater()


@pytest.fixture(scope="module")
def behind(
    qapp: QApplication, town: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """One main window behind all dialogs that change nothing in it."""
    if not qapp.styleSheet():
        start_qt([])
    folder = tmp_path_factory.mktemp("behind")
    with open_window(Path(shutil.copy(town, folder)), folder) as stage:
        yield stage


@pytest.fixture
def screen(request: pytest.FixtureRequest, town: Path, tmp_path: Path) -> Iterator[QWidget]:
    """The window of a scene, as it is when it comes up."""
    name, shown = request.param, SCENES[request.param]
    if name in BESIDE:
        stage = request.getfixturevalue("behind")
        seen = shown.bring_up(stage)
        stage.wait()
        assert seen.window() is not stage.window
        window = seen.window()
        yield window
        # Some are gone as soon as they are closed.
        if isValid(window):
            window.close()
        return
    path = Path(shutil.copy(town, tmp_path))
    with open_window(path, tmp_path, started=name == START) as stage:
        seen = shown.bring_up(stage)
        stage.wait()
        yield seen.window()


def unsaid(window: QWidget) -> list[str]:
    """Return the stops that have no name when the keyboard comes to them."""
    window.activateWindow()
    lacking = []
    for stop in stops(window):
        stop.setFocus()
        QApplication.processEvents()
        stop = stop.focusProxy() or stop
        if not name(stop) and not isinstance(stop, QToolButton):
            lacking.append(f"{type(stop).__name__} {stop.geometry()}")
        if isinstance(stop, QToolButton) and not (name(stop) or stop.text()):
            lacking.append(f"{type(stop).__name__} {stop.objectName()} {stop.geometry()}")
    return lacking


def traps(window: QWidget) -> list[str]:
    """Return the stops that Tab does not lead out of."""
    held, found = [], stops(window)
    for stop in found if len(found) > 1 else ():
        stop.setFocus()
        QApplication.processEvents()
        # In a page with links Tab goes through these first.
        links = stop.toHtml().count("<a href=") if isinstance(stop, QTextBrowser) else 0
        for _time in range(1 + links):
            if stop.hasFocus():
                QTest.keyClick(stop, Qt.Key.Key_Tab)
        if stop.hasFocus() and not isinstance(stop, CellView):
            held.append(f"{type(stop).__name__} {name(stop)}")
    return held


def inside_cells(widget: QWidget) -> bool:
    above = widget.parentWidget()
    return above is not None and isinstance(above.parentWidget(), QAbstractItemView)


def jumps(window: QWidget) -> list[str]:
    """Return where Tab goes up or back inside a dialog; its round begins at the upper left."""
    if isinstance(window, QMainWindow | QMenu):
        # Its parts are gone through with keys of their own.
        return []
    # What stands in cells scrolls with them.
    found = [one for one in stops(window) if not inside_cells(one)]
    places = [place(one, window) for one in found]
    if not found:
        return []
    # A button is a little taller than the box beside it.
    uppermost = min(at.top() for at in places) + 12
    row = [i for i, at in enumerate(places) if at.top() <= uppermost]
    first = min(row, key=lambda i: places[i].left())
    found, places = found[first:] + found[:first], places[first:] + places[:first]
    return [
        f"{name(a)} -> {name(b)}"
        for (a, at), (b, then) in pairwise(zip(found, places, strict=True))
        if then.top() < at.top() - COLUMN and then.left() < at.right() - COLUMN
    ]


@pytest.mark.parametrize("screen", WALKED, indirect=True)
def test_each_screen_is_said_in_order_and_has_room(screen: QWidget) -> None:
    assert jumps(screen) == []
    assert unsaid(screen) == []
    assert traps(screen) == []
    if not isinstance(screen, QMenu):
        least = screen.minimumSizeHint().expandedTo(screen.minimumSize())
        assert (least.width(), least.height()) <= (ROOM[0], least.height())
        assert least.height() <= ROOM[1]
    if isinstance(screen, QDialog):
        screen.reject()
        assert not screen.isVisible()
