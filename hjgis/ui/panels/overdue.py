"""What is to be inspected: overdue, due soon, never inspected, not put right."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import N_, _, grouped
from hjgis.layers import geometry_blob
from hjgis.layers.due import GROUPS, NEVER, OVERDUE, DueTable
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.models.pinyin import is_meant
from hjgis.models.records import FACT, LAYER, inspected_kinds, read_cycles
from hjgis.models.wording import layer_label
from hjgis.progress import Progress
from hjgis.reports.overdue import GROUP_WORDS, due_report, field_sheet
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.flowing import Flowing
from hjgis.ui.itemmodels import AT_ONCE
from hjgis.ui.latest import Latest
from hjgis.ui.measured import Measured, Work
from hjgis.ui.page_parts import RIGHT
from hjgis.ui.panels.listed import Index, ListModel, refill, set_up_list
from hjgis.ui.workspace import Workspace

_COLUMNS: Final = (
    ("layer", N_("Kind")),
    ("name", N_("Number or name")),
    ("road", N_("Road")),
    ("grid", N_("Grid")),
    ("unit", N_("Unit")),
    ("last", N_("Last inspected")),
    ("due", N_("Due")),
    ("days", N_("Days overdue")),
    ("words", N_("Finding")),
)
_WIDTHS: Final = (80, 160, 110, 130, 130, 100, 100, 90, 110)
_NUMBERS: Final = [place for place, (name, _words) in enumerate(_COLUMNS) if name == "days"]
_LATE: Final = QColor("#b3261e")
_SEARCH_PX: Final = 170
_TYPED_MS: Final = 150
_AROUND_M: Final = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Rows of a group, and how many there are of each kind, unit and road, the most first."""

    rows: NDArray[np.intp]
    kinds: list[tuple[str, int]]
    units: list[tuple[str, int]]
    roads: list[tuple[str, int]]

    @classmethod
    def of(cls, due: DueTable, group: str) -> _Group:
        """Return a group of a list."""
        rows = np.flatnonzero(due.group == group)
        columns = (due.layer, due.unit, due.road)
        counts = (Counter(v for v in one[rows].tolist() if v).most_common() for one in columns)
        return cls(rows, *counts)


@dataclass(frozen=True, slots=True, eq=False)
class _Due:
    table: DueTable
    groups: Mapping[str, _Group]


