"""Actions of themes: on the map, and in their window."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, needs_project

THEME_ACTIONS: Final = (
    ActionSpec(
        "themes",
        N_("Themes…"),
        "themes",
        ("Ctrl+T",),
        N_("Make, change and share what maps are about, and show it on the map"),
        needs_project,
    ),
    ActionSpec(
        "theme-layer",
        N_("Theme by…"),
        "themes",
        ("Ctrl+Shift+T",),
        N_("Colour the layer chosen in the layer list by one of its fields"),
        needs_project,
    ),
    ActionSpec(
        "theme-legend",
        N_("Legend on the map"),
        "legend",
        ("Ctrl+Shift+W",),
        N_("Show the classes of the theme in a corner of the map"),
        needs_project,
        checkable=True,
    ),
    ActionSpec(
        "no-theme",
        N_("No theme on the map"),
        "no-theme",
        ("Ctrl+Alt+0",),
        N_("Bring the usual look of the map back"),
        needs_project,
    ),
)
THEME_MENU: Final = ("themes", "theme-layer", "theme-legend", "no-theme")
