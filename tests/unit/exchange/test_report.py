from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from hjgis.errors import InputError
from hjgis.exchange.report import ImportReport, Problem, Problems, write_problems

REPORT = ImportReport(
    source="灯.shp",
    layer="street_lamp",
    read=2,
    imported=1,
    rejected=1,
    encoding="gbk",
    encoding_source="detected",
    crs="EPSG:4545",
    crs_source="file",
    transform="none",
    problems=(
        Problem(None, None, "warning", "两行\n文字"),
        Problem(2, "光源", "bad-value", 'left empty: "蜡烛", 不在代码表中', 3, "2, 5-6"),
    ),
)


def test_problems_are_written_as_a_spreadsheet_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "problems.csv"
    write_problems(REPORT, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [
        ["", "1", "", "warning", "两行\n文字"],
        ["2, 5-6", "3", "光源", "bad-value", 'left empty: "蜡烛", 不在代码表中'],
    ]


def test_a_list_without_problems_has_its_heading(tmp_path: Path) -> None:
    path = tmp_path / "problems.csv"
    write_problems(replace(REPORT, problems=()), path)
    assert len(path.read_text("utf-8-sig").splitlines()) == 1


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        write_problems(REPORT, tmp_path / "nowhere" / "problems.csv")


def test_every_row_of_a_trouble_is_kept_however_many_have_it() -> None:
    problems = Problems()
    for row in (7, 3, 8, 9, 40, 9):
        problems.add(row, "a", "bad-value", "left empty")
    problems.add(None, None, "warning", "odd", count=2)
    problems.of("管点表").add(1, "a", "bad-value", "left empty")
    warning, table, rest = problems.listed()
    assert (warning.row, warning.count, warning.rows) == (None, 2, "")
    assert (table.message, table.rows) == ("管点表: left empty", "1")
    assert (rest.row, rest.count, rest.rows) == (7, 6, "3, 7-9, 40")


def test_rows_that_a_reader_gathered_are_kept_too() -> None:
    problems = Problems()
    problems.include(Problem.of_rows([2, 3, 9], "a", "mojibake", "spoilt"))
    problems.include(Problem(5, "a", "digits-lost", "short"))
    problems.include(Problem(None, None, "mojibake", "the name"))
    name, spoilt, short = problems.listed()
    assert (name.row, name.count, name.rows) == (None, 1, "")
    assert (spoilt.row, spoilt.count, spoilt.rows) == (2, 3, "2-3, 9")
    assert (short.row, short.count, short.rows) == (5, 1, "5")
