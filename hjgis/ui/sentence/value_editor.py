"""The value of a condition: an editor that fits the field and the comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from hjgis.i18n import _, label
from hjgis.models.assets import Catalogue, Field, Value
from hjgis.models.query import MEASURES, WITHOUT_VALUE, Condition
from hjgis.models.sentence_parser import NotUnderstood, read_value
from hjgis.models.sentences import field_words, unit_words, words
from hjgis.models.validation import display
from hjgis.ui.composing import Composing
from hjgis.ui.sentence.choice_box import ChoiceBox
from hjgis.ui.sentence.many_box import ManyBox

_DATES: Final = ("date", "datetime")
_LISTED: Final = ("in", "not_in")
_MOST_DAYS: Final = 36_500
_LINE_PX: Final = 90

Values = Value | tuple[Value, ...]


class ValueEditor(QWidget):
    """Shows one, two or no editors; `changed` when one of them holds something else."""

    changed = Signal()
    accepted = Signal()

    def __init__(self, catalogue: Callable[[], Catalogue], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._name, self._operator = "", ""
        self._field: Field | None = None
        self._editors: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)

    def ask(self, name: str, field: Field | None, operator: str) -> None:
        """Ask for a value that fits; what was typed stays where the editor is the same."""
        kept = self._texts() if self._is_line(self._field, self._operator) else []
        self._name, self._field, self._operator = name, field, operator
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._editors = [] if operator in WITHOUT_VALUE else self._made()
        for number, editor in enumerate(self._editors):
            if number:
                self._row.addWidget(QLabel(label(words().joins["pair"].label)))
            self._row.addWidget(editor, 1)
        self._add_unit()
        if self._is_line(field, operator):
            for editor, text in zip(self._editors, kept, strict=False):
                self._set_text(editor, text)

    def value(self) -> Values:
        """Return what the editors hold.

        Raises
        ------
        NotUnderstood
            If nothing is there or it does not fit; in words.
        """
        if not self._editors:
            return None
        found = [self._value_of(editor) for editor in self._editors]
        if self._operator == "between":
            return tuple(found)  # type: ignore[arg-type]
        return found[0]

    def show_value(self, value: Values) -> None:
        """Show a value that fits the field and the comparison."""
        values = value if isinstance(value, tuple) and self._operator == "between" else (value,)
        for editor, one in zip(self._editors, values, strict=False):
            self._show(editor, one)

    def focus_editor(self) -> None:
        """Let the first editor be typed into."""
        if self._editors:
            self._editors[0].setFocus()

    # -- making --------------------------------------------------------------------------

    def _is_line(self, field: Field | None, operator: str) -> bool:
        kind = field.type if field else "number"
        dated = kind in _DATES or operator in ("in_year", "last_days")
        return bool(operator) and kind not in ("code", "boolean") and not dated

    def _made(self) -> list[QWidget]:
        field, operator = self._field, self._operator
        if operator == "in_year":
            return [self._spin(1900, 2200, QDate.currentDate().year())]
        if operator == "last_days":
            return [self._spin(0, _MOST_DAYS, 30)]
        if field is not None and field.type == "boolean":
            return [self._choice([(_("yes"), True), (_("no"), False)])]
        if field is not None and field.type == "code":
            codes = self._catalogue().codes(field.codes or "").codes
            entries = [(label(entry.label), entry.code) for entry in codes]
            return [self._many(entries) if operator in _LISTED else self._choice(entries)]
        count = 2 if operator == "between" else 1
        dated = field is not None and field.type in _DATES and operator not in _LISTED
        return [self._date() if dated else self._line() for _number in range(count)]

    def _spin(self, low: int, high: int, value: int) -> QSpinBox:
        box = QSpinBox()
        box.setRange(low, high)
        box.setValue(value)
        box.valueChanged.connect(self.changed)
        return box

    def _choice(self, entries: Sequence[tuple[str, object]]) -> ChoiceBox:
        box = ChoiceBox()
        box.offer(entries)
        box.chosen.connect(self.changed)
        return box

    def _many(self, entries: list[tuple[str, str]]) -> ManyBox:
        box = ManyBox(entries)
        box.changed.connect(self.changed)
        return box

    def _date(self) -> QDateEdit:
        box = QDateEdit(QDate.currentDate())
        box.setCalendarPopup(True)
        box.setDisplayFormat("yyyy-MM-dd")
        box.dateChanged.connect(self.changed)
        return box

    def _line(self) -> QLineEdit:
        line = QLineEdit()
        line.setMinimumWidth(_LINE_PX)
        Composing(line)
        listed = self._operator in _LISTED
        line.setPlaceholderText(_("several, with 、 or , between them") if listed else "")
        numeric = self._name in MEASURES or (
            self._field is not None and self._field.type in ("integer", "number")
        )
        if numeric and not listed:
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.textChanged.connect(self.changed)
        line.returnPressed.connect(self.accepted)
        return line

    def _add_unit(self) -> None:
        unit = unit_words(Condition(self._name, self._operator), self._field)
        if unit and self._editors:
            said = QLabel(unit)
            said.setObjectName("muted")
            self._row.addWidget(said)

    # -- reading and showing ---------------------------------------------------------------

    def _value_of(self, editor: QWidget) -> Values:
        if isinstance(editor, QSpinBox):
            return editor.value()
        if isinstance(editor, QDateEdit):
            return editor.date().toString("yyyy-MM-dd")
        if isinstance(editor, ChoiceBox):
            return editor.choice  # type: ignore[return-value]
        if isinstance(editor, ManyBox):
            if not editor.choice:
                raise self._missing()
            return editor.choice  # type: ignore[return-value]
        assert isinstance(editor, QLineEdit)
        return self._typed(editor.text().strip())

    def _typed(self, text: str) -> Values:
        if not text:
            raise self._missing()
        if self._operator in _LISTED:
            for sign in ("，", ",", ";", "；"):
                text = text.replace(sign, "、")
            parts = [part.strip() for part in text.split("、") if part.strip()]
            return tuple(self._read(part) for part in parts)
        return self._read(text)

    def _read(self, text: str) -> Value:
        if self._name in MEASURES:
            try:
                return float(text)
            except ValueError:
                raise NotUnderstood(_("{value} is not a number").format(value=text)) from None
        if self._field is None or self._operator in ("contains", "starts", "ends"):
            return text
        return read_value(self._field, text, self._catalogue())

    def _missing(self) -> NotUnderstood:
        name = label(self._field.label) if self._field else field_words(self._name, None)
        return NotUnderstood(_("{field}: a value is missing").format(field=name))

    def _show(self, editor: QWidget, value: Values) -> None:
        blocked = editor.blockSignals(True)
        if isinstance(editor, QSpinBox) and isinstance(value, int):
            editor.setValue(value)
        elif isinstance(editor, QDateEdit):
            editor.setDate(QDate.fromString(str(value)[:10], Qt.DateFormat.ISODate))
        elif isinstance(editor, ManyBox):
            editor.choose(value if isinstance(value, tuple) else (value,))
        elif isinstance(editor, ChoiceBox):
            if not editor.choose(value):
                # A code that the list has not got any more.
                editor.addItem(str(value), value)
                editor.choose(value)
        elif isinstance(editor, QLineEdit):
            listed = value if isinstance(value, tuple) else (value,)
            editor.setText("、".join(self._text(one) for one in listed))
        editor.blockSignals(blocked)

    def _text(self, value: Value) -> str:
        if self._field is not None:
            return display(self._field, value, self._catalogue())
        return f"{value:.10g}" if isinstance(value, float) else str(value or "")

    def _texts(self) -> list[str]:
        return [editor.text() for editor in self._editors if isinstance(editor, QLineEdit)]

    def _set_text(self, editor: QWidget, text: str) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(text)
