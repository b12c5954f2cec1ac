"""Who may give which serial numbers, so that offices that work apart never give one twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries
from hjgis.models.identifiers import COUNTY, SERIAL_DIGITS, SYNTHETIC_SERIALS
from hjgis.models.operators import folded

FACT: Final = "number_ranges"
# What the edit of the ranges is called in the history.
LABEL: Final = "lists.ranges"
# 000000 is no number; 900000 and above are for invented data (DOMAIN 1.2).
REAL_SERIALS: Final = range(1, SYNTHETIC_SERIALS.start)
COUNTY_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Serial numbers that one operator gives, of every component class that is meant.

    Attributes
    ----------
    first, last : int
        Both included.
    layers : tuple of str
        Kinds of assets; empty: all.
    area : polygon, multipolygon or None
        Project CRS.
    boundary : str
        Name of a feature of the layer ``boundary`` that stands for the area.
    county : str
        County code of the ids given; empty: that of the project.
    """

    operator: str
    first: int
    last: int
    layers: tuple[str, ...] = ()
    area: BaseGeometry | None = None
    boundary: str = ""
    county: str = ""

    def covers(self, layer: str) -> bool:
        """Whether features of a layer are meant."""
        return not self.layers or layer in self.layers

    @property
    def words(self) -> str:
        """The numbers as people write them."""
        return f"{self.first:0{SERIAL_DIGITS}d}–{self.last:0{SERIAL_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """What decides which number a new component gets.

    Attributes
    ----------
    ranges : tuple of NumberRange
        Of everybody; none: the one operator there is takes the next free number.
    operator : str
        Who works now.
    county : str
        County code where a range says no other.
    spare : range
        Serials where there are no ranges.
    """

    ranges: tuple[NumberRange, ...] = ()
    operator: str = ""
    county: str = COUNTY
    spare: range = REAL_SERIALS

    def own(self, layer: str) -> list[NumberRange]:
        """Return the ranges of the operator for a layer, wherever they hold."""
        if not self.ranges:
            return [NumberRange(self.operator, self.spare.start, self.spare.stop - 1)]
        who = folded(self.operator)
        return [one for one in self.ranges if folded(one.operator) == who and one.covers(layer)]


def read_ranges(text: str | None) -> list[NumberRange]:
    """Read what `store_ranges` wrote; what cannot be read is left out and logged."""
    return read_entries(text, _read, "number ranges")


def with_range(
    ranges: Sequence[NumberRange],
    entry: NumberRange,
    *,
    at: int | None = None,
    operators: Iterable[str] = (),
) -> list[NumberRange]:
    """Return the ranges with one more, or one changed.

    Parameters
    ----------
    at : int, optional
        Which one is replaced.
    operators : iterable of str
        Who is on the list of operators; nobody: any name will do.

    Raises
    ------
    EditRefused
        If it says nobody, is no range, or somebody else has some of the numbers.
    """
    _refuse_wrong(entry, list(operators))
    others = [one for number, one in enumerate(ranges) if number != at]
    for other in others:
        if _meet(entry, other):
            message = _("{one} {first} and {other} {second} overlap; ids would be given twice.")
            raise EditRefused(
                message.format(
                    one=entry.operator, first=entry.words, other=other.operator, second=other.words
                )
            )
    return [*ranges, entry] if at is None else [*ranges[:at], entry, *ranges[at + 1 :]]


def store_ranges(stored: str | None, ranges: Sequence[NumberRange]) -> ChangeSet:
    """Return the edit that makes these the number ranges of a project.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.
    """
    rows = [_written(entry) for entry in ranges]
    text = fact_text(rows) if rows else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet(LABEL, facts=facts, params={"count": len(ranges)})


def _refuse_wrong(entry: NumberRange, operators: Sequence[str]) -> None:
    if not entry.operator.strip():
        raise EditRefused(_("A number range needs an operator."))
    if operators and folded(entry.operator) not in {folded(name) for name in operators}:
        message = _("{name} is not on the list of operators; enter the name there first.")
        raise EditRefused(message.format(name=entry.operator))
    highest = SYNTHETIC_SERIALS.stop - 1
    if not 1 <= entry.first <= entry.last <= highest:
        message = _("A range goes from 1 at least to {highest} at most, the lower number first.")
        raise EditRefused(message.format(highest=highest))
    county = entry.county
    if county and not (county.isascii() and county.isdigit() and len(county) == COUNTY_DIGITS):
        message = _("{code} is no county code: it has {length} digits.")
        raise EditRefused(message.format(code=county, length=COUNTY_DIGITS))


def _meet(one: NumberRange, other: NumberRange) -> bool:
    """Whether two operators could give the same id; areas do not keep ids apart."""
    if folded(one.operator) == folded(other.operator):
        return False
    if (one.county or COUNTY) != (other.county or COUNTY):
        return False
    if one.layers and other.layers and not set(one.layers) & set(other.layers):
        return False
    return one.first <= other.last and other.first <= one.last


def _read(row: Mapping[str, Any]) -> NumberRange:
    area = None if row.get("area") is None else shapely.from_wkb(row["area"])
    if area is not None and (area.is_empty or area.geom_type not in ("Polygon", "MultiPolygon")):
        raise ValueError(area.geom_type)
    operator, first, last = str(row["operator"]).strip(), int(row["first"]), int(row["last"])
    if not operator or not 1 <= first <= last < SYNTHETIC_SERIALS.stop:
        raise ValueError(row)
    return NumberRange(
        operator,
        first,
        last,
        tuple(str(layer) for layer in row.get("layers", ())),
        area,
        str(row.get("boundary") or ""),
        str(row.get("county") or ""),
    )


def _written(entry: NumberRange) -> dict[str, object]:
    return {
        "operator": entry.operator,
        "first": entry.first,
        "last": entry.last,
        "layers": list(entry.layers),
        "area": None if entry.area is None else shapely.to_wkb(entry.area, hex=True),
        "boundary": entry.boundary,
        "county": entry.county,
    }
