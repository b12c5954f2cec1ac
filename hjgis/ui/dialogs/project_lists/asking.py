"""A window that asks for one entry and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet
from hjgis.ui.dialogs.settings import ok_cancel

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
        self.error = QLabel()
        self.error.setObjectName("error")
        self.error.setWordWrap(True)
        self.buttons = ok_cancel(self, done or _("OK"))
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(self.form)
        column.addWidget(self.error)
        column.addWidget(self.buttons)
        self.setMinimumWidth(480)

    def accept(self) -> None:
        """Close, unless what is entered is refused: then say why."""
        try:
            self._make()
        except EditRefused as error:
            self.error.setText(str(error))
            return
        super().accept()
