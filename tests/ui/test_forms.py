from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.ui.bridge import Bridge
from hjgis.ui.form.editors import FieldEditor
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.attributes import AttributesPanel
from hjgis.ui.selection import Selection
from tests.network import build


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


@pytest.fixture
def selection() -> Selection:
    return Selection()


@pytest.fixture
def panel(qtbot, project: Project, keys: dict, selection: Selection) -> AttributesPanel:
    made = AttributesPanel(project, Bridge(project.session), selection)
    qtbot.addWidget(made)
    made.show()
    return made


def editor(panel: AttributesPanel, name: str) -> FieldEditor:
    return panel._form.editor(name)


def type_into(qtbot, line: QLineEdit, text: str) -> None:
    line.clear()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def select(project: Project, selection: Selection, *keys: FeatureKey) -> None:
    selection.set(keys[0].layer, [project.store.fid(key) for key in keys])


def test_what_is_typed_is_stored_when_enter_is_pressed(
    qtbot, project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    select(project, selection, keys["A"])
    type_into(qtbot, editor(panel, "exp_no").line, "WS7")
    assert project.get(keys["A"]).values["exp_no"] == "WS7"
    project.session.undo()
    assert editor(panel, "exp_no").line.text() == "A"


def test_a_value_that_does_not_fit_is_said_beside_its_field_and_not_stored(
    qtbot, project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    select(project, selection, keys["A"])
    before = len(project.history.entries())
    type_into(qtbot, editor(panel, "well_depth_m").line, "deep")
    assert "not a number" in editor(panel, "well_depth_m").said
    assert len(project.history.entries()) == before


def test_a_code_is_shown_by_its_name_and_stored_as_its_code(
    qtbot, project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    select(project, selection, keys["AB"])
    material = editor(panel, "material")
    type_into(qtbot, material.line, "PVC")
    assert project.get(keys["AB"]).values["material"] == "PVC"
    codes = project.catalogue.codes("pipe_material")
    assert material.line.text() == codes.label_of("PVC")


def test_several_features_show_what_they_share_and_take_one_change(
    qtbot, project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    project.session.apply(set_values(project, [keys["A"], keys["B"]], {"remarks": "same"}))
    before = len(project.history.entries())
    select(project, selection, keys["A"], keys["B"])
    assert editor(panel, "remarks").line.text() == "same"
    assert editor(panel, "exp_no").line.placeholderText() == "(2 values)"
    type_into(qtbot, editor(panel, "remarks").line, "new")
    assert [project.get(keys[name]).values["remarks"] for name in "AB"] == ["new", "new"]
    assert len(project.history.entries()) == before + 1


def test_looking_at_mixed_values_changes_nothing(
    qtbot, project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    before = len(project.history.entries())
    select(project, selection, keys["A"], keys["B"])
    for name in panel._form.names:
        if panel._form.is_asked(name):
            panel._form.editor(name).line.left.emit()
    assert len(project.history.entries()) == before


def test_the_bar_counts_required_fields_that_are_filled(
    project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    select(project, selection, keys["A"])
    start = panel.head.bar.value()
    change = {"responsible_unit": "住建局", "managing_unit": "住建局"}
    project.session.apply(set_values(project, [keys["A"]], change))
    assert panel.head.bar.value() == start + 2
    required = sum(field.required for field in project.asset_type("manhole").fields)
    assert panel.head.bar.maximum() == required


def test_a_pipe_names_its_nodes_and_a_click_selects_one(
    project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    select(project, selection, keys["AB"])
    assert f"manhole/{keys['B'].uuid}" in panel.head.ends.text()
    panel.head.ends.linkActivated.emit(f"manhole/{keys['B'].uuid}")
    assert selection.keys(project) == [keys["B"]]


def test_a_read_only_project_says_why_and_takes_no_typing(
    qtbot, project: Project, keys: dict
) -> None:
    with project.reader() as reader:
        selection = Selection()
        panel = AttributesPanel(reader, Bridge(reader.session), selection)
        qtbot.addWidget(panel)
        select(reader, selection, keys["A"])
        assert panel._form.editor("exp_no").line.isReadOnly()
        assert reader.read_only_reason in panel.head.why.text()


def test_nothing_selected_says_how_to_select(panel: AttributesPanel) -> None:
    assert panel._empty.isVisible()
    assert "Click a feature" in panel._empty.text()


class Listing(QWidget):
    """A part below the fields that only remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str | None, list[int]]] = []

    def show_features(self, layer: str | None, fids) -> None:
        self.told.append((layer, fids.tolist()))

    def belongs_to(self, layer: str) -> bool:
        return layer == "manhole"


def test_a_part_below_the_fields_hears_what_is_selected(
    qtbot, project: Project, keys: dict, selection: Selection, panel: AttributesPanel
) -> None:
    select(project, selection, keys["A"])
    part = Listing()
    panel.add_part("Photographs", part)
    fid = project.store.fid(keys["A"])
    assert part.told == [("manhole", [fid])]
    qtbot.waitUntil(part.isVisible)
    selection.clear()
    assert part.told[-1] == (None, [])


def test_a_form_is_headed_by_kind_and_number_the_id_smaller_below(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space, form = window.workspace, window.docks.attributes
    number = "15082601002900000"
    space.apply(set_values(space.project, [keys["A"]], {"component_id": number}))
    space.selection.set("manhole", [space.project.store.fid(keys["A"])])
    assert (form.head.title.text(), form.head.under.text()) == ("Manhole A", number)
    space.apply(set_values(space.project, [keys["A"]], {"exp_no": None}))
    assert form.head.title.text() == f"Manhole {number}"
    assert not form.head.under.isVisibleTo(form)
