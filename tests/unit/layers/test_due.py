"""What is to be inspected, and what was to be put right."""

from __future__ import annotations

import datetime as dt

import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.records import add_records
from hjgis.layers.due import GROUPS, NEVER, OVERDUE, REPAIR, SOON, DueTable
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.records import usual_cycles

TODAY = dt.date(2026, 6, 1)


def add(project: Project, layer: str = "manhole", **values: object) -> FeatureKey:
    change = add_feature(project, layer, shapely.Point(428_000, 4_528_000), values)
    project.session.apply(change)
    return change.changes[0].key


def due(project: Project) -> DueTable:
    return project.store.due(usual_cycles(), TODAY)


def groups(project: Project) -> dict[str, tuple[str, str | None, int]]:
    table = due(project)
    return {
        uuid: (group, day, days)
        for uuid, group, day, days in zip(
            table.uuid, table.group, table.due, table.days.tolist(), strict=True
        )
    }


def test_an_asset_is_due_when_its_cycle_has_passed_since_the_last_inspection(
    project: Project,
) -> None:
    late = add(project, last_inspect_date="2026-04-01")
    soon = add(project, last_inspect_date="2026-05-20")
    add(project, "street_lamp", last_inspect_date="2026-06-01", next_inspect_date="2027-01-01")
    assert groups(project) == {
        late.uuid: (OVERDUE, "2026-05-01", 31),
        soon.uuid: (SOON, "2026-06-19", -18),
    }


def test_an_asset_that_is_due_today_is_not_overdue(project: Project) -> None:
    key = add(project, last_inspect_date="2026-05-02")
    assert groups(project)[key.uuid] == (SOON, "2026-06-01", 0)


def test_what_was_never_inspected_is_a_group_of_its_own(project: Project) -> None:
    key = add(project)
    assert groups(project) == {key.uuid: (NEVER, None, 0)}


def test_what_is_out_of_use_is_not_inspected(project: Project) -> None:
    add(project, state="废弃", last_inspect_date="2020-01-01")
    add(project, state="移除")
    assert groups(project) == {}


def test_risk_and_state_make_a_cycle_shorter_and_the_assets_own_goes_before(
    project: Project,
) -> None:
    risky = add(project, last_inspect_date="2026-05-20", risk_level="重大")
    broken = add(project, last_inspect_date="2026-05-20", state="破损")
    own = add(project, last_inspect_date="2026-05-20", risk_level="重大", inspect_cycle_days=20)
    found = groups(project)
    assert found[risky.uuid] == found[broken.uuid] == (OVERDUE, "2026-05-27", 5)
    assert found[own.uuid] == (SOON, "2026-06-09", -8)


def test_what_a_date_cannot_be_read_from_is_not_taken_for_never(project: Project) -> None:
    # Another program may write what it likes into a text column.
    add(project, last_inspect_date="去年")
    assert groups(project) == {}


def test_a_repair_is_listed_until_it_is_done(project: Project) -> None:
    keys = [add(project) for _ in range(3)]
    values = {"date": "2026-05-30", "finding": "井盖破损", "due_date": "2026-05-31"}
    project.session.apply(add_records(project, keys[:1], values))
    project.session.apply(add_records(project, keys[1:2], {**values, "done_date": "2026-05-31"}))
    project.session.apply(add_records(project, keys[2:], {**values, "due_date": "2026-12-31"}))
    table = due(project)
    rows = table.group == REPAIR
    assert table.uuid[rows].tolist() == [keys[0].uuid]
    assert table.days[rows].tolist() == [1]
    assert table.words[rows].tolist() == ["井盖破损"]


def test_the_day_that_the_latest_inspection_names_goes_before_all(project: Project) -> None:
    key = add(project, inspect_cycle_days=90)
    values = {"date": "2026-05-01", "finding": "无异常", "next_due": "2026-05-03"}
    project.session.apply(add_records(project, [key], values))
    assert groups(project)[key.uuid] == (OVERDUE, "2026-05-03", 29)


def test_the_list_is_in_the_order_of_its_groups_and_then_of_days(project: Project) -> None:
    for day in ("2026-04-01", "2026-01-01", "2026-05-20"):
        add(project, last_inspect_date=day)
    add(project)
    table = due(project)
    assert [GROUPS.index(group) for group in table.group] == sorted(
        GROUPS.index(group) for group in table.group
    )
    assert table.days[table.group == OVERDUE].tolist() == [121, 31]


def test_unit_road_and_grid_are_told(project: Project) -> None:
    add(
        project,
        managing_unit="住建局",
        maintainer_name="别人",
        road_name="中山路",
        grid_id="150826100009162",
        component_id="15082601002900000",
    )
    table = due(project)
    row = [column[0] for column in (table.name, table.unit, table.road, table.grid, table.layer)]
    assert row == ["15082601002900000", "住建局", "中山路", "150826100009162", "manhole"]
