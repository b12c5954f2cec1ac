"""The tables of a check: overview, layers, checks, list of faults, completeness; a workbook."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis import __version__
from hjgis.checks.rules.register import CONFIDENCE, ELEMENTS, HEADINGS, Rule, all_rules
from hjgis.checks.runner import CheckReport
from hjgis.checks.wording import limits_words
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.issues import Severity
from hjgis.models.wording import layer_label
from hjgis.reports.tables import Cell, Column, Table, write_tables

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.INFO: N_("Information"),
}
_OVERVIEW: Final = (Column(N_("Item"), 24), Column(N_("Value"), 60))
_LAYERS: Final = (
    Column(N_("Layer"), 18),
    Column(N_("Features"), 12),
    Column(N_("With findings"), 14),
    Column(N_("Share"), 10, percent=True),
    *(Column(words, 12) for words in SEVERITIES.values()),
)
_RULES: Final = (
    Column(N_("Heading"), 12),
    Column(N_("Check"), 28),
    Column(N_("Id"), 30),
    Column(N_("Number found"), 10),
    Column(N_("Severity"), 10),
    Column(N_("Class"), 6),
    Column(N_("Limits"), 40),
    Column(N_("Quality element"), 20),
    Column(N_("Ref."), 12),
    Column(N_("Basis"), 50),
    Column(N_("How sure"), 30),
    Column(N_("Explanation"), 80),
)
# As the list of faults of an inspection report asks for, with room for what becomes of each.
_FAULTS: Final = (
    Column(N_("No."), 7),
    Column(N_("Layer"), 12),
    Column(N_("Number or name"), 22),
    Column(N_("Road"), 16),
    Column(N_("X (north)"), 14),
    Column(N_("Y (east)"), 14),
    Column(N_("Finding"), 60),
    Column(N_("Check"), 26),
    Column(N_("Severity"), 10),
    Column(N_("Class"), 6),
    Column(N_("Basis"), 40),
    Column(N_("Opinion"), 20),
    Column(N_("Corrected"), 14),
    Column(N_("Verified by"), 14),
    Column("uuid", 38),
)
EXCEPTIONS: Final = (
    Column(N_("Layer"), 12),
    Column(N_("Number or name"), 24),
    Column(N_("Check"), 26),
    Column(N_("Reason"), 40),
    Column(N_("Accepted by"), 14),
    Column(N_("Day"), 12),
    Column(N_("Is the fault still there?"), 14),
)
_COMPLETENESS: Final = (
    Column(N_("Layer"), 18),
    Column(N_("Features"), 12),
    Column(N_("Required field"), 30),
    Column(N_("Filled in"), 12, percent=True),
)


def write_workbook(project: Project, report: CheckReport, path: Path) -> None:
    """Write the tables of a check as ``.xlsx``; a file that is there is replaced.

    Raises
    ------
    HjgisError
        If it cannot be written.
    """
    write_tables(
        path, _("Check report: {title}").format(title=project.title), report_tables(project, report)
    )


def report_tables(project: Project, report: CheckReport) -> tuple[Table, ...]:
    """Return the report's parts, in the language in use."""
    return (
        _overview(project, report),
        _layers(project, report),
        _rules(report),
        _faults(project, report),
        exceptions_table(project, report),
        _completeness(project, report),
    )


# -- parts -------------------------------------------------------------------------------------


def _overview(project: Project, report: CheckReport) -> Table:
    counts = report.issues.severities()
    now = dt.datetime.now(dt.UTC).astimezone()
    rows: list[tuple[Cell, ...]] = [
        (_("Project"), project.title),
        (_("File"), project.path.name),
        (_("Coordinate system"), f"{project.crs.text} {project.crs.called}"),
        (_("Checked on"), now.strftime("%Y-%m-%d %H:%M")),
        (_("Program"), f"hjgis {__version__}"),
        (_("Features"), sum(report.checked.values())),
        *((_("Findings: {kind}").format(kind=_(SEVERITIES[s])), counts[s]) for s in Severity),
    ]
    if project.is_sample:
        rows.append((_("Note"), _("Synthetic sample data, not for use.")))
    return Table(_("Overview"), _OVERVIEW, tuple(rows))


