"""Actions on the project as a whole: its file, its checkpoints and its history."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project, needs_undo

PROJECT_ACTIONS: Final = (
    ActionSpec(
        "new",
        N_("New project\u2026"),
        "new",
        ("Ctrl+N",),
        N_("Make an empty project file"),
    ),
    ActionSpec(
        "open",
        N_("Open project\u2026"),
        "open",
        ("Ctrl+O",),
        N_("Open a project file"),
    ),
    ActionSpec(
        "sample",
        N_("Open sample project\u2026"),
        "sample",
        ("Ctrl+Alt+O",),
        N_("An invented town to try on"),
    ),
    ActionSpec(
        "save",
        N_("Save"),
        "save",
        ("Ctrl+S",),
        N_("Every change is stored at once; there is nothing to save"),
        needs_project,
    ),
    ActionSpec(
        "save-copy",
        N_("Save a copy\u2026"),
        "copy",
        ("Ctrl+Shift+S",),
        N_("Write a compact copy of the project file"),
        needs_project,
    ),
    ActionSpec(
        "restore-backup",
        N_("Restore backup…"),
        "backup",
        ("Ctrl+Alt+H",),
        N_("See what differs from a backup, and bring it back"),
        needs_project,
    ),
    ActionSpec(
        "discard",
        N_("Back to checkpoint"),
        "discard",
        ("Ctrl+Alt+Z",),
        N_("Take back what was done after the moment that Ctrl+S marked last"),
        needs_undo,
    ),
    ActionSpec(
        "checkpoints",
        N_("Checkpoints…"),
        "checkpoint",
        ("Ctrl+Alt+W",),
        N_("Mark and name moments of the project, and go back to any of them"),
        needs_project,
    ),
    ActionSpec(
        "archive",
        N_("Archive history…"),
        "archive",
        ("Ctrl+Alt+Y",),
        N_("Move old history into a file beside the project, or take it back in"),
        needs_project,
    ),
    ActionSpec(
        "close",
        N_("Close project"),
        "close",
        ("Ctrl+W",),
        N_("Close the file; everything is stored already"),
        needs_project,
    ),
    ActionSpec(
        "quit",
        N_("Quit"),
        "quit",
        ("Ctrl+Q",),
        N_("Leave the program; everything is stored already"),
    ),
)
