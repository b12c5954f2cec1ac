"""What can be done about inspections, repairs and asset files, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import (
    ActionSpec,
    needs_editable_selection,
    needs_project,
    needs_selection,
)

RECORD_ACTIONS: Final = (
    ActionSpec(
        "record-fine",
        N_("Inspected, nothing found"),
        "record-fine",
        ("F12",),
        N_("Record that the selected assets were inspected today and nothing was found"),
        needs_editable_selection,
    ),
    ActionSpec(
        "record-add",
        N_("New record…"),
        "record-add",
        ("Ctrl+F12",),
        N_("Record an inspection, a repair, upkeep or cleaning of the selected assets"),
        needs_editable_selection,
    ),
    ActionSpec(
        "overdue",
        N_("Inspections due"),
        "overdue",
        ("Shift+F12",),
        N_("List what is overdue, due soon, never inspected or not put right"),
        needs_project,
    ),
    ActionSpec(
        "inspection-cycles",
        N_("Inspection cycles…"),
        "inspection-cycles",
        ("Ctrl+Shift+F12",),
        N_("How many days after an inspection the next one is due, for each kind of asset"),
        needs_project,
    ),
    ActionSpec(
        "dossier",
        N_("Asset file as PDF…"),
        "dossier",
        ("Alt+F12",),
        N_("Write all that is known of the selected assets: sketch, attributes, photos, records"),
        needs_selection,
    ),
)
RECORD_MENU: Final = tuple(spec.id for spec in RECORD_ACTIONS)
