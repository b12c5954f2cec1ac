"""The real window on a small town, for tests from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.settings import Settings
from hjgis.ui.app import start_qt
from hjgis.ui.main_window import MainWindow
from tests import network


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    """Three manholes and the two pipes between them."""
    return network.build(project)


@pytest.fixture
def window(qtbot: QtBot, project: Project, keys: dict[str, FeatureKey]) -> Iterator[MainWindow]:
    """The window on it, at the size of a small laptop."""
    del keys
    start_qt([])
    opened = MainWindow(project, Settings(operator="tester"))
    qtbot.addWidget(opened)
    opened.resize(1366, 768)
    opened.show()
    assert opened.workspace is not None
    canvas = opened.workspace.canvas
    qtbot.waitUntil(lambda: not opened.jobs.busy and not canvas.busy)
    yield opened
    opened.close()
