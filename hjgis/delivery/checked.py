"""The report of the checks on what goes out, with the project's own limits and exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hjgis.checks import completeness, runner
from hjgis.checks.rules.register import Rule
from hjgis.checks.shared_features import SharedFeatures
from hjgis.delivery.keeping_back import released
from hjgis.delivery.planning import Planned
from hjgis.layers.project import Project
from hjgis.models.exceptions import FACT, read_exceptions
from hjgis.models.issues import Findings
from hjgis.progress import Progress
from hjgis.reports.check_report import write_workbook


def write_check_report(
    project: Project, planned: Planned, out: Path, *, progress: Progress
) -> runner.CheckReport:
    """Check the project and write what is found on the features that go out.

    All of the project is looked at, as faults are between neighbours, too, but for what is secret;
    findings on other features, on layers as a whole and on fields that stay here are left out.

    Raises
    ------
    HjgisError
        If it cannot be written.
    Cancelled
        If `progress` says so.
    """
    report = delivered_report(project, planned, progress=progress)
    write_workbook(project, report, out)
    return report


def delivered_report(
    project: Project, planned: Planned, *, progress: Progress
) -> runner.CheckReport:
    """Return the report of `write_check_report`."""
    own, unread = runner.rules_for(project)
    rules = [rule for rule in runner.select((), own) if rule.id not in unread]
    reads = [*(rule.reads for rule in rules), completeness.READS]
    shared = SharedFeatures(project, reads, progress=progress)
    seen = _without_secret(project, shared)
    found: list[tuple[Rule, Sequence[Findings]]] = []
    failed = dict(unread)
    for number, rule in enumerate(rules):
        progress.report(number, len(rules), rule.id)
        progress.check()
        look = runner.look(rule, shared, rows=seen)
        failed |= {rule.id: look.trouble} if look.trouble else {}
        told = look.findings
        if seen is not None and told:
            told = _confirmed(told, runner.look(rule, shared).findings)
        found.append((rule, _delivered(told, planned)))
    whole = [layer for layer, n in planned.counts.items() if n == project.count(layer)]
    shares = runner.completeness_of(shared, whole)
    return runner.assembled(
        project,
        found,
        checked={asset.id: planned.counts.get(asset.id, 0) for asset in shared.layers
                 if asset.id in planned.counts},
        shares={
            layer: replace(share, fields=_told(share.fields, planned.selection.fields[layer]))
            for layer, share in shares.items()
        },
        own=own,
        failed=failed,
        # Who accepted something is known to the house alone.
        entries=[replace(entry, operator="") for entry in read_exceptions(project.info(FACT))],
        partly=True,
    )  # fmt: skip


def _without_secret(
    project: Project, shared: SharedFeatures
) -> dict[str, NDArray[np.int64]] | None:
    """Return by layer what may be named; None if nothing is secret."""
    rows, held = {}, 0
    for asset in shared.layers:
        fids = project.store.fids(asset.id)
        rows[asset.id] = released(project, asset.id, fids).fids
        held += len(fids) - len(rows[asset.id])
    return rows if held else None


def _confirmed(seen: Sequence[Findings], whole: Sequence[Findings]) -> tuple[Findings, ...]:
    """Return those of `seen` that are findings on the whole project, too.

    A node that was not there for a rule is no fault of the pipe that ends on it.
    """
    known = {key for findings in whole for key in _keys(findings)}
    return tuple(
        findings.taken(np.array([key in known for key in _keys(findings)], dtype=bool))
        for findings in seen
    )


def _keys(findings: Findings) -> Iterator[tuple[str, int, str]]:
    for row, fid in enumerate(findings.fids.tolist()):
        yield findings.layer, fid, findings.part_of(row)


def _delivered(several: Sequence[Findings], planned: Planned) -> tuple[Findings, ...]:
    kept = []
    for findings in several:
        fids = planned.selection.rows.get(findings.layer)
        if fids is None:
            continue
        goes = np.isin(findings.fids, fids)
        fields = planned.selection.fields[findings.layer]
        named = findings.facts.get("field")
        if named is not None:
            goes &= np.isin(np.asarray(named, dtype=object).astype(str), [*fields])
        kept.append(findings.taken(goes))
    return tuple(part for part in kept if len(part))


def _told(shares: Mapping[str, float | None], fields: Sequence[str]) -> dict[str, float | None]:
    return {name: share for name, share in shares.items() if name in fields}
