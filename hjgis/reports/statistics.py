"""Statistics on paper: a workbook with real numbers, a chart, JSON."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

from hjgis import __version__, paths
from hjgis.cartography import charts
from hjgis.cartography.figures import Chart
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, label, reason
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.sentences import phrase
from hjgis.models.statistics import (
    CrossTable,
    dimension_words,
    measure_words,
    title_of,
    value_words,
)

PICTURES: Final = (".png", ".svg")
KINDS: Final = (".xlsx", *PICTURES)
# Neither adds up to a whole.
_APART: Final = frozenset(("mean", "min", "max"))
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMATS: Final = {0: "#,##0", 2: "#,##0.00", 3: "#,##0.000", 4: "#,##0.0000"}
_WIDEST: Final = 40
_NARROWEST: Final = 10


class Words:
    """The names of a table's rows and columns in the language in use."""

    def __init__(self, project: Project, table: CrossTable) -> None:
        self._project, self._question = project, table.question
        self._asset = project.asset_type(table.question.layer)

    def value(self, number: int, value: Value) -> str:
        """Return what a row (0) or column (1) is called."""
        by = self._question.by
        dimension = by[number] if number < len(by) else None
        return value_words(value, dimension, self._asset, self._project.catalogue)

    def dimension(self, number: int) -> str:
        """Return what the rows (0) or columns (1) are; nothing if there is no such dimension."""
        by = self._question.by
        if number >= len(by):
            return ""
        return dimension_words(by[number], self._asset, self._project.types)

    @property
    def measure(self) -> str:
        """What the numbers are, with their unit."""
        return measure_words(self._question.measure, self._asset)

    @property
    def title(self) -> str:
        """What the table is called."""
        return title_of(self._question, self._asset, self._project.types)

    @property
    def conditions(self) -> str:
        """Which features were counted."""
        project = self._project
        said = phrase(self._question.conditions, self._asset, project.types, project.catalogue)
        return said or _("all features")


def can_be_shown_as(table: CrossTable, kind: str) -> bool:
    """Whether a kind of chart says something true of a table."""
    return kind == "bar" or table.question.measure.kind not in _APART


def chart_of(project: Project, table: CrossTable, *, kind: str = "bar") -> Chart:
    """Return the chart of a table.

    Raises
    ------
    UsageError
        If the kind is unknown, or means, smallest and greatest values would be added up.
    """
    if kind not in charts.KINDS:
        message = _("A chart is {kinds}, not {kind}.")
        raise UsageError(message.format(kinds=", ".join(charts.KINDS), kind=kind))
    if not can_be_shown_as(table, kind):
        raise UsageError(_("Means and limits do not add up; show them as bars."))
    words, measure = Words(project, table), table.question.measure
    series = tuple(
        (
            words.value(1, column),
            tuple(_number(table.cell(row, column).told(measure)) for row in table.rows),
        )
        for column in table.columns
    )
    categories = tuple(words.value(0, row) for row in table.rows)
    chart = Chart(
        words.title, categories, series, words.measure, kind=kind, decimals=measure.decimals
    )
    notes = [words.conditions] if table.question.conditions else []
    more = charts.left_out(chart)
    if more:
        notes.append(_("{count} more are in the table").format(count=more))
    if project.is_sample:
        notes.append(_("Synthetic sample data, not for use."))
    return Chart(
        chart.title, categories, series, chart.unit,
        kind=kind, decimals=chart.decimals, note="    ".join(notes),
    )  # fmt: skip


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def write_statistics(project: Project, table: CrossTable, path: Path, *, kind: str = "bar") -> None:
    """Write a table as a workbook, or its chart as a picture; see `write_chart_or_book`."""
    write_chart_or_book(
        path,
        partial(chart_of, project, table, kind=kind),
        partial(_write_workbook, project=project, table=table),
    )


def write_chart_or_book(
    path: Path, chart: Callable[[], Chart], write_book: Callable[[BinaryIO], None]
) -> None:
    """Write figures as the ending of a file says; a file that is there is replaced.

    Raises
    ------
    UsageError
        If the name ends in none of `KINDS`.
    HjgisError
        If the file cannot be written.
    """
    suffix = path.suffix.casefold()
    if suffix not in KINDS:
        message = _("Statistics are {kinds}, not {path}.")
        raise UsageError(message.format(kinds=", ".join(KINDS), path=path.name))
    try:
        with paths.written_whole(path) as unfinished, unfinished.open("wb") as file:
            if suffix in PICTURES:
                made = charts.picture(chart(), format=suffix[1:], width_px=1200, height_px=750)
                file.write(made)
            else:
                write_book(file)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=path, error=reason(error))) from error


