"""What can be done with a satellite receiver, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_place_to_take, needs_position, needs_project

RECEIVER_ACTIONS: Final = (
    ActionSpec(
        "receiver",
        N_("Receiver"),
        "receiver",
        ("Ctrl+7",),
        N_("Show or hide the satellite receiver: position, quality, taking points"),
        needs_project,
    ),
    ActionSpec(
        "receiver-listen",
        N_("Start or stop the receiver"),
        "receiver-listen",
        ("Shift+F7",),
        N_("Listen to the port or log that is chosen in the receiver's panel, or no more"),
        needs_project,
    ),
    ActionSpec(
        "follow-position",
        N_("Follow position"),
        "follow-position",
        ("F7",),
        N_("Keep the receiver in what is seen of the map"),
        needs_project,
        checkable=True,
    ),
    ActionSpec(
        "average-position",
        N_("Average position"),
        "average-position",
        ("Shift+F8",),
        N_("Gather places of the receiver and take their mean; again: enough of them"),
        needs_position,
    ),
    ActionSpec(
        "take-position",
        N_("Take point"),
        "take-position",
        ("F8",),
        N_("Make a point, or the next vertex of what is drawn, where the receiver stands"),
        needs_place_to_take,
    ),
)
RECEIVER_MENU: Final = tuple(spec.id for spec in RECEIVER_ACTIONS)
