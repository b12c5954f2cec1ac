from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.layers.geometry_blob import register_functions
from hjgis.layers.project import Project
from hjgis.layers.search import SearchIndex
from hjgis.models.changes import BulkDelete, BulkInsert, ChangeSet, FeatureKey
from hjgis.models.search import words_of
from hjgis.progress import SILENT
from tests.searched import Looking

LAYER = "manhole"
SIGNS = "人民路公厕重庆𠮷㐂aB1 20-（）é"
KINDS = (None, "150826", "zz")


def text(dice: random.Random) -> str:
    return "".join(dice.choices(SIGNS, k=dice.randint(0, 12)))


def word(dice: random.Random) -> str:
    typed = "".join(dice.choices([*SIGNS, "gc", "rml", "gong", "lu"], k=dice.randint(1, 3)))
    return typed if words_of(typed) else "路"


def values(dice: random.Random) -> dict[str, str | None]:
    digits = f"1508260101{dice.randint(0, 9):03d}{dice.randint(0, 9999):04d}"
    return {
        "component_id": dice.choice([None, digits]),
        "component_name": text(dice) or None,
        "road_name": dice.choice(["人民路", "重庆路", None]),
        "remarks": text(dice),
    }


def bulk(project: Project, dice: random.Random, count: int) -> None:
    rows = [values(dice) for _ in range(count)]
    points = np.array([shapely.Point(428_000 + i, 4_528_000) for i in range(count)])
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    project.session.apply(ChangeSet("edit.add", bulk=(BulkInsert(LAYER, points, columns),)))


def some(project: Project, dice: random.Random, most: int) -> list[FeatureKey]:
    uuids = project.table(LAYER, [], geometry=False).uuids.tolist()
    picked = dice.sample(uuids, min(len(uuids), dice.randint(1, most)))
    return [FeatureKey(LAYER, uuid) for uuid in picked]


def delete_many(project: Project) -> None:
    table = project.table(LAYER, [], geometry=False)
    half = len(table.fids) // 2
    gone = BulkDelete(LAYER, table.fids[:half], table.uuids[:half].tolist())
    if half:
        project.session.apply(ChangeSet("edit.delete", bulk=(gone,)))


def edit_elsewhere(project: Project, dice: random.Random) -> None:
    other = sqlite3.connect(project.path)
    register_functions(other)
    low = dice.randint(1, 20)
    other.execute(f"UPDATE {LAYER} SET remarks = ? WHERE fid = ?", (text(dice), low))
    other.execute(f"DELETE FROM {LAYER} WHERE fid = ?", (low + 1,))
    other.commit()
    other.close()
    project.session.adopt_foreign()


def step(project: Project, dice: random.Random) -> None:
    kind = dice.choice(
        [
            "few",
            "few",
            "set",
            "set",
            "set",
            "delete",
            "many",
            "less",
            "undo",
            "undo",
            "redo",
            "qgis",
        ]
    )
    if kind == "few":
        bulk(project, dice, dice.randint(1, 5))
    elif kind == "many":
        bulk(project, dice, 220)
    elif kind == "less":
        delete_many(project)
    elif kind == "set" and project.count(LAYER):
        project.session.apply(set_values(project, some(project, dice, 4), values(dice)))
    elif kind == "delete" and project.count(LAYER):
        project.session.apply(delete_features(project, some(project, dice, 3)))
    elif kind == "undo" and project.session.can_undo:
        project.session.undo()
    elif kind == "redo" and project.session.can_redo:
        project.session.redo()
    elif kind == "qgis":
        edit_elsewhere(project, dice)


def check(project: Project, found: SearchIndex, dice: random.Random, looking: Looking) -> None:
    if not found.has(LAYER):
        return
    table = project.table(LAYER, geometry=False)
    rows = [
        looking.texts({name: column[row] for name, column in table.columns.items()})
        for row in range(len(table.fids))
    ]
    for _ in range(4):
        typed = " ".join(word(dice) for _ in range(dice.randint(1, 2)))
        met = [looking.occurs(words_of(typed), texts) for texts in rows]
        wanted = table.fids[np.array(met, bool)].tolist() if met else []
        fids = found.fids(LAYER, typed)
        assert fids is not None
        assert fids.tolist() == wanted, typed
        groups = found.groups(typed, 10_000, [LAYER])
        listed = sorted(hit.fid for group in groups for hit in group.hits)
        assert listed == wanted, typed


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_what_is_found_is_what_looking_at_every_row_finds(blank: Path, seed: int) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(blank, Path(folder) / "town.gpkg")
        for _start in range(3):
            with Project.open(path) as project:
                found = SearchIndex(project, Path(folder))
                looking = Looking(project.asset_type(LAYER), project.catalogue)
                project.session.listen(found.follow)
                for _turn in range(8):
                    if found.wants_work or dice.random() < 0.2:
                        work = found.work()
                        if dice.random() < 0.5:
                            step(project, dice)
                        texts = work(SILENT, None)
                        if dice.random() < 0.5:
                            step(project, dice)
                        found.take(texts)
                    check(project, found, dice, looking)
                    step(project, dice)
                    check(project, found, dice, looking)
