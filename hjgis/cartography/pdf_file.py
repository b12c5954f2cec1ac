"""A PDF that is painted page by page, and is there only when all of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QPainter, QPdfWriter

from hjgis import paths
from hjgis.cartography.composition import Composition
from hjgis.cartography.outline import add_outline
from hjgis.cartography.output import VECTOR_DPI, paint_sheet, pdf_writer
from hjgis.cartography.page import Page
from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import ensure_application
from hjgis.render.frame import MM_PER_INCH


@contextmanager
def painted_pdf(
    out: Path, paper_mm: tuple[float, float], title: str
) -> Iterator[tuple[QPdfWriter, QPainter]]:
    """Give what turns the pages and what paints them.

    Raises
    ------
    HjgisError
        If the file cannot be written; whatever was there stays.
    """
    if not out.parent.is_dir():
        raise HjgisError(_("{path} cannot be written: there is no such folder.").format(path=out))
    ensure_application()
    painter = QPainter()
    try:
        with paths.written_whole(out) as part:
            writer = pdf_writer(part, paper_mm, title)
            if not painter.begin(writer):
                raise OSError(None, _("the folder or file does not allow it"))
            try:
                yield writer, painter
            finally:
                painter.end()
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=out, error=error.strerror)) from error


class SheetsPdf:
    """Paints sheets into one document, and keeps a bookmark for each."""

    def __init__(self, writer: QPdfWriter, painter: QPainter) -> None:
        self._writer, self._painter = writer, painter
        self.bookmarks: list[tuple[str, int]] = []
        self._pages = 0

    def add(
        self, composition: Composition, *, bookmark: str = "", progress: Progress = SILENT
    ) -> None:
        """Paint the next sheet; without a bookmark, number and name of its place are it."""
        place = composition.place
        self._turn(bookmark or " ".join(filter(None, (place.number, place.name))))
        unit = VECTOR_DPI / MM_PER_INCH
        paint_sheet(self._painter, composition, px_per_mm=unit, vector=True, progress=progress)

    def add_page(
        self,
        paper_mm: tuple[float, float],  # noqa: ARG002 - all pages of a document are alike
        paint: Callable[[Page], None],
        *,
        bookmark: str = "",
    ) -> None:
        """Paint another page, such as the list of all sheets."""
        self._turn(bookmark)
        self._painter.save()
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            paint(Page(self._painter, VECTOR_DPI / MM_PER_INCH))
        finally:
            self._painter.restore()

    def _turn(self, bookmark: str) -> None:
        if self._pages:
            self._writer.newPage()
        self._pages += 1
        if bookmark:
            self.bookmarks.append((bookmark, self._pages))


@contextmanager
def sheets_pdf(out: Path, paper_mm: tuple[float, float], title: str) -> Iterator[SheetsPdf]:
    """Give what paints sheets into one PDF; the file appears when all of them are there.

    Raises
    ------
    HjgisError
        If the file cannot be written; whatever was there stays.
    """
    if not out.parent.is_dir():
        raise HjgisError(_("{path} cannot be written: there is no such folder.").format(path=out))
    try:
        with paths.written_whole(out) as whole:
            with painted_pdf(whole, paper_mm, title) as (writer, painter):
                pdf = SheetsPdf(writer, painter)
                yield pdf
            add_outline(whole, pdf.bookmarks)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=out, error=error.strerror)) from error
