"""What can be done in the attribute table, as a table: its tool row and its menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hjgis.i18n import N_


@dataclass(frozen=True, slots=True)
class TableCommand:
    """One entry; `writes` where it needs a project that can be edited."""

    id: str
    words: str
    icon: str
    hint: str
    keys: str = ""
    writes: bool = False


COMMANDS: Final = (
    TableCommand(
        "zoom", N_("Zoom to selected rows"), "zoom-selection",
        N_("Show the selected rows on the map"),
    ),
    TableCommand(
        "invert", N_("Invert selection"), "invert",
        N_("Select the rows of the table that are not selected"),
    ),
    TableCommand(
        "copy", N_("Copy with headings"), "copy",
        N_("Put the selected cells on the clipboard, for Excel or WPS"), "Ctrl+C",
    ),
    TableCommand(
        "paste", N_("Paste from a spreadsheet…"), "paste",
        N_("Look at what was copied in Excel or WPS, then store it from the current cell on"),
        "Ctrl+V", writes=True,
    ),
    TableCommand(
        "fill-down", N_("Fill down"), "fill-down",
        N_("Give all selected cells of a column the value of the first one"), "Ctrl+D", writes=True,
    ),
    TableCommand("empty", N_("Empty cells"), "clear", N_("Empty the selected cells"), "Del",
                 writes=True),
    TableCommand(
        "batch", N_("Set a field…"), "batch-edit",
        N_("Give a field of the selected rows one value; see before what it changes"), writes=True,
    ),
    TableCommand(
        "replace", N_("Find and replace…"), "replace",
        N_("Replace text in columns; see before what it changes"), "Ctrl+H", writes=True,
    ),
    TableCommand(
        "calculator", N_("Field calculator…"), "calculator",
        N_("Work a field out from others, for selected rows or all"), writes=True,
    ),
    TableCommand(
        "groups", N_("Group totals"), "groups",
        N_("Count and add up the rows of the table by the values of a field"),
    ),
    TableCommand(
        "columns", N_("Columns…"), "columns", N_("Choose which columns are shown, and their order")
    ),
    TableCommand(
        "export", N_("Export table…"), "export",
        N_("Write the rows and columns that are shown to an Excel or CSV file"),
    ),
)  # fmt: skip
BY_ID: Final = {command.id: command for command in COMMANDS}
TOOL_ROW: Final = ("zoom", "invert", "", "copy", "paste", "", "batch", "replace", "calculator", "",
                   "groups", "columns", "export")  # fmt: skip
MENU: Final = ("zoom", "invert", "", "copy", "paste", "fill-down", "empty", "", "batch", "replace",
               "calculator", "", "groups", "columns", "export")  # fmt: skip
