"""Statistics: what is counted, the cross table, its chart; a cell selects its features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import N_, _, grouped, label
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.models.query import Query, layers_of
from hjgis.models.statistics import (
    CrossTable,
    Dimension,
    Measure,
    NoSuchStatistics,
    Question,
    dimension_words,
    dimensions_of,
    measure_words,
    measures_of,
)
from hjgis.progress import Progress
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import LEFT, RIGHT
from hjgis.ui.panels.chart_view import ChartView
from hjgis.ui.sentence.choice_box import ChoiceBox
from hjgis.ui.sentence.surroundings import Surroundings

if TYPE_CHECKING:
    from hjgis.cartography.figures import Chart

_WAIT_MS: Final = 200
_CHARTS: Final = (("stacked", N_("Stacked bars")), ("bar", N_("Bars")), ("pie", N_("Pie")))
_ALL, _SELECTED, _FILTERED = "all", "selected", "filtered"
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Answer:
    """What a job brings back: the table, and what stands in its cells."""

    table: CrossTable
    grid: list[list[str | float | None]]


class CrossTableModel(QAbstractTableModel):
    """A cross table for Qt's views: headings, numbers, totals."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._grid: list[list[str | float | None]] = [[]]
        self._decimals = 0
        self._bold = QFont()
        self._bold.setBold(True)

    def show_answer(self, answer: Answer) -> None:
        """Show another table."""
        self.beginResetModel()
        self._grid = answer.grid
        self._decimals = answer.table.question.measure.decimals
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._grid = [[]]
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._grid) - 1

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._grid[0])

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        across = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.TextAlignmentRole and across:
            return RIGHT if section else LEFT
        if role != Qt.ItemDataRole.DisplayRole or not across:
            return None
        return self._grid[0][section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = self._grid[index.row() + 1][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            if value is None or isinstance(value, str):
                return value
            return grouped(value, f".{self._decimals}f")
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return RIGHT
        last = index.row() == self.rowCount() - 1
        return self._bold if role == Qt.ItemDataRole.FontRole and last else None


class StatisticsPanel(QWidget):
    """Asks anew whenever something is chosen or has changed; `found` carries layer and fids."""

    found = Signal(str, object)
    failed = Signal(object)

    def __init__(self, around: Surroundings, layer: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._around, self._project = around, around.project
        self.table_query: Query | None = None
        self.answer: Answer | None = None
        self._asked: Question | None = None
        self._jobs = Jobs(self)
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self.layers, self.first, self.second = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self.measure, self.which, self.kind = ChoiceBox(), ChoiceBox(), QComboBox()
        self.model = CrossTableModel(self)
        self.view, self.picture, self.said = QTableView(), ChartView(), QLabel()
        self.export = QPushButton(_("Export…"))
        self.export.setEnabled(False)
        for key, words in _CHARTS:
            self.kind.addItem(_(words), key)
        self._lay_out()
        self._list_layers(layer)
        self._layer_chosen()
        self._connect()

    def _connect(self) -> None:
        self.layers.chosen.connect(self._layer_chosen)
        for box in (self.first, self.second, self.measure, self.which):
            box.chosen.connect(self.ask)
        self.kind.currentIndexChanged.connect(self._paint_again)
        self.picture.resized.connect(self._paint_again)
        self.export.clicked.connect(self._choose_file)
        self.view.clicked.connect(self._select)
        self._wait.timeout.connect(self._start)
        self._around.selection.changed.connect(self._selection_changed)

    def _lay_out(self) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        boxes = (
            (_("Layer"), self.layers), (_("Divided by"), self.first), (_("then by"), self.second),
            (_("Measure"), self.measure), (_("Of"), self.which), (_("Chart"), self.kind),
        )  # fmt: skip
        for number, (words, box) in enumerate(boxes):
            row, column = divmod(number, 3)
            form.addWidget(QLabel(words), row, 2 * column)
            form.addWidget(box, row, 2 * column + 1)
            form.setColumnStretch(2 * column + 1, 1)
        form.addWidget(self.export, 1, 6)
        self.view.setModel(self.model)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(25)
        self.view.setAlternatingRowColors(True)
        self.view.setToolTip(_("Click a number to select its features"))
        self.picture.setMinimumSize(320, 200)
        self.said.setObjectName("muted")
        self.said.setWordWrap(True)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.view)
        split.addWidget(self.picture)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.addLayout(form)
        column_.addWidget(split, 1)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._wait.isActive() or self._jobs.busy

    # -- what is asked -----------------------------------------------------------------------

    def question(self) -> Question:
        """Return what the boxes ask.

        Raises
        ------
        NoSuchStatistics
            If what was chosen is not there any more, or nothing is selected.
        """
        by = [box.choice for box in (self.first, self.second)]
        dimensions = tuple(dict.fromkeys(d for d in by if isinstance(d, Dimension)))
        measure = self.measure.choice
        assert isinstance(measure, Measure)
        layer, query = str(self.layers.choice), self._query()
        return Question(layer, dimensions, measure, query.parts if query is not None else ())

    def ask(self) -> None:
        """Ask anew, soon."""
        self._jobs.cancel()
        self.said.setText(_("Counting…"))
        self._wait.start()

    def heard(self, announcement: Announcement) -> None:
        """Ask anew if what was edited is counted."""
        if not self.isVisible():
            return
        layers = {str(self.layers.choice)}
        query = self.which.choice
        if isinstance(query, Query):
            layers |= layers_of(query)
        if self._asked is not None:
            layers |= {d.area for d in self._asked.by if d.area}
        if not layers.isdisjoint(announcement.layers):
            self.ask()

    def stop(self) -> None:
        """Stop for good."""
        self._wait.stop()
        self._jobs.stop()

    def show_question(self, layer: str, by: tuple[Dimension, ...], measure: Measure) -> None:
        """Choose what is asked."""
        self.layers.choose(layer)
        self._layer_chosen()
        for box, dimension in zip((self.first, self.second), (*by, None, None), strict=False):
            box.choose(dimension)
        self.measure.choose(measure)
        self.ask()

    def _list_layers(self, layer: str) -> None:
        assets = reversed(list(self._project.types.values()))
        self.layers.offer([(label(asset.label), asset.id) for asset in assets])
        self.layers.choose(layer)

    def _layer_chosen(self) -> None:
        asset, types = self._project.asset_type(str(self.layers.choice)), self._project.types
        dimensions = [(dimension_words(d, asset, types), d) for d in dimensions_of(asset, types)]
        for box in (self.first, self.second):
            box.offer([(_("(nothing)"), None), *dimensions])
        usual = asset.class_field
        if usual is not None:
            self.first.choose(Dimension(usual))
        self.measure.offer([(measure_words(m, asset), m) for m in measures_of(asset)])
        self.refresh_queries()
        self.ask()

    def refresh_queries(self) -> None:
        """Offer the selection, the table's filter and the saved queries of the layer."""
        kept, layer = self.which.choice, str(self.layers.choice)
        entries: list[tuple[str, object]] = [
            (_("all features"), _ALL),
            (_("the selection"), _SELECTED),
            (_("what the table is filtered to"), _FILTERED),
        ]
        for entry in querying.saved(self._project):
            query, wrong = entry.query, querying.why_not(self._project, entry)
            if query is not None and query.layer == layer and not wrong:
                entries.append((_("query “{name}”").format(name=entry.name), query))
        self.which.offer(entries)
        self.which.choose(kept)

    def _query(self) -> Query | None:
        choice, layer = self.which.choice, str(self.layers.choice)
        if choice == _SELECTED:
            query = self._around.selected()
            if query is None or query.layer != layer:
                raise NoSuchStatistics(_("Nothing of this layer is selected."))
            return query
        if choice == _FILTERED:
            query = self.table_query
            if query is None or query.layer != layer:
                raise NoSuchStatistics(_("The table shows another layer."))
            return query
        return choice if isinstance(choice, Query) else None

    def _selection_changed(self) -> None:
        if self.which.choice == _SELECTED and self.isVisible():
            self.ask()

    # -- answers -----------------------------------------------------------------------------

    def _start(self) -> None:
        try:
            wanted = self.question()
        except NoSuchStatistics as error:
            # Numbers of what was asked before would be taken for the answer.
            self._asked = self.answer = None
            self.model.clear()
            self.picture.clear()
            self.said.setText(str(error))
            self.export.setEnabled(False)
            return
        self._asked = wanted
        reader = self._project.reader

        def work(progress: Progress) -> Answer:
            with reader() as project:
                return _answered(project, wanted, progress)

        self._jobs.run(work, self._take, title=_("Statistics"), on_error=self._fail)

    def _take(self, answer: Answer) -> None:
        if answer.table.question != self._asked or self._wait.isActive():
            return
        if self.answer is None or self.answer.table.question != answer.table.question:
            self.picture.clear()
        self.answer = answer
        self.export.setEnabled(True)
        self.model.show_answer(answer)
        self.view.resizeColumnsToContents()
        text = _("{count} features")
        self.said.setText(text.format(count=grouped(answer.table.total.count)))
        # The numbers do not wait for their picture: the first one takes seconds.
        self._paint(answer)

    def _paint(self, answer: Answer) -> None:
        kind, reader = str(self.kind.currentData()), self._project.reader
        draw = self.picture.drawing()

        def work(progress: Progress) -> bytes:
            progress.check()
            with reader() as project:
                return draw(_chart(project, answer.table, kind))

        def show(picture: bytes) -> None:
            if self.answer is answer and self.kind.currentData() == kind:
                self.picture.show_picture(picture)

        self._jobs.run(work, show, title=_("Statistics"), on_error=self._fail)

    def _paint_again(self) -> None:
        if self.answer is not None:
            self._paint(self.answer)

    def _fail(self, error: HjgisError) -> None:
        if not isinstance(error, Cancelled):
            self.said.setText(str(error))

    def _select(self, index: QModelIndex) -> None:
        """Select the features behind a number, a row's name or a total."""
        if self.answer is None:
            return
        table = self.answer.table
        wanted: dict[int, Any] = {}
        if table.question.by and index.row() < len(table.rows):
            wanted[0] = table.rows[index.row()]
        if len(table.question.by) > 1 and 1 <= index.column() <= len(table.columns):
            wanted[1] = table.columns[index.column() - 1]
        question, reader = table.question, self._project.reader

        def work(progress: Progress) -> NDArray[np.int64]:
            with reader() as project:
                return project.store.counted(question, wanted, progress=progress)

        def show(fids: NDArray[np.int64]) -> None:
            self.found.emit(question.layer, fids)

        self._jobs.run(work, show, title=_("Looking for features"), on_error=self._fail)

    # -- export ------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        start = self._project.path.with_name(_("Statistics") + ".xlsx")
        kinds = "Excel (*.xlsx);;PNG (*.png);;SVG (*.svg)"
        path = ask_target(self, _("Export…"), start, kinds)
        if path is not None:
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Write the table or its chart in the background."""
        if self.answer is None:
            return
        table, kind, reader = self.answer.table, str(self.kind.currentData()), self._project.reader

        def work(progress: Progress) -> Path:
            from hjgis.reports.statistics import write_statistics

            progress.check()
            with reader() as project:
                write_statistics(project, table, path, kind=kind)
            return path

        self._jobs.run(work, self._exported, title=_("Export…"), on_error=self.failed.emit)

    def _exported(self, path: Path) -> None:
        self.said.setText(_("Written: {path}").format(path=path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh_queries()
        self.ask()


def _answered(project: Project, question: Question, progress: Progress) -> Answer:
    """Count."""
    from hjgis.reports import statistics

    try:
        table = project.store.statistics(question, project.catalogue, progress=progress)
    except NoSuchStatistics as error:
        raise HjgisError(str(error)) from error
    return Answer(table, statistics.grid(project, table))


def _chart(project: Project, table: CrossTable, kind: str) -> Chart:
    """Return the chart; a kind that says nothing true gives way to bars."""
    from hjgis.reports import statistics

    kind = kind if statistics.can_be_shown_as(table, kind) else "bar"
    return statistics.chart_of(project, table, kind=kind)
