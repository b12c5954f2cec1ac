from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from hjgis.layers.columns import LayerColumns
from hjgis.layers.snapping import nearest
from hjgis.models.assets import catalogue
from hjgis.models.reading import LayerTable
from hjgis.models.style import default_style


def columns(layer: str, **shapes: shapely.Geometry) -> LayerColumns:
    geometry = np.array([*shapes.values(), None], dtype=object)[:-1]
    uuids = np.array(list(shapes), dtype=object)
    style = replace(default_style(catalogue().type(layer)), label=None)
    return LayerColumns.of(
        LayerTable(layer, np.arange(1, len(shapes) + 1), uuids, geometry, {}), style
    )


NODES = columns("manhole", near=shapely.Point(0, 0), far=shapely.Point(50, 0))
LINES = columns("pipe_line", pipe=shapely.LineString([(1, 0), (20, 0), (20, 30)]))
AREAS = columns("parking_bay", bay=shapely.box(100, 100, 110, 110))


def kind_at(x: float, y: float, tolerance: float = 3.0) -> tuple[str, float, float] | None:
    snap = nearest([NODES, LINES, AREAS], x, y, tolerance=tolerance)
    return (snap.kind, snap.x, snap.y) if snap else None


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((0.9, 0.1), ("node", 0, 0)),
        ((19.0, 1.0), ("vertex", 20, 0)),
        ((10.0, 2.0), ("edge", 10, 0)),
        ((10.0, 3.5), None),
        ((105.0, 101.0), ("edge", 105, 100)),
        ((109.0, 109.0), ("vertex", 110, 110)),
        ((105.0, 105.0), None),
    ],
    ids=[
        "a node beats a nearer vertex",
        "a vertex beats an edge",
        "an edge",
        "nothing is near",
        "the edge of an area",
        "the corner of an area",
        "the middle of an area is no edge",
    ],
)
def test_snaps(place: tuple[float, float], found: tuple[str, float, float] | None) -> None:
    assert kind_at(*place) == found


def test_the_nearer_of_two_nodes_wins() -> None:
    assert kind_at(20, 0, tolerance=100) == ("node", 0, 0)


def test_what_is_being_moved_does_not_attract() -> None:
    snap = nearest([NODES, LINES], 0, 0, tolerance=3, without=("near",))
    assert snap is not None
    assert (snap.kind, snap.uuid) == ("vertex", "pipe")


def test_a_snap_says_how_far_it_is() -> None:
    snap = nearest([NODES], 53, 4, tolerance=5)
    assert snap is not None
    assert (snap.uuid, snap.away) == ("far", 5.0)
