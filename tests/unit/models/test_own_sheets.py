from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.own_lists import free_name
from hjgis.models.own_sheets import (
    OwnSheets,
    named,
    read_sheets,
    sheet_of_json,
    store_sheets,
)
from hjgis.models.sheets import FACT, Box, sheet


def moved(name: str):  # type: ignore[no-untyped-def]
    made = sheet("a4-portrait")
    legend = replace(made.item("legend"), box=Box(12.5, 30, 40, 50), locked=True, shown=False)
    return named(made.with_item(legend), name)


def test_a_kept_sheet_comes_back_as_it_was(project: Project) -> None:
    own = OwnSheets().with_sheet(moved("局办公用")).starting_with("局办公用")
    project.session.apply(store_sheets(project.info(FACT), own))
    assert read_sheets(project.info(FACT)) == own


def test_keeping_a_sheet_is_one_step_that_undo_takes_back(project: Project) -> None:
    before = project.info(FACT)
    project.session.apply(store_sheets(before, OwnSheets().with_sheet(moved("a"))))
    project.session.undo()
    assert project.info(FACT) == before
    project.session.redo()
    assert read_sheets(project.info(FACT)).names == ("a",)


def test_keeping_the_same_again_changes_nothing(project: Project) -> None:
    own = OwnSheets().with_sheet(moved("a"))
    project.session.apply(store_sheets(None, own))
    assert not store_sheets(project.info(FACT), own).facts


def test_a_sheet_replaces_the_one_of_its_name() -> None:
    own = OwnSheets().with_sheet(moved("b")).with_sheet(moved("a"))
    other = replace(moved("a"), border_mm=3.0)
    assert own.with_sheet(other).names == ("a", "b")
    assert own.with_sheet(other).sheet("a") == other


def test_the_usual_one_stays_so_under_a_new_name_and_goes_with_it() -> None:
    own = OwnSheets().with_sheet(moved("a")).starting_with("a").renamed("a", " 图框  二 ")
    assert (own.names, own.usual) == (("图框 二",), "图框 二")
    assert own.without("图框 二") == OwnSheets()


@pytest.mark.parametrize("name", ["", "  ", "b", "a3-landscape", "x" * 500])
def test_a_name_must_be_free(name: str) -> None:
    own = OwnSheets().with_sheet(moved("a")).with_sheet(moved("b"))
    with pytest.raises(EditRefused):
        own.renamed("a", name)


def test_a_free_name_is_found() -> None:
    assert free_name("A3", ()) == "A3"
    assert free_name("A3", ("a3", "A3 2")) == "A3 3"


@pytest.mark.parametrize("text", [None, "", "[]", "{", "7", '[{"id": 3}]', '[{"items": []}]'])
def test_what_cannot_be_read_is_left_out(text: str | None) -> None:
    assert read_sheets(text) == OwnSheets()


def _with_item(**said: object) -> dict[str, Any]:
    raw = sheet("a4-landscape").to_json()
    return {**raw, "items": [raw["items"][0], {**raw["items"][1], **said}, *raw["items"][2:]]}


@pytest.mark.parametrize(
    "raw",
    [
        *(_with_item(**{key: "?"}) for key in ("kind", "align", "flow", "shown", "size_mm", "box")),
        *(_with_item(box=box) for box in ([0, 0, -5, 3], [0, 0, math.nan, 3], [0, 0, 1], [0] * 4)),
        *(_with_item(text=5), _with_item(id="map"), _with_item(size_mm=-3.0)),
        *({**_with_item(), "paper_mm": size} for size in ([0, 0], [1e9, 5], [5], "a4")),
        *({**_with_item(), key: math.inf} for key in ("furniture", "border_mm", "label")),
        {**_with_item(), "furniture": 0},
        {**_with_item(), "items": "x"},
    ],
)
def test_what_is_no_sheet_is_refused_and_not_met_by_the_painter(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="sheet:"):
        sheet_of_json(raw)
