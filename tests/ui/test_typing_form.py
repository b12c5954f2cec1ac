"""The form in the window, typed into: keys, lists, input methods, undo."""

from __future__ import annotations

import html

import numpy as np
import pytest
from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget

from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.templates import read_templates
from hjgis.ui.form.editors import FieldEditor, field_title
from hjgis.ui.form.lines import ChoiceLine, TypedLine
from hjgis.ui.habits import Habits
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.attributes import AttributesPanel
from tests.ui.mouse import pixel

ENTER, TAB, ESC = Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Form:
    """The form of a window, by what one does with it."""

    def __init__(self, qtbot, window: MainWindow, project: Project) -> None:
        assert window.workspace is not None
        assert window.docks is not None
        self.bot, self.window, self.project = qtbot, window, project
        self.space = window.workspace
        self.panel: AttributesPanel = window.docks.attributes

    def select(self, *keys: FeatureKey) -> None:
        fids = [self.project.store.fid(key) for key in keys]
        self.space.selection.set(keys[0].layer, fids)

    def editor(self, name: str) -> FieldEditor:
        return self.panel._form.editor(name)

    def type(self, name: str, text: str, key: Qt.Key = ENTER) -> None:
        self.panel.go_to(name)
        self.bot.keyClicks(self.editor(name).line, text)
        self.key(key)

    def key(self, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        self.bot.keyClick(self.focus, key, modifier)

    def compose(self, preedit: str, commit: str = "") -> None:
        event = QInputMethodEvent(preedit, [])
        event.setCommitString(commit)
        QApplication.sendEvent(self.focus, event)

    @property
    def focus(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    def value(self, key: FeatureKey, name: str) -> object:
        return self.project.get(key).values[name]

    def said(self) -> str:
        return html.unescape(self.space.canvas.message.text())


@pytest.fixture
def form(qtbot, window: MainWindow, project: Project) -> Form:
    return Form(qtbot, window, project)


def test_what_a_line_holds_never_runs_under_its_button(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    line = form.editor("pipe_kind").line
    assert isinstance(line, ChoiceLine)
    line.setText("Combined storm water and sewage, of both")
    wide = line.width() - line.textMargins().right()
    assert wide < line.width()
    form.bot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(wide, line.height() // 2))
    assert line.is_open


def test_a_star_is_never_alone_on_a_line(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    names = {field.name: field_title(field) for field in form.panel._form.asset.fields}
    assert "&nbsp;<span" in names["component_id"]


def test_enter_and_tab_go_to_the_next_field_and_shift_tab_back(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("exp_no", "W1")
    assert form.focus is form.editor("map_no").line
    form.bot.keyClicks(form.focus, "7")
    form.key(TAB)
    assert form.value(keys["A"], "map_no") == "7"
    assert form.focus is form.editor("pipe_kind").line
    form.key(Qt.Key.Key_Backtab, SHIFT)
    assert form.focus is form.editor("map_no").line


def test_the_next_field_is_looked_for_in_folded_groups_too(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.panel.go_to("built_year")
    form.key(ENTER)
    assert form.focus is form.editor("grid_id").line
    assert form.editor("grid_id").line.isVisible()
    asset = form.project.asset_type("manhole").id
    assert form.panel.habits.is_open(asset, "location") is True


def test_a_list_narrows_down_by_pinyin_and_enter_takes_the_first(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.panel.go_to("cover_kind")
    line = form.editor("cover_kind").line
    assert isinstance(line, ChoiceLine)
    form.bot.keyClicks(line, "ys")
    assert line.is_open
    assert form.focus is line, "the list takes no keyboard"
    form.key(Qt.Key.Key_Down)
    form.key(ENTER)
    assert form.value(keys["A"], "cover_kind") == "雨水箅子"
    form.panel.go_to("cover_kind")
    form.bot.keyClicks(line, "wsj")
    form.key(ENTER)
    assert form.value(keys["A"], "cover_kind") == "污水井盖"
    assert not line.is_open


def test_the_list_of_a_child_offers_what_fits_its_parent(form: Form, keys: dict) -> None:
    form.select(keys["AB"])
    form.type("material", "SM")
    form.panel.go_to("material_detail")
    line = form.editor("material_detail").line
    assert isinstance(line, ChoiceLine)
    form.key(Qt.Key.Key_Down)
    assert line.offered == ["Asbestos cement", "Other", "Unknown"]
    form.key(ESC)
    form.type("material", "PVC")
    form.type("material_detail", "SMSN")
    assert form.value(keys["AB"], "material_detail") == "SMSN", "told, not refused"
    assert "does not belong to Polyvinyl" in form.editor("material_detail").said


def test_choosing_a_child_fills_its_empty_parent(form: Form, keys: dict) -> None:
    form.select(keys["AB"])
    form.type("material_detail", "SMSN")
    assert form.editor("material").value == "SM"


def test_a_field_without_meaning_is_hidden_unless_it_holds_something(
    form: Form, keys: dict
) -> None:
    form.select(keys["A"])
    assert not form.panel._form.is_asked("cover_width_mm")
    form.type("cover_shape", "rectangular")
    assert form.panel._form.is_asked("cover_width_mm")
    assert form.editor("cover_width_mm").is_shown
    form.type("cover_width_mm", "500")
    form.type("cover_shape", "round")
    assert form.panel._form.is_asked("cover_width_mm"), "nothing that is stored is hidden"
    form.space.undo()
    assert not form.panel._form.is_asked("cover_width_mm")


def test_what_is_refused_stays_in_the_line_and_esc_takes_it_back(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("made_date", "2020.2.30")
    made = form.editor("made_date")
    assert form.focus is made.line
    assert made.line.text() == "2020.2.30"
    assert "has 29 days" in made.said
    assert made.line.property("mark") == "refused"
    form.key(ESC)
    assert (made.line.text(), made.said) == ("", "")
    assert form.focus is made.line
    form.key(ESC)
    assert form.focus is form.space.canvas


def test_a_number_out_of_its_range_is_stored_and_marked(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("well_depth_m", "25")
    assert form.value(keys["A"], "well_depth_m") == 25.0
    assert form.editor("well_depth_m").line.property("mark") == "odd"
    assert "more than 8 m" in form.editor("well_depth_m").said


def test_what_was_typed_and_not_stored_is_told_when_something_else_is_selected(
    form: Form, keys: dict
) -> None:
    form.select(keys["A"])
    form.type("made_date", "2020.2.30")
    form.select(keys["B"])
    assert "2020.2.30 was not stored" in form.said()
    assert form.editor("made_date").line.text() == ""


def test_unknown_is_an_answer_for_numbers_and_dates(form: Form, keys: dict) -> None:
    start = form.project.content_sha256()
    form.select(keys["AB"])
    asked = form.panel.head.bar.value()
    form.type("laid_year", "?")
    assert form.value(keys["AB"], "laid_year") is None
    assert form.value(keys["AB"], "unknown_fields") == "laid_year"
    assert form.editor("laid_year").line.text() == "unknown"
    assert form.panel.head.bar.value() == asked + 1
    form.type("laid_year", "1998")
    assert form.value(keys["AB"], "unknown_fields") is None
    assert form.editor("laid_year").line.text() == "1998"
    form.space.undo()
    assert form.project.content_sha256() == start


def test_commits_on_one_feature_are_one_step_until_the_selection_changes(
    form: Form, keys: dict
) -> None:
    start = form.project.content_sha256()
    form.select(keys["A"])
    for name, text in (("exp_no", "1"), ("map_no", "2"), ("maker", "x")):
        form.type(name, text)
    middle = form.project.content_sha256()
    form.select(keys["B"])
    form.type("exp_no", "9")
    form.space.undo()
    assert form.project.content_sha256() == middle
    form.space.undo()
    assert form.project.content_sha256() == start


def test_ctrl_z_in_a_line_takes_back_letters_first_and_then_edits(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("exp_no", "W1")
    line = form.focus
    form.bot.keyClicks(line, "abc")
    form.key(Qt.Key.Key_Z, CTRL)
    assert form.value(keys["A"], "exp_no") == "W1"
    assert line.text() == ""
    form.key(Qt.Key.Key_Z, CTRL)
    assert form.value(keys["A"], "exp_no") == "A"


def test_the_computed_value_is_offered_where_another_one_is_typed(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("ground_elev_m", "1040")
    form.type("well_depth_m", "2.5")
    bottom = form.editor("bottom_elev_m")
    assert bottom.line.text() == "1037.5"
    assert bottom.said == ""
    form.select(keys["B"])
    form.project.session.apply(
        set_values(form.project, [keys["B"]], {"ground_elev_m": 1040.0, "well_depth_m": 2.0})
    )
    assert form.editor("bottom_elev_m").line.placeholderText() == "computed: 1038"
    form.type("bottom_elev_m", "1030")
    form.type("well_depth_m", "3")
    assert form.value(keys["B"], "bottom_elev_m") == 1030.0
    assert "computed: 1037" in form.editor("bottom_elev_m").said
    form.editor("bottom_elev_m")._said.linkActivated.emit("use")
    assert form.value(keys["B"], "bottom_elev_m") == 1037.0


def test_f2_gives_the_value_of_the_feature_edited_last_and_goes_on(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("maker", "x works")
    form.type("exp_no", "W1")
    form.select(keys["B"])
    form.panel.go_to("maker")
    form.key(Qt.Key.Key_F2)
    assert form.value(keys["B"], "maker") == "x works"
    assert form.focus is form.editor("made_date").line
    form.key(Qt.Key.Key_F2)
    assert "has no value here" in form.said()


def test_shift_f2_fills_what_is_empty_in_one_step(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    for name, text in (("maker", "x works"), ("built_year", "1999"), ("exp_no", "W1")):
        form.type(name, text)
    form.select(keys["B"])
    form.type("built_year", "2001")
    before = form.project.content_sha256()
    form.key(Qt.Key.Key_F2, SHIFT)
    stored = form.project.get(keys["B"]).values
    assert (stored["maker"], stored["built_year"], stored["exp_no"]) == ("x works", 2001, "B")
    form.space.undo()
    assert form.project.content_sha256() == before


def test_ctrl_enter_goes_on_in_the_order_of_the_file_and_round(form: Form, keys: dict) -> None:
    form.select(keys["B"])
    form.panel.go_to("maker")
    form.bot.keyClicks(form.focus, "x")
    form.key(ENTER, CTRL)
    assert form.value(keys["B"], "maker") == "x"
    assert form.space.selection.keys(form.project) == [keys["C"]]
    assert form.focus is form.editor("maker").line
    form.key(ENTER, CTRL)
    assert form.space.selection.keys(form.project) == [keys["A"]]
    assert "Round again" in form.said()
    form.key(ENTER, CTRL | SHIFT)
    assert form.space.selection.keys(form.project) == [keys["C"]]


def test_ctrl_enter_follows_the_table_while_that_is_shown(form: Form, keys: dict) -> None:
    form.window.docks.open_table("manhole")
    model = form.window.docks.table.model
    fids = [form.project.store.fid(keys[name]) for name in "BAC"]
    model.show_rows(np.array(fids))
    form.select(keys["B"])
    form.panel.go_to("maker")
    form.key(ENTER, CTRL)
    assert form.space.selection.keys(form.project) == [keys["A"]]


def test_a_pinned_value_goes_to_new_features_and_is_passed_by(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("exp_no", "W1")
    form.type("maker", "x works")
    form.panel.go_to("maker")
    form.panel.head.pin.click()
    assert dict(form.panel.habits.pins("manhole")) == {"maker": "x works"}
    form.space.use_tool("draw.manhole")
    click(form, 428_010, 4_528_020)
    (new,) = form.space.selection.keys(form.project)
    assert form.value(new, "maker") == "x works"
    form.panel.go_to("managing_unit")
    form.key(ENTER)
    assert form.focus is form.editor("made_date").line
    form.panel.go_to("maker")
    form.panel.head.pin.click()
    assert not form.panel.habits.pins("manhole")


def test_pins_are_kept_with_the_project(form: Form, keys: dict) -> None:
    form.panel.habits.pin("manhole", "maker", "x works")
    assert Habits(form.project, form.space.bridge).given("manhole") == {"maker": "x works"}


def test_a_drawn_point_is_typed_at_once_and_the_tool_goes_on(form: Form, keys: dict) -> None:
    form.space.use_tool("draw.manhole")
    click(form, 428_010, 4_528_020)
    assert isinstance(form.focus, TypedLine)
    assert form.focus is form.editor("component_id").line
    form.bot.keyClicks(form.focus, "1508260100200001")
    (first,) = form.space.selection.keys(form.project)
    click(form, 428_020, 4_528_020)
    (second,) = form.space.selection.keys(form.project)
    assert second != first
    assert form.value(first, "component_id") == "1508260100200001", "a click takes what is typed"
    form.key(ENTER, CTRL)
    assert form.focus is form.space.canvas
    assert form.space.canvas.tool is form.space.toolbox["draw.manhole"]


def test_a_template_is_made_of_a_feature_and_new_ones_start_with_it(form: Form, keys: dict) -> None:
    start = form.project.content_sha256()
    form.project.session.apply(
        set_values(
            form.project,
            [keys["A"]],
            {"cover_kind": "雨水井盖", "cover_size_mm": 700, "ground_elev_m": 1040.0},
        )
    )
    form.select(keys["A"])
    dialog = form.panel.template_dialog()
    form.bot.addWidget(dialog)
    dialog.name.setText("雨水井 Ø700")
    form.panel.save_template(dialog.template())
    (template,) = read_templates(form.project.info("templates"))
    assert template.values == {"cover_kind": "雨水井盖", "cover_size_mm": 700}
    form.space.use_tool("draw.manhole")
    assert "雨水井 Ø700" in form.space.canvas.tool.hint()
    click(form, 428_010, 4_528_020)
    (new,) = form.space.selection.keys(form.project)
    assert form.value(new, "cover_size_mm") == 700
    listed = form.window.editing.show_templates()
    listed.give_name("storm")
    assert [one.name for one in read_templates(form.project.info("templates"))] == ["storm"]
    listed.remove.click()
    assert form.project.info("templates") is None
    while form.space.project.session.can_undo and form.project.content_sha256() != start:
        form.space.undo()
    assert form.project.content_sha256() == start


def test_a_chosen_template_fills_what_is_empty_in_the_selected_feature(
    form: Form, keys: dict
) -> None:
    form.project.session.apply(
        set_values(form.project, [keys["A"]], {"cover_kind": "雨水井盖", "maker": "x"})
    )
    form.select(keys["A"])
    dialog = form.panel.template_dialog()
    form.bot.addWidget(dialog)
    dialog.name.setText("storm")
    form.panel.save_template(dialog.template())
    form.project.session.apply(set_values(form.project, [keys["B"]], {"maker": "own"}))
    form.select(keys["B"])
    form.panel.templates.box.setCurrentText("storm")
    form.panel.templates.box.activated.emit(form.panel.templates.box.currentIndex())
    assert form.value(keys["B"], "cover_kind") == "雨水井盖"
    assert form.value(keys["B"], "maker") == "own"


def test_coordinates_are_typed_north_and_east_and_pipes_follow(form: Form, keys: dict) -> None:
    start = form.project.content_sha256()
    form.select(keys["B"])
    assert form.editor("@north").line.text() == "4528000.000"
    form.type("@east", "428031.5")
    assert form.project.get(keys["B"]).geometry.x == 428_031.5
    assert form.project.get(keys["AB"]).geometry.coords[-1][0] == 428_031.5
    form.type("@north", "4528001,428030")
    place = form.project.get(keys["B"]).geometry
    assert (place.x, place.y) == (428_030.0, 4_528_001.0)
    form.type("@north", "")
    form.type("@north", "40.885,107.145")
    place = form.project.get(keys["B"]).geometry
    assert 427_000 < place.x < 429_000
    assert 4_525_000 < place.y < 4_530_000
    for _step in range(3):
        form.space.undo()
    assert form.project.content_sha256() == start


def test_several_features_take_one_value_and_a_word_offers_undo(form: Form, keys: dict) -> None:
    form.select(keys["A"], keys["B"], keys["C"])
    assert form.editor("exp_no").line.placeholderText() == "(3 values)"
    form.type("cover_shape", "round")
    assert {form.value(keys[one], "cover_shape") for one in "ABC"} == {"圆"}
    assert "3 features changed" in form.said()
    form.select(keys["A"])
    form.type("cover_shape", "rectangular")
    form.select(keys["A"], keys["B"], keys["C"])
    assert form.editor("cover_shape").line.placeholderText() == "(2 values) mostly Round"


def test_an_input_method_keeps_enter_esc_tab_and_f2_while_it_composes(
    form: Form, keys: dict
) -> None:
    form.select(keys["A"])
    before = form.project.content_sha256()
    for name in ("component_name", "cover_kind", "made_date", "well_depth_m"):
        form.panel.go_to(name)
        form.compose("jian she")
        for key in (ENTER, ESC, TAB, Qt.Key.Key_F2):
            form.key(key)
            assert form.focus is form.editor(name).line, (name, key)
        form.compose("")
    assert form.project.content_sha256() == before
    form.panel.go_to("component_name")
    form.compose("建设")
    form.compose("", "建设街污水井")
    form.key(ENTER)
    assert form.value(keys["A"], "component_name") == "建设街污水井"
    form.panel.go_to("cover_kind")
    form.compose("", "污水井盖")
    form.key(ENTER)
    assert form.value(keys["A"], "cover_kind") == "污水井盖"


def test_the_bar_lists_what_is_missing_and_goes_there(form: Form, keys: dict) -> None:
    form.select(keys["AB"])
    menu = form.panel.head.missing_menu()
    words = [action.text() for action in menu.actions()]
    assert "Road" in words
    menu.actions()[words.index("Road")].trigger()
    assert form.focus is form.editor("road_name").line


def test_a_calendar_writes_the_day_that_is_clicked(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.panel.go_to("made_date")
    line = form.editor("made_date").line
    line.open_calendar()
    line._calendar.clicked.emit(QDate(2020, 6, 15))
    assert form.value(keys["A"], "made_date") == "2020-06-15"


def test_only_fields_in_use_are_shown_when_asked_for(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.type("maker", "x works")
    form.type("remarks", "y")
    form.panel.head.short.click()
    asked = [name for name in form.panel._form.names if form.panel._form.is_asked(name)]
    assert asked == ["maker", "remarks"]
    form.panel.go_to("maker")
    form.key(ENTER)
    assert form.focus is form.editor("remarks").line
    form.panel.head.short.click()
    assert form.panel._form.is_asked("component_id")


def test_what_is_typed_is_stored_when_the_window_closes(form: Form, keys: dict) -> None:
    form.select(keys["A"])
    form.panel.go_to("maker")
    form.bot.keyClicks(form.focus, "x works")
    form.window.close()
    with Project.open(form.project.path) as again:
        assert again.get(keys["A"]).values["maker"] == "x works"


def click(form: Form, x: float, y: float) -> None:
    at: QPoint = pixel(form.space.canvas, (x, y))
    form.window.activateWindow()
    form.bot.mouseMove(form.space.canvas, at)
    form.bot.mouseClick(form.space.canvas, Qt.MouseButton.LeftButton, pos=at)
