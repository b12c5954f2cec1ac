from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from hjgis.models.catalogue_files import catalogue
from hjgis.models.cell_text import from_cell
from hjgis.models.pasting import cells_of, heading_fields, match_rows, read_block

WELL = catalogue().type("manhole")


def test_tabs_part_cells_and_lines_part_rows() -> None:
    assert read_block("a\tb\r\nc\t\r\n\r\n") == (("a", "b"), ("c", ""))


def test_a_quoted_cell_may_hold_tabs_line_breaks_and_quotation_marks() -> None:
    assert read_block('"a\tb\nc ""d"""\t1\n2\t3') == (('a\tb\nc "d"', "1"), ("2", "3"))


def test_a_quotation_mark_that_is_not_closed_is_a_letter() -> None:
    assert read_block('12"\t"a\nb\t"c" d') == (('12"', '"a'), ("b", '"c" d'))


def test_rows_are_filled_up_to_the_same_length() -> None:
    assert read_block("a\nb\tc\td") == (("a", "", ""), ("b", "c", "d"))


def test_nothing_is_no_block() -> None:
    assert read_block("") == read_block("\n \t\n") == ()


CELLS = st.text(st.characters(exclude_characters="\r", codec="utf-8"), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[list[str]]) -> None:
    rows = [*rows, ["end", "end"]]
    text = io.StringIO()
    csv.writer(text, "excel-tab", lineterminator="\n").writerows(rows)
    # An apostrophe before what would be a formula is our mark of a text.
    assert read_block(text.getvalue()) == tuple(tuple(map(from_cell, row)) for row in rows)


def test_a_heading_is_known_by_labels_names_and_other_peoples_names() -> None:
    row = ["物探点号", f"{WELL.field('well_depth_m').label['en']} (m)", "WELL_DEPTH_M", "?"]
    assert heading_fields(row, WELL) == ("exp_no", "well_depth_m", None, None)
    assert heading_fields(["Exp_No", "WTDH"], WELL) == ("exp_no", None)


def test_a_heading_is_known_with_a_unit_whatever_the_brackets() -> None:
    row = ["井深(m)", "井深（米）", "井深 [m]", f"{WELL.field('well_depth_m').label['en']} (m)"]
    for cell in row:
        assert heading_fields([cell], WELL) == ("well_depth_m",), cell


def test_a_row_of_data_is_no_heading() -> None:
    assert heading_fields(["W1", "2.5", "雨水井盖"], WELL) is None
    assert heading_fields(["", ""], WELL) is None


def test_each_cell_is_read_and_what_is_wrong_with_it_is_told() -> None:
    block = read_block("W1\t2020-02-30\t2.5\t不存在的井盖\nW2\t2020年6月1日\t900\t雨水井盖")
    fields = ["exp_no", "survey_date", "well_depth_m", "cover_kind"]
    cells = {(cell.row, cell.field): cell for cell in cells_of(block, fields, WELL, catalogue())}
    assert "date" in cells[0, "survey_date"].refused
    assert "not in the list" in cells[0, "cover_kind"].refused
    assert cells[1, "survey_date"].value == "2020-06-01"
    assert cells[1, "well_depth_m"].value == 900
    assert "more than" in cells[1, "well_depth_m"].doubt
    assert not cells[1, "well_depth_m"].refused
    assert cells[0, "exp_no"].value == "W1"


def test_columns_without_a_field_are_left_out() -> None:
    cells = cells_of((("W1", "x"),), ["exp_no", None], WELL, catalogue())
    assert [cell.field for cell in cells] == ["exp_no"]


def test_rows_are_matched_by_their_key_or_told_why_not() -> None:
    found, why = match_rows(["a", "b", "a", None, "z"], {"a": [1], "b": [2, 3]})
    assert found == [1, None, None, None, None]
    assert "2 rows" in why[1]
    assert "twice" in why[2]
    assert "empty" in why[3]
    assert "nothing here" in why[4]
