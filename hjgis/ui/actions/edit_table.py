"""What technicians do to features, as a table: tools of the map and edits of what is selected."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import (
    ActionSpec,
    needs_editable_selection,
    needs_project,
    needs_selection,
    needs_writing,
)
from hjgis.ui.actions.query_table import QUERY_MENU

DRAW_MENU: Final = "draw-menu"
NODE_MENU: Final = "node-menu"

EDIT_TOOLS: Final = (
    ActionSpec(
        "move-node",
        N_("Move point"),
        "move",
        ("Ctrl+Shift+D",),
        N_("Drag a point; pipes that end there follow, with Alt they stay"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "vertices",
        N_("Vertices"),
        "vertices",
        ("Ctrl+Shift+V",),
        N_("Drag, add and take out single points of lines and areas"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "split",
        N_("Split"),
        "split",
        ("Ctrl+Shift+X",),
        N_("Cut lines and areas in two; levels and lengths are shared out"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "reshape",
        N_("Reshape"),
        "reshape",
        ("Ctrl+Shift+R",),
        N_("Draw the new course of a stretch of a line or of an area's edge"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "extend",
        N_("Extend or trim"),
        "extend",
        ("Ctrl+Shift+E",),
        N_("Let lines reach an edge, or cut them off there"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "offset",
        N_("Copy aside"),
        "offset",
        ("Ctrl+Shift+O",),
        N_("Copy a line or area at a distance from it"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "add-hole",
        N_("Add hole"),
        "add-hole",
        ("Ctrl+Shift+H",),
        N_("Draw a hole into an area"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "add-part",
        N_("Add piece"),
        "add-part",
        ("Ctrl+Shift+P",),
        N_("Draw another piece of the selected area"),
        needs_editable_selection,
        tool=True,
    ),
    ActionSpec(
        "take-away",
        N_("Take away hole or piece"),
        "take-away",
        ("Ctrl+Shift+K",),
        N_("Fill a hole, or take one of several pieces away"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "move",
        N_("Move selected"),
        "move-selected",
        ("Ctrl+Alt+M",),
        N_("Drag everything that is selected to another place"),
        needs_editable_selection,
        tool=True,
    ),
    ActionSpec(
        "rotate",
        N_("Turn selected"),
        "rotate",
        ("Ctrl+Alt+T",),
        N_("Turn everything that is selected about its middle"),
        needs_editable_selection,
        tool=True,
    ),
    ActionSpec(
        "scale",
        N_("Scale selected"),
        "scale",
        ("Ctrl+Alt+G",),
        N_("Make everything that is selected larger or smaller"),
        needs_editable_selection,
        tool=True,
    ),
    ActionSpec(
        "row",
        N_("Row of assets…"),
        "row",
        ("Ctrl+R",),
        N_("Bays along a kerb, lamps along a road, nodes on a pipe, stations in an area"),
        needs_writing,
        tool=True,
    ),
)

EDIT_COMMANDS: Final = (
    ActionSpec(
        "delete",
        N_("Delete selected features"),
        "delete",
        ("Del",),
        N_("Pipes that end at a deleted node stay and lose that end"),
        needs_editable_selection,
    ),
    ActionSpec(
        "copy",
        N_("Copy"),
        "copy",
        ("Ctrl+C",),
        N_("Put the selected features on the clipboard, for this or another project"),
        needs_selection,
    ),
    ActionSpec(
        "paste",
        N_("Paste"),
        "paste",
        ("Ctrl+V",),
        N_("Store the copied features anew, where they were, in this project's system"),
        needs_writing,
    ),
    ActionSpec(
        "duplicate",
        N_("Copy selected features"),
        "duplicate",
        ("Ctrl+D",),
        N_("Put copies beside the selected features; components get ids of their own"),
        needs_editable_selection,
    ),
    ActionSpec(
        "merge",
        N_("Merge…"),
        "merge",
        ("Ctrl+M",),
        N_("Make the selected features one, field by field"),
        needs_editable_selection,
    ),
    ActionSpec(
        "kind",
        N_("Change kind…"),
        "kind",
        ("Ctrl+Alt+K",),
        N_("Make the selected features another kind of asset, such as pipe points manholes"),
        needs_editable_selection,
    ),
    ActionSpec(
        "simplify",
        N_("Simplify…"),
        "simplify",
        ("Ctrl+Alt+I",),
        N_("Leave out points that hardly matter for the course"),
        needs_editable_selection,
    ),
    ActionSpec(
        "take-out-node",
        N_("Take out node"),
        "take-out-node",
        ("Ctrl+Alt+N",),
        N_("Delete the selected node and join the two pipes that meet there to one"),
        needs_editable_selection,
    ),
    ActionSpec(
        "connect-nearest",
        N_("Connect free ends"),
        "connect",
        ("Ctrl+Alt+C",),
        N_("Let free ends of the selected pipes belong to the nearest node within 2 m"),
        needs_editable_selection,
    ),
    ActionSpec(
        "disconnect",
        N_("Disconnect"),
        "disconnect",
        ("Ctrl+Alt+D",),
        N_("Let the ends of the selected pipes belong to no node; they stay where they are"),
        needs_editable_selection,
    ),
    ActionSpec(
        "reverse",
        N_("Turn round"),
        "reverse",
        ("Ctrl+Alt+R",),
        N_("Let the selected lines run the other way; what is said of their ends goes along"),
        needs_editable_selection,
    ),
    ActionSpec(
        "flow",
        N_("Flow direction by levels"),
        "flow",
        ("Ctrl+Alt+F",),
        N_(
            "Let the selected pipes flow downhill: those drawn uphill are turned round, and gravity"
            " pipes get their flow direction"
        ),
        needs_editable_selection,
    ),
    ActionSpec(
        "align",
        N_("Align points"),
        "align",
        ("Ctrl+Alt+L",),
        N_("Move the selected points onto the line between the outermost two"),
        needs_editable_selection,
    ),
    ActionSpec(
        "distribute",
        N_("Space points evenly"),
        "distribute",
        ("Ctrl+Alt+E",),
        N_("Move the selected points onto one line, equally far apart"),
        needs_editable_selection,
    ),
)
# Keys of these work in the attribute form only.
FORM_ACTIONS: Final = (
    ActionSpec(
        "previous-feature",
        N_("Previous feature"),
        "previous-feature",
        ("Ctrl+Shift+Return",),
        N_("Take what is typed in the form and go back to the feature before"),
        needs_selection,
    ),
    ActionSpec(
        "next-feature",
        N_("Next feature"),
        "next-feature",
        ("Ctrl+Return", "Ctrl+Enter"),
        N_("Take what is typed in the form and go on; while drawing, back to the map"),
        needs_selection,
    ),
    ActionSpec(
        "same-as-last",
        N_("Same as last"),
        "same-as-last",
        ("F2",),
        N_("Give the field of the form the value that the feature edited last has"),
        needs_editable_selection,
    ),
    ActionSpec(
        "all-as-last",
        N_("All as last"),
        "all-as-last",
        ("Shift+F2",),
        N_("Fill the empty fields of the form like those of the feature edited last"),
        needs_editable_selection,
    ),
)
TEMPLATE_ACTION: Final = ActionSpec(
    "templates",
    N_("Templates…"),
    "templates",
    ("Ctrl+Shift+F2",),
    N_("Rename and delete the named sets of values that new features start with"),
    needs_project,
)
EDIT_ACTIONS: Final = (*EDIT_TOOLS, *EDIT_COMMANDS, *FORM_ACTIONS, TEMPLATE_ACTION)

EDIT_MENU: Final = (
    *("undo", "redo", "", "search", "", "copy", "copy-id", "paste", "duplicate", "delete", ""),
    *("select", *QUERY_MENU, "clear-selection", ""),
    *("move", "rotate", "scale", "align", "distribute", ""),
    *("next-feature", "previous-feature", "same-as-last", "all-as-last", "templates"),
)
FACILITY_MENU: Final = (
    *(DRAW_MENU, "row", "", "identify", "move-node", "vertices", "split", "reshape", "extend"),
    *("offset", "simplify", "", "add-hole", "add-part", "take-away", "", "merge", "kind"),
)
NETWORK_MENU: Final = (
    *("take-out-node", "connect-nearest", "disconnect", "reverse", "flow", ""),
    *("trace-up", "trace-down", "trace-all", "next-break", "profile", "", NODE_MENU),
)
