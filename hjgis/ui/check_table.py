"""The actions of the rules of the check and of what is accepted, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.needs import ActionSpec, needs_project

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
)
CHECK_MENU: Final = ("check-rules", "check-exceptions")
