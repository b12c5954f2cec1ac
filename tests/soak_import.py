"""Damaged files, imported by the thousand: refused in words or taken in, and the project unharmed.

``python -m tests.soak_import [--mutations N] [--seed S] [--seconds T] [--folder F] [--only N]``.
Each file goes the whole way, planned and stored and undone, as a reference layer or as a kind, into
one project a worker. Nothing but errors of ours may be raised, nothing may take over ten seconds,
and what is stored must be the same afterwards, in every bit that counts.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("HJGIS_LANGUAGE", "en")
if Path("/dev/shm").is_dir():
    # Thousands of small files and as many commits: the disk is not what is looked at.
    os.environ["TMPDIR"] = "/dev/shm"

from hjgis.errors import HjgisError, InputQuestion
from hjgis.exchange import apart
from hjgis.exchange.importing import ImportPlan, carry_out, plan_import
from hjgis.layers.project import Project
from tests.mutations import Seed, damaged, made, seeds_of
from tests.real_files import answer_to

_SECONDS: Final = 10.0
_KINDS: Final = ("manhole", "pipe_line", "park")
_MOST_QUESTIONS: Final = 5
_RESTARTS: Final = "child restarts"
# A project keeps the tables of all reference layers that were ever in it, so it grows.
_IMPORTS_A_PROJECT: Final = 400
_REAL: Final = Path(__file__).parents[2] / "shared" / "real-data"


@dataclass
class Tally:
    """What came of so many files."""

    done: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.done += other.done
        self.slowest = max(self.slowest, other.slowest)
        self.faults += other.faults


class Target:
    """A project that damaged files are imported into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.project = Project.create(folder / "town.gpkg", operator="soak")
        self._sound = self.project.content_sha256()
        self.imports = 0

    def take(self, seed: Seed, number: int) -> str:
        """Import a file, undo that, and return in a word what came of it.

        Raises
        ------
        AssertionError
            If a record is lost or the project is not as before.
        """
        folder = self._folder / "theirs"
        folder.mkdir()
        try:
            plan = self._plan(seed.write(folder), number)
            if not isinstance(plan, ImportPlan):
                if number % 50 == 0:
                    assert self.project.content_sha256() == self._sound, "refused, yet changed"
                return plan
            report = carry_out(self.project, plan)
            assert report.read == report.imported + report.rejected, report
            if not plan.changes:
                return "nothing to take"
            self.imports += 1
            assert self.project.content_sha256() != self._sound, "taken, yet not there"
            self.project.session.undo()
            assert self.project.content_sha256() == self._sound, "not as before after undo"
            return "imported"
        finally:
            shutil.rmtree(folder)

    def _plan(self, path: Path, number: int) -> ImportPlan | str:
        as_kind = number % 3 == 0
        target = {"to": _KINDS[number // 3 % 3]} if as_kind else {"as_reference": "theirs"}
        options: dict[str, Any] = {}
        try:
            for _question in range(_MOST_QUESTIONS):
                try:
                    return plan_import(self.project, path, **target, **options)
                except InputQuestion as question:
                    answer = answer_to(question)
                    if question.option == "--source-layer" and question.candidates:
                        answer = {"source_layer": question.candidates[number % 2 - 1]}
                    if answer is None or answer.items() <= options.items():
                        return "asked"
                    options |= answer
        except HjgisError as error:
            broke = "broke down" in str(error) or "not finished" in str(error)
            return "refused, reader replaced" if broke else "refused"
        return "asked"

    def close(self) -> None:
        assert self.project.content_sha256() == self._sound
        path = self.project.path
        self.project.close()
        # Opening looks at the integrity of the whole file.
        with Project.open(path) as again:
            assert again.content_sha256() == self._sound
        path.unlink()


def run(seeds: list[Seed], numbers: Iterator[int], *, salt: str, mark: Path | None) -> Tally:
    """Import the damage of each number; `mark` is told which one is being looked at."""
    tally, restarts = Tally(), apart.READER.restarts
    # As in the tests: what a library grumbles about is something that we did not look at.
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings(action="error"):
        target = Target(Path(scratch))
        for number in numbers:
            if mark is not None:
                mark.write_text(str(number))
                faulthandler.dump_traceback_later(6 * _SECONDS, exit=True)
            seed = damaged(seeds[number % len(seeds)], number, salt=salt)
            start = time.monotonic()
            try:
                tally.done[target.take(seed, number)] += 1
            except Exception:  # noqa: BLE001 - this is what is looked for
                tally.faults.append(f"{number} {seed.name}\n{traceback.format_exc()}")
                print(tally.faults[-1], file=sys.stderr, flush=True)
                target.project.close()
                (Path(scratch) / "town.gpkg").unlink()
                target = Target(Path(scratch))
            took = time.monotonic() - start
            tally.slowest = max(tally.slowest, (took, f"{seed.name} {number}"))
            if took > _SECONDS:
                tally.faults.append(f"{number} {seed.name}: {took:.1f} s")
            if target.imports >= _IMPORTS_A_PROJECT:
                target.close()
                target = Target(Path(scratch))
        target.close()
        faulthandler.cancel_dump_traceback_later()
    tally.done[_RESTARTS] = apart.READER.restarts - restarts
    return tally


def all_seeds(scratch: Path, real: Path | None) -> list[Seed]:
    """Return the files to damage: one of each format, and the small ones of a folder."""
    scratch.mkdir()
    return made(scratch) + (seeds_of(real) if real and real.is_dir() else [])


# -- workers -----------------------------------------------------------------------------


def _work(given: argparse.Namespace) -> None:
    """Do every n-th number from one on, until the end or the time is reached."""
    first, step = map(int, given.worker.split("/"))
    folder = Path(given.scratch)
    end = time.monotonic() + given.seconds

    def numbers() -> Iterator[int]:
        for number in range(first, given.mutations, step):
            if time.monotonic() > end:
                return
            yield number

    seeds = all_seeds(folder / f"seeds-{os.getpid()}", given.folder)
    tally = run(seeds, numbers(), salt=given.seed, mark=folder / f"mark-{os.getpid()}")
    print(json.dumps([tally.done, tally.slowest, tally.faults]))


def _started(given: argparse.Namespace, scratch: str, first: int) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "tests.soak_import", "--worker", f"{first}/{given.jobs}",
        "--scratch", scratch, "--mutations", str(given.mutations), "--seed", given.seed,
        "--seconds", str(given.seconds), "--folder", str(given.folder),
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _gathered(given: argparse.Namespace) -> Tally:
    """Have workers do the numbers; one that dies is a fault and is replaced."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        running = [_started(given, scratch, first) for first in range(given.jobs)]
        while running:
            worker = running.pop(0)
            said, _nothing = worker.communicate()
            if worker.returncode == 0:
                done, slowest, faults = json.loads(said)
                tally.add(Tally(Counter(done), tuple(slowest), faults))
                continue
            mark = Path(scratch) / f"mark-{worker.pid}"
            number = int(mark.read_text()) if mark.exists() else given.mutations
            tally.faults.append(f"{number}: worker ended with {worker.returncode}")
            if number + given.jobs < given.mutations:
                running.append(_started(given, scratch, number + given.jobs))
    return tally


def main() -> int:
    """Read the arguments, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="import the damage of one number, without workers")
    real = Path(os.environ.get("HJGIS_REAL_DATA", _REAL)).resolve()
    parser.add_argument("--folder", type=Path, default=real)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--scratch", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        _work(given)
        return 0
    start = time.monotonic()
    if given.only is not None:
        with tempfile.TemporaryDirectory() as scratch:
            seeds = all_seeds(Path(scratch) / "seeds", given.folder)
            tally = run(seeds, iter([given.only]), salt=given.seed, mark=None)
    else:
        tally = _gathered(given)
    restarts = tally.done.pop(_RESTARTS, 0)
    for what, count in tally.done.most_common():
        print(f"{what:26} {count:7,}")
    print(f"{_RESTARTS:26} {restarts:7,}")
    print(f"slowest {tally.slowest[0]:.1f} s: {tally.slowest[1]}")
    print(f"{tally.done.total():,} files in {time.monotonic() - start:.0f} s")
    for fault in tally.faults:
        print(f"\nFAULT {fault}")
    print(f"{len(tally.faults)} faults")
    return bool(tally.faults)


if __name__ == "__main__":
    sys.exit(main())
