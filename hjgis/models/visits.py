"""Places to visit: where something is probably missing, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Visit:
    """A place where somebody should go and look.

    Attributes
    ----------
    number : int
        In the list, from 1; it is on the map and in the table of the field sheet.
    issue : str
        Identity of the finding, the same in every run.
    title, reason : str
        What is probably the matter, and what speaks for it, in the language in use.
    layer, uuid : str
        The feature that the finding is at, or the nearest one.
    road, grid : str
        Where it is; empty where that is not known.
    x, y : float
        Project CRS, x east.
    """

    number: int
    issue: str
    rule: str
    title: str
    reason: str
    layer: str
    uuid: str | None
    road: str
    grid: str
    x: float
    y: float

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``hjgis visits --json`` prints."""
        return {name: getattr(self, name) for name in self.__slots__}
