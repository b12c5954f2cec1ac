"""The inspection report of a check: overview, list of faults, completeness; XLSX or HTML."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from hjgis import __version__
from hjgis.checks.rules import CONFIDENCE, ELEMENTS, HEADINGS, all_rules
from hjgis.checks.runner import CheckReport
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import N_, _, label, language
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.cell_text import as_cell
from hjgis.models.issues import Severity

Cell = str | int | float | None

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.INFO: N_("information"),
}
# Rows that a sheet of a workbook can hold below its heading.
_SHEET_ROWS: Final = 1_048_575
# Characters that XML 1.0 and so a workbook cannot hold.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a part; `width` in characters."""

    heading: str
    width: int
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the report."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


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
    Column(N_("Findings"), 10),
    Column(N_("Severity"), 10),
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
    Column(N_("Id or name"), 22),
    Column(N_("Road"), 16),
    Column(N_("X (north)"), 14),
    Column(N_("Y (east)"), 14),
    Column(N_("Finding"), 60),
    Column(N_("Check"), 26),
    Column(N_("Severity"), 10),
    Column(N_("Basis"), 40),
    Column(N_("Opinion"), 20),
    Column(N_("Corrected"), 14),
    Column(N_("Verified by"), 14),
    Column("uuid", 38),
)
_COMPLETENESS: Final = (
    Column(N_("Layer"), 18),
    Column(N_("Features"), 12),
    Column(N_("Required field"), 30),
    Column(N_("Filled in"), 12, percent=True),
)


def write_report(project: Project, report: CheckReport, path: Path) -> None:
    """Write a check's report.

    Parameters
    ----------
    path : Path
        Ends in ``.xlsx`` or ``.html``; a file that is there is replaced.

    Raises
    ------
    UsageError
        If it ends otherwise.
    HjgisError
        If it cannot be written.
    """
    write = _WRITERS.get(path.suffix.casefold())
    if write is None:
        message = _("A check report is {kinds}, not {path}.")
        raise UsageError(message.format(kinds=", ".join(_WRITERS), path=path.name))
    tables = report_tables(project, report)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        # Opened before the writer starts: half a workbook cannot be given up cleanly.
        with unfinished.open("wb") as file:
            write(file, _title(project), tables)
        unfinished.replace(path)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=path, error=error)) from error
    finally:
        if unfinished.is_file():
            unfinished.unlink()


def report_tables(project: Project, report: CheckReport) -> tuple[Table, ...]:
    """Return the report's parts, in the language in use."""
    return (
        _overview(project, report),
        _layers(project, report),
        _rules(report),
        _faults(project, report),
        _completeness(project, report),
    )


# -- parts -------------------------------------------------------------------------------------


def _title(project: Project) -> str:
    return _("Check report: {title}").format(title=project.title)


def _overview(project: Project, report: CheckReport) -> Table:
    counts = Counter(issue.severity for issue in report.issues)
    now = dt.datetime.now(dt.UTC).astimezone()
    rows: list[tuple[Cell, ...]] = [
        (_("Project"), project.title),
        (_("File"), project.path.name),
        (_("Coordinate system"), f"{project.crs.text} {project.crs.name}"),
        (_("Checked on"), now.strftime("%Y-%m-%d %H:%M")),
        (_("Program"), f"hjgis {__version__}"),
        (_("Features"), sum(report.checked.values())),
        *((_("Findings: {kind}").format(kind=_(SEVERITIES[s])), counts[s]) for s in Severity),
    ]
    if project.is_sample:
        rows.append((_("Note"), _("Synthetic sample data, not for use.")))
    return Table(_("Overview"), _OVERVIEW, tuple(rows))


def _layers(project: Project, report: CheckReport) -> Table:
    counts = Counter((issue.layer, issue.severity) for issue in report.issues)
    faulty = Counter(layer for layer, _uuid in {(i.layer, i.uuid) for i in report.issues if i.uuid})
    rows = tuple(
        (
            label(project.asset_type(layer).label),
            features,
            faulty[layer],
            faulty[layer] / features if features else None,
            *(counts[layer, severity] for severity in Severity),
        )
        for layer, features in report.checked.items()
    )
    return Table(_("Layers"), _LAYERS, rows)


