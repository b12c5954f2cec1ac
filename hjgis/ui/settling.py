"""What was stored comes into the file itself once nothing has been edited for a moment."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.layers.second_writer import move_log
from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs

_IDLE_MS: Final = 1000


class Settling(QObject):
    """Moves the log beside the file into it, for those who copy the file.

    In a thread of its own: after large edits the disk takes seconds for that.
    """

    failed = Signal(object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._jobs = project, Jobs(self)
        self._idle = QTimer(self, interval=_IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self.begin)
        self._jobs.failed.connect(self.failed)
        if not project.read_only:
            project.store.leave_log()

    def begin_later(self) -> None:
        """Do it when there has been no other edit for a moment."""
        self._idle.start()

    def begin(self) -> None:
        """Do it now."""
        if self._project.read_only or self._project.access.unchecked:
            return
        if self._jobs.busy:
            self._idle.start()
            return
        self._jobs.run(self._move, self._settled, title=_("Storing the change…"))

    def _move(self, _progress: Progress) -> None:
        move_log(self._project)

    def _settled(self, _nothing: None) -> None:
        self._project.store.let_go()

    def stop(self) -> None:
        """Ask for no more work; closing the file does what is left."""
        self._idle.stop()
        self._jobs.stop()
