"""Texts of many rows as arrays: each different text once, and which of them each row has.

A word is looked for in the different texts only, and the rows follow by their numbers. Where there
are many different texts of about the same length, as ids and places are, the first signs of all of
them lie together, then the second ones: a sign is compared with one place of all texts at once,
and where all have the same sign, as at the beginning of ids, not even that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, TypeGuard

import numpy as np
from numpy.typing import NDArray

# How well a text is met: inside it, at its end, at its beginning, all of it. One more where the
# text names the feature.
INSIDE: Final = 2
END: Final = 4
BEGIN: Final = 6
WHOLE: Final = 8
# For codes of one byte; less for wider ones.
_FEW_VALUES: Final = 8
# Names of units and roads that are counted; nobody looks at more of them.
_SAMPLES: Final = 100
# So many different texts lie by the place of their signs, where that takes little more memory.
_MANY: Final = 2_000
_WASTED: Final = 1.5
# Arrays of so many rows are worth a second thread; numpy lets go of the interpreter meanwhile.
_WORTH_THREADS: Final = 100_000
_POOL: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="search")
_WIDEST_BYTES: Final = 8
_SPACE: Final = ord(" ")
_HIGHEST: Final = np.uint8(255)


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """One searched field of n rows.

    Attributes
    ----------
    codes : array of unsigned integers, shape (n,) or (0,)
        Which text each row has; none where each has one of its own, in the order of the rows.
    text : array of uint8 (Latin-1) or uint16 (UTF-16)
        The d different texts, each with a 0 behind it; spaces stand between the forms of one.
        Where `width` is not 0, the first signs of all, then the second ones, and so on, with zeros
        behind the shorter ones.
    starts : array of int32 or int64, shape (d + 1,) or (0,)
        Where each of them begins; none where `width` is not 0.
    width : int
        One more than the longest text has signs where signs lie by their place; otherwise 0.
    ranges : array like `text`, shape (2 * width,)
        The lowest sign at each place, then the highest ones.
    """

    codes: NDArray[np.unsignedinteger[Any]]
    text: NDArray[Any]
    starts: NDArray[Any]
    width: int
    ranges: NDArray[Any]

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
        starts = np.concatenate(([0], np.flatnonzero(units == 0) + 1))
        count = len(starts) - 1
        own = len(codes) == count and np.array_equal(codes, np.arange(count))
        numbers = codes[:0] if own else codes
        small = numbers.astype(np.min_scalar_type(count - 1))
        width = int(np.diff(starts).max())
        if count < _MANY or width * count > _WASTED * len(units):
            short = np.int32 if len(units) < 2**31 else np.int64
            return cls(small, units, starts.astype(short), 0, units[:0])
        by_place = _by_place(units, starts, width)
        ranges = np.concatenate((by_place.min(axis=1), by_place.max(axis=1)))
        return cls(small, by_place.reshape(-1), np.empty(0, np.int32), width, ranges)

    @property
    def count(self) -> int:
        """How many different texts there are."""
        return len(self.text) // self.width if self.width else len(self.starts) - 1

    def grades(self, word: str) -> NDArray[np.uint8] | None:
        """Return how well a word meets each text, shape (d,): 0 where it does not occur.

        None where it occurs in none of them.
        """
        wanted = _units(word, self.text.dtype)
        if not len(wanted):
            return None
        result = np.zeros(self.count, np.uint8)
        if self.width:
            return result if self._grade_by_place(wanted, result) else None
        lots = list(self._places(wanted))
        if sum(map(len, lots)) > max(_MANY, len(result) // 4) and not self._has_forms():
            self._grade_many(lots, len(wanted), result)
        else:
            for places in lots:
                self._grade(places, len(wanted), result)
        return result if lots else None

    def row_grades(self, word: str, *, names: bool) -> NDArray[np.uint8] | None:
        """Return how well a word meets each row, shape (n,); None where it meets none.

        Parameters
        ----------
        names : bool
            Whether the field names features: then it counts one more.
        """
        grades = self.grades(word)
        if grades is None:
            return None
        if names:
            grades += grades > 0
        if not len(self.codes):
            return grades
        # Up to so many texts, comparing all rows with each is faster than looking each row up.
        values = np.flatnonzero(grades) if len(grades) < _MANY else ()
        if 0 < len(values) <= _FEW_VALUES // self.codes.itemsize:
            rows = np.zeros(len(self.codes), np.uint8)
            for value in values:
                rows += (self.codes == value) * grades[value]
            return rows
        if self.codes.dtype == np.uint8:
            table = grades.tobytes().ljust(256, b"\0")
            return np.frombuffer(self.codes.tobytes().translate(table), np.uint8)
        return np.take(grades, self.codes)

    def rows_of(self, value: int) -> NDArray[np.bool_]:
        """Return which rows have one of the texts, shape (n,)."""
        codes: NDArray[Any] = self.codes if len(self.codes) else np.arange(self.count)
        found: NDArray[np.bool_] = codes == value
        return found

    def counts(self, alive: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how many of some of the rows have each text, shape (d,)."""
        if not len(self.codes):
            return alive.astype(np.int64)
        codes = self.codes if alive.all() else self.codes[alive]
        return np.bincount(codes, minlength=self.count)

    def text_of(self, value: int) -> str:
        """Return one of the different texts."""
        if self.width:
            units = self.text[value :: self.count]
            units = units[units > 0]
        else:
            units = self.text[int(self.starts[value]) : int(self.starts[value + 1]) - 1]
        coding = "ascii" if units.dtype == np.uint8 else "utf-16-le"
        return units.tobytes().decode(coding, "surrogatepass")

    # -- signs by their place --------------------------------------------------------------

    def _grade_by_place(self, wanted: NDArray[Any], result: NDArray[np.uint8]) -> bool:
        """Raise the grades where a word begins at any place; return whether it does anywhere."""
        by_place = self.text.reshape(self.width, -1)
        signs = wanted.tolist()
        lows, highs = self.ranges.reshape(2, -1).tolist()
        found = False
        for first in range(self.width - len(signs)):
            behind = first + len(signs)
            met = _met_by_all(
                by_place[first:behind], signs, lows[first:behind], highs[first:behind]
            )
            if met is None:
                continue
            found = True
            grades = met.view(np.uint8) * np.uint8(INSIDE if first else BEGIN)
            if first and lows[first - 1] <= _SPACE:
                begins = met & (by_place[first - 1] <= _SPACE)
                grades += begins.view(np.uint8) * np.uint8(BEGIN - INSIDE)
            if lows[behind] <= _SPACE:
                ends = met & (by_place[behind] <= _SPACE)
                grades += ends.view(np.uint8) * np.uint8(END - INSIDE)
            np.maximum(result, grades, out=result)
        return found

    # -- texts behind each other -----------------------------------------------------------

    def _has_forms(self) -> bool:
        return bool((self.text == _SPACE).any())

    def _grade_many(
        self, lots: Iterable[NDArray[np.int64]], width: int, result: NDArray[np.uint8]
    ) -> None:
        """Raise the grades of texts of one form by where a word begins, which many hold."""
        met = np.zeros(len(self.text), np.bool_)
        for places in lots:
            met[places] = True
        first, behind = self.starts[:-1], self.starts[1:]
        at_end = behind - (width + 1)
        begins = np.take(met, first)
        ends = np.take(met, np.maximum(at_end, 0)) & (at_end >= first)
        held = np.logical_or.reduceat(met, first)
        whole = begins & (at_end == first)
        # Flags times grades: faster than writing to where a flag is set.
        for flags, grade in ((held, INSIDE), (ends, END), (begins, BEGIN), (whole, WHOLE)):
            np.maximum(result, flags.view(np.uint8) * np.uint8(grade), out=result)

    def _grade(self, places: NDArray[np.int64], width: int, result: NDArray[np.uint8]) -> None:
        """Raise the grades of texts in which a word stands at some places of `text`."""
        values = np.searchsorted(self.starts, places, side="right") - 1
        begins = (places == 0) | (self.text[places - 1] <= _SPACE)
        ends = self.text[places + width] <= _SPACE
        grades = np.where(begins, np.where(ends, WHOLE, BEGIN), np.where(ends, END, INSIDE))
        for grade in (INSIDE, END, BEGIN, WHOLE):
            met = values[grades == grade]
            result[met] = np.maximum(result[met], grade)

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

    def samples(self, field: str, words: Iterable[Sequence[str]]) -> dict[str, tuple[int, int]]:
        """Return for each text of a field that the words meet its number and how many rows.

        At most so many as somebody may look at, those of most rows.
        """
        column = self.columns[field]
        met = np.ones(column.count, np.bool_)
        for word in words:
            held = np.zeros(len(met), np.bool_)
            for grades in filter(_is_there, map(column.grades, word)):
                held |= grades > 0
            met &= held
        if not met.any():
            return {}
        counts = np.where(met, column.counts(self.alive), 0)
        best = np.argsort(-counts, kind="stable")[:_SAMPLES]
        return {
            column.text_of(value): (value, count)
            for value, count in zip(best.tolist(), counts[best].tolist(), strict=True)
            if count
        }

    def fid_of(self, field: str, value: int) -> int:
        """Return a row that has one of the texts of a field."""
        return int(self.fids[np.argmax(self.columns[field].rows_of(value) & self.alive)])

    def grades(self, words: Iterable[Sequence[str]], naming: frozenset[str]) -> NDArray[np.uint8]:
        """Return how well each row is met, shape (n,): 0 where a word does not occur.

        Parameters
        ----------
        words : iterable of sequences of str
            The variants of each word, one of which has to occur.
        naming : frozenset of str
            The fields that name a feature.
        """
        result = self.alive * _HIGHEST
        for word in words:
            met = np.zeros(len(self.fids), np.uint8)
            for name, column in self.columns.items():
                for variant in word:
                    grades = column.row_grades(variant, names=name in naming)
                    if grades is not None:
                        np.maximum(met, grades, out=met)
            np.minimum(result, met, out=result)
            if not result.any():
                break
        return result


