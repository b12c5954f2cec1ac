"""Geometry blobs of many rows as vertices, without an object for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import DTypeLike, NDArray

from hjgis.layers import geometry_blob
from hjgis.models.reading import Vertices

_MAGIC: Final = 0x5047  # GP, the first byte lowest
_EMPTY: Final = 0x10
# Bytes of a blob's envelope by the code in its flags (OGC 12-128r15, 2.1.3).
_ENVELOPE_BYTES: Final = np.array([0, 32, 48, 48, 64, 0, 0, 0])
_KNOWN: Final = 4
# The shortest blob that holds a geometry: header, byte order, type, one point.
_LEAST: Final = 8 + 5 + 16
_POINT, _LINE, _AREA = 1, 2, 3
# Shapely's number of a type by that of WKB, from 1.
_KINDS: Final = np.array([Vertices.OTHER, 0, 1, 3], dtype=np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Blobs:
    """The geometries of some rows as they are stored, one after the other.

    Attributes
    ----------
    joined : bytes
    lengths : array of int64, shape (n,)
        Bytes of each; 0 where there is none.
    """

    joined: bytes
    lengths: NDArray[np.int64]

    def decoded(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return some of the geometries, shape (k,); ValueError for what is no geometry."""
        ends = np.cumsum(self.lengths)
        spans = zip((ends - self.lengths)[rows].tolist(), ends[rows].tolist(), strict=True)
        return geometry_blob.decode([self.joined[start:end] or None for start, end in spans])


