"""Do something once, however often it is asked for, before this thread turns to anything else."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal


class Soon(QObject):
    """Gathers requests of one event and answers them after it with one signal.

    A timer of 0 ms would wait until all that the event has changed is painted: an edit would show
    in the panels first and ten milliseconds later on the map.
    """

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kind = QEvent.Type(QEvent.registerEventType())
        self._asked = False

    @property
    def is_asked(self) -> bool:
        """Whether the signal is still to come."""
        return self._asked

    def ask(self) -> None:
        """Let the signal come."""
        if not self._asked:
            self._asked = True
            high = Qt.EventPriority.HighEventPriority.value
            QCoreApplication.postEvent(self, QEvent(self._kind), high)

    def forget(self) -> None:
        """Let it not come after all."""
        self._asked = False

    def event(self, event: QEvent) -> bool:
        """Give the signal."""
        if event.type() != self._kind:
            return super().event(event)
        if self._asked:
            self._asked = False
            self.due.emit()
        return True
