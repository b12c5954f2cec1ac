"""The records of a DBF table, many at once: a column is looked at first and written later.

Looking at all rows tells how wide a column must be and what will be lost; only then is the header
known. Nothing here makes an object for each value but where a value is odd.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange.outgoing import Encoding, Substitute
from hjgis.exchange.shapefiles.pages import encoded, instead, lacking
from hjgis.i18n import _
from hjgis.models.assets import Field
from hjgis.models.reading import SEPARATOR, JoinedTexts, StoredLot

TEXT_BYTES: Final = 254
# Who fills the table in needs room also where nothing stands yet: 40 characters in GBK. All blanks
# of a table together are no more than this, as large tables would be blanks for the most part.
TEXT_ROOM: Final = 80
ROOM_BYTES: Final = 64 * 2**20
# Readers take whole numbers of more digits for floating ones, which would lose the last.
INTEGER_DIGITS: Final = 18
_INTEGERS_END: Final = 2.0**63
_LEAST_DIGITS: Final = 9
NUMBER_WIDTH: Final = 19
MAX_DECIMALS: Final = 15
# Digits before the point, with the sign: one decimal and the point must stand behind them.
_WHOLE: Final = NUMBER_WIDTH - 2
# Beyond twelve digits, relative to the number.
_NOISE: Final = 1e-12
_DATE_WIDTH: Final = 8
_TIME_WIDTH: Final = len("2020-06-15 15:25:00")
_LANGUAGE: Final[dict[str, int]] = {"gbk": 0x4D, "utf-8": 0x00}
_END, _ZERO, _MINUS, _POINT, _BLANK = ord(SEPARATOR), ord("0"), ord("-"), ord("."), ord(" ")
_Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A value that is not written as it is: row of its lot, kind of loss, words."""

    row: int
    kind: str
    message: str


class Column(Protocol):
    """One column of a table; its shape is final when all lots have been looked at.

    Attributes
    ----------
    name : bytes
        As it stands in the header.
    """

    field: str
    name: bytes
    width: int

    @property
    def kind(self) -> str:
        """Letter of its type."""

    @property
    def decimals(self) -> int:
        """Digits behind the point."""

    def look(self, lot: StoredLot) -> Iterator[Trouble]:
        """Grow as wide as some rows need; yield what will be lost of them."""

    def fill(self, lot: StoredLot, out: _Bytes) -> None:
        """Write rows into blanks, shape (n, width)."""


def column_of(field: Field, name: bytes, encoding: Encoding, substitute: Substitute) -> Column:
    """Return the column for a field."""
    if field.type == "date":
        return DateColumn(field.name, name)
    if field.type == "integer":
        return IntegerColumn(field.name, name)
    if field.type == "number":
        return NumberColumn(field.name, name)
    if field.type == "boolean":
        return AnswerColumn(field.name, name)
    dated = field.type == "datetime"
    return TextColumn(field.name, name, encoding, substitute, dated=dated)


