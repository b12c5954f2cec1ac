"""A list on paper for those who go out: what to inspect, with room for what they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hjgis.cartography.furniture import paint_watermark
from hjgis.cartography.page import Page
from hjgis.cartography.pdf_file import VECTOR_DPI, painted_pdf
from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.models.sheets import Box
from hjgis.progress import SILENT, Progress
from hjgis.render.frame import MM_PER_INCH

_PAPER_MM: Final = (297.0, 210.0)
_AREA: Final = Box(14, 12, 269, 184)
_ROW_MM: Final = 6.4
_HEAD_MM: Final = 17.0
_TEXT_MM: Final = 2.6
_RULE: Final = "#9aa4ae"


@dataclass(frozen=True, slots=True)
class FieldSheet:
    """What is listed.

    Attributes
    ----------
    heads : tuple of (str, float)
        Headings and the share of the width that each column has.
    rows : sequence of tuple of str
        One cell a heading; an empty one is room to write.
    """

    title: str
    note: str
    heads: tuple[tuple[str, float], ...]
    rows: Sequence[tuple[str, ...]]
    sample: bool


def write_field_sheet(sheet: FieldSheet, out: Path, *, progress: Progress = SILENT) -> int:
    """Write a list as PDF, A4 across; return how many pages it has.

    Raises
    ------
    UsageError
        If the file is no ``.pdf``.
    HjgisError
        If it cannot be written.
    Cancelled
        If `progress` says so.
    """
    if out.suffix.lower() != ".pdf":
        raise UsageError(_("{path}: a field sheet is written as .pdf.").format(path=out))
    with painted_pdf(out, _PAPER_MM, sheet.title) as (writer, painter):
        page = Page(painter, VECTOR_DPI / MM_PER_INCH)
        each = int((_AREA.height - _HEAD_MM) // _ROW_MM)
        count = max(-(-len(sheet.rows) // each), 1)
        for number in range(count):
            progress.report(number, count, "draw")
            progress.check()
            if number:
                writer.newPage()
            rows = sheet.rows[number * each : (number + 1) * each]
            _paint(page, sheet, rows, (number + 1, count))
    return count


def _paint(
    page: Page, sheet: FieldSheet, rows: Sequence[tuple[str, ...]], number: tuple[int, int]
) -> None:
    page.text(Box(_AREA.x, _AREA.y, _AREA.width, 6), sheet.title, 4.4, bold=True)
    page.text(Box(_AREA.x, _AREA.y, _AREA.width, 6), sheet.note, _TEXT_MM, align="right")
    heads = tuple(words for words, _share in sheet.heads)
    top = _AREA.y + _HEAD_MM - _ROW_MM
    page.fill(Box(_AREA.x, top, _AREA.width, _ROW_MM), "#eef1f4")
    _paint_row(page, sheet, heads, top, bold=True)
    for index, row in enumerate(rows):
        _paint_row(page, sheet, row, top + (index + 1) * _ROW_MM, bold=False)
    bottom = top + (len(rows) + 1) * _ROW_MM
    x = _AREA.x
    for share in (0.0, *(share for _words, share in sheet.heads)):
        x += share * _AREA.width
        page.line((x, top), (x, bottom), mm=0.12, ink=_RULE)
    page.line((_AREA.x, top), (_AREA.right, top), mm=0.12, ink=_RULE)
    foot = Box(_AREA.x, _PAPER_MM[1] - 11, _AREA.width, 4)
    words = _("Page {own} of {count}").format(own=number[0], count=number[1])
    page.text(foot, words, 2.4, align="center")
    page.text(foot, _("Inspected by:                    Date:"), _TEXT_MM)
    if sheet.sample:
        paint_watermark(page, Box(0, 0, *_PAPER_MM))


def _paint_row(page: Page, sheet: FieldSheet, row: Sequence[str], y: float, *, bold: bool) -> None:
    x = _AREA.x
    for text, (_words, share) in zip(row, sheet.heads, strict=True):
        width = share * _AREA.width
        page.text(Box(x + 1, y, width - 2, _ROW_MM), text, _TEXT_MM, bold=bold)
        x += width
    page.line((_AREA.x, y + _ROW_MM), (_AREA.right, y + _ROW_MM), mm=0.12, ink=_RULE)
