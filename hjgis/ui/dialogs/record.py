"""One inspection or repair record, filled in by keyboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import Catalogue, Code, Field, Value
from hjgis.models.pinyin import is_meant
from hjgis.models.records import LAYER, finding_of, findings_for
from hjgis.models.validation import BadValue, coerce, display, problem
from hjgis.ui.page_parts import MARGINS, Scrolled, error_text

FIELDS: Final = (
    *("kind", "date", "finding", "severity", "state_after", "measure", "due_date", "done_date"),
    *("next_due", "cost_yuan", "person", "unit", "remarks"),
)
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_WIDTH_PX: Final = 460


class CodeBox(QComboBox):
    """A choice that is found by typing: by its name, a part of it, or in pinyin."""

    def __init__(self, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = list(words)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems(["", *self._words])
        self._offered = QStringListModel(self._words, self)
        completer = QCompleter(self._offered, self)
        # What is offered is chosen below: the completer knows nothing of pinyin.
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.setCompleter(completer)
        line = self.lineEdit()
        assert line is not None
        line.textEdited.connect(self._offer)
        line.editingFinished.connect(self._complete)

    def meant(self) -> str:
        """Return the one name that was typed or is the only one that fits, else what was typed."""
        typed = self.currentText().strip()
        fitting = [word for word in self._words if typed and is_meant(word, typed)]
        return fitting[0] if typed not in self._words and len(fitting) == 1 else typed

    def _complete(self) -> None:
        self.setEditText(self.meant())

    def _offer(self, typed: str) -> None:
        fitting = [word for word in self._words if is_meant(word, typed)] if typed else self._words
        self._offered.setStringList(fitting)


class RecordDialog(QDialog):
    """Asks for a record; Enter goes to the next field, Ctrl+Enter stores it."""

    def __init__(
        self,
        project: Project,
        *,
        about: str,
        asset: str,
        values: Mapping[str, Value],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._known: Catalogue = project.catalogue
        self._type = project.asset_type(LAYER)
        self._findings = findings_for(asset, self._known)
        self._composing = False
        self._proposed = ""
        # Nobody is told of what must be filled in before he says that he is done.
        self._asked = False
        self.editors: dict[str, QLineEdit | CodeBox] = {}
        self._errors: dict[str, QLabel] = {}
        self.setWindowTitle(_("Inspection or repair"))
        self._build(about)
        for name in FIELDS:
            self._show(name, values.get(name))
        self.editors["finding"].setFocus()

    @property
    def values(self) -> dict[str, Value]:
        """What was filled in, for storing; BadValue if a field cannot be understood."""
        result = {}
        for name, editor in self.editors.items():
            result[name] = coerce(self._type.field(name), _text(editor), self._known)
        return result

    def accept(self) -> None:
        """Close if everything can be understood and what must be there is."""
        self._asked, first = True, None
        for name in FIELDS:
            words = self._refused(name)
            self._tell(name, words)
            first = first or (name if words else None)
        if first is None:
            super().accept()
        else:
            self.editors[first].setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QInputMethodEvent):
            self._composing = bool(event.preeditString())
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._typed(event)
        elif event.type() == QEvent.Type.FocusOut:
            self._composing = False
        return super().eventFilter(watched, event)

    def _typed(self, event: QKeyEvent) -> bool:
        """Take the keys that lead through the fields; an input method's own are left to it."""
        if self._composing:
            return event.key() in (*_ENTER, Qt.Key.Key_Escape)
        if event.key() not in _ENTER:
            return False
        self._propose_state()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.accept()
        else:
            self.focusNextChild()
        return True

    def _build(self, about: str) -> None:
        head = QLabel(about)
        head.setWordWrap(True)
        head.setObjectName("card_title")
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for name in FIELDS:
            self._add(grid, self._type.field(name))
        said = QLabel(_("Enter: next field. Ctrl+Enter: done."))
        said.setObjectName("muted")
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
        buttons.button(standard.Ok).setText(_("Done"))
        buttons.button(standard.Ok).setObjectName("primary")
        buttons.button(standard.Cancel).setText(_("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(head)
        column.addWidget(Scrolled(content), 1)
        column.addWidget(said)
        column.addWidget(buttons)
        self.resize(_WIDTH_PX, self.sizeHint().height())

    def _add(self, grid: QGridLayout, field: Field) -> None:
        star = ' <span style="color:#b3261e">*</span>' if field.required else ""
        unit = f" ({field.unit})" if field.unit else ""
        title = QLabel(f"{label(field.label)}{unit}{star}")
        editor = self._editor(field)
        title.setBuddy(editor)
        editor.setAccessibleName(label(field.label))
        editor.setToolTip(label(field.hint) if field.hint else "")
        error = error_text()
        error.hide()
        row = grid.rowCount()
        grid.addWidget(title, row, 0)
        grid.addWidget(editor, row, 1)
        grid.addWidget(error, row + 1, 1)
        self.editors[field.name], self._errors[field.name] = editor, error

    def _editor(self, field: Field) -> QLineEdit | CodeBox:
        if field.type != "code":
            line = QLineEdit()
            line.installEventFilter(self)
            line.editingFinished.connect(self._warn)
            return line
        box = CodeBox([label(code.label) for code in self._codes(field)])
        inner = box.lineEdit()
        assert inner is not None
        inner.installEventFilter(self)
        box.installEventFilter(self)
        inner.editingFinished.connect(self._warn)
        # While names are offered below, the line hears of Enter and this window does not.
        inner.returnPressed.connect(self.focusNextChild)
        if field.name == "finding":
            box.activated.connect(self._propose_state)
            inner.editingFinished.connect(self._propose_state)
        return box

    def _codes(self, field: Field) -> Sequence[Code]:
        if field.name == "finding":
            return self._findings
        return self._known.codes(field.codes or "").offered

    def _show(self, name: str, value: Value) -> None:
        editor, text = self.editors[name], display(self._type.field(name), value, self._known)
        if isinstance(editor, CodeBox):
            editor.setCurrentIndex(editor.findText(text))
            editor.setEditText(text)
        else:
            editor.setText(text)

    def _propose_state(self) -> None:
        """Fill in the state that goes with what was found, unless somebody has chosen another."""
        box, state = self.editors["finding"], self.editors["state_after"]
        assert isinstance(box, CodeBox)
        assert isinstance(state, CodeBox)
        code = self._known.codes("finding").parse(box.meant())
        finding = finding_of({"finding": code}, self._known)
        proposed = str(finding.extra.get("state") or "") if finding else ""
        if state.currentText() in ("", self._proposed):
            self._show("state_after", proposed or None)
            self._proposed = state.currentText()

    def _refused(self, name: str) -> str:
        field, editor = self._type.field(name), self.editors[name]
        try:
            value = coerce(field, _text(editor), self._known)
        except BadValue as error:
            return str(error)
        return _("This must be filled in.") if field.required and value is None else ""

    def _warn(self) -> None:
        """Say beside each field what cannot be understood, or is out of range."""
        for name, editor in self.editors.items():
            words = self._refused(name)
            if words and not self._asked and not _text(editor):
                words = ""
            if not words:
                field = self._type.field(name)
                value = coerce(field, _text(editor), self._known)
                words = problem(field, value, self._known) or ""
            self._tell(name, words)

    def _tell(self, name: str, words: str) -> None:
        self._errors[name].setText(words)
        self._errors[name].setVisible(bool(words))


def _text(editor: QLineEdit | CodeBox) -> str:
    return editor.meant() if isinstance(editor, CodeBox) else editor.text()


def new_record(project: Project) -> dict[str, Value]:
    """Return what a new record says before anybody has typed: today, by whoever works here."""
    values = project.asset_type(LAYER).empty_values()
    values["date"] = dt.date.today().isoformat()
    values["person"] = project.session.operator or None
    return values
