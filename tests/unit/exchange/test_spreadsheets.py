"""What spreadsheets do to data, told row by row."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hjgis.errors import InputError
from hjgis.exchange import tables
from hjgis.exchange.importing import plan_import
from hjgis.exchange.sources import summaries
from hjgis.exchange.tables import Table
from hjgis.layers.project import Project

Book = Callable[..., Path]
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    def make(rows: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> Path:
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(row)
        for cells in merged:
            made.active.merge_cells(cells)
        made.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return make


def patched(path: Path, old: str, new: str) -> Path:
    """Change the first sheet's XML as openpyxl cannot."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    text, count = re.subn(old, new, parts[sheet].decode())
    assert count
    parts[sheet] = text.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def only(path: Path) -> Table:
    (table,) = tables.read_tables(path)
    return table


def problems(table: Table) -> list[tuple[int | None, str | None, str, int]]:
    return [(p.row, p.field, p.kind, p.count) for p in table.problems]


def test_long_ids_that_were_numbers_are_told_row_by_row(book: Book, project: Project) -> None:
    path = book(
        [["编码", "n"], ["15080210000000123", 1], [15080210000000123, 2], [15080210000000456, 3]]
    )
    table = only(path)
    assert problems(table) == [(2, "编码", "digits-lost", 1), (3, "编码", "digits-lost", 1)]
    assert table.columns["编码"].tolist()[0] == "15080210000000123"
    assert str(table.columns["编码"][1]).startswith("150802100000001")
    report = plan_import(project, path, as_reference="ids").report
    assert [(p.row, p.kind) for p in report.problems if p.row] == [
        (2, "digits-lost"),
        (3, "digits-lost"),
    ]


def test_a_column_of_long_numbers_alone_is_told_too(book: Book) -> None:
    table = only(book([["编码"], [15080210000000123], [15080210000000456]]))
    assert [p.row for p in table.problems] == [1, 2]


def test_what_a_spreadsheet_saved_as_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("编码,名称\n1.50802E+16,路灯名称\n15080210000000123,路灯名称\n", "gbk")
    assert problems(only(path)) == [(1, "编码", "digits-lost", 1)]


def test_days_since_1900_become_dates_and_that_is_told(book: Book) -> None:
    table = only(
        book([["no", "调查日期", "长度"], [1, 43997, 43997], [2, None, 1], [3, 43998.5, 2]])
    )
    assert table.columns["调查日期"].tolist() == ["2020-06-15", None, "2020-06-16 12:00:00"]
    assert table.columns["长度"].tolist() == [43997, 1, 2]
    assert problems(table) == [(1, "调查日期", "date-as-number", 2)]
    assert "43997 as 2020-06-15" in table.problems[0].message


def test_dates_that_are_dates_are_left_alone(book: Book) -> None:
    table = only(book([["no", "日期", "年"], [1, dt.date(2020, 6, 15), 1998], [2, "1998年", 2001]]))
    assert table.columns["日期"].tolist() == ["2020-06-15", "1998年"]
    assert table.columns["年"].tolist() == [1998, 2001]
    assert table.problems == ()


def test_full_width_letters_and_spaces_are_told(book: Book) -> None:
    table = only(
        book([["点号", "备注"], ["ＷＳ１", "好 "], ["WS2", "\u3000坏\u3000"], ["ＷＳ３", "新"]])
    )
    assert problems(table) == [(1, "点号", "full-width", 2)]
    assert table.columns["备注"].tolist() == ["好", "坏", "新"]
    assert any("2 values" in said for said in table.encoding.warnings)


def test_merged_cells_are_left_empty_and_told(book: Book) -> None:
    rows = [["路名", "盏数"], ["胜利路", 1], [None, 2], [None, 3], ["团结路", 4]]
    table = only(book(rows, merged=["A2:A4"]))
    assert table.columns["路名"].tolist() == ["胜利路", None, None, "团结路"]
    assert problems(table) == [(2, "路名", "merged-cells", 2)]


def test_a_heading_of_two_rows_is_joined(book: Book) -> None:
    rows = [
        ["杭锦后旗污水管线点成果表"],
        ["点号", "坐标(m)", None, "高程(m)", None, "备注"],
        [None, "X", "Y", "地面", "井底", None],
        ["WS1", 4528000.5, 428000.25, 1039.1, 1037.0, "好"],
    ]
    merged = ["A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"]
    for path in (book(rows, merged=merged), book(rows)):
        table = only(path)
        assert list(table.columns) == [
            *("点号", "坐标(m) X", "坐标(m) Y", "高程(m) 地面", "高程(m) 井底", "备注"),
        ]
        assert len(table) == 1
        assert any("2 rows" in said for said in table.encoding.warnings)


def test_a_row_of_words_is_no_heading(book: Book) -> None:
    table = only(
        book([["路名", None, "状态"], ["胜利路", "东侧", "完好"], ["团结路", "西侧", "破损"]])
    )
    assert list(table.columns) == ["路名", "column2", "状态"]
    assert len(table) == 2


def test_error_cells_are_bad_values(book: Book) -> None:
    path = book([["no", "深度"], [1, 2.5], [2, 9], [3, 3.5]])
    patched(path, r'<c r="B3"[^>]*><v>9</v></c>', '<c r="B3" t="e"><v>#REF!</v></c>')
    table = only(path)
    assert table.columns["深度"].tolist()[::2] == [2.5, 3.5]
    (problem,) = table.problems
    assert (problem.row, problem.field, problem.kind) == (2, "深度", "bad-value")
    assert "#REF!" in problem.message


def test_formulas_count_with_their_stored_result(book: Book) -> None:
    path = book([["no", "深度"], [1, "=1+1"], [2, "=2+2"]])
    patched(path, r'(<c r="B2"[^>]*><f>[^<]*</f>)<v ?/>', r"\1<v>2</v>")
    table = only(path)
    assert str(table.columns["深度"][0]) in ("2", "2.0")
    (problem,) = table.problems
    assert (problem.row, problem.kind) == (2, "bad-value")
    assert "no stored result" in problem.message


def test_hidden_sheets_are_read_and_said(book: Book, tmp_path: Path) -> None:
    path = book([["no", "a"], [1, 2]])
    made = openpyxl.load_workbook(path)
    hidden = made.create_sheet("点表")
    hidden.append(["点号", "备注"])
    hidden.append(["WS1", "好"])
    hidden.sheet_state = "hidden"
    made.save(path)
    assert [summary.name for summary in summaries(path)] == ["Sheet", "点表"]
    shown, there = tables.read_tables(path)
    assert not any("hidden" in said for said in shown.encoding.warnings)
    assert any("点表 is hidden" in said for said in there.encoding.warnings)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        ("b.xlsx", "点号,X\nWS1,2\n".encode("gbk"), "plain text"),
        ("c.xlsx", _COMPOUND + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("c.xls", _COMPOUND + bytes(600), "damaged"),
        ("d.xlsx", b"PK\x03\x04" + bytes(300), "damaged"),
        ("e.xlsx", b"", "e.xlsx"),
        ("f.xlsx", bytes(range(256)) * 9, "damaged"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=words):
        tables.read_tables(tmp_path / name)


def test_a_workbook_cut_short_is_refused_in_words(book: Book) -> None:
    path = book([["no", "a"], *([n, n] for n in range(500))])
    data = path.read_bytes()
    for keep in (0.3, 0.6, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * keep)])
        with pytest.raises(InputError, match="book"):
            tables.read_tables(path)
