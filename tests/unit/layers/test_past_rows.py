"""Rows as they were after a change."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.layers import row_writing
from hjgis.layers.project import Project
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
from hjgis.models.reading import LayerTable

LAYER = "street_lamp"
State = list[tuple[object, ...]]


def state(table: LayerTable) -> State:
    """Return rows as values that can be compared."""
    names = sorted(table.columns)
    assert table.geometry is not None
    shapes = shapely.to_wkb(table.geometry, output_dimension=3).tolist()
    columns = [table.columns[name].tolist() for name in names]
    return list(zip(table.fids.tolist(), table.uuids.tolist(), shapes, *columns, strict=True))


def some(project: Project, chance: random.Random, count: int) -> list[Feature]:
    """Return stored features at random."""
    uuids = project.table(LAYER, [], geometry=False).uuids.tolist()
    chosen = chance.sample(uuids, min(count, len(uuids)))
    return project.get_many(FeatureKey(LAYER, uuid) for uuid in chosen)


def anything(project: Project, chance: random.Random) -> None:
    """Do one of all that can be done to a layer."""
    kind = chance.choice(["add", "change", "move", "delete", "many", "run", "gone", "undo", "undo"])
    if kind == "undo" and project.session.can_undo:
        project.session.undo()
        if chance.random() < 0.3:
            project.session.redo()
    elif kind == "run":
        count = chance.choice([2, 7])
        spots = np.array([shapely.Point(chance.random(), 1, 2) for _ in range(count)])
        columns = {"pole_no": [str(i) for i in range(count)], "lit_ok": [True] * count}
        project.session.apply(ChangeSet("import", bulk=(BulkInsert(LAYER, spots, columns),)))
    elif kind == "many" and project.count(LAYER):
        table = project.table(LAYER, ["power_w", "lit_ok"], geometry=False)
        before = {name: column.tolist() for name, column in table.columns.items()}
        after = {"power_w": [chance.random()] * len(table.fids), "lit_ok": [None] * len(table.fids)}
        project.session.apply(
            ChangeSet("edit", bulk=(BulkUpdate(LAYER, table.fids, after, before),))
        )
    elif kind == "gone":
        table = project.table(LAYER, [], geometry=False)
        if len(table.fids):
            bulk = BulkDelete(LAYER, table.fids, table.uuids.tolist())
            project.session.apply(ChangeSet("edit", bulk=(bulk,)))
            project.session.undo()
    else:
        changes = one_by_one(project, chance, kind)
        if changes:
            project.session.apply(ChangeSet("edit", changes))


def one_by_one(project: Project, chance: random.Random, kind: str) -> tuple[Change, ...]:
    if kind == "add":
        key = FeatureKey(LAYER, new_uuid())
        place = chance.choice([None, shapely.Point(chance.random(), 5)])
        values = {**project.asset_type(LAYER).empty_values(), "pole_no": "新"}
        return (Change(None, Feature(key, place, values)),)
    found = some(project, chance, 3)
    if kind == "delete":
        return tuple(Change(one, None) for one in found)
    if kind == "move":
        place = chance.choice([None, shapely.Point(chance.random(), 9, 1)])
        return tuple(Change(one, one.with_geometry(place)) for one in found)
    value = chance.choice([None, "改", str(chance.random())])
    return tuple(
        Change(one, one.with_values(remarks=value, lit_ok=chance.choice([True, False, None])))
        for one in found
        if one.values["remarks"] != value
    )


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("park", [5, 10_000])
def test_rows_are_told_as_they_were_after_every_change(
    project: Project, monkeypatch: pytest.MonkeyPatch, seed: int, park: int
) -> None:
    monkeypatch.setattr(row_writing, "PARK_ROWS", park)
    chance = random.Random(seed)
    moments: dict[int, State] = {0: []}
    for _step in range(25):
        anything(project, chance)
        change = project.deliveries.last_change()
        # What joins nothing is the last word of its change.
        moments[change] = state(project.table(LAYER, None))
    asset = project.asset_type(LAYER)
    for change, expected in moments.items():
        fids = np.array([row[0] for row in expected], dtype=np.int64)
        told = project.history.rows_at(asset, fids, change)
        assert told is not None
        assert state(told) == expected
    every = project.history.rows_ever(asset)
    told = project.history.rows_at(asset, every, change)
    assert told is not None
    assert state(told) == moments[change]


def test_rows_that_were_not_there_yet_are_left_out(project: Project) -> None:
    spots = np.array([shapely.Point(0, 0), shapely.Point(1, 1)])
    project.session.apply(ChangeSet("import", bulk=(BulkInsert(LAYER, spots, {}),)))
    asset = project.asset_type(LAYER)
    told = project.history.rows_at(asset, np.array([1, 2, 77]), 0)
    assert told is not None
    assert len(told.fids) == 0


def test_history_that_is_archived_tells_nothing_and_one_of_before_tells_all(
    project: Project, tmp_path: Path
) -> None:
    def one() -> None:
        spot = np.array([shapely.Point(0, 0)])
        project.session.apply(ChangeSet("import", bulk=(BulkInsert(LAYER, spot, {}),)))

    one()
    first = project.deliveries.last_change()
    one()
    last = project.deliveries.last_change()
    asset, fids = project.asset_type(LAYER), np.array([1, 2])
    tomorrow = dt.datetime.now().astimezone().date() + dt.timedelta(days=1)
    project.session.archive(project.history.archive_cut(tomorrow), tmp_path / "old.sqlite")
    assert project.deliveries.last_change() == last
    assert project.history.rows_at(asset, fids, first) is None
    one()
    told = project.history.rows_at(asset, np.array([1, 2, 3]), last)
    assert told is not None
    assert told.fids.tolist() == [1, 2]
    project.history.take_archive_back(tmp_path / "old.sqlite")
    told = project.history.rows_at(asset, fids, first)
    assert told is not None
    assert told.fids.tolist() == [1]
