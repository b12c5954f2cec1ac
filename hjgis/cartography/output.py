"""A sheet as PDF, SVG or PNG, or painted anywhere as its own preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from hjgis import paths
from hjgis.cartography.composition import Composition, MapJob, compose
from hjgis.cartography.furniture import paint_frame, paint_items, paint_margins, paint_watermark
from hjgis.cartography.grid import paint_grid
from hjgis.cartography.page import Page
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.sheets import DEFAULT_SHEET, Box, Sheet
from hjgis.models.themes import DEFAULT_THEME, Theme
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import ensure_application
from hjgis.render.frame import MM_PER_INCH
from hjgis.render.painter import paint_layers

# 100 dots a millimetre: positions on paper are exact to 0.01 mm.
VECTOR_DPI: Final = 2540
PICTURE_DPI: Final = 200.0


@dataclass(frozen=True, slots=True)
class MapResult:
    """What was made: the file, the n of its scale 1 : n, what it shows.

    `layers` are on the map; `hidden` hold something there but do not show at this scale.
    """

    path: Path
    scale: float
    extent: Extent
    layers: tuple[str, ...]
    hidden: tuple[str, ...]


def make_map(
    project: Project,
    out: Path,
    *,
    sheet: str | Sheet = DEFAULT_SHEET,
    theme: str | Theme | None = None,
    scale: float | None = None,
    center: tuple[float, float] | None = None,
    extent: Extent | None = None,
    title: str | None = None,
    measured: str = "",
    progress: Progress = SILENT,
) -> MapResult:
    """Make a sheet of a project; see `MapJob` and `render_sheet`."""
    job = MapJob(
        project,
        title=title,
        sheet=sheet,
        theme=theme or DEFAULT_THEME,
        scale=scale,
        center=center,
        extent=extent,
        measured=measured,
    )
    return render_sheet(job, out, progress=progress)


def render_sheet(
    job: MapJob, out: Path, *, dpi: float = PICTURE_DPI, progress: Progress = SILENT
) -> MapResult:
    """Write a sheet as the file's ending says: ``.pdf``, ``.svg`` or ``.png``.

    The file appears when it is whole; a job that fails or is cancelled leaves none.

    Parameters
    ----------
    dpi : float
        Dots an inch of a PNG; the others are vectors.

    Raises
    ------
    UsageError
        If the ending is another, or sheet, theme or scale is none.
    HjgisError
        If the file cannot be written, or there is nothing to show.
    Cancelled
        If `progress` says so.
    """
    _writer(out)
    ensure_application()
    return write_composition(compose(job, progress=progress), out, dpi=dpi, progress=progress)


def write_composition(
    composition: Composition,
    out: Path,
    *,
    dpi: float = PICTURE_DPI,
    progress: Progress = SILENT,
) -> MapResult:
    """Write a page that is composed already; see `render_sheet`."""
    write = _writer(out)
    ensure_application()
    try:
        with paths.written_whole(out) as part:
            write(composition, part, dpi, progress)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=out, error=error.strerror)) from error
    return MapResult(
        path=out,
        scale=composition.scale,
        extent=composition.frame(1.0).extent,
        layers=tuple(layer.layer for layer in composition.layers),
        hidden=composition.hidden,
    )


def _writer(out: Path) -> _Writer:
    """Return what writes a file of this ending, before anything is read for nothing."""
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        message = _("{path}: a map is written as one of {endings}.")
        raise UsageError(message.format(path=out, endings=", ".join(_WRITERS)))
    if not out.parent.is_dir():
        raise HjgisError(_("{path} cannot be written: there is no such folder.").format(path=out))
    return write


def paint_sheet(
    painter: QPainter,
    composition: Composition,
    *,
    px_per_mm: float,
    vector: bool = False,
    progress: Progress = SILENT,
) -> None:
    """Paint a whole sheet, the paper's upper left corner at the painter's origin.

    The preview in the window and the printed page are this same function.

    Parameters
    ----------
    px_per_mm : float
        Device pixels a millimetre of paper; a preview ``width_px`` wide has
        ``width_px / sheet.paper_mm[0]``.
    vector : bool
        For PDF and SVG: symbols stay vectors, text stays text.
    """
    painter.save()
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        page = Page(painter, px_per_mm)
        page.fill(Box(0, 0, *composition.sheet.paper_mm), "#ffffff")
        _paint_map(page, composition, vector=vector, progress=progress)
        _paint_furniture(page, composition)
    finally:
        painter.restore()


def _paint_map(page: Page, composition: Composition, *, vector: bool, progress: Progress) -> None:
    frame = composition.frame(page.px_per_mm)
    corner = page.rect(composition.sheet.map_mm).topLeft()
    page.painter.save()
    try:
        page.painter.translate(corner)
        paint_layers(page.painter, frame, composition.layers, vector=vector, progress=progress)
    finally:
        page.painter.restore()


def _paint_furniture(page: Page, composition: Composition) -> None:
    sheet, frame = composition.sheet, composition.frame(page.px_per_mm)
    if composition.sample:
        paint_watermark(page, sheet.map_mm)
    paint_margins(page, sheet)
    paint_grid(page, sheet, frame)
    paint_frame(page, sheet)
    paint_items(page, composition)


def pdf_writer(path: Path, paper_mm: tuple[float, float], title: str) -> QPdfWriter:
    """Return what writes pages of `VECTOR_DPI` dots an inch, without margins."""
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QSizeF(*paper_mm), QPageSize.Unit.Millimeter))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(VECTOR_DPI)
    writer.setTitle(title)
    writer.setCreator("hjgis")
    return writer


def _write_pdf(composition: Composition, path: Path, _dpi: float, progress: Progress) -> None:
    writer = pdf_writer(path, composition.sheet.paper_mm, composition.title)
    _paint_on(
        writer, composition, px_per_mm=VECTOR_DPI / MM_PER_INCH, vector=True, progress=progress
    )


def _write_svg(composition: Composition, path: Path, _dpi: float, progress: Progress) -> None:
    # SVG 1.1 and not Tiny: only that knows clipping.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    px_per_mm = VECTOR_DPI / MM_PER_INCH
    width, height = (side * px_per_mm for side in composition.sheet.paper_mm)
    generator.setFileName(str(path))
    generator.setResolution(VECTOR_DPI)
    generator.setSize(QSize(round(width), round(height)))
    generator.setViewBox(QRectF(0, 0, width, height))
    generator.setTitle(composition.title)
    _paint_on(generator, composition, px_per_mm=px_per_mm, vector=True, progress=progress)


def _write_png(composition: Composition, path: Path, dpi: float, progress: Progress) -> None:
    px_per_mm = dpi / MM_PER_INCH
    width, height = (round(side * px_per_mm) for side in composition.sheet.paper_mm)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    image.setDotsPerMeterX(round(px_per_mm * 1000))
    image.setDotsPerMeterY(round(px_per_mm * 1000))
    image.setText("Title", composition.title)
    _paint_on(image, composition, px_per_mm=px_per_mm, vector=False, progress=progress)
    if not image.save(str(path)):
        raise OSError(None, _("the picture could not be saved"))


def _paint_on(
    device: QPaintDevice,
    composition: Composition,
    *,
    px_per_mm: float,
    vector: bool,
    progress: Progress,
) -> None:
    painter = QPainter()
    if not painter.begin(device):
        raise OSError(None, _("the folder or file does not allow it"))
    try:
        paint_sheet(painter, composition, px_per_mm=px_per_mm, vector=vector, progress=progress)
    finally:
        painter.end()


_Writer = Callable[[Composition, Path, float, Progress], None]
_WRITERS: Final[dict[str, _Writer]] = {".pdf": _write_pdf, ".svg": _write_svg, ".png": _write_png}
