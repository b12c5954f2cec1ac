"""A window on a small project, drawn offscreen."""

from __future__ import annotations

import os
from collections.abc import Iterator

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.settings import Settings
from hjgis.ui.app import start_qt
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from hjgis.ui.workspace import Workspace
from tests import network


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> None:
    """Every test sees the fonts and sizes that users see, and Qt as the program sets it up."""
    # The windows of the test before: without an event loop nothing that was closed ever goes.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if not qapp.styleSheet():
        start_qt([])


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    """Three manholes and the two pipes between them."""
    return network.build(project)


@pytest.fixture
def workspace(qtbot: QtBot, project: Project, keys: dict[str, FeatureKey]) -> Iterator[Workspace]:
    """The network on a map of 800 x 600 pixels at 1:500, drawn."""
    del keys
    jobs = Jobs()
    opened = Workspace(project, jobs)
    qtbot.addWidget(opened.canvas)
    opened.canvas.resize(800, 600)
    opened.canvas.show()
    qtbot.waitUntil(lambda: opened.layers.is_loaded)
    qtbot.waitUntil(lambda: not opened.canvas.busy)
    opened.canvas.set_denominator(500)
    qtbot.waitUntil(lambda: not opened.canvas.busy)
    yield opened
    jobs.stop()
    opened.close()


@pytest.fixture
def window(qtbot: QtBot, project: Project, keys: dict[str, FeatureKey]) -> Iterator[MainWindow]:
    """The main window on the network, at the size of a small laptop."""
    del keys
    opened = MainWindow(project, Settings(operator="tester"))
    qtbot.addWidget(opened)
    opened.resize(1366, 768)
    opened.show()
    assert opened.workspace is not None
    layers, canvas = opened.workspace.layers, opened.workspace.canvas
    qtbot.waitUntil(lambda: layers.is_loaded and not opened.jobs.busy)
    qtbot.waitUntil(lambda: not canvas.busy)
    yield opened
    opened.close()
