"""Runs checks over a project and puts what they find in order."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hjgis.checks import completeness, queries
from hjgis.checks.completeness import Completeness
from hjgis.checks.issue_list import Issues, in_order
from hjgis.checks.rules.register import HEADINGS, Rule, Scope, all_rules, project_rules
from hjgis.checks.shared_features import SharedFeatures
from hjgis.checks.survey import Survey
from hjgis.errors import Cancelled, UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.logs import Said
from hjgis.models.changes import Extent
from hjgis.models.exceptions import FACT as EXCEPTIONS
from hjgis.models.exceptions import CheckException, read_exceptions
from hjgis.models.issues import Findings, Issue
from hjgis.models.rule_settings import FACT as SETTINGS
from hjgis.progress import SILENT, Progress

_log = logging.getLogger("hjgis.checks")


@dataclass(frozen=True, slots=True)
class Excepted:
    """An exception and the finding that it is about; None where that fault is gone."""

    entry: CheckException
    issue: Issue | None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check looked at and what it found.

    Attributes
    ----------
    rules : tuple of str
        Ids of the rules that ran.
    checked : mapping of str to int
        Layer to number of features looked at.
    issues : Issues
        In the order of rule, layer and uuid.
    summary : mapping of str to int
        Rule to number of issues, without rules that found nothing.
    completeness : mapping of str to Completeness
        Of every asset layer; of none if nobody asked for it.
    own_rules : mapping of str to Rule
        Those that the project brings along or has otherwise: its saved queries, and those whose
        severity or limits were changed.
    failed : mapping of str to str
        Rules that could not run, and why; nothing is known of what they look for.
    exceptions : tuple of Excepted
        What is accepted as it is, and is not among the issues.
    """

    rules: tuple[str, ...]
    checked: Mapping[str, int]
    issues: Issues
    summary: Mapping[str, int]
    completeness: Mapping[str, Completeness]
    own_rules: Mapping[str, Rule] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    exceptions: tuple[Excepted, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """Return a rule that ran."""
        return self.own_rules.get(rule_id) or all_rules()[rule_id]

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``hjgis check --json`` prints."""
        shares = {layer: entry.to_json() for layer, entry in self.completeness.items()}
        return {
            "checked": dict(self.checked),
            "issues": [_issue_json(issue) for issue in self.issues],
            "summary": dict(self.summary),
            "completeness": shares,
            "failed": dict(self.failed),
            "exceptions": [_exception_json(one) for one in self.exceptions],
        }


def run(
    project: Project,
    *,
    only: Sequence[str] = (),
    extent: Extent | None = None,
    exceptions: bool = True,
    measured: bool = True,
    progress: Progress = SILENT,
) -> CheckReport:
    """Check a project.

    Parameters
    ----------
    only : sequence of str
        Rule ids, headings or the things that rules are about (``pipe``); all rules if empty.
    extent : (xmin, ymin, xmax, ymax), optional
        Only features whose box meets it, project CRS. Findings about a whole layer and
        features without geometry then stay out.
    exceptions : bool
        Whether what is accepted stays out of the list.
    measured : bool
        Whether the report tells how complete the layers are; nobody who mends the findings of one
        rule asks for it, and it takes longer than that rule.

    Raises
    ------
    UsageError
        If a name in `only` is not known.
    Cancelled
        Between two rules, if the user has asked to stop.
    """
    own, unread = rules_for(project)
    rules = [rule for rule in select(only, own) if rule.id not in unread]
    reads = [rule.reads for rule in rules] + [completeness.READS] * measured
    shared = SharedFeatures(project, reads, progress=progress)
    looks = look_all(rules, shared, extent=extent)
    return assembled(
        project,
        [(rule, looks[rule.id].findings) for rule in rules],
        checked={asset.id: _count(project, asset.id, extent) for asset in shared.layers},
        shares=completeness_of(shared, extent=extent) if measured else {},
        own=own,
        failed={**unread, **troubles(looks)},
        entries=read_exceptions(project.info(EXCEPTIONS)) if exceptions else (),
        partly=extent is not None,
    )


def assembled(
    project: Project,
    found: Sequence[tuple[Rule, Sequence[Findings]]],
    *,
    checked: Mapping[str, int],
    shares: Mapping[str, Completeness],
    own: Mapping[str, Rule],
    failed: Mapping[str, str],
    entries: Iterable[CheckException],
    partly: bool = False,
) -> CheckReport:
    """Make the report of what rules found, less what is accepted.

    Parameters
    ----------
    found : sequence of (Rule, findings)
        Of every rule that ran or failed; findings as `issue_list.in_order` returns them.
    partly : bool
        Whether features were left out, so that a fault that was not found may be there.
    """
    ran = tuple(rule.id for rule, _findings in found if rule.id not in failed)
    everything = Issues.of(found, project.catalogue)
    issues, accepted = everything.excepting(entries := [*entries])
    known = [Excepted(entry, accepted.get(entry.id)) for entry in entries if entry.rule in ran]
    return CheckReport(
        rules=ran,
        checked=checked,
        issues=issues,
        summary=issues.summary(),
        completeness=shares,
        own_rules=own,
        failed=failed,
        exceptions=tuple(one for one in known if one.issue is not None or not partly),
    )


def rules_for(project: Project) -> tuple[dict[str, Rule], dict[str, str]]:
    """Return the rules that a project has otherwise or brings along, and why some cannot run."""
    changed, failed = project_rules(project.info(SETTINGS))
    return {**changed, **{rule.id: rule for rule in queries.rules_of(project)}}, failed


@dataclass(frozen=True, slots=True)
class Look:
    """What one rule found, and what that depends on past what the rule declares.

    Attributes
    ----------
    asked : frozenset of str
        What it asked of the project.
    wholes : frozenset of str
        Layers that it looked at as a whole.
    trouble : str
        Why it could not run; empty if it could.
    """

    findings: tuple[Findings, ...] = ()
    asked: frozenset[str] = frozenset()
    wholes: frozenset[str] = frozenset()
    trouble: str = ""


def look(
    rule: Rule,
    shared: SharedFeatures,
    *,
    extent: Extent | None = None,
    rows: Mapping[str, NDArray[np.int64]] | None = None,
) -> Look:
    """Let a rule look; one that breaks must not hide what the others find.

    Parameters
    ----------
    extent : (xmin, ymin, xmax, ymax), optional
        Only features whose box meets it, project CRS.
    rows : mapping of str to array of int64, optional
        Only these rows by layer; others are not there for the rule.
    """
    local = extent if rule.reads.scope is Scope.FEATURE else None
    survey = Survey(shared, rule.reads, rule.limits, extent=local, rows=rows)
    trouble = ""
    found: list[Findings] = []
    try:
        # Infinite coordinates and the like are the data's: what is not a number is no fault here.
        with np.errstate(all="ignore"):
            found = list(rule.find(survey))
        if extent is not None and local is None:
            found = [
                part.taken(np.isin(part.fids, shared.inside(part.layer, extent).fids))
                for part in found
            ]
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is one rule's
        _log.exception("check %s failed", Said(rule.id))
        found, trouble = [], f"{type(error).__name__}: {error}"
    return Look(in_order(found), frozenset(survey.asked), frozenset(survey.wholes), trouble)


def look_all(
    rules: Sequence[Rule], shared: SharedFeatures, *, extent: Extent | None = None
) -> dict[str, Look]:
    """Let rules look one after the other; return by id what each found.

    Raises
    ------
    Cancelled
        Between two rules, if the user has asked to stop.
    """
    looks = {}
    ahead = shared.read_ahead(rule.reads for rule in rules) if extent is None else nullcontext()
    with ahead:
        for done, rule in enumerate(rules):
            shared.progress.check()
            shared.progress.report(done, len(rules), rule.id)
            looks[rule.id] = look(rule, shared, extent=extent)
    shared.progress.report(len(rules), len(rules), "")
    return looks


def troubles(looks: Mapping[str, Look]) -> dict[str, str]:
    """Return by id why rules could not run."""
    return {name: seen.trouble for name, seen in looks.items() if seen.trouble}


def _count(project: Project, layer: str, extent: Extent | None) -> int:
    if extent is None:
        return project.count(layer)
    return len(project.store.columns(layer, (), extent=extent, geometry=False).fids)


def completeness_of(
    shared: SharedFeatures, layers: Collection[str] | None = None, *, extent: Extent | None = None
) -> dict[str, Completeness]:
    """Measure the asset layers, all or some of them; `shared` reads `completeness.READS`."""
    return {
        asset.id: completeness.of_layer(
            shared.project,
            shared.doubtful(asset.id, extent),
            whole=partial(shared.whole_with, asset.id),
            extent=extent,
        )
        for asset in shared.layers
        if asset.kind == "asset" and (layers is None or asset.id in layers)
    }


def select(only: Sequence[str], own: Mapping[str, Rule] | None = None) -> tuple[Rule, ...]:
    """Return the rules that the names mean; all enabled ones for no names.

    One that is off has to be named by its id.

    Parameters
    ----------
    own : mapping of str to Rule, optional
        Rules that the project brings along, by id.

    Raises
    ------
    UsageError
        If a name is not known.
    """
    known_rules = {**all_rules(), **(own or {})}
    enabled = [rule for rule in known_rules.values() if rule.enabled]
    known = {*known_rules, *(name for rule in enabled for name in _names(rule))}
    for name in only:
        if name not in known:
            text = _("There is no check {name}. Known are: {known}.")
            groups = [heading for heading in HEADINGS if heading in known]
            things = dict.fromkeys(rule.prefix for rule in enabled)
            ids = sorted(known_rules)
            words = dict.fromkeys([*groups, *things, *ids])
            raise UsageError(text.format(name=name, known=", ".join(words)))
    meant = {rule.id for rule in enabled if not only or not _names(rule).isdisjoint(only)}
    return tuple(rule for name, rule in known_rules.items() if name in meant or name in only)


def _names(rule: Rule) -> frozenset[str]:
    return frozenset((rule.id, rule.heading, rule.prefix))


def _issue_json(issue: Issue) -> dict[str, Any]:
    return {
        "rule": issue.rule,
        "severity": str(issue.severity),
        "element": issue.element,
        "layer": issue.layer,
        "uuid": issue.uuid,
        "x": issue.x,
        "y": issue.y,
        "message": issue.message,
    }


def _exception_json(one: Excepted) -> dict[str, Any]:
    entry = one.entry
    return {
        "rule": entry.rule,
        "layer": entry.layer,
        "uuid": entry.uuid,
        "reason": entry.reason,
        "operator": entry.operator,
        "date": entry.date,
        "message": one.issue.message if one.issue else None,
    }
