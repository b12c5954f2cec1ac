from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.errors import Cancelled, InputError
from hjgis.exchange import exporting
from hjgis.exchange.outgoing import Writing
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.exchange.workbooks import workbook_file, workbook_lists
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, FeatureKey
from hjgis.models.validation import display
from tests.exported import choose, export
from tests.network import build

PLACE = shapely.Point(428_000.125, 4_528_000.5)


def add(project: Project, layer: str, shape: shapely.Geometry, **values: object) -> str:
    change = add_feature(project, layer, shape, values)
    project.session.apply(change)
    return change.changes[0].key.uuid


def written(project: Project, folder: Path, *layers: str) -> tuple[Any, ExportReport]:
    report = export(project, folder / "out.xlsx", format="xlsx", layers=layers or None)
    return openpyxl.load_workbook(folder / "out.xlsx"), report


def columns(sheet: Any) -> dict[str, int]:
    """Return the number of each column by the name of its field."""
    return {str(cell.value).partition(".")[2]: cell.column for cell in sheet[1]}


def cell(sheet: Any, name: str, row: int = 3) -> Any:
    return sheet.cell(row, columns(sheet)[name])


def losses(layer: LayerExport, kind: str) -> list[str]:
    return [loss.field for loss in layer.losses if loss.kind == kind]


def test_every_kind_has_a_sheet_whose_headings_people_read(
    project: Project, tmp_path: Path
) -> None:
    build(project)
    book, report = written(project, tmp_path, "manhole", "pipe_line")
    assert book.sheetnames == ["Instructions", "Manhole", "Pipe", "Code lists", "_hjgis"]
    assert [book[name].sheet_state for name in book.sheetnames] == [
        "visible", "visible", "visible", "hidden", "veryHidden",
    ]  # fmt: skip
    pipe = book["Pipe"]
    headings = {name: pipe.cell(2, number).value for name, number in columns(pipe).items()}
    assert headings["kind"] == "*Pipe kind"
    assert headings["diameter_mm"].endswith("(mm)")
    assert len(set(headings.values())) == len(headings)
    names = next(layer.names for layer in report.layers if layer.name == "pipe_line")
    assert {name: headings[name] for name in names} == names
    assert pipe.row_dimensions[1].hidden
    assert pipe.freeze_panes == "B3"
    assert pipe.auto_filter.ref.startswith("A2:")


def test_identities_and_links_are_there_and_hidden_and_keys_are_grey(
    project: Project, tmp_path: Path
) -> None:
    keys = build(project)
    before = project.get(keys["AB"])
    after = before.with_values(start_no="A", end_no="B")
    project.session.apply(ChangeSet("edit", (Change(before, after),)))
    book, _report = written(project, tmp_path, "pipe_line")
    sheet = book["Pipe"]
    from openpyxl.utils import get_column_letter

    at = columns(sheet)
    hidden = {name for name, number in at.items()
              if sheet.column_dimensions[get_column_letter(number)].hidden}  # fmt: skip
    assert {"uuid", "from_node", "to_node", "unknown_fields", "source_row"} <= hidden
    assert "start_no" not in hidden
    assert max(at, key=lambda name: at[name]) == "uuid"
    assert cell(sheet, "uuid").value == keys["AB"].uuid
    assert (cell(sheet, "start_no").value, cell(sheet, "end_no").value) == ("A", "B")
    for name, grey in (("pipe_no", True), (":length", True), ("kind", False)):
        assert (cell(sheet, name).fill.fgColor.rgb == "FFE7E6E6") == grey, name
    assert not sheet.protection.sheet