def _layers(project: Project, report: CheckReport) -> Table:
    counts: Counter[tuple[str, Severity]] = Counter()
    fids: dict[str, list[NDArray[np.int64]]] = {}
    for batch in report.issues.batches:
        layer = batch.findings.layer
        counts[layer, batch.rule.severity] += len(batch.findings)
        fids.setdefault(layer, []).append(batch.findings.fids)
    # Row 0 is the layer as a whole.
    faulty = {
        layer: int((np.unique(np.concatenate(parts)) > 0).sum()) for layer, parts in fids.items()
    }
    rows = tuple(
        (
            label(project.asset_type(layer).label),
            features,
            faulty.get(layer, 0),
            faulty.get(layer, 0) / features if features else None,
            *(counts[layer, severity] for severity in Severity),
        )
        for layer, features in report.checked.items()
    )
    return Table(_("Layers"), _LAYERS, rows)


def _rules(report: CheckReport) -> Table:
    rows = []
    for rule_id in report.rules:
        rule = report.rule(rule_id)
        rows.append(
            (
                _(HEADINGS[rule.heading]),
                rule.title,
                rule.id,
                report.summary.get(rule_id, 0),
                _(SEVERITIES[rule.severity]),
                rule.grade,
                limits_of(rule),
                _(ELEMENTS[rule.element]),
                rule.ref,
                rule.basis,
                _(CONFIDENCE[rule.confidence]),
                rule.explanation,
            )
        )
    return Table(_("Checks"), _RULES, tuple(rows))


def _faults(project: Project, report: CheckReport) -> Table:
    names = names_of(project, {batch.findings.layer for batch in report.issues.batches})
    rows = []
    for number, issue in enumerate(report.issues, 1):
        name, road = names.get(issue.layer, {}).get(issue.uuid or "", (None, None))
        rows.append(
            (
                number,
                label(project.asset_type(issue.layer).label),
                name,
                road,
                None if issue.y is None else round(issue.y, 3),
                None if issue.x is None else round(issue.x, 3),
                issue.message,
                report.rule(issue.rule).title,
                _(SEVERITIES[issue.severity]),
                report.rule(issue.rule).grade,
                report.rule(issue.rule).basis,
                None,
                None,
                None,
                issue.uuid,
            )
        )
    return Table(_("Findings"), _FAULTS, tuple(rows))


def limits_of(rule: Rule) -> str:
    """Return the numbers of a rule in words; lists of codes are for the window that edits them."""
    return limits_words(
        {name: value for name, value in rule.limits.items() if isinstance(value, int | float | str)}
    )


def exceptions_table(project: Project, report: CheckReport) -> Table:
    """Return what is accepted as it is, why and by whom; what is gone is told as gone."""
    known = [one.entry for one in report.exceptions if one.entry.layer in project.types]
    names = names_of(project, {entry.layer for entry in known if entry.uuid})
    rows = []
    for one in report.exceptions:
        entry = one.entry
        name, _road = names.get(entry.layer, {}).get(entry.uuid or "", (None, None))
        there = _("yes") if one.issue is not None else _("no")
        layer = layer_label(entry.layer, project.catalogue)
        title = all_rules()[entry.rule].title if entry.rule in all_rules() else entry.rule
        rows.append((layer, name, title, entry.reason, entry.operator, entry.date, there))
    return Table(_("Exceptions"), EXCEPTIONS, tuple(rows))


def names_of(
    project: Project, layers: Collection[str]
) -> dict[str, dict[str, tuple[str | None, str | None]]]:
    """Return what people call each feature of some layers, and its road, by layer and uuid."""
    return {layer: _names(project, project.asset_type(layer)) for layer in layers}


def _names(project: Project, asset: AssetType) -> dict[str, tuple[str | None, str | None]]:
    """Return what people call each feature, and its road, by uuid."""
    wanted = dict.fromkeys(
        name
        for name in ("exp_no", asset.display, "component_id", "road_name")
        if name is not None and asset.has(name)
    )
    table = project.table(asset.id, tuple(wanted), geometry=False)
    rows = zip(*(table.columns[name].tolist() for name in wanted), strict=True)
    found: dict[str, tuple[str | None, str | None]] = {}
    for uuid, row in zip(table.uuids.tolist(), rows if wanted else (), strict=bool(wanted)):
        known = dict(zip(wanted, row, strict=True))
        road = known.pop("road_name", None)
        called = [str(value) for value in known.values() if value not in (None, "")]
        found[uuid] = (" ".join(dict.fromkeys(called)) or road or None, road)
    return found


def _completeness(project: Project, report: CheckReport) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for layer, entry in report.completeness.items():
        asset = project.asset_type(layer)
        title = label(asset.label)
        rows.append((title, entry.features, _("All required fields"), entry.overall))
        rows += [
            (title, entry.features, label(asset.field(name).label), share)
            for name, share in entry.fields.items()
        ]
    return Table(_("How complete"), _COMPLETENESS, tuple(rows))
