from __future__ import annotations

import numpy as np
import pytest
import shapely
from PySide6.QtGui import QPainter
from shapely import box

from hjgis.models.styles.style import FillSymbol, LineSymbol
from hjgis.render import strokes
from hjgis.render.frame import MapFrame
from hjgis.render.strokes import along, casing_pen, line_pen, paint_area, polygon, upright_deg


def test_an_array_becomes_qt_points_without_loss() -> None:
    points = np.array([(1.25, -3.5), (1e7, 2.0), (0.1, 0.2)])
    made = polygon(points)
    assert [(point.x(), point.y()) for point in made] == [tuple(row) for row in points.tolist()]


def test_a_slice_of_an_array_becomes_its_own_points() -> None:
    points = np.arange(20.0).reshape(-1, 2)[::2]
    assert [point.x() for point in polygon(points)] == [0, 4, 8, 12, 16]


def test_a_casing_is_wider_than_its_line_by_both_edges(frame) -> None:
    symbol = LineSymbol(width_mm=1.0, casing="#333333", casing_mm=0.5)
    casing = casing_pen(symbol, frame, 1.0)
    assert casing is not None
    assert casing.widthF() - line_pen(symbol, frame, 1.0).widthF() == pytest.approx(frame.px(1.0))
    assert casing_pen(LineSymbol(), frame, 1.0) is None


def test_a_street_is_never_narrower_than_on_the_ground(frame) -> None:
    street = LineSymbol(width_mm=0.5, ground_m=14.0)
    assert line_pen(street, frame, 1.0).widthF() == pytest.approx(14.0 / frame.m_per_px)


def test_dashes_keep_their_millimetres_whatever_the_width(frame) -> None:
    pen = line_pen(LineSymbol(width_mm=0.8, dash_mm=(3.0, 1.0)), frame, 1.0)
    lengths = [length * pen.widthF() for length in pen.dashPattern()]
    assert lengths == pytest.approx([frame.px(3.0), frame.px(1.0)])


def test_letters_stand_evenly_and_in_the_middle_of_a_short_line() -> None:
    line = np.array([(0.0, 0.0), (300.0, 0.0)])
    assert [place[0] for place in along(line, 100, 10)] == pytest.approx([50, 150, 250])
    assert [place[0] for place in along(line, 900, 10)] == [150]
    assert list(along(line, 100, 301)) == []


@pytest.mark.parametrize(
    ("end", "angle"), [((1, 0), 0), ((-1, 0), 0), ((-1, -1), 45), ((0, 1), 90), ((0, -1), 90)]
)
def test_text_along_a_line_is_never_upside_down(end: tuple[int, int], angle: float) -> None:
    assert upright_deg(np.zeros(2), np.array(end, float)) == pytest.approx(angle)


def test_a_hatch_stays_inside_its_area_and_out_of_its_hole(frame, picture, painter, ink) -> None:
    outer = shapely.get_coordinates(box(40, 10, 160, 90))
    hole = shapely.get_coordinates(box(80, 30, 120, 70))
    symbol = FillSymbol(outline=None, hatch="cross", hatch_mm=2.0)
    paint_area(painter, [outer, hole], symbol, frame, 1.0)
    painter.end()
    marked = ink(picture)
    assert marked[12:28, 42:158].any()
    assert not marked[32:68, 82:118].any()
    assert not marked[:, :38].any()


def test_a_hatch_keeps_its_place_on_the_map_while_the_view_moves(picture, ink, painter) -> None:
    symbol = FillSymbol(outline=None, hatch="diagonal", hatch_mm=5.0)
    area = np.array([(0, 0), (200, 0), (200, 100), (0, 100)], float)
    paint_area(painter, [area], symbol, MapFrame(100, 50, 1.0, 200, 100), 1.0)
    painter.end()
    before = ink(picture)
    picture.fill(0xFFFFFFFF)
    again = QPainter(picture)
    paint_area(again, [area], symbol, MapFrame(107, 50, 1.0, 200, 100), 1.0)
    again.end()
    after = ink(picture)
    assert (before[5:95, 20:180] == after[5:95, 13:173]).mean() > 0.99


def test_a_cross_hatch_draws_each_line_whole(frame) -> None:
    drawn: list[object] = []

    class Pen:
        def setPen(self, pen: object) -> None:
            del pen

        def drawLine(self, line: object) -> None:
            drawn.append(line)

    area = shapely.get_coordinates(box(0, 0, 200, 100))
    symbol = FillSymbol(hatch="cross", hatch_mm=2.0, hatch_color="#000000")
    strokes.paint_hatch(Pen(), [area], symbol, frame)
    # Two families of lines across 200 + 100 pixels; cut at every crossing there were hundreds.
    assert len(drawn) == pytest.approx(2 * 300 / frame.px(2.0), abs=3)
