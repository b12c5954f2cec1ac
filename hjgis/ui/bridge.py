"""Session announcements as a Qt signal; the one place."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from hjgis.layers.session import EditSession
from hjgis.models.changes import Announcement


class Bridge(QObject):
    """Emits `changed` with an Announcement for every stored change, undo and redo included."""

    changed = Signal(object)

    def __init__(self, session: EditSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        session.listen(self._heard)

    def _heard(self, announcement: Announcement) -> None:
        self.changed.emit(announcement)
