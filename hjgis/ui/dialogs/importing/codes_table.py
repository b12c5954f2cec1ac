"""Foreign values beside the codes that they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QTableWidget, QVBoxLayout, QWidget

from hjgis.exchange.profiles import Column
from hjgis.i18n import _, grouped, label
from hjgis.models.assets import AssetType, Catalogue, CodeList, Field
from hjgis.models.validation import BadValue, coerce
from hjgis.ui.page_parts import cell, list_of, model_of, muted, narrow

# Of more different values, nobody matches codes by hand.
_MOST: Final = 300
_EMPTY: Final = ""
_ALARM: Final = QColor("#a3211b")


class CodesTable(QWidget):
    """One row a value, the unknown ones first.

    `matched` carries the column, the foreign value and the code chosen, empty for none.
    """

    matched = Signal(str, str, str)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._models: dict[tuple[str, bool, str | None], QStandardItemModel] = {}
        self.unmatched = 0
        self.said = muted()
        self.table: QTableWidget = list_of(
            [_("Field"), _("Value in the file"), _("Count"), _("Code")],
            [190, 0, 80, 290],
            right=(2,),
        )
        self.table.verticalHeader().setDefaultSectionSize(30)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.addWidget(self.said)
        column.addWidget(self.table, 1)

    def show_values(
        self, asset: AssetType, columns: Mapping[str, Column], counts: Mapping[str, Counter[str]]
    ) -> None:
        """Show the values of coded columns."""
        rows: list[tuple[bool, Column, Field, str, int, str | None]] = []
        for name, column in columns.items():
            field = asset.field(column.field)
            for value, count in counts[name].most_common(_MOST):
                code, known = self._code(column, field, value)
                rows.append((known, column, field, value, count, code))
        rows.sort(key=lambda row: (row[0], row[2].name))
        self.unmatched = sum(not row[0] for row in rows)
        self.said.setText(
            _("Values that are in no list are left empty unless you choose a code.")
            if self.unmatched
            else _("Every value is understood.")
        )
        scrolled = self.table.verticalScrollBar().value()
        self.table.setRowCount(0)
        self.table.setRowCount(len(rows))
        for place, (known, column, field, value, count, code) in enumerate(rows):
            given = cell(value)
            if not known:
                given.setForeground(_ALARM)
            self.table.setItem(place, 0, cell(label(field.label)))
            self.table.setItem(place, 1, given)
            self.table.setItem(place, 2, cell(grouped(count), right=True))
            box = self._box(self._catalogue.codes(field.codes or ""), code, known=known)
            box.setProperty("of", (column.source, value))
            box.activated.connect(self._chosen)
            self.table.setCellWidget(place, 3, box)
        self.table.verticalScrollBar().setValue(scrolled)

    def _code(self, column: Column, field: Field, value: str) -> tuple[str | None, bool]:
        """Return the code that a value becomes, and whether it is known what it becomes."""
        if column.is_missing(value):
            return None, True
        try:
            code = coerce(field, column.values.get(value, value), self._catalogue)
        except BadValue:
            return None, False
        return (str(code) if code is not None else None), True

    def _box(self, codes: CodeList, code: str | None, *, known: bool) -> QComboBox:
        own_word = code is not None and codes.get(code) is None
        key = (codes.id, known, code if own_word else "")
        if key not in self._models:
            self._models[key] = model_of(_entries(codes, key[2] or "", known=known))
        box = QComboBox()
        narrow(box)
        box.setModel(self._models[key])
        box.setCurrentIndex(box.findData(code) if code is not None else 0)
        return box

    def _chosen(self) -> None:
        box = self.sender()
        if isinstance(box, QComboBox) and box.currentData() is not None:
            source, value = box.property("of")
            self.matched.emit(source, value, box.currentData())


def _entries(codes: CodeList, own_word: str, *, known: bool) -> Iterator[tuple[str, object]]:
    """Return what can be chosen for a value; an open list takes a word of its own."""
    if not known:
        yield _("choose a code…"), None
    yield _("(leave empty)"), _EMPTY
    for entry in codes.offered:
        name = label(entry.label)
        yield (name if name == entry.code else f"{name}   {entry.code}"), entry.code
    if own_word:
        yield own_word, own_word
