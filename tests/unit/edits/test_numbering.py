from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.arrays import Placed, add_row
from hjgis.edits.attributes import set_values
from hjgis.edits.copying import change_kind, copy_features
from hjgis.edits.delete import delete_features
from hjgis.edits.numbering import next_ids, numbered, with_ids
from hjgis.layers.project import Project
from hjgis.models import numbering
from hjgis.models.changes import BulkInsert, ChangeSet, FeatureKey
from hjgis.models.numbering import NumberPlan, NumberRange, store_ranges

HERE = shapely.Point(428_000, 4_528_000)
EAST = shapely.Point(429_000, 4_528_000)
RAIN, SEWAGE = "01003", "01002"


def code(project: Project, name: str) -> str:
    found = project.catalogue.codes("manhole_kind").parse(name)
    assert found is not None
    return found


def do(project: Project, change: ChangeSet) -> tuple[str, ...]:
    completed, reasons = with_ids(project, change, project.number_plan)
    project.session.apply(completed)
    return reasons


def add(project: Project, kind: str | None = "污水井盖", place: shapely.Point = HERE) -> FeatureKey:
    value = code(project, kind) if kind else None
    change = add_feature(project, "manhole", place, {"cover_kind": value})
    do(project, change)
    return change.changes[0].key


def id_of(project: Project, key: FeatureKey) -> str | None:
    value = project.get(key).values["component_id"]
    assert value is None or isinstance(value, str)
    return value


def give(project: Project, *ranges: NumberRange) -> None:
    project.session.apply(store_ranges(project.info(numbering.FACT), ranges))


def test_without_ranges_the_next_free_serial_of_the_class_is_given(project: Project) -> None:
    assert id_of(project, add(project)) == f"150826{SEWAGE}000001"
    assert id_of(project, add(project)) == f"150826{SEWAGE}000002"
    assert id_of(project, add(project, "雨水井盖"))[6:11] != SEWAGE
    assert id_of(project, add(project, None)) is None


def test_invented_data_get_invented_numbers(tmp_path: Path) -> None:
    with Project.create(tmp_path / "s.gpkg", info={"sample": "1"}) as sample:
        assert id_of(sample, add(sample)) == f"150826{SEWAGE}900000"


def test_a_number_is_never_given_twice_after_delete_undo_and_redo(project: Project) -> None:
    seen = []
    for _round in range(3):
        key = add(project)
        seen.append(id_of(project, key))
        project.session.apply(delete_features(project, [key]))
        project.session.undo()
        project.session.undo()
        project.session.redo()
        project.session.undo()
    seen.append(id_of(project, add(project)))
    assert seen == [f"150826{SEWAGE}{n:06d}" for n in (1, 2, 3, 4)]
    project.history.forget()
    assert id_of(project, add(project)) == f"150826{SEWAGE}000005"


def test_many_deleted_at_once_do_not_free_their_numbers(project: Project) -> None:
    count = 10_500
    shapes = np.array([HERE] * count, dtype=object)
    kind = [code(project, "污水井盖")] * count
    columns = {"cover_kind": kind, "component_id": ["自编", *[None] * (count - 1)]}
    change = ChangeSet("import", bulk=(BulkInsert("manhole", shapes, columns),), source="import")
    change, reasons = numbered(project, change, project.number_plan)
    assert reasons == ()
    project.session.apply(change)
    assert len(set(project.table("manhole", ["component_id"]).columns["component_id"])) == count
    project.session.undo()
    assert project.count("manhole") == 0
    assert id_of(project, add(project)) == f"150826{SEWAGE}{count:06d}"


def test_numbers_of_16_digits_count_as_well(project: Project) -> None:
    change = add_feature(project, "manhole", HERE, {"component_id": "1508260102000041"})
    project.session.apply(change)
    assert id_of(project, add(project)) == f"150826{SEWAGE}000042"


def test_what_is_no_id_does_not_count(project: Project) -> None:
    for text in (f"150826{SEWAGE}00x099", f"150826{SEWAGE}0000999", "无"):
        project.session.apply(add_feature(project, "manhole", HERE, {"component_id": text}))
    assert id_of(project, add(project)) == f"150826{SEWAGE}000001"


