from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton

from hjgis.layers.project import Project
from hjgis.settings import Settings
from hjgis.ui.dialogs.crash import CrashDialog
from hjgis.ui.dialogs.exchange import ExportDialog, ImportDialog
from hjgis.ui.dialogs.print_sheet import MapDialog
from hjgis.ui.dialogs.project import NewProjectDialog
from hjgis.ui.dialogs.settings import SettingsDialog
from hjgis.ui.jobs import Jobs
from tests.network import build


@pytest.fixture
def jobs(qtbot):
    made = Jobs()
    yield made
    made.stop()


def geojson(path: Path, *, crs: str = "EPSG::4490") -> Path:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [107.15 + n / 1000, 40.88]},
            "properties": {"灯杆编号": f"L{n}", "光源": "LED" if n else "蜡烛", "备用": n},
        }
        for n in range(3)
    ]
    named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs}"}}
    collection = {"type": "FeatureCollection", "crs": named, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), "utf-8")
    return path


@pytest.fixture
def importing(qtbot, project: Project, jobs: Jobs, tmp_path: Path) -> ImportDialog:
    dialog = ImportDialog(project, jobs)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(jobs.finished, timeout=20_000):
        dialog.choose(geojson(tmp_path / "lamps.geojson"))
    return dialog


def test_the_dialog_says_what_is_in_the_file_and_offers_the_fitting_kind(
    importing: ImportDialog,
) -> None:
    assert "3 records" in importing._found.text()
    assert importing._target.currentData() == "street_lamp"
    fields = [importing._mapping.cellWidget(row, 1).currentData() for row in range(3)]
    assert fields == ["pole_no", "lamp_type", None]


def test_a_trial_lists_problems_and_stores_nothing(
    qtbot, project: Project, jobs: Jobs, importing: ImportDialog
) -> None:
    with qtbot.waitSignal(jobs.finished, timeout=20_000):
        importing._try.click()
    assert project.count("street_lamp") == 0
    said = [importing._problems.item(r, 3).text() for r in range(importing._problems.rowCount())]
    assert any("蜡烛" in text for text in said)


def test_the_import_is_one_undo_and_takes_columns_as_chosen(
    qtbot, project: Project, jobs: Jobs, importing: ImportDialog
) -> None:
    box = importing._mapping.cellWidget(2, 1)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData("ctrl_box_id"))
    source = importing._mapping.cellWidget(1, 1)
    assert isinstance(source, QComboBox)
    source.setCurrentIndex(0)
    with qtbot.waitSignal(jobs.finished, timeout=20_000):
        importing._go.click()
    table = project.table("street_lamp", ["lamp_type", "ctrl_box_id"])
    assert set(table.columns["lamp_type"]) == {None}
    assert table.columns["ctrl_box_id"].tolist() == ["0", "1", "2"]
    project.session.undo()
    assert project.count("street_lamp") == 0


def test_a_question_is_shown_with_its_candidates(
    qtbot, project: Project, jobs: Jobs, tmp_path: Path
) -> None:
    path = tmp_path / "toilets.csv"
    path.write_text("名称,X,Y\n示例,4528000,428000\n", "utf-8")
    dialog = ImportDialog(project, jobs)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(jobs.finished, timeout=20_000):
        dialog.choose(path)
    assert {dialog._x.itemText(n) for n in range(dialog._x.count())} == {"名称", "X", "Y"}
    assert "east" in dialog._said.text()
    dialog._x.setCurrentText("Y")
    dialog._y.setCurrentText("X")
    with qtbot.waitSignal(jobs.finished, timeout=20_000):
        dialog._y.activated.emit(0)
    assert "1 records" in dialog._found.text()


def test_layers_are_exported_and_losses_listed(
    qtbot, project: Project, jobs: Jobs, tmp_path: Path
) -> None:
    from hjgis.edits.attributes import set_values

    keys = build(project)
    project.session.apply(set_values(project, [keys["A"]], {"remarks": "𠮷井"}))
    dialog = ExportDialog(project, jobs)
    qtbot.addWidget(dialog)
    dialog._out.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        dialog.export()
    assert (tmp_path / "out" / "manhole.shp").exists()
    assert dialog._losses.rowCount() == 1
    assert keys["A"].uuid == dialog._losses.item(0, 2).text()


def test_the_map_preview_is_drawn_and_the_sheet_written(
    qtbot, project: Project, jobs: Jobs, tmp_path: Path
) -> None:
    build(project)
    dialog = MapDialog(project, jobs)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog._image is not None, timeout=20_000)
    dialog._scale.setCurrentText("1000")
    with qtbot.waitSignal(jobs.finished, timeout=30_000):
        dialog.export_to(tmp_path / "map.pdf")
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")


def test_a_new_project_needs_a_free_file_and_a_metric_system(
    qtbot, project: Project, tmp_path: Path
) -> None:
    dialog = NewProjectDialog()
    qtbot.addWidget(dialog)
    dialog._path.setText(str(project.path))
    dialog.accept()
    assert "exists already" in dialog._trouble.text()
    dialog._path.setText(str(tmp_path / "new"))
    dialog._crs.setEditText("EPSG:4490")
    dialog.accept()
    assert "projected" in dialog._trouble.text()
    dialog._crs.setCurrentIndex(0)
    dialog.accept()
    assert dialog.result() == dialog.DialogCode.Accepted
    assert (dialog.path.name, dialog.crs) == ("new.gpkg", "EPSG:4545")


def test_settings_keep_what_the_dialog_does_not_ask(qtbot) -> None:
    dialog = SettingsDialog(Settings(language="en", operator="李", recent=("a",)))
    qtbot.addWidget(dialog)
    dialog._operator.setText(" 王 ")
    assert dialog.result_settings() == Settings(language="en", operator="王", recent=("a",))


def test_the_crash_report_can_be_copied(qtbot) -> None:
    from PySide6.QtGui import QGuiApplication

    dialog = CrashDialog("Traceback: it broke")
    qtbot.addWidget(dialog)
    dialog._copy()
    assert QGuiApplication.clipboard().text() == "Traceback: it broke"


def test_a_folder_of_photos_is_chosen_with_its_own_button(
    qtbot, project: Project, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 53.0, 14.0), 3: "E", 4: (107.0, 9.0, 0.0)})
    Image.new("RGB", (8, 6)).save(tmp_path / "a.jpg", exif=exif)
    Image.new("RGB", (8, 6)).save(tmp_path / "b.jpg")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path))
    dialog = ImportDialog(project, jobs)
    qtbot.addWidget(dialog)
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Folder of photos…"]
    with qtbot.waitSignal(jobs.finished, timeout=20_000):
        button.click()
    assert "2 records" in dialog._found.text()
    # Every kind of point has a date of survey: nothing tells which one is meant.
    assert dialog._target.currentText() == "New reference layer…"
