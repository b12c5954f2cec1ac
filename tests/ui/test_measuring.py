"""Completeness and renewal in the window."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import shapely
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hjgis.checks import gaps
from hjgis.checks.gaps import FIELD, ROAD
from hjgis.edits.arrange import add_kind
from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.renewal import FACT, usual_rules
from hjgis.reports.completeness import percent
from hjgis.ui.dialogs.renewal import RenewalDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.completeness import CompletenessPanel
from hjgis.ui.window.measuring import Measuring

Keys = dict[str, FeatureKey]


def measuring(window: MainWindow) -> Measuring:
    assert window.measuring is not None
    return window.measuring


def looked_at(qtbot: QtBot, window: MainWindow, layer: str = "manhole") -> CompletenessPanel:
    panel = measuring(window).completeness
    window.do("completeness")
    panel.choose(layer)
    qtbot.waitUntil(lambda: panel.gaps.ask([layer]) and not window.jobs.busy)
    panel.refresh()
    return panel


def line_of(panel: CompletenessPanel, words: str) -> int:
    return [line.words for line in panel.model.rows].index(words)


def grid(project: Project) -> None:
    (feature,) = project.store.features("manhole", [1])
    assert feature.geometry is not None
    cells = []
    for number, east in ((1, -50.0), (2, 5_000.0)):
        x, y = feature.geometry.x + east, feature.geometry.y - 50
        values = {"grid_id": f"G{number}"}
        shape = shapely.box(x, y, x + 1000, y + 1000)
        cells.append(Change(None, Feature(FeatureKey("grid", new_uuid()), shape, values)))
    project.session.apply(ChangeSet("edit.add", tuple(cells)))


def test_an_edit_is_counted_at_once_and_undo_too(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    panel, project = looked_at(qtbot, window), window.workspace.project
    before = panel.model.rows[line_of(panel, "Name")].lacking
    window.workspace.apply(set_values(project, [keys["A"]], {"component_name": "一号井"}))
    qtbot.waitUntil(lambda: panel.model.rows[line_of(panel, "Name")].lacking == before - 1)
    assert not window.jobs.busy, "nothing was read anew"
    window.workspace.undo()
    qtbot.waitUntil(lambda: panel.model.rows[line_of(panel, "Name")].lacking == before)


def test_a_click_on_a_field_selects_the_features_that_lack_it(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    project, selection = window.workspace.project, window.workspace.selection
    project.session.apply(set_values(project, [keys["A"]], {"component_name": "一号井"}))
    panel = looked_at(qtbot, window)
    panel.view.clicked.emit(panel.model.index(line_of(panel, "Name"), 0))
    assert selection.layer == "manhole"
    expected = gaps.read(project, "manhole").fids_lacking("component_name")
    assert selection.fids.tolist() == expected.tolist() == [2, 3]


def test_a_click_on_a_group_selects_the_features_of_it_that_lack_the_chosen_field(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    project = window.workspace.project
    project.session.apply(set_values(project, [keys["A"], keys["B"]], {"road_name": "健康路"}))
    project.session.apply(set_values(project, [keys["A"]], {"component_name": "一号井"}))
    panel = looked_at(qtbot, window)
    panel.choose("manhole", ROAD, "component_name")
    line = panel.model.rows[line_of(panel, "健康路")]
    assert (line.features, line.asked, line.lacking) == (2, 2, 1)
    panel.view.clicked.emit(panel.model.index(line_of(panel, "健康路"), 0))
    assert window.workspace.selection.fids.tolist() == [project.store.fid(keys["B"])]


def test_where_to_begin_is_said_and_selected(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    project = window.workspace.project
    everything = dict.fromkeys(("component_name", "supervisor_name"), "x")
    project.session.apply(set_values(project, [keys["A"]], everything))
    panel = looked_at(qtbot, window)
    assert "3 gaps" in panel.begin.text()
    panel.begin.click()
    assert len(window.workspace.selection) == 3
    assert "required fields of the catalogue" in panel.against.text()


def test_all_layers_stand_side_by_side_and_a_click_selects_what_has_gaps(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = measuring(window).completeness
    window.do("completeness")
    qtbot.waitUntil(lambda: not window.jobs.busy and len(panel.model.rows) > 5)
    assert not panel.trend.isEnabled()
    panel.view.clicked.emit(panel.model.index(line_of(panel, "Pipe"), 0))
    assert window.workspace.selection.layer == "pipe_line"
    assert len(window.workspace.selection) == 2


def test_lines_are_sorted_by_a_column_with_nothing_last(qtbot: QtBot, window: MainWindow) -> None:
    panel = measuring(window).completeness
    window.do("completeness")
    qtbot.waitUntil(lambda: not window.jobs.busy and len(panel.model.rows) > 5)
    panel.view.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    shares = [line.share for line in panel.model.rows]
    known = [share for share in shares if share is not None]
    assert shares[: len(known)] == sorted(known, reverse=True)
    assert set(shares[len(known) :]) == {None}


def test_the_grid_is_coloured_and_follows_edits_even_from_behind(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    project, layers = window.workspace.project, window.workspace.layers
    grid(project)
    panel = looked_at(qtbot, window)
    panel.choose("manhole", FIELD, "component_name")
    usual = {source.columns.layer: source for source in layers.sources()}["grid"]
    panel.map.setChecked(True)

    def classes() -> list[int]:
        source = {source.columns.layer: source for source in layers.sources()}["grid"]
        shapes = source.columns.parts[0].shapes
        return shapes.classes[np.argsort(shapes.fids)].tolist()

    assert classes() == [0, 5], "below 60 %, and a cell without features"
    window.do("renewal")
    some = [keys[name] for name in "ABC"]
    window.workspace.apply(set_values(project, some, {"component_name": "井"}))
    qtbot.waitUntil(lambda: classes() == [4, 5])
    layers.set_visible("grid", visible=False)
    assert classes() == [4, 5], "colours are shown though the layer is switched off"
    layers.set_visible("grid", visible=True)
    panel.map.setChecked(False)
    now = {source.columns.layer: source for source in layers.sources()}["grid"]
    assert now.style == usual.style


def test_the_trend_is_drawn_and_lines_are_written(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    panel = looked_at(qtbot, window)
    panel.trend.setChecked(True)
    qtbot.waitUntil(lambda: not panel.chart.pixmap().isNull(), timeout=20_000)
    path = tmp_path / "完整度.xlsx"
    with qtbot.waitSignal(panel.said):
        panel.write(path)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("Field", "Features")
    assert len(rows) == 1 + len(panel.model.rows)


def test_a_grid_that_moves_is_asked_anew(qtbot: QtBot, window: MainWindow) -> None:
    panel, project = looked_at(qtbot, window), window.workspace.project
    panel.choose("manhole", gaps.GRID)
    assert [line.words for line in panel.model.rows] == ["(not known)"]
    grid(project)
    qtbot.waitUntil(lambda: [line.words for line in panel.model.rows] == ["G1"])


def test_reading_that_was_stopped_is_done_when_the_panel_is_shown_again(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel, jobs = measuring(window).completeness, window.jobs
    window.do("completeness")
    jobs.cancel()
    qtbot.waitUntil(lambda: not jobs.busy)
    window.do("renewal")
    window.do("completeness")
    qtbot.waitUntil(lambda: len(panel.model.rows) > 5)


def test_the_lines_of_another_layer_are_not_exported_as_those_of_the_chosen_one(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = looked_at(qtbot, window)
    assert panel.export.isEnabled()
    panel.gaps._held.pop("pipe_line")
    panel.choose("pipe_line")
    assert not panel.model.rows
    assert not panel.export.isEnabled()
    qtbot.waitUntil(lambda: bool(panel.model.rows) and panel.export.isEnabled())


def test_cells_that_move_while_two_layers_are_being_read_make_both_of_them_old(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel, project = measuring(window).completeness, window.workspace.project
    window.do("completeness")
    qtbot.waitUntil(lambda: not window.jobs.busy)
    grid(project)
    window.do("completeness")
    found = panel.gaps
    found.ask(["manhole"])
    found.ask(["pipe_line"])
    (cell,) = project.store.features("grid", [1])
    project.session.apply(set_values(project, [cell.key], {"grid_id": "G9"}))
    qtbot.waitUntil(lambda: not window.jobs.busy and found.ask(["manhole", "pipe_line"]))
    for layer in ("manhole", "pipe_line"):
        told = found[layer].tally(gaps.GRID).values
        assert told == gaps.read(project, layer).tally(gaps.GRID).values


def test_enter_selects_what_a_click_selects(qtbot: QtBot, window: MainWindow) -> None:
    panel = looked_at(qtbot, window)
    panel.view.setCurrentIndex(panel.model.index(line_of(panel, "Name"), 0))
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert len(window.workspace.selection) == 3


def test_a_layer_that_undo_takes_away_is_chosen_no_more(qtbot: QtBot, window: MainWindow) -> None:
    panel, project = measuring(window).completeness, window.workspace.project
    kind = project.catalogue.type("lift")
    project.session.apply(add_kind(project.arrangement, kind, made=False))
    window.do("completeness")
    panel.choose("lift")
    qtbot.waitUntil(lambda: panel.gaps.ask(["lift"]) and not window.jobs.busy)
    window.workspace.undo()
    qtbot.waitUntil(lambda: len(panel.model.rows) > 5)
    assert panel.layer.currentData() is None


def test_a_kind_that_the_project_adds_is_offered_when_the_panel_is_shown_again(
    window: MainWindow,
) -> None:
    panel, project = measuring(window).completeness, window.workspace.project
    window.do("completeness")
    assert panel.layer.findData("lift") < 0
    kind = project.catalogue.type("lift")
    project.session.apply(add_kind(project.arrangement, kind, made=False))
    window.do("renewal")
    window.do("completeness")
    assert panel.layer.findData("lift") > 0


def test_a_hundred_percent_is_said_only_of_what_is_complete() -> None:
    assert percent(0.99999) == "99.9 %"
    assert percent(1.0) == "100.0 %"
    assert percent(None) == "–"


# -- renewal -------------------------------------------------------------------------------------


def aged(window: MainWindow, keys: Keys, **values: object) -> None:
    project = window.workspace.project
    pipes = [key for key in keys.values() if key.layer == "pipe_line"]
    project.session.apply(set_values(project, pipes[:1], {"kind": "TR", **values}))


def test_pipes_are_ranked_coloured_and_a_click_selects_one(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    aged(window, keys, laid_year=1980)
    panel, space = measuring(window).renewal, window.workspace
    window.do("renewal")
    qtbot.waitUntil(lambda: panel.answer is not None and not window.jobs.busy)
    assert panel.model.rowCount() == 1
    panel.view.selectRow(0)
    assert (space.selection.layer, len(space.selection)) == ("pipe_line", 1)
    panel.map.setChecked(True)
    source = {source.columns.layer: source for source in space.layers.sources()}["pipe_line"]
    assert source.style.id == "renewal"
    space.undo()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0)


def test_pages_show_kilometres_and_a_chart(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    aged(window, keys)
    panel = measuring(window).renewal
    window.do("renewal")
    qtbot.waitUntil(lambda: panel.answer is not None and not window.jobs.busy)
    panel.what.setCurrentIndex(panel.what.findData("yearless"))
    assert panel.model.rowCount() >= 1
    assert panel.model.index(0, 8).data() == "not known"
    panel.what.setCurrentIndex(panel.what.findData(0))
    heads = [panel.cross.horizontalHeaderItem(n).text() for n in range(panel.cross.columnCount())]
    assert "Year unknown" in heads
    panel.what.setCurrentIndex(panel.what.findData(3))
    qtbot.waitUntil(lambda: not panel.chart.pixmap().isNull(), timeout=20_000)


def test_the_score_is_edited_in_one_step_of_undo(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    aged(window, keys, laid_year=1980)
    project, part = window.workspace.project, measuring(window)
    dialog = part.rules_dialog()
    qtbot.addWidget(dialog)
    dialog.years["gas"].setValue(15)
    dialog.points["leaks"][0].setValue(10)
    window.workspace.apply(part.rules_change(dialog))
    stored = project.info(FACT)
    assert stored is not None
    assert json.loads(stored) == {"years": {"gas": 15}, "points": {"leaks": [10, 100]}}
    again = RenewalDialog(project)
    qtbot.addWidget(again)
    assert again.years["gas"].value() == 15
    again._reset()
    assert again.rules == usual_rules()
    window.workspace.undo()
    assert project.info(FACT) is None


def test_a_score_without_any_weight_is_refused_in_the_dialog(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = measuring(window).rules_dialog()
    qtbot.addWidget(dialog)
    for box in dialog.weights.values():
        box.setValue(0)
    dialog._accept_if_sound()
    assert "weight" in dialog._said.text()
    assert dialog.result() == 0


def test_the_workbook_of_renewal_has_list_kilometres_and_rules(
    qtbot: QtBot, window: MainWindow, keys: Keys, tmp_path: Path
) -> None:
    aged(window, keys, laid_year=1980)
    panel = measuring(window).renewal
    window.do("renewal")
    qtbot.waitUntil(lambda: panel.answer is not None and not window.jobs.busy)
    path = tmp_path / "改造.xlsx"
    with qtbot.waitSignal(panel.said):
        panel.write(path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        *("Ranked list", "By score", "Kind × age (km)", "Kind × decade (km)"),
        *("Kind × material (km)", "Rules"),
    ]
    assert list(book["Ranked list"].iter_rows(values_only=True))[1][8] == 1980
