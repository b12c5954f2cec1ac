"""What the kill test found, in words and as a page."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.mixed_edits import KINDS

BETWEEN: Final = "between two edits"


@dataclass
class Verdict:
    """What was found after a kill: faults in words, by what they are faults of."""

    kind: str
    acknowledged: int
    committing: bool
    where: str = ""
    under_way_stored: bool = False
    damage: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)
    network: list[str] = field(default_factory=list)
    undo: list[str] = field(default_factory=list)
    sketch: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All that is wrong."""
        parts = (self.damage, self.lost, self.halves, self.network, self.undo, self.sketch)
        return [fault for part in parts for fault in part]


def page(verdicts: Sequence[Verdict], seed: int) -> str:
    """Return the page of the documentation."""
    kills = len(verdicts)
    return _PAGE.format(
        command=f"python -m tests.soak_edits --kills {kills} --seed {seed} --markdown",
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        sqlite=sqlite3.sqlite_version,
        kills=kills,
        edits=sum(verdict.acknowledged for verdict in verdicts),
        table="\n".join(table(verdicts)),
    )


def table(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the lines of a table by kind of edit that was under way."""
    heads = (
        "under way when killed", "kills", "in the commit", "then stored", "file sound",
        "edits acknowledged", "lost edits", "half batches", "pipes off their nodes", "undo fails",
        "sketch lost",
    )  # fmt: skip
    kinds = [kind for kind in (*KINDS, BETWEEN) if any(v.kind == kind for v in verdicts)]
    lines = [(kind, *_sums([v for v in verdicts if v.kind == kind])) for kind in kinds]
    cells = [heads, *lines, ("**all**", *_sums(verdicts))]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(heads))]
    text = [_line([str(cell) for cell in row], widths) for row in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [text[0], rule, *text[1:]]


def _sums(verdicts: Sequence[Verdict]) -> tuple[int, ...]:
    return (
        len(verdicts),
        sum(v.committing for v in verdicts),
        sum(v.under_way_stored for v in verdicts),
        sum(not v.damage for v in verdicts),
        sum(v.acknowledged for v in verdicts),
        sum(bool(v.lost) for v in verdicts),
        sum(bool(v.halves) for v in verdicts),
        sum(bool(v.network) for v in verdicts),
        sum(bool(v.undo) for v in verdicts),
        sum(bool(v.sketch) for v in verdicts),
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"


_PAGE: Final = """\
# What a crash leaves behind

Made by `{command} docs/reliability.md`; do not edit.

{date}, SQLite {sqlite}. The program was killed {kills} times while it stored edits, after {edits}
edits that it had acknowledged. No acknowledged edit may be lost and no batch may be half there.

{table}

## How it is measured

* **A project and a child.** A small invented network is copied. A process of its own opens the
  copy as the window does and sets out to make 500 edits: single ones (add, draw, move, split,
  delete, values), undo and redo, batches of 1 000 features and more in one change, imports from
  GeoJSON into a kind and as a layer of their own. In between it closes and opens the project, and
  moves the log into the file as the window does when nobody works; and it sketches lines of one
  to twenty clicks, which are kept beside the project until they are finished. 10 001 is one more
  than a delete keeps in the history row by row, 1 001 one more than the spatial index takes one by
  one.
* **What was promised.** Before each edit the child writes down what it is about to do. When the
  edit is stored it writes an acknowledgement: the number of the change and of the features of
  each layer.
* **The kill.** The child is killed without warning (SIGKILL), each kind of edit by turns. Every
  other kill falls at a random moment of the whole storing, the others at a random moment of the
  commit, which is short and is where a file would be torn. *In the commit* counts those. A kill
  that comes after the end of its edit hits the next one, or none: *between two edits*.
* **What is looked at.** The project is opened again as the window opens it. Everything in it is
  compared with what the edits that were written down must have made, worked out in memory by
  other code than that which stores. It must be the state after the last acknowledged edit or the
  one right after it (*then stored*: the commit was done, the acknowledgement not yet said), and
  the history must say the same. The file must pass SQLite's `integrity_check` and our own check,
  with all triggers in place and as many entries in the spatial index as there are places; every
  pipe must end on its nodes; undo of the latest change must lead to what was before it, and redo
  back. The sketch that is offered must be the one of the latest click, or of the one under way.
* **On it goes.** The next child goes on with the same file, until it has had 500 edits; then
  there is a fresh one. The last columns count kills after which something was wrong; any makes
  the command fail.

The seed decides the edits and the order of the kinds; the microsecond of the kill is chance. A
killed program is not a power cut: what the system had taken from the program is still written to
disk. For power cuts the project relies on SQLite's write-ahead log with `synchronous=FULL`.
"""
