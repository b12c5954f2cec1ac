"""A document of HTML put on paper: pages with head, page numbers and watermark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, QUrl
from PySide6.QtGui import QAbstractTextDocumentLayout, QImage, QPdfWriter, QTextDocument

from hjgis.cartography.furniture import paint_watermark
from hjgis.cartography.page import Page
from hjgis.cartography.pdf_file import painted_pdf
from hjgis.i18n import _
from hjgis.models.sheets import Box
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import FAMILIES
from hjgis.render.frame import MM_PER_INCH

A4_MM: Final = (210.0, 297.0)
_MARGINS: Final = QMarginsF(16, 18, 16, 16)
# Letters have their size in points of 72 an inch; the text is laid out in these.
_TEXT_PT: Final = 9.5
_SMALL_MM: Final = 2.6
_RULE: Final = "#9aa5b1"


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be put on paper.

    Attributes
    ----------
    html : str
        The subset that Qt's rich text knows; a heading row in ``thead`` comes again on each page.
    pictures : mapping of str to bytes
        PNG files by the name in ``img src``.
    sample : bool
        Whether every page bears the mark of synthetic data.
    """

    title: str
    html: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    sample: bool = False


def write_document(
    document: Document,
    out: Path,
    *,
    progress: Progress = SILENT,
) -> int:
    """Write a document as PDF and return how many pages it has.

    Raises
    ------
    HjgisError
        If the file cannot be written.
    Cancelled
        If `progress` says so.
    """
    with painted_pdf(out, A4_MM, document.title) as (writer, painter):
        text = _laid_out(document, writer)
        count = text.pageCount()
        page = Page(painter, writer.resolution() / MM_PER_INCH)
        for number in range(count):
            progress.report(number, count, "draw")
            progress.check()
            if number:
                writer.newPage()
            _paint(page, text, number)
            _paint_margins(page, document, (number + 1, count))
    return count


def _inside() -> Box:
    width = A4_MM[0] - _MARGINS.left() - _MARGINS.right()
    height = A4_MM[1] - _MARGINS.top() - _MARGINS.bottom()
    return Box(_MARGINS.left(), _MARGINS.top(), width, height)


def _laid_out(document: Document, writer: QPdfWriter) -> QTextDocument:
    text = QTextDocument()
    text.documentLayout().setPaintDevice(writer)
    font = text.defaultFont()
    font.setFamilies([*FAMILIES])
    font.setPointSizeF(_TEXT_PT)
    text.setDefaultFont(font)
    text.setDocumentMargin(0)
    for name, data in document.pictures.items():
        url, image = QUrl(name), QImage.fromData(data)
        text.addResource(QTextDocument.ResourceType.ImageResource.value, url, image)
    inside, dots = _inside(), writer.resolution() / MM_PER_INCH
    text.setHtml(document.html)
    text.setPageSize(QSizeF(inside.width * dots, inside.height * dots))
    return text


def _paint(page: Page, text: QTextDocument, number: int) -> None:
    area = page.rect(_inside())
    shown = QRectF(0, number * area.height(), area.width(), area.height())
    page.painter.save()
    page.painter.translate(area.left(), area.top() - shown.top())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = shown
    page.painter.setClipRect(shown)
    text.documentLayout().draw(page.painter, context)
    page.painter.restore()


def _paint_margins(page: Page, document: Document, number: tuple[int, int]) -> None:
    inside = _inside()
    top = Box(inside.x, inside.y - 8, inside.width, 4)
    page.text(top, document.title, _SMALL_MM)
    page.line((inside.x, inside.y - 3), (inside.right, inside.y - 3), mm=0.15, ink=_RULE)
    words = _("Page {own} of {count}").format(own=number[0], count=number[1])
    bottom = Box(inside.x, A4_MM[1] - _MARGINS.bottom() + 5, inside.width, 4)
    page.text(bottom, words, _SMALL_MM, align="center")
    if document.sample:
        paint_watermark(page, Box(0, 0, *A4_MM))
