"""Shapefiles whose index or table is missing, cut or at odds with the shapes, made whole in a copy.

Layout of the files: ESRI Shapefile Technical Description (1998); of tables: dBase III+.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange.foreign import beside, unreadable
from hjgis.exchange.shapefiles import dbf
from hjgis.i18n import _, ngettext_

_HEADER_BYTES: Final = 100
_NULL_RECORD: Final = struct.pack(">ii", 0, 2) + struct.pack("<i", 0)
_KINDS: Final = (0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31)
_PART_KINDS: Final = (3, 5, 13, 15, 23, 25, 31)
_MANY_KINDS: Final = (8, 18, 28)
_LEAST_RECORD_BYTES: Final = 12
# Where a record begins that no file has.
_GONE: Final = -1
_ADDED: Final = -2


@dataclass(frozen=True, slots=True)
class Shapes:
    """The records of a ``.shp``, by what its index or the file itself says.

    Attributes
    ----------
    starts, lengths : array of int64, shape (n,)
        Where each record's content begins and how many bytes it has; a record that does not lie
        in the file begins before 0.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.starts)

    def there(self) -> NDArray[np.intp]:
        """Return the numbers of the records that lie in the file."""
        return np.flatnonzero(self.starts >= 0)

    def is_null(self, number: int) -> bool:
        """Whether a record says that it has no shape."""
        start = int(self.starts[number])
        return start == _ADDED or (start >= 0 and _int(self.data, start) == 0)

    def fault(self, number: int) -> str:
        """Say what is wrong with a record that cannot be read."""
        start, length = int(self.starts[number]), int(self.lengths[number])
        if start < 0:
            return _("the file ends before it")
        kind = _int(self.data, start)
        if kind not in _KINDS:
            return _("its type {kind} does not exist").format(kind=kind)
        if kind in _PART_KINDS and length >= 44:
            parts, points = _int(self.data, start + 36), _int(self.data, start + 40)
            if parts < 0 or points < 0 or 44 + 4 * parts + 16 * points > length:
                return _("it claims more points than it has")
        if kind in _MANY_KINDS and length >= 40:
            points = _int(self.data, start + 36)
            if points < 0 or 40 + 16 * points > length:
                return _("it claims more points than it has")
        return _("its bytes are no shape")


