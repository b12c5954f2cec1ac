"""What is asked of the project, as a table: selections by sentence and place, statistics."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project

QUERY_ACTIONS: Final = (
    ActionSpec(
        "select-sentence",
        N_("Select by conditions…"),
        "select-sentence",
        ("F3", "Ctrl+F3"),
        N_("Select features by a sentence: kind, size, date, place"),
        needs_project,
    ),
    ActionSpec(
        "select-location",
        N_("Select by location…"),
        "select-location",
        ("Shift+F3",),
        N_("Select features by how they lie to others: inside, across, near"),
        needs_project,
    ),
    ActionSpec(
        "queries",
        N_("Saved queries…"),
        "queries",
        ("Ctrl+Alt+Q",),
        N_("Use, name, check for and delete the queries that the project keeps"),
        needs_project,
    ),
    ActionSpec(
        "statistics",
        N_("Statistics…"),
        "statistics",
        ("Ctrl+8",),
        N_("Count, add up and chart features by class, road, unit, year or grid cell"),
        needs_project,
    ),
)
QUERY_MENU: Final = ("select-sentence", "select-location", "queries")
