"""The rows of a sentence: a condition on a field, a place, or words for what is more involved."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.models.assets import AssetType
from hjgis.models.query import (
    MEASURES,
    RELATIONS,
    Condition,
    Group,
    Location,
    Part,
    Query,
    operators_of,
)
from hjgis.models.sentence_parser import parse
from hjgis.models.sentences import field_words, operator_words, phrase, words
from hjgis.ui import theme
from hjgis.ui.composing import Composing
from hjgis.ui.sentence.choice_box import ChoiceBox
from hjgis.ui.sentence.surroundings import Other, Surroundings
from hjgis.ui.sentence.value_editor import ValueEditor

_FIELD_PX, _OPERATOR_PX, _JOIN_PX = 170, 110, 58
_FARTHEST_M: Final = 100_000.0
_USUAL_M: Final = 50.0
# What is asked of a form: lines have lengths, areas both.
_MEASURES_OF: Final = {
    "Point": ("@north", "@east"),
    "LineString": ("@length_m", "@north", "@east"),
    "Polygon": MEASURES,
}


class Row(QWidget):
    """One row; `changed` when it says something else."""

    changed = Signal()
    accepted = Signal()
    remove_wanted = Signal(object)
    join_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(6)
        self.join = QComboBox()
        self.join.setFixedWidth(_JOIN_PX)
        for way in ("all", "any"):
            self.join.addItem(label(words().joins[way].label), way)
        self._line.addWidget(self.join)
        self._take_away = QToolButton()
        self._take_away.setIcon(theme.icon("close"))
        self._take_away.setAutoRaise(True)
        self._take_away.setToolTip(_("Remove this row (Alt+Del)"))
        self._take_away.clicked.connect(self._go)
        self.join.activated.connect(self._joined)

    def _finish(self) -> None:
        self._line.addWidget(self._take_away)

    def _go(self) -> None:
        self.remove_wanted.emit(self)

    def _joined(self) -> None:
        self.join_changed.emit(str(self.join.currentData()))

    def part(self) -> Part:
        """Return what the row says; NotUnderstood where it is unfinished."""
        raise NotImplementedError


class ConditionRow(Row):
    """A field, a comparison and a value."""

    def __init__(
        self, asset: AssetType, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._asset = asset
        self._fields, self._operators = ChoiceBox(), QComboBox()
        self._fields.setMinimumWidth(_FIELD_PX)
        self._operators.setMinimumWidth(_OPERATOR_PX)
        self._value = ValueEditor(lambda: around.project.catalogue)
        measures = _MEASURES_OF.get(asset.geometry.removeprefix("Multi"), ())
        names = [*(field.name for field in asset.fields), *measures, "*"]
        self._fields.offer([(field_words(name, asset), name) for name in names])
        self._line.addWidget(self._fields)
        self._line.addWidget(self._operators)
        self._line.addWidget(self._value, 1)
        self._finish()
        self._fields.chosen.connect(self._field_chosen)
        self._operators.currentIndexChanged.connect(self._operator_chosen)
        self._value.changed.connect(self.changed)
        self._value.accepted.connect(self.accepted)
        self._offer_operators()

    def part(self) -> Part:
        return Condition(self._name, self._operator, self._value.value())

    def show_part(self, part: Condition) -> None:
        """Show a condition."""
        if not self._fields.choose(part.field):
            # The field is gone; the row says so instead of taking another.
            self._fields.addItem(part.field, part.field)
            self._fields.choose(part.field)
        self._offer_operators()
        row = self._operators.findData(part.operator)
        if row < 0:
            self._operators.addItem(operator_words(part.operator, ""), part.operator)
            row = self._operators.count() - 1
        self._operators.setCurrentIndex(row)
        self._value.show_value(part.value)

    def focus_row(self) -> None:
        """Let the field be chosen."""
        self._fields.setFocus()
        line = self._fields.lineEdit()
        if line is not None:
            line.selectAll()

    @property
    def _name(self) -> str:
        return str(self._fields.choice)

    @property
    def _operator(self) -> str:
        return str(self._operators.currentData())

    def _kind(self) -> str:
        if self._name in MEASURES:
            return "measure"
        return self._asset.field(self._name).type if self._asset.has(self._name) else "text"

    def _field_chosen(self) -> None:
        self._offer_operators()
        self.changed.emit()
        self._value.focus_editor()

    def _offer_operators(self) -> None:
        kind, before = self._kind(), self._operators.currentData()
        offered = ("contains",) if self._name == "*" else operators_of(kind)
        self._operators.blockSignals(True)
        self._operators.clear()
        for operator in offered:
            self._operators.addItem(operator_words(operator, kind), operator)
        self._operators.setCurrentIndex(max(self._operators.findData(before), 0))
        self._operators.blockSignals(False)
        self._ask()

    def _operator_chosen(self) -> None:
        self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        field = self._asset.field(self._name) if self._asset.has(self._name) else None
        self._value.ask(self._name, field, self._operator)


class PlaceRow(Row):
    """A relation, what to, and how far."""

    def __init__(self, around: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._around = around
        self._relations, self._others = QComboBox(), ChoiceBox()
        self._distance = QDoubleSpinBox()
        self._distance.setRange(0.0, _FARTHEST_M)
        self._distance.setDecimals(1)
        self._distance.setValue(_USUAL_M)
        self._distance.setSuffix(f" {label(words().units['m'])}")
        self._relations.setMinimumWidth(_FIELD_PX)
        for relation in RELATIONS:
            self._relations.addItem(label(words().relations[relation].label), relation)
        self._others.offer(list(around.others()))
        self._line.addWidget(self._relations)
        self._line.addWidget(self._others, 1)
        self._line.addWidget(self._distance)
        self._finish()
        self._relations.currentIndexChanged.connect(self._relation_chosen)
        self._others.chosen.connect(self.changed)
        self._distance.valueChanged.connect(self.changed)
        self._relations.setCurrentIndex(self._relations.findData("near"))

    def as_only_row(self) -> None:
        """Stand alone: nothing is joined, and nothing removed."""
        self.join.hide()
        self._take_away.hide()

    def part(self) -> Location:
        relation, other = str(self._relations.currentData()), self._others.choice
        assert isinstance(other, Other)
        return Location(relation, other, self._distance.value() if relation == "near" else 0.0)

    def show_part(self, part: Location) -> None:
        """Show a location."""
        if not self._others.choose(part.other):
            self._others.addItem(self._around.words_of(part.other), part.other)
            self._others.choose(part.other)
        self._relations.setCurrentIndex(self._relations.findData(part.relation))
        if part.relation == "near":
            self._distance.setValue(part.distance_m)

    def _relation_chosen(self) -> None:
        self._distance.setVisible(self._relations.currentData() == "near")
        self.changed.emit()


class WordsRow(Row):
    """What rows cannot show, such as brackets, in words that can be typed over."""

    def __init__(
        self, asset: AssetType, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._asset, self._around = asset, around
        self._shown: tuple[str, Part] | None = None
        self._text = QLineEdit()
        self._text.setPlaceholderText(_("a sentence, with brackets if you like"))
        Composing(self._text)
        self._line.addWidget(QLabel("("), 0, Qt.AlignmentFlag.AlignVCenter)
        self._line.addWidget(self._text, 1)
        self._line.addWidget(QLabel(")"))
        self._finish()
        self._text.textChanged.connect(self.changed)
        self._text.returnPressed.connect(self.accepted)

    def part(self) -> Part:
        text = self._text.text().strip()
        if self._shown is not None and self._shown[0] == text:
            # As it came: some parts, such as a fixed area, have no words that mean them.
            return self._shown[1]
        project = self._around.project
        query: Query = parse(text, self._asset.id, project.types, project.catalogue)
        if len(query.conditions) == 1:
            return query.conditions[0]
        return Group(query.conditions, "any" if query.any else "all")

    def show_part(self, part: Part) -> None:
        """Show any part in words."""
        project = self._around.project
        text = phrase((part,), self._asset, project.types, project.catalogue)
        if isinstance(part, Group) and part.how != "none" and len(part.parts) > 1:
            text = text[1:-1]
        self._shown = (text.strip(), part)
        self._text.setText(text)
