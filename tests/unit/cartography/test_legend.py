from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.legend import Row, legend_rows, paint_legend
from hjgis.cartography.page import Page
from hjgis.models.sheets import Box
from hjgis.models.style import FillSymbol
from hjgis.render.frame import MapFrame

CENTER = (428_245.0, 4_528_395.0)


def words(town, **job: object) -> list[str]:
    made = compose(MapJob(town, **job))  # type: ignore[arg-type]
    return [row.text for row in legend_rows(made.layers, made.frame(1.0))]


def test_the_legend_holds_what_is_in_the_frame_and_nothing_else(town) -> None:
    near = words(town, scale=500, center=CENTER)
    assert near == [
        *("Public toilet", "Public toilet"),
        *("Pipe", "Gas"),
        *("Manhole", "Gas cover"),
        *("Road", "Trunk road"),
    ]
    whole = words(town, scale=5000, center=CENTER)
    assert {"Water supply", "Gas", "Local road", "Built-up area", "Park"} <= set(whole)
    assert "Sewage" not in whole


def test_the_legend_leaves_out_what_the_scale_hides(town) -> None:
    assert "Gas cover" not in words(town, scale=25_000, center=CENTER)


@pytest.mark.parametrize("count", [1, 20, 60, 150])
def test_a_legend_of_any_length_stays_in_its_box(count: int) -> None:
    rows = [
        Row(f"entry {i}", FillSymbol(fill="#ff0000"), new_group=i % 9 == 0) for i in range(count)
    ]
    image = QImage(900, 900, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    box = Box(10, 10, 60, 70)
    frame = MapFrame.at_scale(CENTER, 1000, width_px=900, height_px=900, dpi=254)
    paint_legend(Page(painter, 10.0), box, rows, frame)
    painter.end()
    white = image.pixel(0, 0)
    inked = [
        (x, y) for x in range(0, 900, 3) for y in range(0, 900, 3) if image.pixel(x, y) != white
    ]
    assert min(x for x, _ in inked) >= 99
    assert max(x for x, _ in inked) <= 701
    assert max(y for _, y in inked) <= 801
    reds = sum(image.pixelColor(x, y).getRgb()[:3] == (255, 0, 0) for x, y in inked)
    assert reds > 0
