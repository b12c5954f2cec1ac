"""Numbers anew for a layer or what is selected, with all that would change beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from hjgis.edits.numbering import FIELD
from hjgis.edits.renumber import (
    ROADS,
    Renumbered,
    in_order,
    number_fields,
    renumber,
    renumber_ids,
    store_numbers,
)
from hjgis.i18n import N_, _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, Feature
from hjgis.models.identifiers import SYNTHETIC_SERIALS
from hjgis.models.rows import Numbering
from hjgis.models.validation import is_missing
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import MARGINS, cell, list_of

_ORDERS: Final = (
    ("road", N_("along the roads, road by road")),
    ("rows", N_("in rows from the north, each from the west")),
    ("west", N_("from west to east")),
    ("north", N_("from north to south")),
    ("number", N_("as they are numbered now")),
    ("stored", N_("as they were entered")),
)
# More at once take long to look at, and are hardly numbered by hand.
MOST: Final = 20_000
_SHOWN: Final = 500
_LATER_MS: Final = 150


class RenumberDialog(QDialog):
    """`make` is the edit; what is seen is what it does."""

    def __init__(
        self,
        project: Project,
        layer: str | None,
        fids: NDArray[np.int64],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Number anew"))
        self._project = project
        self._selected = (layer, fids)
        self._numbers: list[Renumbered] = []
        self._features: Sequence[Feature] = ()
        self.what, self.field, self.order = QComboBox(), QComboBox(), QComboBox()
        self.row_m = _number(50, 1, 5000)
        self.missing_only = QCheckBox(_("Only those that have none yet"))
        self.from_start = QCheckBox(_("Start at a number of my own"))
        self.first = _number(1, 1, SYNTHETIC_SERIALS.stop - 1)
        self.prefix = NameLine(hint=_("such as YS"))
        self.digits, self.step = _number(3, 1, 9), _number(1, 1, 1000)
        self.table = list_of([_("Now"), "", _("Then"), _("Remark")], [150, 24, 150, 0])
        self.said = QLabel()
        self.said.setWordWrap(True)
        self._later = QTimer(self, interval=_LATER_MS, singleShot=True)
        self._buttons = ok_cancel(self, _("Number anew"))
        self._ok = self._buttons.button(self._buttons.StandardButton.Ok)
        self._fill()
        self._build()
        self._connect()
        self._choose_what()

    def _fill(self) -> None:
        layer, fids = self._selected
        if layer is not None and number_fields(self._project.asset_type(layer)):
            words = _("selected: {count} × {layer}")
            name = label(self._project.asset_type(layer).label)
            self.what.addItem(words.format(count=len(fids), layer=name), layer)
        for asset in self._project.types.values():
            if asset.kind == "asset" and number_fields(asset) and self._project.count(asset.id):
                words = _("all of the layer {layer}").format(layer=label(asset.label))
                self.what.addItem(words, asset.id)
        has_roads = ROADS in self._project.types and self._project.count(ROADS) > 0
        for order, words in _ORDERS:
            if order != "road" or has_roads:
                self.order.addItem(_(words), order)

    def _build(self) -> None:
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(12)
        shape = QHBoxLayout()
        for words, widget in ((_("Digits"), self.digits), (_("Step"), self.step)):
            shape.addWidget(QLabel(words))
            shape.addWidget(widget)
        shape.addStretch(1)
        self._shape = QWidget()
        self._shape.setLayout(shape)
        shape.setContentsMargins(0, 0, 0, 0)
        self.form.addRow(_("Which"), self.what)
        self.form.addRow(_("Number"), self.field)
        self.form.addRow("", self.missing_only)
        self.form.addRow(_("Order"), self.order)
        self.form.addRow(_("Height of a row, m"), self.row_m)
        self.form.addRow("", self.from_start)
        self.form.addRow(_("Prefix"), self.prefix)
        self.form.addRow(_("First number"), self.first)
        self.form.addRow("", self._shape)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(8)
        column.addLayout(self.form)
        column.addWidget(self.table, 1)
        column.addWidget(self.said)
        column.addWidget(self._buttons)
        self.resize(620, 620)

    def _connect(self) -> None:
        self.what.currentIndexChanged.connect(self._choose_what)
        self.field.currentIndexChanged.connect(self._choose_field)
        self.order.currentIndexChanged.connect(self._refresh_rows)
        self.from_start.toggled.connect(self._refresh_rows)
        for check in (self.missing_only, self.from_start):
            check.toggled.connect(self._later.start)
        for box in (self.order, self.field):
            box.currentIndexChanged.connect(self._later.start)
        for number in (self.row_m, self.first, self.digits, self.step):
            number.valueChanged.connect(self._later.start)
        self.prefix.textChanged.connect(self._later.start)
        self._later.timeout.connect(self.look)

    # -- what is asked for ---------------------------------------------------------------

    def _choose_what(self) -> None:
        layer = self.what.currentData()
        blocked = self.field.blockSignals(True)
        self.field.clear()
        if layer is not None:
            asset = self._project.asset_type(layer)
            for name in number_fields(asset):
                self.field.addItem(label(asset.field(name).label), name)
        self.field.blockSignals(blocked)
        self._features = self._read()
        self._choose_field()
        self.look()

    def _choose_field(self) -> None:
        ids = self.field.currentData() == FIELD
        self.missing_only.setChecked(ids)
        self.from_start.setChecked(False)
        self._refresh_rows()

    def _refresh_rows(self) -> None:
        ids = self.field.currentData() == FIELD
        rows = {
            self.row_m: self.order.currentData() == "rows",
            self.from_start: ids,
            self.first: not ids or self.from_start.isChecked(),
            self.prefix: not ids,
            self._shape: not ids,
        }
        for widget, shown in rows.items():
            self.form.setRowVisible(widget, shown)

    def _read(self) -> Sequence[Feature]:
        """Read what is chosen; while the window is open nothing else changes it."""
        layer, fids = self._selected
        chosen = self.what.currentData()
        if chosen is None:
            return ()
        if self.what.currentIndex() > 0 or chosen != layer:
            fids = self._project.store.fids(chosen)
        if len(fids) > MOST:
            return ()
        return self._project.store.features(chosen, fids.tolist())

    # -- what comes of it ----------------------------------------------------------------

    def look(self) -> None:
        """Show what would become of the numbers."""
        self._later.stop()
        field, project = str(self.field.currentData()), self._project
        features = self._features
        if self.missing_only.isChecked():
            features = [one for one in features if is_missing(one.values.get(field))]
        ordered = in_order(
            project,
            features,
            self.order.currentData(),
            field=field,
            row_m=float(self.row_m.value()),
        )
        if field == FIELD:
            start = self.first.value() if self.from_start.isChecked() else None
            self._numbers = renumber_ids(project, ordered, project.number_plan, start=start)
        else:
            pattern = Numbering(
                self.prefix.text().strip(),
                self.first.value(),
                self.digits.value(),
                self.step.value(),
            )
            self._numbers = renumber(project, ordered, field, pattern)
        self._show()

    def make(self) -> ChangeSet:
        """Return the edit that stores what is seen."""
        return store_numbers(self._project, str(self.field.currentData()), self._numbers)

    def _show(self) -> None:
        shown = self._numbers[:_SHOWN]
        self.table.setRowCount(len(shown))
        for row, one in enumerate(shown):
            same = _("stays as it is") if one.new == one.old else ""
            texts = (str(one.old or "–"), "→", one.new or "–", one.trouble or same)
            for column, text in enumerate(texts):
                self.table.setItem(row, column, cell(text))
        troubles = [one.trouble for one in self._numbers if one.trouble]
        new = sum(1 for one in self._numbers if not one.trouble and one.new != one.old)
        layer = self.what.currentData()
        locked = layer in self._project.arrangement.locked
        reason = _("The layer is locked in the layer list.") if locked else ""
        # In use elsewhere: whoever numbers on would leave gaps without knowing.
        taken = self.from_start.isChecked() or self.field.currentData() != FIELD
        blocked = bool(reason) or not new or (taken and bool(troubles))
        self._ok.setEnabled(not blocked)
        self.said.setObjectName("error" if troubles or reason else "muted")
        self.said.style().polish(self.said)
        self.said.setText(reason or self._words(new, troubles))

    def _words(self, new: int, troubles: Sequence[str]) -> str:
        layer, fids = self._selected
        if not self._numbers and self.what.currentData() is not None:
            count = len(fids) if self.what.currentData() == layer else 0
            count = count or self._project.count(self.what.currentData())
            if count > MOST:
                words = _("{count} are too many at once; select {most} at most.")
                return words.format(count=count, most=MOST)
        if not self._numbers:
            return _("There is nothing to number.")
        words = ngettext_("{count} gets a new number.", "{count} get new numbers.", new)
        text = words.format(count=new)
        if troubles:
            words = _("{count} cannot have theirs: {why}.")
            text += " " + words.format(count=len(troubles), why=troubles[0].rstrip("."))
        if len(self._numbers) > _SHOWN:
            text += " " + _("The first {count} are shown.").format(count=_SHOWN)
        return text


def _number(value: int, low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    return box
