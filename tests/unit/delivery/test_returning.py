"""What comes back: only the contractor's changes, against what was given away and what is now."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely
import shapely.affinity

from hjgis.delivery.returning import PRESENT, ReturnPlan, look, plan_return, store
from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.changes import BulkInsert, Change, ChangeSet, FeatureKey, new_uuids
from hjgis.models.deliveries import Delivery
from hjgis.models.wording import describe_change
from tests.exported import export
from tests.returns import MANIFEST, Row, deliver, edited, zipped

LAYERS = ("manhole", "street_lamp")
NONE = {"new": 0, "changed": 0, "conflict": 0, "missing": 0, "already": 0}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "town.gpkg"
    create_sample(path, clean=False)
    return path


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A street of manholes with pipes between them, and of lamps."""
    path = tmp_path_factory.mktemp("street") / "street.gpkg"
    spots = [shapely.Point(428_000 + 30 * i, 4_528_000 + 2 * i, 900 + i) for i in range(21)]
    uuids = new_uuids(21)
    lines = [shapely.LineString(pair) for pair in pairwise(spots)]
    wells = BulkInsert("manhole", np.array(spots), {"exp_no": [f"WS{i}" for i in range(21)]}, uuids)
    pipes = {
        "start_no": [f"WS{i}" for i in range(20)],
        "end_no": [f"WS{i + 1}" for i in range(20)],
        "from_node": uuids[:-1],
        "to_node": uuids[1:],
    }
    lamps = {
        "pole_no": [f"L{i}" for i in range(12)],
        "road_name": ["示范路"] * 12,
        "lamp_heads": [1] * 12,
        "lit_ok": [True, False, None] * 4,
        "power_w": [90.5] * 12,
        "replace_date": ["2020-06-15"] * 12,
    }
    shifted = np.array([shapely.Point(spot.x, spot.y + 8) for spot in spots[:12]])
    with Project.create(path) as project:
        for bulk in (
            wells,
            BulkInsert("pipe_line", np.array(lines), pipes),
            BulkInsert("street_lamp", shifted, lamps),
        ):
            project.session.apply(ChangeSet("import", bulk=(bulk,)))
    return path


@pytest.fixture
def town(street: Path, tmp_path: Path) -> Iterator[Project]:
    path = shutil.copy(street, tmp_path / "town.gpkg")
    with Project.open(path, operator="甲") as project:
        yield project


@pytest.fixture
def whole(sample: Path, tmp_path: Path) -> Iterator[Project]:
    path = shutil.copy(sample, tmp_path / "whole.gpkg")
    with Project.open(path, operator="甲") as project:
        yield project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "交付"
    made.mkdir()
    return made


def counts(plan: ReturnPlan) -> dict[str, int]:
    found: dict[str, int] = plan.to_json()["counts"]
    return found


def shp(folder: Path, layer: str) -> Path:
    return folder / "数据" / "shp" / f"{layer}.shp"


def keys(project: Project, layer: str) -> list[FeatureKey]:
    table = project.table(layer, [], geometry=False)
    return [FeatureKey(layer, uuid) for uuid in table.uuids.tolist()]


def change(project: Project, key: FeatureKey, **values: object) -> None:
    before = project.get(key)
    changed = Change(before, before.with_values(**values))  # type: ignore[arg-type]
    project.session.apply(ChangeSet("edit.attributes", (changed,), params={"layer": key.layer}))


def delete(project: Project, key: FeatureKey) -> None:
    deleted = Change(project.get(key), None)
    project.session.apply(ChangeSet("edit.delete", (deleted,), params={"layer": key.layer}))


def with_remark(uuids: dict[str, str]):  # type: ignore[no-untyped-def]
    """Return an edit that writes remarks, by identity."""

    def edit(records: list[Row]) -> list[Row]:
        for record in records:
            given = uuids.get(record["properties"]["UUID"])
            if given is not None:
                record["properties"]["BZ"] = given
        return records

    return edit


def all_problems(plan: ReturnPlan) -> str:
    return "\n".join(problem.message for problem in plan.problems)


# -- three ways ----------------------------------------------------------------------------


def test_what_nobody_touched_differs_in_nothing(whole: Project, folder: Path) -> None:
    layers = [layer.id for layer in whole.layers if layer.count]
    deliver(whole, folder, layers)
    plan = plan_return(whole, folder)
    assert counts(plan) == NONE
    assert len(plan.found.unchanged) == len(layers)
    (folder / MANIFEST).unlink()
    plan = plan_return(whole, folder)
    assert (counts(plan), plan.problems) == (NONE, ())
    assert sorted(part.layer for part in plan.found.parts) == sorted(layers)


