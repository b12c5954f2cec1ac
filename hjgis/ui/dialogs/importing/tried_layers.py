"""What would become of several layers: counts of each, below it what is refused and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from hjgis.exchange import at_once
from hjgis.exchange.at_once import Outcome
from hjgis.exchange.report import Problem
from hjgis.i18n import _, grouped
from hjgis.layers.project import Project
from hjgis.ui.page_parts import RIGHT, align_right

_LAYER, _BECOMES, _NEW, _LEFT_OUT = range(4)
_WIDTHS: Final = {_BECOMES: 220, _NEW: 80, _LEFT_OUT: 80}
# Of more layers each is opened by hand.
_MOST_OPEN: Final = 30


class TriedLayers(QTreeWidget):
    """One line a layer; what is to be looked at stands below it."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self.setObjectName("framed")
        self.setHeaderLabels([_("Layer"), _("Becomes"), _("New"), _("Left out")])
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setWordWrap(True)
        for column in (_NEW, _LEFT_OUT):
            align_right(self, column)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(_LAYER, QHeaderView.ResizeMode.Stretch)
        for place, width in _WIDTHS.items():
            self.setColumnWidth(place, width)

    def show_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Show what would become of layers in place of those before."""
        self.clear()
        for outcome in outcomes:
            top = QTreeWidgetItem(self._cells(outcome))
            for column in (_NEW, _LEFT_OUT):
                top.setTextAlignment(column, RIGHT)
            self.addTopLevelItem(top)
            for words in _below(outcome):
                line = QTreeWidgetItem(top, [words])
                line.setToolTip(_LAYER, words)
                line.setFirstColumnSpanned(True)
            top.setExpanded(len(outcomes) <= _MOST_OPEN or bool(outcome.left))

    def _cells(self, outcome: Outcome) -> list[str]:
        name, report = outcome.wanted.layer.name, outcome.report
        if report is None:
            return [name, _("not imported"), "", grouped(outcome.wanted.layer.count)]
        becomes = at_once.becomes(self._project, outcome.wanted)
        return [name, becomes, grouped(report.imported), grouped(report.rejected)]


def _below(outcome: Outcome) -> list[str]:
    """Return why a layer is left, or what is said of its records."""
    if outcome.report is None:
        return [outcome.left]
    return [_line(problem) for problem in outcome.report.problems]


def _line(problem: Problem) -> str:
    named = f"{problem.field}: " if problem.field else ""
    if problem.row is None:
        return f"{named}{problem.message}"
    rows = _("rows {rows}").format(rows=problem.rows or problem.row)
    return f"{named}{problem.message}  ({rows})"
