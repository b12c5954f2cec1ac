"""Opens the windows of the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QDialog

from hjgis.i18n import _, label
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.dialogs.table.batch import BatchDialog
from hjgis.ui.dialogs.table.calculator import CalculatorDialog
from hjgis.ui.dialogs.table.columns import ColumnsDialog
from hjgis.ui.dialogs.table.exporting import ExportTableDialog
from hjgis.ui.dialogs.table.frame import TableDialog
from hjgis.ui.dialogs.table.pasting import PasteDialog, clipboard_block
from hjgis.ui.dialogs.table.replace import ReplaceDialog
from hjgis.ui.panels.table import TablePanel

_PLAIN: Final[dict[str, Callable[[TablePanel], TableDialog]]] = {
    "batch": BatchDialog,
    "replace": ReplaceDialog,
    "calculator": CalculatorDialog,
    "columns": ColumnsDialog,
}


def open_dialog(panel: TablePanel, command: str) -> QDialog | None:
    """Return the window of a command; None where a word is said instead."""
    if command == "paste":
        return _paste(panel)
    if command == "export":
        return _export(panel)
    return _PLAIN[command](panel)


def _paste(panel: TablePanel) -> QDialog | None:
    block = clipboard_block()
    if not block:
        panel.troubled.emit(_("There is no text on the clipboard; copy cells in Excel first."))
        return None
    if len(block) == 1 and len(block[0]) == 1:
        # One value goes straight into the selected cells, as in a spreadsheet.
        panel.edits.put_text(block[0][0])
        return None
    return PasteDialog(panel, block)


def _export(panel: TablePanel) -> QDialog | None:
    assert panel.model.asset is not None
    kinds = _("Excel workbook (*.xlsx);;CSV for Excel (*.csv)")
    start = Path(f"{label(panel.model.asset.label)}.xlsx")
    target = ask_target(panel, _("Export table"), start, kinds)
    return ExportTableDialog(panel, target) if target is not None else None
