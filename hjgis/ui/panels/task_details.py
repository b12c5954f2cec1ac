"""One task of the notice: what it asks for, its targets, what is kept of it by hand."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks.rules.register import CONFIDENCE
from hjgis.checks.targets import TargetResult, TaskResult
from hjgis.i18n import N_, _, label, listed, ngettext_
from hjgis.layers.project import Project
from hjgis.models.task_states import STATE_WORDS
from hjgis.reports.targets import figure, look_of, status_words
from hjgis.ui.flowing import Flowing, Words
from hjgis.ui.page_parts import RIGHT, muted, set_up_headings
from hjgis.ui.window.status_bar import ElidedLabel

_HEADS: Final = (N_("Status"), N_("Target"), N_("Actual"), N_("Expected"), N_("Unit"))
_STATUS_PX: Final = 104
# The heading and a row.
_LEAST_PX: Final = 50
# The columns of numbers.
_FIGURES: Final = (2, 3)


class TaskDetails(QWidget):
    """The chosen task; its buttons say what is wanted of its target or of itself."""

    counted_wanted = Signal(object)
    missing_wanted = Signal(object)
    expected_wanted = Signal(object)
    state_wanted = Signal(object)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._task: TaskResult | None = None
        self.title, self.state = QLabel(), Words()
        self.asks, self.units = muted(), ElidedLabel(look="muted")
        self.title.setObjectName("card_title")
        self.table = _table()
        self.note = muted()
        self.counted = QPushButton(_("Counted"))
        self.missing = QPushButton(_("Not counted"))
        self.expected = QPushButton(_("Expected…"))
        self.progress = QPushButton(_("Progress…"))
        head = Flowing((self.title, self.state, self.progress), gap=12)
        row = Flowing((self.counted, self.missing, self.expected))
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(head)
        column.addWidget(self.asks)
        column.addWidget(self.units)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        column.addWidget(row)
        self._connect()

    def _connect(self) -> None:
        self.table.itemSelectionChanged.connect(self._refresh)
        self.table.cellDoubleClicked.connect(self.counted.click)
        self.counted.clicked.connect(self._want_counted)
        self.missing.clicked.connect(self._want_missing)
        self.expected.clicked.connect(self._want_expected)
        self.progress.clicked.connect(self._want_state)

    @property
    def target(self) -> TargetResult | None:
        """The target whose row is chosen."""
        row = self.table.currentRow()
        return self._task.results[row] if self._task and 0 <= row < self.table.rowCount() else None

    def show_task(self, task: TaskResult | None) -> None:
        """Show a task; the row that is chosen stays so while it is the same task."""
        same = task is not None and self._task is not None and task.task.no == self._task.task.no
        row = self.table.currentRow() if same else 0
        self._task = task
        self.setEnabled(task is not None)
        if task is None:
            return
        self.title.setText(f"{task.task.no} {label(task.task.title)}")
        self.asks.setText(label(task.task.asks))
        self.units.set_text(listed(task.task.units))
        self.state.setText(_state_line(task))
        self.state.setToolTip(_state_line(task))
        self.table.blockSignals(True)
        self.table.setRowCount(len(task.results))
        for number, result in enumerate(task.results):
            self._fill(number, result)
        self.table.setVisible(bool(task.results))
        self.table.setCurrentCell(min(max(row, 0), len(task.results) - 1), 1)
        self.table.blockSignals(False)
        self._refresh()

    def _fill(self, row: int, result: TargetResult) -> None:
        sign, colour = look_of(result)
        expected = result.expected if result.op != "info" else None
        texts = (
            f"{sign} {status_words(result)}",
            result.title,
            figure(result.actual) if result.recorded else "–",
            figure(expected),
            result.unit,
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(f"{result.title}\n{result.basis} [{_(CONFIDENCE[result.confidence])}]")
            if column == 0:
                item.setForeground(QColor(colour))
            if column in (2, 3):
                item.setTextAlignment(RIGHT)
            self.table.setItem(row, column, item)

    def _refresh(self) -> None:
        result = self.target
        held = result is not None and result.layer is not None
        none = _("No features are counted.")
        there = held and result is not None and len(result.fids) > 0
        _allow(self.counted, "" if there else none)
        whole = held and result is not None and result.recorded and result.expected != 0
        _allow(self.missing, "" if whole else _("Nothing is left out of this number."))
        asked = result is not None and result.expected is not None and result.op != "info"
        reason = self._project.read_only_reason or ""
        _allow(self.expected, reason or ("" if asked else _("Nothing is expected of it.")))
        _allow(self.progress, reason)
        note = _note(result) if result else _("Nothing of this task can be counted.")
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _want_counted(self) -> None:
        if self.target is not None:
            self.counted_wanted.emit(self.target)

    def _want_missing(self) -> None:
        if self.target is not None:
            self.missing_wanted.emit(self.target)

    def _want_expected(self) -> None:
        if self.target is not None:
            self.expected_wanted.emit(self.target)

    def _want_state(self) -> None:
        if self._task is not None:
            self.state_wanted.emit(self._task)


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_HEADS))
    table.setHorizontalHeaderLabels([_(head) for head in _HEADS])
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(22)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setMinimumHeight(_LEAST_PX)
    table.setShowGrid(False)
    set_up_headings(table.horizontalHeader())
    for place in _FIGURES:
        heading = table.horizontalHeaderItem(place)
        if heading is not None:
            heading.setTextAlignment(RIGHT)
    for column in range(1, len(_HEADS)):
        table.setColumnWidth(column, table.horizontalHeader().sectionSizeHint(column))
    table.setColumnWidth(0, _STATUS_PX)
    table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    return table


def _state_line(task: TaskResult) -> str:
    entry = task.entry
    parts = [_(STATE_WORDS[entry.state]), entry.on, entry.by, entry.note]
    if entry.evidence:
        words = ngettext_("{count} piece of evidence", "{count} pieces of evidence",
                          len(entry.evidence))  # fmt: skip
        parts.append(words.format(count=len(entry.evidence)))
    return _("By hand: {words}").format(words=" · ".join(part for part in parts if part))


def _note(result: TargetResult) -> str:
    missing = _("missing: {names}").format(names=listed(result.missing)) if result.missing else ""
    return "\n".join(part for part in (result.note, missing) if part)


def _allow(button: QPushButton, why_not: str) -> None:
    button.setEnabled(not why_not)
    button.setToolTip(why_not)
