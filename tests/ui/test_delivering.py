"""Deliveries in the window: the assistant, the register, and what comes back."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.exchange.shapefiles import shapefile
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.crs import parse_crs
from hjgis.models.queries import FACT as QUERIES
from hjgis.models.queries import new_query, save_query
from hjgis.models.query import Condition, Query
from hjgis.ui.deliveries.dialog import DONE, FILES, KINDS, PREVIEW, WHERE, WHO, DeliverDialog
from hjgis.ui.deliveries.register import RegisterDialog
from hjgis.ui.deliveries.return_dialog import DIFFERENCES, FILE, ReturnDialog
from hjgis.ui.deliveries.return_dialog import DONE as TAKEN
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from tests.network import build
from tests.returns import Row, edited

Keys = dict[str, FeatureKey]
_LONG_MS = 60_000


@pytest.fixture
def keys(project: Project) -> Keys:
    return build(project)


@pytest.fixture
def jobs(qtbot: QtBot):
    made = Jobs()
    yield made
    made.stop()


@pytest.fixture
def dialog(qtbot: QtBot, project: Project, keys: Keys, jobs: Jobs, tmp_path: Path):
    del keys
    made = DeliverDialog(project, jobs)
    qtbot.addWidget(made)
    made.show()
    made.files.place.setText(str(tmp_path))
    return made


def answer(dialog: DeliverDialog) -> None:
    dialog.who.recipient.setText(" 示例施工队  王工 ")
    dialog.who.purpose.setText("雨污分流")


def go_to(qtbot: QtBot, dialog: DeliverDialog | ReturnDialog, step: str) -> None:
    """Click Next until a step is shown."""
    for _step in dialog.pages:
        if dialog.step == step:
            return
        assert dialog.next.isEnabled(), (dialog.step, dialog.next.toolTip())
        qtbot.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not dialog.busy, timeout=_LONG_MS)
    assert dialog.step == step, dialog.trouble.text()


def plain(dialog: DeliverDialog) -> None:
    """Wish for the data alone, in a folder."""
    for part in dialog.files.parts.values():
        part.setChecked(False)
    dialog.files.archive.setChecked(False)


def delivered(qtbot: QtBot, dialog: DeliverDialog) -> Path:
    answer(dialog)
    plain(dialog)
    go_to(qtbot, dialog, DONE)
    made = dialog.wishes.delivered
    assert made is not None
    return made.path


# -- the assistant -------------------------------------------------------------------------


def test_nothing_goes_out_without_recipient_and_purpose(dialog: DeliverDialog) -> None:
    assert dialog.step == WHO
    assert not dialog.next.isEnabled()
    assert dialog.next.toolTip() == "Say who gets it."
    dialog.who.recipient.setText("  ")
    assert not dialog.next.isEnabled()
    dialog.who.recipient.setText("示例施工队")
    assert dialog.next.toolTip() == "Say what it is for."
    dialog.who.purpose.setText("改造")
    assert dialog.next.isEnabled()


def test_a_package_is_written_registered_and_told(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, tmp_path: Path
) -> None:
    answer(dialog)
    go_to(qtbot, dialog, DONE)
    (entry,) = project.deliveries.entries()
    assert (entry.recipient, entry.purpose) == ("示例施工队 王工", "雨污分流")
    made = dialog.wishes.delivered
    assert made is not None
    assert made.path.parent == tmp_path
    with zipfile.ZipFile(made.path) as archive:
        names = [name.split("/", 1)[1] for name in archive.namelist()]
    assert {"说明.html", "清单.json", "字段对照表.xlsx"} <= set(names)
    assert "数据/shp/manhole.shp" in names
    assert dialog.done_page.sum.text() == entry.sha256
    assert str(made.path) in dialog.done_page.where.text()


def test_losses_are_shown_before_anything_is_written(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, keys: Keys, tmp_path: Path
) -> None:
    project.session.apply(set_values(project, [keys["A"]], {"remarks": "𠮷井30m²"}))
    answer(dialog)
    go_to(qtbot, dialog, PREVIEW)
    tree = dialog.preview.losses
    rows = [tree.topLevelItem(row).text(3) for row in range(tree.topLevelItemCount())]
    assert any("𠮷" in text and "²" in text for text in rows)
    assert list(tmp_path.glob("*.zip")) == []
    assert project.deliveries.entries() == []


def test_losses_open_and_are_searched_though_features_are_gone_meanwhile(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, keys: Keys
) -> None:
    project.session.apply(set_values(project, [keys["A"], keys["B"]], {"remarks": "𠮷井"}))
    answer(dialog)
    go_to(qtbot, dialog, PREVIEW)
    project.session.apply(delete_features(project, [keys["B"]]))
    tree, preview = dialog.preview.losses, dialog.preview
    rows = map(tree.topLevelItem, range(tree.topLevelItemCount()))
    (row,) = (row for row in rows if row.text(2) == "2" and row.childIndicatorPolicy().value == 0)
    row.setExpanded(True)
    titles = [row.child(place).text(0) for place in range(row.childCount())]
    assert len(titles) == 2
    assert keys["B"].uuid in titles
    preview.filter.setText("nothing says this")
    assert tree.topLevelItemCount() == 0


def test_only_ticked_kinds_and_fields_go_out(
    qtbot: QtBot, dialog: DeliverDialog, project: Project
) -> None:
    answer(dialog)
    go_to(qtbot, dialog, KINDS)
    for layer in dialog.kinds.layers:
        dialog.kinds.tick(layer, on=layer == "manhole")
    dialog.kinds.tick("manhole", on=False, field="remarks")
    assert dialog.kinds.layers == ("manhole",)
    path = delivered(qtbot, dialog)
    frame = geopandas.read_file(path / "数据" / "shp" / "manhole.shp")
    assert project.asset_type("manhole").field("remarks").short not in frame.columns
    assert project.asset_type("manhole").field("exp_no").short in frame.columns
    assert sorted(path.glob("数据/shp/*.shp")) == [path / "数据" / "shp" / "manhole.shp"]


def test_without_a_ticked_kind_there_is_no_next_step(qtbot: QtBot, dialog: DeliverDialog) -> None:
    answer(dialog)
    go_to(qtbot, dialog, KINDS)
    for layer in dialog.kinds.layers:
        dialog.kinds.tick(layer, on=False)
    assert not dialog.next.isEnabled()
    assert dialog.next.toolTip() == "Choose at least one layer."


def test_what_a_trade_needs_is_ticked(qtbot: QtBot, dialog: DeliverDialog) -> None:
    answer(dialog)
    go_to(qtbot, dialog, KINDS)
    box = dialog.kinds.contractor
    box.setCurrentIndex(next(i for i in range(box.count()) if "drainage" in box.itemText(i)))
    assert {"manhole", "pipe_line"} <= set(dialog.kinds.layers)
    assert dialog.kinds.wished(dialog.wishes).order.contractor == "drainage"


def test_what_a_saved_query_finds_is_of_its_layer(
    qtbot: QtBot, project: Project, keys: Keys, jobs: Jobs, tmp_path: Path
) -> None:
    del keys
    query = Query("manhole", (Condition("exp_no", "=", "A"),))
    stored = project.info(QUERIES)
    project.session.apply(save_query(stored, new_query("Only A", query)))
    dialog = DeliverDialog(project, jobs)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.files.place.setText(str(tmp_path))
    answer(dialog)
    go_to(qtbot, dialog, WHERE)
    dialog.where.query.setCurrentIndex(0)
    dialog.where._pick("query")
    path = delivered(qtbot, dialog)
    assert len(geopandas.read_file(path / "数据" / "shp" / "manhole.shp")) == 1


def test_a_file_that_holds_no_area_is_told_on_the_page(
    qtbot: QtBot, dialog: DeliverDialog, tmp_path: Path
) -> None:
    answer(dialog)
    go_to(qtbot, dialog, WHERE)
    broken = tmp_path / "area.geojson"
    broken.write_text("{")
    dialog.where.file_wanted.emit(broken)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=_LONG_MS)
    assert "area.geojson" in dialog.where.told.text()


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_registered(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, tmp_path: Path
) -> None:
    answer(dialog)
    go_to(qtbot, dialog, FILES)
    dialog.files.place.setText(str(tmp_path / "nowhere"))
    qtbot.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
    assert (dialog.step, dialog.busy) == (FILES, False)
    assert "nowhere" in dialog.trouble.text()
    dialog.files.place.setText(str(tmp_path))
    dialog.files.password.setText("密码")
    qtbot.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
    assert (dialog.step, dialog.busy) == (FILES, False)
    assert "Latin letters" in dialog.trouble.text()
    dialog.files.password.setText("Pass 1!")
    go_to(qtbot, dialog, PREVIEW)
    # It may go while the preview is looked at.
    dialog.files.place.setText(str(tmp_path / "nowhere"))
    qtbot.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=_LONG_MS)
    assert dialog.step == PREVIEW
    assert "nowhere" in dialog.trouble.text()
    assert project.deliveries.entries() == []


def test_a_layer_in_several_files_is_told_in_the_preview(
    qtbot: QtBot, dialog: DeliverDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapefile, "LARGEST", 2_500)
    answer(dialog)
    go_to(qtbot, dialog, PREVIEW)
    tree, preview = dialog.preview.losses, dialog.preview
    rows = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    assert any("manhole is more than a file holds" in row.text(3) for row in rows)
    assert tree.isVisible()
    preview.filter.setText("more than a file holds")
    assert {row.text(1) for row in map(tree.topLevelItem, range(tree.topLevelItemCount()))} == {""}


def test_an_encoding_is_only_asked_for_shapefiles(qtbot: QtBot, dialog: DeliverDialog) -> None:
    answer(dialog)
    go_to(qtbot, dialog, FILES)
    assert dialog.files.encoding.isVisible()
    dialog.files.formats["geojson"].setChecked(True)
    dialog.files.formats["shp"].setChecked(False)
    assert not dialog.files.encoding.isVisible()
    dialog.files.formats["geojson"].setChecked(False)
    assert dialog.next.toolTip() == "Choose at least one format."


def test_on_a_laptop_at_150_percent_every_step_is_seen_whole(
    qtbot: QtBot, dialog: DeliverDialog
) -> None:
    answer(dialog)
    dialog.resize(911, 472)
    for step in (WHO, WHERE, KINDS, FILES, PREVIEW):
        go_to(qtbot, dialog, step)
        QApplication.processEvents()
        area = dialog.pages[step].parentWidget().parentWidget()
        assert isinstance(area, QScrollArea)
        assert area.horizontalScrollBar().maximum() == 0, step
        assert area.verticalScrollBar().maximum() == 0, step


def test_every_system_that_is_offered_can_be_delivered_in(dialog: DeliverDialog) -> None:
    box = dialog.files.crs
    offered = [box.itemData(at) for at in range(box.count())]
    assert len(offered) > 3
    for text in offered:
        assert parse_crs(text).called


# -- the register --------------------------------------------------------------------------


def test_the_register_shows_and_saves_what_was_delivered(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, tmp_path: Path
) -> None:
    delivered(qtbot, dialog)
    register = RegisterDialog(project)
    qtbot.addWidget(register)
    (entry,) = project.deliveries.entries()
    assert register.chosen == entry
    assert register.table.item(0, 2).text() == "示例施工队 王工"
    assert entry.sha256 in register.told.text()
    assert entry.package in register.told.text()
    header = register.table.horizontalHeader()
    for column in range(header.count()):
        assert header.sectionSize(column) >= header.sectionSizeHint(column)
    register.filter.setText("nobody of that name")
    assert register.table.rowCount() == 0
    assert register.chosen is None
    register.save_table(tmp_path / "register.csv")
    text = (tmp_path / "register.csv").read_text("utf-8-sig")
    assert entry.sha256 in text
    assert "示例施工队 王工" in text


def test_an_empty_register_says_so(qtbot: QtBot, project: Project) -> None:
    register = RegisterDialog(project)
    qtbot.addWidget(register)
    register.show()
    assert register.empty.isVisible()
    assert not register.take_back.isEnabled()


# -- what comes back -----------------------------------------------------------------------


def returned(path: Path, values: dict[str, str]) -> None:
    """Change remarks as a contractor does; keys are numbers of wells."""

    def change(records: list[Row]) -> list[Row]:
        for record in records:
            told = record["properties"]
            told["BZ"] = values.get(told["WTDH"], told["BZ"])
        return records

    edited(path / "数据" / "shp" / "manhole.shp", change)


def take_back(qtbot: QtBot, project: Project, jobs: Jobs, path: Path) -> ReturnDialog:
    dialog = ReturnDialog(project, jobs)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.step == FILE
    dialog.file.path.setText(str(path))
    go_to(qtbot, dialog, DIFFERENCES)
    return dialog


def test_only_what_was_changed_comes_back_and_one_undo_takes_it_away(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, keys: Keys, jobs: Jobs
) -> None:
    path = delivered(qtbot, dialog)
    returned(path, {"A": "已更换"})
    back = take_back(qtbot, project, jobs, path)
    assert back.next.text() == "Take 1"
    go_to(qtbot, back, TAKEN)
    assert project.get(keys["A"]).values["remarks"] == "已更换"
    assert "示例施工队 王工" in back.done_page.said.text()
    project.session.undo()
    assert project.get(keys["A"]).values["remarks"] is None


def test_what_was_changed_here_too_is_shown_and_not_ticked(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, keys: Keys, jobs: Jobs
) -> None:
    path = delivered(qtbot, dialog)
    returned(path, {"A": "已更换"})
    project.session.apply(set_values(project, [keys["A"]], {"remarks": "自己改的"}))
    back = take_back(qtbot, project, jobs, path)
    assert not back.next.isEnabled()
    tree = back.differences.differences.tree
    line = tree.topLevelItem(0).child(0)
    assert (line.text(2), "已更换" in line.text(3)) == ("自己改的", True)
    line.setCheckState(0, Qt.CheckState.Checked)
    go_to(qtbot, back, TAKEN)
    assert project.get(keys["A"]).values["remarks"] == "已更换"


def test_a_package_of_another_project_asks_what_it_is_laid_beside(
    qtbot: QtBot, dialog: DeliverDialog, project: Project, jobs: Jobs
) -> None:
    path = delivered(qtbot, dialog)
    manifest = path / "清单.json"
    held = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**held, "uuid": "00000000-0000-4000-8000-000000000000"}))
    back = ReturnDialog(project, jobs)
    qtbot.addWidget(back)
    back.show()
    back.file.path.setText(str(path))
    qtbot.mouseClick(back.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not back.busy, timeout=_LONG_MS)
    assert back.step == FILE
    assert back.file.question is not None
    back.file.question.answered.emit(("--delivery", "present"))
    go_to(qtbot, back, DIFFERENCES)


def test_a_file_that_is_not_there_is_said(
    qtbot: QtBot, project: Project, keys: Keys, jobs: Jobs, tmp_path: Path
) -> None:
    del keys
    back = ReturnDialog(project, jobs)
    qtbot.addWidget(back)
    back.show()
    back.file.path.setText(str(tmp_path / "nothing.zip"))
    qtbot.mouseClick(back.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not back.busy, timeout=_LONG_MS)
    assert "nothing.zip" in back.trouble.text()


# -- the window ----------------------------------------------------------------------------


def test_the_window_offers_what_is_selected_and_what_is_seen(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    assert window.workspace is not None
    assert window.delivering is not None
    space = window.workspace
    feature = space.project.get(keys["A"])
    space.selection.set("manhole", [feature.fid or 0])
    dialog = window.delivering.deliver_dialog()
    qtbot.addWidget(dialog)
    by_kind = {b.property("kind"): b for b in dialog.where.choices.buttons()}
    assert by_kind["selected"].isEnabled()
    assert by_kind["seen"].isEnabled()
    assert not by_kind["inside"].isEnabled()
    assert by_kind["inside"].toolTip() == "What is selected has no area."
