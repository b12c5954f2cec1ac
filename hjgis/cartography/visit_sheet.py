"""Places to visit on paper: a map sketch with numbers, and a table with boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPdfWriter

from hjgis.cartography.dossier_pages import wrapped
from hjgis.cartography.furniture import paint_watermark
from hjgis.cartography.location import paint_furniture, sketch_scale
from hjgis.cartography.page import Page
from hjgis.cartography.pdf_file import VECTOR_DPI, painted_pdf
from hjgis.cartography.reading import read_layers
from hjgis.errors import UsageError
from hjgis.i18n import N_, _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.sheets import Box
from hjgis.models.visits import Visit
from hjgis.progress import SILENT, Progress
from hjgis.render.frame import MM_PER_INCH, MapFrame
from hjgis.render.painter import paint_layers
from hjgis.render.symbols import color, solid_pen

_PAPER_MM: Final = (297.0, 210.0)
_AREA: Final = Box(14, 12, 269, 184)
_MAP: Final = Box(14, 22, 118, 172)
_TABLE: Final = Box(135, 22, 148, 172)
_HEAD_MM: Final = 7.0
_ROW_MM: Final = 13.5
_TEXT_MM: Final = 2.7
_SMALL_MM: Final = 2.3
_LINE_MM: Final = 3.7
_BOX_MM: Final = 2.6
_MARK_MM: Final = 2.6
_RULE: Final = "#9aa4ae"
_INK: Final = "#b3261e"
# A page's map shows no more than this across, metres, or nobody finds a lamp on it.
_WIDEST_M: Final = 2500.0
_AROUND_M: Final = 60.0
_BACKGROUND: Final = ("service_area", "boundary")
# Headings, and the width of each column in mm; together the width of the table.
_COLUMNS: Final = (
    (N_("No."), 9.0),
    (N_("What to look for, and why"), 70.0),
    (N_("Road / grid"), 29.0),
    (N_("Found"), 17.0),
    (N_("Remarks"), 23.0),
)
_TICKS: Final = (N_("exists"), N_("does not"), N_("done"))


@dataclass(frozen=True, slots=True)
class _Sheets:
    """What is on all pages."""

    title: str
    pages: tuple[tuple[Visit, ...], ...]
    sample: bool


def write_visit_sheet(
    project: Project, visits: Sequence[Visit], out: Path, *, progress: Progress = SILENT
) -> int:
    """Write places to visit as PDF, A4 across; return how many pages it has.

    Each page is a map of its places with their numbers and a table with room to tick.

    Raises
    ------
    UsageError
        If the file is no ``.pdf``.
    HjgisError
        If it cannot be written.
    Cancelled
        If `progress` says so; no file is left then.
    """
    if out.suffix.casefold() != ".pdf":
        raise UsageError(_("{path}: a field sheet is written as .pdf.").format(path=out))
    title = _("{project}: places to visit").format(project=project.title)
    sheets = _Sheets(title, pages_of(visits), project.is_sample)
    with painted_pdf(out, _PAPER_MM, title) as (writer, painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint(writer, Page(painter, VECTOR_DPI / MM_PER_INCH), project, sheets, progress)
    return len(sheets.pages)


def pages_of(visits: Sequence[Visit]) -> tuple[tuple[Visit, ...], ...]:
    """Divide places into pages: as many as fit, none farther from another than a map shows."""
    most = int((_TABLE.height - _HEAD_MM) // _ROW_MM)
    pages: list[list[Visit]] = [[]]
    for visit in visits:
        together = [*pages[-1], visit]
        x_min, y_min, x_max, y_max = _extent(together)
        if len(together) > most or max(x_max - x_min, y_max - y_min) > _WIDEST_M:
            pages.append([visit])
        else:
            pages[-1] = together
    return tuple(map(tuple, pages))


def _extent(visits: Sequence[Visit]) -> Extent:
    x, y = [visit.x for visit in visits], [visit.y for visit in visits]
    return (min(x), min(y), max(x), max(y))


def _paint(
    writer: QPdfWriter, page: Page, project: Project, sheets: _Sheets, progress: Progress
) -> None:
    for number, visits in enumerate(sheets.pages):
        progress.report(number, len(sheets.pages), "draw")
        progress.check()
        if number:
            writer.newPage()
        if visits:
            _paint_map(page, project, visits)
        _paint_table(page, visits)
        _paint_frame(page, sheets, number + 1)


def _paint_frame(page: Page, sheets: _Sheets, number: int) -> None:
    head = Box(_AREA.x, _AREA.y - 1, _AREA.width, 8)
    page.text(head, sheets.title, 4.6, bold=True)
    count = sum(map(len, sheets.pages))
    page.text(head, _("{count} places").format(count=count), _TEXT_MM, align="right")
    foot = Box(_AREA.x, _PAPER_MM[1] - 13, _AREA.width, 4)
    words = _("Page {own} of {count}").format(own=number, count=len(sheets.pages))
    page.text(foot, words, 2.4, align="right")
    page.text(foot, _("Visited by:                    Date:"), _TEXT_MM)
    if sheets.sample:
        paint_watermark(page, Box(0, 0, *_PAPER_MM))


def _paint_map(page: Page, project: Project, visits: Sequence[Visit]) -> None:
    x_min, y_min, x_max, y_max = _extent(visits)
    near = _AROUND_M
    extent = (x_min - near, y_min - near, x_max + near, y_max + near)
    frame = MapFrame.at_scale(
        ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2),
        sketch_scale(extent, _MAP),
        width_px=_MAP.width * page.px_per_mm,
        height_px=_MAP.height * page.px_per_mm,
        dpi=page.px_per_mm * MM_PER_INCH,
    )
    layers = read_layers(
        project, [name for name in project.map_types if name not in _BACKGROUND], frame
    )
    area = page.rect(_MAP)
    page.painter.save()
    page.painter.setClipRect(area)
    page.painter.translate(area.topLeft())
    paint_layers(page.painter, frame, layers, vector=True)
    page.painter.restore()
    spots = frame.to_device(np.array([(visit.x, visit.y) for visit in visits]))
    for visit, (x, y) in zip(visits, (spots / page.px_per_mm).tolist(), strict=True):
        _paint_mark(page, visit, _MAP.x + x, _MAP.y + y)
    page.frame(_MAP, 0.25)
    paint_furniture(page, _MAP, frame)


def _paint_mark(page: Page, visit: Visit, x: float, y: float) -> None:
    """Paint a white disc with the number of a place, in the middle of it."""
    radius = _MARK_MM * page.px_per_mm
    page.painter.setPen(solid_pen(color(_INK).name(), 0.4 * page.px_per_mm))
    page.painter.setBrush(color("#ffffff"))
    page.painter.drawEllipse(QPointF(x * page.px_per_mm, y * page.px_per_mm), radius, radius)
    room = Box(x - _MARK_MM, y - _MARK_MM, 2 * _MARK_MM, 2 * _MARK_MM)
    page.text(room, str(visit.number), _TEXT_MM, align="center", bold=True, ink=_INK)


def _paint_table(page: Page, visits: Sequence[Visit]) -> None:
    top, bottom = _TABLE.y, _TABLE.y + _HEAD_MM + len(visits) * _ROW_MM
    page.fill(Box(_TABLE.x, top, _TABLE.width, _HEAD_MM), "#eef1f4")
    x = _TABLE.x
    page.line((x, top), (x, bottom), mm=0.12, ink=_RULE)
    for words, width in _COLUMNS:
        page.text(Box(x + 1, top, width - 2, _HEAD_MM), _(words), _TEXT_MM, bold=True)
        x += width
        page.line((x, top), (x, bottom), mm=0.12, ink=_RULE)
    page.line((_TABLE.x, top), (_TABLE.right, top), mm=0.12, ink=_RULE)
    for row, visit in enumerate(visits):
        y = top + _HEAD_MM + row * _ROW_MM
        page.line((_TABLE.x, y), (_TABLE.right, y), mm=0.12, ink=_RULE)
        _paint_row(page, visit, y)
    page.line((_TABLE.x, bottom), (_TABLE.right, bottom), mm=0.12, ink=_RULE)
    if not visits:
        room = Box(_TABLE.x + 1, bottom + 1, _TABLE.width - 2, _HEAD_MM)
        page.text(room, _("Nothing has to be looked at."), _TEXT_MM)


def _paint_row(page: Page, visit: Visit, y: float) -> None:
    rooms, x = [], _TABLE.x
    for _words, width in _COLUMNS:
        rooms.append(Box(x + 1, y, width - 2, _ROW_MM))
        x += width
    page.text(rooms[0], str(visit.number), 3.4, align="center", bold=True)
    room = rooms[1]
    page.text(Box(room.x, y + 0.6, room.width, _LINE_MM), visit.title, _TEXT_MM, bold=True)
    _paint_lines(page, visit.reason, Box(room.x, y + 0.6 + _LINE_MM, room.width, 2 * _LINE_MM))
    where = [visit.road, visit.grid, f"X {visit.y:.1f}  Y {visit.x:.1f}"]
    for line, words in enumerate(filter(None, where)):
        at = Box(rooms[2].x, y + 0.6 + line * _LINE_MM, rooms[2].width, _LINE_MM)
        page.text(at, words, _SMALL_MM)
    for line, words in enumerate(_TICKS):
        tick = y + 1.2 + line * 4.0
        page.frame(Box(rooms[3].x, tick, _BOX_MM, _BOX_MM), 0.2)
        beside = Box(rooms[3].x + _BOX_MM + 1, tick - 0.4, rooms[3].width - _BOX_MM - 1, 3.4)
        page.text(beside, _(words), _SMALL_MM)


def _paint_lines(page: Page, text: str, room: Box) -> None:
    """Write a text in lines; smaller if it needs more than there is room for."""
    size, step = _TEXT_MM, _LINE_MM
    lines = wrapped(page, text, room.width, size)
    if len(lines) * step > room.height + 0.1:
        size, step = _SMALL_MM, 2.8
        lines = wrapped(page, text, room.width, size)
    for number, line in enumerate(lines[: int((room.height + 1) // step)]):
        page.text(Box(room.x, room.y + number * step, room.width, step), line, size)
