"""What every scene has: the window, what is in it, and how to wait for it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from hjgis.errors import ProjectError
from hjgis.i18n import _
from hjgis.models.changes import Extent
from hjgis.ui.docks import Docks
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.frame_painter import FramePainter
from hjgis.ui.map.viewport import at_denominator, fitted
from hjgis.ui.photos.photographs import Photographs
from hjgis.ui.window.editing import Editing
from hjgis.ui.window.inspecting import Inspecting
from hjgis.ui.window.measuring import Measuring
from hjgis.ui.window.querying import Querying
from hjgis.ui.workspace import Workspace

USUAL_LAYER: Final = "manhole"
_LONGEST_S: Final = 120.0
# Timers that start late work (a preview after the last key) are no longer than this.
LATE_MS: Final = 500
# What is done may have asked for more, by events of its own.
_ROUNDS: Final = 3
_FORM_DENOMINATOR: Final = 500.0


class Parts:
    """What is in a window that has a project, for those who know that it has one."""

    __slots__ = ()
    window: MainWindow

    @property
    def space(self) -> Workspace:
        """What the window works on."""
        assert self.window.workspace is not None
        return self.window.workspace

    @property
    def docks(self) -> Docks:
        """The panels around the map."""
        assert self.window.docks is not None
        return self.window.docks

    @property
    def editing(self) -> Editing:
        """What the edit actions do."""
        assert self.window.editing is not None
        return self.window.editing

    @property
    def inspecting(self) -> Inspecting:
        """What the actions of records do."""
        assert self.window.inspecting is not None
        return self.window.inspecting

    @property
    def measuring(self) -> Measuring:
        """What the actions that measure do."""
        assert self.window.measuring is not None
        return self.window.measuring

    @property
    def querying(self) -> Querying:
        """What the actions that ask do."""
        assert self.window.querying is not None
        return self.window.querying

    @property
    def photographs(self) -> Photographs:
        """What the actions of photos do."""
        assert self.window.photographs is not None
        return self.window.photographs


@dataclass(frozen=True, slots=True)
class Stage(Parts):
    """A window with a project in it.

    Attributes
    ----------
    folder : Path
        Files of a scene may lie here; it goes after the picture.
    """

    window: MainWindow
    extent: Extent | None
    folder: Path

    def shown(self, dialog: QWidget) -> QWidget:
        """Show a window with the main window at rest behind it."""
        self.wait()
        dialog.show()
        self.wait()
        return dialog

    def select_one(self, layer: str = USUAL_LAYER) -> None:
        """Select the feature nearest to the middle of its layer, and look at it."""
        space = self.space
        extent = space.layers.extent(layer) if layer in space.layers else None
        if extent is None:
            fids = space.project.table(layer, (), geometry=False).fids[:1]
            space.selection.set(layer, fids)
            return
        x, y = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
        radius = math.dist(extent[:2], extent[2:])
        nearest = space.layers[layer].columns.near(x, y, radius)[0]
        space.selection.set(layer, nearest.fids[:1])
        place = space.layers.extent_of(layer, space.selection.fids)
        if self.extent is None and place is not None:
            whole = fitted(space.canvas.frame, place)
            space.canvas.set_frame(
                at_denominator(whole, max(whole.scale_denominator, _FORM_DENOMINATOR))
            )

    def wait(self) -> None:
        """Let the window work until nothing is under way and nothing short is about to begin."""
        started, quiet = time.monotonic(), 0
        while quiet < _ROUNDS:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            quiet = 0 if self._busy else quiet + 1
            if not quiet:
                time.sleep(0.005)
            if time.monotonic() - started > _LONGEST_S:
                raise ProjectError(_("The window is still busy; no picture was made."))

    def wait_while(self, busy: Callable[[], bool]) -> None:
        """Wait for what the window does not know of."""
        started = time.monotonic()
        self.wait()
        while busy() and time.monotonic() - started < _LONGEST_S:
            self.wait()

    @property
    def _busy(self) -> bool:
        window = self.window
        canvas = window.workspace.canvas if window.workspace else None
        small_busy = window.overview is not None and window.overview.busy
        return (
            small_busy
            or (canvas is not None and canvas.busy)
            or any(is_at_work(top) for top in QApplication.topLevelWidgets() if top.isVisible())
        )


def is_at_work(window: QWidget, *, within_ms: int = LATE_MS) -> bool:
    """Say whether something of a window works in the background, or a short timer runs."""
    working: list[Jobs | FramePainter] = [
        *window.findChildren(Jobs),
        *window.findChildren(FramePainter),
    ]
    return any(one.busy for one in working) or any(
        timer.isActive() and timer.isSingleShot() and timer.interval() <= within_ms
        for timer in window.findChildren(QTimer)
    )
