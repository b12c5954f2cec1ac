"""Asks for a name."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from hjgis.i18n import _
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.theme import allow

_WIDTH_PX: Final = 360


class NameDialog(QDialog):
    """Asks for one line; what is empty is no name."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH_PX)
        self.line = NameLine(name)
        self.line.selectAll()
        buttons = ok_cancel(self)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        form = QFormLayout()
        form.addRow(_("Name"), self.line)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(buttons)
        self.line.textChanged.connect(self._look)
        self._look()

    @property
    def name(self) -> str:
        """What was typed."""
        return self.line.text().strip()

    def ask(self) -> str:
        """Return the name that somebody typed; empty if they think better of it."""
        agreed = self.exec() == QDialog.DialogCode.Accepted
        self.deleteLater()
        return self.name if agreed else ""

    def _look(self) -> None:
        allow(self._ok, "", "" if self.name else _("Type a name."))
