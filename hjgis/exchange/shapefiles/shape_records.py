"""The records of a ``.shp`` and its ``.shx``, many at once (ESRI Shapefile Technical Description).

All that a record holds is a multiple of four bytes, so a lot of records is one array of words.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange import heights
from hjgis.i18n import _
from hjgis.models.reading import StoredShapes, Vertices

HEADER_BYTES: Final = 100
INDEX_BYTES: Final = 8
_TYPES: Final = {"None": 0, "Point": 1, "LineString": 3, "Polygon": 5}
_WITH_Z: Final = 10
# Shapely's numbers of the types that a layer may hold, of one part and of several.
_KINDS: Final = {"Point": (0, 4), "LineString": (1, 5), "Polygon": (3, 6)}
_RECORD_HEAD: Final = 2
_BOX: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The places of some features as their records hold them.

    Attributes
    ----------
    kind : str
        ``Point``, ``LineString`` or ``Polygon``.
    points, parts : arrays of int64, shape (n,)
        How many vertices and parts each has; 0 for a null shape.
    part_points : array of int64
        How many vertices each part has.
    xyz : array of float64, shape (m, 2) or (m, 3)
        Outer rings clockwise.
    has_z : array of bool, shape (n,)
    troubles : tuple of (row, words)
        What of a geometry a shapefile cannot hold.
    """

    kind: str
    points: NDArray[np.int64]
    parts: NDArray[np.int64]
    part_points: NDArray[np.int64]
    xyz: NDArray[np.float64]
    has_z: NDArray[np.bool_]
    troubles: tuple[tuple[int, str], ...] = ()

    def moved(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Shapes:
        """Return the same with other coordinates; rings are turned to where they belong again."""
        return replace(self, xyz=np.column_stack([x, y, *self.xyz.T[2:]]))

    def words(self, *, z: bool) -> NDArray[np.int64]:
        """Return how many words each record has, its head left out."""
        there = self.points > 0
        if self.kind == "Point":
            # Without a measure, as GDAL writes them: with one, readers take a layer for measured.
            return np.where(there, 7 if z else 5, 1)
        size = 1 + _BOX + 2 + self.parts + 4 * self.points
        return np.where(there, size + (4 + 2 * self.points if z else 0), 1)


def shapes_of(stored: StoredShapes, geometry: str) -> Shapes:
    """Return the places of features of a layer of some geometry type."""
    kind = geometry.removeprefix("Multi")
    known = stored.vertices
    rows = len(known.kind)
    if ((known.kind == _KINDS[kind][0]) | (known.kind == Vertices.NONE)).all():
        count = known.count
        part_points = count[count > 0]
        xy = known.of(np.arange(rows))
        if kind == "Polygon":
            xy = _turned(xy, part_points, np.ones(len(part_points), bool))
        lacking = tuple((int(row), _no_place()) for row in np.flatnonzero(count == 0))
        return Shapes(
            kind, count, (count > 0).astype(np.int64), part_points, xy, np.zeros(rows, bool),
            lacking,
        )  # fmt: skip
    return _taken_apart(stored, kind, rows)


def _no_place() -> str:
    return _("has no place; written as a record without a shape")


def _taken_apart(stored: StoredShapes, kind: str, rows: int) -> Shapes:
    geometry, troubles = _read(stored, rows), dict[int, str]()
    for row, words in _unfit(geometry, kind):
        troubles[row] = words
        geometry[row] = None
    several = np.flatnonzero(shapely.get_type_id(geometry) == _KINDS["Point"][1])
    if kind == "Point":
        for row in several.tolist():
            count = shapely.get_num_geometries(geometry[row])
            if count > 1:
                words = _("of {count} points only the first is written")
                troubles[row] = words.format(count=count)
        geometry[several] = shapely.get_geometry(geometry[several], 0)
    has_z = shapely.has_z(geometry)
    for row in heights.unknown_rows(geometry).tolist():
        troubles.setdefault(row, heights.said())
    parts, of_row = shapely.get_parts(geometry, return_index=True)
    outer = np.ones(len(parts), bool)
    if kind == "Polygon":
        parts, of_part = shapely.get_rings(parts, return_index=True)
        outer = np.diff(of_part, prepend=-1) > 0
        of_row = of_row[of_part]
    xyz, of_coordinate = shapely.get_coordinates(
        parts, include_z=bool(has_z.any()), return_index=True
    )
    part_points = np.bincount(of_coordinate, minlength=len(parts)).astype(np.int64)
    if kind == "Polygon":
        xyz = _turned(xyz, part_points, outer)
    points = np.bincount(of_row, part_points, rows).astype(np.int64)
    return Shapes(
        kind,
        points,
        np.bincount(of_row, minlength=rows).astype(np.int64),
        part_points,
        np.nan_to_num(xyz),
        has_z,
        tuple(sorted(troubles.items())),
    )


def _read(stored: StoredShapes, rows: int) -> NDArray[np.object_]:
    """Return geometries; a `str` in place of what is none."""
    try:
        return stored.some(np.arange(rows))
    except ValueError:
        pass
    result = np.empty(rows, dtype=object)
    for row in range(rows):
        try:
            result[row] = stored.some(np.array([row]))[0]
        except ValueError as error:
            result[row] = str(error)
    return result


def _unfit(geometry: NDArray[np.object_], kind: str) -> Iterator[tuple[int, str]]:
    """Yield the rows that get no shape, and why."""
    for row in [at for at, shape in enumerate(geometry) if isinstance(shape, str)]:
        words = _("is no geometry that can be read ({error}); written without a shape")
        yield row, words.format(error=geometry[row][:80])
        geometry[row] = None
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    for row in np.flatnonzero(missing).tolist():
        yield row, _no_place()
    fits = np.isin(shapely.get_type_id(geometry), _KINDS[kind])
    for row in np.flatnonzero(~missing & ~fits).tolist():
        words = _("is a {type} in a layer of {kind}; written without a shape")
        yield row, words.format(type=geometry[row].geom_type, kind=kind)
        geometry[row] = None
    xy, of_row = shapely.get_coordinates(geometry, return_index=True)
    for row in np.unique(of_row[~np.isfinite(xy).all(axis=1)]).tolist():
        yield row, _("has a coordinate that is no number; written without a shape")


def _turned(
    xyz: NDArray[np.float64], part_points: NDArray[np.int64], outer: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the vertices of rings, outer ones clockwise and inner ones the other way."""
    if not len(part_points):
        return xyz
    first = np.cumsum(part_points) - part_points
    # From the ring's own first vertex: far from the origin areas would be lost in rounding.
    local = xyz[:, :2] - np.repeat(xyz[first, :2], part_points, axis=0)
    cross = np.zeros(len(xyz))
    cross[:-1] = local[:-1, 0] * local[1:, 1] - local[1:, 0] * local[:-1, 1]
    cross[first + part_points - 1] = 0
    wrong = np.where(outer, np.add.reduceat(cross, first) > 0, np.add.reduceat(cross, first) < 0)
    if not wrong.any():
        return xyz
    at = np.arange(len(xyz))
    ends = 2 * first + part_points - 1
    turned: NDArray[np.float64] = xyz[
        np.where(np.repeat(wrong, part_points), np.repeat(ends, part_points) - at, at)
    ]
    return turned


def records(
    shapes: Shapes, first: int, *, z: bool
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.float64]]:
    """Return records as words, how many words each has with its head, and the box around all.

    Parameters
    ----------
    first : int
        Number of the first record, from 1.

    Returns
    -------
    box : array of float64, shape (2, 3)
        Lowest and highest x, y and z; not finite where there is none.
    """
    size = shapes.words(z=z)
    whole = size + _RECORD_HEAD
    at = np.cumsum(whole) - whole
    words = np.zeros(int(whole.sum()), "<u4")
    words[at] = _big_endian(first + np.arange(len(size)))
    words[at + 1] = _big_endian(size * 2)
    there = shapes.points > 0
    words[at[there] + _RECORD_HEAD] = _TYPES[shapes.kind] + (_WITH_Z if z else 0)
    xyz = shapes.xyz
    if xyz.shape[1] == 2:
        xyz = np.column_stack([xyz, np.zeros(len(xyz))])
    body = at[there] + _RECORD_HEAD + 1
    if shapes.kind == "Point":
        _put(words, body, xyz if z else xyz[:, :2])
    elif len(body):
        _put_parts(words, body, shapes, xyz, z=z)
    bare = np.array([[np.inf] * 3, [-np.inf] * 3])
    box = np.stack([xyz.min(axis=0), xyz.max(axis=0)]) if len(xyz) else bare
    return words, whole, box


def _put_parts(
    words: NDArray[np.uint32],
    body: NDArray[np.int64],
    shapes: Shapes,
    xyz: NDArray[np.float64],
    *,
    z: bool,
) -> None:
    """Write lines or areas; `body` tells where each begins behind its type."""
    there = shapes.points > 0
    points, parts = shapes.points[there], shapes.parts[there]
    first = np.cumsum(points) - points
    low, high = np.minimum.reduceat(xyz, first), np.maximum.reduceat(xyz, first)
    _put(words, body, np.column_stack([low[:, :2], high[:, :2]]))
    words[body + _BOX], words[body + _BOX + 1] = parts, points
    starts = np.cumsum(shapes.part_points) - shapes.part_points
    listed = body + _BOX + 2
    words[_within(listed, parts, 1)] = starts - np.repeat(first, parts)
    placed = listed + parts
    _put(words, _within(placed, points, 4), xyz[:, :2])
    if z:
        heights = placed + 4 * points
        _put(words, heights, np.column_stack([low[:, 2], high[:, 2]]))
        _put(words, _within(heights + 4, points, 2), xyz[:, 2:])


def _within(start: NDArray[np.int64], count: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Return where each of several entries stands that follow one another from each start."""
    before = np.cumsum(count) - count
    found: NDArray[np.int64] = np.repeat(start - step * before, count)
    return found + step * np.arange(len(found))


def _put(words: NDArray[np.uint32], at: NDArray[np.int64], values: NDArray[np.float64]) -> None:
    halves = np.ascontiguousarray(values, "<f8").view("<u4")
    words[at[:, None] + np.arange(halves.shape[1])] = halves


def _big_endian(numbers: NDArray[Any]) -> NDArray[np.uint32]:
    return numbers.astype(">u4").view("<u4")


def header(kind: str, size: int, box: NDArray[np.float64], *, z: bool) -> bytes:
    """Return the head of a ``.shp`` or ``.shx`` of `size` bytes."""
    ((x0, y0, z0), (x1, y1, z1)) = np.where(np.isfinite(box), box, 0.0).tolist()
    type_ = _TYPES[kind] + (_WITH_Z if z else 0)
    heights = (z0, z1) if z else (0.0, 0.0)
    return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, size // 2) + struct.pack(
        "<2i8d", 1000, type_, x0, y0, x1, y1, *heights, 0.0, 0.0
    )


def index(sizes: NDArray[np.int64], start: int) -> bytes:
    """Return entries of the ``.shx``.

    Parameters
    ----------
    sizes : array of int64, shape (n,)
        Words of each record with its head.
    start : int
        Byte of the ``.shp`` at which the first of them begins.
    """
    begins = start // 2 + 2 * (np.cumsum(sizes) - sizes)
    entries = np.column_stack([begins, 2 * (sizes - _RECORD_HEAD)])
    return entries.astype(">u4").tobytes()
