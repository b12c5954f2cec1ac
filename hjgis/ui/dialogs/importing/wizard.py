"""The import wizard: from somebody else's file to features of the project, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import N_, _, grouped
from hjgis.layers.project import Project
from hjgis.progress import Progress
from hjgis.ui.dialogs.importing import work
from hjgis.ui.dialogs.importing.choices import READING, Choices
from hjgis.ui.dialogs.importing.done_page import DonePage
from hjgis.ui.dialogs.importing.dropping import FileDrop
from hjgis.ui.dialogs.importing.fields_page import FieldsPage
from hjgis.ui.dialogs.importing.file_page import FilePage
from hjgis.ui.dialogs.importing.found_page import FoundPage
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.recent import RecentFiles
from hjgis.ui.dialogs.importing.step_list import StepList
from hjgis.ui.dialogs.importing.target_page import TargetPage
from hjgis.ui.dialogs.importing.trial_page import TrialPage
from hjgis.ui.dialogs.importing.update_page import UpdatePage
from hjgis.ui.dialogs.importing.work import Found, Ground, Standing, Stored, Trial
from hjgis.ui.jobs import Jobs

T = TypeVar("T")
FILE, FOUND, TARGET, FIELDS, TRIAL, UPDATE, DONE = STEPS = (
    "file", "found", "target", "fields", "trial", "update", "done",
)  # fmt: skip
_TITLES: Final = {
    FILE: N_("File"),
    FOUND: N_("What was found"),
    TARGET: N_("What it becomes"),
    FIELDS: N_("Fields and codes"),
    TRIAL: N_("Trial run"),
    UPDATE: N_("Differences"),
    DONE: N_("Done"),
}


class ImportDialog(QDialog):
    """Takes somebody else's file into the project; nothing is stored before the last step.

    `map_wanted` carries the extent of what was stored, `table_wanted` its layer.
    """

    map_wanted = Signal(object)
    table_wanted = Signal(str)

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        parent: QWidget | None = None,
        *,
        memory: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Import"))
        self._project, self._jobs = project, jobs
        self._recent = RecentFiles(memory)
        self._standing = Standing()
        self._step = FILE
        # Results of work that was begun before the latest are of no interest any more.
        self._turn = 0
        self._stored: Stored | None = None
        self._busy = self._left = self._stopping = False
        self.steps = StepList([(step, _(title)) for step, title in _TITLES.items()])
        self.file, self.found = FilePage(self._recent), FoundPage(project.crs)
        self.target, self.fields = TargetPage(project), FieldsPage(project)
        self.trial, self.update_page = TrialPage(project), UpdatePage(project)
        self.done_page = DonePage()
        self.pages: dict[str, Page] = {
            FILE: self.file, FOUND: self.found, TARGET: self.target, FIELDS: self.fields,
            TRIAL: self.trial, UPDATE: self.update_page, DONE: self.done_page,
        }  # fmt: skip
        self._lay_out()
        self._connect()
        self.resize(1080, 680)
        self._show_step(FILE)
        read = partial(work.ground_of, project)
        self._jobs.run(read, self._take_ground, title=_("Reading the map"))

    # -- look ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.title = QLabel()
        self.title.setObjectName("heading")
        self._stack = QStackedWidget()
        for page in self.pages.values():
            self._stack.addWidget(page)
        content = QVBoxLayout()
        content.setContentsMargins(20, 16, 20, 12)
        content.setSpacing(12)
        content.addWidget(self.title)
        content.addWidget(self._stack, 1)
        content.addLayout(self._bottom())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.steps)
        row.addLayout(content, 1)

    def _bottom(self) -> QHBoxLayout:
        self.hint = QLabel()
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = QPushButton(_("Cancel"))
        self.back = QPushButton(_("Back"))
        self.next = QPushButton(_("Next"))
        self.next.setObjectName("primary")
        self.next.setDefault(True)
        self.leave = QPushButton(_("Close"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.hint, 1)
        row.addWidget(self.bar, 1)
        for button in (self.stop, self.back, self.next, self.leave):
            button.setAutoDefault(False)
            row.addWidget(button)
        self.next.setMinimumWidth(110)
        self._show_busy(on=False)
        return row

    def _connect(self) -> None:
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.leave.clicked.connect(self.reject)
        self.stop.clicked.connect(self._stop_asked)
        self._jobs.progressed.connect(self._progressed)
        self.back.setToolTip(_("Alt+Left"))
        QShortcut(QKeySequence(Qt.Modifier.ALT | Qt.Key.Key_Left), self, self.go_back)
        QShortcut(QKeySequence(Qt.Modifier.ALT | Qt.Key.Key_Right), self, self.go_on)
        for page in self.pages.values():
            page.answered.connect(self._answer)
            page.changed.connect(self._refresh)
        FileDrop(self).dropped.connect(self.choose)
        self.file.wanted.connect(self.choose)
        self.fields.counts_wanted.connect(self._count)
        self.steps.chosen.connect(self._step_chosen)
        self.done_page.map_wanted.connect(self._show_map)
        self.done_page.table_wanted.connect(self._open_table)
        self.done_page.another_wanted.connect(self.begin_again)

    # -- steps ---------------------------------------------------------------------------

    @property
    def step(self) -> str:
        """The step that is shown."""
        return self._step

    @property
    def standing(self) -> Standing:
        """How far the import has come."""
        return self._standing

    @property
    def stored_layer(self) -> str:
        """The layer that the latest import went into."""
        return self._stored.layer if self._stored is not None else ""

    @property
    def busy(self) -> bool:
        """Whether something is being read or tried."""
        return self._busy

    def _path(self) -> list[str]:
        """Return the steps of this import: some do without fields or differences."""
        choices, trial = self._standing.choices, self._standing.trial
        skipped = set()
        found = self._standing.found
        whole = found is not None and found.is_survey
        if whole or (choices is not None and choices.as_reference):
            skipped.add(FIELDS)
        if found is not None and found.is_ours:
            skipped |= {FOUND, TARGET, FIELDS}
        if trial is not None and trial.update is None:
            skipped.add(UPDATE)
        return [step for step in STEPS if step not in skipped]

    def _is_last(self) -> bool:
        """Whether the next step stores."""
        path = self._path()
        return self._standing.trial is not None and path.index(self._step) == len(path) - 2

    def _show_step(self, step: str) -> None:
        self._step = step
        page = self.pages[step]
        self._stack.setCurrentWidget(page)
        self.title.setText(_(_TITLES[step]))
        page.show_standing(self._standing)
        self._refresh()
        if step == FILE:
            self.file.path.setFocus()
        else:
            self.next.setFocus()

    def _refresh(self) -> None:
        path, done = self._path(), self._step == DONE
        here = path.index(self._step)
        self.steps.show_steps(path, here, finished=done)
        missing = self.pages[self._step].missing
        last = self._is_last()
        reason = missing or (self._project.read_only_reason or "" if last else "")
        self.next.setText(self._import_words() if last else _("Next"))
        self.next.setVisible(not done)
        self.next.setEnabled(not self._busy and not reason)
        self.next.setToolTip(reason)
        self.back.setVisible(not done)
        self.back.setEnabled(here > 0 and not self._busy)
        self.hint.setText(reason if self._standing.choices is not None else "")

    def _import_words(self) -> str:
        trial = self._standing.trial
        if self._step == UPDATE:
            count = len(self.update_page.accepted)
        else:
            count = trial.plan.report.imported if trial else 0
        return _("Import {count}").format(count=grouped(count)) if count else _("Import")

    def _step_chosen(self, step: str) -> None:
        path = self._path()
        if not self._busy and self._step != DONE and path.index(step) < path.index(self._step):
            self._show_step(step)

    def go_back(self) -> None:
        """Return to the step before."""
        path = self._path()
        here = path.index(self._step)
        if self.back.isVisible() and self.back.isEnabled() and here > 0:
            self._show_step(path[here - 1])

    def go_on(self) -> None:
        """Take the next step, if nothing is missing."""
        if not self.next.isEnabled() or self._step == DONE:
            return
        path = self._path()
        if self._step == FILE and self.file.source is not None:
            self.choose(self.file.source)
        elif self._is_last():
            self._store()
        else:
            self._show_step(path[path.index(self._step) + 1])
            if self._step == TRIAL and self._standing.trial is None:
                self._try()

    def choose(self, source: Path) -> None:
        """Begin with a file."""
        self.file.path.setText(str(source))
        self._standing = Standing(Choices(source))
        self._show_step(FILE)
        self._look()

    def begin_again(self) -> None:
        """Forget this import and ask for another file."""
        self._standing = Standing()
        self.file.path.clear()
        self._show_step(FILE)

    # -- answers -------------------------------------------------------------------------

    def _answer(self, given: Mapping[str, Any]) -> None:
        """Take answers; what followed from other ones is found out anew."""
        choices = self._standing.choices
        if choices is None:
            return
        answered = choices.with_answers(given)
        if answered == choices:
            return
        self._standing = replace(self._standing, choices=answered, trial=None)
        if READING & given.keys():
            self._look()
        else:
            self._refresh()

    # -- work ----------------------------------------------------------------------------

    def _run(
        self,
        job: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Callable[[HjgisError], None],
        title: str,
    ) -> None:
        """Do something in the background; only the latest counts."""
        self._turn += 1
        self._stopping = False
        turn = self._turn

        def over(then: Callable[[Any], None], result: Any) -> None:
            if turn == self._turn:
                self._show_busy(on=False)
                then(result)
                self._refresh()

        def stoppable(progress: Progress) -> T:
            mine = Stoppable(progress, lambda: turn == self._turn and not self._stopping)
            mine.check()
            return job(mine)

        self._show_busy(on=True, title=title)
        self._jobs.run(stoppable, partial(over, done), title=title, on_error=partial(over, failed))
        self._refresh()

    def _show_busy(self, *, on: bool, title: str = "") -> None:
        self._busy = on
        self.bar.setRange(0, 0)
        self.bar.setVisible(on)
        self.bar.setToolTip(title)
        self.stop.setVisible(on)
        self.hint.setVisible(not on)

    def _stop_asked(self) -> None:
        self._stopping = True

    def _progressed(self, done: int, total: int, key: str) -> None:
        del key
        if self._busy:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _look(self) -> None:
        choices = self._standing.choices
        assert choices is not None
        look = partial(work.look, self._project, choices)
        self._run(look, self._looked, self._unread, _("Reading the file"))

    def _looked(self, found: Found) -> None:
        self._standing = replace(self._standing, found=found)
        self._show_step(TRIAL if found.is_ours else FOUND)
        if found.is_ours:
            self._try()

    def _unread(self, error: HjgisError) -> None:
        stopped = isinstance(error, Cancelled)
        self._show_step(FILE)
        self.file.tell(_("Reading was stopped.") if stopped else str(error))

    def _take_ground(self, ground: Ground) -> None:
        if not self._left:
            self.found.set_ground(ground)

    def _count(self, names: list[str]) -> None:
        found = self._standing.found
        assert found is not None
        assert found.layer is not None
        count = partial(work.count_values, found.layer, names)
        self._run(count, self.fields.show_counts, self._uncounted, _("Counting values"))

    def _uncounted(self, _error: HjgisError) -> None:
        # Without counts the values are only not shown; the trial tells what becomes of them.
        self._refresh()

    def _try(self) -> None:
        choices = self._standing.choices
        assert choices is not None
        self.trial.begin()
        found = self._standing.found
        assert found is not None
        attempt = partial(
            work.attempt, self._project, choices, is_survey=found.is_survey, is_ours=found.is_ours
        )
        self._run(attempt, self._tried, self._untried, _("Trying the import"))

    def _tried(self, trial: Trial) -> None:
        self._standing = replace(self._standing, trial=trial)
        found = self._standing.found
        straight = found is not None and found.is_ours and not trial.plan.report.problems
        self._show_step(UPDATE if straight and trial.update is not None else TRIAL)

    def _untried(self, error: HjgisError) -> None:
        if isinstance(error, Cancelled):
            path = self._path()
            self._show_step(path[path.index(TRIAL) - 1])
            return
        self._show_step(TRIAL)
        self.trial.fail(error)

    # -- storing -------------------------------------------------------------------------

    def _store(self) -> None:
        """Store what was tried, as one change."""
        trial, choices = self._standing.trial, self._standing.choices
        assert trial is not None
        assert choices is not None
        accepted = self.update_page.accepted if self._step == UPDATE else None
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            stored = work.store(self._project, trial, accepted)
        except HjgisError as error:
            self._show_step(TRIAL)
            self.trial.fail(error)
            return
        finally:
            QApplication.restoreOverrideCursor()
        self._recent.add(choices.source)
        self._standing = replace(self._standing, stored=stored.counts)
        self._stored = stored
        self._show_step(DONE)

    def _show_map(self) -> None:
        self.accept()
        if self._stored is not None and self._stored.extent is not None:
            self.map_wanted.emit(self._stored.extent)

    def _open_table(self) -> None:
        self.accept()
        self.table_wanted.emit(self.stored_layer)

    def done(self, result: int) -> None:
        """Leave; what is still being read is of no interest any more."""
        self._turn += 1
        self._left = True
        super().done(result)


class Stoppable:
    """Stops a job that nobody wants any more, wherever it stands in the queue."""

    def __init__(self, inner: Progress, is_wanted: Callable[[], bool]) -> None:
        self._inner, self._is_wanted = inner, is_wanted

    def report(self, done: int, total: int, key: str) -> None:
        """Pass on how far the work has come."""
        self._inner.report(done, total, key)

    def check(self) -> None:
        """Raise Cancelled when the work is to end."""
        self._inner.check()
        if not self._is_wanted():
            raise Cancelled
