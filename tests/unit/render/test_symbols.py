from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.models.styles.style import SHAPES, MarkerSymbol
from hjgis.render.symbols import color, marker_strokes, paint_strokes, sprite

PX_PER_MM = 4.0


def extent_px(ink: np.ndarray) -> tuple[int, int]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1


def opaque(image: QImage) -> np.ndarray:
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    # A faint edge of antialiasing is not part of the size.
    return pixels >> 24 > 100


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_the_screens_sprite_is_as_large_as_the_vector_symbol(shape: str, factor: float) -> None:
    symbol = MarkerSymbol(shape=shape, size_mm=4.0, fill="#ff0000", stroke_mm=0.25)
    image = QImage(81, 81, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_strokes(painter, marker_strokes(symbol, PX_PER_MM, factor), 40.5, 40.5)
    painter.end()
    vector, stamped = opaque(image), opaque(sprite(symbol, PX_PER_MM, factor))
    assert extent_px(stamped) == extent_px(vector)
    assert stamped.sum() == vector.sum()


def test_a_symbol_is_as_wide_as_its_size_says() -> None:
    disc = MarkerSymbol(size_mm=5.0, fill="#ff0000", stroke_mm=0.5)
    assert extent_px(opaque(sprite(disc, PX_PER_MM, 1.0)))[0] == pytest.approx(20, abs=1)


def test_every_shape_fits_into_its_size() -> None:
    for shape in SHAPES:
        box = QRectF()
        for stroke in marker_strokes(MarkerSymbol(shape=shape, size_mm=5.0), PX_PER_MM, 1.0):
            box |= stroke.path.boundingRect()
        assert max(box.width(), box.height()) <= 20.0, shape


def test_a_letter_too_small_to_read_is_left_out() -> None:
    symbol = MarkerSymbol(size_mm=2.4, fill="#ffffff", glyph="雨")
    screen, paper = 96 / 25.4, 1200 / 25.4
    assert len(marker_strokes(symbol, screen, 1.0)) == 1
    assert len(marker_strokes(symbol, screen, 2.0)) == 2
    assert len(marker_strokes(symbol, paper, 1.0)) == 2
    assert len(marker_strokes(symbol, paper, 0.4)) == 1


def test_a_sprite_is_made_once_for_a_size() -> None:
    symbol = MarkerSymbol(size_mm=3.0, fill="#00ff00")
    assert sprite(symbol, PX_PER_MM, 1.0) is sprite(symbol, PX_PER_MM, 1.0)


def test_a_colour_may_be_translucent() -> None:
    assert color("#11223380").getRgb() == (0x11, 0x22, 0x33, 0x80)
    assert color("#112233").alpha() == 255
