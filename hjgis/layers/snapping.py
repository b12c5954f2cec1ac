"""The best place near the mouse to snap to, from columns in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.columns import LayerColumns
from hjgis.models.shapes import Shapes

Coords = NDArray[np.float64]
SnapKind = Literal["node", "end", "vertex", "intersection", "midpoint", "perpendicular", "edge"]
# Wherever several are within the tolerance, the first of these wins.
_RANK: Final[dict[SnapKind, int]] = {
    "node": 0,
    "end": 1,
    "vertex": 2,
    "intersection": 3,
    "midpoint": 4,
    "perpendicular": 5,
    "edge": 6,
}
# Of more edges than these around the mouse, crossings are not looked for.
_MOST_EDGES: Final = 64
_SAME_M: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Snap:
    """A place that a click is drawn to.

    Attributes
    ----------
    x, y : float
        Project CRS, metres.
    away : float
        Metres from where the mouse is.
    """

    x: float
    y: float
    kind: SnapKind
    layer: str
    fid: int
    away: float


@dataclass(frozen=True, slots=True)
class _Edges:
    """Edges near the mouse, entry i of all arrays being one edge."""

    layers: NDArray[np.object_]
    fids: NDArray[np.int64]
    start: Coords
    end: Coords

    def __len__(self) -> int:
        return len(self.fids)

    @property
    def along(self) -> Coords:
        return self.end - self.start

    def feet(self, x: float, y: float) -> tuple[Coords, NDArray[np.float64]]:
        """Return where each edge's line is square to a place, and as what share of the edge."""
        along = self.along
        length2 = (along**2).sum(axis=1)
        across = (x - self.start[:, 0]) * along[:, 0] + (y - self.start[:, 1]) * along[:, 1]
        share = np.divide(across, length2, out=np.zeros(len(self)), where=length2 > 0)
        return self.start + share[:, None] * along, share

    def nearest(self, x: float, y: float) -> Coords:
        """Return the nearest place on each edge, shape (e, 2)."""
        _feet, share = self.feet(x, y)
        result: Coords = self.start + np.clip(share, 0.0, 1.0)[:, None] * self.along
        return result

    def taken(self, rows: NDArray[np.intp]) -> _Edges:
        return _Edges(self.layers[rows], self.fids[rows], self.start[rows], self.end[rows])


def nearest(
    layers: Iterable[LayerColumns],
    x: float,
    y: float,
    *,
    tolerance: float,
    without: Collection[tuple[str, int]] = (),
    origin: tuple[float, float] | None = None,
) -> Snap | None:
    """Return the best place to snap to: the best kind first, then the nearest.

    A node beats the end of a line, that a vertex, a crossing, a midpoint, the foot of a
    perpendicular and a place on an edge.

    Parameters
    ----------
    layers : iterable of LayerColumns
        The layers that are seen.
    x, y : float
        Project CRS, metres.
    tolerance : float
        Metres; nothing farther is found.
    without : collection of (layer, fid)
        The features that are being moved.
    origin : tuple of float, optional
        From where a line is being drawn, for the foot of the perpendicular.
    """
    box = (x - tolerance, y - tolerance, x + tolerance, y + tolerance)
    found: list[Snap] = []
    edges = []
    for columns in layers:
        near = columns.in_view(box)
        held = [fid for layer, fid in without if layer == columns.layer]
        if held:
            near = near.taken(np.flatnonzero(~np.isin(near.fids, held)))
        if len(near):
            found += _at_vertices(near, columns.layer, x, y)
        if near.dimension and len(near):
            edges.append(_edges_of(near, columns.layer))
    if edges:
        found += _on_edges(_joined(edges), x, y, tolerance, origin)
    within = [snap for snap in found if snap.away <= tolerance]
    return min(within, key=lambda snap: (_RANK[snap.kind], snap.away), default=None)


