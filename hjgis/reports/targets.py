"""The notice's tasks and targets in words, as tables for a workbook and as a sheet on paper."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hjgis.cartography.target_sheet import SheetRow, TargetSheet, write_target_sheet
from hjgis.checks.rules.register import CONFIDENCE
from hjgis.checks.targets import TargetResult, TaskResult
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.naming import name_fields, number_of
from hjgis.models.task_states import STATE_WORDS
from hjgis.models.wording import layer_label
from hjgis.reports.tables import Column, Table, write_tables

# Sign, word and colour of each status; the sign tells them apart where there is no colour.
SIGNS: Final[Mapping[str, str]] = {
    "met": "✔",
    "over": "▲",
    "short": "▼",
    "under_way": "◆",
    "info": "●",
    "unrecorded": "○",
}
STATUS_WORDS: Final[Mapping[str, str]] = {
    "met": N_("Reached"),
    "over": N_("Over"),
    "short": N_("Short"),
    "under_way": N_("Under way"),
    "info": N_("For information"),
    "unrecorded": N_("Not recorded"),
}
COLOURS: Final[Mapping[str, str]] = {
    "met": "#2e7d32",
    "over": "#1565c0",
    "short": "#b3261e",
    "under_way": "#9a6700",
    "info": "#5f6368",
    "unrecorded": "#80868b",
}
# A workbook lists so many features behind one number; the file says when there are more.
_MOST_FEATURES: Final = 20_000

_TASK_COLUMNS: Final = (
    Column(N_("Task"), 6),
    Column(N_("Title"), 22),
    Column(N_("What the notice asks for"), 50),
    Column(N_("Status"), 12),
    Column(N_("Targets reached"), 12),
    Column(N_("Targets"), 8),
    Column(N_("Progress by hand"), 12),
    Column(N_("Day of the entry"), 12),
    Column(N_("Person"), 12),
    Column(N_("Note"), 30),
    Column(N_("Evidence"), 40),
    Column(N_("Responsible units"), 50),
)
_TARGET_COLUMNS: Final = (
    Column(N_("Task"), 6),
    Column(N_("Id"), 16),
    Column(N_("Target"), 40),
    Column(N_("Status"), 12),
    Column(N_("Actual"), 12),
    Column(N_("Expected"), 12),
    Column(N_("In the notice"), 12),
    Column(N_("Difference"), 12),
    Column(N_("Unit"), 8),
    Column(N_("Missing"), 30),
    Column(N_("Note"), 50),
    Column(N_("Responsible units"), 50),
    Column(N_("Basis"), 30),
)
_FEATURE_COLUMNS: Final = (
    Column(N_("Id"), 16),
    Column(N_("Layer"), 14),
    Column(N_("Number or name"), 26),
    Column(N_("Road"), 16),
    Column("uuid", 38),
)


def status_of(result: TargetResult) -> str:
    """Return the status that is shown: what nobody has recorded is neither short nor over."""
    asked = result.expected is not None and result.op != "info"
    return "unrecorded" if not result.recorded and (asked or not result.actual) else result.status


def status_words(result: TargetResult) -> str:
    """Return the status in words, with the difference."""
    status, words = status_of(result), _(STATUS_WORDS[status_of(result)])
    if status in ("over", "short") and result.difference:
        words = f"{words} {abs(result.difference):g}"
    return words


def look_of(result: TargetResult) -> tuple[str, str]:
    """Return sign and colour of a target's status; more than nothing of a fault is a failure."""
    status = "short" if result.is_failing else status_of(result)
    return SIGNS[status], COLOURS[status]


def figure(value: int | float | None) -> str:
    """Return a number as people read it, without trailing noughts."""
    return "–" if value is None else f"{value:,.12g}"


def summary_words(results: Sequence[TargetResult]) -> str:
    """Return how many targets are reached, over, short, not recorded and for information."""
    counts = Counter("short" if one.is_failing else status_of(one) for one in results)
    words = _(
        "{met} reached, {over} over, {short} short, {unrecorded} not recorded, {info} for"
        " information"
    )
    return words.format(**{name: counts[name] for name in STATUS_WORDS})


def write_targets(
    project: Project, tasks: Sequence[TaskResult], out: Path, *, on: dt.date | None = None
) -> None:
    """Write the board: one page as ``.pdf``, tables as ``.xlsx`` or ``.html``.

    Raises
    ------
    UsageError
        If the file ends otherwise.
    HjgisError
        If it cannot be written.
    """
    sheet = target_sheet(project, tasks, on=on or dt.date.today())
    if out.suffix.casefold() == ".pdf":
        write_target_sheet(sheet, out)
    else:
        write_tables(out, sheet.title, target_tables(project, tasks))


def target_tables(project: Project, tasks: Sequence[TaskResult]) -> list[Table]:
    """Return tasks, targets and the features behind the numbers as sheets of a workbook."""
    results = [result for task in tasks for result in task.results]
    features: list[tuple[str | int | None, ...]] = []
    for result in results:
        features += _features(project, result)
    return [
        Table(_("Tasks"), _TASK_COLUMNS, tuple(_task_row(task) for task in tasks)),
        Table(_("Targets"), _TARGET_COLUMNS, tuple(_target_row(one) for one in results)),
        Table(_("Counted"), _FEATURE_COLUMNS, tuple(features)),
    ]


