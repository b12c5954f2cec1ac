"""Select by location: features of one layer by how they lie to those of another."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.models.query import Location, Part, Query
from hjgis.models.sentences import sentence
from hjgis.ui.dialogs.query.choosing import ChoosingDialog
from hjgis.ui.page_parts import tab_after
from hjgis.ui.sentence.choice_box import ChoiceBox
from hjgis.ui.sentence.rows import PlaceRow
from hjgis.ui.sentence.surroundings import Surroundings
from hjgis.ui.theme import allow

_WIDTH, _HEIGHT = 720, 270
_WHAT: Final = "manhole"


class LocationDialog(ChoosingDialog):
    """What, how it lies, to what."""

    def __init__(self, around: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(around, parent)
        self.setWindowTitle(_("Select by location"))
        self.layers = ChoiceBox()
        self.only_selected = QCheckBox(_("only those that are selected now"))
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._place_box = QVBoxLayout()
        self.place = PlaceRow(around)
        self._lay_out()
        self.layers.chosen.connect(self.recount)
        self.only_selected.toggled.connect(self.recount)
        around.selection.changed.connect(self._refresh_selected)
        self.refresh()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.addRow(_("Select features of"), self.layers)
        form.addRow("", self.only_selected)
        form.addRow(_("that lie so"), self._place_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(self._said)
        column.addStretch(1)
        column.addLayout(self.ways_row())
        column.addLayout(self.buttons_row())
        self.resize(_WIDTH, _HEIGHT)

    def refresh(self) -> None:
        """List layers, saved queries and the selection anew."""
        chosen = self.layers.choice or _WHAT
        assets = reversed([a for a in self.around.project.types.values() if a.is_spatial])
        self.layers.offer([(label(asset.label), asset.id) for asset in assets])
        self.layers.choose(chosen)
        self._renew_place(None)
        self._refresh_selected()
        self.recount()

    def show_place(self, part: Location) -> None:
        """Show a relation and what it is to."""
        self._renew_place(part)
        self.recount()

    def wanted(self) -> Query | None:
        parts: tuple[Part, ...] = (self.place.part(),)
        selected = self.around.selected() if self.only_selected.isChecked() else None
        if selected is not None and selected.layer == self.layers.choice:
            parts = (*selected.conditions, *parts)
        query = Query(str(self.layers.choice), parts)
        project = self.around.project
        self._said.setText(sentence(query, project.types, project.catalogue))
        return query

    def _renew_place(self, part: Location | None) -> None:
        part = part or self.place.part()
        old, self.place = self.place, PlaceRow(self.around)
        old.hide()
        old.deleteLater()
        self.place.as_only_row()
        self.place.show_part(part)
        self.place.changed.connect(self.recount)
        self._place_box.addWidget(self.place)
        tab_after(self.only_selected, (self.place,))

    def _refresh_selected(self) -> None:
        same = self.around.selection.layer == self.layers.choice
        allow(self.only_selected, "", "" if same else _("Nothing of this layer is selected."))
        if not same:
            self.only_selected.setChecked(False)
