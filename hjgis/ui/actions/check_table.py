"""The actions of the rules of the check, of what is accepted, and of the report, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project

CHECK_ACTIONS: Final = (
    ActionSpec(
        "check-rules",
        N_("Rules and limits…"),
        "check-rules",
        ("Ctrl+Alt+X",),
        N_("Which rules run in this project, how bad their findings are, and with what limits"),
        needs_project,
    ),
    ActionSpec(
        "check-exceptions",
        N_("Exceptions…"),
        "check-exceptions",
        ("Ctrl+Alt+9",),
        N_("Findings that were accepted as they are: who said so, why; withdraw them"),
        needs_project,
    ),
    ActionSpec(
        "check-report",
        N_("Check report…"),
        "check-report",
        ("Ctrl+Alt+F9",),
        N_("What the latest check found, on paper or as tables, with score and opinion"),
        needs_project,
    ),
)
CHECK_MENU: Final = ("check-rules", "check-exceptions", "check-report")
