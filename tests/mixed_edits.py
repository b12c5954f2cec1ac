"""Edits of all kinds, single ones and batches, and what a user does in between."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_features
from hjgis.errors import EditRefused
from hjgis.exchange.importing import plan_import
from hjgis.layers.project import Project
from hjgis.layers.row_writing import PARK_ROWS
from hjgis.models.changes import (
    BulkDelete,
    BulkInsert,
    BulkUpdate,
    ChangeSet,
    FeatureKey,
    new_uuids,
)
from tests.expected import Step
from tests.properties import test_edits as single
from tests.properties.test_edits import LAMP, NODE, PIPE, PLACE, Editor

BATCH: Final = 1000
# The R-tree is filled at once, without its triggers, from one more than a batch on.
IMPORTED: Final = BATCH + 1
# More than this many are parked in a table of their own when they go.
MANY: Final = PARK_ROWS + 1
_SOURCE: Final = "lamps.geojson"
_TRIES: Final = 100

UNDO, REDO = "undo", "redo"
UNDO_BATCH, REDO_BATCH = "undo of a batch", "redo of a batch"
AS_LAYER: Final = f"import {IMPORTED} as a layer"
REOPEN, TIDY = "close and open again", "tidy up while idle"
SKETCH = "sketch a line"


class Mixer:
    """Thinks of the next step; storing it is somebody else's."""

    def __init__(self, project: Project, seed: int) -> None:
        self.dice = random.Random(seed)
        self.editor = Editor(project, self.dice.randrange(2**32))

    def kinds(self) -> Iterator[str]:
        """Return kinds without end: in each lot every kind occurs."""
        while True:
            lot = [[kind] for kind, times in _A_LOT.items() for _time in range(times)]
            lot += [[UNDO], [UNDO], [UNDO, REDO], [UNDO, REDO], [UNDO, UNDO, REDO]]
            lot.append([self.dice.choice(list(BATCHES)), UNDO, REDO])
            self.dice.shuffle(lot)
            yield from (kind for group in lot for kind in group)

    def step(self, project: Project, kind: str) -> Step | None:
        """Return a step of this kind; None where nothing can be done."""
        self.editor.project = project
        if kind in (UNDO, REDO):
            return _taken_back(project, kind)
        if kind == REOPEN:
            return Step(kind, "reopen")
        if kind == TIDY:
            return Step(kind, "tidy")
        if kind == SKETCH:
            return Step(kind, "sketch", sketch=self._sketched())
        for _try in range(_TRIES):
            try:
                step = {**_SINGLE, **BATCHES}[kind](self.editor, kind)
            except EditRefused:
                continue
            if step.changes:
                return step
        return None

    def _sketched(self) -> tuple[tuple[float, float], ...]:
        """Return some clicked places; none where the sketch is finished."""
        clicks = self.dice.choice([0, 1, 3, 20])
        places = (self.editor.place() for _click in range(clicks))
        return tuple((place.x, place.y) for place in places)


