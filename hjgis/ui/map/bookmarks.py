"""Named places of the project, kept with it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.facts import read_entries
from hjgis.render.frame import MapFrame

_KEY: Final = "bookmarks"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A place with a name; x east and y north in metres, seen at the scale 1 : `denominator`."""

    name: str
    x: float
    y: float
    denominator: float


class Bookmarks(QObject):
    """The places of one project, in the order in which they were added."""

    changed = Signal()

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._places = _read(project.info(_KEY))

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Bookmark]:
        return iter(self._places)

    def __getitem__(self, row: int) -> Bookmark:
        return self._places[row]

    @property
    def read_only_reason(self) -> str:
        """Why places can be gone to but not changed; empty where they can."""
        return self._project.read_only_reason or ""

    def proposed_name(self) -> str:
        """Return a name that no place has yet."""
        number = len(self._places) + 1
        while (name := _("Place {number}").format(number=number)) in self._names():
            number += 1
        return name

    def add(self, name: str, frame: MapFrame) -> None:
        """Keep what is seen; HjgisError if it cannot be stored."""
        middle = (frame.center_x, frame.center_y)
        place = Bookmark(self._free(name), *middle, frame.scale_denominator)
        self._store([*self._places, place])

    def rename(self, row: int, name: str) -> None:
        """Give a place another name; HjgisError if it cannot be stored."""
        place = self._places[row]
        if name.strip() and name.strip() != place.name:
            renamed = replace(place, name=self._free(name))
            self._store([*self._places[:row], renamed, *self._places[row + 1 :]])

    def remove(self, row: int) -> None:
        """Forget a place; HjgisError if that cannot be stored."""
        self._store([*self._places[:row], *self._places[row + 1 :]])

    def _names(self) -> set[str]:
        return {place.name for place in self._places}

    def _free(self, name: str) -> str:
        """Return the name, or where it is taken, the name with a number."""
        name = name.strip() or self.proposed_name()
        number, free = 2, name
        while free in self._names():
            number, free = number + 1, f"{name} ({number})"
        return free

    def _store(self, places: list[Bookmark]) -> None:
        text = json.dumps([asdict(place) for place in places], ensure_ascii=False)
        self._project.set_info(_KEY, text)
        self._places = places
        self.changed.emit()


def _read(text: str | None) -> list[Bookmark]:
    """Read the places; what cannot be one is left out and logged."""
    return read_entries(text, _bookmark, "bookmarks")


def _bookmark(row: Mapping[str, Any]) -> Bookmark:
    place = Bookmark(str(row["name"]), float(row["x"]), float(row["y"]), float(row["denominator"]))
    if not all(map(math.isfinite, (place.x, place.y))) or not 0 < place.denominator < math.inf:
        raise ValueError("no place on the map")
    return place
