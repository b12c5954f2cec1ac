"""The program examines itself: each thing with a sign, what was found and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import N_, _
from hjgis.models.health import Line, worst
from hjgis.models.issues import Severity
from hjgis.progress import Progress
from hjgis.render.health import qt_lines
from hjgis.reports.health import TITLES, look
from hjgis.ui.jobs import Job, Jobs
from hjgis.ui.page_parts import make_list
from hjgis.ui.severity_icon import fine_icon, severity_icon

_WORDS: Final = {
    "ok": N_("All is well."),
    "warning": N_("hjgis works; something needs attention."),
    "fault": N_("Something is at fault and should be put right."),
}
_TODO: Final = 2
# Between lines that take two rows of text.
_SPACE_PX: Final = 6
_SIGNS: Final = {"warning": Severity.WARNING, "fault": Severity.ERROR}
_STATES: Final = {"ok": N_("ok"), "warning": N_("warning"), "fault": N_("fault")}


class HealthDialog(QDialog):
    """Looks at once, in the background, and shows what it found."""

    def __init__(self, jobs: Jobs, project: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Examine the program"))
        self._jobs, self._project = jobs, project
        self._job: Job | None = None
        self.lines: list[Line] = []
        self.said = QLabel()
        self.said.setObjectName("heading")
        self.table = QTableWidget(0, 3)
        make_list(self.table, [_("Part"), _("Found"), _("What to do")])
        self.table.setAccessibleName(_("What was found"))
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(True)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_TODO, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(_TODO, 220)
        self.again = QPushButton(_("Look again"))
        self.copy = QPushButton(_("Copy"))
        self._lay_out()
        self.again.clicked.connect(self.look)
        self.copy.clicked.connect(self._copy)
        self.finished.connect(self._stop)
        self.resize(860, 480)
        self.look()

    def look(self) -> None:
        """Look at everything anew."""
        self.said.setText(_("Looking…"))
        self.again.setEnabled(False)
        self.copy.setEnabled(False)
        self._job = self._jobs.run(
            self._look, self._show, title=_("Examine the program"), on_error=self._failed
        )

    def _look(self, progress: Progress) -> list[Line]:
        return look(self._project, progress)

    def _show(self, found: Sequence[Line]) -> None:
        # What something must be done about stands on top.
        order = ("fault", "warning", "ok")
        lines = [*qt_lines(), *found]
        self.lines = sorted(lines, key=lambda line: order.index(line.state))
        self.said.setText(_(_WORDS[worst(self.lines)]))
        self.table.setRowCount(len(self.lines))
        for row, line in enumerate(self.lines):
            sign = severity_icon(_SIGNS[line.state]) if line.state in _SIGNS else fine_icon()
            head = QTableWidgetItem(sign, _(TITLES[line.topic]))
            state = _(_STATES[line.state])
            head.setData(Qt.ItemDataRole.AccessibleTextRole, f"{head.text()}: {state}")
            cells = (head, QTableWidgetItem(line.said), QTableWidgetItem(line.todo))
            for column, cell in enumerate(cells):
                cell.setToolTip(cell.text() if column else state)
                self.table.setItem(row, column, cell)
        self.table.setColumnHidden(_TODO, not any(line.todo for line in self.lines))
        self.table.resizeRowsToContents()
        for row in range(len(self.lines)):
            self.table.setRowHeight(row, self.table.rowHeight(row) + _SPACE_PX)
        self.again.setEnabled(True)
        self.copy.setEnabled(True)

    def _failed(self, error: HjgisError) -> None:
        self.said.setText(str(error))
        self.again.setEnabled(True)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()

    def _copy(self) -> None:
        rows = (
            "\t".join((_(_STATES[line.state]), _(TITLES[line.topic]), line.said, line.todo))
            for line in self.lines
        )
        QGuiApplication.clipboard().setText("\n".join(rows))

    def _lay_out(self) -> None:
        close = QPushButton(_("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.again, self.copy):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.said)
        column.addWidget(self.table, 1)
        column.addLayout(row)
