"""What a program with several threads must do for Python's binding of Qt."""

from __future__ import annotations

import gc
from typing import Final

from PySide6 import QtCore, QtGui
from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QGuiApplication

_EVERY_MS: Final = 500
# So many young objects are what a job is making: to look through millions of them takes a second
# in which the window does nothing, and they go by themselves when it ends. For ten minutes at most
# that is waited for.
_MANY: Final = 50_000
_TIMES: Final = 1_200


def complete_types() -> None:
    """Make all Qt types that threads other than the GUI's use; takes a twentieth of a second.

    PySide6 makes a type and its enumerations when they are first asked for, be it by a call that
    only weighs them as one of its signatures. Two threads at that at once crash the process.
    """
    for module in (QtCore, QtGui):
        for name in dir(module):
            getattr(module, name)


def screen_room(at: QPoint | None = None) -> QRect:
    """Return what windows may cover of the screen at a place; without one, of the first screen.

    The screen that a widget names itself becomes a child of that widget for Python, which destroys
    it together with a window that was closed; the next window to ask for it crashes the process.
    """
    screen = QGuiApplication.screenAt(at) if at is not None else None
    return (screen or QGuiApplication.primaryScreen()).availableGeometry()


class GarbageCollector(QObject):
    """Collects Python's cyclic garbage from a timer, in the GUI thread only.

    The interpreter collects in whatever thread happens to allocate. In a worker that would destroy
    widgets of a window that was closed a moment ago, while Qt still delivers events to them.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        # What is there now stays: modules, catalogue. To look through it takes a tenth of a second.
        gc.freeze()
        self._waited = 0
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generations that are due; while a job makes very much, some times later."""
        counts, limits = gc.get_count(), gc.get_threshold()
        if counts[0] > _MANY and self._waited < _TIMES:
            self._waited += 1
        elif counts[0] > limits[0]:
            self._waited = 0
            older = [n for n in (1, 2) if counts[n] >= limits[n]]
            gc.collect(max(older, default=0))