class DueModel(ListModel):
    """The rows of a list that are chosen, sorted by a column."""

    rows: NDArray[np.intp]

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__([_(words) for _name, words in _COLUMNS], parent, right=_NUMBERS)
        self._project = project
        self.due: DueTable | None = None
        self.rows = np.empty(0, np.intp)

    def show_due(self, due: DueTable, rows: NDArray[np.intp]) -> None:
        """Show rows of a list."""
        self.due = due
        self.show_rows(rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.due is None or not index.isValid():
            return None
        row, name = self.rows[index.row()], _COLUMNS[index.column()][0]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(int(row), name)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self.right:
            return RIGHT
        if role == Qt.ItemDataRole.ForegroundRole and name == "days" and self.due.days[row] > 0:
            return _LATE
        return None

    def keys(self) -> list[str]:
        """Return which assets the rows are."""
        return self.due.uuid[self.rows].tolist() if self.due is not None else []

    def sorted(self, rows: NDArray[np.intp], column: int, *, down: bool) -> NDArray[np.intp]:
        if self.due is None:
            return rows
        values = getattr(self.due, _COLUMNS[column][0])[rows]
        known = np.array([value is not None for value in values], bool)
        order = sorted(np.flatnonzero(known).tolist(), key=values.__getitem__, reverse=down)
        return rows[[*order, *np.flatnonzero(~known).tolist()]]

    def _text(self, row: int, name: str) -> str:
        assert self.due is not None
        if name == "layer":
            return layer_label(self.due.layer[row], self._project.catalogue)
        if name == "days":
            return "" if self.due.group[row] == NEVER else grouped(int(self.due.days[row]))
        if name == "name":
            return str(self.due.name[row] or self.due.uuid[row][:8])
        return str(getattr(self.due, name)[row] or "")


class OverduePanel(QWidget):
    """Groups with their counts, a list that is filtered and sorted, and what to do with it."""

    zoom_requested = Signal(object)
    cycles_wanted = Signal()
    said = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._project, self._selection = workspace.project, workspace.selection
        self._jobs = workspace.jobs
        self._due: _Due | None = None
        self._group = OVERDUE
        self._finding = Latest(self._project, _("Inspections due"), self)
        self._measured = Measured(
            self, self._jobs, title=_("Inspections due"), prepare=self._work, show=self.show_due
        )
        self._typed = QTimer(self, interval=_TYPED_MS, singleShot=True)
        self.groups = {group: QPushButton() for group in GROUPS}
        self.kind, self.unit, self.road = QComboBox(), QComboBox(), QComboBox()
        self.search = QLineEdit()
        self.export = QPushButton(_("Export list…"))
        self.sheet = QPushButton(_("Field sheet…"))
        self.cycles = QPushButton(_("Cycles…"))
        self.model = DueModel(self._project, self)
        self.view = QTableView()
        self.note = QLabel()
        self._build()
        self._measured.said.connect(self.note.setText)
        self._typed.timeout.connect(self._filter)
        self.search.textChanged.connect(self._typed.start)
        for box in (self.kind, self.unit, self.road):
            box.currentIndexChanged.connect(self._filter)
        self.export.clicked.connect(self._ask_workbook)
        self.sheet.clicked.connect(self._ask_sheet)
        self.cycles.clicked.connect(self.cycles_wanted)
        self.view.selectionModel().selectionChanged.connect(self._select)
        self.view.doubleClicked.connect(self._zoom)
        workspace.bridge.changed.connect(self._heard)
        workspace.closing.connect(self._finding.stop)

    def _build(self) -> None:
        exclusive = QButtonGroup(self)
        for group, button in self.groups.items():
            button.setCheckable(True)
            button.setChecked(group == self._group)
            button.setText(_(GROUP_WORDS[group]))
            button.clicked.connect(partial(self.show_group, group))
            exclusive.addButton(button)
        wanted = (self.export, self.sheet, self.cycles)
        row = Flowing((*self.groups.values(), None, *wanted))
        boxes = (self.kind, self.unit, self.road)
        for box in boxes:
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.search.setPlaceholderText(_("Search: id, road, grid, unit"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(_SEARCH_PX)
        self.note.setObjectName("muted")
        filters = Flowing((*boxes, self.search, self.note))
        nothing = _("Nothing is listed. Inspections are entered in the form of a feature.")
        set_up_list(self.view, self.model, _WIDTHS, nothing=nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(4)
        column.addWidget(row)
        column.addWidget(filters)
        column.addWidget(self.view, 1)

    def _work(self) -> Work:
        project, cycles = self._project, read_cycles(self._project.info(FACT))

        def work(progress: Progress) -> _Due:
            with project.reader() as reader:
                table = reader.store.due(cycles, dt.date.today(), progress=progress)
            return _Due(table, {group: _Group.of(table, group) for group in GROUPS})

        return work

    def show_due(self, due: _Due) -> None:
        """Show a list, and how many are in each group."""
        self._due = due
        for group, button in self.groups.items():
            button.setText(f"{_(GROUP_WORDS[group])}  {grouped(len(due.groups[group].rows))}")
        self._fill_filters()

    def show_group(self, group: str) -> None:
        """Show the rows of one group."""
        self._group = group
        self.groups[group].setChecked(True)
        self._fill_filters()

    def rows(self) -> NDArray[np.intp]:
        """Return the rows of the list that are shown, in the order in which they are shown."""
        return self.model.rows

    def _fill_filters(self) -> None:
        if self._due is None:
            return
        here, catalogue = self._due.groups[self._group], self._project.catalogue
        fill: tuple[tuple[QComboBox, str, list[tuple[str, Any]]], ...] = (
            (
                self.kind,
                _("All kinds"),
                [
                    (f"{layer_label(layer, catalogue)} ({grouped(count)})", layer)
                    for layer, count in here.kinds
                ],
            ),
            (self.unit, _("All units"), _counted(here.units)),
            (self.road, _("All roads"), _counted(here.roads)),
        )
        for box, everything, entries in fill:
            refill(box, [(everything, None), *entries])
        self._filter()

    def _filter(self) -> None:
        """Find the rows that are wanted; among very many, in the background."""
        if self._due is None:
            return
        due, rows = self._due.table, self._due.groups[self._group].rows
        boxes = ((self.kind, due.layer), (self.unit, due.unit), (self.road, due.road))
        chosen = [(column, box.currentData()) for box, column in boxes if box.currentData()]
        typed = self.search.text().strip()

        def work(_project: Project, _progress: Progress) -> NDArray[np.intp]:
            return _wanted(due, rows, chosen, typed)

        at_once = len(rows) <= AT_ONCE or not (chosen or typed)
        self._finding.ask(work, partial(self._show_rows, due), at_once=at_once)

    def _show_rows(self, due: DueTable, rows: NDArray[np.intp]) -> None:
        self.model.show_due(due, rows)
        self.note.setText(_("{count} shown").format(count=grouped(len(rows))))
        for button in (self.export, self.sheet):
            button.setEnabled(len(rows) > 0)

    def _select(self) -> None:
        """Select on the map what is chosen here: assets of the first one's kind."""
        due, chosen = self.model.due, self.view.selectionModel().selectedRows()
        if due is None or not chosen:
            return
        rows = self.model.rows[[index.row() for index in chosen]]
        layer = due.layer[rows[0]]
        fids = due.fid[[row for row in rows if due.layer[row] == layer]]
        self._selection.set(layer, fids)
        if len(chosen) == 1:
            self._zoom()

    def _zoom(self) -> None:
        layer = self._selection.layer
        if layer is None:
            return
        features = self._project.store.features(layer, self._selection.fids)
        boxes = [one.geometry.bounds for one in features if one.geometry is not None]
        extent = geometry_blob.union(boxes)
        if extent is not None:
            x_min, y_min, x_max, y_max = extent
            near = _AROUND_M
            self.zoom_requested.emit((x_min - near, y_min - near, x_max + near, y_max + near))

    def _ask_workbook(self) -> None:
        self._ask(_("Export list"), _("Workbooks (*.xlsx);;Web pages (*.html)"), self.write_list)

    def _ask_sheet(self) -> None:
        self._ask(_("Field sheet"), _("PDF files (*.pdf)"), self.write_sheet)

    def _ask(self, title: str, kinds: str, write: Callable[[Path], None]) -> None:
        path = ask_target(self, title, self._project.path.with_name(title), kinds)
        if path is not None:
            write(path)

    def write_list(self, path: Path) -> None:
        """Write the shown rows as a workbook or web page."""
        from hjgis.reports.tables import write_tables

        due, rows, catalogue = self.model.due, self.model.rows.tolist(), self._project.catalogue
        if due is None:
            return

        def work(progress: Progress) -> Path:
            progress.check()
            report = due_report(due, catalogue, rows)
            write_tables(path, report.title, [report])
            return path

        self._jobs.run(work, self._written, title=_("Export list"))

    def write_sheet(self, path: Path) -> None:
        """Write the shown rows as a list to take outdoors."""
        from hjgis.cartography.field_sheet import write_field_sheet

        if self.model.due is None:
            return
        sheet = field_sheet(self._project, self.model.due, self.model.rows.tolist())

        def work(progress: Progress) -> Path:
            write_field_sheet(sheet, path, progress=progress)
            return path

        self._jobs.run(work, self._written, title=_("Field sheet"))

    def _written(self, path: Path) -> None:
        self.said.emit(_("Written: {path}").format(path=path))

    def _heard(self, announcement: Announcement) -> None:
        kinds = {asset.id for asset in inspected_kinds(self._project.types)}
        if FACT in announcement.facts or announcement.layers.keys() & {LAYER, *kinds}:
            self._measured.outdate()


def _fits(text: str, typed: str) -> bool:
    # Numbers have no spelling, and of them there may be as many as assets.
    return typed.casefold() in text.casefold() if text.isascii() else is_meant(text, typed)


def _wanted(
    due: DueTable,
    rows: NDArray[np.intp],
    chosen: Sequence[tuple[NDArray[np.object_], str]],
    typed: str,
) -> NDArray[np.intp]:
    """Return those of some rows that have the chosen values and hold what is typed."""
    for column, value in chosen:
        rows = rows[column[rows] == value]
    if not typed:
        return rows
    fits = np.zeros(len(rows), bool)
    for column in (due.name, due.road, due.grid, due.unit):
        texts = column[rows].tolist()
        # Of each different text once; roads and units are few.
        meant = {text for text in set(texts) if text and _fits(text, typed)}
        fits |= np.fromiter((text in meant for text in texts), bool, len(texts))
    return rows[fits]


def _counted(counts: Sequence[tuple[str, int]]) -> list[tuple[str, Any]]:
    return [(f"{value} ({grouped(count)})", value) for value, count in counts]
