"""Why findings are right as they are: asked before they leave the list."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLabel, QVBoxLayout, QWidget

from hjgis.i18n import N_, _, grouped, ngettext_
from hjgis.ui.composing import Composing
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import MARGINS, muted
from hjgis.ui.theme import allow

REASONS: Final = (
    N_("Checked on site: it is as it is stored"),
    N_("Correct according to the drawings of the works"),
    N_("Outside the area that this survey is to cover"),
    N_("Put out of use; kept for the record"),
    N_("Cannot be reached on site; kept until the next survey"),
    N_("Agreed with the unit that is responsible"),
)
_WIDTH_PX: Final = 460


class ExceptionDialog(QDialog):
    """Asks for a reason; nothing is stored here."""

    def __init__(self, said: str, count: int, operator: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Exception"))
        self.setMinimumWidth(_WIDTH_PX)
        self.reasons = QComboBox()
        self.reasons.setEditable(True)
        self.reasons.addItems([_(reason) for reason in REASONS])
        self.reasons.setCurrentText("")
        line = self.reasons.lineEdit()
        assert line is not None
        line.setPlaceholderText(_("Type a reason, or choose one"))
        Composing(line)
        self._buttons = ok_cancel(self, _("Accept as exception"))
        self._ok = self._buttons.button(self._buttons.StandardButton.Ok)
        self._lay_out(said, count, operator)
        self.reasons.currentTextChanged.connect(self._look)
        self._look()
        self.reasons.setFocus()

    def _lay_out(self, said: str, count: int, operator: str) -> None:
        several = ngettext_("{count} finding", "{count} findings", count)
        about = QLabel(said if count == 1 else several.format(count=grouped(count)))
        about.setWordWrap(True)
        about.setTextFormat(Qt.TextFormat.PlainText)
        after = muted(
            _("It leaves the list, counts as an exception in every report, and can be undone.")
        )
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.addRow(_("Finding"), about)
        form.addRow(_("Reason"), self.reasons)
        form.addRow(_("Who says so"), QLabel(operator or _("nobody named")))
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(after)
        column.addWidget(self._buttons)

    @property
    def reason(self) -> str:
        """What was typed or chosen."""
        return self.reasons.currentText().strip()

    def _look(self) -> None:
        allow(self._ok, "", "" if self.reason else _("Type a reason, or choose one"))
