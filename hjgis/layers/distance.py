"""How far features are from a place, all of them at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hjgis.models.shapes import Shapes


def distances(shapes: Shapes, x: float, y: float) -> NDArray[np.float64]:
    """Return how far each feature is from a place, metres, shape (n,); 0 inside an area."""
    if not len(shapes):
        return np.empty(0)
    nearest = nearest_on_edges(shapes, x, y) if shapes.dimension else shapes.coords
    away = np.hypot(nearest[:, 0] - x, nearest[:, 1] - y)
    if shapes.rings is None:
        return away
    starts = shapes.vertex_offsets()[:-1]
    result: NDArray[np.float64] = np.minimum.reduceat(away, starts)
    if shapes.dimension == 2:
        crossings = np.add.reduceat(_crosses_ray(shapes, x, y).astype(np.int64), starts)
        result[crossings % 2 == 1] = 0.0
    return result


def nearest_on_edges(shapes: Shapes, x: float, y: float) -> NDArray[np.float64]:
    """Return the nearest place on the edge that starts at each vertex, shape (v, 2).

    The last vertex of a ring starts no edge: there it is the vertex itself.
    """
    start, end = shapes.coords, _next_vertices(shapes)
    along = end - start
    length2 = (along**2).sum(axis=1)
    to_place = (x - start[:, 0]) * along[:, 0] + (y - start[:, 1]) * along[:, 1]
    share = np.divide(to_place, length2, out=np.zeros(len(start)), where=length2 > 0)
    nearest: NDArray[np.float64] = start + np.clip(share, 0.0, 1.0)[:, None] * along
    return nearest


def _next_vertices(shapes: Shapes) -> NDArray[np.float64]:
    following = np.arange(1, len(shapes.coords) + 1)
    last = shapes.ring_offsets()[1:] - 1
    following[last] = last
    return np.take(shapes.coords, following, axis=0)


def _crosses_ray(shapes: Shapes, x: float, y: float) -> NDArray[np.bool_]:
    """Return which edges cross the ray from the place to the east, shape (v,)."""
    (x0, y0), (x1, y1) = shapes.coords.T, _next_vertices(shapes).T
    spans = (y0 > y) != (y1 > y)
    rise = np.where(spans, y1 - y0, 1.0)
    crosses: NDArray[np.bool_] = spans & (x < x0 + (y - y0) * (x1 - x0) / rise)
    return crosses