def to_json(project: Project, table: CrossTable) -> dict[str, Any]:
    """Return the object that ``hjgis stats --json`` prints; units are in the measure's words."""
    words, measure = Words(project, table), table.question.measure
    return {
        "layer": table.question.layer,
        "measure": measure.text,
        "by": [dimension.text for dimension in table.question.by],
        "title": words.title,
        "conditions": words.conditions,
        "cells": [
            {
                "row": row,
                "row_label": words.value(0, row),
                "column": column,
                "column_label": words.value(1, column),
                "features": table.cell(row, column).count,
                "value": table.cell(row, column).told(measure),
            }
            for row in table.rows
            for column in table.columns
            if (row, column) in table.cells
        ],
        "total": {"features": table.total.count, "value": table.total.told(measure)},
    }


# -- workbook ------------------------------------------------------------------------------------


def grid(project: Project, table: CrossTable) -> list[list[str | float | None]]:
    """Return a table as rows of texts and numbers, headings and totals included."""
    words, measure = Words(project, table), table.question.measure
    total = _("Total")
    crossed = len(table.question.by) > 1
    heads = [words.value(1, c) for c in table.columns] if crossed else [words.measure]
    first = words.dimension(0) + (f" \\ {words.dimension(1)}" if crossed else "")
    result: list[list[str | float | None]] = [[first, *heads, *([total] if crossed else [])]]
    for row in table.rows if table.question.by else ():
        numbers = [table.cell(row, column).told(measure) for column in table.columns]
        more = [table.row_total(row).told(measure)] if crossed else []
        result.append([words.value(0, row), *numbers, *more])
    last = [table.column_total(column).told(measure) for column in table.columns]
    result.append([total, *last, *([table.total.told(measure)] if crossed else [])])
    return result


def _write_workbook(file: BinaryIO, project: Project, table: CrossTable) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, Side

    book = Workbook()
    book.properties.title = Words(project, table).title
    book.properties.creator = "hjgis"
    sheet = book.active
    sheet.title = _("Statistics")
    rows = grid(project, table)
    put(sheet, 1, 1, Words(project, table).title)
    sheet.cell(1, 1).font = Font(bold=True, size=13)
    line = Border(*(Side(style="thin", color="C3CAD2") for _side in range(4)))
    for number, row in enumerate(rows, 3):
        for place, value in enumerate(row, 1):
            cell = put(sheet, number, place, value)
            cell.border = line
            if number == 3:
                cell.alignment = Alignment(wrap_text=True, vertical="center")
            if number == 3 or number == len(rows) + 2:
                cell.font = Font(bold=True)
            if isinstance(value, int | float):
                cell.number_format = _FORMATS[table.question.measure.decimals]
    size_columns(sheet, rows)
    sheet.freeze_panes = "B4"
    about = book.create_sheet(_("About"))
    for number, (name, text) in enumerate(_about(project, table), 1):
        put(about, number, 1, name).font = Font(bold=True)
        put(about, number, 2, text).alignment = Alignment(wrap_text=True, vertical="top")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 18, 80
    book.save(file)


def _about(project: Project, table: CrossTable) -> list[tuple[str, str | int]]:
    words = Words(project, table)
    now = dt.datetime.now(dt.UTC).astimezone()
    rows: list[tuple[str, str | int]] = [
        (_("Layer"), label(project.asset_type(table.question.layer).label)),
        (_("Measure"), words.measure),
        *((_("Divided by"), words.dimension(number)) for number in range(len(table.question.by))),
        (_("Conditions"), words.conditions),
        (_("Features"), table.total.count),
        (_("Made on"), now.strftime("%Y-%m-%d %H:%M")),
        (_("Project"), project.title),
        (_("File"), project.path.name),
        (_("Program"), f"hjgis {__version__}"),
    ]
    if table.question.measure.kind in ("length", "area"):
        how = _("computed from the geometry in {crs}, in the plane")
        rows.append((_("Lengths and areas"), how.format(crs=project.crs.text)))
    if project.is_sample:
        rows.append((_("Note"), _("Synthetic sample data, not for use.")))
    return rows


def put(sheet: Any, row: int, column: int, value: str | float | None) -> Any:
    """Write a cell of a workbook and return it."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = _CONTROL.sub("", value)
        # Text of the data and no formula, whatever it starts with.
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def size_columns(sheet: Any, rows: Sequence[Sequence[object]]) -> None:
    """Make the columns of a workbook as wide as what is in them."""
    from openpyxl.utils import get_column_letter

    for place in range(len(rows[0])):
        texts = [str(row[place]) for row in rows]
        # A Chinese sign is as wide as two others.
        widths = [sum(1 if sign.isascii() else 2 for sign in text) for text in texts]
        width = min(max(*widths, _NARROWEST), _WIDEST) + 2
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
