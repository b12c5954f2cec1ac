"""A sheet painted on any device: as a whole, or one layer after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.composition import Composition
from hjgis.cartography.furniture import paint_frame, paint_items, paint_margins, paint_watermark
from hjgis.cartography.grid import paint_grid
from hjgis.cartography.page import Page
from hjgis.cartography.pdf_content import Content, content
from hjgis.cartography.reading import AROUND_MM
from hjgis.cartography.svg_content import layer_svg
from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.models.sheets import Box
from hjgis.progress import SILENT, Progress
from hjgis.render.culling import cut_to, in_view
from hjgis.render.features import LayerPaint
from hjgis.render.fonts import FAMILIES, missing_chinese_font, missing_letters
from hjgis.render.frame import MM_PER_INCH, MapFrame
from hjgis.render.labels import paint_labels
from hjgis.render.painter import paint_layers
from hjgis.render.placed import drawings

# What a layer with more symbols than a reader can bear becomes on paper.
Dense = Literal["picture", "vector"]
DENSE_FROM: Final = 100_000
DENSE_DPI: Final = 600.0
_STRIP_PX: Final = 2000
_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class SheetPart:
    """What somebody who reads a PDF can switch off.

    Attributes
    ----------
    name : str
        What the reader's list of layers calls it; empty for what is always there.
    write : callable
        Returns the part as content of a PDF page, or None if it has to be painted.
    draw : callable
        Returns the part as pieces of SVG whose ids begin as one wishes, or None.
    """

    name: str
    paint: Callable[[], None]
    write: Callable[[], Content | None]
    draw: Callable[[str], Iterator[str] | None]


def paint_sheet(
    painter: QPainter,
    composition: Composition,
    *,
    px_per_mm: float,
    vector: bool = False,
    dense: Dense = "vector",
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
    dense : str
        Of a vector sheet: ``picture`` if layers of more than `DENSE_FROM` symbols are to be
        pictures of `DENSE_DPI`.
    """
    page = Page(painter, px_per_mm)
    page.fill(Box(0, 0, *composition.sheet.paper_mm), "#ffffff")
    for part in sheet_parts(page, composition, vector=vector, dense=dense, progress=progress):
        part.paint()


def sheet_parts(
    page: Page,
    composition: Composition,
    *,
    vector: bool,
    dense: Dense = "vector",
    progress: Progress = SILENT,
) -> Iterator[SheetPart]:
    """Yield what a sheet consists of, the lowest first; the paper itself is not among it."""
    sheet, frame = composition.sheet, composition.frame(page.px_per_mm)
    around = frame.grown(frame.px(AROUND_MM))
    near = tuple(cut_to(layer, around) for layer in composition.layers)
    composition = replace(composition, layers=near)

    def labels() -> None:
        page.painter.setClipRect(QRectF(0, 0, frame.width_px, frame.height_px))
        paint_labels(page.painter, frame, composition.layers, vector=vector, progress=progress)

    def edge() -> None:
        if composition.sample:
            paint_watermark(page, sheet.map_mm)
        paint_margins(page, sheet)

    def furniture() -> None:
        paint_frame(page, sheet)
        paint_items(page, composition)

    yield from _layer_parts(page, composition, frame, vector=vector, dense=dense, progress=progress)
    if any(layer.style.labels_at(frame.scale_denominator) for layer in composition.layers):
        yield _part(page, _("Labels"), partial(_in_map, page, composition, labels))
    yield _part(page, "", edge)
    yield _part(page, _("Coordinate grid"), partial(paint_grid, page, sheet, frame))
    yield _part(page, _("Frame, legend and title"), furniture)


def _layer_parts(
    page: Page,
    composition: Composition,
    frame: MapFrame,
    *,
    vector: bool,
    dense: Dense,
    progress: Progress,
) -> Iterator[SheetPart]:
    """Yield a part for each layer."""
    sheet = composition.sheet
    pictures = dense_layers(composition) if vector and dense == "picture" else ()

    def painted(layer: LayerPaint) -> None:
        if layer.layer in pictures:
            _paint_picture(page.painter, frame, layer, progress)
        else:
            paint_layers(
                page.painter, frame, [layer], vector=vector, labels=False, progress=progress
            )

    def written(layer: LayerPaint) -> Content | None:
        found = None if layer.layer in pictures else drawings(frame, layer, progress=progress)
        if found is None:
            return None
        height_mm, opacity = sheet.paper_mm[1], layer.style.opacity
        return content(found, frame, box=sheet.map_mm, height_mm=height_mm, opacity=opacity)

    def drawn(layer: LayerPaint, name: str) -> Iterator[str] | None:
        if layer.layer in pictures:
            return None
        return layer_svg(frame, layer, sheet.map_mm, name=name, progress=progress)

    for layer in composition.layers:
        paint = partial(_in_map, page, composition, partial(painted, layer))
        write, draw = partial(written, layer), partial(drawn, layer)
        yield _part(page, label(layer.label), paint, write, draw)