def _at_vertices(shapes: Shapes, layer: str, x: float, y: float) -> Iterator[Snap]:
    """Yield the nearest vertex; of lines also the nearest end."""
    away = np.hypot(shapes.coords[:, 0] - x, shapes.coords[:, 1] - y)
    yield _vertex(shapes, layer, away, "vertex" if shapes.dimension else "node")
    if shapes.dimension == 1:
        ends = np.full(len(away), np.inf)
        at = np.concatenate([shapes.ring_offsets()[:-1], shapes.ring_offsets()[1:] - 1])
        ends[at] = away[at]
        yield _vertex(shapes, layer, ends, "end")


def _vertex(shapes: Shapes, layer: str, away: NDArray[np.float64], kind: SnapKind) -> Snap:
    best = int(np.argmin(away))
    row = int(np.searchsorted(shapes.vertex_offsets(), best, side="right")) - 1
    at_x, at_y = shapes.coords[best].tolist()
    return Snap(at_x, at_y, kind, layer, int(shapes.fids[row]), float(away[best]))


def _on_edges(
    edges: _Edges, x: float, y: float, tolerance: float, origin: tuple[float, float] | None
) -> Iterator[Snap]:
    near = edges.nearest(x, y)
    away = np.hypot(near[:, 0] - x, near[:, 1] - y)
    rows = np.flatnonzero(away <= tolerance)
    if not len(rows):
        return
    yield _best(edges, near, x, y, "edge")
    close = edges.taken(rows)
    yield _best(close, (close.start + close.end) / 2, x, y, "midpoint")
    if origin is not None:
        feet, share = close.feet(*origin)
        square = np.flatnonzero((share >= 0) & (share <= 1))
        if len(square):
            yield _best(close.taken(square), feet[square], x, y, "perpendicular")
    if 1 < len(close) <= _MOST_EDGES:
        yield from _crossings(close, x, y)


def _best(edges: _Edges, places: Coords, x: float, y: float, kind: SnapKind) -> Snap:
    away = np.hypot(places[:, 0] - x, places[:, 1] - y)
    i = int(np.argmin(away))
    at_x, at_y = places[i].tolist()
    return Snap(at_x, at_y, kind, str(edges.layers[i]), int(edges.fids[i]), float(away[i]))


def _crossings(edges: _Edges, x: float, y: float) -> Iterator[Snap]:
    """Yield the nearest place where two edges cross that do not just meet at a vertex."""
    one, other = np.triu_indices(len(edges), 1)
    a, b = edges.along[one], edges.along[other]
    apart = edges.start[other] - edges.start[one]
    turn = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    turned = np.abs(turn) > _SAME_M
    safe = np.where(turned, turn, 1.0)
    on_one = (apart[:, 0] * b[:, 1] - apart[:, 1] * b[:, 0]) / safe
    on_other = (apart[:, 0] * a[:, 1] - apart[:, 1] * a[:, 0]) / safe
    crossed = turned
    for share in (on_one, on_other):
        crossed &= (share >= 0) & (share <= 1)
    pairs = np.flatnonzero(crossed)
    if len(pairs):
        places = edges.start[one[pairs]] + on_one[pairs, None] * a[pairs]
        yield _best(edges.taken(one[pairs]), places, x, y, "intersection")


def _edges_of(shapes: Shapes, layer: str) -> _Edges:
    """Return the edges of all features."""
    starts = np.ones(len(shapes.coords), np.bool_)
    starts[shapes.ring_offsets()[1:] - 1] = False
    first = np.flatnonzero(starts)
    rows = np.searchsorted(shapes.vertex_offsets(), first, side="right") - 1
    layers = np.full(len(first), layer, object)
    return _Edges(layers, shapes.fids[rows], shapes.coords[first], shapes.coords[first + 1])


def _joined(edges: list[_Edges]) -> _Edges:
    if len(edges) == 1:
        return edges[0]
    return _Edges(
        np.concatenate([one.layers for one in edges]),
        np.concatenate([one.fids for one in edges]),
        np.concatenate([one.start for one in edges]),
        np.concatenate([one.end for one in edges]),
    )
