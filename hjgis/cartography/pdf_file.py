"""PDF files that are painted page by page, and are there only when all of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

from hjgis import paths
from hjgis.cartography.composition import Composition
from hjgis.cartography.georeference import Viewport, viewport
from hjgis.cartography.page import Page
from hjgis.cartography.painting import Dense, check_letters, px_per_mm, sheet_parts
from hjgis.cartography.pdf_content import Content
from hjgis.errors import HjgisError
from hjgis.i18n import _, reason
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import ensure_application

# 100 dots a millimetre: positions on paper are exact to 0.01 mm.
VECTOR_DPI: Final = 2540
# How a PDF ends: with where this word stands.
_TABLE: Final = b"xref"
_TAIL_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class PdfPart:
    """What can be switched off on a page to be.

    Attributes
    ----------
    name : str
        Empty for what is always there.
    content : Content, optional
        What it draws; the next page of the raw document if not given.
    """

    name: str
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class PdfSheet:
    """One page to be.

    Attributes
    ----------
    parts : tuple of PdfPart
        The lowest first.
    bookmark : str
        What the reader's table of contents calls it; empty for none.
    """

    paper_mm: tuple[float, float]
    parts: tuple[PdfPart, ...]
    bookmark: str = ""
    viewport: Viewport | None = None


def pdf_writer(path: Path, paper_mm: tuple[float, float], title: str) -> QPdfWriter:
    """Return what writes pages of `VECTOR_DPI` dots an inch, without margins."""
    writer = QPdfWriter(str(path))
    writer.setPageSize(_paper(paper_mm))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(VECTOR_DPI)
    writer.setTitle(title)
    writer.setCreator("hjgis")
    return writer


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
    with _whole(out) as part, _painting(part, paper_mm, title) as painting:
        yield painting


class SheetsPdf:
    """Paints sheets into one document, each layer of a sheet as a layer of the PDF.

    Parameters
    ----------
    dense : str
        ``picture`` if layers of very many symbols are to be pictures; see `painting.Dense`.
    """

    def __init__(self, writer: QPdfWriter, painter: QPainter, dense: Dense) -> None:
        self._writer, self._painter, self._dense = writer, painter, dense
        self._fresh = True
        self._paper_mm: tuple[float, float] | None = None
        self.sheets: list[PdfSheet] = []

    def add(
        self, composition: Composition, *, bookmark: str = "", progress: Progress = SILENT
    ) -> None:
        """Paint the next sheet.

        Parameters
        ----------
        bookmark : str
            Its line in the reader's table of contents; number and name of the place if empty.

        Raises
        ------
        HjgisError
            If no font has some of its letters.
        Cancelled
            If `progress` says so.
        """
        check_letters(composition)
        page, parts = Page(self._painter, px_per_mm(VECTOR_DPI)), []
        paper_mm = composition.sheet.paper_mm
        for part in sheet_parts(
            page, composition, vector=True, dense=self._dense, progress=progress
        ):
            written = part.write()
            if written is None:
                self._turn(paper_mm)
                part.paint()
            parts.append(PdfPart(part.name, written))
        place = composition.place
        bookmark = bookmark or " ".join(filter(None, (place.number, place.name)))
        self.sheets.append(PdfSheet(paper_mm, tuple(parts), bookmark, viewport(composition)))

    def add_page(
        self, paper_mm: tuple[float, float], paint: Callable[[Page], None], *, bookmark: str = ""
    ) -> None:
        """Paint another page, such as the map of all sheets."""
        self._turn(paper_mm)
        self._painter.save()
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            paint(Page(self._painter, px_per_mm(VECTOR_DPI)))
        finally:
            self._painter.restore()
        self.sheets.append(PdfSheet(paper_mm, (PdfPart(""),), bookmark))

    def _turn(self, paper_mm: tuple[float, float]) -> None:
        if self._fresh:
            self._fresh = False
            return
        self._writer.setPageSize(_paper(paper_mm))
        self._writer.newPage()


@contextmanager
def sheets_pdf(
    out: Path, paper_mm: tuple[float, float], title: str, *, dense: Dense = "picture"
) -> Iterator[SheetsPdf]:
    """Give what paints sheets into one PDF; the file appears when all of them are there.

    Parameters
    ----------
    paper_mm : tuple of float
        Of the first page; others may have another.

    Raises
    ------
    HjgisError
        If the file cannot be written; whatever was there stays.
    """
    with _whole(out) as whole, sheets_draft(whole, paper_mm, title, dense=dense) as pdf:
        yield pdf


@contextmanager
def sheets_draft(
    path: Path, paper_mm: tuple[float, float], title: str, *, dense: Dense = "picture"
) -> Iterator[SheetsPdf]:
    """Give what paints sheets into one PDF which somebody else puts in its place.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    # Reading and writing PDF takes a while to import, and few runs of the program need it.
    from hjgis.cartography.pdf_layers import put_together

    with TemporaryDirectory() as folder:
        # A place that does not allow it is told before hours of painting.
        path.touch()
        raw = Path(folder, "raw.pdf")
        with _painting(raw, paper_mm, title) as (writer, painter):
            pdf = SheetsPdf(writer, painter, dense)
            yield pdf
        put_together(raw, path, pdf.sheets, title)


@contextmanager
def _painting(
    path: Path, paper_mm: tuple[float, float], title: str
) -> Iterator[tuple[QPdfWriter, QPainter]]:
    writer, painter = pdf_writer(path, paper_mm, title), QPainter()
    if not painter.begin(writer):
        raise OSError(None, _("the folder or file does not allow it"))
    try:
        yield writer, painter
    finally:
        painter.end()
    if not _is_whole(path):
        raise OSError(None, _("the disk is full"))


def _is_whole(path: Path) -> bool:
    """Whether all of what Qt has written is in a PDF; Qt does not tell that a disk is full.

    Its end says where the table of its objects begins: whatever is lacking moves that.
    """
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        _rest, found, tail = stream.read().rpartition(b"startxref")
        begin, _line, end = tail.strip().partition(b"\n")
        if not found or end.strip() != b"%%EOF" or not begin.strip().isdigit():
            return False
        stream.seek(int(begin))
        return stream.read(len(_TABLE)) == _TABLE


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a path to write to; whatever goes wrong with it is told in words."""
    check_folder(out)
    ensure_application()
    try:
        with paths.written_whole(out) as part:
            yield part
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=out, error=reason(error))) from error


def check_folder(out: Path) -> None:
    """Refuse a file whose folder is not there, before anything is read for nothing.

    Raises
    ------
    HjgisError
        If it is not.
    """
    if not out.parent.is_dir():
        raise HjgisError(_("{path} cannot be written: there is no such folder.").format(path=out))


def _paper(paper_mm: tuple[float, float]) -> QPageSize:
    return QPageSize(QSizeF(*paper_mm), QPageSize.Unit.Millimeter)
