"""Language and operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QWidget

from hjgis.i18n import _
from hjgis.settings import Settings

_LANGUAGES = (("", "自动 / Automatic"), ("zh_CN", "简体中文"), ("en", "English"))


class SettingsDialog(QDialog):
    """Asks for the few settings that there are."""

    def __init__(
        self,
        settings: Settings,
        parent: QWidget | None = None,
        *,
        operators: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self._settings = settings
        self._language = QComboBox()
        for code, name in _LANGUAGES:
            self._language.addItem(name, code)
        self._language.setCurrentIndex(self._language.findData(settings.language))
        who = QComboBox()
        who.setEditable(True)
        who.addItems(list(operators))
        self._operator = QLineEdit()
        who.setLineEdit(self._operator)
        self._operator.setText(settings.operator)
        self._operator.setPlaceholderText(_("Your name, kept with each change"))
        form = QFormLayout(self)
        form.setContentsMargins(24, 24, 24, 16)
        form.setSpacing(12)
        form.addRow(_("Language"), self._language)
        form.addRow(_("Operator"), who)
        buttons = ok_cancel(self)
        form.addRow(buttons)
        self.setMinimumWidth(420)

    def result_settings(self) -> Settings:
        """Return the settings as they stand in the dialog."""
        language = self._language.currentData()
        return replace(
            self._settings, language=language or "", operator=self._operator.text().strip()
        )


def ok_cancel(dialog: QDialog, ok_text: str | None = None) -> QDialogButtonBox:
    """Return OK and Cancel wired to a dialog."""
    standard = QDialogButtonBox.StandardButton
    buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
    buttons.button(standard.Ok).setText(ok_text or _("OK"))
    buttons.button(standard.Cancel).setText(_("Cancel"))
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
