"""Reads what the search needs from a project file, and what was changed since it last did."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import database, journal, migrations, statements
from hjgis.layers.schema import quoted
from hjgis.layers.search_columns import Part, TextColumn
from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.search import many_forms, search_words, searched_fields
from hjgis.progress import Progress

# Rises with every change to what is kept of a text: what an older one has made is made anew.
VERSION: Final = 2
_ROWS_AT_ONCE: Final = 4_000
# The different values of so many rows are held while they are numbered: 300 bytes a row.
_ROWS_A_PART: Final = 200_000
# So many parts more than it needs, or so many rows that are elsewhere by now, and a layer is read
# anew.
_MOST_PARTS: Final = 6
_CHANGED_SHARE: Final = 0.25
Fids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LayerTexts:
    """The texts of a layer.

    Attributes
    ----------
    signature : str
        Of the fields and code lists that they were made with.
    parts : tuple of Part
        Of so many rows each; a row is alive in one of them.
    """

    signature: str
    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        """How many rows are held, those that are elsewhere by now included."""
        return sum(len(part.fids) for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """What is searched of a project, as of one moment of its file.

    Attributes
    ----------
    head : (int, str)
        Number and identity of the latest change in it, and how often it was continued; (0, "")
        before the first one.
    layers : mapping of str to LayerTexts
    pending : mapping of str to array of int64
        Rows that another program had changed and nobody had entered into the journal yet.
    fresh : bool
        Whether so much was read that it is worth keeping.
    """

    head: tuple[int, str]
    layers: Mapping[str, LayerTexts]
    pending: Mapping[str, Fids] = field(default_factory=dict)
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Which project is read: its file and what its layers and code lists are."""

    path: Path
    types: Mapping[str, AssetType]
    catalogue: Catalogue


def read_texts(
    source: Source,
    known: Texts | None,
    progress: Progress,
    *,
    arrived: Callable[[Texts], None] | None = None,
) -> Texts:
    """Read what is not known yet, or not any more; for a thread of its own.

    Parameters
    ----------
    known : Texts or None
        What was read before; where it does not belong to this state of the file, all is read.
    arrived : callable, optional
        Is told after each layer what there is so far.

    Raises
    ------
    ProjectError
        If the file cannot be read.
    Cancelled
        If `progress` says so.
    """
    with (
        database.told(source.path),
        closing(database.connect(source.path, write=False)) as connection,
    ):
        migrations.stand_in(connection, source.types.values())
        # All is read as of one moment.
        connection.execute("BEGIN")
        return _Reading(connection, source, progress).bring_up(known, arrived)


class _Reading:
    """One reading of a file, in one transaction."""

    def __init__(self, connection: sqlite3.Connection, source: Source, progress: Progress) -> None:
        self._db, self._source, self._progress = connection, source, progress
        self._done = self._total = 0

    def bring_up(self, known: Texts | None, arrived: Callable[[Texts], None] | None) -> Texts:
        changed = _changed_since(self._db, known) if known is not None else None
        held = known.layers if known is not None and changed is not None else {}
        pending = _pending(self._db)
        last = {layer: self._last_fid(layer) for layer in self._source.types}
        self._total = sum(last.values())
        layers: dict[str, LayerTexts] = {}
        fresh = known is not None and known.fresh
        # The smallest first: what stands in a layer of a million rows can wait.
        for layer in sorted(last, key=lambda layer: last[layer]):
            rows = (changed or {}).get(layer, np.empty(0, np.int64))
            layers[layer] = self._layer(layer, held.get(layer), rows)
            fresh = fresh or layers[layer] is not held.get(layer)
            self._done += last[layer]
            self._report(0, layer)
            if arrived is not None and layers[layer] is not held.get(layer):
                arrived(Texts((0, ""), dict(layers)))
        return Texts(_head(self._db), layers, pending, fresh)

    def _layer(self, layer: str, held: LayerTexts | None, changed: Fids) -> LayerTexts:
        asset, catalogue = self._source.types[layer], self._source.catalogue
        signature = signature_of(asset, catalogue)
        if held is not None and held.signature == signature:
            if not len(changed):
                return held
            dead = held.count - sum(int(part.alive.sum()) for part in held.parts)
            few = len(changed) + dead <= _CHANGED_SHARE * max(held.count, 1)
            if few and len(held.parts) < _MOST_PARTS + held.count // _ROWS_A_PART:
                kept = tuple(part.without(changed) for part in held.parts)
                return LayerTexts(signature, (*kept, *self._parts(asset, changed)))
        return LayerTexts(signature, tuple(self._parts(asset, None)))

    def _parts(self, asset: AssetType, fids: Fids | None) -> Iterator[Part]:
        """Read rows of a layer, all of them if not told which."""
        fields = searched_fields(asset)
        names = tuple(one.name for one in fields)
        where, values = "", []
        if fids is not None:
            where = "WHERE fid IN (SELECT value FROM json_each(?))"
            values = [json.dumps(fids.tolist())]
        cursor = self._db.execute(
            f"SELECT fid{statements.more_columns(names)} FROM {quoted(asset.id)} {where}"
            " ORDER BY fid",
            values,
        )
        while part := self._part(cursor, fields):
            yield part
            if fids is None:
                self._report(int(part.fids[-1]), asset.id)

    def _part(self, cursor: sqlite3.Cursor, fields: tuple[Field, ...]) -> Part | None:
        """Take the next rows; None where there are no more."""
        numbers: list[Fids] = []
        coders = [_Coder() for _field in fields]
        while len(numbers) * _ROWS_AT_ONCE < _ROWS_A_PART and (
            rows := cursor.fetchmany(_ROWS_AT_ONCE)
        ):
            read, *columns = zip(*rows, strict=True)
            numbers.append(np.array(read, np.int64))
            for coder, some in zip(coders, columns, strict=True):
                coder.add(some)
            self._progress.check()
        if not numbers:
            return None
        found = np.concatenate(numbers)
        made: dict[str, TextColumn] = {}
        for one in reversed(fields):
            # Taken out one by one: the values of a field are not held twice for long.
            column = self._column(one, coders.pop())
            if column is not None:
                made[one.name] = column
        return Part(found, made, np.ones(len(found), np.bool_))

    def _column(self, field: Field, coder: _Coder) -> TextColumn | None:
        """Return a field's texts; None where it has none."""
        catalogue = self._source.catalogue
        lots, values = [], iter(coder.numbers)
        while some := list(islice(values, _ROWS_AT_ONCE)):
            lots.append(many_forms(field, some, catalogue))
            self._progress.check()
        held = any(map(any, lots))
        column = TextColumn.of(np.concatenate(coder.codes), lots) if held else None
        # A million values that are let go of at once would keep the interpreter from the window.
        while coder.numbers:
            coder.numbers.popitem()
        while lots:
            lots.pop()
        return column

    def _last_fid(self, layer: str) -> int:
        row = self._db.execute(f"SELECT max(fid) FROM {quoted(layer)}").fetchone()
        return int(row[0] or 0)

    def _report(self, fid: int, layer: str) -> None:
        self._progress.report(min(self._done + fid, self._total), self._total, layer)
        self._progress.check()


