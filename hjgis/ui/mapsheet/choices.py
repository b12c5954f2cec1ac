"""The left side: what the map is about, on which paper, at which scale, of which place."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.cartography.composition import NICE_SCALES, scale_text
from hjgis.errors import HjgisError
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.own_sheets import OwnSheets
from hjgis.models.sheets import (
    DEFAULT_SHEET,
    custom_sheet,
    fixed_templates,
    papers,
    sheet,
    templates,
)
from hjgis.ui.mapsheet.design import Design, Where, Wish
from hjgis.ui.mapsheet.scales import odd_scale, read_scale
from hjgis.ui.mapsheet.themes import ThemeList
from hjgis.ui.theme import icon

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

    def __init__(self, project: Project, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._design, self._own = design, OwnSheets()
        self.themes = ThemeList(project)
        self.form, self.paper = QComboBox(), QComboBox()
        self.layouts = QToolButton()
        self.edit_theme = QPushButton(icon("themes"), _("Edit theme…"))
        self.edit_theme.setAutoDefault(False)
        self.width_mm, self.height_mm = _side(), _side()
        self.scale, self.place, self.title = QComboBox(), QComboBox(), QLineEdit()
        self.said = QLabel()
        self._fill()
        self._lay_out()
        self.themes.wanted.connect(self.theme_wanted)
        self.edit_theme.clicked.connect(self.edit_wanted)
        self.form.activated.connect(self._choose_sheet)
        self.paper.activated.connect(self._choose_sheet)
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
        self._typed_scale = QLineEdit()
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
        own = self._own.sheet(made.id) is not None
        paper, _dash, form = made.id.partition("-")
        fixed = next((n for n in fixed_templates() if paper == n), None) if not own else None
        other = not own and fixed is None and paper not in papers()
        if fixed:
            form, paper = fixed, _paper_of(made.paper_mm)
        elif own:
            form = _OWN + made.id
            paper = _paper_of(made.paper_mm)
        elif other:
            form = "landscape" if made.paper_mm[0] > made.paper_mm[1] else "portrait"
        self.form.setCurrentIndex(self.form.findData(form))
        self.paper.setCurrentIndex(self.paper.findData(_OTHER_SIZE if other else paper))
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

    def _choose_sheet(self) -> None:
        form, paper = self.form.currentData(), self.paper.currentData()
        own = str(form).removeprefix(_OWN) if str(form).startswith(_OWN) else ""
        made = self._own.sheet(own)
        if self.sender() is self.paper and own:
            # An own layout stands on its own paper; other paper means a ready-made form.
            width, height = self._design.wish.sheet.paper_mm
            form, made = ("landscape" if width > height else "portrait"), None
        try:
            if (
                made is None
                and form in templates()
                and paper == _OTHER_SIZE
                and self.paper.isEnabled()
            ):
                made = custom_sheet(*self._sides(form))
            if made is None:
                # From a form whose map decides the paper one comes back to the usual paper.
                paper = DEFAULT_SHEET.partition("-")[0] if not self.paper.isEnabled() else paper
                made = sheet(form if form in fixed_templates() else f"{paper}-{form}")
            self.sheet_wanted.emit(made)
            self.say("")
        except HjgisError as error:
            self.say(str(error))

    def _sides(self, form: str) -> tuple[float, float]:
        """Return the sides of the paper as they are, turned as the form wants it."""
        sides = sorted(self._design.wish.sheet.paper_mm, reverse=templates()[form].across)
        return sides[0], sides[1]

    def _choose_size(self) -> None:
        try:
            self.sheet_wanted.emit(custom_sheet(self.width_mm.value(), self.height_mm.value()))
            self.say("")
        except HjgisError as error:
            self.say(str(error))

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


def _paper_of(size_mm: tuple[float, float]) -> str:
    found = (one.id for one in papers().values() if sorted(one.size_mm) == sorted(size_mm))
    return next(found, _OTHER_SIZE)


def _side() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(50.0, 5000.0)
    box.setDecimals(0)
    box.setSuffix(" mm")
    box.setKeyboardTracking(False)
    box.setVisible(False)
    return box
