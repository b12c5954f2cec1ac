"""Files of assets as one PDF: table of contents, bookmarks, page numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtGui import QPainter, QPdfWriter

from hjgis import paths
from hjgis.cartography.dossier import Dossier, dossier
from hjgis.cartography.dossier_pages import (
    PAPER_MM,
    Paint,
    Sheet,
    contents_pages,
    lay_out,
    paint_contents,
    paint_sheet_of,
)
from hjgis.cartography.location import paint_location
from hjgis.cartography.outline import add_outline
from hjgis.cartography.page import Page
from hjgis.cartography.pdf_file import VECTOR_DPI, pdf_writer
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, reason
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import ensure_application
from hjgis.render.frame import MM_PER_INCH

_PX_PER_MM: Final = VECTOR_DPI / MM_PER_INCH


@dataclass(frozen=True, slots=True)
class DossierResult:
    """What was made: how many assets on how many pages."""

    path: Path
    assets: int
    pages: int


def write_dossiers(
    project: Project,
    keys: Sequence[FeatureKey],
    out: Path,
    *,
    on: dt.date | None = None,
    progress: Progress = SILENT,
) -> DossierResult:
    """Write the files of one or more assets, A4 upright, into one PDF.

    Several get a table of contents and bookmarks. The file appears when it is whole; a job that
    fails or is cancelled leaves none.

    Parameters
    ----------
    on : date, optional
        The day printed on the pages; today.

    Raises
    ------
    UsageError
        If the file is no ``.pdf``, there is no asset or one of them is not stored.
    HjgisError
        If the file cannot be written.
    Cancelled
        If `progress` says so.
    """
    wanted = list(dict.fromkeys(keys))
    _refuse(project, wanted, out)
    ensure_application()
    day = on or dt.date.today()
    try:
        contents = []
        for done, key in enumerate(wanted):
            progress.report(done, 2 * len(wanted), "read")
            progress.check()
            contents.append(dossier(project, key, on=day))
        with paths.written_whole(out) as part:
            pages = _write(project, contents, part, progress)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=out, error=reason(error))) from error
    return DossierResult(out, len(wanted), pages)


def _refuse(project: Project, keys: Sequence[FeatureKey], out: Path) -> None:
    if out.suffix.lower() != ".pdf":
        raise UsageError(_("{path}: asset files are written as .pdf.").format(path=out))
    if not keys:
        raise UsageError(_("Say which assets: there is none to write a file of."))
    if not out.parent.is_dir():
        raise HjgisError(_("{path} cannot be written: there is no such folder.").format(path=out))
    found = project.known(keys)
    for key in keys:
        if key not in found:
            raise UsageError(_("There is no feature {key}.").format(key=key))


def _write(project: Project, contents: Sequence[Dossier], path: Path, progress: Progress) -> int:
    title = contents[0].entry if len(contents) == 1 else _("Asset files")
    writer = pdf_writer(path, PAPER_MM, title)
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(None, _("the folder or file does not allow it"))
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        page = Page(painter, _PX_PER_MM)
        laid = [lay_out(page, content, _sketch(project, content)) for content in contents]
        first = 1 + (contents_pages(len(contents)) if len(contents) > 1 else 0)
        starts = _starts(first, laid)
        entries = [(one.entry, start) for one, start in zip(contents, starts, strict=True)]
        _paint(writer, page, contents, laid=laid, entries=entries, progress=progress)
    finally:
        painter.end()
    if len(contents) > 1:
        add_outline(path, entries)
    return starts[-1] + len(laid[-1]) - 1


def _sketch(project: Project, content: Dossier) -> Paint | None:
    if content.extent is None:
        return None
    return partial(paint_location, project, content.key, content.fid, content.extent)


def _starts(first: int, laid: Sequence[Sequence[Sheet]]) -> list[int]:
    starts = [first]
    for sheets in laid[:-1]:
        starts.append(starts[-1] + len(sheets))
    return starts


def _paint(
    writer: QPdfWriter,
    page: Page,
    contents: Sequence[Dossier],
    *,
    laid: Sequence[Sequence[Sheet]],
    entries: Sequence[tuple[str, int]],
    progress: Progress,
) -> None:
    overall = 0
    if len(contents) > 1:
        for part in range(contents_pages(len(entries))):
            overall = _next_page(writer, overall)
            title, sample = _("Asset files"), contents[0].sample
            paint_contents(page, entries, part, title=title, sample=sample)
    for done, (content, sheets) in enumerate(zip(contents, laid, strict=True)):
        progress.report(len(contents) + done, 2 * len(contents), "draw")
        progress.check()
        for own, sheet in enumerate(sheets, 1):
            overall = _next_page(writer, overall)
            paint_sheet_of(page, sheet, content, (own, len(sheets), overall))


def _next_page(writer: QPdfWriter, overall: int) -> int:
    if overall:
        writer.newPage()
    return overall + 1
