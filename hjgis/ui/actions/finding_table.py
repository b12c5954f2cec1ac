"""What is done with the findings of a check, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project

FINDING_ACTIONS: Final = (
    ActionSpec(
        "next-finding",
        N_("Next finding"),
        "next-finding",
        ("F5",),
        N_("Go to the next finding of the check results"),
        needs_project,
    ),
    ActionSpec(
        "previous-finding",
        N_("Previous finding"),
        "previous-finding",
        ("Shift+F5",),
        N_("Go to the finding before"),
        needs_project,
    ),
    ActionSpec(
        "findings-on-map",
        N_("Findings on the map"),
        "findings-on-map",
        ("Ctrl+F5",),
        N_("Show the listed findings as signs on the map, or hide them"),
        needs_project,
    ),
    ActionSpec(
        "visits",
        N_("Places to visit"),
        "visits",
        ("Shift+F9",),
        N_("List where something is probably missing, for a field sheet or a map on a telephone"),
        needs_project,
    ),
)
FINDING_MENU: Final = ("next-finding", "previous-finding", "findings-on-map", "visits")
