from __future__ import annotations

import datetime as dt
import random
import sqlite3

import numpy as np
import pytest
import shapely

from hjgis.checks import gaps
from hjgis.checks.gaps import GROUPINGS, LayerGaps
from hjgis.checks.trend import DayState, trend
from hjgis.errors import UsageError
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import (
    BulkDelete,
    BulkInsert,
    BulkUpdate,
    Change,
    ChangeSet,
    Feature,
    FeatureKey,
    new_uuid,
)
from tests.unit.checks.faults import add, add_many, at, line, square

ROADS = [None, "", "陕临路", "健康路", "不详"]


def any_values(project: Project, layer: str, chance: random.Random) -> dict[str, Value]:
    asset = project.asset_type(layer)
    values: dict[str, Value] = {}
    for field in asset.fields:
        if field.type in ("text", "code"):
            values[field.name] = chance.choice(
                [None, "", "不详", f"{field.name}{chance.random():.1f}"]
            )
        elif field.type in ("integer", "number", "boolean"):
            values[field.name] = chance.choice([None, 1, 0])
    values |= {"road_name": chance.choice(ROADS), "grid_id": chance.choice([None, None, "", "G1"])}
    values["unknown_fields"] = chance.choice([None, "", "diameter_mm laid_year", "pole_no"])
    if layer == "pipe_line":
        values |= {"kind": chance.choice(["WS", "GD", None]), "from_node": None, "to_node": None}
    return values


def any_feature(project: Project, layer: str, chance: random.Random) -> Feature:
    east, north = chance.uniform(-50, 250), chance.uniform(0, 90)
    shape = line((east, north), (east + 5, north)) if layer == "pipe_line" else at(east, north)
    values = any_values(project, layer, chance)
    return Feature(FeatureKey(layer, new_uuid()), shape, values)


def cells(project: Project) -> None:
    for number in (1, 2):
        add(project, "grid", square(100 * number - 100, 0, 100), grid_id=f"G{number}")


def same(one: LayerGaps, other: LayerGaps) -> None:
    assert one.fids.tolist() == other.fids.tolist()
    assert one.asked.tolist() == other.asked.tolist()
    assert one.lacking.tolist() == other.lacking.tolist()
    assert one.groups.keys() == other.groups.keys()
    for by, coded in one.groups.items():
        assert coded.objects().tolist() == other.groups[by].objects().tolist(), by


