from __future__ import annotations

from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from hjgis.models.styles.style import FillSymbol, LabelStyle, LineSymbol, MarkerSymbol

HOLED = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6)]])


def test_features_without_a_place_are_left_out_of_every_array(make_layer) -> None:
    layer = make_layer(
        [Point(1, 2), None, Point(), Point(3, 4)],
        MarkerSymbol(),
        MarkerSymbol(),
        kinds=[0, 0, 0, 1],
        names=["a", "b", "c", "d"],
        label=LabelStyle("{name}"),
    )
    assert len(layer) == 2
    assert layer.fids.tolist() == [1, 4]
    assert layer.texts == ("a", "d")
    assert layer.classes.tolist() == [0, 1]
    assert layer.coords.tolist() == [[1, 2], [3, 4]]


def test_an_empty_layer_is_ready_to_paint(make_layer) -> None:
    layer = make_layer([Point()], MarkerSymbol())
    assert len(layer) == 0
    assert layer.bounds.shape == (0, 4)


def test_points_with_height_are_flat_on_the_map(make_layer) -> None:
    layer = make_layer([Point(1, 2, 1040.5), Point(3, 4)], MarkerSymbol())
    assert layer.coords.tolist() == [[1, 2], [3, 4]]


def test_each_part_of_a_line_stays_a_line_of_its_own(make_layer) -> None:
    two = MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 6), (7, 5)]])
    layer = make_layer([LineString([(9, 9), (8, 8)]), two], LineSymbol())
    assert [len(part) for part in layer.parts(0)] == [2]
    assert [len(part) for part in layer.parts(1)] == [2, 3]


def test_an_area_keeps_its_holes_and_its_parts(make_layer) -> None:
    layer = make_layer(
        [box(20, 20, 21, 21), MultiPolygon([HOLED, box(10, 10, 11, 11)])], FillSymbol()
    )
    assert [len(ring) for ring in layer.parts(0)] == [5]
    assert [len(ring) for ring in layer.parts(1)] == [5, 4, 5]
    assert layer.bounds[1].tolist() == [0, 0, 11, 11]
