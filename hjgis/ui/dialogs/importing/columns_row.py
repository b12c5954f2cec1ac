"""Which columns of a table hold the places."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QWidget

from hjgis.exchange.sources import LayerSummary
from hjgis.exchange.tables import BOOK_SUFFIXES, TEXT_SUFFIXES
from hjgis.i18n import _
from hjgis.ui.dialogs.importing.choices import Choices
from hjgis.ui.dialogs.importing.work import Found
from hjgis.ui.page_parts import muted, narrow

# More digits than these tell no more.
_LONGEST: Final = 12


class CoordinateColumns(QWidget):
    """Asks for the columns of east and north; both must be said."""

    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.north, self.east = QComboBox(), QComboBox()
        self.nothing = QPushButton(_("No coordinates: take as a table"))
        self.nothing.setAutoDefault(False)
        self.hint = muted(_("In surveys X is north and Y is east: look at the values."))
        self._needed = False
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        for row, (words, box) in enumerate(
            ((_("North (X), latitude"), self.north), (_("East (Y), longitude"), self.east))
        ):
            grid.addWidget(QLabel(words), row, 0)
            grid.addWidget(box, row, 1)
            narrow(box)
            box.setPlaceholderText(_("choose a column…"))
            box.activated.connect(self._chosen)
        grid.addWidget(self.hint, 2, 0, 1, 2)
        grid.addWidget(self.nothing, 3, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self.nothing.clicked.connect(self._none)

    @property
    def is_needed(self) -> bool:
        """Whether the file is a table whose places stand in columns."""
        return self._needed

    def show_choices(self, choices: Choices, found: Found) -> None:
        """Offer the columns with their first values, so that eyes can tell which is which."""
        question = found.question
        asked = question is not None and question.option.startswith("--x")
        placeless = found.layer is not None and not found.layer.spatial
        is_table = choices.source.suffix.casefold() in (*TEXT_SUFFIXES, *BOOK_SUFFIXES)
        self._needed = is_table and (asked or choices.x is not None or placeless)
        table = found.table or found.summary
        names = question.candidates if asked and question else table.columns if table else ()
        for box, chosen in ((self.north, choices.y), (self.east, choices.x)):
            box.clear()
            for name in names:
                box.addItem(_with_values(name, table), name)
            box.setCurrentIndex(box.findData(chosen))
        self.nothing.setVisible(not placeless)

    def _chosen(self) -> None:
        x, y = self.east.currentData(), self.north.currentData()
        if x and y and x != y:
            self.answered.emit({"x": x, "y": y, "spatial": None, "swap": False, "as_is": False})

    def _none(self) -> None:
        self.answered.emit({"x": None, "y": None, "spatial": False})


def _with_values(name: str, table: LayerSummary | None) -> str:
    if table is None or name not in table.columns:
        return name
    place = table.columns.index(name)
    values = [row[place][:_LONGEST] for row in table.samples if row[place]][:2]
    return "   ".join([name, "  ".join(values)]) if values else name
