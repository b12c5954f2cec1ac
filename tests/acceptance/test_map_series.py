"""What the legend of each sheet of a series says is what lies on that sheet, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdf
import pytest
import shapely
from PySide6.QtWidgets import QApplication

from hjgis.cartography.composition import Composer, MapJob, Place, frame_on
from hjgis.cartography.series import write_series
from hjgis.cartography.series_cut import series_places
from hjgis.i18n import label, set_language
from hjgis.layers.project import Project
from hjgis.models.sheets import Box, Sheet, sheet
from hjgis.models.styles.style import FillSymbol, Style
from hjgis.models.styles.stylefile import style_for
from hjgis.models.themes import theme
from tests.acceptance.paper import written

MM_PER_POINT = 25.4 / 72
SHEETS = 50


@pytest.fixture(scope="module")
def town() -> Iterator[Project]:
    file = Path(__file__).parents[2] / "sample_data" / "town.gpkg"
    with Project.open(file, write=False, verify=False) as project:
        yield project


def seen(style: Style, index: int, shape: shapely.Geometry, area: shapely.Geometry) -> bool:
    """Whether what is drawn of a feature reaches into an area."""
    symbol = style.all_classes[index].symbol
    if not isinstance(symbol, FillSymbol):
        if shapely.get_dimensions(shape) == 0:
            return bool(area.intersects(shape))
        return bool(shapely.intersection(shape, area).length > 0)
    if symbol.fill or symbol.hatch != "none":
        return bool(shapely.intersection(shapely.make_valid(shape), area).area > 0)
    return bool(shapely.intersection(shapely.boundary(shape), area).length > 0)


class Expected:
    """The legend by geometry, told without any of the map's own code for it."""

    def __init__(self, project: Project, theme_id: str) -> None:
        about = theme(theme_id)
        self.layers = []
        for name in project.map_types:
            if about.layers and name not in about.layers:
                continue
            asset = project.asset_type(name)
            style = style_for(asset)
            table = project.table(name, style.columns)
            assert table.geometry is not None
            classes = np.zeros(len(table.fids), int)
            if style.class_field:
                classes = style.classify(table.columns[style.class_field]).astype(int)
            always = name in about.subject
            shapes = table.geometry
            there = np.array([shape is not None for shape in shapes], bool)
            shapes, classes = shapes[there], classes[there]
            # Made once for all sheets, of which each looks at every feature.
            boxes = shapely.box(*shapely.bounds(shapes).T)
            self.layers.append((label(asset.label), style, shapes, classes, boxes, always))

    def words(self, paper: Sheet, place: Place) -> list[str]:
        area = shapely.box(*frame_on(paper, place).extent)
        words: list[str] = []
        for name, style, shapes, classes, boxes, always in self.layers:
            if not (always or style.visible_at(place.scale)):
                continue
            near = shapely.intersects(area, boxes)
            present = {
                int(index)
                for index, shape in zip(classes[near], shapes[near], strict=True)
                if seen(style, int(index), shape, area)
            }
            if present:
                words.append(name)
            if present and style.classes:
                entries = style.legend_entries(tuple(sorted(present)))
                words += [label(entry.label) for entry in entries]
        return sorted(words)


def legend_text(page: pypdf.PageObject, box: Box) -> str:
    """Return what is written in the legend of a page without its heading, line by line."""
    height = float(page.mediabox.height)
    found: list[tuple[float, float, str]] = []

    def hear(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        x_mm, y_mm = x * MM_PER_POINT, (height - y) * MM_PER_POINT
        inside = box.x - 0.5 <= x_mm <= box.right and box.y + 7 <= y_mm <= box.bottom
        if inside and text.strip():
            found.append((round(y_mm, 1), x_mm, " ".join(text.split())))

    written(page).extract_text(visitor_text=hear)
    lines: dict[float, str] = {}
    for y_mm, _x, text in sorted(found):
        # Letters and signs of one word are pieces of their own.
        near = next((y for y in lines if abs(y - y_mm) < 0.5), y_mm)
        lines[near] = lines.get(near, "") + text.replace(" ", "")
    return "\n".join(lines.values())


def left_over(text: str, words: list[str]) -> tuple[str, list[str]]:
    """Return what of a text is none of some words, and which of them are not in it."""
    missing = []
    for word in sorted(words, key=len, reverse=True):
        if word.replace(" ", "") not in text:
            missing.append(word)
        text = text.replace(word.replace(" ", ""), "\n", 1)
    return text.replace("\n", ""), missing


def test_every_legend_of_fifty_sheets_is_what_lies_on_its_sheet(
    town: Project, tmp_path: Path, qapp: QApplication
) -> None:
    assert qapp is not None
    set_language("zh_CN")
    paper = sheet("a3-landscape")
    places = series_places(town, "road", sheet=paper, scale=2000)[:SHEETS]
    assert len(places) == SHEETS
    made = write_series(MapJob(town, sheet=paper), places, tmp_path / "map.pdf")
    pages = pypdf.PdfReader(tmp_path / "map.pdf").pages
    assert len(pages) == made.pages == SHEETS + 1
    expected = Expected(town, "overview")
    composer = Composer(MapJob(town, sheet=paper), places)
    for number, place in enumerate(places):
        # Where the legend stands follows from how long it is.
        (box,) = (item.box for item in composer.page(place).items if item.kind == "legend")
        told = legend_text(pages[number + 1], box)
        assert left_over(told, expected.words(paper, place)) == ("", []), place.name
