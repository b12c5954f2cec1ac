"""A new user's own town, as the handbook's page says: from an empty project to a package."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import fiona
import pypdf
import pyproj
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from shapely import box

from hjgis.ui.deliveries.dialog import DeliverDialog
from hjgis.ui.dialogs.importing.wizard import ImportDialog
from hjgis.ui.dialogs.project import NewProjectDialog
from tests.acceptance.hands import Person
from tests.acceptance.others import X, Y, survey_of_pipes
from tests.acceptance.test_day import export_theme, go_through, words_on

# What a zone of three degrees has before its eastings.
ZONE_36 = 36_000_000


def test_somebody_new_makes_a_project_of_an_own_town(person: Person, tmp_path: Path) -> None:
    town = tmp_path / "台账" / "某镇.gpkg"
    town.parent.mkdir()
    (tmp_path / "收到的").mkdir()
    survey = survey_of_pipes(tmp_path / "收到的")
    new_project(person, town)
    for path, layer, count in (
        (county(tmp_path / "县界.json"), "boundary", 1),
        (cells(tmp_path / "单元网格.shp"), "grid", 12),
        (lamps(tmp_path / "路灯.shp"), "street_lamp", 5),
        (survey, "manhole", 8),
    ):
        bring_in(person, path)
        assert person.space.project.count(layer) == count
    check(person)
    print_the_pipes(person, town.with_name("管线.pdf"))
    deliver(person, town.parent)
    copy = tmp_path / "某镇-备份.gpkg"
    with person.naming(copy):
        person.menu("save-copy")
    person.wait(copy.exists)
    with closing(sqlite3.connect(copy)) as base:
        assert base.execute("SELECT count(*) FROM pipe_line").fetchone() == (7,)


def new_project(person: Person, town: Path) -> None:
    def answer(dialog: NewProjectDialog) -> None:
        person.write(dialog._path, str(town))
        person.write(dialog._title, "某镇设施台账")
        assert "中央子午线108°" in dialog._crs.currentText()
        person.look("new", dialog)
        person.key(Qt.Key.Key_Return)

    button = next(b for b in person.window.findChildren(QPushButton) if b.text() == "新建工程")
    with person.answering(NewProjectDialog, answer):
        person.click(button)
    person.wait(lambda: person.window.workspace is not None)
    person.take_place()
    person.look("empty")


# -- what others bring -----------------------------------------------------------------------


def county(path: Path) -> Path:
    """Write a boundary as web services give it: a whole county in degrees."""
    to_degrees = pyproj.Transformer.from_crs("EPSG:4545", "EPSG:4326", always_xy=True)
    ends = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ring = [to_degrees.transform(X + east * 15e3, Y + north * 15e3) for east, north in ends]
    feature = {
        "type": "Feature",
        "properties": {"adcode": 150826, "name": "某旗", "level": "district"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return path


def cells(path: Path) -> Path:
    schema = {"geometry": "Polygon", "properties": {"网格编码": "str:20", "网格名称": "str:20"}}
    with fiona.open(path, "w", "ESRI Shapefile", schema, "EPSG:4545", encoding="gbk") as file:
        for number in range(12):
            west, south = X - 200 + 200 * (number % 4), Y - 200 + 150 * (number // 4)
            cell = box(west, south, west + 200, south + 150)
            values = {"网格编码": f"150826001001{number:03}", "网格名称": f"第{number}网格"}
            file.write({"geometry": cell.__geo_interface__, "properties": values})
    return path


def lamps(path: Path) -> Path:
    """Write a shapefile with zone numbers before its eastings, and nothing that says so."""
    schema = {"geometry": "Point", "properties": {"灯杆编号": "str:20", "光源": "str:20"}}
    with fiona.open(path, "w", "ESRI Shapefile", schema, None, encoding="gbk") as file:
        for number in range(5):
            place = {"type": "Point", "coordinates": (ZONE_36 + X + 25 * number, Y - 140)}
            values = {"灯杆编号": f"新{number}", "光源": "高压钠灯"}
            file.write({"geometry": place, "properties": values})
    path.with_suffix(".cpg").unlink()
    return path


def bring_in(person: Person, path: Path) -> None:
    def answer(dialog: ImportDialog) -> None:
        go_through(person, dialog, path, path.stem)

    with person.answering(ImportDialog, answer):
        person.menu("import")
    person.look(f"{path.stem}-on-the-map")


# -- what goes out ---------------------------------------------------------------------------


def check(person: Person) -> None:
    person.press("check")
    panel = person.docks.issues
    person.wait(lambda: panel.report is not None and not person.space.checking.running)
    person.look("checked")
    assert "错误 8" in panel.state.said.text(), panel.state.said.text()


def print_the_pipes(person: Person, out: Path) -> None:
    maps = export_theme(person, "pipes", out)
    text = "".join(pypdf.PdfReader(out).pages[0].extract_text().split())
    assert "某镇设施台账地下管线综合图" in text
    # The survey's manholes stand on the sheet, not at its edge.
    assert "YB01" in text
    person.click(maps.delivery.close_button)


def deliver(person: Person, folder: Path) -> None:
    def answer(dialog: DeliverDialog) -> None:
        person.type("河套管网工程队")
        person.key(Qt.Key.Key_Tab)
        person.type("井盖复测")
        while dialog.step != "done":
            person.key(Qt.Key.Key_Return)
            person.wait(lambda: not dialog.busy)
            person.look(f"deliver-{dialog.step}", dialog)
        assert "河套管网工程队" in words_on(dialog.done_page)
        person.key(Qt.Key.Key_Escape)

    with person.answering(DeliverDialog, answer):
        person.menu("deliver")
    (package,) = folder.glob("*.zip")
    with zipfile.ZipFile(package) as archive:
        names = {name.rpartition("/")[2] for name in archive.namelist()}
    assert {
        "manhole.shp",
        "pipe_line.shp",
        "street_lamp.shp",
        "说明.html",
        "字段对照表.xlsx",
    } <= names
