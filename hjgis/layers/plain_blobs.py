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
# By shapely's number: bytes that tell order, type and counts, before the vertices.
_TOLD: Final = {0: 5, 1: 9, 3: 13}


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
        # All that they say is known now; of a million they are hundreds of megabytes.
        self._parts = ()
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
    known = None
    if len(lengths) and (lengths == lengths[0]).all():
        known = _alike(blobs)
    return _without_odd(_taken_apart(blobs) if known is None else known)


def _alike(blobs: Blobs) -> Vertices | None:
    """Return the vertices of blobs that differ in nothing but numbers; None if they do."""
    rows, size = len(blobs.lengths), int(blobs.lengths[0])
    first = _taken_apart(Blobs(blobs.joined[:size], blobs.lengths[:1]))
    kind, count = int(first.kind[0]), int(first.count[0])
    if kind < 0:
        return None
    table = np.frombuffer(blobs.joined, np.uint8).reshape(rows, size)
    at = size - 16 * count
    # The envelope and its reference system stand between; they are not looked at in any case.
    told = table[:, np.r_[:4, at - _TOLD[kind] : at]]
    if (told != told[0]).any():
        return None
    xy = np.ascontiguousarray(table[:, at:]).view("<f8").reshape(-1, 2)
    counts = np.full(rows, count, np.int64)
    return Vertices(np.full(rows, kind, np.int8), np.arange(rows) * count, counts, xy)


def _taken_apart(blobs: Blobs) -> Vertices:
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
    return Vertices(kind, first, count, xy)


def _without_odd(found: Vertices) -> Vertices:
    """Leave to GEOS what has a vertex without a number, and rings that do not close."""
    kind, first, count, xy = found.kind, found.first, found.count, found.xy
    finite = np.isfinite(xy)
    if not finite.all():
        # Some take a vertex without a number for none, and some do not.
        odd = ~finite.all(axis=1)
        kind[np.repeat(np.arange(len(count)), count)[odd]] = Vertices.OTHER
    areas = np.flatnonzero(kind == _KINDS[_AREA])
    start, end = xy[first[areas]], xy[first[areas] + count[areas] - 1]
    kind[areas[(start[:, 0] != end[:, 0]) | (start[:, 1] != end[:, 1])]] = Vertices.OTHER
    return found


def _coordinates(
    blobs: Blobs, at: NDArray[np.int64], count: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.float64]:
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
