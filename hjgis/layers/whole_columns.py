"""Reads all rows of a layer as columns: by a few long values, not by a million small ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.database import chunks
from hjgis.layers.glance import Glance
from hjgis.layers.growing import Numbers, Texts, is_numeric, uncollected
from hjgis.layers.loading import snapshot
from hjgis.layers.plain_blobs import Blobs, StoredBlobs
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType
from hjgis.models.reading import Coded, FeatureColumns
from hjgis.progress import Progress

# Few enough that a job is cancelled soon and that joined values stay small.
_ROWS: Final = 50_000
# What a column is joined by; values that hold it are read row by row.
_SEPARATOR: Final = "\x1f"
_DATES: Final = frozenset(("date", "datetime"))
# Identities of others: SQL finds whom they name, and of a million few are ever told.
_NODES: Final = frozenset(("from_node", "to_node"))


def columns(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str],
    *,
    geometry: bool,
    late: Collection[str] = (),
    later: sqlite3.Connection,
    progress: Progress,
) -> FeatureColumns:
    """Read fields of all rows of a layer; see `GeoPackageStore.columns`."""
    written = [name for name in names if not is_numeric(asset.field(name))]
    waiting_for = {"uuid", *(name for name in written if name in _NODES or name in late)}
    texts: dict[str, list[_Stored]] = {name: [] for name in written if name not in waiting_for}
    numbers = {name: Numbers() for name in names if is_numeric(asset.field(name))}
    blobs: list[Blobs] = []
    with snapshot(connection), uncollected():
        layer = _Layer(connection, asset)
        held = layer.held(list(texts), list(numbers))
        fids = layer.fids(held.rows)
        waiting = {name: _Late(_Layer(later, asset), fids, name) for name in waiting_for}
        for start in range(0, held.rows, _ROWS):
            progress.check()
            part = layer.part(fids[start : start + _ROWS])
            part.add_texts(texts, held)
            part.add_numbers(numbers, held)
            blobs.append(part.blobs(there=geometry and asset.is_spatial))
    apart = _Texts(texts, waiting)
    return FeatureColumns(
        asset.id,
        fids,
        uuids=waiting["uuid"].values,
        shapes=StoredBlobs(blobs),
        texts=apart,
        some=apart.some,
        each=apart.each,
        numbers={name: column.array() for name, column in numbers.items()},
        strays={name: column.strays for name, column in numbers.items() if column.strays},
    )


@dataclass(frozen=True, slots=True)
class _Stored:
    """Texts of some rows: joined, or each for itself where that cannot be."""

    rows: int
    joined: bytes | None = None
    values: Sequence[Any] = ()

    def texts(self) -> Sequence[Any]:
        """Return each value; empty text or None where there is none."""
        if self.joined is None:
            return self.values
        return self.joined.decode().split(_SEPARATOR) if self.joined else [None] * self.rows


class _Texts(Mapping[str, Coded]):
    """Columns of text, each taken apart when somebody asks for it."""

    def __init__(self, stored: dict[str, list[_Stored]], late: Mapping[str, _Late]) -> None:
        self._stored, self._made, self._late = stored, dict[str, Coded](), late

    def __getitem__(self, name: str) -> Coded:
        if name not in self:
            raise KeyError(name)
        if name not in self._made:
            late = self._late.get(name) if name != "uuid" else None
            stored = self._stored.get(name)
            self._made[name] = _coded(late.stored() if late and not stored else stored or [])
            self._stored[name] = []
        return self._made[name]

    def some(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.object_] | None:
        """Return the values of few rows without taking the column apart; None if it is already."""
        if name in self._made:
            return None
        if name in self._late:
            return self._late[name].some(rows)
        result = np.empty(len(rows), dtype=object)
        start = 0
        for part in self._stored[name]:
            here = np.flatnonzero((rows >= start) & (rows < start + part.rows))
            if len(here):
                values = part.texts()
                result[here] = [values[row - start] or None for row in rows[here].tolist()]
            start += part.rows
        return result

    def each(self, name: str) -> Iterator[Any]:
        """Yield the value of each row; empty text or None where there is none."""
        if name in self._made:
            return iter(self._made[name].objects().tolist())
        if name in self._late and not self._stored.get(name):
            # Whoever asks for the same again does not read it again.
            self._stored[name] = self._late[name].stored()
        return chain.from_iterable(part.texts() for part in self._stored[name])

    def __contains__(self, name: object) -> bool:
        return name in self._stored or (name in self._late and name != "uuid")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._stored, *(n for n in self._late if n != "uuid")]))

    def __len__(self) -> int:
        return sum(1 for _name in self)


def _coded(parts: Sequence[_Stored]) -> Coded:
    column = Texts()
    with uncollected():
        for part in parts:
            if part.joined is None:
                column.add(part.values)
            elif part.joined:
                column.add_joined(part.joined, part.rows, _SEPARATOR)
            else:
                column.add_one(None, part.rows)
    return column.coded()


@dataclass(frozen=True, slots=True)
class _Held:
    """What the columns of a layer hold.

    Attributes
    ----------
    count : dict of str to int
        0 for columns that hold nothing.
    one : dict of str to float
        The value of columns of numbers that is the same in all rows.
    odd : set of str
        Columns of numbers with something that is none.
    """

    rows: int
    count: dict[str, int]
    one: dict[str, float]
    odd: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Layer:
    """A table, to be read as a whole."""

    connection: sqlite3.Connection
    asset: AssetType

    def asked(self, columns: Iterable[str], where: str = "") -> Sequence[Any]:
        # By row number whatever indexes there are: what is joined comes in that order.
        table = f"{quoted(self.asset.id)} NOT INDEXED"
        sql = f"SELECT {', '.join(columns)} FROM {table} {where}"
        found: Sequence[Any] = self.connection.execute(sql).fetchone()
        return found

    def held(self, texts: Sequence[str], numbers: Sequence[str]) -> _Held:
        if not texts and not numbers:
            # Counted by an index.
            sql = f"SELECT count(*) FROM {quoted(self.asset.id)}"
            return _Held(self.connection.execute(sql).fetchone()[0], {}, {}, frozenset())
        glance = Glance(self.connection, self.asset.id, (*texts, *numbers))
        empty = [name for name in texts if glance.is_empty(name)]
        alike = [name for name in numbers if glance.is_one(name)]
        counts = [f"count({quoted(name)})" for name in (*empty, *alike)]
        lows = [f"min({quoted(name)})" for name in alike]
        highs = [f"max({quoted(name)})" for name in numbers]
        rows, *found = self.asked(["count(*)", *counts, *lows, *highs])
        given = iter(found)
        # Of the others it is known that they hold something.
        count = dict.fromkeys((*texts, *numbers), 1) | dict(zip((*empty, *alike), given))  # noqa: B905
        low = dict(zip(alike, given))  # noqa: B905
        high = dict(zip(numbers, given, strict=True))
        # Of all types, numbers come first, then text, then bytes.
        odd = {name for name in numbers if isinstance(high[name], str | bytes)}
        one = {
            name: float(high[name])
            for name in alike
            if low[name] == high[name] and name not in odd and count[name] == rows and rows
        }
        return _Held(rows, count, one, frozenset(odd))

    def fids(self, rows: int) -> NDArray[np.int64]:
        if not rows:
            return np.empty(0, np.int64)
        # Each by itself is found without a walk through the table.
        ((low,), (high,)) = (self.asked([f"{side}(fid)"]) for side in ("min", "max"))
        if high - low + 1 == rows:
            return np.arange(low, high + 1, dtype=np.int64)
        found = self.connection.execute(f"SELECT fid FROM {quoted(self.asset.id)} ORDER BY fid")
        return np.fromiter(chain.from_iterable(found), np.int64, rows)

    def part(self, fids: NDArray[np.int64]) -> _Part:
        return _Part(self, len(fids), f"WHERE fid BETWEEN {fids[0]} AND {fids[-1]}")


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows that follow one another."""

    layer: _Layer
    rows: int
    where: str

    def read(self, *names: str) -> Any:
        """Return what is stored in one column, row by row; of several, a tuple for each row."""
        asked = ", ".join(map(quoted, names))
        table = f"{quoted(self.layer.asset.id)} NOT INDEXED"
        sql = f"SELECT {asked} FROM {table} {self.where} ORDER BY fid"
        found = self.layer.connection.execute(sql).fetchall()
        return found if len(names) > 1 else [value for (value,) in found]

    def add_texts(self, texts: dict[str, list[_Stored]], held: _Held) -> None:
        names = [name for name in texts if held.count[name]]
        for name in texts.keys() - {*names}:
            texts[name].append(_Stored(self.rows, b""))
        if not names:
            return
        # Bytes are greater than text, and numbers, which a column of dates can hold, less.
        dated = [name for name in names if name != "uuid" and self._is_dated(name)]
        highest = [f"max({quoted(name)})" for name in names]
        lowest = [f"min(ifnull({quoted(name)}, ''))" for name in dated]
        joined = [_joined(name) for name in names]
        found = self.layer.asked([*joined, *highest, *lowest], self.where)
        low = dict(zip(dated, found[2 * len(names) :], strict=True))
        for name, values, high in zip(names, found, found[len(names) :], strict=False):
            odd = isinstance(high, bytes) or not isinstance(low.get(name, ""), str)
            if odd or values.count(_SEPARATOR.encode()) != self.rows - 1:
                texts[name].append(_Stored(self.rows, values=self.read(name)))
            else:
                texts[name].append(_Stored(self.rows, values))

    def _is_dated(self, name: str) -> bool:
        return self.layer.asset.field(name).type in _DATES

    def add_numbers(self, numbers: dict[str, Numbers], held: _Held) -> None:
        many = []
        for name, column in numbers.items():
            if not held.count[name]:
                column.add_array(np.full(self.rows, np.nan))
            elif name in held.one:
                column.add_array(np.full(self.rows, held.one[name]))
            elif name in held.odd:
                column.add(self.read(name))
            else:
                many.append(name)
        if len(many) == 1:
            numbers[many[0]].add_array(np.array(self.read(*many), np.float64))
        elif many:
            found = np.array(self.read(*many), np.float64)
            for name, values in zip(many, found.T, strict=True):
                numbers[name].add_array(np.ascontiguousarray(values))

    def blobs(self, *, there: bool) -> Blobs:
        """Return the geometries as they are stored; none at all if they are not asked for."""
        if not there:
            return Blobs(b"", np.zeros(self.rows, np.int64))
        said, blobs = self.layer.asked(
            (
                "group_concat(ifnull(length(geom), 0))",
                "CAST(group_concat(ifnull(geom, x''), '') AS BLOB)",
            ),
            self.where,
        )
        lengths = np.fromstring(said, dtype=np.int64, sep=",")
        if len(blobs) != int(lengths.sum()):
            # An SQLite that ends such a text at its first zero byte.
            each = [blob or b"" for blob in self.read("geom")]
            return Blobs(b"".join(each), np.fromiter(map(len, each), np.int64, self.rows))
        return Blobs(blobs, lengths)


