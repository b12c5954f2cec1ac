"""Sheets of a theme: legend and table of each are what lies on it, reckoned with shapely alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtWidgets import QApplication

from hjgis.cartography.composition import MapJob, Place
from hjgis.cartography.series import write_series
from hjgis.i18n import label, set_language
from hjgis.layers.project import Project
from hjgis.models.themes import Theme, theme_of
from tests.acceptance import map_town
from tests.acceptance.map_town import CENTER
from tests.acceptance.paper import Paper, paper_of

SHEETS = 50
SCALE = 500.0
NO_DATA = "无数据"
# The last step has nothing beyond it, so that what is below it has no end.
STEPS = (200.0, 400.0, 5000.0)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    path = map_town.build(tmp_path_factory.mktemp("themed") / "陕坝镇.gpkg")
    with Project.open(path, write=False, verify=False) as project:
        yield project


@pytest.fixture(autouse=True)
def chinese(qapp: QApplication, english: None) -> Iterator[None]:
    assert qapp is not None
    set_language("zh_CN")
    yield
    set_language("en")


def about(measure: str, **portrayal: object) -> Theme:
    return theme_of(
        {
            "id": "专题",
            "label": {"en": "Theme", "zh_CN": "专题"},
            "layers": ["pipe_line"],
            "subject": ["pipe_line"],
            "portrayal": [{"layer": "pipe_line", **portrayal}],
            "summary": {"layer": "pipe_line", "rows": "class", "measure": measure},
        }
    )


def materials(project: Project) -> list[str]:
    """Return the word for each pipe's material."""
    codes = project.catalogue.codes("pipe_material")
    values = project.table("pipe_line", ("material",)).columns["material"]
    found = []
    for value in values:
        code = codes.get(value) if value else None
        found.append(label(code.label) if code else NO_DATA)
    return found


def diameters(project: Project) -> list[str]:
    """Return the step for each pipe's diameter."""
    values = project.table("pipe_line", ("diameter_mm",)).columns["diameter_mm"]
    found = []
    for value in np.asarray(values, float):
        if np.isnan(value):
            found.append(NO_DATA)
        elif value <= STEPS[0]:
            found.append("≤200mm")
        else:
            found.append("200–400mm" if value <= STEPS[1] else ">400mm")
    return found


def plain(text: str) -> str:
    return text.replace(" ", "").replace(",", "")


def told(page: Paper) -> tuple[list[str], dict[str, float]]:
    """Return the words of the legend, and the table's numbers by their words."""
    (start,) = page.starting("图 例")
    column = sorted(
        (round(w.y_mm, 1), w.x_mm, plain(w.text)) for w in page.words if w.x_mm > start.x_mm - 35
    )
    titles = [y for y, _x, text in column if text.startswith("管线段按")]
    legend = [text for y, _x, text in column if start.y_mm + 0.2 < y < (titles or [1e9])[0] - 0.2]
    if not titles:
        return legend, {}
    rows: dict[float, list[str]] = {}
    for y, _x, text in column:
        if y > titles[0] + 0.2:
            rows.setdefault(y, []).append(text)
    numbers = {}
    for cells in rows.values():
        if cells[0] in ("合计", "类别"):
            if cells[0] == "合计":
                numbers["合计"] = float(cells[1])
                break
            continue
        numbers[cells[0]] = float(cells[1])
    return legend, numbers


@pytest.mark.parametrize(("kind", "sheets"), [("categories", SHEETS), ("graduated", 16)])
def test_legend_and_table_of_each_sheet_are_of_what_lies_on_it(
    town: Project, tmp_path: Path, kind: str, sheets: int
) -> None:
    if kind == "categories":
        theme = about("length_km", method="categories", field="material", most=12)
        words = np.array(materials(town))
    else:
        theme = about(
            "count", method="graduated", field="diameter_mm", scheme="user", breaks=[*STEPS]
        )
        words = np.array(diameters(town))
    x, y = CENTER
    places = [
        Place((x - 450 + 100 * (i % 10), y - 460 + 110 * (i // 10)), SCALE, number=str(i))
        for i in range(SHEETS - sheets, SHEETS)
    ]
    job = MapJob(town, sheet="a3-landscape", theme=theme)
    write_series(job, places, tmp_path / "m.pdf", index=False)
    shapes = town.table("pipe_line", ()).geometry
    assert shapes is not None
    seen = set()
    for number, place in enumerate(places):
        page = paper_of(tmp_path / "m.pdf", number, lines=False)
        assert page.neat_mm is not None
        left, top, right, bottom = page.neat_mm
        across, up = (right - left) * SCALE / 2000, (bottom - top) * SCALE / 2000
        (east, north) = place.center
        frame = shapely.box(east - across, north - up, east + across, north + up)
        inside = shapely.length(shapely.intersection(shapes, frame))
        there = {*words[inside > 0].tolist()}
        legend, numbers = told(page) if there else ([], {})
        seen |= there
        heading = [text for text in legend if text.startswith("管线段")]
        assert len(heading) == bool(there)
        assert sorted({*legend} - {*heading}) == sorted(there), place.number
        assert len(legend) == len(there) + len(heading)
        amount = inside / 1000 if kind == "categories" else (inside > 0).astype(float)
        expected = {word: float(amount[words == word].sum()) for word in there}
        if there:
            expected["合计"] = float(amount.sum())
        # Numbers too small to be told are no rows.
        assert {*numbers} == {*expected}, place.number
        exact = 0.005 + 1e-6 if kind == "categories" else 1e-6
        for word, value in expected.items():
            assert numbers[word] == pytest.approx(value, abs=exact), (place.number, word)
    assert len(seen) >= 4
    assert NO_DATA in seen
