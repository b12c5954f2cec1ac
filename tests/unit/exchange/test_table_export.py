from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from openpyxl import load_workbook

from hjgis.errors import Cancelled, InputError
from hjgis.exchange.table_export import TableView, write_view
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from tests.exported import export

FORMULA = "=cmd|' /C calc'!A0"
NAMES = ("exp_no", "cover_kind", "well_depth_m", "smart", "@east")
HEADINGS = ("物探点号", "井盖种类", "井底深 (m)", "智能井盖", "=Y")


@pytest.fixture
def wells(project: Project) -> Project:
    columns = {
        "exp_no": [FORMULA, "-1.5", '引"号,逗号\n换行'],
        "cover_kind": ["雨水井盖", None, "污水井盖"],
        "well_depth_m": [1.5, None, -2.0],
        "smart": [True, False, None],
    }
    bulk = BulkInsert("manhole", shapely.points(np.arange(3.0), np.zeros(3)), columns)
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    return project


def view(*fids: int) -> TableView:
    widths = (120,) * len(NAMES)
    return TableView("manhole", "窨井/[1]", NAMES, HEADINGS, widths, np.array(fids))


def test_a_workbook_holds_rows_columns_and_order_of_the_table(
    wells: Project, tmp_path: Path
) -> None:
    path = tmp_path / "井.xlsx"
    assert write_view(wells, view(3, 1, 2), path) == 3
    sheet = load_workbook(path).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["物探点号", "井盖种类", "井底深 (m)", "智能井盖", "'=Y"]
    assert rows[1] == ['引"号,逗号\n换行', "Sewer cover", -2, None, 2]
    assert rows[2] == [f"'{FORMULA}", "Storm drain cover", 1.5, "yes", 0]
    assert rows[3] == ["-1.5", None, None, "no", 1]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width == 15


def test_a_csv_is_opened_right_by_excel(wells: Project, tmp_path: Path) -> None:
    path = tmp_path / "井.csv"
    write_view(wells, view(1, 3), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == [f"'{FORMULA}", "Storm drain cover", "1.5", "yes", "0.0"]
    assert rows[2] == ['引"号,逗号\n换行', "Sewer cover", "-2.0", "", "2.0"]


def test_text_in_an_exported_layer_is_no_formula(wells: Project, tmp_path: Path) -> None:
    export(wells, tmp_path / "out", format="csv", layers=["manhole"])
    with (tmp_path / "out" / "manhole.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["exp_no"] == f"'{FORMULA}"
    assert rows[1]["exp_no"] == "-1.5"


def test_a_folder_that_is_not_there_is_told(wells: Project, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot write"):
        write_view(wells, view(1), tmp_path / "nowhere" / "a.xlsx")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_stopped_leaves_no_half_file_and_the_old_one_as_it_was(
    wells: Project, tmp_path: Path, ending: str
) -> None:
    class Stopped:
        def report(self, done: int, total: int, key: str) -> None:
            del done, total, key

        def check(self) -> None:
            raise Cancelled

    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / f"a.{ending}"
    path.write_text("old")
    with pytest.raises(Cancelled):
        write_view(wells, view(1), path, progress=Stopped())
    assert list(folder.iterdir()) == [path]
    assert path.read_text() == "old"
