"""The notice's tasks and countable targets against what the layers hold."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QSplitter, QVBoxLayout, QWidget

from hjgis.checks import targets
from hjgis.checks.target_measures import Fids
from hjgis.checks.targets import TargetResult, TaskResult
from hjgis.i18n import _
from hjgis.models.changes import Announcement
from hjgis.models.targets import FACT, project_register
from hjgis.progress import Progress
from hjgis.reports.targets import summary_words
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.project_lists.targets_page import TargetDialog
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.dialogs.task_state import TaskStateDialog
from hjgis.ui.flowing import Flowing, Words, beside
from hjgis.ui.measured import Measured, Work
from hjgis.ui.page_parts import narrow
from hjgis.ui.panels.task_details import TaskDetails
from hjgis.ui.panels.task_tiles import TaskTiles
from hjgis.ui.workspace import Workspace


class TargetsPanel(QWidget):
    """All tasks at a glance; beside them the chosen one with its targets."""

    zoom_wanted = Signal()
    table_wanted = Signal(str)
    wanted = Signal(object)
    said = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._project, self._selection = workspace.project, workspace.selection
        self._jobs = workspace.jobs
        self._tasks: tuple[TaskResult, ...] = ()
        self.summary = Words(_("Measuring…"))
        self.summary.setObjectName("muted")
        self.unit = QComboBox()
        narrow(self.unit)
        self._export = QPushButton(_("Export…"))
        self.tiles = TaskTiles()
        self.details = TaskDetails(self._project)
        self._measured = Measured(
            self, self._jobs, title=_("Targets"), prepare=self._work, show=self.show_tasks
        )
        self._lay_out()
        self.tiles.chosen.connect(self.details.show_task)
        self.unit.currentIndexChanged.connect(self._filter)
        self._export.clicked.connect(self._ask_export)
        self.details.counted_wanted.connect(self.select_counted)
        self.details.missing_wanted.connect(self.select_missing)
        self.details.expected_wanted.connect(self._change_expected)
        self.details.state_wanted.connect(self._change_state)
        self._measured.said.connect(self.summary.setText)
        workspace.bridge.changed.connect(self._outdate)

    def _lay_out(self) -> None:
        units = {name for task in project_register(None).tasks.values() for name in task.units}
        listed = self._project.catalogue.codes("unit")
        self.unit.addItem(_("All units"), "")
        for code in listed.codes:
            if code.code in units:
                self.unit.addItem(listed.label_of(code.code), code.code)
        head = Flowing((beside(_("Unit"), self.unit), self.summary, self._export))
        left = QWidget()
        overview = QVBoxLayout(left)
        overview.setContentsMargins(0, 0, 0, 0)
        overview.setSpacing(6)
        overview.addWidget(head)
        overview.addWidget(self.tiles, 1)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(left)
        parts.addWidget(self.details)
        parts.setChildrenCollapsible(False)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        parts.setSizes([600, 420])
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(parts, 1)

    def _work(self) -> Work:
        project = self._project

        def work(progress: Progress) -> tuple[TaskResult, ...]:
            progress.check()
            with project.reader() as reader:
                return targets.task_results(reader, targets.measure(reader))

        return work

    def show_tasks(self, tasks: tuple[TaskResult, ...]) -> None:
        """Show measured tasks, those of the chosen unit."""
        self._tasks = tasks
        self._filter()

    def _filter(self) -> None:
        unit = self.unit.currentData()
        shown = [task for task in self._tasks if not unit or unit in task.task.units]
        self.summary.setText(summary_words([one for task in shown for one in task.results]))
        self.tiles.show_tasks(shown)

    # -- what is behind a number ---------------------------------------------------------

    def select_counted(self, result: TargetResult) -> None:
        """Select the features behind a number, on the map and in their table."""
        self._select(result, result.fids)

    def select_missing(self, result: TargetResult) -> None:
        """Select the features that a number leaves out."""
        target = project_register(self._project.info(FACT)).target(result.id)
        reader = self._project.reader

        def work(progress: Progress) -> Fids:
            progress.check()
            with reader() as project:
                return targets.features_missing(project, target)

        self._jobs.run(work, partial(self._select, result), title=_("Targets"))

    def _select(self, result: TargetResult, fids: Fids) -> None:
        layer = result.layer
        if layer is None or layer not in self._project.types:
            return
        if not len(fids):
            self.said.emit(_("Nothing is left out of this number."))
            return
        self._selection.set(layer, fids)
        self.zoom_wanted.emit()
        self.table_wanted.emit(layer)

    # -- what is kept --------------------------------------------------------------------

    def _change_expected(self, result: TargetResult) -> None:
        target = project_register(self._project.info(FACT)).target(result.id)
        self._want(TargetDialog(self._project, target, self))

    def _change_state(self, task: TaskResult) -> None:
        self._want(TaskStateDialog(self._project, task.task, self))

    def _want(self, dialog: TargetDialog | TaskStateDialog) -> None:
        if accepted(dialog):
            self.wanted.emit(dialog.make)

    # -- on paper ------------------------------------------------------------------------

    def _ask_export(self) -> None:
        kinds = _("One page (*.pdf);;Workbook (*.xlsx);;Web page (*.html)")
        proposal = self._project.path.with_suffix(".pdf")
        path = ask_target(self, _("Export target board"), proposal, kinds)
        if path is not None:
            self.export(path)

    def export(self, path: Path) -> None:
        """Write the board, measured anew, as a page of PDF or as tables."""
        project = self._project

        def work(progress: Progress) -> Path:
            from hjgis.reports.targets import write_targets

            progress.check()
            with project.reader() as reader:
                tasks = targets.task_results(reader, targets.measure(reader))
                write_targets(reader, tasks, path)
            return path

        self._jobs.run(work, self._written, title=_("Export target board"))

    def _written(self, path: Path) -> None:
        self.said.emit(_("Written: {path}").format(path=path))

    def _outdate(self, _announcement: Announcement) -> None:
        self._measured.outdate()
