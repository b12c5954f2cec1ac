"""A bug of ours: what happened, and a report to hand on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
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
    """Says that the data are safe and what to do next, and offers the report.

    Parameters
    ----------
    file : Path or None
        Where the report is kept; None where it could not be written.
    """

    def __init__(self, report: str, file: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("A fault of hjgis"))
        self._file = file
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setAccessibleName(_("Report"))
        self.copy = QPushButton(_("Copy report"))
        self.copy.clicked.connect(self._copy)
        self.folder = QPushButton(_("Open folder"))
        self.folder.setEnabled(file is not None)
        if file is None:
            self.folder.setToolTip(_("The report could not be written to a file."))
        self.folder.clicked.connect(self._open_folder)
        self._lay_out()
        self.resize(720, 460)

    def _lay_out(self) -> None:
        head = QLabel(_("Something went wrong inside hjgis. Your data are safe."))
        head.setObjectName("heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        for text in (head, QLabel(self._next_steps())):
            text.setWordWrap(True)
            column.addWidget(text)
        column.addWidget(self.report, 1)
        close = QPushButton(_("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.copy)
        row.addWidget(self.folder)
        row.addStretch(1)
        row.addWidget(close)
        column.addLayout(row)

    def _next_steps(self) -> str:
        steps = [
            _("Every finished edit is stored. Close this and go on; if something looks odd, start"
              " hjgis anew."),
            _("Hand the report to whoever looks after the program, and say what you were doing."
              " It names places in the program and versions, and holds none of your data."),
        ]  # fmt: skip
        if self._file is not None:
            steps.append(_("It is kept here: {path}").format(path=self._file))
        return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    def _open_folder(self) -> None:
        if self._file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file.parent)))
