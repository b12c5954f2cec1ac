"""Items of a sheet beyond its usual furniture: neighbours, location, table, chart, logo, text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from hjgis.cartography.chart_item import paint_chart
from hjgis.cartography.composition import Composition
from hjgis.cartography.figures_table import LETTERS_MM, paint_table
from hjgis.cartography.item_needs import LINE, WORDS_MM, letters_mm
from hjgis.cartography.overview import paint_overview
from hjgis.cartography.page import Page
from hjgis.models.sheets import Box, ItemKind, SheetItem

_THIN_MM: Final = 0.15
_CELLS: Final = 9
_MIDDLE: Final = 4
_HATCH_MM: Final = 1.1
_FIELD: Final = re.compile(r"\{(\w+)\}")


def filled(text: str, composition: Composition) -> str:
    """Return a text with its fields filled in; what is no field stays as it is written."""
    return _FIELD.sub(lambda found: composition.words.get(found[1], found[0]), text)


def _paint_neighbours(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint the numbers of the sheets around this one, its own place hatched (接合图表)."""
    k, box = composition.sheet.furniture, item.box
    width, height = box.width / 3, box.height / 3
    numbers = (*composition.place.neighbours, *("",) * _CELLS)[:_CELLS]
    for number, words in enumerate(numbers):
        x, y = box.x + number % 3 * width, box.y + number // 3 * height
        cell = Box(x, y, width, height)
        if number == _MIDDLE:
            _hatch(page, cell, _HATCH_MM * k)
        else:
            inside = Box(x + 0.4 * k, y, width - 0.8 * k, height)
            page.text(inside, words, min(2.2 * k, 0.7 * height), align="center")
        page.frame(cell, _THIN_MM * k)


def _hatch(page: Page, box: Box, step_mm: float) -> None:
    """Draw lines upwards to the right through a box."""
    count = int((box.width + box.height) / step_mm)
    for number in range(1, count + 1):
        at = number * step_mm
        start = (box.x + max(at - box.height, 0.0), box.y + min(at, box.height))
        end = (box.x + min(at, box.width), box.y + max(at - box.width, 0.0))
        page.line(start, end, mm=0.12)


def _paint_overview(page: Page, item: SheetItem, composition: Composition) -> None:
    if composition.overview is not None:
        extent = composition.frame(1.0).extent
        k = composition.sheet.furniture
        paint_overview(page, item.box, composition.overview, extent, k=k)


def _paint_table(page: Page, item: SheetItem, composition: Composition) -> None:
    if composition.figures is not None:
        size = letters_mm(item, composition, LETTERS_MM)
        bars = all(other.kind != "chart" for other in composition.items)
        paint_table(page, item.box, composition.figures, letters_mm=size, bars=bars)


def _paint_chart(page: Page, item: SheetItem, composition: Composition) -> None:
    if composition.figures is not None and composition.figures.chart is not None:
        size = letters_mm(item, composition, LETTERS_MM)
        paint_chart(page, item.box, composition.figures.chart, letters_mm=size)


def _paint_logo(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint a picture as large as its box allows, its proportions kept; an SVG stays vectors."""
    content = composition.pictures[item.picture]
    area = page.rect(item.box)
    if b"<svg" in content[:2000]:
        drawing = QSvgRenderer(QByteArray(content))
        size = drawing.defaultSize()
        if drawing.isValid() and not size.isEmpty():
            drawing.render(page.painter, _inside(area, size.width(), size.height()))
        return
    image = QImage.fromData(content)
    if not image.isNull():
        page.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = _inside(area, image.width(), image.height())
        page.painter.drawImage(place, image, QRectF(image.rect()), Qt.ImageConversionFlag.AutoColor)


def _inside(area: QRectF, width: float, height: float) -> QRectF:
    scale = min(area.width() / width, area.height() / height)
    place = QRectF(0, 0, width * scale, height * scale)
    place.moveCenter(area.center())
    return place


def _paint_text(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint the lines of a text; what has no room below is left out with an ellipsis."""
    size = letters_mm(item, composition, WORDS_MM)
    lines = [
        part
        for line in filled(item.text, composition).splitlines()
        for part in wrapped(page, line, size, item.box.width)
    ]
    room = max(int(item.box.height / (LINE * size) + 0.01), 1)
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1] + "…"]
    for number, line in enumerate(lines):
        y = item.box.y + number * LINE * size
        place = Box(item.box.x, y, item.box.width, LINE * size)
        page.text(place, line, size, align=item.align)


def wrapped(page: Page, line: str, size_mm: float, width_mm: float) -> list[str]:
    """Break a line where it would leave its box: at a blank, or between Chinese signs."""
    parts: list[str] = []
    rest = line
    while page.text_width(rest, size_mm) > width_mm and len(rest) > 1:
        low, high = 1, len(rest) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if page.text_width(rest[:middle], size_mm) <= width_mm:
                low = middle
            else:
                high = middle - 1
        blank = rest.rfind(" ", 0, low + 1)
        at = blank if blank > low // 2 and rest[low - 1].isascii() else low
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest]


_Paint = Callable[[Page, SheetItem, Composition], None]
MORE_PAINTERS: Final[dict[ItemKind, _Paint]] = {
    "neighbours": _paint_neighbours,
    "overview": _paint_overview,
    "table": _paint_table,
    "chart": _paint_chart,
    "logo": _paint_logo,
    "text": _paint_text,
}
