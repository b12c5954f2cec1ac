from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.arranging import arranged
from hjgis.cartography.chart_item import chart_height
from hjgis.cartography.composition import Composition, MapJob, Place, compose
from hjgis.cartography.figures import Chart, Figures
from hjgis.cartography.figures_table import (
    ROW_MM,
    TITLE_MM,
    cell_text,
    digits,
    paint_table,
    rows_shown,
    table_height,
)
from hjgis.cartography.furniture import ITEM_PAINTERS, paint_items
from hjgis.cartography.legend import Row
from hjgis.cartography.more_items import filled, wrapped
from hjgis.cartography.page import Page, spaced
from hjgis.cartography.painting import paint_sheet
from hjgis.models.logos import picture_of_file
from hjgis.models.sheets import (
    ITEM_KINDS,
    Box,
    Sheet,
    SheetItem,
    sheet,
    sheet_ids,
)
from hjgis.models.styles.style import LineSymbol

CENTER = (428_245.0, 4_528_395.0)
AROUND = tuple(f"4528.{n}0-428.{n}0" for n in range(9))
EVERY = (*sheet_ids(), "500x700", "700x500")


def figures(count: int, *, kind: str = "bar") -> Figures:
    names = tuple(f"示例{i}街" for i in range(count))
    values = tuple(float(i + 1) for i in range(count))
    series = (("盏数", values),) if kind != "stacked" else (("LED", values), ("钠灯", values))
    chart = Chart("路灯", names, series, "盏", kind=kind)
    rows = tuple((name, value) for name, value in zip(names, values, strict=True))
    return Figures("路灯统计表", ("道路", "盏数"), rows, ("合计", sum(values)), "本图幅内", chart)


def full(
    town, name: str | Sheet, *, entries: int = 12, rows: int = 6, kind: str = "bar"
) -> Composition:
    """Return a page on which every item has something to say."""
    made = compose(MapJob(town, sheet=name, scale=2000, center=CENTER))
    legend = tuple(
        Row(f"管线{i}", LineSymbol(), new_group=i % 8 == 0) if i % 8 else Row("组", None, 1.0, True)
        for i in range(entries)
    )
    page = replace(
        made,
        place=Place(CENTER, 2000, "中山路", "4528.00-428.00", AROUND),
        figures=figures(rows, kind=kind),
        legend=legend,
    )
    items, notes = arranged(page)
    return replace(page, items=items, notes=notes)


def overlaps(one: Box, other: Box) -> bool:
    slack = 0.01
    return (
        one.x < other.right - slack
        and other.x < one.right - slack
        and one.y < other.bottom - slack
        and other.y < one.bottom - slack
    )


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("entries", "rows"), [(3, 2), (12, 6), (40, 30), (3000, 500)])
def test_nothing_on_any_sheet_covers_anything_or_leaves_the_paper(
    town, name: str, entries: int, rows: int
) -> None:
    page = full(town, name, entries=entries, rows=rows)
    paper = page.sheet
    items = [item for item in page.items if item.kind != "column"]
    boxes = {
        item.id: paper.map_mm.grown(paper.border_mm) if item.kind == "map" else item.box
        for item in items
    }
    for box in boxes.values():
        assert box.width > 0
        assert box.height > 0
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= paper.paper_mm[0] + 0.01
        assert box.bottom <= paper.paper_mm[1] + 0.01
    for name_, box in boxes.items():
        assert not [other for other in boxes if other != name_ and overlaps(box, boxes[other])]


@pytest.mark.parametrize("name", EVERY)
def test_what_has_no_room_is_told(town, name: str) -> None:
    page = full(town, name, entries=3000, rows=500)
    assert any("Legend" in note and "not listed" in note for note in page.notes)
    kinds = {item.kind for item in page.items}
    for kind, words in (("table", "Table"), ("chart", "Chart")):
        assert kind in kinds or any(note.startswith(words) for note in page.notes)
    assert {"map", "title", "legend", "scale", "facts", "north", "secrecy"} <= kinds


@pytest.mark.parametrize("name", ["a0-landscape", "a1-portrait", "a2-landscape", "standard"])
def test_large_sheets_hold_legend_table_chart_and_location(town, name: str) -> None:
    page = full(town, name)
    assert {"legend", "table", "chart", "overview"} <= {item.kind for item in page.items}
    assert page.notes == ()


def test_a_table_tells_all_its_rows_before_a_chart_has_room(town) -> None:
    for count in range(3, 22):
        page = full(town, "a3-landscape", rows=count)
        boxes = {item.kind: item.box for item in page.items}
        assert rows_shown(figures(count), boxes["table"].height, 1.0) == count
        if "chart" in boxes:
            # No bar is left out.
            assert boxes["chart"].height >= chart_height(page.figures.chart, 1.0) - 0.01
    assert "chart" not in boxes
    assert not [note for note in page.notes if note.startswith(("Table", "Chart"))]


