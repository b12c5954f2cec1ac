"""What windows that select by a query have in common: how many, what becomes of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QWidget,
)

from hjgis.i18n import N_, _, grouped
from hjgis.models.changes import Announcement
from hjgis.models.query import Query, layers_of
from hjgis.ui.selection import Selection
from hjgis.ui.sentence.counting import Counting
from hjgis.ui.sentence.surroundings import Surroundings

WAYS: Final = (
    ("new", N_("New selection")),
    ("add", N_("Add to it")),
    ("remove", N_("Take away from it")),
    ("within", N_("Only among it")),
)


def chosen(selection: Selection, layer: str, fids: NDArray[np.int64], way: str) -> None:
    """Make features the selection, or add them to it, take them away or leave only them."""
    none = np.empty(0, np.int64)
    before = selection.fids if selection.layer == layer else none
    if way == "remove":
        if selection.layer == layer:
            selection.set(layer, np.setdiff1d(before, fids))
        return
    if way == "add":
        fids = np.union1d(before, fids)
    elif way == "within":
        fids = np.intersect1d(before, fids)
    selection.set(layer, fids)


class ChoosingDialog(QDialog):
    """Stays open beside the map; counts what its query finds, and selects it."""

    zoom_wanted = Signal()

    def __init__(self, around: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.around = around
        self.counting = Counting(around.project, self)
        self._fids: NDArray[np.int64] | None = None
        self._selects = self._zooms = False
        self.count = QLabel()
        self.select_button = QPushButton(_("Select"))
        self.select_button.setObjectName("primary")
        self._zoom = QPushButton(_("Select and zoom"))
        self._close = QPushButton(_("Close"))
        self._ways = QButtonGroup(self)
        for number, (_way, words) in enumerate(WAYS):
            button = QRadioButton(_(words))
            button.setChecked(not number)
            self._ways.addButton(button, number)
        self.select_button.clicked.connect(self.select)
        self._zoom.clicked.connect(self.select_and_zoom)
        self._close.clicked.connect(self.reject)
        self.counting.found.connect(self._found)
        self.counting.failed.connect(self._failed)

    def wanted(self) -> Query | None:
        """Return the query; None while it is not finished."""
        raise NotImplementedError

    def ways_row(self) -> QHBoxLayout:
        """Return the buttons that say what becomes of the selection."""
        row = QHBoxLayout()
        row.setSpacing(16)
        for button in self._ways.buttons():
            row.addWidget(button)
        row.addStretch(1)
        return row

    def buttons_row(self, *more: QPushButton) -> QHBoxLayout:
        """Return the count at the left and the buttons at the right."""
        row = QHBoxLayout()
        row.addWidget(self.count, 1)
        for button in (*more, self._zoom, self.select_button, self._close):
            # Enter takes what is typed; where it is a whole sentence, the line says so itself.
            button.setAutoDefault(False)
            row.addWidget(button)
        return row

    def recount(self) -> None:
        """Count anew, soon."""
        query = self.wanted()
        self._fids = None
        self.count.setText(_("Counting…") if query is not None else "")
        self.select_button.setEnabled(query is not None)
        self._zoom.setEnabled(query is not None)
        self.counting.ask(query)

    def heard(self, announcement: Announcement) -> None:
        """Count anew if what was edited decides what is found."""
        query = self.wanted() if self.isVisible() else None
        if query is not None and not layers_of(query).isdisjoint(announcement.layers):
            self.recount()

    def select(self) -> None:
        """Select what is found, as soon as it is."""
        self._selects = True
        if self._fids is not None:
            self._apply()
        elif not self.counting.busy:
            self.recount()

    def select_and_zoom(self) -> None:
        """Select what is found and show it."""
        self._zooms = True
        self.select()

    def _found(self, query: Query, fids: NDArray[np.int64]) -> None:
        self._fids = fids
        total = self.around.project.count(query.layer)
        text = _("{count} of {total} found")
        self.count.setText(text.format(count=grouped(len(fids)), total=grouped(total)))
        if self._selects:
            self._apply()

    def _apply(self) -> None:
        self._selects = False
        query = self.wanted()
        if query is not None and self._fids is not None:
            way = WAYS[self._ways.checkedId()][0]
            chosen(self.around.selection, query.layer, self._fids, way)
            if self._zooms:
                self.zoom_wanted.emit()
        self._zooms = False

    def _failed(self, text: str) -> None:
        self._selects = self._zooms = False
        self.count.setText(text)
