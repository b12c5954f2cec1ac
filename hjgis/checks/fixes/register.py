"""The register of fixes: what the program can do about a finding, and does when it is told to.

A fix never trusts the list that it is started from: its rule runs anew over what is stored now,
and what is no longer at fault is told so. What a fix cannot do with certainty it refuses in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.checks.rules.register import Rule, Scope, all_rules
from hjgis.checks.runner import look, rules_for
from hjgis.checks.shared_features import SharedFeatures
from hjgis.edits.derived import with_derived
from hjgis.edits.draft import Draft
from hjgis.edits.numbering import with_ids
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import Catalogue, Value
from hjgis.models.catalogue_files import read_toml
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.issues import Issue, issue_id
from hjgis.progress import SILENT, Progress

_MODULES: Final = (
    "network",
    "levels",
    "shapes",
    "values",
    "dates",
    "identity",
    "twins",
)


class Partly(EditRefused):
    """Some of a finding is mended and stays so; the message says what is left."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding as it is now.

    Attributes
    ----------
    facts : mapping
        What the rule says of it, as the rule's message names it.
    """

    issue: Issue
    facts: Mapping[str, Any]

    @property
    def key(self) -> FeatureKey:
        """The feature at fault; EditRefused if the finding is about no feature."""
        if self.issue.uuid is None:
            raise EditRefused(_("The finding is about a place or a layer, not about one feature."))
        return FeatureKey(self.issue.layer, self.issue.uuid)


class Bench:
    """What a fix works with: the project with the fixes before it done already.

    Attributes
    ----------
    draft : Draft
        Reads, and takes the edits of the fix in.
    faults : tuple of Fault
        All that are being fixed.
    answer : Value
        What was answered, if the fix asks.
    memory : dict
        What was read once for all findings: roads, numbers of nodes.
    remarks : dict
        Words beside what becomes of a feature.
    """

    def __init__(
        self,
        draft: Draft,
        project: Project,
        rule: Rule,
        faults: Sequence[Fault],
        *,
        answer: Value,
        memory: dict[str, Any],
        remarks: dict[FeatureKey, str],
    ) -> None:
        self.project, self.rule, self.faults, self.answer = project, rule, tuple(faults), answer
        self.draft, self.remarks = draft, remarks
        self.memory = memory

    @property
    def catalogue(self) -> Catalogue:
        """Kinds and code lists."""
        return self.project.catalogue

    def feature(self, fault: Fault) -> Feature:
        """Return the feature at fault as it is by now; EditRefused if it is gone."""
        try:
            return self.draft.get(fault.key)
        except KeyError:
            raise EditRefused(_("The feature is no longer there.")) from None

    def put(self, before: Feature | None, after: Feature | None) -> None:
        """Change, add or delete one feature."""
        self.draft.add(ChangeSet("edit.fix", (Change(before, after),)))

    def set(self, fault: Fault, **values: Value) -> None:
        """Give the feature at fault values."""
        before = self.feature(fault)
        self.put(before, before.with_values(**values))


Mend = Callable[[Bench, Fault], None]
# What may be answered: values with the words for them.
Choices = Callable[[Project, Sequence[Issue]], Sequence[tuple[Value, str]]]


@dataclass(frozen=True, slots=True)
class FixResult:
    """What a fix would do.

    Attributes
    ----------
    changes : ChangeSet
        One user action with all that follows from it; empty (false) if nothing can be done.
    done : tuple of Issue
        What will be mended.
    refused : tuple of (Issue, str)
        What will not, and why.
    notes : tuple of str
        What else the user should know, such as why a component got no id.
    remarks : mapping of FeatureKey to str
        Why it is this feature that goes.
    """

    changes: ChangeSet
    done: tuple[Issue, ...]
    refused: tuple[tuple[Issue, str], ...]
    notes: tuple[str, ...] = ()
    remarks: Mapping[FeatureKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to mend the findings of some rules.

    Attributes
    ----------
    safe : bool
        Nothing that was surveyed or entered is lost or guessed.
    choices : callable or None
        What must be answered first; None if nothing is asked.
    """

    id: str
    rules: tuple[str, ...]
    title_key: str
    explanation_key: str
    safe: bool
    mend: Mend
    choices: Choices | None = None

    @property
    def title(self) -> str:
        """Name of the fix."""
        return _(self.title_key)

    @property
    def explanation(self) -> str:
        """What it does, and what it takes for granted."""
        return _(self.explanation_key)

    def make(
        self,
        project: Project,
        issues: Sequence[Issue],
        *,
        answer: Value = None,
        progress: Progress = SILENT,
    ) -> FixResult:
        """Work out what mends some findings; nothing is stored.

        Parameters
        ----------
        project : Project
            Open for reading or writing; what is stored in it now counts.
        issues : sequence of Issue
            Of any rules; those of others than this fix's are refused.
        answer : Value
            One of `choices`.

        Raises
        ------
        Cancelled
            If `progress` says so.
        """
        result = _Making(self, project, answer, progress)
        by_rule: dict[str, list[Issue]] = defaultdict(list)
        for issue in issues:
            by_rule[issue.rule].append(issue)
        for rule_id, some in by_rule.items():
            result.do(rule_id, some)
        return result.finish()