@pytest.mark.parametrize("format_", ["gpkg", "geojson", "csv"])
def test_every_format_comes_back_without_differences(
    whole: Project, folder: Path, format_: str
) -> None:
    layers = ("manhole", "pipe_point", "pipe_line", "park", "inspection")
    deliver(whole, folder, layers, formats=[format_])
    (folder / MANIFEST).unlink()
    plan = plan_return(whole, folder)
    assert (counts(plan), plan.problems) == (NONE, ())
    assert {part.layer for part in plan.found.parts} == {*layers}


def test_a_drawing_comes_back_with_what_was_changed_in_it(town: Project, folder: Path) -> None:
    deliver(town, folder, ("manhole", "pipe_line"), formats=["dxf"])
    path = folder / "数据" / "dxf" / "数据.dxf"
    (folder / MANIFEST).unlink()
    plan = plan_return(town, folder)
    assert (counts(plan), plan.problems) == (NONE, ())
    document = ezdxf.readfile(path)
    wells = document.modelspace().query("INSERT")
    wells[0].get_attrib("WTDH").dxf.text = "WS 甲"
    wells[1].dxf.insert += (3, 0, 0)
    space = document.modelspace()
    # As the INSERT command of AutoCAD leaves it, and a pipe that nobody can tell the kind of.
    space.add_blockref(wells[0].dxf.name, (428_100, 4_528_050)).add_attrib("WTDH", "WS99")
    space.add_lwpolyline([(428_000, 4_528_000), (428_010, 4_528_000)], dxfattribs={"layer": "新增"})
    document.saveas(path)
    plan = plan_return(town, folder)
    assert counts(plan) == NONE | {"changed": 2, "new": 1}
    assert [problem.kind for problem in plan.problems] == ["blank-id"]
    assert any("新增 / LineString" in words for words in plan.found.warnings)


def test_three_values_of_a_feature_decide_what_becomes_of_it(town: Project, folder: Path) -> None:
    theirs, same, both, ours = keys(town, "manhole")[10:14]
    deliver(town, folder, LAYERS)
    change(town, same, remarks="改")
    change(town, both, remarks="我们改的")
    change(town, ours, remarks="只有我们改")
    edit = with_remark({theirs.uuid: "改", same.uuid: "改", both.uuid: "他们改的"})
    edited(shp(folder, "manhole"), edit)

    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1, "conflict": 1, "already": 1}
    changed, conflict = plan.update.differences
    assert (changed.key, dict(changed.values)) == (theirs, {"remarks": (None, "改")})
    assert (conflict.kind, conflict.key) == ("conflict", both)
    assert conflict.values == {"remarks": ("我们改的", "他们改的")}
    assert conflict.delivered is not None
    assert conflict.delivered.values["remarks"] is None
    assert [plan.update.differences[i].kind for i in plan.ticked] == ["changed"]

    store(town, plan, plan.ticked)
    assert town.get(theirs).values["remarks"] == "改"
    assert town.get(both).values["remarks"] == "我们改的"
    assert town.get(ours).values["remarks"] == "只有我们改"
    again = plan_return(town, folder)
    assert counts(again) == {**NONE, "conflict": 1, "already": 2}
    assert store(town, again, again.ticked) is None


def test_a_conflict_that_is_taken_has_their_value_and_one_undo_takes_all_back(
    town: Project, folder: Path
) -> None:
    key = keys(town, "manhole")[3]
    deliver(town, folder, LAYERS)
    change(town, key, remarks="我们", owner_name="某单位")
    start = town.content_sha256()

    def edit(records: list[Row]) -> list[Row]:
        for record in records:
            if record["properties"]["UUID"] == key.uuid:
                record["properties"] |= {"BZ": "他们", "SZDL": "新路名"}
        return records

    edited(shp(folder, "manhole"), edit)
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1, "conflict": 1}
    store(town, plan, plan.update.of_kind("changed", "conflict"))
    after = town.get(key).values
    assert (after["remarks"], after["road_name"], after["owner_name"]) == (
        "他们",
        "新路名",
        "某单位",
    )
    town.session.undo()
    assert town.content_sha256() == start


