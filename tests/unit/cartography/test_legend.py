from __future__ import annotations

import time
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.legend import (
    LEAST_LETTERS_MM,
    Row,
    laid_out,
    legend_rows,
    paint_legend,
)
from hjgis.cartography.page import Page
from hjgis.layers.project import Project
from hjgis.models.sheets import Box
from hjgis.models.styles.style import FillSymbol, MarkerSymbol
from hjgis.render.frame import MapFrame
from tests.unit.checks.faults import add, at

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


def test_a_sign_for_no_data_is_not_called_what_was_to_be_shown(project: Project) -> None:
    add(project, "manhole", at(), cover_kind="污水井盖")
    told = words(project, theme="manhole_units", scale=2000)
    assert told == ["Responsible unit", "No data"]


def test_the_legend_leaves_out_what_the_scale_hides(town) -> None:
    assert "Gas cover" not in words(town, scale=25_000, center=CENTER)


@pytest.mark.parametrize("count", [1, 20, 60, 150, 3000])
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


def entries(count: int) -> list[Row]:
    return [
        Row(f"entry {i}", FillSymbol(fill="#ff0000"), new_group=i % 9 == 0) for i in range(count)
    ]


def test_a_legend_of_three_thousand_entries_is_laid_out_at_once_and_says_what_is_missing() -> None:
    start = time.process_time()
    layout = laid_out(entries(3000), Box(0, 0, 66, 120))
    assert time.process_time() - start < 1.0
    shown = sum(map(len, layout.columns))
    assert 0 < shown < 3000
    assert shown + layout.left_out == 3000
    assert 2.6 * layout.size >= LEAST_LETTERS_MM - 1e-9


def test_a_legend_that_fits_leaves_nothing_out_and_keeps_its_order() -> None:
    for count in (1, 12, 25):
        layout = laid_out(entries(count), Box(0, 0, 66, 150))
        names = [row.text for column in layout.columns for row in column]
        assert names == [f"entry {i}" for i in range(count)]
        assert layout.left_out == 0


def test_a_heading_never_stands_alone_at_the_end_of_a_column() -> None:
    rows = []
    for group in range(40):
        rows.append(Row(f"group {group}", None, new_group=True))
        rows += [Row(f"entry {i}", FillSymbol(fill="#ff0000")) for i in range(group % 4 + 1)]
    for height in range(30, 200, 7):
        layout = laid_out(rows, Box(0, 0, 66, height))
        assert all(column[-1].symbol is not None for column in layout.columns if column)


def test_signs_whose_size_says_something_get_the_room_they_need() -> None:
    rows = [Row(str(size), MarkerSymbol(size_mm=size), true_size=True) for size in (4.0, 8.0, 14.0)]
    layout = laid_out(rows, Box(0, 0, 66, 100))
    heights = [14.8 * layout.size, 8.8 * layout.size]
    assert sum(heights) < 100
    assert len(layout.columns) == 1
    narrow = laid_out(rows, Box(0, 0, 66, 30))
    assert narrow.size < layout.size


def test_smaller_rooms_never_make_larger_letters() -> None:
    sizes = [laid_out(entries(60), Box(0, 0, 66, height)).size for height in range(20, 300, 10)]
    assert all(low <= high for low, high in pairwise(sizes))


def test_counts_stand_beside_the_entries_when_asked(town) -> None:
    made = compose(MapJob(town, scale=5000, center=CENTER))
    rows = legend_rows(made.layers, made.frame(1.0), counts=True)
    texts = [row.text for row in rows]
    assert "Gas (1)" in texts
    assert "Park (1)" in texts


class Written(Page):
    """Notes what is written how large, and whether it had room."""

    notes: list[tuple[str, float, bool]]

    def text(self, box: Box, text: str, size_mm: float, **how: object) -> None:
        room = self.text_width(text, size_mm) <= box.width * 1.005
        self.notes.append((text, size_mm, room))
        super().text(box, text, size_mm, **how)  # type: ignore[arg-type]


def written(words: list[str], width_mm: float) -> list[tuple[str, float, bool]]:
    image = QImage(800, 800, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    page = Written(painter, 8.0)
    page.notes = []
    rows = [Row(text, FillSymbol(fill="#ff0000")) for text in words]
    frame = MapFrame.at_scale(CENTER, 1000, width_px=800, height_px=800, dpi=203.2)
    paint_legend(page, Box(0, 0, width_mm, 90), rows, frame)
    painter.end()
    return page.notes[1:]


def test_all_letters_of_a_legend_are_as_large_as_its_longest_words_allow() -> None:
    notes = written(["优先更新", "优先更新的管线（60分及以上）", "其他"], 54.0)
    assert len({size for _text, size, _room in notes}) == 1
    assert all(room for _text, _size, room in notes)


def test_one_endless_word_does_not_make_all_letters_tiny() -> None:
    notes = written(["优先更新", "很长" * 40, "其他"], 46.0)
    sizes = {size for _text, size, _room in notes}
    assert len(sizes) == 1
    assert min(sizes) > 1.9