def target_sheet(project: Project, tasks: Sequence[TaskResult], *, on: dt.date) -> TargetSheet:
    """Return the board as one sheet on paper."""
    results = [result for task in tasks for result in task.results]
    counts: Counter[str] = Counter(task.status for task in tasks)
    return TargetSheet(
        title=_("Progress on the tasks of the notice: {project}").format(project=project.title),
        basis=_("Hangzheng office paper [2020] No. 83: tasks of 2020 for the town's management"),
        on=on.isoformat(),
        summary=summary_words(results),
        rows=tuple(_sheet_row(task) for task in tasks),
        counts=tuple(
            (SIGNS[name], _(words), COLOURS[name], counts[name])
            for name, words in STATUS_WORDS.items()
        ),
        sample=project.is_sample,
    )


def progress_share(task: TaskResult) -> float | None:
    """Return how far a task is, 0 to 1: its targets on average; None where nothing is counted."""
    shares = [share for share in map(target_share, task.results) if share is not None]
    if shares:
        # What is asked for and not recorded is not done.
        return sum(shares) / task.counted
    return {"done": 1.0, "under_way": 0.5}.get(task.entry.state)


def target_share(result: TargetResult) -> float | None:
    """Return how far a target is, 0 to 1; None where nothing is expected or recorded."""
    if result.expected is None or result.op == "info" or not result.recorded:
        return None
    if result.status == "met":
        return 1.0
    if result.expected == 0 or result.actual is None:
        return 0.0
    return min(float(result.actual) / float(result.expected), 1.0)


def key_figures(task: TaskResult) -> str:
    """Return the figures of a task in one short line."""
    if task.counted:
        return f"{task.met}/{task.counted}"
    return _(STATE_WORDS[task.entry.state]) if task.entry.state != "not_begun" else ""


def _task_row(task: TaskResult) -> tuple[str | int | None, ...]:
    entry = task.entry
    shown = "; ".join(
        " ".join(part for part in (one.words, one.file, one.on) if part) for one in entry.evidence
    )
    return (
        task.task.no,
        label(task.task.title),
        label(task.task.asks),
        _(STATUS_WORDS[task.status]),
        task.met,
        task.counted,
        _(STATE_WORDS[entry.state]),
        entry.on,
        entry.by,
        entry.note,
        shown,
        "、".join(task.task.units),
    )


def _target_row(result: TargetResult) -> tuple[str | int | float | None, ...]:
    return (
        result.task,
        result.id,
        result.title,
        status_words(result),
        result.actual,
        result.expected,
        result.expected if result.shipped is None else result.shipped,
        result.difference,
        result.unit,
        "、".join(result.missing),
        result.note.replace("\n", " "),
        "、".join(result.units),
        f"{result.basis} [{_(CONFIDENCE[result.confidence])}]",
    )


def _features(project: Project, result: TargetResult) -> list[tuple[str | int | None, ...]]:
    if result.layer is None or not len(result.fids):
        return []
    asset = project.asset_type(result.layer)
    names = [*name_fields(asset)]
    if asset.has("road_name") and "road_name" not in names:
        names.append("road_name")
    some = result.fids[:_MOST_FEATURES].tolist()
    table = project.table(result.layer, names, fids=some, geometry=False)
    title = layer_label(result.layer, project.catalogue)
    rows: list[tuple[str | int | None, ...]] = []
    for row, uuid in enumerate(table.uuids):
        values = {name: column[row] for name, column in table.columns.items()}
        called = number_of(asset, values, project.catalogue)
        rows.append((result.id, title, called or None, values.get("road_name"), uuid))
    left = len(result.fids) - len(rows)
    if left > 0:
        rows.append((result.id, title, _("… and {count} more").format(count=left), None, None))
    return rows


def _sheet_row(task: TaskResult) -> SheetRow:
    asked = [one for one in task.results if one.expected is not None and one.op != "info"]
    # A line of paper holds so much; the workbook has all.
    shown = asked[:2] or [one for one in task.results if one.recorded][:2]
    figures = _("; ").join(_figures(one) for one in shown)
    note = task.entry.note or (_(STATE_WORDS[task.entry.state]) if not task.counted else "")
    return SheetRow(
        no=task.task.no,
        title=label(task.task.title),
        figures=figures or note,
        reached=f"{task.met}/{task.counted}" if task.counted else "–",
        share=progress_share(task),
        sign=SIGNS[task.status],
        status=_(STATUS_WORDS[task.status]),
        colour=COLOURS[task.status],
        units="、".join(task.task.units),
    )


def _figures(result: TargetResult) -> str:
    nothing = STATUS_WORDS["unrecorded"]
    actual = figure(result.actual) if result.recorded else _(nothing)
    if not result.recorded and not result.expected:
        return f"{result.title} {actual}"
    wanted = "" if result.expected is None or result.op == "info" else f"/{figure(result.expected)}"
    # A word stands apart; a sign, and what Chinese counts with, does not.
    apart = " " if result.unit.isascii() and result.unit.isalpha() else ""
    return f"{result.title} {actual}{wanted}{apart}{result.unit}"
