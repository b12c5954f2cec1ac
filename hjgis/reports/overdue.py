"""The list of inspections that are due, as a table for a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hjgis.cartography.field_sheet import FieldSheet
from hjgis.i18n import N_, _, ngettext_
from hjgis.layers.due import NEVER, OVERDUE, REPAIR, SOON, DueTable
from hjgis.layers.project import Project
from hjgis.models.assets import Catalogue
from hjgis.models.wording import layer_label
from hjgis.reports.tables import Column, Table

GROUP_WORDS: Final[Mapping[str, str]] = {
    OVERDUE: N_("Overdue"),
    REPAIR: N_("Not put right"),
    SOON: N_("Due soon"),
    NEVER: N_("Never inspected"),
}
_COLUMNS: Final = (
    Column(N_("No."), 7),
    Column(N_("Group"), 12),
    Column(N_("Kind"), 12),
    Column(N_("Number or name"), 22),
    Column(N_("Road"), 16),
    Column(N_("Grid"), 18),
    Column(N_("Unit"), 20),
    Column(N_("Last inspected"), 13),
    Column(N_("Due"), 13),
    Column(N_("Days overdue"), 10),
    Column(N_("Finding"), 20),
    # Filled in by hand, outdoors.
    Column(N_("Result"), 24),
    Column(N_("Inspected by"), 14),
    Column("uuid", 38),
)
# Headings of the field sheet, and the share of its width that each has.
_SHEET_HEADS: Final = (
    (N_("No."), 0.04),
    (N_("Kind"), 0.07),
    (N_("Number or name"), 0.14),
    (N_("Road"), 0.11),
    (N_("Last inspected"), 0.08),
    (N_("Due"), 0.08),
    (N_("Days overdue"), 0.07),
    (N_("Finding"), 0.09),
    (N_("State found"), 0.12),
    (N_("Measure taken"), 0.12),
    (N_("Signature"), 0.08),
)


def due_report(due: DueTable, catalogue: Catalogue, rows: Iterable[int] | None = None) -> Table:
    """Return the list, in the language in use.

    Parameters
    ----------
    rows : iterable of int, optional
        Which rows, in which order; all of them.
    """
    chosen = range(len(due)) if rows is None else rows
    listed = tuple(
        (
            number,
            _(GROUP_WORDS[due.group[row]]),
            layer_label(due.layer[row], catalogue),
            due.name[row] or due.uuid[row][:8],
            due.road[row],
            due.grid[row],
            due.unit[row],
            due.last[row],
            due.due[row],
            None if due.group[row] == NEVER else int(due.days[row]),
            due.words[row],
            None,
            None,
            due.uuid[row],
        )
        for number, row in enumerate(map(int, chosen), 1)
    )
    return Table(_("Inspections due on {date}").format(date=due.on), _COLUMNS, listed)


def due_json(due: DueTable) -> dict[str, Any]:
    """Return the list as plain values: counts by group and kind, then the rows."""
    counts = Counter(zip(due.group.tolist(), due.layer.tolist(), strict=True))
    names = ("group", "layer", "uuid", "name", "last", "due", "days", "unit", "road", "grid")
    columns = {name: getattr(due, name).tolist() for name in names}
    return {
        "on": due.on,
        "counts": [
            {"group": group, "layer": layer, "count": count}
            for (group, layer), count in sorted(counts.items())
        ],
        "rows": [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)],
    }


def field_sheet(project: Project, due: DueTable, rows: Sequence[int]) -> FieldSheet:
    """Return rows of the list as a sheet for the field, road by road."""
    catalogue = project.catalogue
    order = sorted(rows, key=lambda row: (due.road[row] or "\uffff", due.name[row] or ""))
    listed = [
        (
            str(number),
            layer_label(due.layer[row], catalogue),
            due.name[row] or due.uuid[row][:8],
            due.road[row] or "",
            due.last[row] or "",
            due.due[row] or "",
            "" if due.group[row] == NEVER else str(due.days[row]),
            due.words[row] or "",
            *("", "", ""),
        )
        for number, row in enumerate(order, 1)
    ]
    title = _("{project}: inspections due on {date}").format(project=project.title, date=due.on)
    count = ngettext_("{count} asset", "{count} assets", len(listed))
    heads = tuple((_(words), share) for words, share in _SHEET_HEADS)
    return FieldSheet(
        title, count.format(count=len(listed)), heads, listed, sample=project.is_sample
    )
