"""The bytes of a DBF table: what it declares and what its text says, before anybody decodes it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.i18n import _, reason

_HEADER_BYTES = 32
_DESCRIPTOR_BYTES = 32
_LANGUAGE_BYTE = 29
_DELETED = 0x2A
# Language bytes as GDAL and ArcGIS read them; the rest is left to detection.
LANGUAGES = {
    **dict.fromkeys((0x4D, 0x7A), "gbk"),
    **dict.fromkeys((0x4F, 0x78), "big5"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
    **{0x01: "cp437", 0x02: "cp850", 0x64: "cp852", 0x65: "cp866"},
    **{0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One field descriptor."""

    name: bytes
    kind: str
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """A DBF file as bytes."""

    data: bytes
    language_byte: int
    first_record: int
    record_bytes: int
    columns: tuple[Column, ...]

    def foreign_texts(self) -> set[bytes]:
        """Return the different names and text values that are not plain ASCII."""
        found = {column.name for column in self.columns if not column.name.isascii()}
        records = self._records()
        for column in self.columns:
            if column.kind == "C" and records.shape[1] >= column.offset + column.width:
                values = records[:, column.offset : column.offset + column.width]
                strange = np.ascontiguousarray(values[(values >= 0x80).any(axis=1)])
                whole = strange.view(f"V{column.width}").ravel() if len(strange) else strange
                found |= {value.tobytes().strip(b" \x00") for value in np.unique(whole)}
        return found

    def first_rows(self, count: int) -> list[list[bytes]]:
        """Return the values of the first records as bytes, without the blanks that fill them."""
        return [
            [
                record[column.offset : column.offset + column.width].tobytes().strip(b" \x00")
                for column in self.columns
            ]
            for record in self._records()[:count]
        ]

    def _records(self) -> NDArray[np.uint8]:
        """Return the records that are not deleted as rows of bytes, shape (n, record_bytes)."""
        body = np.frombuffer(self.data, np.uint8)[self.first_record :]
        width = max(self.record_bytes, 1)
        count = min(int.from_bytes(self.data[4:8], "little"), len(body) // width)
        records = body[: count * width].reshape(count, width)
        kept: NDArray[np.uint8] = records[records[:, 0] != _DELETED]
        return kept


def read_dbf(path: Path) -> Table:
    """Read a DBF file.

    Raises
    ------
    InputError
        If it is cut off or is no DBF file.
    """
    try:
        data = path.read_bytes()
        first, record = struct.unpack_from("<HH", data, 8)
        columns, language = tuple(_columns(data, first)), data[_LANGUAGE_BYTE]
    except (OSError, struct.error, IndexError) as error:
        message = _("{path} is no DBF table: {error}")
        raise InputError(message.format(path=path.name, error=reason(error))) from error
    return Table(data, language, first, record, columns)


def _columns(data: bytes, first_record: int) -> Iterator[Column]:
    offset = 1
    for start in range(_HEADER_BYTES, first_record - _DESCRIPTOR_BYTES + 1, _DESCRIPTOR_BYTES):
        if data[start : start + 1] in (b"\r", b""):
            return
        name = data[start : start + 11].split(b"\x00")[0]
        kind, width = chr(data[start + 11]), data[start + 16]
        yield Column(name, kind, offset, width)
        offset += width
