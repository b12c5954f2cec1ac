"""What can be undone before a restart can be undone after it, and done again after the next."""

from __future__ import annotations

import random

from hjgis.layers.project import Project
from tests.properties.test_edits import Editor

OPERATIONS = 100


def operate(project: Project, seed: int) -> None:
    """Do so many operations: four edits of any kind, then an undo or a redo."""
    editor, dice = Editor(project, seed), random.Random(seed)
    done = 0
    while done < OPERATIONS:
        if done % 5 == 4:
            redo = project.session.can_redo and dice.random() < 0.5
            (project.session.redo if redo else project.session.undo)()
            done += 1
            # What was undone last stays undone: there is something to redo at the end.
            continue
        done += editor.step() not in ("refused", "nothing")
