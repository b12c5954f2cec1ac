"""What can be done with photos and papers, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import (
    ActionSpec,
    needs_editable_selection,
    needs_selection,
    needs_writing,
)

PHOTO_ACTIONS: Final = (
    ActionSpec(
        "photo-add",
        N_("Add photos or papers…"),
        "photo-add",
        ("Ctrl+F7",),
        N_("Attach files to the selected asset; they are kept in the project"),
        needs_editable_selection,
    ),
    ActionSpec(
        "photos",
        N_("Look at photos"),
        "photo",
        ("Ctrl+F8",),
        N_("Show the photos and papers of the selected asset large"),
        needs_selection,
    ),
    ActionSpec(
        "photos-match",
        N_("Photos of a folder…"),
        "photos-match",
        ("Ctrl+Shift+F7",),
        N_("Share out a folder of photos among the assets nearest to where they were taken"),
        needs_writing,
    ),
    ActionSpec(
        "camera-folder",
        N_("Watch a camera folder…"),
        "camera",
        ("Ctrl+Shift+F8",),
        N_("Attach photos that appear in a folder to the selected asset, as they come"),
        needs_writing,
        checkable=True,
    ),
    ActionSpec(
        "photos-bring",
        N_("Photos of another file…"),
        "photos-bring",
        ("Ctrl+Alt+F7",),
        N_("Take over photos and papers of the same assets from an exported GeoPackage or copy"),
        needs_writing,
    ),
    ActionSpec(
        "photos-clean",
        N_("Clean up photos…"),
        "photos-clean",
        ("Ctrl+Alt+F8",),
        N_("Take out of the file what no attachment and no change in the history needs"),
        needs_writing,
    ),
)
PHOTO_MENU: Final = ("photo-add", "photos", "photos-match", "camera-folder", "photos-bring")
