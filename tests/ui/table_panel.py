"""A table of a thousand wells, and the hands that use it."""

from __future__ import annotations

import numpy as np
import shapely
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget

from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.ui.panels.table import TablePanel

COUNT = 1000


def fill(project: Project) -> None:
    points = shapely.points(np.arange(COUNT, dtype=float), np.zeros(COUNT))
    depths = [float(number % 7) for number in range(COUNT)]
    names = [f"M{number:04d}" for number in range(COUNT)]
    roads = [("胜利路", "建设街")[number % 2] for number in range(COUNT)]
    columns = {"exp_no": names, "well_depth_m": depths, "road_name": roads}
    bulk = BulkInsert("manhole", points, columns)
    project.session.apply(ChangeSet("import", bulk=(bulk,)))


def column(panel: TablePanel, name: str) -> int:
    return panel.model.column_of(name)


def shown(panel: TablePanel, name: str, rows: range) -> list[str]:
    return [panel.model.shown(row, column(panel, name)) for row in rows]


def click_heading(panel: TablePanel, name: str) -> None:
    panel.view.horizontalHeader().sectionClicked.emit(column(panel, name))


def beside(panel: TablePanel, name: str) -> str:
    """Return the column that stands right of another."""
    order = panel.view.visible_columns()
    return panel.model.columns[order[order.index(column(panel, name)) + 1]].name


def go_to(panel: TablePanel, row: int, name: str) -> None:
    panel.view.setCurrentIndex(panel.model.index(row, column(panel, name)))


def select(panel: TablePanel, rows: range, *names: str) -> None:
    """Select cells of columns, the first one current."""
    go_to(panel, rows[0], names[0])
    chosen = QItemSelection()
    for name in names:
        at = column(panel, name)
        chosen.select(panel.model.index(rows[0], at), panel.model.index(rows[-1], at))
    panel.view.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def editor(panel: TablePanel) -> QWidget:
    """Return the editor that is open in a cell."""
    found = panel.view.viewport().findChildren(
        QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
    )
    (one,) = [widget for widget in found if widget.isVisible()]
    return one


def compose(widget: QWidget, preedit: str, commit: str = "") -> None:
    """Let an input method show letters, or put in the word that they mean."""
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(widget, event)
