"""Themes on the map and in their window, by mouse and keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMessageBox, QScrollArea
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.own_themes import copied_theme, read_themes, store_themes, theme_text
from hjgis.models.styles.color_sight import apart_for_all, apart_in_grey
from hjgis.models.themes import FACT, Portrayal, Theme, theme, theme_ids
from hjgis.ui.main_window import MainWindow
from hjgis.ui.themes.editor import ThemeEditor
from hjgis.ui.themes.offered import begun
from hjgis.ui.themes.on_map import ThemeOnMap
from hjgis.ui.window.theming import Theming

Keys = dict[str, FeatureKey]
NAMES = {"en": "Test", "zh_CN": "Test"}


def about(*portrayals: Portrayal, layers: tuple[str, ...] = ("pipe_line", "manhole")) -> Theme:
    return Theme("own-1", NAMES, layers, (portrayals[0].layer,), portrayals)


def theming(window: MainWindow) -> Theming:
    assert window.theming is not None
    return window.theming


def shown(qtbot: QtBot, window: MainWindow, wanted: Theme) -> ThemeOnMap:
    on_map = theming(window).on_map
    on_map.show(wanted)
    qtbot.waitUntil(lambda: not on_map.busy)
    return on_map


def painted(window: MainWindow) -> list[tuple[str, int, int]]:
    assert window.workspace is not None
    sources = window.workspace.layers.sources()
    return [(one.columns.layer, len(one.columns), len(one.style.classes)) for one in sources]


@pytest.fixture
def editor(qtbot: QtBot, window: MainWindow) -> ThemeEditor:
    opened = theming(window).open_editor()
    qtbot.waitUntil(lambda: not opened.busy)
    return opened


# -- on the map --------------------------------------------------------------------------


def test_a_theme_chosen_above_the_layers_is_on_the_map_and_goes_again(
    qtbot: QtBot, window: MainWindow
) -> None:
    usual, bar = painted(window), theming(window).bar
    row = bar.combo.findText(theme("manhole_units").label["en"])
    bar.combo.setFocus()
    bar.combo.setCurrentIndex(row - 1)
    qtbot.keyClick(bar.combo, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: not theming(window).on_map.busy)
    assert theming(window).on_map.theme == theme("manhole_units")
    assert "pipe_line" not in [name for name, _count, _classes in painted(window)]
    assert theming(window).legend.isVisible()
    window.actions_by_id["no-theme"].trigger()
    assert painted(window) == usual
    assert bar.combo.currentIndex() == 0
    assert not theming(window).legend.isVisible()


def test_the_theme_of_the_map_is_the_first_to_be_printed(qtbot: QtBot, window: MainWindow) -> None:
    shown(qtbot, window, theme("pipes"))
    assert window.map_window().design.wish.theme.id == "pipes"


def test_cells_lie_beneath_their_layer(qtbot: QtBot, window: MainWindow) -> None:
    cells = Portrayal("manhole", "density", cells="square", cell_m=500)
    shown(qtbot, window, about(cells))
    names = [name for name, _count, _classes in painted(window)]
    assert names.count("manhole") == 2
    first, second = (one for one in painted(window) if one[0] == "manhole")
    assert first[1] < 3 <= second[1] or first[2] != second[2]


def test_a_layer_switched_off_stays_off_in_a_theme(qtbot: QtBot, window: MainWindow) -> None:
    assert window.workspace is not None
    window.workspace.layers.set_visible("manhole", visible=False)
    shown(qtbot, window, about(Portrayal("manhole", "density")))
    assert [name for name, _count, _classes in painted(window)] == ["pipe_line"]


def test_what_a_theme_leaves_out_is_not_picked(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys
) -> None:
    assert window.workspace is not None
    place = project.get(keys["A"]).geometry
    layers = window.workspace.layers
    assert layers.pick(place.x, place.y, within=0.1, denominator=500)[0].layer == "manhole"
    shown(qtbot, window, about(Portrayal("pipe_line", "single"), layers=("pipe_line",)))
    hits = layers.pick(place.x, place.y, within=0.1, denominator=500)
    assert {hit.layer for hit in hits} == {"pipe_line"}


def test_the_map_follows_edits_and_undo(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys
) -> None:
    by_unit = about(Portrayal("manhole", "categories", field="responsible_unit"))
    on_map = shown(qtbot, window, by_unit)
    assert window.workspace is not None

    def units() -> int:
        assert on_map.found is not None
        return len(on_map.found.shadings["manhole"].style.classes)

    before = units()
    window.workspace.apply(
        set_values(project, [keys["A"]], {"responsible_unit": "A unit of its own"})
    )
    qtbot.waitUntil(lambda: units() == before + 1)
    window.workspace.undo()
    qtbot.waitUntil(lambda: units() == before)


def test_the_legend_says_how_many_each_class_has_and_is_folded_away(
    qtbot: QtBot, window: MainWindow
) -> None:
    shown(qtbot, window, about(Portrayal("manhole", "single")))
    legend = theming(window).legend
    assert "(3)" in legend.list.item(0).text()
    window.actions_by_id["theme-legend"].trigger()
    assert not legend.isVisible()
    window.actions_by_id["theme-legend"].trigger()
    assert legend.isVisible()


def test_a_theme_that_undo_takes_away_goes_from_the_map(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    assert window.workspace is not None
    own = about(Portrayal("manhole", "single"))
    project.session.apply(store_themes(project.info(FACT), [own]))
    on_map = shown(qtbot, window, own)
    window.workspace.undo()
    qtbot.waitUntil(lambda: on_map.theme is None)


# -- in the window -----------------------------------------------------------------------


def test_a_theme_begun_of_a_layer_is_kept_and_undo_takes_it_back(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    assert window.docks is not None
    assert window.workspace is not None
    window.docks.layer_tree.set_current_layer("manhole")
    window.actions_by_id["theme-layer"].trigger()
    editor = theming(window).open_editor()
    assert editor.draft.portrayals[0].layer == "manhole"
    assert editor.is_changed
    qtbot.mouseClick(editor.save, Qt.MouseButton.LeftButton)
    assert read_themes(project.info(FACT)) == (editor.draft,)
    assert not editor.is_changed
    window.workspace.undo()
    assert read_themes(project.info(FACT)) == ()


def test_a_method_begins_with_the_field_that_tells_kinds_or_measures_of_the_layer(
    project: Project,
) -> None:
    assert begun(project, "pipe_line", "categories").field == "kind"
    first = begun(project, "pipe_line", "graduated").field
    assert project.asset_type("pipe_line").field(first).group == "technical"


def test_a_ready_made_theme_that_is_changed_is_kept_as_a_copy(
    qtbot: QtBot, editor: ThemeEditor, project: Project
) -> None:
    editor.choose(theme("manhole_units"))
    editor.form.most.setFocus()
    editor.form.most.setValue(3)
    qtbot.mouseClick(editor.save, Qt.MouseButton.LeftButton)
    (own,) = read_themes(project.info(FACT))
    assert own.id not in theme_ids()
    assert own.portrayals[0].most == 3
    assert theme("manhole_units").portrayals[0].most == 7


def test_each_method_can_be_chosen_and_is_painted(qtbot: QtBot, editor: ThemeEditor) -> None:
    troubles: list[object] = []
    editor.preview.failed.connect(troubles.append)
    editor.begin_layer("manhole")
    for row in range(1, editor.form.method.count()):
        editor.form.method.setCurrentIndex(row)
        editor.form.method.activated.emit(row)
        assert editor.draft.portrayals[0].method == editor.form.method.currentData()
        qtbot.waitUntil(lambda: not editor.busy)
        assert not editor.picture.pixmap().isNull()
    assert not troubles
    editor.form.method.setCurrentIndex(0)
    editor.form.method.activated.emit(0)
    assert editor.draft.portrayals == ()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_map_legend_and_form_are_all_seen_on_a_small_screen_at_150_percent(
    qtbot: QtBot, window: MainWindow, language: str
) -> None:
    set_language(language)
    editor = theming(window).open_editor()
    qtbot.waitUntil(lambda: not editor.busy)
    editor.choose(theme("manhole_units"))
    qtbot.waitUntil(lambda: not editor.busy)
    before = editor.picture.pixmap().size()
    editor.resize(911, 440)
    qtbot.waitUntil(lambda: editor.picture.pixmap().size() == editor.picture.size() != before)
    for area in editor.findChildren(QScrollArea):
        inside = area.widget()
        assert inside.width() <= area.viewport().width()
    heads = editor.form.values.horizontalHeader()
    for column in range(heads.count()):
        assert heads.sectionSize(column) >= heads.sectionSizeHint(column)


def test_a_line_of_the_histogram_is_pulled_to_a_limit_of_ones_own(
    qtbot: QtBot, editor: ThemeEditor, project: Project, keys: Keys
) -> None:
    for name, depth in (("A", 1.0), ("B", 2.0), ("C", 6.0)):
        project.session.apply(set_values(project, [keys[name]], {"well_depth_m": depth}))
    editor.choose(about(Portrayal("manhole", "graduated", field="well_depth_m", classes=2)))
    qtbot.waitUntil(lambda: not editor.busy and len(editor.form.histogram.limits) == 1)
    histogram = editor.form.histogram
    start = QPoint(round(histogram.x_of(histogram.limits[0])), 20)
    end = QPoint(round(histogram.x_of(5.0)), 20)
    qtbot.mousePress(histogram, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(histogram, end)
    qtbot.mouseRelease(histogram, Qt.MouseButton.LeftButton, pos=end)
    entry = editor.draft.portrayals[0]
    assert entry.scheme == "user"
    assert entry.breaks == pytest.approx((5.0,), abs=0.1)


def test_limits_that_are_no_numbers_are_refused_in_words(qtbot: QtBot, editor: ThemeEditor) -> None:
    entry = Portrayal(
        "manhole", "graduated", field="well_depth_m", scheme="user", breaks=(1.0, 2.0)
    )
    editor.choose(about(entry))
    editor.form.breaks.clear()
    qtbot.keyClicks(editor.form.breaks, "one, two")
    qtbot.keyClick(editor.form.breaks, Qt.Key.Key_Return)
    assert editor.form.said.text()
    assert editor.draft.portrayals[0].breaks == (1.0, 2.0)
    editor.form.breaks.clear()
    editor.form.breaks.insert("3，1.5")
    qtbot.keyClick(editor.form.breaks, Qt.Key.Key_Return)
    assert editor.draft.portrayals[0].breaks == (1.5, 3.0)


def test_colour_and_words_of_a_value_are_changed(qtbot: QtBot, editor: ThemeEditor) -> None:
    editor.choose(about(Portrayal("pipe_line", "categories", field="kind")))
    qtbot.waitUntil(lambda: not editor.busy and editor.form.values.rowCount() > 0)
    table = editor.form.values
    table.item(0, 1).setText("Our pipes")
    qtbot.waitUntil(lambda: not editor.busy)
    table.give_color(0, "#123456")
    qtbot.waitUntil(lambda: not editor.busy)
    entry = editor.draft.portrayals[0]
    assert list((entry.words or {}).values()) == ["Our pipes"]
    assert "#123456" in (entry.colors or {}).values()
    texts = [editor.legend.item(row).text() for row in range(editor.legend.count())]
    assert any("Our pipes" in text for text in texts)


def test_a_theme_of_a_field_that_is_no_more_opens_and_says_so(
    qtbot: QtBot, editor: ThemeEditor
) -> None:
    editor.choose(about(Portrayal("manhole", "categories", field="no_such_field")))
    qtbot.waitUntil(lambda: not editor.busy)
    texts = [editor.legend.item(row).text() for row in range(editor.legend.count())]
    assert any("no_such_field" in text for text in texts)
    assert "no_such_field" in editor.form.field.currentText()


def test_a_theme_goes_through_a_file(editor: ThemeEditor, tmp_path: Path) -> None:
    editor.choose(theme("parking_supply"))
    path = tmp_path / "停车.toml"
    editor.write_file(path)
    editor.read_file(path)
    assert editor.draft.portrayals == theme("parking_supply").portrayals
    assert editor.draft.id not in theme_ids()


def test_a_file_that_is_no_theme_is_refused_in_words(
    editor: ThemeEditor, tmp_path: Path, project: Project
) -> None:
    path = tmp_path / "x.toml"
    for text in ("[", 'id = "a"', theme_text(theme("lamps")).replace("categories", "colourful")):
        path.write_text(text, "utf-8")
        editor.said.clear()
        editor.read_file(path)
        assert "x.toml" in editor.said.text()
    assert project.info(FACT) is None


def test_the_last_layer_of_a_theme_stays_ticked(editor: ThemeEditor) -> None:
    editor.choose(about(Portrayal("manhole", "single"), layers=("manhole",)))
    item = next(
        editor.layers.item(row)
        for row in range(editor.layers.count())
        if editor.layers.item(row).checkState() == Qt.CheckState.Checked
    )
    item.setCheckState(Qt.CheckState.Unchecked)
    assert item.checkState() == Qt.CheckState.Checked
    assert editor.draft.layers == ("manhole",)


def test_a_layer_is_shown_in_one_more_way_and_in_one_less(
    qtbot: QtBot, editor: ThemeEditor
) -> None:
    editor.choose(about(Portrayal("manhole", "categories", field="cover_kind")))
    qtbot.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    first, second = editor.draft.portrayals
    assert (first.method, second.layer) == ("categories", "manhole")
    assert editor.layers.current == ("manhole", 1)
    # Its own signs have one look: the second way is something beside them.
    methods = {editor.form.method.itemData(row) for row in range(editor.form.method.count())}
    assert second.method in methods
    assert not methods & {"categories", "single", "graduated", "size"}
    editor.form.method.setCurrentIndex(editor.form.method.findData("coverage"))
    editor.form.method.activated.emit(editor.form.method.currentIndex())
    assert [one.method for one in editor.draft.portrayals] == ["categories", "coverage"]
    assert editor.layers.current == ("manhole", 1)
    qtbot.waitUntil(lambda: not editor.busy)
    assert not editor.picture.pixmap().isNull()
    qtbot.mouseClick(editor.remove, Qt.MouseButton.LeftButton)
    assert editor.draft.portrayals == (first,)
    assert editor.form.method.currentData() == "categories"
    qtbot.mouseClick(editor.remove, Qt.MouseButton.LeftButton)
    assert editor.draft.portrayals == ()
    assert not editor.remove.isEnabled()
    assert editor.remove.toolTip() == "The layer looks as usual."


def test_what_cannot_be_pressed_says_why(editor: ThemeEditor) -> None:
    editor.choose(theme("lamps"))
    assert editor.delete.toolTip() == "It is not among the themes of the project."
    assert editor.save.toolTip() == "Nothing was changed."
    assert not editor.delete.isEnabled()
    assert not editor.save.isEnabled()
    editor.copy_theme()
    editor.form.most.setValue(3)
    assert editor.delete.isEnabled()
    assert editor.save.isEnabled()
    assert editor.delete.toolTip() == "Delete the theme from the project"


def test_a_control_changes_what_it_stands_for_and_nothing_else(editor: ThemeEditor) -> None:
    fine = Portrayal("manhole", "density", cells="square", cell_m=12.625)
    editor.choose(about(fine))
    assert editor.form.cell_m.value() == 12.625
    editor.form.priority.setValue(2)
    assert editor.draft.portrayals == (replace(fine, priority=2),)
    editor.choose(
        Theme("own-2", NAMES, (), ("manhole",), (Portrayal("manhole", "dots", per=0.05),))
    )
    editor.form.per.setValue(0.0)
    assert editor.draft.portrayals[0].per == 0.01


def test_a_file_is_not_read_over_changes_that_somebody_wants_to_look_at_again(
    editor: ThemeEditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lamps.toml"
    path.write_text(theme_text(theme("lamps")), "utf-8")
    editor.begin_layer("manhole")
    draft = editor.draft
    buttons = QMessageBox.StandardButton
    monkeypatch.setattr(QMessageBox, "question", lambda *_all: buttons.Cancel)
    editor.read_file(path)
    assert editor.draft == draft


def test_the_preview_of_a_window_that_was_closed_is_up_to_date_when_it_comes_back(
    qtbot: QtBot, window: MainWindow, editor: ThemeEditor, project: Project, keys: Keys
) -> None:
    editor.choose(about(Portrayal("manhole", "categories", field="responsible_unit")))
    qtbot.waitUntil(lambda: not editor.busy)
    editor.hide()
    assert window.workspace is not None
    window.workspace.apply(set_values(project, [keys["A"]], {"responsible_unit": "Another unit"}))
    editor.show()
    qtbot.waitUntil(lambda: not editor.busy)
    texts = [editor.legend.item(row).text() for row in range(editor.legend.count())]
    assert any("Another unit" in text for text in texts)


def test_a_theme_that_is_not_kept_is_named_above_the_layers(
    qtbot: QtBot, window: MainWindow
) -> None:
    shown(qtbot, window, about(Portrayal("manhole", "single")))
    assert theming(window).bar.combo.currentText() == "Test"
    theming(window).show_none()
    assert theming(window).bar.combo.currentIndex() == 0


def test_pictures_of_themes_stay_and_the_page_follows_when_themes_change(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    own = about(Portrayal("manhole", "single"), layers=("manhole",))
    project.session.apply(store_themes(project.info(FACT), [own]))
    sheet = window.map_window()
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.choose_theme(own)
    qtbot.waitUntil(lambda: not sheet.busy, timeout=30_000)
    assert own not in sheet.choices.themes.unpainted
    other = replace(own, layers=("manhole", "pipe_line"))
    before = len(sheet.choices.themes.unpainted)
    project.session.apply(store_themes(project.info(FACT), [other]))
    assert len(sheet.choices.themes.unpainted) == before + 1
    assert sheet.design.wish.theme == other
    qtbot.waitUntil(lambda: not sheet.busy, timeout=30_000)
    assert len(sheet.choices.themes.unpainted) == before
    project.session.apply(store_themes(project.info(FACT), []))
    assert sheet.design.wish.theme == other
    assert sheet.choices.themes.currentRow() == -1
    sheet.close()


def test_closing_asks_for_what_is_not_kept(
    editor: ThemeEditor, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.begin_layer("manhole")
    buttons = QMessageBox.StandardButton
    monkeypatch.setattr(QMessageBox, "question", lambda *_all: buttons.Cancel)
    editor.close()
    assert editor.isVisible()
    monkeypatch.setattr(QMessageBox, "question", lambda *_all: buttons.Save)
    editor.close()
    assert not editor.isVisible()
    assert len(read_themes(project.info(FACT))) == 1


def test_a_name_that_is_taken_is_refused(qtbot: QtBot, editor: ThemeEditor) -> None:
    editor.choose(theme("lamps"))
    editor.copy_theme()
    before = editor.draft
    editor.name.clear()
    qtbot.keyClicks(editor.name, theme("parks").label["en"])
    qtbot.keyClick(editor.name, Qt.Key.Key_Return)
    assert editor.said.text()
    assert editor.draft == before


def test_a_theme_kept_from_the_window_of_sheets_is_on_the_sheet(
    qtbot: QtBot, window: MainWindow
) -> None:
    sheet = window.map_window()
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.mouseClick(sheet.choices.edit_theme, Qt.MouseButton.LeftButton)
    editor = sheet.edit_theme()
    editor.copy_theme()
    made = replace(editor.draft, layers=("manhole",))
    editor.layers.ticked.emit(made.layers)
    qtbot.mouseClick(editor.save, Qt.MouseButton.LeftButton)
    assert sheet.design.wish.theme == made
    qtbot.waitUntil(lambda: not sheet.busy and not editor.busy)
    editor.close()
    sheet.close()


def test_colours_that_only_differ_in_red_and_green_are_told() -> None:
    assert not apart_for_all(["#c03020", "#7a6a10"])
    assert apart_for_all(["#0072b2", "#e69f00"])
    assert apart_in_grey(["#eeeeee", "#111111"])
    assert not apart_in_grey(["#c03020", "#2060a0"])


def test_a_copy_has_a_name_of_its_own_in_the_list(editor: ThemeEditor) -> None:
    editor.choose(theme("lamps"))
    editor.copy_theme()
    editor.copy_theme()
    names = [editor.list.item(row).text() for row in range(editor.list.count())]
    assert len(names) == len(set(names))
    assert copied_theme(theme("lamps"), ()).id == "own-1"


def test_what_is_not_kept_is_kept_when_the_project_closes(
    window: MainWindow, editor: ThemeEditor, project: Project
) -> None:
    path = project.path
    editor.begin_layer("manhole")
    wanted = editor.draft
    window.close()
    with Project.open(path) as again:
        assert read_themes(again.info(FACT)) == (wanted,)


def test_labels_of_a_field_that_is_none_are_refused_in_words(
    qtbot: QtBot, editor: ThemeEditor
) -> None:
    editor.choose(about(Portrayal("manhole", "single")))
    for text, taken in (("{nothing}", ""), ("{exp_no", ""), ("No. {exp_no}", "No. {exp_no}")):
        editor.form.label.clear()
        qtbot.keyClicks(editor.form.label, text)
        qtbot.keyClick(editor.form.label, Qt.Key.Key_Return)
        assert editor.draft.portrayals[0].label == taken
        assert bool(editor.form.said.text()) == (not taken)


def test_a_kept_theme_whose_labels_name_no_field_is_shown_with_a_note(
    qtbot: QtBot, window: MainWindow
) -> None:
    wrong = replace(Portrayal("manhole", "single"), label="{no_such_field} }")
    on_map = shown(qtbot, window, about(wrong))
    assert on_map.found is not None
    assert "no_such_field" in on_map.found.notes[0]
