"""The search of one open project: read in the background, followed, asked from box and table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.layers.search import SearchIndex
from hjgis.layers.search_reading import Texts
from hjgis.models.changes import Announcement
from hjgis.progress import Progress
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Jobs

_Ears = Callable[[Texts], None] | None
_Work = Callable[[Progress, _Ears], Texts]
# After large edits the file is read when nothing has happened for a moment.
_QUIET_MS: Final = 400
_AFTER_MAP_MS: Final = 1500


class Searching(QObject):
    """Holds what can be found; `changed` when that is more, or how far the reading is."""

    changed = Signal()
    _arrived = Signal(object)

    def __init__(
        self, project: Project, jobs: Jobs, bridge: Bridge, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.index = SearchIndex(project)
        self._begun = self._reading = False
        self._share = 0.0
        self._trouble = ""
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._read_if_wanted)
        self._arrived.connect(self._take_partly, Qt.ConnectionType.QueuedConnection)
        bridge.changed.connect(self._follow)

    @property
    def is_ready(self) -> bool:
        """Whether all layers can be searched."""
        return self.index.is_ready

    @property
    def state_words(self) -> str:
        """Why something may not be found; empty where all is."""
        if self.is_ready:
            return ""
        if self._reading:
            words = _("The search is still being prepared ({percent} %); more may be found then.")
            return words.format(percent=int(100 * self._share))
        return self._trouble or _("The search is not prepared yet.")

    def fids(self, layer: str, text: str) -> NDArray[np.int64] | None:
        """Return the rows of a layer in which every word occurs; None where that is not known."""
        return self.index.fids(layer, text)

    def begin_later(self) -> None:
        """Read what is to be searched once the map has been painted: that comes first."""
        self._begun = True
        self._later.start(_AFTER_MAP_MS)

    def begin(self) -> None:
        """Read what is to be searched, in the background; asked again, only where it is needed."""
        self._begun = True
        self._read_if_wanted()

    def look_again(self) -> None:
        """Hear that another program has written to a file that is only read."""
        self.index.look_again()
        self._later.start(_QUIET_MS)

    def stop(self) -> None:
        """Ask for no more work."""
        self._later.stop()

    def _follow(self, announcement: Announcement) -> None:
        self.index.follow(announcement)
        self._later.start(_QUIET_MS)

    def _read_if_wanted(self) -> None:
        if not self._begun or self._reading or not self.index.wants_work:
            return
        self._reading, self._share, self._trouble = True, 0.0, ""
        first = self.index.has_nothing
        work = partial(self._work, self.index.work(), self._arrived.emit if first else None)
        self._jobs.run(work, self._take, title=_("Preparing the search"), on_error=self._failed)

    def _work(self, read: _Work, arrived: _Ears, progress: Progress) -> Texts:
        """Read, in the thread of the job."""
        return read(_Share(self, progress), arrived)

    def tell_share(self, share: float) -> None:
        """Hear how far the reading is, from its thread."""
        self._share = share

    def _take_partly(self, texts: Texts) -> None:
        if self._reading:
            self.index.take_partly(texts)
            self.changed.emit()

    def _take(self, texts: Texts) -> None:
        self._reading = False
        self.index.take(texts)
        self.changed.emit()
        # What was edited meanwhile may be too much to stand beside it.
        self._later.start(_QUIET_MS)

    def _failed(self, error: HjgisError) -> None:
        self._reading = False
        stopped = _("The preparation of the search was stopped; it goes on when you search.")
        self._trouble = stopped if isinstance(error, Cancelled) else str(error)
        self.changed.emit()


class _Share:
    """Hands progress on, and notes how far it is."""

    def __init__(self, searching: Searching, progress: Progress) -> None:
        self._searching, self._progress = searching, progress

    def report(self, done: int, total: int, key: str) -> None:
        self._searching.tell_share(done / max(total, 1))
        self._progress.report(done, total, key)

    def check(self) -> None:
        self._progress.check()
