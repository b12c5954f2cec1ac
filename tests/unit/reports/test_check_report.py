from __future__ import annotations

import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from hjgis.checks import runner
from hjgis.checks.runner import CheckReport
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.reports import inspection
from hjgis.reports.inspection import write_report
from tests.unit.checks.examples import EXAMPLES
from tests.unit.checks.faults import X, Y, add, at


@pytest.fixture
def report(project: Project) -> CheckReport:
    for faulty, _faultless in EXAMPLES.values():
        faulty(project)
    add(project, "toilet", at(3, 4), component_name="=1+1", road_name="<b>&\x07路", flush_type="?")
    return runner.run(project)


def sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


class Cells(HTMLParser):
    """The texts of all table cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def test_the_workbook_lists_every_finding(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    path = tmp_path / "检查 报告.xlsx"
    write_report(project, report, path)
    parts = sheets(path)
    assert list(parts) == [
        *("Overview", "Layers", "Checks", "Findings", "Exceptions", "How complete")
    ]
    heading, *rows = parts["Findings"]
    column = {name: place for place, name in enumerate(heading)}
    assert len(rows) == len(report.issues)
    for row, issue in zip(rows, report.issues, strict=True):
        assert row[column["uuid"]] == issue.uuid
        assert row[column["Finding"]] == issue.message
        assert row[column["X (north)"]] == (None if issue.y is None else round(issue.y, 3))
        assert row[column["Y (east)"]] == (None if issue.x is None else round(issue.x, 3))
        assert row[column["Opinion"]] is None


def test_the_workbook_counts_per_check_with_its_basis(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    path = tmp_path / "report.xlsx"
    write_report(project, report, path)
    heading, *rows = sheets(path)["Checks"]
    found = {row[heading.index("Id")]: row[heading.index("Number found")] for row in rows}
    assert found == {rule: report.summary.get(rule, 0) for rule in report.rules}
    assert all(row[heading.index("Basis")] for row in rows)


def test_the_workbook_holds_completeness_as_shares(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    path = tmp_path / "report.xlsx"
    write_report(project, report, path)
    rows = sheets(path)["How complete"]
    toilet = report.completeness["toilet"]
    assert ("Public toilet", toilet.features, "All required fields", toilet.overall) in rows
    book = load_workbook(path)
    assert book["How complete"]["D2"].number_format == "0.0%"


def test_text_of_the_data_is_neither_formula_nor_markup(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    write_report(project, report, tmp_path / "report.xlsx")
    book = load_workbook(tmp_path / "report.xlsx")
    cells = [cell for row in book["Findings"].iter_rows() for cell in row]
    named = [cell for cell in cells if cell.value == "'=1+1"]
    assert named
    assert {cell.data_type for cell in named} == {"s"}
    assert "<b>&路" in {cell.value for cell in cells}

    write_report(project, report, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<b>&" not in text
    assert "&lt;b&gt;&amp;路" in text


def test_the_page_lists_the_findings_worst_first(
    project: Project, report: CheckReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "LISTED", len(report.issues))
    write_report(project, report, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    cells = Cells()
    cells.feed(text)
    assert '<html lang="en">' in text
    rows = [row for row in cells.rows if len(row) == 9 and row[0].isdigit()]
    faults = [issue for issue in report.issues if report.rule(issue.rule).grade != "I"]
    assert [row[0] for row in rows] == [str(n + 1) for n in range(len(faults))]
    assert "".join(row[5] for row in rows) == "".join(
        sorted(report.rule(issue.rule).grade for issue in faults)
    )
    assert sorted(row[4] for row in rows) == sorted(
        issue.message.replace("\x07", "") for issue in faults
    )


def test_the_page_is_in_the_language_in_use(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    set_language("zh_CN")
    write_report(project, report, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in text
    assert "公共厕所" in text


def test_a_project_without_findings_has_a_report(project: Project, tmp_path: Path) -> None:
    write_report(project, runner.run(project, only=["pipe"]), tmp_path / "report.xlsx")
    assert len(sheets(tmp_path / "report.xlsx")["Findings"]) == 1


def test_any_other_kind_of_file_is_refused(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"\.xlsx, \.pdf, \.html, not report\.txt"):
        write_report(project, report, tmp_path / "report.txt")
    assert not (tmp_path / "report.txt").exists()


def test_a_folder_that_is_not_there_is_told(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    with pytest.raises(HjgisError, match="cannot be written"):
        write_report(project, report, tmp_path / "nowhere" / "report.xlsx")


def test_a_report_that_fails_leaves_the_old_one(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", "utf-8")
    path.with_name(f"report.part{os.getpid()}.html").mkdir()
    with pytest.raises(HjgisError):
        write_report(project, report, path)
    assert path.read_text("utf-8") == "old"


def test_the_place_of_a_finding_is_north_before_east(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    write_report(project, report, tmp_path / "report.xlsx")
    heading, *rows = sheets(tmp_path / "report.xlsx")["Findings"]
    (row,) = (r for r in rows if r[heading.index("Check")] == "Value not in its code list"
              and r[heading.index("Layer")] == "Public toilet")  # fmt: skip
    assert row[heading.index("X (north)")] == Y + 4
    assert row[heading.index("Y (east)")] == X + 3
