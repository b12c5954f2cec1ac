"""The program is killed in the middle of edits: what it had stored is there, whole, and no more.

``python -m tests.soak_edits [--kills N] [--seed N] [--markdown FILE]``. A child opens a project
and makes edits of all kinds, single ones and batches. Before it stores one it writes down what it
is about to do; afterwards it acknowledges it with the number of the change and of the features of
each layer. At a random moment of an edit of a kind that is chosen by turns it is killed. Then the
project is opened again and compared with what the edits that were written down must have made of
it, which is worked out in memory by other code than that which stores (`tests.expected`).

Most of an edit's time goes before its commit, but it is the commit that must not be cut in two. So
the child also says when it begins, and every other kill falls between that and its end.

The seed decides which edits are made and which are to be hit, not the microsecond.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from hjgis.errors import HjgisError
from hjgis.exchange.importing import carry_out
from hjgis.i18n import set_language
from hjgis.layers import database
from hjgis.layers.project import Project
from hjgis.layers.schema import layer_triggers
from hjgis.layers.second_writer import move_log
from hjgis.layers.sketches import SketchFile
from hjgis.models.assets import AssetType
from hjgis.progress import SILENT
from tests.expected import Expected, Step, stored_rows
from tests.kill_report import BETWEEN, Verdict, page, table
from tests.mixed_edits import KINDS, REDO, REOPEN, SKETCH, TIDY, UNDO, Mixer, ring, write_source
from tests.properties.test_edits import PIPE, Editor, assert_whole

ROOT: Final = Path(__file__).resolve().parent.parent
EDITS: Final = 500
# So many edits are made at most before one of the wanted kind is waited for.
_FIRST_EDITS: Final = 30
# Until it is known how long the storing of a kind takes, and how much longer it may take.
_UNKNOWN_S: Final = 0.01
_LONGER: Final = 1.15
# Side by side; each child waits for the disk now and then.
_LANES: Final = 2
# What a child tells of each edit.
BEGIN, COMMIT, STORED = "begins", "commits", "is stored"


# -- the child ---------------------------------------------------------------------------


def make_edits(path: Path, count: int, seed: int, kinds: Iterator[str] | None = None) -> None:
    """Edit a project; write down each edit before, and acknowledge it after it is stored.

    Parameters
    ----------
    kinds : iterator of str, optional
        Of which kinds they are; a random mixture if not given.
    """
    mixer = Mixer(project := _opened(path), seed)
    kinds = kinds or mixer.kinds()
    number = 0
    with _notes_of(path).open("ab", buffering=0) as notes, _heard_commits():
        while number < count:
            step = mixer.step(project, next(kinds))
            if step is None:
                continue
            number += 1
            # What is compared later is the change; its plan holds the project that is open.
            notes.write(pickle.dumps(replace(step, plan=None)))
            _say({"moment": BEGIN, "kind": step.kind, "at": time.perf_counter()})
            project = _carried_out(project, step)
            stored = {"moment": STORED, "kind": step.kind, "at": time.perf_counter()}
            counts = {layer: project.count(layer) for layer in project.types}
            _say({**stored, "change": _latest(project), "counts": counts})
    project.close()


@contextmanager
def _heard_commits() -> Iterator[None]:
    """Say when all of a change is written and only its commit is left."""
    transaction = database.transaction

    @contextmanager
    def heard(connection: sqlite3.Connection, path: Path, *, wait: bool = True) -> Iterator[None]:
        with transaction(connection, path, wait=wait):
            yield
            _say({"moment": COMMIT, "at": time.perf_counter()})

    database.transaction = heard
    try:
        yield
    finally:
        database.transaction = transaction


def _carried_out(project: Project, step: Step) -> Project:
    if step.act == "undo":
        project.session.undo()
    elif step.act == "redo":
        project.session.redo()
    elif step.act == "reopen":
        project.close()
        return _opened(project.path)
    elif step.act == "tidy":
        move_log(project)
    elif step.act == "sketch":
        SketchFile(project.path).keep(PIPE, step.sketch)
    elif step.plan is not None:
        carry_out(project, step.plan)
    else:
        assert step.changes is not None
        project.session.apply(step.changes)
    return project


def _opened(path: Path) -> Project:
    """Open a project as the window does."""
    project = Project.open_or_read(path, operator="soak", checked_later=True)
    if not project.read_only:
        project.check(SILENT)
        project.allow_edits()
    return project


def _latest(project: Project) -> int:
    return project.history.entries(limit=1)[0].id


def _say(line: dict[str, Any]) -> None:
    # One write to a pipe: whoever reads the line knows that it was said, and it comes whole.
    os.write(1, json.dumps(line).encode() + b"\n")


def _notes_of(path: Path) -> Path:
    return path.with_suffix(".notes")


# -- the kill ----------------------------------------------------------------------------


@dataclass
class Heard:
    """What a child said before it was killed."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    began: dict[str, Any] | None = None
    commits: dict[str, Any] | None = None

    def hear(self, line: dict[str, Any], usual: dict[tuple[str, str], float]) -> None:
        """Take a line of the child; learn how long things take."""
        if line["moment"] == BEGIN:
            self.began, self.commits = line, None
        elif line["moment"] == COMMIT:
            self.commits = line
        else:
            self.acknowledged.append(line)
            for since in filter(None, (self.began, self.commits)):
                usual[line["kind"], since["moment"]] = line["at"] - since["at"]
            self.began = self.commits = None

    @property
    def under_way(self) -> str:
        """What was being stored."""
        return self.began["kind"] if self.began else BETWEEN

    def is_at(self, aim: Aim) -> bool:
        """Whether the moment has come that a kill is to follow."""
        ripe = len(self.acknowledged) >= aim.after and self.under_way == aim.kind
        return ripe and (aim.moment == BEGIN or self.commits is not None)


