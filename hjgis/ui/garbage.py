"""Collects Python's cyclic garbage in the GUI thread only.

The interpreter collects in whatever thread happens to allocate. In a worker that would destroy
widgets of a window that was closed a moment ago, while Qt still delivers events to them.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_EVERY_MS: Final = 500


class GarbageCollector(QObject):
    """Switches the automatic collection off and does its work from a timer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        # What is there now stays: modules, catalogue. To look through it takes a tenth of a second.
        gc.freeze()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generations that are due."""
        counts, limits = gc.get_count(), gc.get_threshold()
        if counts[0] > limits[0]:
            older = [n for n in (1, 2) if counts[n] >= limits[n]]
            gc.collect(max(older, default=0))
