"""Follows random edits with the live checks, and looks whether a check of everything agrees."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import shapely
from shapely.affinity import translate

from hjgis.checks import runner
from hjgis.checks.live import LiveChecks, Task
from hjgis.checks.runner import CheckReport
from hjgis.errors import EditRefused, HjgisError
from hjgis.layers.project import Project
from hjgis.models.assets import Field, Value
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.issues import Issue
from tests.properties.test_edits import EDITS, Editor

_NUMBERS = (-999.0, 0.0, 0.3, 1.0, 5.0, 300.0, 9999.0)
_WORDS = ("不详", "A", "B", " A ", "2999-01-01", "2020-05-01", "陕临路", "0")


class Follower:
    """Keeps a report up to date as the window does, in one thread."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.live = LiveChecks(project)
        project.session.listen(self.live.hear)
        self.do(self.live.all())

    @property
    def report(self) -> CheckReport:
        """The latest one."""
        assert self.live.report is not None
        return self.live.report

    def do(self, task: Task) -> None:
        """Carry out what the live checks want done."""
        with self.project.reader() as reader:
            self.live.take(task, task.work(reader))

    def follow(self) -> None:
        """Do what is done at once after an edit."""
        while (task := self.live.after_edit()) is not None:
            self.do(task)

    def settle(self) -> None:
        """Do what is done when nothing else happens."""
        self.follow()
        while (task := self.live.when_idle()) is not None:
            self.do(task)


def lies(report: CheckReport, full: CheckReport, pending: frozenset[str]) -> dict[str, str]:
    """Return the rules of which a report says otherwise than a check of everything, and how."""
    said, true = _by_rule(report), _by_rule(full)
    result = {}
    for rule in sorted((said.keys() | true.keys()) - pending):
        old, new = said.get(rule, []), true.get(rule, [])
        if old != new:
            odd = [one for one in old if one not in new][:2], [o for o in new if o not in old][:2]
            result[rule] = f"kept wrongly {odd[0]}, missed {odd[1]}, order {len(old)}/{len(new)}"
    return result


def _by_rule(report: CheckReport) -> dict[str, list[Issue]]:
    found: dict[str, list[Issue]] = {}
    for issue in report.issues:
        found.setdefault(issue.rule, []).append(issue)
    return found


def assert_followed(follower: Follower, after: str) -> None:
    """Compare with a check of everything: at once, less what is known to be old, and when idle."""
    follower.follow()
    full = runner.run(follower.project)
    wrong = lies(follower.report, full, follower.live.pending)
    assert not wrong, (after, wrong)
    follower.settle()
    report = follower.report
    assert follower.live.is_current
    assert not follower.live.pending
    wrong = lies(report, full, frozenset())
    assert not wrong, (after, "when idle", wrong)
    assert report == full, after


# -- edits that make and mend faults -----------------------------------------------------------


class Spoiler:
    """Edits a project at random, in ways that rules have something to say about."""

    def __init__(self, project: Project, seed: int) -> None:
        self.project, self.dice = project, random.Random(seed)
        self.editor = Editor(project, seed)
        self.done: Counter[str] = Counter()

    def step(self) -> str:
        """Do one edit, or take some back; return what was done."""
        kind = self.dice.choice(_KINDS)
        try:
            said = kind(self)
        except HjgisError as refused:
            said = f"refused: {type(refused).__name__}"
        self.done[kind.__name__] += 1
        return f"{kind.__name__}: {said}"

    def some(self, count: int = 1, *, placed: bool = False) -> list[Feature]:
        """Return some features of one layer that has any."""
        types = {n: a for n, a in self.project.types.items() if a.is_spatial or not placed}
        filled = [layer for layer in types if self.project.count(layer)]
        if not filled:
            raise EditRefused
        layer = self.dice.choice(filled)
        uuids = self.project.table(layer, [], geometry=False).uuids.tolist()
        chosen = self.dice.sample(uuids, min(count, len(uuids)))
        return self.project.get_many(FeatureKey(layer, uuid) for uuid in chosen)

    def value(self, layer: str, field: Field) -> Value:
        """Return something for a field: of its kind, of another feature, or nothing."""
        kind = self.dice.random()
        if kind < 0.25:
            return None
        if kind < 0.5:
            held = self.project.table(layer, [field.name], geometry=False).columns[field.name]
            return self.dice.choice(held.tolist())
        if field.type == "boolean":
            return self.dice.random() < 0.5
        if field.type in ("integer", "number"):
            number = self.dice.choice(_NUMBERS)
            return int(number) if field.type == "integer" else number
        if field.type == "code" and field.codes and kind < 0.85:
            codes = self.project.catalogue.codes(field.codes).codes
            return self.dice.choice(codes).code
        return self.dice.choice(_WORDS)

    def store(self, changes: list[Change], label: str = "edit.attributes") -> str:
        """Store changes; say on what."""
        if not changes:
            raise EditRefused
        self.project.session.apply(ChangeSet(label, tuple(changes)))
        return ", ".join(str(change.key) for change in changes[:3])


