"""A window that asks for one entry and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import error_text, grow

_FIELD: Final = QFormLayout.ItemRole.FieldRole
_TAB: Final = Qt.FocusPolicy.TabFocus
Make = Callable[[], ChangeSet]


class AskingDialog(QDialog):
    """Closes only with an edit that makes sense, which `make` returns."""

    def __init__(
        self, title: str, make: Make, parent: QWidget | None = None, *, done: str = ""
    ) -> None:
        super().__init__(parent)
        self._make = make
        self.setWindowTitle(title)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(8)
        self.error = error_text()
        self.error.hide()
        self.buttons = ok_cancel(self, done or _("OK"))
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(self.form)
        column.addWidget(self.error)
        column.addWidget(self.buttons)
        self.setMinimumWidth(480)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the first field, its text chosen: the fields came after the buttons."""
        super().showEvent(event)
        fields = (self.form.itemAt(row, _FIELD) for row in range(self.form.rowCount()))
        widgets = (item.widget() for item in fields if item is not None)
        first = next((one for one in widgets if one and one.focusPolicy() & _TAB), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def accept(self) -> None:
        """Close, unless what is entered is refused: then say why."""
        try:
            self._make()
        except EditRefused as error:
            self.error.setText(str(error))
            self.error.show()
            grow(self)
            return
        super().accept()
