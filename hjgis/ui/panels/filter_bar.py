"""Which rows a table shows: all that hold a text, all that meet a sentence."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from hjgis.i18n import _, grouped, ngettext_
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.query import WITHOUT_VALUE, Condition, Part, Query, operators_of
from hjgis.models.sentence_parser import NotUnderstood, is_sentence, parse
from hjgis.models.sentences import field_words, operator_words, phrase, problems
from hjgis.ui import theme
from hjgis.ui.composing import Composing
from hjgis.ui.page_parts import FittingBox, narrow
from hjgis.ui.selection import Selection
from hjgis.ui.sentence.choice_box import ChoiceBox
from hjgis.ui.sentence.value_editor import ValueEditor

# All of it beside the layer and the tools in 911 pixels: 1366 at 150 %.
_QUICK_PX: Final = 60
_FIELD_PX: Final = 104
_FIELD_AT_MOST_PX: Final = 180
_VALUE_AT_MOST_PX: Final = 260
_CHIP_EDGES_PX: Final = 20


class FilterBar(QWidget):
    """A line for any text or a sentence, and a condition on one field.

    `changed` when other rows are wanted; `edit_wanted` and `save_wanted` carry the query.
    """

    changed = Signal()
    troubled = Signal(str)
    edit_wanted = Signal(object)
    save_wanted = Signal(object)

    def __init__(
        self, project: Project, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._selection = project, selection
        self._asset: AssetType | None = None
        self._query: Query | None = None
        self._picked: tuple[int, ...] | None = None
        self._quiet = False
        self._quick = QLineEdit()
        self._quick.setPlaceholderText(_("Search all text, or a sentence and Enter"))
        self._quick.setClearButtonEnabled(True)
        self._quick.setToolTip(self._quick.placeholderText())
        self._fields, self._operators = ChoiceBox(), FittingBox()
        self._value = ValueEditor(self._catalogue)
        self._chip, self._drop = QPushButton(), QToolButton()
        self._chip.installEventFilter(self)
        self._said = ""
        self._menu = QToolButton()
        self._clear = QPushButton(_("Clear"))
        self._lay_out()
        Composing(self._quick)
        self._clear.clicked.connect(self.clear)
        self._quick.textChanged.connect(self._tell)
        self._quick.returnPressed.connect(self.read_sentence)
        self._fields.chosen.connect(self._field_chosen)
        self._operators.currentIndexChanged.connect(self._operator_chosen)
        self._value.changed.connect(self._value_changed)
        self._value.accepted.connect(self._tell)
        self._chip.clicked.connect(self._edit)
        self._drop.clicked.connect(self._drop_query)

    def _lay_out(self) -> None:
        self._quick.setMinimumWidth(_QUICK_PX)
        self._fields.setMinimumWidth(_FIELD_PX)
        narrow(self._operators, 5)
        self._chip.setFlat(True)
        self._chip.setStyleSheet("text-align: left; background: #e3edf9; padding: 4px 8px")
        self._chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._drop.setIcon(theme.icon("close"))
        self._drop.setAutoRaise(True)
        self._drop.setToolTip(_("Leave these conditions out"))
        self._menu.setIcon(theme.icon("filter"))
        self._menu.setToolTip(_("Selected rows only, several conditions, places, saved queries"))
        self._menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._menu)
        menu.aboutToShow.connect(self._fill_menu)
        self._menu.setMenu(menu)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(8)
        bar.addWidget(self._quick, 3)
        for widget, most in (
            (self._fields, _FIELD_AT_MOST_PX),
            (self._operators, _FIELD_PX),
            (self._value, _VALUE_AT_MOST_PX),
        ):
            widget.setMaximumWidth(most)
            bar.addWidget(widget, 1)
        bar.addWidget(self._chip, 6)
        for button in (self._drop, self._menu, self._clear):
            bar.addWidget(button)
        self._show_chip()

    # -- what is wanted ----------------------------------------------------------------------

    @property
    def conditions(self) -> tuple[Part, ...]:
        """What the rows must meet, all of it."""
        typed = self._quick.text().strip()
        # A sentence is not looked for as text while it is being typed.
        sentence = self._asset is not None and is_sentence(
            typed, self._asset, self._project.types, self._project.catalogue
        )
        quick = (Condition("*", "contains", typed),) if typed and not sentence else ()
        if self._picked is not None:
            return (*quick, Condition("fid", "in", self._picked))
        if self._query is not None:
            return (*quick, *self._query.parts)
        own = self._own_condition()
        return quick if own is None else (*quick, own)

    def show_layer(self, asset: AssetType) -> None:
        """Offer the fields of a layer; nothing is asked of its rows yet."""
        self._asset, self._quiet = asset, True
        self._query = self._picked = None
        entries = [(field_words(field.name, asset), field.name) for field in asset.fields]
        self._fields.offer([(_("(any field)"), None), *entries])
        self._offer_operators()
        self._quick.clear()
        self._show_chip()
        self._quiet = False

    def show_query(self, query: Query) -> None:
        """Ask for the rows that meet a query of the layer that is shown."""
        if self._asset is None or query.layer != self._asset.id:
            return
        wrong = problems(query, self._project.types)
        if wrong:
            self.troubled.emit(" ".join(wrong))
            return
        self._query = query if query.conditions else None
        self._picked, self._quiet = None, True
        self._quick.clear()
        self._quiet = False
        self._show_chip()
        self._tell()

    def clear(self) -> None:
        """Ask for all rows."""
        self._quiet = True
        self._query = self._picked = None
        self._quick.clear()
        self._fields.choose(None)
        self._offer_operators()
        self._show_chip()
        self._quiet = False
        self._tell()

    def read_sentence(self) -> None:
        """Take what is typed for a sentence, if it is meant as one."""
        text = self._quick.text().strip()
        if self._asset is None or not text:
            return
        types, catalogue = self._project.types, self._project.catalogue
        if not is_sentence(text, self._asset, types, catalogue):
            self._tell()
            return
        try:
            query = parse(text, self._asset.id, types, catalogue)
        except NotUnderstood as error:
            self.troubled.emit(str(error))
            return
        self.show_query(query)

    # -- inside ------------------------------------------------------------------------------

    def _catalogue(self) -> Catalogue:
        return self._project.catalogue

    @property
    def _name(self) -> str | None:
        name = self._fields.choice
        return None if name is None else str(name)

    def _now(self) -> Query:
        """Return the query that the bar stands for, without the quick text."""
        assert self._asset is not None
        if self._query is not None:
            return self._query
        own = self._own_condition()
        return Query(self._asset.id, () if own is None else (own,))

    def _own_condition(self) -> Condition | None:
        name, operator = self._name, self._operators.currentData()
        if name is None or operator is None:
            return None
        try:
            return Condition(name, operator, self._value.value())
        except NotUnderstood:
            return None

    def _offer_operators(self) -> None:
        name, asset = self._name, self._asset
        self._operators.blockSignals(True)
        before = self._operators.currentData()
        self._operators.clear()
        if name is not None and asset is not None:
            kind = asset.field(name).type
            for operator in operators_of(kind):
                self._operators.addItem(operator_words(operator, kind), operator)
            self._operators.setCurrentIndex(max(self._operators.findData(before), 0))
        self._operators.blockSignals(False)
        self._ask()

    def _ask(self) -> None:
        name, operator = self._name, str(self._operators.currentData() or "")
        field = self._asset.field(name) if name is not None and self._asset is not None else None
        self._value.ask(name or "", field, operator or "empty")
        shown = self._query is None and self._picked is None
        self._operators.setVisible(shown and name is not None)
        self._value.setVisible(shown and name is not None and operator not in WITHOUT_VALUE)

    def _field_chosen(self) -> None:
        self._offer_operators()
        self._value.focus_editor()
        self._tell()

    def _operator_chosen(self) -> None:
        self._ask()
        self._tell()

    def _value_changed(self) -> None:
        self._tell()

    def _show_chip(self) -> None:
        query, asset, picked = self._query, self._asset, self._picked
        narrowed = query is not None or picked is not None
        for widget in (self._chip, self._drop):
            widget.setVisible(narrowed)
        self._fields.setVisible(not narrowed)
        self._ask()
        if picked is not None:
            words = ngettext_("only {count} row: selected before",
                              "only {count} rows: selected before", len(picked))  # fmt: skip
            self._said = words.format(count=grouped(len(picked)))
            self._elide()
            self._chip.setToolTip(self._said)
        if query is not None and asset is not None:
            project = self._project
            said = phrase(query.parts, asset, project.types, project.catalogue)
            self._said = said
            self._elide()
            self._chip.setToolTip(_("{sentence}\nClick to change").format(sentence=said))

    def _elide(self) -> None:
        room = max(self._chip.width() - _CHIP_EDGES_PX, _CHIP_EDGES_PX)
        shown = self._chip.fontMetrics().elidedText(self._said, Qt.TextElideMode.ElideRight, room)
        self._chip.setText(shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._chip and event.type() == QEvent.Type.Resize:
            self._elide()
        return super().eventFilter(watched, event)

    def _drop_query(self) -> None:
        self._query = self._picked = None
        self._show_chip()
        self._tell()

    def _edit(self) -> None:
        self.edit_wanted.emit(self._now())

    def _fill_menu(self) -> None:
        menu = self._menu.menu()
        menu.clear()
        if self._asset is None:
            return
        count = len(self._selection) if self._selection.layer == self._asset.id else 0
        words = ngettext_("Only the selected row", "Only the {count} selected rows", count)
        selected = menu.addAction(words.format(count=grouped(count)))
        selected.setEnabled(count > 0)
        selected.triggered.connect(self._show_selected)
        menu.addAction(_("Put conditions together…")).triggered.connect(self._edit)
        save = menu.addAction(_("Save these conditions…"))
        save.setEnabled(bool(self._now().conditions) and not self._project.read_only)
        save.triggered.connect(self._save)
        entries = [e for e in querying.saved(self._project) if e.query is not None]
        mine = [e for e in entries if e.query is not None and e.query.layer == self._asset.id]
        if mine:
            menu.addSection(_("Saved queries"))
        for entry in mine:
            action = menu.addAction(entry.name)
            action.setToolTip(querying.why_not(self._project, entry))
            action.setEnabled(not querying.why_not(self._project, entry))
            if entry.query is not None:
                action.triggered.connect(partial(self.show_query, entry.query))

    def _show_selected(self) -> None:
        self._query, self._picked = None, tuple(self._selection.fids.tolist())
        self._show_chip()
        self._tell()

    def _save(self) -> None:
        self.save_wanted.emit(self._now())

    def _tell(self) -> None:
        if not self._quiet and self._asset is not None:
            self.changed.emit()
