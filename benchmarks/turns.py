"""Turns of the event loop: how long the user's thread did not answer."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer

_TICK_MS: Final = 2


class Turns(QObject):
    """How far apart the turns are, and the most that this thread itself did in one.

    On a busy machine the first is also the others' doing.

    Attributes
    ----------
    gap_ms, own_ms : float
        The longest time between two turns, and the most CPU time in one, since `begin`.
    gc_ms : float
        The longest collection of garbage; it is within a turn.
    """

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.turn)
        gc.callbacks.append(self._collecting)
        self.begin()

    def begin(self) -> None:
        """Forget all turns until now."""
        self.gap_ms = self.own_ms = self.gc_ms = self._collected = 0.0
        self._clock, self._own = time.perf_counter(), time.thread_time()
        self._timer.start()

    def turn(self) -> None:
        """Note a turn; whoever works without the loop says so by this."""
        now, own = time.perf_counter(), time.thread_time()
        self.gap_ms = max(self.gap_ms, (now - self._clock) * 1000)
        self.own_ms = max(self.own_ms, (own - self._own) * 1000)
        self._clock, self._own = now, own

    def _collecting(self, phase: str, _info: Mapping[str, int]) -> None:
        now = time.thread_time()
        if phase == "start":
            self._collected = now
        else:
            self.gc_ms = max(self.gc_ms, (now - self._collected) * 1000)