class _Making:
    """One run of a fix."""

    def __init__(self, fix: Fix, project: Project, answer: Value, progress: Progress) -> None:
        self._fix, self._project, self._answer, self._progress = fix, project, answer, progress
        self._draft = Draft(project)
        self._memory: dict[str, Any] = {}
        self._remarks: dict[FeatureKey, str] = {}
        self._done: list[Issue] = []
        self._refused: list[tuple[Issue, str]] = []

    def do(self, rule_id: str, issues: Sequence[Issue]) -> None:
        if rule_id not in self._fix.rules:
            words = _("This fix is not for findings of this kind.")
            self._refused += [(issue, words) for issue in issues]
            return
        rule = rules_for(self._project)[0].get(rule_id) or all_rules()[rule_id]
        faults = []
        known = facts_now(self._project, rule, issues, progress=self._progress)
        for issue in issues:
            if issue.id in known:
                faults.append(Fault(issue, known[issue.id]))
            else:
                self._refused.append((issue, _("It is not at fault any more.")))
        bench = Bench(
            self._draft,
            self._project,
            rule,
            faults,
            answer=self._answer,
            memory=self._memory,
            remarks=self._remarks,
        )
        keys = [FeatureKey(i.issue.layer, i.issue.uuid) for i in faults if i.issue.uuid]
        self._draft.prefetch(keys)
        for number, fault in enumerate(faults):
            if number % 100 == 0:
                self._progress.check()
                self._progress.report(number, len(faults), rule_id)
            self._mend(bench, fault)

    def _mend(self, bench: Bench, fault: Fault) -> None:
        if fault.issue.uuid is not None and not self._draft.known([fault.key]):
            # A finding before it has taken the feature away, as with things drawn twice.
            self._done.append(fault.issue)
            return
        self._draft.mark()
        try:
            left = self._left_by(bench, fault)
            self._refuse_locked()
        except EditRefused as error:
            self._draft.back()
            left = str(error)
        if left:
            self._refused.append((fault.issue, left))
        else:
            self._done.append(fault.issue)

    def _left_by(self, bench: Bench, fault: Fault) -> str:
        """Mend a fault; return in words what is left of it, nothing if all is mended."""
        try:
            self._fix.mend(bench, fault)
        except Partly as partly:
            return str(partly)
        return ""

    def _refuse_locked(self) -> None:
        locked = self._project.arrangement.locked
        if any(key.layer in locked for key in self._draft.touched()):
            raise EditRefused(_("The layer is locked in the layer list."))

    def finish(self) -> FixResult:
        layers = {issue.layer for issue in self._done}
        params = {
            "layer": layers.pop() if len(layers) == 1 else "",
            "count": len(self._done),
            "fix": self._fix.title_key,
        }
        project = self._project
        changes = self._draft.changes("edit.fix", params)
        # What follows must not depend on how many are mended at once.
        before, most = self._draft.origin(), len(changes.changes)
        changes = with_derived(before, changes, project.catalogue, most=most)
        changes, notes = with_ids(project, changes, project.number_plan)
        return FixResult(changes, tuple(self._done), tuple(self._refused), notes, self._remarks)


