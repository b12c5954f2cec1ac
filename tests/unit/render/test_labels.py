from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from shapely import LineString, MultiLineString, Point, box

from hjgis.errors import Cancelled
from hjgis.models.styles.style import FillSymbol, LabelStyle, LineSymbol, MarkerSymbol
from hjgis.render.fonts import map_font, metrics
from hjgis.render.labels import paint_labels
from hjgis.render.writing import VectorPen

PLAIN = LabelStyle("{name}", size_mm=2.5)


def test_two_labels_that_cannot_both_stand_are_one(frame, painter, make_layer) -> None:
    crowd = [box(80, 45, 120, 55), box(81, 45, 121, 55)]
    apart = [box(10, 10, 50, 20), box(140, 80, 190, 90)]
    names = ["体育公园", "陕坝公园"]
    for shapes, count in ((crowd, 1), (apart, 2)):
        layer = make_layer(shapes, FillSymbol(), names=names, label=PLAIN)
        assert paint_labels(painter, frame, [layer]) == count


def test_a_point_label_goes_to_the_side_that_is_free(frame, painter, make_layer) -> None:
    points = [Point(100, 50), Point(101, 50), Point(100, 51), Point(101, 51)]
    layer = make_layer(points, MarkerSymbol(), names=["甲一", "乙二", "丙三", "丁四"], label=PLAIN)
    assert paint_labels(painter, frame, [layer]) == 4


@pytest.mark.parametrize("seed", range(5))
def test_labels_do_not_cover_each_other(frame, painter, make_layer, monkeypatch, seed) -> None:
    written = []
    monkeypatch.setattr(VectorPen, "write_level", lambda _self, *label: written.append(label))
    rng = np.random.default_rng(seed)
    layers = []
    for size_mm in (2.0, 2.5):
        points = [Point(*place) for place in rng.uniform((5, 5), (195, 95), (80, 2))]
        names = [str(number) for number in rng.integers(1, 100_000, len(points))]
        style = LabelStyle("{name}", size_mm=size_mm)
        layers.append(make_layer(points, MarkerSymbol(size_mm=1.0), names=names, label=style))
    count = paint_labels(painter, frame, layers, vector=True)
    assert count == len(written) > 20
    measure = metrics(map_font(frame.px(2.0), painter.device()), painter.device())
    width = {text: measure.horizontalAdvance(text) for text, _left, _baseline in written}
    for (one, x, y), (other, x1, y1) in combinations(written, 2):
        beside = x + width[one] <= x1 + 1 or x1 + width[other] <= x + 1
        assert beside or abs(y - y1) >= measure.ascent() * 0.7


@pytest.mark.parametrize("seed", range(5))
def test_labels_beside_each_other_do_not_touch(
    frame, painter, make_layer, monkeypatch, seed
) -> None:
    written = []
    monkeypatch.setattr(VectorPen, "write_level", lambda _self, *label: written.append(label))
    rng = np.random.default_rng(seed)
    points = [Point(*place) for place in rng.uniform((5, 5), (195, 95), (200, 2))]
    names = [str(number) for number in rng.integers(1, 100_000, len(points))]
    style = LabelStyle("{name}", size_mm=2.0)
    layer = make_layer(points, MarkerSymbol(size_mm=1.0), names=names, label=style)
    paint_labels(painter, frame, [layer], vector=True)
    measure = metrics(map_font(frame.px(2.0), painter.device()), painter.device())
    width = {text: measure.horizontalAdvance(text) for text, _left, _baseline in written}
    gaps = [
        max(x1 - x - width[one], x - x1 - width[other])
        for (one, x, y), (other, x1, y1) in combinations(written, 2)
        if abs(y - y1) < measure.ascent() * 0.7
    ]
    assert min(gaps) >= frame.px(0.45)