def test_another_class_means_another_id_and_the_old_one_is_kept(project: Project) -> None:
    key = add(project)
    before = project.content_sha256()
    do(project, set_values(project, [key], {"cover_kind": code(project, "雨水井盖")}))
    values = project.get(key).values
    assert values["component_id"][6:11] == "01003"
    assert values["former_ids"] == f"150826{SEWAGE}000001"
    do(project, set_values(project, [key], {"cover_kind": code(project, "污水井盖")}))
    values = project.get(key).values
    assert values["component_id"] == f"150826{SEWAGE}000002"
    assert len(values["former_ids"].split()) == 2
    project.session.undo()
    project.session.undo()
    assert project.content_sha256() == before


def test_an_id_comes_when_the_class_is_known(project: Project) -> None:
    key = add(project, None)
    do(project, set_values(project, [key], {"remarks": "x"}))
    assert id_of(project, key) is None
    do(project, set_values(project, [key], {"cover_kind": code(project, "污水井盖")}))
    assert id_of(project, key) == f"150826{SEWAGE}000001"


def test_many_get_their_class_at_once(project: Project) -> None:
    keys = [add(project, kind) for kind in [None] * 505 + ["雨水井盖"] * 5]
    before = project.content_sha256()
    change = set_values(project, keys, {"cover_kind": code(project, "污水井盖")})
    assert change.bulk
    do(project, change)
    ids = {str(id_of(project, key)) for key in keys}
    assert len(ids) == len(keys)
    assert {text[6:11] for text in ids} == {SEWAGE}
    assert project.get(keys[-1]).values["former_ids"] == "15082601003000005"
    project.session.undo()
    assert project.content_sha256() == before


def test_what_somebody_types_or_clears_is_left_alone(project: Project) -> None:
    key = add(project)
    do(project, set_values(project, [key], {"component_id": "自编1"}))
    assert id_of(project, key) == "自编1"
    do(project, set_values(project, [key], {"cover_kind": code(project, "雨水井盖")}))
    assert id_of(project, key) == "自编1"
    do(project, set_values(project, [key], {"component_id": None}))
    assert id_of(project, key) is None


def test_rows_and_copies_are_numbered_one_after_the_other(project: Project) -> None:
    row = add_row(project, "street_lamp", [Placed(HERE, {}), Placed(EAST, {})])
    do(project, row)
    keys = [change.key for change in row.changes]
    assert [id_of(project, key) for key in keys] == ["15082601037000001", "15082601037000002"]
    copies = copy_features(project, keys, 5.0, 0.0)
    do(project, copies)
    ids = {id_of(project, change.key) for change in copies.changes}
    assert ids == {"15082601037000003", "15082601037000004"}


def test_another_kind_of_asset_gets_an_id_of_its_class(project: Project) -> None:
    change = add_feature(project, "street_lamp", HERE)
    do(project, change)
    do(project, change_kind(project, [change.changes[0].key], "toilet"))
    (toilet,) = project.store.find("toilet", "component_id", "15082603001000001")
    assert toilet.values["former_ids"] == "15082601037000001"


def test_an_operator_gives_only_own_numbers(project: Project) -> None:
    give(project, NumberRange("李四", 1, 5), NumberRange("Tester", 101, 102))
    assert id_of(project, add(project)) == f"150826{SEWAGE}000101"
    assert id_of(project, add(project)) == f"150826{SEWAGE}000102"
    change = add_feature(project, "manhole", HERE, {"cover_kind": code(project, "污水井盖")})
    (reason,) = do(project, change)
    assert "000101–000102" in reason
    assert id_of(project, change.changes[0].key) is None
    project.session.operator = "王五"
    change = add_feature(project, "street_lamp", HERE)
    assert "王五" in do(project, change)[0]
    project.session.operator = ""
    assert "settings" in do(project, add_feature(project, "street_lamp", HERE))[0]


def test_a_gap_is_filled_only_when_nothing_is_left_behind_the_highest(project: Project) -> None:
    give(project, NumberRange("tester", 1, 3))
    taken = {"component_id": f"150826{SEWAGE}000003"}
    project.session.apply(add_feature(project, "manhole", HERE, taken))
    assert id_of(project, add(project)) == f"150826{SEWAGE}000001"
    assert id_of(project, add(project)) == f"150826{SEWAGE}000002"
    assert id_of(project, add(project)) is None


