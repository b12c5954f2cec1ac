"""Asks for one thing: a name, one of several, a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _
from hjgis.ui.composing import Composing, NameLine
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.theme import allow

_WIDTH_PX: Final = 360


class NameDialog(QDialog):
    """Asks for one line; what is empty is no name."""

    def __init__(
        self, title: str, name: str, parent: QWidget | None = None, *, hint: str = ""
    ) -> None:
        super().__init__(parent)
        self.line = NameLine(name, hint)
        self.line.selectAll()
        self._ok = _lay_out(self, title, _("Name"), self.line)
        self.line.textChanged.connect(self._look)
        self._look()

    @property
    def name(self) -> str:
        """What was typed."""
        return self.line.text().strip()

    def ask(self) -> str:
        """Return the name that somebody typed; empty if they think better of it."""
        return self.name if accepted(self) else ""

    def _look(self) -> None:
        allow(self._ok, "", "" if self.name else _("Type a name."))


class ChoiceDialog(QDialog):
    """Asks for one of several; `said` stands above, `own` lets another be typed."""

    def __init__(
        self,
        title: str,
        asked: str,
        names: Sequence[str],
        parent: QWidget | None = None,
        *,
        done: str = "",
        said: str = "",
        own: bool = False,
    ) -> None:
        super().__init__(parent)
        self.box = QComboBox()
        self.box.addItems(list(names))
        self.box.setMaxVisibleItems(20)
        self.box.setEditable(own)
        line = self.box.lineEdit()
        if line is not None:
            Composing(line)
        _lay_out(self, title, asked, self.box, done=done, said=said)

    def ask(self) -> str:
        """Return what was chosen; empty if they think better of it."""
        return self.box.currentText().strip() if accepted(self) else ""


class LengthDialog(QDialog):
    """Asks for a length in metres."""

    def __init__(
        self, title: str, asked: str, metres: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.box = QDoubleSpinBox()
        self.box.setDecimals(3)
        self.box.setRange(0.001, 100.0)
        self.box.setSuffix(" m")
        self.box.setValue(metres)
        self.box.selectAll()
        _lay_out(self, title, asked, self.box, done=title)

    def ask(self) -> float:
        """Return the length; 0 if they think better of it."""
        return self.box.value() if accepted(self) else 0.0


def _lay_out(
    dialog: QDialog, title: str, asked: str, field: QWidget, *, done: str = "", said: str = ""
) -> QPushButton:
    """Give a dialog its one field; return the button that agrees."""
    dialog.setWindowTitle(title)
    dialog.setMinimumWidth(_WIDTH_PX)
    buttons = ok_cancel(dialog, done or None)
    form = QFormLayout()
    form.setHorizontalSpacing(12)
    form.addRow(asked, field)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 12)
    column.setSpacing(12)
    if said:
        words = QLabel(said)
        words.setWordWrap(True)
        column.addWidget(words)
    column.addLayout(form)
    column.addWidget(buttons)
    field.setFocus()
    return buttons.button(QDialogButtonBox.StandardButton.Ok)
