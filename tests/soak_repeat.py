"""The same check again and again: the same report each time, and no more memory at the end.

``python -m tests.soak_repeat [--runs N] [--town FILE.gpkg]``. Starts from the examples of all
rules, or from a project. The first runs fill caches; memory is measured from then on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from hjgis.checks import runner
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from tests.soak_town import soaked

_WARM: Final = 20
_SAID_EVERY: Final = 100
_PAGE_KIB: Final = 4
# Less than this may come and go with the allocator.
_SLACK_MIB: Final = 30.0


def resident_mib() -> float:
    """Return how much memory this process holds now (Linux)."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE_KIB / 1024


def repeat(project: Project, runs: int) -> tuple[float, float]:
    """Check so often; return the memory after the first runs and at the end, in MiB."""
    first = runner.run(project)
    began = 0.0
    for number in range(1, runs + 1):
        report = runner.run(project)
        assert not report.failed, report.failed
        assert report == first, f"run {number} says otherwise than the first"
        if number == min(_WARM, runs):
            began = resident_mib()
        if number % _SAID_EVERY == 0:
            print(f"run {number}/{runs}: {resident_mib():.1f} MiB", file=sys.stderr, flush=True)
    return began, resident_mib()


def main() -> int:
    """Read the arguments; return 1 if memory has grown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--town", type=Path)
    given = parser.parse_args()
    set_language("en")
    with soaked(given.town) as project:
        began, ended = repeat(project, given.runs)
    print(
        f"{given.runs} runs, one report; {began:.1f} MiB at the start, {ended:.1f} MiB at the end"
    )
    return int(ended > began + _SLACK_MIB)


if __name__ == "__main__":
    sys.exit(main())
