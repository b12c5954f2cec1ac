"""Who answers for which kinds of assets in which part of the town."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries

FACT: Final = "assignments"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one operator answers for.

    Attributes
    ----------
    layers : tuple of str
        Kinds of assets; empty: all.
    area : polygon, multipolygon or None
        Project CRS; None: everywhere.
    """

    operator: str
    layers: tuple[str, ...] = ()
    area: BaseGeometry | None = None

    def covers(self, layer: str) -> bool:
        """Whether features of a layer are meant."""
        return not self.layers or layer in self.layers


def read_assignments(text: str | None) -> list[Assignment]:
    """Read what `assignments_text` wrote; what cannot be read is left out and logged."""
    return read_entries(text, _read, "assignments")


def _read(row: Mapping[str, Any]) -> Assignment:
    area = None if row.get("area") is None else shapely.from_wkb(row["area"])
    if area is not None and (area.is_empty or area.geom_type not in ("Polygon", "MultiPolygon")):
        raise ValueError(area.geom_type)
    operator = str(row["operator"]).strip()
    if not operator:
        raise ValueError("no operator")
    return Assignment(operator, tuple(str(layer) for layer in row.get("layers", ())), area)


def assignments_text(assignments: Iterable[Assignment]) -> str:
    """Return assignments as the project keeps them."""
    rows = [
        {
            "operator": entry.operator,
            "layers": list(entry.layers),
            "area": None if entry.area is None else shapely.to_wkb(entry.area, hex=True),
        }
        for entry in assignments
    ]
    return fact_text(rows)


def assign(stored: str | None, assignments: Sequence[Assignment]) -> ChangeSet:
    """Return the edit that makes these the assignments of a project.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.
    """
    text = assignments_text(assignments) if assignments else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("assignments", facts=facts, params={"count": len(assignments)})


def somebody_elses(
    assignments: Sequence[Assignment],
    operator: str,
    layer: str,
    places: Sequence[BaseGeometry | None],
) -> str:
    """Return whom an edit concerns that is not the operator's; nothing if it is, or nobody's.

    Parameters
    ----------
    places : sequence of geometry
        Where features of `layer` are that the operator has changed.
    """
    asked = [entry for entry in assignments if entry.covers(layer)]
    others = [entry for entry in asked if entry.operator != operator]
    own = [entry for entry in asked if entry.operator == operator]
    for place in places if others else ():
        if place is not None and not any(_holds(entry, place) for entry in own):
            owner = next((entry.operator for entry in others if _holds(entry, place)), "")
            if owner:
                return owner
    return ""


def _holds(entry: Assignment, place: BaseGeometry) -> bool:
    if entry.area is None:
        return True
    shapely.prepare(entry.area)
    return bool(shapely.intersects(entry.area, place))
