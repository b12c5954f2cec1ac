"""Step 5: what would become of the records; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError, InputQuestion
from hjgis.exchange import at_once
from hjgis.exchange.at_once import Outcome
from hjgis.exchange.report import ImportReport, Problem, write_problems
from hjgis.i18n import _, grouped
from hjgis.layers.project import Project
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.importing import wording
from hjgis.ui.dialogs.importing.gist import Lines
from hjgis.ui.dialogs.importing.page import Page, Question
from hjgis.ui.dialogs.importing.tiles import Tiles
from hjgis.ui.dialogs.importing.tried_layers import TriedLayers
from hjgis.ui.dialogs.importing.work import Standing
from hjgis.ui.page_parts import RIGHT, align_right, column_of, muted

# A tree with more lines is read by nobody; the list that is saved has them all.
_MOST_LINES: Final = 3000
_WHAT, _ROWS, _FIELD, _COUNT = range(4)
# What the words leave them at most.
_WIDTHS: Final = {_ROWS: 120, _FIELD: 150, _COUNT: 80}
# A tooltip with more is no help.
_MOST_SIGNS: Final = 600


class TrialPage(Page):
    """Counts above, problems by kind below."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._report: ImportReport | None = None
        self._outcomes: Sequence[Outcome] = ()
        self._missing = _("The trial run is still under way.")
        self.tiles = Tiles()
        self.said = muted()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Filter by words, field or row"))
        self.filter.setClearButtonEnabled(True)
        self.save = QPushButton(_("Save the list…"))
        self.save.setAutoDefault(False)
        self.problems = QTreeWidget()
        self.layers = TriedLayers(project)
        self.gist = QFrame()
        self._ask = QVBoxLayout()
        self._lay_out()
        self.filter.textChanged.connect(self._fill)
        self.save.clicked.connect(self._save)

    def _lay_out(self) -> None:
        tree = self.problems
        tree.setObjectName("framed")
        tree.setHeaderLabels([_("What"), _("Rows"), _("Column"), _("Count")])
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setUniformRowHeights(True)
        tree.setRootIsDecorated(True)
        align_right(tree, _COUNT)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(_WHAT, QHeaderView.ResizeMode.Stretch)
        self._list = QWidget()
        row = QHBoxLayout()
        self.count = QLabel()
        self.count.setObjectName("card_title")
        row.addWidget(self.count, 1)
        row.addWidget(self.filter, 1)
        row.addWidget(self.save)
        inside = QVBoxLayout(self._list)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addLayout(row)
        inside.addWidget(tree, 1)
        inside.addWidget(self.layers, 1)
        self.gist.setObjectName("framed")
        self._gist = QGridLayout(self.gist)
        self._gist.setColumnStretch(1, 1)
        column = self._column = column_of(self)
        column.addWidget(self.tiles)
        column.addWidget(self.said)
        column.addLayout(self._ask)
        column.addWidget(self._list, 1)
        column.addWidget(self.gist)
        column.addStretch(0)

    # -- showing -------------------------------------------------------------------------

    def show_standing(self, standing: Standing) -> None:
        trial = standing.trial
        if trial is None and standing.tried:
            self._show_layers(standing.tried)
        if trial is None:
            return
        self._clear()
        self._missing = ""
        self.layers.hide()
        report = self._report = trial.plan.report
        self.tiles.show_counts(trial.counts())
        self.said.setText(wording.trial(report, self._project))
        self.count.setText(wording.problem_count(report))
        for part in (self.filter, self.save, self.problems):
            part.setVisible(bool(report.problems))
        listed = bool(report.problems)
        self._column.setStretchFactor(self._list, int(listed))
        self._column.setStretch(self._column.count() - 1, int(not listed))
        self._list.setVisible(True)
        self._show_gist(trial.gist)
        self.filter.clear()
        self._fill()
        if not trial.stores_something:
            self._missing = _("There is nothing to store.")
        self.changed.emit()

    def _show_gist(self, lines: Lines) -> None:
        """Say what will be stored."""
        for row, (heading, words) in enumerate(lines):
            said = QLabel(words)
            said.setWordWrap(True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._gist.addWidget(muted(heading), row, 0, Qt.AlignmentFlag.AlignTop)
            self._gist.addWidget(said, row, 1)
        self.gist.setVisible(bool(lines))

    def _show_layers(self, outcomes: Sequence[Outcome]) -> None:
        """Show of several layers what would become of each."""
        self._clear()
        self._outcomes = outcomes
        taken = [outcome.report for outcome in outcomes if outcome.report is not None]
        self._missing = "" if taken else _("There is nothing to store.")
        self.tiles.show_counts(
            (
                (_("Layers"), len(taken)),
                (_("New"), sum(report.imported for report in taken)),
                (_("Left out"), sum(report.rejected for report in taken)),
                (_("Layers left"), len(outcomes) - len(taken)),
            )
        )
        self.said.setText(_("Nothing is stored yet. Each layer becomes one change."))
        self.count.setText("")
        for part in (self.filter, self.problems):
            part.hide()
        self.save.show()
        self.layers.show_outcomes(outcomes)
        self.layers.show()
        self._list.show()
        self._column.setStretchFactor(self._list, 1)
        self._column.setStretch(self._column.count() - 1, 0)
        self.changed.emit()

    def tell(self, words: str) -> None:
        """Say how far the work has come."""
        self.said.setText(words)

    def begin(self) -> None:
        """Show that the trial is under way."""
        self._clear()
        self._missing = _("The trial run is still under way.")
        self.said.setText(_("Trying the import; nothing is stored…"))

    def fail(self, error: HjgisError) -> None:
        """Say why there is no trial; a question gets its answers as buttons."""
        self._clear()
        self._missing = _("Go back and change what is needed.")
        self.said.setText("")
        asked = error if isinstance(error, InputQuestion) else None
        if asked is not None:
            self._missing = _("Answer the question first.")
        question = Question(str(error), wording.answers_to(asked) if asked else [])
        question.answered.connect(self.answered)
        self._ask.addWidget(question)
        self.changed.emit()

    def _clear(self) -> None:
        self._report, self._outcomes = None, ()
        self._show_gist(())
        while self._gist.count():
            item = self._gist.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.tiles.show_counts(())
        self._list.setVisible(False)
        while self._ask.count():
            item = self._ask.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    @property
    def missing(self) -> str:
        return self._missing

    def _fill(self) -> None:
        self.problems.clear()
        if self._report is None:
            return
        wanted = self.filter.text().strip().casefold()
        found = [p for p in self._report.problems if wanted in _searched(p)]
        shown = 0
        found.sort(key=lambda p: (wording.problem_order(p.kind), p.kind))
        for kind, group in groupby(found, key=lambda p: p.kind):
            problems = list(group)
            total = wording.total_of(problems)
            top = QTreeWidgetItem([wording.problem_kind(kind), "", "", grouped(total)])
            top.setTextAlignment(_COUNT, RIGHT)
            font = top.font(_WHAT)
            font.setBold(True)
            for place in (_WHAT, _COUNT):
                top.setFont(place, font)
            self.problems.addTopLevelItem(top)
            lines = problems[: max(_MOST_LINES - shown, 0)]
            top.addChildren([_line(problem) for problem in lines])
            shown += len(lines)
            if len(lines) < len(problems):
                words = _("{count} more; save the list to see them")
                rest = words.format(count=grouped(len(problems) - len(lines)))
                top.addChild(QTreeWidgetItem([rest]))
            top.setExpanded(len(problems) <= 20 or bool(wanted))
        for place, most in _WIDTHS.items():
            self.problems.resizeColumnToContents(place)
            self.problems.setColumnWidth(place, min(self.problems.columnWidth(place), most))
        self.save.setEnabled(bool(self._report.problems))

    def _save(self) -> None:
        name = self._report.source if self._report else _("Trial run")
        proposal = str(Path.home() / _("{name} problems.csv").format(name=name))
        chosen = file_dialogs.save_file(self, _("Save the list"), proposal, _("Tables (*.csv)"))[0]
        if chosen:
            self.save_to(Path(chosen))

    def save_to(self, path: Path) -> None:
        """Write the problems into a table."""
        try:
            if self._report is not None:
                write_problems(self._report, path)
            else:
                at_once.write_report(self._project, self._outcomes, path)
        except HjgisError as error:
            self.said.setText(str(error))
            return
        self.said.setText(_("The list is in {path}.").format(path=path))


def _searched(problem: Problem) -> str:
    parts = (problem.rows, problem.field, problem.message, wording.problem_kind(problem.kind))
    return " ".join(str(part) for part in parts if part is not None).casefold()


def _line(problem: Problem) -> QTreeWidgetItem:
    cells = [problem.message, problem.rows, problem.field or "", grouped(problem.count)]
    item = QTreeWidgetItem(cells)
    item.setTextAlignment(_COUNT, RIGHT)
    for place, text in enumerate(cells):
        item.setToolTip(place, text[:_MOST_SIGNS])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item