def dense_layers(composition: Composition) -> tuple[str, ...]:
    """Return the layers of which a sheet shows more than `DENSE_FROM` symbols."""
    extent = composition.frame(1.0).extent
    return tuple(
        layer.layer
        for layer in composition.layers
        if len(layer) > DENSE_FROM and len(in_view(layer, extent)) > DENSE_FROM
    )


def dense_notes(composition: Composition) -> tuple[str, ...]:
    """Say which layers of a sheet are pictures because of their many symbols."""
    names = dense_layers(composition)
    message = _("{layer}: more than {count} symbols, so it is a picture of {dpi} dpi in the file.")
    return tuple(
        message.format(layer=label(layer.label), count=DENSE_FROM, dpi=f"{DENSE_DPI:g}")
        for layer in composition.layers
        if layer.layer in names
    )


def check_letters(composition: Composition) -> None:
    """Refuse a sheet on which empty boxes would stand for letters.

    Raises
    ------
    HjgisError
        If no font with Chinese letters is installed, or some letters of the sheet are in none.
    """
    texts = [composition.title, composition.secrecy, composition.place.name]
    texts += [text for fact in composition.facts for text in (fact.name, fact.value)]
    texts += [item.text for item in composition.sheet.items]
    frame = composition.frame(1.0)
    for layer in composition.layers:
        texts += [label(item.label) for item in layer.style.all_classes]
        if layer.style.labels_at(frame.scale_denominator):
            texts += [layer.texts[row] for row in in_view(layer, frame.extent).tolist()]
    missing = missing_letters("".join(texts))
    if missing and missing_chinese_font():
        families = ", ".join(FAMILIES)
        message = _("No font with Chinese letters is installed. Install one of these: {families}")
        raise HjgisError(message.format(families=families))
    if missing:
        shown = " ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing[:_NAMED])
        message = _(
            "No installed font has these letters of the sheet: {letters}. Install one that has"
            " them, or write the words with other letters."
        )
        raise HjgisError(message.format(letters=shown))


def _nothing(*_name: str) -> None:
    """Write nothing: the part has to be painted."""


def _part(
    page: Page,
    name: str,
    paint: Callable[[], None],
    write: Callable[[], Content | None] = _nothing,
    draw: Callable[[str], Iterator[str] | None] = _nothing,
) -> SheetPart:
    def alone() -> None:
        page.painter.save()
        page.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            paint()
        finally:
            page.painter.restore()

    return SheetPart(name, alone, write, draw)


def _in_map(page: Page, composition: Composition, paint: Callable[[], None]) -> None:
    page.painter.translate(page.rect(composition.sheet.map_mm).topLeft())
    paint()


def _paint_picture(
    painter: QPainter, frame: MapFrame, layer: LayerPaint, progress: Progress
) -> None:
    """Paint a layer as pictures, strip by strip, so that the largest sheet needs little memory."""
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    fine = DENSE_DPI / frame.dpi
    width, height = round(frame.width_px * fine), round(frame.height_px * fine)
    m_per_px = frame.m_per_px / fine
    left, _low, _right, top = frame.extent
    for first in range(0, height, _STRIP_PX):
        rows = min(_STRIP_PX, height - first)
        strip = MapFrame(
            left + width / 2 * m_per_px,
            top - (first + rows / 2) * m_per_px,
            m_per_px,
            width,
            rows,
            DENSE_DPI,
        )
        if len(in_view(layer, strip.extent)):
            image = QImage(width, rows, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
            inner = QPainter(image)
            try:
                paint_layers(inner, strip, [layer], labels=False, progress=progress)
            finally:
                inner.end()
            area = QRectF(0, first / fine, width / fine, rows / fine)
            painter.drawImage(area, image, QRectF(QPointF(0, 0), image.size().toSizeF()))


def px_per_mm(dpi: float) -> float:
    """Return how many dots a millimetre has."""
    return dpi / MM_PER_INCH
