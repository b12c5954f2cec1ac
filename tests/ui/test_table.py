from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.ui.bridge import Bridge
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.panels.table_view import CellView
from hjgis.ui.selection import Selection
from tests.network import build

COUNT = 1000


@pytest.fixture
def filled(project: Project) -> Project:
    points = shapely.points(np.arange(COUNT, dtype=float), np.zeros(COUNT))
    depths = [float(number % 7) for number in range(COUNT)]
    names = [f"M{number:04d}" for number in range(COUNT)]
    bulk = BulkInsert("manhole", points, {"exp_no": names, "well_depth_m": depths})
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    return project


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def panel(qtbot, filled: Project, selection: Selection) -> TablePanel:
    made = TablePanel(filled, Bridge(filled.session), selection)
    qtbot.addWidget(made)
    made.show_layer("manhole")
    return made


def column(panel: TablePanel, name: str) -> int:
    return panel.model.asset.field_names.index(name)


def click_heading(panel: TablePanel, name: str) -> None:
    panel._view.horizontalHeader().sectionClicked.emit(column(panel, name))


def shown(panel: TablePanel, name: str, rows: range) -> list[str]:
    return [panel.model.shown(row, column(panel, name)) for row in rows]


def test_the_first_selected_row_is_seen_when_its_layer_comes(
    qtbot, filled: Project, panel: TablePanel, selection: Selection
) -> None:
    build(filled)
    panel.resize(900, 240)
    panel.show_layer("pipe_line")
    panel.show()
    qtbot.waitExposed(panel)
    selection.set("manhole", [700, 900])
    panel.show_layer("manhole")
    view = panel._view
    assert view.viewport().rect().intersects(view.visualRect(panel.model.index(699, 0)))


def test_only_the_selected_rows_are_shown(panel: TablePanel, selection: Selection) -> None:
    bar = panel.filter_bar
    bar._fill_menu()
    assert not bar._menu.menu().actions()[0].isEnabled(), "nothing is selected"
    selection.set("manhole", [701, 901])
    bar._fill_menu()
    bar._menu.menu().actions()[0].trigger()
    assert shown(panel, "exp_no", range(panel.model.rowCount())) == ["M0700", "M0900"]
    assert "only 2 rows" in bar._chip.text()
    selection.set("manhole", [5])
    assert panel.model.rowCount() == 2, "what is selected later is another matter"
    bar._drop.click()
    assert panel.model.rowCount() == COUNT


def test_rows_are_read_by_pages_and_in_order(panel: TablePanel) -> None:
    assert panel.model.rowCount() == COUNT
    assert shown(panel, "exp_no", range(998, 1000)) == ["M0998", "M0999"]
    assert len(panel.model._pages) <= 2


def headings(panel: TablePanel) -> list[str]:
    """Return the columns that are seen, from left to right."""
    header, columns = panel.view.horizontalHeader(), panel.model.columns
    order = [header.logicalIndex(at) for at in range(len(columns))]
    return [columns[at].name for at in order if not panel.view.isColumnHidden(at)]


def test_columns_of_imported_rows_begin_with_number_and_values_and_none_jumps(
    panel: TablePanel, filled: Project
) -> None:
    assert headings(panel)[:2] == ["exp_no", "well_depth_m"]
    fields = list(filled.asset_type("manhole").field_names)
    rest = [name for name in fields if name not in ("exp_no", "well_depth_m")]
    assert headings(panel)[2:] == rest, "what is empty stands as in the form"
    panel.model.put(0, column(panel, rest[-1]), "somewhere")
    panel.show_layer("pipe_line")
    panel.show_layer("manhole")
    assert headings(panel)[:2] == ["exp_no", "well_depth_m"]
    assert headings(panel)[2:] == rest


def test_columns_of_what_was_drawn_stand_as_in_the_form(
    qtbot: QtBot, project: Project, selection: Selection
) -> None:
    build(project)
    made = TablePanel(project, Bridge(project.session), selection)
    qtbot.addWidget(made)
    made.show_layer("manhole")
    assert headings(made) == list(project.asset_type("manhole").field_names)


def test_columns_that_were_moved_stay_where_they_are_also_in_another_window(
    qtbot: QtBot, panel: TablePanel, filled: Project, selection: Selection, tmp_path: Path
) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    panel.view.setColumnWidth(column(panel, "exp_no"), 77)
    panel.keep(kept)
    assert '"order": []' in str(kept.value("table_columns")), "a width is not an order"
    panel.view.horizontalHeader().moveSection(1, 4)
    moved = headings(panel)
    panel.keep(kept)
    other = TablePanel(filled, Bridge(filled.session), selection)
    qtbot.addWidget(other)
    other.restore(kept)
    assert headings(other) == moved
    assert other.view.columnWidth(column(other, "exp_no")) == 77


