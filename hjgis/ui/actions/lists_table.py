"""The actions of the project's own lists and of its numbers, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project, needs_selection, needs_writing

LISTS_ACTIONS: Final = (
    ActionSpec(
        "lists",
        N_("Project lists…"),
        "lists",
        ("Ctrl+Shift+L",),
        N_("Code lists, units, operators, number ranges and targets of this project"),
        needs_project,
    ),
    ActionSpec(
        "renumber",
        N_("Number anew…"),
        "renumber",
        ("Ctrl+Alt+U",),
        N_("Give component ids, point numbers and the like in an order, with a preview"),
        needs_writing,
    ),
    ActionSpec(
        "copy-id",
        N_("Copy ids of the other list"),
        "copy-id",
        ("Ctrl+Alt+V",),
        N_("Put the selected components' 16-digit ids on the clipboard; 17 digits of older ones"),
        needs_selection,
    ),
)
