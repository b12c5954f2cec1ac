"""Geometry blobs of a whole batch of rows, read as arrays: WKB headers by numpy, no objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import DTypeLike, NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.layers import geometry_blob
from hjgis.models.shapes import FARTHEST_M, Dimension, Shapes

Skip = Literal["empty", "unreadable", "astray", "unlike"]
Skipped = dict[Skip, NDArray[np.int64]]
_EMPTY: Final = 0x10
# Bytes of a blob's envelope by the code in its flags (OGC 12-128r15, 2.1.3).
_ENVELOPE_BYTES: Final = np.array([0, 32, 48, 48, 64, -1, -1, -1])
# Ordinates of a vertex by the thousands of an ISO WKB type: XY, XYZ, XYM, XYZM.
_ORDINATES: Final = np.array([2, 3, 3, 4])
# Bytes from the start of the WKB to the count of vertices, where there is one part with one ring,
# and the counts of parts and rings that must be 1 for that (OGC 06-103r4, 8.2).
_LAYOUTS: Final[dict[int, tuple[int, tuple[int, ...]]]] = {
    2: (5, ()),
    3: (9, (5,)),
    5: (14, (5,)),
    6: (18, (5, 14)),
}
# Shapely's numbers of the types of a dimension, one part or several.
_TYPE_IDS: Final[dict[Dimension, list[int]]] = {0: [0, 4], 1: [1, 2, 5], 2: [3, 6]}
_DIMENSIONS: Final[dict[int, Dimension]] = {1: 0, 2: 1, 3: 2, 5: 1, 6: 2}


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of a layer as they are stored.

    Attributes
    ----------
    fids : array of int64, shape (n,)
    lengths : array of int64, shape (n,)
        Bytes of each blob; 0 where nothing is stored.
    blobs : bytes
        All blobs, one after the other.
    classes : array of uint8, shape (n,)
    """

    fids: NDArray[np.int64]
    lengths: NDArray[np.int64]
    blobs: bytes
    classes: NDArray[np.uint8]


def shapes_of(batch: Batch, dimension: Dimension) -> tuple[Shapes, Skipped]:
    """Read the geometries of a batch that can be drawn.

    Returns
    -------
    Shapes
        Rows of one part and one ring first, then the odd ones.
    dict
        The fids of rows that were left out, by reason: ``empty`` (no vertices), ``unreadable`` (no
        geometry that we know), ``astray`` (coordinates that are no place on earth), ``unlike``
        (points in a layer of lines and the like).
    """
    reader = _Reader(batch, dimension)
    odd, skipped = _odd_shapes(batch, reader.odd, dimension)
    parts = [part for part in (reader.shapes(), odd) if len(part)]
    shapes = Shapes.joined(parts) if parts else Shapes.empty(dimension)
    placed = _on_earth(shapes)
    if not placed.all():
        skipped["astray"] = shapes.fids[~placed]
        shapes = shapes.taken(np.flatnonzero(placed))
    return shapes, skipped


