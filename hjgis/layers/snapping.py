"""The nearest node, vertex or edge to a place, from columns in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.columns import LayerColumns
from hjgis.layers.distance import nearest_on_edges
from hjgis.models.shapes import Shapes

SnapKind = Literal["node", "vertex", "edge"]
# A node beats a vertex and a vertex beats an edge wherever both are within the tolerance.
_RANK: Final[dict[SnapKind, int]] = {"node": 0, "vertex": 1, "edge": 2}


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


def nearest(
    layers: Iterable[LayerColumns],
    x: float,
    y: float,
    *,
    tolerance: float,
    without: Collection[tuple[str, int]] = (),
) -> Snap | None:
    """Return the best place to snap to: node before vertex before edge, then the nearest.

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
    """
    box = (x - tolerance, y - tolerance, x + tolerance, y + tolerance)
    found: list[Snap] = []
    for columns in layers:
        near = columns.in_view(box)
        held = [fid for layer, fid in without if layer == columns.layer]
        if held:
            near = near.taken(np.flatnonzero(~np.isin(near.fids, held)))
        found += _snaps(near, columns.layer, x, y)
    within = [snap for snap in found if snap.away <= tolerance]
    return min(within, key=lambda snap: (_RANK[snap.kind], snap.away), default=None)


def _snaps(shapes: Shapes, layer: str, x: float, y: float) -> Iterator[Snap]:
    """Yield the best snap of each kind among some features of a layer."""
    if not len(shapes):
        return
    for kind, places in _places(shapes, x, y):
        away = np.hypot(places[:, 0] - x, places[:, 1] - y)
        best = int(np.argmin(away))
        row = int(np.searchsorted(shapes.vertex_offsets(), best, side="right")) - 1
        at_x, at_y = places[best].tolist()
        yield Snap(at_x, at_y, kind, layer, int(shapes.fids[row]), float(away[best]))


def _places(shapes: Shapes, x: float, y: float) -> Iterator[tuple[SnapKind, NDArray[np.float64]]]:
    yield ("node" if shapes.dimension == 0 else "vertex"), shapes.coords
    if shapes.dimension:
        yield "edge", nearest_on_edges(shapes, x, y)
