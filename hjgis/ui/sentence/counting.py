"""How many features a query finds, told while it is being put together."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.query import Query
from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs

_WAIT_MS: Final = 250
_Answer = tuple[Query, NDArray[np.int64]]


class Counting(QObject):
    """Looks in the background for the features of the latest query; older ones are given up."""

    found = Signal(object, object)
    failed = Signal(str)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._jobs = Jobs(self)
        self._wanted: Query | None = None
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._start)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._wanted is not None

    def ask(self, query: Query | None) -> None:
        """Look for the features of a query, soon; None: for nothing any more."""
        self._jobs.cancel()
        self._wanted = query
        if query is None:
            self._wait.stop()
        else:
            self._wait.start()

    def stop(self) -> None:
        """Stop for good."""
        self._wait.stop()
        self._wanted = None
        self._jobs.stop()

    def _start(self) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        reader = self._project.reader

        def work(progress: Progress) -> _Answer:
            with reader() as project:
                return wanted, querying.rows(project, wanted, progress=progress)

        self._jobs.run(work, self._take, title=_("Looking for features"), on_error=self._fail)

    def _take(self, answer: _Answer) -> None:
        query, fids = answer
        if query is self._wanted:
            self._wanted = None
            self.found.emit(query, fids)

    def _fail(self, error: HjgisError) -> None:
        if not isinstance(error, Cancelled):
            self._wanted = None
            self.failed.emit(str(error))