def test_values_have_the_types_that_people_expect(project: Project, tmp_path: Path) -> None:
    add(
        project, "manhole", PLACE, exp_no="W1", cover_kind="雨水井盖", survey_date="2024-05-06",
        well_depth_m=1.25, component_id="15082611010000001",
    )  # fmt: skip
    book, _report = written(project, tmp_path, "manhole")
    sheet = book["Manhole"]
    date, depth, number = (cell(sheet, n) for n in ("survey_date", "well_depth_m", "component_id"))
    assert (date.value, date.number_format) == (dt.datetime(2024, 5, 6), "yyyy-mm-dd")
    assert (depth.value, depth.data_type) == (1.25, "n")
    assert (number.value, number.data_type, number.number_format) == (
        "15082611010000001", "s", "@",
    )  # fmt: skip
    assert cell(sheet, ":x").value == pytest.approx(PLACE.y)
    assert cell(sheet, ":y").value == pytest.approx(PLACE.x)
    assert cell(sheet, ":x").number_format == "0.000"


def test_all_values_of_the_sample_are_there_as_they_are_shown(
    sample: Project, tmp_path: Path
) -> None:
    book, _report = written(sample, tmp_path, "street_lamp")
    sheet, asset = book["Street lamp"], sample.asset_type("street_lamp")
    table = sample.table("street_lamp", None)
    at = columns(sheet)
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[at["uuid"] - 1] for row in rows] == table.uuids.tolist()
    for name in asset.field_names:
        field = asset.field(name)
        for row, stored in zip(rows, table.columns[name].tolist(), strict=True):
            shown = row[at[name] - 1]
            if isinstance(shown, dt.datetime):
                shown = shown.date().isoformat()
            expected = (
                display(field, stored, sample.catalogue)
                if isinstance(stored, str | bool)
                else stored
            )
            assert shown == (None if expected == "" else expected), name


def test_lists_of_cells_point_at_the_names_of_the_codes(sample: Project, tmp_path: Path) -> None:
    book, _report = written(sample, tmp_path, "toilet", "hazard")
    for number, layer in enumerate(("toilet", "hazard"), start=1):
        sheet, asset = book.worksheets[number], sample.asset_type(layer)
        at = columns(sheet)
        from openpyxl.utils import get_column_letter

        rules = {
            str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation
        }
        for field in asset.fields:
            if field.type != "code":
                continue
            rule = rules[f"{get_column_letter(at[field.name])}3"]
            assert str(rule.sqref).endswith("1048576")
            place = rule.formula1.partition("!")[2].replace("$", "")
            names = [one.value for (one,) in book["Code lists"][place]]
            codes = sample.catalogue.codes(field.codes)
            assert names == list(dict.fromkeys(codes.label_of(code.code) for code in codes.offered))
            assert rule.errorStyle == ("warning" if codes.open else "stop")
            assert len(rule.error) <= 255
            assert names[0] in rule.error
        number = next(f for f in asset.fields if f.type in ("integer", "number") and f.range)
        rule = rules[f"{get_column_letter(at[number.name])}3"]
        assert rule.type in ("whole", "decimal")
        assert rule.errorStyle == "warning"
        assert "不详" in rule.error


def test_text_that_looks_like_a_formula_is_text_and_stays_so_in_excel(
    project: Project, tmp_path: Path
) -> None:
    texts = ["=1+1", "+86", "-2-3", "@x", "'=1", "\tx", "#N/A", "=cmd|' /C calc'!A0"]
    for text in texts:
        add(project, "manhole", PLACE, remarks=text)
    book, report = written(project, tmp_path, "manhole")
    found = [cell(book["Manhole"], "remarks", row) for row in range(3, 3 + len(texts))]
    assert [one.value for one in found] == texts
    assert {one.data_type for one in found} == {"s"}
    assert all(one.quotePrefix for one in found if one.value[0] in "=-@")
    assert not report.layers[0].losses
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_what_a_cell_cannot_hold_is_foreseen_and_told(project: Project, tmp_path: Path) -> None:
    long, bell = "井" * 40_000, "a\x07b\ufffec"
    for text in (long, bell, "a\r\nb", "", "whole", "_x0041_"):
        key = FeatureKey("manhole", add(project, "manhole", PLACE))
        before = project.get(key)
        after = before.with_values(location_desc=text)
        project.session.apply(ChangeSet("edit", (Change(before, after),)))
    selection = choose(project, ["manhole"])
    writing = Writing("xlsx", project.crs)
    foreseen = exporting.foresee(project, selection, writing)
    book, report = written(project, tmp_path, "manhole")
    assert foreseen == list(report.layers)
    found = [(loss.kind, loss.field) for loss in foreseen[0].losses]
    assert sorted(found) == [
        ("empty", "location_desc"), ("truncated", "location_desc"),
        ("unencodable", "location_desc"), ("unencodable", "location_desc"),
    ]  # fmt: skip
    cells = [cell(book["Manhole"], "location_desc", row).value for row in range(3, 9)]
    assert cells == ["井" * 32_767, "abc", "a\nb", None, "whole", "_x005F_x0041_"]


