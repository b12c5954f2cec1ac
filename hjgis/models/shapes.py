"""Many geometries as flat arrays: what drawing, picking and snapping work on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.models.assets import GeometryType

Dimension = Literal[0, 1, 2]
DIMENSION_OF: Final[dict[GeometryType, Dimension]] = {
    "Point": 0,
    "LineString": 1,
    "MultiLineString": 1,
    "Polygon": 2,
    "MultiPolygon": 2,
    # Rows without a place are counted on the map like points that have lost theirs.
    "None": 0,
}
# Farther out than this nothing on earth is, in metres of any projection.
FARTHEST_M: Final = 1e8


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Features of one dimension, entry i of `fids` and `classes` being feature i.

    A ring is the ring of an area, a part of a line, or one point. Offsets that say nothing are
    left out, which halves the memory of a layer of points.

    Attributes
    ----------
    dimension : 0, 1 or 2
        Points, lines, areas.
    fids : array of int64, shape (n,)
    classes : array of uint8, shape (n,)
        Index into the style's classes.
    coords : array of float64, shape (v, 2)
        All vertices, x east, y north.
    rings : array of int32, shape (r + 1,), or None
        Ring k is ``coords[rings[k]:rings[k + 1]]``; None: every vertex is a ring.
    features : array of int32, shape (n + 1,), or None
        Feature i has the rings ``features[i]`` to ``features[i + 1] - 1``, at least one; None:
        every ring is a feature.
    """

    dimension: Dimension
    fids: NDArray[np.int64]
    classes: NDArray[np.uint8]
    coords: NDArray[np.float64]
    rings: NDArray[np.int32] | None = None
    features: NDArray[np.int32] | None = None

    @classmethod
    def empty(cls, dimension: Dimension) -> Self:
        """Return no features."""
        rings = np.zeros(1, np.int32) if dimension else None
        nothing = np.empty(0, np.int64), np.empty(0, np.uint8), np.empty((0, 2))
        return cls(dimension, *nothing, rings)

    @classmethod
    def of(
        cls,
        geometry: NDArray[np.object_],
        dimension: Dimension,
        *,
        fids: NDArray[np.int64],
        classes: NDArray[np.uint8],
    ) -> Self:
        """Take shapely geometries apart; all of them of this dimension, none missing or empty."""
        if not len(geometry):
            return cls.empty(dimension)
        kind, coords, offsets = shapely.to_ragged_array(geometry, include_z=False)
        if kind is shapely.GeometryType.POINT:
            return cls(dimension, fids, classes, coords)
        rings = np.asarray(offsets[0], np.int32)
        features: NDArray[np.int32] | None = None
        for outer in offsets[1:]:
            steps = np.asarray(outer, np.int32)
            features = steps if features is None else features[steps]
        if kind is shapely.GeometryType.MULTIPOINT:
            rings, features = np.arange(len(coords) + 1, dtype=np.int32), rings
        return cls(dimension, fids, classes, coords, rings, features)._lean()

    @classmethod
    def joined(cls, parts: Sequence[Shapes]) -> Shapes:
        """Return the features of all parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        fids = np.concatenate([part.fids for part in parts])
        classes = np.concatenate([part.classes for part in parts])
        coords = np.concatenate([part.coords for part in parts])
        rings = features = None
        if any(part.rings is not None for part in parts):
            rings = _stacked([part.ring_offsets() for part in parts])
        if any(part.features is not None for part in parts):
            features = _stacked([part.feature_offsets() for part in parts])
        return Shapes(parts[0].dimension, fids, classes, coords, rings, features)

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.fids)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        offsets = sum(part.nbytes for part in (self.rings, self.features) if part is not None)
        return self.fids.nbytes + self.classes.nbytes + self.coords.nbytes + offsets

    def ring_offsets(self) -> NDArray[np.int32]:
        """Return `rings`, written out where it is left out."""
        if self.rings is None:
            return np.arange(len(self.coords) + 1, dtype=np.int32)
        return self.rings

    def feature_offsets(self) -> NDArray[np.int32]:
        """Return `features`, written out where it is left out."""
        if self.features is None:
            return np.arange(len(self) + 1, dtype=np.int32)
        return self.features

    def vertex_offsets(self) -> NDArray[np.int32]:
        """Return where each feature's vertices start, shape (n + 1,)."""
        if self.features is None:
            return self.ring_offsets()
        return self.features if self.rings is None else self.rings[self.features]

    def boxes(self) -> NDArray[np.float64]:
        """Return x_min, y_min, x_max, y_max of each feature, shape (n, 4)."""
        if self.rings is None:
            return np.concatenate([self.coords, self.coords], axis=1)
        result = np.empty((len(self), 4))
        if not len(self):
            return result
        starts = self.vertex_offsets()[:-1]
        each, rest = divmod(len(self.coords), len(self))
        even = rest == 0 and each < 64 and bool((starts == np.arange(len(self)) * each).all())
        for axis in (0, 1):
            column = np.ascontiguousarray(self.coords[:, axis])
            for side, smaller in ((axis, np.minimum), (axis + 2, np.maximum)):
                if even:
                    # Several times as fast as reducing group by group.
                    result[:, side] = reduce(smaller, (column[k::each] for k in range(each)))
                else:
                    result[:, side] = smaller.reduceat(column, starts)
        return result

    def taken(self, rows: NDArray[np.intp]) -> Shapes:
        """Return only these features, in this order."""
        fids, classes = self.fids[rows], self.classes[rows]
        if self.rings is None:
            return Shapes(self.dimension, fids, classes, np.take(self.coords, rows, axis=0))
        taken_rings, features = rows, None
        if self.features is not None:
            features, taken_rings = _gathered(self.features, rows)
        rings, vertices = _gathered(self.rings, taken_rings)
        # Indexing by an array of rows takes several times as long as `take`.
        coords = np.take(self.coords, vertices, axis=0)
        return Shapes(self.dimension, fids, classes, coords, rings, features)

    def sliced(self, start: int, stop: int) -> Shapes:
        """Return the features `start` to `stop` - 1; the coordinates are not copied."""
        fids, classes = self.fids[start:stop], self.classes[start:stop]
        if self.rings is None:
            return Shapes(self.dimension, fids, classes, self.coords[start:stop])
        features, first, last = None, start, stop
        if self.features is not None:
            features = self.features[start : stop + 1] - self.features[start]
            first, last = int(self.features[start]), int(self.features[stop])
        rings = self.rings[first : last + 1] - self.rings[first]
        coords = self.coords[self.rings[first] : self.rings[last]]
        return Shapes(self.dimension, fids, classes, coords, rings, features)

    def parts(self, row: int) -> Iterator[NDArray[np.float64]]:
        """Yield the coordinates of each ring, line part or point of one feature."""
        if self.rings is None:
            yield self.coords[row : row + 1]
            return
        first, last = (row, row + 1) if self.features is None else self.features[row : row + 2]
        for ring in range(first, last):
            yield self.coords[self.rings[ring] : self.rings[ring + 1]]

    def geometry(self, row: int) -> BaseGeometry:
        """Return one feature for drawing, without Z; which rings are holes follows from where."""
        parts = list(self.parts(row))
        if self.dimension == 0:
            points = [shapely.Point(part[0]) for part in parts]
            return points[0] if len(points) == 1 else shapely.MultiPoint(points)
        if self.dimension == 1:
            lines = [shapely.LineString(part if len(part) > 1 else part[[0, 0]]) for part in parts]
            return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
        return even_odd(parts)

    def _lean(self) -> Self:
        """Leave out offsets that say nothing."""
        if self.features is not None and len(self.features) == len(self.ring_offsets()):
            return type(self)(self.dimension, self.fids, self.classes, self.coords, self.rings)
        return self


def even_odd(rings: Sequence[NDArray[np.float64]]) -> BaseGeometry:
    """Return the area that even-odd filling of the rings covers."""
    areas = [shapely.Polygon(ring) for ring in rings if len(ring) > 3]
    if len(areas) == 1:
        return areas[0]
    result: BaseGeometry = shapely.Polygon()
    for area in areas:
        result = shapely.symmetric_difference(result, shapely.make_valid(area))
    return result


def _stacked(offsets: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Join offset arrays, each of which starts at 0, into one."""
    ends = np.cumsum([0, *(part[-1] for part in offsets)])
    moved = [part[1:] + end for part, end in zip(offsets, ends[:-1], strict=True)]
    return np.concatenate([np.zeros(1, np.int32), *moved]).astype(np.int32)


def _gathered(
    offsets: NDArray[np.int32], rows: NDArray[np.intp]
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return the offsets of these rows alone, and the entries that they point at."""
    starts, counts = offsets[rows], offsets[1:][rows] - offsets[rows]
    result = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(counts, out=result[1:])
    entries = np.repeat(starts - result[:-1], counts).astype(np.intp)
    entries += np.arange(len(entries))
    return result, entries
