"""What is typed, pasted and chosen wrong in the windows: told, and never the end of anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_each
from hjgis.edits.delete import delete_features
from hjgis.edits.records import add_records
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models import operators, queries, templates
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.operators import Operator, store_operators, with_operator
from hjgis.models.queries import new_query, save_query
from hjgis.models.query import Condition, Query
from hjgis.models.templates import Template, set_templates
from hjgis.ui.dialogs.table.calculator import CalculatorDialog
from hjgis.ui.dialogs.table.pasting import PasteDialog
from hjgis.ui.dialogs.table.replace import ReplaceDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.workspace import Workspace
from tests.acceptance.hands import press
from tests.photos import make_photo
from tests.rest import rest

LONG = "长名 " * 2_500
WELLS = Query("manhole", (Condition("exp_no", "=", "A"),))


@pytest.fixture
def space(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


@pytest.fixture
def table(window: MainWindow) -> TablePanel:
    assert window.docks is not None
    window.docks.open_table("manhole")
    QApplication.processEvents()
    return window.docks.table


def go_to(table: TablePanel, row: int, name: str) -> None:
    table.view.setCurrentIndex(table.model.index(row, table.model.column_of(name)))


# -- names ---------------------------------------------------------------------------------------


LONG_NAMES: dict[str, Callable[[Project], ChangeSet]] = {
    "query": lambda p: save_query(p.info(queries.FACT), new_query(LONG, WELLS)),
    "template": lambda p: set_templates(
        p.info(templates.FACT), [Template(LONG, "manhole", {"maker": "x"})]
    ),
    "operator": lambda p: store_operators(
        p.info(operators.FACT), with_operator([], Operator(LONG))
    ),
}


@pytest.mark.parametrize("what", LONG_NAMES)
def test_ten_thousand_signs_are_no_name(project: Project, what: str) -> None:
    with pytest.raises(EditRefused, match="100 characters at most"):
        LONG_NAMES[what](project)


def test_a_template_does_not_take_the_name_of_another_in_silence(space: Workspace) -> None:
    stored = space.project.info(templates.FACT)
    both = [Template(name, "manhole", {"maker": "x"}) for name in ("one", "two")]
    space.apply(set_templates(stored, both))
    window = space.canvas.window()
    assert isinstance(window, MainWindow)
    (dialog,) = press(window, "templates")
    dialog.table.setCurrentCell(0, 0)  # type: ignore[attr-defined]
    dialog.give_name("two")  # type: ignore[attr-defined]
    assert "in the list already" in space.canvas.message.text()


def test_no_menu_is_wider_than_the_screen_with_the_longest_name(
    space: Workspace, window: MainWindow, table: TablePanel
) -> None:
    name = "长" * 100
    space.apply(save_query(None, new_query(name, WELLS)))
    space.apply(set_templates(None, [Template(name, "manhole", {"maker": "x"})]))
    space.apply(store_operators(None, with_operator([], Operator(name))))
    QApplication.processEvents()
    assert table.isVisible()
    menus = window.findChildren(QMenu)
    for menu in menus:
        menu.aboutToShow.emit()
    assert window.width() == 1366
    assert [m.sizeHint().width() for m in menus if m.sizeHint().width() > 1900] == []


# -- the table -----------------------------------------------------------------------------------


def test_a_block_wider_than_the_table_is_told_and_the_rest_is_pasted(
    table: TablePanel, project: Project
) -> None:
    before = project.content_sha256()
    last = table.view.visible_columns()[-1]
    table.view.setCurrentIndex(table.model.index(0, last))
    QGuiApplication.clipboard().setText("\t".join("a" * 3 for _n in range(300)) + "\nb\tc\n")
    with capture_exceptions() as faults:
        dialog = table.dialog("paste")
        assert isinstance(dialog, PasteDialog)
        assert "fill nothing" in dialog.consent.text()
        assert not dialog.ok.isEnabled()
        dialog.reject()
    assert not faults, faults
    assert project.content_sha256() == before


def test_a_pattern_that_never_ends_is_given_up(table: TablePanel, project: Project) -> None:
    fids = project.store.fids("manhole")
    project.session.apply(set_each(project, "manhole", fids, {"remarks": ["a" * 200 + "!"] * 3}))
    before = project.content_sha256()
    go_to(table, 0, "remarks")
    dialog = table.dialog("replace")
    assert isinstance(dialog, ReplaceDialog)
    dialog.pattern.setChecked(True)
    dialog.find_line.setText("(a|aa)+$")
    dialog.look_for()
    QApplication.processEvents()
    assert "does not come to an end" in dialog.said.text()
    assert not dialog.ok.isEnabled()
    assert project.content_sha256() == before


BAD_EXPRESSIONS = [
    "1 / 0", "9 ** 9 ** 9 ** 9", "'a' * 999999999", "__import__('os')", "(" * 5_000, "1+" * 9_999,
    "长" * 10_000, "\0", "[exp_no].__class__", "=1+1",
]  # fmt: skip


def test_a_bad_expression_changes_nothing(
    qtbot: QtBot, table: TablePanel, project: Project
) -> None:
    before = project.content_sha256()
    go_to(table, 0, "remarks")
    for text in BAD_EXPRESSIONS:
        with capture_exceptions() as faults:
            dialog = table.dialog("calculator")
            assert isinstance(dialog, CalculatorDialog)
            dialog.text.setPlainText(text)
            dialog.refresh()
            rest(qtbot, dialog)
            assert not dialog.ok.isEnabled(), text[:20]
            dialog.reject()
        assert not faults, (text[:20], faults)
        assert project.content_sha256() == before, text[:20]


# -- what goes while it is looked at -------------------------------------------------------------


def test_features_may_go_while_windows_about_them_are_open(
    qtbot: QtBot, window: MainWindow, space: Workspace, table: TablePanel, tmp_path: Path
) -> None:
    project, keys = space.project, space.selection
    fids = project.store.fids("manhole")
    keys.set("manhole", fids)
    wells = keys.keys(project)
    space.apply(add_records(project, wells, {"date": "2026-01-05", "finding": "正常"}))
    assert window.photographs is not None
    window.photographs.attaching.take([make_photo(tmp_path / "a.jpg", place=None)], wells[0])
    qtbot.waitUntil(lambda: not window.jobs.busy)
    keys.set("manhole", fids[:1])
    with capture_exceptions() as faults:
        for action in ("photos", "templates", "lists", "queries", "statistics", "overdue",
                       "select-sentence", "select-location", "history", "check"):  # fmt: skip
            press(window, action)
        replacing = table.dialog("replace")
        assert isinstance(replacing, ReplaceDialog)
        replacing.find_line.setText("A")
        replacing.put_line.setText("Z")
        replacing.look_for()
        keys.set("manhole", fids)
        space.apply(delete_features(project, wells))
        replacing.ok.click()
        QApplication.processEvents()
        qtbot.waitUntil(lambda: not window.jobs.busy, timeout=60_000)
        for _step in range(3):
            space.undo()
        rest(qtbot, window, within_ms=1_000)
        qtbot.waitUntil(lambda: not window.jobs.busy)
        assert not faults, faults
    assert project.count("manhole") == 3


def test_a_project_may_close_while_a_job_runs(
    qtbot: QtBot, window: MainWindow, space: Workspace, tmp_path: Path
) -> None:
    key = FeatureKey("manhole", str(space.project.table("manhole").uuids[0]))
    photos = [
        make_photo(tmp_path / f"{n}.jpg", size=(3000, 2000), noise=n + 1, place=None)
        for n in range(4)
    ]
    assert window.photographs is not None
    with capture_exceptions() as faults:
        window.photographs.attaching.take(photos, key)
        assert window.jobs.busy
        window.release()
        rest(qtbot, window)
    assert not faults, faults
    with Project.open(space.project.path, write=False) as after:
        assert after.count("attachment") == 0
        assert after.count("manhole") == 3
