"""The actions of what leaves the house and what comes back, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project, needs_writing

DELIVERY_ACTIONS: Final = (
    ActionSpec(
        "deliver",
        N_("Deliver…"),
        "export",
        ("Ctrl+E",),
        N_("Layers for a contractor, in his formats, with dictionary, check report and map"),
        needs_writing,
    ),
    ActionSpec(
        "take-back",
        N_("Take back…"),
        "take-back",
        ("Ctrl+Alt+Shift+E",),
        N_("What a contractor sends back: only what was changed is shown, and taken or left"),
        needs_writing,
    ),
    ActionSpec(
        "deliveries",
        N_("Register of deliveries…"),
        "deliveries",
        ("Ctrl+Alt+Shift+D",),
        N_("Who was given what, when and what for, with checksums"),
        needs_project,
    ),
)
DELIVERY_MENU: Final = ("deliver", "take-back", "deliveries")
