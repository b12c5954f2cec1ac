"""The named moments of a project: mark one, go back to one, rename, remove."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.layers.checkpoints import Checkpoint
from hjgis.layers.project import Project
from hjgis.ui.dialogs.lists import button_row, set_up_list
from hjgis.ui.page_parts import MARGINS

_NAME, _WHEN, _WHO, _SINCE = range(4)
_Flag: Final = Qt.ItemFlag


class CheckpointsDialog(QDialog):
    """`chosen` says which moment to go back to."""

    chosen = Signal(object)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Checkpoints"))
        self._project = project
        self._marks: list[Checkpoint] = []
        self.table = QTableWidget(0, 4)
        self.name = QLineEdit()
        self.mark = QPushButton(_("Mark now"))
        self.back = QPushButton(_("Go back to it…"))
        self.rename = QPushButton(_("Rename"))
        self.remove = QPushButton(_("Remove"))
        self._empty = QLabel(_("No checkpoint is marked yet; Ctrl+S marks one."))
        self._build()
        self.mark.clicked.connect(self._mark)
        self.name.returnPressed.connect(self._mark)
        self.back.clicked.connect(self._go_back)
        self.rename.clicked.connect(self._edit_name)
        self.remove.clicked.connect(self._remove)
        self.table.itemSelectionChanged.connect(self._refresh_buttons)
        self.table.itemChanged.connect(self._named)
        self.refresh()

    def _build(self) -> None:
        set_up_list(self.table, [_("Name"), _("When"), _("Who"), _("Changes since")])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self._empty.setObjectName("muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name.setPlaceholderText(
            _("Name of this moment, such as: before the survey of Main St")
        )
        self.mark.setAutoDefault(False)
        above, whole = QHBoxLayout(), QVBoxLayout(self)
        whole.setContentsMargins(*MARGINS)
        above.addWidget(self.name, 1)
        above.addWidget(self.mark)
        whole.addLayout(above)
        whole.addWidget(self.table, 1)
        whole.addWidget(self._empty, 1)
        whole.addLayout(button_row(self, (self.back, self.rename, self.remove)))
        self.resize(600, 320)

    def refresh(self) -> None:
        """List the moments anew."""
        row = max(self.table.currentRow(), 0)
        self._marks = self._project.history.checkpoints()
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._marks))
        for number, mark in enumerate(self._marks):
            when = dt.datetime.fromisoformat(mark.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            for column, text in enumerate((mark.name, when, mark.operator, f"{mark.since}")):
                item = QTableWidgetItem(text)
                if column != _NAME or self._project.read_only:
                    item.setFlags(_Flag.ItemIsEnabled | _Flag.ItemIsSelectable)
                if column == _SINCE:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(number, column, item)
        self.table.blockSignals(False)
        self.table.setVisible(bool(self._marks))
        self._empty.setVisible(not self._marks)
        if self._marks:
            self.table.selectRow(min(row, len(self._marks) - 1))
        self._refresh_buttons()

    def _chosen(self) -> Checkpoint | None:
        row = self.table.currentRow()
        return self._marks[row] if 0 <= row < len(self._marks) else None

    def _refresh_buttons(self) -> None:
        reason, mark = self._project.read_only_reason or "", self._chosen()
        free = not self._project.read_only
        self.mark.setEnabled(free)
        self.name.setEnabled(free)
        self.back.setEnabled(free and mark is not None and mark.since > 0)
        since = mark is None or mark.since > 0
        self.back.setToolTip(reason or ("" if since else _("Nothing was changed since.")))
        for button in (self.rename, self.remove):
            button.setEnabled(free and mark is not None)
            button.setToolTip(reason or ("" if mark is not None else _("Choose a row first.")))

    def _mark(self) -> None:
        self._carry_out(partial(self._project.session.mark, self.name.text().strip()))
        self.name.clear()
        self.refresh()

    def _go_back(self) -> None:
        mark = self._chosen()
        if mark is not None:
            self.chosen.emit(mark)
            self.refresh()

    def _edit_name(self) -> None:
        item = self.table.item(self.table.currentRow(), _NAME)
        if item is not None:
            self.table.editItem(item)

    def _named(self, item: QTableWidgetItem) -> None:
        mark, name = self._marks[item.row()], item.text().strip()
        if name and name != mark.name:
            self._carry_out(partial(self._project.history.rename_checkpoint, mark.id, name))
        self.refresh()

    def _remove(self) -> None:
        mark = self._chosen()
        if mark is not None:
            self._carry_out(partial(self._project.history.forget_checkpoint, mark.id))
            self.refresh()

    def _carry_out(self, work: Callable[[], object]) -> None:
        try:
            work()
        except HjgisError as error:
            QMessageBox.warning(self, self.windowTitle(), str(error))
