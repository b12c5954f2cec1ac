"""Language, operator, photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

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
        self._limit = QSpinBox()
        self._limit.setRange(1, 500)
        self._limit.setSuffix(" MB")
        self._limit.setValue(settings.photo_limit_mb)
        self._limit.setToolTip(_("Larger photos are only stored when they are made smaller"))
        self._shrink = QCheckBox(_("Store all photos smaller (2560 pixels, JPEG)"))
        self._shrink.setChecked(settings.shrink_photos)
        form.addRow(_("Largest photo"), self._limit)
        form.addRow("", self._shrink)
        buttons = ok_cancel(self)
        form.addRow(buttons)
        self.setMinimumWidth(420)

    def result_settings(self) -> Settings:
        """Return the settings as they stand in the dialog."""
        language = self._language.currentData()
        return replace(
            self._settings,
            language=language or "",
            operator=self._operator.text().strip(),
            photo_limit_mb=self._limit.value(),
            shrink_photos=self._shrink.isChecked(),
        )


def ok_cancel(dialog: QDialog, ok_text: str | None = None) -> QDialogButtonBox:
    """Return OK and Cancel wired to a dialog."""
    standard = QDialogButtonBox.StandardButton
    buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
    ok = buttons.button(standard.Ok)
    ok.setText(ok_text or _("OK"))
    ok.setObjectName("primary")
    buttons.button(standard.Cancel).setText(_("Cancel"))
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