@dataclass(frozen=True, slots=True)
class _Late:
    """A column that is read when somebody asks for it."""

    layer: _Layer
    fids: NDArray[np.int64]
    name: str

    def stored(self) -> list[_Stored]:
        """Read all of it."""
        result: dict[str, list[_Stored]] = {self.name: []}
        # It is not counted before: to walk through a table twice takes longer.
        held = _Held(len(self.fids), {self.name: 1}, {}, frozenset())
        for start in range(0, len(self.fids), _ROWS):
            part = self.layer.part(self.fids[start : start + _ROWS])
            part.add_texts(result, held)
        return result[self.name]

    def values(self) -> NDArray[np.object_]:
        """Return the value of each row; None where there is none."""
        found: list[Any] = []
        for part in self.stored():
            found += [value or None for value in part.texts()]
        return np.array(found, dtype=object)

    def some(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the values of few rows."""
        fids = self.fids[rows].tolist()
        known: dict[int, Any] = {}
        table, name = quoted(self.layer.asset.id), quoted(self.name)
        for some in chunks(sorted({*fids})):
            marks = ",".join("?" * len(some))
            sql = f"SELECT fid, {name} FROM {table} WHERE fid IN ({marks})"
            known.update(self.layer.connection.execute(sql, some))
        result = np.empty(len(fids), dtype=object)
        result[:] = [known.get(fid) or None for fid in fids]
        return result


def _joined(name: str) -> str:
    """Return SQL for all values of a column in one; of none, empty text."""
    separator = f"char({ord(_SEPARATOR)})"
    return f"CAST(group_concat(ifnull({quoted(name)}, ''), {separator}) AS BLOB)"
