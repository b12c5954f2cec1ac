"""Stores a fix of thousands of findings, or thousands of exceptions, in a process to be killed.

``python -m tests.check_kills PROJECT.gpkg fix|accept``. Says ``ready`` when all that is left is to
store, and ``stored`` when that has returned.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Final

from hjgis.checks import runner
from hjgis.checks.fixes.register import all_fixes
from hjgis.layers.project import Project
from hjgis.models import exceptions
from hjgis.models.changes import ChangeSet
from tests.unit.checks.faults import add_many, at

COUNT: Final = 5_000
RULE: Final = "attribute.code"
FAULTY, MENDED = "LED。", "LED"


def build(path: Path) -> None:
    """Make a project with a finding for each of its lamps."""
    with Project.create(path, operator="li") as project:
        places = [at(30 * (n % 100), 30 * (n // 100)) for n in range(COUNT)]
        add_many(project, "street_lamp", places, lamp_type=[FAULTY] * COUNT)


def made(project: Project, what: str) -> ChangeSet:
    """Return the change that mends all findings, or accepts them."""
    issues = runner.run(project, only=[RULE]).issues
    assert len(issues) == COUNT
    if what == "fix":
        return all_fixes()["code-by-name"].make(project, issues).changes
    day = dt.date(2026, 1, 1)
    return exceptions.accept(None, issues, "as built", operator="li", on=day)


def main() -> int:
    """Do what the arguments say."""
    path, what = Path(sys.argv[1]), sys.argv[2]
    with Project.open(path, operator="li") as project:
        change = made(project, what)
        print("ready", flush=True)
        project.session.apply(change)
        print("stored", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