class TextColumn:
    """Text in whole characters of an encoding; a date-time as ``2020-06-15 15:25:00``."""

    kind, decimals = "C", 0

    def __init__(
        self,
        field: str,
        name: bytes,
        encoding: Encoding,
        substitute: Substitute,
        *,
        dated: bool = False,
    ) -> None:
        self.field, self.name, self.width = field, name, 1
        self._encoding, self._substitute, self._dated = encoding, substitute, dated

    @property
    def room(self) -> int:
        """How wide it should be for whoever fills it in; identities are nobody's to fill in."""
        return self.width if self.field == "uuid" else _TIME_WIDTH if self._dated else TEXT_ROOM

    def look(self, lot: StoredLot) -> Iterator[Trouble]:
        """See `Column.look`."""
        texts = lot.texts[self.field]
        data = encoded(texts.joined, self._encoding, self._substitute)
        lengths, last = _measured(data, texts.rows)
        self.width = max(self.width, min(int(lengths.max(initial=0)), TEXT_BYTES))
        yield from self._replaced(texts)
        for row in texts.spoilt:
            yield Trouble(row, "unencodable", _("holds bytes that are no text"))
        for row in texts.blank:
            yield Trouble(row, "empty", _("empty text reads back as nothing"))
        for row in np.flatnonzero((last == _BLANK) & (lengths <= TEXT_BYTES)).tolist():
            yield Trouble(row, "truncated", _("blanks at its end are lost"))
        long = np.flatnonzero(lengths > TEXT_BYTES).tolist()
        values = data.split(SEPARATOR.encode()) if long else []
        for row in long:
            whole, kept = values[row].decode(self._encoding), self._cut(values[row])
            message = _("text of {size} bytes cut to {kept} characters of {all}")
            counts = {"kept": len(kept.decode(self._encoding)), "all": len(whole)}
            yield Trouble(row, "truncated", message.format(size=len(values[row]), **counts))

    def fill(self, lot: StoredLot, out: _Bytes) -> None:
        """See `Column.fill`."""
        texts = lot.texts[self.field]
        data = encoded(texts.joined, self._encoding, self._substitute)
        values = data.split(SEPARATOR.encode())
        lengths, _last = _measured(data, texts.rows)
        for row in np.flatnonzero(lengths > TEXT_BYTES).tolist():
            values[row] = self._cut(values[row])
        _refuse_wider(int(np.minimum(lengths, TEXT_BYTES).max(initial=0)), self.width)
        _put(values, out)
        if self._dated and self.width > len("2020-06-15"):
            out[out[:, 10] == ord("T"), 10] = _BLANK

    def _replaced(self, texts: JoinedTexts) -> Iterator[Trouble]:
        if not _lacks(texts.joined, self._encoding):
            return
        codes, at = lacking(texts.joined, self._encoding)
        rows = np.searchsorted(np.flatnonzero(codes == _END), at)
        found: dict[int, dict[str, None]] = {}
        for row, code in zip(rows.tolist(), codes[at].tolist(), strict=True):
            found.setdefault(row, {})[chr(code)] = None
        message = _("{signs} is not in {encoding}; written as {substitute}")
        for row, signs in found.items():
            made = (instead(sign, self._encoding, self._substitute) for sign in signs)
            said = message.format(
                signs="".join(map(_shown, signs)),
                encoding=self._encoding.upper(),
                substitute="".join(dict.fromkeys(made)) or "''",
            )
            yield Trouble(row, "unencodable", said)

    def _cut(self, value: bytes) -> bytes:
        kept = value[:TEXT_BYTES].decode(self._encoding, "ignore")
        return kept.encode(self._encoding)


def _lacks(text: str, encoding: Encoding) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return True
    return "\0" in text


def _shown(sign: str) -> str:
    """Return a sign as it can be told of."""
    return sign if sign.isprintable() else f"U+{ord(sign):04X}"


def _measured(data: bytes, rows: int) -> tuple[NDArray[np.int64], _Bytes]:
    """Return how many bytes each of joined values has, and the last of each; 0 for none."""
    every = np.frombuffer(data, np.uint8)
    ends = np.append(np.flatnonzero(every == _END), len(every))[:rows]
    lengths = np.diff(ends, prepend=-1) - 1
    last = np.zeros(rows, np.uint8)
    there = lengths > 0
    last[there] = every[ends[there] - 1]
    return lengths, last


def _put(values: list[bytes], out: _Bytes) -> None:
    """Write values to the left of what is `out.shape[1]` bytes wide, and blanks behind them."""
    made = np.array(values, dtype=f"S{out.shape[1]}").view(np.uint8).reshape(out.shape)
    # numpy fills up with zeros, which no value holds.
    np.bitwise_or(made, (made == 0).view(np.uint8) << 5, out=out)


def _refuse_wider(needed: int, width: int) -> None:
    if needed > width:
        raise InputError(_("The data were changed while they were written; export them again."))


class IntegerColumn:
    """Whole numbers by their digits; as text if one has more than readers take for whole."""

    decimals = 0

    def __init__(self, field: str, name: bytes) -> None:
        self.field, self.name, self.width = field, name, _LEAST_DIGITS

    @property
    def kind(self) -> str:
        """Number or text."""
        return "N" if self.width <= INTEGER_DIGITS else "C"

    def look(self, lot: StoredLot) -> Iterator[Trouble]:
        """See `Column.look`."""
        values, strays = self._digits(lot.texts[self.field])
        self.width = max(self.width, max(map(len, values), default=0))
        for row, value in strays.items():
            message = _("{value} is no whole number; left blank")
            yield Trouble(row, "type", message.format(value=repr(value)))

    def fill(self, lot: StoredLot, out: _Bytes) -> None:
        """See `Column.fill`."""
        values, _strays = self._digits(lot.texts[self.field])
        _refuse_wider(max(map(len, values), default=0), self.width)
        if self.kind == "N":
            values = [value.rjust(self.width) if value else value for value in values]
        _put(values, out)

    def _digits(self, texts: JoinedTexts) -> tuple[list[bytes], dict[int, str]]:
        joined = texts.joined.encode()
        values = joined.split(SEPARATOR.encode()) if texts.rows else []
        if not joined.translate(None, b"0123456789" + SEPARATOR.encode()):
            return values, {}
        strays = {}
        for row, value in enumerate(values):
            if value and not value.removeprefix(b"-").isdigit():
                # A whole number may be stored as a floating one.
                whole = _whole(value.decode())
                values[row] = str(whole).encode() if whole is not None else b""
                if whole is None:
                    strays[row] = value.decode()
        return values, strays