def test_numbers_are_bars_in_the_table_where_there_is_no_chart(town) -> None:
    page = full(town, "a3-landscape", rows=20)
    inks = tuple(f"#{shade:02x}40a0" for shade in range(100, 120))
    told = replace(page.figures, chart=replace(page.figures.chart, colours=inks))
    image = QImage(1000, 1500, QImage.Format.Format_RGB32)
    for bars in (False, True):
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_table(Page(painter, 10.0), Box(0, 0, 100, 150), told, letters_mm=2.4, bars=bars)
        painter.end()
        # The last row has the longest bar.
        row = int(10 * (TITLE_MM + ROW_MM * 20.5))
        seen = {image.pixelColor(x, row).name() for x in range(1000)}
        assert (inks[-1] in seen) is bars


def test_columns_have_as_many_digits_in_all_their_rows(town) -> None:
    told = Figures(
        "x", ("街", "km", "%"), (("a", 30.0, 100.0), ("b", 22.28, 99.5)), ("c", 52.28, 0)
    )
    assert digits(told) == [0, 2, 1]
    assert [cell_text(row[1], 2) for row in told.rows] == ["30.00", "22.28"]


def test_what_has_nothing_to_say_takes_no_room(town) -> None:
    made = compose(MapJob(town, scale=2000, center=CENTER))
    kinds = {item.kind for item in arranged(replace(made, legend=(), figures=None))[0]}
    assert not kinds & {"legend", "table", "chart", "number", "neighbours", "logo", "text"}


def test_what_people_moved_stays_where_they_put_it(town) -> None:
    base = sheet("a3-landscape")
    place = Box(60, 60, 55, 70)
    moved = base.with_item(replace(base.item("legend"), flow="", box=place))
    page = full(town, moved)
    assert next(item.box for item in page.items if item.kind == "legend") == place
    hidden = base.with_item(replace(base.item("chart"), shown=False))
    assert "chart" not in {item.kind for item in full(town, hidden).items}


def test_a_table_shows_what_fits_and_counts_the_rest() -> None:
    many = figures(40)
    assert rows_shown(many, table_height(many, 1.0), 1.0) == 40
    for height in range(20, 200, 7):
        shown = rows_shown(many, height, 1.0)
        assert shown <= 40
        if shown and shown < 40:
            # One line of these says how many more there are.
            assert table_height(many, 1.0, rows=shown + 1) <= height + 0.01


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "—"),
        (float("nan"), "—"),
        (1234, "1,234"),
        (0.5, "0.50"),
        (3.0, "3"),
        ("中山路", "中山路"),
    ],
)
def test_cells_are_written_as_people_read_them(cell, text: str) -> None:
    assert cell_text(cell) == text


def test_every_kind_of_item_but_the_map_is_painted() -> None:
    assert set(ITEM_PAINTERS) == set(ITEM_KINDS) - {"map"}


def ink(page: Composition, box: Box | None = None, *, px_per_mm: float = 4.0) -> int:
    """Return how many pixels of a box, or of all the page, the items ink."""
    width, height = (round(side * px_per_mm) for side in page.sheet.paper_mm)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_items(Page(painter, px_per_mm), page)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(height, width) & 0xFFFFFF
    if box is not None:
        x, y, right, bottom = (
            round(side * px_per_mm) for side in (box.x, box.y, box.right, box.bottom)
        )
        pixels = pixels[y:bottom, x:right]
    return int((pixels != 0xFFFFFF).sum())


@pytest.mark.parametrize("kind", ["bar", "stacked", "pie"])
@pytest.mark.parametrize("name", ["a3-landscape", "a4-portrait", "standard"])
def test_items_are_painted_inside_their_boxes(town, name: str, kind: str) -> None:
    page = full(town, name, kind=kind)
    for item in page.items:
        if item.kind in ("map", "column"):
            continue
        alone = replace(page, items=(item,))
        inside = ink(alone, item.box.grown(0.5))
        assert inside > 20, item.id
        assert ink(alone) == inside, item.id


def test_a_title_of_two_hundred_signs_stays_in_its_box(town) -> None:
    made = compose(MapJob(town, title="陕坝镇地下管线" * 29))
    title = next(item for item in made.items if item.kind == "title")
    alone = replace(made, items=(title,))
    assert ink(alone) == ink(alone, title.box.grown(0.5)) > 500


def test_short_chinese_titles_are_written_wide_and_others_are_not() -> None:
    assert spaced("图例") == "图\u3000例"
    assert spaced("陕坝镇管线图") == "陕 坝 镇 管 线 图"
    for words in ("陕坝镇地下管线综合图", "Legend", "图 例", "图", ""):
        assert spaced(words) == words


