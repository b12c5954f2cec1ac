"""Questions in the window: sentences, places, saved queries, filters of table and map."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.models.changes import FeatureKey
from hjgis.models.issues import Severity
from hjgis.models.queries import FACT, new_query, read_queries, save_query
from hjgis.models.query import Condition, Group, Location, Query
from hjgis.models.statistics import Dimension, Measure
from hjgis.ui.dialogs.query.choosing import chosen
from hjgis.ui.dialogs.query.saved_dialog import PropertiesDialog
from hjgis.ui.dialogs.query.sentence_dialog import SentenceDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.filter_bar import FilterBar
from hjgis.ui.selection import Selection
from hjgis.ui.sentence.choice_box import ChoiceBox
from hjgis.ui.sentence.editor import SentenceEditor
from hjgis.ui.sentence.many_box import ManyBox
from hjgis.ui.sentence.rows import ConditionRow, PlaceRow, WordsRow
from hjgis.ui.window.querying import Querying
from hjgis.ui.workspace import Workspace

Keys = dict[str, FeatureKey]
A_OR_C = Query("manhole", (Condition("exp_no", "in", ("A", "C")),))


@pytest.fixture
def space(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


@pytest.fixture
def querying(window: MainWindow) -> Querying:
    assert window.querying is not None
    return window.querying


@pytest.fixture
def dialog(qtbot: QtBot, querying: Querying) -> SentenceDialog:
    querying.show_sentence()
    made = querying.sentence_dialog()
    made.show_layer("manhole")
    return made


@pytest.fixture
def editor(dialog: SentenceDialog) -> SentenceEditor:
    return dialog.editor


@pytest.fixture
def bar(window: MainWindow) -> FilterBar:
    assert window.docks is not None
    window.docks.open_table("manhole")
    return window.docks.table.filter_bar


def fids(space: Workspace, *names: str) -> list[int]:
    found = space.project.store.fids("manhole", [Condition("exp_no", "in", names)])
    return found.tolist()


def compose(widget: QWidget, preedit: str) -> None:
    QApplication.sendEvent(widget, QInputMethodEvent(preedit, []))


def commit(widget: QWidget, text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


# -- the editor ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        A_OR_C,
        Query("manhole", (Condition("well_depth_m", ">", 2.5), Condition("remarks", "empty"))),
        Query("manhole", (Condition("well_depth_m", "between", (1.0, 2.0)),)),
        Query("manhole", (Condition("chamber_material", "in", ("不详",)),)),
        Query("manhole", (Condition("chamber_material", "!=", "不详"),)),
        Query("manhole", (Condition("smart", "=", True),)),
        Query("manhole", (Condition("made_date", "<", "2020-05-06"),)),
        Query("manhole", (Condition("made_date", "in_year", 1999),)),
        Query("manhole", (Condition("made_date", "last_days", 7),)),
        Query("manhole", (Condition("@north", ">", 4500000.0),)),
        Query(
            "manhole", (Condition("*", "contains", "x"), Condition("remarks", "=", "y")), any=True
        ),
        Query("manhole", (Location("near", Query("pipe_line"), 12.5),)),
        Query("manhole", (Location("within", A_OR_C),)),
        Query(
            "manhole",
            (Group((Condition("remarks", "empty"), Condition("smart", "=", False)), "none"),),
        ),
        Query("manhole", (Condition("uuid", "in", ("a", "b")),)),
    ],
    ids=lambda query: str(query.conditions[0])[:40],
)
def test_what_is_shown_in_rows_is_what_they_say(editor: SentenceEditor, query: Query) -> None:
    editor.show_query(query)
    assert editor.query() == query


def test_rows_are_joined_alike_and_can_be_removed_by_keys(
    qtbot: QtBot, editor: SentenceEditor
) -> None:
    query = Query("manhole", (Condition("remarks", "empty"), Condition("exp_no", "=", "A")))
    editor.show_query(query)
    rows = editor.rows
    rows[1].join.setCurrentIndex(1)
    rows[1].join.activated.emit(1)
    assert editor.query().any
    line = rows[1].findChildren(QLineEdit)[-1]
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Delete, Qt.KeyboardModifier.AltModifier)
    assert editor.query() == Query("manhole", (Condition("remarks", "empty"),))
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(editor.rows) == 2


def test_an_unfinished_row_is_named(editor: SentenceEditor) -> None:
    query = Query("manhole", (Condition("exp_no", "=", "A"), Condition("well_depth_m", ">", 1.0)))
    editor.show_query(query)
    editor.rows[1].findChildren(QLineEdit)[-1].setText("deep")
    assert editor._said.text() == "Row 2: Depth of the well: deep is not a number"


def test_a_field_is_found_by_its_pinyin(qtbot: QtBot) -> None:
    box = ChoiceBox()
    qtbot.addWidget(box)
    box.offer([("管径", "diameter_mm"), ("材质", "material"), ("所在道路", "road_name")])
    box.show()
    line = box.lineEdit()
    assert line is not None
    line.clear()
    with qtbot.waitSignal(box.chosen):
        qtbot.keyClicks(line, "cz")
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert box.choice == "material"
    line.clear()
    qtbot.keyClicks(line, "nothing like it")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert (box.choice, line.text()) == ("material", "材质")
    # Of words that are too long, the beginning is seen.
    assert line.cursorPosition() == 0


def test_several_codes_are_ticked_and_said(qtbot: QtBot) -> None:
    box = ManyBox([("钢", "G"), ("混凝土", "T")])
    qtbot.addWidget(box)
    box.choose(("T", "gone"))
    assert box.choice == ("T", "gone")
    assert box.text() == "混凝土, gone"


def test_enter_takes_what_is_typed_and_presses_no_button(
    qtbot: QtBot, querying: Querying, dialog: SentenceDialog, space: Workspace
) -> None:
    dialog.typed.setText("exp_no = A")
    qtbot.keyClick(dialog.typed, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.count.text() == "1 of 3 found")
    assert space.selection.layer is None
    asked = querying.filter_dialog(A_OR_C)
    asked.show()
    qtbot.addWidget(asked)
    box = asked.findChildren(ChoiceBox)[0]
    box.setFocus()
    qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert asked.isVisible()


def test_a_saved_query_that_is_a_fault_is_among_the_findings(
    qtbot: QtBot, querying: Querying, window: MainWindow
) -> None:
    querying.keep(new_query("Two wells", A_OR_C, severity=Severity.WARNING, message="odd {one}"))
    assert window.docks is not None
    window.docks.run_checks()
    panel, model = window.docks.issues, window.docks.issues.model
    qtbot.waitUntil(lambda: not window.jobs.busy and model.rowCount() > 0, timeout=30_000)
    listed = [model.index(row, 0).data() for row in range(model.rowCount())]
    row = listed.index("Two wells")
    assert model.index(row, 2).data() == "2"
    model.set_open(row, opened=True)
    panel.view.put_cursor(row + 1)
    assert "odd {one}" in panel.details.words.toPlainText()


# -- selecting -------------------------------------------------------------------------------


def test_a_typed_sentence_selects_what_it_says(
    qtbot: QtBot, dialog: SentenceDialog, space: Workspace
) -> None:
    dialog.typed.setText("exp_no = A 或 exp_no = C")
    qtbot.keyClick(dialog.typed, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.count.text() == "2 of 3 found")
    dialog.select()
    assert (space.selection.layer, space.selection.fids.tolist()) == (
        "manhole",
        fids(space, "A", "C"),
    )
    dialog.typed.setText("颜色 = 红")
    qtbot.keyClick(dialog.typed, Qt.Key.Key_Return)
    assert "颜色" in dialog._trouble.text()


def test_words_that_are_being_composed_are_not_taken_yet(
    qtbot: QtBot, dialog: SentenceDialog, bar: FilterBar
) -> None:
    for line in (dialog.typed, bar._quick):
        line.clear()
        line.setFocus()
        compose(line, "wudianhao")
        qtbot.keyClick(line, Qt.Key.Key_Return)
        qtbot.keyClick(line, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        assert line.text() == ""
        commit(line, "物探点号=A")
        assert line.text() == "物探点号=A"
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert dialog.editor.query() == Query("manhole", (Condition("exp_no", "=", "A"),))
    assert bar.conditions == (Condition("exp_no", "=", "A"),)


def test_a_count_follows_edits(
    qtbot: QtBot, dialog: SentenceDialog, space: Workspace, keys: Keys
) -> None:
    dialog.show_query(Query("manhole", (Condition("remarks", "=", "x"),)))
    qtbot.waitUntil(lambda: dialog.count.text() == "0 of 3 found")
    space.apply(set_values(space.project, [keys["A"]], {"remarks": "x"}))
    qtbot.waitUntil(lambda: dialog.count.text() == "1 of 3 found")


@pytest.mark.parametrize(
    ("way", "expected"), [("new", [2, 3]), ("add", [1, 2, 3]), ("remove", [1]), ("within", [2])]
)
def test_what_is_found_meets_what_was_selected(way: str, expected: list[int]) -> None:
    selection = Selection()
    selection.set("manhole", [1, 2])
    chosen(selection, "manhole", np.array([2, 3]), way)
    assert selection.fids.tolist() == expected
    other = Selection()
    other.set("pipe_line", [1])
    chosen(other, "manhole", np.array([2]), "remove")
    assert other.layer == "pipe_line"


def test_select_by_location_near_what_is_selected(
    qtbot: QtBot, querying: Querying, space: Workspace
) -> None:
    space.selection.set("manhole", fids(space, "A"))
    querying.show_location()
    dialog = querying.location_dialog()
    dialog.layers.choose("pipe_line")
    selected = querying.around.selected()
    assert selected is not None
    dialog.show_place(Location("intersects", selected))
    qtbot.waitUntil(lambda: dialog.count.text().startswith("1 of"))
    dialog.select()
    assert (space.selection.layer, len(space.selection)) == ("pipe_line", 1)


# -- saved queries ---------------------------------------------------------------------------


def test_a_query_is_saved_listed_used_and_taken_back(
    qtbot: QtBot, querying: Querying, space: Workspace
) -> None:
    start = space.project.content_sha256(), space.project.info(FACT)
    querying.show_saved()
    dialog = querying.saved_dialog()
    querying.keep(new_query("Two", A_OR_C))
    assert dialog.table.item(0, 0).text() == "Two"
    assert "A, C" in dialog.table.item(0, 1).text()
    dialog.table.doubleClicked.emit(dialog.table.model().index(0, 0))
    qtbot.waitUntil(lambda: space.selection.fids.tolist() == fids(space, "A", "C"))
    dialog.remove.click()
    assert dialog.table.rowCount() == 0
    space.undo()
    assert dialog.table.rowCount() == 1
    space.undo()
    assert (space.project.content_sha256(), space.project.info(FACT)) == start


def test_name_and_check_are_asked_for(qtbot: QtBot, querying: Querying, space: Workspace) -> None:
    querying.keep(new_query("Two", A_OR_C))
    entry = read_queries(space.project.info(FACT))[0]
    dialog = PropertiesDialog(entry)
    qtbot.addWidget(dialog)
    dialog.name.setText("Both")
    dialog.severity.setCurrentIndex(dialog.severity.findData(Severity.WARNING))
    dialog.message.setText("m")
    changed = dialog.entry()
    assert (changed.id, changed.name, changed.severity, changed.message) == (
        entry.id, "Both", Severity.WARNING, "m",
    )  # fmt: skip


def test_a_query_on_a_field_that_is_gone_says_why_it_cannot_be_used(
    querying: Querying, space: Workspace
) -> None:
    broken = new_query("Broken", Query("manhole", (Condition("colour", "=", "red"),)))
    space.apply(save_query(None, broken))
    querying.show_saved()
    dialog = querying.saved_dialog()
    assert "no field colour" in dialog.table.item(0, 1).text()
    assert not dialog.uses["select"].isEnabled()
    assert "colour" in dialog.uses["select"].toolTip()
    assert dialog.remove.isEnabled()


# -- the table's bar -------------------------------------------------------------------------


def test_a_sentence_in_the_bar_filters_the_table(
    qtbot: QtBot, bar: FilterBar, window: MainWindow
) -> None:
    assert window.docks is not None
    model = window.docks.table.model
    qtbot.keyClicks(bar._quick, "exp_no=A")
    # Not looked for as text while it is being typed.
    assert model.rowCount() == 3
    qtbot.keyClick(bar._quick, Qt.Key.Key_Return)
    assert (model.rowCount(), bar._quick.text()) == (1, "")
    assert bar._chip.isVisible()
    assert "A" in bar._chip.text()
    bar._drop.click()
    assert model.rowCount() == 3
    qtbot.keyClicks(bar._quick, "A")
    assert bar.conditions == (Condition("*", "contains", "A"),)


def test_a_sentence_that_is_not_understood_is_told(qtbot: QtBot, bar: FilterBar) -> None:
    heard: list[str] = []
    bar.troubled.connect(heard.append)
    bar._quick.setText("well_depth_m > deep")
    qtbot.keyClick(bar._quick, Qt.Key.Key_Return)
    assert "deep" in heard[0]


def test_a_place_filters_the_table_too(bar: FilterBar, window: MainWindow) -> None:
    assert window.docks is not None
    near = Location("near", Query("pipe_line"), 1.0)
    bar.show_query(Query("manhole", (near, Condition("exp_no", "!=", "B"))))
    assert window.docks.table.model.rowCount() == 2
    bar.clear()
    assert window.docks.table.model.rowCount() == 3


def test_a_saved_query_of_the_layer_is_in_the_bars_menu(bar: FilterBar, querying: Querying) -> None:
    querying.keep(new_query("Two", A_OR_C))
    querying.keep(new_query("Pipes", Query("pipe_line")))
    bar._fill_menu()
    names = [action.text() for action in bar._menu.menu().actions()]
    assert "Two" in names
    assert "Pipes" not in names
    next(a for a in bar._menu.menu().actions() if a.text() == "Two").trigger()
    assert bar.conditions == A_OR_C.parts


# -- the map ---------------------------------------------------------------------------------


def test_the_map_shows_only_what_a_query_finds_until_it_is_clicked_off(
    qtbot: QtBot, querying: Querying, space: Workspace, window: MainWindow, keys: Keys
) -> None:
    querying.filter_map(A_OR_C)
    qtbot.waitUntil(lambda: space.layers["manhole"].only is not None)
    held = space.layers["manhole"]
    assert (held.count, len(held.everything)) == (2, 3)
    b = space.project.get(keys["B"]).geometry
    denominator = space.canvas.frame.scale_denominator
    hits = space.layers.pick(b.x, b.y, within=0.5, denominator=denominator)
    assert "manhole" not in [hit.layer for hit in hits]
    tree = window.docks.layer_tree if window.docks else None
    assert tree is not None
    item = next(i for i in tree._items() if i.text(0) == "Manhole")
    assert not item.icon(1).isNull()
    assert "Only 2 of 3" in item.toolTip(1)
    tree._item_clicked(item, 1)
    assert space.layers["manhole"].only is None
    assert space.layers["manhole"].count == 3


def test_an_edit_is_seen_through_the_filter_and_asks_it_anew(
    qtbot: QtBot, querying: Querying, space: Workspace, keys: Keys
) -> None:
    querying.filter_map(A_OR_C)
    qtbot.waitUntil(lambda: space.layers["manhole"].only is not None)
    space.apply(set_values(space.project, [keys["A"]], {"exp_no": "Z"}))
    qtbot.waitUntil(lambda: space.layers["manhole"].count == 1)
    space.undo()
    qtbot.waitUntil(lambda: space.layers["manhole"].count == 2)


# -- statistics ------------------------------------------------------------------------------


def test_statistics_are_shown_and_a_number_selects_its_features(
    qtbot: QtBot, querying: Querying, space: Workspace, keys: Keys
) -> None:
    space.apply(set_values(space.project, [keys["A"], keys["C"]], {"remarks": "x"}))
    querying.show_statistics()
    panel = querying.statistics_dialog().panel
    panel.show_question("manhole", (Dimension("remarks"),), Measure())
    qtbot.waitUntil(lambda: not panel.busy, timeout=20_000)
    model = panel.model
    shown = [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]
    assert shown == [["x", "2"], ["(empty)", "1"], ["Total", "3"]]
    role = Qt.ItemDataRole.TextAlignmentRole
    head = model.headerData(1, Qt.Orientation.Horizontal, role)
    assert head == model.index(0, 1).data(role)
    assert not panel.picture.pixmap().isNull()
    panel._select(model.index(0, 1))
    qtbot.waitUntil(lambda: space.selection.fids.tolist() == fids(space, "A", "C"))
    panel._select(model.index(2, 0))
    qtbot.waitUntil(lambda: len(space.selection) == 3)
    space.undo()
    qtbot.waitUntil(lambda: not panel.busy and model.rowCount() == 2, timeout=20_000)


def test_statistics_of_the_selection_and_of_the_tables_rows(
    qtbot: QtBot, querying: Querying, space: Workspace, bar: FilterBar
) -> None:
    querying.show_statistics()
    panel = querying.statistics_dialog().panel
    qtbot.waitUntil(lambda: not panel.busy and panel.model.rowCount() > 0, timeout=20_000)
    panel.which.choose("selected")
    panel.ask()
    qtbot.waitUntil(lambda: "selected" in panel.said.text())
    assert panel.model.rowCount() == 0, "the numbers of before are no answer"
    assert not panel.export.isEnabled()
    space.selection.set("manhole", fids(space, "A"))
    qtbot.waitUntil(lambda: not panel.busy and "1 features" in panel.said.text(), timeout=20_000)
    assert panel.export.isEnabled()
    bar.show_query(A_OR_C)
    panel.which.choose("filtered")
    panel.ask()
    qtbot.waitUntil(lambda: not panel.busy and "2 features" in panel.said.text(), timeout=20_000)


def test_all_rows_of_a_sentence_are_made(editor: SentenceEditor) -> None:
    for kind in ("field", "place", "words"):
        editor._add(kind)
    for kind_ in (ConditionRow, PlaceRow, WordsRow):
        assert editor.findChildren(kind_)
