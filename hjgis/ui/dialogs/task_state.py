"""Asks how far a task of the notice is, and what shows it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet
from hjgis.models.targets import Task
from hjgis.models.task_states import (
    FACT,
    STATE_WORDS,
    STATES,
    Evidence,
    TaskEntry,
    keep_task,
    read_tasks,
)
from hjgis.ui import file_dialogs
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.project_lists.asking import AskingDialog
from hjgis.ui.page_parts import make_list


class TaskStateDialog(AskingDialog):
    """State, date, person, note and evidence of one task."""

    def __init__(self, project: Project, task: Task, parent: QWidget | None = None) -> None:
        title = f"{task.no} {label(task.title)}"
        super().__init__(_("Progress of task {title}").format(title=title), self.make, parent)
        self._project, self._task = project, task
        entry = read_tasks(project.info(FACT)).get(task.no, TaskEntry(task.no))
        asks = QLabel(label(task.asks))
        asks.setWordWrap(True)
        self.state = QComboBox()
        for state in STATES:
            self.state.addItem(_(STATE_WORDS[state]), state)
        self.state.setCurrentIndex(STATES.index(entry.state))
        fresh = entry == TaskEntry(task.no)
        self.on = NameLine(dt.date.today().isoformat() if fresh else entry.on, "2020-12-31")
        self.by = NameLine(project.session.operator if fresh else entry.by)
        self.note = NameLine(entry.note)
        self.evidence = _EvidenceTable(project, entry)
        self.form.addRow(_("The notice asks for"), asks)
        self.form.addRow(_("Progress"), self.state)
        self.form.addRow(_("Day of the entry"), self.on)
        self.form.addRow(_("Person"), self.by)
        self.form.addRow(_("Note"), self.note)
        self.form.addRow(_("Evidence"), self.evidence)
        self.resize(660, 420)

    def make(self) -> ChangeSet:
        """Return the edit that keeps what is entered."""
        entry = TaskEntry(
            self._task.no,
            STATES[self.state.currentIndex()],
            self.note.text().strip(),
            self.on.text().strip(),
            self.by.text().strip(),
            self.evidence.entries(),
        )
        return keep_task(self._project.info(FACT), entry)


class _WordsDelegate(QStyledItemDelegate):
    """Edits cells in lines that Chinese is typed into."""

    def createEditor(
        self,
        parent: QWidget,
        _option: QStyleOptionViewItem,
        _index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        line = NameLine()
        line.setParent(parent)
        return line


class _EvidenceTable(QWidget):
    """Pieces of evidence: words, date, file; a file beside the project is named without folder."""

    def __init__(self, project: Project, entry: TaskEntry) -> None:
        super().__init__()
        self._folder = project.path.parent
        self.table = QTableWidget(0, 3)
        make_list(self.table, [_("What it is"), _("Day of the paper"), _("File")])
        triggers = QAbstractItemView.EditTrigger
        self.table.setEditTriggers(
            triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed
        )
        self.table.setItemDelegate(_WordsDelegate(self.table))
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, 120)
        self.table.setColumnWidth(2, 170)
        self._add = QPushButton(_("Add"))
        self._file = QPushButton(_("Add files…"))
        self._open = QPushButton(_("Open"))
        self._remove = QPushButton(_("Remove"))
        row = QHBoxLayout()
        for button in (self._add, self._file, self._open, self._remove):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        for one in entry.evidence:
            self._append(one)
        self._add.clicked.connect(self._add_words)
        self._file.clicked.connect(self._add_files)
        self._open.clicked.connect(self._open_file)
        self._remove.clicked.connect(self._remove_row)
        self.table.itemSelectionChanged.connect(self._refresh)
        self.table.itemChanged.connect(self._refresh)
        self._refresh()

    def entries(self) -> tuple[Evidence, ...]:
        """Return what the table holds; rows without a word or file are left out."""
        rows = (
            tuple(self._text(row, column) for column in range(3))
            for row in range(self.table.rowCount())
        )
        return tuple(Evidence(words, on, file) for words, on, file in rows if words or file)

    def add_files(self, paths: list[Path]) -> None:
        """Add a piece of evidence for each file."""
        for path in paths:
            inside = path.is_relative_to(self._folder)
            file = path.relative_to(self._folder).as_posix() if inside else str(path)
            self._append(Evidence(path.stem, dt.date.today().isoformat(), file))

    def _append(self, one: Evidence) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate((one.words, one.on, one.file)):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            self.table.setItem(row, column, item)

    def _add_words(self) -> None:
        self._append(Evidence("", dt.date.today().isoformat()))
        row = self.table.rowCount() - 1
        self.table.setCurrentCell(row, 0)
        item = self.table.item(row, 0)
        if item is not None:
            self.table.editItem(item)

    def _add_files(self) -> None:
        chosen, _kind = file_dialogs.open_files(self, _("Add files…"), str(self._folder))
        self.add_files([Path(name) for name in chosen])

    def _open_file(self) -> None:
        path = self._folder / self._text(self.table.currentRow(), 2)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _remove_row(self) -> None:
        self.table.removeRow(self.table.currentRow())

    def _refresh(self) -> None:
        row = self.table.currentRow()
        file = self._text(row, 2) if row >= 0 else ""
        there = bool(file) and (self._folder / file).is_file()
        self._open.setEnabled(there)
        self._open.setToolTip("" if there else _("There is no such file."))
        self._remove.setEnabled(row >= 0)

    def _text(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return item.text().strip() if item is not None else ""
