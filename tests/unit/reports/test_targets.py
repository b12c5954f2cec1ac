from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
import shapely

from hjgis.checks import targets
from hjgis.checks.targets import TaskResult
from hjgis.edits.add import add_feature
from hjgis.errors import HjgisError, UsageError
from hjgis.layers.project import Project
from hjgis.models.task_states import FACT, Evidence, TaskEntry, keep_task
from hjgis.reports.targets import look_of, progress_share, status_of, target_sheet, write_targets
from tests.network import build

DAY = dt.date(2020, 12, 31)


def tasks_of(project: Project) -> tuple[TaskResult, ...]:
    return targets.task_results(project, targets.measure(project, day=DAY))


def test_the_sheet_has_a_line_for_each_task_and_one_page(project: Project, tmp_path: Path) -> None:
    sheet = target_sheet(project, tasks_of(project), on=DAY)
    assert [row.no for row in sheet.rows] == list(range(1, 24))
    assert sum(count for *_rest, count in sheet.counts) == 23
    assert sheet.on == "2020-12-31"
    out = tmp_path / "目标.pdf"
    write_targets(project, tasks_of(project), out, on=DAY)
    data = out.read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") == 1


def test_the_workbook_holds_what_is_kept_by_hand_and_the_features_behind_the_numbers(
    project: Project, tmp_path: Path
) -> None:
    build(project)
    entry = TaskEntry(
        20, "done", "已印发", "2020-12-01", "示例员", (Evidence("文件", file="a.pdf"),)
    )
    project.session.apply(keep_task(project.info(FACT), entry))
    out = tmp_path / "board.xlsx"
    write_targets(project, tasks_of(project), out, on=DAY)
    book = openpyxl.load_workbook(out, read_only=True)
    tasks, rows, features = (list(sheet.iter_rows(values_only=True)) for sheet in book)
    book.close()
    assert tasks[20][0] == 20
    assert {"已印发", "2020-12-01", "示例员", "文件 a.pdf"} <= set(tasks[20])
    assert len(rows) == 1 + len(targets.measure(project))
    assert sum(row[0] == "TG-16-RESP" for row in features) == 3


def test_a_file_of_another_kind_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_targets(project, tasks_of(project), tmp_path / "board.docx")
    with pytest.raises(HjgisError):
        write_targets(project, tasks_of(project), tmp_path / "none" / "board.pdf")


def test_what_is_not_recorded_is_neither_short_nor_over_nor_done(project: Project) -> None:
    by_no = {task.task.no: task for task in tasks_of(project)}
    assert {status_of(result) for result in by_no[17].results} == {"unrecorded"}
    assert progress_share(by_no[17]) is None
    parks = by_no[5].results[0]
    assert (parks.status, status_of(parks)) == ("short", "unrecorded")


def test_a_fault_that_is_there_looks_like_a_failure(project: Project) -> None:
    build(project)
    task = tasks_of(project)[15]
    (result,) = task.results
    assert (result.status, task.status) == ("over", "short")
    assert look_of(result)[0] == "▼"
    assert progress_share(task) == 0.0


def test_of_three_targets_one_reached_and_two_not_recorded_is_a_third(project: Project) -> None:
    codes = [code.code for code in project.catalogue.codes("road_group").codes]
    for code in codes:
        piece = shapely.LineString([(428_000, 4_528_000), (428_100, 4_528_000)])
        project.session.apply(add_feature(project, "road", piece, {"road_group": code}))
    task = tasks_of(project)[2]
    assert (task.met, task.counted, task.status) == (1, 3, "under_way")
    assert progress_share(task) == pytest.approx(1 / 3)
