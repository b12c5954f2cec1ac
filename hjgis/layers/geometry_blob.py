"""GeoPackage geometry blobs: a short header and ISO WKB (OGC 12-128r15, 2.1.3)."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.models.changes import Extent

_ENVELOPE_BYTES: Final = (0, 32, 48, 48, 64)
_EMPTY, _ENVELOPE_XY, _LITTLE = 0x10, 0x02, 0x01


def encode(geometry: NDArray[np.object_], srs_id: int) -> list[bytes | None]:
    """Return the blobs of geometries, shape (n,); None stays None.

    Points carry no envelope, everything else its x/y box.
    """
    wkbs = shapely.to_wkb(geometry, flavor="iso", output_dimension=4, byte_order=1)
    boxes = shapely.bounds(geometry)
    is_point = shapely.get_type_id(geometry) == 0
    bare = struct.pack("<2sBBi", b"GP", 0, _LITTLE, srs_id)
    empty = struct.pack("<2sBBi", b"GP", 0, _LITTLE | _EMPTY, srs_id)
    boxed = struct.pack("<2sBBi", b"GP", 0, _LITTLE | _ENVELOPE_XY, srs_id)
    blobs: list[bytes | None] = []
    order = boxes[:, [0, 2, 1, 3]].astype("<f8")
    for wkb, box, point in zip(wkbs, order, is_point, strict=True):
        if wkb is None:
            blobs.append(None)
        elif np.isnan(box[0]):
            blobs.append(empty + wkb)
        else:
            blobs.append(bare + wkb if point else boxed + box.tobytes() + wkb)
    return blobs


def decode(blobs: Sequence[bytes | None]) -> NDArray[np.object_]:
    """Return the geometries of blobs, shape (n,); raises `ValueError` for what is no blob."""
    wkbs = np.empty(len(blobs), dtype=object)
    for index, blob in enumerate(blobs):
        wkbs[index] = None if blob is None else blob[_wkb_start(blob) :]
    try:
        return np.asarray(shapely.from_wkb(wkbs), dtype=object).reshape(len(blobs))
    except shapely.errors.GEOSException as error:
        raise ValueError(str(error)) from error


def decode_one(blob: bytes | None) -> BaseGeometry | None:
    """Return the geometry of one blob."""
    geometry: BaseGeometry | None = decode([blob])[0]
    return geometry


def bounds(blob: bytes | None) -> Extent | None:
    """Return the x/y box of a blob: from its envelope if it has one; None for nothing."""
    if blob is None or blob[3] & _EMPTY:
        return None
    order = "<" if blob[3] & _LITTLE else ">"
    if blob[3] & 0x0E:
        xmin, xmax, ymin, ymax = struct.unpack_from(order + "4d", blob, 8)
        return xmin, ymin, xmax, ymax
    wkb = blob[_wkb_start(blob) :]
    kind = struct.unpack_from("<I" if wkb[0] else ">I", wkb, 1)[0]
    if kind % 1000 == 1 and kind < 4000:
        x, y = struct.unpack_from("<2d" if wkb[0] else ">2d", wkb, 5)
        return (x, y, x, y) if x == x else None
    box = shapely.from_wkb(wkb).bounds
    return box if box and box[0] == box[0] else None


def union(boxes: Iterable[Extent | None]) -> Extent | None:
    """Return the box around boxes; None if there is none."""
    present = [box for box in boxes if box is not None]
    if not present:
        return None
    low_x, low_y, high_x, high_y = zip(*present, strict=True)
    return min(low_x), min(low_y), max(high_x), max(high_y)


def around(boxes: NDArray[np.float64]) -> Extent | None:
    """Return the box around boxes, shape (n, 4), NaN where a geometry is empty."""
    full = boxes[~np.isnan(boxes[:, 0])]
    if not len(full):
        return None
    low, high = full.min(axis=0), full.max(axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def same(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    """Whether two geometries are equal to the last bit, Z included."""
    if one is None or other is None:
        return one is other
    first, second = (shapely.to_wkb(shape, output_dimension=4) for shape in (one, other))
    return bool(first == second)


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the five functions that the R-tree triggers of a GeoPackage call."""

    def corner(index: int) -> Callable[[bytes | None], float | None]:
        def value(blob: bytes | None) -> float | None:
            box = bounds(blob)
            return None if box is None else box[index]

        return value

    def is_empty(blob: bytes | None) -> int | None:
        return None if blob is None else int(bounds(blob) is None)

    connection.create_function("ST_IsEmpty", 1, is_empty, deterministic=True)
    for index, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
        connection.create_function(name, 1, corner(index), deterministic=True)


def _wkb_start(blob: bytes) -> int:
    envelope = blob[3] >> 1 & 7 if len(blob) > 8 and blob[:2] == b"GP" else 7
    if envelope >= len(_ENVELOPE_BYTES):
        raise ValueError("not a GeoPackage geometry")
    return 8 + _ENVELOPE_BYTES[envelope]