def set_some(s: Spoiler) -> str:
    layer_of = s.some(s.dice.choice([1, 1, 2, 4]))
    layer = layer_of[0].key.layer
    fields = s.project.asset_type(layer).fields
    names = s.dice.sample(fields, min(len(fields), s.dice.choice([1, 1, 2, 5])))
    values = {field.name: s.value(layer, field) for field in names}
    said = s.store([Change(one, one.with_values(**values)) for one in layer_of])
    return f"{values} in {said}"


def take_over(s: Spoiler) -> str:
    """Give a feature all values of another one: twins in whatever is compared."""
    first, *others = s.some(2)
    if not others:
        raise EditRefused
    return s.store([Change(first, first.with_values(**others[0].values))])


def shift(s: Spoiler) -> str:
    by = s.dice.choice([0.0005, 0.01, 0.3, 2.0, 30.0, 700.0])
    changes = []
    for one in s.some(s.dice.choice([1, 1, 3]), placed=True):
        if one.geometry is not None:
            moved = translate(one.geometry, s.dice.uniform(-by, by), s.dice.uniform(-by, by))
            changes.append(Change(one, one.with_geometry(moved)))
    return s.store(changes, "edit.move")


def put_on(s: Spoiler) -> str:
    """Give a feature the place of another one of its layer, or none."""
    first, *others = s.some(2, placed=True)
    place = others[0].geometry if others and s.dice.random() < 0.8 else None
    return s.store([Change(first, first.with_geometry(place))], "edit.move")


def copy_some(s: Spoiler) -> str:
    changes = []
    for one in s.some(s.dice.choice([1, 2])):
        key = FeatureKey(one.key.layer, new_uuid())
        by = s.dice.choice([0.0, 0.0004, 1.5, 8.0])
        place = None if one.geometry is None else translate(one.geometry, by, 0)
        changes.append(Change(None, Feature(key, place, one.values)))
    return s.store(changes, "edit.copy")


def delete_some(s: Spoiler) -> str:
    return s.store([Change(one, None) for one in s.some(s.dice.choice([1, 1, 3]))], "edit.delete")


def swap_vertices(s: Spoiler) -> str:
    """Cross the outline or the course of a feature."""
    (one,) = s.some(placed=True)
    xy = shapely.get_coordinates(one.geometry)
    if len(xy) < 4:
        raise EditRefused
    xy[[1, 2]] = xy[[2, 1]]
    assert one.geometry is not None
    flat = shapely.force_2d(one.geometry)
    return s.store([Change(one, one.with_geometry(shapely.set_coordinates(flat, xy)))], "edit.move")


def draw(s: Spoiler) -> str:
    """Do one of the tools' edits; they are not made for features without a place."""
    kind = s.dice.choice(EDITS)
    try:
        change = kind(s.editor)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        return f"{kind.__name__} is impossible: {error!r}"
    except shapely.GEOSException as error:
        return f"{kind.__name__} is impossible: {error!r}"
    if change:
        s.project.session.apply(change)
    return kind.__name__


def undo(s: Spoiler) -> str:
    steps = s.dice.choice([1, 1, 2, 5])
    for _step in range(steps):
        if s.project.session.can_undo and len(s.done) > 2:
            s.project.session.undo()
    return str(steps)


def redo(s: Spoiler) -> str:
    while s.project.session.can_redo and s.dice.random() < 0.7:
        s.project.session.redo()
    return ""


_KINDS: tuple[Callable[[Spoiler], str], ...] = (
    set_some, set_some, set_some, set_some, take_over, take_over, shift, shift, put_on, copy_some,
    delete_some, swap_vertices, draw, draw, draw, undo, undo, redo,
)  # fmt: skip
