"""What is measured of the data, as a table: completeness and renewal."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project

MEASURE_ACTIONS: Final = (
    ActionSpec(
        "completeness",
        N_("How complete"),
        "completeness",
        ("Ctrl+F9",),
        N_("How much of what is required is filled in: by field, grid cell, road, unit, operator"),
        needs_project,
    ),
    ActionSpec(
        "renewal",
        N_("Pipes to be renewed"),
        "renewal",
        ("Ctrl+Shift+F9",),
        N_("Pipes beyond their years, of outdated material, leaky or often faulty, by score"),
        needs_project,
    ),
    ActionSpec(
        "renewal-rules",
        N_("Score of renewal…"),
        "renewal-rules",
        ("Alt+F9",),
        N_("How long pipes may serve, and how many points each reason to renew gives"),
        needs_project,
    ),
)
MEASURE_MENU: Final = tuple(spec.id for spec in MEASURE_ACTIONS)
