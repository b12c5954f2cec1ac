"""Keeps what checks found up to date while a project is edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hjgis.checks import runner
from hjgis.checks.checked import Checked, check_again, check_all
from hjgis.checks.following import asks_facts, concerned, follow, is_bulk, touched_by
from hjgis.checks.runner import CheckReport
from hjgis.layers import foreign
from hjgis.layers.project import Project
from hjgis.models import arrangement, exceptions, own_lists, queries, rule_settings
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement
from hjgis.progress import SILENT, Progress

# After a change of these, rules or what they look for are others.
_ALL_ANEW: Final = frozenset((own_lists.FACT, queries.FACT, rule_settings.FACT))


class Step(StrEnum):
    """What is to be done to be up to date again."""

    ALL = "all"  # every rule on everything
    EDIT = "edit"  # what an edit concerns, on the features that it concerns
    REST = "rest"  # rules that must see everything


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Work for a thread with a reader of its own; its result goes to `LiveChecks.take`."""

    step: Step
    heard: tuple[Announcement, ...]
    checked: Checked | None
    rules: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()
    anew: bool = False

    def work(self, project: Project, progress: Progress = SILENT) -> tuple[Checked, frozenset[str]]:
        """Do it; return what is known then, and which rules must still see everything.

        Raises
        ------
        Cancelled
            If `progress` says so; then it must be given back.
        """
        with project.store.snapshot():
            if self.step is Step.ALL or self.checked is None:
                return check_all(project, progress), frozenset()
            if self.step is Step.EDIT:
                dirty = touched_by(self.heard)
                return follow(project, self.checked, dirty, self.rules, progress)
            again = check_again(project, self.checked, self.rules, self.layers, progress)
            return again, frozenset()


class LiveChecks:
    """Hears of changes, says what must be done about them, and holds the latest report.

    One task is at work at a time. Everything but `Task.work` happens in one thread.

    Attributes
    ----------
    report : CheckReport or None
        None until everything was checked once.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._checked: Checked | None = None
        self._heard: list[Announcement] = []
        self._at_work = False
        self._anew = False
        self._waiting: set[str] = set()
        self._shares: set[str] = set()
        self._concerned: frozenset[str] = frozenset()
        self.report: CheckReport | None = None

    # -- hearing -------------------------------------------------------------------------

    def hear(self, announcement: Announcement) -> None:
        """Take notice of a change."""
        checked = self._checked
        if checked is not None or self._at_work:
            self._heard.append(announcement)
        anew = not _ALL_ANEW.isdisjoint(announcement.facts) or announcement.label == foreign.LABEL
        if checked is None:
            # The first check began with rules that are others now.
            self._anew |= self._at_work and anew
            return
        self._concerned |= concerned(checked, touched_by([announcement]), self._assets())
        unknown = set(announcement.layers) - set(checked.index.layers)
        asks = any(name.startswith("query.") for name in checked.own)
        if anew or (asks and (unknown or arrangement.FACT in announcement.facts)):
            self._anew = True
        if announcement.facts - {exceptions.FACT, arrangement.FACT}:
            self._waiting |= {name for name, seen in checked.looks.items() if asks_facts(seen)}
        if exceptions.FACT in announcement.facts:
            self._tell()

    def look_again(self) -> None:
        """Hear that another program has written to a file that is only read."""
        self._anew = self._checked is not None

    @property
    def pending(self) -> frozenset[str]:
        """Rules whose findings may be out of date."""
        if self._checked is None:
            return frozenset()
        if self._anew or self._is_old:
            return frozenset(self._checked.rules)
        return self._concerned | self._waiting

    @property
    def is_current(self) -> bool:
        """Whether a check of everything would find the same."""
        idle = not (self._heard or self._anew or self._waiting or self._shares or self._is_old)
        return self._checked is not None and idle

    @property
    def _is_old(self) -> bool:
        # Rules of dates find others tomorrow.
        return self._checked is not None and self._checked.day != dt.date.today()

    # -- working -------------------------------------------------------------------------

    def all(self) -> Task:
        """Return the task to check everything."""
        return self._begun(Step.ALL)

    def after_edit(self) -> Task | None:
        """Return what is to be done about the latest changes, at once; None if nothing."""
        if self._checked is None or not self._heard or self._anew:
            return None
        if is_bulk(touched_by(self._heard)):
            self._anew = True
            return None
        return self._begun(Step.EDIT)

    def when_idle(self) -> Task | None:
        """Return what is to be done when nothing else happens; None if nothing."""
        if self._checked is None:
            return None
        if self._anew or self._is_old:
            return self._begun(Step.ALL)
        if self._heard or not (self._waiting or self._shares):
            return None
        return self._begun(Step.REST)

    def _begun(self, step: Step) -> Task:
        self._at_work = True
        heard: tuple[Announcement, ...] = ()
        if step is not Step.REST:
            heard, self._heard = tuple(self._heard), []
        anew = self._anew
        if step is Step.ALL:
            self._anew = False
        rules, layers = frozenset(self._waiting), frozenset(self._shares)
        return Task(step, heard, self._checked, rules, layers, anew)

    def take(self, task: Task, result: tuple[Checked, frozenset[str]]) -> bool:
        """Take what a task found; return whether that is the news.

        What everything looked like before the latest edit is no news.
        """
        checked, late = result
        self._at_work = False
        if task.step is Step.REST:
            if self._heard or self._anew:
                return False
            self._waiting -= task.rules
            self._shares -= task.layers
        elif task.step is Step.EDIT:
            self._waiting |= late
            self._shares |= {layer for change in task.heard for layer in change.layers}
        else:
            self._waiting, self._shares = set(), set()
        self._checked = checked
        self._concerned = concerned(checked, touched_by(self._heard), self._assets())
        self._tell()
        return True

    def give_back(self, task: Task) -> None:
        """Hear that a task was cancelled or failed: what it was about is still to be done."""
        self._at_work = False
        self._heard = [*task.heard, *self._heard] if self._checked is not None else []
        self._anew |= task.anew

    def _assets(self) -> Sequence[AssetType]:
        known = self._project.catalogue.types
        return [asset for name, asset in self._project.types.items() if name in known]

    def _tell(self) -> None:
        checked, project = self._checked, self._project
        assert checked is not None
        self.report = runner.assembled(
            project,
            [(rule, checked.looks[name].findings) for name, rule in checked.rules.items()],
            checked={layer: len(held.fids) for layer, held in checked.index.layers.items()},
            shares=checked.completeness,
            own=checked.own,
            failed=checked.failed,
            entries=exceptions.read_exceptions(project.info(exceptions.FACT)),
        )
