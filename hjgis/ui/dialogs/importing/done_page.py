"""Step 7: what was stored."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from hjgis.i18n import _
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.tiles import Tiles
from hjgis.ui.dialogs.importing.work import Standing
from hjgis.ui.page_parts import column_of, muted

# Layers of drawings have long names.
_WIDEST_PX: Final = 260


class DonePage(Page):
    """Counts, and where to look next."""

    map_wanted = Signal()
    table_wanted = Signal()
    another_wanted = Signal()
    next_layer_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said = QLabel()
        self.said.setObjectName("heading")
        self.said.setWordWrap(True)
        self.tiles = Tiles()
        self.show_map = QPushButton(_("Show on the map"))
        self.show_map.setObjectName("primary")
        self.open_table = QPushButton(_("Open the table"))
        self.next_layer = QPushButton()
        self.another = QPushButton(_("Import another file"))
        row = QHBoxLayout()
        row.setSpacing(8)
        for button, signal in (
            (self.show_map, self.map_wanted),
            (self.open_table, self.table_wanted),
            (self.next_layer, self.next_layer_wanted),
            (self.another, self.another_wanted),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        column = column_of(self)
        column.setSpacing(14)
        column.addWidget(self.said)
        column.addWidget(self.tiles)
        column.addWidget(muted(_("It is one change: one undo (Ctrl+Z) takes all of it back.")))
        column.addLayout(row)
        column.addStretch(1)

    def show_standing(self, standing: Standing) -> None:
        trial, choices = standing.trial, standing.choices
        if trial is None or choices is None:
            return
        name = standing.found.next_layer if standing.found else None
        self.next_layer.setVisible(name is not None)
        following = _("Next layer: {name}").format(name=name)
        metrics, right = self.next_layer.fontMetrics(), Qt.TextElideMode.ElideRight
        self.next_layer.setText(metrics.elidedText(following, right, _WIDEST_PX))
        self.next_layer.setToolTip(following)
        words = _("{source} is imported.")
        self.said.setText(words.format(source=choices.source.name))
        self.tiles.show_counts(standing.stored)
