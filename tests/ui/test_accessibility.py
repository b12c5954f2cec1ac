"""All screens with the keyboard and read aloud, and on a small screen with large letters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
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
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.settings import Settings
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
WALKED = [scene for scene in SCENES if scene not in ALIKE and not scene.startswith("menu-")]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "town.gpkg"
    create_sample(path, clean=False)
    return path


@pytest.fixture
def screen(
    qtbot: QtBot, request: pytest.FixtureRequest, town: Path, tmp_path: Path
) -> Iterator[QWidget]:
    """The window of a scene, as it is when it comes up."""
    shown = SCENES[request.param]
    with closing(Project.open_or_read(Path(shutil.copy(town, tmp_path)))) as project:
        main = MainWindow(None if request.param == START else project, Settings())
        qtbot.addWidget(main)
        main.resize(1366, 768)
        main.show()
        stage = Stage(main, None, tmp_path)
        try:
            stage.wait()
            seen = shown.bring_up(stage)
            stage.wait()
            yield seen.window()
        finally:
            main.close()


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
