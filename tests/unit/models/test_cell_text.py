from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hjgis.models.cell_text import as_cell, from_cell


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx", "＝1", " =1", "\n=1"]
)
def test_text_that_a_spreadsheet_would_compute_is_marked_as_text(text: str) -> None:
    assert as_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["W1", "-1.5", "+3e5", "", "a=b", None, -2.5, 7, True])
def test_all_else_stays(value: object) -> None:
    assert as_cell(value) is value or as_cell(value) == value


def test_control_characters_are_left_out() -> None:
    assert as_cell("a\0b\x1bc") == "abc"


@pytest.mark.parametrize(
    "value",
    [
        "=1+1",
        " -2+3",
        "-1.5",
        "W1",
        "'s-Hertogenbosch",
        "",
        None,
        7,
        "'=1",
        "''@x",
        "'-1.5",
        "'",
        "' =1",
    ],
)
def test_the_mark_is_taken_off_again(value: object) -> None:
    assert from_cell(as_cell(value)) == value


@given(st.text(alphabet=st.sampled_from("'=+-@＝ \t\r\n1.5ea井")))
def test_whatever_is_written_is_read_again_and_never_computed(text: str) -> None:
    cell = as_cell(text)
    assert isinstance(cell, str)
    assert from_cell(cell) == text
    bare = cell.lstrip()
    assert not bare.startswith(("=", "@", "＝"))
