"""The real window on a small town, for tests from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
from pytestqt.qtbot import QtBot

from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.ui.app import Desk, start_qt
from hjgis.ui.main_window import MainWindow
from tests import network
from tests.acceptance.hands import Person, shown


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


@pytest.fixture
def person(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """Whoever works at the real window in Chinese, with nothing open yet."""
    monkeypatch.setenv("HJGIS_LANGUAGE", "zh_CN")
    monkeypatch.setenv("HJGIS_CONFIG_DIR", str(tmp_path / "config"))
    application = start_qt([])
    desk = Desk(application)
    desk.begin(None)
    wanted = os.environ.get("HJGIS_DAY_PICTURES")
    yield Person(desk, Path(wanted) if wanted else tmp_path / "pictures")
    assert desk.window is not None
    desk.window.close()
    desk.window.deleteLater()
    set_language("en")
    desk._use_language()
