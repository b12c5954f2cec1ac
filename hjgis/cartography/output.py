"""A sheet as PDF, SVG, PNG or TIFF, on a printer, or painted anywhere as its own preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPagedPaintDevice, QPageLayout, QPageSize, QPainter

from hjgis import paths
from hjgis.cartography.composition import Composition, MapJob, compose
from hjgis.cartography.painting import Dense, check_letters, dense_notes, paint_sheet, px_per_mm
from hjgis.cartography.pdf_file import check_folder, sheets_draft
from hjgis.cartography.raster import (
    PICTURE_ENDINGS,
    check_size,
    save_picture,
    sheet_picture,
    write_place,
)
from hjgis.cartography.svg_file import sheet_svg
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, reason
from hjgis.models.changes import Extent
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import ensure_application

PICTURE_DPI: Final = 200.0


@dataclass(frozen=True, slots=True)
class MapResult:
    """What was made: the file, the n of its scale 1 : n, what it shows.

    `layers` are on the map; `hidden` hold something there but do not show at this scale. `notes`
    are what somebody who makes maps should know.
    """

    path: Path
    scale: float
    extent: Extent
    layers: tuple[str, ...]
    hidden: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Options:
    dpi: float
    dense: Dense
    progress: Progress


def render_sheet(
    job: MapJob,
    out: Path,
    *,
    dpi: float = PICTURE_DPI,
    dense: Dense = "picture",
    progress: Progress = SILENT,
) -> MapResult:
    """Write a sheet as the file's ending says: one of `ENDINGS`.

    The file appears when it is whole; a job that fails or is cancelled leaves none. Beside a
    picture stand its world file and the definition of its coordinate system.

    Parameters
    ----------
    dpi : float
        Dots an inch of a picture; the others are vectors.
    dense : str
        Whether a layer of more than 100 000 symbols on a vector sheet becomes a ``picture`` of
        600 dots an inch, or stays ``vector``.

    Raises
    ------
    UsageError
        If the ending is another, or sheet, theme, scale or `dpi` is none.
    HjgisError
        If the file cannot be written, there is nothing to show, the picture would be too large,
        or no font has the letters.
    Cancelled
        If `progress` says so.
    """
    # Nothing is read for a file that cannot be written.
    check_target(out)
    ensure_application()
    composition = compose(job, progress=progress)
    return write_composition(composition, out, dpi=dpi, dense=dense, progress=progress)


def write_composition(
    composition: Composition,
    out: Path,
    *,
    dpi: float = PICTURE_DPI,
    dense: Dense = "picture",
    progress: Progress = SILENT,
) -> MapResult:
    """Write a page that is composed already; see `render_sheet`.

    Raises
    ------
    HjgisError, UsageError
        As for `render_sheet`, but that nothing is composed any more.
    """
    check_target(out)
    try:
        # A picture and the files that say where it lies take their places together.
        with TemporaryDirectory(prefix=".hjgis-", dir=out.parent) as folder:
            draft = Path(folder, out.name)
            draft_composition(composition, draft, dpi=dpi, dense=dense, progress=progress)
            paths.take_places(Path(folder), out.parent)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=out, error=reason(error))) from error
    notes = (
        ()
        if out.suffix.lower() in PICTURE_ENDINGS or dense == "vector"
        else dense_notes(composition)
    )
    return MapResult(
        path=out,
        scale=composition.scale,
        extent=composition.frame(1.0).extent,
        layers=tuple(dict.fromkeys(layer.layer for layer in composition.layers)),
        hidden=composition.hidden,
        notes=(*composition.notes, *notes),
    )


def draft_composition(
    composition: Composition,
    path: Path,
    *,
    dpi: float = PICTURE_DPI,
    dense: Dense = "picture",
    progress: Progress = SILENT,
) -> None:
    """Write a page to where somebody takes it from, and beside a picture where it lies.

    Raises
    ------
    OSError
        If it cannot be written.
    UsageError, HjgisError, Cancelled
        As `render_sheet`.
    """
    ensure_application()
    check_letters(composition)
    picture = path.suffix.lower() in PICTURE_ENDINGS
    if picture:
        check_size(composition.sheet, dpi)
    _WRITERS[path.suffix.lower()](composition, path, _Options(dpi, dense, progress))
    if picture:
        write_place(composition, path, dpi)


def check_target(out: Path) -> None:
    """Refuse a file that no map is written as, or that has no folder.

    Raises
    ------
    UsageError
        If its ending is none of `ENDINGS`.
    HjgisError
        If there is no such folder.
    """
    if out.suffix.lower() not in ENDINGS:
        message = _("{path}: a map is written as one of {endings}.")
        raise UsageError(message.format(path=out, endings=", ".join(ENDINGS)))
    check_folder(out)


def print_pages(
    compositions: Iterable[Composition], printer: QPagedPaintDevice, *, progress: Progress = SILENT
) -> None:
    """Print sheets in true size, the paper's corner where the printer's paper begins.

    Parameters
    ----------
    printer : QPagedPaintDevice
        A ``QPrinter`` that somebody has chosen. Its paper is set to the sheet's; what a printer
        cannot reach at the paper's edge stays white, nothing is scaled.

    Raises
    ------
    HjgisError
        If the printer does not begin or go on.
    Cancelled
        If `progress` says so.
    """
    painter = QPainter()
    try:
        for composition in compositions:
            check_letters(composition)
            _set_paper(printer, composition)
            going = printer.newPage() if painter.isActive() else painter.begin(printer)
            if not going:
                raise HjgisError(_("The printer does not take the sheet. Is it switched on?"))
            _print(painter, printer, composition, progress)
    finally:
        if painter.isActive():
            painter.end()


def _set_paper(printer: QPagedPaintDevice, composition: Composition) -> None:
    size = QSizeF(*composition.sheet.paper_mm)
    printer.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter))
    printer.setPageMargins(QMarginsF(0, 0, 0, 0))


def _print(
    painter: QPainter, printer: QPagedPaintDevice, composition: Composition, progress: Progress
) -> None:
    dpi, layout = printer.logicalDpiX(), printer.pageLayout()
    painter.save()
    if layout.mode() == QPageLayout.Mode.StandardMode:
        # Margins that the printer insists on move the painter's origin.
        margins = layout.marginsPixels(dpi)
        painter.translate(-margins.left(), -margins.top())
    try:
        paint_sheet(painter, composition, px_per_mm=px_per_mm(dpi), vector=True, progress=progress)
    finally:
        painter.restore()


def _write_pdf(composition: Composition, path: Path, options: _Options) -> None:
    paper_mm = composition.sheet.paper_mm
    with sheets_draft(path, paper_mm, composition.title, dense=options.dense) as pdf:
        pdf.add(composition, progress=options.progress)


def _write_svg(composition: Composition, path: Path, options: _Options) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(sheet_svg(composition, dense=options.dense, progress=options.progress))


def _write_picture(composition: Composition, path: Path, options: _Options) -> None:
    image = sheet_picture(composition, options.dpi, progress=options.progress)
    save_picture(image, path)


_Writer = Callable[[Composition, Path, _Options], None]
_WRITERS: Final[dict[str, _Writer]] = {
    ".pdf": _write_pdf,
    ".svg": _write_svg,
    ".png": _write_picture,
    ".tif": _write_picture,
    ".tiff": _write_picture,
}
ENDINGS: Final = tuple(_WRITERS)
