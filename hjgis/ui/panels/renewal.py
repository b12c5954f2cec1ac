"""Which pipes are to be renewed: ranked list, kilometres, chart, and the map in its colours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QPushButton,
    QStackedWidget,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks import renewal
from hjgis.checks.renewal import ABANDONED, BEYOND, NO_YEAR, PIPES, Candidates, Kilometres
from hjgis.checks.shading import RENEWAL, Shading, classes_of, shade_style
from hjgis.i18n import N_, _, grouped
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.models.renewal import FACT
from hjgis.progress import Progress
from hjgis.reports import renewal as report
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.flowing import Flowing, Words, beside
from hjgis.ui.measured import Measured, Work
from hjgis.ui.page_parts import RIGHT, set_up_headings
from hjgis.ui.panels.chart_view import ChartView
from hjgis.ui.panels.listed import Index, ListModel, set_up_list
from hjgis.ui.panels.shade_legend import legend_text
from hjgis.ui.workspace import Workspace

_PX_A_LETTER: Final = 8
# What the list may show, and the words for it.
RANKED, YEARLESS, PLANNED = "ranked", "yearless", "planned"
_LISTS: Final = (
    (RANKED, N_("With a score")),
    (YEARLESS, N_("Year unknown")),
    (PLANNED, N_("Renewal planned")),
)
_TABLES: Final = 3
_BLOCK: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the job brings back: the scores, and kilometres in cross tables."""

    found: Candidates
    tables: tuple[Kilometres, ...]


