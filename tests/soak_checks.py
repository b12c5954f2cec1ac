"""Long random editing with the checks following: the list is always that of a check of everything.

``python -m tests.soak_checks [--steps N] [--seed N] [--town FILE.gpkg] [--all]``. Starts from the
examples of all rules, or from a project. The rules that say otherwise than a check of everything
are named, and how; with ``--all`` the run goes on after the first.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

from hjgis.checks import runner
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from tests.follow_checks import Follower, Spoiler, lies
from tests.soak_town import soaked
from tests.unit.checks.examples import EXAMPLES

_SAID_EVERY: Final = 25


def soak(project: Project, steps: int, seed: int, *, on: bool) -> Counter[str]:
    """Edit and compare as often as asked; return how often each rule said otherwise.

    Parameters
    ----------
    on : bool
        Whether to go on after the first difference.
    """
    follower, spoiler = Follower(project), Spoiler(project, seed)
    liars: Counter[str] = Counter()
    slowest_ms = 0.0
    for step in range(1, steps + 1):
        after = [spoiler.step() for _several in range(spoiler.dice.choice([1, 1, 1, 3]))]
        started = time.process_time()
        follower.follow()
        slowest_ms = max(slowest_ms, 1e3 * (time.process_time() - started))
        full = runner.run(project)
        wrong = lies(follower.report, full, follower.live.pending)
        follower.settle()
        wrong |= lies(follower.report, full, frozenset())
        for rule, how in wrong.items():
            liars[rule] += 1
            print(f"seed {seed}, step {step}, {rule}: {how}\n    after {after}", flush=True)
        if wrong:
            if not on:
                return liars
            follower.do(follower.live.all())
        if step % _SAID_EVERY == 0:
            mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            count = len(follower.report.issues)
            slow = f"slowest edit {slowest_ms:.0f} ms of processor"
            words = f"step {step}/{steps}: {count} issues, {mib:.0f} MiB, {slow}"
            print(words, file=sys.stderr, flush=True)
    return liars


def main() -> int:
    """Read the arguments; return 1 if a rule said otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--town", type=Path)
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    set_language("en")
    with soaked(given.town) as project:
        for _faulty, faultless in () if given.town else EXAMPLES.values():
            faultless(project)
        liars = soak(project, given.steps, given.seed, on=given.all)
    print("every rule says what a check of everything says" if not liars else dict(liars))
    return int(bool(liars))


if __name__ == "__main__":
    sys.exit(main())
