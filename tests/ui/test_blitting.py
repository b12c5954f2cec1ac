from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from hjgis.render.frame import MapFrame
from hjgis.ui.map.blitting import blit
from hjgis.ui.map.viewport import on_device, panned

WINDOW = MapFrame(428_000, 4_528_000, 0.37, 301, 203)
MARGIN = 96
RATIOS = [1.0, 1.25, 1.5, 1.75, 2.0]


def noise(frame: MapFrame) -> NDArray[np.uint8]:
    size = (round(frame.height_px), round(frame.width_px), 4)
    pixels = np.random.default_rng(3).integers(0, 256, size, dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    height, width, _channels = pixels.shape
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    # The image may go before its pixels are looked at.
    return rows[:, : image.width()].copy()


def shown(frame: MapFrame, ratio: float, picture: QImage, of: MapFrame) -> NDArray[np.uint8]:
    size = (round(frame.width_px * ratio), round(frame.height_px * ratio))
    canvas = QImage(*size, QImage.Format.Format_RGB32)
    canvas.setDevicePixelRatio(ratio)
    canvas.fill(0)
    painter = QPainter(canvas)
    blit(painter, [(picture, of)], frame)
    painter.end()
    return pixels_of(canvas)


@pytest.mark.parametrize("ratio", RATIOS)
def test_each_pixel_of_a_picture_is_a_pixel_of_the_device(qapp: QApplication, ratio: float) -> None:
    of = on_device(WINDOW, ratio, margin_px=MARGIN)
    source = noise(of)
    moved = panned(WINDOW, 11.3, -7.4, ratio=ratio)
    result = shown(moved, ratio, image_of(source), of)
    left, top = round((MARGIN) * ratio) - round(11.3 * ratio), round(MARGIN * ratio)
    top -= round(-7.4 * ratio)
    height, width, _channels = result.shape
    np.testing.assert_array_equal(result, source[top : top + height, left : left + width])


@pytest.mark.parametrize("ratio", RATIOS)
def test_at_another_scale_a_place_is_where_it_belongs(qapp: QApplication, ratio: float) -> None:
    of = on_device(WINDOW, ratio, margin_px=MARGIN)
    source = np.zeros_like(noise(of))
    # A white spot of 9 window pixels around a place 40 right of and 30 above the middle.
    x, y = (of.width_px / 2 + 40 * ratio, of.height_px / 2 - 30 * ratio)
    half = 4.5 * ratio
    source[round(y - half) : round(y + half), round(x - half) : round(x + half)] = 255
    closer = replace(WINDOW, m_per_px=WINDOW.m_per_px / 2, center_x=WINDOW.center_x + 3.7)
    result = shown(closer, ratio, image_of(source), of)
    rows, columns = np.nonzero(result[..., 0] > 127)
    wanted = closer.to_device(np.array([[428_000 + 40 * 0.37, 4_528_000 + 30 * 0.37]]))[0]
    assert (columns.mean() + 0.5) / ratio == pytest.approx(wanted[0], abs=1.5)
    assert (rows.mean() + 0.5) / ratio == pytest.approx(wanted[1], abs=1.5)
    assert (columns.max() - columns.min() + 1) / ratio == pytest.approx(18, abs=1.5)


_WINDOW_AT_ANY_PLACE = """
import numpy as np
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from PySide6.QtGui import QPainter
from hjgis.ui.map.blitting import blit
from hjgis.ui.map.viewport import on_device
from tests.ui.test_blitting import WINDOW, image_of, noise, pixels_of

class Map(QWidget):
    def paintEvent(self, event):
        painter = QPainter(self)
        blit(painter, [(self.image, self.of)], WINDOW)
        painter.end()

application = QApplication([])
window, shown = QWidget(), Map()
row = QHBoxLayout(window)
row.setContentsMargins(37, 21, 0, 0)
row.addWidget(shown)
window.resize(37 + 301, 21 + 203)
ratio = window.devicePixelRatioF()
shown.of = on_device(WINDOW, ratio, margin_px=96)
source = noise(shown.of)
shown.image = image_of(source)
window.show()
application.processEvents()
picture = window.grab().toImage()
part = pixels_of(picture)[100:180, 120:240, :3]
near = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]
left, top = 120 + (96 - 37) * ratio, 100 + (96 - 21) * ratio
found = any(
    (source[round(top) + down :, round(left) + right :, :3][:80, :120] == part).all()
    for down, right in near
)
print(ratio, found)
"""


@pytest.mark.parametrize("ratio", ["1.25", "1.5", "2"])
def test_a_window_on_a_fine_screen_is_not_blurred(ratio: str) -> None:
    place = os.environ | {"QT_SCALE_FACTOR": ratio, "QT_QPA_PLATFORM": "offscreen"}
    told = subprocess.run(
        [sys.executable, "-c", _WINDOW_AT_ANY_PLACE],
        env=place,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [str(float(ratio)), "True"]
