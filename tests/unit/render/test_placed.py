"""Which layers are few drawings on paper, and which a painter has to paint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from PySide6.QtGui import QImage, QPainter

from hjgis.errors import Cancelled
from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol
from hjgis.render.frame import MapFrame
from hjgis.render.painter import paint_layers
from hjgis.render.placed import drawings

PAPER = MapFrame(100.0, 50.0, 0.1, 2000, 1000, 2540.0)
DISC = MarkerSymbol("circle", 1.2, fill="#2222cc", stroke="#ffffff", stroke_mm=0.2)
RED = LineSymbol("#cc2222", 0.5)


def points(count: int = 60) -> list[shapely.Point]:
    return shapely.points(np.random.default_rng(1).uniform([0, 0], [200, 100], (count, 2))).tolist()


def lines() -> list[shapely.LineString]:
    return [shapely.LineString([(i * 3, 10), (i * 3 + 2, 90)]) for i in range(60)]


def areas() -> list[shapely.Polygon]:
    return [shapely.box(i * 3, 10, i * 3 + 2, 40) for i in range(60)]


@pytest.mark.parametrize(
    ("shapes", "symbol", "pens"),
    [
        (points(), DISC, 2),
        (lines(), RED, 1),
        (lines(), LineSymbol("#ffee88", 0.9, casing="#334455", casing_mm=0.2), 2),
        (areas(), FillSymbol("#59814f33", "#59814f", 0.25), 1),
    ],
)
def test_plain_layers_are_few_drawings(make_layer, shapes, symbol, pens: int) -> None:
    layer = make_layer(shapes, symbol)
    found = drawings(PAPER, layer)
    assert found
    assert len({(one.pen.widthF(), one.pen.color().name()) for one in found}) == pens
    lengths = sum(len(one.coords) for one in found)
    assert lengths == len(layer.coords) * (4 if symbol is DISC else pens)
    for one in found:
        assert one.ends[-1] == len(one.coords)
        assert (one.coords == np.rint(one.coords)).all()


@pytest.mark.parametrize(
    ("shapes", "symbols"),
    [
        (points(), [MarkerSymbol("square", 1.2, fill="#2222cc")]),
        (points(), [DISC, MarkerSymbol("circle", 5.0, fill="#2222cc", glyph="水")]),
        (lines(), [LineSymbol("#cc2222", 0.5, letters="Y")]),
        (areas(), [FillSymbol("#ffffff", hatch="cross")]),
        (points(4), [DISC]),
    ],
)
def test_a_layer_with_more_than_plain_shapes_is_painted(make_layer, shapes, symbols) -> None:
    kinds = [i % len(symbols) for i in range(len(shapes))] if len(symbols) > 1 else None
    assert drawings(PAPER, make_layer(shapes, *symbols, kinds=kinds)) is None


def test_what_is_selected_or_does_not_show_is_painted(make_layer) -> None:
    layer = make_layer(points(), DISC)
    assert drawings(PAPER, replace(layer, selected=np.ones(60, bool))) is None
    hidden = replace(layer, style=replace(layer.style, max_denominator=10.0))
    assert drawings(PAPER, hidden) is None


def test_a_layer_outside_the_frame_draws_nothing(make_layer) -> None:
    layer = make_layer([shapely.Point(-900 - i, 0) for i in range(60)], DISC)
    assert not drawings(PAPER, layer)


def test_what_reaches_far_out_is_cut(make_layer) -> None:
    far = [shapely.LineString([(i, 50), (i + 90_000, 60)]) for i in range(60)]
    found = drawings(PAPER, make_layer(far, RED))
    assert found
    for one in found:
        assert one.coords[:, 0].max() < PAPER.width_px + 300
    wide = [shapely.box(i, 50, i + 90_000, 60) for i in range(0, 600, 15)]
    for one in drawings(PAPER, make_layer(wide, FillSymbol("#59814f", None))) or []:
        assert one.coords[:, 0].max() < PAPER.width_px + 300


def test_letters_are_written_into_lines_that_are_drawn_together(make_layer) -> None:
    lettered = LineSymbol("#cc2222", 0.5, letters="Y", letter_mm=2.0)
    pictures = []
    for symbol in (lettered, replace(lettered, letters="")):
        layer = make_layer(lines(), RED, symbol, kinds=[0, 1] * 30)
        image = QImage(2000, 1000, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFFFF)
        painter = QPainter(image)
        paint_layers(painter, PAPER, [layer], vector=True)
        painter.end()
        pixels = np.frombuffer(image.constBits(), np.uint32).reshape(1000, 2000)
        pictures.append(pixels.copy())
    differs = (pictures[0] != pictures[1]).any(axis=0)
    # Every other line has a letter, some of which reach the line beside it.
    middles = differs[[i * 30 + 10 for i in range(1, 60, 2)]]
    assert middles.all()


def test_it_stops_when_told(make_layer) -> None:
    class Stop:
        def report(self, done: int, total: int, key: str) -> None:
            """Hear nothing."""

        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        drawings(PAPER, make_layer(lines(), RED), progress=Stop())
