"""Tells who edits what is somebody else's; shows on the map whose the areas are."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from shapely.geometry.base import BaseGeometry

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assignments import FACT, read_assignments, somebody_elses
from hjgis.models.changes import Announcement, BulkInsert, ChangeSet
from hjgis.ui.map.assigned_areas import AssignedAreas

# So many features of an edit are looked at.
_MOST: Final = 500
_AGAIN_S: Final = 600.0


class Whose:
    """The assignments of a project, and what is to be said of an edit.

    Parameters
    ----------
    show : callable
        Takes what is to be shown above the map, or None.
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        project: Project,
        show: Callable[[AssignedAreas | None], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._project, self._show, self._clock = project, show, clock
        self._entries = read_assignments(project.info(FACT))
        self._told: tuple[str, str] | None = None
        self._told_at = 0.0
        self.shown = False

    def toggle(self) -> None:
        """Show the areas on the map, or hide them."""
        self.shown = not self.shown
        self._paint()

    def follow(self, announcement: Announcement) -> None:
        """Take up other assignments."""
        if FACT in announcement.facts:
            self._entries = read_assignments(self._project.info(FACT))
            self._paint()

    def words(self, changes: ChangeSet) -> str:
        """Return whose it is that an edit has changed; nothing if own, or said just now."""
        if not self._entries:
            return ""
        operator = self._project.session.operator
        for layer, places in _places(changes):
            owner = somebody_elses(self._entries, operator, layer, places)
            if owner:
                return self._said(owner, layer)
        return ""

    def _said(self, owner: str, layer: str) -> str:
        now, what = self._clock(), (owner, layer)
        if what == self._told and now - self._told_at < _AGAIN_S:
            return ""
        self._told, self._told_at = what, now
        name = label(self._project.asset_type(layer).label)
        words = _("{layer} is assigned to {who} here; the edit is stored all the same.")
        return words.format(layer=name, who=owner)

    def _paint(self) -> None:
        self._show(AssignedAreas(self._entries, self._project.types) if self.shown else None)


def _places(changes: ChangeSet) -> Iterator[tuple[str, list[BaseGeometry | None]]]:
    """Yield the layers of an edit with where it was done."""
    places: defaultdict[str, list[BaseGeometry | None]] = defaultdict(list)
    for change in changes.changes[:_MOST]:
        feature = change.after or change.before
        if feature is not None:
            places[change.key.layer].append(feature.geometry)
    for bulk in changes.bulk:
        if isinstance(bulk, BulkInsert):
            places[bulk.layer] += bulk.geometry[:_MOST].tolist()
    yield from places.items()
