from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely
from PIL import Image
from pyogrio import raw
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.move import move_features
from hjgis.exchange import profiles
from hjgis.exchange.proposing import REFERENCE
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.paths import sample_data
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.importing import wording
from hjgis.ui.dialogs.importing.choices import Choices
from hjgis.ui.dialogs.importing.page import Question
from hjgis.ui.dialogs.importing.recent import RecentFiles
from hjgis.ui.dialogs.importing.wizard import (
    DONE,
    FIELDS,
    FILE,
    FOUND,
    TARGET,
    TRIAL,
    UPDATE,
    ImportDialog,
)
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from hjgis.ui.page_parts import ROLE
from tests.exported import export
from tests.rest import rest

_LONG_MS = 30_000


def lamps(path: Path, *, crs: str = "EPSG::4490", count: int = 3, last: str = "蜡烛") -> Path:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [107.15 + n / 1000, 40.88]},
            "properties": {
                "灯杆编号": f"L{n}",
                "光源": "LED" if n < count - 1 else last,
                "备用": n,
            },
        }
        for n in range(count)
    ]
    named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs}"}}
    collection = {"type": "FeatureCollection", "crs": named, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), "utf-8")
    return path


class Driver:
    """What a user does to the wizard."""

    def __init__(self, qtbot: QtBot, dialog: ImportDialog) -> None:
        self._qtbot, self.dialog = qtbot, dialog

    def wait(self) -> None:
        self._qtbot.waitUntil(lambda: not self.dialog.busy, timeout=_LONG_MS)
        # What a layout has just got shows itself with the next events.
        QApplication.processEvents()

    def choose(self, path: Path) -> None:
        self.dialog.choose(path)
        self.wait()

    def go_to(self, step: str) -> None:
        while self.dialog.step != step:
            assert self.dialog.next.isEnabled(), self.dialog.hint.text()
            self.dialog.next.click()
            self.wait()

    def answer(self, words: str) -> None:
        """Press the button of a question."""
        buttons = [
            button
            for question in self.dialog.findChildren(Question)
            if question.isVisible()
            for button in question.findChildren(QPushButton)
        ]
        fitting = [button for button in buttons if words in button.text()]
        assert fitting, [button.text() for button in buttons]
        fitting[0].click()
        self.wait()

    def questions(self) -> list[str]:
        """Return what stands on the buttons of the questions."""
        return [
            button.text()
            for question in self.dialog.findChildren(Question)
            if question.isVisible()
            for button in question.findChildren(QPushButton)
        ]

    def pick(self, box: QComboBox, data: object) -> None:
        place = box.findData(data)
        assert place >= 0, data
        box.setCurrentIndex(place)
        box.activated.emit(place)
        self.wait()

    def field_box(self, column: str) -> QComboBox:
        table = self.dialog.fields.fields
        boxes = [table.cellWidget(row, 2) for row in range(table.rowCount())]
        return next(
            box for box in boxes if isinstance(box, QComboBox) and box.property("column") == column
        )

    def problems(self) -> list[str]:
        tree = self.dialog.trial.problems
        tops = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
        return [top.child(n).text(0) for top in tops if top for n in range(top.childCount())]


@pytest.fixture
def wizard(qtbot: QtBot, project: Project, tmp_path: Path) -> Iterator[Driver]:
    jobs = Jobs()
    dialog = ImportDialog(project, jobs, memory=tmp_path / "window.ini")
    qtbot.addWidget(dialog)
    dialog.show()
    yield Driver(qtbot, dialog)
    jobs.stop()