def test_a_moved_place_is_judged_like_a_value(town: Project, folder: Path) -> None:
    theirs, both, same = keys(town, "street_lamp")[5:8]
    deliver(town, folder, LAYERS)
    there = {theirs.uuid: 2.0, both.uuid: 3.0, same.uuid: 4.0}

    def move(project: Project, key: FeatureKey, by: float) -> None:
        before = project.get(key)
        after = before.with_geometry(
            shapely.transform(before.geometry, lambda xy: xy + np.array([by, 0]))
        )
        project.session.apply(ChangeSet("edit.move", (Change(before, after),)))

    move(town, both, 1.0)
    move(town, same, 4.0)

    def edit(records: list[Row]) -> list[Row]:
        for record in records:
            by = there.get(record["properties"]["UUID"], 0.0)
            x, *rest = record["geometry"]["coordinates"]
            record["geometry"] = {"type": "Point", "coordinates": (x + by, *rest)}
        return records

    edited(shp(folder, "street_lamp"), edit)
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1, "conflict": 1, "already": 1}
    changed, conflict = plan.update.differences
    assert (changed.key, changed.moved_m) == (theirs, pytest.approx(2.0))
    assert conflict.key == both
    assert conflict.delivered is not None
    went_x = conflict.delivered.geometry.x  # type: ignore[union-attr]
    assert conflict.stored_geometry.x == pytest.approx(went_x + 1.0)
    assert conflict.given_geometry.x == pytest.approx(went_x + 3.0)
    store(town, plan, [0, 1])
    assert town.get(both).geometry.x == pytest.approx(went_x + 3.0)  # type: ignore[union-attr]


def test_what_was_deleted_here_meanwhile_is_a_conflict_that_can_be_brought_back(
    town: Project, folder: Path
) -> None:
    changed, untouched = keys(town, "street_lamp")[:2]
    deliver(town, folder, LAYERS)
    was = town.get(changed)
    delete(town, changed)
    delete(town, untouched)
    edited(shp(folder, "street_lamp"), with_remark({changed.uuid: "已更换"}))
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "conflict": 1}
    assert plan.to_json()["differences"][0]["gone"]
    store(town, plan, plan.update.of_kind("conflict"))
    back = town.get(changed)
    assert back.values == {**was.values, "remarks": "已更换"}
    assert back.geometry == was.geometry
    assert counts(plan_return(town, folder)) == {**NONE, "already": 1}


def test_what_is_missing_is_listed_and_goes_only_if_it_is_ticked(
    town: Project, folder: Path
) -> None:
    gone, both = keys(town, "street_lamp")[:2]
    deliver(town, folder, LAYERS)
    delete(town, both)
    left_out = {gone.uuid, both.uuid}
    edited(
        shp(folder, "street_lamp"),
        lambda records: [r for r in records if r["properties"]["UUID"] not in left_out],
    )
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "missing": 1}
    assert plan.ticked == []
    before = town.content_sha256()
    store(town, plan, plan.ticked)
    assert town.content_sha256() == before
    store(town, plan, plan.update.of_kind("missing"))
    assert gone not in keys(town, "street_lamp")
    assert counts(plan_return(town, folder)) == NONE


def test_new_features_come_in_once_however_often_they_come_back(
    town: Project, folder: Path
) -> None:
    deliver(town, folder, LAYERS)

    def edit(records: list[Row]) -> list[Row]:
        blank = dict.fromkeys(records[0]["properties"])
        known = {"UUID": "01900000-0000-7000-8000-00000000abcd", "DGBH": "N-1"}
        spots = [(428_700.0, 4_528_700.0), (428_720.0, 4_528_700.0)]
        new = [
            {"geometry": {"type": "Point", "coordinates": spot}, "properties": {**blank, **values}}
            for spot, values in zip(spots, (known, {"DGBH": "N-2"}), strict=True)
        ]
        return [*records, *new]

    edited(shp(folder, "street_lamp"), edit)
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "new": 2}
    first, second = plan.update.differences
    assert [first.title, second.title] == ["N-1", "N-2"]
    store(town, plan, plan.ticked)
    made = FeatureKey("street_lamp", "01900000-0000-7000-8000-00000000abcd")
    assert town.get(made).values["source_file"] == "street_lamp.shp"
    assert counts(plan_return(town, folder)) == {**NONE, "already": 2}
    # Even after it was moved and changed here.
    lamps = town.table("street_lamp", ["pole_no"], geometry=False)
    other = lamps.uuids[lamps.columns["pole_no"].tolist().index("N-2")]
    key = FeatureKey("street_lamp", str(other))
    before = town.get(key)
    away = before.with_geometry(shapely.Point(429_000, 4_529_000)).with_values(pole_no="X-9")
    town.session.apply(ChangeSet("edit.move", (Change(before, away),)))
    again = plan_return(town, folder)
    assert counts(again) == {**NONE, "conflict": 1, "already": 1}
    assert again.update.differences[0].key == key


