from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.layers.columns import LayerColumns
from hjgis.layers.parts import Part
from hjgis.layers.snapping import nearest
from hjgis.models.shapes import Dimension, Shapes


def columns(layer: str, dimension: Dimension, *geometry: shapely.Geometry) -> LayerColumns:
    held = np.array([*geometry, None], dtype=object)[:-1]
    fids, classes = np.arange(1, len(held) + 1), np.zeros(len(held), np.uint8)
    part = Part.of(Shapes.of(held, dimension, fids=fids, classes=classes))
    return LayerColumns(layer, dimension, (part,))


NODES = columns("manhole", 0, shapely.Point(0, 0), shapely.Point(50, 0))
LINES = columns("pipe_line", 1, shapely.LineString([(1, 0), (20, 0), (20, 30)]))
AREAS = columns("parking_bay", 2, shapely.box(100, 100, 110, 110))


def kind_at(x: float, y: float, tolerance: float = 3.0) -> tuple[str, float, float] | None:
    snap = nearest([NODES, LINES, AREAS], x, y, tolerance=tolerance)
    return (snap.kind, snap.x, snap.y) if snap else None


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((0.9, 0.1), ("node", 0, 0)),
        ((19.0, 1.0), ("vertex", 20, 0)),
        ((21.0, 29.0), ("end", 20, 30)),
        ((6.0, 2.0), ("edge", 6, 0)),
        ((10.0, 2.0), ("midpoint", 10.5, 0)),
        ((10.0, 3.5), None),
        ((102.0, 105.0), ("midpoint", 100, 105)),
        ((106.5, 98.5), ("midpoint", 105, 100)),
        ((109.0, 109.0), ("vertex", 110, 110)),
        ((105.0, 105.0), None),
    ],
    ids=[
        "a node beats a nearer vertex",
        "a vertex beats an edge",
        "the end of a line beats its edge",
        "an edge",
        "the middle of an edge",
        "nothing is near",
        "the middle of an area's side",
        "the middle beats the edge",
        "the corner of an area",
        "the middle of an area is no edge",
    ],
)
def test_snaps(place: tuple[float, float], found: tuple[str, float, float] | None) -> None:
    assert kind_at(*place) == found


def test_the_nearer_of_two_nodes_wins() -> None:
    assert kind_at(20, 0, tolerance=100) == ("node", 0, 0)


def test_what_is_being_moved_does_not_attract() -> None:
    snap = nearest([NODES, LINES], 0, 0, tolerance=3, without=[("manhole", 1)])
    assert snap is not None
    assert (snap.kind, snap.layer) == ("end", "pipe_line")


def test_a_snap_says_how_far_it_is() -> None:
    snap = nearest([NODES], 53, 4, tolerance=5)
    assert snap is not None
    assert (snap.fid, snap.away) == (2, 5.0)


CROSSING = columns(
    "road", 1, shapely.LineString([(0, 100), (40, 100)]), shapely.LineString([(10, 90), (10, 130)])
)


def test_lines_that_cross_can_be_snapped_to_where_they_do() -> None:
    snap = nearest([CROSSING], 11, 101, tolerance=3)
    assert snap is not None
    assert (snap.kind, snap.x, snap.y) == ("intersection", 10, 100)


def test_a_line_being_drawn_can_go_square_to_another() -> None:
    snap = nearest([CROSSING], 31, 101, tolerance=3, origin=(30, 150))
    assert snap is not None
    assert (snap.kind, snap.x, snap.y) == ("perpendicular", 30, 100)
    beyond = nearest([CROSSING], 31, 101, tolerance=3, origin=(60, 150))
    assert beyond is not None
    assert beyond.kind == "edge"
