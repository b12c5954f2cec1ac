"""Step 1: who gets it, what for, and under which secrecy."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QFormLayout, QLineEdit

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.delivery_rules import delivery_rules
from hjgis.ui.deliveries.wishes import Wishes, WishPage
from hjgis.ui.page_parts import column_of, muted

_WIDEST_PX = 460


class WhoPage(WishPage):
    """Recipient, purpose and secrecy: without them nothing leaves the house."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.recipient, self.purpose = QLineEdit(), QLineEdit()
        self.recipient.setPlaceholderText(_("Unit and person, e.g. a construction company"))
        self.purpose.setPlaceholderText(_("What it is needed for, e.g. renewal of lamps"))
        known = project.deliveries.entries()
        for box, said in (
            (self.recipient, [entry.recipient for entry in known]),
            (self.purpose, [entry.purpose for entry in known]),
        ):
            box.setMaximumWidth(_WIDEST_PX)
            completer = QCompleter(list(dict.fromkeys(said)), box)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            box.setCompleter(completer)
            box.textChanged.connect(self.changed)
        self.approved = QLineEdit()
        self.approved.setMaximumWidth(_WIDEST_PX)
        words = _("only for more than {limit:g} km² of continuous ground")
        self.approved.setPlaceholderText(words.format(limit=delivery_rules().area.limit_km2))
        self.secrecy = QComboBox()
        self.secrecy.setMaximumWidth(_WIDEST_PX)
        self.secrecy.addItem(_("As high as what is in it"), "")
        for entry in project.catalogue.codes("secrecy_class").codes:
            self.secrecy.addItem(label(entry.label), entry.code)
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow(_("Who gets it"), self.recipient)
        form.addRow(_("What for"), self.purpose)
        form.addRow(_("Secrecy"), self.secrecy)
        form.addRow(_("Approved by"), self.approved)
        column = column_of(self)
        column.setSpacing(16)
        column.addWidget(
            muted(
                _(
                    "Every delivery is written into the register of the project: who was given"
                    " what, when and what for. It cannot be taken out again."
                )
            )
        )
        column.addLayout(form)
        column.addStretch(1)

    def show_wishes(self, wishes: Wishes) -> None:
        self.recipient.setText(wishes.order.recipient)
        self.purpose.setText(wishes.order.purpose)
        self.approved.setText(wishes.order.approved)
        self.secrecy.setCurrentIndex(max(0, self.secrecy.findData(wishes.order.secrecy)))

    @property
    def missing(self) -> str:
        if not self.recipient.text().strip():
            return _("Say who gets it.")
        if not self.purpose.text().strip():
            return _("Say what it is for.")
        return ""

    def wished(self, wishes: Wishes) -> Wishes:
        order = replace(
            wishes.order,
            recipient=" ".join(self.recipient.text().split()),
            purpose=" ".join(self.purpose.text().split()),
            secrecy=self.secrecy.currentData(),
            approved=" ".join(self.approved.text().split()),
        )
        return replace(wishes, order=order)