@dataclass(frozen=True, slots=True)
class Aim:
    """When a child is killed: in the first edit of a kind after some others.

    Attributes
    ----------
    moment : str
        Since when the time is counted.
    share : float
        Of the time that is usual from then until the edit is stored.
    """

    kind: str
    after: int
    moment: str
    share: float


def kill_a_child(path: Path, seed: int, aim: Aim, usual: dict[tuple[str, str], float]) -> Heard:
    """Let a child edit and kill it; return what it said."""
    command = [sys.executable, "-m", "tests.soak_edits", "--child", str(path), "--seed", str(seed)]
    heard = Heard()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for text in child.stdout:
            heard.hear(json.loads(text), usual)
            if heard.is_at(aim):
                time.sleep(aim.share * usual.get((aim.kind, aim.moment), _UNKNOWN_S))
                break
        child.send_signal(signal.SIGKILL)
        for text in child.stdout:
            heard.hear(json.loads(text), usual)
    assert child.returncode == -signal.SIGKILL, f"seed {seed}: the child ended by itself"
    return heard


def aims(dice: random.Random) -> Iterator[Aim]:
    """Return moments without end, all kinds by turns."""
    while True:
        turn = [(kind, moment) for kind in KINDS for moment in (BEGIN, COMMIT)]
        dice.shuffle(turn)
        for kind, moment in turn:
            moment = BEGIN if kind in (REOPEN, TIDY, SKETCH) else moment
            yield Aim(kind, dice.randrange(_FIRST_EDITS), moment, dice.random() * _LONGER)


# -- what is left ------------------------------------------------------------------------


@dataclass
class Scene:
    """The project after a kill, and what it must hold.

    Attributes
    ----------
    before, after : Expected
        What the edit that was under way found, and what it should make of it.
    newest : int
        The last change that must be there.
    """

    project: Project
    heard: Heard
    before: Expected
    after: Expected
    newest: int
    verdict: Verdict

    @property
    def left(self) -> Expected:
        """What there is now."""
        return self.after if self.verdict.under_way_stored else self.before


