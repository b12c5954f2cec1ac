"""Reads shapefiles by their published layout, byte by byte, with nothing of hjgis or GDAL.

dBASE III: header of 32 bytes, 32 more a field, 0x0D, records of fixed length, 0x1A. Shapes: ESRI
Shapefile Technical Description, July 1998.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path


@dataclass(frozen=True)
class DbfField:
    name: bytes
    kind: str
    width: int
    decimals: int


@dataclass(frozen=True)
class Dbf:
    language: int
    fields: list[DbfField]
    rows: list[list[bytes]]


def read_dbf(path: Path) -> Dbf:
    data = path.read_bytes()
    version, _y, month, day, count, first, size = struct.unpack_from("<4BIHH", data)
    assert version == 3
    assert 1 <= month <= 12
    assert 1 <= day <= 31
    fields = []
    for at in range(32, first - 1, 32):
        name, kind, width, decimals = struct.unpack_from("<11sc4xBB", data, at)
        assert name.endswith(b"\0")
        fields.append(DbfField(name.split(b"\0")[0], kind.decode(), width, decimals))
    assert data[first - 1] == 0x0D
    assert size == 1 + sum(field.width for field in fields)
    assert len(data) == first + count * size + 1
    assert data[-1] == 0x1A
    layout = struct.Struct("<c" + "".join(f"{field.width}s" for field in fields))
    rows = []
    for deleted, *values in layout.iter_unpack(data[first:-1]):
        assert deleted == b" "
        rows.append(values)
    return Dbf(data[29], fields, rows)


def value_of(field: DbfField, raw: bytes, encoding: str) -> object:
    """Return what a field says: strictly decoded text, a number, a date, or None for blanks."""
    if field.kind == "C":
        return raw.decode(encoding).rstrip(" ") or None
    text = raw.decode("ascii").strip()
    if not text:
        return None
    if field.kind == "D":
        assert len(text) == 8
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    assert field.kind == "N"
    assert raw.rjust(field.width) == raw
    return float(text) if field.decimals else int(text)


@dataclass(frozen=True)
class Shape:
    """One record; `parts` are lists of (x, y) or (x, y, z)."""

    kind: int
    parts: list[list[tuple[float, ...]]]


def read_shp(path: Path) -> tuple[int, tuple[float, ...], list[Shape | None]]:
    """Return the type and the box of a file, and its shapes; the index must agree."""
    data, index = path.read_bytes(), path.with_suffix(".shx").read_bytes()
    for held in (data, index):
        code, size, version = struct.unpack(">I20xI", held[:28]) + struct.unpack("<I", held[28:32])
        assert (code, version) == (9994, 1000)
        assert size * 2 == len(held)
    assert data[32:100] == index[32:100]
    kind, *box = struct.unpack_from("<i8d", data, 32)
    shapes: list[Shape | None] = []
    at = 100
    for number, (offset, length) in enumerate(struct.iter_unpack(">2I", index[100:]), 1):
        assert offset * 2 == at
        assert struct.unpack_from(">2I", data, at) == (number, length)
        shapes.append(_shape(data[at + 8 : at + 8 + 2 * length]))
        at += 8 + 2 * length
    assert at == len(data)
    return kind, tuple(box), shapes


def _shape(data: bytes) -> Shape | None:
    kind = struct.unpack_from("<i", data)[0]
    if kind == 0:
        assert len(data) == 4
        return None
    if kind in (1, 11):
        assert len(data) == (20 if kind == 1 else 28)
        return Shape(kind, [[struct.unpack_from("<2d" if kind == 1 else "<3d", data, 4)]])
    box = struct.unpack_from("<4d", data, 4)
    parts, points = struct.unpack_from("<2i", data, 36)
    starts = [*struct.unpack_from(f"<{parts}i", data, 44), points]
    flat = struct.unpack_from(f"<{2 * points}d", data, 44 + 4 * parts)
    xy: list[tuple[float, ...]] = list(zip(flat[::2], flat[1::2], strict=True))
    xs, ys = flat[::2], flat[1::2]
    assert box == (min(xs), min(ys), max(xs), max(ys))
    end = 44 + 4 * parts + 16 * points
    if kind > 10:
        low, high, *z = struct.unpack_from(f"<{2 + points}d", data, end)
        assert (low, high) == (min(z), max(z))
        xy = [(*place, height) for place, height in zip(xy, z, strict=True)]
        end += 16 + 8 * points
    assert end == len(data)
    return Shape(kind, [xy[a:b] for a, b in pairwise(starts)])