def test_a_click_on_a_heading_sorts_also_across_pages(panel: TablePanel) -> None:
    click_heading(panel, "well_depth_m")
    click_heading(panel, "well_depth_m")
    depths = [float(text) for text in shown(panel, "well_depth_m", range(COUNT))]
    assert depths == sorted(depths, reverse=True)
    assert shown(panel, "exp_no", range(2)) == ["M0006", "M0013"]


def test_the_filter_bar_shows_only_rows_that_meet_the_sentence(panel: TablePanel) -> None:
    panel.filter_bar._fields.setCurrentIndex(panel.filter_bar._fields.findData("well_depth_m"))
    panel.filter_bar._operators.setCurrentIndex(panel.filter_bar._operators.findData(">="))
    panel.filter_bar._value.show_value(6.0)
    panel._filter()
    assert panel.model.rowCount() == sum(number % 7 == 6 for number in range(COUNT))
    panel.filter_bar.clear()
    assert panel.model.rowCount() == COUNT


def test_typing_searches_all_text(qtbot, panel: TablePanel) -> None:
    qtbot.keyClicks(panel.filter_bar._quick, "m001")
    assert shown(panel, "exp_no", range(panel.model.rowCount())) == [f"M001{n}" for n in range(10)]


def test_selection_is_shared_both_ways(panel: TablePanel, selection: Selection) -> None:
    panel._view.selectRow(4)
    assert (selection.layer, selection.fids.tolist()) == ("manhole", [5])
    selection.set("manhole", [8, 9])
    rows = sorted(index.row() for index in panel._view.selectionModel().selectedRows())
    assert rows == [7, 8]


def test_an_edit_in_place_is_checked_and_is_one_undo(filled: Project, panel: TablePanel) -> None:
    heard = []
    panel.troubled.connect(heard.append)
    index = panel.model.index(3, column(panel, "well_depth_m"))
    assert not panel.model.setData(index, "deep")
    assert "not a number" in heard[0]
    assert panel.model.setData(index, "2.5")
    assert shown(panel, "well_depth_m", range(3, 4)) == ["2.5"]
    filled.session.undo()
    assert shown(panel, "well_depth_m", range(3, 4)) == ["3"]


def test_copied_rows_have_headings(panel: TablePanel) -> None:
    panel._view.selectRow(2)
    panel.copy()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert len(lines) == 2
    assert lines[1][headings(panel).index("exp_no")] == "M0002"


def test_the_table_follows_new_and_deleted_rows(filled: Project, panel: TablePanel) -> None:
    build(filled)
    assert panel.model.rowCount() == COUNT + 3
    for _ in range(5):
        filled.session.undo()
    assert panel.model.rowCount() == COUNT


def test_a_cell_that_is_wrong_says_why(filled: Project, panel: TablePanel) -> None:
    tip = Qt.ItemDataRole.ToolTipRole
    assert panel.model.data(panel.model.index(0, column(panel, "responsible_unit")), tip)
    assert panel.model.data(panel.model.index(0, column(panel, "exp_no")), tip) is None


def test_unknown_is_an_answer_in_the_table_too(filled: Project, panel: TablePanel) -> None:
    start = filled.content_sha256()
    index = panel.model.index(3, column(panel, "built_year"))
    panel.model.setData(index, "不详")
    fid = int(panel.model.fids[3])
    (stored,) = filled.store.features("manhole", [fid])
    assert stored.values["built_year"] is None
    assert stored.values["unknown_fields"] == "built_year"
    filled.session.undo()
    assert filled.content_sha256() == start


def test_headings_stand_where_their_values_stand(panel: TablePanel) -> None:
    model, across = panel.model, Qt.Orientation.Horizontal
    role = Qt.ItemDataRole.TextAlignmentRole
    for place, column in enumerate(model.columns):
        side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
        assert model.headerData(place, across, role) & side, column.name


def test_a_table_without_rows_says_so_once_that_is_known(panel: TablePanel) -> None:
    panel.resize(1200, 260)
    panel.model.show_rows(panel.model.fids[:0])
    below = panel.findChild(CellView).viewport()
    said = below.grab().toImage()
    panel.model.is_known = False
    assert below.grab().toImage() != said


def test_all_of_the_filter_bar_fits_a_small_screen_at_150_percent(panel: TablePanel) -> None:
    bar = panel.filter_bar
    bar._fields.choose("well_depth_m")
    bar._field_chosen()
    bar._operators.setCurrentIndex(bar._operators.findData("between"))
    panel.show()
    assert panel.minimumSizeHint().width() <= 1366 / 1.5