def geometries_of(
    batch: Batch, dimension: Dimension
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return fids and shapely geometries of a batch, in fid order, x and y alone.

    Rows without a geometry, or with one that cannot be read, are left out; what the map leaves
    out for other reasons is there.
    """
    reader = _Reader(batch, dimension)
    plain, odd = reader.shapes(), reader.odd
    try:
        geometry = _made(plain)
    except shapely.GEOSException:
        # A ring that does not close, a line of one vertex: read them one by one.
        plain, odd = Shapes.empty(dimension), np.arange(len(batch.fids))
        geometry = np.empty(0, object)
    others, _readable = _decoded(batch, odd)
    fids = np.concatenate([plain.fids, batch.fids[odd]])
    shapes = np.concatenate([geometry, others])
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    order = np.flatnonzero(there)[np.argsort(fids[there], kind="stable")]
    return fids[order], shapes[order]


def _made(shapes: Shapes) -> NDArray[np.object_]:
    """Return geometries of features each of which is one point, line or ring."""
    if not len(shapes):
        return np.empty(0, object)
    if shapes.dimension == 0:
        return np.asarray(shapely.points(shapes.coords), object)
    offsets: tuple[NDArray[np.int32], ...] = (shapes.ring_offsets(),)
    kind = shapely.GeometryType.LINESTRING
    if shapes.dimension == 2:
        offsets = (*offsets, np.arange(len(shapes) + 1, dtype=np.int32))
        kind = shapely.GeometryType.POLYGON
    made: NDArray[np.object_] = shapely.from_ragged_array(kind, shapes.coords, offsets)
    return made


class _Reader:
    """Finds where the vertices of each plain row are; the others are `odd`."""

    def __init__(self, batch: Batch, dimension: Dimension) -> None:
        self._batch, self._dimension = batch, dimension
        self._bytes = np.frombuffer(batch.blobs, np.uint8)
        ends = np.cumsum(batch.lengths)
        self._ends, self._starts = ends, ends - batch.lengths
        self._at = np.zeros(len(ends), np.int64)
        self._counts = np.zeros(len(ends), np.int64)
        self._strides = np.zeros(len(ends), np.int64)
        self._find()
        self.odd = np.flatnonzero(self._counts == 0)

    def shapes(self) -> Shapes:
        """Return the plain rows."""
        rows = np.flatnonzero(self._counts)
        counts = self._counts[rows]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        at = np.repeat(self._at[rows], counts)
        along = np.arange(len(at)) - np.repeat(offsets[:-1], counts)
        at += along * np.repeat(self._strides[rows], counts)
        coords = self._read(at, "V16").view("<f8").reshape(-1, 2)
        batch = self._batch
        rings = offsets.astype(np.int32) if self._dimension else None
        return Shapes(self._dimension, batch.fids[rows], batch.classes[rows], coords, rings)

    def _find(self) -> None:
        # The shortest blob that holds a geometry: header, byte order, type, one point.
        rows = np.flatnonzero(self._batch.lengths >= 8 + 5 + 16)
        header = self._bytes[self._starts[rows, None] + np.arange(4)]
        wkb = self._starts[rows] + 8 + _ENVELOPE_BYTES[header[:, 3] >> 1 & 7]
        known = (header[:, 0] == 0x47) & (header[:, 1] == 0x50) & (wkb > self._starts[rows])
        known &= (header[:, 3] & _EMPTY == 0) & (wkb + 5 + 16 <= self._ends[rows])
        known &= self._bytes[np.where(known, wkb, 0)] == 1
        rows, wkb = rows[known], wkb[known]
        code = self._read(wkb + 1, "<u4").astype(np.int64)
        for base, dimension in _DIMENSIONS.items():
            mine = (code % 1000 == base) & (code < 4000)
            if dimension == self._dimension and mine.any():
                strides = 8 * _ORDINATES[code[mine] // 1000]
                self._note(rows[mine], wkb[mine], base, strides)

    def _note(
        self,
        rows: NDArray[np.intp],
        wkb: NDArray[np.int64],
        base: int,
        strides: NDArray[np.int64],
    ) -> None:
        if base == 1:
            self._at[rows], self._counts[rows], self._strides[rows] = wkb + 5, 1, strides
            return
        count_at, ones_at = _LAYOUTS[base]
        fits = wkb + count_at + 4 <= self._ends[rows]
        for one_at in ones_at:
            fits &= self._read(np.where(fits, wkb + one_at, 0), "<u4") == 1
        at = wkb + count_at
        counts = self._read(np.where(fits, at, 0), "<u4").astype(np.int64)
        # A count that the blob has no room for is no count.
        fits &= (counts > 0) & (at + 4 + counts * strides <= self._ends[rows])
        rows = rows[fits]
        self._at[rows], self._counts[rows] = at[fits] + 4, counts[fits]
        self._strides[rows] = strides[fits]

    def _read(self, at: NDArray[np.int64], kind: DTypeLike) -> NDArray[np.generic]:
        """Read one value at each of these bytes, whatever their alignment."""
        size = np.dtype(kind).itemsize
        if not len(at):
            return np.empty(0, kind)
        shape = (len(self._bytes) - size + 1,)
        # A view that starts anew at every byte.
        every: NDArray[np.generic] = np.ndarray(shape, kind, self._bytes, 0, (1,))
        return every[at]


def _odd_shapes(
    batch: Batch, rows: NDArray[np.intp], dimension: Dimension
) -> tuple[Shapes, Skipped]:
    """Read rows with holes, several parts, another byte order or other oddities."""
    if not len(rows):
        return Shapes.empty(dimension), {}
    fids, classes = batch.fids[rows], batch.classes[rows]
    geometry, readable = _decoded(batch, rows)
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    mixed = there & ~np.isin(shapely.get_type_id(geometry), _TYPE_IDS[dimension])
    for index in np.flatnonzero(mixed).tolist():
        geometry[index] = _of_dimension(geometry[index], dimension)
    drawn = there & ~shapely.is_missing(geometry)
    reasons: dict[Skip, NDArray[np.bool_]] = {
        "unreadable": ~readable & (batch.lengths[rows] > 0),
        "empty": ~there & (readable | (batch.lengths[rows] == 0)),
        "unlike": there & ~drawn,
    }
    skipped: Skipped = {reason: fids[left_out] for reason, left_out in reasons.items()}
    shapes = Shapes.of(geometry[drawn], dimension, fids=fids[drawn], classes=classes[drawn])
    return shapes, {reason: found for reason, found in skipped.items() if len(found)}


def _decoded(batch: Batch, rows: NDArray[np.intp]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    ends = np.cumsum(batch.lengths)
    spans = zip((ends[rows] - batch.lengths[rows]).tolist(), ends[rows].tolist(), strict=True)
    blobs = [batch.blobs[start:end] for start, end in spans]
    readable = np.ones(len(rows), np.bool_)
    try:
        return geometry_blob.decode(blobs), readable
    except ValueError:
        geometry = np.empty(len(rows), object)
        for index, blob in enumerate(blobs):
            try:
                geometry[index] = geometry_blob.decode_one(blob)
            except ValueError:
                readable[index] = False
        return geometry, readable


def _of_dimension(shape: BaseGeometry, dimension: Dimension) -> BaseGeometry | None:
    """Return what of a mixed geometry has the layer's dimension; None if nothing has."""
    parts = [
        part
        for part in shapely.get_parts(_flattened(shape))
        if shapely.get_dimensions(part) == dimension and not part.is_empty
    ]
    make = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension]
    result: BaseGeometry | None = make(parts) if parts else None
    return result


def _flattened(shape: BaseGeometry) -> BaseGeometry:
    """Take collections in collections apart."""
    while any(part.geom_type.startswith(("Multi", "Geom")) for part in shapely.get_parts(shape)):
        shape = shapely.geometrycollections(
            [piece for part in shapely.get_parts(shape) for piece in shapely.get_parts(part)]
        )
    return shape


def _on_earth(shapes: Shapes) -> NDArray[np.bool_]:
    """Return which features have only coordinates that are a place, shape (n,)."""
    # NaN is not less than anything.
    good = (np.abs(shapes.coords[:, 0]) < FARTHEST_M) & (np.abs(shapes.coords[:, 1]) < FARTHEST_M)
    if shapes.rings is None or good.all():
        return good if shapes.rings is None else np.ones(len(shapes), np.bool_)
    return np.logical_and.reduceat(good, shapes.vertex_offsets()[:-1])