@dataclass
class Town:
    """A project file and what it must hold, from one child to the next."""

    path: Path
    expected: Expected
    newest: int
    edits: int = 0

    @classmethod
    def built(cls, path: Path) -> Town:
        """Make a small network to begin with."""
        with Project.create(path, operator="soak") as project:
            expected = Expected.of_new(project)
            for number in range(2):
                step = ring(Editor(project, number), "")
                expected.take(step)
                _carried_out(project, step)
            return cls(path, expected, _latest(project))

    def copied(self, path: Path) -> Town:
        """Return the same in a file of its own; the project is closed."""
        shutil.copyfile(self.path, path)
        return Town(path, deepcopy(self.expected), self.newest)


def look(town: Town, heard: Heard) -> Verdict:
    """Open what a kill left behind and compare; the town is then what was found."""
    steps = _noted(town.path)
    done = len(heard.acknowledged)
    before = town.expected
    for step in steps[:done]:
        before.take(step)
    after = before.after(steps[done]) if len(steps) > done else before
    newest = max((line["change"] for line in heard.acknowledged), default=town.newest)
    verdict = Verdict(heard.under_way, done, heard.commits is not None)
    try:
        with _opened(town.path) as project:
            types = project.map_types
            scene = Scene(project, heard, before, after, newest, verdict)
            for look_at in LOOKS:
                look_at(scene)
            town.expected, town.newest = scene.left, _latest(project)
        with closing(sqlite3.connect(town.path)) as connection:
            verdict.damage += _damage(connection)
            verdict.halves += _half_indexes(connection, types)
    except (HjgisError, sqlite3.DatabaseError) as error:
        verdict.damage.append(str(error))
    town.edits += done
    return verdict


def look_at_edits(scene: Scene) -> None:
    """Each acknowledged edit is there, and the one after it wholly or not at all."""
    project, verdict = scene.project, scene.verdict
    stored = {entry.id for entry in project.history.entries()}
    missing = {line["change"] for line in scene.heard.acknowledged} - stored
    if missing:
        verdict.lost.append(f"acknowledged changes {sorted(missing)} are not in the history")
    if scene.heard.acknowledged and scene.heard.acknowledged[-1]["counts"] != scene.before.counts():
        verdict.lost.append("the child counted other features than its edits made")
    later = sorted(change for change in stored if change > scene.newest)
    verdict.under_way_stored = bool(later)
    if len(later) > 1:
        verdict.halves.append(f"changes {later} were stored, one was under way")
    left, rows = scene.left, stored_rows(project)
    if set(project.types) != left.layers:
        odd = set(project.types) ^ left.layers
        verdict.halves.append(f"layers {sorted(odd)} are there without their edit, or not with it")
    differing = {key for key in rows.keys() | left.rows if rows.get(key) != left.rows.get(key)}
    touched = {
        key
        for key in scene.before.rows.keys() | scene.after.rows
        if scene.before.rows.get(key) != scene.after.rows.get(key)
    }
    if differing:
        kind = verdict.halves if differing <= touched else verdict.lost
        kind.append(f"{len(differing)} features are not as they must be, e.g. {min(differing)}")


def look_at_network(scene: Scene) -> None:
    """Each pipe ends where its nodes are."""
    try:
        assert_whole(scene.project, scene.verdict.kind)
    except (AssertionError, KeyError):
        scene.verdict.network.append("a pipe does not end on its node, or that is not there")


def look_at_undo(scene: Scene) -> None:
    """The latest edit can be taken back and done again."""
    session, left, verdict = scene.project.session, scene.left, scene.verdict
    if (session.can_undo, session.can_redo) != (left.can_undo, left.can_redo):
        verdict.undo.append("undo or redo is not offered, or offered for nothing")
    if not (session.can_undo and left.can_undo):
        return
    for step, act in ((Step(UNDO, "undo"), session.undo), (Step(REDO, "redo"), session.redo)):
        act()
        left.take(step)
        if stored_rows(scene.project) != left.rows:
            verdict.undo.append(f"{step.kind} does not lead to what was there")


