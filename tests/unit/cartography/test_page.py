from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.page import Page
from hjgis.models.sheets import Box
from hjgis.render.fonts import ensure_application


@pytest.mark.parametrize("bold", [False, True])
def test_a_line_stays_in_its_box_whatever_size_the_page_has_on_the_screen(bold: bool) -> None:
    ensure_application()
    box, text = Box(0, 0, 50, 10), "Housing and Construction Bureau of Hanggin Rear Banner"
    for px_per_mm in np.arange(0.6, 6, 0.35).tolist():
        image = QImage(round(120 * px_per_mm), round(10 * px_per_mm), QImage.Format.Format_RGB32)
        image.fill(0xFFFFFFFF)
        painter = QPainter(image)
        Page(painter, px_per_mm).text(box, text, 2.6, bold=bold)
        painter.end()
        dots = np.frombuffer(image.constBits(), np.uint8)
        dots = dots.reshape(image.height(), image.bytesPerLine() // 4, 4)
        columns = np.flatnonzero((dots[:, :, 0] < 200).any(axis=0))
        assert len(columns)
        assert columns.max() < 50 * px_per_mm + 1
