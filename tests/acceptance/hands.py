"""Somebody who presses everything: actions of the window, whatever they show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMenu
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.settings import Settings
from hjgis.ui.action_table import ACTIONS
from hjgis.ui.app import start_qt
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.table_commands import COMMANDS

# These end the window or put another one in its place.
_ENDING = frozenset({"close", "quit", "settings", "new", "open", "sample"})


@contextmanager
def shown(qtbot: QtBot, project: Project, *, extent: Extent | None = None) -> Iterator[MainWindow]:
    """Show a project at the size of a small laptop, the keys on the map."""
    start_qt([])
    window = MainWindow(project, Settings(operator="tester"))
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    assert window.workspace is not None
    canvas = window.workspace.canvas
    qtbot.waitUntil(lambda: not window.jobs.busy)
    if extent is not None:
        canvas.show_extent(extent)
    qtbot.waitUntil(lambda: not canvas.busy)
    canvas.setFocus()
    yield window
    window.close()


def usable(window: MainWindow) -> list[str]:
    """Return the actions that are offered as things stand."""
    assert window.workspace is not None
    state = window.workspace.state
    return [
        spec.id
        for spec in ACTIONS
        if spec.id not in _ENDING and (spec.need is None or not spec.need(state))
    ]


def press(window: MainWindow, action: str) -> list[QDialog]:
    """Do an action; return the windows that stay open beside the map.

    What waits for an answer is called off, as often as something new asks.
    """
    before = {id(dialog) for dialog in _open(window)}
    timer = QTimer(window, interval=5)
    timer.timeout.connect(_call_off)
    timer.start()
    window.do(action)
    QApplication.processEvents()
    timer.stop()
    timer.deleteLater()
    return [dialog for dialog in _open(window) if id(dialog) not in before]


def press_in_table(window: MainWindow, layer: str) -> list[str]:
    """Do everything that the table of a layer offers; return what."""
    assert window.docks is not None
    docks = window.docks
    docks.open_table(layer)
    timer = QTimer(window, interval=5)
    timer.timeout.connect(_call_off)
    timer.start()
    for command in COMMANDS:
        docks.table.do(command.id)
        QApplication.processEvents()
        for dialog in _open(window):
            dialog.reject()
    timer.stop()
    timer.deleteLater()
    return [command.id for command in COMMANDS]


def _open(window: MainWindow) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def _call_off() -> None:
    menu, asking = QApplication.activePopupWidget(), QApplication.activeModalWidget()
    if isinstance(menu, QMenu):
        menu.close()
    elif isinstance(asking, QDialog):
        asking.reject()
