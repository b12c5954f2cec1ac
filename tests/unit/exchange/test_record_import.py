"""Inspection records from tables."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
import shapely

from hjgis import cli
from hjgis.edits.add import add_feature
from hjgis.errors import InputError, UsageError
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from tests.test_cli import Faces

NUMBER = "15082601002900001"


def manhole(project: Project, **values: object) -> FeatureKey:
    change = add_feature(project, "manhole", shapely.Point(1, 2), values)
    project.session.apply(change)
    return change.changes[0].key


@pytest.fixture
def key(project: Project) -> FeatureKey:
    return manhole(project, component_id=NUMBER, exp_no="WS1", state="完好")


def table(folder: Path, *lines: str) -> Path:
    path = folder / "巡查.csv"
    path.write_text("\n".join(("标识码,巡查日期,巡查人,问题,状态", *lines)) + "\n", "utf-8-sig")
    return path


def test_rows_find_their_assets_by_number_and_the_assets_follow(
    project: Project, key: FeatureKey, tmp_path: Path
) -> None:
    before = project.content_sha256()
    source = table(
        tmp_path,
        f"{NUMBER},2026-05-04,张三,井盖破损,破损",
        "WS1,2026-06-04,李四,已修复,完好",
    )
    plan = plan_import(project, source, to="inspection")
    assert (plan.report.imported, plan.report.rejected) == (2, 0)
    carry_out(project, plan)
    values = project.get(key).values
    assert (values["state"], values["defect"]) == ("完好", "无")
    assert values["last_inspect_date"] == "2026-06-04"
    records = {one.values["date"]: one.values for one in project.records_of([key.uuid])}
    assert records["2026-05-04"]["state_before"] == "完好"
    assert records["2026-05-04"]["finding"] == "井盖破损"
    project.session.undo()
    assert project.content_sha256() == before


def test_rows_without_their_asset_are_listed_with_their_number(
    project: Project, key: FeatureKey, tmp_path: Path
) -> None:
    manhole(project, exp_no="YS1")
    manhole(project, exp_no="YS1")
    source = table(
        tmp_path,
        "WS1,2026-05-04,张三,无异常,",
        "WS9,2026-05-04,张三,无异常,",
        "YS1,2026-05-04,张三,无异常,",
        "WS1,,张三,无异常,",
        ",2026-05-04,张三,无异常,",
    )
    report = plan_import(project, source, to="inspection").report
    assert (report.imported, report.rejected) == (1, 4)
    said = {problem.row: problem.message for problem in report.problems if problem.row}
    assert "no asset WS9" in said[2]
    assert "2 assets are called YS1" in said[3]
    assert "no date" in said[4]
    assert "no asset is named" in said[5]


def test_a_table_that_comes_again_adds_nothing(
    project: Project, key: FeatureKey, tmp_path: Path
) -> None:
    source = table(tmp_path, "WS1,2026-05-04,张三,无异常,", "WS1,2026-05-04,张三,无异常,")
    plan = plan_import(project, source, to="inspection")
    assert (plan.report.imported, plan.report.unchanged) == (1, 1)
    carry_out(project, plan)
    again = plan_import(project, source, to="inspection")
    assert (again.report.imported, again.report.unchanged) == (0, 2)
    carry_out(project, again)
    assert project.count("inspection") == 1


def test_a_workbook_is_taken_from_the_shell(tmp_path: Path, capsys: object) -> None:
    town = tmp_path / "town.gpkg"
    with Project.create(town) as project:
        manhole(project, exp_no="WS1")
    book = openpyxl.Workbook()
    for row in (("物探点号", "日期", "人员", "发现问题", "处理措施"),
                ("WS1", "2026/5/4", "张三", "井内淤积", "清掏0.3方")):  # fmt: skip
        book.active.append(row)
    source = tmp_path / "记录.xlsx"
    book.save(source)
    code = cli.main(["import", str(town), str(source), "--to", "inspection", "--json"], Faces())
    assert code == 0
    assert json.loads(capsys.readouterr().out)["imported"] == 1
    with Project.open(town, write=False) as project:
        columns = project.table("inspection", geometry=False).columns
        assert columns["measure"].tolist() == ["清掏0.3方"]
        assert columns["date"].tolist() == ["2026-05-04"]


def test_a_table_that_names_no_assets_is_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("日期,人员\n2026-05-04,张三\n", "utf-8")
    with pytest.raises(InputError, match=r"No column of x\.csv names the asset"):
        plan_import(project, path, to="inspection")


def test_attachments_are_not_imported_from_tables(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="attached, not imported"):
        plan_import(project, table(tmp_path, "WS1,2026-05-04,a,b,"), to="attachment")