def facts_now(
    project: Project, rule: Rule, issues: Sequence[Issue], *, progress: Progress = SILENT
) -> dict[str, Mapping[str, Any]]:
    """Return by issue id the facts of those findings that are still there."""
    wanted = {issue.id for issue in issues}
    uuids = {issue.uuid for issue in issues}
    shared = SharedFeatures(project, [rule.reads], progress=progress)
    result: dict[str, Mapping[str, Any]] = {}
    for part in look(rule, shared, rows=_rows(project, rule, issues)).findings:
        named = np.fromiter((uuid in uuids for uuid in part.uuids.tolist()), bool, len(part))
        for row in np.flatnonzero(named).tolist():
            one = issue_id(rule.id, part.layer, part.uuids[row], part.part_of(row))
            if one in wanted:
                result[one] = part.facts_of(row)
    return result


def _rows(
    project: Project, rule: Rule, issues: Sequence[Issue]
) -> dict[str, NDArray[np.int64]] | None:
    """Return the rows to look at where that tells all of these findings; None for all rows."""
    if rule.reads.scope is not Scope.FEATURE or any(issue.uuid is None for issue in issues):
        return None
    fids: dict[str, list[int]] = {issue.layer: [] for issue in issues}
    keys = [FeatureKey(issue.layer, str(issue.uuid)) for issue in issues]
    for key, feature in project.known(keys).items():
        fids[key.layer].append(feature.fid or 0)
    return {layer: np.array(sorted(some), dtype=np.int64) for layer, some in fids.items()}


_FIXES: Final[dict[str, Fix]] = {}
# A layer of so many features is read in a moment.
_FEW: Final = 30_000


def fix(
    *rules: str,
    name: str,
    title: str,
    explanation: str,
    safe: bool = False,
    choices: Choices | None = None,
) -> Callable[[Mend], Mend]:
    """Register a function that mends one finding, or raises EditRefused in words.

    Parameters
    ----------
    *rules : str
        Ids of the rules whose findings it mends.
    name : str
        Id of the fix; never changes.
    title, explanation : str
        English, marked with `N_`.
    """

    def register(mend: Mend) -> Mend:
        assert name not in _FIXES, name
        _FIXES[name] = Fix(name, rules, title, explanation, safe, mend, choices)
        return mend

    return register


@cache
def limit(name: str) -> Any:
    """Return a number or list that fixes work with, from ``fixes.toml``."""
    return read_toml(paths.resources() / "fixes.toml")[name]["value"]  # type: ignore[index]


@cache
def all_fixes() -> Mapping[str, Fix]:
    """Return every fix by id."""
    # The register fills at import; here and not above, as these modules import this one.
    for module in _MODULES:
        import_module(f"hjgis.checks.fixes.{module}")
    return MappingProxyType(dict(_FIXES))


def fixes_for(rule_id: str) -> tuple[Fix, ...]:
    """Return what can be done about findings of a rule; the first is what is done usually."""
    return tuple(one for one in all_fixes().values() if rule_id in one.rules)


def why_no_fix(project: Project, issue: Issue, *, progress: Progress = SILENT) -> str:
    """Return why nothing can be done about a finding; nothing where a fix can, or must ask first.

    Not tried, as it would take too long for a look, is what has to read a large layer again.
    """
    rule, layer = rules_for(project)[0].get(issue.rule) or all_rules()[issue.rule], issue.layer
    few = layer in project.types and project.count(layer) <= _FEW
    if not (few or rule.reads.scope is Scope.FEATURE):
        return ""
    why = ""
    for one in fixes_for(issue.rule):
        if one.choices is not None and one.choices(project, [issue]):
            return ""
        result = one.make(project, [issue], progress=progress)
        if result.changes:
            return ""
        why = why or next((words for _issue, words in result.refused), "")
    return why