def test_shapes_of_lines_are_told_as_lost_once(project: Project, tmp_path: Path) -> None:
    build(project)
    book, report = written(project, tmp_path, "manhole", "pipe_line")
    by_name = {layer.name: layer for layer in report.layers}
    assert not by_name["manhole"].losses
    assert [(loss.kind, loss.uuid) for loss in by_name["pipe_line"].losses] == [("geometry", "")]
    sheet = book["Pipe"]
    ends = [cell(sheet, name).value for name in (":x1", ":y1", ":x2", ":y2", ":length")]
    assert ends == [4_528_000.0, 428_000.0, 4_528_000.0, 428_030.0, 30.0]


def test_records_have_a_sheet_that_names_their_assets(sample: Project, tmp_path: Path) -> None:
    book, _report = written(sample, tmp_path, "street_lamp", "inspection")
    sheet = book["Inspection and repair records"]
    numbers = {
        number.value: True for (number,) in book["Street lamp"].iter_rows(min_row=3, max_col=1)
    }
    owners = [
        one.value for one in sheet[openpyxl.utils.get_column_letter(columns(sheet)[":owner"])]
    ]
    assert any(owner in numbers for owner in owners[2:])
    assert ":x" not in columns(sheet)


def test_a_kind_with_too_many_rows_goes_into_several_sheets(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(project)
    monkeypatch.setattr(workbook_file, "LAST_ROW", 4)
    book, report = written(project, tmp_path, "manhole")
    assert book.sheetnames[1:3] == ["Manhole", "Manhole (2)"]
    rows = [
        cell(book[name], "exp_no", row).value for name in book.sheetnames[1:3] for row in (3, 4)
    ]
    assert rows == ["A", "B", "C", None]
    assert report.layers[0].written == 3
    about = [row[0] for row in book["Instructions"].iter_rows(values_only=True)]
    assert "More sheets than kinds" in about
    assert workbook_lists.LAST_ROW == 1_048_576


class Stopping:
    """Progress that is cancelled after some questions."""

    def __init__(self, after: int) -> None:
        self.left = after

    def report(self, done: int, total: int, message: str = "") -> None:
        pass

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled("stopped")


@pytest.mark.parametrize("after", [0, 1])
def test_a_cancelled_workbook_leaves_nothing(project: Project, tmp_path: Path, after: int) -> None:
    build(project)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(Cancelled):
        export(
            project, out / "b.xlsx", format="xlsx", layers=["manhole", "pipe_line", "pipe_point"],
            progress=Stopping(after),
        )  # fmt: skip
    assert not list(out.iterdir())


def test_a_workbook_that_cannot_be_written_is_a_clear_error(
    project: Project, tmp_path: Path
) -> None:
    build(project)
    going = choose(project, ["manhole"]).outgoing(project, project.crs)
    with pytest.raises(InputError, match=r"b\.xlsx"):
        workbook_file.write(going, tmp_path / "no" / "b.xlsx", Writing("xlsx", project.crs))


def test_degrees_are_written_as_degrees(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", PLACE, exp_no="W1")
    export(project, tmp_path / "d.xlsx", format="xlsx", layers=["manhole"], crs="EPSG:4490")
    sheet = openpyxl.load_workbook(tmp_path / "d.xlsx")["Manhole"]
    assert cell(sheet, ":x").value == pytest.approx(40.9, abs=0.2)
    assert "CGCS2000" in sheet.cell(2, columns(sheet)[":y"]).value