class _Numbers(dict[Value, int]):
    """Gives each different value the next number."""

    def __missing__(self, value: Value) -> int:
        number = self[value] = len(self)
        return number


class _Coder:
    """Numbers of values, in the order in which rows come."""

    def __init__(self) -> None:
        self.numbers = _Numbers()
        self.codes: list[NDArray[np.int32]] = []

    def add(self, values: Sequence[Any]) -> None:
        # Most fields of most rows are empty, which is seen at a glance.
        if values[0] is None and values.count(None) == len(values):
            self.codes.append(np.full(len(values), self.numbers[None], np.int32))
        else:
            self.codes.append(np.fromiter(map(self.numbers.__getitem__, values), np.int32))


def signature_of(asset: AssetType, catalogue: Catalogue) -> str:
    """Return a digest of all that the texts of a layer depend on beside its rows."""
    fields = searched_fields(asset)
    lists = [catalogue.code_lists.get(one.codes) if one.codes else None for one in fields]
    facts = [
        VERSION,
        sorted(search_words().unspelled),
        [(one.name, one.type) for one in fields],
        [
            [(code.code, dict(code.label)) for code in codes.codes] if codes else None
            for codes in lists
        ],
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


_STATES: Final = (
    "SELECT id, uuid, coalesce(json_extract(params, '$." + journal.JOINED + "'), 0)"
    " FROM hjgis_change"
)


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    found = connection.execute(f"{_STATES} ORDER BY id DESC LIMIT 1").fetchone()
    return (int(found[0]), f"{found[1]}/{found[2]}") if found else (0, "")


def _changed_since(connection: sqlite3.Connection, known: Texts) -> dict[str, Fids] | None:
    """Return the rows of later changes; None where the file does not go on from what is known."""
    number, state = known.head
    if number:
        uuid, _slash, joined = state.partition("/")
        now = connection.execute(f"{_STATES} WHERE id = ?", (number,)).fetchone()
        if now is None or now[1] != uuid:
            return None
        # A change may be continued by the next edit, under its own number.
        number -= str(now[2]) != joined
    found: dict[str, list[Fids]] = {}
    for layer, fids in (*known.pending.items(), *_pending(connection).items()):
        found.setdefault(layer, []).append(fids)
    singles: dict[str, list[int]] = {}
    for layer, fid in connection.execute(
        "SELECT layer, fid FROM hjgis_change_row WHERE change > ? AND layer != ?",
        (number, journal.FACTS),
    ):
        singles.setdefault(layer, []).append(fid)
    for layer, fids_ in singles.items():
        found.setdefault(layer, []).append(np.array(fids_, np.int64))
    for layer, low, high in connection.execute(
        "SELECT layer, fid_lo, fid_hi FROM hjgis_change_range WHERE change > ?", (number,)
    ):
        found.setdefault(layer, []).append(np.arange(low, high + 1, dtype=np.int64))
    return {layer: np.unique(np.concatenate(parts)) for layer, parts in found.items()}


def _pending(connection: sqlite3.Connection) -> dict[str, Fids]:
    """Return the rows that another program has changed and the journal does not know of."""
    result: dict[str, list[int]] = {}
    for layer, fid in connection.execute("SELECT DISTINCT layer, fid FROM hjgis_foreign"):
        result.setdefault(layer, []).append(fid)
    return {layer: np.array(sorted(fids), np.int64) for layer, fids in result.items()}
