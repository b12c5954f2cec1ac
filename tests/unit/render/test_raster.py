"""The masks against QPainter's own antialiased drawing of the same features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.errors import Cancelled
from hjgis.layers.parts import Part
from hjgis.models.shapes import Dimension, Shapes
from hjgis.models.styles.style import (
    FillSymbol,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
    SymbolKind,
)
from hjgis.render.features import shapes_paint
from hjgis.render.fonts import ensure_application
from hjgis.render.frame import MapFrame
from hjgis.render.painter import paint_plain
from hjgis.render.raster.choice import paint_dense, tier

WIDTH, HEIGHT = 320, 200
Pixels = NDArray[np.uint8]
KINDS: dict[Dimension, SymbolKind] = {0: "marker", 1: "line", 2: "fill"}
SYMBOLS: dict[SymbolKind, tuple[Symbol, ...]] = {
    "marker": (
        MarkerSymbol(fill="#e41a1c", size_mm=1.6),
        MarkerSymbol(shape="square", fill="#377eb8", stroke=None, size_mm=1.1),
        MarkerSymbol(shape="diamond", fill="#4daf4a", stroke="#ffffff", size_mm=2.4),
    ),
    "line": (
        LineSymbol(color="#e41a1c", width_mm=0.4),
        LineSymbol(color="#00ffff", width_mm=0.5, casing="#0b5a66", casing_mm=0.2),
        LineSymbol(color="#4daf4a", width_mm=1.3),
    ),
    "fill": (
        FillSymbol(fill="#e41a1c", outline="#333333", outline_mm=0.2),
        FillSymbol(fill="#377eb8", outline=None),
        FillSymbol(fill=None, outline="#4daf4a", outline_mm=0.3),
    ),
}


@pytest.fixture(autouse=True, scope="module")
def qt() -> None:
    ensure_application()


def style_of(kind: SymbolKind, *, levels: Sequence[int] = (0, 0, 0)) -> Style:
    classes = [
        StyleClass((i,), {"en": str(i)}, symbol, level)
        for i, (symbol, level) in enumerate(zip(SYMBOLS[kind], levels, strict=True))
    ]
    return Style("test", kind, classes[-1], "kind", tuple(classes[:-1]))


def frame_at(x: float, y: float, m_per_px: float) -> MapFrame:
    return MapFrame(x, y, m_per_px, WIDTH, HEIGHT)


def shapes_of(geometry: Sequence[shapely.Geometry], dimension: Dimension) -> Shapes:
    held = np.array([*geometry, None], dtype=object)[:-1]
    fids = np.arange(1, len(held) + 1)
    return Shapes.of(held, dimension, fids=fids, classes=(fids % 3).astype(np.uint8))


def picture(paint: str, frame: MapFrame, shapes: Shapes, style: Style, **options: bool) -> Pixels:
    """Return what is painted on nothing: blue, green, red, alpha."""
    image = QImage(
        round(frame.width_px), round(frame.height_px), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if paint == "plain":
        paint_plain(painter, frame, shapes_paint("test", shapes, style))
    else:
        paint_dense(painter, frame, [Part.of(shapes)], style, **options)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).copy()
    return pixels.reshape(image.height(), image.width(), 4)


def spread(marked: NDArray[np.bool_], by: int = 1) -> NDArray[np.bool_]:
    """Mark the pixels around marked ones too."""
    result = np.zeros_like(marked)
    height, width = marked.shape
    for down in range(-by, by + 1):
        for right in range(-by, by + 1):
            target = result[max(down, 0) : height + min(down, 0)]
            source = marked[max(-down, 0) : height - max(down, 0)]
            target[:, max(right, 0) : width + min(right, 0)] |= source[
                :, max(-right, 0) : width - max(right, 0)
            ]
    return result


def geometry_at(dimension: Dimension, seed: int, count: int, size: float) -> list[shapely.Geometry]:
    rng = np.random.default_rng(seed)
    places = rng.uniform((428_000, 4_528_000), (428_300, 4_528_200), (count, 2))
    if dimension == 0:
        return list(shapely.points(places))
    steps = rng.normal(0, size, (count, 4, 2)).cumsum(axis=1)
    if dimension == 1:
        return [shapely.LineString(line) for line in places[:, None] + steps]
    turned = rng.uniform(0, 3, count)
    boxes = zip(places.tolist(), rng.uniform(0.3, 1, (count, 2)) * size, turned, strict=True)
    return [
        shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), turn, use_radians=True)
        for (x, y), (w, h), turn in boxes
    ]


views = st.tuples(st.floats(0, 300), st.floats(0, 200), st.sampled_from([0.2, 0.6, 1.0, 3.0, 12.0]))


@pytest.mark.parametrize("dimension", [0, 1, 2])
@settings(max_examples=40, deadline=None)
@example((225.0, 0.0, 12.0), 39, 30.0)
@given(views, st.integers(0, 50), st.sampled_from([0.5, 4.0, 30.0]))
def test_masks_show_what_plain_drawing_shows(
    dimension: Dimension, view: tuple[float, float, float], seed: int, size: float
) -> None:
    frame = frame_at(428_000 + view[0], 4_528_000 + view[1], view[2])
    shapes = shapes_of(geometry_at(dimension, seed, 60, size), dimension)
    style = style_of(KINDS[dimension])
    plain, dense = (picture(paint, frame, shapes, style) for paint in ("plain", "dense"))
    seen, painted = plain[..., 3] > 128, dense[..., 3] > 128
    missing = seen & ~spread(dense[..., 3] > 0)
    # A pixel at the very edge may lie beside a neighbour outside the frame.
    assert not missing[1:-1, 1:-1].any()
    if dimension == 2 and size < 2 * view[2]:
        # What is smaller than a pixel is one, and not left out.
        return
    astray = painted & ~spread(plain[..., 3] > 0)
    assert np.count_nonzero(astray) <= 0.01 * max(np.count_nonzero(painted), 1)


@pytest.mark.parametrize("dimension", [0, 1, 2])
def test_colours_are_those_of_plain_drawing(dimension: Dimension) -> None:
    geometry = {
        0: [shapely.Point(x, 0) for x in (-60, 0, 60)],
        1: [shapely.LineString([(x, -50), (x, 50)]) for x in (-60, 0, 60)],
        2: [shapely.box(x, -4, x + 9, 5) for x in (-60, 0, 60)],
    }[dimension]
    frame, style = frame_at(0.5, 0.5, 1.0), style_of(KINDS[dimension])
    shapes = shapes_of(geometry, dimension)
    plain, dense = (picture(paint, frame, shapes, style) for paint in ("plain", "dense"))
    for x in (-60, 0, 60):
        column, row = WIDTH // 2 + x - 1 + (4 if dimension == 2 else 0), HEIGHT // 2
        expected, found = plain[row, column].astype(int), dense[row, column].astype(int)
        assert np.abs(expected - found).max() < 40, (x, expected, found)


def test_a_higher_level_lies_above_a_later_feature() -> None:
    style = style_of("line", levels=(5, 0, 0))
    crossing = [
        shapely.LineString([(-9, -9), (-9, 9)]),
        shapely.LineString([(0, 9), (0, -9)]),
        shapely.LineString([(-9, 0), (9, 0)]),
        shapely.LineString([(-9, 5), (9, 5)]),
        shapely.LineString([(-9, 0.2), (9, 0.2)]),
    ]
    # Features 3 (class 0, level 5) and 5 (class 2) lie on one another.
    dense = picture("dense", frame_at(0, 0, 0.1), shapes_of(crossing, 1), style)
    assert dense[HEIGHT // 2, WIDTH // 2 + 40].tolist() == [0x1C, 0x1A, 0xE4, 255]


def test_holes_stay_empty_and_all_parts_are_filled() -> None:
    ring = shapely.Polygon([(0, 0), (12, 0), (12, 12), (0, 12)], [[(4, 4), (8, 4), (8, 8), (4, 8)]])
    two = shapely.MultiPolygon([shapely.box(20, 0, 23, 10), shapely.box(27, 0, 30, 10)])
    style = style_of("fill")
    shapes = replace(shapes_of([ring, two], 2), classes=np.full(2, 1, np.uint8))
    dense = picture("dense", frame_at(15, 6, 1.0), shapes, style)[..., 3]
    row, left = HEIGHT // 2, WIDTH // 2 - 15
    covered = [int(dense[row, left + x]) for x in (2, 6, 10, 21, 25, 28)]
    assert covered == [255, 0, 255, 255, 0, 255]


@pytest.mark.parametrize("dimension", [0, 1, 2])
def test_a_piece_is_painted_like_the_whole(dimension: Dimension) -> None:
    shapes = shapes_of(geometry_at(dimension, 7, 300, 9.0), dimension)
    style, frame = style_of(KINDS[dimension]), frame_at(428_150, 4_528_100, 0.7)
    whole = picture("dense", frame, shapes, style)
    left, top, width, height = 40, 60, 120, 70
    x, y = frame.to_map(left + width / 2, top + height / 2)
    part = replace(frame, center_x=x, center_y=y, width_px=width, height_px=height)
    piece = picture("dense", part, shapes, style)
    apart = np.abs(piece.astype(int) - whole[top : top + height, left : left + width])
    # A place on the edge of a pixel may fall to either side of it.
    assert (apart.max(axis=2) <= 3).mean() > 0.999


def test_features_that_are_gone_are_not_painted() -> None:
    shapes = shapes_of([shapely.Point(-20, 0), shapely.Point(20, 0)], 0)
    part = Part.of(shapes).without(np.array([1]))
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_dense(painter, frame_at(0, 0, 1.0), [part], style_of("marker"))
    painter.end()
    alpha = [image.pixelColor(WIDTH // 2 + x, HEIGHT // 2).alpha() for x in (-20, 20)]
    assert alpha == [0, 255]


@pytest.mark.parametrize("dimension", [0, 1, 2])
def test_what_is_selected_has_a_white_and_a_dark_halo(dimension: Dimension) -> None:
    geometry = {0: shapely.Point(0, 0), 1: shapely.LineString([(0, -90), (0, 90)])}
    shape = geometry.get(dimension, shapely.box(-40, -40, 40, 40))
    frame, style = frame_at(0, 0, 1.0), style_of(KINDS[dimension])
    dense = picture("dense", frame, shapes_of([shape], dimension), style, halo=True)
    row = dense[HEIGHT // 2].astype(int)
    light = (row[:, :3] > 240).all(axis=1) & (row[:, 3] == 255)
    dark = (np.abs(row - [0x33, 0x29, 0x1F, 255]) < 8).all(axis=1)
    assert light.any()
    assert dark.any()
    assert np.flatnonzero(dark).min() < np.flatnonzero(light).min()


FAR: list[tuple[Dimension, shapely.Geometry]] = [
    (0, shapely.Point(1e7, 1e7)),
    (1, shapely.LineString([(-1e7, -1e7), (1e7, 1e7)])),
    (1, shapely.LineString([(0, 0), (0, 0)])),
    (2, shapely.Polygon([(-1e7, -1e7), (1e7, -1e7), (1e7, 1e7), (-1e7, 1e7)])),
    (2, shapely.Polygon([(0, 0), (5, 0), (0, 0)])),
    (2, shapely.Polygon([(3, 3), (3, 3), (3, 3), (3, 3)])),
]


@pytest.mark.parametrize(("dimension", "shape"), FAR)
@pytest.mark.parametrize("paint", ["plain", "dense"])
def test_far_off_and_degenerate_shapes_do_no_harm(
    paint: str, dimension: Dimension, shape: shapely.Geometry
) -> None:
    near = {0: shapely.Point(0, 0), 1: shapely.LineString([(-50, 30), (50, 30)])}
    shapes = shapes_of([shape, near.get(dimension, shapely.box(-9, -9, 9, 9))], dimension)
    frame = MapFrame.at_scale((0.0, 0.0), 1, width_px=WIDTH, height_px=HEIGHT)
    picture(paint, frame, shapes, style_of(KINDS[dimension]))
    frame = frame_at(0, 0, 1.0)
    assert picture(paint, frame, shapes, style_of(KINDS[dimension]))[..., 3].any()


def test_a_line_across_the_whole_frame_has_no_gap() -> None:
    shapes = shapes_of([shapely.LineString([(-1e6, -3e5), (1e6, 3e5)])], 1)
    dense = picture("dense", frame_at(0, 0, 1.0), shapes, style_of("line"))
    assert (dense[..., 3] > 0).any(axis=0).all()


def test_ten_thousand_points_on_one_spot_are_one_symbol() -> None:
    shapes = shapes_of([shapely.Point(0, 0)] * 10_000, 0)
    one = replace(shapes, classes=np.zeros(10_000, np.uint8))
    frame, style = frame_at(0, 0, 1.0), style_of("marker")
    alone = picture("dense", frame, one.taken(np.array([0])), style)
    assert np.array_equal(picture("dense", frame, one, style), alone)


def test_a_ring_of_very_many_vertices_is_painted() -> None:
    turn = np.linspace(0, 2 * np.pi, 200_000)
    ring = shapely.Polygon(np.stack([np.cos(turn), np.sin(turn)], axis=1) * 70)
    shapes, style = shapes_of([ring], 2), style_of("fill")
    for paint in ("plain", "dense"):
        alpha = picture(paint, frame_at(0, 0, 1.0), shapes, style)[..., 3]
        assert alpha[HEIGHT // 2, WIDTH // 2] == 255


@pytest.mark.parametrize("dimension", [0, 1, 2])
def test_the_many_are_masks_and_the_few_are_not(dimension: Dimension) -> None:
    shapes = shapes_of(geometry_at(dimension, 1, 12_000, 3.0), dimension)
    parts, style = [Part.of(shapes)], style_of(KINDS[dimension])
    assert tier(parts, style, frame_at(428_150, 4_528_100, 2.0)) == "dense"
    assert tier(parts, style, frame_at(428_150, 4_528_100, 0.05)) == "plain"


def test_masks_can_be_given_up() -> None:
    class Impatient:
        def report(self, done: int, total: int, key: str) -> None: ...

        def check(self) -> None:
            raise Cancelled

    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    parts = [Part.of(shapes_of([shapely.Point(0, 0)], 0))]
    with pytest.raises(Cancelled):
        paint_dense(painter, frame_at(0, 0, 1.0), parts, style_of("marker"), progress=Impatient())
    painter.end()
