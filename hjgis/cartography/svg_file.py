"""A sheet as SVG: its parts one after another, as layers that one can switch off in Inkscape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator

from hjgis.cartography.composition import Composition
from hjgis.cartography.page import Page
from hjgis.cartography.painting import Dense, SheetPart, px_per_mm, sheet_parts
from hjgis.cartography.pdf_file import VECTOR_DPI
from hjgis.progress import SILENT, Progress

_SPACES: Final = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
)
# What Qt names in a document, and how it speaks of it.
_NAMED: Final = re.compile(rb'(\bid="|\burl\(#|\bxlink:href="#)')


def sheet_svg(
    composition: Composition, *, dense: Dense = "picture", progress: Progress = SILENT
) -> Iterator[str]:
    """Yield a sheet as pieces of an SVG document.

    What Qt paints is a document of its own for each part: it writes one in a single call, which
    must not take long while a window waits.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    unit, paper_mm = px_per_mm(VECTOR_DPI), composition.sheet.paper_mm
    width, height = (side * unit for side in paper_mm)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg {_SPACES} version="1.1" width="{paper_mm[0]:g}mm" height="{paper_mm[1]:g}mm"'
        f' viewBox="0 0 {width:.8g} {height:.8g}">\n'
        f"<title>{escape(composition.title)}</title>\n"
        f'<rect width="{width:.8g}" height="{height:.8g}" fill="#ffffff"/>\n'
    )
    painter = QPainter()
    page = Page(painter, unit)
    parts = sheet_parts(page, composition, vector=True, dense=dense, progress=progress)
    for number, part in enumerate(parts):
        progress.check()
        layer = f' inkscape:groupmode="layer" inkscape:label="{escape(part.name)}"'
        yield f"<g{layer if part.name else ''}>\n"
        name = f"p{number}"
        drawn = part.draw(name)
        if drawn is None:
            yield _painted(part, painter, paper_mm, name)
        else:
            yield from drawn
        yield "</g>\n"
    yield "</svg>\n"


def _painted(part: SheetPart, painter: QPainter, paper_mm: tuple[float, float], name: str) -> str:
    """Return what Qt writes of a part, its ids beginning with a name."""
    # SVG 1.1 and not Tiny: only that knows clipping.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    width, height = (side * px_per_mm(VECTOR_DPI) for side in paper_mm)
    written = QByteArray()
    buffer = QBuffer(written)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setResolution(VECTOR_DPI)
    generator.setSize(QSize(round(width), round(height)))
    generator.setViewBox(QRectF(0, 0, width, height))
    painter.begin(generator)
    try:
        part.paint()
    finally:
        painter.end()
    document = bytes(written.data())
    inside = document[document.index(b"<defs>") : document.rindex(b"</svg>")]
    return _NAMED.sub(rb"\1" + name.encode(), inside).decode()
