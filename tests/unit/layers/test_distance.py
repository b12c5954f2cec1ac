from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hjgis.layers.distance import distances
from hjgis.models.shapes import Dimension, Shapes

RING = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(3, 3), (7, 3), (7, 7), (3, 7)]])
GEOMETRY: dict[Dimension, list[shapely.Geometry]] = {
    0: [shapely.Point(3, 4), shapely.MultiPoint([(9, 9), (1, 1)])],
    1: [
        shapely.LineString([(0, 0), (5, 5), (9, 0)]),
        shapely.LineString([(2, 2), (2, 2)]),
        shapely.MultiLineString([[(0, 9), (9, 9)], [(20, 0), (20, 20)]]),
    ],
    2: [RING, shapely.MultiPolygon([RING, shapely.box(20, 0, 25, 5)]), shapely.box(-9, -9, -1, 3)],
}


@pytest.mark.parametrize("dimension", [0, 1, 2])
@settings(max_examples=80, deadline=None)
@given(st.tuples(st.floats(-12, 30), st.floats(-12, 30)))
def test_distances_are_those_of_shapely(dimension: Dimension, place: tuple[float, float]) -> None:
    geometry = np.array([*GEOMETRY[dimension], None], dtype=object)[:-1]
    fids, classes = np.arange(len(geometry)), np.zeros(len(geometry), np.uint8)
    shapes = Shapes.of(geometry, dimension, fids=fids, classes=classes)
    expected = shapely.distance(geometry, shapely.Point(place))
    assert distances(shapes, *place) == pytest.approx(expected, abs=1e-9)


def test_no_features_have_no_distances() -> None:
    assert distances(Shapes.empty(2), 0, 0).shape == (0,)