def look_at_sketch(scene: Scene) -> None:
    """What was clicked is offered again: up to the last click, or the one under way."""
    found = SketchFile(scene.project.path).read()
    vertices = () if found is None else found.vertices
    if vertices not in (scene.before.sketch, scene.after.sketch):
        scene.verdict.sketch.append(
            f"{len(vertices)} clicks are offered, {len(scene.before.sketch)} were made"
        )
    scene.left.sketch = vertices


LOOKS: Final[tuple[Callable[[Scene], None], ...]] = (
    look_at_edits,
    look_at_network,
    look_at_undo,
    look_at_sketch,
)


def _noted(path: Path) -> list[Step]:
    """Return what a child wrote down; what it was writing when it was killed had not begun."""
    steps = []
    with _notes_of(path).open("rb") as notes:
        while True:
            try:
                steps.append(pickle.load(notes))
            except (EOFError, pickle.UnpicklingError):
                return steps


def _damage(connection: sqlite3.Connection) -> list[str]:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    return [] if found == ["ok"] else [f"integrity_check: {'; '.join(found[:3])}"]


def _half_indexes(connection: sqlite3.Connection, types: Mapping[str, AssetType]) -> list[str]:
    """Return what a batch sets aside while it is stored and did not put back."""
    faults = []
    if connection.execute("SELECT busy FROM hjgis_writer").fetchone() != (0,):
        faults.append("the writer's flag is up")
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    triggers = {row[0] for row in connection.execute(names)}
    for layer, asset in types.items():
        if not triggers >= set(layer_triggers(asset)):
            faults.append(f"{layer} lacks triggers")
        rows = f'SELECT count(*) FROM "{layer}" WHERE geom NOTNULL'
        boxes = f'SELECT count(*) FROM "rtree_{layer}_geom"'
        if connection.execute(rows).fetchone() != connection.execute(boxes).fetchone():
            faults.append(f"the R-tree of {layer} does not fit")
    return faults


# -- many kills --------------------------------------------------------------------------


def soak(folder: Path, kills: int, seed: int, lanes: int = 1) -> list[Verdict]:
    """Kill as often as asked, some side by side, and say what was found.

    Raises
    ------
    AssertionError
        If anything was lost or half stored, with the numbers of the kills.
    """
    write_source(folder)
    start = Town.built(folder / "start.gpkg")
    lane = partial(_lane, start, kills, seed, lanes)
    if lanes == 1:
        verdicts = lane(0)
    else:
        with ProcessPoolExecutor(lanes) as pool:
            verdicts = [verdict for found in pool.map(lane, range(lanes)) for verdict in found]
    print("\n".join(["", *table(verdicts)]))
    faults = [f"{verdict.where}: {fault}" for verdict in verdicts for fault in verdict.faults]
    assert not faults, "\n".join(faults)
    return verdicts


def _lane(start: Town, kills: int, seed: int, lanes: int, lane: int) -> list[Verdict]:
    """Do every so many-th kill.

    A file that had its edits, or has a fault, is followed by a new one.
    """
    town: Town | None = None
    usual: dict[tuple[str, str], float] = {}
    verdicts = []
    numbered = zip(range(1, kills + 1), aims(random.Random(seed)), strict=False)
    for number, aim in islice(numbered, lane, None, lanes):
        town = town or start.copied(start.path.with_stem(f"town-{number}"))
        _notes_of(town.path).unlink(missing_ok=True)
        verdict = look(town, kill_a_child(town.path, seed + number, aim, usual))
        verdict.where = f"seed {seed}, kill {number} ({verdict.kind})"
        verdicts.append(verdict)
        print(f"\rkill {number}/{kills} ", end="", file=sys.stderr, flush=True)
        if verdict.faults or town.edits >= EDITS:
            town = None
    return verdicts


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--child", type=Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    set_language("en")
    if given.child:
        make_edits(given.child, EDITS, given.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        verdicts = soak(Path(folder), given.kills, given.seed, _LANES)
    if given.markdown:
        given.markdown.write_text(page(verdicts, given.seed), "utf-8")


if __name__ == "__main__":
    main()
