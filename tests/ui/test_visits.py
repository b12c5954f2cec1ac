"""The list of places to visit in the window."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pypdf
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.visits import VisitsPanel
from hjgis.ui.workspace import Workspace

X, Y = 428_000.0, 4_530_000.0
GAP = "Lamp probably missing"


def lamps(workspace: Workspace, places: tuple[float, ...]) -> None:
    """A street with lamps at some distances along it."""
    project = workspace.project
    way = shapely.MultiLineString([[(X, Y), (X + 500, Y)]])
    workspace.apply(add_feature(project, "road", way, {"road_name": "示例灯街"}))
    for east in places:
        spot = shapely.Point(X + east, Y + 8)
        facts = {"road_name": "示例灯街", "pole_no": f"D{east:.0f}"}
        workspace.apply(add_feature(project, "street_lamp", spot, facts))


def visits_panel(qtbot: QtBot, window: MainWindow, count: int) -> VisitsPanel:
    window.actions_by_id["visits"].trigger()
    panel = window.docks.visits
    qtbot.waitUntil(lambda: panel.kind.findData(GAP) >= 0, timeout=20_000)
    # Other checks want to have the manholes of the network looked at.
    panel.kind.setCurrentIndex(panel.kind.findData(GAP))
    assert panel.model.rowCount() == count
    return panel


def test_the_list_checks_first_and_shows_a_place_on_the_map(
    qtbot: QtBot, window: MainWindow
) -> None:
    lamps(window.workspace, (0, 30, 60, 90, 120, 180, 210))
    panel = visits_panel(qtbot, window, 1)
    index = panel.model.index(0, 4)
    assert panel.model.data(index).startswith("60 m between lamps D120 and D180")
    panel.view.selectRow(0)
    canvas = window.workspace.canvas
    assert canvas.marks is not None
    assert canvas.marks.current == (X + 150, Y + 8)
    left, bottom, right, top = canvas.frame.extent
    assert left < X + 150 < right
    assert bottom < Y + 8 < top


def test_a_lamp_that_is_recorded_takes_its_place_off_the_list(
    qtbot: QtBot, window: MainWindow
) -> None:
    workspace = window.workspace
    lamps(workspace, (0, 30, 60, 90, 120, 180, 210))
    panel = visits_panel(qtbot, window, 1)
    workspace.apply(add_feature(workspace.project, "street_lamp", shapely.Point(X + 150, Y + 8),
                                {"road_name": "示例灯街"}))  # fmt: skip
    qtbot.waitUntil(lambda: panel.kind.findData(GAP) < 0, timeout=20_000)
    workspace.undo()
    qtbot.waitUntil(lambda: panel.kind.findData(GAP) >= 0, timeout=20_000)


def test_the_list_is_filtered_sorted_and_searched_in_pinyin(
    qtbot: QtBot, window: MainWindow
) -> None:
    lamps(window.workspace, (0, 30, 60, 90, 120, 180, 210, 240, 330, 360))
    panel = visits_panel(qtbot, window, 2)
    panel.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    numbers = [visit.number for visit in panel.model.rows]
    assert numbers == sorted(numbers, reverse=True)
    qtbot.keyClicks(panel.search, "sldj")
    qtbot.waitUntil(lambda: panel.note.text() == "2 places")
    panel.search.setText("D240")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    panel.search.clear()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    panel.road.setCurrentIndex(panel.road.findData("示例灯街"))
    assert panel.model.rowCount() == 2


def test_what_is_shown_goes_on_paper_and_out_as_a_layer(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    lamps(window.workspace, (0, 30, 60, 90, 120, 180, 210, 240, 330, 360))
    panel = visits_panel(qtbot, window, 2)
    panel.search.setText("D240")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    paper, layer = tmp_path / "visits.pdf", tmp_path / "visits.gpkg"
    panel.write_sheet(paper)
    qtbot.waitUntil(paper.is_file)
    assert len(pypdf.PdfReader(paper).pages) == 1
    panel.write_layer(layer)
    qtbot.waitUntil(lambda: not window.jobs.busy)
    assert len(pyogrio.read_dataframe(layer, layer="visits")) == 1
