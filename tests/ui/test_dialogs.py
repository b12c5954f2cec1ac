from __future__ import annotations

from pathlib import Path

import pytest

from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.settings import Settings
from hjgis.ui.dialogs.project import NewProjectDialog
from hjgis.ui.dialogs.settings import SettingsDialog
from hjgis.ui.jobs import Jobs


@pytest.fixture
def jobs(qtbot):
    made = Jobs()
    yield made
    made.stop()


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


def test_a_new_project_calls_the_systems_what_the_county_calls_them(qtbot) -> None:
    set_language("zh_CN")
    dialog = NewProjectDialog()
    qtbot.addWidget(dialog)
    said = [dialog._crs.itemText(row) for row in range(dialog._crs.count())]
    assert said[0] == "CGCS2000 中央子午线108°（3度带）  EPSG:4545"
    assert [text.split()[-1] for text in said[1:]] == ["EPSG:4524", "EPSG:2381", "EPSG:2433"]
    assert "西安" in said[2]
    assert "北京" in said[3]


def test_settings_keep_what_the_dialog_does_not_ask(qtbot) -> None:
    dialog = SettingsDialog(Settings(language="en", operator="李", recent=("a",)))
    qtbot.addWidget(dialog)
    dialog._operator.setText(" 王 ")
    assert dialog.result_settings() == Settings(language="en", operator="王", recent=("a",))
