from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hjgis.errors import Cancelled, InputError, InputQuestion, UsageError
from hjgis.exchange.importing import carry_out
from hjgis.exchange.report import ImportReport
from hjgis.exchange.survey import is_survey, place, plan_survey
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.paths import sample_data
from tests.network import build

NORTH, EAST = 4_528_500.0, 428_500.0
Rows = Sequence[Sequence[Any]]
POINTS: Rows = (
    ("物探点号", "附属物", "特征", "X坐标(m)", "Y坐标(m)", "地面高程"),
    ("WS1", "污水井", None, NORTH, EAST, 1041.2),
    ("WS2", "检查井", None, NORTH, EAST + 30, 1041.1),
    ("WS3", None, "弯头", NORTH, EAST + 60, 1041.0),
    ("YB1", "雨水箅", None, NORTH + 5, EAST, 1041.0),
)
LINES: Rows = (
    ("起点点号", "终点点号", "管线类型", "管径", "材质"),
    ("WS1", "WS2", "WS", "DN300", "砼"),
    ("WS2", "WS3", "WS", "DN400", "砼"),
)


def workbook(path: Path, sheets: Mapping[str, Rows]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def survey(tmp_path: Path, points: Rows = POINTS, lines: Rows = LINES, name: str = "s") -> Path:
    return workbook(tmp_path / f"{name}.xlsx", {"管点表": points, "管线表": lines})


def listed(report: ImportReport, kind: str) -> list[tuple[str, str]]:
    return [(p.rows, p.message) for p in report.problems if p.kind == kind]


def network(project: Project) -> dict[str, tuple[object, object]]:
    """Return the numbers of the nodes that each pipe knows by identity, by its own two numbers."""
    names = {
        uuid: number
        for layer in ("manhole", "pipe_point")
        for table in [project.table(layer, ["exp_no"])]
        for uuid, number in zip(table.uuids, table.columns["exp_no"], strict=True)
    }
    table = project.table("pipe_line", ["start_no", "end_no", "from_node", "to_node"])
    columns = table.columns
    return {
        f"{a}-{b}": (names.get(c), names.get(d))
        for a, b, c, d in zip(
            columns["start_no"], columns["end_no"], columns["from_node"], columns["to_node"],
            strict=True,
        )
    }  # fmt: skip


def test_a_workbook_becomes_manholes_points_and_pipes_that_know_their_nodes(
    project: Project, tmp_path: Path
) -> None:
    source = survey(tmp_path)
    assert is_survey(source)
    report = carry_out(project, plan_survey(project, source))
    assert (report.read, report.imported, report.rejected) == (6, 6, 0)
    assert {part.layer: part.imported for part in report.layers} == {
        "manhole": 3, "pipe_point": 1, "pipe_line": 2,
    }  # fmt: skip
    assert network(project) == {"WS1-WS2": ("WS1", "WS2"), "WS2-WS3": ("WS2", "WS3")}
    wells = project.table("manhole", ["exp_no", "cover_kind", "pipe_kind", "ground_elev_m"])
    assert wells.columns["cover_kind"].tolist() == ["污水井盖", "污水井盖", "雨水箅子"]
    assert wells.columns["pipe_kind"].tolist() == ["WS", "WS", None]
    assert wells.geometry is not None
    assert (wells.geometry[1].x, wells.geometry[1].y) == (EAST + 30, NORTH)
    bend = project.table("pipe_point", ["kind", "feature"])
    assert (bend.columns["kind"][0], bend.columns["feature"][0]) == ("WS", "弯头")
    assert listed(report, "connected") == [("", "管线表: 4 of 4 ends are connected to nodes")]
    project.session.undo()
    assert sum(layer.count for layer in project.layers) == 0


def test_the_same_survey_again_changes_nothing(project: Project, tmp_path: Path) -> None:
    source = survey(tmp_path)
    carry_out(project, plan_survey(project, source))
    start = project.content_sha256()
    report = carry_out(project, plan_survey(project, source), ("new", "changed", "missing"))
    assert (report.matched, report.unchanged, report.imported) == (6, 6, 0)
    assert project.content_sha256() == start


def test_a_survey_that_comes_again_moves_wells_with_their_pipes(
    project: Project, tmp_path: Path
) -> None:
    carry_out(project, plan_survey(project, survey(tmp_path)))
    moved = [list(row) for row in POINTS]
    moved[2][3] = NORTH + 2
    lines = [*LINES, ("WS3", "WS1", "WS", "DN300", "PVC")]
    plan = plan_survey(project, survey(tmp_path, moved, lines))
    found = [(entry.kind, entry.asset.id, entry.title) for entry in plan.update.differences]
    assert ("changed", "manhole", "WS2") in found
    assert sum(kind == "new" for kind, _layer, _title in found) == 1
    carry_out(project, plan, ("new", "changed"))
    again = plan_survey(project, survey(tmp_path, moved, lines))
    assert again.update.differences == ()
    table = project.table("pipe_line", [])
    assert table.geometry is not None
    assert table.geometry[0].coords[-1] == (EAST + 30, NORTH + 2)


def test_every_reference_that_leads_nowhere_is_listed_with_its_row(
    project: Project, tmp_path: Path
) -> None:
    lines = [
        *LINES,
        ("WS1", "GONE", "WS", None, None),
        (None, "WS2", "WS", None, None),
        ("GONE", "WS2", "WS", None, None),
    ]
    points = [*POINTS, ("WS1", "污水井", None, NORTH + 100, EAST, 1041.0)]
    report = carry_out(project, plan_survey(project, survey(tmp_path, points, lines)))
    assert report.read == report.imported + report.rejected == 5 + 5
    assert [row for row, _ in listed(report, "null-geometry")] == ["3-5"]
    assert listed(report, "unresolved-node") == [
        ("1, 3", "管线表: point number WS1 is given 2 times, so the end is not connected"),
        ("3", "管线表: point number GONE is unknown"),
        ("4", "管线表: no point number"),
        ("5", "管线表: point number GONE is unknown"),
    ]
    assert network(project)["WS1-WS2"] == (None, "WS2")


def test_a_pair_of_text_files_is_a_survey_too(project: Project, tmp_path: Path) -> None:
    for name, rows in (("WS_POINT", POINTS), ("WS_LINE", LINES)):
        text = "\n".join(",".join("" if v is None else str(v) for v in row) for row in rows)
        (tmp_path / f"{name}.csv").write_bytes(text.encode("gbk"))
    report = carry_out(project, plan_survey(project, tmp_path / "WS_LINE.csv"))
    assert (report.imported, report.rejected, report.encoding) == (6, 0, "gbk")
    assert network(project) == {"WS1-WS2": ("WS1", "WS2"), "WS2-WS3": ("WS2", "WS3")}


def test_numbers_that_two_kinds_of_pipes_share_stay_apart(project: Project, tmp_path: Path) -> None:
    def points(step: float) -> Rows:
        heading = ("物探点号", "附属物", "X", "Y")
        return (heading, ("1", "窨井", NORTH + step, EAST), ("2", "窨井", NORTH + step, EAST + 9))

    lines: Rows = (("起点点号", "终点点号"), ("1", "2"))
    sheets = {"YSPOINT": points(0), "YSLINE": lines, "WSPOINT": points(50), "WSLINE": lines}
    report = carry_out(project, plan_survey(project, workbook(tmp_path / "two.xlsx", sheets)))
    assert report.imported == 6
    table = project.table("pipe_line", ["kind", "from_node"])
    assert table.columns["kind"].tolist() == ["YS", "WS"]
    for uuid, line in zip(table.columns["from_node"], table.geometry, strict=True):  # type: ignore[arg-type]
        well = project.get(FeatureKey("manhole", str(uuid)))
        assert (well.geometry.x, well.geometry.y) == line.coords[0]  # type: ignore[union-attr]
    covers = project.table("manhole", ["cover_kind"]).columns["cover_kind"].tolist()
    assert covers == ["雨水井盖", "雨水井盖", "污水井盖", "污水井盖"]


def test_points_and_lines_in_one_table_are_taken_apart(project: Project, tmp_path: Path) -> None:
    rows: Rows = (
        ("物探点号", "连接点号", "附属物", "X", "Y", "管径", "管线类型"),
        ("A", "B", "污水井", NORTH, EAST, 300, "WS"),
        (None, "C", None, None, None, 400, "WS"),
        ("B", "A", "污水井", NORTH, EAST + 20, 300, "WS"),
        ("C", "A", None, NORTH + 20, EAST, 400, "WS"),
    )
    report = carry_out(
        project, plan_survey(project, workbook(tmp_path / "one.xlsx", {"成果表": rows}))
    )
    assert {part.layer: part.imported for part in report.layers} == {
        "manhole": 2, "pipe_point": 1, "pipe_line": 2,
    }  # fmt: skip
    assert network(project) == {"A-B": ("A", "B"), "A-C": ("A", "C")}
    assert project.table("pipe_line", ["diameter_mm"]).columns["diameter_mm"].tolist() == [300, 400]


def test_a_line_may_end_at_a_node_that_the_project_has(project: Project, tmp_path: Path) -> None:
    build(project)
    lines = [*LINES, ("WS1", "A", "WS", None, None)]
    carry_out(project, plan_survey(project, survey(tmp_path, POINTS, lines)))
    assert network(project)["WS1-A"] == ("WS1", "A")


def test_x_and_y_exchanged_are_asked_about_and_the_answer_puts_them_right(
    project: Project, tmp_path: Path
) -> None:
    swapped = [POINTS[0], *([*row[:3], row[4], row[3], row[5]] for row in POINTS[1:])]
    source = survey(tmp_path, swapped)
    with pytest.raises(InputQuestion, match="north"):
        plan_survey(project, source)
    carry_out(project, plan_survey(project, source, swap=True))
    table = project.table("manhole", [])
    assert table.geometry is not None
    assert (table.geometry[0].x, table.geometry[0].y) == (EAST, NORTH)


def test_headings_that_name_no_coordinates_are_asked_about(
    project: Project, tmp_path: Path
) -> None:
    points = [("物探点号", "附属物", "特征", "甲", "乙", "高程"), *POINTS[1:]]
    source = survey(tmp_path, points)
    with pytest.raises(InputQuestion) as asked:
        plan_survey(project, source)
    assert asked.value.option == "--x / --y"
    assert carry_out(project, plan_survey(project, source, x="乙", y="甲")).imported == 6


def test_what_is_no_survey_is_refused_in_words(project: Project, tmp_path: Path) -> None:
    only_points = workbook(tmp_path / "points.xlsx", {"管点表": POINTS})
    assert not is_survey(only_points)
    with pytest.raises(InputError, match=r"points\.xlsx"):
        plan_survey(project, only_points)
    with pytest.raises(UsageError, match="Nothing"):
        plan_survey(project, survey(tmp_path), mapping={"Nothing": "exp_no"})


def test_the_samples_survey_becomes_a_network(project: Project) -> None:
    source = sample_data() / "foreign" / "管线探测成果.xlsx"
    report = carry_out(project, plan_survey(project, source))
    assert {part.layer: part.imported for part in report.layers} == {"manhole": 12, "pipe_line": 11}
    assert all(start and end for start, end in network(project).values())


def test_what_a_reader_finds_in_a_table_is_told_with_the_table(
    project: Project, tmp_path: Path
) -> None:
    points = [list(row) for row in POINTS]
    points[2][0], points[3][1] = "ＷＳ２", "ＷＳ"
    report = plan_survey(project, survey(tmp_path, points)).report
    found = listed(report, "full-width")
    assert [(rows, message.partition(":")[0]) for rows, message in found] == [
        ("2", "管点表"),
        ("3", "管点表"),
    ]


class StoppedWhileReading:
    """Says stop when a reader looks, which it does while it waits for an answer."""

    def report(self, done: int, total: int, key: str) -> None:
        pass

    def check(self) -> None:
        raise Cancelled


@pytest.mark.parametrize("work", [plan_survey, place])
def test_the_reading_of_a_survey_can_be_stopped(
    project: Project, tmp_path: Path, work: Callable[..., object]
) -> None:
    source, stop = survey(tmp_path), StoppedWhileReading()
    with pytest.raises(Cancelled):
        work(project, source, progress=stop)
    with pytest.raises(Cancelled):
        is_survey(source, progress=stop)
