"""A PDF that is painted page by page, and is there only when all of it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QPainter, QPdfWriter

from hjgis import paths
from hjgis.cartography.output import pdf_writer
from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.render.fonts import ensure_application


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
