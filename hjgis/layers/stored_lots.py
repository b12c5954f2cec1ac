"""Reads some rows of a layer as few long values, for who writes them on byte by byte."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import StoreConflict
from hjgis.i18n import _
from hjgis.layers.growing import Numbers
from hjgis.layers.loading import snapshot
from hjgis.layers.plain_blobs import Blobs, StoredBlobs
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType
from hjgis.models.reading import SEPARATOR, JoinedTexts, StoredLot

_NUMBERS: Final = frozenset(("number", "boolean"))


def lot(
    connection: sqlite3.Connection,
    asset: AssetType,
    names: Sequence[str],
    fids: NDArray[np.int64],
    *,
    geometry: bool,
    blanks: bool,
) -> StoredLot:
    """Read fields of some rows; see `FeatureQuestions.lot`."""
    texts = ["uuid", *(name for name in names if asset.field(name).type not in _NUMBERS)]
    numbers = [name for name in names if asset.field(name).type in _NUMBERS]
    rows = _Rows(connection, asset.id, fids)
    with snapshot(connection):
        joined, strange = rows.joined(texts, numbers, blanks=blanks)
        return StoredLot(
            fids,
            texts=joined,
            numbers=dict(zip(numbers, rows.numbers(numbers, strange), strict=True)),
            shapes=StoredBlobs([rows.blobs(there=geometry and asset.is_spatial)]),
        )


class _Rows:
    """Rows that are read together, rising."""

    def __init__(self, connection: sqlite3.Connection, layer: str, fids: NDArray[np.int64]) -> None:
        self._db, self._fids, self._count = connection, fids, len(fids)
        whole = self._count and int(fids[-1] - fids[0]) + 1 == self._count
        listed = ",".join(map(str, () if whole else fids.tolist()))
        where = f"BETWEEN {fids[0]} AND {fids[-1]}" if whole else f"IN ({listed})"
        # By row number whatever indexes there are: what is joined comes in that order.
        self._from = f"FROM {quoted(layer)} NOT INDEXED WHERE fid {where}"

    def _one(self, asked: Sequence[str]) -> Sequence[Any]:
        sql = f"SELECT {', '.join(asked)} {self._from}"
        found: Sequence[Any] = self._db.execute(sql).fetchone()
        return found

    def _each(self, asked: Sequence[str]) -> list[Any]:
        sql = f"SELECT {', '.join(asked)} {self._from} ORDER BY fid"
        return self._db.execute(sql).fetchall()

    def joined(
        self, texts: Sequence[str], numbers: Sequence[str], *, blanks: bool
    ) -> tuple[dict[str, JoinedTexts], set[str]]:
        """Return columns as one text each, and which columns of numbers hold something else."""
        # The separator as it is: a function that gave it would be called for every value.
        end = f"'{SEPARATOR}'"
        asked = [
            *(f"CAST(group_concat(ifnull({quoted(name)}, ''), {end}) AS BLOB)" for name in texts),
            *(f"sum({quoted(name)} = '')" if blanks else "0" for name in texts),
            # Of all types, numbers come first, then text, then bytes.
            *(f"max({quoted(name)})" for name in numbers),
            "count(*)",
        ]
        *found, rows = self._one(asked)
        if rows != self._count:
            message = _("Features were deleted meanwhile; start again.")
            raise StoreConflict(message)
        made = {}
        for at, name in enumerate(texts):
            made[name] = self._column(name, found[at] or b"", blank=bool(found[len(texts) + at]))
        highest = dict(zip(numbers, found[2 * len(texts) :], strict=True))
        return made, {name for name, high in highest.items() if isinstance(high, str | bytes)}

    def _column(self, name: str, data: bytes, *, blank: bool) -> JoinedTexts:
        empty = self._blank(name) if blank else ()
        text = _text(data) if data.count(SEPARATOR.encode()) == max(self._count - 1, 0) else None
        if text is not None:
            return JoinedTexts(self._count, text, empty)
        # Something in it is no text, or looks like the end of one.
        values = [value or b"" for (value,) in self._each([f"CAST({quoted(name)} AS BLOB)"])]
        plain = [value.decode("utf-8", "replace").replace(SEPARATOR, "\ufffd") for value in values]
        spoilt = [row for row, value in enumerate(values) if value != plain[row].encode()]
        return JoinedTexts(self._count, SEPARATOR.join(plain), empty, tuple(spoilt))

    def _blank(self, name: str) -> tuple[int, ...]:
        sql = f"SELECT fid {self._from} AND {quoted(name)} = '' ORDER BY fid"
        found = np.array(self._db.execute(sql).fetchall(), np.int64).ravel()
        return tuple(np.searchsorted(self._fids, found).tolist())

    def numbers(self, names: Sequence[str], strange: set[str]) -> Iterator[Numbers]:
        """Return columns of numbers."""
        found = self._each([quoted(name) for name in names]) if names else []
        plain = not strange and np.array(found, np.float64).reshape(self._count, len(names))
        for at, name in enumerate(names):
            column = Numbers()
            if name in strange or plain is False:
                column.add([row[at] for row in found])
            else:
                column.add_array(np.ascontiguousarray(plain[:, at]))
            yield column

    def blobs(self, *, there: bool) -> Blobs:
        """Return the geometries as they are stored; none at all if they are not asked for."""
        if not there or not self._count:
            return Blobs(b"", np.zeros(self._count, np.int64))
        said, blobs = self._one(
            (
                "group_concat(ifnull(length(geom), 0))",
                "CAST(group_concat(ifnull(geom, x''), '') AS BLOB)",
            )
        )
        lengths = np.fromstring(said, dtype=np.int64, sep=",")
        if len(blobs) != int(lengths.sum()):
            # An SQLite that ends such a text at its first zero byte.
            each = [blob or b"" for (blob,) in self._each(["geom"])]
            return Blobs(b"".join(each), np.fromiter(map(len, each), np.int64, self._count))
        return Blobs(blobs, lengths)


def _text(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
