"""The attribute form, made from an asset type: one editor a field, errors beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.validation import BadValue, coerce, display, problem
from hjgis.ui.section import Section

_OPEN_GROUPS = ("identity", "responsibility", "technical")
_LABEL_PX = 104


class FieldEditor(QObject):
    """The widget for one field; `committed` carries the new value after validation."""

    committed = Signal(str, object)

    def __init__(self, field: Field, catalogue: Catalogue, parent: QObject) -> None:
        super().__init__(parent)
        self.field = field
        self._catalogue = catalogue
        self._value: Value = None
        self._mixed = False
        self.error = QLabel()
        self.error.setObjectName("error")
        self.error.setWordWrap(True)
        self.error.hide()
        self.widget: QWidget = self._make()
        self.widget.setToolTip(_hint(field))
        self.widget.setAccessibleName(label(field.label))

    @property
    def line(self) -> QLineEdit:
        """The line that is typed into."""
        if isinstance(self.widget, QComboBox):
            edit = self.widget.lineEdit()
            assert edit is not None
            return edit
        assert isinstance(self.widget, QLineEdit)
        return self.widget

    def show_value(self, value: Value, *, mixed: bool) -> None:
        """Show what is stored; `mixed` means that the selected features differ."""
        self._value, self._mixed = value, mixed
        text = "" if mixed else display(self.field, value, self._catalogue)
        self.line.setPlaceholderText(_("(different)") if mixed else "")
        blocked = self.widget.blockSignals(True)
        if isinstance(self.widget, QComboBox):
            self.widget.setCurrentIndex(self.widget.findText(text) if text else -1)
            self.widget.setEditText(text)
        else:
            self.line.setText(text)
        self.widget.blockSignals(blocked)
        self.line.setCursorPosition(0)
        self._tell("" if mixed else problem(self.field, value, self._catalogue) or "")

    def commit(self) -> None:
        """Take what was typed, if it is new and fits; otherwise say what is wrong."""
        text = self.line.text()
        if text == ("" if self._mixed else display(self.field, self._value, self._catalogue)):
            return
        try:
            value = coerce(self.field, text, self._catalogue)
        except BadValue as error:
            self._tell(str(error))
            return
        if value != self._value or self._mixed:
            self.committed.emit(self.field.name, value)

    def _make(self) -> QWidget:
        if self.field.type in ("code", "boolean"):
            return self._choice()
        line = QLineEdit()
        if self.field.type in ("integer", "number"):
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.editingFinished.connect(self.commit)
        return line

    def _choice(self) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setMinimumContentsLength(4)
        words = self._words()
        box.addItems(words)
        completer = QCompleter(QStringListModel(words, box), box)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        box.setCompleter(completer)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.activated.connect(self.commit)
        line = box.lineEdit()
        assert line is not None
        line.editingFinished.connect(self.commit)
        return box

    def _words(self) -> list[str]:
        if self.field.type == "boolean":
            return ["", _("yes"), _("no")]
        codes = self._catalogue.codes(self.field.codes or "").offered
        return ["", *(label(entry.label) for entry in codes)]

    def _tell(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))


class FieldGrid(QWidget):
    """Fields under one another: label, editor, unit and room for an error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(8, 0, 4, 8)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(4)
        self.grid.setColumnMinimumWidth(0, _LABEL_PX)
        self.grid.setColumnStretch(1, 1)

    def add(self, editor: FieldEditor) -> None:
        """Add one field with its label, unit and room for an error."""
        row = self.grid.rowCount()
        name = QLabel(_field_title(editor.field))
        name.setWordWrap(True)
        name.setToolTip(_hint(editor.field))
        name.setBuddy(editor.widget)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(editor.widget, 1)
        if editor.field.unit:
            unit = QLabel(editor.field.unit)
            unit.setObjectName("muted")
            line.addWidget(unit)
        self.grid.addWidget(name, row, 0)
        self.grid.addLayout(line, row, 1)
        self.grid.addWidget(editor.error, row + 1, 1)


class AttributeForm(QWidget):
    """All editors of one asset type; `edited` carries field and value."""

    edited = Signal(str, object)

    def __init__(
        self,
        asset: AssetType,
        catalogue: Catalogue,
        *,
        skip: Callable[[Field], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.asset = asset
        self.editors: dict[str, FieldEditor] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for group, title in catalogue.groups.items():
            fields = [field for field in asset.fields if field.group == group and not skip(field)]
            if fields:
                column.addWidget(self._section(group, label(title), fields, catalogue))
        column.addStretch(1)

    def _section(
        self, group: str, title: str, fields: list[Field], catalogue: Catalogue
    ) -> Section:
        body = FieldGrid()
        for field in fields:
            editor = FieldEditor(field, catalogue, self)
            editor.committed.connect(self.edited)
            editor.line.returnPressed.connect(self._next)
            self.editors[field.name] = editor
            body.add(editor)
        return Section(title, body, opened=group in _OPEN_GROUPS)

    def show_values(self, values: Mapping[str, Value], mixed: frozenset[str]) -> None:
        """Show stored values; fields in `mixed` differ between the selected features."""
        for name, editor in self.editors.items():
            editor.show_value(values.get(name), mixed=name in mixed)

    def set_editable(self, *, editable: bool) -> None:
        """Allow or stop typing."""
        for editor in self.editors.values():
            editor.line.setReadOnly(not editable)
            if isinstance(editor.widget, QComboBox):
                editor.widget.setEnabled(editable)

    def _next(self) -> None:
        self.focusNextChild()


def _field_title(field: Field) -> str:
    star = ' <span style="color:#b3261e">*</span>' if field.required else ""
    return f"{label(field.label)}{star}"


def _hint(field: Field) -> str:
    parts: list[Any] = [label(field.hint) if field.hint else ""]
    low, high = field.range or (None, None)
    if field.range is not None:
        between = f"{'' if low is None else f'{low:g}'} – {'' if high is None else f'{high:g}'}"
        parts.append(f"{between} {field.unit or ''}".strip())
    parts.append(field.basis)
    return "\n".join(part for part in (f"{field.name}", *parts) if part)
