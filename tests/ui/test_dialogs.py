from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox

from hjgis.checks.rules.register import all_rules
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.operators import Operator
from hjgis.settings import Settings
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.check_rules import RuleDialog
from hjgis.ui.dialogs.naming import ChoiceDialog, LengthDialog, NameDialog
from hjgis.ui.dialogs.project import NewProjectDialog
from hjgis.ui.dialogs.project_lists.operators_page import OperatorDialog
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


@pytest.mark.parametrize(("final", "done"), [(False, True), (True, False)])
def test_a_question_says_what_its_button_does_and_enter_does_only_what_undo_takes_back(
    qtbot, final: bool, done: bool
) -> None:
    box = confirming.question(None, "Delete", "Sure?", "Delete 3 × Manhole", final=final)
    qtbot.addWidget(box)
    assert box.button(QMessageBox.StandardButton.Yes).text() == "Delete 3 × Manhole"
    box.show()
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert (box.result() == QMessageBox.StandardButton.Yes) == done
    box.show()
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.result() == QMessageBox.StandardButton.Cancel


def test_windows_that_ask_for_one_thing_begin_in_its_field(qtbot, project: Project) -> None:
    name = NameDialog("Rename", "old")
    choice = ChoiceDialog("Add layer", "Kind", ["a", "b"], done="Add")
    length = LengthDialog("Simplify", "Nearer than", 0.1)
    entry = OperatorDialog(project, None, Operator(""))
    fields = (name.line, choice.box, length.box, entry.name)
    for dialog, field in zip((name, choice, length, entry), fields, strict=True):
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.focusWidget() is field


def test_what_is_said_of_wrong_input_is_not_cut(qtbot, project: Project) -> None:
    made = NewProjectDialog()
    made._crs.setEditText("EPSG:4490")
    rule = RuleDialog(project, all_rules()["pipe.end_off_node"])
    next(iter(rule.limits.values())).setText("?")
    for dialog, said in ((made, made._trouble), (rule, rule.error)):
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.accept()
        assert said.isVisible()
        qtbot.waitUntil(lambda said=said: said.height() >= said.heightForWidth(said.width()))
        for words in dialog.findChildren(QLabel):
            assert words.height() >= words.heightForWidth(words.width()), words.text()
