from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from shapely import LineString, MultiPolygon, Point, Polygon, box

from hjgis.errors import Cancelled
from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol
from hjgis.render.painter import paint_layers

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def paint(picture: QImage, frame, layers, **options: object) -> QImage:
    painter = QPainter(picture)
    paint_layers(painter, frame, layers, **options)
    painter.end()
    return picture


def at(picture: QImage, x: float, y: float) -> tuple[int, int, int]:
    """Colour at map coordinates of the test frame."""
    return picture.pixelColor(int(x), int(100 - y)).getRgb()[:3]


def test_an_area_is_filled_but_for_its_holes(frame, picture, make_layer) -> None:
    holed = Polygon(
        [(20, 20), (180, 20), (180, 80), (20, 80)], [[(90, 40), (110, 40), (110, 60), (90, 60)]]
    )
    both = MultiPolygon([holed, box(2, 2, 10, 10)])
    paint(picture, frame, [make_layer([both], FillSymbol(fill="#ff0000", outline=None))])
    assert at(picture, 30, 50) == RED
    assert at(picture, 5, 5) == RED
    assert at(picture, 100, 50) == WHITE


def test_later_layers_lie_on_earlier_ones(frame, picture, make_layer) -> None:
    lower = make_layer([box(10, 10, 190, 90)], FillSymbol(fill="#ff0000"))
    upper = make_layer([Point(100, 50)], MarkerSymbol(size_mm=4, fill="#0000ff"))
    paint(picture, frame, [lower, upper])
    assert at(picture, 100, 50) == BLUE
    assert at(picture, 50, 50) == RED


def test_crossing_streets_are_open_for_their_casings_lie_below(frame, picture, make_layer) -> None:
    street = LineSymbol(color="#ffffff", width_mm=3.0, casing="#0000ff", casing_mm=1.0)
    cross = [LineString([(10, 50), (190, 50)]), LineString([(100, 5), (100, 95)])]
    paint(picture, frame, [make_layer(cross, street)])
    assert at(picture, 100, 50) == WHITE
    assert at(picture, 106, 50) == WHITE
    assert at(picture, 50, 50 + 7.5) == BLUE


@pytest.mark.parametrize("vector", [False, True], ids=["sprites", "vectors"])
def test_a_marker_stands_on_its_point(frame, picture, make_layer, ink, vector: bool) -> None:
    layer = make_layer([Point(60.5, 70.5)], MarkerSymbol(size_mm=3, fill="#ff0000", stroke=None))
    paint(picture, frame, [layer], vector=vector)
    rows, columns = np.nonzero(ink(picture))
    assert columns.mean() == pytest.approx(60, abs=0.6)
    assert rows.mean() == pytest.approx(29, abs=0.6)


def test_a_layer_beyond_its_scale_is_not_painted_but_its_selection_is(
    frame, picture, make_layer, ink
) -> None:
    layer = make_layer(
        [Point(50, 50), Point(150, 50)], MarkerSymbol(size_mm=3, fill="#ff0000"), max_denominator=1
    )
    paint(picture, frame, [layer])
    assert not ink(picture).any()
    paint(picture, frame, [replace(layer, selected=np.array([False, True]))])
    assert at(picture, 150, 50) == RED
    assert at(picture, 50, 50) == WHITE


@pytest.mark.parametrize(
    ("shape", "symbol"),
    [
        (Point(100, 50), MarkerSymbol(size_mm=2, fill="#00ffff", stroke=None)),
        (LineString([(20, 50), (180, 50)]), LineSymbol(color="#00ffff", width_mm=0.5)),
        (box(40, 50, 160, 90), FillSymbol(outline="#00ffff")),
    ],
    ids=["point", "line", "area"],
)
def test_a_selection_has_a_dark_halo_around_a_white_one(
    frame, picture, make_layer, shape, symbol
) -> None:
    layer = replace(make_layer([shape], symbol), selected=np.array([True]))
    paint(picture, frame, [layer])
    column = [at(picture, 100, y) for y in range(50, 30, -1)]
    dark = next(i for i, rgb in enumerate(column) if max(rgb) < 80)
    assert any(min(rgb) > 200 for rgb in column[1:dark])
    assert column[-1] == WHITE


def test_a_selected_street_does_not_hide_what_lies_in_it(frame, picture, make_layer) -> None:
    street = make_layer([LineString([(0, 50), (200, 50)])], LineSymbol("#ffff00", ground_m=60))
    bay = make_layer([box(90, 66, 110, 74)], FillSymbol(fill="#ff0000", outline=None))
    paint(picture, frame, [replace(street, selected=np.array([True])), bay])
    assert at(picture, 100, 70) == RED


def test_a_line_from_far_outside_crosses_the_frame(frame, picture, make_layer) -> None:
    far = LineString([(-4e6, 50), (4e6, 50)])
    dashed = LineSymbol(color="#ff0000", width_mm=1.0, dash_mm=(3.0, 0.0))
    paint(picture, frame, [make_layer([far], dashed)])
    assert at(picture, 3, 50) == at(picture, 197, 50) == RED


def test_a_wide_street_just_outside_reaches_into_the_frame(frame, picture, make_layer) -> None:
    outside = LineString([(-20, -500), (-20, 500)])
    paint(picture, frame, [make_layer([outside], LineSymbol(color="#ff0000", ground_m=60))])
    assert at(picture, 5, 50) == RED


def test_a_filtered_feature_is_not_painted(frame, picture, make_layer) -> None:
    layer = make_layer([box(10, 10, 50, 50), box(100, 10, 150, 50)], FillSymbol(fill="#ff0000"))
    paint(picture, frame, [replace(layer, shown=np.array([False, True]))])
    assert at(picture, 30, 30) == WHITE
    assert at(picture, 120, 30) == RED


def test_nothing_is_painted_outside_the_frame(picture, frame, make_layer) -> None:
    small = replace(frame, width_px=100, center_x=50)
    paint(picture, small, [make_layer([box(-500, -500, 500, 500)], FillSymbol(fill="#ff0000"))])
    assert at(picture, 90, 50) == RED
    assert at(picture, 110, 50) == WHITE


class Impatient:
    """Says stop at the second look."""

    def __init__(self) -> None:
        self.looks = 0

    def report(self, done: int, total: int, key: str) -> None: ...

    def check(self) -> None:
        self.looks += 1
        if self.looks > 1:
            raise Cancelled("stopped")


def test_painting_stops_when_told_and_leaves_the_painter_usable(frame, picture, make_layer) -> None:
    layer = make_layer([Point(x % 200, x % 100) for x in range(2000)], MarkerSymbol())
    painter = QPainter(picture)
    before = painter.transform()
    with pytest.raises(Cancelled):
        paint_layers(painter, frame, [layer], progress=Impatient())
    assert painter.transform() == before
    assert painter.end()
