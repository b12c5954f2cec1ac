"""Pictures of the real window, for the manual and for looking at what was changed."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTranslator
from PySide6.QtGui import QPixmap

from hjgis.errors import ProjectError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.settings import Settings
from hjgis.ui import theme
from hjgis.ui.app import start_qt
from hjgis.ui.main_window import MainWindow
from hjgis.ui.scenes import START, Scene, scene
from hjgis.ui.scenes.stage import Stage

# Who makes the edits of a scene.
_OPERATOR: Final = "张三"


def take(
    project_path: Path, out: Path, *, size: tuple[int, int], show: str, extent: Extent | None
) -> None:
    """Draw one screen of the program into a picture.

    Raises
    ------
    ProjectError
        If the project does not open or holds nothing to show, or the picture cannot be written.
    UsageError
        If there is no such screen.
    """
    application, translator = start_qt(["hjgis"]), QTranslator()
    theme.translate_qt(application, translator)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        path = project_path.resolve()
        project = held.enter_context(closing(Project.open_or_read(path)))
        shown = scene(show, project)
        if shown.of and not project.count(shown.of):
            message = _("There is nothing to show: this project has no {layer}.")
            name = label(project.asset_type(shown.of).label)
            raise ProjectError(message.format(layer=name))
        if shown.stores:
            project.close()
            copy = Path(shutil.copy(path, folder / path.name))
            project = held.enter_context(closing(Project.open_or_read(copy, operator=_OPERATOR)))
        started = show == START
        settings = Settings(recent=(str(project_path),)) if started else Settings()
        window = MainWindow(None if started else project, settings)
        window.resize(*size)
        picture = _grabbed(shown, Stage(window, extent, folder))
    if not picture.save(str(out)):
        raise ProjectError(_("Cannot write {path}.").format(path=out))


def _grabbed(shown: Scene, stage: Stage) -> QPixmap:
    window = stage.window
    window.show()
    try:
        stage.wait()
        if stage.extent is not None and window.workspace is not None:
            stage.space.canvas.show_extent(stage.extent)
        seen = shown.bring_up(stage)
        stage.wait()
        return seen.grab()
    finally:
        window.close()
        window.deleteLater()
