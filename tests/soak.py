"""Long random editing that is killed at random moments: nothing that returned may be lost.

``python -m tests.soak [--rounds N] [--edits N] [--seed N]``. Each round starts a child that
makes random edits and writes the number of each one that returned to a pipe, kills it without
warning, opens the project again and looks: sound file, every edit that returned is there, and
undoing them all leads back to the start.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey

ROOT = Path(__file__).resolve().parent.parent


def random_edit(project: Project, dice: random.Random) -> ChangeSet | str:
    """Return one random change, or the word undo or redo."""
    nodes = [FeatureKey("manhole", uuid) for uuid in project.table("manhole", []).uuids]
    spot = shapely.Point(428_000 + dice.random() * 500, 4_528_000 + dice.random() * 500)
    kind = dice.choice(["add", "add", "pipe", "move", "set", "set", "delete", "undo", "redo"])
    if kind == "undo" and project.session.can_undo:
        return "undo"
    if kind == "redo" and project.session.can_redo:
        return "redo"
    if kind == "add" or len(nodes) < 2:
        return add_feature(project, "manhole", spot, {"exp_no": f"M{dice.randrange(10**6)}"})
    if kind == "pipe":
        ends = [project.get(key).geometry for key in dice.sample(nodes, 2)]
        if not ends[0].equals(ends[1]):
            return add_feature(project, "pipe_line", shapely.LineString(ends), {"kind": "WS"})
    if kind == "move":
        return move_node(project, dice.choice(nodes), spot)
    if kind == "delete" and len(nodes) > 5:
        return delete_features(project, [dice.choice(nodes)])
    note = {"remarks": f"备注{dice.randrange(10**9)}"}
    return set_values(project, [dice.choice(nodes)], note)


def make_edits(path: Path, count: int, seed: int) -> None:
    """Edit `path` and say on standard output which changes were stored."""
    dice = random.Random(seed)
    with Project.open(path, operator="soak") as project:
        for _ in range(count):
            edit = random_edit(project, dice)
            if isinstance(edit, str):
                announcement = getattr(project.session, edit)()
            else:
                announcement = project.session.apply(edit)
            # One write to a pipe: whoever reads the number knows that the edit had returned.
            os.write(1, f"{announcement.change_id}\n".encode())
        os.write(1, b"done\n")


def killed_child(path: Path, edits: int, seed: int, after_s: float) -> list[int]:
    """Let a child edit, kill it after some seconds; return the changes that returned."""
    command = [sys.executable, "-m", "tests.soak", "--child", str(path)]
    with subprocess.Popen(
        [*command, "--edits", str(edits), "--seed", str(seed)], cwd=ROOT, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().decode()
    lines = (first.decode() + rest).splitlines()
    return [int(line) for line in lines if line.isdigit()]


def one_round(path: Path, edits: int, seed: int) -> int:
    """Kill a child in the middle of its edits and look at what is left; return how many stood."""
    dice = random.Random(seed)
    returned = killed_child(path, edits, seed, dice.random() * edits * 0.0025)
    with Project.open(path, operator="soak") as project:
        stored = {entry.id for entry in project.history.entries()}
        missing = set(returned) - stored
        assert not missing, f"seed {seed}: changes {sorted(missing)} are lost"
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT busy FROM hjgis_writer").fetchone() == (0,)
    connection.close()
    return len(returned)


def undo_everything(path: Path) -> str:
    """Take back all edits; return the digest of what is left."""
    with Project.open(path, operator="soak") as project:
        while project.session.can_undo:
            project.session.undo()
        return project.content_sha256()


def soak(rounds: int, edits: int, seed: int) -> None:
    """Run the rounds on one project, then undo everything."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "town.gpkg"
        with Project.create(path) as project:
            start = project.content_sha256()
        stood = 0
        for number in range(rounds):
            stood += one_round(path, edits, seed + number)
            print(f"\rround {number + 1}/{rounds}, {stood} edits stood", end="", file=sys.stderr)
        assert undo_everything(path) == start, "undoing everything does not lead to the start"
        print(f"\n{rounds} kills, {stood} edits that returned, none lost, all undone")


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--child", type=Path)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2020)
    given = parser.parse_args()
    if given.child:
        make_edits(given.child, given.edits, given.seed)
    else:
        soak(given.rounds, given.edits, given.seed)


if __name__ == "__main__":
    main()