def grades_of(
    parts: Sequence[Part], words: Sequence[Sequence[str]], naming: frozenset[str] = frozenset()
) -> Iterable[NDArray[np.uint8]]:
    """Return the `Part.grades` of several parts, two at once where there are many rows."""

    def grades(part: Part) -> NDArray[np.uint8]:
        return part.grades(words, naming)

    many = sum(len(part.fids) for part in parts) > _WORTH_THREADS
    return _POOL.map(grades, parts) if many else map(grades, parts)


def _is_there(grades: NDArray[np.uint8] | None) -> TypeGuard[NDArray[np.uint8]]:
    return grades is not None


def _by_place(units: NDArray[Any], starts: NDArray[np.int64], width: int) -> NDArray[Any]:
    """Return texts that lie behind each other as an array of shape (width, d)."""
    inside = np.arange(width) < np.diff(starts)[:, None]
    rows = np.zeros(inside.shape, units.dtype)
    rows[inside] = units
    return np.ascontiguousarray(rows.T)


def _met_by_all(
    by_place: NDArray[Any], signs: Sequence[int], lows: Sequence[int], highs: Sequence[int]
) -> NDArray[np.bool_] | None:
    """Return which texts have a word at one place, shape (d,); None where no text has.

    Parameters
    ----------
    by_place : array, shape (signs of the word, d)
    lows, highs : sequence of int
        The lowest and highest sign of all texts at each of these places.
    """
    for sign, low, high in zip(signs, lows, highs, strict=True):
        if not low <= sign <= high:
            return None
    met: NDArray[np.bool_] | None = None
    # The last sign first: ids and numbers begin alike and end differently.
    for at in range(len(signs) - 1, -1, -1):
        if lows[at] == highs[at]:
            continue
        same = by_place[at] == signs[at]
        met = same if met is None else np.logical_and(met, same, out=met)
        if not met.any():
            return None
    return np.ones(by_place.shape[1], np.bool_) if met is None else met


def _units(word: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return a word as a column spells it; nothing where it cannot occur."""
    if dtype == np.uint8:
        # No Chinese signs, so no pinyin in capitals either.
        held = word.isascii() and word == word.lower()
        return np.frombuffer(word.encode("ascii") if held else b"", np.uint8)
    return np.frombuffer(word.encode("utf-16-le", "surrogatepass"), np.uint16)
