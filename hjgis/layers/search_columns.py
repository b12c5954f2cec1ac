"""Texts of many rows as arrays: each different text once, and which of them each row has.

A word is looked for in the different texts only, some bytes at once, and the rows follow by their
numbers: a million rows take milliseconds, however many of them are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

# How well a text is met: inside it, at its end, at its beginning, all of it. One more where the
# text names the feature.
INSIDE: Final = 2
END: Final = 4
BEGIN: Final = 6
WHOLE: Final = 8
_FEW_VALUES: Final = 3
_MANY: Final = 10_000
# Arrays of so many rows are worth a second thread; numpy lets go of the interpreter meanwhile.
_WORTH_THREADS: Final = 100_000
_POOL: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="search")
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_WIDEST_BYTES: Final = 8
_SPACE: Final = ord(" ")


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """One searched field of n rows.

    Attributes
    ----------
    codes : array of unsigned integers, shape (n,)
        Which text each row has.
    text : array of uint8 (Latin-1) or uint16 (UTF-16)
        The d different texts, each with a 0 behind it; spaces stand between the forms of one.
    starts : array of int32 or int64, shape (d + 1,)
        Where each of them begins.
    width : int
        From one beginning to the next where that is always the same, as with ids; otherwise 0.
    """

    codes: NDArray[np.unsignedinteger[Any]]
    text: NDArray[Any]
    starts: NDArray[Any]
    width: int

    @classmethod
    def of(cls, codes: NDArray[np.signedinteger[Any]], lots: Sequence[Sequence[str]]) -> TextColumn:
        """Return a column of rows by the number of their text.

        Parameters
        ----------
        lots : sequence of sequences of str
            The different texts, at least one; in lots, so that no step takes long.
        """
        joined = ["\0".join(texts) + "\0" for texts in lots]
        kind = np.uint8 if all(map(str.isascii, joined)) else np.uint16
        coding = "ascii" if kind is np.uint8 else "utf-16-le"
        parts = [np.frombuffer(lot.encode(coding, "surrogatepass"), kind) for lot in joined]
        units = np.concatenate(parts)
        ends = np.flatnonzero(units == 0) + 1
        starts = np.concatenate(([0], ends))
        small = np.int32 if len(units) < 2**31 else np.int64
        width = int(ends[0])
        return cls(
            codes.astype(np.min_scalar_type(len(ends) - 1)),
            units,
            starts.astype(small),
            width if np.array_equal(starts, np.arange(len(starts)) * width) else 0,
        )

    def values_with(self, word: str) -> NDArray[np.int64]:
        """Return the numbers of the texts that a word occurs in, rising."""
        wanted = _units(word, self.text.dtype)
        held = np.zeros(len(self.starts) - 1, np.bool_)
        for places in self._places(wanted) if len(wanted) > 1 else ():
            held[self._value_at(places)] = True
        if len(wanted) == 1:
            met = self.text == wanted[0]
            if met.any():
                np.logical_or.reduceat(met, self.starts[:-1], out=held)
        return np.flatnonzero(held)

    def grades(self, word: str) -> NDArray[np.uint8]:
        """Return how well a word meets each text, shape (d,): 0 where it does not occur."""
        result = np.zeros(len(self.starts) - 1, np.uint8)
        wanted = _units(word, self.text.dtype)
        if len(wanted) == 1:
            self._grade_many(self.text == wanted[0], 1, result)
        elif len(wanted):
            lots = list(self._places(wanted))
            if _MANY < sum(map(len, lots)) > len(result) // 4 and not self._has_forms():
                met = np.zeros(len(self.text), np.bool_)
                for places in lots:
                    met[places] = True
                self._grade_many(met, len(wanted), result)
            else:
                for places in lots:
                    self._grade(self._value_at(places), places, len(wanted), result)
        return result

    def _has_forms(self) -> bool:
        return bool((self.text == _SPACE).any())

    def _grade_many(self, met: NDArray[np.bool_], width: int, result: NDArray[np.uint8]) -> None:
        """Grade by where a word begins in all of the text, which many texts hold."""
        if not met.any():
            return
        first, behind = self.starts[:-1], self.starts[1:]
        at_end = behind - (width + 1)
        begins = met[first]
        ends = met[np.maximum(at_end, 0)] & (at_end >= first)
        result[np.logical_or.reduceat(met, first)] = INSIDE
        result[ends] = END
        result[begins] = BEGIN
        result[begins & (at_end == first)] = WHOLE

    def _grade(
        self,
        values: NDArray[np.int64],
        places: NDArray[np.int64],
        width: int,
        result: NDArray[np.uint8],
    ) -> None:
        """Grade place by place."""
        begins = (places == 0) | (self.text[places - 1] <= _SPACE)
        ends = self.text[places + width] <= _SPACE
        grades = np.where(begins, np.where(ends, WHOLE, BEGIN), np.where(ends, END, INSIDE))
        for grade in (INSIDE, END, BEGIN, WHOLE):
            met = values[grades == grade]
            result[met] = np.maximum(result[met], grade)

    def rows_with(self, values: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Return which rows have one of some texts; None where there are no such texts."""
        if not len(values):
            return None
        rows = np.zeros(len(self.codes), np.bool_)
        if len(values) <= _FEW_VALUES:
            for value in values.tolist():
                rows |= self.codes == value
            return rows
        known = np.zeros(len(self.starts) - 1, np.bool_)
        known[values] = True
        np.take(known, self.codes, out=rows)
        return rows

    def _value_at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        if self.width:
            return places // self.width
        return np.searchsorted(self.starts, places, side="right") - 1

    def _places(self, wanted: NDArray[Any]) -> Iterator[NDArray[np.int64]]:
        """Yield where some signs stand in the texts, rising in each lot."""
        size = self.text.dtype.itemsize
        # As many signs as fit one machine word are compared at once, at each offset in turn; the
        # last ones, as ids and numbers begin alike and end differently.
        width = 1
        while width * 2 <= len(wanted) and width * 2 * size <= _WIDEST_BYTES:
            width *= 2
        whole = np.dtype(f"u{width * size}")
        before = len(wanted) - width
        key = np.frombuffer(wanted[before:].tobytes(), whole)[0]
        raw = self.text.view(np.uint8)
        for offset in range(width):
            at = offset * size
            lots = max(len(raw) - at, 0) // (width * size)
            if not lots:
                break
            seen = np.frombuffer(raw, whole, count=lots, offset=at)
            places = np.flatnonzero(seen == key) * width + (offset - before)
            places = places[places >= 0]
            for shift in range(before - 1, -1, -1):
                if not len(places):
                    break
                places = places[self.text[places + shift] == wanted[shift]]
            if len(places):
                yield places


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of a layer that were read at once.

    Attributes
    ----------
    fids : array of int64, shape (n,)
        Rising.
    columns : mapping of str to TextColumn
        By field.
    alive : array of bool, shape (n,)
        False for rows that a later part has, or that are gone.
    """

    fids: NDArray[np.int64]
    columns: Mapping[str, TextColumn]
    alive: NDArray[np.bool_]

    def without(self, fids: NDArray[np.int64]) -> Part:
        """Return this part without some rows."""
        at = np.searchsorted(self.fids, fids)
        at = at[at < len(self.fids)]
        at = at[np.isin(self.fids[at], fids)]
        if not len(at):
            return self
        alive = self.alive.copy()
        alive[at] = False
        return replace(self, alive=alive)

    def rows(self, words: Iterable[Sequence[str]]) -> NDArray[np.bool_]:
        """Return the rows in which one of the variants of each word occurs, shape (n,)."""
        result = self.alive
        for word in words:
            met = np.zeros(len(self.fids), np.bool_)
            tasks = [(c, variant) for c in self.columns.values() for variant in word]
            for rows in self._each(_rows_with, tasks):
                if rows is not None:
                    met |= rows
            result = result & met
            if not result.any():
                break
        return result

    def samples(
        self, field: str, words: Iterable[Sequence[str]], limit: int
    ) -> list[tuple[int, int]]:
        """Return for the commonest texts of a field that the words meet: a row, and how many.

        Row numbers are those of the file.
        """
        column = self.columns[field]
        met = np.ones(len(column.starts) - 1, np.bool_)
        for word in words:
            grades = np.zeros(len(met), np.uint8)
            for variant in word:
                np.maximum(grades, column.grades(variant), out=grades)
            met &= grades > 0
        if not met.any():
            return []
        counts = np.bincount(column.codes[self.alive], minlength=len(met)) * met
        best = np.argsort(-counts, kind="stable")[:limit]
        return [
            (int(self.fids[np.argmax((column.codes == value) & self.alive)]), int(counts[value]))
            for value in best.tolist()
            if counts[value]
        ]

    def grades(self, words: Iterable[Sequence[str]], naming: frozenset[str]) -> NDArray[np.uint8]:
        """Return how well each row is met, shape (n,): 0 where a word does not occur.

        Parameters
        ----------
        naming : frozenset of str
            The fields that name a feature.
        """
        result = np.where(self.alive, np.uint8(255), np.uint8(0))
        for word in words:
            met = np.zeros(len(self.fids), np.uint8)
            tasks = [
                (column, variant, name in naming)
                for name, column in self.columns.items()
                for variant in word
            ]
            for grades in self._each(_row_grades, tasks):
                if grades is not None:
                    np.maximum(met, grades, out=met)
            np.minimum(result, met, out=result)
            if not result.any():
                break
        return result

    def _each(self, work: Callable[[_Task], _Result], tasks: list[_Task]) -> Iterable[_Result]:
        """Do some work for each column, several at once where there are many rows."""
        return map(work, tasks) if len(self.fids) < _WORTH_THREADS else _POOL.map(work, tasks)


def _rows_with(task: tuple[TextColumn, str]) -> NDArray[np.bool_] | None:
    column, word = task
    return column.rows_with(column.values_with(word))


def _row_grades(task: tuple[TextColumn, str, bool]) -> NDArray[np.uint8] | None:
    """Return how well a word meets the rows of a column, None where it meets none of them.

    The third of the task says whether the column names features.
    """
    column, word, names = task
    grades = column.grades(word)
    values = np.flatnonzero(grades)
    if not len(values):
        return None
    grades[values] += np.uint8(names)
    rows = np.zeros(len(column.codes), np.uint8)
    if len(values) > _FEW_VALUES:
        np.take(grades, column.codes, out=rows)
        return rows
    for value in values.tolist():
        rows[column.codes == value] = grades[value]
    return rows


def _units(word: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return a word as a column spells it; nothing where it cannot occur."""
    if dtype == np.uint8:
        # No Chinese signs, so no pinyin in capitals either.
        held = word.isascii() and word == word.lower()
        return np.frombuffer(word.encode("ascii") if held else b"", np.uint8)
    return np.frombuffer(word.encode("utf-16-le", "surrogatepass"), np.uint16)
