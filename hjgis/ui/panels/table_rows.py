"""Which rows the table shows: found at once where there are few, else in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.layers.table_rows import Order
from hjgis.models.query import Condition, Part
from hjgis.progress import Progress
from hjgis.ui.itemmodels import AT_ONCE
from hjgis.ui.latest import Latest

# Layer and text to the rows that hold the text; None: the index is not ready.
Search = Callable[[str, str], NDArray[np.int64] | None]


Rows = tuple[NDArray[np.int64], int]


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """Which rows of a layer, in which order; `hits`: only these, in any order."""

    layer: str
    conditions: tuple[Part, ...] = ()
    order: Order = ()
    hits: NDArray[np.int64] | None = None


class RowFinder(QObject):
    """Answers the latest question with `found`; older ones are stopped and forgotten.

    `found` carries the rows and how many the layer has in all.
    """

    found = Signal(object, int)
    busy_changed = Signal(bool)
    failed = Signal(object)

    def __init__(
        self, project: Project, search: Search | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._search = project, search
        self._latest = Latest(project, _("Reading the table"), self)
        self._latest.busy_changed.connect(self.busy_changed)
        self._latest.failed.connect(self.failed)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._latest.busy

    def ask(self, layer: str, conditions: Sequence[Part], order: Order) -> None:
        """Find the rows that meet conditions, sorted."""
        wanted = self._with_hits(RowsWanted(layer, tuple(conditions), order))
        few = self._project.last_fid(layer) <= AT_ONCE
        self._latest.ask(partial(find, wanted=wanted), self._take, at_once=few)

    def stop_asking(self) -> None:
        """Give up what is being looked for; the table stays as it is."""
        self._latest.give_up()

    def stop(self) -> None:
        """Stop for good, with the project."""
        self._latest.stop()

    def _with_hits(self, wanted: RowsWanted) -> RowsWanted:
        """Let the search index find what is looked for in all fields."""
        hits: NDArray[np.int64] | None = None
        rest = []
        for condition in wanted.conditions:
            found: NDArray[np.int64] | None = None
            if isinstance(condition, Condition) and condition.field == "*" and self._search:
                found = self._search(wanted.layer, str(condition.value))
            if found is None:
                rest.append(condition)
            else:
                hits = found if hits is None else np.intersect1d(hits, found)
        return RowsWanted(wanted.layer, tuple(rest), wanted.order, hits)

    def _take(self, rows: Rows) -> None:
        self.found.emit(*rows)


def find(project: Project, progress: Progress, *, wanted: RowsWanted) -> Rows:
    """Return the rows that are wanted, and how many the layer has."""
    store = project.store
    total = store.count(wanted.layer)
    if wanted.hits is not None and not wanted.conditions and not wanted.order:
        return np.sort(wanted.hits), total
    fids = store.ordered_fids(
        wanted.layer, wanted.conditions, order=wanted.order, progress=progress
    )
    return (fids if wanted.hits is None else fids[np.isin(fids, wanted.hits)]), total
