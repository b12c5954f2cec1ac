"""Columns that grow by parts while the rows of a layer are read."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.models.assets import Field
from hjgis.models.reading import Coded

_NUMBERS: Final = frozenset(("integer", "number", "boolean"))


def is_numeric(field: Field) -> bool:
    """Whether a field holds numbers, or yes and no."""
    return field.type in _NUMBERS


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking through millions of new values, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Numbers:
    """A column of numbers that grows by parts.

    Attributes
    ----------
    strays : dict of int to object
        By row: what is no number.
    """

    def __init__(self) -> None:
        self.strays: dict[int, object] = {}
        self._parts: list[NDArray[np.float64]] = []
        self._count = 0

    def add(self, values: Sequence[Any]) -> None:
        """Add values as they are stored."""
        try:
            # A text of digits would become a number without a word.
            part = np.array(values, dtype=np.float64) if not _has_text(values) else None
        except (TypeError, ValueError):
            part = None
        if part is None:
            part = np.array([self._number(row, value) for row, value in enumerate(values)], float)
        self.add_array(part)

    def _number(self, row: int, value: object) -> float | None:
        if value is None or isinstance(value, int | float):
            return value
        self.strays[self._count + row] = value
        return None

    def add_array(self, values: NDArray[np.float64]) -> None:
        """Add what are numbers or NaN."""
        self._parts.append(values)
        self._count += len(values)

    def array(self) -> NDArray[np.float64]:
        """Return the column."""
        return np.concatenate([np.empty(0), *self._parts])


def _has_text(values: Sequence[Any]) -> bool:
    return not {*map(type, values)} <= {int, float, type(None)}


class Texts:
    """A column of text that grows by parts, each different value held once."""

    def __init__(self) -> None:
        self._index: defaultdict[Any, int] = defaultdict()
        self._index.default_factory = self._index.__len__
        self._parts: list[NDArray[np.int32]] = []

    def add(self, values: Sequence[Any]) -> None:
        """Add values as they are stored."""
        coded = map(self._index.__getitem__, values)
        self._parts.append(np.fromiter(coded, np.int32, len(values)))

    def add_joined(self, joined: bytes, rows: int, separator: str) -> None:
        """Add texts that stand behind one another."""
        end = separator.encode()
        first = joined.partition(end)[0] + end
        alike = len(joined) + 1 == len(first) * rows
        if alike and joined.startswith(first * (rows - 1)) and joined.endswith(first[:-1]):
            self.add_one(first[:-1].decode(), rows)
        else:
            self.add(joined.decode().split(separator))

    def add_one(self, value: Any, times: int) -> None:
        """Add a value that many rows in a row have."""
        self._parts.append(np.full(times, self._index[value], np.int32))

    def coded(self) -> Coded:
        """Return the column."""
        found = [*self._index]
        nothing = np.array([value is None or value == "" for value in found], dtype=bool)
        values = np.empty(len(found), dtype=object)
        values[:] = found
        place = np.where(nothing, -1, np.cumsum(~nothing) - 1).astype(np.int32)
        codes = np.concatenate([np.empty(0, np.int32), *self._parts])
        return Coded(place[codes] if len(found) else codes, values[~nothing])