def edit(project: Project, layer: str, chance: random.Random) -> None:
    """Do one edit of any kind, by one of two people."""
    session = project.session
    session.operator = chance.choice(["张三", "李四"])
    fids = project.store.fids(layer)
    some = [int(fid) for fid in chance.sample(fids.tolist(), min(3, len(fids)))]
    kept = project.store.features(layer, some)
    what = chance.choice(["add", "change", "delete", "undo", "redo", "bulk", "update", "part"])
    if what == "add" or not some:
        new = tuple(Change(None, any_feature(project, layer, chance)) for _ in range(2))
        session.apply(ChangeSet("edit.add", new))
    elif what == "change":
        changed = [f.with_values(**any_values(project, layer, chance)) for f in kept]
        changes = tuple(map(Change, kept, changed))
        session.apply(ChangeSet("edit.attributes", changes))
    elif what == "delete":
        session.apply(ChangeSet("edit.delete", tuple(Change(f, None) for f in kept)))
    elif what == "undo" and session.can_undo:
        session.undo()
    elif what == "redo" and session.can_redo:
        session.redo()
    elif what == "bulk":
        features = [any_feature(project, layer, chance) for _ in range(3)]
        shapes = np.array([f.geometry for f in features], object)
        columns = {name: [f.values.get(name) for f in features] for name in features[0].values}
        session.apply(ChangeSet("import", bulk=(BulkInsert(layer, shapes, columns),)))
    elif what == "update":
        old = {"road_name": [f.values["road_name"] for f in kept]}
        new_names = {"road_name": [chance.choice(ROADS) for _ in kept]}
        update = BulkUpdate(layer, np.array([f.fid for f in kept]), new_names, old)
        session.apply(ChangeSet("edit.attributes", bulk=(update,)))
    elif what == "part":
        uuids = [feature.key.uuid for feature in kept]
        rows = np.array([feature.fid for feature in kept])
        session.apply(ChangeSet("edit.delete", bulk=(BulkDelete(layer, rows, uuids),)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("layer", ["pipe_line", "street_lamp"])
def test_gaps_followed_through_edits_are_those_read_anew(
    project: Project, layer: str, seed: int
) -> None:
    chance = random.Random(f"{layer}{seed}")
    cells(project)
    held = gaps.read(project, layer)

    def follow(announcement: object) -> None:
        nonlocal held
        delta = announcement.layers.get(layer)  # type: ignore[attr-defined]
        if delta is not None:
            held = held.updated(delta, project)

    project.session.listen(follow)
    for _ in range(25):
        edit(project, layer, chance)
        same(held, gaps.read(project, layer))
    assert len(held)


def sql_counts(project: Project, layer: str, key: str) -> dict[Value, tuple[int, dict[str, int]]]:
    """Count gaps by SQL of our own: group to number of features and gaps by field."""
    connection = sqlite3.connect(project.path)
    asset = project.asset_type(layer)
    required = [field for field in asset.fields if field.required]
    told = []
    for field in required:
        gap = f"coalesce({field.name}, '') = ''"
        gap += f" AND ' ' || coalesce(unknown_fields, '') || ' ' NOT LIKE '% {field.name} %'"
        if field.when is not None:
            words = ",".join(f"'{value}'" for value in field.when.values)
            inside = f"coalesce({field.when.field}, '') IN ({words})"
            gap += f" AND {'NOT ' if field.when.negated else ''}{inside}"
        told.append(f"sum({gap})")
    found = connection.execute(
        f"SELECT nullif({key}, ''), count(*), {','.join(told)} FROM {layer} GROUP BY 1"
    ).fetchall()
    connection.close()
    names = [field.name for field in required]
    return {row[0]: (row[1], dict(zip(names, row[2:], strict=True))) for row in found}


@pytest.mark.parametrize(("by", "key"), [("road", "road_name"), ("class", "kind")])
def test_gaps_of_pipes_by_groups_are_those_of_an_independent_sql_count(
    project: Project, by: str, key: str
) -> None:
    chance = random.Random(7)
    features = tuple(Change(None, any_feature(project, "pipe_line", chance)) for _ in range(150))
    project.session.apply(ChangeSet("edit.add", features))
    expected = sql_counts(project, "pipe_line", key)
    tally = gaps.read(project, "pipe_line").tally(by)
    assert set(tally.values) == expected.keys()
    for row, value in enumerate(tally.values):
        count, lacking = expected[value]
        assert tally.features[row] == count
        assert dict(zip(tally.names, tally.lacking[row].tolist(), strict=True)) == lacking


def test_a_feature_is_in_the_cell_that_it_names_or_else_lies_in(project: Project) -> None:
    cells(project)
    for east, named in ((50, None), (150, ""), (150, "G1"), (450, None), (100, None)):
        add(project, "street_lamp", at(east, 10), grid_id=named)
    add(project, "street_lamp", None)
    held = gaps.read(project, "street_lamp").groups["grid"]
    assert held.objects().tolist() == ["G1", "G2", "G1", None, "G1", None]


def test_who_changed_a_feature_last_is_told_by_the_journal(project: Project) -> None:
    project.session.operator = "张三"
    add_many(project, "street_lamp", [at(n) for n in range(3)])
    project.session.operator = "李四"
    (feature,) = project.store.features("street_lamp", [2])
    changed = feature.with_values(pole_no="7")
    project.session.apply(ChangeSet("edit.attributes", (Change(feature, changed),)))
    held = gaps.read(project, "street_lamp").groups["operator"]
    assert held.objects().tolist() == ["张三", "李四", "张三"]
    project.history.forget()
    assert gaps.read(project, "street_lamp").groups["operator"].objects().tolist() == [None] * 3


def test_where_to_begin_is_where_most_gaps_are_in_one_place(project: Project) -> None:
    for number in range(3):
        add(project, "park", square(20 * number, 0, 10), road_name="陕临路", park_name="x")
    add(project, "park", square(90, 0, 10), road_name="健康路")
    tally = gaps.read(project, "park").tally("road")
    begin = tally.begin()
    assert begin is not None
    group, field, count = begin
    assert (tally.values[group], count) == ("陕临路", 3)
    assert field != "park_name"
    assert tally.worst(group) == (field, 3)


def test_an_empty_layer_has_no_gaps_and_one_row_has_its_own(project: Project) -> None:
    empty = gaps.read(project, "street_lamp")
    assert len(empty.tally("road")) == 0
    assert empty.tally().figures(0) == (0, 0)
    assert gaps.share(0, 0) is None
    assert empty.tally().begin() is None
    add(project, "street_lamp", shapely.Point())
    one = gaps.read(project, "street_lamp")
    assert one.tally("grid").values == (None,)
    assert one.tally().figures(0) == (len(one.names), len(one.names))


def test_a_layer_is_not_divided_by_what_it_does_not_have(project: Project) -> None:
    with pytest.raises(UsageError, match="cannot be divided"):
        gaps.read(project, "street_lamp").tally("colour")
    assert gaps.read(project, "street_lamp").groups.keys() == GROUPINGS.keys()


# -- trend ---------------------------------------------------------------------------------------


def now(project: Project, layer: str, field: str | None = None) -> tuple[int, int, int]:
    tally = gaps.read(project, layer).tally()
    return (int(tally.features[0]), *tally.figures(0, field))


def told(state: DayState) -> tuple[int, int, int]:
    return state.features, state.asked, state.lacking


def date_changes(project: Project, after: int, day: dt.date) -> int:
    """Let all changes after one be of a day; return the last one."""
    moment = dt.datetime.combine(day, dt.time(12)).astimezone().astimezone(dt.UTC)
    connection = sqlite3.connect(project.path, isolation_level=None)
    text = moment.isoformat(timespec="milliseconds")
    connection.execute("UPDATE hjgis_change SET at = ? WHERE id > ?", (text, after))
    last = connection.execute("SELECT coalesce(max(id), 0) FROM hjgis_change").fetchone()[0]
    connection.close()
    return int(last)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("layer", ["pipe_line", "street_lamp"])
def test_the_trend_says_what_was_measured_at_the_end_of_each_day(
    project: Project, layer: str, seed: int
) -> None:
    chance = random.Random(f"{layer}{seed}")
    field = "diameter_mm" if layer == "pipe_line" else "lamp_type"
    last, measured = 0, {}
    for number in range(1, 7):
        for _ in range(6):
            edit(project, layer, chance)
        day = dt.date(2026, 5, number)
        before, last = last, date_changes(project, last, day)
        if last > before:
            measured[day] = (now(project, layer), now(project, layer, field))
    for number, name in enumerate((None, field)):
        found = trend(project, layer, name)
        expected = {day: states[number] for day, states in measured.items()}
        assert {state.day: told(state) for state in found} == expected


def test_the_trend_of_a_field_is_its_own(project: Project) -> None:
    add(project, "park", square(0, 0, 10), park_name="x")
    add(project, "park", square(20, 0, 10))
    (state,) = trend(project, "park", "park_name")
    assert told(state) == (2, 2, 1)
    assert state.share == 0.5
    with pytest.raises(KeyError):
        trend(project, "park", "remarks")


def test_rows_that_came_and_went_by_the_thousand_count_on_their_days(project: Project) -> None:
    names = ["一号", None] * 5_500
    add_many(project, "toilet", [at(n) for n in range(11_000)], component_name=names)
    first = date_changes(project, 0, dt.date(2026, 5, 1))
    full = now(project, "toilet")
    all_rows = project.table("toilet", (), geometry=False)
    gone = BulkDelete("toilet", all_rows.fids, all_rows.uuids.tolist())
    project.session.apply(ChangeSet("edit.delete", bulk=(gone,)))
    second = date_changes(project, first, dt.date(2026, 5, 2))
    project.session.undo()
    date_changes(project, second, dt.date(2026, 5, 4))
    states = trend(project, "toilet")
    assert [(state.day, told(state)) for state in states] == [
        (dt.date(2026, 5, 1), full),
        (dt.date(2026, 5, 2), (0, 0, 0)),
        (dt.date(2026, 5, 4), full),
    ]


def test_what_was_there_before_the_journal_began_stands_first(project: Project) -> None:
    add(project, "park", square(0, 0, 10), park_name="x")
    before = now(project, "park")
    project.history.forget()
    (uuid,) = project.table("park", (), geometry=False).uuids
    feature = project.get(FeatureKey("park", str(uuid)))
    gone = feature.with_values(park_name=None)
    project.session.apply(ChangeSet("edit.attributes", (Change(feature, gone),)))
    states = trend(project, "park")
    assert [state.day for state in states] == [None, dt.date.today()]
    assert told(states[0]) == before
    assert told(states[1]) == now(project, "park") != before


def test_a_layer_that_was_never_edited_has_no_trend(project: Project) -> None:
    assert trend(project, "park") == ()
