"""Text of the data that a spreadsheet would take for a formula, by every door that it leaves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from hjgis.checks import runner
from hjgis.edits.add import add_feature
from hjgis.edits.attachments import attach
from hjgis.edits.attributes import set_each, set_values
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.pictures import read_paper
from hjgis.exchange.table_export import TableView, write_view
from hjgis.layers.project import Project
from hjgis.models.pasting import read_block
from hjgis.models.statistics import Dimension, Measure, Question
from hjgis.reports.inspection import write_report
from hjgis.reports.statistics import write_statistics
from hjgis.ui.bridge import Bridge
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.selection import Selection
from tests.exported import export
from tests.network import build
from tests.photos import make_photo
from tests.test_cli import run

DANGEROUS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
)
NUMBERS = ("-1.5", "+3", "-2e3")
LEVEL = -12.5
TEXTS = (*DANGEROUS, *NUMBERS)


@pytest.fixture
def town(project: Project, tmp_path: Path) -> Project:
    """Manholes whose every text is one of `TEXTS`, with photos and inspections of such."""
    keys = build(project)
    wells = [keys["A"], keys["B"], keys["C"]]
    place = project.get(keys["A"]).geometry
    for _text in TEXTS[len(wells) :]:
        change = add_feature(project, "manhole", place)
        project.session.apply(change)
        wells.append(change.changes[0].key)
    columns = {name: list(TEXTS) for name in ("exp_no", "maker", "road_name", "remarks")}
    columns["cover_shape"] = list(TEXTS)
    columns["ground_elev_m"] = [LEVEL] * len(TEXTS)
    columns["inspect_cycle_days"] = [30] * len(TEXTS)
    columns["last_inspect_date"] = ["2026-01-01"] * len(TEXTS)
    fields = {n: v for n, v in columns.items() if project.asset_type("manhole").has(n)}
    fids = [project.store.fid(key) for key in wells]
    project.session.apply(set_each(project, "manhole", fids, fields))
    for number, (key, text) in enumerate(zip(wells, TEXTS, strict=True)):
        photo = make_photo(tmp_path / f"{number}.jpg", noise=number + 1)
        paper = read_paper(photo, project.crs)
        added = attach(project, [(key, paper)])
        project.session.apply(added)
        project.session.apply(set_values(project, [added.changes[0].key], {"caption": text}))
    return project


def cells_of_csv(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            yield from row


def cells_of_workbook(path: Path) -> Iterator[Any]:
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                # A text is a text there; what is typed into its cell anew would be a formula.
                yield cell.value


def cells_of_clipboard(town: Project) -> list[str]:
    panel = TablePanel(town, Bridge(town.session), Selection())
    panel.show_layer("manhole")
    QApplication.processEvents()
    panel.edits.copy()
    text = QGuiApplication.clipboard().text()
    panel.stop()
    panel.deleteLater()
    rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
    return [cell for row in rows for cell in row]


def by_layers(town: Project, folder: Path) -> Iterator[Any]:
    export(town, folder / "out", format="csv", photos=True)
    for path in (folder / "out").rglob("*.csv"):
        yield from cells_of_csv(path)


def by_photos(town: Project, folder: Path) -> Iterator[Any]:
    export(town, folder / "out", format="csv", layers=["manhole"], photos=True)
    yield from cells_of_csv(folder / "out" / "photos" / "photos.csv")


def by_shapes(town: Project, folder: Path) -> Iterator[Any]:
    export(town, folder / "out", format="shp", encoding="utf-8")
    yield from cells_of_workbook(folder / "out" / "字段对照表.xlsx")


def by_table(ending: str, town: Project, folder: Path) -> Iterator[Any]:
    names = ("exp_no", "maker", "road_name", "remarks", "cover_shape", "ground_elev_m")
    view = TableView("manhole", "=1+1", names, names, (90,) * 6, town.store.fids("manhole"))
    write_view(town, view, folder / f"a{ending}")
    yield from (cells_of_csv if ending == ".csv" else cells_of_workbook)(folder / f"a{ending}")


def by_statistics(town: Project, folder: Path) -> Iterator[Any]:
    question = Question("manhole", (Dimension("maker"), Dimension("road_name")), Measure("count"))
    table = town.store.statistics(question, town.catalogue)
    write_statistics(town, table, folder / "s.xlsx")
    yield from cells_of_workbook(folder / "s.xlsx")


def by_overdue(town: Project, folder: Path) -> Iterator[Any]:
    assert run("overdue", town.path, "--on", "2030-01-01", "--out", folder / "o.xlsx") == 0
    yield from cells_of_workbook(folder / "o.xlsx")


def by_check(town: Project, folder: Path) -> Iterator[Any]:
    write_report(town, runner.run(town), folder / "c.xlsx")
    yield from cells_of_workbook(folder / "c.xlsx")


DOORS: dict[str, Callable[[Project, Path], Iterator[Any]]] = {
    "layers as CSV": by_layers,
    "list of photos": by_photos,
    "dictionary of shapefiles": by_shapes,
    "table as CSV": lambda town, folder: by_table(".csv", town, folder),
    "table as workbook": lambda town, folder: by_table(".xlsx", town, folder),
    "statistics": by_statistics,
    "inspections due": by_overdue,
    "findings": by_check,
    "clipboard": lambda town, _folder: iter(cells_of_clipboard(town)),
}
# These say what they found in sentences; their texts start with our own words.
OWN_WORDS = {"dictionary of shapefiles", "findings"}


@pytest.mark.parametrize("door", DOORS)
def test_no_text_leaves_as_a_formula(
    qapp: QApplication, town: Project, tmp_path: Path, door: str
) -> None:
    del qapp
    cells = list(DOORS[door](town, tmp_path))
    texts = [cell for cell in cells if isinstance(cell, str)]
    assert len(texts) > 5
    if door != "statistics":
        # A workbook knows its cells for texts; the others are read by whoever opens them.
        assert not [text for text in texts if text.lstrip().startswith(("=", "@", "＝"))]
        assert not [text for text in texts if text.startswith(("+1+", "-1+"))]
    if door not in OWN_WORDS:
        found = [text for text in texts if text.lstrip("'") == DANGEROUS[0]]
        assert found, texts[:40]


@pytest.mark.parametrize("door", ["layers as CSV", "table as CSV", "table as workbook"])
def test_negative_numbers_stay_what_they_are(
    qapp: QApplication, town: Project, tmp_path: Path, door: str
) -> None:
    del qapp
    cells = list(DOORS[door](town, tmp_path))
    levels = [cell for cell in cells if cell in (LEVEL, str(LEVEL))]
    assert len(levels) == len(TEXTS)
    assert door != "table as workbook" or all(isinstance(level, float) for level in levels)
    for text in NUMBERS:
        assert text in cells


def test_texts_come_back_from_an_exported_file_as_they_were(town: Project, tmp_path: Path) -> None:
    export(town, tmp_path / "out", format="csv", layers=["manhole"])
    path = tmp_path / "out" / "manhole.csv"
    with Project.create(tmp_path / "other.gpkg") as other:
        plan = plan_import(other, path, to="manhole", crs=town.crs.text, x="Y(东)", y="X(北)")
        carry_out(other, plan)
        there = dict(zip(*columns(other, "maker"), strict=True))
    here = dict(zip(*columns(town, "maker"), strict=True))
    assert {k: v.strip() for k, v in here.items()} == {k: v.strip() for k, v in there.items()}


def test_cells_that_are_copied_and_pasted_are_what_they_were(
    qapp: QApplication, town: Project
) -> None:
    del qapp
    cells_of_clipboard(town)
    block = read_block(QGuiApplication.clipboard().text())
    there = [row[block[0].index("Maker of the cover")].strip() for row in block[1:]]
    assert sorted(there) == sorted(text.strip() for text in TEXTS)


def columns(project: Project, name: str) -> tuple[list[str], list[str]]:
    table = project.table("manhole")
    return table.uuids.tolist(), list(table.columns[name])
