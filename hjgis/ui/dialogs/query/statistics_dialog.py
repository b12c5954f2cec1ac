"""The window of statistics; it stays open beside the map."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from hjgis.i18n import _
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.panels.statistics import StatisticsPanel


class StatisticsDialog(QDialog):
    """Holds the panel."""

    def __init__(self, panel: StatisticsPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Statistics"))
        self.panel = panel
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.addWidget(panel, 1)
        foot = button_row(self, ())
        foot.insertWidget(0, panel.said, 1)
        column.addLayout(foot)
        self.resize(1080, 560)