def test_the_wizard_leads_from_a_file_to_stored_features_and_one_undo_takes_them_back(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    assert wizard.dialog.step == FOUND
    for step in (TARGET, FIELDS, TRIAL):
        wizard.go_to(step)
    assert project.count("street_lamp") == 0
    wizard.go_to(DONE)
    table = project.table("street_lamp", ["pole_no", "lamp_type"])
    assert table.columns["pole_no"].tolist() == ["L0", "L1", "L2"]
    project.session.undo()
    assert project.count("street_lamp") == 0


def test_what_is_in_the_file_is_said_and_the_fitting_kind_chosen(
    wizard: Driver, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    found = wizard.dialog.found
    assert "3 records" in found.layer.currentText()
    assert "points" in found.layer.currentText()
    assert "said by the file" in found.crs_how.text()
    assert "in the county" in found.where.text()
    wizard.go_to(FIELDS)
    assert wizard.dialog.target.target == "street_lamp"
    boxes = [wizard.field_box(name).currentData() for name in ("灯杆编号", "光源", "备用")]
    assert boxes == ["pole_no", "lamp_type", ""]


def test_a_trial_lists_problems_by_kind_and_stores_nothing(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(TRIAL)
    assert project.count("street_lamp") == 0
    assert any("蜡烛" in text for text in wizard.problems())
    wizard.dialog.trial.filter.setText("备用")
    assert len(wizard.problems()) == 1


def test_a_trial_says_how_much_of_what_will_be_stored_where_and_under_which_ids(
    wizard: Driver, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson", last="LED"))
    wizard.go_to(TRIAL)
    frame = wizard.dialog.trial.gist
    assert frame.isVisible()
    said = [one.text() for one in frame.findChildren(QLabel) if one.isVisible()]
    lines = dict(zip(said[::2], said[1::2], strict=True))
    assert lines["Street lamp"] == "3: LED 3"
    assert lines["Extent"].startswith("X(N) 45")
    assert "stored in" in lines["Coordinate system"]
    assert lines["Component ids"].startswith("none come with the file")
    assert "Light source" in lines["Fields with values"]


def test_problems_are_counted_in_a_column_the_sum_beside_each_kind(
    wizard: Driver, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(TRIAL)
    tree = wizard.dialog.trial.problems
    assert [tree.headerItem().text(n) for n in (0, 3)] == ["What", "Count"]
    tops = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
    assert {(top.text(0), top.text(3)) for top in tops} >= {("Columns that are not taken", "1")}


def test_the_coordinate_system_is_named_in_the_language_of_the_window() -> None:
    set_language("zh_CN")
    words = wording.short_system("EPSG:4546")
    assert "111" in words
    assert not re.search("[A-Za-z]", words.replace("CGCS2000", ""))


def test_the_list_of_problems_can_be_saved(wizard: Driver, tmp_path: Path) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(TRIAL)
    wizard.dialog.trial.save_to(tmp_path / "problems.csv")
    with (tmp_path / "problems.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    trial = wizard.dialog.standing.trial
    assert trial is not None
    assert [row["What"] for row in rows] == [p.message for p in trial.plan.report.problems]


def test_columns_are_taken_as_chosen(wizard: Driver, project: Project, tmp_path: Path) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(FIELDS)
    wizard.pick(wizard.field_box("备用"), "ctrl_box_id")
    wizard.pick(wizard.field_box("光源"), "")
    wizard.go_to(DONE)
    table = project.table("street_lamp", ["lamp_type", "ctrl_box_id"])
    assert set(table.columns["lamp_type"]) == {None}
    assert table.columns["ctrl_box_id"].tolist() == ["0", "1", "2"]


def test_a_field_is_filled_by_the_column_chosen_last(wizard: Driver, tmp_path: Path) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(FIELDS)
    wizard.pick(wizard.field_box("备用"), "pole_no")
    assert wizard.field_box("灯杆编号").currentData() == ""
    assert "1 of" not in wizard.dialog.fields.tabs.tabText(0)
    assert "2 of 3" in wizard.dialog.fields.tabs.tabText(0)


def test_a_foreign_value_becomes_the_code_that_is_chosen_for_it(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(FIELDS)
    codes = wizard.dialog.fields.codes
    assert codes.unmatched == 1
    first = codes.table.item(0, 1)
    assert first is not None
    assert first.text() == "蜡烛"
    box = codes.table.cellWidget(0, 3)
    assert isinstance(box, QComboBox)
    other = next(str(box.itemData(n)) for n in range(2, box.count()))
    wizard.pick(box, other)
    assert codes.unmatched == 0
    wizard.go_to(DONE)
    stored = project.table("street_lamp", ["lamp_type"]).columns["lamp_type"].tolist()
    assert stored[2] == other


def test_a_profile_that_was_saved_is_used_for_the_next_file_by_itself(
    wizard: Driver, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(FIELDS)
    wizard.pick(wizard.field_box("备用"), "ctrl_box_id")
    try:
        wizard.dialog.fields.save_as("surveyor")
        wizard.choose(lamps(tmp_path / "others.geojson"))
        wizard.go_to(FIELDS)
        assert wizard.dialog.fields.profile.currentText() == "surveyor"
        assert wizard.field_box("备用").currentData() == "ctrl_box_id"
    finally:
        shutil.rmtree(profiles.own_folder())


def test_a_table_is_asked_for_its_columns_and_eyes_can_tell_them(
    wizard: Driver, tmp_path: Path
) -> None:
    path = tmp_path / "toilets.csv"
    path.write_text("名称,X,Y\n示例,4528000,428000\n", "utf-8")
    wizard.choose(path)
    assert wizard.dialog.step == FOUND
    assert not wizard.dialog.next.isEnabled()
    columns = wizard.dialog.found.columns
    assert any("4528000" in columns.north.itemText(n) for n in range(columns.north.count()))
    wizard.pick(columns.north, "X")
    assert not wizard.dialog.next.isEnabled()
    wizard.pick(columns.east, "Y")
    assert wizard.dialog.next.isEnabled()
    assert "1 record" in wizard.dialog.found.layer.currentText()


def test_exchanged_columns_are_noticed_and_put_right_only_when_told(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "toilets.csv"
    path.write_text("名称,X,Y\n示例,4528000,428000\n", "utf-8")
    wizard.choose(path)
    columns = wizard.dialog.found.columns
    wizard.pick(columns.north, "Y")
    wizard.pick(columns.east, "X")
    assert not wizard.dialog.next.isEnabled()
    wizard.answer("Exchange X and Y")
    assert (columns.north.currentData(), columns.east.currentData()) == ("X", "Y")
    wizard.go_to(DONE)
    shape = project.table("toilet", []).geometry
    assert shape is not None
    assert (shape[0].x, shape[0].y) == (428000, 4528000)


def test_places_outside_the_county_wait_for_an_answer(wizard: Driver, tmp_path: Path) -> None:
    swapped = json.loads(lamps(tmp_path / "lamps.geojson").read_text("utf-8"))
    for feature in swapped["features"]:
        feature["geometry"]["coordinates"].reverse()
    (tmp_path / "swapped.geojson").write_text(json.dumps(swapped), "utf-8")
    wizard.choose(tmp_path / "swapped.geojson")
    assert not wizard.dialog.next.isEnabled()
    assert any("Exchange" in words for words in wizard.questions())
    wizard.answer("Exchange")
    assert wizard.dialog.next.isEnabled()
    assert "in the county" in wizard.dialog.found.where.text()


def test_what_is_far_away_is_said_and_may_be_taken(wizard: Driver, tmp_path: Path) -> None:
    far = json.loads(lamps(tmp_path / "lamps.geojson").read_text("utf-8"))
    for feature in far["features"]:
        feature["geometry"]["coordinates"] = [-68.77, 44.80]
    (tmp_path / "maine.geojson").write_text(json.dumps(far), "utf-8")
    wizard.choose(tmp_path / "maine.geojson")
    assert "outside the county" in wizard.dialog.found.where.text()
    assert wizard.dialog.next.isEnabled()


def test_a_reference_layer_keeps_all_columns_and_asks_for_no_fields(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(TARGET)
    wizard.dialog.target.choose(REFERENCE)
    wizard.dialog.target.name.setText("旧路灯")
    wizard.dialog.target.name.textEdited.emit("旧路灯")
    wizard.dialog.next.click()
    wizard.wait()
    assert wizard.dialog.step == TRIAL
    wizard.go_to(DONE)
    titles = {title for known in project.types.values() for title in known.label.values()}
    assert "旧路灯" in titles


def test_a_name_that_is_taken_is_refused_before_the_trial(wizard: Driver, tmp_path: Path) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(TARGET)
    wizard.dialog.target.choose(REFERENCE)
    wizard.dialog.target.name.setText("manhole")
    wizard.dialog.target.name.textEdited.emit("manhole")
    assert not wizard.dialog.next.isEnabled()
    assert "manhole" in wizard.dialog.hint.text()


@pytest.fixture
def updated(wizard: Driver, project: Project, tmp_path: Path) -> Driver:
    """Lamps that were imported, one changed, one moved; the file then comes again without L3."""
    wizard.choose(lamps(tmp_path / "lamps.geojson", count=4, last="LED"))
    wizard.go_to(DONE)
    table = project.table("street_lamp", ["pole_no"])
    keys = {
        number: FeatureKey("street_lamp", str(uuid))
        for number, uuid in zip(table.columns["pole_no"], table.uuids, strict=True)
    }
    project.session.apply(set_values(project, [keys["L0"]], {"lamp_type": None}))
    project.session.apply(move_features(project, [keys["L1"]], 3.0, 4.0))
    wizard.choose(lamps(tmp_path / "lamps.geojson", count=3, last="LED"))
    wizard.go_to(UPDATE)
    return wizard


def test_a_file_that_comes_again_is_shown_as_differences(updated: Driver) -> None:
    tree = updated.dialog.update_page.differences.tree
    tops = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
    found = {top.data(0, ROLE)[0]: top for top in tops if top is not None}
    assert {kind: len(top.data(0, ROLE)[1]) for kind, top in found.items()} == {
        "changed": 2,
        "missing": 1,
    }
    assert found["changed"].checkState(0) == Qt.CheckState.Checked
    assert found["missing"].checkState(0) == Qt.CheckState.Unchecked
    moved = found["changed"].child(1)
    assert moved is not None
    tree.setCurrentItem(moved)
    assert "5.00 m" in updated.dialog.update_page.differences.told.text()


def test_only_what_is_ticked_is_taken_over(updated: Driver, project: Project) -> None:
    page = updated.dialog.update_page
    changed, missing = page.differences.tree.topLevelItem(0), page.differences.tree.topLevelItem(1)
    assert changed is not None
    assert missing is not None
    moved = changed.child(1)
    assert moved is not None
    moved.setCheckState(0, Qt.CheckState.Unchecked)
    missing.setCheckState(0, Qt.CheckState.Checked)
    assert changed.checkState(0) == Qt.CheckState.PartiallyChecked
    before = project.content_sha256()
    updated.go_to(DONE)
    table = project.table("street_lamp", ["pole_no", "lamp_type"])
    assert sorted(table.columns["pole_no"]) == ["L0", "L1", "L2"]
    assert None not in table.columns["lamp_type"].tolist()
    project.session.undo()
    assert project.content_sha256() == before


def test_nothing_ticked_is_nothing_to_import(updated: Driver) -> None:
    changed = updated.dialog.update_page.differences.tree.topLevelItem(0)
    assert changed is not None
    changed.setCheckState(0, Qt.CheckState.Unchecked)
    assert not updated.dialog.next.isEnabled()


def test_a_search_narrows_the_differences_and_leaves_the_ticks(updated: Driver) -> None:
    page = updated.dialog.update_page
    before = page.accepted
    page.differences.filter.setText("L1")
    assert page.differences.tree.topLevelItemCount() == 1
    page.differences.filter.setText("")
    assert page.accepted == before


def test_a_file_that_cannot_be_read_is_explained_where_it_was_chosen(
    wizard: Driver, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.geojson"
    broken.write_text("{", "utf-8")
    wizard.choose(broken)
    assert wizard.dialog.step == FILE
    assert "broken.geojson" in wizard.dialog.file.trouble.text()


def test_on_a_laptop_at_150_percent_every_step_is_seen_whole(
    wizard: Driver, tmp_path: Path
) -> None:
    wizard.dialog.resize(911, 472)
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    for step in (FOUND, TARGET, FIELDS, TRIAL):
        wizard.go_to(step)
        area = wizard.dialog.pages[step].parentWidget().parentWidget()
        assert isinstance(area, QScrollArea)
        assert area.horizontalScrollBar().maximum() == 0, step
        assert area.verticalScrollBar().maximum() == 0, step


def test_going_back_and_forth_keeps_the_trial_until_an_answer_changes(
    wizard: Driver, tmp_path: Path
) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.go_to(TRIAL)
    trial = wizard.dialog.standing.trial
    wizard.dialog.go_back()
    assert wizard.dialog.step == FIELDS
    wizard.go_to(TRIAL)
    assert wizard.dialog.standing.trial is trial
    wizard.dialog.go_back()
    wizard.pick(wizard.field_box("备用"), "ctrl_box_id")
    assert wizard.dialog.standing.trial is None


def test_enter_goes_on_and_alt_left_goes_back(qtbot: QtBot, wizard: Driver, tmp_path: Path) -> None:
    wizard.choose(lamps(tmp_path / "lamps.geojson"))
    qtbot.keyClick(wizard.dialog, Qt.Key.Key_Return)
    assert wizard.dialog.step == TARGET
    qtbot.keyClick(wizard.dialog, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert wizard.dialog.step == FOUND


def drop(widget: Any, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    no_key = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, mime, button, no_key)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), action, mime, button, no_key))


def test_a_file_that_is_dropped_is_looked_into(wizard: Driver, tmp_path: Path) -> None:
    drop(wizard.dialog, lamps(tmp_path / "lamps.geojson"))
    wizard.wait()
    assert wizard.dialog.step == FOUND


def test_a_file_that_is_dropped_on_the_window_opens_the_wizard(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    seen: list[Path | None] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ImportDialog)
        seen.append(dialog.file.source)
        dialog.reject()

    path = lamps(tmp_path / "lamps.geojson")
    QTimer.singleShot(0, look)
    drop(window, path)
    assert seen == [path]
    qtbot.waitUntil(lambda: not window.jobs.busy, timeout=_LONG_MS)


def test_reading_can_be_stopped(qtbot: QtBot, wizard: Driver, tmp_path: Path) -> None:
    wizard.dialog.choose(lamps(tmp_path / "many.geojson", count=20_000))
    assert wizard.dialog.stop.isVisible()
    wizard.dialog.stop.click()
    wizard.wait()
    assert wizard.dialog.step == FILE
    assert "stopped" in wizard.dialog.file.trouble.text()


def test_a_trial_can_be_stopped_and_leads_back(wizard: Driver, tmp_path: Path) -> None:
    wizard.choose(lamps(tmp_path / "many.geojson", count=5_000))
    wizard.go_to(FIELDS)
    wizard.dialog.next.click()
    assert wizard.dialog.step == TRIAL
    wizard.dialog.stop.click()
    wizard.wait()
    assert wizard.dialog.step == FIELDS
    wizard.go_to(TRIAL)
    assert wizard.dialog.standing.trial is not None


def test_leaving_forgets_what_is_still_being_read(
    qtbot: QtBot, wizard: Driver, tmp_path: Path
) -> None:
    wizard.dialog.choose(lamps(tmp_path / "lamps.geojson"))
    wizard.dialog.reject()
    rest(qtbot, wizard.dialog)
    assert wizard.dialog.standing.found is None


def test_the_parts_of_a_shapefile_are_dropped_as_one(wizard: Driver) -> None:
    parts = sorted((sample_data() / "foreign").glob("路灯*"))
    drop(wizard.dialog, *parts)
    wizard.wait()
    assert wizard.dialog.file.source == next(p for p in parts if p.suffix == ".shp")


def test_files_that_were_imported_are_listed_latest_first(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.csv", "b.csv", "gone.csv")]
    for path in files:
        path.touch()
        RecentFiles(tmp_path / "window.ini").add(path)
    files[2].unlink()
    assert RecentFiles(tmp_path / "window.ini").paths() == [files[1], files[0]]


def test_a_read_only_project_can_be_tried_but_not_written(
    qtbot: QtBot, project: Project, tmp_path: Path
) -> None:
    project.refuse_edits("for reading only")
    jobs = Jobs()
    dialog = ImportDialog(project, jobs)
    qtbot.addWidget(dialog)
    dialog.show()
    driver = Driver(qtbot, dialog)
    driver.choose(lamps(tmp_path / "lamps.geojson"))
    driver.go_to(TRIAL)
    assert not dialog.next.isEnabled()
    assert "for reading only" in dialog.next.toolTip()
    jobs.stop()


def test_the_map_goes_to_what_was_imported(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    dialog = window.import_dialog()
    dialog.show()
    driver = Driver(qtbot, dialog)
    driver.choose(lamps(tmp_path / "lamps.geojson"))
    driver.go_to(DONE)
    dialog.done_page.show_map.click()
    assert window.workspace is not None
    table = window.workspace.project.table("street_lamp", [])
    assert table.geometry is not None
    west, south, east, north = window.workspace.canvas.frame.extent
    assert all(west < shape.x < east and south < shape.y < north for shape in table.geometry)


ANSWERS: list[tuple[str, Callable[[Choices], Choices], dict[str, Any]]] = [
    ("nothing", lambda c: c, {}),
    ("swap", lambda c: c.with_answers({"swap": True}), {"swap": True}),
    (
        "of a table the columns are exchanged",
        lambda c: c.with_answers({"x": "A", "y": "B"}).with_answers({"swap": True}),
        {"x": "B", "y": "A"},
    ),
    (
        "another layer forgets what was said of places and target",
        lambda c: c.with_answers({"swap": True, "to": "manhole"}).with_answers(
            {"source_layer": "two"}
        ),
        {"source_layer": "two"},
    ),
    (
        "another kind forgets the fields",
        lambda c: c.with_answers({"to": "manhole", "mapping": {"a": "exp_no"}}).with_answers(
            {"to": "toilet"}
        ),
        {"to": "toilet"},
    ),
]


@pytest.mark.parametrize(
    ("answer", "expected"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS]
)
def test_what_was_answered_is_what_the_import_is_told(
    answer: Callable[[Choices], Choices], expected: dict[str, Any]
) -> None:
    assert answer(Choices(Path("a.csv"))).answered() == expected


SURVEY = {
    "管点表": [
        ["物探点号", "附属物", "X", "Y", "地面高程"],
        ["WS1", "污水井", 4528000.0, 428000.0, 1040.0],
        ["WS2", "污水井", 4528000.0, 428030.0, 1040.1],
    ],
    "管线表": [["起点点号", "终点点号", "管线种类", "管径"], ["WS1", "WS2", "WS", 300]],
}


def workbook(path: Path, *, exchanged: bool = False) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in SURVEY.items():
        sheet = book.create_sheet(name)
        for row in rows:
            point = exchanged and isinstance(row[2], float)
            sheet.append([*row[:2], row[3], row[2], *row[4:]] if point else row)
    book.save(path)
    return path


def test_a_survey_becomes_one_network_without_asking_for_columns(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    wizard.choose(workbook(tmp_path / "survey.xlsx"))
    assert wizard.dialog.next.isEnabled()
    wizard.go_to(DONE)
    assert (project.count("manhole"), project.count("pipe_line")) == (2, 1)
    node = project.table("pipe_line", ["from_node", "to_node"])
    assert None not in (*node.columns["from_node"], *node.columns["to_node"])
    project.session.undo()
    assert (project.count("manhole"), project.count("pipe_line")) == (0, 0)


def written_here(project: Project, path: Path) -> Path:
    """Export two manholes as a workbook and change a remark in it."""
    for number in range(2):
        spot = shapely.Point(428_000 + 30 * number, 4_528_000)
        project.session.apply(add_feature(project, "manhole", spot, {"exp_no": f"W{number}"}))
    export(project, path, format="xlsx", layers=["manhole"])
    book = openpyxl.load_workbook(path)
    sheet = book["Manhole"]
    remarks = next(cell.column for cell in sheet[1] if str(cell.value).endswith(".remarks"))
    sheet.cell(4, remarks).value = "seen"
    book.save(path)
    return path


def test_a_workbook_that_was_written_here_goes_straight_to_its_differences(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    wizard.choose(written_here(project, tmp_path / "back.xlsx"))
    wizard.wait()
    assert wizard.dialog.step == UPDATE
    trial = wizard.dialog.standing.trial
    assert trial is not None
    assert [dict(entry.values) for entry in trial.plan.update.differences] == [
        {"remarks": (None, "seen")}
    ]
    wizard.go_to(DONE)
    assert project.table("manhole", ["remarks"]).columns["remarks"].tolist() == [None, "seen"]
    project.session.undo()
    assert project.table("manhole", ["remarks"]).columns["remarks"].tolist() == [None, None]


def test_what_is_odd_in_a_workbook_is_shown_before_its_differences(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    path = written_here(project, tmp_path / "back.xlsx")
    book = openpyxl.load_workbook(path)
    book["Manhole"].delete_cols(book["Manhole"].max_column)
    book.save(path)
    wizard.choose(path)
    wizard.wait()
    assert wizard.dialog.step == TRIAL
    wizard.go_to(UPDATE)
    wizard.dialog.back.click()
    wizard.dialog.back.click()
    assert wizard.dialog.step == FILE


def test_a_survey_whose_x_and_y_are_exchanged_waits_for_an_answer(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    wizard.choose(workbook(tmp_path / "survey.xlsx", exchanged=True))
    assert not wizard.dialog.next.isEnabled()
    wizard.answer("Exchange")
    wizard.go_to(DONE)
    shapes = project.table("manhole", []).geometry
    assert shapes is not None
    assert {(shape.x, shape.y) for shape in shapes} == {(428_000, 4_528_000), (428_030, 4_528_000)}


def test_one_table_of_a_survey_can_be_taken_alone(wizard: Driver, tmp_path: Path) -> None:
    wizard.choose(workbook(tmp_path / "survey.xlsx"))
    wizard.pick(wizard.dialog.found.whole, False)
    assert not wizard.dialog.next.isEnabled()
    columns = wizard.dialog.found.columns
    wizard.pick(columns.north, "X")
    wizard.pick(columns.east, "Y")
    assert wizard.dialog.next.isEnabled()


def test_a_table_without_places_becomes_a_reference_layer(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("名称,单价\n检查井盖,800\n", "utf-8")
    wizard.choose(path)
    wizard.go_to(TARGET)
    assert wizard.dialog.target.target == REFERENCE
    wizard.go_to(DONE)
    layer = next(t for t in project.types.values() if t.geometry == "None")
    assert project.count(layer.id) == 1


def test_a_folder_of_photos_becomes_a_reference_layer(
    wizard: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    exif = Image.Exif()
    place = {1: "N", 2: (40.0, 52.0, 48.0), 3: "E", 4: (107.0, 9.0, 0.0)}
    exif.get_ifd(0x8825).update(place)
    Image.new("RGB", (8, 6)).save(folder / "a.jpg", exif=exif)
    monkeypatch.setattr(file_dialogs, "folder", lambda *_args: str(folder))
    wizard.dialog.file.folder.click()
    wizard.wait()
    assert "1 record" in wizard.dialog.found.layer.currentText()
    wizard.go_to(TARGET)
    assert wizard.dialog.target.target == REFERENCE


def test_a_doubtful_encoding_is_chosen_by_eye(wizard: Driver, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(b"a,b,X,Y\n1,\xe5\xd7\xe9,4528000,428000\n2,\xd3\xe4,4528010,428040\n")
    wizard.choose(path)
    found = wizard.dialog.standing.found
    assert found is not None
    assert len(found.previews) > 1
    buttons = wizard.dialog.found.findChildren(QPushButton)
    readings = [b for b in buttons if b.isVisible() and "reads right" in b.text()]
    assert [b.property("answer")["encoding"] for b in readings] == list(found.previews)
    readings[0].click()
    wizard.wait()
    assert wizard.dialog.standing.choices is not None
    assert wizard.dialog.standing.choices.encoding == next(iter(found.previews))


def test_an_approximate_datum_is_asked_about_and_may_be_accepted(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    old = json.loads(lamps(tmp_path / "lamps.geojson", crs="EPSG::2381").read_text("utf-8"))
    for number, feature in enumerate(old["features"]):
        feature["geometry"]["coordinates"] = [428_000 + number * 30, 4_528_000]
    (tmp_path / "old.geojson").write_text(json.dumps(old), "utf-8")
    wizard.choose(tmp_path / "old.geojson")
    assert not wizard.dialog.next.isEnabled()
    wizard.answer("tens of metres")
    wizard.go_to(DONE)
    assert project.count("street_lamp") == 3


def test_an_empty_layer_leads_no_further(wizard: Driver, tmp_path: Path) -> None:
    empty = {"type": "FeatureCollection", "features": []}
    (tmp_path / "theirs.geojson").write_text(json.dumps(empty), "utf-8")
    wizard.choose(tmp_path / "theirs.geojson")
    assert wizard.dialog.step == FOUND
    assert not wizard.dialog.next.isEnabled()
    assert "no records" in wizard.dialog.hint.text()


def test_an_empty_workbook_is_told_beside_the_name_of_the_file(
    wizard: Driver, tmp_path: Path
) -> None:
    openpyxl.Workbook().save(tmp_path / "theirs.xlsx")
    wizard.choose(tmp_path / "theirs.xlsx")
    assert wizard.dialog.step == FILE


def test_every_kind_of_problem_has_words(wizard: Driver, tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("编号,东坐标,北坐标\nL0,428000,4528000\nL1,428010,0\n,428020,\n", "utf-8")
    wizard.choose(path)
    found = wizard.dialog.found
    for side, column in ((found.columns.north, "北坐标"), (found.columns.east, "东坐标")):
        wizard.pick(side, column)
    wizard.go_to(TRIAL)
    tree = wizard.dialog.trial.problems
    tops = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
    headings = [top.text(0) for top in tops if top]
    assert len(headings) >= 3
    assert all(heading[0].isupper() for heading in headings), headings


# -- what is plain is asked once, and with its answer --------------------------------------


def test_plain_coordinate_columns_are_one_press_away(wizard: Driver, tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_text("灯杆编号,东坐标,北坐标\nL1,428000,4528000\nL2,428030,4528000\n", "utf-8")
    wizard.choose(path)
    wizard.answer("北坐标 is north, 东坐标 is east")
    choices = wizard.dialog.standing.choices
    assert choices is not None
    assert (choices.x, choices.y) == ("东坐标", "北坐标")


def test_the_layer_that_is_shown_is_the_one_that_is_tried_and_leads_to_the_next(
    wizard: Driver, tmp_path: Path, project: Project
) -> None:
    path = tmp_path / "two.gpkg"
    for number, layer in enumerate(("甲", "乙")):
        raw.write(
            path,
            geometry=shapely.to_wkb([shapely.Point(428_000 + 30 * number, 4_528_000)]),
            field_data=[np.array([f"L{number}"], dtype=object)],
            fields=["灯杆编号"],
            driver="GPKG",
            geometry_type="Point",
            crs="EPSG:4545",
            layer=layer,
        )
    wizard.choose(path)
    assert wizard.dialog.found.layer.count() == 2
    wizard.pick(wizard.dialog.found.crs, "EPSG:4545")
    wizard.go_to(TRIAL)
    assert wizard.dialog.standing.trial is not None
    wizard.go_to(DONE)
    assert wizard.dialog.done_page.next_layer.text() == "Next layer: 乙"
    wizard.dialog.done_page.next_layer.click()
    wizard.wait()
    choices = wizard.dialog.standing.choices
    assert choices is not None
    # The system was said of the file.
    assert (wizard.dialog.step, choices.source_layer, choices.crs) == (FOUND, "乙", "EPSG:4545")
    wizard.go_to(DONE)
    assert not wizard.dialog.done_page.next_layer.isVisible()
    assert project.count("street_lamp") == 2


def test_a_layer_that_would_hold_nothing_is_not_made(
    wizard: Driver, tmp_path: Path, project: Project
) -> None:
    path = lamps(tmp_path / "lamps.geojson", crs="EPSG::4545")
    path.write_text(re.sub(r"107\.\d+", "1e12", path.read_text("utf-8")), "utf-8")
    wizard.choose(path)
    wizard.go_to(TARGET)
    wizard.dialog.target.choose(REFERENCE)
    wizard.wait()
    wizard.go_to(TRIAL)
    assert not wizard.dialog.next.isEnabled()
    assert "nothing to store" in wizard.dialog.hint.text()