def test_a_label_that_would_be_cut_by_the_frame_is_left_out(
    frame, painter, make_layer, picture, ink
) -> None:
    layer = make_layer([box(0, 0, 6, 6)], FillSymbol(), names=["园子渠带状公园"], label=PLAIN)
    assert paint_labels(painter, frame, [layer]) == 0
    painter.end()
    assert not ink(picture).any()


def test_a_street_name_is_not_repeated_at_every_block(frame, painter, make_layer) -> None:
    blocks = [LineString([(x, 50), (x + 60, 50)]) for x in (5, 70, 135)]
    names = ["中山路"] * 3
    once = LabelStyle("{name}", size_mm=2.5, repeat_mm=100)
    assert (
        paint_labels(painter, frame, [make_layer(blocks, LineSymbol(), names=names, label=once)])
        == 1
    )
    always = make_layer(blocks, LineSymbol(), names=names, label=PLAIN)
    assert paint_labels(painter, frame, [always]) == 3


def test_a_line_shorter_than_its_label_has_none(frame, painter, make_layer) -> None:
    layer = make_layer(
        [LineString([(90, 50), (100, 50)])], LineSymbol(), names=["中山路"], label=PLAIN
    )
    assert paint_labels(painter, frame, [layer]) == 0


def test_higher_priority_is_placed_first(frame, painter, make_layer, picture) -> None:
    place = [box(80, 45, 120, 55)]
    red = LabelStyle("{name}", size_mm=3, color="#ff0000", halo_mm=0, priority=9)
    blue = LabelStyle("{name}", size_mm=3, color="#0000ff", halo_mm=0)
    layers = [
        make_layer(place, FillSymbol(), names=["公园"], label=red),
        make_layer(place, FillSymbol(), names=["公园"], label=blue),
    ]
    assert paint_labels(painter, frame, layers) == 1
    painter.end()
    colors = [picture.pixelColor(x, y).getRgb() for x in range(200) for y in range(100)]
    assert any(red > blue + 100 for red, _, blue, _ in colors)
    assert not any(blue > red + 100 for red, _, blue, _ in colors)


def test_labels_do_not_show_beyond_their_scale(frame, painter, make_layer) -> None:
    fine = LabelStyle("{name}", max_denominator=frame.scale_denominator / 2)
    layer = make_layer([box(50, 20, 150, 80)], FillSymbol(), names=["公园"], label=fine)
    assert paint_labels(painter, frame, [layer]) == 0


def test_chinese_on_a_steep_line_stands_upright(frame, painter, make_layer, picture, ink) -> None:
    road = LineString([(100, 5), (100, 95)])
    thin = LabelStyle("{name}", size_mm=2.5, halo_mm=0)
    layer = make_layer([road], LineSymbol(), names=["一一一"], label=thin)
    assert paint_labels(painter, frame, [layer]) == 1
    painter.end()
    # The character is a level stroke: three of them below each other, none turned.
    rows = ink(picture).sum(axis=1)
    assert rows.max() >= 6
    assert (ink(picture).sum(axis=0) > 0).sum() <= 12


def test_a_long_street_is_named_again_and_again(frame, painter, make_layer) -> None:
    halves = MultiLineString([[(5, 50), (100, 50)], [(100, 50), (195, 50)]])
    for repeat_mm, count in ((20, 2), (12, 4), (60, 1)):
        again = LabelStyle("{name}", size_mm=2.0, repeat_mm=repeat_mm)
        layer = make_layer([halves], LineSymbol(), names=["路"], label=again)
        assert paint_labels(painter, frame, [layer]) == count


def test_labels_can_be_given_up(frame, painter, make_layer) -> None:
    class Impatient:
        looks = 0

        def report(self, done: int, total: int, key: str) -> None: ...

        def check(self) -> None:
            self.looks += 1
            if self.looks > 1:
                raise Cancelled

    layers = [make_layer([box(10, 10, 90, 90)], FillSymbol(), names=["园"], label=PLAIN)] * 2
    for _often in range(20):
        with pytest.raises(Cancelled):
            paint_labels(painter, frame, layers, progress=Impatient())
    assert painter.isActive()
