"""The import wizard: from somebody else's file to features of the project, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QWidget,
)

from hjgis.errors import Cancelled, HjgisError
from hjgis.exchange import at_once
from hjgis.exchange.at_once import Outcome
from hjgis.exchange.report import ImportReport
from hjgis.i18n import N_, _, grouped, ngettext_
from hjgis.layers.project import Project
from hjgis.ui import storing
from hjgis.ui.dialogs.importing import work
from hjgis.ui.dialogs.importing.choices import READING, Choices
from hjgis.ui.dialogs.importing.done_page import DonePage
from hjgis.ui.dialogs.importing.dropping import FileDrop
from hjgis.ui.dialogs.importing.fields_page import FieldsPage
from hjgis.ui.dialogs.importing.file_page import FilePage
from hjgis.ui.dialogs.importing.found_page import FoundPage
from hjgis.ui.dialogs.importing.layers_page import LayersPage
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.recent import RecentFiles
from hjgis.ui.dialogs.importing.target_page import TargetPage
from hjgis.ui.dialogs.importing.trial_page import TrialPage
from hjgis.ui.dialogs.importing.update_page import UpdatePage
from hjgis.ui.dialogs.importing.work import Found, Ground, Standing, Stored, Trial
from hjgis.ui.jobs import Jobs
from hjgis.ui.step_dialog import StepDialog, StepPage

FILE, FOUND, LAYERS, TARGET, FIELDS, TRIAL, UPDATE, DONE = STEPS = (
    "file", "found", "layers", "target", "fields", "trial", "update", "done",
)  # fmt: skip
# The steps of a layer by itself, and those of several at once.
_BY_ITSELF: Final = frozenset({TARGET, FIELDS, UPDATE})
_AT_ONCE: Final = frozenset({LAYERS})
_TITLES: Final = {
    FILE: N_("File"),
    FOUND: N_("What was found"),
    LAYERS: N_("Several layers"),
    TARGET: N_("What it becomes"),
    FIELDS: N_("Fields and codes"),
    TRIAL: N_("Trial run"),
    UPDATE: N_("Differences"),
    DONE: N_("Done"),
}


class ImportDialog(StepDialog):
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
        self._project = project
        self._recent = RecentFiles(memory)
        self._standing = Standing()
        self._stored: Stored | None = None
        self._taking: tuple[Outcome, ...] = ()
        self.file, self.found = FilePage(self._recent), FoundPage(project.crs)
        self.layers = LayersPage(project)
        self.target, self.fields = TargetPage(project), FieldsPage(project)
        self.trial, self.update_page = TrialPage(project), UpdatePage(project)
        self.done_page = DonePage(project)
        self._import_pages: dict[str, Page] = {
            FILE: self.file, FOUND: self.found, LAYERS: self.layers, TARGET: self.target,
            FIELDS: self.fields, TRIAL: self.trial, UPDATE: self.update_page, DONE: self.done_page,
        }  # fmt: skip
        super().__init__(jobs, _TITLES, self._import_pages, parent)
        self.setWindowTitle(_("Import"))
        self._listen()
        self._show_step(FILE)
        read = partial(work.ground_of, project)
        self._jobs.run(read, self._take_ground, title=_("Reading the map"))

    def _listen(self) -> None:
        for page in self._import_pages.values():
            page.answered.connect(self._answer)
        FileDrop(self).dropped.connect(self.choose)
        self.file.wanted.connect(self.choose)
        self.fields.counts_wanted.connect(self._count)
        self.done_page.map_wanted.connect(self._show_map)
        self.done_page.table_wanted.connect(self._open_table)
        self.done_page.another_wanted.connect(self.begin_again)
        self.done_page.next_layer_wanted.connect(self._begin_next_layer)
        self.done_page.back_wanted.connect(self._take_back)

    # -- steps ---------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """How far the import has come."""
        return self._standing

    @property
    def stored_layer(self) -> str:
        """The layer that the latest import went into."""
        return self._stored.layer if self._stored is not None else ""

    def _path(self) -> list[str]:
        """Return the steps of this import: some do without fields or differences."""
        choices, trial = self._standing.choices, self._standing.trial
        skipped = set()
        found = self._standing.found
        whole = found is not None and found.is_survey
        if whole or (choices is not None and choices.as_reference):
            skipped.add(FIELDS)
        skipped |= self._elsewhere()
        if found is not None and found.is_ours:
            skipped |= {FOUND, TARGET, FIELDS}
        if trial is not None and trial.update is None:
            skipped.add(UPDATE)
        return [step for step in STEPS if step not in skipped]

    def _elsewhere(self) -> frozenset[str]:
        return _BY_ITSELF if self._many else _AT_ONCE

    @property
    def _many(self) -> bool:
        """Whether several layers are taken at once."""
        choices, found = self._standing.choices, self._standing.found
        return bool(choices and choices.several and found and found.wanted)

    def _is_last(self) -> bool:
        """Whether the next step stores."""
        path, tried = self._path(), self._standing.trial or self._standing.tried
        return bool(tried) and path.index(self._step) == len(path) - 2

    def _enter(self, page: StepPage) -> None:
        assert isinstance(page, Page)
        page.show_standing(self._standing)

    def _focus(self) -> None:
        if self._step == FILE:
            self.file.path.setFocus()
        else:
            super()._focus()

    def _why_not(self) -> str:
        return self._project.read_only_reason or "" if self._is_last() else ""

    def _next_words(self) -> str:
        return self._import_words() if self._is_last() else super()._next_words()

    def _refresh(self) -> None:
        super()._refresh()
        if self._standing.choices is None:
            # Nobody has done anything yet that could be wrong.
            self.hint.clear()

    def _import_words(self) -> str:
        if self._many:
            count = sum(not outcome.left for outcome in self._standing.tried)
            words = ngettext_("Import {count} layer", "Import {count} layers", count)
            return words.format(count=grouped(count))
        trial = self._standing.trial
        if self._step == UPDATE:
            count = len(self.update_page.accepted)
        else:
            count = trial.plan.report.imported if trial else 0
        return _("Import {count}").format(count=grouped(count)) if count else _("Import")

    def _forward(self) -> None:
        if self._step == FILE and self.file.source is not None:
            self.choose(self.file.source)
        elif self._step == LAYERS:
            self._try_all()
        elif self._is_last() and self._many:
            self._begin_taking()
        elif self._is_last():
            self._store()
        else:
            super()._forward()
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

    def _begin_next_layer(self) -> None:
        """Go on with the next layer of the file; what was said of the file is known."""
        choices, found = self._standing.choices, self._standing.found
        name = found.next_layer if found is not None else None
        assert choices is not None
        assert name is not None
        self._standing = Standing(choices.for_layer(name))
        self._look()

    # -- answers -------------------------------------------------------------------------

    def _answer(self, given: Mapping[str, Any]) -> None:
        """Take answers; what followed from other ones is found out anew."""
        choices = self._standing.choices
        if choices is None:
            return
        answered = choices.with_answers(given)
        if answered == choices:
            return
        self._standing = replace(self._standing, choices=answered, trial=None, tried=())
        if READING & given.keys():
            self._look()
        else:
            self._refresh()

    # -- work ----------------------------------------------------------------------------

    def _look(self) -> None:
        choices = self._standing.choices
        assert choices is not None
        look = partial(work.look, self._project, choices)
        self._run(look, self._looked, self._unread, _("Reading the file"))

    def _looked(self, found: Found) -> None:
        choices = self._standing.choices
        assert choices is not None
        if len(found.layers) > 1 and found.summary is not None:
            # What is shown as chosen is chosen.
            choices = replace(choices, source_layer=found.summary.name)
        self._standing = replace(self._standing, choices=choices, found=found)
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
        rows = trial.plan.report.imported if accepted is None else len(accepted)
        try:
            stored = storing.stored(
                self._project, rows, partial(work.store, trial=trial, accepted=accepted)
            )
        except Cancelled as stopped:
            self.tell(str(stopped))
            return
        except HjgisError as error:
            self._show_step(TRIAL)
            self.trial.fail(error)
            return
        self._recent.add(choices.source)
        self._standing = replace(self._standing, stored=stored.counts)
        self._stored = stored
        self._show_step(DONE)

    # -- several layers ------------------------------------------------------------------

    def _try_all(self) -> None:
        """Think through what becomes of each ticked layer, before anything is stored."""
        choices = self._standing.choices
        assert choices is not None
        self._standing = replace(self._standing, tried=())
        self._show_step(TRIAL)
        self.trial.begin()
        wanted, settled = self.layers.ticked, self._settled()
        attempt = partial(work.attempt_all, self._project, choices, wanted, settled)
        self._run(attempt, self._tried_all, self._untried, _("Trying the import"))

    def _settled(self) -> str | None:
        """Return the system that the chosen layer says it is in."""
        found = self._standing.found
        return found.summary.crs if found is not None and found.summary else None

    def _tried_all(self, outcomes: tuple[Outcome, ...]) -> None:
        self._standing = replace(self._standing, tried=outcomes)
        self._show_step(TRIAL)

    def _begin_taking(self) -> None:
        """Take the layers one after the other, each as one change."""
        self._taking, self._stopping = self._standing.tried, False
        self._standing = replace(self._standing, outcomes=())
        self._stored = None
        self.trial.setEnabled(False)
        self._take_next()

    def _take_next(self) -> None:
        choices = self._standing.choices
        assert choices is not None
        reached = len(self._standing.outcomes)
        while reached < len(self._taking) and self._taking[reached].left:
            # Why it cannot be taken was found in the trial.
            refused = self._taking[reached]
            self._standing = replace(self._standing, outcomes=(*self._standing.outcomes, refused))
            reached += 1
        if self._stopping:
            rest = [outcome.wanted for outcome in self._taking[reached:]]
            self._end_taking(at_once.stopped(rest))
            return
        if reached == len(self._taking):
            self._end_taking(())
            return
        wanted, settled = self._taking[reached].wanted, self._settled()
        words = _("Layer {number} of {count}: {name}").format(
            number=reached + 1, count=len(self._taking), name=wanted.layer.name
        )
        self.trial.tell(words)
        attempt = partial(work.attempt_one, self._project, choices, wanted, settled)
        self._run(attempt, self._take_one, self._leave_one, words)

    def _take_one(self, trial: Trial) -> None:
        """Store what a layer becomes, and go on with the next."""
        report = trial.plan.report
        store = partial(work.store, trial=trial, accepted=None)
        try:
            stored = storing.stored(self._project, report.imported, store)
        except HjgisError as error:
            self._leave_one(error)
            return
        so_far = [self._stored.extent] if self._stored is not None else []
        first = self._stored or stored
        self._stored = replace(first, extent=work.union([*so_far, stored.extent]))
        self._add_outcome(report=report)

    def _leave_one(self, error: HjgisError) -> None:
        if isinstance(error, Cancelled):
            self._stopping = True
            self._take_next()
        else:
            self._add_outcome(left=str(error))

    def _add_outcome(self, *, report: ImportReport | None = None, left: str = "") -> None:
        outcomes = self._standing.outcomes
        outcome = Outcome(self._taking[len(outcomes)].wanted, report, left)
        self._standing = replace(self._standing, outcomes=(*outcomes, outcome))
        self._take_next()

    def _end_taking(self, rest: tuple[Outcome, ...]) -> None:
        choices = self._standing.choices
        assert choices is not None
        self._standing = replace(self._standing, outcomes=(*self._standing.outcomes, *rest))
        self._taking = ()
        self.trial.setEnabled(True)
        if self._stored is not None:
            self._recent.add(choices.source)
        self._show_step(DONE)

    def _take_back(self) -> None:
        """Take back what was stored of several layers, the latest first."""
        try:
            for outcome in self._standing.outcomes:
                if outcome.report is not None and outcome.report.imported:
                    rows = self._project.session.undo_rows
                    storing.stored(self._project, rows, work.take_back)
        except HjgisError as error:
            self.tell(str(error))
            return
        self._stored = None
        self.done_page.show_taken_back()

    def _show_map(self) -> None:
        self.accept()
        if self._stored is not None and self._stored.extent is not None:
            self.map_wanted.emit(self._stored.extent)

    def _open_table(self) -> None:
        self.accept()
        self.table_wanted.emit(self.stored_layer)
