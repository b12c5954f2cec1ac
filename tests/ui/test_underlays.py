from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.render.frame import MapFrame
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.naming import ChoiceDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.underlays import Underlays
from hjgis.ui.panels.underlays import UnderlayList
from tests.network import PLACES
from tests.pictures import RED, write_geotiff

X, Y = PLACES["B"]
EXTENT = (X - 100, Y - 100, X + 100, Y + 100)
FRAME = MapFrame(X, Y, 1.0, 120, 80)


def red_tiff(folder: Path, **options: object) -> Path:
    bands = np.empty((3, 50, 50), np.uint8)
    bands[:] = np.array(RED, np.uint8)[:, None, None]
    return write_geotiff(folder / "影像.tif", bands, EXTENT, **options)


@pytest.fixture
def underlays(qtbot: QtBot, project: Project) -> Iterator[Underlays]:
    del qtbot
    made = Underlays(project)
    yield made
    made.stop()


def picture(qtbot: QtBot, underlays: Underlays, frame: MapFrame = FRAME) -> QImage:
    """Return what is painted for a frame once it is there."""
    with qtbot.waitSignal(underlays.changed):
        underlays.request(frame, 1.0)
    qtbot.waitUntil(lambda: not underlays.busy)
    image = QImage(120, 80, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    underlays.paint(painter, frame)
    painter.end()
    return image


def add(qtbot: QtBot, underlays: Underlays, path: Path, kind: str = "picture") -> None:
    underlays.add(path, kind)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: underlays.entries[-1].extent is not None)


def test_a_picture_is_seen_under_the_map(
    qtbot: QtBot, tmp_path: Path, underlays: Underlays
) -> None:
    add(qtbot, underlays, red_tiff(tmp_path))
    assert picture(qtbot, underlays).pixelColor(60, 40).getRgb() == (*RED, 255)
    assert underlays.entries[0].entry.path == "影像.tif"


def test_opacity_and_visibility_are_those_of_the_list(
    qtbot: QtBot, tmp_path: Path, underlays: Underlays
) -> None:
    add(qtbot, underlays, red_tiff(tmp_path))
    underlays.alter("影像.tif", opacity=0.5)
    assert 120 < picture(qtbot, underlays).pixelColor(60, 40).alpha() < 135
    underlays.alter("影像.tif", visible=False)
    underlays.request(FRAME, 1.0)
    image = QImage(120, 80, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    underlays.paint(painter, FRAME)
    painter.end()
    assert image.pixelColor(60, 40).alpha() == 0


def test_the_list_is_kept_with_the_project(
    qtbot: QtBot, tmp_path: Path, project: Project, underlays: Underlays
) -> None:
    add(qtbot, underlays, red_tiff(tmp_path))
    underlays.alter("影像.tif", opacity=0.25, gcj02=True)
    again = Underlays(project)
    assert [held.entry for held in again.entries] == [held.entry for held in underlays.entries]
    again.remove("影像.tif")
    again.stop()
    assert json.loads(project.info("underlays") or "") == []
    assert (tmp_path / "影像.tif").exists()


def test_a_picture_that_is_gone_stays_in_the_list_with_a_note(
    qtbot: QtBot, tmp_path: Path, project: Project, underlays: Underlays
) -> None:
    path = red_tiff(tmp_path)
    add(qtbot, underlays, path)
    path.unlink()
    again = Underlays(project)
    refused: list[object] = []
    again.refused.connect(lambda *told: refused.append(told))
    qtbot.waitUntil(lambda: bool(again.entries[0].notes))
    assert "no file" in again.entries[0].notes[0]
    assert refused == []
    again.stop()


def test_a_file_that_cannot_be_read_is_told_and_not_listed(
    qtbot: QtBot, tmp_path: Path, underlays: Underlays
) -> None:
    path = tmp_path / "broken.tif"
    path.write_bytes(b"II*\0nothing")
    with qtbot.waitSignal(underlays.refused):
        underlays.add(path, "picture")
    assert underlays.entries == ()


def test_a_reference_file_is_painted_with_the_layers(
    qtbot: QtBot, tmp_path: Path, underlays: Underlays
) -> None:
    path = tmp_path / "line.geojson"
    line = {"type": "LineString", "coordinates": [[107.1, 40.9], [107.2, 40.9]]}
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": line}), "utf-8")
    add(qtbot, underlays, path, "file")
    (source,) = underlays.sources()
    assert source.columns.dimension == 1
    underlays.alter("line.geojson", opacity=0.5)
    assert underlays.sources()[0].style.opacity == 0.5
    underlays.alter("line.geojson", visible=False)
    assert underlays.sources() == ()


def test_the_window_lays_a_picture_under_its_map(
    qtbot: QtBot, tmp_path: Path, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(red_tiff(tmp_path))
    monkeypatch.setattr(file_dialogs, "open_file", lambda *_facts: (path, ""))
    assert window.workspace is not None
    assert window.docks is not None
    underlays, canvas = window.workspace.underlays, window.workspace.canvas
    window.do("add-picture")
    qtbot.waitUntil(lambda: underlays.entries[-1].extent is not None)
    window.docks.underlays.zoom_requested.emit(underlays.entries[-1].extent)
    middle = canvas.rect().center()
    qtbot.waitUntil(
        lambda: (
            canvas.grab().toImage().pixelColor(middle.x() + 60, middle.y() + 60).red() > 250
            and canvas.grab().toImage().pixelColor(middle.x() + 60, middle.y() + 60).blue() < 20
        )
    )
    assert window.docks.underlays.topLevelItemCount() == 1


def test_where_a_picture_lies_is_asked_for(
    qtbot: QtBot, tmp_path: Path, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(red_tiff(tmp_path, crs=None))
    asked: list[str] = []

    def answer(dialog: ChoiceDialog) -> str:
        asked.append(dialog.windowTitle())
        return "EPSG:4545"

    monkeypatch.setattr(file_dialogs, "open_file", lambda *_facts: (path, ""))
    monkeypatch.setattr(ChoiceDialog, "ask", answer)
    monkeypatch.setattr(QMessageBox, "warning", lambda *facts: asked.append(str(facts[2])))
    assert window.workspace is not None
    underlays = window.workspace.underlays
    window.do("add-picture")
    qtbot.waitUntil(lambda: bool(underlays.entries) and underlays.entries[0].extent is not None)
    assert len(asked) == 1
    assert underlays.entries[0].extent == pytest.approx(EXTENT)


def test_the_menu_of_an_entry_does_what_it_says(
    qtbot: QtBot, tmp_path: Path, underlays: Underlays
) -> None:
    add(qtbot, underlays, red_tiff(tmp_path))
    listed = UnderlayList(underlays)
    qtbot.addWidget(listed)
    menu = listed.menu_of("影像.tif")
    actions = {action.text(): action for action in menu.actions()}
    actions["Its tiles are shifted by GCJ-02"].trigger()
    assert underlays.entries[0].entry.gcj02
    item = listed.topLevelItem(0)
    assert item is not None
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert not underlays.entries[0].entry.visible
    actions["Remove from the map"].trigger()
    assert listed.topLevelItemCount() == 0
    assert listed.isHidden()
