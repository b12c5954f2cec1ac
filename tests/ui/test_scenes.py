"""The screens of `hjgis screenshot`."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from hjgis.errors import ProjectError, UsageError
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.ui import screenshot


def test_a_screen_that_does_not_exist_is_refused_with_those_that_do(
    qtbot: QtBot, tmp_path: Path, project: Project
) -> None:
    del qtbot
    project.close()
    with pytest.raises(UsageError, match="form-toilet"):
        screenshot.take(
            project.path, tmp_path / "x.png", size=(800, 600), show="form-x", extent=None
        )
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize("show", ["form-pipe_line", "templates", "queries", "photos"])
def test_a_screenshot_leaves_the_project_as_it_was(
    qtbot: QtBot, tmp_path: Path, project: Project, keys: dict[str, FeatureKey], show: str
) -> None:
    del qtbot, keys
    path, out, latest = project.path, tmp_path / "x.png", project.session.next_undo()
    project.close()
    screenshot.take(path, out, size=(1366, 768), show=show, extent=None)
    assert not QImage(str(out)).isNull()
    with Project.open(path) as after:
        assert after.session.next_undo() == latest


def test_a_screen_of_a_feature_needs_one(qtbot: QtBot, tmp_path: Path, project: Project) -> None:
    del qtbot
    project.close()
    with pytest.raises(ProjectError, match="no Street lamp"):
        screenshot.take(
            project.path,
            tmp_path / "x.png",
            size=(800, 600),
            show="form-street_lamp",
            extent=None,
        )
