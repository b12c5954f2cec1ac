"""The target board on one sheet of paper, A3 across: a line a task, counts, room to sign."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hjgis.cartography.furniture import paint_watermark
from hjgis.cartography.page import Page
from hjgis.cartography.pdf_file import VECTOR_DPI, painted_pdf
from hjgis.errors import UsageError
from hjgis.i18n import N_, _
from hjgis.models.sheets import Box
from hjgis.render.frame import MM_PER_INCH

_PAPER_MM: Final = (420.0, 297.0)
_AREA: Final = Box(18, 14, 384, 269)
_TABLE_TOP: Final = 66.0
_HEAD_MM: Final = 8.0
_ROW_MM: Final = 8.2
_TEXT_MM: Final = 3.1
_RULE, _FAINT, _HEAD_FILL = "#9aa4ae", "#e3e7eb", "#eef1f4"
# Headings and the share of the width that each column has.
_COLUMNS: Final = (
    (N_("No."), 0.03),
    (N_("Task"), 0.12),
    (N_("Figures (actual / expected)"), 0.37),
    (N_("Reached"), 0.05),
    (N_("Progress"), 0.11),
    (N_("Status"), 0.08),
    (N_("Responsible units"), 0.24),
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One task. `share` is how far it is, 0 to 1; None where nothing is counted."""

    no: int
    title: str
    figures: str
    reached: str
    share: float | None
    sign: str
    status: str
    colour: str
    units: str


@dataclass(frozen=True, slots=True)
class TargetSheet:
    """What the sheet says.

    Attributes
    ----------
    counts : tuple of (str, str, str, int)
        Sign, word, colour and number of tasks of each status, in the order of the bar.
    """

    title: str
    basis: str
    on: str
    summary: str
    rows: tuple[SheetRow, ...]
    counts: tuple[tuple[str, str, str, int], ...]
    sample: bool


def write_target_sheet(sheet: TargetSheet, out: Path) -> None:
    """Write the board as one page of PDF, A3 across.

    Raises
    ------
    UsageError
        If the file is no ``.pdf``.
    HjgisError
        If it cannot be written.
    """
    if out.suffix.lower() != ".pdf":
        raise UsageError(_("{path}: the sheet is written as .pdf.").format(path=out))
    with painted_pdf(out, _PAPER_MM, sheet.title) as (_writer, painter):
        page = Page(painter, VECTOR_DPI / MM_PER_INCH)
        _paint_head(page, sheet)
        _paint_counts(page, sheet)
        _paint_table(page, sheet)
        _paint_foot(page)
        if sheet.sample:
            paint_watermark(page, Box(0, 0, *_PAPER_MM))


def _paint_head(page: Page, sheet: TargetSheet) -> None:
    page.text(Box(_AREA.x, _AREA.y, _AREA.width, 10), sheet.title, 7.0, align="center", bold=True)
    page.text(Box(_AREA.x, _AREA.y + 11, _AREA.width, 5), sheet.basis, 3.2, align="center")
    line = Box(_AREA.x, _AREA.y + 18, _AREA.width, 5)
    page.text(line, _("As of {date}").format(date=sheet.on), 3.2)
    page.text(line, _("Targets: {summary}").format(summary=sheet.summary), 3.2, align="right")


def _paint_counts(page: Page, sheet: TargetSheet) -> None:
    """Draw one bar of all tasks, divided by status, with its key below."""
    total = max(sum(count for *_rest, count in sheet.counts), 1)
    bar = Box(_AREA.x, _AREA.y + 26, _AREA.width, 8)
    x, key = bar.x, bar.x
    for sign, words, colour, count in sheet.counts:
        width = bar.width * count / total
        if count:
            part = Box(x, bar.y, width, bar.height)
            page.fill(part, colour)
            page.text(part, str(count), 3.8, align="center", bold=True, ink="#ffffff")
        text = _("{words}: {count} tasks").format(words=words, count=count)
        page.text(Box(key, bar.y + 10, 5, 5), sign, 3.2, ink=colour)
        page.text(Box(key + 5, bar.y + 10, 50, 5), text, 3.2)
        x, key = x + width, key + 62


def _paint_table(page: Page, sheet: TargetSheet) -> None:
    page.fill(Box(_AREA.x, _TABLE_TOP, _AREA.width, _HEAD_MM), _HEAD_FILL)
    for (words, _share), box in zip(_COLUMNS, _cells(_TABLE_TOP, _HEAD_MM), strict=True):
        page.text(box, _(words), 3.1, bold=True)
    for number, row in enumerate(sheet.rows):
        _paint_row(page, row, _TABLE_TOP + _HEAD_MM + number * _ROW_MM)
    bottom = _TABLE_TOP + _HEAD_MM + len(sheet.rows) * _ROW_MM
    page.frame(Box(_AREA.x, _TABLE_TOP, _AREA.width, bottom - _TABLE_TOP), 0.25, _RULE)
    x = _AREA.x
    for _words, share in _COLUMNS[:-1]:
        x += share * _AREA.width
        page.line((x, _TABLE_TOP), (x, bottom), mm=0.12, ink=_RULE)


def _paint_row(page: Page, row: SheetRow, y: float) -> None:
    no, title, figures, reached, progress, status, units = _cells(y, _ROW_MM)
    page.text(no, str(row.no), _TEXT_MM, align="center")
    page.text(title, row.title, _TEXT_MM, bold=True)
    page.text(figures, row.figures, _TEXT_MM)
    page.text(reached, row.reached, _TEXT_MM, align="center")
    if row.share is not None:
        bar = Box(progress.x, y + _ROW_MM / 2 - 1.4, progress.width - 11, 2.8)
        page.fill(bar, _FAINT)
        page.fill(Box(bar.x, bar.y, bar.width * row.share, bar.height), row.colour)
        # What is nearly whole is not whole: rounded down.
        per_cent = f"{int(row.share * 100)}%"
        page.text(Box(bar.right, y, 11, _ROW_MM), per_cent, 2.6, align="right")
    page.text(Box(status.x, y, 5, _ROW_MM), row.sign, 3.8, ink=row.colour)
    page.text(Box(status.x + 5, y, status.width - 5, _ROW_MM), row.status, _TEXT_MM)
    page.text(units, row.units, 2.5)
    page.line((_AREA.x, y), (_AREA.right, y), mm=0.12, ink=_RULE)


def _cells(y: float, height: float) -> list[Box]:
    """Return the room of each column in one line of the table."""
    boxes, x = [], _AREA.x
    for _words, share in _COLUMNS:
        width = share * _AREA.width
        boxes.append(Box(x + 1.5, y, width - 3, height))
        x += width
    return boxes


def _paint_foot(page: Page) -> None:
    y = _PAPER_MM[1] - 24
    signs = (_("Filled in by:"), _("Checked by:"), _("Unit (seal):"), _("Date:"))
    for number, words in enumerate(signs):
        x = _AREA.x + number * _AREA.width / len(signs)
        page.text(Box(x, y, 28, 6), words, 3.4)
        page.line((x + 28, y + 6), (x + _AREA.width / len(signs) - 8, y + 6), mm=0.2)
    note = _(
        "The figures are counted from the layers of the project; they are work targets of 2020, not"
        " a census. Progress is the average of a task's targets."
    )
    page.text(Box(_AREA.x, y + 9, _AREA.width, 4), note, 2.5, ink="#5f6368")