def _rules(report: CheckReport) -> Table:
    rows = []
    for rule_id in report.rules:
        rule = all_rules()[rule_id]
        rows.append(
            (
                _(HEADINGS[rule.heading]),
                rule.title,
                rule.id,
                report.summary.get(rule_id, 0),
                _(SEVERITIES[rule.severity]),
                _(ELEMENTS[rule.element]),
                rule.ref,
                rule.basis,
                _(CONFIDENCE[rule.confidence]),
                rule.explanation,
            )
        )
    return Table(_("Checks"), _RULES, tuple(rows))


def _faults(project: Project, report: CheckReport) -> Table:
    layers = dict.fromkeys(issue.layer for issue in report.issues if issue.uuid)
    names = {layer: _names(project, project.asset_type(layer)) for layer in layers}
    rules = all_rules()
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
                rules[issue.rule].title,
                _(SEVERITIES[issue.severity]),
                rules[issue.rule].basis,
                None,
                None,
                None,
                issue.uuid,
            )
        )
    return Table(_("Findings"), _FAULTS, tuple(rows))


def _names(project: Project, asset: AssetType) -> dict[str, tuple[str | None, str | None]]:
    """Return what people call each feature, and its road, by uuid."""
    wanted = dict.fromkeys(
        name
        for name in ("component_id", asset.display, "road_name")
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
    return Table(_("Completeness"), _COMPLETENESS, tuple(rows))


# -- writers -----------------------------------------------------------------------------------


def _write_xlsx(file: BinaryIO, title: str, tables: Sequence[Table]) -> None:
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    book.properties.title = title
    book.properties.creator = "hjgis"
    for table in tables:
        for name, rows in _sheets(table):
            sheet = book.create_sheet(name)
            sheet.freeze_panes = "A2"
            for number, column in enumerate(table.columns, 1):
                sheet.column_dimensions[get_column_letter(number)].width = column.width
            sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(rows) + 1}"
            sheet.append([_heading_cell(sheet, column) for column in table.columns])
            for row in rows:
                sheet.append([_cell(sheet, *pair) for pair in zip(row, table.columns, strict=True)])
    book.save(file)


def _sheets(table: Table) -> Iterator[tuple[str, tuple[tuple[Cell, ...], ...]]]:
    """Split what is longer than a sheet."""
    for number, start in enumerate(range(0, max(len(table.rows), 1), _SHEET_ROWS), 1):
        name = table.title if number == 1 else f"{table.title} {number}"
        yield name, table.rows[start : start + _SHEET_ROWS]


def _heading_cell(sheet: object, column: Column) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=_(column.heading))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: object, value: Cell, column: Column) -> object:
    """Return what openpyxl takes: the bare value, which is fast, wherever that will do."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        return as_cell(value)
    if isinstance(value, float) and column.percent:
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "0.0%"
        return cell
    return value


_STYLE: Final = """
body { font: 14px/1.5 "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif;
  margin: 24px; color: #1f2933; }
table { border-collapse: collapse; margin-bottom: 32px; }
th, td { border: 1px solid #c3cad2; padding: 4px 8px; text-align: left; vertical-align: top; }
th { background: #eef1f4; }
td.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { margin: 0; font-size: 11px; } thead { display: table-header-group; } }
"""


def _write_html(file: BinaryIO, title: str, tables: Sequence[Table]) -> None:
    for part in _html(title, tables):
        file.write(part.encode())


def _html(title: str, tables: Sequence[Table]) -> Iterator[str]:
    yield (
        f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{html.escape(title)}</h1>\n"
    )
    for table in tables:
        heads = "".join(f"<th>{html.escape(_(c.heading))}</th>" for c in table.columns)
        yield f"<h2>{html.escape(table.title)}</h2>\n<table>\n<thead><tr>{heads}</tr></thead>\n"
        yield "<tbody>\n"
        for row in table.rows:
            yield f"<tr>{''.join(map(_html_cell, row, table.columns))}</tr>\n"
        yield "</tbody>\n</table>\n"
    yield "</body>\n</html>\n"


def _html_cell(value: Cell, column: Column) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, str):
        return f"<td>{html.escape(_CONTROL.sub('', value))}</td>"
    if isinstance(value, float):
        value = f"{value:.1%}" if column.percent else f"{value:.3f}"
    return f'<td class="figure">{value}</td>'


_WRITERS: Final[Mapping[str, Callable[[BinaryIO, str, Sequence[Table]], None]]] = {
    ".xlsx": _write_xlsx,
    ".html": _write_html,
}
