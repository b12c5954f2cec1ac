"""Runs checks over a project and puts what they find in order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

from hjgis.checks import completeness, queries
from hjgis.checks.completeness import Completeness
from hjgis.checks.rules import HEADINGS, Rule, Scope, all_rules
from hjgis.checks.survey import SharedTables, Survey
from hjgis.checks.wording import message
from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.issues import Finding, Issue, issue_id
from hjgis.progress import SILENT, Progress


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check looked at and what it found.

    Attributes
    ----------
    rules : tuple of str
        Ids of the rules that ran.
    checked : mapping of str to int
        Layer to number of features looked at.
    issues : tuple of Issue
        In the order of rule, layer and uuid.
    summary : mapping of str to int
        Rule to number of issues, without rules that found nothing.
    completeness : mapping of str to Completeness
        Of every asset layer.
    own_rules : mapping of str to Rule
        Those that the project brings along itself: its saved queries.
    """

    rules: tuple[str, ...]
    checked: Mapping[str, int]
    issues: tuple[Issue, ...]
    summary: Mapping[str, int]
    completeness: Mapping[str, Completeness]
    own_rules: Mapping[str, Rule] = field(default_factory=dict)

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
    tables = SharedTables(project, [*reads, completeness.READS], extent=extent)
    issues: list[Issue] = []
    for done, rule in enumerate(rules):
        progress.check()
        progress.report(done, len(rules), rule.id)
        issues += _issues(rule, tables)
    progress.report(len(rules), len(rules), "")
    issues.sort(key=lambda issue: (issue.rule, issue.layer, issue.uuid or "", issue.id))
    return CheckReport(
        rules=tuple(rule.id for rule in rules),
        checked={asset.id: len(tables.table(asset.id).fids) for asset in tables.layers},
        issues=tuple(issues),
        summary=dict(sorted(Counter(issue.rule for issue in issues).items())),
        completeness=_completeness(tables),
        own_rules=own,
    )


def _completeness(tables: SharedTables) -> dict[str, Completeness]:
    assets = [asset for asset in tables.layers if asset.kind == "asset"]
    return {asset.id: completeness.of_table(tables.table(asset.id), asset) for asset in assets}


def select(only: Sequence[str], own: Mapping[str, Rule] | None = None) -> tuple[Rule, ...]:
    """Return the enabled rules that the names mean; all of them for no names.

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
    known = {name for rule in enabled for name in _names(rule)}
    for name in only:
        if name not in known:
            text = _("There is no check {name}. Known are: {known}.")
            groups = [heading for heading in HEADINGS if heading in known]
            things = dict.fromkeys(rule.prefix for rule in enabled)
            ids = sorted(rule.id for rule in enabled)
            words = dict.fromkeys([*groups, *things, *ids])
            raise UsageError(text.format(name=name, known=", ".join(words)))
    return tuple(rule for rule in enabled if not only or not _names(rule).isdisjoint(only))


def _names(rule: Rule) -> frozenset[str]:
    return frozenset((rule.id, rule.heading, rule.prefix))


def _issues(rule: Rule, tables: SharedTables) -> Iterator[Issue]:
    catalogue = tables.project.catalogue
    inside = _inside(rule, tables)
    for finding in rule.find(Survey(tables, rule.reads, rule.limits)):
        if inside is not None and finding.uuid not in inside.get(finding.layer, ()):
            continue
        x, y = _xy(finding.point)
        yield Issue(
            id=issue_id(rule.id, finding, _part(finding)),
            rule=rule.id,
            severity=rule.severity,
            element=rule.element,
            heading=rule.heading,
            layer=finding.layer,
            uuid=finding.uuid,
            x=x,
            y=y,
            message=message(rule, finding, catalogue),
        )


def _inside(rule: Rule, tables: SharedTables) -> Mapping[str, frozenset[str]] | None:
    """Return the uuids in the extent, for rules that had to look beyond it."""
    if tables.extent is None or rule.reads.scope is Scope.FEATURE:
        return None
    layers = [asset.id for asset in tables.layers if rule.reads.columns(asset) is not None]
    return {layer: frozenset(tables.table(layer).uuids.tolist()) for layer in layers}


def _part(finding: Finding) -> str:
    """Tell several findings of one rule on one feature apart."""
    return str(next((finding.params[key] for key in _PARTS if key in finding.params), ""))


# Facts that name the part of a feature, or the target of a layer, that is at fault.
_PARTS = ("field", "end", "id")


def _xy(point: shapely.Point | None) -> tuple[float | None, float | None]:
    if point is None or point.is_empty or not math.isfinite(point.x + point.y):
        return None, None
    return float(point.x), float(point.y)


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