def test_a_new_pipe_finds_the_new_manhole_that_came_with_it(town: Project, folder: Path) -> None:
    deliver(town, folder, ("manhole", "pipe_line", "pipe_point"))
    old = town.get(keys(town, "manhole")[0])
    here, there = (old.geometry.x, old.geometry.y), (old.geometry.x + 9, old.geometry.y + 1)  # type: ignore[union-attr]

    def a_manhole(records: list[Row]) -> list[Row]:
        blank = dict.fromkeys(records[0]["properties"])
        return [
            *records,
            {"geometry": {"type": "Point", "coordinates": (*there, 0.0)}, "properties": blank},
        ]

    def a_pipe(records: list[Row]) -> list[Row]:
        line = {"type": "LineString", "coordinates": [(*here, 0.0), (*there, 0.0)]}
        return [*records, {"geometry": line, "properties": dict.fromkeys(records[0]["properties"])}]

    edited(shp(folder, "manhole"), a_manhole)
    edited(shp(folder, "pipe_line"), a_pipe)
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "new": 2}
    start = town.content_sha256()
    store(town, plan, plan.ticked)
    (pipe,) = town.lines_ending_at(plan.update.layers[0].fresh.uuids[0])  # type: ignore[index]
    assert pipe.values["from_node"] == old.key.uuid
    town.session.undo()
    assert town.content_sha256() == start
    # The pipe alone comes in without the node that was left.
    place = next(i for i, one in enumerate(plan.update.differences) if one.asset.id == "pipe_line")
    store(town, plan, [place])
    table = town.table("pipe_line", ["from_node", "to_node"], geometry=False)
    ends = {table.columns["from_node"][-1], table.columns["to_node"][-1]}
    assert ends == {old.key.uuid, None}


def test_the_contractor_is_named_in_the_history_and_the_operator_is_who_accepted(
    town: Project, folder: Path
) -> None:
    made = deliver(town, folder, LAYERS)
    key = keys(town, "manhole")[0]
    edited(shp(folder, "manhole"), with_remark({key.uuid: "改"}))
    plan = plan_return(town, folder)
    store(town, plan, plan.ticked)
    entry = town.history.entries(key)[0]
    assert (entry.operator, entry.source) == ("甲", "import")
    assert (entry.params["who"], entry.params["delivery"]) == ("示例施工队", made.name)
    words = describe_change(entry.label, entry.params, town.catalogue)
    assert words == f"Return of {made.name} (示例施工队): Manhole"
    assert plan_return(town, folder, by=" 另一队 ").by == "另一队"


def test_a_workbook_comes_back_three_ways(town: Project, folder: Path) -> None:
    import openpyxl

    theirs, both, gone = keys(town, "manhole")[:3]
    deliver(town, folder, ("manhole", "street_lamp"), formats=["xlsx"])
    change(town, both, remarks="我们", road_name="示范路")
    path = folder / "数据" / "xlsx" / "数据.xlsx"
    book = openpyxl.load_workbook(path)
    (sheet,) = (one for one in book if has_key(one, "hjgis:manhole.remarks"))
    columns = {cell.value: cell.column for row in sheet.iter_rows(max_row=3) for cell in row}
    uuid, remarks = columns["hjgis:manhole.uuid"], columns["hjgis:manhole.remarks"]
    rows = {sheet.cell(row, uuid).value: row for row in range(1, sheet.max_row + 1)}
    sheet.cell(rows[theirs.uuid], remarks).value = "改"
    sheet.cell(rows[both.uuid], remarks).value = "他们"
    sheet.delete_rows(rows[gone.uuid])
    book.save(path)
    plan = plan_return(town, folder)
    assert {part.layer for part in plan.found.parts} == {"manhole", "street_lamp"}
    assert counts(plan) == {**NONE, "changed": 1, "conflict": 1, "missing": 1}
    changed, conflict, missing = plan.update.differences
    assert (changed.key, dict(changed.values)) == (theirs, {"remarks": (None, "改")})
    assert (conflict.key, dict(conflict.values)) == (both, {"remarks": ("我们", "他们")})
    assert missing.key == gone
    store(town, plan, [0, 1])
    assert town.get(both).values["remarks"] == "他们"
    assert town.get(both).values["road_name"] == "示范路"
    assert counts(plan_return(town, folder)) == {**NONE, "missing": 1, "already": 2}
    (folder / MANIFEST).unlink()
    assert counts(plan_return(town, folder)) == {**NONE, "missing": 1, "already": 2}


def has_key(sheet: Any, key: str) -> bool:
    """Whether a sheet of a workbook has a column."""
    return any(cell.value == key for row in sheet.iter_rows(max_row=3) for cell in row)