def png(size: int = 40) -> bytes:
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    b'<rect width="40" height="20" fill="#ff0000"/></svg>'
)


@pytest.mark.parametrize("content", [png(), SVG])
def test_a_logo_is_painted_with_its_proportions(town, content: bytes) -> None:
    base = sheet("a3-landscape")
    logo = replace(base.item("logo"), picture=picture_of_file(content))
    page = compose(MapJob(town, sheet=base.with_item(logo), scale=5000, center=CENTER))
    shown = next(item for item in page.items if item.kind == "logo")
    red = ink(replace(page, items=(shown,)), shown.box)
    side = min(shown.box.height, shown.box.width)
    expected = side * side if content != SVG else 2 * min(side, shown.box.width / 2) ** 2
    assert red == pytest.approx(expected * 16, rel=0.05)


def test_a_logo_that_the_project_has_not_is_told_and_leaves_no_hole(town) -> None:
    base = sheet("a3-landscape")
    lost = base.with_item(replace(base.item("logo"), picture="ab" * 32))
    page = compose(MapJob(town, sheet=lost, scale=5000, center=CENTER))
    assert any("logo" in note for note in page.notes)
    assert "logo" not in {item.kind for item in page.items}


def test_a_text_fills_its_fields_and_leaves_what_it_does_not_know(town) -> None:
    page = compose(MapJob(town, title="管线普查", scale=5000, center=CENTER))
    text = "{title} {scale} {project} {nothing}"
    assert filled(text, page) == "管线普查 1:5 000 陕坝镇 {nothing}"


def test_long_lines_break_and_no_sign_is_lost() -> None:
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    page = Page(painter, 10.0)
    for words in ("陕坝镇地下管线综合图说明文字" * 5, "pipes of the town by kind " * 6, "短"):
        parts = wrapped(page, words.strip(), 3.0, 40.0)
        assert "".join(parts).replace(" ", "") == words.replace(" ", "")
        assert all(page.text_width(part, 3.0) <= 40.5 for part in parts)
    painter.end()


def test_texts_of_several_lines_stand_where_people_put_them(town) -> None:
    box = Box(100, 100, 60, 30)
    note = SheetItem("text-2", "text", box, text="说明\n一、管线普查\n二、不作施工依据")
    page = compose(MapJob(town, sheet=sheet("a3-landscape").with_item(note)))
    alone = replace(page, items=(note,))
    assert ink(alone) == ink(alone, box) > 200


def test_the_whole_sheet_is_painted_with_everything_on_it(town) -> None:
    page = full(town, "a4-landscape")
    image = QImage(594, 420, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint_sheet(painter, page, px_per_mm=2.0)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32) & 0xFFFFFF
    assert (pixels != 0xFFFFFF).sum() > 5000


def test_letters_that_people_made_larger_get_more_room(town) -> None:
    base = sheet("a0-landscape")
    usual = full(town, base)
    for kind in ("legend", "table", "chart"):
        larger = base.with_item(replace(base.item(kind), size_mm=7.0))
        heights = [
            next(item.box.height for item in page.items if item.kind == kind)
            for page in (usual, full(town, larger))
        ]
        assert heights[1] > 1.1 * heights[0]


@pytest.mark.parametrize("kind", ["legend", "table", "chart", "facts", "scale", "overview"])
def test_what_is_dropped_onto_the_map_is_white_below(town, kind: str) -> None:
    page = full(town, "a3-landscape")
    area = page.sheet.map_mm
    item = next(item for item in page.items if item.kind == kind)
    place = Box(area.x + area.width / 2 - 35, area.y + area.height / 2 - 35, 70, 70)
    alone = replace(page, items=(replace(item, box=place, flow=""),))
    image = QImage(1680, 1188, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    painter = QPainter(image)
    paint_items(Page(painter, 4.0), alone)
    painter.end()
    middle = [image.pixelColor(round(4 * place.x) + 2, round(4 * place.y) + i) for i in range(280)]
    assert Qt.GlobalColor.green not in middle


def test_a_text_on_the_map_hides_nothing_of_it(town) -> None:
    page = full(town, "a3-landscape")
    area = page.sheet.map_mm
    note = SheetItem("text-2", "text", Box(area.x + 50, area.y + 50, 60, 30), text="公园")
    image = QImage(1680, 1188, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    painter = QPainter(image)
    paint_items(Page(painter, 4.0), replace(page, items=(note,)))
    painter.end()
    corner = image.pixelColor(round(4 * note.box.right) - 8, round(4 * note.box.bottom) - 8)
    assert corner == Qt.GlobalColor.green
