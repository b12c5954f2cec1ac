from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from hjgis.checks import runner
from hjgis.checks.runner import CheckReport
from hjgis.errors import Cancelled
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models import exceptions, report_form, scoring
from hjgis.models.report_form import ReportForm
from hjgis.models.scoring import shipped_scheme
from hjgis.reports import inspection
from hjgis.reports.inspection import layer_results, write_inspection
from tests.unit.checks.faults import BOW_TIE, add, at, square

DAY = dt.date(2026, 11, 28)


@pytest.fixture
def report(project: Project) -> CheckReport:
    add(project, "parking_bay", BOW_TIE, bay_no="1", lot_no="L1", bay_form="垂直")
    add(project, "parking_bay", square(30, 0, 5), bay_no="2", lot_no="L1", bay_form="垂直")
    for number in range(3):
        add(project, "toilet", at(10 * number, 50), component_name=f"示例公厕{number}")
    return runner.run(project)


def words_of(path: Path) -> str:
    text = "".join(page.extract_text() for page in PdfReader(path).pages)
    return re.sub(r"\s", "", text)


def test_the_report_has_the_sections_of_a_bureau(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    set_language("zh_CN")
    form = ReportForm(office="住建局", inspector="检查人甲", opinion="下月复查。")
    project.session.apply(report_form.store_form(None, form))
    write_inspection(project, report, tmp_path / "报告.pdf", on=DAY)
    text = words_of(tmp_path / "报告.pdf")
    for words in (
        "1检查工作概况", "2受检成果概况", "3检查依据", "4检查内容与方法", "5主要质量问题及处理",
        "6质量统计及评价", "7结论与建议", "附件1：问题分布图",
        "附件2：问题清单", "附件3：检查项、限值与依据", "住建局", "检查人甲", "下月复查。",
        "2026-11-28", "示例公厕2",
    ):  # fmt: skip
        assert words in text, words
    assert "停车泊位图层共2条记录，其中1条不符合规定，不符合率50.0%" in text


def test_the_page_holds_the_pictures_and_the_same_words(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    write_inspection(project, report, tmp_path / "report.html", on=DAY)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert text.count('src="data:image/png;base64,') == 3
    assert "7 Conclusion and advice" in text


def test_a_long_list_is_cut_and_says_so(
    project: Project, report: CheckReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "LISTED", 2)
    write_inspection(project, report, tmp_path / "report.html", on=DAY)
    text = (tmp_path / "report.html").read_text("utf-8")
    faults = [issue for issue in report.issues if report.rule(issue.rule).grade != "I"]
    assert f"The first 2 of {len(faults)} faults follow" in text
    notes = len(report.issues) - len(faults)
    assert f"{notes} findings for information are in the workbook only." in text


def test_limits_stand_in_words_with_their_units(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    write_inspection(project, report, tmp_path / "report.html", on=DAY)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "tolerance_m" not in text
    assert "0.001 m" in text
    assert "<td>GB/T 47678.5-2026</td>" in text


def test_a_check_that_could_not_run_is_named(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    broken = replace(report, failed={"pipe.slope": "ValueError: <no> limit"})
    write_inspection(project, broken, tmp_path / "report.html", on=DAY)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "The check pipe.slope could not run: ValueError: &lt;no&gt; limit." in text


def test_features_are_counted_once_and_notes_are_no_faults(
    project: Project, report: CheckReport
) -> None:
    found = {result.layer: result for result in layer_results(project, report)}
    assert found.keys() == {"parking_bay", "toilet"}, "layers without features are not scored"
    faulty = {i.uuid for i in report.issues if i.layer == "toilet" and i.severity != "info"}
    assert found["toilet"].faulty == len(faulty - {None}) == 3
    assert found["parking_bay"].grades["B"] == 1
    assert found["parking_bay"].score.points == 100 - 12


def test_the_project_may_score_otherwise(project: Project, report: CheckReport) -> None:
    scheme = replace(shipped_scheme(), points={"A": 1.0, "B": 0.5, "C": 0.0, "D": 0.0}, fails=())
    project.session.apply(scoring.store_scheme(None, scheme))
    found = {result.layer: result for result in layer_results(project, report)}
    assert found["parking_bay"].score == scoring.Score(99.5, "excellent")


def test_exceptions_stand_apart_with_reason_and_name(
    project: Project, report: CheckReport, tmp_path: Path
) -> None:
    accepted = next(issue for issue in report.issues if issue.rule == "geometry.invalid")
    entries = exceptions.accept(None, [accepted], "Drawn so", operator="tester", on=DAY)
    project.session.apply(entries)
    write_inspection(project, runner.run(project), tmp_path / "report.html", on=DAY)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "These findings are accepted as they are:" in text
    assert "<td>Drawn so</td><td>tester</td><td>2026-11-28</td><td>yes</td>" in text


def test_a_project_without_any_feature_has_a_report(project: Project, tmp_path: Path) -> None:
    write_inspection(project, runner.run(project), tmp_path / "report.pdf", on=DAY)
    assert len(PdfReader(tmp_path / "report.pdf").pages) >= 1


def test_stopping_leaves_no_file(project: Project, report: CheckReport, tmp_path: Path) -> None:
    class Stop:
        def report(self, done: int, total: int, key: str) -> None:
            pass

        def check(self) -> None:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        write_inspection(project, report, tmp_path / "report.pdf", progress=Stop())
    assert not [*tmp_path.glob("report*")]
