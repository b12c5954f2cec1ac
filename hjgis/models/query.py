"""Sentences of conditions, and the SQL that they mean; pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.models.assets import AssetType, Value
from hjgis.models.validation import UNKNOWN

OPERATORS: Final = (
    "=", "!=", ">", ">=", "<", "<=", "between", "contains", "starts", "ends", "in", "not_in",
    "empty", "not_empty", "unknown", "in_year", "last_days",
)  # fmt: skip
# They look at nothing but the field.
WITHOUT_VALUE: Final = frozenset({"empty", "not_empty", "unknown"})
# What is asked of a feature's form and place; no field of a layer is called so.
MEASURES: Final = ("@length_m", "@area_m2", "@north", "@east")
RELATIONS: Final = ("within", "contains", "intersects", "touches", "near")
WAYS: Final = ("all", "any", "none")
_COMPARED: Final = ("=", "!=", ">", ">=", "<", "<=", "between")
_OF_MEASURES: Final = (">", ">=", "<", "<=", "between")
_LISTED: Final = ("in", "not_in")
_EQUAL: Final = ("=", "!=")
_GAPS: Final = ("empty", "not_empty")
# Which operators make sense for a field, the usual one first.
_OF_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("contains", "=", "!=", "starts", "ends", *_LISTED, *_GAPS, "unknown"),
    "code": ("=", "!=", *_LISTED, *_GAPS, "unknown"),
    "integer": (*_COMPARED, *_LISTED, *_GAPS),
    "number": (*_COMPARED, *_LISTED, *_GAPS),
    "boolean": ("=", *_GAPS),
    "date": (*_COMPARED, "in_year", "last_days", *_GAPS),
    "datetime": (*_COMPARED, "in_year", "last_days", *_GAPS),
}
# More values than this are handed over as one text.
_MOST_MARKS: Final = 500
_MOST_IN_A_ROW: Final = 100
# What SQLite takes for a whole number.
_WHOLE: Final = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a sentence: field, operator, value.

    Attributes
    ----------
    field : str
        A field of the asset type, ``uuid``, ``fid``, one of `MEASURES` (metres, square metres), or
        ``*`` with ``contains`` for any text field.
    operator : str
        One of `OPERATORS`.
    value : scalar or tuple
        A tuple for ``in`` and ``not_in``, lowest and highest for ``between``, a year for
        ``in_year``, a number of days for ``last_days``; not looked at for `WITHOUT_VALUE`.
    """

    field: str
    operator: str
    value: Value | tuple[Value, ...] = None


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of a sentence of which ``all`` hold, ``any`` holds or ``none`` holds."""

    parts: tuple[Part, ...]
    how: str = "all"


@dataclass(frozen=True, slots=True)
class Location:
    """How a feature lies to others; the edge of an area belongs to it.

    Attributes
    ----------
    relation : str
        One of `RELATIONS`: the feature lies ``within`` one of the others, ``contains`` one, has a
        place in common with one (``intersects``), only ``touches`` one, or is at most `distance_m`
        away from one (``near``). A feature is never one of its own others.
    other : Query or shapely polygon
        Features of a layer, or a fixed area in the project CRS.
    """

    relation: str
    other: Query | BaseGeometry
    distance_m: float = 0.0


Part = Condition | Group | Location


@dataclass(frozen=True, slots=True)
class Query:
    """Features of a layer that meet all conditions, or one of them if `any`."""

    layer: str
    conditions: tuple[Part, ...] = ()
    any: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """Conditions all of which hold."""
        if self.any and len(self.conditions) > 1:
            return (Group(self.conditions, "any"),)
        return self.conditions


def operators_of(field_type: str) -> tuple[str, ...]:
    """Return the operators that make sense for a field of this type, or for ``measure``."""
    return _OF_MEASURES if field_type == "measure" else _OF_TYPES[field_type]


def where_clause(asset: AssetType, conditions: Sequence[Part]) -> tuple[str, list[Value]]:
    """Return an SQL clause over the table of `asset` that ANDs the conditions, and its values.

    Every part holds or does not hold, there is no third. A missing value meets ``!=``,
    ``not_in`` and ``empty`` (empty text too) and nothing else, so it also meets whatever is put
    into a group of ``none``. Text is compared without regard to the case of Latin letters by
    ``contains``, ``starts`` and ``ends`` only. Text in a column of numbers is greater than nothing.

    Parameters
    ----------
    conditions : sequence of Part
        Of fields; locations and measures are `resolved` before.

    Raises
    ------
    ValueError
        If a field or operator is unknown, or there is a location or measure left.
    """
    writer = _Writer(asset, dt.date.today())
    parts = [writer.part(condition) for condition in conditions]
    return (f"WHERE {_joined(parts, 'AND')}" if parts else ""), writer.values


def _joined(parts: Sequence[str], word: str) -> str:
    """Join parts in halves: SQLite takes a long row of them for one that is too deep."""
    if len(parts) <= _MOST_IN_A_ROW:
        return f" {word} ".join(parts)
    half = len(parts) // 2
    return f"({_joined(parts[:half], word)}) {word} ({_joined(parts[half:], word)})"


class _Writer:
    """Writes the parts of one clause and gathers their values in the order of their marks."""

    def __init__(self, asset: AssetType, today: dt.date) -> None:
        self._asset, self._today = asset, today
        self.values: list[Value] = []

    def part(self, part: Part) -> str:
        if isinstance(part, Group):
            return self._group(part)
        if isinstance(part, Location) or part.field in MEASURES:
            raise ValueError("a location is resolved before it is asked for")
        if part.operator not in OPERATORS:
            raise ValueError(f"unknown operator {part.operator!r}")
        if part.field == "*":
            names = [f.name for f in self._asset.fields if f.type in ("text", "code")]
            # Most fields of most rows are empty: those are not worth the call of a function.
            each = [
                f'("{name}" NOTNULL AND {self.part(Condition(name, part.operator, part.value))})'
                for name in names
            ]
            return f"({' OR '.join(each)})" if each else "0"
        if part.field not in ("fid", "uuid") and not self._asset.has(part.field):
            raise ValueError(f"{self._asset.id} has no field {part.field!r}")
        return self._condition(part)

    def _group(self, group: Group) -> str:
        if group.how not in WAYS:
            raise ValueError(f"unknown way {group.how!r}")
        parts = [self.part(part) for part in group.parts]
        if group.how == "all":
            return f"({_joined(parts, 'AND')})" if parts else "1"
        joined = f"({_joined(parts, 'OR')})" if parts else "0"
        # What SQL knows nothing about does not hold.
        return joined if group.how == "any" else f"NOT coalesce({joined}, 0)"

    def _condition(self, part: Condition) -> str:
        quoted = part.field.replace('"', '""')
        name, operator, value = f'"{quoted}"', part.operator, part.value
        if operator in ("empty", "not_empty"):
            no = "" if operator == "empty" else "NOT "
            return f"{no}({name} IS NULL OR {name} = '')"
        if operator == "unknown":
            return self._compared(name, "=", UNKNOWN)
        if operator in ("in", "not_in"):
            return self._membership(name, operator, value)
        known = self._asset.has(part.field)
        kind = self._asset.field(part.field).type if known else "text"
        if operator in ("in_year", "last_days"):
            return self._dated(name, operator, value)
        if kind == "datetime":
            # A day of the calendar is meant, whatever the time.
            name = f"substr({name}, 1, 10)"
        if operator == "between":
            low, high = _pair(value)
            self.values += (low, high)
            return f"{name} BETWEEN ? AND ?"
        assert not isinstance(value, tuple)
        if operator in _LIKE:
            return self._like(name, _LIKE[operator], str(value))
        return self._compared(
            name, operator, value, number=kind in ("integer", "number") and ">" in operator
        )

    def _compared(self, name: str, operator: str, value: Value, *, number: bool = False) -> str:
        self.values.append(value)
        if operator == "!=":
            return f"{name} IS NOT ?"
        # SQLite sorts all text above all numbers.
        text = f" AND typeof({name}) != 'text'" if number else ""
        return f"({name} {operator} ?{text})"

    def _like(self, name: str, pattern: str, text: str) -> str:
        plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        self.values.append(pattern.replace("?", plain))
        return f"{name} LIKE ? ESCAPE '\\'"

    def _dated(self, name: str, operator: str, value: Value | tuple[Value, ...]) -> str:
        assert not isinstance(value, tuple)
        number = int(value or 0)
        if operator == "in_year":
            self.values.append(f"{number:04d}")
            return f"substr({name}, 1, 4) = ?"
        first = self._today - dt.timedelta(days=min(max(number, 0), 700_000))
        self.values += (first.isoformat(), self._today.isoformat())
        return f"substr({name}, 1, 10) BETWEEN ? AND ?"

    def _membership(self, name: str, operator: str, value: Value | tuple[Value, ...]) -> str:
        members = value if isinstance(value, tuple) else (value,)
        marks = ", ".join("?" * len(members))
        if len(members) > _MOST_MARKS:
            members, marks = (json.dumps(members),), "SELECT value FROM json_each(?)"
        self.values.extend(members)
        if operator == "in":
            return f"{name} IN ({marks})"
        return f"({name} IS NULL OR {name} NOT IN ({marks}))"


_LIKE: Final[Mapping[str, str]] = {"contains": "%?%", "starts": "?%", "ends": "%?"}


def _pair(value: object) -> tuple[Value, Value]:
    if not isinstance(value, tuple) or len(value) != 2:
        raise ValueError(f"between takes two values, not {value!r}")
    return value[0], value[1]


# Finds the rows of a layer that meet what SQL cannot say.
Resolve = Callable[[Location | Condition], NDArray[np.int64]]


def resolved(conditions: Sequence[Part], resolve: Resolve) -> tuple[Part, ...]:
    """Return conditions with the row numbers in place of locations and measures."""
    return tuple(_resolved(part, resolve) for part in conditions)


def _resolved(part: Part, resolve: Resolve) -> Part:
    if isinstance(part, Group):
        return Group(resolved(part.parts, resolve), part.how)
    if isinstance(part, Location) or part.field in MEASURES:
        return Condition("fid", "in", tuple(resolve(part).tolist()))
    return part


def walk(parts: Sequence[Part]) -> Iterator[Condition | Location]:
    """Yield the conditions and locations of a sentence, those in groups too."""
    for part in parts:
        if isinstance(part, Group):
            yield from walk(part.parts)
        else:
            yield part


def with_values(query: Query, swapped: Callable[[str, str, Value], Value]) -> Query:
    """Return a query that asks for other values.

    Parameters
    ----------
    swapped : callable
        Of layer, field and the value that is asked for; returns the one to ask for.
    """

    def part_of(part: Part) -> Part:
        if isinstance(part, Group):
            return replace(part, parts=tuple(map(part_of, part.parts)))
        if isinstance(part, Location):
            if not isinstance(part.other, Query):
                return part
            return replace(part, other=with_values(part.other, swapped))
        if part.operator in _LISTED and isinstance(part.value, tuple):
            values = (swapped(query.layer, part.field, value) for value in part.value)
            return replace(part, value=tuple(dict.fromkeys(values)))
        if part.operator in _EQUAL and not isinstance(part.value, tuple):
            return replace(part, value=swapped(query.layer, part.field, part.value))
        return part

    return replace(query, conditions=tuple(map(part_of, query.conditions)))


def layers_of(query: Query) -> frozenset[str]:
    """Return the layers that decide what a query finds."""
    others = [part.other for part in walk(query.conditions) if isinstance(part, Location)]
    inner = [layers_of(other) for other in others if isinstance(other, Query)]
    return frozenset((query.layer,)).union(*inner)


def plain(value: Any) -> Value | tuple[Value, ...]:
    """Return a value as conditions hold it: lists become tuples.

    Raises
    ------
    ValueError
        If it is no scalar and no list of scalars.
    """
    if isinstance(value, list | tuple):
        return tuple(_scalar(entry) for entry in value)
    return _scalar(value)


def _scalar(value: Any) -> Value:
    if isinstance(value, str):
        # Half a sign is no text: it cannot be asked for.
        value.encode()
    if value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int) and value in _WHOLE:
        return value
    raise ValueError(f"{value!r} is no value")