def test_what_was_put_beside_the_data_and_cannot_be_read_is_named(
    town: Project, folder: Path
) -> None:
    deliver(town, folder, LAYERS)
    (folder / "记录.csv").write_bytes(b"\xff\xfe\x00")
    (folder / "数据" / "shp" / "note.geojson").write_text("{}")
    plan = plan_return(town, folder)
    assert counts(plan) == NONE
    said = "\n".join(plan.found.warnings)
    assert "记录.csv" in said
    assert "note.geojson" in said


def test_pipes_follow_a_manhole_that_was_moved_and_it_comes_back_once(
    town: Project, folder: Path
) -> None:
    key = keys(town, "manhole")[4]
    deliver(town, folder, ("manhole", "pipe_line"))

    def edit(records: list[Row]) -> list[Row]:
        for record in records:
            if record["properties"]["UUID"] == key.uuid:
                x, y, *rest = record["geometry"]["coordinates"]
                record["geometry"] = {"type": "Point", "coordinates": (x, y + 3, *rest)}
        return records

    edited(shp(folder, "manhole"), edit)
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    start = town.content_sha256()
    store(town, plan, plan.ticked)
    there = town.get(key).geometry
    for line in town.lines_ending_at(key.uuid):
        ends = [shapely.get_point(line.geometry, end) for end in (0, -1)]
        assert min(shapely.distance(there, end) for end in ends) == 0
    edited(shp(folder, "pipe_line"), lambda records: records)
    assert counts(plan_return(town, folder)) == {**NONE, "already": 1}
    town.session.undo()
    assert town.content_sha256() == start


def test_a_table_alone_says_what_was_changed_but_not_where_it_is(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    deliver(town, folder, LAYERS)
    key = keys(town, "street_lamp")[2]
    path = edited(shp(folder, "street_lamp"), with_remark({key.uuid: "改"}))
    alone = Path(shutil.copy(path.with_suffix(".dbf"), tmp_path / "只有表.dbf"))
    plan = plan_return(town, alone)
    assert (counts(plan), plan.problems) == ({**NONE, "changed": 1}, ())
    store(town, plan, plan.ticked)
    assert town.get(key).values["remarks"] == "改"
    assert counts(plan_return(town, alone)) == {**NONE, "already": 1}


def test_records_come_back_with_their_owners_only(town: Project, folder: Path) -> None:
    lamp = keys(town, "street_lamp")[0]
    owner = {"asset_layer": ["street_lamp"], "asset_uuid": [lamp.uuid]}
    record = {**owner, "date": ["2020-05-01"], "finding": ["灯罩破损"]}
    nowhere = np.array([None], dtype=object)
    bulk = BulkInsert("inspection", nowhere, record)
    town.session.apply(ChangeSet("import", bulk=(bulk,)))
    deliver(town, folder, ("street_lamp", "inspection"))
    short = {field.name: field.short for field in town.asset_type("inspection").fields}

    def edit(records: list[Row]) -> list[Row]:
        (first,) = records
        values = {**first["properties"], "UUID": None, short["finding"]: "已修"}
        astray = {**values, short["asset_uuid"]: "01900000-0000-7000-8000-00000000abcd"}
        undated = {**values, short["date"]: None}
        first["properties"][short["finding"]] = "灯罩缺失"
        return [first, *({**first, "properties": one} for one in (values, astray, undated))]

    edited(folder / "数据" / "shp" / "inspection.dbf", edit)
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "new": 1, "changed": 1}
    assert [(problem.rows, problem.kind) for problem in plan.problems] == [
        ("3", "rejected"), ("4", "rejected")
    ]  # fmt: skip
    store(town, plan, plan.ticked)
    findings = town.table("inspection", ["finding"]).columns["finding"].tolist()
    assert findings == ["灯罩缺失", "已修"]
    assert counts(plan_return(town, folder)) == {**NONE, "already": 2}


@pytest.mark.parametrize("substitute", ["mark", "transliterate"])
def test_what_the_writing_itself_did_to_a_text_is_no_change_but_what_somebody_did_is(
    town: Project, folder: Path, substitute: Any
) -> None:
    first, second, third = keys(town, "manhole")[:3]
    for key, text in ((first, "面积 5 m²，𠮷宅"), (second, "长" * 200), (third, "5 m²")):
        change(town, key, remarks=text)
    deliver(town, folder, LAYERS, substitute=substitute)
    path = edited(shp(folder, "manhole"), lambda records: records)
    assert counts(plan_return(town, folder)) == NONE
    edited(path, with_remark({first.uuid: "面积 5 m3", third.uuid: "6 m2"}))
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 2}
    assert [entry.key for entry in plan.update.differences] == [first, third]