def test_ranges_hold_where_their_areas_are(project: Project) -> None:
    town = shapely.MultiPolygon([EAST.buffer(50, quad_segs=1)])
    project.session.apply(add_feature(project, "boundary", town, {"boundary_name": "东街"}))
    give(
        project,
        NumberRange("tester", 1, 10, area=HERE.buffer(50, quad_segs=1)),
        NumberRange("tester", 500, 510, boundary="东街", county="150821"),
    )
    assert id_of(project, add(project)) == f"150826{SEWAGE}000001"
    assert id_of(project, add(project, place=EAST)) == f"150821{SEWAGE}000500"
    change = add_feature(project, "street_lamp", shapely.Point(500_000, 4_500_000))
    assert do(project, change)


@pytest.fixture
def copies(project: Project, tmp_path: Path) -> Iterator[list[Project]]:
    """Two copies of one project for two operators with ranges of their own."""
    add(project)
    area = shapely.box(427_000, 4_527_000, 431_000, 4_529_000)
    give(
        project,
        NumberRange("甲", 1000, 1999, ("manhole",)),
        NumberRange("乙", 2000, 2999, ("manhole",), area),
        NumberRange("乙", 3000, 3999, ("street_lamp",)),
        NumberRange("甲", 1, 2999, ("street_lamp",)),
    )
    opened = []
    for name in ("甲", "乙"):
        path = tmp_path / f"{name}.gpkg"
        project.store.save_copy(path)
        opened.append(Project.open(path, operator=name))
    yield opened
    for one in opened:
        one.close()


def test_two_operators_with_copies_never_give_one_id_twice(copies: list[Project]) -> None:
    seen: list[str] = []
    for project in copies:
        keys = [add(project, place=shapely.Point(428_000 + n, 4_528_000)) for n in range(100)]
        row = add_row(project, "street_lamp", [Placed(HERE, {})] * 100)
        do(project, row)
        seen += [str(id_of(project, key)) for key in keys]
        seen += [str(id_of(project, change.key)) for change in row.changes]
        project.session.apply(delete_features(project, keys[90:]))
        project.session.undo()
        project.session.redo()
        do(project, set_values(project, keys[:10], {"cover_kind": code(project, "雨水井盖")}))
        seen += [str(id_of(project, key)) for key in keys[:10]]
        seen += [str(id_of(project, add(project))) for _ in range(90)]
    assert "None" not in seen
    assert len(seen) == len(set(seen)) == 2 * 300


def test_one_plan_numbers_features_that_are_not_stored(project: Project) -> None:
    change = add_feature(project, "toilet", HERE)
    feature = change.changes[0].after
    assert feature is not None
    issued = next_ids(project, "toilet", [feature, feature], NumberPlan())
    assert issued.ids == ("15082603001000001", "15082603001000002")
    assert issued.reasons == ()


def test_ids_of_the_history_of_an_older_file_are_kept(project: Project) -> None:
    key = add(project)
    project.session.apply(delete_features(project, [key]))
    path = project.path
    project.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE hjgis_retired")
        db.execute("DELETE FROM gpkg_extensions WHERE table_name = 'hjgis_retired'")
        db.execute("UPDATE hjgis_project SET value = 'old' WHERE key = 'catalogue'")
        db.commit()
    shutil.copy(path, path.with_name("again.gpkg"))
    with Project.open(path.with_name("again.gpkg"), operator="tester") as again:
        assert id_of(again, add(again)) == f"150826{SEWAGE}000002"


def test_a_serial_that_comes_in_the_other_scheme_is_not_given_beside_it(project: Project) -> None:
    points = np.array([HERE, HERE, HERE])
    columns = {
        "cover_kind": [code(project, "污水井盖")] * 3,
        "component_id": ["1508260102000001", None, "1508260102000002"],
    }
    change = ChangeSet("import", bulk=(BulkInsert("manhole", points, columns),), source="import")
    change, _reasons = numbered(project, change, project.number_plan)
    project.session.apply(change)
    assert project.table("manhole", ["component_id"]).columns["component_id"][1] == (
        f"150826{SEWAGE}000003"
    )
