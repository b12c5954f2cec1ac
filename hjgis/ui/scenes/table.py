"""Scenes of the windows of the attribute table, with something in each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QDialog, QWidget

from hjgis.models.expression_functions import BY_NAME
from hjgis.models.pasting import read_block
from hjgis.ui.dialogs.table.batch import BatchDialog
from hjgis.ui.dialogs.table.calculator import CalculatorDialog
from hjgis.ui.dialogs.table.columns import ColumnsDialog
from hjgis.ui.dialogs.table.exporting import ExportTableDialog
from hjgis.ui.dialogs.table.pasting import PasteDialog
from hjgis.ui.dialogs.table.replace import ReplaceDialog
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.scenes.stage import USUAL_LAYER, Stage

_PASTED: Final = 8
_PASTED_FIELDS: Final = ("exp_no", "well_depth_m", "built_year")


def paste(stage: Stage) -> QWidget:
    """Show what is about to be pasted, with a line that does not fit."""
    table = _table(stage)
    model = table.model
    rows = [model.shown(row, model.column_of("exp_no")) for row in range(_PASTED)]
    lines = [f"{name}\t{1.5 + row}\t{2000 + row}" for row, name in enumerate(rows)]
    heads = [_title(table, name) for name in _PASTED_FIELDS]
    block = read_block("\n".join(["\t".join(heads), *lines, "?\tdeep\t1020"]))
    return stage.shown(PasteDialog(table, block))


def replace(stage: Stage) -> QWidget:
    """Show find and replace."""
    table = _table(stage)
    dialog = ReplaceDialog(table)
    dialog.find_line.setText(table.model.shown(0, table.model.column_of("exp_no"))[:2])
    dialog.put_line.setText("JG")
    return stage.shown(dialog)


def calculator(stage: Stage) -> QWidget:
    """Show the field calculator."""
    table = _table(stage)
    dialog = CalculatorDialog(table)
    dialog.fields.setCurrentIndex(dialog.fields.findData("well_depth_m"))
    ground, bottom = (_title(table, name) for name in ("ground_elev_m", "bottom_elev_m"))
    dialog.text.setPlainText(f"{BY_NAME['round'].name}([{ground}] - [{bottom}], 2)")
    return stage.shown(dialog)


def batch(stage: Stage) -> QWidget:
    """Show the window that gives many rows one value."""
    return stage.shown(BatchDialog(_table(stage)))


def columns(stage: Stage) -> QWidget:
    """Show the window that chooses columns."""
    return stage.shown(ColumnsDialog(_table(stage)))


def export(stage: Stage) -> QWidget:
    """Show the window that writes the table to a file."""
    dialog: QDialog = ExportTableDialog(_table(stage), Path(f"{USUAL_LAYER}.xlsx"))
    return stage.shown(dialog)


def _table(stage: Stage) -> TablePanel:
    """Return the table with a current cell and a few rows selected."""
    stage.docks.open_table(USUAL_LAYER)
    stage.wait()
    table = stage.docks.table
    table.view.setCurrentIndex(table.model.index(0, table.model.column_of("exp_no")))
    return table


def _title(table: TablePanel, name: str) -> str:
    return table.model.columns[table.model.column_of(name)].title