def write_source(folder: Path, step: int = 0) -> None:
    """Write the foreign file that is imported; another step, other lamps."""
    # The lamps of one step take up 0.002 degrees from south to north.
    south = 40.88 + 0.003 * (step % 100)
    places = [(116.15 + 1e-4 * (i % 50), south + 1e-4 * (i // 50)) for i in range(IMPORTED)]
    features = [
        {
            "type": "Feature",
            "properties": {"lamp_no": f"L{step}-{number}", "remarks": "导入"},
            "geometry": {"type": "Point", "coordinates": place},
        }
        for number, place in enumerate(places)
    ]
    content = {"type": "FeatureCollection", "features": features}
    (folder / _SOURCE).write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def is_batch(count: object) -> bool:
    """Whether so many features are a batch."""
    return isinstance(count, int) and count >= BATCH


# -- single edits ------------------------------------------------------------------------


def _edit(make: Callable[[Editor], ChangeSet]) -> Callable[[Editor, str], Step]:
    return lambda editor, kind: Step(kind, "apply", make(editor))


def _values(e: Editor) -> ChangeSet:
    keys = e.keys(e.dice.choice([NODE, PIPE]), e.dice.randint(1, 5))
    return set_values(e.project, keys, {"remarks": f"备注{e.dice.randrange(10**9)}"})


def _taken_back(project: Project, kind: str) -> Step | None:
    session = project.session
    head = session.next_undo() if kind == UNDO else session.next_redo()
    if head is None:
        return None
    batch = is_batch(head[1].get("count"))
    if kind == UNDO:
        return Step(UNDO_BATCH if batch else UNDO, "undo")
    return Step(REDO_BATCH if batch else REDO, "redo")


# -- batches -----------------------------------------------------------------------------


def ring(e: Editor, kind: str) -> Step:
    """Add a closed ring of manholes and pipes: half of it would be pipes without nodes."""
    count = BATCH // 2
    turns = np.arange(count) * 2 * math.pi / count
    middle = np.array([e.place().x, e.place().y])
    places = middle + e.dice.uniform(50, 150) * np.c_[np.cos(turns), np.sin(turns)]
    lines = shapely.linestrings(np.stack([places, np.roll(places, -1, 0)], axis=1))
    nodes = new_uuids(count)
    links = {"from_node": nodes, "to_node": [*nodes[1:], nodes[0]]}
    bulk = (
        BulkInsert(PIPE, np.asarray(lines), {**links, "kind": ["WS"] * count}, new_uuids(count)),
        BulkInsert(NODE, np.asarray(shapely.points(places)), {"remarks": ["环"] * count}, nodes),
    )
    return Step(kind, "apply", ChangeSet("edit.add", (), bulk, {"layer": "", "count": BATCH}))


def _some(e: Editor) -> list[FeatureKey]:
    keys = [*e.keys(NODE, BATCH // 2), *e.keys(PIPE, BATCH)][:BATCH]
    if len(keys) < BATCH:
        raise EditRefused
    return keys


def _move_many(e: Editor) -> ChangeSet:
    return move_features(e.project, _some(e), e.dice.uniform(-9, 9), e.dice.uniform(-9, 9))


def _delete_many(e: Editor) -> ChangeSet:
    return delete_features(e.project, _some(e))


def _values_of_many(e: Editor, kind: str) -> Step:
    """Write a column, as a bulk update where there are lamps enough."""
    note = f"备注{e.dice.randrange(10**9)}"
    table = e.project.table(LAMP, ["remarks"], geometry=False)
    if len(table.fids) < BATCH:
        return Step(kind, "apply", set_values(e.project, _some(e), {"remarks": note}))
    old = table.columns["remarks"][:BATCH].tolist()
    bulk = BulkUpdate(LAMP, table.fids[:BATCH], {"remarks": [note] * BATCH}, {"remarks": old})
    params = {"layer": LAMP, "count": BATCH, "fields": ["remarks"]}
    changes = ChangeSet("edit.attributes", (), (bulk,), params)
    return Step(kind, "apply", changes, tuple(table.uuids[:BATCH].tolist()))


def lamps(e: Editor) -> ChangeSet:
    """Add very many features, or delete all of them where there are so many."""
    table = e.project.table(LAMP, [], geometry=False)
    params = {"layer": LAMP, "count": max(MANY, len(table.fids))}
    if len(table.fids) >= MANY:
        gone = BulkDelete(LAMP, table.fids, table.uuids.tolist())
        return ChangeSet("edit.delete", (), (gone,), params)
    east, north = PLACE
    places = shapely.points(east + np.arange(MANY) % 100, north + np.arange(MANY) // 100)
    born = BulkInsert(LAMP, np.asarray(places), {"remarks": ["路灯"] * MANY}, new_uuids(MANY))
    return ChangeSet("edit.add", (), (born,), params)


def _import(e: Editor, kind: str) -> Step:
    # The same lamps again would change nothing.
    write_source(e.project.path.parent, e.project.last_fid(LAMP) + 1)
    plan = plan_import(e.project, e.project.path.parent / _SOURCE, to=LAMP)
    return Step(kind, "import", plan.changes, plan=plan)


def _import_as_reference(e: Editor, kind: str) -> Step:
    name = f"others_{len(e.project.types)}"
    plan = plan_import(e.project, e.project.path.parent / _SOURCE, as_reference=name)
    return Step(kind, "import", plan.changes, plan=plan)


_SINGLE: Final[dict[str, Callable[[Editor, str], Step]]] = {
    "add a manhole": _edit(single.add_node),
    "draw a pipe": _edit(single.draw_pipe),
    "move a manhole with its pipes": _edit(single.drag_node),
    "split a pipe": _edit(single.split_pipe),
    "delete": _edit(single.delete_some),
    "set values": _edit(_values),
}
BATCHES: Final[dict[str, Callable[[Editor, str], Step]]] = {
    f"add {BATCH}": ring,
    f"move {BATCH}": _edit(_move_many),
    f"delete {BATCH}": _edit(_delete_many),
    f"set values of {BATCH}": _values_of_many,
    f"add or delete {MANY}": _edit(lamps),
    f"import {IMPORTED}": _import,
    AS_LAYER: _import_as_reference,
}
_A_LOT: Final = {
    **dict.fromkeys(_SINGLE, 8),
    **dict.fromkeys(BATCHES, 1),
    REOPEN: 2,
    TIDY: 3,
    SKETCH: 12,
}
KINDS: Final = (*_SINGLE, UNDO, REDO, *BATCHES, UNDO_BATCH, REDO_BATCH, REOPEN, TIDY, SKETCH)
