"""How many features a query finds, told while it is being put together."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.query import Query
from hjgis.progress import Progress
from hjgis.ui.latest import Latest

_WAIT_MS: Final = 250


class Counting(QObject):
    """Looks in the background for the features of the latest query; older ones are given up."""

    found = Signal(object, object)
    failed = Signal(str)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(project, _("Looking for features"), self)
        self._latest.failed.connect(self._fail)
        self._wanted: Query | None = None
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._start)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._wait.isActive() or self._latest.busy

    def ask(self, query: Query | None) -> None:
        """Look for the features of a query, soon; None: for nothing any more."""
        self._latest.give_up()
        self._wanted = query
        if query is None:
            self._wait.stop()
        else:
            self._wait.start()

    def stop(self) -> None:
        """Stop for good."""
        self._wait.stop()
        self._latest.stop()

    def _start(self) -> None:
        query = self._wanted
        if query is not None:
            self._latest.ask(partial(_rows, query), partial(self.found.emit, query))

    def _fail(self, error: HjgisError) -> None:
        self.failed.emit(str(error))


def _rows(query: Query, project: Project, progress: Progress) -> NDArray[np.int64]:
    return querying.rows(project, query, progress=progress)
