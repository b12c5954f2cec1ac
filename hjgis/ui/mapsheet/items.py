"""The right side: what stands on the page, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.cartography.arranging import kind_text
from hjgis.errors import HjgisError
from hjgis.i18n import N_, _, reason
from hjgis.models.logos import picture_of_file
from hjgis.models.sheets import Align, Box, Sheet, SheetItem
from hjgis.ui import file_dialogs
from hjgis.ui.composing import Composing
from hjgis.ui.mapsheet.design import Design
from hjgis.ui.theme import INK

_ALIGNS: Final[tuple[tuple[Align, str], ...]] = (
    ("left", N_("Left")),
    ("center", N_("Middle")),
    ("right", N_("Right")),
)
_WRITTEN: Final = frozenset({"title", "text"})
_LETTERED: Final = frozenset({"title", "text", "secrecy", "number", "facts"})
_FAINT: Final = "#66717b"
_ROLE: Final = Qt.ItemDataRole.UserRole


class ItemsPanel(QWidget):
    """Lists the items of the design's sheet; `chosen` carries the id of the one to be changed.

    `told` carries what to say.

    Parameters
    ----------
    form : callable
        Returns the ready-made form of a sheet, where each item has its usual place.
    """

    chosen = Signal(str)
    told = Signal(str)

    def __init__(
        self, design: Design, form: Callable[[Sheet], Sheet], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._design, self._form, self._item_id = design, form, ""
        self._placed: dict[str, Box] = {}
        self.list = QListWidget()
        self.list.setObjectName("framed")
        self.list.setAccessibleName(_("What stands on the page"))
        self.add_text = QPushButton(_("Add text"))
        self.add_text.setToolTip(_("Put words of one's own on the page"))
        self.add_logo = QPushButton(_("Logo…"))
        self.add_logo.setToolTip(_("Put a picture on the page: PNG, JPEG or SVG"))
        self.take_off = QPushButton(_("Take off"))
        self.take_off.setToolTip(_("Texts and logos are deleted, all others switched off (Del)"))
        self.locked = QCheckBox(_("Stays where it is"))
        self.locked.setToolTip(_("The mouse and the arrow keys leave it alone"))
        self.usual_place = QPushButton(_("Usual place"))
        self.usual_place.setToolTip(_("Put it back to where the form has it, in its size"))
        self.sides = tuple(_length() for _side in range(4))
        self.letters, self.align = _length(), QComboBox()
        self.text = QPlainTextEdit()
        self.body = QWidget()
        self._lay_out()
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemChanged.connect(self._switch)
        self.add_text.clicked.connect(self._add_text)
        self.add_logo.clicked.connect(self._ask_logo)
        self.take_off.clicked.connect(self._take_chosen_off)
        self.usual_place.clicked.connect(self._put_back)
        self.locked.clicked.connect(self._set_locked)
        self.align.activated.connect(self._set_align)
        self.letters.valueChanged.connect(self._set_letters)
        self.text.textChanged.connect(self._set_text)
        for side in self.sides:
            side.valueChanged.connect(self._set_box)
        design.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        for key, words in _ALIGNS:
            self.align.addItem(_(words), key)
        self.letters.setSpecialValueText(_("As usual"))
        self.letters.setAccessibleName(_("Size of letters"))
        self.text.setFixedHeight(58)
        self.text.setTabChangesFocus(True)
        Composing(self.text)
        self.text.setAccessibleName(_("Words"))
        names = (_("From the left"), _("From the top"), _("Width"), _("Height"))
        rows = QFormLayout(self.body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, side in zip(names, self.sides, strict=True):
            rows.addRow(name, side)
        rows.addRow(_("Letters"), self.letters)
        rows.addRow(_("Align"), self.align)
        rows.addRow(_("Words"), self.text)
        foot = QHBoxLayout()
        self.usual_place.setAutoDefault(False)
        foot.addWidget(self.locked, 1)
        foot.addWidget(self.usual_place)
        rows.addRow(foot)
        self._rows = rows
        buttons = QHBoxLayout()
        for button in (self.add_text, self.add_logo, self.take_off):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        column.addWidget(self.body)

    # -- what is shown -------------------------------------------------------------------

    @property
    def item(self) -> SheetItem | None:
        """The item that is chosen."""
        return next((one for one in self._sheet.items if one.id == self._item_id), None)

    @property
    def _sheet(self) -> Sheet:
        return self._design.wish.sheet

    def show_places(self, items: tuple[SheetItem, ...]) -> None:
        """Hear where the items stand that take the room they need, and what is not on the page."""
        self._placed = {item.id: item.box for item in items}
        self.refresh()

    def choose(self, item_id: str) -> None:
        """Show an item of the page, or none."""
        if item_id != self._item_id:
            self._item_id = item_id
            self.refresh()

    def edit_text(self, item_id: str) -> None:
        """Let somebody type what an item says."""
        self.choose(item_id)
        if self.text.isVisible():
            self.text.setFocus()
            self.text.selectAll()

    def refresh(self) -> None:
        """Show the items as they are now."""
        self.list.blockSignals(True)
        items = self._sheet.items
        if [self.list.item(i).data(_ROLE) for i in range(self.list.count())] != [
            item.id for item in items
        ]:
            self.list.clear()
            for item in items:
                entry = QListWidgetItem()
                entry.setData(_ROLE, item.id)
                self.list.addItem(entry)
        for row, item in enumerate(items):
            self._show_entry(self.list.item(row), item)
        row = next((i for i, item in enumerate(items) if item.id == self._item_id), -1)
        self.list.setCurrentRow(row)
        self.list.blockSignals(False)
        self._show_item()

    def _show_entry(self, entry: QListWidgetItem, item: SheetItem) -> None:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        words = kind_text(item)
        if item.kind == "text":
            first = item.text.strip().splitlines()
            words = first[0] if first else words
        entry.setText(words)
        absent = item.shown and bool(self._placed) and item.id not in self._placed
        empty = absent and item.kind != "map"
        entry.setForeground(QColor(_FAINT if empty else INK))
        entry.setToolTip(_("Has nothing to show on this page, or no room") if empty else "")
        if item.kind == "map":
            # A sheet without its map is none.
            entry.setFlags(flags)
            return
        entry.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
        entry.setCheckState(Qt.CheckState.Checked if item.shown else Qt.CheckState.Unchecked)

    def _show_item(self) -> None:
        item = self.item
        self.body.setEnabled(item is not None)
        self.take_off.setEnabled(item is not None and item.kind != "map")
        kind = item.kind if item is not None else ""
        self.usual_place.setEnabled(self._usual() is not None)
        self._rows.setRowVisible(self.letters, kind in _LETTERED)
        self._rows.setRowVisible(self.align, kind == "text")
        self._rows.setRowVisible(self.text, kind in _WRITTEN)
        if item is None:
            return
        box = self._placed.get(item.id, item.box) if item.flow else item.box
        for side, value in zip(self.sides, (box.x, box.y, box.width, box.height), strict=True):
            _set_quietly(side, value)
            side.setEnabled(not item.locked)
        _set_quietly(self.letters, item.size_mm)
        self.align.setCurrentIndex(self.align.findData(item.align))
        self.locked.setChecked(item.locked)
        if self.text.toPlainText() != item.text:
            self.text.blockSignals(True)
            self.text.setPlainText(item.text)
            self.text.blockSignals(False)
        self.text.setPlaceholderText(_("As the theme says") if kind == "title" else "")

    # -- what is changed -----------------------------------------------------------------

    def take_item_off(self, item_id: str) -> None:
        """Delete a text or logo; switch any other off."""
        item, wish = self._sheet.item(item_id), self._design.wish
        if item.kind in ("text", "logo"):
            self._design.change(replace(wish, sheet=wish.sheet.without(item_id)))
        elif item.kind != "map":
            self._design.change(wish.with_item(replace(item, shown=False)))

    def _change(self, *, gesture: str = "", **said: object) -> None:
        item = self.item
        if item is not None:
            made = replace(item, **said)  # type: ignore[arg-type]
            self._design.change(self._design.wish.with_item(made), gesture=gesture)

    def _choose(self, entry: QListWidgetItem | None) -> None:
        self._item_id = str(entry.data(_ROLE)) if entry is not None else ""
        self._show_item()
        self.chosen.emit(self._item_id)

    def _switch(self, entry: QListWidgetItem) -> None:
        item = self._sheet.item(str(entry.data(_ROLE)))
        shown = entry.checkState() == Qt.CheckState.Checked
        self._design.change(self._design.wish.with_item(replace(item, shown=shown)))

    def _add_text(self) -> None:
        sheet, k = self._sheet, self._sheet.furniture
        number = 1
        while any(item.id == f"text-{number}" for item in sheet.items):
            number += 1
        box = Box(sheet.map_mm.x + 5 * k, sheet.map_mm.bottom - 15 * k, 70 * k, 8 * k)
        made = SheetItem(f"text-{number}", "text", box, text=_("Text"), size_mm=4.0 * k)
        self._item_id = made.id
        self._design.change(self._design.wish.with_item(made))
        self.chosen.emit(made.id)
        self.edit_text(made.id)

    def _ask_logo(self) -> None:
        kinds = _("Pictures (*.png *.jpg *.jpeg *.svg)")
        chosen = file_dialogs.open_file(self, _("Logo"), "", kinds)[0]
        if chosen:
            self.set_logo(Path(chosen))

    def set_logo(self, path: Path) -> None:
        """Put a picture on the page: instead of the logo that is there, or as the first one."""
        try:
            picture = picture_of_file(path.read_bytes())
        except OSError as error:
            words = _("{path} cannot be read: {error}")
            self.told.emit(words.format(path=path.name, error=reason(error)))
            return
        except HjgisError as error:
            self.told.emit(str(error))
            return
        sheet, k = self._sheet, self._sheet.furniture
        known = next((item for item in sheet.items if item.kind == "logo"), None)
        box = Box(sheet.map_mm.x + 5 * k, sheet.map_mm.y + 5 * k, 30 * k, 15 * k)
        item = known or SheetItem("logo", "logo", box)
        self._item_id = item.id
        made = replace(item, picture=picture, shown=True)
        self._design.change(self._design.wish.with_item(made))
        self.chosen.emit(item.id)

    def _take_chosen_off(self) -> None:
        if self.item is not None:
            self.take_item_off(self._item_id)

    def _usual(self) -> SheetItem | None:
        """Return the chosen item as the form has it; None if it is there or the form has none."""
        item = self.item
        if item is None or item.locked:
            return None
        form = next((one for one in self._form(self._sheet).items if one.id == item.id), None)
        # Where a flowing item stands is no choice of anybody: its box does not count.
        if form is None or (form.flow == item.flow and (item.flow or form.box == item.box)):
            return None
        return form

    def _put_back(self) -> None:
        form = self._usual()
        if form is not None:
            self._change(box=form.box, flow=form.flow)

    def _set_locked(self) -> None:
        self._change(locked=self.locked.isChecked())

    def _set_align(self) -> None:
        self._change(align=self.align.currentData())

    def _set_letters(self) -> None:
        self._change(size_mm=self.letters.value())

    def _set_text(self) -> None:
        self._change(text=self.text.toPlainText(), gesture=f"text {self._item_id}")

    def _set_box(self) -> None:
        x, y, width, height = (side.value() for side in self.sides)
        paper_width, paper_height = self._sheet.paper_mm
        width, height = min(max(width, 1.0), paper_width), min(max(height, 1.0), paper_height)
        box = Box(min(x, paper_width - width), min(y, paper_height - height), width, height)
        self._change(box=box, flow="")


def _length() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, 5000.0)
    box.setDecimals(1)
    box.setSuffix(" mm")
    box.setKeyboardTracking(False)
    return box


def _set_quietly(box: QDoubleSpinBox, value: float) -> None:
    box.blockSignals(True)
    box.setValue(value)
    box.blockSignals(False)
