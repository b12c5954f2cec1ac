"""Random work in copies of one project: no component id is ever two components'."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import shapely
from hypothesis import given, settings, strategies

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.copying import change_kind, copy_features
from hjgis.edits.delete import delete_features
from hjgis.edits.numbering import with_ids
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.numbering import NumberRange, store_ranges

KINDS = ("污水井盖", "雨水井盖", "供水井盖")
LAYERS = ("manhole", "street_lamp")
STEPS = 60


class Office:
    """One operator at work on a copy."""

    def __init__(self, project: Project, seed: int, seen: dict[str, str]) -> None:
        self.project, self.dice, self.seen = project, random.Random(seed), seen

    def keys(self) -> list[FeatureKey]:
        return [
            FeatureKey(layer, str(uuid))
            for layer in LAYERS
            for uuid in self.project.table(layer, (), geometry=False).uuids
        ]

    def step(self) -> None:
        session, keys = self.project.session, self.keys()
        chosen = self.dice.sample(keys, min(len(keys), self.dice.randint(1, 3)))
        action = self.dice.randint(0, 7)
        if action == 0 and session.can_undo and not self.gave_ranges():
            session.undo()
        elif action == 1 and session.can_redo:
            session.redo()
        elif action == 2 and chosen:
            self.do(delete_features(self.project, chosen))
        elif action == 3 and chosen:
            self.do(copy_features(self.project, chosen, 2.0, 0.0))
        elif action == 4:
            manholes = [key for key in chosen if key.layer == "manhole"]
            kind = {"cover_kind": self.dice.choice(KINDS)}
            self.do(set_values(self.project, manholes, kind))
        elif action == 5 and chosen:
            self.change_kind(chosen[0])
        else:
            place = shapely.Point(428_000 + self.dice.random() * 100, 4_528_000)
            layer = self.dice.choice(LAYERS)
            kind = {"cover_kind": self.dice.choice(KINDS)} if layer == "manhole" else {}
            self.do(add_feature(self.project, layer, place, kind))
        self.look()

    def gave_ranges(self) -> bool:
        """Whether undo would take the ranges themselves away: then there is one giver again."""
        head = self.project.session.next_undo()
        return head is not None and head[0] == "lists.ranges"

    def change_kind(self, key: FeatureKey) -> None:
        other = LAYERS[1 - LAYERS.index(key.layer)]
        try:
            self.do(change_kind(self.project, [key], other))
        except EditRefused:
            return

    def do(self, change: ChangeSet) -> None:
        complete, _reasons = with_ids(self.project, change, self.project.number_plan)
        if complete:
            self.project.session.apply(complete)

    def look(self) -> None:
        for key in self.keys():
            text = self.project.get(key).values["component_id"]
            if text:
                assert self.seen.setdefault(str(text), key.uuid) == key.uuid


@settings(max_examples=6, deadline=None)
@given(strategies.integers(min_value=0, max_value=2**32))
def test_an_id_is_never_that_of_two_components(seed: int) -> None:
    seen: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "one.gpkg"
        with Project.create(first, operator="甲") as one:
            office = Office(one, seed, seen)
            for _step in range(10):
                office.step()
            ranges = [NumberRange("甲", 1, 4999), NumberRange("乙", 5000, 9999)]
            one.session.apply(store_ranges(None, ranges))
            second = Path(folder) / "two.gpkg"
            one.store.save_copy(second)
            with Project.open(second, operator="乙") as two:
                offices = [office, Office(two, seed + 1, seen)]
                for step in range(2 * STEPS):
                    offices[step % 2].step()
