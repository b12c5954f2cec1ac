"""Texts that nobody expects, by the form into everything that reads and writes them."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.table_export import TableView, write_view
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.layers.search import SearchIndex
from hjgis.models.changes import FeatureKey
from hjgis.models.query import Condition, Query
from hjgis.models.sentence_parser import parse
from hjgis.models.sentences import sentence
from hjgis.progress import SILENT
from hjgis.ui.main_window import MainWindow
from tests.exported import export

LAYER, FIELD = "manhole", "maker"
STRANGE = {
    "emoji of several signs": "井👨\u200d👩\u200d👧盖",
    "beyond the basic plane": "𠮷野𪚥厂",
    "rare": "㐂龘靐齉",
    "right to left": "مصنع abc שלום",
    "combining": "e\u0301tage ñ",
    "quotes": "“甲”'乙'\"丙\" and or 和 或",
    "operators": "a = b; c <> d 属于 (e, f) %_*?",
    "wildcards of SQL": "100%_\\x'; DROP TABLE manhole; --",
    "markup": "<b>粗</b> &amp; <img src=x>",
    "braces": "{count} {0} %s %(x)s",
    "full stop in Chinese": "甲。乙，丙：丁；戊",
}
CONTROL = {
    "NUL": ("a\0b", "ab"),
    "escape": ("a\x1bb", "ab"),
}


def type_in(window: MainWindow, key: FeatureKey, text: str) -> None:
    """Put a text into the form as an input method does."""
    space, docks = window.workspace, window.docks
    assert space is not None
    assert docks is not None
    space.selection.set(key.layer, [space.project.store.fid(key)])
    QApplication.processEvents()
    docks.attributes.go_to(FIELD)
    line = docks.attributes._form.editor(FIELD).line
    line.selectAll()
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QApplication.sendEvent(line, event)
    docks.attributes.take_typed()


@pytest.mark.parametrize("name", STRANGE)
def test_a_text_is_the_same_wherever_it_is_seen(
    window: MainWindow, project: Project, keys: dict[str, FeatureKey], tmp_path: Path, name: str
) -> None:
    text, key = STRANGE[name], keys["A"]
    with capture_exceptions() as faults:
        type_in(window, key, text)
        assert window.docks is not None
        window.docks.open_table(LAYER)
        QApplication.processEvents()
        model = window.docks.table.model
        row = model.fids.tolist().index(project.store.fid(key))
        assert model.shown(row, model.column_of(FIELD)) == text
    assert not faults, faults
    assert project.get(key).values[FIELD] == text
    query = Query(LAYER, (Condition(FIELD, "=", text),))
    assert querying.rows(project, query).tolist() == [project.store.fid(key)]
    said = sentence(query, project.types, project.catalogue)
    heard = parse(said, LAYER, project.types, project.catalogue)
    assert heard == query, said
    for format_, encoding in (("shp", "utf-8"), ("gpkg", "utf-8"), ("geojson", "utf-8")):
        out = tmp_path / (f"{format_}.gpkg" if format_ == "gpkg" else format_)
        export(project, out, format=format_, encoding=encoding, layers=[LAYER])
        source = out if format_ == "gpkg" else next(out.glob(f"*.{format_}"))
        with Project.create(tmp_path / f"from_{format_}.gpkg") as other:
            carry_out(other, plan_import(other, source, to=LAYER))
            assert text in list(other.table(LAYER).columns[FIELD]), format_
    view = TableView(LAYER, "井", (FIELD,), ("厂",), (90,), project.store.fids(LAYER))
    write_view(project, view, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert text in [cell.value for cell in sheet["A"]]


def test_the_search_breaks_over_nothing(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey], project: Project
) -> None:
    del keys
    index = SearchIndex(project)
    index.build(SILENT)
    window.do("search")
    with capture_exceptions() as faults:
        for text in (*STRANGE.values(), "长" * 10_000, "a b " * 2_500, "\0"):
            window.search_box.setText(text)
            window.search_box.answer()
            qtbot.waitUntil(lambda: not window.jobs.busy)
            index.groups(text, 20, None)
    assert not faults, faults


@pytest.mark.parametrize("name", CONTROL)
def test_control_characters_do_not_get_into_the_file(
    window: MainWindow, project: Project, keys: dict[str, FeatureKey], name: str
) -> None:
    text, kept = CONTROL[name]
    with capture_exceptions() as faults:
        type_in(window, keys["A"], text)
    assert not faults, faults
    assert project.get(keys["A"]).values[FIELD] in (kept, None)


def test_half_a_sign_is_refused_or_left_out(
    window: MainWindow, project: Project, keys: dict[str, FeatureKey]
) -> None:
    with capture_exceptions() as faults:
        type_in(window, keys["A"], "a\ud83d")
    assert not faults, faults
    value = project.get(keys["A"]).values[FIELD]
    json.dumps(value, ensure_ascii=False).encode()


def test_ten_thousand_signs_are_refused_with_the_limit_in_the_form(
    window: MainWindow, project: Project, keys: dict[str, FeatureKey]
) -> None:
    with capture_exceptions() as faults:
        type_in(window, keys["A"], "长" * 10_000)
    assert not faults, faults
    value = project.get(keys["A"]).values[FIELD]
    assert value is None or len(str(value)) < 10_000
