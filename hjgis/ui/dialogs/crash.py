"""A bug of ours: what happened, and a report to hand on."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _


class CrashDialog(QDialog):
    """Says that the data are safe and offers the report."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("A fault of hjgis"))
        self._report = QPlainTextEdit(report)
        self._report.setReadOnly(True)
        text = QLabel(
            _("Something went wrong inside hjgis. Every finished edit is stored, so nothing is"
              " lost; you can go on or start anew. Please hand this report to whoever looks after"
              " the program.")
        )  # fmt: skip
        text.setWordWrap(True)
        copy = QPushButton(_("Copy report"))
        copy.clicked.connect(self._copy)
        close = QPushButton(_("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(text)
        column.addWidget(self._report, 1)
        column.addLayout(row)
        self.resize(720, 420)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())
