"""Where the receiver stands in the project: its latest place, and the mean of several."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from hjgis.exchange.nmea import WGS84
from hjgis.exchange.receiver import News, Receiver, Replay, Source, Trouble
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.positions import Average, Fix, Placed, average, best_of, receiver_rules

_TICK_MS: Final = 500


class Positioning(QObject):
    """Hears a receiver in its thread and says here, in the project CRS, what it said.

    `changed` is emitted whenever something else is to be shown, `moved` with each new place, and
    `available_changed` when there is a place for the first time, or no more.
    """

    changed = Signal()
    moved = Signal(float, float)
    available_changed = Signal()
    _told = Signal(int, object)

    def __init__(
        self,
        project: Project,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._project, self._clock = project, clock
        self._receiver: Receiver | None = None
        self._number = 0
        self._arrived = 0.0
        self._samples: list[Placed] = []
        self.wanted = receiver_rules().limits.average
        self.averaging = False
        self.source: Source | None = None
        self.trouble = ""
        self.fix: Fix | None = None
        self.placed: Placed | None = None
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self.changed)

    # -- listening -----------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a receiver is listened to."""
        return self._receiver is not None

    def start(self, source: Source) -> None:
        """Listen to a receiver; what another one said is forgotten."""
        self.stop()
        self.source = source
        self._receiver = Receiver(source, partial(self._told.emit, self._number))
        self._tick.start()
        self.changed.emit()

    def stop(self) -> None:
        """Listen no more; there is no place then."""
        self._end()
        self._tick.stop()
        self.trouble, self.fix = "", None
        self._samples, self.averaging = [], False
        self._put(None)
        self.changed.emit()

    def _end(self) -> None:
        if self._receiver is not None:
            self._receiver.stop()
            self._receiver = None
        # What is under way from that thread belongs to nobody.
        self._number += 1

    def _hear(self, number: int, news: News) -> None:
        if number != self._number:
            return
        if isinstance(news, Trouble):
            self.trouble = news.words
            if news.ended:
                self._end()
        else:
            self._take(news)
        self.changed.emit()

    def _take(self, fix: Fix) -> None:
        self.trouble, self.fix = "", fix
        placed = self._in_project(fix)
        if placed is None:
            # The last place stays and grows old: that is how one sees it.
            return
        self._arrived = self._clock()
        if self.averaging:
            self._samples.append(placed)
            if len(best_of(self._samples)) >= self.wanted:
                self.averaging = False
        self._put(placed)
        self.moved.emit(placed.x, placed.y)

    def _put(self, placed: Placed | None) -> None:
        was, self.placed = self.placed, placed
        if (was is None) != (placed is None):
            self.available_changed.emit()

    def _in_project(self, fix: Fix) -> Placed | None:
        if fix.lon is None or fix.lat is None:
            return None
        x, y = self._transform.points(np.array([fix.lon]), np.array([fix.lat]))
        if not (math.isfinite(x[0]) and math.isfinite(y[0])):
            words = _("The receiver stands outside the area of {crs}.")
            self.trouble = words.format(crs=self._project.crs.called)
            return None
        return Placed(fix, float(x[0]), float(y[0]))

    @cached_property
    def _transform(self) -> Transform:
        # Made and used in this thread only: PROJ keeps a context for each.
        return Transform(parse_crs(WGS84), self._project.crs)

    # -- what is known -------------------------------------------------------------------

    @property
    def is_ballpark(self) -> bool:
        """Whether no real transformation leads from WGS 84 to the project."""
        return self._transform.ballpark

    @property
    def age_s(self) -> float:
        """How long ago the latest place was told, seconds."""
        return self._clock() - self._arrived

    @property
    def is_old(self) -> bool:
        """Whether the receiver may stand elsewhere by now."""
        return self.age_s > receiver_rules().limits.age_s

    @property
    def replayed(self) -> str:
        """The name of the log that is played; nothing for a receiver."""
        return self.source.name if isinstance(self.source, Replay) else ""

    # -- the mean ------------------------------------------------------------------------

    @property
    def average(self) -> Average | None:
        """The mean of the places gathered so far, those of the best quality."""
        return average(best_of(self._samples)) if self._samples else None

    @property
    def left_out(self) -> int:
        """How many gathered places are of a lesser quality."""
        return len(self._samples) - len(best_of(self._samples))

    @property
    def measured(self) -> Average | None:
        """What a point taken now would be: the mean if there is one, else the latest place."""
        if self._samples:
            return self.average
        return average([self.placed]) if self.placed is not None else None

    def begin_average(self) -> None:
        """Gather places from now on."""
        self._samples, self.averaging = [], True
        self.changed.emit()

    def end_average(self) -> None:
        """Gather no more; what there is counts."""
        self.averaging = False
        self.changed.emit()

    def forget_average(self) -> None:
        """Go back to the latest place."""
        self._samples, self.averaging = [], False
        self.changed.emit()