# -- what was given away ---------------------------------------------------------------------


def test_an_edit_that_would_join_the_last_one_is_one_of_its_own_after_a_delivery(
    town: Project, folder: Path
) -> None:
    key = keys(town, "manhole")[0]
    before = town.get(key)
    first = before.with_values(remarks="一")
    done = town.session.apply(ChangeSet("edit.attributes", (Change(before, first),)))
    deliver(town, folder, LAYERS)
    second = Change(first, first.with_values(remarks="二"))
    later = town.session.apply(ChangeSet("edit.attributes", (second,)), joins=done.change_id)
    assert later.change_id != done.change_id
    edited(shp(folder, "manhole"), with_remark({}))
    assert counts(plan_return(town, folder)) == NONE


def test_where_the_history_was_archived_it_is_said_and_compared_with_the_present(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    key = keys(town, "manhole")[0]
    deliver(town, folder, LAYERS)
    change(town, key, remarks="我们")
    edited(shp(folder, "manhole"), with_remark({}))
    assert counts(plan_return(town, folder)) == NONE
    cut = town.history.archive_cut(dt.datetime.now().astimezone().date() + dt.timedelta(days=1))
    town.session.archive(cut, tmp_path / "old.sqlite")
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    assert "archive" in plan.found.warnings[-1]
    town.history.take_archive_back(tmp_path / "old.sqlite")
    assert counts(plan_return(town, folder)) == NONE


# -- which delivery, which file --------------------------------------------------------------


def test_one_renamed_shapefile_alone_is_recognised_by_its_features(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    made = deliver(town, folder, LAYERS)
    key = keys(town, "street_lamp")[2]
    target = tmp_path / "返还" / "路灯_改后.shp"
    edited(shp(folder, "street_lamp"), with_remark({key.uuid: "改"}), target=target)
    found = look(town, target)
    assert found.delivery == made
    assert [(part.layer, part.file) for part in found.parts] == [("street_lamp", "路灯_改后.shp")]
    assert made.name in found.warnings[0]
    assert counts(plan_return(town, target)) == {**NONE, "changed": 1}


def test_a_file_without_identities_is_recognised_by_its_columns_and_matched_by_number_and_place(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    deliver(town, folder, LAYERS)
    key = keys(town, "street_lamp")[2]
    target = tmp_path / "返还" / "a.shp"
    edit = with_remark({key.uuid: "改"})
    edited(shp(folder, "street_lamp"), edit, target=target, without=["UUID"])
    plan = plan_return(town, target)
    assert counts(plan) == {**NONE, "changed": 1}
    assert plan.update.differences[0].key == key
    assert "matched by number and place" in all_problems(plan)


def test_a_renamed_column_of_identities_is_found_and_other_renamed_columns_are_listed(
    town: Project, folder: Path
) -> None:
    deliver(town, folder, LAYERS)
    key = keys(town, "street_lamp")[2]
    renamed = {"UUID": "BIAOSHI", "BZ": "QTXX", "SZDL": "road_nm"}
    edited(shp(folder, "street_lamp"), with_remark({key.uuid: "改"}), names=renamed)
    plan = plan_return(town, folder)
    assert counts(plan) == NONE
    said = all_problems(plan)
    assert "BIAOSHI" in said
    assert "the column of Remarks is not in the file" in said
    assert "QTXX" in said


def test_a_gbk_shapefile_with_grown_widths_a_new_column_and_no_cpg_is_read_as_it_went_out(
    town: Project, folder: Path
) -> None:
    key = keys(town, "manhole")[0]
    change(town, key, remarks="特殊字符𠮷与" + "长" * 200)
    deliver(town, folder, LAYERS)
    path = edited(shp(folder, "manhole"), with_remark({}), more={"fid": "int:9", "新增": "str:20"})
    path.with_suffix(".cpg").unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0
    path.with_suffix(".dbf").write_bytes(table)
    plan = plan_return(town, folder)
    assert counts(plan) == NONE


def test_a_package_of_another_project_is_refused_and_can_be_laid_beside_the_present(
    town: Project, folder: Path, street: Path, tmp_path: Path
) -> None:
    deliver(town, folder, LAYERS)
    key = keys(town, "manhole")[0]
    edited(shp(folder, "manhole"), with_remark({key.uuid: "改"}))
    other = Path(shutil.copy(street, tmp_path / "other.gpkg"))
    with Project.open(other, operator="乙") as project:
        with pytest.raises(InputQuestion, match="not in the register") as asked:
            plan_return(project, folder)
        assert asked.value.candidates == (PRESENT,)
        plan = plan_return(project, folder, delivery=PRESENT)
        assert counts(plan) == {**NONE, "changed": 1}
        assert plan.found.delivery is None


def test_a_delivery_that_was_given_again_later_is_warned_of(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    deliver(town, folder, LAYERS)
    newer = tmp_path / "第二次"
    newer.mkdir()
    second = deliver(town, newer, LAYERS, recipient="另一队")
    edited(shp(folder, "manhole"), with_remark({}))
    warnings = plan_return(town, folder).found.warnings
    assert any(second.name in words and "另一队" in words for words in warnings)
    edited(shp(newer, "manhole"), with_remark({}))
    assert plan_return(town, newer).found.warnings == ()


def test_a_delivery_is_named_by_name_number_or_identity(town: Project, folder: Path) -> None:
    made: Delivery = deliver(town, folder, LAYERS)
    (folder / MANIFEST).unlink()
    for told in (made.name, str(made.number), made.uuid):
        assert look(town, folder, delivery=told).delivery == made
    with pytest.raises(UsageError, match=made.name):
        look(town, folder, delivery="20990101-7")


# -- what is wrong with it -------------------------------------------------------------------


def test_coordinates_in_another_system_are_put_back_and_lost_ones_are_asked_for(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    deliver(town, folder, ("street_lamp",))
    source = shp(folder, "street_lamp")
    degrees = tmp_path / "度" / "street_lamp.shp"
    export(town, degrees.parent, layers=["street_lamp"], crs="EPSG:4490")
    plan = plan_return(town, degrees)
    assert counts(plan) == NONE
    assert "came back in" in all_problems(plan)
    # The .prj says degrees, the coordinates are metres as they went out.
    source.with_suffix(".prj").write_text(degrees.with_suffix(".prj").read_text())
    plan = plan_return(town, folder / "数据")
    assert counts(plan) == NONE
    assert "as they went out" in all_problems(plan)

    def away(records: list[Row]) -> list[Row]:
        for record in records:
            x, y, *rest = record["geometry"]["coordinates"]
            record["geometry"] = {"type": "Point", "coordinates": (x + 61.0, y - 48.0, *rest)}
        return records

    lost = edited(degrees.parent / "street_lamp.shp", lambda r: r, target=tmp_path / "x" / "a.shp")
    del lost
    moved = tmp_path / "移" / "street_lamp.shp"
    export(town, tmp_path / "again", layers=["street_lamp"])
    edited(tmp_path / "again" / "street_lamp.shp", away, target=moved)
    with pytest.raises(InputQuestion, match="another system") as asked:
        plan_return(town, moved)
    assert asked.value.option == "--crs"
    plan = plan_return(town, moved, crs=town.crs.text)
    assert counts(plan)["changed"] == town.count("street_lamp")


def test_unknown_codes_and_copies_are_listed_and_change_nothing_else(
    town: Project, folder: Path
) -> None:
    key, copied = keys(town, "street_lamp")[:2]
    deliver(town, folder, LAYERS)

    def edit(records: list[Row]) -> list[Row]:
        for record in records:
            if record["properties"]["UUID"] == key.uuid:
                record["properties"]["GYLX"] = "激光"
        original = next(r for r in records if r["properties"]["UUID"] == copied.uuid)
        copy = {**original, "properties": {**original["properties"], "DGBH": "C-1"}}
        x, y, *rest = original["geometry"]["coordinates"]
        copy["geometry"] = {"type": "Point", "coordinates": (x + 60, y + 60, *rest)}
        return [copy, *records]

    edited(shp(folder, "street_lamp"), edit)
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "new": 1}
    assert plan.update.differences[0].title == "C-1"
    said = all_problems(plan)
    assert "the stored value stays: 激光" in said
    assert "is named 2 times" in said
    kinds = [problem.kind for problem in plan.problems]
    assert kinds == ["blank-id", "duplicate-id", "bad-value"]


def test_added_files_are_named_and_two_changed_files_of_one_layer_are_asked_about(
    town: Project, folder: Path
) -> None:
    deliver(town, folder, LAYERS, formats=["shp", "geojson"])
    (folder / "现场说明.docx").write_bytes(b"PK")
    key = keys(town, "street_lamp")[0]
    edited(shp(folder, "street_lamp"), with_remark({key.uuid: "改"}))
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    assert any("现场说明.docx" in words for words in plan.found.warnings)
    other = folder / "数据" / "geojson" / "street_lamp.geojson"
    other.write_text(other.read_text("utf-8").replace("路", "街"), "utf-8")
    with pytest.raises(InputQuestion) as asked:
        plan_return(town, folder)
    assert len(asked.value.candidates) == 2
    other.unlink()
    assert any("went out and is not in it" in w for w in plan_return(town, folder).found.warnings)


def test_archives_with_and_without_a_password(town: Project, folder: Path, tmp_path: Path) -> None:
    deliver(town, folder, LAYERS)
    key = keys(town, "street_lamp")[0]
    edited(shp(folder, "street_lamp"), with_remark({key.uuid: "改"}))
    plain = zipped(folder, tmp_path / "返还.zip")
    assert counts(plan_return(town, plain)) == {**NONE, "changed": 1}
    locked = zipped(folder, tmp_path / "加密.zip", password="秘密123")
    assert counts(plan_return(town, locked, password="秘密123")) == {**NONE, "changed": 1}
    with pytest.raises(InputQuestion, match="locked with a password") as asked:
        plan_return(town, locked)
    assert asked.value.option == "--password-file"
    with pytest.raises(InputError, match="password does not open"):
        plan_return(town, locked, password="错")


def test_a_kml_does_not_come_back(town: Project, folder: Path) -> None:
    deliver(town, folder, LAYERS, formats=["shp"])
    for name in ("数据.kml", "数据.KMZ"):
        export(town, folder / "a.kml", layers=["street_lamp"], format="kml")
        (folder / "a.kml").rename(folder / name)
        with pytest.raises(InputError, match="for looking at"):
            plan_return(town, folder / name)


def test_damaged_and_empty_packages_are_refused_in_words(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    deliver(town, folder, LAYERS)
    edited(shp(folder, "street_lamp"), with_remark({}))
    packed = zipped(folder, tmp_path / "好.zip").read_bytes()
    before = town.content_sha256()
    broken = tmp_path / "坏.zip"
    for content in (b"", packed[: len(packed) // 2], b"PK\x03\x04" + b"\0" * 50, b"no archive"):
        broken.write_bytes(content)
        with pytest.raises(InputError, match=r"坏\.zip"):
            plan_return(town, broken)
    spoilt = bytearray(packed)
    spoilt[len(packed) // 3 : len(packed) // 3 + 2000] = b"\xff" * 2000
    broken.write_bytes(bytes(spoilt))
    with pytest.raises(InputError, match=r"坏\.zip"):
        plan_return(town, broken)
    empty = tmp_path / "空"
    empty.mkdir()
    with pytest.raises(InputError, match="no file in it"):
        plan_return(town, empty)
    (empty / "说明.txt").write_text("nothing")
    with pytest.raises(InputError, match="nothing that can be taken back"):
        plan_return(town, empty)
    with pytest.raises(InputError, match="no file"):
        plan_return(town, tmp_path / "nowhere.zip")
    assert town.content_sha256() == before


def test_a_damaged_manifest_is_said_and_the_features_tell_the_delivery(
    town: Project, folder: Path
) -> None:
    made = deliver(town, folder, LAYERS)
    text = (folder / MANIFEST).read_text("utf-8")
    for content in (text[:100], json.dumps([1]), json.dumps({"uuid": 3})):
        (folder / MANIFEST).write_text(content, "utf-8")
        found = look(town, folder)
        assert found.delivery == made
        assert "damaged" in found.warnings[0]


def test_without_any_delivery_nothing_can_come_back(town: Project, tmp_path: Path) -> None:
    export(town, tmp_path / "out", layers=["street_lamp"])
    with pytest.raises(InputQuestion, match="Nothing was delivered"):
        plan_return(town, tmp_path / "out")
    assert counts(plan_return(town, tmp_path / "out", delivery=PRESENT)) == NONE


def test_a_lost_place_is_listed_and_the_stored_one_stays(town: Project, folder: Path) -> None:
    key = keys(town, "street_lamp")[0]
    deliver(town, folder, LAYERS)

    def edit(records: list[Row]) -> list[Row]:
        for record in records:
            if record["properties"]["UUID"] == key.uuid:
                record["geometry"] = None
        return records

    edited(shp(folder, "street_lamp"), edit)
    plan = plan_return(town, folder)
    assert counts(plan) == NONE
    assert "the place is missing in the file" in all_problems(plan)


def test_a_text_that_is_too_long_for_its_field_and_for_a_dbf_is_no_change_of_theirs(
    town: Project, folder: Path
) -> None:
    # Longer than its field may be, as an import keeps it; cut by the DBF it would be a value.
    change(town, keys(town, "manhole")[0], location_desc="长" * 300)
    deliver(town, folder, ["manhole"])

    edited(shp(folder, "manhole"), lambda records: records)

    assert counts(plan_return(town, folder)) == NONE
