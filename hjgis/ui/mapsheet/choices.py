"""The left side: what the map is about, on which paper, at which scale, of which place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.cartography.composition import NICE_SCALES, scale_text
from hjgis.errors import HjgisError
from hjgis.i18n import N_, _, label
from hjgis.models.own_sheets import OwnSheets
from hjgis.models.sheets import (
    DEFAULT_SHEET,
    Sheet,
    custom_sheet,
    fixed_templates,
    papers,
    sheet,
    templates,
)
from hjgis.ui.composing import NameLine
from hjgis.ui.mapsheet.design import Design, Where, Wish
from hjgis.ui.mapsheet.keeping import form_of, paper_of
from hjgis.ui.mapsheet.scales import odd_scale, read_scale
from hjgis.ui.mapsheet.themes import ThemeList
from hjgis.ui.theme import icon
from hjgis.ui.themes.shelf import Shelf

_PLACES: Final[tuple[tuple[Where, str], ...]] = (
    ("all", N_("All of the project")),
    ("view", N_("What the map shows")),
    ("selection", N_("What is selected")),
    ("free", N_("Where it was moved to")),
)
_OTHER_SIZE: Final = "other"
_OWN: Final = "own:"


class Choices(QWidget):
    """Changes the design as somebody chooses, and shows it as it is.

    `place_wanted` carries the kind of place that somebody chose: the window knows where that is.
    `theme_wanted` carries a Theme, `sheet_wanted` a Sheet; `edit_wanted` asks for the window of
    themes.
    """

    place_wanted = Signal(str)
    theme_wanted = Signal(object)
    sheet_wanted = Signal(object)
    edit_wanted = Signal()

    def __init__(self, shelf: Shelf, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._design, self._own = design, OwnSheets()
        self.themes = ThemeList(shelf)
        self.form, self.paper = QComboBox(), QComboBox()
        self.layouts = QToolButton()
        self.edit_theme = QPushButton(icon("themes"), _("Edit theme…"))
        self.edit_theme.setAutoDefault(False)
        self.width_mm, self.height_mm = _side(), _side()
        self.scale, self.place, self.title = QComboBox(), QComboBox(), NameLine()
        self.said = QLabel()
        self._fill()
        self._lay_out()
        self.themes.wanted.connect(self.theme_wanted)
        self.edit_theme.clicked.connect(self.edit_wanted)
        self.form.activated.connect(self._choose_form)
        self.paper.activated.connect(self._choose_paper)
        self.width_mm.valueChanged.connect(self._choose_size)
        self.height_mm.valueChanged.connect(self._choose_size)
        self.scale.activated.connect(self._choose_scale)
        self._typed_scale.editingFinished.connect(self._choose_scale)
        self.place.activated.connect(self._choose_place)
        self.title.textChanged.connect(self._type_title)
        design.changed.connect(self.refresh)

    def _fill(self) -> None:
        for paper in papers():
            self.paper.addItem(paper.upper(), paper)
        self.paper.addItem(_("Other size"), _OTHER_SIZE)
        self._typed_scale = NameLine()
        self.scale.setEditable(True)
        self.scale.setLineEdit(self._typed_scale)
        self.scale.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.scale.addItem(_("As large as fits"), None)
        for one in NICE_SCALES:
            self.scale.addItem(scale_text(one), float(one))
        for key, words in _PLACES:
            self.place.addItem(_(words), key)
        self.layouts.setIcon(icon("templates"))
        self.layouts.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.layouts.setToolTip(_("Keep, rename or delete layouts of one's own"))
        self.layouts.setAccessibleName(_("Layouts"))
        self.said.setObjectName("error")
        self.said.setWordWrap(True)
        self.said.hide()
        self.scale.setToolTip(
            _("It stays as it is when the map is moved. Ctrl and the wheel on the page change it.")
        )
        self.place.setToolTip(_("Or pull the map on the page to where it should be."))

    def _lay_out(self) -> None:
        sides = QHBoxLayout()
        sides.addWidget(self.paper, 1)
        for side in (self.width_mm, self.height_mm):
            sides.addWidget(side, 1)
        forms = QHBoxLayout()
        forms.addWidget(self.form, 1)
        forms.addWidget(self.layouts)
        rows = QFormLayout()
        rows.setSpacing(8)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.addRow(_("Paper"), sides)
        rows.addRow(_("Layout"), forms)
        rows.addRow(_("Scale"), self.scale)
        rows.addRow(_("Area shown"), self.place)
        rows.addRow(_("Map title"), self.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.themes, 1)
        column.addWidget(self.edit_theme, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(rows)
        column.addWidget(self.said)

    # -- what is chosen ------------------------------------------------------------------

    def show_own(self, own: OwnSheets) -> None:
        """Offer the layouts of the project."""
        self._own = own
        self.form.clear()
        for name, template in templates().items():
            self.form.addItem(label(template.label), name)
        for name, template in fixed_templates().items():
            self.form.addItem(label(template.label), name)
        if own.sheets:
            self.form.insertSeparator(self.form.count())
        for made in own.sheets:
            width, height = made.paper_mm
            words = _("{name} (starts with this)") if made.id == own.usual else "{name}"
            self.form.addItem(words.format(name=made.id), _OWN + made.id)
            size = f"{width:g} × {height:g} mm"
            self.form.setItemData(self.form.count() - 1, size, Qt.ItemDataRole.ToolTipRole)
        self.refresh()

    def refresh(self) -> None:
        """Show the design as it is now."""
        wish = self._design.wish
        self.themes.show_theme(wish.theme)
        self._show_sheet(wish)
        at = self.scale.findData(wish.scale) if wish.scale is not None else 0
        self.scale.setCurrentIndex(at)
        if at < 0 and wish.scale is not None:
            self.scale.setEditText(scale_text(wish.scale))
        self.place.setCurrentIndex(self.place.findData(wish.where))
        if self.title.text() != wish.title:
            self.title.setText(wish.title)

    def _show_sheet(self, wish: Wish) -> None:
        made = wish.sheet
        name, _dash, form = made.id.partition("-")
        paper = paper_of(made.paper_mm) or _OTHER_SIZE
        fixed, other = name in fixed_templates(), False
        if self._own.sheet(made.id) is not None:
            form, fixed = _OWN + made.id, False
        elif fixed:
            form = name
        elif name not in papers():
            form, paper, other = form_of(made.paper_mm), _OTHER_SIZE, True
        self.form.setCurrentIndex(self.form.findData(form))
        self.paper.setCurrentIndex(self.paper.findData(paper))
        self.paper.setEnabled(not fixed)
        width, height = made.paper_mm
        words = _("The map's size decides: {width:g} × {height:g} mm")
        self.paper.setToolTip(words.format(width=width, height=height) if fixed else "")
        for side, value in zip((self.width_mm, self.height_mm), made.paper_mm, strict=True):
            side.setVisible(other)
            side.blockSignals(True)
            side.setValue(value)
            side.blockSignals(False)

    def show_title(self, usual: str) -> None:
        """Show which title stands there if nobody types one."""
        self.title.setPlaceholderText(usual)

    def say(self, words: str) -> None:
        """Say what was not understood; empty: nothing."""
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _choose_form(self) -> None:
        form = str(self.form.currentData())
        own = self._own.sheet(form.removeprefix(_OWN)) if form.startswith(_OWN) else None
        if own is not None:
            self.sheet_wanted.emit(own)
            self.say("")
        elif form in fixed_templates():
            self._want(partial(sheet, form))
        else:
            self._choose_ready_made(form)

    def _choose_paper(self) -> None:
        form = str(self.form.currentData())
        # An own layout stands on its own paper; other paper means a ready-made form.
        self._choose_ready_made(
            form if form in templates() else form_of(self._design.wish.sheet.paper_mm)
        )

    def _choose_ready_made(self, form: str) -> None:
        # From a form whose map decides the paper one comes back to the usual paper.
        usual = DEFAULT_SHEET.partition("-")[0]
        paper = str(self.paper.currentData()) if self.paper.isEnabled() else usual
        if paper == _OTHER_SIZE:
            across = templates()[form].across
            sides = sorted(self._design.wish.sheet.paper_mm, reverse=across)
            self._want(partial(custom_sheet, *sides))
        else:
            self._want(partial(sheet, f"{paper}-{form}"))

    def _choose_size(self) -> None:
        self._want(partial(custom_sheet, self.width_mm.value(), self.height_mm.value()))

    def _want(self, make: Callable[[], Sheet]) -> None:
        try:
            made = make()
        except HjgisError as error:
            self.say(str(error))
            return
        self.sheet_wanted.emit(made)
        self.say("")

    def _choose_scale(self) -> None:
        wish, text = self._design.wish, self.scale.currentText()
        index = self.scale.findText(text)
        scale = self.scale.itemData(index) if index >= 0 else read_scale(text)
        if index < 0 and scale is None:
            self.say(_("{text} is no scale. Type it like 1:5000.").format(text=text))
            return
        odd = odd_scale(scale) if scale is not None else ""
        self.say(odd)
        if odd:
            # The page stays as it is: there is none at such a scale.
            return
        if scale is None and wish.where == "free":
            # What was moved has a middle but no size that something could fit.
            self._design.change(replace(wish, scale=None, where="all", extent=None, center=None))
        else:
            self._design.change(replace(wish, scale=scale))

    def _choose_place(self) -> None:
        self.place_wanted.emit(str(self.place.currentData()))

    def _type_title(self, text: str) -> None:
        self._design.change(replace(self._design.wish, title=text), gesture="title")


def _side() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(50.0, 5000.0)
    box.setDecimals(0)
    box.setSuffix(" mm")
    box.setKeyboardTracking(False)
    box.setVisible(False)
    return box