class StoredBlobs:
    """The geometries of a layer; see `models.reading.StoredShapes`.

    Parameters
    ----------
    parts : sequence of Blobs
        Of all rows, one part after the other.
    """

    def __init__(self, parts: Sequence[Blobs]) -> None:
        self._parts = tuple(parts)

    @cached_property
    def vertices(self) -> Vertices:
        """See `StoredShapes.vertices`."""
        found = [_vertices(part) for part in self._parts]
        moved = np.cumsum([0, *(len(part.xy) for part in found)])
        return Vertices(
            np.concatenate([np.empty(0, np.int8), *(part.kind for part in found)]),
            np.concatenate(
                [np.empty(0, np.int64), *(p.first + m for p, m in zip(found, moved, strict=False))]
            ),
            np.concatenate([np.empty(0, np.int64), *(part.count for part in found)]),
            np.concatenate([np.empty((0, 2)), *(part.xy for part in found)]),
        )

    @cached_property
    def geometry(self) -> NDArray[np.object_]:
        """See `StoredShapes.geometry`; ValueError if what is stored is none."""
        known = self.vertices
        result = np.full(len(known.kind), None, dtype=object)
        others = known.kind == Vertices.OTHER
        for kind in (0, 1, 3):
            rows = np.flatnonzero(known.kind == kind)
            try:
                result[rows] = _made(kind, known.offsets(rows), known.of(rows))
            except (shapely.GEOSException, ValueError):
                # A ring that does not close: they are read one by one.
                others[rows] = True
        rows = np.flatnonzero(others)
        result[rows] = self._decoded(rows)
        return result

    def some(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """See `StoredShapes.some`."""
        if "geometry" in self.__dict__:
            return self.geometry[rows]
        return self._decoded(rows)

    def _decoded(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        result = np.full(len(rows), None, dtype=object)
        start = 0
        for part in self._parts:
            stop = start + len(part.lengths)
            here = np.flatnonzero((rows >= start) & (rows < stop))
            if len(here):
                result[here] = part.decoded(rows[here] - start)
            start = stop
        return result


class MadeShapes:
    """Geometries that are there already; see `models.reading.StoredShapes`."""

    def __init__(self, geometry: NDArray[np.object_]) -> None:
        self.geometry = geometry

    @cached_property
    def vertices(self) -> Vertices:
        """See `StoredShapes.vertices`."""
        shapes = self.geometry
        kind = shapely.get_type_id(shapes).astype(np.int8)
        known = np.isin(kind, (0, 1, 3)) & ~shapely.is_empty(shapes)
        known &= shapely.get_num_interior_rings(shapes) == 0
        kind[~known & (kind >= 0)] = Vertices.OTHER
        xy, row = shapely.get_coordinates(shapes, return_index=True)
        kind[row[~np.isfinite(xy).all(axis=1)]] = Vertices.OTHER
        count = np.bincount(row, minlength=len(shapes)).astype(np.int64)
        return Vertices(kind, np.cumsum(count) - count, count, xy)

    def some(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """See `StoredShapes.some`."""
        return self.geometry[rows]


def _made(kind: int, offsets: NDArray[np.int64], xy: NDArray[np.float64]) -> NDArray[np.object_]:
    if not len(xy):
        return np.empty(0, dtype=object)
    if kind == 0:
        return np.asarray(shapely.points(xy), dtype=object)
    if kind == 1:
        lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy, (offsets,))
        return np.asarray(lines, dtype=object)
    each = np.arange(len(offsets))
    areas = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (offsets, each))
    return np.asarray(areas, dtype=object)


def _vertices(blobs: Blobs) -> Vertices:
    lengths = blobs.lengths
    count = np.zeros(len(lengths), np.int64)
    at = np.zeros(len(lengths), np.int64)
    kind = np.where(lengths > 0, Vertices.OTHER, Vertices.NONE).astype(np.int8)
    ends = np.cumsum(lengths)
    rows = np.flatnonzero(lengths >= _LEAST)
    starts, stops = (ends - lengths)[rows], ends[rows]
    head = _read(blobs.joined, starts, "<u4").astype(np.int64)
    envelope = head >> 25 & 7
    known = (head & 0xFFFF == _MAGIC) & (head >> 24 & _EMPTY == 0) & (envelope <= _KNOWN)
    wkb = starts + 8 + _ENVELOPE_BYTES[envelope]
    known &= wkb + 5 + 16 <= stops
    rows, wkb, stops = rows[known], wkb[known], stops[known]
    code = np.where(_read(blobs.joined, wkb, "u1") == 1, _read(blobs.joined, wkb + 1, "<u4"), 0)
    one = _read(blobs.joined, wkb + 5, "<u4")
    here = np.where(code == _POINT, wkb + 5, np.where(code == _LINE, wkb + 9, wkb + 13))
    many = np.where(code == _POINT, 1, one).astype(np.int64)
    area = code == _AREA
    many[area] = _read(blobs.joined, wkb[area] + 9, "<u4")
    # What has other rings, or does not end with its vertices, is read by those who know all.
    plain = (code >= _POINT) & (code <= _AREA) & (here + 16 * many == stops) & (many > 0)
    plain &= ~area | (one == 1)
    rows = rows[plain]
    kind[rows], at[rows], count[rows] = _KINDS[code[plain]], here[plain], many[plain]
    first = np.cumsum(count) - count
    xy = _coordinates(blobs, at, count, first)
    odd = ~np.isfinite(xy).all(axis=1)
    if odd.any():
        # Some take a vertex without a number for none, and some do not.
        kind[np.repeat(np.arange(len(count)), count)[odd]] = Vertices.OTHER
    areas = np.flatnonzero(kind == _KINDS[_AREA])
    ends = first[areas] + count[areas] - 1
    # A ring that does not close is for GEOS to refuse.
    kind[areas[(xy[first[areas]] != xy[ends]).any(axis=1)]] = Vertices.OTHER
    return Vertices(kind, first, count, xy)


def _coordinates(
    blobs: Blobs, at: NDArray[np.int64], count: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.float64]:
    lengths = blobs.lengths
    if len(count) and count[0] and (lengths == lengths[0]).all() and (count == count[0]).all():
        # All are alike: a table of bytes.
        size = int(lengths[0])
        offset = at - np.arange(len(at)) * size
        if (offset == offset[0]).all():
            table = np.frombuffer(blobs.joined, np.uint8).reshape(len(at), size)
            part = table[:, offset[0] : offset[0] + 16 * count[0]]
            return np.ascontiguousarray(part).view("<f8").reshape(-1, 2)
    place = np.repeat(at - 16 * first, count) + 16 * np.arange(int(count.sum()))
    return _read(blobs.joined, place, "V16").view("<f8").reshape(-1, 2)


def _read(joined: bytes, at: NDArray[np.int64], kind: DTypeLike) -> NDArray[np.generic]:
    """Read one value at each of these bytes, whatever their alignment."""
    if not len(at):
        return np.empty(0, kind)
    # A view that starts anew at every byte.
    shape = (len(joined) - np.dtype(kind).itemsize + 1,)
    every: NDArray[np.generic] = np.ndarray(shape, kind, joined, 0, (1,))
    return every[at]
