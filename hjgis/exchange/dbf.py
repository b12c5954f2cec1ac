"""The bytes of a DBF table: what it declares and what its text says, before anybody decodes it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hjgis.errors import InputError
from hjgis.i18n import _

_HEADER_BYTES = 32
_DESCRIPTOR_BYTES = 32
_LANGUAGE_BYTE = 29
# Language bytes met in Chinese and English files; the rest is left to detection.
LANGUAGES = {0x4D: "gbk", 0x7A: "gbk", 0x78: "big5", 0x79: "cp949", 0x57: "cp1252", 0x03: "cp1252"}


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

    def texts(self) -> Iterator[bytes]:
        """Return names and the filled text values, in file order."""
        yield from (column.name for column in self.columns)
        text = [column for column in self.columns if column.kind == "C"]
        stop = len(self.data) - self.record_bytes + 1
        for start in range(self.first_record, stop, max(self.record_bytes, 1)):
            if self.data[start] == 0x1A:
                return
            for column in text:
                value = self.data[start + column.offset : start + column.offset + column.width]
                value = value.strip(b" \x00")
                if value:
                    yield value


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
        columns = tuple(_columns(data, first))
    except (OSError, struct.error) as error:
        message = _("{path} is no DBF table: {error}")
        raise InputError(message.format(path=path.name, error=error)) from error
    return Table(data, data[_LANGUAGE_BYTE], first, record, columns)


def _columns(data: bytes, first_record: int) -> Iterator[Column]:
    offset = 1
    for start in range(_HEADER_BYTES, first_record - _DESCRIPTOR_BYTES + 1, _DESCRIPTOR_BYTES):
        if data[start : start + 1] in (b"\r", b""):
            return
        name = data[start : start + 11].split(b"\x00")[0]
        kind, width = chr(data[start + 11]), data[start + 16]
        yield Column(name, kind, offset, width)
        offset += width
