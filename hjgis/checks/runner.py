"""Runs checks over a project and puts what they find in order."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hjgis.checks import completeness, queries
from hjgis.checks.completeness import Completeness
from hjgis.checks.issue_list import Issues
from hjgis.checks.rules import HEADINGS, Rule, Scope, all_rules
from hjgis.checks.survey import SharedFeatures, Survey
from hjgis.errors import Cancelled, UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.issues import Findings, Issue
from hjgis.progress import SILENT, Progress

_log = logging.getLogger("hjgis.checks")


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
        Of every asset layer.
    own_rules : mapping of str to Rule
        Those that the project brings along itself: its saved queries.
    failed : mapping of str to str
        Rules that could not run, and why; nothing is known of what they look for.
    """

    rules: tuple[str, ...]
    checked: Mapping[str, int]
    issues: Issues
    summary: Mapping[str, int]
    completeness: Mapping[str, Completeness]
    own_rules: Mapping[str, Rule] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

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
        }


def run(
    project: Project,
    *,
    only: Sequence[str] = (),
    extent: Extent | None = None,
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

    Raises
    ------
    UsageError
        If a name in `only` is not known.
    Cancelled
        Between two rules, if the user has asked to stop.
    """
    own = {rule.id: rule for rule in queries.rules_of(project)}
    rules = select(only, own)
    reads = [rule.reads for rule in rules]
    shared = SharedFeatures(project, [*reads, completeness.READS], progress=progress)
    found: list[tuple[Rule, list[Findings]]] = []
    failed: dict[str, str] = {}
    for done, rule in enumerate(rules):
        progress.check()
        progress.report(done, len(rules), rule.id)
        try:
            found.append((rule, findings_of(rule, shared, extent=extent)))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one broken rule must not hide what the others find
            _log.exception("check %s failed", rule.id)
            failed[rule.id] = f"{type(error).__name__}: {error}"
    progress.report(len(rules), len(rules), "")
    issues = Issues.of(found, project.catalogue)
    return CheckReport(
        rules=tuple(rule.id for rule in rules if rule.id not in failed),
        checked={asset.id: _count(project, asset.id, extent) for asset in shared.layers},
        issues=issues,
        summary=issues.summary(),
        completeness=_completeness(shared, extent),
        own_rules=own,
        failed=failed,
    )


def findings_of(
    rule: Rule, shared: SharedFeatures, *, extent: Extent | None = None
) -> list[Findings]:
    """Return what one rule finds; within an extent only features whose box meets it."""
    local = extent if rule.reads.scope is Scope.FEATURE else None
    found = list(rule.find(Survey(shared, rule.reads, rule.limits, extent=local)))
    if extent is None or local is not None:
        return found
    return [
        part.taken(np.isin(part.fids, shared.inside(part.layer, extent).fids)) for part in found
    ]


def _count(project: Project, layer: str, extent: Extent | None) -> int:
    if extent is None:
        return project.count(layer)
    return len(project.store.columns(layer, (), extent=extent, geometry=False).fids)


def _completeness(shared: SharedFeatures, extent: Extent | None) -> dict[str, Completeness]:
    return {
        asset.id: completeness.of_layer(
            shared.project, shared.doubtful(asset.id, extent), extent=extent
        )
        for asset in shared.layers
        if asset.kind == "asset"
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
