"""The figures of a theme on their own: a workbook, or their chart as a picture."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import BinaryIO

from hjgis import __version__
from hjgis.cartography.figures import Chart, Figures
from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.reports.statistics import put, size_columns, write_chart_or_book


def write_figures(project: Project, figures: Figures, path: Path) -> None:
    """Write figures as a workbook, or their chart as PNG or SVG; a file there is replaced.

    Raises
    ------
    UsageError
        If the name ends in none of `statistics.KINDS`, or there is no chart to write.
    HjgisError
        If the file cannot be written.
    """
    write_chart_or_book(
        path,
        partial(_chart_of, figures),
        partial(_write_workbook, project=project, figures=figures),
    )


def _chart_of(figures: Figures) -> Chart:
    if figures.chart is None:
        message = _("{title} has no chart; write its figures as .xlsx.")
        raise UsageError(message.format(title=figures.title))
    return figures.chart


def _write_workbook(file: BinaryIO, project: Project, figures: Figures) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.properties.title = figures.title
    book.properties.creator = "hjgis"
    sheet = book.active
    sheet.title = _("Statistics")
    put(sheet, 1, 1, figures.title).font = Font(bold=True, size=13)
    rows = [figures.header, *figures.rows, *([figures.total] if figures.total else [])]
    for number, row in enumerate(rows, 3):
        for place, value in enumerate(row, 1):
            cell = put(sheet, number, place, value)
            if number == 3 or (figures.total and number == len(rows) + 2):
                cell.font = Font(bold=True)
            if isinstance(value, float):
                cell.number_format = "#,##0.00"
    size_columns(sheet, rows)
    sheet.freeze_panes = "B4"
    now = dt.datetime.now(dt.UTC).astimezone()
    about = [
        figures.note,
        _("Made on") + " " + now.strftime("%Y-%m-%d %H:%M"),
        f"{project.title} · {project.path.name} · hjgis {__version__}",
        *([_("Synthetic sample data, not for use.")] if project.is_sample else []),
    ]
    for number, text in enumerate(about, len(rows) + 4):
        put(sheet, number, 1, text)
    book.save(file)
