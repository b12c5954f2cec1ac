"""The figures of a theme on their own: a workbook, or their chart as a picture."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import BinaryIO

from hjgis import __version__, paths
from hjgis.cartography import charts
from hjgis.cartography.figures import Figures
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, reason
from hjgis.layers.project import Project
from hjgis.reports.statistics import KINDS, PICTURES, put, size_columns


def write_figures(project: Project, figures: Figures, path: Path) -> None:
    """Write figures as a workbook, or their chart as PNG or SVG; a file there is replaced.

    Raises
    ------
    UsageError
        If the name ends in none of `statistics.KINDS`, or there is no chart to write.
    HjgisError
        If the file cannot be written.
    """
    suffix = path.suffix.casefold()
    if suffix not in KINDS:
        message = _("Statistics are {kinds}, not {path}.")
        raise UsageError(message.format(kinds=", ".join(KINDS), path=path.name))
    if suffix in PICTURES and figures.chart is None:
        message = _("{title} has no chart; write its figures as .xlsx.")
        raise UsageError(message.format(title=figures.title))
    try:
        with paths.written_whole(path) as unfinished, unfinished.open("wb") as file:
            if suffix in PICTURES and figures.chart is not None:
                file.write(
                    charts.picture(figures.chart, format=suffix[1:], width_px=1200, height_px=750)
                )
            else:
                _write_workbook(file, project, figures)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=path, error=reason(error))) from error


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
