"""Everything on a sheet but the map: title, frame, scale, north, title block, watermark."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF

from hjgis.cartography.composition import Composition
from hjgis.cartography.facts import Fact, degrees_text
from hjgis.cartography.legend import legend_rows, paint_legend
from hjgis.cartography.page import Page
from hjgis.cartography.place_outline import paint_outline
from hjgis.i18n import _
from hjgis.models.sheets import Box, ItemKind, Sheet, SheetItem
from hjgis.render.fonts import outline
from hjgis.render.instruments import paint_north_arrow, paint_scale_bar
from hjgis.render.symbols import brush

_THIN_MM: Final = 0.15
_NEAT_MM: Final = 0.2
_OUTER_MM: Final = 0.9
_TITLE_MM: Final = 8.0
_FACT_MM: Final = 2.5
_NAME_ROOM_MM: Final = 17.0
_MARK_MM: Final = 15.0
_MARK_STEP_MM: Final = (95.0, 62.0)
_MARK_INK: Final = "#80808028"


def paint_items(page: Page, composition: Composition) -> None:
    """Paint everything on a sheet but the map, in the sheet's order."""
    paint_outline(page, composition)
    for item in composition.sheet.items:
        if item.shown and item.kind in ITEM_PAINTERS:
            ITEM_PAINTERS[item.kind](page, item, composition)


def _letters_mm(item: SheetItem, composition: Composition, usual: float) -> float:
    """Return how high an item's letters are: as somebody said, or as usual on such a paper."""
    return item.size_mm or usual * composition.sheet.furniture


def paint_frame(page: Page, sheet: Sheet) -> None:
    """Paint the neat line and the thick outer line."""
    page.frame(sheet.map_mm, _NEAT_MM * sheet.furniture)
    page.frame(sheet.map_mm.grown(sheet.border_mm), _OUTER_MM * sheet.furniture)


def _paint_column(page: Page, item: SheetItem, composition: Composition) -> None:
    page.frame(item.box, 0.3 * composition.sheet.furniture)


def _paint_title(page: Page, item: SheetItem, composition: Composition) -> None:
    size_mm = item.size_mm or min(_TITLE_MM * composition.sheet.furniture, item.box.height * 0.7)
    page.text(item.box, item.text or composition.title, size_mm, align="center", bold=True)


def _paint_secrecy(page: Page, item: SheetItem, composition: Composition) -> None:
    secrecy = _("Secrecy: {level}").format(level=composition.secrecy)
    page.text(item.box, secrecy, _letters_mm(item, composition, 3.6), align="right", bold=True)


def _paint_number(page: Page, item: SheetItem, composition: Composition) -> None:
    size_mm = _letters_mm(item, composition, 3.6)
    page.text(item.box, composition.place.number, size_mm, align="center", bold=True)


def _paint_text(page: Page, item: SheetItem, composition: Composition) -> None:
    page.text(item.box, item.text, _letters_mm(item, composition, 3.0), align=item.align)


def _paint_north(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint the arrow to grid north and by how much true north differs."""
    box, k = item.box, composition.sheet.furniture
    note_mm = 4.0 * k
    paint_north_arrow(page.painter, page.rect(Box(box.x, box.y, box.width, box.height - note_mm)))
    note = _("Convergence {angle}").format(angle=degrees_text(composition.convergence_deg))
    page.text(Box(box.x, box.bottom - note_mm, box.width, note_mm), note, 2.2 * k, align="center")


def _paint_legend(page: Page, item: SheetItem, composition: Composition) -> None:
    frame = composition.frame(page.px_per_mm)
    paint_legend(page, item.box, legend_rows(composition.layers, frame), frame)


def _paint_scale(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint the scale as a number and as a bar, and what the grid's numbers are."""
    box, k, frame = item.box, composition.sheet.furniture, composition.frame(page.px_per_mm)
    number = Box(box.x, box.y, box.width, 6 * k)
    note = Box(box.x, box.bottom - 4 * k, box.width, 4 * k)
    page.text(number, scale_text(composition.scale), 4.2 * k, align="center", bold=True)
    bar = page.rect(Box(box.x, number.bottom, box.width, note.y - number.bottom - 1.5 * k))
    paint_scale_bar(page.painter, bar, m_per_px=frame.m_per_px, dpi=frame.dpi)
    page.text(note, _("Grid: X north, Y east, in km"), 2.2 * k, align="center")


def _paint_facts(page: Page, item: SheetItem, composition: Composition) -> None:
    paint_facts(page, item.box, composition.facts, letters_mm=_letters_mm(item, composition, 2.5))
    page.frame(item.box, _THIN_MM * composition.sheet.furniture)


def scale_text(denominator: float) -> str:
    """Write a scale with its thousands apart: ``1:25 000``."""
    return "1:" + f"{denominator:,.0f}".replace(",", " ")


def paint_facts(
    page: Page, box: Box, facts: tuple[Fact, ...], *, letters_mm: float = _FACT_MM
) -> None:
    """Paint the title block: names left, values right, lines between."""
    k = letters_mm / _FACT_MM
    height, names_mm = box.height / len(facts), _NAME_ROOM_MM * k
    split = box.x + names_mm
    for i, fact in enumerate(facts):
        top = box.y + i * height
        page.line((box.x, top), (box.right, top), mm=_THIN_MM * k)
        page.text(Box(box.x + 1.5, top, names_mm - 3, height), fact.name, letters_mm)
        value = Box(split + 1.5, top, box.right - split - 3, height)
        page.text(value, fact.value, letters_mm)
    page.line((split, box.y), (split, box.bottom), mm=_THIN_MM * k)


def paint_margins(page: Page, sheet: Sheet) -> None:
    """Whiten the paper around the map; not every reader of SVG knows clipping."""
    area = sheet.map_mm
    width, height = sheet.paper_mm
    for box in (
        Box(0, 0, width, area.y),
        Box(0, area.bottom, width, height - area.bottom),
        Box(0, area.y, area.x, area.height),
        Box(area.right, area.y, width - area.right, area.height),
    ):
        page.fill(box, "#ffffff")


def paint_watermark(page: Page, area: Box) -> None:
    """Write across a part of the paper that the data are invented."""
    mark = outline(_("Synthetic sample"), _MARK_MM * page.px_per_mm, bold=True)
    painter = page.painter
    painter.save()
    painter.setClipRect(QRectF(page.rect(area)))
    step_x, step_y = _MARK_STEP_MM
    for row in range(math.ceil(area.height / step_y)):
        for column in range(-1, math.ceil(area.width / step_x) + 1):
            x = area.x + (column + 0.5 + 0.5 * (row % 2)) * step_x
            y = area.y + (row + 0.5) * step_y
            painter.save()
            painter.translate(x * page.px_per_mm, y * page.px_per_mm)
            painter.rotate(-28)
            painter.fillPath(mark, brush(_MARK_INK))
            painter.restore()
    painter.restore()


_Paint = Callable[[Page, SheetItem, Composition], None]
ITEM_PAINTERS: Final[dict[ItemKind, _Paint]] = {
    "column": _paint_column,
    "title": _paint_title,
    "secrecy": _paint_secrecy,
    "number": _paint_number,
    "text": _paint_text,
    "north": _paint_north,
    "legend": _paint_legend,
    "scale": _paint_scale,
    "facts": _paint_facts,
}
