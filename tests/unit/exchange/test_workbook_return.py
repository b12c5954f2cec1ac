from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.errors import InputError, UsageError
from hjgis.exchange.importing import ImportPlan, carry_out, plan_import
from hjgis.exchange.workbooks.workbook_return import plan_workbook
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.changes import Change, ChangeSet, FeatureKey
from tests.exported import export
from tests.network import PLACES, build

Edit = Callable[[Any], None]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Project]:
    path = tmp_path / "sample.gpkg"
    create_sample(path, clean=False)
    with Project.open(path, operator="tester") as project:
        yield project


@pytest.fixture
def network(project: Project) -> Project:
    """Three manholes, two pipes that know the numbers of their ends."""
    keys = build(project)
    for name, ends in (("AB", "AB"), ("BC", "BC")):
        values = dict(zip(("start_no", "end_no"), ends, strict=True))
        set_values(project, keys[name], **values)
    return project


def set_values(project: Project, key: FeatureKey, **values: Any) -> None:
    before = project.get(key)
    change = Change(before, before.with_values(**values))
    project.session.apply(ChangeSet("edit", (change,)))


class Sheet:
    """A sheet as somebody who edits it in Excel has it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.at = {str(cell.value).partition(".")[2]: cell.column for cell in page[1]}

    def __getitem__(self, place: tuple[str, int]) -> Any:
        return self.page.cell(place[1], self.at[place[0]]).value

    def __setitem__(self, place: tuple[str, int], value: Any) -> None:
        self.page.cell(place[1], self.at[place[0]]).value = value

    def row_of(self, name: str, value: Any) -> int:
        column = self.page.iter_rows(min_col=self.at[name], max_col=self.at[name])
        return next(row for row, (cell,) in enumerate(column, 1) if cell.value == value)

    @property
    def last(self) -> int:
        return self.page.max_row

    def add(self, **values: Any) -> int:
        row = self.last + 1
        for name, value in values.items():
            self[name.replace("_y", ":y").replace("_x", ":x") if name[0] == "_" else name, row] = (
                value
            )
        return row

    def copy(self, row: int) -> int:
        new = self.last + 1
        for column in range(1, self.page.max_column + 1):
            self.page.cell(new, column).value = self.page.cell(row, column).value
        return new


def returned(
    project: Project, folder: Path, edit: Callable[[dict[str, Sheet]], None], *layers: str,
    crs: str | None = None,
) -> ImportPlan:  # fmt: skip
    """Export, let somebody edit the workbook, and read what came back."""
    path = folder / "out.xlsx"
    export(project, path, format="xlsx", layers=layers or None, crs=crs)
    book = openpyxl.load_workbook(path)
    sheets = {}
    for page in book.worksheets:
        kind = str(page["A1"].value).removeprefix("hjgis:").partition(".")[0]
        sheets.setdefault(kind, Sheet(page))
    edit(sheets)
    back = folder / "back.xlsx"
    book.save(back)
    return plan_workbook(project, back)


def kinds(plan: ImportPlan) -> dict[str, int]:
    return {kind: plan.update.count(kind) for kind in ("new", "changed", "missing")}


NOTHING = {"new": 0, "changed": 0, "missing": 0}


def said(plan: ImportPlan, kind: str) -> list[tuple[int | None, str | None]]:
    return [(p.row, p.field) for p in plan.report.problems if p.kind == kind]


def test_an_unchanged_workbook_of_everything_says_nothing(town: Project, tmp_path: Path) -> None:
    west, south, east, north = town.extent("manhole") or (0.0, 0.0, 0.0, 0.0)
    box = (west, south, west + (east - west) / 3, south + (north - south) / 3)
    path = tmp_path / "out.xlsx"
    report = export(town, path, format="xlsx", extent=box)
    plan = plan_workbook(town, path)
    assert kinds(plan) == NOTHING
    assert {"pipe_line", "manhole", "street_lamp", "grid", "road", "inspection"} <= {
        layer.name for layer in report.layers
    }
    assert plan.report.matched == sum(layer.written for layer in report.layers)
    assert plan.report.read == plan.report.matched
    assert not plan.report.problems


def test_a_hundred_changed_cells_are_a_hundred_values(town: Project, tmp_path: Path) -> None:
    asset = town.asset_type("toilet")
    free = [
        field
        for field in asset.fields
        if field.type in ("text", "integer", "number", "date", "boolean", "code")
        and not field.unique and not field.codes_by
        and field.name not in ("unknown_fields", "source_file", "source_row")
    ]  # fmt: skip
    rng = random.Random(7)
    expected: dict[tuple[str, str], Any] = {}

    def other(field: Any, old: Any) -> tuple[Any, Any]:
        """Return what is typed and what is stored then."""
        if field.type == "code":
            codes = [c for c in town.catalogue.codes(field.codes).offered
                     if town.catalogue.codes(field.codes).label_of(c.code) != old]  # fmt: skip
            code = rng.choice(codes)
            return town.catalogue.codes(field.codes).label_of(code.code), code.code
        if field.type == "boolean":
            return ("no", False) if old == "yes" else ("yes", True)
        if field.type == "date":
            return "2023.4.5", "2023-04-05"
        if field.type == "text":
            return "承包商改过"[: field.max_length], "承包商改过"[: field.max_length]
        low = (field.range or (None,))[0] or 0
        number = int(low) + rng.randrange(1, 5)
        number += number == old
        return (str(number), number) if rng.random() < 0.3 else (number, number)

    def edit(sheets: dict[str, Sheet]) -> None:
        sheet = sheets["toilet"]
        while len(expected) < 100:
            row, field = rng.randrange(3, sheet.last + 1), rng.choice(free)
            key = (sheet["uuid", row], field.name)
            if key not in expected:
                typed, stored = other(field, sheet[field.name, row])
                expected[key] = stored
                sheet[field.name, row] = typed

    plan = returned(town, tmp_path, edit, "toilet")
    found = {
        (entry.key.uuid, name): pair[1]
        for entry in plan.update.differences
        if entry.key
        for name, pair in entry.values.items()
    }
    assert found == expected
    assert sum(len(entry.values) for entry in plan.update.differences) == 100
    assert all(entry.moved_m is None for entry in plan.update.differences)
    before = town.content_sha256()
    carry_out(town, plan, ("new", "changed"))
    for (uuid, name), value in expected.items():
        assert town.get(FeatureKey("toilet", uuid)).values[name] == value
    town.session.undo()
    assert town.content_sha256() == before


def test_rows_and_columns_may_be_moved_and_renamed(network: Project, tmp_path: Path) -> None:
    def edit(sheets: dict[str, Sheet]) -> None:
        page = sheets["manhole"].page
        rows = [[cell.value for cell in row] for row in page.iter_rows()]
        keys, headings, *features = rows
        order = list(range(len(keys)))[::-1]
        page.delete_rows(1, page.max_row)
        page.title = "改名"
        page.cell(1, 1).value = "某某公司"
        for number, row in enumerate([keys, [f"我的{h}" for h in headings], *features[::-1]], 2):
            for column, at in enumerate(order, 1):
                page.cell(number, column).value = row[at]

    assert kinds(returned(network, tmp_path, edit, "manhole", "pipe_line")) == NOTHING


def test_without_its_row_of_keys_a_sheet_is_known_by_its_headings(
    network: Project, tmp_path: Path
) -> None:
    def edit(sheets: dict[str, Sheet]) -> None:
        sheets["manhole"]["remarks", 3] = "changed"
        sheets["manhole"].page.delete_rows(1)

    plan = returned(network, tmp_path, edit, "manhole")
    assert kinds(plan) == {**NOTHING, "changed": 1}


def test_without_identities_rows_are_found_by_number_and_place(
    network: Project, tmp_path: Path
) -> None:
    def edit(sheets: dict[str, Sheet]) -> None:
        for sheet in (sheets["manhole"], sheets["pipe_line"]):
            sheet["remarks", 3] = "changed"
            sheet.page.delete_cols(sheet.at["uuid"])

    plan = returned(network, tmp_path, edit, "manhole", "pipe_line")
    assert kinds(plan) == {**NOTHING, "changed": 2}
    assert len(said(plan, "no-identity")) == 2


def test_new_rows_with_a_place_are_new_features(network: Project, tmp_path: Path) -> None:
    rows: dict[str, int] = {}

    def edit(sheets: dict[str, Sheet]) -> None:
        well, pipe = sheets["manhole"], sheets["pipe_line"]
        rows["D"] = well.add(exp_no="D", _x="4528020", _y=428_060.5)
        rows["nowhere"] = well.add(exp_no="E")
        rows["CD"] = pipe.add(pipe_no="CD", kind="污水", start_no="C", end_no="D")
        rows["lost"] = pipe.add(pipe_no="CX", kind="污水", start_no="C", end_no="X")

    plan = returned(network, tmp_path, edit, "manhole", "pipe_line")
    assert kinds(plan) == {**NOTHING, "new": 2}
    assert plan.report.rejected == 2
    assert {row for row, _field in said(plan, "null-geometry")} == {rows["nowhere"], rows["lost"]}
    assert (rows["lost"], "Point number at the last vertex") in said(plan, "unresolved-node")
    before = network.content_sha256()
    carry_out(network, plan)
    table = network.table("pipe_line", ["pipe_no", "from_node", "to_node", "kind", "source_row"])
    at = table.columns["pipe_no"].tolist().index("CD")
    assert table.geometry is not None
    assert shapely.equals(
        table.geometry[at], shapely.LineString([PLACES["C"], (428_060.5, 4_528_020.0)])
    )
    nodes = [table.columns[name][at] for name in ("from_node", "to_node")]
    assert [network.node(uuid).values["exp_no"] for uuid in nodes] == ["C", "D"]  # type: ignore[union-attr]
    assert table.columns["kind"][at] == "WS"
    assert table.columns["source_row"][at] == rows["CD"]
    network.session.undo()
    assert network.content_sha256() == before


def test_removed_rows_are_missing_and_stay(network: Project, tmp_path: Path) -> None:
    def edit(sheets: dict[str, Sheet]) -> None:
        sheets["manhole"].page.delete_rows(3)
        pipe = sheets["pipe_line"]
        for name, column in pipe.at.items():
            if name != "uuid":
                pipe.page.cell(4, column).value = None

    plan = returned(network, tmp_path, edit, "manhole", "pipe_line")
    assert kinds(plan) == {**NOTHING, "missing": 2}
    carry_out(network, plan, ("new", "changed"))
    assert (network.count("manhole"), network.count("pipe_line")) == (3, 2)


def test_only_what_went_out_can_be_missing(town: Project, tmp_path: Path) -> None:
    west, south, east, north = town.extent("toilet") or (0.0, 0.0, 0.0, 0.0)
    box = (west, south, (west + east) / 2, north)
    export(town, tmp_path / "part.xlsx", format="xlsx", layers=["toilet"], extent=box)
    book = openpyxl.load_workbook(tmp_path / "part.xlsx")
    book.worksheets[1].delete_rows(3, 2)
    book.save(tmp_path / "part.xlsx")
    plan = plan_workbook(town, tmp_path / "part.xlsx")
    assert 2 < plan.report.matched < town.count("toilet") - 2
    assert kinds(plan) == {**NOTHING, "missing": 2}


def test_a_moved_point_takes_its_pipes_along(network: Project, tmp_path: Path) -> None:
    def edit(sheets: dict[str, Sheet]) -> None:
        well = sheets["manhole"]
        well[":x", well.row_of("exp_no", "B")] = 4_528_002.0

    plan = returned(network, tmp_path, edit, "manhole", "pipe_line")
    (entry,) = plan.update.differences
    assert entry.moved_m == pytest.approx(2.0)
    assert not entry.values
    carry_out(network, plan, ("changed",))
    shapes = network.table("pipe_line", []).geometry
    assert shapes is not None
    assert shapely.get_coordinates(shapes)[1].tolist() == [428_030.0, 4_528_002.0]


def test_another_number_connects_a_pipe_anew(network: Project, tmp_path: Path) -> None:
    def edit(sheets: dict[str, Sheet]) -> None:
        pipe = sheets["pipe_line"]
        pipe["end_no", pipe.row_of("pipe_no", "AB")] = "C"
        pipe["end_no", pipe.row_of("pipe_no", "BC")] = "nobody"

    plan = returned(network, tmp_path, edit, "pipe_line")
    (entry,) = plan.update.differences
    assert set(entry.values) == {"end_no", "to_node"}
    assert [row for row, _field in said(plan, "unresolved-node")] == [4]
    carry_out(network, plan, ("changed",))
    line = network.get(entry.key)  # type: ignore[arg-type]
    assert shapely.get_coordinates(line.geometry)[-1].tolist() == list(PLACES["C"])


def test_a_copied_row_is_a_new_feature_whichever_of_them_is_first(
    network: Project, tmp_path: Path
) -> None:
    def edit(sheets: dict[str, Sheet]) -> None:
        well = sheets["manhole"]
        row = well.row_of("exp_no", "A")
        new = well.copy(row)
        # Excel puts a copy above: there the first one is what was changed.
        well["exp_no", row], well[":y", row] = "A2", 428_005.0
        assert well["exp_no", new] == "A"

    plan = returned(network, tmp_path, edit, "manhole")
    assert kinds(plan) == {**NOTHING, "new": 1}
    assert plan.update.differences[0].title == "A2"
    assert said(plan, "duplicate-id") == [(3, None)]


def test_what_a_spreadsheet_has_spoilt_is_not_taken(network: Project, tmp_path: Path) -> None:
    table = network.table("manhole", ["exp_no"])
    for number, uuid in enumerate(table.uuids.tolist()):
        set_values(
            network, FeatureKey("manhole", uuid), component_id=f"1508261101000000{number}",
            well_depth_m=2.5,
        )  # fmt: skip

    def edit(sheets: dict[str, Sheet]) -> None:
        well = sheets["manhole"]
        well["component_id", 3] = 1.50826e16
        well["component_id", 4] = "1.50826E+16"
        well["well_depth_m", 3] = "deep"
        well["well_depth_m", 4] = " 3.5 "
        well["survey_date", 3] = 45_000
        well["survey_date", 4] = "2024年2月30日"
        well["survey_date", 5] = "2024/2/29"

    plan = returned(network, tmp_path, edit, "manhole")
    changed = {entry.row: dict(entry.values) for entry in plan.update.differences}
    assert changed == {
        3: {"survey_date": (None, "2023-03-15")},
        4: {"well_depth_m": (2.5, 3.5)},
        5: {"survey_date": (None, "2024-02-29")},
    }
    assert {row for row, _field in said(plan, "digits-lost")} == {3, 4}
    fields = {(row, field) for row, field in said(plan, "bad-value")}
    assert {row for row, _field in fields} == {3, 4}


def test_cells_that_show_errors_change_nothing(network: Project, tmp_path: Path) -> None:
    set_values(
        network,
        FeatureKey("manhole", str(network.table("manhole", []).uuids[0])),
        remarks="kept",
    )

    def edit(sheets: dict[str, Sheet]) -> None:
        well = sheets["manhole"]
        well["remarks", 3] = "=A1/0"

    plan = returned(network, tmp_path, edit, "manhole")
    assert kinds(plan) == NOTHING
    assert [row for row, _field in said(plan, "bad-value")] == [3]


def test_unknown_is_written_and_read(network: Project, tmp_path: Path) -> None:
    a, b, _c = (FeatureKey("manhole", uuid) for uuid in network.table("manhole", []).uuids.tolist())
    set_values(network, a, unknown_fields="well_depth_m survey_date")

    def edit(sheets: dict[str, Sheet]) -> None:
        well = sheets["manhole"]
        assert [well[name, 3] for name in ("well_depth_m", "survey_date")] == ["不详", "不详"]
        well["survey_date", 3] = None
        well["well_depth_m", 4] = "不详"

    plan = returned(network, tmp_path, edit, "manhole")
    changed = {entry.key: dict(entry.values) for entry in plan.update.differences}
    assert changed == {
        a: {"unknown_fields": ("well_depth_m survey_date", "well_depth_m")},
        b: {"unknown_fields": (None, "well_depth_m")},
    }


def test_what_writing_spoils_is_no_change(network: Project, tmp_path: Path) -> None:
    texts = ["井" * 33_000, "a\x07b", "a\r\nb", "_x0041_", " x ", "=1", "'=1", "a\u200bb", "1e5"]
    for number, text in enumerate(texts):
        spot = shapely.Point(428_100 + number, 4_528_000)
        network.session.apply(add_feature(network, "manhole", spot, {}))
        uuid = str(network.table("manhole", []).uuids[-1])
        set_values(
            network, FeatureKey("manhole", uuid), location_desc=text, cover_material="no such code",
            survey_date="someday", component_id=text[:17],
        )  # fmt: skip
    assert kinds(returned(network, tmp_path, lambda _sheets: None, "manhole")) == NOTHING


def test_a_feature_that_was_deleted_meanwhile_comes_as_new(
    network: Project, tmp_path: Path
) -> None:
    network.session.apply(
        add_feature(network, "manhole", shapely.Point(428_100, 4_528_000), {"exp_no": "Z"})
    )
    path = tmp_path / "out.xlsx"
    export(network, path, format="xlsx", layers=["manhole"])
    network.session.undo()
    plan = plan_workbook(network, path)
    assert kinds(plan) == {**NOTHING, "new": 1}
    assert said(plan, "no-identity") == [(6, None)]


def test_a_workbook_in_degrees_comes_back(network: Project, tmp_path: Path) -> None:
    plan = returned(
        network, tmp_path, lambda _sheets: None, "manhole", "pipe_line", crs="EPSG:4490"
    )
    assert kinds(plan) == NOTHING


def test_records_come_back_by_the_number_of_their_asset(town: Project, tmp_path: Path) -> None:
    number = next(value for value in town.table("toilet", ["component_id"], geometry=False)
                  .columns["component_id"].tolist() if value)  # fmt: skip
    rows: dict[str, int] = {}

    def edit(sheets: dict[str, Sheet]) -> None:
        sheet = sheets["inspection"]
        sheet["person", 3] = "换人"
        new = {"kind": "巡查", "date": "2025-01-02", "person": "王五"}
        rows["new"] = sheet.last + 1
        for name, value in {**new, ":owner": number}.items():
            sheet[name, rows["new"]] = value
        rows["lost"] = sheet.last + 1
        for name, value in {**new, ":owner": "nobody"}.items():
            sheet[name, rows["lost"]] = value

    plan = returned(town, tmp_path, edit, "inspection")
    assert kinds(plan) == {"new": 1, "changed": 1, "missing": 0}
    assert rows["lost"] in {row for row, _field in said(plan, "rejected")}
    assert said(plan, "warning")
    before = town.content_sha256()
    carry_out(town, plan, ("new", "changed"))
    assert town.count("inspection") == 651
    town.session.undo()
    assert town.content_sha256() == before


def test_other_workbooks_are_refused_in_words(network: Project, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.save(tmp_path / "theirs.xlsx")
    with pytest.raises(UsageError, match="--to"):
        plan_workbook(network, tmp_path / "theirs.xlsx")
    (tmp_path / "text.xlsx").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="text"):
        plan_workbook(network, tmp_path / "text.xlsx")


def test_a_workbook_of_a_newer_program_is_refused(network: Project, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    export(network, path, format="xlsx", layers=["manhole"])
    book = openpyxl.load_workbook(path)
    book["_hjgis"]["B1"] = "99"
    book.save(path)
    with pytest.raises(InputError, match="newer"):
        plan_workbook(network, path)


def test_without_the_sheet_about_itself_a_workbook_is_still_known(
    network: Project, tmp_path: Path
) -> None:
    path = tmp_path / "out.xlsx"
    export(network, path, format="xlsx", layers=["manhole"])
    book = openpyxl.load_workbook(path)
    del book["_hjgis"]
    book.save(path)
    plan = plan_workbook(network, path)
    assert kinds(plan) == NOTHING
    assert said(plan, "assumed-crs")


def test_a_sheet_can_be_taken_like_anybody_elses(network: Project, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    export(network, path, format="xlsx", layers=["manhole", "pipe_line"])
    plan = plan_import(network, path, to="manhole", source_layer="Manhole", x="Y(东)", y="X(北)")
    assert kinds(plan) == NOTHING
    assert plan.report.matched == 3
    assert {"exp_no", "cover_kind", "well_depth_m"} <= set(plan.mapping.values())


@pytest.mark.parametrize("rows", ["1-2, x", "1-99999999999999999999", "", "7"])
def test_a_sheet_about_itself_that_was_written_into_does_no_harm(
    network: Project, tmp_path: Path, rows: str
) -> None:
    path = tmp_path / "out.xlsx"
    export(network, path, format="xlsx", layers=["manhole"])
    book = openpyxl.load_workbook(path)
    about = book["_hjgis"]
    for number in range(1, about.max_row + 1):
        if about.cell(number, 1).value == "rows":
            about.cell(number, 3).value = rows
    book.save(path)
    assert kinds(plan_workbook(network, path)) == NOTHING
