"""A sheet as a picture, and the files beside it that say where it lies."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect
from PySide6.QtGui import QImage, QImageWriter, QPainter

from hjgis import paths
from hjgis.cartography.composition import Composition
from hjgis.cartography.georeference import projection_file, world_file
from hjgis.cartography.painting import paint_sheet, px_per_mm
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _
from hjgis.models.sheets import Sheet
from hjgis.progress import SILENT, Progress

PICTURE_ENDINGS: Final = (".png", ".tif", ".tiff")
_WORLD_ENDINGS: Final = {".png": ".pgw", ".tif": ".tfw", ".tiff": ".tfw"}
_LEAST_DPI: Final = 30.0
_MOST_DPI: Final = 1200.0
_BYTES_OF_PIXEL: Final = 4
_MOST_BYTES: Final = 2 * 1024**3
# Qt's painter knows no pixel beyond 32 767.
_TILE_PX: Final = 16_000
_LZW: Final = 1


def check_size(paper: Sheet, dpi: float) -> None:
    """Refuse a picture that nobody could open.

    Raises
    ------
    UsageError
        If `dpi` is not between 30 and 1200.
    HjgisError
        If the picture would need more than 2 GB; it says how many dots an inch would not.
    """
    if not _LEAST_DPI <= dpi <= _MOST_DPI:
        message = _("Dots per inch must be between {least:g} and {most:g}.")
        raise UsageError(message.format(least=_LEAST_DPI, most=_MOST_DPI))
    width, height = _size_px(paper, dpi)
    if width * height * _BYTES_OF_PIXEL > _MOST_BYTES:
        area = math.prod(side / 25.4 for side in paper.paper_mm)
        fits = math.floor((_MOST_BYTES / _BYTES_OF_PIXEL / area) ** 0.5 / 10) * 10
        message = _(
            "At {dpi:g} dpi the picture would have {width} × {height} pixels and need over 2 GB."
            " {fits} dpi fit; a PDF has no such limit."
        )
        raise HjgisError(message.format(dpi=dpi, width=width, height=height, fits=fits))


def sheet_picture(composition: Composition, dpi: float, *, progress: Progress = SILENT) -> QImage:
    """Return a sheet as a picture; one larger than Qt's painter knows is painted in tiles."""
    unit = px_per_mm(dpi)
    width, height = _size_px(composition.sheet, dpi)
    image = _empty(width, height)
    if max(width, height) <= _TILE_PX * 2:
        _paint(image, composition, unit, (0, 0), progress)
    else:
        _paint_tiles(image, composition, unit, progress)
    image.setDotsPerMeterX(round(unit * 1000))
    image.setDotsPerMeterY(round(unit * 1000))
    image.setText("Title", composition.title)
    return image


def save_picture(image: QImage, path: Path) -> None:
    """Write a picture as its ending says; a TIFF packed without loss.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    # Into memory first: the writer of TIFF does not tell that a disk is full.
    written = QByteArray()
    buffer = QBuffer(written)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    png = path.suffix.lower() == ".png"
    writer = QImageWriter(buffer, QByteArray(b"png" if png else b"tiff"))
    if not png:
        writer.setCompression(_LZW)
    if not writer.write(image):
        raise OSError(None, _("the picture could not be saved"))
    path.write_bytes(written.data())


def write_place(composition: Composition, picture: Path, dpi: float) -> None:
    """Write the world file and the coordinate system's definition beside a picture.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    ending = _WORLD_ENDINGS[picture.suffix.lower()]
    texts = {
        ending: world_file(composition, px_per_mm(dpi)),
        ".prj": projection_file(composition),
    }
    for suffix, text in texts.items():
        if text:
            with paths.written_whole(picture.with_suffix(suffix)) as part:
                part.write_text(text, "utf-8")


def _size_px(paper: Sheet, dpi: float) -> tuple[int, int]:
    width, height = (round(side * px_per_mm(dpi)) for side in paper.paper_mm)
    return width, height


def _empty(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if image.isNull():
        raise HjgisError(_("There is not enough memory for a picture of this size."))
    image.fill(0xFFFFFFFF)
    return image


def _paint(
    image: QImage, composition: Composition, unit: float, at: tuple[int, int], progress: Progress
) -> None:
    painter = QPainter(image)
    try:
        painter.translate(-at[0], -at[1])
        paint_sheet(painter, composition, px_per_mm=unit, progress=progress)
    finally:
        painter.end()


def _paint_tiles(image: QImage, composition: Composition, unit: float, progress: Progress) -> None:
    for top in range(0, image.height(), _TILE_PX):
        for left in range(0, image.width(), _TILE_PX):
            size = (min(_TILE_PX, image.width() - left), min(_TILE_PX, image.height() - top))
            tile = _empty(*size)
            _paint(tile, composition, unit, (left, top), progress)
            _copy(tile, image, QRect(QPoint(left, top), tile.size()))


def _copy(tile: QImage, image: QImage, area: QRect) -> None:
    """Copy pixels without a painter, which would not reach the far ones."""
    step = image.bytesPerLine()
    whole, part = memoryview(image.bits()), memoryview(tile.constBits())
    wide = area.width() * _BYTES_OF_PIXEL
    for row in range(area.height()):
        start = (area.top() + row) * step + area.left() * _BYTES_OF_PIXEL
        begin = row * tile.bytesPerLine()
        whole[start : start + wide] = part[begin : begin + wide]
