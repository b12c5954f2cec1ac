from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol
from hjgis.render.culling import (
    clip_line,
    clip_lines,
    clip_ring,
    clipped_parts,
    clipped_together,
    cut_to,
    in_paint_order,
    in_view,
    present_classes,
    ring_area,
)

FRAME = (0.0, 0.0, 10.0, 10.0)
# Its box meets the frame, itself it goes round the corner.
PAST_THE_CORNER = LineString([(-5, 8), (8, 18)])


def test_only_features_whose_box_meets_the_extent_are_in_view(make_layer) -> None:
    layer = make_layer([Point(5, 5), Point(10, 10), Point(10.1, 5), Point(-3, 5)], MarkerSymbol())
    assert in_view(layer, FRAME).tolist() == [0, 1]


def test_what_a_filter_hides_is_not_in_view(make_layer) -> None:
    layer = make_layer([Point(5, 5), Point(6, 6)], MarkerSymbol())
    hidden = replace(layer, shown=np.array([False, True]))
    assert in_view(hidden, FRAME).tolist() == [1]


def test_higher_levels_come_later_and_fids_stay_in_order_within_one(make_layer) -> None:
    points = [Point(i, i) for i in range(4)]
    layer = make_layer(points, MarkerSymbol(), MarkerSymbol(), kinds=[0, 1, 0, 1], levels=(2, 0))
    assert in_paint_order(layer, np.arange(4)).tolist() == [1, 3, 0, 2]


def test_a_line_is_cut_into_the_pieces_inside() -> None:
    wave = np.array([(-5, 2), (5, 2), (5, 20), (7, 20), (7, 5)], float)
    pieces = clip_line(wave, FRAME)
    assert [shapely.LineString(piece).length for piece in pieces] == [15.0 - 2.0, 5.0]
    assert clip_line(np.array([(0.0, 20.0), (9.0, 20.0)]), FRAME) == []


def test_lines_cut_together_are_those_cut_one_by_one() -> None:
    lengths = [5, 0, 1, 2, 7, 2]
    coords = np.random.default_rng(4).uniform(-15, 25, (sum(lengths), 2))
    ends = np.cumsum([0, *lengths])
    cut, cut_ends, line = clip_lines(coords, ends, FRAME)
    together = [piece.tolist() for piece in np.split(cut, cut_ends[1:-1])]
    alone = [clip_line(coords[a:b], FRAME) for a, b in pairwise(ends.tolist())]
    assert together == [piece.tolist() for pieces in alone for piece in pieces]
    assert line.tolist() == [k for k, pieces in enumerate(alone) for _piece in pieces]
    assert len(together) > 2
    assert cut_ends[-1] == len(cut)


def test_no_line_or_only_those_outside_leave_nothing() -> None:
    for coords in (np.empty((0, 2)), np.array([[20.0, 20.0], [30.0, 25.0]])):
        cut, ends, line = clip_lines(coords, np.array([0, len(coords)]), FRAME)
        assert cut.shape == (0, 2)
        assert ends.tolist() == [0]
        assert len(line) == 0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_of_shapes_to_infinity_only_numbers_are_left(make_layer) -> None:
    endless = LineString([(5, 5), (6, 6), (np.inf, 6)])
    area = Polygon([(2, 2), (8, 2), (np.inf, np.inf), (2, 8)])
    for shape, symbol in ((endless, LineSymbol()), (area, FillSymbol(fill="#ff0000"))):
        layer = make_layer([shape, shape], symbol)
        coords, ends, owner = clipped_together(layer, np.arange(2), FRAME)
        assert np.isfinite(coords).all()
        assert ends[-1] == len(coords)
        assert len(owner) == len(ends) - 1


def test_rings_cut_together_are_closed(make_layer) -> None:
    layer = make_layer([box(-5, -5, 5, 5), box(20, 20, 30, 30), box(2, 2, 4, 4)], FillSymbol())
    coords, ends, owner = clipped_together(layer, np.arange(3), FRAME)
    assert owner.tolist() == [0, 2]
    rings = np.split(coords, ends[1:-1])
    assert [ring_area(ring) for ring in rings] == [25.0, 4.0]
    assert all((ring[0] == ring[-1]).all() for ring in rings)


@pytest.mark.parametrize("seed", range(12))
def test_a_cut_ring_covers_what_the_ring_covers_inside(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(-12, 22, (40, 2))
    hull = shapely.convex_hull(shapely.MultiPoint(points[: 5 + seed * 3]))
    ring = clip_ring(shapely.get_coordinates(hull), FRAME)
    assert ring_area(ring) == pytest.approx(hull.intersection(box(*FRAME)).area)


def test_a_ring_around_the_extent_becomes_the_extent() -> None:
    ring = shapely.get_coordinates(box(-100, -100, 100, 100))
    assert ring_area(clip_ring(ring, FRAME)) == pytest.approx(100)


def test_a_ring_beside_the_extent_leaves_nothing(make_layer) -> None:
    layer = make_layer([Polygon([(-9, 4), (4, 19), (-9, 19)])], FillSymbol(fill="#ff0000"))
    assert sum(map(ring_area, clipped_parts(layer, 0, FRAME))) == 0


def test_a_class_is_present_only_if_something_of_it_lies_inside(make_layer) -> None:
    shapes = [PAST_THE_CORNER, LineString([(1, 1), (2, 2)]), LineString([(90, 90), (91, 91)])]
    layer = make_layer(shapes, LineSymbol(), LineSymbol(), LineSymbol(), kinds=[0, 1, 2])
    assert in_view(layer, FRAME).tolist() == [0, 1]
    assert present_classes(layer, FRAME) == (1,)


def test_a_filled_area_around_the_frame_is_present_but_a_mere_outline_is_not(make_layer) -> None:
    around = [box(-50, -50, 50, 50)]
    assert present_classes(make_layer(around, FillSymbol(fill="#00ff00")), FRAME) == (0,)
    assert present_classes(make_layer(around, FillSymbol(hatch="cross")), FRAME) == (0,)
    assert present_classes(make_layer(around, FillSymbol()), FRAME) == ()


def test_a_layer_that_is_cut_holds_what_is_in_view_and_nothing_else(make_layer) -> None:
    rng = np.random.default_rng(3)
    lines = [
        shapely.MultiLineString([rng.uniform(0, 10, (3, 2)) + at, rng.uniform(0, 10, (2, 2)) + at])
        for at in rng.uniform(0, 1000, (60, 1))
    ]
    layer = make_layer(lines, LineSymbol("#000000"))
    extent = (300.0, 300.0, 420.0, 420.0)
    cut, rows = cut_to(layer, extent), in_view(layer, extent)
    assert 0 < len(rows) < 20
    assert cut.fids.tolist() == layer.fids[rows].tolist()
    for new, old in enumerate(rows.tolist()):
        pieces = zip(cut.parts(new), layer.parts(old), strict=True)
        assert all((one == other).all() for one, other in pieces)
    assert (cut.bounds == layer.bounds[rows]).all()
