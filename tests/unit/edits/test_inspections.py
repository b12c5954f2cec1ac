"""Inspection records and what assets say because of them."""

from __future__ import annotations

import datetime as dt

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.copying import change_kind
from hjgis.edits.join import join_nodes, merge_features
from hjgis.edits.records import add_records, change_record, delete_records
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey

BROKEN = {"kind": "巡查", "finding": "井盖破损", "state_after": "破损", "person": "张三"}
FINE = {"kind": "巡查", "finding": "无异常", "state_after": "完好", "person": "张三"}


def manhole(project: Project, x: float = 428_000.0, **values: object) -> FeatureKey:
    change = add_feature(project, "manhole", shapely.Point(x, 4_528_000), values)
    project.session.apply(change)
    return change.changes[0].key


@pytest.fixture
def key(project: Project) -> FeatureKey:
    return manhole(project, state="完好")


def record(project: Project, key: FeatureKey, date: str, **values: object) -> FeatureKey:
    change = add_records(project, [key], {"date": date, **values})
    project.session.apply(change)
    new = [one for one in change.changes if one.before is None]
    assert len(new) == 1
    return new[0].key


def said(project: Project, key: FeatureKey, *names: str) -> tuple[object, ...]:
    values = project.get(key).values
    return tuple(values[name] for name in names or ("state", "defect"))


def test_a_record_changes_state_defect_and_dates_of_its_asset_in_one_step(
    project: Project, key: FeatureKey
) -> None:
    before = project.content_sha256()
    record(project, key, "2026-05-04", **BROKEN)
    names = ("state", "defect", "last_inspect_date", "next_inspect_date")
    # A damaged manhole is looked at again after a week.
    assert said(project, key, *names) == ("破损", "破损", "2026-05-04", "2026-05-11")
    project.session.undo()
    assert project.content_sha256() == before
    assert project.count("inspection") == 0


def test_what_the_asset_says_of_its_own_cycle_goes_before(project: Project) -> None:
    key = manhole(project, state="完好", inspect_cycle_days=90)
    record(project, key, "2026-05-04", **BROKEN)
    assert said(project, key, "next_inspect_date") == ("2026-08-02",)


def test_the_day_that_a_record_names_goes_before_the_cycle(
    project: Project, key: FeatureKey
) -> None:
    record(project, key, "2026-05-04", **FINE, next_due="2026-05-06")
    assert said(project, key, "next_inspect_date") == ("2026-05-06",)


def test_an_older_record_does_not_change_what_the_latest_says(
    project: Project, key: FeatureKey
) -> None:
    record(project, key, "2026-05-04", **BROKEN)
    record(project, key, "2026-04-01", **FINE)
    assert said(project, key) == ("破损", "破损")
    assert said(project, key, "last_inspect_date") == ("2026-05-04",)


def test_of_two_records_of_one_day_the_one_entered_later_decides(
    project: Project, key: FeatureKey
) -> None:
    record(project, key, "2026-05-04", **BROKEN)
    record(project, key, "2026-05-04", kind="维修", finding="已修复", state_after="完好")
    assert said(project, key) == ("完好", "无")


def test_without_its_latest_record_an_asset_says_what_it_said_before(
    project: Project, key: FeatureKey
) -> None:
    names = ("state", "defect", "last_inspect_date", "next_inspect_date")
    before = said(project, key, *names)
    first = record(project, key, "2026-04-01", **BROKEN)
    after_first = said(project, key, *names)
    second = record(project, key, "2026-05-04", **FINE)
    project.session.apply(delete_records(project, [second]))
    assert said(project, key, *names) == after_first
    project.session.apply(delete_records(project, [first]))
    assert said(project, key, *names) == before


def test_a_record_entered_late_gives_back_what_was_before_them_all(
    project: Project, key: FeatureKey
) -> None:
    later = record(project, key, "2026-05-04", **BROKEN)
    earlier = record(project, key, "2026-04-01", finding="井盖缺失", state_after="丢失")
    project.session.apply(delete_records(project, [later]))
    assert said(project, key) == ("丢失", "缺失")
    project.session.apply(delete_records(project, [earlier]))
    assert said(project, key, "state") == ("完好",)


def test_a_state_set_by_hand_is_not_overwritten_by_an_older_record(
    project: Project, key: FeatureKey
) -> None:
    first = record(project, key, "2026-04-01", **BROKEN)
    project.session.apply(set_values(project, [key], {"state": "废弃"}))
    record(project, key, "2026-05-04", **FINE)
    assert said(project, key, "state") == ("废弃",)
    project.session.apply(delete_records(project, [first]))
    assert said(project, key, "state") == ("废弃",)


def test_a_record_of_today_goes_before_a_state_set_by_hand(
    project: Project, key: FeatureKey
) -> None:
    project.session.apply(set_values(project, [key], {"state": "废弃"}))
    record(project, key, dt.date.today().isoformat(), **FINE)
    assert said(project, key, "state") == ("完好",)


