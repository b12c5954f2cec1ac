"""The screens of `hjgis screenshot`."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from hjgis.errors import UsageError
from hjgis.layers.project import Project
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


@pytest.mark.parametrize("show", ["form-pipe_line", "form-inspection", "templates", "queries"])
def test_a_screenshot_leaves_the_project_as_it_was(
    qtbot: QtBot, tmp_path: Path, project: Project, show: str
) -> None:
    del qtbot
    path, out = project.path, tmp_path / "x.png"
    project.close()
    screenshot.take(path, out, size=(1366, 768), show=show, extent=None)
    assert not QImage(str(out)).isNull()
    with Project.open(path) as after:
        assert not after.session.can_undo
