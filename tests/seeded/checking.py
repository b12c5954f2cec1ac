"""Plants every sort of fault and compares what the checks find with what they must find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hjgis.checks import runner
from hjgis.checks.runner import CheckReport
from hjgis.layers.project import Project
from tests.seeded.faults import FAULTS
from tests.seeded.planting import Answer, Garden
from tests.seeded.town import write_town

EACH: Final = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was planted and found.

    Attributes
    ----------
    wanted : mapping of str to Answer
        By sort of fault: which rules must find which features.
    found : Answer
        What the checks find now and did not find before; figures about a whole layer left out.
    before, after : CheckReport
    """

    features: int
    wanted: Mapping[str, Answer]
    found: Answer
    before: CheckReport
    after: CheckReport

    @property
    def answers(self) -> Answer:
        """All that must be found."""
        return set().union(*self.wanted.values())


def outcome(path: Path) -> Outcome:
    """Write the faultless towns to a new project, check, plant, and check again."""
    write_town(path)
    with Project.open(path, operator="seeds") as project:
        before = runner.run(project)
        known = {issue.id for issue in before.issues}
        garden = Garden(project)
        wanted = {
            fault.name: set().union(*(fault.plant(garden) for _ in range(EACH))) for fault in FAULTS
        }
        after = runner.run(project)
        found = {
            (issue.rule, issue.uuid)
            for issue in after.issues
            if issue.uuid is not None and issue.id not in known
        }
    return Outcome(sum(before.checked.values()), wanted, found, before, after)


def table(result: Outcome) -> str:
    """Return a table of Markdown: what was planted, what must find it, what did."""
    lines = ["| Fault | Checks that must find it | Planted | Found |", "|---|---|---:|---:|"]
    for name, answers in result.wanted.items():
        rules = ", ".join(f"`{rule}`" for rule in sorted(Counter(rule for rule, _ in answers)))
        lines.append(f"| {name} | {rules} | {len(answers)} | {len(answers & result.found)} |")
    missed, more = result.answers - result.found, result.found - result.answers
    lines += [
        "",
        f"{len(result.wanted)} sorts of faults, {EACH} of each, in a project of"
        f" {result.features} features: {len(result.answers)} findings wanted,"
        f" {len(missed)} missed, {len(more)} found that nobody planted.",
    ]
    return "\n".join(lines)