def test_a_changed_record_changes_what_its_asset_says(project: Project, key: FeatureKey) -> None:
    before = project.content_sha256()
    one = record(project, key, "2026-05-04", **BROKEN)
    change = change_record(project, one, {"date": "2026-05-06", **FINE})
    project.session.apply(change)
    assert said(project, key) == ("完好", "无")
    names = ("last_inspect_date", "next_inspect_date")
    assert said(project, key, *names) == ("2026-05-06", "2026-06-05")
    assert not change_record(project, one, FINE)
    project.session.undo()
    project.session.undo()
    assert project.content_sha256() == before


def test_a_latest_record_that_is_moved_back_lets_the_other_decide(
    project: Project, key: FeatureKey
) -> None:
    record(project, key, "2026-04-01", **FINE)
    late = record(project, key, "2026-05-04", **BROKEN)
    project.session.apply(change_record(project, late, {"date": "2026-03-01"}))
    assert said(project, key) == ("完好", "无")
    assert said(project, key, "last_inspect_date") == ("2026-04-01",)


def test_a_repair_is_no_inspection(project: Project, key: FeatureKey) -> None:
    record(project, key, "2026-04-01", **BROKEN)
    record(project, key, "2026-05-04", kind="维修", finding="已修复", state_after="完好")
    names = ("state", "last_inspect_date", "next_inspect_date")
    # Repaired, it is looked at as seldom as others again.
    assert said(project, key, *names) == ("完好", "2026-04-01", "2026-05-01")


def test_one_record_for_many_assets_is_one_step(project: Project) -> None:
    keys = [manhole(project, 428_000.0 + index) for index in range(5)]
    before = project.content_sha256()
    project.session.apply(add_records(project, keys, {"date": "2026-05-04", **FINE}))
    assert project.count("inspection") == 5
    assert {said(project, key, "last_inspect_date") for key in keys} == {("2026-05-04",)}
    project.session.undo()
    assert project.content_sha256() == before
    project.session.redo()
    assert project.count("inspection") == 5


def test_a_date_of_inspection_from_elsewhere_comes_back(project: Project) -> None:
    key = manhole(project, last_inspect_date="2026-01-01")
    one = record(project, key, "2026-05-04", **FINE)
    project.session.apply(delete_records(project, [one]))
    assert said(project, key, "last_inspect_date") == ("2026-01-01",)


def test_records_of_an_asset_that_is_gone_can_be_deleted(project: Project, key: FeatureKey) -> None:
    one = record(project, key, "2026-05-04", **FINE)
    project.session.apply(change_record(project, one, {"asset_uuid": "nobody"}))
    project.session.apply(delete_records(project, [one]))
    assert project.count("inspection") == 0


def owners(project: Project) -> set[tuple[object, object]]:
    table = project.table("inspection", ("asset_layer", "asset_uuid"), geometry=False)
    return set(zip(table.columns["asset_layer"], table.columns["asset_uuid"], strict=True))


def test_nodes_that_become_one_keep_the_records_of_both(project: Project) -> None:
    gone, kept = manhole(project), manhole(project, 428_050.0)
    for key in (gone, kept):
        record(project, key, "2026-05-04", **FINE)
    before = project.content_sha256()
    project.session.apply(join_nodes(project, gone, kept))
    assert owners(project) == {("manhole", kept.uuid)}
    project.session.undo()
    assert project.content_sha256() == before


def test_areas_that_become_one_keep_the_records_of_all(project: Project) -> None:
    keys = []
    for x in (0, 10):
        change = add_feature(project, "park", shapely.box(x, 0, x + 10, 10))
        project.session.apply(change)
        keys.append(change.changes[0].key)
        record(project, keys[-1], "2026-05-04", **FINE)
    project.session.apply(merge_features(project, keys))
    assert owners(project) == {("park", keys[0].uuid)}


def test_an_asset_of_another_kind_keeps_its_records(project: Project) -> None:
    change = add_feature(project, "pipe_point", shapely.Point(1, 2))
    project.session.apply(change)
    key = change.changes[0].key
    record(project, key, "2026-05-04", **FINE)
    project.session.apply(change_kind(project, [key], "manhole"))
    assert owners(project) == {("manhole", key.uuid)}


def test_a_state_set_by_hand_between_two_records_comes_back_without_the_later_one(
    project: Project, key: FeatureKey
) -> None:
    record(project, key, "2026-04-01", **BROKEN)
    project.session.apply(set_values(project, [key], {"state": "废弃"}))
    later = record(project, key, dt.date.today().isoformat(), **FINE)
    assert said(project, key, "state") == ("完好",)
    project.session.apply(delete_records(project, [later]))
    assert said(project, key, "state") == ("废弃",)


def test_of_two_records_that_say_the_same_either_may_go_first(
    project: Project, key: FeatureKey
) -> None:
    first = record(project, key, "2026-04-01", **BROKEN)
    second = record(project, key, "2026-05-04", **BROKEN)
    project.session.apply(delete_records(project, [first]))
    assert said(project, key, "state") == ("破损",)
    project.session.apply(delete_records(project, [second]))
    assert said(project, key, "state", "last_inspect_date") == ("完好", None)
