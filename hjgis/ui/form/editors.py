"""One field of the form: what is stored, what is typed, and what is wrong with either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from hjgis.edits.derived import alike
from hjgis.i18n import _, label
from hjgis.models.assets import Catalogue, Field, Value
from hjgis.models.validation import (
    UNKNOWN,
    BadValue,
    SaysUnknown,
    coerce,
    display,
    fitting_codes,
    problem,
)
from hjgis.ui.form.lines import Choice, ChoiceLine, DateLine, TypedLine

_NUMBERS: Final = ("integer", "number")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the form shows of one field.

    Attributes
    ----------
    different : int
        How many different values the selected features have, missing counted as one.
    most : str
        The most frequent of them.
    unknown : bool
        Somebody has looked and does not know.
    computed : scalar or None
        What the program would fill in.
    """

    value: Value = None
    different: int = 1
    most: str = ""
    unknown: bool = False
    computed: Value = None


class Room(Protocol):
    """Whoever has room for words below a line."""

    def room(self, row: int) -> QLabel:
        """Make it."""


class FieldEditor(QObject):
    """The line of one field; `committed` carries a value that fits, `unknown` the answer 不详."""

    committed = Signal(str, object)
    said_unknown = Signal(str)
    entered = Signal(str)
    tabbed = Signal(str, bool)
    escaped = Signal(str)
    focused = Signal(str)
    used_computed = Signal(str)

    def __init__(self, field: Field, catalogue: Catalogue, parent: QObject) -> None:
        super().__init__(parent)
        self.field = field
        self._catalogue = catalogue
        self._shown = Shown()
        self._others: Mapping[str, Value] = MappingProxyType({})
        self._mark = ""
        self.rows: list[QWidget] = []
        self._said: QLabel | None = None
        self._room: tuple[Room, int] | None = None
        self.line: QLineEdit = self._make()
        self.line.setToolTip(field_hint(field))
        self.line.setAccessibleName(label(field.label))
        self._connect()

    def _connect(self) -> None:
        line = self.line
        assert isinstance(line, TypedLine)
        line.entered.connect(self._entered)
        line.tabbed.connect(self._tabbed)
        line.escaped.connect(self._escaped)
        line.focused.connect(self._focused)
        line.left.connect(self.commit)

    def set_room(self, room: Room, row: int) -> None:
        """Learn where words about the field go; the label is made when there are any."""
        self._room = (room, row)

    # -- showing -------------------------------------------------------------------------

    @property
    def said(self) -> str:
        """What is written below the line."""
        return self._said.text() if self._said is not None else ""

    @property
    def is_mixed(self) -> bool:
        """Whether the selected features differ."""
        return self._shown.different > 1

    @property
    def value(self) -> Value:
        """What is stored; of features that differ, nothing."""
        return None if self.is_mixed else self._shown.value

    @property
    def computed(self) -> Value:
        """What the program would fill in."""
        return self._shown.computed

    def show_value(self, shown: Shown, others: Mapping[str, Value]) -> None:
        """Show what is stored."""
        self._shown, self._others = shown, others
        text = self._text()
        if self.line.text() != text or self.line.isModified():
            self.line.setText(text)
            self.line.setCursorPosition(0)
            if self.line.hasFocus():
                self.line.selectAll()
        self.line.setPlaceholderText(self._placeholder())
        self._tell_stored()

    def _text(self) -> str:
        if self.is_mixed:
            return ""
        if self._shown.unknown and self._shown.value is None:
            return _("unknown")
        return display(self.field, self._shown.value, self._catalogue)

    def _placeholder(self) -> str:
        if self.is_mixed:
            words = _("({count} values)").format(count=self._shown.different)
            most = _("mostly {value}").format(value=self._shown.most) if self._shown.most else ""
            return f"{words} {most}".strip()
        computed = display(self.field, self._shown.computed, self._catalogue)
        return _("computed: {value}").format(value=computed) if computed else ""

    def _tell_stored(self) -> None:
        if self.is_mixed:
            self._tell("")
            return
        said = problem(self.field, self._shown.value, self._catalogue, self._others) or ""
        stored, computed = self._shown.value, self._shown.computed
        if not said and None not in (computed, stored) and not alike(computed, stored):
            shown = display(self.field, computed, self._catalogue)
            words, use = _("computed: {value}").format(value=shown), _("use it")
            self._tell(f"{words} <a href='use'>{use}</a>", "hint")
            return
        self._tell(said, "odd")

    # -- taking --------------------------------------------------------------------------

    @property
    def is_typed(self) -> bool:
        """Whether something is typed that is not stored."""
        return self.line.isModified() and self.line.text() != self._text()

    def commit(self) -> bool:
        """Take what was typed, if it is new and fits; otherwise say what is wrong."""
        text = self.line.text()
        if not self.line.isModified() or text == self._text():
            return True
        try:
            value = self.read(text)
        except SaysUnknown:
            self.line.setModified(False)
            self.said_unknown.emit(self.field.name)
            return True
        except BadValue as error:
            self._tell(str(error), "refused")
            return False
        self.line.setModified(False)
        if value != self._shown.value or self.is_mixed:
            self.committed.emit(self.field.name, value)
        else:
            self.show_value(self._shown, self._others)
        return True

    def read(self, text: str) -> Value:
        """Return what a text means; BadValue if it does not fit."""
        return coerce(self.field, text, self._catalogue)

    def put(self, text: str) -> bool:
        """Do as if somebody had typed a text."""
        self.line.setText(text)
        self.line.setModified(True)
        return self.commit()

    def take_back(self) -> None:
        """Show again what is stored, in place of what was typed."""
        self.line.setModified(False)
        self.line.setText(self._text())
        self._tell_stored()

    def set_editable(self, *, editable: bool) -> None:
        """Allow or stop typing."""
        self.line.setReadOnly(not editable)

    def show_row(self, *, visible: bool) -> None:
        """Show or hide the field with all that belongs to it."""
        for widget in self.rows:
            widget.setVisible(visible)
        if self._said is not None:
            self._said.setVisible(visible and bool(self.said))

    @property
    def is_shown(self) -> bool:
        """Whether the field is not hidden."""
        return bool(self.rows) and not self.rows[0].isHidden()

    def _make(self) -> QLineEdit:
        if self.field.type in ("code", "boolean"):
            free = self.field.type == "code" and self._catalogue.codes(self.field.codes or "").open
            return ChoiceLine(self._choices, free=free)
        if self.field.type == "date":
            return DateLine()
        line = TypedLine()
        if self.field.type in _NUMBERS:
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        return line

    def _choices(self) -> Sequence[Choice]:
        if self.field.type == "boolean":
            yes, no = Choice(_("yes"), ("是", "y")), Choice(_("no"), ("否", "n"))
            return (yes, no, Choice(_("unknown"), (UNKNOWN, "?"), UNKNOWN))
        codes = self._catalogue.codes(self.field.codes or "")
        found = [
            Choice(
                label(entry.label),
                (entry.code, *entry.label.values(), *entry.aliases),
                label(entry.label) if codes.parse(label(entry.label)) == entry.code else entry.code,
            )
            for entry in fitting_codes(self.field, self._catalogue, self._others)
        ]
        if codes.parse(UNKNOWN) is None:
            found.append(Choice(_("unknown"), (UNKNOWN, "?"), UNKNOWN))
        return found

    def take(self) -> bool:
        """Take what was typed or is marked in the list."""
        if isinstance(self.line, ChoiceLine):
            self._choose()
        return self.commit()

    def _entered(self) -> None:
        if self.take():
            self.entered.emit(self.field.name)

    def _choose(self) -> None:
        """Take what is marked in the list, unless what is typed names a code by itself."""
        assert isinstance(self.line, ChoiceLine)
        exact = False
        if self.line.isModified() and self.field.type == "code":
            codes = self._catalogue.codes(self.field.codes or "")
            exact = codes.parse(self.line.text()) is not None
        if exact or not self.line.is_open:
            self.line.close_list()
            return
        self.line.take_highlighted()
        self.line.setModified(True)

    def _tabbed(self, forward: bool) -> None:
        self.take()
        self.tabbed.emit(self.field.name, forward)

    def _escaped(self) -> None:
        if self.is_typed:
            self.take_back()
            self.line.selectAll()
        else:
            self.escaped.emit(self.field.name)

    def _focused(self) -> None:
        self.focused.emit(self.field.name)

    def _tell(self, text: str, mark: str = "") -> None:
        """Say something below the line: ``refused``, ``odd`` (stored all the same) or ``hint``."""
        mark = mark if text else ""
        if text and self._said is None and self._room is not None:
            room, row = self._room
            self._said = room.room(row)
            self._said.linkActivated.connect(self._use_computed)
        if self._said is not None and text != self.said:
            self._said.setText(text)
            self._said.setVisible(bool(text) and self.is_shown)
        if mark != self._mark:
            self._mark = mark
            for widget in (self.line, self._said):
                if widget is not None:
                    widget.setProperty("mark", mark)
                    widget.style().polish(widget)

    def _use_computed(self) -> None:
        self.used_computed.emit(self.field.name)


def field_title(field: Field) -> str:
    """Return the name of a field, with a star where something has to be filled in."""
    # The star never stands on a line of its own.
    star = '&nbsp;<span style="color:#b3261e">*</span>' if field.required else ""
    return f"{label(field.label)}{star}"


def field_hint(field: Field) -> str:
    """Return what is to be known of a field: hint, range, basis."""
    parts = [label(field.hint) if field.hint else ""]
    low, high = field.range or (None, None)
    if field.range is not None:
        between = f"{'' if low is None else f'{low:g}'} – {'' if high is None else f'{high:g}'}"
        parts.append(f"{between} {field.unit or ''}".strip())
    parts.append(field.basis)
    return "\n".join(part for part in (field.name, *parts) if part)