@contextmanager
def whole_table(path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Return a table without a shapefile that has the rows that it claims, and what was wrong.

    Raises
    ------
    InputError
        If it is no table.
    """
    said: list[str] = []
    table = dbf.read_dbf(path)
    rows = _rows(table, said)
    if not said:
        yield path, ()
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / (path.stem + ".dbf")
        _write_table(copy, table, rows)
        _copy_sides(path, copy, (".cpg",))
        yield copy, tuple(said)


@contextmanager
def whole(path: Path, *, crs: bool = True) -> Iterator[tuple[Path, Shapes, tuple[str, ...]]]:
    """Return a shapefile that is consistent: itself, or a copy that lasts as long as the block.

    Without `crs` it is a copy that says nothing of the coordinate system.

    A copy has as many rows as shapes: a shape without row gets an empty row, a row without shape
    a null shape.

    Returns
    -------
    path : Path
    shapes : Shapes
        The records of `path`.
    words : tuple of str
        What was wrong.

    Raises
    ------
    InputError
        If the ``.shp`` is too short to be one.
    """
    said: list[str] = []
    table, rows = _table(path, said)
    shapes = _records(path, rows, said)
    if rows is not None and rows != len(shapes):
        said.append(_at_odds(rows, len(shapes)))
    if crs and not said and beside(path, ".shx") is not None:
        yield path, shapes, ()
        return
    with tempfile.TemporaryDirectory() as folder:
        count = max(len(shapes), rows or 0)
        copy = Path(folder) / (path.stem + ".shp")
        _write(copy, shapes, count)
        if table is not None:
            _write_table(copy.with_suffix(".dbf"), table, count)
        _copy_sides(path, copy, (".prj", ".cpg") if crs else (".cpg",))
        more = np.full(count - len(shapes), _ADDED)
        yield (
            copy,
            Shapes(shapes.data, np.append(shapes.starts, more), np.append(shapes.lengths, more)),
            tuple(said),
        )


def _at_odds(rows: int, shapes: int) -> str:
    if rows < shapes:
        words = ngettext_(
            "The table has {rows} rows for {shapes} shapes: the last one has no values.",
            "The table has {rows} rows for {shapes} shapes: the last {count} have no values.",
            shapes - rows,
        )
    else:
        words = ngettext_(
            "The table has {rows} rows for {shapes} shapes: the last one has no shape.",
            "The table has {rows} rows for {shapes} shapes: the last {count} have no shape.",
            rows - shapes,
        )
    return words.format(rows=rows, shapes=shapes, count=abs(rows - shapes))


# -- shapes ------------------------------------------------------------------------------


def _records(path: Path, rows: int | None, said: list[str]) -> Shapes:
    """Return the records of a file whose table has so many rows; what is wrong goes to `said`."""
    try:
        if path.stat().st_size < _HEADER_BYTES:
            raise unreadable(path, _("the file ends in its header"))
        data: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
    except OSError as error:
        raise unreadable(path, error) from error
    index = beside(path, ".shx")
    if index is None:
        told = 2 * int.from_bytes(data[24:28].tobytes(), "big", signed=True)
        if told > len(data):
            words = _("The file is cut off: it has {there} of its {told} bytes.")
            said.append(words.format(there=f"{len(data):,}", told=f"{told:,}"))
        return _walked(data)
    listed, sound = _listed(data, index, rows)
    if sound:
        return listed
    walked = _walked(data)
    good = len(listed.there())
    if good < len(walked.there()):
        said.append(_("The index (.shx) does not fit the shapes; they were found without it."))
        return walked
    words = ngettext_(
        "The file is cut off: {count} shape that the index names is not in it.",
        "The file is cut off: {count} shapes that the index names are not in it.",
        len(listed) - good,
    )
    if good < len(listed):
        said.append(words.format(count=len(listed) - good))
    return listed


def _listed(data: NDArray[np.uint8], index: Path, rows: int | None) -> tuple[Shapes, bool]:
    """Return the records as the index lists them, and whether all is as it should be."""
    told = index.read_bytes()
    body = told[_HEADER_BYTES:]
    pairs = np.frombuffer(body[: len(body) // 8 * 8], ">i4").astype(np.int64).reshape(-1, 2) * 2
    # An index of more shapes than a file of that size can hold is nonsense.
    pairs = pairs[: len(data) // _LEAST_RECORD_BYTES]
    starts, lengths = pairs[:, 0] + 8, pairs[:, 1]
    inside = (pairs[:, 0] >= _HEADER_BYTES) & (lengths >= 4) & (starts + lengths <= len(data))
    heads = np.flatnonzero(inside)
    claimed = data[starts[heads, None] - 4 + np.arange(4)].view(">i4").ravel()
    inside[heads[claimed.astype(np.int64) * 2 != lengths[heads]]] = False
    listed = Shapes(data, np.where(inside, starts, _GONE), lengths)
    ends = int((starts + lengths).max()) if len(pairs) else _HEADER_BYTES
    # A file that was edited may keep shapes that nothing names any more; the table knows.
    complete = len(pairs) == rows or ends + _LEAST_RECORD_BYTES > len(data)
    whole = len(body) == 8 * len(pairs) and int.from_bytes(told[24:28], "big") * 2 == len(told)
    return listed, bool(whole and complete and inside.all())


def _walked(data: NDArray[np.uint8]) -> Shapes:
    """Return the records as they follow one another, up to the first that makes no sense."""
    starts, lengths = [], []
    place, view = _HEADER_BYTES, data.data
    while place + _LEAST_RECORD_BYTES <= len(data):
        length = 2 * struct.unpack_from(">i", view, place + 4)[0]
        if length < 4 or place + 8 + length > len(data):
            # The last one, cut off: it counts, so that it is told.
            starts.append(_GONE)
            lengths.append(0)
            break
        starts.append(place + 8)
        lengths.append(length)
        place += 8 + length
    return Shapes(data, np.array(starts, np.int64), np.array(lengths, np.int64))


def _write(copy: Path, shapes: Shapes, count: int) -> None:
    """Write the shapes and their index; what is not there becomes one null shape for all."""
    null = len(shapes.data) + len(shapes.data) % 2
    padded = bytearray(shapes.data.tobytes()) + bytes(null - len(shapes.data)) + _NULL_RECORD
    struct.pack_into(">i", padded, 24, len(padded) // 2)
    copy.write_bytes(padded)
    pairs = np.empty((count, 2), ">i4")
    pairs[:] = (null // 2, 2)
    there = shapes.there()
    pairs[there, 0] = (shapes.starts[there] - 8) // 2
    pairs[there, 1] = shapes.lengths[there] // 2
    header = bytearray(padded[:_HEADER_BYTES])
    struct.pack_into(">i", header, 24, (_HEADER_BYTES + 8 * count) // 2)
    copy.with_suffix(".shx").write_bytes(bytes(header) + pairs.tobytes())


def _int(data: NDArray[np.uint8], place: int) -> int:
    return int.from_bytes(data[place : place + 4].tobytes(), "little", signed=True)


# -- table -------------------------------------------------------------------------------


def _table(path: Path, said: list[str]) -> tuple[dbf.Table | None, int | None]:
    """Return the table and how many rows it really has; what is wrong goes to `said`."""
    beside_it = beside(path, ".dbf")
    if beside_it is None:
        return None, None
    try:
        table = dbf.read_dbf(beside_it)
    except InputError as error:
        said.append(_("Only the shapes are read: {why}").format(why=error))
        return None, None
    return table, _rows(table, said)


def _rows(table: dbf.Table, said: list[str]) -> int:
    """Return how many rows a table really has; that there are fewer goes to `said`."""
    claimed = int.from_bytes(table.data[4:8], "little")
    body = max(len(table.data) - table.first_record, 0)
    rows = min(claimed, body // max(table.record_bytes, 1))
    if rows < claimed:
        words = ngettext_(
            "The table is cut off: {count} row that it claims is not in it.",
            "The table is cut off: {count} rows that it claims are not in it.",
            claimed - rows,
        )
        said.append(words.format(count=claimed - rows))
    return rows


def _copy_sides(path: Path, copy: Path, suffixes: tuple[str, ...]) -> None:
    for suffix in suffixes:
        side = beside(path, suffix)
        if side is not None:
            copy.with_suffix(suffix).write_bytes(side.read_bytes())


def _write_table(copy: Path, table: dbf.Table, count: int) -> None:
    """Write a table of `count` rows, blank ones at the end where there are too few."""
    width, first = max(table.record_bytes, 1), table.first_record
    body = table.data[first : first + width * count]
    rows = min(len(body) // width, int.from_bytes(table.data[4:8], "little"))
    header = bytearray(table.data[:first])
    struct.pack_into("<I", header, 4, count)
    blank = b" " * (width * (count - rows))
    copy.write_bytes(bytes(header) + body[: width * rows] + blank + b"\x1a")
