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
from hjgis.ui.main_window import MainWindow
from tests import network
from tests.acceptance.hands import shown


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    """Three manholes and the two pipes between them."""
    return network.build(project)


@pytest.fixture
def window(qtbot: QtBot, project: Project, keys: dict[str, FeatureKey]) -> Iterator[MainWindow]:
    """The window on it, at the size of a small laptop."""
    del keys
    with shown(qtbot, project) as opened:
        yield opened