class PipesModel(ListModel):
    """Pipes of the list, sorted by a column; the words of those in sight are made on demand."""

    rows: NDArray[np.intp]

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        names = [name for name, _words, _letters in report.LIST]
        right = [place for place, name in enumerate(names) if name in report.NUMBERS]
        super().__init__([_(words) for _name, words, _letters in report.LIST], parent, right=right)
        self._project = project
        self._found: Candidates | None = None
        self.rows = np.empty(0, np.intp)
        self._blocks: dict[int, tuple[tuple[Any, ...], ...]] = {}
        self.modelAboutToBeReset.connect(self._blocks.clear)

    def show_found(self, found: Candidates, rows: NDArray[np.intp]) -> None:
        """Show some pipes in this order, or in that of the column chosen before."""
        self._found = found
        self.show_rows(rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = self._words(index.row())[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self.right:
            return RIGHT
        return None

    def keys(self) -> list[int]:
        """Return which pipes the rows are."""
        return self._found.features.fids[self.rows].tolist() if self._found is not None else []

    def sorted(self, rows: NDArray[np.intp], column: int, *, down: bool) -> NDArray[np.intp]:
        if self._found is None:
            return rows
        keys = renewal.sort_keys(self._found, report.LIST[column][0])[rows]
        known = np.flatnonzero(~np.isnan(keys))
        order = np.argsort(-keys[known] if down else keys[known], kind="stable")
        return np.concatenate([rows[known[order]], rows[np.isnan(keys)]])

    def _words(self, row: int) -> tuple[Any, ...]:
        """Return the cells of a row; made for those around it too."""
        number, within = divmod(row, _BLOCK)
        if number not in self._blocks:
            assert self._found is not None
            some = self.rows[number * _BLOCK : (number + 1) * _BLOCK].tolist()
            known = self._project.catalogue
            self._blocks[number] = report.list_rows(self._found, known, some)
        return self._blocks[number][within]


class RenewalPanel(QWidget):
    """A list to click, cross tables and a chart; counted when looked at and after edits.

    `shaded` carries the pipes in their colours, or None.
    """

    zoom_wanted = Signal()
    rules_wanted = Signal()
    shaded = Signal(object)
    said = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._project, self._selection = workspace.project, workspace.selection
        self._jobs = workspace.jobs
        self.answer: Answer | None = None
        self.what = QComboBox()
        self.map = QCheckBox(_("Colour the pipes"))
        self.rules = QPushButton(_("Score…"))
        self.export = QPushButton(_("Export…"))
        self.sums, self.legend, self.chart = Words(), Words(grows=False), ChartView()
        self.model, self.view = PipesModel(self._project, self), QTableView()
        self.cross, self.pages = QTableWidget(), QStackedWidget()
        self._measured = Measured(
            self,
            self._jobs,
            title=_("Pipes to be renewed"),
            prepare=self._work,
            show=self.show_answer,
        )
        self._build()
        self.what.currentIndexChanged.connect(self._show_page)
        self.map.toggled.connect(self._colour)
        self.rules.clicked.connect(self.rules_wanted)
        self.export.clicked.connect(self._ask_file)
        self.view.selectionModel().selectionChanged.connect(self._select)
        self.view.doubleClicked.connect(self._zoom)
        self.chart.resized.connect(self._draw)
        self._measured.said.connect(self.sums.setText)
        workspace.bridge.changed.connect(self._heard)

    def _build(self) -> None:
        for key, words in _LISTS:
            self.what.addItem(_(words), key)
        for number, words in enumerate(report.table_titles()):
            self.what.addItem(_("{title} (km)").format(title=words), number)
        self.what.addItem(_("Chart"), _TABLES)
        self.map.setToolTip(_("Colour the pipes of the map by their score"))
        self.rules.setToolTip(_("How long pipes may serve, and what the score is made of"))
        show = beside(_("Show"), self.what)
        row = Flowing((show, self.map, None, self.rules, self.export))
        self.legend.hide()
        self.sums.setObjectName("muted")
        widths = [letters * _PX_A_LETTER for _name, _words, letters in report.LIST]
        nothing = _("Nothing is listed. Points come from age, material, leaks and faults.")
        set_up_list(self.view, self.model, widths, nothing=nothing)
        self.cross.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.cross.setAlternatingRowColors(True)
        self.cross.verticalHeader().setDefaultSectionSize(24)
        set_up_headings(self.cross.horizontalHeader())
        for page in (self.view, self.cross, self.chart):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(4)
        column.addWidget(row)
        column.addWidget(Flowing((self.sums, self.legend), gap=12))
        column.addWidget(self.pages, 1)

    # -- counting ----------------------------------------------------------------------------

    def _work(self) -> Work:
        reader = self._project.reader

        def work(progress: Progress) -> Answer:
            with reader() as project:
                found = renewal.candidates(project, on=dt.date.today(), progress=progress)
                return Answer(found, renewal.kilometres(found, project.catalogue))

        return work

    def show_answer(self, answer: Answer) -> None:
        """Show scored pipes."""
        self.answer = answer
        found = answer.found
        words = _(
            "{km} km in use; beyond their years {beyond} km, year unknown {unknown} km (not counted"
            " as in order); {count} pipes with a score"
        )
        self.sums.setText(
            words.format(
                km=_km(found, found.state != ABANDONED),
                beyond=_km(found, found.state == BEYOND),
                unknown=_km(found, found.state == NO_YEAR),
                count=grouped(len(found.ranked())),
            )
        )
        self._show_page()
        self._colour()

    def _heard(self, announcement: Announcement) -> None:
        if PIPES in announcement.layers or FACT in announcement.facts:
            self._measured.outdate(seen_elsewhere=self.map.isChecked())

    # -- pages -------------------------------------------------------------------------------

    def _show_page(self) -> None:
        if self.answer is None:
            return
        shown = self.what.currentData()
        if isinstance(shown, str):
            self.pages.setCurrentWidget(self.view)
            self.model.show_found(self.answer.found, self._rows(shown))
        elif shown < _TABLES:
            self.pages.setCurrentWidget(self.cross)
            self._fill(self.answer.tables[shown])
        else:
            self.pages.setCurrentWidget(self.chart)
            self._draw()

    def _rows(self, what: str) -> NDArray[np.intp]:
        assert self.answer is not None
        found = self.answer.found
        if what == YEARLESS:
            return np.flatnonzero(found.state == NO_YEAR)
        if what == PLANNED:
            return np.flatnonzero(found.features.numbers("replace_plan_year") > 0)
        return found.ranked()

    def _fill(self, table: Kilometres) -> None:
        view = self.cross
        view.setRowCount(len(table.rows) + 1)
        view.setColumnCount(len(table.columns) + 1)
        view.setHorizontalHeaderLabels([*table.columns, _("Total")])
        view.setVerticalHeaderLabels([*table.rows, _("Total")])
        whole = np.zeros((len(table.rows) + 1, len(table.columns) + 1))
        whole[:-1, :-1] = table.km
        whole[-1] = whole.sum(axis=0)
        whole[:, -1] = whole[:, :-1].sum(axis=1)
        for (row, column), km in np.ndenumerate(whole):
            item = QTableWidgetItem(grouped(float(km), ".3f") if km else "")
            item.setTextAlignment(RIGHT)
            view.setItem(row, column, item)
        for column in range(view.columnCount()):
            heading = view.horizontalHeaderItem(column)
            if heading is not None:
                heading.setTextAlignment(RIGHT)
        view.resizeColumnsToContents()

    def _draw(self) -> None:
        if self.answer is None:
            return
        found, known, draw = self.answer.found, self._project.catalogue, self.chart.drawing()

        def work(progress: Progress) -> bytes:
            progress.check()
            return draw(report.chart(found, known))

        self._jobs.run(work, self.chart.show_picture, title=_("Chart"))

    # -- what a click does -------------------------------------------------------------------

    def _select(self) -> None:
        """Select on the map what is chosen in the list, and look at a single one."""
        chosen = self.view.selectionModel().selectedRows()
        if self.answer is None or not chosen:
            return
        rows = self.model.rows[[index.row() for index in chosen]]
        self._selection.set(PIPES, self.answer.found.features.fids[rows])
        if len(chosen) == 1:
            self._zoom()

    def _zoom(self) -> None:
        self.zoom_wanted.emit()

    def _colour(self) -> None:
        self.legend.setVisible(self.map.isChecked())
        if not self.map.isChecked():
            self.shaded.emit(None)
        elif self.answer is not None:
            found, style = self.answer.found, shade_style(RENEWAL)
            classes = classes_of(style, found.shade)
            shade = Shading(PIPES, style, found.features.fids, classes)
            self.legend.setText(legend_text(shade))
            self.shaded.emit(shade)

    # -- export ------------------------------------------------------------------------------

    def _ask_file(self) -> None:
        start = self._project.path.with_name(_("Pipes to be renewed") + ".xlsx")
        path = ask_target(self, _("Export…"), start, _("Workbooks (*.xlsx);;Web pages (*.html)"))
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write list, kilometres and rules."""
        from hjgis.reports.tables import write_tables

        if self.answer is None:
            return
        found, known = self.answer.found, self._project.catalogue

        def work(progress: Progress) -> Path:
            progress.check()
            write_tables(path, _("Pipes to be renewed"), report.tables(found, known))
            return path

        self._jobs.run(work, self._written, title=_("Export…"))

    def _written(self, path: Path) -> None:
        self.said.emit(_("Written: {path}").format(path=path))


def _km(found: Candidates, rows: NDArray[np.bool_]) -> str:
    return grouped(float(found.km[rows].sum()), ".1f")
