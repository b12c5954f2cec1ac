"""Everything that menus, the tool row and keys can do, as a table."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.check_table import CHECK_ACTIONS, CHECK_MENU
from hjgis.ui.actions.delivery_table import DELIVERY_ACTIONS, DELIVERY_MENU
from hjgis.ui.actions.edit_table import (
    DRAW_MENU,
    EDIT_ACTIONS,
    EDIT_MENU,
    FACILITY_MENU,
    NETWORK_MENU,
)
from hjgis.ui.actions.finding_table import FINDING_ACTIONS, FINDING_MENU
from hjgis.ui.actions.lists_table import LISTS_ACTIONS
from hjgis.ui.actions.measure_table import MEASURE_ACTIONS, MEASURE_MENU
from hjgis.ui.actions.needs import (
    ActionSpec,
    needs_project,
    needs_redo,
    needs_selection,
    needs_undo,
    needs_writing,
)
from hjgis.ui.actions.network_table import NETWORK_ACTIONS
from hjgis.ui.actions.photo_table import PHOTO_ACTIONS, PHOTO_MENU
from hjgis.ui.actions.project_table import PROJECT_ACTIONS
from hjgis.ui.actions.query_table import QUERY_ACTIONS
from hjgis.ui.actions.receiver_table import RECEIVER_ACTIONS, RECEIVER_MENU
from hjgis.ui.actions.record_table import RECORD_ACTIONS, RECORD_MENU
from hjgis.ui.actions.theme_table import THEME_ACTIONS, THEME_MENU
from hjgis.ui.actions.view_table import LAYER_ACTIONS, VIEW_ACTIONS

ACTIONS: Final = (
    *PROJECT_ACTIONS,
    ActionSpec(
        "search",
        N_("Search everything…"),
        "search",
        ("Ctrl+K",),
        N_("Find features, roads, units, layers, commands and places as you type"),
    ),
    ActionSpec(
        "undo",
        N_("Undo"),
        "undo",
        ("Ctrl+Z",),
        N_("Take the latest change back, also one of another day"),
        needs_undo,
    ),
    ActionSpec(
        "redo",
        N_("Redo"),
        "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        N_("Do again what was taken back"),
        needs_redo,
    ),
    ActionSpec(
        "clear-selection",
        N_("Clear selection"),
        "clear",
        ("Ctrl+Shift+A", "Ctrl+Alt+A"),
        N_("Nothing is selected any more"),
        needs_selection,
    ),
    ActionSpec(
        "identify",
        N_("Identify"),
        "identify",
        ("Ctrl+Shift+I",),
        N_("Click a feature to see and edit its attributes; it never moves anything"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "select",
        N_("Select by rectangle"),
        "select",
        ("Ctrl+Alt+S",),
        N_("Pull a rectangle; Shift adds, Ctrl adds or takes away"),
        needs_project,
        tool=True,
    ),
    *VIEW_ACTIONS,
    ActionSpec(
        "measure-distance",
        N_("Measure length"),
        "measure",
        ("Ctrl+Shift+M",),
        N_("Length along the clicked points"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "measure-area",
        N_("Measure area"),
        "measure-area",
        ("Ctrl+Alt+J",),
        N_("Area inside the clicked points"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "snapping",
        N_("Snapping"),
        "snap",
        ("S",),
        N_("The mouse is drawn to nodes, vertices and edges"),
        needs_project,
        checkable=True,
    ),
    *LAYER_ACTIONS,
    ActionSpec(
        "assignments",
        N_("Assignments…"),
        "assignments",
        ("Ctrl+Alt+6",),
        N_("Say who answers for which kinds of assets in which area"),
        needs_project,
    ),
    ActionSpec(
        "check",
        N_("Check data"),
        "check",
        ("F9",),
        N_("Completeness, values, identifiers and network"),
        needs_project,
    ),
    ActionSpec(
        "issues",
        N_("Check results"),
        "findings",
        ("Ctrl+4",),
        N_("Show what the latest check found"),
        needs_project,
    ),
    *FINDING_ACTIONS,
    *CHECK_ACTIONS,
    ActionSpec(
        "targets",
        N_("Target board"),
        "targets",
        ("Ctrl+5",),
        N_("What the layers hold against what the notice asks for"),
        needs_project,
    ),
    ActionSpec(
        "map",
        N_("Thematic map\u2026"),
        "map",
        ("Ctrl+P",),
        N_("A sheet with title, legend and scale bar as PDF or picture"),
        needs_project,
    ),
    ActionSpec(
        "import",
        N_("Import\u2026"),
        "import",
        ("Ctrl+I",),
        N_("Files of other programs into a layer: Shapefile, GeoPackage, DXF, workbooks and more"),
        needs_writing,
    ),
    *DELIVERY_ACTIONS,
    ActionSpec(
        "settings",
        N_("Settings\u2026"),
        "settings",
        ("Ctrl+,",),
        N_("Language and operator name"),
    ),
    ActionSpec(
        "handbook",
        N_("Handbook"),
        "handbook",
        ("F1",),
        N_("What to do step by step; opens at the page about the panel or window in use"),
    ),
    ActionSpec(
        "keys",
        N_("Keys"),
        "keys",
        ("Ctrl+Shift+F1",),
        N_("Show all shortcuts"),
    ),
    ActionSpec(
        "doctor",
        N_("Examine the program"),
        "doctor",
        ("Ctrl+Alt+F1",),
        N_("Look whether fonts, formats, folders and the project's file are in order"),
    ),
    ActionSpec(
        "about",
        N_("About hjgis"),
        "help",
        ("Shift+F1",),
        N_("Version of the program"),
    ),
    *RECEIVER_ACTIONS,
    *LISTS_ACTIONS,
    *RECORD_ACTIONS,
    *PHOTO_ACTIONS,
    *EDIT_ACTIONS,
    *NETWORK_ACTIONS,
    *QUERY_ACTIONS,
    *MEASURE_ACTIONS,
    *THEME_ACTIONS,
)

DRAW: Final = "draw."
RECENT_MENU: Final = "recent-menu"
BOOKMARK_MENU: Final = "bookmark-menu"
# The layers that the mouse is drawn to.
SNAP_MENU: Final = "snap-menu"

# Menus in the menu of facilities, which would be longer than a small screen without them.
SUBMENUS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "network-menu": (N_("Pipe network"), "trace-all", NETWORK_MENU),
    "record-menu": (N_("Inspections and repairs"), "record-add", RECORD_MENU),
    "photo-menu": (N_("Photos and papers"), "photo", (*PHOTO_MENU, "", "photos-clean")),
}
MENUS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        N_("Project"),
        (
            "new",
            "open",
            RECENT_MENU,
            "sample",
            "",
            "save",
            "save-copy",
            "restore-backup",
            "close",
            "",
            "quit",
        ),
    ),
    (N_("Edit"), EDIT_MENU),
    (
        N_("View"),
        (
            *("pan", "zoom-box", "full-extent", "zoom-selection", "zoom-in", "zoom-out", ""),
            *("previous-view", "next-view", BOOKMARK_MENU, "", "overview", "show-assigned"),
            *(
                "layers",
                "attributes",
                "history",
                "table",
                "targets",
                "issues",
                "next-panel",
                "menu-bar",
            ),
        ),
    ),
    (N_("History"), ("history", "", "discard", "checkpoints", "", "archive")),
    (
        N_("Layer"),
        (
            *("zoom-layer", "layer-table", "", "layer-lock", "layer-up", "layer-down", ""),
            *("layer-add", "layer-rename", "layer-take-out", "", "show-all", "hide-all", ""),
            *("add-picture", "add-file"),
        ),
    ),
    (N_("Facilities"), (*FACILITY_MENU, "", *SUBMENUS)),
    (
        N_("Checks"),
        (
            *("check", "issues", *FINDING_MENU, "", *CHECK_MENU, ""),
            *("targets", "", *MEASURE_MENU),
        ),
    ),
    (N_("Mapping"), ("map", "", *THEME_MENU)),
    (N_("Data exchange"), ("import", "", *DELIVERY_MENU)),
    (
        N_("Tools"),
        (
            *("measure-distance", "measure-area", "", "snapping", SNAP_MENU, "", "statistics", ""),
            *("lists", "renumber", ""),
            *RECEIVER_MENU,
        ),
    ),
    (N_("Settings"), ("assignments", "", "settings")),
    (N_("Help"), ("handbook", "keys", "", "doctor", "about")),
)
# What opens a menu together with Alt; each is a letter of the English title.
MENU_LETTERS: Final = {
    **{"Project": "P", "Edit": "E", "View": "V", "History": "I", "Layer": "L", "Facilities": "F"},
    **{"Checks": "C", "Mapping": "M", "Data exchange": "D", "Tools": "T"},
    **{"Settings": "S", "Help": "H"},
}
# Stand above the named places in the menu of bookmarks.
BOOKMARK_ENTRIES: Final = ("bookmark-add", "bookmarks")
# An empty entry is a line between groups; the words stand beside the icons of `WORDED`.
TOOL_ROW: Final = (
    *("open", ""),
    *("identify", "select", "pan", "full-extent", "previous-view", "next-view"),
    *("", "measure-distance", ""),
    *(DRAW_MENU, "move-node", "vertices", "split", "row", "snapping", "", "undo", "redo", ""),
    *("table", "check", "targets", "map", "import", "deliver"),
)
WORDED: Final = frozenset({"identify", DRAW_MENU, "check", "targets", "map", "deliver"})
