"""The nearest node, vertex or edge to a place, from columns in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.layers.columns import LayerColumns

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
    uuid: str
    away: float


def nearest(
    layers: Iterable[LayerColumns],
    x: float,
    y: float,
    *,
    tolerance: float,
    without: Collection[str] = (),
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
    without : collection of str
        Identities of the features that are being moved.
    """
    found = [
        snap
        for columns in layers
        for snap in _snaps(columns, x, y, tolerance)
        if snap.uuid not in without
    ]
    return min(found, key=lambda snap: (_RANK[snap.kind], snap.away), default=None)


def _snaps(columns: LayerColumns, x: float, y: float, tolerance: float) -> Iterator[Snap]:
    box = (x - tolerance, y - tolerance, x + tolerance, y + tolerance)
    for row in columns.boxes_meeting(box):
        shape, uuid = columns.geometry[row], str(columns.uuids[row])
        for kind, places in _places(shape, shapely.Point(x, y)):
            away = np.hypot(places[:, 0] - x, places[:, 1] - y)
            best = int(np.argmin(away))
            if away[best] <= tolerance:
                at_x, at_y = places[best].tolist()
                yield Snap(at_x, at_y, kind, columns.layer, uuid, float(away[best]))


def _places(
    shape: BaseGeometry, here: shapely.Point
) -> Iterator[tuple[SnapKind, NDArray[np.float64]]]:
    dimension = shapely.get_dimensions(shape)
    yield ("node" if dimension == 0 else "vertex"), shapely.get_coordinates(shape)
    if dimension > 0:
        line = shapely.boundary(shape) if dimension == 2 else shape
        yield "edge", shapely.get_coordinates(shapely.shortest_line(line, here))[:1]
