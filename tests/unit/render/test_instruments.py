from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from hjgis.render.instruments import length_text, nice_length, paint_north_arrow, paint_scale_bar


@pytest.mark.parametrize(
    ("most", "nice"),
    [(1, 1), (1.9, 1), (2, 2), (4.99, 2), (5, 5), (999, 500), (1000, 1000), (0.3, 0.2)],
)
def test_bar_lengths_are_round(most: float, nice: float) -> None:
    assert nice_length(most) == pytest.approx(nice)


@pytest.mark.parametrize(("metres", "text"), [(200, "200 m"), (1000, "1 km"), (2500, "2.5 km")])
def test_lengths_have_their_unit(metres: float, text: str) -> None:
    assert length_text(metres) == text


@pytest.mark.parametrize("m_per_px", [0.37, 1.0, 6.6])
def test_the_bar_is_as_long_as_it_says(painter, picture, ink, m_per_px: float) -> None:
    metres = paint_scale_bar(painter, QRectF(0, 0, 200, 40), m_per_px=m_per_px, dpi=96)
    painter.end()
    columns = np.flatnonzero(ink(picture)[36])
    assert (columns[-1] - columns[0]) * m_per_px == pytest.approx(metres, abs=2 * m_per_px)
    assert metres <= 200 * m_per_px


def test_the_north_arrow_stays_in_its_box(painter, picture, ink) -> None:
    paint_north_arrow(painter, QRectF(80, 20, 40, 60))
    painter.end()
    rows, columns = np.nonzero(ink(picture))
    assert rows.min() >= 18
    assert rows.max() <= 81
    assert columns.min() >= 80
    assert columns.max() <= 120
