"""Both sides change at random; what is said of each value is what three values say."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from hjgis.delivery.returning import plan_return, store
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, Change, ChangeSet, FeatureKey
from tests.returns import Row, deliver, edited

LAYER = "street_lamp"
# Field, its column, and what either side may write.
FIELDS = {
    "remarks": ("BZ", [None, "甲", "乙", "丙²"]),
    "pole_no": ("DGBH", ["L1", "L2", "L3"]),
    "lamp_heads": ("DTS", [None, 1, 2]),
    "power_w": ("GL_W", [None, 60.5, 90.25]),
    "lit_ok": ("LDZC", [None, True, False]),
    "replace_date": ("GHRQ", [None, "2019-01-02", "2020-06-15"]),
}
State = dict[str, dict[str, Any] | None]


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lamps") / "lamps.gpkg"
    chance = random.Random(7)
    spots = np.array([shapely.Point(428_000 + 100 * i, 4_528_000) for i in range(40)])
    columns = {
        name: [chance.choice(values) for _spot in spots] for name, (_c, values) in FIELDS.items()
    }
    with Project.create(path) as project:
        project.session.apply(ChangeSet("import", bulk=(BulkInsert(LAYER, spots, columns),)))
    return path


@pytest.fixture
def town(lamps: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(Path(shutil.copy(lamps, tmp_path / "town.gpkg")), operator="甲") as project:
        yield project


def values_of(project: Project) -> State:
    table = project.table(LAYER, [*FIELDS], geometry=False)
    return {
        uuid: {name: table.columns[name][row] for name in FIELDS}
        for row, uuid in enumerate(table.uuids.tolist())
    }


def changed(state: State, chance: random.Random) -> State:
    """Return what somebody made of it: values changed, features gone."""
    result: State = {}
    for uuid, values in state.items():
        assert values is not None
        result[uuid] = {
            name: chance.choice(FIELDS[name][1]) if chance.random() < 0.2 else value
            for name, value in values.items()
        }
        if chance.random() < 0.1:
            result[uuid] = None
    return result


def apply(project: Project, state: State) -> None:
    changes = []
    for uuid, values in state.items():
        before = project.get(FeatureKey(LAYER, uuid))
        changes.append(Change(before, None if values is None else before.with_values(**values)))
    project.session.apply(
        ChangeSet("edit", tuple(change for change in changes if change.before != change.after))
    )


def write(path: Path, state: State) -> None:
    """Let the contractor write what it has."""

    def edit(records: list[Row]) -> list[Row]:
        kept = []
        for record in records:
            values = state[record["properties"]["UUID"]]
            if values is not None:
                record["properties"] |= {FIELDS[name][0]: v for name, v in values.items()}
                kept.append(record)
        return kept

    edited(path, edit, encoding="utf-8")


@pytest.mark.parametrize("seed", range(5))
def test_three_values_decide(town: Project, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    base = values_of(town)
    folder = tmp_path / "out"
    folder.mkdir()
    deliver(town, folder, [LAYER], encoding="utf-8")
    theirs, ours = changed(base, chance), changed(base, chance)
    write(folder / "数据" / "shp" / f"{LAYER}.shp", theirs)
    apply(town, ours)
    free, torn, missing = set(), set(), set()
    after = {uuid: dict(values) for uuid, values in ours.items() if values is not None}
    for uuid, was in base.items():
        mine, given = ours[uuid], theirs[uuid]
        assert was is not None
        if given is None:
            missing |= {uuid} if mine is not None else set()
            continue
        for name, value in given.items():
            if value == was[name] or (mine is not None and mine[name] == value):
                continue
            if mine is not None and mine[name] == was[name]:
                free.add((uuid, name, value))
                after[uuid][name] = value
            else:
                torn.add((uuid, name, value))
    plan = plan_return(town, folder)
    said: dict[str, set[Any]] = {"changed": set(), "conflict": set(), "missing": set()}
    for entry in plan.update.differences:
        assert entry.key is not None
        uuid = entry.key.uuid
        values = {(uuid, name, pair[1]) for name, pair in entry.values.items()}
        said[entry.kind] |= {uuid} if entry.kind == "missing" else values
        assert entry.moved_m is None
        assert entry.gone == (entry.kind == "conflict" and ours[uuid] is None)
        if entry.kind == "conflict":
            assert entry.delivered is not None
            went = base[uuid]
            assert went is not None
            assert all(entry.delivered.values[name] == went[name] for name in FIELDS)
    assert said == {"changed": free, "conflict": torn, "missing": missing}
    start = town.content_sha256()
    store(town, plan, plan.ticked)
    assert values_of(town) == after
    assert not plan_return(town, folder).ticked
    town.session.undo()
    assert town.content_sha256() == start