def _whole(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and abs(number) < _INTEGERS_END else None


class NumberColumn:
    """Numbers with as many decimals as bring all of them back, as far as the width allows."""

    kind, width = "N", NUMBER_WIDTH

    def __init__(self, field: str, name: bytes) -> None:
        self.field, self.name = field, name
        self._needed, self._whole = 0, 1
        self._known = False

    @property
    def decimals(self) -> int:
        """Fewer than some number needs only if the digits before the point leave no room."""
        if not self._known:
            return 3
        return max(1, min(self._needed, MAX_DECIMALS, NUMBER_WIDTH - 1 - self._whole))

    @property
    def rounds(self) -> bool:
        """Whether some number has more decimals than the column."""
        return self._needed > self.decimals

    def look(self, lot: StoredLot) -> Iterator[Trouble]:
        """See `Column.look`; what will be rounded is known when all rows have been looked at."""
        column = lot.numbers[self.field]
        values = column.array()
        fits = self._fits(values)
        some = np.unique(values[fits])
        if len(some):
            self._known = True
            self._needed = max(self._needed, int(_decimals_of(some).max()))
            ends = some[[0, -1]].astype(np.int64).tolist()
            self._whole = max(self._whole, *(len(f"{abs(end)}") + 1 for end in ends))
        for row in np.flatnonzero(~fits & ~np.isnan(values)).tolist():
            message = _("{value} has more digits than a column of numbers; left blank")
            yield Trouble(row, "type", message.format(value=repr(float(values[row]))))
        yield from _told_strays(column.strays)

    def rounded(self, lot: StoredLot) -> Iterator[Trouble]:
        """Yield the numbers that the final column does not bring back to twelve digits.

        What floating point adds behind them nobody measured, and no form shows.
        """
        values = lot.numbers[self.field].array()
        rows = np.flatnonzero(self._fits(values))
        scale = 10.0**self.decimals
        written = np.rint(values[rows] * scale) / scale
        lost = np.flatnonzero(np.abs(written - values[rows]) > _NOISE * np.abs(values[rows]))
        for row, number in zip(rows[lost].tolist(), written[lost].tolist(), strict=True):
            message = _("{value} is written as {written}")
            text = f"{number:.{self.decimals}f}"
            told = message.format(value=repr(float(values[row])), written=text)
            yield Trouble(row, "type", told)

    def fill(self, lot: StoredLot, out: _Bytes) -> None:
        """See `Column.fill`."""
        values = lot.numbers[self.field].array()
        fits = self._fits(values)
        scaled = np.rint(np.where(fits, values, 0) * 10.0**self.decimals).astype(np.int64)
        signed = bool((scaled < 0).any())
        _refuse_wider(len(f"{np.abs(scaled).max(initial=0)}") + 1 + signed, self.width)
        left = np.abs(scaled)
        at = self.width - 1
        for digit in range(self.decimals + 1):
            if digit == self.decimals:
                out[:, at] = _POINT
                at -= 1
            left, out[:, at] = left // 10, left % 10 + _ZERO
            at -= 1
        first = np.full(len(out), at)
        while left.any():
            more = left > 0
            out[more, at] = left[more] % 10 + _ZERO
            first[more] = at - 1
            left //= 10
            at -= 1
        negative = np.flatnonzero(scaled < 0)
        out[negative, first[negative]] = _MINUS
        out[~fits] = _BLANK

    @staticmethod
    def _fits(values: NDArray[np.float64]) -> NDArray[np.bool_]:
        # Not a number is neither less nor more.
        return np.asarray((values > -(10.0 ** (_WHOLE - 1))) & (values < 10.0 ** (_WHOLE - 1)))


def _decimals_of(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the decimals that bring numbers back; one more than there can be if none do."""
    needed = np.full(len(values), MAX_DECIMALS + 1)
    for decimals in range(MAX_DECIMALS, -1, -1):
        scale = 10.0**decimals
        # Both are exact, so the quotient is what a reader makes of the digits.
        with np.errstate(over="ignore"):
            needed[np.rint(values * scale) / scale == values] = decimals
    return needed


def _told_strays(strays: dict[int, object]) -> Iterator[Trouble]:
    for row, value in strays.items():
        message = _("{value} is no number; left blank")
        yield Trouble(row, "type", message.format(value=repr(value)))


class AnswerColumn:
    """Yes, no and unknown: 1, 0 and blank."""

    kind, width, decimals = "N", 1, 0

    def __init__(self, field: str, name: bytes) -> None:
        self.field, self.name = field, name

    def look(self, lot: StoredLot) -> Iterator[Trouble]:
        """See `Column.look`."""
        column = lot.numbers[self.field]
        values = column.array()
        for row in np.flatnonzero(~np.isnan(values) & (values != 0) & (values != 1)).tolist():
            message = _("{value} is neither yes nor no; left blank")
            yield Trouble(row, "type", message.format(value=repr(float(values[row]))))
        yield from _told_strays(column.strays)

    def fill(self, lot: StoredLot, out: _Bytes) -> None:
        """See `Column.fill`."""
        values = lot.numbers[self.field].array()
        out[values == 0, 0], out[values == 1, 0] = _ZERO, _ZERO + 1


class DateColumn:
    """Dates as eight digits."""

    kind, width, decimals = "D", _DATE_WIDTH, 0

    def __init__(self, field: str, name: bytes) -> None:
        self.field, self.name = field, name

    def look(self, lot: StoredLot) -> Iterator[Trouble]:
        """See `Column.look`."""
        texts = lot.texts[self.field]
        for row in texts.blank:
            yield Trouble(row, "empty", _("empty text reads back as nothing"))
        for row, value in self._dates(texts)[1].items():
            message = _("{value} is no date; left blank")
            yield Trouble(row, "type", message.format(value=repr(value)))

    def fill(self, lot: StoredLot, out: _Bytes) -> None:
        """See `Column.fill`."""
        dates, strays = self._dates(lot.texts[self.field])
        for row in strays:
            dates[row] = ""
        # YYYY-MM-DD without its lines.
        made = np.array(dates, dtype="S10").view(np.uint8).reshape(len(out), 10)
        digits = made[:, [0, 1, 2, 3, 5, 6, 8, 9]]
        np.bitwise_or(digits, (digits == 0).view(np.uint8) << 5, out=out)

    @staticmethod
    def _dates(texts: JoinedTexts) -> tuple[list[str], dict[int, str]]:
        values = texts.texts()
        strays = {value for value in {*values} if value and not _is_date(value)}
        if not strays:
            return values, {}
        return values, {row: value for row, value in enumerate(values) if value in strays}


# Of a million dates few differ.
@lru_cache(maxsize=100_000)
def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def give_room(columns: Sequence[Column], rows: int, *, most: int) -> None:
    """Widen text columns for new values, all to the same width.

    Parameters
    ----------
    most : int
        Bytes that the blanks of the whole table may take, besides `ROOM_BYTES`.
    """
    most = max(min(most, ROOM_BYTES), 0)
    texts = [column for column in columns if isinstance(column, TextColumn)]
    for width in range(TEXT_ROOM, 0, -1):
        wider = [max(text.width, min(width, text.room)) for text in texts]
        if (sum(wider) - sum(text.width for text in texts)) * rows <= most:
            break
    for text, wide in zip(texts, wider, strict=True):
        text.width = wide


def record_bytes(columns: Sequence[Column]) -> int:
    """Return how long a record is: the mark of what is deleted, and the columns."""
    return 1 + sum(column.width for column in columns)


def header(columns: Sequence[Column], rows: int, encoding: Encoding) -> bytes:
    """Return the head of a table, dated today."""
    day = dt.date.today()
    size = 32 + 32 * len(columns) + 1
    told = struct.pack(
        "<4BIHH17xB2x", 3, day.year - 1900, day.month, day.day, rows, size,
        record_bytes(columns), _LANGUAGE[encoding],
    )  # fmt: skip
    named = (
        struct.pack("<11sc4xBB14x", c.name, c.kind.encode(), c.width, c.decimals) for c in columns
    )
    return told + b"".join(named) + b"\r"


def records(columns: Sequence[Column], lot: StoredLot) -> _Bytes:
    """Return the records of some rows, shape (n, record_bytes)."""
    out = np.full((len(lot.fids), record_bytes(columns)), _BLANK, np.uint8)
    start = 1
    for column in columns:
        column.fill(lot, out[:, start : start + column.width])
        start += column.width
    return out
